"""Circles in a directed graph: its strongly connected groups, found without recursion (Tarjan, 1972)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


N = TypeVar("N", bound=_Ordered)


def circles(graph: Mapping[N, Iterable[N]]) -> list[list[N]]:
    """Every group of two or more nodes that lead to each other, from its least one along its edges."""
    return [_walk(graph, group) for group in _components(graph) if len(group) > 1]


def _components(graph: Mapping[N, Iterable[N]]) -> list[set[N]]:
    """Strongly connected components, iteratively: a chain of 100,000 items must not exhaust the stack."""
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    on_stack: set[N] = set()
    components: list[set[N]] = []
    for root in graph:
        if root in index:
            continue
        work: list[tuple[N, Iterator[N]]] = [(root, iter(graph.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is not None:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                elif target in on_stack:
                    low[node] = min(low[node], index[target])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                component: set[N] = set()
                while node not in component:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.add(member)
                components.append(component)
    return components


def _walk(graph: Mapping[N, Iterable[N]], group: set[N]) -> list[N]:
    """A group's members from its least one along its edges."""
    order: dict[N, None] = {}
    todo = [min(group)]
    while todo:
        node = todo.pop()
        if node not in order:
            order[node] = None
            targets = [target for target in graph.get(node, ()) if target in group and target not in order]
            todo.extend(reversed(targets))
    return list(order)
