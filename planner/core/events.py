"""What changed between two versions of a file, said in fields: the stuff of logs and of derived subjects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from planner.core.config import Config
from planner.core.fields import CANONICAL
from planner.core.model import Item, Value
from planner.core.pattern import later
from planner.core.record import dataclass, replace

BODY = "body"
_PATH_TAIL = later(r"[\[.].*")
ADDED, DELETED, RENAMED = "added", "deleted", "id"
"""Fields of a change that are no fields of the file: it came, it went, it is called by another id."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one item before and after, as text (None: not set)."""

    id: str
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.field}: {_short(self.old)} → {_short(self.new)}"


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit as the log tells it: who, when, why, and what it changed, field by field.

    `op` is the operation's id where planner made it, `undoes` the operations (or commits) it takes back.
    """

    commit: str
    when: datetime
    who: str
    email: str
    subject: str
    op: str | None = None
    undoes: tuple[str, ...] = ()
    merge: bool = False
    changes: tuple[FieldChange, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What an undo may call it by."""
        return frozenset({self.commit, self.op} if self.op else {self.commit})

    def events(self) -> Iterator[Event]:
        """Each change by itself."""
        for change in self.changes:
            yield Event(
                self.commit,
                self.when,
                self.who,
                change.id,
                change.field,
                change.old,
                change.new,
                self.subject,
                self.email,
            )


@dataclass(frozen=True, slots=True)
class Event:
    """One field of one item changed by one commit."""

    commit: str
    when: datetime
    who: str
    id: str
    field: str
    old: str | None
    new: str | None
    subject: str = ""
    email: str = ""


class Said(NamedTuple):
    """What one file says, as far as changes are told of it; `fields` is None for a note and what cannot be read."""

    id: str
    title: str
    fields: Mapping[str, str] | None
    steps: tuple[tuple[str, bool], ...]
    log: frozenset[tuple[str, str, str]]
    entries: tuple[tuple[str, str, str], ...]
    rest: str


def said(path: str, text: str, config: Config, *, like: Said | None = None) -> Said:
    """What a file says at a path, under a configuration; a body that `like` has too is not read again."""
    if like is not None and like.fields is not None and (found := _with_body_of(like, path, text, config)) is not None:
        return found
    from planner.core.parse import parse_file

    file = parse_file(path, text, config)
    item = file.item
    if item is None:
        return Said(path, file.title, None, (), frozenset(), (), text)
    entries = tuple((entry.when, entry.who, entry.text) for entry in item.body.log)
    steps = tuple((step.text, step.done) for step in item.body.checklist)
    return Said(item.id, item.title, _fields(item), steps, frozenset(entries), entries, text[item.body.start :])


def _with_body_of(like: Said, path: str, text: str, config: Config) -> Said | None:
    """What a file says by its header alone, where the body is a known one and gives it no title."""
    header = text[: len(text) - len(like.rest)]
    if not like.rest or not text.endswith(like.rest) or not header.endswith("\n---\n"):
        return None
    from planner.core.parse import parse_file

    item = parse_file(path, header, config).item
    if item is None or item.broken or item.body.start != len(header) or "title" not in item.fields:
        return None
    return like._replace(id=item.id, title=item.title, fields=_fields(item))


def _fields(item: Item) -> dict[str, str]:
    """Every field as text; the title and status count as the item's own even where a default gives them."""
    found: dict[str, str] = {}
    for name, value in item.fields.items():
        if name == RENAMED:
            continue
        if isinstance(value, str):
            found[CANONICAL.get(name, name)] = value
        else:
            found.update(_flat(CANONICAL.get(name, name), value))
    found["title"] = item.title
    if item.status is not None:
        found["status"] = item.status
    return found


def _flat(name: str, value: Value) -> Iterator[tuple[str, str]]:
    """A nested value by the paths that `set` takes: `key_results[0].current`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, tuple) and any(isinstance(part, Mapping) for part in value):
        for number, part in enumerate(value):
            yield from _flat(f"{name}[{number}]", part)
    else:
        yield name, text(value)


def field_of(name: str) -> str:
    """The field a path of a change stands in: `key_results` of `key_results[0].current`."""
    return _PATH_TAIL.sub("", name, count=1)


def file_changes(
    path: str, before: str | None, after: str | None, config: Config, *, was_at: str = ""
) -> tuple[FieldChange, ...]:
    """The changes of fields, checklist, log and body between two texts of one file; a note yields only `body`.

    `was_at` is the path the file had before, where it moved: what its folder said of it may have changed.
    """
    old = said(was_at or path, before, config) if before is not None else None
    new = said(path, after, config) if after is not None else None
    return changes_between(old, new)


def changes_between(old: Said | None, new: Said | None) -> tuple[FieldChange, ...]:
    """The changes between what a file said and what it says; None where there was, or is, no such file."""
    return tuple(_changes(old, new))


def _changes(old: Said | None, new: Said | None) -> Iterator[FieldChange]:
    was, now = old and old.fields, new and new.fields
    known = new if now is not None else old if was is not None else new or old
    if known is None:
        return
    id_ = known.id
    if old is None and now is not None:
        yield FieldChange(id_, ADDED, None, known.title)
    elif new is None and was is not None:
        yield FieldChange(id_, DELETED, known.title, None)
        return
    elif old is not None and new is not None and was is not None and now is not None and _renamed(old.id, new.id):
        yield FieldChange(id_, RENAMED, old.id, new.id)
    before, after = was or {}, now or {}
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield FieldChange(id_, name, before.get(name), after.get(name))
    if old is not None and new is not None and was is not None and now is not None:
        yield from _body_changes(id_, old, new)
    elif was is None and now is None and (old and old.rest) != (new and new.rest):
        yield FieldChange(id_, BODY, None, None)


def _renamed(old: str, new: str) -> bool:
    return old.casefold() != new.casefold()


def _body_changes(id_: str, old: Said, new: Said) -> Iterator[FieldChange]:
    if old.rest == new.rest:
        return
    if old.steps != new.steps:
        done = dict(old.steps)
        ticked = [(text_, mark) for text_, mark in new.steps if done.get(text_, mark) != mark]
        for text_, mark in ticked:
            yield FieldChange(id_, "checklist", _box(not mark, text_), _box(mark, text_))
        if not ticked:
            yield FieldChange(id_, "checklist", _tally(old), _tally(new))
    new_entries = [entry for entry in new.entries if entry not in old.log]
    for *_, words in new_entries:
        yield FieldChange(id_, "log", None, words)
    if not new_entries and old.steps == new.steps:
        yield FieldChange(id_, BODY, None, None)


def told(before: Mapping[str, Said], after: Mapping[str, Said]) -> Iterator[FieldChange]:
    """The changes between two sets of files by path; one that went here and came there is the same file, moved."""
    origins = _origins(before, after)
    moved = set(origins.values())
    for path in {**before, **after}:
        if path not in moved or path in after:
            yield from changes_between(before.get(origins.get(path, path)), after.get(path))


def _origins(before: Mapping[str, Said], after: Mapping[str, Said]) -> dict[str, str]:
    """Path to the path its file had before: by the item's id, else by the name of the file."""
    went = [path for path in before if path not in after]
    came = [path for path in after if path not in before]
    if not went or not came:
        return {}
    names = {_file_name(path): path for path in went} | {before[path].id.casefold(): path for path in went}
    found: dict[str, str] = {}
    for path in came:
        origin = names.get(after[path].id.casefold(), names.get(_file_name(path)))
        if origin is not None and origin not in found.values():
            found[path] = origin
    return found


def _file_name(path: str) -> str:
    return path[path.rfind("/") :]


def of_item(revisions: Iterable[Revision], id_: str) -> Iterator[Revision]:
    """Those of newest-first revisions that changed one item, with these changes alone; an older id is followed."""
    ids = {id_.casefold()}
    for revision in revisions:
        ids.update(
            change.old.casefold()
            for change in revision.changes
            if change.field == RENAMED and change.old and change.id.casefold() in ids
        )
        changes = tuple(change for change in revision.changes if change.id.casefold() in ids)
        if changes:
            yield replace(revision, changes=changes)


def _box(done: bool, text_: str) -> str:
    return f"[{'x' if done else ' '}] {text_}"


def _tally(said_: Said) -> str:
    return f"{sum(done for _, done in said_.steps)} of {len(said_.steps)}"


def text(value: Value) -> str:
    """A field's value in one line."""
    if isinstance(value, tuple):
        return ", ".join(text(part) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _short(value: str | None) -> str:
    if not value:
        return "—"
    line = " ".join(value.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def derived_subject(changes: Sequence[FieldChange], paths: Sequence[str]) -> str:
    """The subject of a commit of hand edits: `edit k7f3qx: status todo → doing`, `edit 3 files`."""
    ids = list(dict.fromkeys(change.id for change in changes))
    if len(ids) != 1 or len(paths) != 1:
        return f"edit {len(paths)} files" if len(paths) != 1 else f"edit {paths[0]}"
    by_field = {change.field: change for change in changes}
    if ADDED in by_field:
        return f"add {ids[0]}: {_short(by_field[ADDED].new)}"
    if DELETED in by_field:
        return f"delete {ids[0]}: {_short(by_field[DELETED].old)}"
    if len(changes) == 1:
        only = changes[0]
        if only.field == BODY:
            return f"edit {ids[0]}: body"
        return f"edit {ids[0]}: {only.field} {_short(only.old)} → {_short(only.new)}"
    return f"edit {ids[0]}: {', '.join(by_field)}"
