"""What one entry of a header means: the name of its field, the typed value, and every fault in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from planner.core.config import Config
from planner.core.entries import Entry
from planner.core.fields import CANONICAL, COMMA_TYPES, FIELDS, Field, FieldType, read_level, read_scalar
from planner.core.model import Scalar, Value
from planner.core.pattern import later
from planner.core.yamltext import Fault, RawValue

_TREACHEROUS = later(
    r"""(?ix) [-+]?0[0-7_]+ | 0x[0-9a-f_]+ | 0b[01_]+ | [-+]?\d[\d]*_[\d_]* | [-+]?\d+(?:\.\d*)?e[-+]?\d+
    | [-+]?\d+(?::[0-5]?\d)+(?:\.\d*)? | [-+]?\.(?:inf|nan) | = | yes | no | on | off | y | n | \d{300,}"""
)
_NOT_TEXT = later(r"(?i)true|false|\d{4}-\d\d-\d\d(?:[T ].*)?|[-+]?\d+\.\d*0")
_LONGEST_WORD = len("false")
_NAME = r"@?\w[\w.-]*"
_PERSON = later(_NAME)
_PEOPLE = later(rf"{_NAME}(?: *, *{_NAME})*|\[ *{_NAME}(?: *, *{_NAME})* *\]|(?:\s*- +{_NAME}[ \r]*)+")
_TEXT_TYPES = frozenset({FieldType.TEXT, FieldType.WORD, FieldType.PERSON, FieldType.REFERENCE})


class Meaning(NamedTuple):
    """A field's canonical name, its value (None: not set), and what is wrong with the way it is written."""

    name: str
    value: Value | None
    faults: list[Fault]


def read_entry(entry: Entry, config: Config) -> Meaning:
    """What an entry means under a configuration; faults that the entry itself brings along are not repeated."""
    name = CANONICAL.get(entry.key, entry.key)
    row = config.field(name)
    faults: list[Fault] = []
    if row is None:
        faults.extend(_other_case(entry))
    if entry.style == "plain" and isinstance(entry.value, str) and _looks_like_type(entry.value, row):
        message = f"other programs do not read '{entry.value[:40]}' as text"
        faults.append(Fault("looks-like-type", entry.value_start, message))
    if row is None:
        return Meaning(name, entry.value, faults)
    read = _many if row.many else _single
    return Meaning(name, read(entry, row, config, faults), faults)


def names_people(entry: Entry, config: Config) -> bool:
    """Whether a value that is no YAML, such as `@ana` or `[@ana, @bo]`, is simply read as people."""
    if entry.style != "raw" or not isinstance(entry.value, str):
        return False
    row = config.field(CANONICAL.get(entry.key, entry.key))
    return row is not None and row.type is FieldType.PERSON and _PEOPLE.fullmatch(entry.value) is not None


def _other_case(entry: Entry) -> Iterator[Fault]:
    lower = entry.key.lower()
    if lower != entry.key and (lower in FIELDS or lower in CANONICAL):
        yield Fault("key-case", entry.key_offset, f"'{entry.key}' is not '{lower}'", f"write it as `{lower}`")


def _looks_like_type(value: str, row: Field | None) -> bool:
    """Whether a text is one that other YAML readers take for a number, a date or yes/no."""
    if row is not None and row.type not in _TEXT_TYPES:
        return False
    if len(value) > _LONGEST_WORD and value[0] not in "+-." and not value[0].isdecimal():
        return False
    return bool(_TREACHEROUS.fullmatch(value) or (row is not None and _NOT_TEXT.fullmatch(value)))


def _single(entry: Entry, row: Field, config: Config, faults: list[Fault]) -> Value | None:
    raw = entry.value
    if raw is None or raw == "":
        if row.name == "title":
            hint = "write a title, or remove the line"
            faults.append(Fault("bad-value", entry.value_start, "the title is empty", hint))
        return None
    if row.type is FieldType.MAP:
        return _nested(entry, raw, Mapping, faults)
    if isinstance(raw, tuple) and len(raw) == 1:
        raw = raw[0]
    return _scalar(entry, row, raw, config, faults)


def _many(entry: Entry, row: Field, config: Config, faults: list[Fault]) -> Value | None:
    raw = entry.value
    if raw is None or raw == "":
        return None
    if row.type is FieldType.MAP:
        return _nested(entry, raw, tuple, faults)
    if isinstance(raw, str) and names_people(entry, config):
        raw = tuple(_PERSON.findall(raw))
    parts: Iterable[RawValue] = raw if isinstance(raw, tuple) else (raw,)
    if isinstance(raw, str) and "," in raw and row.type in COMMA_TYPES:
        faults.append(Fault("comma-text", entry.value_start, f"'{raw[:40]}' is one value with commas in it"))
        parts = tuple(part.strip() for part in raw.split(",") if part.strip())
    read = [value for part in parts if (value := _scalar(entry, row, part, config, faults)) is not None]
    unique = tuple(dict.fromkeys(read)) if len(read) > 1 and row.merge != "list" else tuple(read)
    if len(unique) < len(read):
        faults.append(Fault("repeated-value", entry.value_start, f"{entry.key} names a value twice"))
    return unique


def _scalar(entry: Entry, row: Field, raw: RawValue, config: Config, faults: list[Fault]) -> Scalar | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        message = f"{entry.key}: expected {row.type.value}, not a nested value"
        faults.append(Fault("bad-value", entry.value_start, message))
        return None
    if row.type is FieldType.LEVEL:
        level = read_level(raw, config.levels)
        if level is None:
            hint = f"use one of {', '.join(config.levels)}"
            faults.append(Fault("unknown-priority", entry.value_start, f"'{raw[:40]}' is no priority", hint))
        return level or raw
    try:
        return read_scalar(row, raw)
    except ValueError as error:
        faults.append(Fault("bad-value", entry.value_start, f"{entry.key}: {error}"))
        return None


def _nested(entry: Entry, raw: RawValue, wanted: type, faults: list[Fault]) -> Value | None:
    if isinstance(raw, wanted):
        return raw
    if wanted is tuple:
        return (raw,)  # one map, or one line of text, where a list of maps is wanted: people write both
    faults.append(Fault("bad-value", entry.value_start, f"{entry.key}: expected `name: value` lines below it"))
    return raw
