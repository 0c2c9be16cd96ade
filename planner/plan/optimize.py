"""The shortest schedule by constraint programming: OR-Tools' CP-SAT, told where the heuristic has got to.

The model counts all time on one clock, the one most jobs run on; jobs and lags on other clocks are as long as they are
in the hint. Where there are such, it is an approximation, and its starts only order the jobs: the serial scheme then
places them on their real clocks. On one clock that loses nothing, for serial generation in the order of an optimal
schedule never ends later than that schedule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from math import gcd
from typing import TYPE_CHECKING

from planner.plan.generation import RULES, improved, parallel, serial
from planner.plan.rcpsp import CONTINUOUS, Instance, Link, Moment, Timetable, critical_path, lagged, latest, shortages

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

SEED = 5
SECONDS = 10.0
MISSING = "OR-Tools is not installed, so this is the heuristic's best; pip install 'planner[optimize]' brings it"


SHORTER = "a shorter one may exist"
INEXACT = f"working times differ, so that {SHORTER}"


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best timetable found; `proven` where no other ends sooner, `note` says what else there is to know."""

    timetable: Timetable
    proven: bool
    note: str = ""


def best_of_rules(instance: Instance, first: Timetable | None = None) -> Timetable:
    """The earliest end that any rule reaches in either scheme with forward-backward improvement, `first` included."""
    early = critical_path(instance)
    late = latest(instance, early.finish)
    best = first
    for rule in RULES.values():
        keys = rule.keys(instance, early, late)
        for scheme in (serial, parallel):
            found = improved(instance, scheme(instance, keys))
            if best is None or found.finish < best.finish:
                best = found
    return best or early


def optimized(instance: Instance, first: Timetable | None = None, seconds: float = SECONDS) -> Optimum:
    """The shortest schedule that is found in so many seconds, never later than `first` or the best rule.

    One worker and a fixed seed: the same again, unless the time ran out on the way.
    """
    hint = best_of_rules(instance, first)
    if hint.finish <= critical_path(instance).finish:
        return Optimum(hint, proven=True)
    if find_spec("ortools") is None:
        return Optimum(hint, proven=False, note=MISSING)
    model = _Model(instance, hint)
    starts, proven = model.solve(seconds)
    found = serial(instance, starts)
    best = found if found.finish < hint.finish else hint
    if proven and model.is_exact:
        return Optimum(best, proven=True)
    return Optimum(best, proven=False, note=INEXACT if proven else f"the best found in {seconds:g} s: {SHORTER}")


class _Model:
    """An instance in whole units of one clock, from the first start of a timetable that holds in it."""

    def __init__(self, instance: Instance, hint: Timetable) -> None:
        self.instance = instance
        counted = Counter(job.clock for job in instance.jobs if job.duration and job.fixed is None)
        clock = counted.most_common(1)[0][0] if counted else CONTINUOUS
        origin = min(hint.starts)

        def count(moment: Moment) -> int:
            return clock.between(origin, moment)

        def edge(link: Link) -> Moment:
            return (hint.finishes if link.type[0] == "F" else hint.starts)[link.predecessor]

        starts = [count(at) for at in hint.starts]
        durations = [count(to) - at for at, to in zip(starts, hint.finishes, strict=True)]
        releases = [count(max(origin, instance.start, job.release)) for job in instance.jobs]
        lags = [count(lagged(link, edge(link))) - count(edge(link)) for link in instance.links]
        unit = gcd(*starts, *durations, *releases, *lags) or 1
        self.hint, self.durations, self.releases, self.lags = (
            [number // unit for number in given] for given in (starts, durations, releases, lags)
        )
        self.is_exact = len(counted) < 2 and all(link.clock == clock for link in instance.links if link.lag)

    def solve(self, seconds: float) -> tuple[list[int], bool]:
        """A start for each job, and whether no other ends sooner."""
        from ortools.sat.python.cp_model import FEASIBLE, OPTIMAL, CpModel, CpSolver

        horizon = max(at + took for at, took in zip(self.hint, self.durations, strict=True))
        model = CpModel()
        starts = [
            model.new_int_var(release, horizon, "") if job.fixed is None else model.new_constant(at)
            for job, release, at in zip(self.instance.jobs, self.releases, self.hint, strict=True)
        ]
        finishes = [start + took for start, took in zip(starts, self.durations, strict=True)]
        for link, lag in zip(self.instance.links, self.lags, strict=True):
            before, after = (finishes if end == "F" else starts for end in link.type)
            if self.instance.jobs[link.successor].fixed is None:
                model.add(after[link.successor] >= before[link.predecessor] + lag)
        self._add_resources(model, starts)
        end = model.new_int_var(0, horizon, "")
        for finish in finishes:
            model.add(end >= finish)
        model.minimize(end)
        for variable, at in zip(starts, self.hint, strict=True):
            model.add_hint(variable, at)

        solver = CpSolver()
        solver.parameters.random_seed = SEED
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 0  # a linear relaxation costs more here than its bounds are worth
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(model)
        if status not in (OPTIMAL, FEASIBLE):
            return self.hint, False
        return [solver.value(start) for start in starts], status == OPTIMAL

    def _add_resources(self, model: CpModel, starts: list[IntVar]) -> None:
        """At no time more of a resource than there is when there is most, or than what is fixed takes anyhow."""
        beyond = self._taken_beyond()
        for name, capacity in self.instance.capacities.items():
            users = [
                (model.new_fixed_size_interval_var(start, took, ""), need)
                for start, took, job in zip(starts, self.durations, self.instance.jobs, strict=True)
                if took and (need := job.demands.get(name, 0)) > 0
            ]
            most = capacity if isinstance(capacity, int) else max((amount for _, amount in capacity), default=0)
            intervals, needs = [interval for interval, _ in users], [need for _, need in users]
            model.add_cumulative(intervals, needs, most + beyond.get(name, 0))

    def _taken_beyond(self) -> Mapping[str, int]:
        """By how much the jobs that nothing moves take more than there is."""
        fixed = [job for job in self.instance.jobs if job.fixed is not None]
        starts = [job.fixed or 0 for job in fixed]
        finishes = [job.clock.advance(at, job.duration) for job, at in zip(fixed, starts, strict=True)]
        alone = replace(self.instance, jobs=tuple(fixed), links=())
        found: dict[str, int] = {}
        for name, _, _, short in shortages(alone, Timetable(tuple(starts), tuple(finishes))):
            found[name] = max(found.get(name, 0), short)
        return found
