"""Schedule risk by simulation: what must hold of any run, and what is known of simple plans."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.plan.model import Activity, Link, Network
from planner.plan.pert import Chain, ThreePoint, chain
from planner.plan.schedule import schedule
from planner.plan.simulation import PERCENTILES, Threat, correlation, error_of_chance, ranks, simulate
from tests.plan.networks import DAY, MONDAY, OFFICE, network
from tests.plan.random_networks import a_network


def spread(plan: Network, low: float = 0.5, high: float = 2.0) -> dict[str, ThreePoint]:
    """An estimate around the length of everything that still takes time."""
    return {
        path: ThreePoint(low * length, length, high * length)
        for path, a in plan.activities.items()
        if (length := a.duration if a.remaining is None else a.remaining)
    }


def test_without_uncertainty_every_run_is_the_schedule() -> None:
    for seed in range(20):
        plan = a_network(Random(seed))
        result = simulate(plan, {}, runs=3, watched=plan.activities)
        dates = schedule(plan).dates
        assert [result.finish(percent) for percent in PERCENTILES] == [max(d.finish for d in dates.values())] * 4
        for path in plan.activities:
            if plan.activities[path].constraint != "ALAP":
                assert set(result.finishes[path]) == {dates[path].finish}, (seed, path)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 99))
def test_percentiles_never_fall_and_lie_between_the_best_and_the_worst_case(which: int, seed: int) -> None:
    plan = a_network(Random(which))
    plan = replace(
        plan, activities={p: replace(a, constraint="ASAP", constraint_date=None) for p, a in plan.activities.items()}
    )
    estimates = spread(plan)
    result = simulate(plan, estimates, runs=25, seed=seed)
    found = [result.finish(percent) for percent in range(1, 101)]
    assert found == sorted(found)
    for share, end in ((0.5, found[0]), (2.0, found[-1])):
        certain = {p: ThreePoint(e.likely * share, e.likely * share, e.likely * share) for p, e in estimates.items()}
        limit = simulate(plan, certain, runs=1).finish(50)
        assert limit <= end if share < 1 else end <= limit
    assert all(0 <= result.criticality(path) <= 1 for path in plan.activities)
    assert result.chance(found[-1]) == 1
    assert result.chance(found[0] - 1) == 0


def test_the_same_seed_gives_the_same_runs_and_a_new_task_does_not_change_them() -> None:
    plan = network("""A 5
        B 3 (A)""")
    result = simulate(plan, spread(plan), runs=50, seed=4, watched=["B"])
    again = simulate(plan, spread(plan), runs=50, seed=4, watched=["B"])
    assert (again.finishes, again.samples) == (result.finishes, result.samples)
    more = network("""A 5
        B 3 (A)
        C 1""")
    assert simulate(more, spread(more), runs=50, seed=4, watched=["B"]).finishes["B"] == result.finishes["B"]
    assert simulate(plan, spread(plan), runs=50, seed=5, watched=["B"]).finishes["B"] != result.finishes["B"]


def test_on_a_single_chain_the_simulation_agrees_with_pert() -> None:
    lines = [f"T{n} 5" + (f" (T{n - 1})" if n else "") for n in range(12)]
    plan = network(lines)
    estimate = ThreePoint(3 * DAY, 5 * DAY, 9 * DAY)
    result = simulate(plan, dict.fromkeys(plan.activities, estimate), runs=2000, watched=["T11"])
    mean = chain([estimate] * 12).mean
    variance = (
        (estimate.mean - 3 * DAY) * (9 * DAY - estimate.mean) / 7
    )  # of the beta distribution, PERT rounds it down
    theory = Chain(mean, 12 * variance)
    worked = [OFFICE.between(MONDAY, finish) for finish in result.finishes["T11"]]
    assert sum(worked) / len(worked) == pytest.approx(theory.mean, rel=0.01)
    limit = theory.mean + theory.sigma
    share = sum(minutes <= limit for minutes in worked) / len(worked)
    assert share == pytest.approx(theory.chance(limit), abs=0.03)
    assert result.standard_error(OFFICE) == pytest.approx(theory.sigma / DAY / 2000**0.5, rel=0.1)


def test_where_paths_merge_the_mean_is_later_than_any_single_path_says() -> None:
    plan = network("""A 10
        B 10
        C 10
        M 0 (A, B, C)""")
    result = simulate(plan, spread(plan, 0.6, 1.8), runs=1000, watched=["M", "A"])
    assert result.finish(50, "M") > result.finish(50, "A")
    shares = [result.criticality(name) for name in "ABC"]
    assert all(0.2 < share < 0.5 for share in shares)  # a third each, but for luck
    assert result.criticality("M") == 1


def test_a_task_that_can_never_be_late_is_never_critical() -> None:
    plan = network("""A 10
        B 1
        C 1 (A, B)""")
    result = simulate(plan, {"A": ThreePoint(8 * DAY, 10 * DAY, 12 * DAY)}, runs=100)
    assert [result.criticality(name) for name in "ABC"] == [1, 0, 1]


def test_a_risk_fires_as_often_as_it_is_likely_and_delays_what_it_hits() -> None:
    plan = network("""A 5
        M 0 (A)
        B 1""")
    result = simulate(plan, {}, [Threat("r", 0.3, 2 * DAY, ("M",))], runs=2000, watched=["M", "B"])
    on_time = schedule(plan).dates["M"].finish
    assert result.chance(on_time, "M") == pytest.approx(0.7, abs=3 * error_of_chance(0.7, 2000))
    assert {OFFICE.between(on_time, finish) for finish in result.finishes["M"]} == {0, 2 * DAY}
    assert set(result.finishes["B"]) == {schedule(plan).dates["B"].finish}
    ((id_, strength),) = result.sensitivity("M")
    assert id_ == "r"
    assert strength == pytest.approx(1)


def test_the_task_with_the_widest_spread_on_the_path_moves_the_end_most() -> None:
    plan = network("""A 5
        B 5 (A)
        C 1""")
    estimates = {
        "A": ThreePoint(1 * DAY, 5 * DAY, 15 * DAY), "B": ThreePoint(4 * DAY, 5 * DAY, 6 * DAY), "C": ThreePoint(0, DAY, DAY),
    }  # fmt: skip
    found = simulate(plan, estimates, runs=500).sensitivity()
    assert [id_ for id_, _ in found] == ["A", "B", "C"]
    assert found[0][1] > 0.9
    assert abs(found[2][1]) < 0.15


def test_what_is_done_is_certain_and_needs_a_run() -> None:
    done = Activity(
        "A", "A", "A", duration=DAY, calendar=OFFICE, actual_start=MONDAY, actual_finish=MONDAY + 1, remaining=0
    )
    plan = Network({"A": done}, (Link("A", "A"),), start=MONDAY, status=MONDAY)
    assert simulate(plan, {}, runs=2).criticality("A") == 0
    assert simulate(Network({}, start=MONDAY), {}, runs=1).finish(80) == MONDAY
    with pytest.raises(ValueError, match="at least one run"):
        simulate(plan, {}, runs=0)


def test_ranks_and_their_correlation() -> None:
    assert ranks([30, 10, 20, 10]) == [4, 1.5, 3, 1.5]
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert correlation([1, 1, 1], [1, 2, 3]) == 0
