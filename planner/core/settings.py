"""Settings as they stand in planner.toml, taken out one by one; what does not fit is a Problem and has its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from planner.core.model import Problem
from planner.core.problems import problem

FILE = "planner.toml"
T = TypeVar("T")


class Reader:
    """Takes settings out of TOML tables and turns what does not fit into Problems with their places."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []

    def fault(self, code: str, section: str, key: str, message: str, hint: str = "") -> None:
        line, column = _find(self.text, section, key)
        self.problems.append(problem(FILE, line, column, code, message, hint))

    def table(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault("bad-setting", "", key, f"[{key}] must be a table")
        return {}

    def take(self, data: dict[str, Any], section: str, key: str, kind: type[T], default: T) -> T:
        value = data.pop(key, default)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        self.fault("bad-setting", section, key, f"{key} must be {_KIND_WORDS[kind]}, not {value!r}")
        return default

    def word(self, data: dict[str, Any], section: str, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.take(data, section, key, str, default)
        if value in allowed:
            return value
        self.fault("bad-setting", section, key, f"{key} is '{value}'; it must be one of {', '.join(allowed)}")
        return default

    def words(self, data: dict[str, Any], section: str, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = data.pop(key, None)
        if value is None:
            return default
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.fault("bad-setting", section, key, f"{key} must be a list of words")
        return default

    def leftovers(self, data: Mapping[str, Any], section: str) -> None:
        for key in data:
            self.fault("unknown-setting", section, key, f"[{section}] has no setting '{key}'")


_KIND_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _find(text: str, section: str, key: str) -> tuple[int, int]:
    """Line and column of a key under a section's header: a best guess, since tomllib tells no positions."""
    lines = text.split("\n")
    start = 0
    for prefix in (f"[{section}]", f"[{section.partition('.')[0]}]") if section else ():
        found = next((n for n, line in enumerate(lines) if line.strip().startswith(prefix)), None)
        if found is not None:
            start = found
            break
    pattern = re.compile(rf"^\s*\[?[\"']?({re.escape(key)})\b")
    for number in range(start, len(lines)):
        if match := pattern.match(lines[number]):
            return number + 1, match.start(1) + 1
    return start + 1, 1
