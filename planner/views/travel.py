"""The stops of a way through the past: the commits one can stand at, steps from one to another, and a line that shows them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from planner.core.record import dataclass

LINE, COMMIT, HERE = "─•●"


@dataclass(frozen=True, slots=True)
class Stop:
    """One commit at which the plan can be looked at; `when` is in the plan's zone."""

    commit: str
    when: datetime
    who: str
    subject: str

    @property
    def day(self) -> date:
        """The day it was made."""
        return self.when.date()


def stepped(stops: Sequence[Stop], at: int, by: int) -> int:
    """The stop `by` commits on, as far as there are any."""
    return min(len(stops) - 1, max(0, at + by))


def walked(stops: Sequence[Stop], at: int, days: int) -> int:
    """The last stop of the day `days` on, or of the nearest day before it that has one; always another, where there is one.

    Commits stand in the order of their history, so a wrong clock counts as the latest day before it.
    """
    known = _days(stops)
    try:
        wanted = known[at] + timedelta(days=days)
    except OverflowError:
        return 0 if days < 0 else len(stops) - 1
    found = bisect_right(known, wanted) - 1
    if days < 0:
        return max(0, min(found, at - 1))
    after = min(at + 1, len(stops) - 1)
    return max(found, bisect_right(known, known[after]) - 1) if found <= at else found


def track(stops: Sequence[Stop], at: int, width: int) -> str:
    """The whole time in `width` cells: where commits are, and where one stands."""
    if width < 1 or not stops:
        return ""
    first, last = stops[0].when, stops[-1].when
    whole = (last - first) / timedelta(seconds=1)

    def cell(stop: Stop) -> int:
        share = (stop.when - first) / timedelta(seconds=1) / whole if whole > 0 else 1.0
        return min(width - 1, max(0, round(share * (width - 1))))

    cells = [LINE] * width
    for stop in stops:
        cells[cell(stop)] = COMMIT
    cells[cell(stops[at]) if at < len(stops) - 1 else width - 1] = HERE
    return "".join(cells)


def _days(stops: Sequence[Stop]) -> list[date]:
    """The day of each stop, none before that of the stop before."""
    found: list[date] = []
    for stop in stops:
        found.append(max(stop.day, found[-1]) if found else stop.day)
    return found
