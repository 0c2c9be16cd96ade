"""Copies that file synchronisers leave where two machines saved one file: which file they are of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from planner.core.pattern import later

_COPY = later(
    r"(?P<stem>.*?)(?:\.sync-conflict-\d{8}-\d{6}(?:-\w+)?|[ _]\([^()]*conflicted copy[^()]*\))(?P<ext>\.[^./]*)?",
    re.IGNORECASE | re.DOTALL,
)


def original(path: str) -> str | None:
    """The path of the file that this is a copy of (Syncthing, Dropbox, Nextcloud); None for any other file."""
    if "onfl" not in path.lower():
        return None
    found = _COPY.fullmatch(path)
    return f"{found['stem']}{found['ext'] or ''}" if found and found["stem"].rpartition("/")[2] else None


def nearest(copy: str, texts: Iterable[str]) -> str | None:
    """The text a copy was made from, of a file's texts newest first: the one it shares most lines with.

    Of equals the oldest: what a base lacks, both sides added; what it has too much would look like taken out.
    """
    lines = Counter(copy.split("\n"))
    best: tuple[int, str] | None = None
    for text in texts:
        other = Counter(text.split("\n"))
        apart = ((lines - other) + (other - lines)).total()
        if best is None or apart <= best[0]:
            best = apart, text
    return best[1] if best else None
