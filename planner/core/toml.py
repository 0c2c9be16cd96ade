"""TOML to plain data, for planner.toml and for headers between `+++` lines: what it gives can be shown."""

from __future__ import annotations

import tomllib
from typing import Any

_LARGEST = 2**63  # what TOML promises; Python reads longer ones, and raises only where they are printed


def read_toml(text: str) -> dict[str, Any]:
    """What a text in TOML says; raises ValueError where it cannot be read, is nested too deep or has a number too long."""
    try:
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    _check(data)
    return data


def _check(value: object) -> None:
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise ValueError("a number in it has more than 64 bits")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(part)
