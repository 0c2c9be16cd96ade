"""The critical path method: a forward and a backward pass over a network, and what follows from the two.

Terms as in the field: early and late start and finish (ES EF LS LF), total float, free float, driving predecessor.
Each node counts on its own clock; a pass goes from moments to counts once a node (`worked`) and back (`at`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.plan.calendar import ELAPSED, Calendar, Moment
from planner.plan.graph import Graph
from planner.plan.model import Activity, Conflict, Dates, Network, Schedule

_FAR = 1 << 62


@dataclass(frozen=True)
class Terms:
    """What each node brings to a pass: its clock, what is still to do on it, and the dates set for it."""

    clocks: Sequence[Calendar]
    lengths: Sequence[int]
    floors: Sequence[Moment]  # no start before
    ceilings: Sequence[Moment]  # no finish after: deadlines and FNLT; _FAR for none
    ruled: frozenset[int]  # nodes with a constraint of their own that a pass has to look at


@dataclass(frozen=True)
class Pass:
    """Start and finish of every node, as moments, and their count on the node's clock."""

    starts: list[Moment]
    finishes: list[Moment]
    start_counts: list[int]


def schedule(network: Network) -> Schedule:
    """The dates of every activity in a network; a network without activities finishes where it starts."""
    run = _Run(network)
    dates = _LazyDates(run)
    critical = [
        (run.early.starts[node], activity.path)
        for node, activity in enumerate(run.graph.activities)
        if activity is not None and run.is_critical(node)
    ]
    finish = max(run.planned.finishes, default=network.start)
    return Schedule(network, dates, finish, tuple(path for _, path in sorted(critical)), tuple(_conflicts(run)))


class _Run:
    """One scheduling of a network: the passes, each run once, and the facts of single nodes."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.graph: Graph = network.graph
        self.terms = terms(network, self.graph)

    @cached_property
    def early(self) -> Pass:
        """Everything as soon as logic and dates allow."""
        return forward(self.graph, self.terms)

    @cached_property
    def late(self) -> Pass:
        """Everything as late as the finish of its project allows."""
        return backward(self.graph, self.terms, self.early, self.ends)

    @cached_property
    def ends(self) -> list[Moment]:
        """When each node has to be finished if nothing follows it: with its project, or with all of them."""
        finishes, activities = self.early.finishes, self.graph.activities
        last = max(finishes, default=self.network.start)
        project_ends: dict[str, Moment] = {}
        for finish, activity in zip(finishes, activities, strict=True):
            if activity is not None and activity.project is not None:
                project_ends[activity.project] = max(project_ends.get(activity.project, finish), finish)
        return [
            project_ends[activity.project] if activity is not None and activity.project is not None else last
            for activity in activities
        ]

    @cached_property
    def planned(self) -> Pass:
        """The early dates, but with levelling delays, and ALAP work as late as its successors allow."""
        activities = self.graph.activities
        delays = {n: a.leveling_delay for n, a in enumerate(activities) if a is not None and a.leveling_delay > 0}
        moved = forward(self.graph, self.terms, delays) if delays else self.early
        late = [n for n, a in enumerate(activities) if a is not None and a.constraint == "ALAP" and not a.started]
        return _as_late_as_possible(self.graph, self.terms, moved, late, self.ends) if late else moved

    def total_float(self, node: int) -> int:
        """Working minutes a node may slip without delaying the end: of its start or its finish, the less."""
        activity = self.graph.activities[node]
        if activity is None or activity.finished or activity.constraint == "ALAP":
            return 0
        slack = self.late.start_counts[node] - self.early.start_counts[node]
        if self.terms.clocks[node] is activity.calendar:
            return slack
        count = activity.calendar.between
        to_finish = count(self.early.finishes[node], self.late.finishes[node])
        if activity.started:
            return to_finish
        return min(count(self.early.starts[node], self.late.starts[node]), to_finish)

    def free_float(self, node: int) -> int:
        """Working minutes a node may slip without moving any successor; its total float where nothing follows."""
        activity = self.graph.activities[node]
        if activity is None or activity.finished or activity.constraint == "ALAP":
            return 0
        bound = _latest(self.graph, self.terms, node, self.early)
        if bound == _FAR:
            return max(0, self.total_float(node))
        if self.terms.clocks[node] is activity.calendar:
            slack = bound - self.early.start_counts[node]
        else:
            clock, length = self.terms.clocks[node], self.terms.lengths[node]
            until = clock.at(bound + length - 1) + 1 if length else clock.at(bound)
            slack = activity.calendar.between(self.early.finishes[node], until)
        return max(0, slack)

    def is_critical(self, node: int) -> bool:
        """Whether a node has no float left; what is done no longer counts."""
        activity = self.graph.activities[node]
        return activity is not None and not activity.finished and self.total_float(node) <= 0

    def driving(self, node: int) -> tuple[str, ...]:
        """The predecessors that hold a node where it is (link slack 0); gates are seen through."""
        reached = self.early.start_counts[node]
        found = drivers(self.graph, self.terms, self.early, node, reached)
        return tuple(dict.fromkeys(self.graph.names[driver] for driver in found))


def drivers(graph: Graph, terms: Terms, done: Pass, node: int, reached: int) -> Iterator[int]:
    """The activities that do not let a node begin before a count of its clock; gates are seen through."""
    clock, length = terms.clocks[node], terms.lengths[node]
    found = [n for n in graph.before[node] if clock.worked(done.finishes[n]) >= reached]
    for arc in graph.arcs_before.get(node, ()):
        if _bound(arc.calendar, arc.lag, done, arc.node, arc.from_finish, clock, length * arc.to_finish) >= reached:
            found.append(arc.node)
    for source in found:
        if graph.activities[source] is None:
            yield from drivers(graph, terms, done, source, done.start_counts[source])
        else:
            yield source


def terms(network: Network, graph: Graph) -> Terms:
    """What each node of a network's graph brings to a pass."""
    clocks: list[Calendar] = []
    lengths: list[int] = []
    floors: list[Moment] = []
    ceilings: list[Moment] = []
    ruled: set[int] = set()
    for node, activity in enumerate(graph.activities):
        if activity is None:
            clocks.append(ELAPSED)
            lengths.append(0)
            floors.append(network.start)
            ceilings.append(_FAR)
            continue
        length = activity.duration if activity.remaining is None else activity.remaining
        nonstop = activity.elapsed or activity.duration == 0
        floor = max(network.start, network.status if not activity.finished else network.start)
        ceiling = _FAR
        for each in (activity, *graph.above[node]):
            floor = max(floor, _floor(each))
            ceiling = min(ceiling, _ceiling(each))
        clocks.append(ELAPSED if nonstop else activity.clock or activity.calendar)
        lengths.append(0 if activity.finished else length)
        floors.append(activity.calendar.next_start(floor) if nonstop else floor)
        ceilings.append(ceiling)
        if activity.started or activity.constraint in {"FNET", "SNLT", "MSO", "MFO"}:
            ruled.add(node)
    return Terms(clocks, lengths, floors, ceilings, frozenset(ruled))


def _floor(activity: Activity) -> Moment:
    """The earliest start an activity's own dates allow; a summary's hold for all below it."""
    found = activity.not_before or 0
    if activity.constraint == "SNET" or (activity.summary and activity.constraint == "MSO"):
        found = max(found, activity.constraint_date or 0)
    return found


def _ceiling(activity: Activity) -> Moment:
    """The latest finish an activity's own dates allow; a summary's hold for all below it."""
    found = _FAR if activity.deadline is None else activity.deadline
    if activity.constraint == "FNLT" or (activity.summary and activity.constraint == "MFO"):
        found = min(found, _FAR if activity.constraint_date is None else activity.constraint_date)
    return found


def forward(graph: Graph, terms: Terms, delays: Mapping[int, int] | None = None) -> Pass:
    """Early dates: of each node the latest of what its predecessors and its own dates allow.

    FS `ES >= EF + lag`, SS `ES >= ES + lag`, FF `EF >= EF + lag`, SF `EF >= ES + lag` (Kelley and Walker, 1959; PDM).
    """
    count = len(graph.names)
    starts, finishes, counts = [0] * count, [0] * count, [0] * count
    done = Pass(starts, finishes, counts)
    arcs_before, ruled = graph.arcs_before, terms.ruled
    for node, clock, length, start, before in zip(
        range(count), terms.clocks, terms.lengths, terms.floors, graph.before, strict=True
    ):
        for source in before:
            if finishes[source] > start:  # noqa: PLR1730 (the innermost loop: no call)
                start = finishes[source]  # noqa: PLW2901
        reached = clock.worked(start)
        if node in arcs_before:
            for arc in arcs_before[node]:
                bound = _bound(
                    arc.calendar, arc.lag, done, arc.node, arc.from_finish, clock, length if arc.to_finish else 0
                )
                reached = max(reached, bound)
        activity = graph.activities[node]
        if node in ruled and activity is not None:
            reached = ruled_start(activity, clock, length, reached)
            reached = ruled_start(activity, clock, length, reached)
        if delays and node in delays and activity is not None:
            reached = clock.worked(delayed(activity, clock.at(reached)))
        counts[node] = reached
        starts[node] = begin = clock.at(reached)
        finishes[node] = clock.at(reached + length - 1) + 1 if length else begin
        if activity is not None and activity.actual_start is not None:
            starts[node] = activity.actual_start
            if activity.actual_finish is not None:
                finishes[node] = activity.actual_finish
    return done


def delayed(activity: Activity, m: Moment) -> Moment:
    """A start after its levelling delay."""
    delay = activity.leveling_delay
    return m + delay if activity.leveling_elapsed else activity.calendar.advance(m, delay)


def _bound(
    calendar: Calendar, lag: int, done: Pass, source: int, from_finish: bool, clock: Calendar, length: int
) -> int:
    """The least start count an arc allows its target, `length` being taken off where it ties the finish."""
    m = done.finishes[source] if from_finish else done.starts[source]
    return clock.worked(calendar.advance(m, lag)) - length


def ruled_start(activity: Activity, clock: Calendar, length: int, reached: int) -> int:
    """What a node's own constraint makes of the start its logic allows; must-dates win over logic."""
    date = activity.constraint_date
    if activity.started or date is None:
        return reached
    match activity.constraint:
        case "FNET":
            return max(reached, _start_for_finish(activity, clock, length, date))
        case "MSO":
            return clock.worked(activity.calendar.next_start(date))
        case "MFO":
            return _start_for_finish(activity, clock, length, date)
    return reached


def _start_for_finish(activity: Activity, clock: Calendar, length: int, finish: Moment) -> int:
    return clock.worked(activity.calendar.previous_finish(finish)) - length


def backward(graph: Graph, terms: Terms, early: Pass, ends: Sequence[Moment]) -> Pass:
    """Late dates: of each node the earliest of what its successors and its own dates allow; see `forward`."""
    count = len(graph.names)
    starts, finishes, counts = [0] * count, [0] * count, [0] * count
    done = Pass(starts, finishes, counts)
    for node in range(count - 1, -1, -1):
        clock, length, activity = terms.clocks[node], terms.lengths[node], graph.activities[node]
        if activity is not None and activity.finished:
            starts[node], finishes[node] = early.starts[node], early.finishes[node]
            counts[node] = early.start_counts[node]
            continue
        bound = _late_start(graph, terms, node, done, ends)
        if activity is not None and node in terms.ruled:
            bound = _ruled_late_start(activity, clock, length, bound)
        counts[node] = bound
        starts[node] = begin = clock.at(bound)
        finishes[node] = clock.at(bound + length - 1) + 1 if length else begin
        if activity is not None and activity.actual_start is not None:
            starts[node] = activity.actual_start
    return done


def _late_start(graph: Graph, terms: Terms, node: int, done: Pass, ends: Sequence[Moment]) -> int:
    """The greatest start count that successors, or else the end of the project, and the node's own dates allow."""
    clock, length, ceiling = terms.clocks[node], terms.lengths[node], terms.ceilings[node]
    bound = _latest(graph, terms, node, done)
    if bound == _FAR:
        ceiling = min(ceiling, ends[node])
    return min(bound, clock.worked(ceiling) - length) if ceiling < _FAR else bound


def _latest(graph: Graph, terms: Terms, node: int, done: Pass) -> int:
    """The greatest start count that moves no successor of a node from where `done` has it; _FAR where none binds."""
    clock, length, activities, starts = terms.clocks[node], terms.lengths[node], graph.activities, done.starts
    latest = _FAR
    for target in graph.after[node]:
        successor = activities[target]
        if successor is not None and successor.actual_start is not None:
            if successor.actual_finish is None:  # what remains of it waits for this one
                latest = min(latest, terms.clocks[target].at(done.start_counts[target]))
        elif starts[target] < latest:
            latest = starts[target]
    bound = _FAR if latest == _FAR else clock.worked(latest) - length
    for arc in graph.arcs_after.get(node, ()):
        successor = activities[arc.node]
        if successor is not None and successor.actual_finish is not None:
            continue
        there, count = terms.clocks[arc.node], done.start_counts[arc.node]
        until = there.at(count + terms.lengths[arc.node] if arc.to_finish else count)
        if arc.lag:
            until = arc.calendar.at(arc.calendar.worked(until) - arc.lag)
        last = clock.worked(until) - length if arc.from_finish else clock.worked(until + 1) - 1
        bound = min(bound, last)
    return bound


def _ruled_late_start(activity: Activity, clock: Calendar, length: int, bound: int) -> int:
    date = activity.constraint_date
    if activity.started or date is None:
        return bound
    match activity.constraint:
        case "SNLT":
            return min(bound, clock.worked(activity.calendar.next_start(date)))
        case "MSO":
            return clock.worked(activity.calendar.next_start(date))
        case "MFO":
            return _start_for_finish(activity, clock, length, date)
    return bound


def _as_late_as_possible(graph: Graph, terms: Terms, moved: Pass, late: Sequence[int], ends: Sequence[Moment]) -> Pass:
    """The plan with ALAP work pushed back to its successors, which stay where they are."""
    done = Pass(list(moved.starts), list(moved.finishes), list(moved.start_counts))
    for node in sorted(late, reverse=True):
        clock, length = terms.clocks[node], terms.lengths[node]
        bound = _late_start(graph, terms, node, done, ends)
        reached = max(bound, moved.start_counts[node])
        done.start_counts[node] = reached
        done.starts[node] = begin = clock.at(reached)
        done.finishes[node] = clock.at(reached + length - 1) + 1 if length else begin
    return done


def _conflicts(run: _Run) -> Iterable[Conflict]:
    """The dates that cannot be kept, in the order of paths."""
    graph, early = run.graph, run.early
    for path, node in sorted(graph.index.items()):
        activity = graph.activities[node]
        if activity is None or activity.finished:
            continue
        count = activity.calendar.between
        if activity.deadline is not None and (late := count(activity.deadline, early.finishes[node])) > 0:
            yield Conflict(path, "deadline", late)
        date = activity.constraint_date
        if date is None:
            continue
        if activity.constraint in {"FNLT", "MFO"} and (late := count(date, early.finishes[node])) > 0:
            yield Conflict(path, activity.constraint, late)
        if activity.constraint == "SNLT" and (late := count(date, early.starts[node])) > 0:
            yield Conflict(path, activity.constraint, late)
        if activity.constraint in {"MSO", "MFO"} and (late := run_over(run, node, activity)) > 0:
            yield Conflict(path, activity.constraint, late)


def run_over(run: _Run, node: int, activity: Activity) -> int:
    """By how many working minutes the logic would start a node after the date that is a must."""
    allowed = max((run.early.finishes[source] for source in run.graph.before[node]), default=0)
    return activity.calendar.between(run.early.starts[node], max(allowed, run.early.starts[node]))


class _LazyDates(Mapping[str, Dates]):
    """The dates of a run by path, each made when it is asked for."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._made: dict[str, Dates] = {}

    def __getitem__(self, path: str) -> Dates:
        dates = self._made.get(path)
        if dates is None:
            node = self._run.graph.index.get(path)
            dates = self._made[path] = self._summary(path) if node is None else self._leaf(node)
        return dates

    def __iter__(self) -> Iterator[str]:
        yield from self._run.graph.index
        yield from self._run.graph.leaves

    def __len__(self) -> int:
        return len(self._run.graph.index) + len(self._run.graph.leaves)

    def __contains__(self, path: object) -> bool:
        return path in self._run.graph.index or path in self._run.graph.leaves

    def _leaf(self, node: int) -> Dates:
        run = self._run
        early, late, planned = run.early, run.late, run.planned
        return Dates(
            early.starts[node],
            early.finishes[node],
            late.starts[node],
            late.finishes[node],
            planned.starts[node],
            planned.finishes[node],
            run.total_float(node),
            run.free_float(node),
            run.is_critical(node),
            run.driving(node),
        )

    def _summary(self, path: str) -> Dates:
        run = self._run
        below = [self._leaf(node) for node in run.graph.leaves[path]]
        return Dates(
            min(dates.early_start for dates in below),
            max(dates.early_finish for dates in below),
            min(dates.late_start for dates in below),
            max(dates.late_finish for dates in below),
            min(dates.start for dates in below),
            max(dates.finish for dates in below),
            min(dates.total_float for dates in below),
            min(dates.free_float for dates in below),
            any(dates.critical for dates in below),
        )
