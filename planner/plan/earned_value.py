"""Earned value: what was planned, earned and spent, in one measure, and what follows from the three.

Terms and formulas as in ANSI/EIA-748 and the PMBOK Guide; earned schedule as in W. Lipke, "Schedule is different", The
Measurable News (2003). Money is Decimal and never rounded here; what a zero denominator leaves undefined is None.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

EarningRule: TypeAlias = Literal["percent", "0/100", "50/50", "weighted_milestones", "level_of_effort"]
EARNING_RULES: tuple[EarningRule, ...] = get_args(EarningRule)
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Measures:
    """Budget at completion, planned value, earned value and actual cost, all in one currency, at one status date."""

    bac: Decimal = ZERO
    pv: Decimal = ZERO
    ev: Decimal = ZERO
    ac: Decimal = ZERO

    def __add__(self, other: Measures) -> Measures:
        return Measures(self.bac + other.bac, self.pv + other.pv, self.ev + other.ev, self.ac + other.ac)

    @property
    def sv(self) -> Decimal:
        """Schedule variance EV − PV; negative is late."""
        return self.ev - self.pv

    @property
    def cv(self) -> Decimal:
        """Cost variance EV − AC; negative is dear."""
        return self.ev - self.ac

    @property
    def spi(self) -> Decimal | None:
        """Schedule performance index EV / PV; below 1 is late. Ends at 1 however late the end: see `Pace.spi_t`."""
        return ratio(self.ev, self.pv)

    @property
    def cpi(self) -> Decimal | None:
        """Cost performance index EV / AC; below 1 is dear."""
        return ratio(self.ev, self.ac)

    @property
    def eac(self) -> Decimal | None:
        """Estimate at completion where work goes on costing what it did: BAC / CPI = BAC × AC / EV."""
        return ratio(self.bac * self.ac, self.ev)

    @property
    def eac_atypical(self) -> Decimal:
        """Estimate at completion where the rest costs what was planned: AC + (BAC − EV)."""
        return self.ac + self.bac - self.ev

    @property
    def eac_both(self) -> Decimal | None:
        """Estimate at completion where lateness costs too: AC + (BAC − EV) / (CPI × SPI)."""
        if self.cpi is None or self.spi is None:
            return None
        rest = ratio(self.bac - self.ev, self.cpi * self.spi)
        return None if rest is None else self.ac + rest

    def eac_bottom_up(self, etc: Decimal) -> Decimal:
        """Estimate at completion from a fresh estimate of the rest: AC + ETC."""
        return self.ac + etc

    @property
    def etc(self) -> Decimal | None:
        """Estimate to complete EAC − AC."""
        return None if self.eac is None else self.eac - self.ac

    @property
    def vac(self) -> Decimal | None:
        """Variance at completion BAC − EAC; negative is over budget."""
        return None if self.eac is None else self.bac - self.eac

    @property
    def tcpi(self) -> Decimal | None:
        """To-complete performance index (BAC − EV) / (BAC − AC): how well the rest must go to keep to the budget."""
        return ratio(self.bac - self.ev, self.bac - self.ac)

    @property
    def tcpi_eac(self) -> Decimal | None:
        """The same index to keep to the estimate: (BAC − EV) / (EAC − AC)."""
        return None if self.etc is None else ratio(self.bac - self.ev, self.etc)


@dataclass(frozen=True, slots=True)
class Pace:
    """Earned schedule: when what is earned by now should have been, in periods (working days) since the start."""

    es: Decimal
    at: Decimal

    @property
    def sv_t(self) -> Decimal:
        """SV(t) = ES − AT, in periods; negative is late."""
        return self.es - self.at

    @property
    def spi_t(self) -> Decimal | None:
        """SPI(t) = ES / AT; below 1 is late, to the very end."""
        return ratio(self.es, self.at)


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """A quotient; None where the denominator is zero, for that is neither 0 nor infinity."""
    return part / whole if whole else None


def earned_schedule(planned: Callable[[int], Decimal], periods: int, earned: Decimal, at: Decimal) -> Pace:
    """ES = C + (EV − PV_C) / (PV_C+1 − PV_C), where C is the last period with PV_C ≤ EV.

    `planned(n)` is PV at the end of period n, never falling; `planned(0)` is zero, after `periods` all is planned. What is
    wholly earned has its ES where the last of it was planned, not later.
    """
    done = min(earned, planned(periods))
    count = bisect_left(range(periods + 1), done, key=planned)
    if planned(count) == done:
        return Pace(Decimal(count), at)
    below, above = planned(count - 1), planned(count)
    return Pace(count - 1 + (done - below) / (above - below), at)


def earned_fraction(
    rule: EarningRule, *, progress: Decimal, started: bool, finished: bool, weights: Sequence[tuple[Decimal, bool]] = ()
) -> Decimal | None:
    """The share of its budget a task has earned, 0 to 1; None for level of effort, which earns what was planned.

    `progress` is a share too; `weights` are those of its milestones and whether each is reached. A finished task has
    earned all by any rule, one not begun nothing.
    """
    if rule == "level_of_effort":
        return None
    if finished:
        return ONE
    if rule == "0/100":
        return ZERO
    if rule == "50/50":
        return ONE / 2 if started else ZERO
    if rule == "weighted_milestones":
        reached = sum((weight for weight, done in weights if done), ZERO)
        return ratio(reached, sum((weight for weight, _ in weights), ZERO)) or ZERO
    return min(ONE, progress)


def alarm(spent: Decimal, budget: Decimal, forecast: Decimal | None) -> str:
    """What a budget calls for: `over` (all spent), `near` (80 %), `forecast` (will not suffice), or nothing."""
    if budget and spent >= budget:
        return "over"
    if budget and spent >= budget * 8 / 10:
        return "near"
    return "forecast" if forecast is not None and forecast > budget else ""
