"""The forward pass of many runs at once: one column of values a node, so that a run costs a fraction of a pass.

It gives in each run exactly what `passes.forward` gives for that run's lengths; tests hold the two against each other.
A clock is laid out once as straight pieces of work, so that counting on it is one bisection and one addition.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.plan.calendar import Calendar, Moment
from planner.plan.graph import Arc, Graph
from planner.plan.passes import Pass, Terms, delayed, ruled_start

Column = list[int]


MOST = 20_000  # pieces: forty years of two a day


@dataclass(frozen=True, slots=True)
class Line:
    """A calendar laid out as pieces of uninterrupted work: in piece i, moment = count + `shift[i]`.

    What lies outside the pieces is counted on the calendar itself, so the layout decides about speed and nothing else.
    """

    calendar: Calendar
    counts: Sequence[int] = ()  # the count at which each piece begins, and the one after the last
    begins: Sequence[Moment] = ()  # the moment at which each piece begins, and that of the one after the last
    shift: Sequence[int] = ()

    @classmethod
    def of(cls, calendar: Calendar, first: Moment, last: Moment) -> Line:
        """Laid out from one moment to another; without pieces where a minute counts more than once (people together)."""
        counts, begins = [calendar.worked(first)], [calendar.next_start(first)]
        usual: list[int] = []
        while begins[-1] < last and len(begins) < MOST:
            length = _uninterrupted(calendar, counts[-1], begins[-1], max(1, last - begins[-1]), usual)
            if not length:
                return cls(calendar)
            counts.append(counts[-1] + length)
            begins.append(calendar.at(counts[-1]))
        return cls(calendar, counts, begins, [b - c for b, c in zip(begins, counts, strict=True)])

    def worked(self, moments: Column) -> Column:
        """The count at each moment."""
        begins, shift, bounds = self.begins, self.shift, self.counts
        if not begins or min(moments) < begins[0] or max(moments) >= begins[-1]:
            return [self.calendar.worked(m) for m in moments]
        pieces = [bisect_right(begins, m) for m in moments]
        return list(
            map(min, [m - shift[i - 1] for m, i in zip(moments, pieces, strict=True)], [bounds[i] for i in pieces])
        )

    def at(self, counts: Column) -> Column:
        """When the minute after each count begins."""
        known, shift = self.counts, self.shift
        if not known or min(counts) < known[0] or max(counts) >= known[-1]:
            return [self.calendar.at(k) for k in counts]
        return [k + shift[bisect_right(known, k) - 1] for k in counts]

    def finish(self, counts: Column) -> Column:
        """When each count was reached."""
        known, shift = self.counts, self.shift
        if not known or min(counts) <= known[0] or max(counts) > known[-1]:
            return [self.calendar.at(k - 1) + 1 for k in counts]
        return [k + shift[bisect_left(known, k) - 1] for k in counts]


def _uninterrupted(calendar: Calendar, count: int, begin: Moment, most: int, usual: list[int]) -> int:
    """How many minutes are worked on end from a moment, at most so many; `usual` remembers what was found before."""

    def holds(minutes: int) -> bool:
        return calendar.worked(begin + minutes) == count + minutes

    if not holds(1):
        return 0
    for length in usual:
        if length <= most and holds(length) and not holds(length + 1):
            return length
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    usual.append(low)
    return low


@dataclass(frozen=True)
class Columns:
    """Starts, finishes and start counts of every node: a value for each run."""

    terms: Terms
    starts: list[Column]
    finishes: list[Column]
    counts: list[Column]

    def passes(self) -> Iterator[Pass]:
        """Run by run, as a single pass tells it."""
        rows = (zip(*part, strict=True) for part in (self.finishes, self.counts))
        for finishes, counts in zip(*rows, strict=True):
            yield Pass(self.terms, list(counts), known_finishes=list(finishes))


def forward_columns(
    graph: Graph,
    terms: Terms,
    lengths: Sequence[Column],
    lines: Mapping[Calendar, Line],
    delays: Collection[int],
    late: Mapping[int, Column],
) -> Columns:
    """Early dates of every run; `lengths` has a column for every node, `lines` every clock laid out far enough.

    `delays` names the nodes with a levelling delay, `late` has working minutes by which a finish comes later than work alone would have it.
    """
    runs = len(lengths[0]) if lengths else 0
    done = Columns(terms, [], [], [])
    ends_of: dict[int, Column] = {}  # the counts at which nodes are finished, where counting says when
    for node, (clock, floor) in enumerate(zip(terms.clocks, terms.floors, strict=True)):
        line, length = lines[clock], lengths[node]
        reached = [clock.worked(floor)] * runs
        near = [ends_of[n] for n in graph.before[node] if terms.clocks[n] is clock and n in ends_of]
        far = [done.finishes[n] for n in graph.before[node] if terms.clocks[n] is not clock or n not in ends_of]
        if far:
            near.append(line.worked(list(map(max, [floor] * runs, *far))))
        if near:
            reached = list(map(max, reached, *near))
        for arc in graph.arcs_before.get(node, ()):
            reached = list(map(max, reached, _bounds(done, arc, line, length)))
        activity = graph.activities[node]
        if activity is not None and node in terms.ruled:
            reached = [ruled_start(activity, clock, n, k) for n, k in zip(length, reached, strict=True)]
        if activity is not None and node in delays:
            reached = line.worked([delayed(activity, m) for m in line.at(reached)])
        ends = ends_of[node] = list(map(int.__add__, reached, length))
        starts = line.at(reached)
        finishes = line.finish(ends)
        if not all(length):
            finishes = [f if n else s for s, f, n in zip(starts, finishes, length, strict=True)]
        if activity is not None and activity.actual_start is not None:
            starts = [activity.actual_start] * runs
            if activity.actual_finish is not None:
                finishes = [activity.actual_finish] * runs
                del ends_of[node]
        if activity is not None and node in late:
            advance = activity.calendar.advance
            finishes = [advance(f, more) if more else f for f, more in zip(finishes, late[node], strict=True)]
            ends_of.pop(node, None)
        done.starts.append(starts)
        done.finishes.append(finishes)
        done.counts.append(reached)
    return done


def _bounds(done: Columns, arc: Arc, line: Line, length: Column) -> Column:
    """The least start counts an arc allows its target."""
    moments = done.finishes[arc.node] if arc.from_finish else done.starts[arc.node]
    if arc.lag:
        moments = [arc.calendar.advance(m, arc.lag) for m in moments]
    counts = [line.calendar.worked(m) for m in moments]
    return [k - n for k, n in zip(counts, length, strict=True)] if arc.to_finish else counts
