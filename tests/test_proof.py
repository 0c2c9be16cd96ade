"""The counting of claims: it must be able to fail."""

from __future__ import annotations

import pytest

from tests.conftest import Claims
from tests.proof import Claim


def test_a_claim_that_always_held_passes(claims: Claims) -> None:
    with claims("a claim can hold", expect=2) as claim:
        claim.check(True)
        claim.check([1])
    assert (claim.held, claim.total) == (2, 2)


def test_a_claim_fails_where_one_case_does_not_hold_and_names_it() -> None:
    claim = Claim("broken")
    claim.check(True)
    claim.check(False, "the second")
    with pytest.raises(AssertionError, match=r"broken: 1 of 2\n  the second"):
        claim.verdict()


def test_a_claim_fails_where_too_few_cases_were_tried() -> None:
    claim = Claim("thin", expect=3)
    claim.check(True)
    with pytest.raises(AssertionError, match="only 1 of 3"):
        claim.verdict()


def test_nothing_tried_is_nothing_proved() -> None:
    with pytest.raises(AssertionError, match="only 0"):
        Claim("empty").verdict()


def test_figures_measured_on_the_way_are_kept_with_the_test(claims: Claims, request: pytest.FixtureRequest) -> None:
    with claims("a claim has figures") as claim:
        claim.check(True)
        claim.figures.append("3.92 %")
    assert ("figure", "3.92 %") in request.node.user_properties
