"""Earned value of the projects of a vault: budget, plan, progress and hours logged, brought together.

The budget of a task is its cost in the baseline; of a project without one, its cost in the present plan. What has come in
since the baseline has no budget, but what it costs counts; what has been dropped since keeps its budget and earns nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from planner.core.frozen import Baseline, Frozen
from planner.core.model import Item
from planner.core.vault import Vault
from planner.plan.baseline import freeze
from planner.plan.calendar import Calendar, Moment, end_of, moment
from planner.plan.cost import HOUR, Costs, amount, entries
from planner.plan.earned_value import (
    EARNING_RULES,
    ONE,
    ZERO,
    EarningRule,
    Measures,
    Pace,
    alarm,
    earned_fraction,
    earned_schedule,
)
from planner.plan.model import Activity, Schedule
from planner.plan.people import calendar_of

_WEIGHT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?%\s*$")


@dataclass(frozen=True, slots=True)
class TaskValue:
    """One task of the baseline or of the plan: its measures, and the share of its budget it has earned."""

    row: Frozen
    measures: Measures
    earned: Decimal | None  # None for level of effort
    unlogged: bool  # something is done, and no hour is written down for it


@dataclass(frozen=True, slots=True)
class ProjectValue:
    """One project at a status date, in its currency; `baseline` is empty where the present plan stands in for it."""

    id: str
    title: str
    currency: str
    budget: Decimal | None
    baseline: str
    tasks: tuple[TaskValue, ...]
    pace: Pace

    @property
    def measures(self) -> Measures:
        """Those of its tasks, added up."""
        return sum((task.measures for task in self.tasks), Measures())

    @property
    def forecast(self) -> Decimal:
        """What it will have cost: EAC, or while nothing is earned yet, what is spent and the rest as planned."""
        eac = self.measures.eac
        return self.measures.eac_atypical if eac is None else eac

    @property
    def alarm(self) -> str:
        """What its budget calls for: `over`, `near` (80 %), `forecast`, or nothing."""
        return "" if self.budget is None else alarm(self.measures.ac, self.budget, self.forecast)


def values(
    vault: Vault, schedule: Schedule, today: date, known: Mapping[str, Baseline], *, in_hours: bool = False
) -> tuple[ProjectValue, ...]:
    """Earned value of every project at the end of a day; `known` are the baselines by name, the newest last.

    A project is compared with the baseline it names, else with the newest one. In hours every hour of work is worth
    one, and fixed costs nothing.
    """
    teller = _Teller(vault, schedule, today, known, in_hours)
    projects = [item for item in vault.planned if item.kind == "project"]
    return tuple(teller.project(item) for item in sorted(projects, key=lambda item: item.path))


@dataclass(frozen=True)
class _Teller:
    vault: Vault
    schedule: Schedule
    today: date
    known: Mapping[str, Baseline]
    in_hours: bool

    @cached_property
    def costs(self) -> Costs:
        return Costs(self.vault, self.in_hours)

    @cached_property
    def now(self) -> Baseline:
        """The present plan, as if it were frozen."""
        return freeze(self.vault, self.schedule, "", self.today)

    @cached_property
    def activities(self) -> Mapping[str, Activity]:
        return {activity.id: activity for activity in self.schedule.network.activities.values()}

    def baseline(self, project: Item) -> Baseline:
        named = project.text("baseline")
        if named is not None:
            return self.known.get(named, self.now)
        return list(self.known.values())[-1] if self.known else self.now

    def project(self, item: Item) -> ProjectValue:
        baseline = self.baseline(item)
        rows = {row.id: row for row in baseline.rows.values() if row.project == item.id}
        new = {row.id: row for row in self.now.rows.values() if row.project == item.id and row.id not in rows}
        currency = self.costs.currency(item.path)
        tasks = [self._task(row, currency, agreed=True) for row in rows.values()]
        tasks += [self._task(row, currency, agreed=False) for row in new.values()]
        budget = None if self.in_hours or "budget" not in item.fields else amount(item, "budget", currency)
        prices = {id_: self._price(row, currency) for id_, row in rows.items()}
        curve = _Curve(tuple(rows.values()), prices, calendar_of(self.vault, item), self._calendar)
        earned = sum((task.measures.ev for task in tasks), ZERO)
        return ProjectValue(
            item.id,
            item.title,
            currency,
            budget,
            baseline.name,
            tuple(tasks),
            earned_schedule(curve.planned, curve.periods, earned, Decimal(curve.period_of(self._until(item)))),
        )

    def _until(self, project: Item) -> Moment:
        """Up to when time counts: the end of the day, or the finish of a project that is done."""
        inside = [a for a in self.activities.values() if a.project == project.path and not a.summary]
        finishes = [activity.actual_finish for activity in inside if activity.actual_finish is not None]
        now = end_of(self.today)
        return min(now, max(finishes)) if inside and len(finishes) == len(inside) else now

    def _task(self, row: Frozen, currency: str, *, agreed: bool) -> TaskValue:
        item, activity = self.vault.get(row.id), self.activities.get(row.id)
        budget = self._price(row, currency) if agreed else ZERO
        planned = planned_share(row, end_of(self.today), self._calendar(row))
        pv = budget * planned
        if item is None:
            return TaskValue(row, Measures(budget, pv), ZERO, unlogged=False)
        earned = self._earned(item, activity)
        ev = pv if earned is None else budget * earned
        project = activity.project if activity is not None else None
        logged = self.costs.spent(item, project, self.today)
        fixed = amount(item, "cost", currency) * (planned if earned is None else earned)
        work = bool(row.effort) and row.kind != "milestone"
        return TaskValue(
            row, Measures(budget, pv, ev, logged + fixed), earned, unlogged=work and bool(ev) and not entries(item)
        )

    def _price(self, row: Frozen, currency: str) -> Decimal:
        """What a frozen item costs, as far as it is in that currency; or its hours."""
        if self.in_hours:
            return Decimal(row.effort) / HOUR
        return row.cost.amount if row.cost is not None and row.cost.currency == currency else ZERO

    def _earned(self, item: Item, activity: Activity | None) -> Decimal | None:
        if activity is None:  # dropped since
            return ZERO
        return earned_fraction(
            rule_of(item),
            progress=_progress(item, activity),
            started=activity.started,
            finished=activity.finished,
            weights=_weights(item),
        )

    def _calendar(self, row: Frozen) -> Calendar:
        activity = self.activities.get(row.id)
        return activity.calendar if activity is not None else self._default

    @cached_property
    def _default(self) -> Calendar:
        from planner.plan.people import DEFAULT, calendars

        return calendars(self.vault.config)[DEFAULT]


def planned_share(row: Frozen, until: Moment, calendar: Calendar) -> Decimal:
    """The share of a frozen item that was to be done by a moment, 0 to 1: evenly over its working time."""
    start, finish = moment(row.start), moment(row.finish)
    if until >= finish:
        return ONE
    whole = calendar.between(start, finish)
    done = calendar.between(start, max(until, start))
    return Decimal(done) / whole if whole else ZERO


def rule_of(item: Item) -> EarningRule:
    """How a task's progress earns value; by percent where it does not say."""
    said = item.text("earning_rule")
    return next((rule for rule in EARNING_RULES if rule == said), "percent")


def _progress(item: Item, activity: Activity) -> Decimal:
    """The share done: what the file says, else what has been done of the work by what remains."""
    said = item.fields.get("progress")
    if isinstance(said, Decimal):
        return min(ONE, said / 100)
    if activity.remaining is None or not activity.duration:
        return ZERO
    return max(ZERO, ONE - Decimal(activity.remaining) / activity.duration)


def _weights(item: Item) -> Sequence[tuple[Decimal, bool]]:
    """The steps of a task's checklist: one that ends in `30%` weighs 30, any other 1; and whether it is ticked."""
    return [
        (Decimal(match[1]) if (match := _WEIGHT.search(step.text)) else ONE, step.done) for step in item.body.checklist
    ]


@dataclass(frozen=True)
class _Curve:
    """Planned value over the working days of a project: the reference curve of earned schedule."""

    rows: tuple[Frozen, ...]
    prices: Mapping[str, Decimal]  # by id
    calendar: Calendar
    calendar_of: Callable[[Frozen], Calendar]

    @cached_property
    def start(self) -> Moment:
        return min((moment(row.start) for row in self.rows), default=0)

    @cached_property
    def periods(self) -> int:
        """Working days from the start to the last finish."""
        return self._days(max((moment(row.finish) for row in self.rows), default=0))

    def period_of(self, until: Moment) -> int:
        """How many working days have gone by since the start, one begun included."""
        return self._days(until) if self.rows else 0

    def _days(self, until: Moment) -> int:
        return max(0, -(-self.calendar.between(self.start, until) // self.calendar.day_minutes))

    def planned(self, period: int) -> Decimal:
        """PV at the end of a working day, counted from the start."""
        if period >= self.periods:
            return sum(self.prices.values(), ZERO)
        until = self.calendar.advance(self.start, period * self.calendar.day_minutes)
        return sum((self._share(row, until) for row in self.rows if moment(row.start) < until), ZERO)

    def _share(self, row: Frozen, until: Moment) -> Decimal:
        return self.prices[row.id] * planned_share(row, until, self.calendar_of(row))
