"""The dates of a network by the critical path method: early, late and planned, floats, drivers, conflicts.

Float is counted on the clock of the work: in the working minutes of those who do it; that of a milestone, of elapsed
work and of people who share a task on the calendar of the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress
from operator import is_not, ne, sub

from planner.plan.calendar import Moment
from planner.plan.graph import Graph
from planner.plan.model import Activity, Conflict, Dates, Network, Schedule
from planner.plan.passes import (
    FAR,
    Pass,
    Terms,
    arc_bound,
    backward,
    changed_terms,
    drivers,
    forward,
    late_count,
    successors_allow,
    terms_of,
)  # fmt: skip


def schedule(network: Network, since: Schedule | None = None) -> Schedule:
    """The dates of every activity; of a network that differs from `since` in single activities, only what they reach.

    A network without activities finishes where it starts.
    """
    before = since.dates.run if since is not None and isinstance(since.dates, _LazyDates) else None
    run = _Run(network, before if before is not None and _goes_on(before.graph, network.graph) else None)
    critical = sorted((run.early.start(node), run.graph.names[node]) for node in run.critical)
    finish = max(run.planned.finishes, default=network.start)
    return Schedule(network, _LazyDates(run), finish, tuple(path for _, path in critical), tuple(_conflicts(run)))


class _Run:
    """One scheduling of a network: the passes, each run once, and the facts of single nodes."""

    def __init__(self, network: Network, before: _Run | None = None) -> None:
        self.network = network
        self.graph: Graph = network.graph
        self.touched = () if before is None else _differing(before.graph, self.graph)
        if before is None:
            self.terms: Terms = terms_of(network, self.graph)
            self.early = forward(self.graph, self.terms)
            self.ends = self._ends()
            self.late = backward(self.graph, self.terms, self.ends)
            return
        self.terms = changed_terms(before.terms, network, self.graph, self.touched)
        self.early = forward(self.graph, self.terms, since=before.early, touched=self.touched)
        self.ends = self._ends()
        moved = list(compress(range(len(before.ends)), map(ne, before.ends, self.ends)))
        if 2 * len(moved) > len(self.ends):  # the end has moved for most: nothing to take over
            self.late = backward(self.graph, self.terms, self.ends)
        else:
            self.late = backward(self.graph, self.terms, self.ends, since=before.late, touched=(*self.touched, *moved))

    def _ends(self) -> list[Moment]:
        """By when each node has to be finished: with its project, or with everything where it lies in none."""
        groups, finishes = self.terms.groups, self.early.finishes
        if not any(groups):
            return [max(finishes, default=self.network.start)] * len(finishes)
        ends: dict[str | None, Moment] = {}
        for group, finish in zip(groups, finishes, strict=True):
            if finish > ends.get(group, -1):
                ends[group] = finish
        ends[None] = max(finishes, default=self.network.start)
        return [ends[group] for group in groups]

    @cached_property
    def planned(self) -> Pass:
        """The early dates, but with levelling delays, and ALAP work as late as its successors allow."""
        shifted = self.terms.shifted
        delays = {node: a.leveling_delay for node, a in shifted.items() if a.leveling_delay > 0}
        late = [node for node, a in shifted.items() if a.constraint == "ALAP" and not a.started]
        moved = forward(self.graph, self.terms, delays) if delays else self.early
        return self._as_late_as_possible(moved, late) if late else moved

    def _as_late_as_possible(self, moved: Pass, late: Sequence[int]) -> Pass:
        """The plan with ALAP work pushed back to its successors, which stay where they are."""
        done = Pass(self.terms, list(moved.counts), known_starts=list(moved.starts))
        for node in sorted(late, reverse=True):
            count = max(moved.counts[node], late_count(node, self.graph, done, self.ends[node]))
            done.counts[node] = count
            done.starts[node] = self.terms.clocks[node].at(count)
        return done

    @cached_property
    def floats(self) -> list[int]:
        """Total float of every node: working minutes it may slip without delaying the end, negative where it is late."""
        floats = list(map(sub, self.late.counts, self.early.counts))
        for node, activity in self.terms.apart.items():
            if activity.actual_finish is not None or activity.constraint == "ALAP":
                floats[node] = 0
            elif self._counts_elsewhere(node, activity):
                floats[node] = self._float_on_calendar(node, activity)
        return floats

    def _counts_elsewhere(self, node: int, activity: Activity) -> bool:
        clock = self.terms.clocks[node]
        return clock is not activity.calendar and (clock.nonstop or clock.joint)

    def _float_on_calendar(self, node: int, activity: Activity) -> int:
        count = activity.calendar.between
        finish = count(self.early.finish(node), self.late.finish(node))
        if activity.started:
            return finish
        return min(finish, count(self.early.start(node), self.late.start(node)))

    @cached_property
    def critical(self) -> list[int]:
        """Nodes without float, in their order; gates and what is done do not count."""
        activities = self.graph.activities
        return [
            node
            for node, slack in enumerate(self.floats)
            if slack <= 0 and (activity := activities[node]) is not None and activity.actual_finish is None
        ]

    def free_float(self, node: int) -> int:
        """Working minutes a node may slip without moving any successor; its total float where nothing follows."""
        activity = self.graph.activities[node]
        if activity is None or activity.finished or activity.constraint == "ALAP":
            return 0
        count = successors_allow(node, self.graph, self.early)
        if count == FAR:
            return max(0, self.floats[node])
        if not self._counts_elsewhere(node, activity):
            return max(0, count - self.early.counts[node])
        clock, length = self.terms.clocks[node], self.terms.lengths[node]
        until = clock.at(count + length - 1) + 1 if length else clock.at(count)
        return max(0, activity.calendar.between(self.early.finishes[node], until))

    def driving(self, node: int) -> tuple[str, ...]:
        """The predecessors that hold a node where it is (link slack 0); gates are seen through."""
        found = drivers(self.graph, self.terms, self.early, node, self.early.counts[node])
        return tuple(dict.fromkeys(self.graph.names[driver] for driver in found))


def _goes_on(before: Graph, after: Graph) -> bool:
    """Whether a graph has the same nodes as another one, and perhaps some more after them."""
    return before.index is after.index or before.names == after.names[: len(before.names)]


def _differing(before: Graph, after: Graph) -> tuple[int, ...]:
    """The nodes that are new, or whose activity or links are not the very same in two graphs."""
    found = set(range(len(before.names), len(after.names)))
    rows: tuple[tuple[Sequence[object], Sequence[object]], ...] = (
        (before.activities, after.activities), (before.before, after.before), (before.after, after.after),
    )  # fmt: skip
    for old, new in rows:
        if old is not new:
            found.update(compress(range(len(old)), map(is_not, old, new)))
    for old_arcs, new_arcs in ((before.arcs_before, after.arcs_before), (before.arcs_after, after.arcs_after)):
        if old_arcs is not new_arcs:
            nodes = old_arcs.keys() | new_arcs.keys()
            found.update(node for node in nodes if old_arcs.get(node) is not new_arcs.get(node))
    return tuple(sorted(found))


def _conflicts(run: _Run) -> Iterable[Conflict]:
    """The dates that cannot be kept, in the order of paths."""
    graph = run.graph
    dated = [
        (activity.path, node, activity)
        for node, activity in enumerate(graph.activities)
        if activity is not None
        and (activity.deadline is not None or activity.constraint_date is not None)
        and activity.actual_finish is None
    ]
    for _, node, activity in sorted(dated, key=lambda row: row[0]):
        for rule, late in _broken_rules(run, node, activity):
            if late > 0:
                yield Conflict(activity.path, rule, late)


def _broken_rules(run: _Run, node: int, activity: Activity) -> Iterator[tuple[str, int]]:
    """The rules of one activity, each with the working minutes by which the plan fails it."""
    finish, count, date = run.early.finishes[node], activity.calendar.between, activity.constraint_date
    if activity.deadline is not None:
        yield "deadline", count(activity.deadline, finish)
    if date is None:
        return
    match activity.constraint:
        case "FNLT":
            yield "FNLT", count(date, finish)
        case "SNLT":
            yield "SNLT", count(date, activity.actual_start or run.early.starts[node])
        case "MSO" | "MFO" as rule if not activity.started:
            start = _logical_start(run, node)
            yield rule, count(run.early.starts[node], start)
        case "MFO":
            yield "MFO", count(date, finish)


def _logical_start(run: _Run, node: int) -> Moment:
    """When a node with a must-date would start by its predecessors alone."""
    early, terms, graph = run.early, run.terms, run.graph
    clock, length = terms.clocks[node], terms.lengths[node]
    counts = [clock.worked(early.finishes[source]) for source in graph.before[node]]
    counts += [arc_bound(arc, early, clock, length) for arc in graph.arcs_before.get(node, ())]
    return clock.at(max([clock.worked(terms.floors[node]), *counts]))


class _LazyDates(Mapping[str, Dates]):
    """The dates of a run by path, each made when it is asked for."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self._made: dict[str, Dates] = {}

    def __getitem__(self, path: str) -> Dates:
        dates = self._made.get(path)
        if dates is None:
            node = self.run.graph.index.get(path)
            dates = self._made[path] = self._summary(path) if node is None else self._leaf(node)
        return dates

    def __iter__(self) -> Iterator[str]:
        yield from self.run.graph.index
        yield from self.run.graph.leaves

    def __len__(self) -> int:
        return len(self.run.graph.index) + len(self.run.graph.leaves)

    def __contains__(self, path: object) -> bool:
        return path in self.run.graph.index or path in self.run.graph.leaves

    def _leaf(self, node: int) -> Dates:
        run = self.run
        early, late, planned, activity = run.early, run.late, run.planned, run.graph.activities[node]
        done = activity is not None and activity.finished
        total = run.floats[node]
        return Dates(
            early_start=early.start(node),
            early_finish=early.finish(node),
            late_start=late.start(node),
            late_finish=late.finish(node),
            start=planned.start(node),
            finish=planned.finish(node),
            total_float=total,
            free_float=run.free_float(node),
            critical=total <= 0 and not done,
            driving=() if done else run.driving(node),
        )

    def _summary(self, path: str) -> Dates:
        names = self.run.graph.names
        below = [self[names[node]] for node in self.run.graph.leaves[path]]
        return Dates(
            early_start=min(dates.early_start for dates in below),
            early_finish=max(dates.early_finish for dates in below),
            late_start=min(dates.late_start for dates in below),
            late_finish=max(dates.late_finish for dates in below),
            start=min(dates.start for dates in below),
            finish=max(dates.finish for dates in below),
            total_float=min(dates.total_float for dates in below),
            free_float=min(dates.free_float for dates in below),
            critical=any(dates.critical for dates in below),
        )
