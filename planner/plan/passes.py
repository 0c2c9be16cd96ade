"""The forward and the backward pass of the critical path method over a graph's arrays.

Each node counts on its own clock; a pass goes from a moment to a count (`worked`) and back (`at`) once a node.
After an edit only what it reaches is passed over again: `since` holds what was found before, `touched` what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from planner.plan.calendar import ELAPSED, Calendar, Moment
from planner.plan.graph import Arc, Graph, summaries_over
from planner.plan.model import Activity, Network

FAR: Final = 1 << 62
"""Later than anything: a bound that binds nothing."""

_RULES = frozenset({"FNET", "SNLT", "MSO", "MFO"})
_NOTHING: Mapping[int, int] = {}


@dataclass(frozen=True)
class Terms:
    """What each node brings to a pass; `groups` names the project whose end a node must not delay."""

    clocks: Sequence[Calendar]
    lengths: Sequence[int]  # still to do, on the clock
    floors: Sequence[Moment]  # no start before
    ceilings: Sequence[Moment]  # no finish after; FAR for none
    groups: Sequence[str | None]
    ruled: Mapping[int, Activity]  # what has begun, and what has a constraint a pass must look at
    apart: Mapping[int, Activity]  # what has no float of its own clock: done, ALAP, elapsed, shared
    shifted: Mapping[int, Activity]  # what is planned elsewhere than at its early dates: delayed by levelling, ALAP


_Term: TypeAlias = "tuple[Calendar, int, Moment, Moment, str | None, Activity | None, Activity | None, Activity | None]"
"""What one node brings, in the order of the columns of `Terms`."""


@dataclass(frozen=True)
class Pass:
    """Of every node the count on its clock at which what remains of it starts, and moments as far as they are known."""

    terms: Terms = field(compare=False)
    counts: list[int]
    known_finishes: list[Moment] | None = None
    known_starts: list[Moment] | None = None

    def start(self, node: int) -> Moment:
        """When a node starts, or did."""
        begun = self.terms.ruled.get(node)
        actual = begun.actual_start if begun is not None else None
        return self.terms.clocks[node].at(self.counts[node]) if actual is None else actual

    def finish(self, node: int) -> Moment:
        """When a node is finished, or was."""
        if self.known_finishes is not None:
            return self.known_finishes[node]
        begun = self.terms.ruled.get(node)
        actual = begun.actual_finish if begun is not None else None
        return (
            _finish(self.terms.clocks[node], self.counts[node], self.terms.lengths[node]) if actual is None else actual
        )

    def binding(self, node: int) -> Moment:
        """When what remains of a node starts, so that its predecessors have to be done; FAR for what is done."""
        if self.known_starts is not None:
            return self.known_starts[node]
        begun = self.terms.ruled.get(node)
        done = begun is not None and begun.finished
        return FAR if done else self.terms.clocks[node].at(self.counts[node])

    @cached_property
    def starts(self) -> list[Moment]:
        """When what remains starts; FAR for what is done, which binds no predecessor."""
        if self.known_starts is not None:
            return self.known_starts
        starts = [clock.at(count) for clock, count in zip(self.terms.clocks, self.counts, strict=True)]
        for node, activity in self.terms.ruled.items():
            if activity.finished:
                starts[node] = FAR
        return starts

    @cached_property
    def finishes(self) -> list[Moment]:
        """When each node is finished."""
        if self.known_finishes is not None:
            return self.known_finishes
        finishes = [
            clock.at(count + length - 1) + 1 if length else clock.at(count)
            for clock, count, length in zip(self.terms.clocks, self.counts, self.terms.lengths, strict=True)
        ]
        for node, activity in self.terms.ruled.items():
            if activity.actual_finish is not None:
                finishes[node] = activity.actual_finish
        return finishes


def terms_of(network: Network, graph: Graph) -> Terms:
    """The terms of all nodes."""
    bounds = _Bounds(network)
    rows: list[_Term] = [_term(activity, bounds) for activity in graph.activities]
    *columns, ruled, apart, shifted = zip(*rows, strict=True) if rows else ((),) * 8
    few = ({n: a for n, a in enumerate(column) if a is not None} for column in (ruled, apart, shifted))
    return Terms(*columns, *few)


def changed_terms(terms: Terms, network: Network, graph: Graph, touched: Iterable[int]) -> Terms:
    """The terms where these nodes bring something else."""
    bounds = _Bounds(network)
    clocks, lengths, groups = list(terms.clocks), list(terms.lengths), list(terms.groups)
    floors, ceilings = list(terms.floors), list(terms.ceilings)
    few = dict(terms.ruled), dict(terms.apart), dict(terms.shifted)
    for _ in range(len(graph.names) - len(clocks)):
        clocks.append(ELAPSED)
        lengths.append(0)
        floors.append(0)
        ceilings.append(FAR)
        groups.append(None)
    for node in touched:
        row = _term(graph.activities[node], bounds)
        clocks[node], lengths[node], floors[node], ceilings[node], groups[node], *found = row
        for known, activity in zip(few, found, strict=True):
            known.pop(node, None)
            if activity is not None:
                known[node] = activity
    return Terms(clocks, lengths, floors, ceilings, groups, *few)


class _Bounds:
    """The dates that summaries set for what lies in them, each worked out once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._begin = max(network.start, network.status)
        self._known: dict[str | None, tuple[Moment, Moment]] = {None: (self._begin, FAR)}

    def of(self, activity: Activity) -> tuple[Moment, Moment]:
        """No start before and no finish after, by all summaries over an activity."""
        if activity.parent not in self._known:
            activities = self.network.activities
            over = [activities[path] for path in summaries_over(activity, activities)]
            self._known[activity.parent] = (
                max([self._begin, *map(_floor, over)]), min([FAR, *map(_ceiling, over)]),
            )  # fmt: skip
        return self._known[activity.parent]


def _term(activity: Activity | None, bounds: _Bounds) -> _Term:
    if activity is None:
        return ELAPSED, 0, bounds.network.start, FAR, None, None, None, None
    floor, ceiling = bounds.of(activity)
    if activity.not_before is not None or activity.deadline is not None or activity.constraint_date is not None:
        floor, ceiling = max(floor, _floor(activity)), min(ceiling, _ceiling(activity))
    length = activity.duration if activity.remaining is None else activity.remaining
    clock, as_late = activity.clock or activity.calendar, activity.constraint == "ALAP"
    if activity.elapsed or not activity.duration:
        clock, floor = ELAPSED, activity.calendar.next_start(floor)
    ruled = activity if activity.actual_start is not None or activity.constraint in _RULES else None
    apart = activity if activity.actual_finish is not None or as_late or clock is ELAPSED or clock.joint else None
    shifted = activity if as_late or activity.leveling_delay > 0 else None
    return clock, length, floor, ceiling, activity.project, ruled, apart, shifted


def _floor(activity: Activity) -> Moment:
    """The earliest start an activity's own dates allow; a summary's hold for all below it."""
    found = activity.not_before or 0
    if activity.constraint == "SNET" or (activity.summary and activity.constraint == "MSO"):
        found = max(found, activity.constraint_date or 0)
    return found


def _ceiling(activity: Activity) -> Moment:
    """The latest finish an activity's own dates allow; a summary's hold for all below it."""
    found = FAR if activity.deadline is None else activity.deadline
    if activity.constraint == "FNLT" or (activity.summary and activity.constraint == "MFO"):
        found = min(found, FAR if activity.constraint_date is None else activity.constraint_date)
    return found


def forward(
    graph: Graph,
    terms: Terms,
    delays: Mapping[int, int] = _NOTHING,
    *,
    since: Pass | None = None,
    touched: Iterable[int] = (),
) -> Pass:
    """Early dates: of each node the latest start that its predecessors and its own dates ask for.

    FS `ES >= EF + lag`, SS `ES >= ES + lag`, FF `EF >= EF + lag`, SF `EF >= ES + lag` (Fondahl, 1961; PDM).
    """
    count_of = _begun(graph, None if since is None else since.counts)
    finishes = _begun(graph, None if since is None else since.finishes)
    done = Pass(terms, count_of, known_finishes=finishes)
    due = _due(len(count_of), None if since is None else touched)
    clocks, lengths, floors, before, after = terms.clocks, terms.lengths, terms.floors, graph.before, graph.after
    special = {*graph.arcs_before, *terms.ruled, *delays}
    for node in range(len(count_of)):
        if not due[node]:
            continue
        start = floors[node]
        for source in before[node]:
            if finishes[source] > start:  # noqa: PLR1730 (the innermost loop: no call)
                start = finishes[source]
        length = lengths[node]
        if node in special:
            count, finish = _special_start(node, start, graph, done, node in delays)
        elif length:
            count, finish = clocks[node].run(start, length)
        else:
            count = clocks[node].worked(start)
            finish = clocks[node].at(count)
        if since is not None and (count != count_of[node] or finish != finishes[node]):
            for target in after[node]:
                due[target] = 1
            for arc in graph.arcs_after.get(node, ()):
                due[arc.node] = 1
        count_of[node], finishes[node] = count, finish
    return done


def _special_start(node: int, start: Moment, graph: Graph, done: Pass, is_delayed: bool) -> tuple[int, Moment]:
    """Count and finish of a node with arcs, rules or a delay of its own."""
    terms = done.terms
    clock, length = terms.clocks[node], terms.lengths[node]
    count = clock.worked(start)
    for arc in graph.arcs_before.get(node, ()):
        count = max(count, arc_bound(arc, done, clock, length))
    activity = graph.activities[node]
    if activity is None:
        return count, _finish(clock, count, length)
    count = ruled_start(activity, clock, length, count)
    if is_delayed:
        count = clock.worked(delayed(activity, clock.at(count)))
    finish = activity.actual_finish
    return count, _finish(clock, count, length) if finish is None else finish


def ruled_start(activity: Activity, clock: Calendar, length: int, count: int) -> int:
    """What an activity's own constraint makes of the count its logic allows; must-dates win over logic."""
    date = activity.constraint_date
    if activity.started or date is None:
        return count
    match activity.constraint:
        case "FNET":
            return max(count, _count_to_finish(activity, clock, length, date))
        case "MSO":
            return clock.worked(activity.calendar.next_start(date))
        case "MFO":
            return _count_to_finish(activity, clock, length, date)
    return count


def delayed(activity: Activity, m: Moment) -> Moment:
    """A start after its levelling delay."""
    delay = activity.leveling_delay
    return m + delay if activity.leveling_elapsed else activity.calendar.advance(m, delay)


def _finish(clock: Calendar, count: int, length: int) -> Moment:
    return clock.at(count + length - 1) + 1 if length else clock.at(count)


def _count_to_finish(activity: Activity, clock: Calendar, length: int, date: Moment) -> int:
    return clock.worked(activity.calendar.previous_finish(date)) - length


def arc_bound(arc: Arc, done: Pass, clock: Calendar, length: int) -> int:
    """The least count an arc from a predecessor allows what it leads to."""
    source = arc.node
    m = done.finishes[source] if arc.from_finish else done.start(source)
    count = clock.worked(arc.calendar.advance(m, arc.lag) if arc.lag else m)
    return count - length if arc.to_finish else count


def backward(
    graph: Graph,
    terms: Terms,
    ends: Sequence[Moment],
    *,
    since: Pass | None = None,
    touched: Iterable[int] = (),
) -> Pass:
    """Late dates: of each node the earliest start that its successors, its own dates and the end of its project ask for.

    The project's end binds all and not only what nothing follows: work that leads may otherwise finish after it.
    """
    count_of = _begun(graph, None if since is None else since.counts)
    starts = _begun(graph, None if since is None else since.starts)
    done = Pass(terms, count_of, known_starts=starts)
    due = _due(len(count_of), None if since is None else touched)
    clocks, lengths, ceilings, after, before = terms.clocks, terms.lengths, terms.ceilings, graph.after, graph.before
    special = {*graph.arcs_after, *terms.ruled}
    for node in range(len(count_of) - 1, -1, -1):
        if not due[node]:
            continue
        if node in special:
            count, start = _special_late_start(node, graph, done, ends[node])
        else:
            latest = ceilings[node]
            if ends[node] < latest:  # noqa: PLR1730 (the innermost loop: no call)
                latest = ends[node]
            for target in after[node]:
                if starts[target] < latest:  # noqa: PLR1730
                    latest = starts[target]
            if length := lengths[node]:
                count, start = clocks[node].run_back(latest, length)
            else:
                count = clocks[node].worked(latest)
                start = clocks[node].at(count)
        if since is not None and (count != count_of[node] or start != starts[node]):
            for source in before[node]:
                due[source] = 1
            for arc in graph.arcs_before.get(node, ()):
                due[arc.node] = 1
        count_of[node], starts[node] = count, start
    return done


def _special_late_start(node: int, graph: Graph, done: Pass, end: Moment) -> tuple[int, Moment]:
    """Count and start of a node with arcs or rules of its own."""
    terms = done.terms
    clock, length = terms.clocks[node], terms.lengths[node]
    activity = terms.ruled.get(node)
    if activity is not None and activity.actual_finish is not None:
        return clock.worked(activity.actual_finish) - length, FAR
    count = late_count(node, graph, done, end)
    date = activity.constraint_date if activity is not None and not activity.started else None
    if activity is not None and date is not None:
        match activity.constraint:
            case "SNLT":
                count = min(count, clock.worked(activity.calendar.next_start(date)))
            case "MSO":
                count = clock.worked(activity.calendar.next_start(date))
            case "MFO":
                count = _count_to_finish(activity, clock, length, date)
    return count, clock.at(count)


def late_count(node: int, graph: Graph, done: Pass, end: Moment) -> int:
    """The greatest count that a node's successors, its ceiling and the end allow."""
    clock, length, ceiling = done.terms.clocks[node], done.terms.lengths[node], done.terms.ceilings[node]
    return min(successors_allow(node, graph, done), clock.worked(min(ceiling, end)) - length)


def successors_allow(node: int, graph: Graph, done: Pass) -> int:
    """The greatest count of a node that moves no successor from where `done` has it; FAR where none binds it."""
    terms = done.terms
    clock, length = terms.clocks[node], terms.lengths[node]
    latest = min(map(done.binding, graph.after[node]), default=FAR)
    found = FAR if latest == FAR else clock.worked(latest) - length
    for arc in graph.arcs_after.get(node, ()):
        if done.binding(arc.node) == FAR:
            continue
        count = done.counts[arc.node] + (terms.lengths[arc.node] if arc.to_finish else 0)
        until = arc.calendar.latest(terms.clocks[arc.node].at(count), arc.lag)
        found = min(found, clock.worked(until) - length if arc.from_finish else clock.worked(until + 1) - 1)
    return found


def drivers(graph: Graph, terms: Terms, done: Pass, node: int, reached: int) -> Iterator[int]:
    """The activities that do not let a node begin before a count of its clock; gates are seen through."""
    clock, length = terms.clocks[node], terms.lengths[node]
    found = [source for source in graph.before[node] if clock.worked(done.finishes[source]) >= reached]
    found += [arc.node for arc in graph.arcs_before.get(node, ()) if arc_bound(arc, done, clock, length) >= reached]
    for source in found:
        if graph.activities[source] is None:
            yield from drivers(graph, terms, done, source, done.counts[source])
        else:
            yield source


def _begun(graph: Graph, known: Sequence[int] | None) -> list[int]:
    """A value for each node: those that are known, and nothing yet for the others."""
    known = known or ()
    return [*known, *[0] * (len(graph.names) - len(known))]


def _due(count: int, touched: Iterable[int] | None) -> bytearray:
    """Which nodes a pass has to look at: those that were touched, and on its way those these lead to; all for None."""
    due = bytearray(b"\1") * count if touched is None else bytearray(count)
    for node in touched or ():
        due[node] = 1
    return due
