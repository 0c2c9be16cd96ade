"""What work costs: fixed costs of items, hours times rates, all in the one currency of their project.

A task's own `rate` beats its people's. Hours are spread over several assignees by their units. A fixed `cost` is spent in
step with what is earned (as Microsoft Project accrues it, prorated). Money in another currency is a Problem, and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from planner.core.currency import currencies
from planner.core.model import Item
from planner.core.values import Money, SpentEntry
from planner.core.vault import Vault

ZERO, ONE = Decimal(0), Decimal(1)
HOUR = 60  # minutes
Shares = Iterable[tuple[str, float]]
"""Assignees: a person's id, and the share of their working time."""


@dataclass(frozen=True)
class Costs:
    """The prices of a vault. Amounts are in the currency of the item's project, or in hours, each worth one."""

    vault: Vault
    in_hours: bool = False

    def currency(self, project: str | None) -> str:
        """Three letters: of the project's (path) budget, else of the first money in it, else of the vault's first."""
        return "h" if self.in_hours else self._currencies.get(project) or self._currencies.get(None) or ""

    def planned(self, item: Item, project: str | None, effort: int, shares: Shares) -> Decimal:
        """Fixed cost, and so many minutes of work at the rates of those who do it."""
        currency = self.currency(project)
        people = tuple(shares)
        units = sum(share for _, share in people)
        fixed = amount(item, "cost", currency)
        own = amount(item, "rate", currency)
        if own or not units:
            return fixed + own * effort / HOUR
        rates = sum((self._rate(person, currency) * Decimal(str(share / units)) for person, share in people), ZERO)
        return fixed + rates * effort / HOUR

    def spent(self, item: Item, project: str | None, until: date) -> Decimal:
        """The hours logged on an item up to a day, that day included, at the rates of those who worked them."""
        currency = self.currency(project)
        own = amount(item, "rate", currency)
        first = item.assignees[0] if item.assignees else ""
        return sum(
            (
                (own or self._rate(entry.person or first, currency)) * entry.duration.minutes() / HOUR
                for entry in entries(item)
                if entry.day <= until
            ),
            ZERO,
        )

    def _rate(self, person: str, currency: str) -> Decimal:
        if self.in_hours:
            return ONE
        known = self._people.get(person.casefold())
        return amount(known, "rate", currency) if known is not None else ZERO

    @cached_property
    def _people(self) -> Mapping[str, Item]:
        """People by id and alias, in lower case."""
        found = {alias.casefold(): item for item in self.vault.people.values() for alias in item.texts("aliases")}
        return {**found, **{id_.casefold(): item for id_, item in self.vault.people.items()}}

    @cached_property
    def _currencies(self) -> Mapping[str | None, str]:
        return currencies(self.vault)


def amount(item: Item, name: str, currency: str) -> Decimal:
    """A field's amount in that currency; zero where it is not set or is other money."""
    value = item.fields.get(name)
    return value.amount if isinstance(value, Money) and value.currency == currency else ZERO


def entries(item: Item) -> tuple[SpentEntry, ...]:
    """The time logged on an item."""
    value = item.fields.get("spent")
    return tuple(entry for entry in value if isinstance(entry, SpentEntry)) if isinstance(value, tuple) else ()
