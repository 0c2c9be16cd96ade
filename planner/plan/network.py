"""A vault as a network: items become activities, their dependencies links, their words minutes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain, repeat

from planner.core.model import Item
from planner.core.shelf import is_far
from planner.core.values import Constraint, Dependency, Duration, Estimate
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, Moment, end_of, moment
from planner.plan.model import Activity, ConstraintType, Link, LinkType, Network
from planner.plan.people import DEFAULT, availability, calendars, person_calendar, spread

_LATE = frozenset({"FNET", "FNLT", "MFO"})
"""Constraints whose day counts by its end."""

_PLANNED = frozenset({"task", "milestone", "project"})


def network(vault: Vault, today: date) -> Network:
    """The network of a vault's work: tasks and milestones that are not dropped, archived or still in triage.

    Projects, and tasks with tasks below them, are summaries. What is not done is planned from the beginning of today.
    """
    return Reader(vault, moment(today)).network()[0]


@dataclass(frozen=True)
class Reader:
    """Reads items of one vault, as of one moment."""

    vault: Vault
    status: Moment

    def network(self) -> tuple[Network, Mapping[str, tuple[Link, ...]]]:
        """The network, and its links by the path of the item that has them."""
        activities = {path: self.activity(item) for path, item in self.items.items()}
        links = {path: tuple(self.links(item)) for path, item in self.items.items()}
        return Network(activities, tuple(chain.from_iterable(links.values())), start=0, status=self.status), links

    def on(self, vault: Vault, changed: Mapping[str, Item]) -> Reader:
        """The same reader on a vault in which these items alone are other ones or new, and no other depends on how."""
        reader = Reader(vault, self.status)
        known = ("summaries", "_references", "_calendars", "_names", "_people")
        reader.__dict__.update({name: self.__dict__[name] for name in known if name in self.__dict__})
        planned = {path: item for path, item in changed.items() if self.is_planned(item) and not item.archived}
        reader.__dict__["items"] = {**self.items, **{p: item for p, item in planned.items() if not item.template}}
        parents = {path: above for path, item in planned.items() if (above := reader.parent(item)) is not None}
        reader.__dict__["parents"] = {**self.parents, **parents}
        return reader

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item that is planned, by path."""
        return {item.path: item for item in self.vault.planned if self.is_planned(item)}

    def is_planned(self, item: Item) -> bool:
        """Whether an item is work that is to be done, or has been."""
        if item.kind not in _PLANNED or item.broken:
            return False
        return item.kind == "project" or self.vault.category(item) not in {"canceled", "triage"}

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """The summary each item lies in: its parent, else its project."""
        return {path: above for path, item in self.items.items() if (above := self.parent(item)) is not None}

    def parent(self, item: Item) -> str | None:
        """The path of the summary an item lies in, None where it lies in none that is planned."""
        for name in ("parent", "project"):
            above = self._resolved(item.text(name))
            if above is not None and above.path in self.items and above.path != item.path:
                return above.path
        return None

    @cached_property
    def _references(self) -> dict[str, Item | None]:
        return {}

    def _resolved(self, reference: str | None) -> Item | None:
        """What a reference leads to; each is looked up once."""
        if not reference:
            return None
        if reference not in self._references:
            self._references[reference] = self.vault.resolve(reference)
        return self._references[reference]

    def is_referred_to(self, names: Collection[str], id_: str = "") -> bool:
        """Whether any reference read so far is one of these names, or the beginning of this id."""
        folded, id_ = {name.casefold() for name in names}, id_.casefold()
        references = map(str.casefold, self._references)
        return any(reference in folded or id_.startswith(reference) for reference in references)

    @cached_property
    def summaries(self) -> frozenset[str]:
        """Paths of all that others lie in, and of every project."""
        return frozenset(self.parents.values()) | {p for p, item in self.items.items() if item.kind == "project"}

    def project_of(self, path: str) -> str | None:
        """The path of the nearest project above an item."""
        seen: set[str] = set()
        above = self.parents.get(path)
        while above is not None and above not in seen and self.items[above].kind != "project":
            seen.add(above)
            above = self.parents.get(above)
        return above if above is not None and self.items[above].kind == "project" else None

    @cached_property
    def _calendars(self) -> Mapping[str, Calendar]:
        return calendars(self.vault.config)

    def calendar(self, item: Item) -> Calendar:
        """The calendar an item is worked on: its own, else its project's, else the default."""
        for named in (item, self._resolved(item.project)):
            name = named.text("calendar") if named is not None else None
            if name is not None and name in self._calendars:
                return self._calendars[name]
        return self._calendars[DEFAULT]

    @cached_property
    def _people(self) -> dict[tuple[str, Calendar | None], tuple[str, Calendar, float] | None]:
        return {}

    @cached_property
    def _names(self) -> Mapping[str, Item]:
        """People by id and by every other name, in lower case; an id beats another's name."""
        people = self.vault.people.values()
        found = {alias.casefold(): person for person in people for alias in person.texts("aliases")}
        return {**found, **{person.id.casefold(): person for person in people}}

    def _person(self, name: str, own: Calendar | None, calendar: Calendar) -> tuple[str, Calendar, float]:
        """Whoever a name means, their working time and how much of it is theirs to give: of strangers all."""
        key = name, own
        if key not in self._people:
            person = self._names.get(name.casefold())
            clock = None if person is None else person_calendar(self.vault, person.id, own)
            self._people[key] = (
                None if person is None or clock is None else (person.id, clock, availability(person, clock))
            )
        return self._people[key] or (name, calendar, 1.0)

    def activity(self, item: Item) -> Activity:
        """What an item says, in minutes."""
        fields, path = item.fields, item.path
        calendar = self.calendar(item)
        milestone, summary = item.kind == "milestone", path in self.summaries
        clock, length, effort, elapsed, assumed = calendar, 0, None, False, False
        people: list[tuple[str, Calendar, float]] = []
        if not milestone and not summary:
            people = list(self._shares(item, calendar))
            effort = None if item.estimate is None else expected(item.estimate, calendar)
            duration = fields.get("duration")
            if isinstance(duration, Duration):
                length, elapsed = calendar.length(duration), duration.elapsed
            elif effort is not None and item.estimate is not None:
                clock, length = spread(effort, [(clock, share) for _, clock, share in people], calendar)
                elapsed = item.estimate.likely.elapsed
            else:
                length, assumed = calendar.day_minutes, True
        constraint = _constraint(item)
        progress = _progress(item)
        actual_start, actual_finish, remaining = self._actuals(item, calendar, clock, length, effort, progress)
        return Activity(
            path=path,
            id=item.id,
            title=item.title,
            kind=item.kind,
            project=self.project_of(path),
            parent=self.parents.get(path),
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
            deadline=None if (when := _when(item, "deadline")) is None else end_of(when),
            actual_start=actual_start,
            actual_finish=actual_finish,
            remaining=remaining,
            progress=progress,
            milestone=milestone,
            summary=summary,
            leveling_delay=_minutes(item, "leveling_delay", calendar) or 0,
            leveling_elapsed=isinstance(delay := fields.get("leveling_delay"), Duration) and delay.elapsed,
            assumed=assumed,
        )

    def _shares(self, item: Item, calendar: Calendar) -> Iterator[tuple[str, Calendar, float]]:
        """Who works on it, each with the calendar of their time and the share of it."""
        units = item.fields.get("units")
        given = [float(part) / 100 for part in units if isinstance(part, Decimal)] if isinstance(units, tuple) else []
        own = calendar if item.text("calendar") is not None else None
        shares = chain(given, repeat((given or [1.0])[-1]))  # the last one holds for the rest
        for name, share in zip(item.assignees, shares, strict=False):
            person, clock, available = self._person(name, own, calendar)
            yield person, clock, share * available

    def _actuals(
        self, item: Item, calendar: Calendar, clock: Calendar, length: int, effort: int | None, progress: float
    ) -> tuple[Moment | None, Moment | None, int | None]:
        """Actual start and finish, and what is still to do; work whose start nobody noted has gone on until now."""
        category = self.vault.category(item)
        started = _when(item, "started")
        if category == "completed":
            completed = _when(item, "completed")
            finish = self.status if completed is None else calendar.previous_finish(end_of(completed))
            start = clock.retreat(finish, length) if started is None else calendar.next_start(moment(started))
            return min(start, finish), finish, 0
        remaining = _minutes(item, "remaining", calendar)
        if remaining is not None and effort:
            remaining = round(remaining * length / effort)
        if category != "started" and started is None and not progress:
            return None, None, remaining
        if remaining is None:
            remaining = length - round(length * progress)
        if started is not None:
            return calendar.next_start(moment(started)), None, remaining
        return clock.retreat(calendar.next_start(self.status), max(0, length - remaining)), None, remaining

    def _priority(self, item: Item) -> int:
        levels = self.vault.config.levels
        return levels.index(item.priority) if item.priority in levels else len(levels)

    def links(self, item: Item) -> Iterator[Link]:
        """What an item waits for, as far as that is planned."""
        for dependency in item.dependencies:
            found = self._resolved(dependency.target)
            if found is not None and found.path in self.items and found.path != item.path:
                yield self._link(found, item, dependency)

    def _link(self, found: Item, item: Item, dependency: Dependency) -> Link:
        lag, elapsed = 0, False
        if dependency.lag is not None:
            lag, elapsed = self.calendar(item).length(dependency.lag), dependency.lag.elapsed
        return Link(found.path, item.path, _link_type(dependency.type), -lag if dependency.lead else lag, elapsed)


_ASAP = Constraint("ASAP")


def expected(estimate: Estimate, calendar: Calendar) -> int:
    """Expected effort in minutes: the one value, or of three (optimistic + 4 * likely + pessimistic) / 6, as in PERT."""
    likely = calendar.length(estimate.likely)
    if estimate.optimistic is None or estimate.pessimistic is None:
        return likely
    return round((calendar.length(estimate.optimistic) + 4 * likely + calendar.length(estimate.pessimistic)) / 6)


def _minutes(item: Item, name: str, calendar: Calendar) -> int | None:
    value = item.fields.get(name)
    return calendar.length(value) if isinstance(value, Duration) else None


def _progress(item: Item) -> float:
    value = item.fields.get("progress")
    return min(1.0, float(value) / 100) if isinstance(value, Decimal) else 0.0


def _when(item: Item, name: str) -> date | None:
    """A date of a plan: one beyond any is none."""
    when = item.when(name)
    return None if when is None or is_far(when) else when


def _begin(item: Item, name: str) -> Moment | None:
    when = _when(item, name)
    return None if when is None else moment(when)


def _constraint(item: Item) -> Constraint:
    rule = item.fields.get("constraint")
    known = isinstance(rule, Constraint) and (rule.when is None or not is_far(rule.when))
    return rule if known and isinstance(rule, Constraint) else _ASAP


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
