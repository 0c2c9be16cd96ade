"""A vault as a network: items become activities, their dependencies links, their words minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain, repeat

from planner.core.model import Item
from planner.core.values import Constraint, Dependency, Duration, Estimate
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, Moment, end_of, moment
from planner.plan.model import Activity, ConstraintType, Link, LinkType, Network
from planner.plan.people import availability, calendar_of, person_calendar, spread

_LATE = frozenset({"FNET", "FNLT", "MFO"})
"""Constraints whose day counts by its end."""

_PLANNED = frozenset({"task", "milestone", "project"})


def network(vault: Vault, today: date) -> Network:
    """The network of a vault's work: tasks and milestones that are not dropped, archived or still in triage.

    Projects, and tasks with tasks below them, are summaries. What is not done is planned from the beginning of today.
    """
    reader = _Reader(vault, moment(today))
    activities = {item.path: reader.activity(item) for item in reader.items.values()}
    links = tuple(link for item in reader.items.values() for link in reader.links(item))
    return Network(activities, links, start=0, status=reader.status)


@dataclass(frozen=True)
class _Reader:
    """Reads items of one vault, as of one moment."""

    vault: Vault
    status: Moment

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item that is planned, by path."""
        return {item.path: item for item in self.vault.planned if self._is_planned(item)}

    def _is_planned(self, item: Item) -> bool:
        if item.kind not in _PLANNED or item.broken:
            return False
        return item.kind == "project" or self.vault.category(item) not in {"canceled", "triage"}

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """The summary each item lies in: its parent, else its project."""
        found: dict[str, str] = {}
        for path, item in self.items.items():
            for name in ("parent", "project"):
                reference = item.text(name)
                above = self.vault.resolve(reference) if reference else None
                if above is not None and above.path in self.items and above.path != path:
                    found[path] = above.path
                    break
        return found

    @cached_property
    def summaries(self) -> frozenset[str]:
        """Paths of all that others lie in, and of every project."""
        return frozenset(self.parents.values()) | {p for p, item in self.items.items() if item.kind == "project"}

    def project_of(self, path: str) -> str | None:
        """The nearest project above an item."""
        seen: set[str] = set()
        above = self.parents.get(path)
        while above is not None and above not in seen and self.items[above].kind != "project":
            seen.add(above)
            above = self.parents.get(above)
        return above if above is not None and self.items[above].kind == "project" else None

    def activity(self, item: Item) -> Activity:
        """What an item says, in minutes."""
        calendar = calendar_of(self.vault, item)
        milestone = item.kind == "milestone"
        summary = item.path in self.summaries
        people = [] if milestone or summary else list(self._shares(item, calendar))
        effort = None if milestone or summary else _effort(item, calendar)
        duration = item.fields.get("duration")
        clock, length, elapsed, assumed = calendar, 0, False, False
        if isinstance(duration, Duration) and not milestone:
            length, elapsed = calendar.length(duration), duration.elapsed
        elif effort is not None:
            clock, length = spread(effort, [(clock, share) for _, clock, share in people], calendar)
            elapsed = _estimate_elapsed(item)
        elif not milestone and not summary:
            length, assumed = calendar.day_minutes, True
        rule = item.fields.get("constraint")
        constraint = rule if isinstance(rule, Constraint) else Constraint("ASAP")
        begun = self._actuals(item, calendar, clock, length, effort)
        return Activity(
            path=item.path,
            id=item.id,
            title=item.title,
            kind=item.kind,
            project=self.project_of(item.path),
            parent=self.parents.get(item.path),
            duration=length,
            effort=effort,
            elapsed=elapsed,
            calendar=calendar,
            clock=None if clock is calendar or elapsed else clock,
            assignees=tuple((person, share) for person, _, share in people),
            priority=self._priority(item),
            constraint=_constraint_type(constraint),
            constraint_date=_constraint_date(constraint),
            not_before=_begin(item, "start" if item.kind == "project" else "scheduled"),
            deadline=None if (when := item.when("deadline")) is None else end_of(when),
            actual_start=begun[0],
            actual_finish=begun[1],
            remaining=begun[2],
            progress=_progress(item),
            milestone=milestone,
            summary=summary,
            leveling_delay=_minutes(item, "leveling_delay", calendar) or 0,
            leveling_elapsed=isinstance(delay := item.fields.get("leveling_delay"), Duration) and delay.elapsed,
            assumed=assumed,
        )

    def _shares(self, item: Item, calendar: Calendar) -> Iterator[tuple[str, Calendar, float]]:
        """Who works on it, each with the calendar of their time and the share of it."""
        units = item.fields.get("units")
        given = [float(part) / 100 for part in units if isinstance(part, Decimal)] if isinstance(units, tuple) else []
        own = calendar if item.text("calendar") is not None else None
        shares = chain(given, repeat((given or [1.0])[-1]))  # the last one holds for the rest
        for name, share in zip(item.assignees, shares, strict=False):
            person = self.vault.people.get(name)
            clock = calendar if person is None else person_calendar(self.vault, name, own)
            yield name, clock, share * (1.0 if person is None else availability(person, clock))

    def _actuals(
        self, item: Item, calendar: Calendar, clock: Calendar, length: int, effort: int | None
    ) -> tuple[Moment | None, Moment | None, int | None]:
        """Actual start and finish, and what is still to do; work whose start nobody noted has gone on until now."""
        category = self.vault.category(item)
        started, completed = item.when("started"), item.when("completed")
        progress = _progress(item)
        if category == "completed":
            finish = self.status if completed is None else calendar.previous_finish(end_of(completed))
            start = clock.retreat(finish, length) if started is None else calendar.next_start(moment(started))
            return min(start, finish), finish, 0
        if category != "started" and started is None and not progress:
            return None, None, None
        remaining = _minutes(item, "remaining", calendar)
        if remaining is None:
            remaining = length - round(length * progress)
        elif effort:
            remaining = round(remaining * length / effort)
        if started is not None:
            return calendar.next_start(moment(started)), None, remaining
        return clock.retreat(calendar.next_start(self.status), max(0, length - remaining)), None, remaining

    def _priority(self, item: Item) -> int:
        levels = self.vault.config.levels
        return levels.index(item.priority) if item.priority in levels else len(levels)

    def links(self, item: Item) -> Iterator[Link]:
        """What an item waits for, as far as that is planned."""
        for dependency in item.dependencies:
            found = self.vault.resolve(dependency.target)
            if found is not None and found.path in self.items and found.path != item.path:
                yield self._link(found, item, dependency)

    def _link(self, found: Item, item: Item, dependency: Dependency) -> Link:
        lag, elapsed = 0, False
        if dependency.lag is not None:
            lag, elapsed = calendar_of(self.vault, item).length(dependency.lag), dependency.lag.elapsed
        return Link(found.path, item.path, _link_type(dependency.type), -lag if dependency.lead else lag, elapsed)


def expected(estimate: Estimate, calendar: Calendar) -> int:
    """Expected effort in minutes: the one value, or of three (optimistic + 4 * likely + pessimistic) / 6, as in PERT."""
    likely = calendar.length(estimate.likely)
    if estimate.optimistic is None or estimate.pessimistic is None:
        return likely
    return round((calendar.length(estimate.optimistic) + 4 * likely + calendar.length(estimate.pessimistic)) / 6)


def _effort(item: Item, calendar: Calendar) -> int | None:
    return None if item.estimate is None else expected(item.estimate, calendar)


def _estimate_elapsed(item: Item) -> bool:
    return item.estimate is not None and item.estimate.likely.elapsed


def _minutes(item: Item, name: str, calendar: Calendar) -> int | None:
    value = item.fields.get(name)
    return calendar.length(value) if isinstance(value, Duration) else None


def _progress(item: Item) -> float:
    value = item.fields.get("progress")
    return min(1.0, float(value) / 100) if isinstance(value, Decimal) else 0.0


def _begin(item: Item, name: str) -> Moment | None:
    when = item.when(name)
    return None if when is None else moment(when)


def _constraint_date(constraint: Constraint) -> Moment | None:
    if constraint.when is None:
        return None
    return end_of(constraint.when) if constraint.type in _LATE else moment(constraint.when)


def _constraint_type(constraint: Constraint) -> ConstraintType:
    match constraint.type:
        case "ALAP" | "SNET" | "FNET" | "SNLT" | "FNLT" | "MSO" | "MFO" as kind:
            return kind
    return "ASAP"


def _link_type(text: str) -> LinkType:
    match text:
        case "SS" | "FF" | "SF" as kind:
            return kind
    return "FS"
