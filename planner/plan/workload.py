"""Workload: who is asked for how much, day by day or week by week, against the time they have.

What is left of a task is spread evenly over the working time of each assignee between its planned start and finish, each
taking a part in proportion to their units. Capacity is the person's calendar without leave, times the share of it they
work. Whole minutes throughout: the loads of a task add up to what is left of it, however it is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal, TypeAlias

from planner.core.model import Item
from planner.core.values import parse_percent
from planner.core.vault import Vault
from planner.plan.baseline import work_of
from planner.plan.calendar import Calendar, Moment, moment
from planner.plan.model import Activity, Schedule
from planner.plan.people import availability, person_calendar

By: TypeAlias = Literal["person", "team", "role", "project"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One person, team or role in one stretch of time: minutes asked for, minutes there are, and the tasks (paths)."""

    load: int
    capacity: int | None  # None where nobody said
    causes: tuple[tuple[str, int], ...] = ()  # the most demanding first

    @property
    def over(self) -> bool:
        """Whether more is asked for than there is time."""
        return self.capacity is not None and self.load > self.capacity

    @property
    def percent(self) -> int | None:
        """Load against capacity; None where there is no time at all."""
        return round(100 * self.load / self.capacity) if self.capacity else None

    @property
    def free(self) -> int:
        """Minutes left."""
        return max(0, (self.capacity or 0) - self.load)


@dataclass(frozen=True, slots=True)
class Row:
    """One person, team or role over the stretches of a workload."""

    id: str
    name: str
    cells: tuple[Cell, ...]

    @property
    def load(self) -> int:
        """Minutes asked for over all stretches."""
        return sum(cell.load for cell in self.cells)

    @property
    def capacity(self) -> int:
        """Minutes there are over all stretches."""
        return sum(cell.capacity or 0 for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Loose:
    """Work that stands in no cell: its task's path, what is left of it, and whether that is a guess."""

    path: str
    minutes: int
    assumed: bool


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A role in a project (its id) that nobody fills yet, and the share of somebody's time it asks for."""

    project: str
    role: str
    share: float


@dataclass(frozen=True, slots=True)
class Workload:
    """Rows over stretches of time; `starts` has the first day of each stretch, and the day after the last one."""

    by: By
    starts: tuple[date, ...]
    rows: tuple[Row, ...]
    unscheduled: tuple[Loose, ...]  # nothing says when: no date, no link, not begun
    unassigned: tuple[Loose, ...]  # nobody does it

    @property
    def over_allocated(self) -> Iterator[tuple[Row, date, Cell]]:
        """Every cell with more load than capacity, in the order of rows."""
        for row in self.rows:
            yield from ((row, start, cell) for start, cell in zip(self.starts, row.cells, strict=False) if cell.over)


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of one person's work: so many minutes between two moments, on that person's time."""

    path: str
    person: str
    minutes: int
    start: Moment
    finish: Moment
    calendar: Calendar

    def until(self, m: Moment) -> int:
        """How much of it is done by a moment; all of it on the first day where the person is away the whole time."""
        whole = self.calendar.between(self.start, self.finish)
        if not whole:
            return self.minutes if m > self.start else 0
        done = self.calendar.between(self.start, min(max(m, self.start), self.finish))
        return round(self.minutes * done / whole)


def weeks(first: date, count: int, first_day: int = 0) -> tuple[date, ...]:
    """The starts of so many weeks from the one of `first` on, and the day after the last."""
    monday = first - timedelta(days=(first.weekday() - first_day) % 7)
    return tuple(monday + timedelta(weeks=number) for number in range(count + 1))


def days(first: date, count: int) -> tuple[date, ...]:
    """So many days from `first` on, and the day after the last."""
    return tuple(first + timedelta(days=number) for number in range(count + 1))


def left_of(activity: Activity) -> int:
    """Minutes of people's work that are still to do."""
    work = work_of(activity)
    if activity.finished or activity.remaining is None:
        return 0 if activity.finished else work
    return round(work * activity.remaining / activity.duration) if activity.duration else 0


def tasks(vault: Vault, schedule: Schedule) -> tuple[Task, ...]:
    """What is left to do, person by person; the parts of a task add up to what is left of it."""
    found: list[Task] = []
    for activity in schedule.network.activities.values():
        left = left_of(activity)
        if left and activity.assignees and not activity.summary and not is_unscheduled(vault, schedule, activity):
            found += _parts(vault, schedule, activity, left)
    return tuple(found)


def _parts(vault: Vault, schedule: Schedule, activity: Activity, left: int) -> Iterator[Task]:
    dates = schedule.dates[activity.path]
    start = max(dates.start, schedule.network.status)
    units = sum(share for _, share in activity.assignees)
    given, reached = 0, 0.0
    for person, share in activity.assignees:
        reached += share / units if units else 1 / len(activity.assignees)
        part, given = round(left * reached) - given, round(left * reached)
        yield Task(activity.path, person, part, start, max(dates.finish, start), person_calendar(vault, person))


def is_unscheduled(vault: Vault, schedule: Schedule, activity: Activity) -> bool:
    """Whether nothing says when it is to be done: no date of its own, no link to other work, not begun."""
    if activity.started or activity.constraint != "ASAP" or activity.path in _linked(schedule):
        return False
    file = vault.files.get(activity.path)
    item = file.item if file is not None else None
    return item is None or all(item.when(name) is None for name in ("scheduled", "due", "deadline"))


def _linked(schedule: Schedule) -> frozenset[str]:
    """Paths of all that waits for something or is waited for; remembered with the schedule."""
    known: frozenset[str] | None = schedule.__dict__.get("linked")
    if known is None:
        known = frozenset(path for link in schedule.network.links for path in (link.predecessor, link.successor))
        schedule.__dict__["linked"] = known
    return known


def workload(vault: Vault, schedule: Schedule, starts: Sequence[date], by: By = "person") -> Workload:
    """The workload over stretches of time, by person, team, role in the project's team, or project."""
    bounds = [max(moment(day), schedule.network.status) for day in starts]  # what is past is no capacity
    loads: dict[str, list[dict[str, int]]] = {}
    for task in tasks(vault, schedule):
        groups = _groups(vault, schedule, task, by)
        for number, (begin, end) in enumerate(pairwise(bounds)):
            if task.finish < begin or task.start >= end or not (minutes := task.until(end) - task.until(begin)):
                continue
            for group in groups:
                causes = loads.setdefault(group, [{} for _ in bounds[1:]])[number]
                causes[task.path] = causes.get(task.path, 0) + minutes
    capacities = _capacities(vault, bounds, by, loads)
    nothing: list[dict[str, int]] = [{} for _ in bounds[1:]]
    rows = (
        Row(
            id_, id_ if by == "role" else _name(vault, id_), tuple(map(_cell, loads.get(id_, nothing), capacities[id_]))
        )
        for id_ in sorted(loads.keys() | capacities.keys(), key=lambda id_: (not id_, id_))
    )
    to_do = [a for a in schedule.network.activities.values() if not (a.summary or a.finished or a.milestone)]
    to_do.sort(key=lambda activity: (schedule.dates[activity.path].start, activity.path))
    return Workload(
        by,
        tuple(starts),
        tuple(rows),
        tuple(_loose(activity) for activity in to_do if is_unscheduled(vault, schedule, activity)),
        tuple(_loose(activity) for activity in to_do if not activity.assignees),
    )


def _cell(causes: Mapping[str, int], capacity: int | None) -> Cell:
    ordered = sorted(causes.items(), key=lambda cause: (-cause[1], cause[0]))
    return Cell(sum(causes.values()), capacity, tuple(ordered))


def _loose(activity: Activity) -> Loose:
    return Loose(activity.path, left_of(activity) or activity.duration, activity.assumed)


def _name(vault: Vault, id_: str) -> str:
    item = vault.get(id_)
    return (item.text("name") or item.title) if item is not None else id_


def _groups(vault: Vault, schedule: Schedule, task: Task, by: By) -> tuple[str, ...]:
    """The rows a piece of work counts in; the row without a name where it belongs to none."""
    if by == "person":
        return (task.person,)
    if by == "team":
        return tuple(team.id for team in teams(vault) if task.person in team.texts("members")) or ("",)
    project = schedule.network.activities[task.path].project
    item = vault.files[project].item if project is not None else None
    if by == "project" or item is None:
        return (item.id if item is not None and by == "project" else "",)
    return tuple(role for person, role, _ in staff(item) if person == task.person) or ("",)


def _capacities(vault: Vault, bounds: Sequence[Moment], by: By, also: Iterable[str]) -> Mapping[str, list[int | None]]:
    """Minutes of working time for each row and stretch; of rows that nobody staffed it is not known."""
    found: dict[str, list[int | None]] = {id_: [None] * (len(bounds) - 1) for id_ in also}

    def add(id_: str, person: str, share: float = 1.0) -> None:
        sums = found.setdefault(id_, [None] * (len(bounds) - 1))
        for number, minutes in enumerate(capacity(vault, person, bounds)):
            sums[number] = (sums[number] or 0) + round(minutes * share)

    if by == "person":
        for person in {**vault.people, **found}:
            add(person, person)
    elif by == "team":
        for team in teams(vault):
            for member in team.texts("members"):
                add(team.id, member)
    else:
        for project in vault.planned:
            for person, role, share in staff(project) if project.kind == "project" and vault.is_open(project) else ():
                add(role if by == "role" else project.id, person, share)
    return found


def capacity(vault: Vault, person: str, bounds: Sequence[Moment]) -> list[int]:
    """Working minutes somebody has in each stretch between these moments: calendar without leave, times availability."""
    calendar = person_calendar(vault, person)
    item = vault.people.get(person)
    share = availability(item, calendar) if item is not None else 1.0
    return [round(calendar.between(begin, end) * share) for begin, end in pairwise(bounds)]


def teams(vault: Vault) -> tuple[Item, ...]:
    """Every team of a vault."""
    return tuple(item for item in vault.planned if item.kind == "team")


def staff(project: Item) -> tuple[tuple[str, str, float], ...]:
    """Who is in a project's team: person, role, and the share of their time it may have."""
    return tuple(row for row in _team(project) if row[0])


def vacancies(vault: Vault) -> tuple[Vacancy, ...]:
    """The roles of open projects that nobody fills yet: rows of their `team` without a person."""
    projects = (item for item in vault.planned if item.kind == "project" and vault.is_open(item))
    return tuple(
        Vacancy(item.id, role, share) for item in projects for person, role, share in _team(item) if not person
    )


def _team(project: Item) -> Iterator[tuple[str, str, float]]:
    rows = project.fields.get("team")
    for row in rows if isinstance(rows, tuple) else ():
        if isinstance(row, Mapping):
            person, role = row.get("person"), row.get("role")
            name = person.lstrip("@ ") if isinstance(person, str) else ""
            yield name, role if isinstance(role, str) else "", _share(row.get("units"))


def _share(units: object) -> float:
    try:
        return float(parse_percent(units)) / 100 if isinstance(units, str) else 1.0
    except ValueError:
        return 1.0  # what cannot be read limits nobody


# ---- who could do it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who could do a task: the sum of their levels in the skills it asks for, and their free time meanwhile."""

    person: str
    level: int
    free: int
    wanted: int

    @property
    def fits(self) -> bool:
        """Whether they have the time."""
        return self.free >= self.wanted


def suggestions(
    vault: Vault, schedule: Schedule, activity: Activity, known: Sequence[Task] | None = None
) -> tuple[Suggestion, ...]:
    """Who has the skills for a task, those with time for it between its planned dates first, then the most skilled.

    `known` are the `tasks` of the schedule, for who asks about several.
    """
    file = vault.files.get(activity.path)
    wanted = file.item.texts("requires_skills") if file is not None and file.item is not None else ()
    dates = schedule.dates[activity.path]
    bounds = (max(dates.start, schedule.network.status), max(dates.finish, schedule.network.status))
    loads: dict[str, int] = {}
    for task in tasks(vault, schedule) if known is None else known:
        if task.path != activity.path:
            loads[task.person] = loads.get(task.person, 0) + task.until(bounds[1]) - task.until(bounds[0])
    found = []
    for id_, person in vault.people.items():
        levels = [skill_level(person, skill) for skill in wanted]
        if all(levels):
            free = max(0, capacity(vault, id_, bounds)[0] - loads.get(id_, 0))
            found.append(Suggestion(id_, sum(levels), free, left_of(activity) or activity.duration))
    return tuple(sorted(found, key=lambda each: (not each.fits, -each.level, -each.free, each.person)))


def skill_level(person: Item, skill: str) -> int:
    """How well somebody knows something: the number beside it, 1 where there is none, 0 where it is not named."""
    skills = person.fields.get("skills")
    if not isinstance(skills, Mapping) or skill not in skills:
        return 0
    level = skills[skill]
    return int(level) if isinstance(level, str) and level.isdecimal() else 1
