"""What levelling would move, and why: one line an item, times at which somebody still has too much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.plan.calendar import as_datetime, day_of, last_day
from planner.plan.leveling import Cause, Leveled, Move, Options, leveled
from planner.plan.network import network
from planner.plan.people import capacities


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: somebody is busy with these items, or (nobody) it comes after them."""

    person: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class MovedItem:
    """An item that moves: first and last day, before and after, and by how many working days its start slips."""

    item: Item
    start: tuple[date, date]
    finish: tuple[date, date]
    days: float
    whys: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class TooMuch:
    """When somebody still has more to do than they can, with what, and the share of their time that is asked for."""

    person: str
    start: datetime
    finish: datetime
    asked: float
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Leveling:
    """A preview of levelling, and what would be written: path and `leveling_delay` of each delayed item."""

    count: int
    """How many items are planned, moved or not."""
    moved: tuple[MovedItem, ...]
    too_much: tuple[TooMuch, ...]
    finish: tuple[date, date]
    delays: tuple[tuple[str, str], ...]
    proven: bool
    note: str


def leveling(vault: Vault, today: date, options: Options) -> Leveling:
    """The vault's plan levelled as of a day; raises KeyError for an unknown rule."""
    found = leveled(network(vault, today), capacities(vault), options)
    activities = found.after.network.activities
    return Leveling(
        sum(not activity.summary for activity in activities.values()),
        tuple(_moved(vault, found, move) for move in found.moves),
        tuple(
            TooMuch(o.person, as_datetime(o.start), as_datetime(o.finish), o.asked, tuple(_items(vault, o.paths)))
            for o in found.overloads
        ),
        (last_day(found.before.finish), last_day(found.after.finish)),
        tuple((path, delay.text(activities[path].calendar.day_minutes)) for path, delay in found.delays.items()),
        found.proven,
        found.note,
    )


def _moved(vault: Vault, found: Leveled, move: Move) -> MovedItem:
    activity = found.after.network.activities[move.path]
    milestone = move.start[1] == move.finish[1]
    last = day_of if milestone else last_day
    return MovedItem(
        next(_items(vault, (move.path,))),
        (day_of(move.start[0]), day_of(move.start[1])),
        (last(move.finish[0]), last(move.finish[1])),
        move.minutes / activity.calendar.day_minutes,
        tuple(_why(vault, cause) for cause in move.causes),
    )


def _why(vault: Vault, cause: Cause) -> Why:
    return Why(cause.person, tuple(_items(vault, cause.paths)))


def _items(vault: Vault, paths: tuple[str, ...]) -> Iterator[Item]:
    for path in paths:
        item = vault.files[path].item
        if item is not None:
            yield item
