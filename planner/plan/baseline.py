"""Baselines: a plan frozen on a day, as a table in a file of its own, and what has changed since.

A frozen plan is `baselines/NAME.md`: a header that says when, and a row for each item. Lengths stand in hours, so that a
change of the calendar does not change what was agreed. Any commit can be frozen too, and is a baseline without a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from planner.core.model import Item, Problem
from planner.core.problems import problem
from planner.core.values import Money, parse_date, parse_duration, parse_money, parse_when, when_text
from planner.core.vault import Vault
from planner.plan.calendar import Moment, as_datetime, moment
from planner.plan.cost import Costs
from planner.plan.model import Activity, Schedule

FOLDER = "baselines"
COLUMNS = ("id", "kind", "project", "start", "finish", "duration", "effort", "cost", "title")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Frozen:
    """One item as it was planned: moments, and minutes of working time; cost in its project's currency."""

    id: str
    kind: str
    project: str
    start: Moment
    finish: Moment
    duration: int
    effort: int
    cost: Money | None
    title: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A frozen plan by ids, its day, and the commit it was made on (empty where there was none)."""

    name: str
    taken: date
    commit: str = ""
    rows: Mapping[str, Frozen] = field(default_factory=dict)
    path: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def finish(self) -> Moment | None:
        """When all of it was to be finished; None where it was empty."""
        return max((row.finish for row in self.rows.values()), default=None)


def path_of(name: str) -> str:
    """The file of a baseline; raises ValueError for a name that makes no good file name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"a baseline's name is made of small letters, digits, `.`, `_` and `-`, not '{name}'")
    return f"{FOLDER}/{name}.md"


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
        dates.start,
        dates.finish,
        activity.calendar.between(dates.start, dates.finish) if activity.finished else activity.duration,
        effort,
        Money(cost.quantize(Decimal("0.01")), costs.currency(activity.project)) if cost else None,
        item.title,
    )


def work_of(activity: Activity) -> int:
    """Minutes of people's work in an activity: its effort, else its duration times the units of its assignees."""
    if activity.elapsed:
        return 0
    if activity.effort is not None:
        return activity.effort
    return round(activity.duration * sum(units for _, units in activity.assignees))


# ---- the file --------------------------------------------------------------------------------------------------------


def to_text(baseline: Baseline) -> str:
    """The file of a baseline: a row an item, by id, so that git shows what differs between two of them."""
    commit = f"commit: {baseline.commit}\n" if baseline.commit else ""
    header = f"---\nid: baseline-{baseline.name}\nkind: baseline\ntitle: Baseline {baseline.name}\ntaken: {baseline.taken}\n{commit}---\n"
    table = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(row) for row in baseline.rows.values())]
    lines = "".join(f"| {' | '.join(cells)} |\n" for cells in table)
    return f"{header}What was agreed on {baseline.taken}. `planner plan compare {baseline.name}` says what has changed since.\n\n{lines}"


def _cells(row: Frozen) -> tuple[str, ...]:
    return (
        row.id, row.kind, row.project, _when(row.start), _when(row.finish), hours(row.duration), hours(row.effort),
        str(row.cost or ""), row.title.replace("\\", "\\\\").replace("|", "\\|"),
    )  # fmt: skip


def _when(m: Moment) -> str:
    return when_text(as_datetime(m))


def hours(minutes: int) -> str:
    """Minutes as `12h30m`: the same on every calendar."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}h{rest}m" if whole and rest else f"{rest}m" if rest else f"{whole}h"


def baselines(vault: Vault) -> Mapping[str, Baseline]:
    """Every baseline of a vault by name, the newest last."""
    found = [from_text(item, vault.text(item.path)) for item in vault.items if item.kind == "baseline"]
    return {baseline.name: baseline for baseline in sorted(found, key=lambda each: (each.taken, each.name))}


def from_text(item: Item, text: str) -> Baseline:
    """The baseline a file holds; a row that cannot be read is a Problem, and the others count."""
    name = item.path.rpartition("/")[2].removesuffix(".md")
    rows: dict[str, Frozen] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if number <= text.count("\n", 0, item.body.start) or not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in _CELLS.split(line.strip())[1:-1]]
        if not cells or cells[0] in {COLUMNS[0], "---"}:
            continue
        try:
            row = _row(cells)
            rows[row.id] = row
        except ValueError as error:
            problems.append(problem(item.path, number, 1, "bad-baseline", f"a row that cannot be read: {error}"))
    return Baseline(name, _taken(item), item.text("commit") or "", rows, item.path, tuple(problems))


def _taken(item: Item) -> date:
    try:
        return parse_date(item.text("taken") or "")
    except ValueError:
        return date.min


def _row(cells: list[str]) -> Frozen:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(COLUMNS)} cells are wanted, not {len(cells)}")
    id_, kind, project, start, finish, duration, effort, cost, title = cells
    return Frozen(
        id_, kind, project, _moment(start), _moment(finish), parse_duration(duration).minutes(),
        parse_duration(effort).minutes(), parse_money(cost) if cost else None,
        title.replace("\\|", "|").replace("\\\\", "\\"),
    )  # fmt: skip


def _moment(text: str) -> Moment:
    when = parse_when(text)
    if not isinstance(when, datetime):
        raise ValueError(f"an instant such as 2026-12-01T09:00 is wanted, not {text}")
    return moment(when)


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
class Comparison:
    """A plan against a baseline: every item of both, the latest first, and what came and went."""

    before: Baseline
    after: Baseline
    items: tuple[Variance, ...]
    added: tuple[Frozen, ...]
    removed: tuple[Frozen, ...]
    slip: float | None  # of the last finish, in working days

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
        _slip(before, after, activities),
    )


def _variance(before: Frozen, after: Frozen, activity: Activity) -> Variance:
    between = activity.calendar.between
    return Variance(
        before,
        after,
        between(before.start, after.start),
        between(before.finish, after.finish),
        activity.calendar.day_minutes,
    )


def _slip(before: Baseline, after: Baseline, activities: Mapping[str, Activity]) -> float | None:
    if before.finish is None or after.finish is None:
        return None
    last = max(after.rows.values(), key=lambda row: row.finish)
    calendar = activities[last.id].calendar
    return calendar.between(before.finish, after.finish) / calendar.day_minutes


# ---- milestone trend -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trend:
    """One milestone and where it was forecast at each of several times, None where it was not planned yet."""

    id: str
    title: str
    forecasts: tuple[Moment | None, ...]


def trend(plans: Iterable[Baseline]) -> tuple[Trend, ...]:
    """The milestones of the newest of these plans (oldest first), with their finish in each of them."""
    history = tuple(plans)
    return tuple(
        Trend(row.id, row.title, tuple(_finish(plan, row.id) for plan in history))
        for row in (sorted(history[-1].rows.values(), key=lambda row: row.finish) if history else ())
        if row.kind == "milestone"
    )


def _finish(plan: Baseline, id_: str) -> Moment | None:
    return plan.rows[id_].finish if id_ in plan.rows else None


def baseline_problems(vault: Vault) -> Iterator[Problem]:
    """Rows of baselines that cannot be read, and projects compared with a baseline that is not there."""
    known = baselines(vault)
    for baseline in known.values():
        yield from baseline.problems
