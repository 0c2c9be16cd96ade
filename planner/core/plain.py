"""The header almost everyone writes, read by its lines: most of them were read in another file before.

A header of lines such as `status: doing`, of which nothing is to be said against, needs neither a parser nor places of
faults. Whatever is not that plain is left to the full reading (parse.py), which says the same of what is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from planner.core.config import Config
from planner.core.entries import MAX_ENTRIES, read_short
from planner.core.fields import FieldType
from planner.core.header import MAX_HEADER, MAX_TEXT, cuts_short, has_odd_characters
from planner.core.meaning import read_entry
from planner.core.model import Value
from planner.core.pattern import later

REMEMBERED = 4096
"""Lines kept with what they mean: of a large vault those that come back, such as `status: todo`."""

_PLAIN_ASCII = bytes([9, 10, 13, *range(32, 127)])
_ODD = later("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_WORDS = later(r"([a-z]+): ([A-Za-z](?=.{5})[\w,.()-]*+(?: [\w,.()-]+)*+)")
"""A text that any reader takes for just that: words without a sign, too long to be one such as `false`."""
_NEXT_KEY = later(r"\n(?=[A-Za-z_])")

_Read = Callable[[str], tuple[str, "Value | None"]]


class _NotPlain(Exception):
    """This line takes the full reading."""


def read_plain(text: str, config: Config) -> tuple[dict[str, Value], int] | None:
    """The fields of a text with a plain header, and where its body starts; None where there is more to it."""
    newline = "\r\n" if text.startswith("---\r\n") else "\n"
    fence = f"---{newline}"
    end = text.find(f"{newline}{fence}", 3, MAX_HEADER) if text.startswith(fence) else -1
    if end < 0 or len(text) > MAX_TEXT or "<<<<<<<" in text or _is_odd(text):
        return None
    start = end + len(newline) + len(fence)
    if cuts_short(text, start):
        return None
    header = text[len(fence) : end]
    listed = "\n " in header or "\n-" in header
    lines = _NEXT_KEY.split(header.replace("\r\n", "\n")) if listed else header.split(newline)
    try:
        read = dict(map(_reader(config), lines))
    except _NotPlain:
        return None
    if len(read) < len(lines) or len(lines) > MAX_ENTRIES:
        return None
    if None in read.values():
        read = {name: value for name, value in read.items() if value is not None}
    return read, start


def _is_odd(text: str) -> bool:
    """Whether there is a control character or a byte that is not UTF-8 in a text."""
    return bool(text.encode().translate(None, _PLAIN_ASCII)) if text.isascii() else _ODD.search(text) is not None


def _read_line(line: str, config: Config) -> tuple[str, Value | None]:
    """The field and the value of an entry, given its line, or its lines if it is a list; raises _NotPlain."""
    if words := _WORDS.fullmatch(line):
        row = config.field(words[1])
        if row is not None and row.type is FieldType.TEXT and not (row.many or row.options):
            return row.name, words[2]
    entry = read_short(line)
    if entry is None or entry.faults or (not line.isprintable() and has_odd_characters(line, 0, len(line))):
        raise _NotPlain
    name, value, faults = read_entry(entry, config)
    if faults:
        raise _NotPlain
    return name, value


def _remember(config: Config) -> tuple[Config, _Read]:
    return config, lru_cache(maxsize=REMEMBERED)(partial(_read_line, config=config))


_latest = _remember(Config())


def _reader(config: Config) -> _Read:
    """Reads a line under a configuration; only of the latest one lines are remembered."""
    global _latest
    known, read = _latest
    if known is not config:
        known, read = _latest = _remember(config)
    return read
