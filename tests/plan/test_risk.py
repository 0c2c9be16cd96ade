"""The risk register: scores, bands, expected values, and what is put aside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from planner.core.vault import Vault
from planner.plan.risk import CHANCE, STEPS, band, contingency, matrix, register
from tests.conftest import build

TODAY = date(2026, 11, 25)


def risk(*lines: str) -> str:
    return "\n".join(("---", "kind: risk", *lines, "---", ""))


def test_bands_cut_the_scores_where_the_usual_template_does() -> None:
    bands = [band(score) for score in (1, 4, 5, 9, 10, 15, 16, 25)]
    assert bands == ["low", "low", "medium", "medium", "high", "high", "critical", "critical"]


def test_the_register_of_the_sample_vault(sample_vault: Vault) -> None:
    rows = [
        (risk.item.id, risk.score, risk.band, risk.residual, str(risk.emv)) for risk in register(sample_vault, TODAY)
    ]
    assert rows == [
        ("sxj4sb", 16, "critical", 8, "2240.0 EUR"),  # 70 % of 3200
        ("k5mkqj", 8, "medium", 4, "135.0 EUR"),  # 30 % of 450
        ("x8s9bg", 6, "medium", 4, "270.0 EUR"),  # 30 % of 900
    ]
    assert contingency(register(sample_vault, TODAY)) == {"EUR": Decimal(2645)}


def test_only_open_threats_count_and_currencies_stay_apart() -> None:
    rows = register(
        build({
            "a.md": risk("probability: 5", "impact: 1", "cost_impact: 100 EUR"),
            "b.md": risk("probability: 1", "impact: 5", "cost_impact: 100 CHF"),
            "c.md": risk("probability: 3", "impact: 3", "cost_impact: 100 EUR", "became: a"),
            "d.md": risk("probability: 3", "impact: 3", "cost_impact: 100 EUR", "response: exploit"),
            "e.md": risk("probability: 3", "impact: 3", "cost_impact: 100 EUR", "archived: true"),
            "f.md": risk("probability: 9", "impact: high", "review_by: 2026-11-24"),
        }),
        TODAY,
    )  # fmt: skip
    assert [row.item.id for row in rows] == ["d", "a", "b", "f", "c"]
    assert contingency(rows) == {"EUR": Decimal(90), "CHF": Decimal(10)}
    assert {place: [row.item.id for row in found] for place, found in matrix(rows).items()} == {
        (3, 3): ["d"], (5, 1): ["a"], (1, 5): ["b"],
    }  # fmt: skip
    odd = rows[3]
    assert (odd.probability, odd.impact, odd.score, odd.band, odd.emv, odd.review_overdue) == (*[None] * 5, True)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_probability_is_the_middle_of_a_fifth(step: int) -> None:
    assert CHANCE[step] == (Decimal(step) - Decimal("0.5")) / 5
