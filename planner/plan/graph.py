"""A network as index arrays in topological order: what the passes of the critical path method run over.

Nodes are the activities that are not summaries, and gates of no length for each summary that has links: one gate
stands between n predecessors of a summary and its m leaves, so that they make n + m arcs and not n * m.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from planner.core.circles import circles
from planner.plan.calendar import ELAPSED, Calendar

if TYPE_CHECKING:
    from planner.plan.model import Activity, Network


class Arc(NamedTuple):
    """A link that is more than "start after finish": its other end, which ends it ties, its lag and on what."""

    node: int
    from_finish: bool
    to_finish: bool
    lag: int
    calendar: Calendar  # on which the lag is counted


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
    leaves: Mapping[str, Sequence[int]]  # of every summary, by its path
    above: Sequence[Sequence[Activity]]  # of every node, the summaries it lies in, the nearest first
    cycles: tuple[tuple[str, ...], ...]


class _Edge(NamedTuple):
    """One arc of the graph while it is made, between raw numbers."""

    source: int
    target: int
    from_finish: bool = True
    to_finish: bool = False
    lag: int = 0
    calendar: Calendar = ELAPSED


def graph(network: Network) -> Graph:
    """The network as a graph; links inside a circle are left out, and the circle is named."""
    activities = network.activities
    above = {path: _summaries_over(activity, activities) for path, activity in activities.items()}
    names = sorted(path for path, activity in activities.items() if not activity.summary)
    number = {name: index for index, name in enumerate(names)}
    under: dict[str, list[int]] = {}
    for path in names:
        for summary in above[path]:
            under.setdefault(summary.path, []).append(number[path])
    edges = _edges(network, names, number, under)
    order, edges, cycles = _in_order(names, edges)
    place = [0] * len(names)
    for position, raw in enumerate(order):
        place[raw] = position
    count = len(names)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    arcs_before: dict[int, list[Arc]] = {}
    arcs_after: dict[int, list[Arc]] = {}
    for edge in edges:
        source, target = place[edge.source], place[edge.target]
        if edge.from_finish and not edge.to_finish and not edge.lag:
            before[target].append(source)
            after[source].append(target)
        else:
            arcs_before.setdefault(target, []).append(Arc(source, *edge[2:]))
            arcs_after.setdefault(source, []).append(Arc(target, *edge[2:]))
    paths = [names[raw].rpartition("\n")[2] for raw in order]
    return Graph(
        names=paths,
        activities=[None if "\n" in names[raw] else activities[names[raw]] for raw in order],
        index={name: place[raw] for raw, name in enumerate(names) if "\n" not in name},
        before=before,
        after=after,
        arcs_before=arcs_before,
        arcs_after=arcs_after,
        leaves={path: [place[raw] for raw in raws] for path, raws in under.items()},
        above=[above[path] for path in paths],
        cycles=cycles,
    )


def _summaries_over(activity: Activity, activities: Mapping[str, Activity]) -> list[Activity]:
    """The summaries an activity lies in, the nearest first; a circle of parents ends where it closes."""
    found: dict[str, Activity] = {}
    path = activity.parent
    while path is not None and path not in found and path != activity.path:
        above = activities.get(path)
        if above is None:
            break
        found[path] = above
        path = above.parent
    return list(found.values())


def _edges(
    network: Network, names: list[str], number: dict[str, int], under: Mapping[str, Sequence[int]]
) -> list[_Edge]:
    """All arcs between raw numbers; gates are added to the names as links ask for them."""
    edges: list[_Edge] = []

    def gate(path: str, end: str) -> int:
        name = f"{end}\n{path}"
        if name not in number:
            number[name] = len(names)
            names.append(name)
            edges.extend(_leaf_edge(end, number[name], leaf) for leaf in under.get(path, ()))
        return number[name]

    activities = network.activities
    for link in network.links:
        source, target = activities.get(link.predecessor), activities.get(link.successor)
        if source is None or target is None or source is target:
            continue
        from_finish, to_finish = link.type in {"FS", "FF"}, link.type in {"FF", "SF"}
        first = gate(source.path, "finished" if from_finish else "started") if source.summary else number[source.path]
        second = gate(target.path, "finish" if to_finish else "start") if target.summary else number[target.path]
        calendar = ELAPSED if link.elapsed else target.calendar
        edges.append(_Edge(first, second, from_finish, to_finish and not target.summary, link.lag, calendar))
    return edges


def _leaf_edge(end: str, gate: int, leaf: int) -> _Edge:
    """How a leaf hangs on a gate: after it, or before it, by its start or by its finish."""
    if end in {"start", "finish"}:
        return _Edge(gate, leaf, to_finish=end == "finish")
    return _Edge(leaf, gate, from_finish=end == "finished")


def _in_order(names: Sequence[str], edges: list[_Edge]) -> tuple[list[int], list[_Edge], tuple[tuple[str, ...], ...]]:
    """Raw numbers so that edges lead onwards (Kahn, 1962), the edges without those inside a circle, and the circles."""
    order = _kahn(len(names), edges)
    if len(order) == len(names):
        return order, edges, ()
    placed = set(order)
    targets: dict[int, list[int]] = {}
    for edge in edges:
        if edge.source not in placed and edge.target not in placed:
            targets.setdefault(edge.source, []).append(edge.target)
    found = circles(targets)
    circle_of = {node: index for index, circle in enumerate(found) for node in circle}
    kept = [edge for edge in edges if circle_of.get(edge.source, -1) != circle_of.get(edge.target, -2)]
    named = [tuple(dict.fromkeys(names[node].rpartition("\n")[2] for node in circle)) for circle in found]
    return _kahn(len(names), kept), kept, tuple(sorted(named))


def _kahn(count: int, edges: Iterable[_Edge]) -> list[int]:
    waits = [0] * count
    targets: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        waits[edge[1]] += 1
        targets[edge[0]].append(edge[1])
    order = [node for node in range(count) if not waits[node]]
    for node in order:
        for target in targets[node]:
            waits[target] -= 1
            if not waits[target]:
                order.append(target)
    return order
