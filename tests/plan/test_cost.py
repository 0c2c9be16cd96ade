"""What work costs: hours at rates, fixed costs, hours logged, each in the currency of its project."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from planner.core.vault import Vault
from planner.plan.cost import Costs
from tests.conftest import build

VAULT = """
== projects/web/project.md ==
---
title: Web
budget: 9000 EUR
---
== projects/web/a.md ==
---
id: a
assignee: [ana, bo]
cost: 100 EUR
spent: [2026-11-20 2h ana, 2026-11-25 1h30m bo, 2026-11-26 8h ana, 2026-11-24 1h]
---
== projects/web/own.md ==
---
id: own
rate: 90 EUR
assignee: ana
spent: [2026-11-20 2h ana]
---
== projects/web/foreign.md ==
---
id: foreign
cost: 100 USD
---
== people/ana.md ==
---
rate: 60 EUR
aliases: [annie]
---
== people/bo.md ==
---
rate: 40 EUR
---
"""
PROJECT = "projects/web/project.md"
HOURS = 60


def vault() -> Vault:
    return build(VAULT)


def planned(id_: str, effort: int, **shares: float) -> Decimal:
    item = vault().find(id_)
    return Costs(vault()).planned(item, PROJECT, effort, shares.items())


def test_hours_cost_what_their_people_cost_by_their_share() -> None:
    assert planned("a", 8 * HOURS, ana=1.0, bo=1.0) == 100 + 4 * 60 + 4 * 40
    assert planned("a", 8 * HOURS, ana=0.75, bo=0.25) == 100 + 6 * 60 + 2 * 40
    assert planned("a", 8 * HOURS, annie=1.0) == 100 + 8 * 60
    assert planned("a", 8 * HOURS) == 100
    assert planned("a", 8 * HOURS, zoe=1.0) == 100  # nobody knows what she costs


def test_a_rate_of_the_task_beats_those_of_its_people() -> None:
    assert planned("own", 8 * HOURS, ana=1.0) == 8 * 90


def test_other_money_is_left_out() -> None:
    assert planned("foreign", 0) == 0


def test_hours_logged_count_up_to_the_day_at_the_rate_of_who_worked() -> None:
    costs, item = Costs(vault()), vault().find("a")
    assert (
        costs.spent(item, PROJECT, date(2026, 11, 24)) == 2 * 60 + 60
    )  # whose hour it was is not said: the first one's
    assert costs.spent(item, PROJECT, date(2026, 11, 25)) == 2 * 60 + 60 + Decimal("1.5") * 40
    assert costs.spent(vault().find("own"), PROJECT, date(2026, 11, 25)) == 180
    assert Costs(vault(), in_hours=True).spent(item, PROJECT, date(2026, 11, 25)) == Decimal("4.5")


def test_the_currency_is_that_of_the_budget_else_of_the_first_money() -> None:
    assert Costs(vault()).currency(PROJECT) == "EUR"
    assert (
        Costs(build({"projects/x/project.md": "X\n", "projects/x/a.md": "---\ncost: 5 CHF\n---\n"})).currency(
            "projects/x/project.md"
        )
        == "CHF"
    )
    assert Costs(build({"a.md": "A\n"})).currency(None) == ""
