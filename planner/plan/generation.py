"""Schedule generation schemes: serial and parallel, by named priority rules, and forward-backward improvement.

Sources: Kolisch, "Serial and parallel resource-constrained project scheduling methods revisited" (EJOR 90, 1996) for
schemes and rules; Tormos and Lova (2001) and Valls, Ballestín and Quintanilla, "Justification and RCPSP" (EJOR 165,
2005) for the improvement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import Any, TypeAlias

from planner.plan.rcpsp import Instance, Ledger, Moment, Timetable, critical_path, earliest, latest

Keys: TypeAlias = Sequence[Any]
"""One comparable value a job, smallest first; equal ones go by their place."""


class _Placing:
    """A timetable in the making: what stands already, what may come next."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.ledger = Ledger(instance)
        self.starts = [0] * len(instance.jobs)
        self.finishes = [0] * len(instance.jobs)
        self.ready: list[int] = []
        self._missing = [len(links) for links in instance.arriving]
        fixed = [place for place in instance.order if instance.jobs[place].fixed is not None]
        for place in fixed:
            self._put(place, instance.jobs[place].fixed or 0)
        self._tell(fixed)
        self.ready += [p for p, count in enumerate(self._missing) if not count and instance.jobs[p].fixed is None]

    def earliest(self, place: int) -> Moment:
        """The first start that its predecessors allow."""
        return earliest(self.instance, place, self.starts, self.finishes)

    def place(self, place: int, start: Moment) -> list[int]:
        """Give a job its start; returns the jobs that may come next now."""
        self._put(place, start)
        return self._tell([place])

    def _put(self, place: int, start: Moment) -> None:
        job = self.instance.jobs[place]
        self.starts[place] = start
        self.finishes[place] = job.clock.advance(start, job.duration)
        self.ledger.reserve(job, start, self.finishes[place])

    def _tell(self, placed: Sequence[int]) -> list[int]:
        ready = []
        for link in chain.from_iterable(self.instance.leaving[place] for place in placed):
            self._missing[link.successor] -= 1
            if not self._missing[link.successor] and self.instance.jobs[link.successor].fixed is None:
                ready.append(link.successor)
        return ready

    def timetable(self) -> Timetable:
        """What has come of it."""
        return Timetable(tuple(self.starts), tuple(self.finishes))


def serial(instance: Instance, keys: Keys) -> Timetable:
    """The serial scheme: the best job whose predecessors stand goes where it first fits. Gives active schedules.

    A job that never fits starts as early as its logic allows, over capacity.
    """
    placing = _Placing(instance)
    heap = [(keys[place], place) for place in placing.ready]
    heapify(heap)
    while heap:
        _, place = heappop(heap)
        start = placing.earliest(place)
        found = placing.ledger.first_fit(instance.jobs[place], start)
        for ready in placing.place(place, start if found is None else found):
            heappush(heap, (keys[ready], ready))
    return placing.timetable()


def parallel(instance: Instance, keys: Keys) -> Timetable:
    """The parallel scheme: at each moment every job that can start and fits does, best first. Gives non-delay schedules.

    A job that never fits starts as early as its logic allows, over capacity.
    """
    placing = _Placing(instance)
    waiting = {place: placing.earliest(place) for place in placing.ready}
    moments = sorted(waiting.values())
    while waiting:
        now = heappop(moments)
        due = [(keys[place], place) for place, start in waiting.items() if start <= now]
        heapify(due)
        while due:
            _, place = heappop(due)
            job = instance.jobs[place]
            again: Moment | None = job.clock.next_start(now)
            if again == now:
                again = placing.ledger.next_try(job, now)
            if again is not None and again > now:
                waiting[place] = again
                heappush(moments, again)
                continue
            start = placing.earliest(place) if again is None else now
            del waiting[place]
            for ready in placing.place(place, start):
                waiting[ready] = placing.earliest(ready)
                if waiting[ready] <= now:
                    heappush(due, (keys[ready], ready))
                else:
                    heappush(moments, waiting[ready])
    return placing.timetable()


def improved(instance: Instance, timetable: Timetable) -> Timetable:
    """Forward-backward improvement: all as late as the end allows, then as early again, while the end comes sooner.

    Never later than what it is given.
    """
    while True:
        back = instance.mirrored(timetable.finish)
        late = serial(back, timetable.mirrored().starts).mirrored()
        again = serial(instance, late.starts)
        if again.finish >= timetable.finish:
            return timetable
        timetable = again


# -- Priority rules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Which of the jobs that could be next goes first; `keys` takes the instance, early dates and late dates."""

    name: str
    help: str
    keys: Callable[[Instance, Timetable, Timetable], Keys]


def _successors(instance: Instance) -> list[int]:
    """How many jobs come after each one, directly or not."""
    after = [0] * len(instance.jobs)  # bit sets
    for place in reversed(instance.order):
        for link in instance.leaving[place]:
            after[place] |= after[link.successor] | 1 << link.successor
    return [found.bit_count() for found in after]


def _weights(instance: Instance) -> list[int]:
    """Each job's duration and its direct successors' together."""
    jobs = instance.jobs
    return [
        job.duration + sum(jobs[next_].duration for next_ in {link.successor for link in links})
        for job, links in zip(jobs, instance.leaving, strict=True)
    ]


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "priority",
            "the more urgent project and task first, then the earliest late start",
            lambda instance, _, late: [
                (job.urgency, start) for job, start in zip(instance.jobs, late.starts, strict=True)
            ],
        ),
        Rule("lft", "earliest late finish first", lambda _instance, _early, late: late.finishes),
        Rule("lst", "earliest late start first", lambda _instance, _early, late: late.starts),
        Rule(
            "slack",
            "least float first",
            lambda _, early, late: [to - at for at, to in zip(early.starts, late.starts, strict=True)],
        ),
        Rule("mts", "most successors first", lambda instance, *_: [-count for count in _successors(instance)]),
        Rule("spt", "shortest first", lambda instance, *_: [job.duration for job in instance.jobs]),
        Rule(
            "grpw",
            "greatest rank positional weight first: its duration and its successors'",
            lambda instance, *_: [-weight for weight in _weights(instance)],
        ),
    )
}
"""Every rule by its name. What a rule holds equal goes by the place of the jobs."""


def rule_keys(instance: Instance, name: str) -> Keys:
    """A rule's value for each job; raises KeyError for an unknown name."""
    early = critical_path(instance)
    return RULES[name].keys(instance, early, latest(instance, early.finish))
