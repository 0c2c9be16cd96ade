"""The plan's dates written into the files of the work, for readers that know no calendars."""

from __future__ import annotations

from typing import ClassVar

from planner.commands.base import Context, Draft
from planner.core.change import Change
from planner.core.record import dataclass, replace
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.plan.calendar import day_of, last_day
from planner.plan.planned import planned


@dataclass(frozen=True, slots=True)
class StoreDates:
    """Store the first and the last day of all open work; the plan never reads them back."""

    verb: ClassVar[str] = "plan schedule"

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`start` and `finish` of every activity that is not done and whose file can be read."""
        if vault.config.read_only:
            raise Invalid("this vault is of a newer format", "install a newer planner")
        schedule, draft = planned(vault, ctx.today), Draft(vault)
        stored: list[str] = []
        for path, activity in sorted(schedule.network.activities.items()):
            item = vault.files[path].item
            if item is None or item.kind == "project" or activity.finished or path not in schedule.dates:
                continue
            dates = schedule.dates[path]
            finish = last_day(dates.finish)
            start = finish if activity.milestone else min(day_of(dates.start), finish)
            new = {"start": start, "finish": finish}
            if any(item.when(name) != day for name, day in new.items()):
                for name, day in new.items():
                    draft.set(item, name, day.isoformat())
                stored.append(f"{item.id}: {start} to {finish}")
        change = draft.change(f"plan schedule: dates of {len(stored)} item{'' if len(stored) == 1 else 's'}")
        return replace(change, details=tuple(stored))
