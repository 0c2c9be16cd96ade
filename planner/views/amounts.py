"""How plans say lengths, variances, money and shares: one way for the screen, the command line and reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from planner.core.values import Money

NOTHING = "n/a"
"""What is undefined is said to be so: it is neither zero nor infinite."""


NEAR = 300  # days within which nobody asks for the year


def days(value: float) -> str:
    """A signed number of working days: `+2d`, `-0.5d`, `0d`."""
    rounded = round(value, 1)
    text = f"{rounded:+.0f}" if rounded == int(rounded) else f"{rounded:+.1f}"
    return f"{text}d" if rounded else "0d"


def hours(minutes: int, *, signed: bool = False) -> str:
    """Minutes as hours with at most one decimal: `12h`, `7.5h`; with its sign for a difference."""
    rounded = round(minutes / 60, 1)
    text = f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"
    return f"{'+' if signed and rounded > 0 else ''}{text}h"


def money(amount: Decimal | Money | None, currency: str = "", *, signed: bool = False) -> str:
    """An amount with two decimals and thousands set apart by a space; n/a for None."""
    if amount is None:
        return NOTHING
    if isinstance(amount, Money):
        return money(amount.amount, amount.currency, signed=signed)
    text = f"{amount:+,.2f}" if signed else f"{amount:,.2f}"
    return f"{text.replace(',', ' ')} {currency}".rstrip()


def index(value: Decimal | None) -> str:
    """A performance index with three decimals, n/a where it is undefined."""
    return NOTHING if value is None else f"{value:.3f}"


def percent(share: float | Decimal) -> str:
    """A share of one as whole percent; only what is certain is 0 % or 100 %."""
    whole = round(share * 100)
    return f"{min(99, max(1, whole)) if 0 < share < 1 else whole}%"


def finish_day(finish: datetime) -> date:
    """The day a half-open finish falls on: one at midnight belongs to the day before."""
    return (finish - timedelta(minutes=1)).date() if finish > datetime.min else finish.date()  # noqa: DTZ901 (local)


def day_text(day: date, today: date) -> str:
    """A day in short, `04 Jan`; with its year where that is not plain."""
    return f"{day:%d %b}" if abs((day - today).days) < NEAR else f"{day:%d %b} {day.year}"
