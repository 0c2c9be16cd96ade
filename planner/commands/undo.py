"""Taking back what an operation did, and only that: what changed since stays (three-way)."""

from __future__ import annotations

from collections.abc import Sequence

from planner.core.change import Change, Edit
from planner.core.events import file_changes
from planner.core.merge import merge_texts
from planner.core.vault import Vault
from planner.errors import Conflict


def take_back(
    edits: Sequence[Edit], vault: Vault, texts: dict[str, str | None], subject: str, undoes: tuple[str, ...]
) -> Change:
    """The change that undoes `edits` on the files as they are now (`texts`; None: no such file).

    Raises Conflict where what the operation set has been changed since.
    """
    inverse: list[Edit] = []
    for edit in edits:
        now = texts.get(edit.path)
        target = _without(edit, now)
        if target != now:
            inverse.append(Edit(edit.path, now, target))
    details: list[str] = []
    ids: dict[str, None] = {}
    for edit in inverse:
        for change in file_changes(edit.path, edit.before, edit.after, vault.config):
            ids[change.id] = None
            details.append(str(change))
    return Change(tuple(inverse), subject, tuple(details), tuple(ids), undoes=undoes)


def _without(edit: Edit, now: str | None) -> str | None:
    """One file's text now, less what the edit did to it."""
    if now == edit.after:
        return edit.before
    if now == edit.before:
        return now
    if now is None or edit.after is None or edit.before is None:
        what = "deleted" if now is None else "changed"
        raise Conflict(
            f"{edit.path} has been {what} since; undoing would lose that",
            "git show and git checkout reach every version; or undo the later change first",
        )
    merged = merge_texts(base=edit.after, ours=now, theirs=edit.before)
    if merged.conflicts:
        fields = ", ".join(dict.fromkeys(conflict.field for conflict in merged.conflicts))
        raise Conflict(f"{edit.path}: {fields} changed since; undo would overwrite that", "undo the later change first")
    return merged.text
