"""Schedule risk: the real network and its calendars, run many times with random durations and risks that fire.

Monte Carlo simulation as in D. Hulett, "Practical Schedule Risk Analysis" (2009). Durations come from three-point
estimates (beta-PERT or triangular), independent of each other; a risk fires with its probability and delays what it
threatens. Every activity and risk has a generator of its own, so the same seed gives the same runs, and a new task does
not change the luck of the others. ALAP work is done as soon as possible here: its float is what uncertainty eats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, sqrt
from random import Random
from statistics import fmean, stdev

from planner.core.hours import DAY
from planner.plan.calendar import Calendar, Moment
from planner.plan.columns import Line, forward_columns
from planner.plan.graph import Graph
from planner.plan.model import Activity, Network
from planner.plan.passes import Pass, Terms, drivers, forward, terms_of
from planner.plan.pert import ThreePoint
from planner.plan.sampling import Distribution, sample

PERCENTILES = (10, 50, 80, 90)


@dataclass(frozen=True, slots=True)
class Threat:
    """A risk as the simulation sees it: fires with a chance from 0 to 1, and then delays these activities (paths)."""

    id: str
    chance: float
    delay: int  # minutes of working time
    hits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one activity or threat was in each run: minutes it took, or by which it delayed."""

    id: str
    path: str
    minutes: tuple[int, ...]


@dataclass(frozen=True)
class Simulation:
    """The finishes of all runs by path, under None those of the whole plan, and how each run came about."""

    runs: int
    seed: int
    distribution: Distribution
    network: Network
    finishes: Mapping[str | None, Sequence[Moment]]
    samples: tuple[Sample, ...]
    critical: Mapping[str, int]  # in how many runs an activity (path) was on the longest path of a project

    def finish(self, percent: int, path: str | None = None) -> Moment:
        """The moment by which so many percent of the runs had finished: the smallest such, a finish that did occur."""
        ordered = self._ordered[path]
        return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]

    @cached_property
    def _ordered(self) -> Mapping[str | None, Sequence[Moment]]:
        return {path: sorted(finishes) for path, finishes in self.finishes.items()}

    @cached_property
    def _ranks(self) -> Sequence[list[float]]:
        return [ranks(each.minutes) for each in self.samples]

    def chance(self, deadline: Moment, path: str | None = None) -> float:
        """The share of runs that had finished by then."""
        return sum(finish <= deadline for finish in self.finishes[path]) / self.runs

    def criticality(self, path: str) -> float:
        """Criticality index: the share of runs in which an activity was on the longest path to the end of a project."""
        return self.critical.get(path, 0) / self.runs

    def standard_error(self, calendar: Calendar, path: str | None = None) -> float:
        """Of the mean finish, in working days of a calendar: s / √runs."""
        worked = [calendar.worked(finish) / calendar.day_minutes for finish in self.finishes[path]]
        return stdev(worked) / sqrt(self.runs) if self.runs > 1 else 0.0

    def sensitivity(self, path: str | None = None) -> tuple[tuple[str, float], ...]:
        """Ids of activities and risks with the rank correlation (Spearman) of their minutes and a finish, strongest first."""
        finishes = ranks(self.finishes[path])
        pairs = zip(self.samples, self._ranks, strict=True)
        found = [(each.id, correlation(ranked, finishes)) for each, ranked in pairs]
        return tuple(sorted(found, key=lambda pair: (-abs(pair[1]), pair[0])))


def error_of_chance(chance: float, runs: int) -> float:
    """Standard error of a share of so many runs: √(p(1 − p) / runs)."""
    return sqrt(chance * (1 - chance) / runs)


def simulate(
    network: Network,
    estimates: Mapping[str, ThreePoint],
    threats: Iterable[Threat] = (),
    *,
    runs: int = 1000,
    seed: int = 1,
    distribution: Distribution = "pert",
    watched: Iterable[str] = (),
) -> Simulation:
    """Run a network so many times; `estimates` are in minutes of each activity's clock, `watched` paths keep their finishes.

    An activity without an estimate takes in each run what the plan says. Raises ValueError for fewer than one run.
    """
    if runs < 1:
        raise ValueError("at least one run is needed")
    graph, terms = network.graph, terms_of(network, network.graph)
    lengths = [[length] * runs for length in terms.lengths]
    late: dict[int, list[int]] = {}
    samples: list[Sample] = []
    for path, estimate in estimates.items():
        column = sample(estimate, runs, Random(f"{seed}/{path}"), distribution)  # noqa: S311 (no secret)
        lengths[graph.index[path]] = column
        samples.append(Sample(network.activities[path].id, path, tuple(column)))
    for threat in threats:
        random = Random(f"{seed}/{threat.id}").random  # noqa: S311 (no secret)
        delays = [threat.delay if random() < threat.chance else 0 for _ in range(runs)]
        samples.append(Sample(threat.id, "", tuple(delays)))
        for path in threat.hits:
            node = graph.index[path]
            late[node] = list(map(int.__add__, late.get(node, [0] * runs), delays))
    places = {path: graph.leaves.get(path) or (graph.index[path],) for path in watched}
    if not lengths:
        return Simulation(runs, seed, distribution, network, {None: [network.start] * runs}, (), {})
    finishes, critical = _run(network, terms, lengths, late, places)
    return Simulation(runs, seed, distribution, network, finishes, tuple(samples), critical)


def _run(
    network: Network,
    terms: Terms,
    lengths: Sequence[list[int]],
    late: Mapping[int, list[int]],
    places: Mapping[str, Sequence[int]],
) -> tuple[Mapping[str | None, Sequence[Moment]], Mapping[str, int]]:
    """The finishes of all runs by path (None: of all), and in how many of them each activity was critical."""
    graph = network.graph
    leveled = {n: a.leveling_delay for n, a in enumerate(graph.activities) if a is not None and a.leveling_delay > 0}
    columns = forward_columns(graph, terms, lengths, _lines(graph, terms, lengths, late, leveled), leveled, late)
    finishes: dict[str | None, Sequence[Moment]] = {
        path: _latest([columns.finishes[node] for node in nodes]) for path, nodes in places.items()
    }
    finishes[None] = _latest(columns.finishes)
    counted = Counter(
        node
        for run, done in enumerate(columns.passes())
        for node in critical_nodes(graph, replace(terms, lengths=[column[run] for column in lengths]), done, leveled)
    )
    return finishes, {path: counted[node] for path, node in graph.index.items() if counted[node]}


def _latest(columns: Sequence[list[Moment]]) -> list[Moment]:
    return list(map(max, *columns)) if len(columns) > 1 else columns[0]


def _lines(
    graph: Graph,
    terms: Terms,
    lengths: Sequence[list[int]],
    late: Mapping[int, list[int]],
    leveled: Mapping[int, int],
) -> Mapping[Calendar, Line]:
    """Every clock laid out from the first date of the plan to about the last that any run can reach."""
    worst = replace(terms, lengths=[max(column) for column in lengths])
    pairs = zip(terms.floors, graph.activities, strict=True)
    first = min((floor for floor, a in pairs if a is not None and not a.finished), default=0)
    last = max(forward(graph, worst, leveled).finishes, default=first)
    added = sum(max(column) for column in late.values())
    last += 5 * added + DAY  # an hour of work is seldom more than five of time
    return {clock: Line.of(clock, first, last) for clock in set(terms.clocks)}


def critical_nodes(graph: Graph, terms: Terms, done: Pass, delays: Mapping[int, int]) -> set[int]:
    """The longest paths of a pass: what each project finishes with, and along the driving links all that holds it there."""
    last: dict[str | None, Moment] = {}
    projects = [(None if activity is None else activity.project) for activity in graph.activities]
    for project, finish in zip(projects, done.finishes, strict=True):
        if finish > last.get(project, -1):
            last[project] = finish
    todo = [node for node, finish in enumerate(done.finishes) if finish == last[projects[node]]]
    found = set(todo)
    while todo:
        node = todo.pop()
        activity = graph.activities[node]
        if activity is not None and activity.finished:
            continue
        reached = done.counts[node]
        if activity is not None and node in delays:
            reached = terms.clocks[node].worked(_before_delay(activity, terms.clocks[node].at(reached)))
        for driver in drivers(graph, terms, done, node, reached):
            if driver not in found:
                found.add(driver)
                todo.append(driver)
    return {node for node in found if (a := graph.activities[node]) is not None and not a.finished}


def _before_delay(activity: Activity, start: Moment) -> Moment:
    """The start that a levelling delay moved to this one."""
    delay = activity.leveling_delay
    return start - delay if activity.leveling_elapsed else activity.calendar.retreat(start, delay)


# ---- rank correlation ------------------------------------------------------------------------------------------------


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 1 up; equal ones share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for place in order[begin:end]:
            found[place] = (begin + end + 1) / 2
        begin = end
    return found


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's coefficient, −1 to 1; 0 where either does not vary."""
    mean, other_mean = fmean(one), fmean(other)
    left, right = [x - mean for x in one], [y - other_mean for y in other]
    scale = sqrt(sum(x * x for x in left) * sum(y * y for y in right))
    return sum(x * y for x, y in zip(left, right, strict=True)) / scale if scale else 0.0
