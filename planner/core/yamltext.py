"""How a scalar is spelled in YAML: the one small grammar that reading and writing share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from planner.core.pattern import later

RawValue: TypeAlias = "str | tuple[RawValue, ...] | Mapping[str, RawValue] | None"
"""A value as the file says it: scalars are always text, an empty one or `null` is None."""


class Fault(NamedTuple):
    """Something wrong in a text, at an offset in characters; empty words leave the saying to the table of problems."""

    code: str
    offset: int
    message: str = ""
    hint: str = ""


MAX_EVENTS = 5_000
"""So many values one entry may have; what has more is not read."""
NULLS = frozenset({"~", "null", "Null", "NULL", ""})
_BOOLEANS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n"})
_TREACHEROUS = frozenset({"=", "<<"})

_FIRST = r"(?:[^\s\-?:,\[\]{}\#&*!|>'\"%@`]"
PLAIN = _FIRST + r"|-(?=\S))(?:[^\s:\#]++|:(?=\S)|\#|[ ]++(?=[^\s\#]))*+"
"""A one-line plain scalar; for patterns with re.VERBOSE."""
FLOW_PLAIN = _FIRST + r"|-(?=[\w.]))(?:[^\s:\#,\[\]{}?]++|:(?=[^\s,\[\]{}?])|\#|[ ]++(?=[^\s\#:,\[\]{}?]))*+"
"""A one-line plain scalar inside `[...]` or `{...}`."""
QUOTED = r"'(?:[^'\n]++|'')*+'|\"[^\"\\\n]*+\""
"""A one-line quoted scalar without backslashes."""

_PLAIN = later(PLAIN, re.VERBOSE)
_FLOW_PLAIN = later(FLOW_PLAIN, re.VERBOSE)

SUSPECT = later(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""One cheap look for a character that deserves a second one."""
NOT_UTF8 = later(r"[\ud800-\udfff]")
CONTROL = later(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]|\r(?!\n)")
HIDDEN = later(
    # Joiners are part of emoji and of Persian and Indic words: only next to ASCII are they a trick.
    r"[\x85\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
    r"|(?<![^\x00-\x7f])[\u200c\u200d]"
)
UNREADABLE = later(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)")
"""What no YAML reader may be handed: not printable to YAML 1.1, or a line end only to some."""
_UNSEEN = later(rf"[\t\n\r\xad\u061c\u180e]|{CONTROL.pattern}|{HIDDEN.pattern}")
_ESCAPED = later(rf'["\\]|{_UNSEEN.pattern}')
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def quote(value: str, *, flow: bool = False, bare: bool = False) -> str:
    """A scalar as it is written: plain where every YAML reader takes it for that very text, else in double quotes.

    Dates, numbers and times stay plain; words such as `no` are quoted unless `bare` (a yes/no field) is set.
    `flow`: it will stand inside `[...]` or `{...}`. Raises ValueError for what UTF-8 cannot hold.
    """
    pattern = _FLOW_PLAIN if flow else _PLAIN
    special = value in NULLS or value in _TREACHEROUS or (not bare and value.lower() in _BOOLEANS)
    if special or not pattern.fullmatch(value) or _UNSEEN.search(value):
        return double_quoted(value)
    _refuse_surrogates(value)
    return value


def double_quoted(value: str) -> str:
    """A scalar in double quotes, what cannot be seen written as an escape; raises ValueError as `quote` does."""
    _refuse_surrogates(value)
    return f'"{_ESCAPED.sub(_escape, value)}"'


def requote(value: str, style: str, old: RawValue, *, flow: bool = False, bare: bool = False) -> str:
    """A scalar in the quotes that `old` stands in; double ones that `old` needed (we write those) go with it."""
    written = quote(value, flow=flow, bare=bare)
    if style not in {"single", "double"}:
        return written
    needed = style == "double" and isinstance(old, str) and quote(old, flow=flow) != old
    if needed and written == value:
        return written
    if style == "single" and not _UNSEEN.search(value):
        return "'" + value.replace("'", "''") + "'"
    return double_quoted(value)


def unquote(token: str) -> str | None:
    """What a one-line token matched by PLAIN, FLOW_PLAIN or QUOTED says."""
    if token[:1] == "'":
        return token[1:-1].replace("''", "'")
    if token[:1] == '"':
        return token[1:-1]
    return None if token in NULLS else token


def end_of_line(text: str, offset: int) -> int:
    """Where the line that holds `offset` ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if end > offset and text[end - 1] == "\r" else end


def before_break(text: str, end: int) -> int:
    """Where the line whose break ends at `end` stops."""
    if text[end - 1 : end] != "\n":
        return end
    return end - 2 if text[end - 2 : end - 1] == "\r" else end - 1


def line_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1, the column in characters; a byte order mark takes no room."""
    start = text.rfind("\n", 0, offset) + 1
    column = offset - start + 1 - (start == 0 < offset and text[0] == "\ufeff")
    return text.count("\n", 0, offset) + 1, column


def _refuse_surrogates(value: str) -> None:
    if NOT_UTF8.search(value):
        raise ValueError("the text is not valid Unicode and cannot be written as UTF-8")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT.get(char) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def swallowed(offset: int, comment: str) -> Fault:
    """The fault of a value that goes on after a ` #`, as people write `fix #12`."""
    return Fault("comment-swallowed", offset, f"YAML reads '{comment.strip()[:40]}' as a comment, not as text")
