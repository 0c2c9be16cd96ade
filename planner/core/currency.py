"""One currency a project: which it is, and all amounts of money that an item names."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from planner.core.model import Item
from planner.core.shelf import ARCHIVED, FLAGS, PRICED, TEMPLATE
from planner.core.values import Money

if TYPE_CHECKING:
    from planner.core.vault import Vault


def currencies(vault: Vault) -> Mapping[str | None, str]:
    """Three letters for each project (path) that names money, and under None for the vault.

    A project's is that of its budget, else of the first money in it; the vault's is that of its first project with any.
    """
    found: dict[str | None, str] = {}
    priced = vault.where(lambda row: row[FLAGS] & (PRICED | ARCHIVED | TEMPLATE) == PRICED)
    for item in sorted(priced, key=lambda item: (item.kind != "project", item.path)):
        currency = next(iter(moneys(item).values())).currency
        found.setdefault(None, currency)
        if (project := project_of(vault, item)) is not None:
            found.setdefault(project.path, currency)
    return found


def project_of(vault: Vault, item: Item) -> Item | None:
    """The project an item belongs to, a project being its own."""
    if item.kind == "project":
        return item
    found = vault.resolve(item.project) if item.project else None
    return found if found is not None and found.kind == "project" else None


def moneys(item: Item) -> Mapping[str, Money]:
    """Every field of an item that is an amount of money, by name; the budget first."""
    found = {name: value for name, value in item.fields.items() if type(value) is Money}
    return found and dict(sorted(found.items(), key=lambda pair: pair[0] != "budget"))


_WIDE = Context(prec=200)  # a product of two amounts of forty digits fits


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """A decimal of any size to so many places: the usual context refuses more than 28 digits."""
    return value.quantize(Decimal(1).scaleb(-places), context=_WIDE)
