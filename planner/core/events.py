"""What changed between two versions of a file, said in fields: the stuff of logs and of derived subjects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planner.core.config import Config
from planner.core.fields import CANONICAL
from planner.core.model import Item, ParsedFile, Value
from planner.core.parse import parse_file

BODY = "body"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one item before and after, as text (None: not set)."""

    id: str
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.field}: {_short(self.old)} → {_short(self.new)}"


def file_changes(
    path: str, before: str | None, after: str | None, config: Config, *, was_at: str = ""
) -> tuple[FieldChange, ...]:
    """The changes of fields, checklist, log and body between two texts of one file; a note yields only `body`.

    `was_at` is the path the file had before, where it moved: what its folder said of it may have changed.
    """
    old = parse_file(was_at or path, before, config) if before is not None else None
    new = parse_file(path, after, config) if after is not None else None
    return tuple(_changes(old, new))


def _changes(old: ParsedFile | None, new: ParsedFile | None) -> Iterator[FieldChange]:
    was, now = (old.item if old else None), (new.item if new else None)
    known = now or was
    id_ = known.id if known else (new or old).path if (new or old) else ""  # type: ignore[union-attr]  # one is there
    if was is None and now is not None and old is None:
        yield FieldChange(id_, "created", None, now.title)
    elif was is not None and now is None and new is None:
        yield FieldChange(id_, "deleted", was.title, None)
        return
    yield from _field_changes(id_, was, now)
    before, after = _rest(old), _rest(new)
    if was is not None and now is not None and before != after:
        yield from _body_changes(id_, was, now, before, after)
    elif known is None and before != after:
        yield FieldChange(id_, BODY, None, None)


def _field_changes(id_: str, was: Item | None, now: Item | None) -> Iterator[FieldChange]:
    old, new = _said(was), _said(now)
    for name in dict.fromkeys((*old, *new)):
        if name != "id" and old.get(name) != new.get(name):
            yield FieldChange(id_, name, old.get(name), new.get(name))


def _said(item: Item | None) -> dict[str, str]:
    """Every field as text; the title and status count as the item's own even where a default gives them."""
    if item is None:
        return {}
    said = {CANONICAL.get(name, name): text(value) for name, value in item.fields.items()}
    said["title"] = item.title
    if item.status is not None:
        said["status"] = item.status
    return said


def _rest(file: ParsedFile | None) -> str:
    if file is None:
        return ""
    return file.text[file.item.body.start :] if file.item is not None else file.text


def _body_changes(id_: str, was: Item, now: Item, before: str, after: str) -> Iterator[FieldChange]:
    old_steps, new_steps = _steps(was), _steps(now)
    if old_steps != new_steps:
        done = dict(old_steps)
        ticked = [(text_, mark) for text_, mark in new_steps if done.get(text_, mark) != mark]
        for text_, mark in ticked:
            yield FieldChange(id_, "checklist", _box(not mark, text_), _box(mark, text_))
        if not ticked:
            yield FieldChange(id_, "checklist", _tally(was), _tally(now))
    said = {(entry.when, entry.who, entry.text) for entry in was.body.log}
    new_entries = [entry for entry in now.body.log if (entry.when, entry.who, entry.text) not in said]
    for entry in new_entries:
        yield FieldChange(id_, "log", None, entry.text)
    if not new_entries and old_steps == new_steps and before != after:
        yield FieldChange(id_, BODY, None, None)


def _steps(item: Item) -> list[tuple[str, bool]]:
    return [(step.text, step.done) for step in item.body.checklist]


def _box(done: bool, text_: str) -> str:
    return f"[{'x' if done else ' '}] {text_}"


def _tally(item: Item) -> str:
    return f"{item.body.done} of {len(item.body.checklist)}"


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
    if "created" in by_field:
        return f"add {ids[0]}: {_short(by_field['created'].new)}"
    if "deleted" in by_field:
        return f"delete {ids[0]}: {_short(by_field['deleted'].old)}"
    if len(changes) == 1:
        only = changes[0]
        if only.field == BODY:
            return f"edit {ids[0]}: body"
        return f"edit {ids[0]}: {only.field} {_short(only.old)} → {_short(only.new)}"
    return f"edit {ids[0]}: {', '.join(by_field)}"
