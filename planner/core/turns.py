"""Sorting that lets other threads have their turn: one call into C holds up every other thread until it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

RUN = 4096  # as many are sorted by one call: some ten milliseconds, where half a second would be felt at a key


def sorted_by_turns(items: Iterable[T], key: Callable[[T], Any], *, reverse: bool = False, run: int = RUN) -> list[T]:
    """What `sorted` returns, equal ones as they came; many are sorted in runs, which are merged one by one."""
    known = list(items)
    if len(known) <= run:
        return sorted(known, key=key, reverse=reverse)
    from heapq import merge

    # A number tells equal keys apart, so that the items themselves are never compared.
    sign = -1 if reverse else 1
    keyed = [(key(item), sign * number, item) for number, item in enumerate(known)]
    runs = [sorted(keyed[begin : begin + run], reverse=reverse) for begin in range(0, len(keyed), run)]
    return [item for _, _, item in merge(*runs, reverse=reverse)]
