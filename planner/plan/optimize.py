"""The shortest schedule by constraint programming: OR-Tools' CP-SAT, told where the heuristic has got to.

The model counts each job's own working time, so where several calendars meet it is an approximation. Its starts
therefore only order the jobs, and the serial scheme places them on the real calendars; without breaks that loses
nothing, since serial generation in the order of an optimal schedule is never later than that schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from math import gcd
from typing import TYPE_CHECKING

from planner.plan.generation import RULES, improved, parallel, serial
from planner.plan.rcpsp import Instance, Link, Timetable, critical_path, latest

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

SEED = 5
SECONDS = 10.0
MISSING = "OR-Tools is not installed, so this is the heuristic's best; pip install 'planner[optimize]' brings it"


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
    starts, proven = _solve(instance, hint, seconds)
    found = serial(instance, starts)
    best = found if found.finish < hint.finish else hint
    return Optimum(best, proven, "" if proven else f"the best found in {seconds:g} s; a shorter one may exist")


def _solve(instance: Instance, hint: Timetable, seconds: float) -> tuple[list[int], bool]:
    """A start for each job in units of its own working time, and whether the model's end is proven least."""
    from ortools.sat.python.cp_model import FEASIBLE, OPTIMAL, CpModel, CpSolver

    origin = instance.start
    durations = [job.duration for job in instance.jobs]
    hinted = [job.clock.between(origin, at) for job, at in zip(instance.jobs, hint.starts, strict=True)]
    releases = [job.clock.between(origin, max(origin, job.release)) for job in instance.jobs]
    lags = [_lag(instance, link) for link in instance.links]
    unit = gcd(*durations, *hinted, *releases, *lags) or 1
    durations, hinted, releases, lags = ([n // unit for n in given] for given in (durations, hinted, releases, lags))
    horizon = 2 * max(at + took for at, took in zip(hinted, durations, strict=True))  # the hint may not fit the model

    model = CpModel()
    starts = [
        model.new_int_var(release, horizon, "") if job.fixed is None else model.new_constant(at)
        for job, release, at in zip(instance.jobs, releases, hinted, strict=True)
    ]
    finishes = [start + took for start, took in zip(starts, durations, strict=True)]
    for link, lag in zip(instance.links, lags, strict=True):
        before, after = (starts, finishes)[link.type[0] == "F"], (starts, finishes)[link.type[1] == "F"]
        if instance.jobs[link.successor].fixed is None:
            model.add(after[link.successor] >= before[link.predecessor] + lag)
    _add_resources(model, instance, starts, durations)
    end = model.new_int_var(0, horizon, "")
    for finish in finishes:
        model.add(end >= finish)
    model.minimize(end)
    for variable, at in zip(starts, hinted, strict=True):
        model.add_hint(variable, at)

    solver = CpSolver()
    solver.parameters.random_seed = SEED
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(model)
    if status not in (OPTIMAL, FEASIBLE):
        return hinted, False
    return [solver.value(start) for start in starts], status == OPTIMAL


def _add_resources(model: CpModel, instance: Instance, starts: list[IntVar], durations: list[int]) -> None:
    """At no time more of a resource than there is, as long as there is most of it."""
    for name, capacity in instance.capacities.items():
        users = [
            (model.new_fixed_size_interval_var(starts[place], durations[place], ""), need)
            for place, job in enumerate(instance.jobs)
            if durations[place] and (need := job.demands.get(name, 0)) > 0
        ]
        most = capacity if isinstance(capacity, int) else max((amount for _, amount in capacity), default=0)
        model.add_cumulative([interval for interval, _ in users], [need for _, need in users], most)


def _lag(instance: Instance, link: Link) -> int:
    """A lag in the successor's working time, as it is at the beginning of the plan."""
    origin = instance.start
    after = link.clock.advance(origin, link.lag) if link.lag >= 0 else link.clock.retreat(origin, -link.lag)
    return instance.jobs[link.successor].clock.between(origin, after)
