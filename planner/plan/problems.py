"""What only a schedule shows to be wrong: circles that run through summaries, and dates that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from planner.core.circles import circles
from planner.core.model import Problem
from planner.core.spot import fault_in
from planner.core.vault import Vault
from planner.plan.calendar import END
from planner.plan.model import Schedule
from planner.plan.planned import planned

_FIELDS = {"deadline": "deadline"}
_SAID = {
    "deadline": "finishes {by} after its deadline",
    "FNLT": "finishes {by} after the date of its constraint",
    "SNLT": "starts {by} after the date of its constraint",
    "MSO": "must start {by} before its predecessors allow",
    "MFO": "must finish {by} before its predecessors allow",
}


def plan_problems(vault: Vault, today: date) -> tuple[Problem, ...]:
    """Every such fault as of a day, in the order of path and line; all else is scheduled all the same."""
    schedule = planned(vault, today)
    rules = (_late, _circles, _parents, _endless)
    return tuple(sorted({found for rule in rules for found in rule(vault, schedule)}))


def _late(vault: Vault, schedule: Schedule) -> Iterator[Problem]:
    for conflict in schedule.conflicts:
        item, activity = vault.files[conflict.path].item, schedule.network.activities[conflict.path]
        if item is not None:
            by = activity.calendar.text(conflict.minutes)
            message = f"{item.id} {_SAID[conflict.rule].format(by=by)}: total float -{by}"
            yield fault_in(vault, item, _FIELDS.get(conflict.rule, "constraint"), "date-not-kept", message)


def _circles(vault: Vault, schedule: Schedule) -> Iterator[Problem]:
    """Circles in which a summary takes part; those of dependencies alone are found without a schedule."""
    activities = schedule.network.activities
    for circle in schedule.network.cycles:
        if any(activities[path].summary for path in circle):
            names = " → ".join(activities[path].id for path in (*circle, circle[0]))
            for path in circle:
                item = vault.files[path].item
                if item is not None and item.dependencies:
                    message = f"a circle of dependencies and parents: {names}"
                    yield fault_in(vault, item, "depends_on", "dependency-cycle", message)


def _parents(vault: Vault, schedule: Schedule) -> Iterator[Problem]:
    """Items that lie in themselves."""
    activities = schedule.network.activities
    above = {path: [a.parent] if a.parent is not None else [] for path, a in activities.items()}
    for circle in circles(above):
        names = " → ".join(activities[path].id for path in (*circle, circle[0]))
        for path in circle:
            item = vault.files[path].item
            if item is not None:
                yield fault_in(vault, item, "parent", "dependency-cycle", f"a circle of parents: {names}")


def _endless(vault: Vault, schedule: Schedule) -> Iterator[Problem]:
    """Work that begins in time and ends after the last day that can be written down."""
    if schedule.finish < END:
        return
    for path, activity in schedule.network.activities.items():
        item = vault.files[path].item
        if (
            item is None
            or activity.summary
            or not (dates := schedule.dates[path]).early_start < END <= dates.early_finish
        ):
            continue
        name = next((name for name in ("duration", "estimate") if name in item.fields), "assignee")
        yield fault_in(vault, item, name, "far-date", f"{item.id} would finish after the year 9999")
