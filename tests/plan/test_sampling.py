"""Samples have the mean and spread that their distribution is known for."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.pert import ThreePoint
from planner.plan.sampling import CELLS, Distribution, beta_pert, sample, triangular

MODES = (0.0, 0.1, 0.25, 0.5, 0.8, 1.0)
LINE: Sequence[float] = [(cell + 0.5) / 1000 for cell in range(1000)]


def between(table: Sequence[float], u: float) -> float:
    cell = int(u * CELLS)
    return table[cell] + (u * CELLS - cell) * (table[cell + 1] - table[cell])


@pytest.mark.parametrize("mode", MODES)
def test_beta_pert_has_the_mean_of_pert_and_the_variance_of_its_beta_distribution(mode: float) -> None:
    values = [between(beta_pert(mode), u) for u in LINE]
    mean = (1 + 4 * mode) / 6
    assert fmean(values) == pytest.approx(mean, abs=0.001)
    assert pvariance(values) == pytest.approx(mean * (1 - mean) / 7, abs=0.0005)  # α + β = 6


@pytest.mark.parametrize("mode", MODES)
def test_the_triangular_one_has_the_mean_and_variance_of_a_triangle(mode: float) -> None:
    values = [triangular(mode)(u) for u in LINE]
    assert fmean(values) == pytest.approx((1 + mode) / 3, abs=0.001)
    assert pvariance(values) == pytest.approx((1 - mode + mode * mode) / 18, abs=0.0005)


@pytest.mark.parametrize("mode", MODES)
def test_a_table_rises_from_zero_to_one(mode: float) -> None:
    table = beta_pert(mode)
    assert (table[0], table[-1], len(table)) == (0.0, 1.0, CELLS + 1)
    assert list(table) == sorted(table)


@given(
    st.lists(st.integers(0, 100_000), min_size=3, max_size=3).map(sorted),
    st.sampled_from(["pert", "triangular"]),
    st.integers(0, 9),
)
def test_samples_lie_between_the_ends_and_a_seed_repeats_them(
    points: list[int], distribution: Distribution, seed: int
) -> None:
    estimate = ThreePoint(*points)
    once, again = (sample(estimate, 50, Random(seed), distribution) for _ in range(2))
    assert once == again
    assert points[0] <= min(once) <= max(once) <= points[2]
