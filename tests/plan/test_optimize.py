"""The optimum on problems whose optimum is known, and what there is without OR-Tools."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from planner.interop.psplib import instance
from planner.plan import optimize
from planner.plan.generation import rule_keys, serial
from planner.plan.optimize import best_of_rules, optimized
from planner.plan.rcpsp import Instance, Job, Link, critical_path
from tests.conftest import Claims
from tests.plan.psplib import faults, instances, present
from tests.proof import FULL, times

needs_solver = pytest.mark.skipif(
    find_spec("ortools") is None, reason="OR-Tools (the extra `optimize`) is not installed"
)
SAMPLE = ("j3010_1", "j3012_1", "j301_1", "j3022_1", "j3038_1", "j3047_1")

# Serial generation by any rule starts the long job too early or too late; found by trying all orders.
KNOT = Instance(
    (Job(2, {"a": 1}), Job(3, {"a": 1, "b": 1}), Job(2, {"b": 1}), Job(4, {"a": 1}), Job(1, {"b": 1})),
    (Link(0, 2), Link(2, 4), Link(1, 4, "SS", 2)),
    {"a": 1, "b": 1},
)


@present
@needs_solver
@pytest.mark.proof
def test_the_optimum_of_psplib(claims: Claims) -> None:
    chosen = instances() if FULL else {name: instances()[name] for name in SAMPLE}
    with claims("PSPLIB j30: the proven optimum reached by --optimize", expect=times(len(SAMPLE), 48)) as claim:
        for name, (library, optimum) in chosen.items():
            found = optimized(instance(library), seconds=optimize.SECONDS)
            right = not faults(library, found.timetable.starts)
            claim.check(right and found.timetable.finish == optimum, (name, found.timetable.finish, optimum))


@needs_solver
def test_it_is_the_same_every_time() -> None:
    assert optimized(KNOT) == optimized(KNOT)
    assert optimized(KNOT).proven


def test_without_the_library_the_best_rule_counts_and_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimize, "find_spec", lambda _name: None)
    found = optimized(KNOT)
    assert found.timetable == best_of_rules(KNOT)
    assert (found.proven, found.note) == (False, optimize.MISSING)


def test_an_end_on_the_critical_path_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimize, "_Model", None)  # calling it would raise
    problem = Instance((Job(2, {"a": 1}), Job(2, {"a": 1})), (Link(0, 1),), {"a": 1})
    found = optimized(problem)
    assert found.proven
    assert found.timetable == critical_path(problem)


def test_it_is_never_later_than_what_it_begins_with() -> None:
    first = serial(KNOT, rule_keys(KNOT, "spt"))
    assert best_of_rules(KNOT, first).finish <= first.finish
