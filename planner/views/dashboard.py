"""The dashboard: how the whole plan stands on a day, in counts, projects, dates that press, milestones, people and risks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, Moment, day_of, last_day
from planner.plan.model import Schedule
from planner.plan.planned import planned
from planner.plan.risk import Risk, register
from planner.plan.workload import Cell, weeks, workload
from planner.query.match import compile_query
from planner.query.nodes import Query
from planner.views.baselines import baseline_of
from planner.views.facts import by_importance, days_of, overdue_days
from planner.views.record import SCHEMA, JsonValue, Record, records
from planner.views.timeline import Row, timeline

WEEKS = 6
"""Weeks of finished work that are told, the present one last."""
_ENDED = frozenset({"closed", "cancelled"})

Finished = Sequence[tuple[date, str]]
"""Work that was finished (its id), each with the day, as history tells."""


@dataclass(frozen=True, slots=True)
class Status:
    """How many items are in a state."""

    name: str
    category: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Project:
    """How a project stands: the health its file states, and what its work says.

    `late` is how many working days its forecast finish lies after its target end (before it, where negative), `slip`
    after the newest baseline; None where there is no such date.
    """

    item: Item
    health: str | None
    progress: float
    open: int
    overdue: int
    blocked: int
    finish: date | None
    target: date | None
    late: float | None
    slip: float | None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone that is still ahead: when it is due, and when it will be reached by the plan; days as of a project."""

    item: Item
    forecast: date | None
    due: date | None
    late: float | None
    slip: float | None


@dataclass(frozen=True, slots=True)
class Overload:
    """Somebody who is asked for more this week than there is time for in what is left of it."""

    id: str
    name: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Week:
    """The first day of a week, and the ids of what was finished in it."""

    start: date
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All of it on one day; `throughput` is empty where history was not asked."""

    day: date
    statuses: tuple[Status, ...]
    projects: tuple[Project, ...]
    overdue: tuple[Item, ...]
    blocked: tuple[Item, ...]
    due_this_week: tuple[Item, ...]
    milestones: tuple[Milestone, ...]
    over_allocated: tuple[Overload, ...]
    risks: tuple[Risk, ...]
    throughput: tuple[Week, ...]
    total: int

    @property
    def shown(self) -> int:
        """How many items of work it is about, of the `total` without a query."""
        return sum(status.count for status in self.statuses)


def dashboard(
    vault: Vault, query: Query, today: date, *, me: str | None = None, finished: Finished | None = None
) -> Dashboard:
    """How the work stands that a query asks for; people's time is that of everything. Raises QueryError."""
    fits = compile_query(query, vault, today=today, me=me)
    work = [item for item in vault.planned if item.has_workflow and not item.broken]
    chosen = [item for item in work if fits(item)]
    schedule = planned(vault, today)
    rows = {row.path: row for row in timeline(vault, schedule, Query(), today, baseline=baseline_of(vault)).rows}
    open_ = [item for item in chosen if vault.is_open(item)]
    overdue = [item for item in open_ if overdue_days(item, vault, today)]
    late = {item.path for item in overdue}
    first_day = vault.config.first_day_of_week
    start, end = weeks(today, 1, first_day)
    due = [item for item in open_ if item.path not in late and any(today <= day < end for day in _due(item))]
    load = workload(vault, schedule, (start, end))
    return Dashboard(
        today,
        tuple(_statuses(vault, chosen)),
        tuple(_projects(vault, schedule, today, rows, fits)),
        tuple(sorted(overdue, key=lambda item: (-overdue_days(item, vault, today), by_importance(item, vault)))),
        tuple(sorted((i for i in open_ if vault.is_blocked(i)), key=lambda item: by_importance(item, vault))),
        tuple(sorted(due, key=lambda item: (min(_due(item)), by_importance(item, vault)))),
        tuple(_milestones(vault, schedule, rows, open_)),
        tuple(Overload(row.id, row.name, cell) for row, _, cell in load.over_allocated if row.id),
        tuple(risk for risk in register(vault, today) if risk.open and fits(risk.item)),
        () if finished is None else tuple(_weeks(vault, weeks(today - timedelta(weeks=WEEKS - 1), WEEKS, first_day), finished, fits)),
        len(work),
    )  # fmt: skip


def _due(item: Item) -> tuple[date, ...]:
    return days_of(item, "due", "deadline")


def _statuses(vault: Vault, items: Iterable[Item]) -> Iterator[Status]:
    """The states in the order of the workflow, then those of other workflows and those that are none."""
    counts = dict.fromkeys(vault.config.workflow.names(), 0)
    for item in items:
        name = item.status or ""
        counts[name] = counts.get(name, 0) + 1
    yield from (Status(name, vault.config.workflow.category(name), count) for name, count in counts.items() if count)


def _projects(
    vault: Vault, schedule: Schedule, today: date, rows: Mapping[str | None, Row], fits: Callable[[Item], bool]
) -> Iterator[Project]:
    """Open projects that fit or have work that does, in the order of the plan."""
    inside: dict[str, list[Item]] = {}
    for activity in schedule.network.activities.values():
        item = vault.files[activity.path].item
        if activity.project is not None and item is not None and item.has_workflow and vault.is_open(item):
            inside.setdefault(activity.project, []).append(item)
    for path, row in rows.items():
        item = row.item
        if path is None or item is None or item.kind != "project" or item.text("lifecycle") in _ENDED:
            continue
        open_ = inside.get(path, [])
        if not (fits(item) or any(map(fits, open_))):
            continue
        known = schedule.network.activities.get(path)
        late, slip = _late(row, known.calendar) if known is not None else (None, None)
        yield Project(
            item,
            item.text("health"),
            row.progress,
            len(open_),
            sum(1 for one in open_ if overdue_days(one, vault, today)),
            sum(1 for one in open_ if vault.is_blocked(one)),
            last_day(row.finish) if row.finish is not None else None,
            last_day(row.deadline) if row.deadline is not None else None,
            late,
            slip,
        )


def _milestones(
    vault: Vault, schedule: Schedule, rows: Mapping[str | None, Row], open_: Iterable[Item]
) -> Iterator[Milestone]:
    """Those ahead, the next one first; those without any date last."""
    found = []
    for item in open_:
        if item.kind != "milestone":
            continue
        row, activity = rows.get(item.path), schedule.network.activities.get(item.path)
        late, slip = _late(row, activity.calendar) if row is not None and activity is not None else (None, None)
        forecast = day_of(row.finish) if row is not None and row.finish is not None else None
        due = next(iter(_due(item)), None)
        found.append(Milestone(item, forecast, due, late, slip))
    yield from sorted(found, key=lambda one: (one.forecast or one.due or date.max, by_importance(one.item, vault)))


def _late(row: Row, calendar: Calendar) -> tuple[float | None, float | None]:
    """Working days from the date it is due, and from the newest baseline, to its finish; negative where it is earlier."""

    def after(then: Moment | None) -> float | None:
        if then is None or row.finish is None:
            return None
        minutes = calendar.between(then, row.finish) if row.finish >= then else -calendar.between(row.finish, then)
        return minutes / calendar.day_minutes

    return after(row.deadline), after(row.baseline[1] if row.baseline is not None else None)


def _weeks(vault: Vault, starts: Sequence[date], finished: Finished, fits: Callable[[Item], bool]) -> Iterator[Week]:
    """What was finished in each week, an item once; of what is gone by now nobody can tell whether it fits."""
    for start in starts[:-1]:
        ids = dict.fromkeys(id_ for day, id_ in finished if start <= day < start + timedelta(weeks=1))
        yield Week(start, tuple(id_ for id_ in ids if (item := vault.get(id_)) is not None and fits(item)))


# ---- as JSON ---------------------------------------------------------------------------------------------------------


def dashboard_record(view: Dashboard, vault: Vault) -> Record:
    """The dashboard as one document: lists of ids, what is said of each project and milestone, and the items once each."""
    milestones = [one.item for one in view.milestones]
    projects = [one.item for one in view.projects]
    risks = [one.item for one in view.risks]
    every = [*projects, *view.overdue, *view.blocked, *view.due_this_week, *milestones, *risks]
    return {
        "schema": SCHEMA,
        "day": view.day.isoformat(),
        "statuses": [{"status": one.name, "category": one.category, "count": one.count} for one in view.statuses],
        "projects": [
            {
                "id": one.item.id, "title": one.item.title, "health": one.health, "progress": round(one.progress, 4),
                "open": one.open, "overdue": one.overdue, "blocked": one.blocked, "finish": _iso(one.finish),
                "target": _iso(one.target), "late": _rounded(one.late), "slip": _rounded(one.slip),
            }
            for one in view.projects
        ],
        "overdue": [item.id for item in view.overdue],
        "blocked": [item.id for item in view.blocked],
        "due_this_week": [item.id for item in view.due_this_week],
        "milestones": [
            {
                "id": one.item.id, "title": one.item.title, "due": _iso(one.due), "forecast": _iso(one.forecast),
                "late": _rounded(one.late), "slip": _rounded(one.slip),
            }
            for one in view.milestones
        ],
        "over_allocated": [
            {"person": one.id, "load": one.cell.load, "capacity": one.cell.capacity} for one in view.over_allocated
        ],
        "risks": [{"id": one.item.id, "score": one.score, "band": one.band} for one in view.risks],
        "throughput": [{"week": week.start.isoformat(), "done": [*week.done]} for week in view.throughput],
        "items": [*records({item.path: item for item in every}.values(), vault, view.day)],
    }  # fmt: skip


def _iso(day: date | None) -> JsonValue:
    return None if day is None else day.isoformat()


def _rounded(days: float | None) -> JsonValue:
    return None if days is None else round(days, 3)
