"""Earned value to the digit of its worked example, and the identities that hold for all figures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.earned_value import EARNING_RULES, EarningRule, Measures, alarm, earned_fraction, earned_schedule

D = Decimal
EXAMPLE = Measures(bac=D(4000), pv=D(3000), ev=D(2500), ac=D(2800))


def test_the_worked_example() -> None:
    assert EXAMPLE.cv == -300
    assert EXAMPLE.sv == -500
    assert EXAMPLE.cpi is not None
    assert EXAMPLE.spi is not None
    assert round(EXAMPLE.cpi, 3) == D("0.893")
    assert round(EXAMPLE.spi, 3) == D("0.833")
    assert EXAMPLE.eac == 4480
    assert round(4000 / round(EXAMPLE.cpi, 3)) == 4479  # as printed there: CPI was rounded first
    assert EXAMPLE.etc == 1680
    assert EXAMPLE.vac == -480
    assert EXAMPLE.tcpi == D("1.25")
    assert EXAMPLE.eac_atypical == 4300
    assert EXAMPLE.eac_bottom_up(D(1500)) == 4300


def test_what_a_zero_leaves_undefined_is_said_to_be_so() -> None:
    nothing = Measures()
    indices = (nothing.spi, nothing.cpi, nothing.eac, nothing.eac_both, nothing.etc, nothing.vac, nothing.tcpi)
    assert indices == (None,) * 7
    assert nothing.tcpi_eac is None
    assert Measures(bac=D(100), ac=D(100)).tcpi is None  # all spent: no index can save it


MONEY = st.decimals(0, 1_000_000, places=2)
MEASURES = st.builds(Measures, MONEY, MONEY, MONEY, MONEY)


@given(MEASURES)
def test_the_identities_of_earned_value(m: Measures) -> None:
    assert m.ev == m.pv + m.sv == m.ac + m.cv
    assert m.bac - m.eac_atypical == m.cv
    if m.cpi is not None and m.ev:
        assert m.eac is not None
        assert m.eac == pytest.approx(m.bac / m.cpi)
        assert m.vac == m.bac - m.eac
        assert m.etc == m.eac - m.ac
    if m.tcpi_eac is not None and m.etc and m.ev:
        assert m.tcpi_eac == pytest.approx(m.cpi)  # to reach BAC / CPI, the rest must go as the part before


@given(MEASURES, MEASURES)
def test_parts_add_up_to_the_whole(one: Measures, other: Measures) -> None:
    both = one + other
    assert (both.bac, both.sv, both.cv) == (one.bac + other.bac, one.sv + other.sv, one.cv + other.cv)


@pytest.mark.parametrize(
    ("earned", "at", "es"),
    [("0", 2, "0"), ("5", 1, "0.5"), ("10", 1, "1"), ("25", 3, "1.75"), ("30", 3, "2"), ("45", 9, "3"), ("99", 3, "3")],
)
def test_earned_schedule_finds_when_so_much_was_planned(earned: str, at: int, es: str) -> None:
    pace = earned_schedule([D(0), D(10), D(30), D(45), D(45)].__getitem__, 4, D(earned), D(at))
    assert pace.es == D(es)
    assert pace.sv_t == D(es) - at
    assert pace.spi_t == D(es) / at


def test_a_late_project_that_is_done_still_shows_that_it_was_late() -> None:
    done = Measures(bac=D(45), pv=D(45), ev=D(45), ac=D(45))
    assert done.spi == 1
    assert earned_schedule([D(0), D(10), D(30), D(45)].__getitem__, 3, D(45), D(5)).spi_t == D("0.6")
    assert earned_schedule([D(0)].__getitem__, 0, D(0), D(0)).spi_t is None


@given(st.lists(st.integers(1, 100), min_size=1, max_size=30), st.integers(0, 3000), st.integers(0, 3000))
def test_who_has_earned_more_is_further(steps: list[int], one: int, other: int) -> None:
    curve = [D(sum(steps[:n])) for n in range(len(steps) + 1)]
    less, more = (earned_schedule(curve.__getitem__, len(steps), D(e), D(1)).es for e in sorted((one, other)))
    assert 0 <= less <= more <= len(steps)


@pytest.mark.parametrize(
    ("rule", "begun", "half", "done"),
    [("percent", "0.4", "0.5", "1"), ("0/100", "0", "0", "1"), ("50/50", "0.5", "0.5", "1"), ("weighted_milestones", "0", "0.75", "1")],
)  # fmt: skip
def test_how_each_rule_earns(rule: EarningRule, begun: str, half: str, done: str) -> None:
    def earned(progress: str, reached: bool, finished: bool) -> Decimal | None:
        weights = [(D(3), reached), (D(1), False)]
        return earned_fraction(rule, progress=D(progress), started=True, finished=finished, weights=weights)

    assert earned("0.4", False, False) == D(begun)
    assert earned("0.5", True, False) == D(half)
    assert earned("0.5", True, True) == D(done)
    assert earned_fraction(rule, progress=D(0), started=False, finished=False) == 0


def test_level_of_effort_earns_what_was_planned() -> None:
    assert earned_fraction("level_of_effort", progress=D(0), started=True, finished=True) is None


@given(st.sampled_from(EARNING_RULES[:-1]), st.decimals(0, 3, places=2), st.booleans(), st.booleans())
def test_no_rule_earns_more_than_all(rule: EarningRule, progress: Decimal, started: bool, finished: bool) -> None:
    share = earned_fraction(rule, progress=progress, started=started, finished=finished, weights=[(D(1), started)])
    assert share is not None
    assert 0 <= share <= 1


@pytest.mark.parametrize(
    ("spent", "forecast", "said"),
    [
        ("79.99", "100", ""),
        ("80", "100", "near"),
        ("100", "100", "over"),
        ("10", "100.01", "forecast"),
        ("0", None, ""),
    ],
)
def test_a_budget_rings_at_eighty_and_at_a_hundred_percent_and_when_it_will_not_suffice(
    spent: str, forecast: str | None, said: str
) -> None:
    assert alarm(D(spent), D(100), None if forecast is None else D(forecast)) == said
