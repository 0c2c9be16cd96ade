"""A network as index arrays in topological order: what the passes of the critical path method run over.

Nodes are the activities that are not summaries, and gates of no length for each summary that has links: one gate
stands between n predecessors of a summary and its m leaves, so that they make n + m arcs and not n * m.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from planner.core.circles import circles
from planner.plan.calendar import ELAPSED, Calendar

if TYPE_CHECKING:
    from planner.plan.model import Activity, Link, Network


class Arc(NamedTuple):
    """A link that is more than "start after finish": its other end, which ends it ties, its lag and on what."""

    node: int
    from_finish: bool = True
    to_finish: bool = False
    lag: int = 0
    calendar: Calendar = ELAPSED  # on which the lag is counted


@dataclass(frozen=True)
class Graph:
    """Node j depends only on nodes with smaller numbers. `before` and `after` hold the FS links without lag."""

    names: Sequence[str]  # of an activity its path, of a gate its summary's
    activities: Sequence[Activity | None]  # None for a gate
    index: Mapping[str, int]  # of every activity that is not a summary
    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]
    arcs_before: Mapping[int, Sequence[Arc]]
    arcs_after: Mapping[int, Sequence[Arc]]
    leaves: Mapping[str, Sequence[int]]  # of every summary that has any, by its path
    cycles: tuple[tuple[str, ...], ...]

    def with_activities(self, changed: Sequence[Activity]) -> Graph:
        """The same graph where these activities say something else, of links and parents excepted."""
        activities = list(self.activities)
        for activity in changed:
            if activity.path in self.index:
                activities[self.index[activity.path]] = activity
        return replace(self, activities=activities)

    def with_new(self, activity: Activity, over: Sequence[str]) -> Graph | None:
        """The graph with one more activity, after all others; None where a summary over it has gates to go through."""
        if self.cycles or any(path in self.gated for path in over):
            return None
        node = len(self.names)
        leaves = {**self.leaves, **{path: [*self.leaves.get(path, ()), node] for path in over}}
        return replace(
            self,
            names=[*self.names, activity.path],
            activities=[*self.activities, activity],
            index={**self.index, activity.path: node},
            before=[*self.before, []],
            after=[*self.after, []],
            leaves=leaves,
        )

    @cached_property
    def gated(self) -> frozenset[str]:
        """The summaries that have gates."""
        return frozenset(name for name, activity in zip(self.names, self.activities, strict=True) if activity is None)

    def with_links(self, removed: Sequence[Link], added: Sequence[Link]) -> Graph | None:
        """The graph with other links; None where they lead against its order, or to summaries, or where it has circles."""
        ends = [end for link in (*removed, *added) for end in (link.predecessor, link.successor)]
        if self.cycles or any(end not in self.index for end in ends):
            return None
        if any(self.index[link.predecessor] >= self.index[link.successor] for link in added):
            return None
        before, after = list(self.before), list(self.after)
        into, out_of = dict(self.arcs_before), dict(self.arcs_after)
        for link in removed:
            source, target, arc = self._arc(link)
            if arc is None:
                before[target], after[source] = _less(before[target], source), _less(after[source], target)
            else:
                into[target] = _less(into[target], arc._replace(node=source))
                out_of[source] = _less(out_of[source], arc)
        for link in added:
            source, target, arc = self._arc(link)
            if arc is None:
                before[target], after[source] = [*before[target], source], [*after[source], target]
            else:
                into[target] = [*into.get(target, ()), arc._replace(node=source)]
                out_of[source] = [*out_of.get(source, ()), arc]
        return replace(self, before=before, after=after, arcs_before=into, arcs_after=out_of)

    def _arc(self, link: Link) -> tuple[int, int, Arc | None]:
        """The two ends of a link, and its arc from the first to the second where it is no plain one."""
        source, target = self.index[link.predecessor], self.index[link.successor]
        if link.type == "FS" and not link.lag:
            return source, target, None
        activity = self.activities[target]
        calendar = ELAPSED if link.elapsed or activity is None else activity.calendar
        return source, target, Arc(target, link.type in {"FS", "FF"}, link.type in {"FF", "SF"}, link.lag, calendar)


T = TypeVar("T")


def _less(row: Sequence[T], value: T) -> list[T]:
    """A row without one of its values, once."""
    rest = list(row)
    rest.remove(value)
    return rest


def graph(network: Network) -> Graph:
    """The network as a graph; links inside a circle are left out, and the circle is named."""
    making = _Making(network)
    order, cycles = making.order()
    place = [0] * len(order)
    for position, raw in enumerate(order):
        place[raw] = position
    placed = place.__getitem__

    def rows(raw_rows: list[list[int]]) -> list[Sequence[int]]:
        return [row and list(map(placed, row)) for row in map(raw_rows.__getitem__, order)]

    def arcs(raw_arcs: Mapping[int, Sequence[Arc]]) -> dict[int, Sequence[Arc]]:
        return {place[raw]: [Arc(place[arc[0]], *arc[1:]) for arc in found] for raw, found in raw_arcs.items()}

    names, gates = making.names[: making.count], making.names[making.count :]
    activities = [*map(network.activities.__getitem__, names), *(None for _ in gates)]
    paths = [*names, *(gate.rpartition("\n")[2] for gate in gates)]
    return Graph(
        names=[paths[raw] for raw in order],
        activities=[activities[raw] for raw in order],
        index=dict(zip(names, place, strict=False)),
        before=rows(making.before),
        after=rows(making.after),
        arcs_before=arcs(making.into),
        arcs_after=arcs(making.out_of),
        leaves={path: list(map(placed, raws)) for path, raws in making.under.items()},
        cycles=cycles,
    )


def summaries_over(activity: Activity, activities: Mapping[str, Activity]) -> list[str]:
    """Paths of the summaries an activity lies in, the nearest first; a circle of parents ends where it closes."""
    found: dict[str, None] = {}
    path = activity.parent
    while path is not None and path not in found and path != activity.path and path in activities:
        found[path] = None
        path = activities[path].parent
    return list(found)


class _Making:
    """A graph while it is made: nodes by raw numbers, in the order of their paths, gates after them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        activities = network.activities
        self.names = sorted(path for path, activity in activities.items() if not activity.summary)
        self.count = len(self.names)
        self.number = {name: raw for raw, name in enumerate(self.names)}
        self.under = self._leaves()
        self.before: list[list[int]] = [[] for _ in self.names]
        self.after: list[list[int]] = [[] for _ in self.names]
        self.into: dict[int, list[Arc]] = {}
        self.out_of: dict[int, list[Arc]] = {}
        number = self.number
        for link in network.links:
            source, target = number.get(link.predecessor), number.get(link.successor)
            if source is None or target is None or link.type != "FS" or link.lag:
                self._add_link(link.predecessor, link.successor, link.type, link.lag, link.elapsed)
            elif source != target:
                self.before[target].append(source)
                self.after[source].append(target)

    def _leaves(self) -> dict[str, list[int]]:
        activities, found = self.network.activities, dict[str, list[int]]()
        over: dict[str | None, list[str]] = {None: []}
        for raw, path in enumerate(self.names):
            activity = activities[path]
            if activity.parent not in over:
                over[activity.parent] = summaries_over(activity, activities)
            for summary in over[activity.parent]:
                found.setdefault(summary, []).append(raw)
        return found

    def _add_link(self, predecessor: str, successor: str, kind: str, lag: int, elapsed: bool) -> None:
        activities = self.network.activities
        source, target = activities.get(predecessor), activities.get(successor)
        if source is None or target is None or source is target:
            return
        from_finish, to_finish = kind in {"FS", "FF"}, kind in {"FF", "SF"}
        first = self.number.get(predecessor)
        if first is None:
            first = self._gate(predecessor, "finished" if from_finish else "started")
        second = self.number.get(successor)
        if second is None:
            second, to_finish = self._gate(successor, "finish" if to_finish else "start"), False
        self._add(first, Arc(second, from_finish, to_finish, lag, ELAPSED if elapsed else target.calendar))

    def _add(self, source: int, arc: Arc) -> None:
        if arc.from_finish and not arc.to_finish and not arc.lag:
            self.before[arc.node].append(source)
            self.after[source].append(arc.node)
        else:
            self.into.setdefault(arc.node, []).append(arc._replace(node=source))
            self.out_of.setdefault(source, []).append(arc)

    def _gate(self, path: str, end: str) -> int:
        """The node that stands for one end of a summary: what links to it comes before, or after, all its leaves."""
        name = f"{end}\n{path}"
        if name in self.number:
            return self.number[name]
        gate = self.number[name] = len(self.names)
        self.names.append(name)
        self.before.append([])
        self.after.append([])
        for leaf in self.under.get(path, ()):
            if end in {"start", "finish"}:
                self._add(gate, Arc(leaf, to_finish=end == "finish"))
            else:
                self._add(leaf, Arc(gate, from_finish=end == "finished"))
        return gate

    def order(self) -> tuple[list[int], tuple[tuple[str, ...], ...]]:
        """Raw numbers so that all links lead onwards, and the circles; links inside a circle are taken out."""
        order = self._sorted()
        if len(order) == len(self.names):
            return order, ()
        placed = set(order)
        rest = {
            raw: [other for other in self._targets(raw) if other not in placed]
            for raw in range(len(self.names))
            if raw not in placed
        }
        found = circles(rest)
        for circle in found:
            self._cut(set(circle))
        named = [tuple(dict.fromkeys(self.names[raw].rpartition("\n")[2] for raw in circle)) for circle in found]
        return self._sorted(), tuple(sorted(named))

    def _targets(self, raw: int) -> list[int]:
        return [*self.after[raw], *(arc.node for arc in self.out_of.get(raw, ()))]

    def _cut(self, circle: set[int]) -> None:
        for raw in circle:
            self.before[raw] = [other for other in self.before[raw] if other not in circle]
            self.after[raw] = [other for other in self.after[raw] if other not in circle]
            for arcs in (self.into, self.out_of):
                if raw in arcs:
                    arcs[raw] = [arc for arc in arcs[raw] if arc.node not in circle]

    def _sorted(self) -> list[int]:
        """Raw numbers in topological order, as far as there is one (Kahn, 1962)."""
        waits = list(map(len, self.before))
        for raw, arcs in self.into.items():
            waits[raw] += len(arcs)
        after, out_of = self.after, self.out_of
        order = [raw for raw, count in enumerate(waits) if not count]
        for raw in order:
            for target in after[raw] if raw not in out_of else self._targets(raw):
                waits[target] -= 1
                if not waits[target]:
                    order.append(target)
        return order
