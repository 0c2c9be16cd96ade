"""Levelling: what moves, and why, so that nobody has more to do at any time than they can.

A network becomes an abstract problem: each person is a resource, each task a job that keeps its people from its start
to its finish, over its pauses. What has begun, must-dates and work as late as possible stay where they are planned.
The levelled starts are handed back as levelling delays, and the schedule with them is what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.plan.calendar import Moment
from planner.plan.generation import RULES, parallel, serial
from planner.plan.model import Activity, Network, Schedule
from planner.plan.passes import Terms, terms_of
from planner.plan.rcpsp import EVER, Instance, Job, Link, Profile, Timetable, bound, critical_path, earliest, latest
from planner.plan.schedule import schedule

WHOLE = 1000
"""All of one person, in the whole numbers that the abstract problem counts with."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to level: the rule's name, the scheme, within float alone, and whether to search for the shortest."""

    rule: str = "priority"
    parallel: bool = False
    smooth: bool = False
    optimize: bool = False
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an item moves: a person is busy with other items, or (no person) these items it waits for moved."""

    person: str | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """An item that levelling moves; `minutes` are working ones of its calendar, negative for earlier."""

    path: str
    start: tuple[Moment, Moment]  # from, to
    finish: tuple[Moment, Moment]
    minutes: int
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Overload:
    """A time in which somebody has more to do than they can: the share of their time asked for, and by what."""

    person: str
    start: Moment
    finish: Moment
    asked: float
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delay:
    """A levelling delay: minutes of the item's working time, or elapsed where its people's hours differ too much."""

    minutes: int
    elapsed: bool = False

    def text(self, day_minutes: int) -> str:
        """As a file says it: `2d4h30m` of days so long, or elapsed `1ed4eh`; empty for none."""
        sign, day = ("e", 1440) if self.elapsed else ("", day_minutes)
        days, rest = divmod(self.minutes, day)
        parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "m"))
        return "".join(f"{count}{sign}{unit}" for count, unit in parts if count)


@dataclass(frozen=True)
class Leveled:
    """A preview: the schedule before and after, the delays that lead there, what moves, what is still too much."""

    before: Schedule
    after: Schedule
    delays: Mapping[str, Delay]
    moves: tuple[Move, ...]
    overloads: tuple[Overload, ...]
    proven: bool = False
    note: str = ""


def leveled(network: Network, capacities: Mapping[str, float], options: Options = Options()) -> Leveled:
    """The network levelled anew, whatever delays it has now; a person without a capacity has all of their time.

    Raises KeyError for an unknown rule.
    """
    case = _Case(network, capacities, options.smooth)
    found, proven, note = _timetable(case, options)
    delays = dict(case.delays(found))
    after = schedule(delayed(network, delays))
    before = schedule(network)
    moves = tuple(case.moves(before, after, found))
    return Leveled(before, after, delays, moves, tuple(overloads(after, capacities)), proven, note)


def delayed(network: Network, delays: Mapping[str, Delay]) -> Network:
    """The same network with these levelling delays and no others."""
    none = Delay(0)
    activities = {
        path: activity
        if (activity.leveling_delay, activity.leveling_elapsed) == (delay.minutes, delay.elapsed)
        else replace(activity, leveling_delay=delay.minutes, leveling_elapsed=delay.elapsed)
        for path, activity in network.activities.items()
        for delay in [delays.get(path, none)]
    }
    return replace(network, activities=activities)


def overloads(plan: Schedule, capacities: Mapping[str, float]) -> Iterator[Overload]:
    """Where people have more to do than they can, from the status date on, by person and time."""
    network = plan.network
    work: dict[str, list[tuple[Moment, Moment, int, str]]] = {}
    for path, activity in network.activities.items():
        if not activity.summary and not activity.finished:
            dates = plan.dates[path]
            for person, share in activity.assignees:
                start = activity.calendar.next_start(max(dates.start, network.status))
                if start < dates.finish:
                    work.setdefault(person, []).append((start, dates.finish, _need(share, person, capacities), path))
    for person in sorted(work):
        capacity = _capacity(person, capacities)
        profile = Profile(capacity)
        for start, finish, need, _ in work[person]:
            profile.reserve(start, finish, need)
        for start, finish, short in profile.shortages():
            paths = [path for begin, end, _, path in work[person] if begin < finish and start < end]
            yield Overload(person, start, finish, (capacity + short) / WHOLE, tuple(sorted(paths)))


def _capacity(person: str, capacities: Mapping[str, float]) -> int:
    return round(capacities.get(person, 1.0) * WHOLE)


def _need(share: float, person: str, capacities: Mapping[str, float]) -> int:
    """What a task takes of a person: one that asks for more than there ever is takes all of it."""
    return min(round(share * WHOLE), _capacity(person, capacities))


def _timetable(case: _Case, options: Options) -> tuple[Timetable, bool, str]:
    scheme = parallel if options.parallel else serial
    found = scheme(case.instance, case.keys(options.rule))
    if not options.optimize:
        return found, False, ""
    from planner.plan.optimize import optimized

    best = optimized(case.instance, found, options.seconds)
    return best.timetable, best.proven, best.note


class _Case:
    """One network as an abstract problem: node n of its graph is the job in place n."""

    def __init__(self, network: Network, capacities: Mapping[str, float], smooth: bool) -> None:
        self.network = network
        self.capacities = capacities
        self.smooth = smooth
        self.graph = network.graph
        self.plain = schedule(delayed(network, {}))

    @cached_property
    def instance(self) -> Instance:
        """Jobs, links and people."""
        given: Terms = terms_of(self.network, self.graph)
        jobs = tuple(
            Job(0) if activity is None else self._job(activity, given, node)
            for node, activity in enumerate(self.graph.activities)
        )
        links = [Link(source, node) for node, sources in enumerate(self.graph.before) for source in sources]
        links += [
            Link(arc.node, node, "SF"[arc.from_finish] + "SF"[arc.to_finish], arc.lag, arc.calendar)
            for node, arcs in self.graph.arcs_before.items()
            for arc in arcs
        ]
        people = {person for job in jobs for person in job.demands}
        capacities = {person: _capacity(person, self.capacities) for person in sorted(people)}
        return Instance(jobs, tuple(links), capacities, self.network.start)

    def _job(self, activity: Activity, given: Terms, node: int) -> Job:
        dates = self.plain.dates[activity.path]
        demands = {person: _need(share, person, self.capacities) for person, share in activity.assignees}
        if activity.finished or not self.is_movable(activity):
            return Job(dates.finish - dates.start, {} if activity.finished else demands, fixed=dates.start)
        clock, length, release = given.clocks[node], given.lengths[node], given.floors[node]
        if activity.constraint == "FNET" and activity.constraint_date is not None:
            release = max(release, clock.retreat(activity.calendar.previous_finish(activity.constraint_date), length))
        last = dates.late_start if self.smooth else EVER
        return Job(length, demands, clock, release, last, urgency=self._urgency(activity))

    @staticmethod
    def is_movable(activity: Activity) -> bool:
        """Whether levelling may move it: not what has begun, must-dates, or what is as late as it may be."""
        return not activity.started and activity.constraint not in {"MSO", "MFO", "ALAP"}

    def _urgency(self, activity: Activity) -> int:
        """The priority of its project, then its own."""
        project = self.network.activities.get(activity.project or "")
        return (project or activity).priority * 1000 + activity.priority

    def keys(self, rule: str) -> Sequence[tuple[object, str]]:
        """What a rule says of each job, then its id."""
        early = critical_path(self.instance)
        found = RULES[rule].keys(self.instance, early, latest(self.instance, early.finish))
        ids = ["" if activity is None else activity.id for activity in self.graph.activities]
        return list(zip(found, ids, strict=True))

    def delays(self, found: Timetable) -> Iterator[tuple[str, Delay]]:
        """By how much each task starts later than its logic allows."""
        for node, activity in enumerate(self.graph.activities):
            job = self.instance.jobs[node]
            if activity is None or job.fixed is not None:
                continue
            could, starts = earliest(self.instance, node, found.starts, found.finishes), found.starts[node]
            if starts > could:
                minutes = activity.calendar.between(could, starts)
                exact = job.clock.next_start(activity.calendar.advance(could, minutes)) == starts
                yield activity.path, Delay(minutes) if exact else Delay(starts - could, elapsed=True)

    def moves(self, before: Schedule, after: Schedule, found: Timetable) -> Iterator[Move]:
        """Every task that starts or ends at another time, by its new start."""
        order = sorted((found.starts[node], path) for path, node in self.graph.index.items())
        for _, path in order:
            old, new = before.dates[path], after.dates[path]
            if (old.start, old.finish) != (new.start, new.finish):
                node = self.graph.index[path]
                minutes = self.network.activities[path].calendar.between(old.start, new.start)
                causes = tuple(self._causes(node, found))
                yield Move(path, (old.start, new.start), (old.finish, new.finish), minutes, causes)

    def _causes(self, node: int, found: Timetable) -> Iterator[Cause]:
        """The people who are busy while it could run, or else the predecessors that hold it."""
        job = self.instance.jobs[node]
        could = earliest(self.instance, node, found.starts, found.finishes)
        if found.starts[node] > could and job.fixed is None:
            for person in job.demands:
                busy = self._busy(person, node, could, found.starts[node], found)
                busy = busy or self._busy(person, node, could, job.clock.advance(could, job.duration), found)
                if busy:
                    yield Cause(person, busy)
        elif holding := tuple(dict.fromkeys(self._holding(node, found))):
            yield Cause(None, holding)

    def _busy(self, person: str, node: int, start: Moment, finish: Moment, found: Timetable) -> tuple[str, ...]:
        """What else somebody does in [start, finish), by its start."""
        others = [
            (found.starts[other], self.graph.names[other])
            for other in self._users[person]
            if other != node and found.starts[other] < finish and found.finishes[other] > start
        ]
        return tuple(path for _, path in sorted(others))

    @cached_property
    def _users(self) -> Mapping[str, list[int]]:
        """The jobs of each person."""
        users: dict[str, list[int]] = {}
        for place, job in enumerate(self.instance.jobs):
            for person in job.demands:
                users.setdefault(person, []).append(place)
        return users

    def _holding(self, node: int, found: Timetable) -> Iterator[str]:
        """The predecessors without which it could start earlier; gates of summaries are seen through."""
        for link in self.instance.arriving[node]:
            if bound(self.instance, link, found.starts, found.finishes) >= found.starts[node]:
                if self.graph.activities[link.predecessor] is None:
                    yield from self._holding(link.predecessor, found)
                else:
                    yield self.graph.names[link.predecessor]
