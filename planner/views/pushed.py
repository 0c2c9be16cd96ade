"""What one change of a plan does to the rest of it: what moves with it, by how much, and what becomes of the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from planner.core.dates import MONTH_NAMES
from planner.core.record import dataclass
from planner.plan.calendar import last_day
from planner.plan.model import Dates, Schedule

NAMED = 3
"""So many of the items that move along are named."""


@dataclass(frozen=True, slots=True)
class Move:
    """An item whose dates are others now, and by how many working days its finish went (+ is later)."""

    path: str
    id: str
    days: float
    dates: Dates


@dataclass(frozen=True, slots=True)
class Pushed:
    """The items that have moved, the farthest first, and the plan's last day before and after."""

    moves: tuple[Move, ...]
    finish_before: date
    finish_after: date

    @property
    def dates(self) -> Mapping[str, Dates]:
        """The new dates of what has moved, by path."""
        return {move.path: move.dates for move in self.moves}

    def sentence(self, own: Collection[str]) -> str:
        """It in words, for somebody who has moved these items (paths) on purpose."""
        others = [move for move in self.moves if move.path not in own]
        mine = [move for move in self.moves if move.path in own]
        if not mine and not others:
            return "nothing moves: its dependencies or its dates hold it"
        parts = [" ".join(f"{move.id} {by(move.days)}" for move in mine[:NAMED])] if mine else []
        if others:
            named = ", ".join(f"{move.id} {by(move.days)}" for move in others[:NAMED])
            more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
            parts.append(f"pushes {named}{more}")
        if self.finish_after != self.finish_before:
            parts.append(f"the end goes from {_day(self.finish_before)} to {_day(self.finish_after)}")
        elif mine:
            parts.append("the end stays" if others else "nothing else moves")
        return " · ".join(parts)


def pushed(before: Schedule, after: Schedule) -> Pushed:
    """What is different between two schedules of the same work; summaries follow what is in them and do not count."""
    moves = []
    for path, dates in after.dates.items():
        was = before.dates.get(path)
        activity = after.network.activities[path]
        if was is None or activity.summary or (was.start, was.finish) == (dates.start, dates.finish):
            continue
        minutes = activity.calendar.between(was.finish, dates.finish) or activity.calendar.between(
            was.start, dates.start
        )
        moves.append(Move(path, activity.id, minutes / activity.calendar.day_minutes, dates))
    moves.sort(key=lambda move: (-abs(move.days), move.id))
    return Pushed(tuple(moves), last_day(before.finish), last_day(after.finish))


def by(days: float) -> str:
    """A shift in words: `+2d`, `-0.5d`."""
    rounded = round(days, 1)
    return f"{rounded:+.0f}d" if rounded == int(rounded) else f"{rounded:+.1f}d"


def _day(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"
