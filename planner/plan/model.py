"""What a scheduler works on and what it finds: activities, links, the network of both, and its dates.

Moments are minutes as in `planner.plan.calendar`; lengths are minutes, working time unless `elapsed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from planner.core.model import Problem
from planner.plan.calendar import Calendar, Moment

if TYPE_CHECKING:
    from planner.plan.graph import Graph

LinkType: TypeAlias = Literal["FS", "SS", "FF", "SF"]
ConstraintType: TypeAlias = Literal["ASAP", "ALAP", "SNET", "FNET", "SNLT", "FNLT", "MSO", "MFO"]


@dataclass(frozen=True, slots=True)
class Activity:
    """One piece of work as the scheduler sees it: an item's fields, resolved to minutes, calendars and people."""

    path: str
    id: str
    title: str
    kind: str = "task"
    project: str | None = None  # the path of the nearest project above it
    parent: str | None = None  # the path of the summary it is a part of
    duration: int = 0  # minutes of `clock` from start to finish
    effort: int | None = None  # minutes of one person's work; None where the length was given, not the work
    elapsed: bool = False  # counted round the clock
    calendar: Calendar = field(kw_only=True)  # the item's own: days, lags and float are counted on it
    clock: Calendar | None = None  # what its work is counted on, where its people's time differs from its calendar
    assignees: tuple[tuple[str, float], ...] = ()  # person's id and the share of their working time, 1.0 for all
    priority: int = 0  # place among the vault's levels, 0 for the most urgent
    constraint: ConstraintType = "ASAP"
    constraint_date: Moment | None = None  # a day's begin, of FNET FNLT MFO its end
    not_before: Moment | None = None  # the day work is meant to start, if later than the rest allows
    deadline: Moment | None = None
    actual_start: Moment | None = None
    actual_finish: Moment | None = None
    remaining: int | None = None  # minutes of `clock` still to do, where that is known
    progress: float = 0.0  # 0 to 1
    milestone: bool = False
    summary: bool = False
    leveling_delay: int = 0  # minutes of its calendar, or of elapsed time
    leveling_elapsed: bool = False
    assumed: bool = False  # nobody said how long it takes

    @property
    def started(self) -> bool:
        """Whether work has begun."""
        return self.actual_start is not None

    @property
    def finished(self) -> bool:
        """Whether it is done."""
        return self.actual_finish is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A dependency between two activities (paths); `lag` is negative for a lead, working time unless `elapsed`."""

    predecessor: str
    successor: str
    type: LinkType = "FS"
    lag: int = 0
    elapsed: bool = False


@dataclass(frozen=True)
class Network:
    """All activities and their links; `start` is where the plan begins, `status` up to when actuals are known."""

    activities: Mapping[str, Activity]
    links: tuple[Link, ...] = ()
    start: Moment = 0
    status: Moment = 0
    problems: tuple[Problem, ...] = ()

    @cached_property
    def graph(self) -> Graph:
        """The network as index arrays, in topological order."""
        from planner.plan.graph import graph

        return graph(self)

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Circles of activities, each whole, a summary standing for what lies below it."""
        return self.graph.cycles


@dataclass(frozen=True, slots=True)
class Dates:
    """What the critical path method says of one activity; floats in working minutes of its calendar.

    `start` and `finish` are the plan: early dates, but for ALAP work and after levelling delays.
    """

    early_start: Moment
    early_finish: Moment
    late_start: Moment
    late_finish: Moment
    start: Moment
    finish: Moment
    total_float: int
    free_float: int
    critical: bool
    driving: tuple[str, ...] = ()  # the predecessors without which it could start earlier


@dataclass(frozen=True, slots=True)
class Conflict:
    """A date that cannot be kept: the rule (`deadline`, `MSO` …) and by how many working minutes it fails."""

    path: str
    rule: str
    minutes: int


@dataclass(frozen=True)
class Schedule:
    """The dates of every activity, summaries included."""

    network: Network
    dates: Mapping[str, Dates]
    finish: Moment
    critical: tuple[str, ...] = ()  # paths, by early start
    conflicts: tuple[Conflict, ...] = ()
