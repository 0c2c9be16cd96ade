"""The schedule as rows: what runs when, how much it may slip, which dates cannot be kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, as_datetime, day_of, last_day
from planner.plan.model import Conflict, Schedule

RULES = {
    "deadline": "deadline", "FNLT": "finish no later than", "SNLT": "start no later than",
    "MSO": "must start on", "MFO": "must finish on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One item of work: its first and last day, float in words, and whether it is critical."""

    item: Item
    start: date
    finish: date
    slack: str
    critical: bool
    milestone: bool
    done: bool


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """The work of one project (None: of none) in the order it runs, and the day the project ends."""

    project: Item | None
    finish: date
    rows: tuple[ScheduleRow, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A date that cannot be kept: whose, which rule, and by how much in words."""

    id: str
    title: str
    rule: str
    by: str


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """The whole plan by projects, and what is wrong with it."""

    groups: tuple[ProjectPlan, ...]
    broken: tuple[Broken, ...]
    finish: datetime
    critical: int


def schedule_page(vault: Vault, plan: Schedule, shown: Collection[str]) -> SchedulePage:
    """The plan of the items whose paths are shown, projects in the order in which they end."""
    groups: dict[str | None, list[str]] = {}
    for path, activity in plan.network.activities.items():
        if not activity.summary and path in shown and path in plan.dates:
            groups.setdefault(activity.project, []).append(path)
    found = [_group(vault, plan, project, paths) for project, paths in groups.items()]
    found.sort(key=lambda group: (group.project is None, group.finish, group.project.path if group.project else ""))
    broken = tuple(_broken(plan, conflict) for conflict in plan.conflicts if conflict.path in shown)
    critical = sum(row.critical for group in found for row in group.rows)
    return SchedulePage(tuple(found), broken, as_datetime(plan.finish), critical)


def schedule_rows(vault: Vault, plan: Schedule, paths: Iterable[str]) -> tuple[ScheduleRow, ...]:
    """Rows of some activities, in the order given."""
    return tuple(row for path in paths if (row := _row(vault, plan, path)) is not None)


def _group(vault: Vault, plan: Schedule, project: str | None, paths: list[str]) -> ProjectPlan:
    ordered = sorted(paths, key=lambda path: (plan.dates[path].start, plan.dates[path].finish, path))
    finish = max(plan.dates[path].finish for path in paths) if project is None else plan.dates[project].finish
    item = vault.files[project].item if project is not None else None
    return ProjectPlan(item, last_day(finish), schedule_rows(vault, plan, ordered))


def _row(vault: Vault, plan: Schedule, path: str) -> ScheduleRow | None:
    item, dates, activity = vault.files[path].item, plan.dates[path], plan.network.activities[path]
    if item is None:
        return None
    finish = last_day(dates.finish)
    start = finish if activity.milestone else min(day_of(dates.start), finish)
    slack = "" if activity.finished else _roughly(activity.calendar, dates.total_float)
    return ScheduleRow(item, start, finish, slack, dates.critical, activity.milestone, activity.finished)


def _roughly(calendar: Calendar, minutes: int) -> str:
    """A float in words, from a day up without its minutes."""
    return calendar.text(minutes if abs(minutes) < calendar.day_minutes else int(minutes / 60) * 60)


def _broken(plan: Schedule, conflict: Conflict) -> Broken:
    activity = plan.network.activities[conflict.path]
    return Broken(activity.id, activity.title, RULES[conflict.rule], activity.calendar.text(conflict.minutes))
