"""PERT to the digit of its worked example (Heizer's textbook type), and its laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.pert import Chain, ThreePoint, chain

HEIZER = {
    "A": (5, 5, 7), "B": (1, 2, 5), "C": (5, 5, 5), "D": (4, 8, 13), "E": (1, 10, 17), "F": (1, 5, 7), "G": (2, 6, 9),
    "H": (4, 4, 6), "I": (2, 7, 10), "J": (2, 4, 7), "K": (6, 10, 13), "L": (2, 6, 6), "M": (2, 2, 3), "N": (7, 7, 12),
}  # fmt: skip


def test_the_means_of_the_worked_example() -> None:
    means = [round(ThreePoint(*points).mean, 2) for points in HEIZER.values()]
    assert means == [5.33, 2.33, 5, 8.17, 9.67, 4.67, 5.83, 4.33, 6.67, 4.17, 9.83, 5.33, 2.17, 7.83]


def test_the_critical_path_of_the_worked_example() -> None:
    path = chain(ThreePoint(*HEIZER[name]) for name in "ACEHIKMN")
    assert round(path.mean, 2) == 50.83
    assert round(path.variance, 3) == 11.194
    assert round(path.sigma, 2) == 3.35
    assert round(path.chance(53), 2) == 0.74  # z = (53 − 50.83) / 3.35 = 0.65


def test_even_odds_at_the_mean_and_certainty_without_spread() -> None:
    assert Chain(10, 4).chance(10) == pytest.approx(0.5)
    assert Chain(10, 4).chance(12) == pytest.approx(0.8413, abs=1e-4)  # one standard deviation
    assert (Chain(10, 0).chance(9.9), Chain(10, 0).chance(10)) == (0, 1)


@pytest.mark.parametrize("points", [(3, 2, 4), (1, 4, 3), (-1, 2, 3)])
def test_an_estimate_out_of_order_is_refused(points: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="from optimistic over likely to pessimistic"):
        ThreePoint(*points)


ESTIMATES = st.lists(st.integers(0, 10_000), min_size=3, max_size=3).map(lambda points: ThreePoint(*sorted(points)))


@given(ESTIMATES, st.integers(1, 50))
def test_a_mean_lies_between_its_ends_and_scales_with_the_unit(estimate: ThreePoint, factor: int) -> None:
    assert estimate.optimistic - 1e-9 <= estimate.mean <= estimate.pessimistic + 1e-9
    assert estimate.times(factor).mean == pytest.approx(estimate.mean * factor)
    assert estimate.times(factor).variance == pytest.approx(estimate.variance * factor**2)


@given(st.lists(ESTIMATES, max_size=20), st.integers(0, 200_000), st.integers(0, 200_000))
def test_more_time_is_never_less_likely(path: list[ThreePoint], one: int, other: int) -> None:
    total = chain(path)
    assert total.chance(min(one, other)) <= total.chance(max(one, other))
