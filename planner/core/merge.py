"""Three versions of a file made one: key by key, each by the merge rule its row of the field table names.

Pure, and the same for git's merge driver, for sync, for undo (base = after, theirs = before) and for stale wishes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from planner.core.document import Document, Entry, RawValue, parse_document
from planner.core.fields import CANONICAL, FIELDS, ORDER, FieldType
from planner.core.merge_body import (
    OURS_FIRST,
    Favor,
    FieldConflict,
    Merged,
    Side,
    always,
    conflict,
    merge_body,
    merge_lines,
    merge_steps,
    split_lines,
    three_way,
)
from planner.core.pattern import later
from planner.core.record import dataclass

__all__ = ["Favor", "FieldConflict", "Merged", "Side", "always", "merge_texts"]

_STAMPS = frozenset({"updated", "updated_date", "modified", "dateModified", "date_modified"})
"""Times that other programs note at every save: the later one, never a conflict."""
_MARKERS = (r"^<{7,}(?: |\r?$)", r"^={7,}\r?$", r"^>{7,}(?: |\r?$)")
"""The three lines an unfinished merge leaves, in this order; `=======` alone underlines a heading."""
_COMMENT = later(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)


class _Word(Enum):
    """What is no value: a key that is not there, and values that do not merge."""

    ABSENT = "absent"
    CLASH = "clash"


_Value: TypeAlias = "RawValue | _Word"


def merge_texts(*, base: str | None, ours: str, theirs: str, favor: Favor = OURS_FIRST) -> Merged:
    """Both sides' changes in one text, never raising whatever the texts; `base` None: both sides added the file.

    Where the sides disagree the text keeps the side in `favor` and the conflict is reported; nothing else is ever
    dropped. Line breaks and byte order mark are those of ours; a flip of either is no change. What is no item that can
    be read (a broken header, markers of an unfinished merge) merges by lines.
    """
    base = base or ""
    if (text := three_way(base, ours, theirs)) is not None:
        return Merged(text)
    shape = _Shape.of(base, ours, theirs)
    merged = _merge(shape.plain(base), shape.plain(ours), shape.plain(theirs), favor)
    return Merged(shape.restore(merged.text), merged.conflicts)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a text has around its words: byte order mark, line break and whether the last line has one."""

    bom: bool
    newline: str
    final: bool

    @staticmethod
    def of(base: str, ours: str, theirs: str) -> _Shape:
        """The shape the merged text gets: that of ours, its last line break by the scalar rule."""
        source = next((text for text in (ours, theirs, base) if "\n" in text), "\n")
        breaks, windows = source.count("\n"), source.count("\r\n")
        # Breaks of both kinds in ours: nothing is normalised, or lines nobody touched would change.
        newline = "mixed" if 0 < windows < breaks else "\r\n" if windows else "\n"
        ends = [text.endswith("\n") if text else ours.endswith("\n") for text in (base, ours, theirs)]
        return _Shape(ours.startswith("\ufeff"), newline, three_way(*ends) or False)

    def plain(self, text: str) -> str:
        """A text without its mark, its lines ended by LF, the last one too."""
        text = text.removeprefix("\ufeff")
        if self.newline != "mixed":
            text = text.replace("\r\n", "\n")
        return text if not text or text.endswith("\n") else text + "\n"

    def restore(self, text: str) -> str:
        text = text if self.final else text.removesuffix("\n")
        if self.newline == "\r\n":
            text = text.replace("\n", "\r\n")
        return "\ufeff" * self.bom + text


# -- A file: its header key by key, its body by lines ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Side:
    """A version of the file: its entries by canonical name, and the comments and blank lines before each of them."""

    document: Document
    entries: Mapping[str, Entry]
    leads: Mapping[str, str]

    @staticmethod
    def of(text: str) -> _Side:
        document = parse_document(text)
        leads: dict[str, str] = {}
        position = document.header_start
        for entry in document.entries:
            leads[_canonical(entry)] = text[position : entry.start]
            position = entry.end
        leads[""] = text[position : document.header_end]
        return _Side(document, {_canonical(entry): entry for entry in document.entries}, leads)

    @property
    def readable(self) -> bool:
        """Whether there is a header of distinct keys, or none at all."""
        distinct = len(self.entries) == len(self.document.entries) and "" not in self.entries
        return self.document.kind in {"yaml", "none"} and distinct

    @property
    def fences(self) -> tuple[str, str]:
        """The lines that open and close the header; empty without one."""
        document = self.document
        return document.text[: document.header_start], document.text[document.header_end : document.body_start]

    def source(self, name: str) -> str:
        """An entry's lines; empty without it."""
        entry = self.entries.get(name)
        return self.document.text[entry.start : entry.end] if entry else ""

    def value(self, name: str) -> _Value:
        entry = self.entries.get(name)
        return entry.value if entry else _Word.ABSENT

    def said(self, name: str) -> str | None:
        """A value for people to read, None without the key."""
        entry = self.entries.get(name)
        if entry is None or isinstance(entry.value, str):
            return entry and str(entry.value)
        return self.document.text[entry.value_start : entry.value_end].strip()

    def with_value(self, name: str, value: RawValue) -> str:
        """The entry's lines with that value; empty where they are not to be rewritten."""
        entry = self.entries.get(name)
        if entry is None:
            return ""
        field = FIELDS.get(name)
        try:
            document = self.document.set(entry.key, value, bare=field is not None and field.type is FieldType.YES_NO)
        except ValueError:
            return ""
        new = document.entry(entry.key)
        return document.text[new.start : new.end] if new else ""


def _canonical(entry: Entry) -> str:
    return CANONICAL.get(entry.key, entry.key)


def _merge(base: str, ours: str, theirs: str, favor: Favor) -> Merged:
    sides = [_Side.of(text) for text in (base, ours, theirs)]
    if any(map(_has_markers, (base, ours, theirs))) or not all(side.readable for side in sides):
        return _checked(merge_steps(base, ours, theirs, favor), base, ours, theirs)
    header, expected, conflicts = _merge_headers(*sides, favor=favor)
    body = merge_body(*(side.document.body for side in sides), favor=favor)
    merged = Merged(header + body.text, (*conflicts, *body.conflicts))
    result = _Side.of(merged.text)
    read = {name: entry.value for name, entry in result.entries.items()}
    if not result.readable or read != expected or result.document.body != body.text:
        kept = (base, ours, theirs)[favor("body")]
        return Merged(kept, (conflict("body", base, ours, theirs),))  # the pieces would say something else together
    return _checked(merged, base, ours, theirs)


def _has_markers(text: str) -> bool:
    position = 0
    for pattern in _MARKERS:
        match = re.compile(pattern, re.MULTILINE).search(text, position)
        if match is None:
            return False
        position = match.end()
    return True


def _checked(merged: Merged, base: str, ours: str, theirs: str) -> Merged:
    """The merged text; one that holds markers is never called clean."""
    if merged.conflicts or not _has_markers(merged.text):
        return merged
    return Merged(merged.text, (conflict("body", base, ours, theirs),))


def _merge_headers(
    base: _Side, ours: _Side, theirs: _Side, *, favor: Favor
) -> tuple[str, dict[str, RawValue], tuple[FieldConflict, ...]]:
    """The header with its fences, the values it must read as, and what could not be merged."""
    sides = (base, ours, theirs)
    chunks: dict[str, str] = {}
    expected: dict[str, RawValue] = {}
    conflicts: list[FieldConflict] = []
    for name in dict.fromkeys((*ours.entries, *theirs.entries, *base.entries)):
        source, value, clash = _merge_entry(name, *sides, favor=favor)
        if value is not _Word.ABSENT and value is not _Word.CLASH:
            chunks[name], expected[name] = source, value
        conflicts += [clash] if clash else []
    leads: dict[str, str] = {}
    for name in dict.fromkeys((*ours.leads, *theirs.leads, *base.leads)):
        leads[name], clashes = _merge_lead(name, *(side.leads.get(name, "") for side in sides), favor=favor)
        conflicts += clashes
    fences = three_way(*(side.fences for side in sides)) or ours.fences
    if chunks and not all(fences):
        fences = ours.fences if all(ours.fences) else theirs.fences
    lines = [
        leads[name] + chunks[name] for name in _order(base.entries, ours.entries, theirs.entries) if name in chunks
    ]
    header = "".join((fences[0], *lines, leads[""], fences[1]))
    return header, expected, tuple(conflicts)


def _merge_lead(name: str, base: str, ours: str, theirs: str, *, favor: Favor) -> tuple[str, list[FieldConflict]]:
    """The comments before a key (before the closing fence: of the body), by lines."""
    if (text := three_way(base, ours, theirs)) is not None:
        return text, []
    field = name or "body"
    lines, clashes = merge_lines(
        split_lines(base), split_lines(ours), split_lines(theirs), favor=lambda _clash: favor(field)
    )
    return "".join(lines), [clash.conflict(field) for clash in clashes]


def _order(base: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> Sequence[str]:
    """All keys in the order of the side that moved keys, else of ours; the other's new ones after their predecessors."""
    old, mine, other = list(base), list(ours), list(theirs)
    if _moved(old, other) and not _moved(old, mine):
        mine, other = other, mine
    order = list(mine)
    for before, name in zip(["", *other], other, strict=False):
        if name not in mine:
            place = order.index(before) + 1 if before else 0
            while place < len(order) and order[place] not in {*old, *other} and _rank(order[place]) < _rank(name):
                place += 1
            order.insert(place, name)
    return order


def _moved(base: Sequence[str], side: Sequence[str]) -> bool:
    return [name for name in side if name in base] != [name for name in base if name in side]


def _rank(name: str) -> tuple[int, str]:
    return ORDER.index(name) if name in ORDER else len(ORDER), name


# -- A key -------------------------------------------------------------------------------------------------------------


def _merge_entry(
    name: str, base: _Side, ours: _Side, theirs: _Side, *, favor: Favor
) -> tuple[str, _Value, FieldConflict | None]:
    """An entry's lines, its value, and the conflict if there is one: then the lines of the side in favour."""
    sides = (base, ours, theirs)
    sources = [side.source(name) for side in sides]
    if (source := three_way(*sources)) is not None:
        side = ours if source == sources[1] else theirs
        return source, side.value(name), None
    value = _merge_value(name, *(side.value(name) for side in sides))
    if value is not _Word.CLASH:
        wanted = (_comments(sources[1]) | _comments(sources[2])) - _comments(sources[0])
        for source in _spellings(name, value, *sides):
            if wanted <= _comments(source):
                return source, value, None
    kept = favor(name)
    return sources[kept], sides[kept].value(name), FieldConflict(name, *(side.said(name) for side in sides))


def _spellings(name: str, value: RawValue | _Word, base: _Side, ours: _Side, theirs: _Side) -> Iterator[str]:
    """The lines that say this value: a side's own if it says so and the other does not, else rewritten ones."""
    if isinstance(value, _Word):
        yield ""
        return
    for side in (ours, theirs):
        if side.value(name) == value != base.value(name):
            yield side.source(name)
    yield from filter(None, (side.with_value(name, value) for side in (ours, theirs)))


def _comments(source: str) -> set[str]:
    return {comment.rstrip() for comment in _COMMENT.findall(source)}


def _merge_value(name: str, base: _Value, ours: _Value, theirs: _Value) -> _Value:
    rule = field.merge if (field := FIELDS.get(name)) else "scalar"
    if rule in {"set", "union"}:
        return _merge_set(base, ours, theirs)
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    if rule == "list" and isinstance(ours, tuple) and isinstance(theirs, tuple):
        return _merge_list(base if isinstance(base, tuple) else (), ours, theirs)
    if isinstance(ours, str) and isinstance(theirs, str):
        if name in _STAMPS:
            return max(ours, theirs)
        if rule == "lines":
            lines, clashes = merge_lines(split_lines(str(base)), split_lines(ours), split_lines(theirs))
            return _Word.CLASH if clashes else "".join(lines)
    return _Word.CLASH


def _merge_set(base: _Value, ours: _Value, theirs: _Value) -> _Value:
    """What neither side took out, in the order of base, then what either put in, sorted; never a clash."""
    old, mine, other = (_numbered(value) for value in (base, ours, theirs))
    survivors = [value for key, value in old.items() if key in mine and key in other]
    added = {key: value for key, value in (mine | other).items() if key not in old}
    merged = (*survivors, *(added[key] for key in sorted(added)))
    gone = ours is _Word.ABSENT or theirs is _Word.ABSENT
    if not merged:
        return _Word.ABSENT if gone else ()
    single = next((value for value in (ours, theirs) if isinstance(value, str)), None)
    return single if merged == (single,) else merged


def _numbered(value: _Value) -> dict[tuple[str, int], RawValue]:
    """The elements of a list, or the one of a scalar, each with its number among its equals."""
    if value is None or isinstance(value, _Word):
        return {}
    seen: Counter[str] = Counter()
    numbered: dict[tuple[str, int], RawValue] = {}
    for item in value if isinstance(value, tuple) else (value,):
        key = item if isinstance(item, str) else repr(item)
        numbered[key, seen[key]] = item
        seen[key] += 1
    return numbered


def _merge_list(base: tuple[RawValue, ...], ours: tuple[RawValue, ...], theirs: tuple[RawValue, ...]) -> _Value:
    """An ordered list, item by item as a text is line by line."""
    items = {repr(item): item for item in (*base, *ours, *theirs)}
    old, mine, other = ([repr(item) for item in side] for side in (base, ours, theirs))
    keys, clashes = merge_lines(old, mine, other)
    return _Word.CLASH if clashes else tuple(items[key] for key in keys)
