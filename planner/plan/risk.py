"""The risk register: what may happen, how much it would matter, and what to put aside for it.

Probability and impact are 1 to 5, score = P × I; bands 1-4 low, 5-9 medium, 10-15 high, 16-25 critical. The five steps of
probability stand for 10, 30, 50, 70 and 90 % (PMBOK Guide, probability and impact matrix). Expected monetary value
EMV = probability × cost; the contingency is the sum of the EMV of open threats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from planner.core.model import Item
from planner.core.values import Duration, Money
from planner.core.vault import Vault

Band: TypeAlias = Literal["low", "medium", "high", "critical"]
STEPS = (1, 2, 3, 4, 5)
CHANCE: Mapping[int, Decimal] = {step: Decimal(2 * step - 1) / 10 for step in STEPS}
"""How likely each step of probability is, 0 to 1."""
OPPORTUNITIES = frozenset({"exploit", "enhance", "share"})
"""Responses to what one hopes for; any other risk is a threat."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One row of the register; what the file does not say is None."""

    item: Item
    probability: int | None
    impact: int | None
    residual: int | None
    cost: Money | None
    delay: Duration | None
    open: bool
    review_overdue: bool

    @property
    def score(self) -> int | None:
        """Probability times impact, 1 to 25."""
        return None if self.probability is None or self.impact is None else self.probability * self.impact

    @property
    def band(self) -> Band | None:
        """The band of the score before a response."""
        return None if self.score is None else band(self.score)

    @property
    def chance(self) -> Decimal | None:
        """How likely it is, 0 to 1."""
        return None if self.probability is None else CHANCE[self.probability]

    @property
    def opportunity(self) -> bool:
        """Whether one hopes for it."""
        return self.item.text("response") in OPPORTUNITIES

    @property
    def emv(self) -> Money | None:
        """Expected monetary value: probability × cost; of an opportunity what it is expected to bring."""
        if self.chance is None or self.cost is None:
            return None
        return Money(self.chance * self.cost.amount, self.cost.currency)


def band(score: int) -> Band:
    """The band of a score from 1 to 25."""
    return "low" if score < 5 else "medium" if score < 10 else "high" if score < 16 else "critical"


def register(vault: Vault, today: date) -> tuple[Risk, ...]:
    """Every risk, open ones first, the highest score first; archived ones and templates are left out."""
    risks = [_risk(item, vault, today) for item in vault.planned if item.kind == "risk"]
    return tuple(sorted(risks, key=lambda risk: (not risk.open, -(risk.score or 0), risk.item.path)))


def matrix(risks: Iterable[Risk]) -> Mapping[tuple[int, int], tuple[Risk, ...]]:
    """Open risks by (probability, impact); cells without any are left out."""
    cells: dict[tuple[int, int], list[Risk]] = {}
    for risk in risks:
        if risk.open and risk.probability is not None and risk.impact is not None:
            cells.setdefault((risk.probability, risk.impact), []).append(risk)
    return {place: tuple(found) for place, found in cells.items()}


def contingency(risks: Iterable[Risk]) -> Mapping[str, Decimal]:
    """What to put aside, by currency: the sum of the EMV of open threats."""
    sums: dict[str, Decimal] = {}
    for risk in risks:
        if risk.open and not risk.opportunity and risk.emv is not None:
            sums[risk.emv.currency] = sums.get(risk.emv.currency, Decimal(0)) + risk.emv.amount
    return sums


def _risk(item: Item, vault: Vault, today: date) -> Risk:
    residual, review_by = item.fields.get("residual"), item.when("review_by")
    cost, delay = item.fields.get("cost_impact"), item.fields.get("delay_impact")
    is_open = vault.is_open(item) and item.text("became") is None
    return Risk(
        item,
        _step(item, "probability"),
        _step(item, "impact"),
        round(residual) if isinstance(residual, Decimal | int) else None,
        cost if isinstance(cost, Money) else None,
        delay if isinstance(delay, Duration) else None,
        is_open,
        is_open and review_by is not None and review_by.toordinal() < today.toordinal(),
    )


def _step(item: Item, name: str) -> int | None:
    value = item.fields.get(name)
    return value if isinstance(value, int) and value in STEPS else None
