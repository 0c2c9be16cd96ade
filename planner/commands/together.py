"""Several wishes as one: each planned on what the ones before it leave, all written and committed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from planner.commands.base import Command, Context
from planner.core.change import Change, Edit
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Together:
    """Carry out several wishes as one, under `said` or else under the subject of the first that changes anything."""

    verb: ClassVar[str] = "together"
    wishes: tuple[Command, ...]
    said: str = ""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """One change with one edit a file; raises what the first wish that cannot be met raises."""
        if not self.wishes:
            raise Invalid("nothing to do")
        changes: list[Change] = []
        now = vault
        for wish in self.wishes:
            changes.append(wish.plan(now, ctx))
            now = now.apply(changes[-1].edits)
        subject = self.said or next((change.subject for change in changes if not change.is_noop), changes[0].subject)
        return Change(
            _joined(changes),
            subject,
            tuple(detail for change in changes for detail in change.details),
            tuple(dict.fromkeys(id_ for change in changes for id_ in change.items)),
            tuple(dict.fromkeys(notice for change in changes for notice in change.notices)),
        )


def together(wishes: Sequence[Command], said: str = "") -> Command:
    """The wishes as one; a single one is itself."""
    return wishes[0] if len(wishes) == 1 else Together(tuple(wishes), said)


def _joined(changes: Sequence[Change]) -> tuple[Edit, ...]:
    """One edit a path: from the text before the first to the text after the last."""
    edits: dict[str, Edit] = {}
    for change in changes:
        for edit in change.edits:
            first = edits.get(edit.path, edit)
            edits[edit.path] = Edit(edit.path, first.before, edit.after)
    return tuple(edit for _, edit in sorted(edits.items()) if not edit.is_noop)
