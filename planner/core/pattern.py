"""Regular expressions compiled when they are first asked: a start that reads no file compiles none."""

from __future__ import annotations

import re
from typing import AnyStr, cast


class _Later:
    """Stands for a compiled pattern; each method is fetched once and is then an attribute of its own."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self.flags = flags

    def __getattr__(self, name: str) -> object:
        method = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, method)
        return method


def later(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, put off until the pattern is used."""
    return cast("re.Pattern[AnyStr]", _Later(pattern, flags))
