"""History as it is shown: changes in words, and who set each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from planner.core.events import ADDED, BODY, DELETED, RENAMED, Event, FieldChange, Revision, of_item, said
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault


@dataclass(frozen=True, slots=True)
class Setting:
    """Who gave a field the value it has; `commit` is empty where it is in no commit yet, or older than the history."""

    field: str
    value: str
    commit: str = ""
    when: datetime | None = None
    who: str = ""
    subject: str = ""


def worth_telling(changes: Iterable[FieldChange]) -> Iterator[FieldChange]:
    """Of an item that came only that; what it said then is in its file."""
    changes = tuple(changes)
    made = {change.id for change in changes if change.field == ADDED}
    return (change for change in changes if change.id not in made or change.field == ADDED)


def in_words(change: FieldChange | Event) -> str:
    """One change as it is read: `status todo → doing`, `due 2026-12-01`, `no due (2026-12-01)`, `said: …`."""
    old, new = _short(change.old), _short(change.new)
    match change.field:
        case field if field == ADDED:
            return f"added: {new}"
        case field if field == DELETED:
            return f"deleted: {old}"
        case field if field == RENAMED:
            return f"id {old} → {new}"
        case field if field == BODY:
            return "text edited"
        case "log":
            return f"said: {new}"
        case "checklist":
            return f"{new}" if new.startswith("[") else f"checklist {old} → {new}"
    if not old:
        return f"{change.field} {new}"
    return f"{change.field} {old} → {new}" if new else f"no {change.field} ({old})"


def _short(value: str | None) -> str:
    line = " ".join((value or "").split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def blame(item: Item, vault: Vault, revisions: Iterable[Revision]) -> tuple[Setting, ...]:
    """Who set each field of an item to what it says now, and when and why; from its newest-first revisions."""
    now = said(item.path, vault.text(item.path), vault.config)
    open_: dict[str, str | None] = {**(now.fields or {}), BODY: None, "checklist": None}
    found: dict[str, Setting] = {}
    for revision in of_item(revisions, item.id):
        for change in revision.changes:
            if change.field in open_ and change.field not in found:
                value = open_[change.field]
                set_so = value is None or change.new == value
                found[change.field] = (
                    Setting(change.field, value or "", revision.commit, revision.when, revision.who, revision.subject)
                    if set_so
                    else Setting(change.field, value or "")
                )
        if len(found) == len(open_):
            break
    made = {name: Setting(name, value) for name, value in open_.items() if value is not None}
    texts = {name: found[name] for name in (BODY, "checklist") if name in found}
    return tuple({**made, **{name: found[name] for name in made if name in found}, **texts}.values())
