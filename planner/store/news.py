"""What a watcher tells, and the box it waits in: as long as news keeps coming it is gathered into one batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_

from planner.core.record import dataclass, replace

COALESCE = 0.02  # seconds without news that end a batch
LONGEST = 0.5  # seconds a batch waits at most, as long as there is news
BURST = 4096  # events in one batch; beyond it looking at every file's stamp is cheaper than file by file


@dataclass(frozen=True, slots=True)
class Batch:
    """What changed: relative paths of the vault's files, git's state, or too much to tell (then compare everything)."""

    paths: frozenset[str] = frozenset()
    head_changed: bool = False  # branch, commit, or a merge, rebase … in progress
    index_changed: bool = False
    overflow: bool = False
    refused: bool = False  # some folder cannot be watched
    renew: bool = False  # other folders than before are to be watched

    def __bool__(self) -> bool:
        return bool(self.paths) or self.head_changed or self.index_changed or self.overflow

    @staticmethod
    def of(batches: Iterable[Batch]) -> Batch:
        """All of them in one."""
        every = tuple(batches)
        rest = reduce(or_, (replace(batch, paths=frozenset()) for batch in every), Batch())
        return replace(rest, paths=frozenset().union(*(batch.paths for batch in every)))

    def __or__(self, other: Batch) -> Batch:
        return Batch(
            self.paths | other.paths,
            self.head_changed or other.head_changed,
            self.index_changed or other.index_changed,
            self.overflow or other.overflow,
            self.refused or other.refused,
            self.renew or other.renew,
        )


EVERYTHING = Batch(head_changed=True, index_changed=True, overflow=True)


class Inbox:
    """Where sources put changes and the deliverer takes them, as long as news keeps coming in one batch."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._closed = threading.Event()
        self._paths: set[str] = set()
        self._rest = Batch()
        self._events = 0
        self._later: list[tuple[float, Batch]] = []

    def put(self, batch: Batch, *, after: float = 0.0) -> None:
        """Add a change to the next batch, or to the one that is next in so many seconds."""
        with self._news:
            if after > 0:
                self._later.append((self._clock() + after, batch))
            else:
                self._add(batch)
            self._news.notify_all()

    def take(self) -> Batch | None:
        """Wait for the next batch; None once the inbox is closed."""
        with self._news:
            while not self._closed.is_set() and not self._due():
                self._news.wait(self._patience())
        seen, began = -1, self._clock()
        while self._events != seen and self._clock() - began < LONGEST:
            seen = self._events
            if self._closed.wait(COALESCE):
                return None
        with self._news:
            rest = self._rest
            batch = rest | Batch(frozenset(self._paths), overflow=self._events >= BURST)
            self._paths, self._rest, self._events = set(), Batch(), 0
        return batch

    def forget_timed_overflows(self) -> None:
        """Drop what was to come later only to compare everything: it is being done."""
        with self._news:
            self._later = [(due, batch) for due, batch in self._later if not batch.overflow]

    def close(self) -> None:
        """Let the deliverer end."""
        self._closed.set()
        with self._news:
            self._news.notify_all()

    def _add(self, batch: Batch) -> None:
        self._paths |= batch.paths
        self._rest |= replace(batch, paths=frozenset())
        self._events += max(1, len(batch.paths))

    def _due(self) -> bool:
        """Whether there is anything to take; what was put for later comes in when its time has come."""
        now = self._clock()
        for _, batch in (ripe := [(due, batch) for due, batch in self._later if due <= now]):
            self._add(batch)
        if ripe:
            self._later = [(due, batch) for due, batch in self._later if due > now]
        return self._events > 0

    def _patience(self) -> float | None:
        return max(0.0, min(due for due, _ in self._later) - self._clock()) if self._later else None
