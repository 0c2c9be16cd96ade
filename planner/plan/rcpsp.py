"""The resource-constrained project scheduling problem (RCPSP): jobs in an order, on resources that are scarce.

Moments and durations are whole numbers of any unit, intervals half-open. Terms and notation: Kolisch and Hartmann,
"Heuristic algorithms for the resource-constrained project scheduling problem" (1999). Jobs are named by their place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeAlias

Moment: TypeAlias = int
Capacity: TypeAlias = "int | tuple[tuple[Moment, int], ...]"
"""How much of a resource there is: always, or by steps `(from, amount)` in order; nothing before the first."""

EVER = 1 << 62
"""Beyond every moment; `-EVER` is before every one."""


class Clock(Protocol):
    """Working time: when a job can begin, and where so much work of it ends. A calendar is one."""

    def next_start(self, m: Moment, /) -> Moment:
        """The first moment from `m` on at which work can begin."""

    def previous_finish(self, m: Moment, /) -> Moment:
        """The last moment up to `m` at which work can end."""

    def advance(self, m: Moment, minutes: int, /) -> Moment:
        """Where so much working time ends that begins at `m`."""

    def retreat(self, m: Moment, minutes: int, /) -> Moment:
        """Where so much working time begins that ends at `m`."""

    def between(self, a: Moment, b: Moment, /) -> int:
        """How much working time there is from `a` to `b`, negative where `b` comes first."""


@dataclass(frozen=True, slots=True)
class Continuous:
    """A clock without breaks."""

    def next_start(self, m: Moment, /) -> Moment:
        """`m` itself."""
        return m

    def previous_finish(self, m: Moment, /) -> Moment:
        """`m` itself."""
        return m

    def advance(self, m: Moment, minutes: int, /) -> Moment:
        """Plain addition."""
        return m + minutes

    def retreat(self, m: Moment, minutes: int, /) -> Moment:
        """Plain subtraction."""
        return m - minutes

    def between(self, a: Moment, b: Moment, /) -> int:
        """The distance."""
        return b - a


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A clock that runs backwards: moment `m` of it is moment `-m` of the other."""

    clock: Clock

    def next_start(self, m: Moment, /) -> Moment:
        """Where work could end, seen from behind."""
        return -self.clock.previous_finish(-m)

    def previous_finish(self, m: Moment, /) -> Moment:
        """Where work could begin, seen from behind."""
        return -self.clock.next_start(-m)

    def advance(self, m: Moment, minutes: int, /) -> Moment:
        """A retreat, seen from behind."""
        return -self.clock.retreat(-m, minutes)

    def retreat(self, m: Moment, minutes: int, /) -> Moment:
        """An advance, seen from behind."""
        return -self.clock.advance(-m, minutes)

    def between(self, a: Moment, b: Moment, /) -> int:
        """The same time, seen from behind."""
        return self.clock.between(-b, -a)


CONTINUOUS = Continuous()


@dataclass(frozen=True, slots=True)
class Job:
    """Work without preemption: it pauses only where its clock does.

    `latest` is the last start that may be waited for; a job that finds no room by then starts where its logic allows,
    room or not. `fixed` is a start that nothing moves. `urgency` orders jobs for the rule `priority`, smallest first.
    """

    duration: int
    demands: Mapping[str, int] = field(default_factory=dict)
    clock: Clock = CONTINUOUS
    release: Moment = -EVER
    latest: Moment = EVER
    fixed: Moment | None = None
    urgency: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A minimal time lag between a start or finish (S, F) of one job and that of another; negative: a lead."""

    predecessor: int
    successor: int
    type: str = "FS"
    lag: int = 0
    clock: Clock = CONTINUOUS


MIRRORED_TYPE = {"FS": "FS", "SS": "FF", "FF": "SS", "SF": "SF"}


@dataclass(frozen=True)
class Instance:
    """Jobs, their precedence and the capacity of each resource; nothing starts before `start`."""

    jobs: tuple[Job, ...]
    links: tuple[Link, ...] = ()
    capacities: Mapping[str, Capacity] = field(default_factory=dict)
    start: Moment = 0

    @cached_property
    def arriving(self) -> tuple[tuple[Link, ...], ...]:
        """The links to each job."""
        found: list[list[Link]] = [[] for _ in self.jobs]
        for link in self.links:
            found[link.successor].append(link)
        return tuple(map(tuple, found))

    @cached_property
    def leaving(self) -> tuple[tuple[Link, ...], ...]:
        """The links from each job."""
        found: list[list[Link]] = [[] for _ in self.jobs]
        for link in self.links:
            found[link.predecessor].append(link)
        return tuple(map(tuple, found))

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Every job after its predecessors; raises ValueError for a cycle."""
        missing = [len(links) for links in self.arriving]
        order = [place for place, count in enumerate(missing) if not count]
        for place in order:
            for link in self.leaving[place]:
                missing[link.successor] -= 1
                if not missing[link.successor]:
                    order.append(link.successor)
        if len(order) < len(self.jobs):
            raise ValueError("the links go in a circle")
        return tuple(order)

    def mirrored(self, end: Moment) -> Instance:
        """The same seen from behind, with everything before `end`: forward there is backward here."""
        jobs = tuple(
            replace(
                job,
                clock=Mirrored(job.clock),
                release=-EVER,
                latest=EVER,
                fixed=None if job.fixed is None else -job.clock.advance(job.fixed, job.duration),
            )
            for job in self.jobs
        )
        links = tuple(
            Link(link.successor, link.predecessor, MIRRORED_TYPE[link.type], link.lag, Mirrored(link.clock))
            for link in self.links
        )
        return Instance(jobs, links, {name: _mirrored(given) for name, given in self.capacities.items()}, -end)


def _mirrored(capacity: Capacity) -> Capacity:
    if isinstance(capacity, int):
        return capacity
    ends = [at for at, _ in capacity[1:]] + [EVER]
    return tuple((-end, amount) for end, (_, amount) in zip(reversed(ends), reversed(capacity), strict=True)) + (
        ((-capacity[0][0], 0),) if capacity else ()
    )


@dataclass(frozen=True, slots=True)
class Timetable:
    """Start and finish of each job."""

    starts: tuple[Moment, ...]
    finishes: tuple[Moment, ...]

    @property
    def finish(self) -> Moment:
        """The end of the last one (the makespan, where the first starts at 0)."""
        return max(self.finishes, default=0)

    def mirrored(self) -> Timetable:
        """The same seen from behind."""
        return Timetable(tuple(-m for m in self.finishes), tuple(-m for m in self.starts))


def lagged(link: Link, at: Moment) -> Moment:
    """A moment after a link's lag, or before its lead."""
    if link.lag < 0:
        return link.clock.retreat(at, -link.lag)
    return link.clock.advance(at, link.lag) if link.lag else at


def bound(instance: Instance, link: Link, starts: Sequence[Moment], finishes: Sequence[Moment]) -> Moment:
    """The first start that one link allows its successor, on the successor's clock."""
    job = instance.jobs[link.successor]
    at = lagged(link, finishes[link.predecessor] if link.type[0] == "F" else starts[link.predecessor])
    return job.clock.next_start(at if link.type[1] == "S" else job.clock.retreat(at, job.duration))


def earliest(instance: Instance, place: int, starts: Sequence[Moment], finishes: Sequence[Moment]) -> Moment:
    """The first start of a job that its release and its predecessors allow, whatever resources say."""
    job = instance.jobs[place]
    start = job.clock.next_start(max(instance.start, job.release))
    for link in instance.arriving[place]:
        start = max(start, bound(instance, link, starts, finishes))
    return start


def critical_path(instance: Instance) -> Timetable:
    """The forward pass: each job as early as its predecessors allow, as if there were enough of every resource."""
    starts = [0] * len(instance.jobs)
    finishes = [0] * len(instance.jobs)
    for place in instance.order:
        job = instance.jobs[place]
        starts[place] = earliest(instance, place, starts, finishes) if job.fixed is None else job.fixed
        finishes[place] = job.clock.advance(starts[place], job.duration)
    return Timetable(tuple(starts), tuple(finishes))


def latest(instance: Instance, end: Moment) -> Timetable:
    """The backward pass: each job as late as its successors allow with everything done by `end`."""
    return critical_path(instance.mirrored(end)).mirrored()


# -- Resources over time ---------------------------------------------------------------------------------------------


class Profile:
    """What is left of one resource, as steps in time; only reservations change it."""

    __slots__ = ("_free", "_times")

    def __init__(self, capacity: Capacity) -> None:
        steps = ((-EVER, capacity),) if isinstance(capacity, int) else ((-EVER, 0), *capacity)
        self._times = [at for at, _ in steps]
        self._free = [amount for _, amount in steps]

    def blocked_until(self, start: Moment, finish: Moment, need: int) -> Moment | None:
        """The end of the last step in [start, finish) with less than `need` left; None where there is enough."""
        times, free = self._times, self._free
        step = bisect_left(times, finish) - 1
        while step >= 0:
            if free[step] < need:
                return times[step + 1] if step + 1 < len(times) else EVER
            if times[step] <= start:
                break
            step -= 1
        return None

    def reserve(self, start: Moment, finish: Moment, amount: int) -> None:
        """Take so much of it in [start, finish), even where less is left."""
        if start >= finish:
            return
        first, last = self._split(start), self._split(finish)
        for step in range(first, last):
            self._free[step] -= amount

    def _split(self, at: Moment) -> int:
        """The step that begins at a moment, made where there is none."""
        step = bisect_right(self._times, at) - 1
        if self._times[step] == at:
            return step
        self._times.insert(step + 1, at)
        self._free.insert(step + 1, self._free[step])
        return step + 1

    def shortages(self) -> Iterator[tuple[Moment, Moment, int]]:
        """Where more is taken than there is: from, to, how much."""
        for step, left in enumerate(self._free):
            if left < 0:
                yield self._times[step], self._times[step + 1] if step + 1 < len(self._times) else EVER, -left


class Ledger:
    """What is left of every resource while jobs are placed one by one."""

    def __init__(self, instance: Instance) -> None:
        self._profiles = {name: Profile(capacity) for name, capacity in instance.capacities.items()}

    def blocked_until(self, job: Job, start: Moment, finish: Moment) -> Moment | None:
        """The end of the last time in [start, finish) with too little for the job; None where it fits."""
        ends = (
            self._profiles[name].blocked_until(start, finish, need)
            for name, need in job.demands.items()
            if need > 0 and finish > start
        )
        return max((end for end in ends if end is not None), default=None)

    def next_try(self, job: Job, start: Moment) -> Moment | None:
        """`start` where the job fits there, else the next start worth a try; None where that is later than it may be."""
        if start > job.latest:
            return None
        blocked = self.blocked_until(job, start, job.clock.advance(start, job.duration))
        if blocked is None:
            return start
        again = job.clock.next_start(blocked) if blocked < EVER else EVER
        return again if again <= job.latest and again < EVER else None

    def first_fit(self, job: Job, start: Moment) -> Moment | None:
        """The first start from `start` on where the job fits; None where that is later than it may be."""
        while (found := self.next_try(job, start)) is not None and found != start:
            start = found
        return found

    def reserve(self, job: Job, start: Moment, finish: Moment) -> None:
        """Take what a job demands while it runs."""
        for name, need in job.demands.items():
            self._profiles[name].reserve(start, finish, need)

    def shortages(self) -> Iterator[tuple[str, Moment, Moment, int]]:
        """Where more is taken than there is: resource, from, to, how much."""
        for name, profile in self._profiles.items():
            for start, finish, amount in profile.shortages():
                yield name, start, finish, amount


def shortages(instance: Instance, timetable: Timetable) -> list[tuple[str, Moment, Moment, int]]:
    """Where a timetable takes more than there is: resource, from, to, how much."""
    ledger = Ledger(instance)
    for job, start, finish in zip(instance.jobs, timetable.starts, timetable.finishes, strict=True):
        ledger.reserve(job, start, finish)
    return list(ledger.shortages())
