"""Levelling kept: the delays it found, written as `leveling_delay`; constraints and dates of the user stay as they are."""

from __future__ import annotations

from typing import ClassVar

from planner.commands.base import Context, Draft, check_editable
from planner.core.change import Change
from planner.core.record import dataclass
from planner.core.values import Duration
from planner.core.vault import Vault


@dataclass(frozen=True, slots=True)
class StoreDelays:
    """Give items these levelling delays, and take away all others."""

    verb: ClassVar[str] = "level"
    delays: tuple[tuple[str, str], ...]
    """Path and duration of each, as `3d`."""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`leveling_delay` of each item set, changed or removed; items that cannot be edited are named in a notice."""
        wanted = dict(self.delays)
        draft, details = Draft(vault), list[str]()
        for item in vault.planned:
            before = item.fields.get("leveling_delay")
            after = wanted.get(item.path)
            if (str(before) if isinstance(before, Duration) else None) == after:
                continue
            if item.broken:
                draft.notices.append(f"{item.path} cannot be read, so its delay is not written")
                continue
            check_editable(item, vault)
            draft.set(item, "leveling_delay", after)
            details.append(f"{item.id}: leveling_delay {before or '—'} → {after or '—'}")
        change = draft.change("level")
        count = len(change.edits)
        subject = f"level {count} {'item' if count == 1 else 'items'}" if count else "level: nothing to delay"
        return Change(change.edits, subject, tuple(details), change.items, change.notices)
