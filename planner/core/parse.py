"""One file's text to what it says: an item, a note, or a broken card, with every fault named and placed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from planner.core.body import scan
from planner.core.config import Config
from planner.core.document import Document, Entry, RawValue, line_column, parse_document
from planner.core.fields import CANONICAL, COMMA_TYPES, FIELDS, Field, FieldType, read_level, read_scalar
from planner.core.ids import slug
from planner.core.model import KINDS, Body, Item, ParsedFile, Problem, Scalar, Unread, Value
from planner.core.problems import BREAKING, PROBLEMS, problem

NEVER_ITEMS = frozenset({"readme", "agents", "claude", "license", "changelog", "contributing"})
MARKERS = frozenset({"status", "kind", "id", "due"})
ID_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")

_FOLDER_KINDS = {
    "inbox": "task", "tasks": "task", "goals": "goal", "people": "person", "teams": "team", "reports": "report",
}  # fmt: skip
_BARE_ITEMS = frozenset({"inbox", "tasks", "goals", "people", "teams"})
_BODY_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONFLICT = re.compile(r"^<{7,}(?: .*)?\r?\n(?:.*\n)*?={7,}\r?\n(?:.*\n)*?>{7,}(?: .*)?\r?$", re.MULTILINE)
_SYNC_COPY = re.compile(r"\.sync-conflict-\d|\(.*conflicted copy.*\)", re.IGNORECASE)
_TREACHEROUS = re.compile(
    r"""(?ix) [-+]?0[0-7_]+ | 0x[0-9a-f_]+ | 0b[01_]+ | [-+]?\d[\d]*_[\d_]* | [-+]?\d+(?:\.\d*)?e[-+]?\d+
    | [-+]?\d+(?::[0-5]?\d)+(?:\.\d*)? | [-+]?\.(?:inf|nan) | = | yes | no | on | off | y | n | \d{300,}"""
)
_NOT_TEXT = re.compile(r"(?i)true|false|\d{4}-\d\d-\d\d(?:[T ].*)?|[-+]?\d+\.\d*0")
_NAME = r"@?\w[\w.-]*"
_PERSON = re.compile(_NAME)
_PEOPLE = re.compile(rf"{_NAME}(?: *, *{_NAME})*|\[ *{_NAME}(?: *, *{_NAME})* *\]|(?:\s*- +{_NAME}[ \r]*)+")
_TEXT_TYPES = frozenset({FieldType.TEXT, FieldType.WORD, FieldType.PERSON, FieldType.REFERENCE})


@dataclass(frozen=True, slots=True)
class Place:
    """What a path alone says: the defaults its folder gives."""

    kind: str = "task"
    id: str = ""
    project: str | None = None
    area: str | None = None
    inbox: bool = False
    archived: bool = False
    template: bool = False
    bare: bool = False  # an item even without a header
    header: bool = False  # an item with any header
    never: bool = False  # README and its like


def place_of(path: str) -> Place:
    """The defaults a path's folders give; frontmatter wins over every one of them."""
    parts = path.split("/")
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    archived = template = False
    while len(parts) > 1 and parts[0] in {"archive", "templates"}:
        archived = archived or parts[0] == "archive"
        template = template or parts[0] == "templates"
        parts = parts[1:]
    never = stem.casefold() in NEVER_ITEMS
    base = Place(id=slug(stem) or stem, archived=archived, template=template, never=never)
    top = parts[0] if len(parts) > 1 else ""
    if top in _FOLDER_KINDS:
        stem_id = stem if top in {"people", "teams", "goals"} and ID_SHAPE.fullmatch(stem) else base.id
        return replace(
            base, kind=_FOLDER_KINDS[top], id=stem_id, inbox=top == "inbox", bare=top in _BARE_ITEMS, header=True
        )
    if top in {"projects", "areas"} and len(parts) > 2:
        return _in_group(base, "project" if top == "projects" else "area", parts[1], stem)
    return replace(base, header=archived or template)


def _in_group(base: Place, group: str, name: str, stem: str) -> Place:
    base = replace(base, header=True)
    if stem == group:
        return replace(base, kind=group, id=name, bare=True)
    return replace(base, project=name) if group == "project" else replace(base, area=name)


def parse_file(path: str, text: str | Unread, config: Config) -> ParsedFile:
    """What a file says; a fault is a Problem, never an exception, whatever the text."""
    if isinstance(text, Unread):
        return _unread(text)
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
    return _Reading(path, document, place, config).parsed()


def _special(path: str, text: str) -> str | None:
    if text.startswith("version https://git-lfs"):
        return "lfs-pointer"
    return "sync-conflict" if _SYNC_COPY.search(path) else None


def _unreadable(path: str, text: str, place: Place) -> Problem | None:
    bare = text.removeprefix("\ufeff")
    if not bare.strip():
        return problem(path, 1, 1, "empty-file") if place.bare or place.header else None
    if "\0" in text and (text.startswith(("\x7fELF", "\udc89PNG")) or _SURROGATE.search(text) or text.count("\0") > 8):
        return problem(path, 1, 1, "binary-file" if text[:2] not in ("\udcff\udcfe", "\udcfe\udcff") else "not-utf8")
    if match := _SURROGATE.search(text):
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
    if document.kind in {"toml", "json"}:
        from planner.core.foreign import foreign_entries

        return any(CANONICAL.get(entry.key, entry.key) in MARKERS for entry in foreign_entries(document))
    names = {CANONICAL.get(key, key) for key in document.keys()}  # noqa: SIM118 (a Document is no dict)
    return bool(names & MARKERS) or document.kind in {"unclosed", "broken"}


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _note(path: str, text: str, start: int, problems: tuple[Problem, ...] = ()) -> ParsedFile:
    body = scan(text, start)
    return ParsedFile(path, text, None, problems, body.heading or _stem(path), body.links)


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
        place.id,
        place.kind,
        _stem(path),
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


@dataclass(slots=True)
class _Reading:
    """One pass over a readable document: collects fields and problems, then makes the item."""

    path: str
    document: Document
    place: Place
    config: Config
    fields: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, offset: int, code: str, message: str = "", hint: str = "") -> None:
        line, column = line_column(self.document.text, offset)
        self.problems.append(problem(self.path, line, column, code, message, hint))

    def parsed(self) -> ParsedFile:
        document, place = self.document, self.place
        for fault in document.faults:
            self.fault(fault.offset, fault.code, fault.message, fault.hint)
        for entry in document.entries:
            for fault in entry.faults if not self.names_people(entry) else ():
                self.fault(fault.offset, fault.code, fault.message, fault.hint)
        if document.kind == "unclosed" or any(fault.code in BREAKING for fault in document.faults):
            return _broken(self.path, document.text, place, tuple(sorted(self.problems)))
        for entry in self.entries():
            self.read(entry)
        self.check_body()
        body = scan(document.text, document.body_start)
        kind = self.word("kind") or place.kind
        cls = KINDS.get(kind, Item)
        self.place_defaults(kind)
        item = cls(
            id=self.item_id(),
            kind=kind,
            title=self.title(body),
            path=self.path,
            status=self.status(cls),
            fields=self.fields,
            body=body,
            problems=tuple(sorted(self.problems)),
            archived=place.archived or self.fields.get("archived") is True,
            template=place.template,
        )
        return ParsedFile(self.path, document.text, item, item.problems, item.title, body.links)

    def names_people(self, entry: Entry) -> bool:
        """Whether a value that is no YAML, such as `@ana` or `[@ana, @bo]`, is simply read as people."""
        row = self.config.field(CANONICAL.get(entry.key, entry.key))
        wanted = entry.style == "raw" and row is not None and row.type is FieldType.PERSON
        return wanted and isinstance(entry.value, str) and _PEOPLE.fullmatch(entry.value) is not None

    def entries(self) -> tuple[Entry, ...]:
        """The header's keys, of whatever language it is written in."""
        if self.document.kind not in {"toml", "json"}:
            return self.document.entries
        from planner.core.foreign import foreign_entries

        return foreign_entries(self.document)

    def word(self, name: str) -> str | None:
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None

    def place_defaults(self, kind: str) -> None:
        for name, value in (("project", self.place.project), ("area", self.place.area)):
            if value and kind != name:
                self.fields.setdefault(name, value)

    def item_id(self) -> str:
        value = self.fields.get("id")
        if not isinstance(value, str) or not value:
            return self.place.id
        if not ID_SHAPE.fullmatch(value):
            self.fault(self.offset("id"), "odd-id", f"the id '{value[:40]}' is hard to type or to use in a file name")
        return value

    def title(self, body: Body) -> str:
        name = self.word("name") if self.place.kind in {"person", "team"} else None
        return self.word("title") or name or body.heading or _stem(self.path)

    def status(self, cls: type[Item]) -> str | None:
        status = self.word("status")
        workflow = self.config.workflow
        if status is None:
            default = workflow.inbox if self.place.inbox else workflow.default
            return default if cls.has_workflow else None
        if cls.has_workflow:
            state = workflow.state(status)
            if state is not None:
                return state.name
            self.fault(
                self.offset("status"), "unknown-status", f"'{status[:40]}' is no status of this vault",
                f"use one of {', '.join(workflow.names())}, or add it to planner.toml",
            )  # fmt: skip
        return status

    def offset(self, name: str) -> int:
        """Where a field's value stands."""
        for entry in self.document.entries:
            if CANONICAL.get(entry.key, entry.key) == name:
                return entry.value_start
        return self.document.header_start

    def read(self, entry: Entry) -> None:
        name = CANONICAL.get(entry.key, entry.key)
        row = self.config.field(name)
        if row is None and (lower := entry.key.lower()) != entry.key and (lower in FIELDS or lower in CANONICAL):
            self.fault(entry.key_offset, "key-case", f"'{entry.key}' is not '{lower}'", f"write it as `{lower}`")
        if name in self.fields:
            if not any(f.code == "duplicate-key" for f in entry.faults):
                self.fault(entry.key_offset, "duplicate-key", f"'{entry.key}' says '{name}' a second time")
            return
        self.warn_look_alikes(entry, row)
        if row is None:
            if entry.value is not None:
                self.fields[name] = entry.value
            return
        value = self.many(entry, row) if row.many else self.single(entry, row)
        if value is not None:
            self.fields[name] = value

    def warn_look_alikes(self, entry: Entry, row: Field | None) -> None:
        if entry.style != "plain" or not isinstance(entry.value, str):
            return
        textual = row is None or row.type in _TEXT_TYPES
        if textual and (_TREACHEROUS.fullmatch(entry.value) or (row is not None and _NOT_TEXT.fullmatch(entry.value))):
            self.fault(entry.value_start, "looks-like-type", f"other programs do not read '{entry.value[:40]}' as text")

    def single(self, entry: Entry, row: Field) -> Value | None:
        raw = entry.value
        if raw is None or raw == "":
            if row.name == "title":
                self.fault(entry.value_start, "bad-value", "the title is empty", "write a title, or remove the line")
            return None
        if row.type is FieldType.MAP:
            return self.nested(entry, raw, Mapping)
        if isinstance(raw, tuple) and len(raw) == 1:
            raw = raw[0]
        return self.scalar(entry, row, raw)

    def many(self, entry: Entry, row: Field) -> Value | None:
        raw = entry.value
        if raw is None or raw == "":
            return None
        if row.type is FieldType.MAP:
            return self.nested(entry, raw, tuple)
        if isinstance(raw, str) and self.names_people(entry):
            raw = tuple(_PERSON.findall(raw))
        parts: Iterable[RawValue] = raw if isinstance(raw, tuple) else (raw,)
        if isinstance(raw, str) and "," in raw and row.type in COMMA_TYPES:
            self.fault(entry.value_start, "comma-text", f"'{raw[:40]}' is one value with commas in it")
            parts = tuple(part.strip() for part in raw.split(",") if part.strip())
        read = [value for part in parts if (value := self.scalar(entry, row, part)) is not None]
        unique = tuple(dict.fromkeys(read))
        if len(unique) < len(read):
            self.fault(entry.value_start, "repeated-value", f"{entry.key} names a value twice")
        return unique

    def scalar(self, entry: Entry, row: Field, raw: RawValue) -> Scalar | None:
        if raw is None:
            return None
        if not isinstance(raw, str):
            self.fault(entry.value_start, "bad-value", f"{entry.key}: expected {row.type.value}, not a nested value")
            return None
        if row.type is FieldType.LEVEL:
            level = read_level(raw, self.config.levels)
            if level is None:
                levels = ", ".join(self.config.levels)
                self.fault(
                    entry.value_start, "unknown-priority", f"'{raw[:40]}' is no priority", f"use one of {levels}"
                )
            return level or raw
        try:
            return read_scalar(row, raw)
        except ValueError as error:
            self.fault(entry.value_start, "bad-value", f"{entry.key}: {error}")
            return None

    def nested(self, entry: Entry, raw: RawValue, wanted: type) -> Value | None:
        if isinstance(raw, wanted):
            return raw
        if wanted is tuple:
            return (raw,)  # one map, or one line of text, where a list of maps is wanted: people write both
        self.fault(entry.value_start, "bad-value", f"{entry.key}: expected `name: value` lines below it")
        return raw

    def check_body(self) -> None:
        text, start = self.document.text, self.document.body_start
        if match := _BODY_CONTROL.search(text, start):
            line, column = line_column(text, match.start())
            message = f"a control character (U+{ord(match[0]):04X}) in the text"
            self.problems.append(
                replace(problem(self.path, line, column, "control-character", message), severity="warning")
            )
        if "<<<<<<<" in text and (match := _CONFLICT.search(text, start)):
            self.fault(match.start(), "conflict-markers")
