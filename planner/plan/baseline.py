"""Baselines compared: the plan frozen as it is, and what has changed since an older frozen one.

Start and finish variance = current − baseline in working days, + is late; duration, work and cost variance likewise, and
what came in or fell out of scope (PMBOK Guide). Any commit can be frozen too, and is a baseline without a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from planner.core.currency import rounded
from planner.core.frozen import Baseline, Frozen, from_text
from planner.core.shelf import KIND
from planner.core.values import Money
from planner.core.vault import Vault
from planner.plan.calendar import as_datetime, moment
from planner.plan.cost import Costs
from planner.plan.model import Activity, Schedule


def freeze(vault: Vault, schedule: Schedule, name: str, taken: date, commit: str = "") -> Baseline:
    """The plan as it is now: every task and milestone with dates, effort and cost."""
    costs = Costs(vault)
    rows = (_frozen(vault, costs, schedule, activity) for activity in schedule.network.activities.values())
    kept = sorted((row for row in rows if row is not None), key=lambda row: row.id)
    return Baseline(name, taken, commit, {row.id: row for row in kept})


def _frozen(vault: Vault, costs: Costs, schedule: Schedule, activity: Activity) -> Frozen | None:
    file = vault.files.get(activity.path)
    if activity.summary or file is None or file.item is None:
        return None
    dates, item = schedule.dates[activity.path], file.item
    effort = work_of(activity)
    cost = costs.planned(item, activity.project, effort, activity.assignees)
    project = vault.files[activity.project].item if activity.project is not None else None
    return Frozen(
        item.id,
        activity.kind,
        project.id if project is not None else "",
        as_datetime(dates.start),
        as_datetime(dates.finish),
        activity.calendar.between(dates.start, dates.finish),
        effort,
        Money(rounded(cost), costs.currency(activity.project)) if cost else None,
        item.title,
    )


def work_of(activity: Activity) -> int:
    """Minutes of people's work in an activity: its effort, else its duration times the units of its assignees."""
    if activity.elapsed:
        return 0
    if activity.effort is not None:
        return activity.effort
    return round(activity.duration * sum(units for _, units in activity.assignees))


def baselines(vault: Vault) -> Mapping[str, Baseline]:
    """Every baseline of a vault by name, the newest last."""
    items = vault.where(lambda row: row[KIND] == "baseline")
    found = [from_text(item, vault.text(item.path)) for item in items]
    return {baseline.name: baseline for baseline in sorted(found, key=lambda each: (each.taken, each.name))}


# ---- what has changed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variance:
    """One item then and now; differences are now − then: working minutes (+ is late), minutes of work, money."""

    before: Frozen
    after: Frozen
    start: int
    finish: int
    day_minutes: int

    @property
    def slip(self) -> float:
        """Finish variance in working days; + is late."""
        return self.finish / self.day_minutes

    @property
    def duration(self) -> int:
        """Duration variance in minutes of working time."""
        return self.after.duration - self.before.duration

    @property
    def effort(self) -> int:
        """Effort variance in minutes of work."""
        return self.after.effort - self.before.effort

    @property
    def cost(self) -> Money | None:
        """Cost variance; None where neither costs anything, or they are in different currencies."""
        then, now = self.before.cost, self.after.cost
        known = now or then
        if known is None or (then is not None and now is not None and then.currency != now.currency):
            return None
        return Money((now.amount if now else Decimal(0)) - (then.amount if then else Decimal(0)), known.currency)

    @property
    def changed(self) -> bool:
        """Whether anything differs that a baseline is about."""
        return bool(self.start or self.finish or self.duration or self.effort or (self.cost and self.cost.amount))


@dataclass(frozen=True, slots=True)
class Finish:
    """The last finish of a project (its id) then and now, and how many working days later that is."""

    project: str
    before: datetime
    after: datetime
    slip: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A plan against a baseline: every item of both, the latest first, and what came and went."""

    before: Baseline
    after: Baseline
    items: tuple[Variance, ...]
    added: tuple[Frozen, ...]
    removed: tuple[Frozen, ...]
    projects: tuple[Finish, ...]
    slip: float | None  # of the last finish of all, in working days

    @property
    def effort(self) -> int:
        """Minutes of work more than in the baseline, what was added and removed included."""
        return sum(row.effort for row in self.after.rows.values()) - sum(
            row.effort for row in self.before.rows.values()
        )

    @property
    def cost(self) -> Mapping[str, Decimal]:
        """Money more than in the baseline, by currency."""
        sums: dict[str, Decimal] = {}
        for sign, plan in ((1, self.after), (-1, self.before)):
            for row in plan.rows.values():
                if row.cost is not None:
                    sums[row.cost.currency] = sums.get(row.cost.currency, Decimal(0)) + sign * row.cost.amount
        return sums


def compare(before: Baseline, after: Baseline, schedule: Schedule) -> Comparison:
    """What differs, on the calendars of the present schedule; variances are current − baseline."""
    activities = {activity.id: activity for activity in schedule.network.activities.values()}
    both = (row for row in after.rows.values() if row.id in before.rows)
    items = [_variance(before.rows[row.id], row, activities[row.id]) for row in both]
    return Comparison(
        before,
        after,
        tuple(sorted(items, key=lambda each: (-each.slip, each.after.id))),
        tuple(row for id_, row in after.rows.items() if id_ not in before.rows),
        tuple(row for id_, row in before.rows.items() if id_ not in after.rows),
        tuple(_project_finishes(before, after, activities)),
        _slip(before.rows.values(), after.rows.values(), activities),
    )


def _variance(before: Frozen, after: Frozen, activity: Activity) -> Variance:
    between = activity.calendar.between
    return Variance(
        before,
        after,
        between(moment(before.start), moment(after.start)),
        between(moment(before.finish), moment(after.finish)),
        activity.calendar.day_minutes,
    )


def _project_finishes(before: Baseline, after: Baseline, activities: Mapping[str, Activity]) -> Iterator[Finish]:
    for project in sorted({row.project for row in after.rows.values() if row.project}):
        was, now = ([row for row in plan.rows.values() if row.project == project] for plan in (before, after))
        slip = _slip(was, now, activities)
        if slip is not None:
            yield Finish(project, max(row.finish for row in was), max(row.finish for row in now), slip)


def _slip(before: Collection[Frozen], after: Collection[Frozen], activities: Mapping[str, Activity]) -> float | None:
    """How many working days later the last of these finishes, on its own calendar; None where there is nothing."""
    if not before or not after:
        return None
    last = max(after, key=lambda row: row.finish)
    calendar = activities[last.id].calendar
    return calendar.between(moment(max(row.finish for row in before)), moment(last.finish)) / calendar.day_minutes


# ---- milestone trend -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trend:
    """One milestone and where it was forecast at each of several times, None where it was not planned yet."""

    id: str
    title: str
    forecasts: tuple[datetime | None, ...]


def trend(plans: Iterable[Baseline]) -> tuple[Trend, ...]:
    """The milestones of the newest of these plans (oldest first), with their finish in each of them."""
    history = tuple(plans)
    return tuple(
        Trend(row.id, row.title, tuple(_finish(plan, row.id) for plan in history))
        for row in (sorted(history[-1].rows.values(), key=lambda row: row.finish) if history else ())
        if row.kind == "milestone"
    )


def _finish(plan: Baseline, id_: str) -> datetime | None:
    return plan.rows[id_].finish if id_ in plan.rows else None
