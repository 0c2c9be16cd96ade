"""Change one list in a TOML text and leave every other byte as it stands: order, comments, quoting, line ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planner.core.toml import read_toml

_HEADER = re.compile(r"^[ \t]*\[([^\[\]\n]+)\][ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]]')


def add_to_list(text: str, section: str, key: str, entries: Sequence[tuple[str, str]]) -> str:
    """The text with so many (word, comment) entries at the end of `[section] key`, a line each; made where it lacks.

    Raises ValueError where the list is written in a way that cannot be added to (dotted keys, inline tables).
    """
    before = read_toml(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(f'  "{word}",{f"  # {comment}" if comment else ""}{line_end}' for word, comment in entries)
    after = _inserted(text, section, key, lines, line_end)
    if read_toml(after) != _expected(before, section, key, [word for word, _ in entries]):
        raise ValueError(f"[{section}] {key} is written in a way that cannot be added to")
    return after


def _inserted(text: str, section: str, key: str, lines: str, line_end: str) -> str:
    header = next((match for match in _HEADER.finditer(text) if _names(match[1]) == section.split(".")), None)
    if header is None:
        gap = "" if not text else line_end if text.endswith("\n") else line_end * 2
        return f"{text}{gap}[{section}]{line_end}{key} = [{line_end}{lines}]{line_end}"
    following = _HEADER.search(text, header.end())
    stop = following.start() if following else len(text)
    found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=[ \t]*\[", re.MULTILINE).search(text, header.end(), stop)
    if found is None:
        new_line = "" if text[header.end() :].startswith(("\n", "\r\n")) else line_end
        at = text.find("\n", header.end()) + 1 or len(text)
        return f"{text[:at]}{new_line}{key} = [{line_end}{lines}]{line_end}{text[at:]}"
    close = _closing(text, found.end())
    last = _end_of_last(text, found.end(), close)
    comma = "," if last > found.end() and text[last - 1] != "," else ""
    rest = text[last:close].rstrip()  # a comment after the last entry stays beside it
    return f"{text[:last]}{comma}{rest}{line_end}{lines}{text[close:]}"


def _names(header: str) -> list[str]:
    return [part.strip().strip("\"'") for part in header.split(".")]


def _closing(text: str, position: int) -> int:
    """Where the bracket stands that closes the list whose content begins at `position`."""
    depth = 1
    for match in _TOKEN.finditer(text, position):
        depth += {"[": 1, "]": -1}.get(match[0], 0)
        if not depth:
            return match.start()
    raise ValueError("the list is never closed")


def _end_of_last(text: str, start: int, close: int) -> int:
    """Where the last entry of a list ends, its comma included; its beginning where it is empty."""
    bare = _TOKEN.sub(lambda match: " " * len(match[0]) if match[0].startswith("#") else match[0], text[start:close])
    return start + len(bare.rstrip())


def _expected(data: dict[str, object], section: str, key: str, words: list[str]) -> dict[str, object]:
    """What the text should say after the change."""
    head, _, rest = section.partition(".")
    table = data.get(head, {})
    if not isinstance(table, dict):
        raise ValueError(f"{head} is no table")
    if rest:
        return {**data, head: _expected(table, rest, key, words)}
    old = table.get(key, [])
    return {**data, head: {**table, key: [*(old if isinstance(old, list) else []), *words]}}
