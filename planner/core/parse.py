"""One file's text to what it says: an item, a note, or a broken card, with every fault named and placed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from planner.core.body import scan
from planner.core.config import Config
from planner.core.document import Document, Entry, line_column, parse_document
from planner.core.fields import CANONICAL
from planner.core.header import conflict_markers
from planner.core.meaning import names_people, read_entry
from planner.core.model import KINDS, Body, Item, ParsedFile, Problem, Unread, Value
from planner.core.pattern import later
from planner.core.place import ID_SHAPE, Place, default_id, place_of, stem_of
from planner.core.plain import read_plain
from planner.core.problems import BREAKING, PROBLEMS, problem
from planner.core.record import replace
from planner.core.yamltext import Fault

MARKERS = frozenset({"status", "kind", "id", "due"})

_BODY_CONTROL = later("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = later("[\ud800-\udfff]")
_SYNC_COPY = later(r"\.sync-conflict-\d|\(.*conflicted copy.*\)", re.IGNORECASE)


def parse_file(path: str, text: str | Unread, config: Config) -> ParsedFile:
    """What a file says; a fault is a Problem, never an exception, whatever the text."""
    if isinstance(text, Unread):
        return _unread(text)
    return parse_plainly(path, text, config) or parse_fully(path, text, config)


def parse_plainly(path: str, text: str, config: Config) -> ParsedFile | None:
    """What `parse_fully` says of an item without any fault and with a plain header, several times as fast.

    None where the text takes the full reading.
    """
    plain = read_plain(text, config)
    if plain is None or _special(path, text) is not None:
        return None
    fields, start = plain
    place = place_of(path)
    if place.never or not (place.bare or place.header or not MARKERS.isdisjoint(fields)):
        return None
    item, wrong = _make_item(path, fields, scan(text, start), place, config)
    return None if wrong else ParsedFile(path, text, item, (), item.title, item.body.links)


def parse_fully(path: str, text: str, config: Config) -> ParsedFile:
    """What a file says, whatever the text."""
    place = place_of(path)
    if (special := _special(path, text)) is not None:
        return ParsedFile(path, text, None, (problem(path, 1, 1, special),))
    if place.never:
        return _note(path, text, 0)
    if (fault := _unreadable(path, text, place)) is not None:
        return _broken(path, text, place, (fault,))
    document = parse_document(text)
    if not _is_item(document, place):
        expected = document.kind != "none" or place.header
        return _note(path, text, document.body_start, (problem(path, 1, 1, "plain-note"),) if expected else ())
    return _read_item(path, document, place, config)


def _special(path: str, text: str) -> str | None:
    if text.startswith("version https://git-lfs"):
        return "lfs-pointer"
    return "sync-conflict" if "onfl" in path.lower() and _SYNC_COPY.search(path) else None


def _unreadable(path: str, text: str, place: Place) -> Problem | None:
    bare = text.removeprefix("\ufeff")
    if not bare.strip():
        return problem(path, 1, 1, "empty-file") if place.bare or place.header else None
    if "\0" in text and (text.startswith(("\x7fELF", "\udc89PNG")) or _SURROGATE.search(text) or text.count("\0") > 8):
        return problem(path, 1, 1, "binary-file" if text[:2] not in ("\udcff\udcfe", "\udcfe\udcff") else "not-utf8")
    if match := None if text.isascii() else _SURROGATE.search(text):
        line, column = line_column(text, match.start())
        byte = ord(match[0]) - 0xDC00
        return problem(path, line, column, "not-utf8", f"the file is not UTF-8 text: byte {byte:#04x}")
    return None


def _is_item(document: Document, place: Place) -> bool:
    if place.bare:
        return True
    if document.kind == "none":
        return False
    if place.header:
        return True
    names = {CANONICAL.get(entry.key, entry.key) for entry in _entries(document)}
    return bool(names & MARKERS) or document.kind in {"unclosed", "broken"}


def _entries(document: Document) -> tuple[Entry, ...]:
    """The header's keys, of whatever language it is written in."""
    if document.kind not in {"toml", "json"}:
        return document.entries
    from planner.core.foreign import foreign_entries

    return foreign_entries(document)


def _note(path: str, text: str, start: int, problems: tuple[Problem, ...] = ()) -> ParsedFile:
    body = scan(text, start)
    return ParsedFile(path, text, None, problems, body.heading or stem_of(path), body.links)


def _unread(unread: Unread) -> ParsedFile:
    fault = problem(unread.path, 1, 1, unread.code if unread.code in PROBLEMS else "special-file", unread.message)
    if fault.code in {"too-large", "not-readable"}:
        return replace(_broken(unread.path, "", place_of(unread.path), (fault,)), unread=True)
    return ParsedFile(unread.path, "", None, (fault,), unread=True)


def _broken(path: str, text: str, place: Place, problems: tuple[Problem, ...]) -> ParsedFile:
    cls = KINDS.get(place.kind, Item)
    fields: dict[str, Value] = {}
    if place.project:
        fields["project"] = place.project
    if place.area:
        fields["area"] = place.area
    item = cls(
        default_id(path, place),
        place.kind,
        stem_of(path),
        path,
        None,
        fields,
        Body(),
        problems,
        place.archived,
        place.template,
        broken=True,
    )
    return ParsedFile(path, text, item, problems)


def _read_item(path: str, document: Document, place: Place, config: Config) -> ParsedFile:
    """The item a document says, with every fault in it placed."""
    text = document.text
    faults = [*document.faults, *_entry_faults(document, config)]
    if document.kind == "unclosed" or any(fault.code in BREAKING for fault in document.faults):
        broken = _broken(path, text, place, _placed(path, text, faults))
        return _with_what_sides_agree_on(broken, config) if "<<<<<<<" in text else broken
    fields: dict[str, Value] = {}
    for entry in _entries(document):
        faults += _take(entry, config, fields)
    item, wrong = _make_item(path, fields, scan(text, document.body_start), place, config)
    faults += (Fault(code, _offset(document, name), message, hint) for name, code, message, hint in wrong)
    marks = [_saying_both_sides(text, fault) for fault in conflict_markers(text, document.body_start, len(text))]
    problems = _placed(path, text, [*faults, *marks], _control_in_body(path, document))
    if problems:
        item = replace(item, problems=problems)
    return ParsedFile(path, text, item, problems, item.title, item.body.links)


def _with_what_sides_agree_on(broken: ParsedFile, config: Config) -> ParsedFile:
    """The broken card of a marked file, with what both sides say alike, and its fault with what they do not.

    It has no body: places in the body of one side are none in the file.
    """
    from planner.core.markers import versions_of

    versions, item = versions_of(broken.text), broken.item
    if versions is None or item is None:
        return broken
    sides = [parse_fully(broken.path, text, config).item for text in (versions.ours, versions.theirs)]
    ours, theirs = sides
    if ours is None or theirs is None or ours.broken or theirs.broken:
        return broken
    problems = tuple(
        replace(fault, message=_saying_both_sides(broken.text, Fault(fault.code, 0)).message)
        if fault.code == "conflict-markers"
        else fault
        for fault in broken.problems
    )
    fields = {name: value for name, value in ours.fields.items() if theirs.fields.get(name) == value}
    card = replace(ours, status=None, fields=fields, body=Body(), problems=problems, broken=True)
    return replace(broken, item=card, problems=problems, title=ours.title)


def _saying_both_sides(text: str, fault: Fault) -> Fault:
    """The fault of a marked text, with the values that its sides give each field."""
    from planner.core.markers import versions_of

    versions = versions_of(text)
    said = [
        f"{clash.field} is {_side(clash.ours)} in ours and {_side(clash.theirs)} in theirs"
        if "\n" not in f"{clash.ours}{clash.theirs}"
        else f"the {clash.field} differs"
        for clash in (versions.conflicts if versions else ())
    ]
    message = "; ".join(("an unresolved merge conflict", *dict.fromkeys(said)))
    return fault._replace(message=message)


def _side(value: str | None) -> str:
    return "not there" if value is None else value[:40]


def _placed(path: str, text: str, faults: Iterable[Fault], others: Iterable[Problem] = ()) -> tuple[Problem, ...]:
    """Faults as problems, in the order of their places."""
    placed = (problem(path, *line_column(text, at), code, message, hint) for code, at, message, hint in faults)
    return tuple(sorted([*placed, *others]))


def _entry_faults(document: Document, config: Config) -> Iterator[Fault]:
    """What is wrong with entries as YAML, but for people written with an `@`."""
    for entry in document.entries:
        if entry.faults and not names_people(entry, config):
            yield from entry.faults


def _take(entry: Entry, config: Config, fields: dict[str, Value]) -> list[Fault]:
    """Puts what an entry says into `fields`, unless an earlier one has said it; returns its faults."""
    name, value, faults = read_entry(entry, config)
    if name in fields:
        faults = [fault for fault in faults if fault.code == "key-case"]
        if not any(fault.code == "duplicate-key" for fault in entry.faults):
            message = f"'{entry.key}' says '{name}' a second time"
            faults.append(Fault("duplicate-key", entry.key_offset, message))
    elif value is not None:
        fields[name] = value
    return faults


def _offset(document: Document, name: str) -> int:
    """Where a field's value stands."""
    for entry in document.entries:
        if CANONICAL.get(entry.key, entry.key) == name:
            return entry.value_start
    return document.header_start


def _control_in_body(path: str, document: Document) -> tuple[Problem, ...]:
    match = _BODY_CONTROL.search(document.text, document.body_start)
    if match is None:
        return ()
    message = f"a control character (U+{ord(match[0]):04X}) in the text"
    found = problem(path, *line_column(document.text, match.start()), "control-character", message)
    return (replace(found, severity="warning"),)


# -- The item --------------------------------------------------------------------------------------------------------


class _Wrong(NamedTuple):
    """A fault in the value of a field, which stands wherever the field does."""

    field: str
    code: str
    message: str
    hint: str = ""


def _make_item(
    path: str, fields: dict[str, Value], body: Body, place: Place, config: Config
) -> tuple[Item, list[_Wrong]]:
    """The item that the fields of a header (added to from its place) and a body make, and what nobody can know."""
    wrong: list[_Wrong] = []
    kind = _word(fields, "kind") or place.kind
    cls = KINDS.get(kind, Item)
    if place.project and kind != "project":
        fields.setdefault("project", place.project)
    if place.area and kind != "area":
        fields.setdefault("area", place.area)
    item = cls(
        _item_id(path, fields, place, wrong),
        kind,
        _title(path, fields, place, body),
        path,
        _status(fields, cls, place, config, wrong),
        fields,
        body,
        (),
        place.archived or fields.get("archived") is True,
        place.template,
    )
    return item, wrong


def _word(fields: Mapping[str, Value], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _item_id(path: str, fields: Mapping[str, Value], place: Place, wrong: list[_Wrong]) -> str:
    value = _word(fields, "id")
    if value is None:
        return default_id(path, place)
    if not ID_SHAPE.fullmatch(value):
        wrong.append(_Wrong("id", "odd-id", f"the id '{value[:40]}' is hard to type or to use in a file name"))
    return value


def _title(path: str, fields: Mapping[str, Value], place: Place, body: Body) -> str:
    name = _word(fields, "name") if place.kind in {"person", "team"} else None
    return _word(fields, "title") or name or body.heading or stem_of(path)


def _status(
    fields: Mapping[str, Value], cls: type[Item], place: Place, config: Config, wrong: list[_Wrong]
) -> str | None:
    status = _word(fields, "status")
    if not cls.has_workflow:
        return status
    workflow = config.workflow
    if status is None:
        return workflow.inbox if place.inbox else workflow.default
    state = workflow.state(status)
    if state is not None:
        if state.name.casefold() != status.casefold():
            wrong.append(_Wrong("status", "renamed-status", f"the state '{status[:40]}' is now '{state.name}'"))
        return state.name
    hint = f"use one of {', '.join(workflow.names())}, or add it to planner.toml"
    wrong.append(_Wrong("status", "unknown-status", f"'{status[:40]}' is no status of this vault", hint))
    return status
