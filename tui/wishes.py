"""From a key to commands: what is meant by done, one column on, one card up, for the items it was pressed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from planner.commands import Command, Context, Done, Move
from planner.commands.base import Draft, check_editable
from planner.core.change import Change
from planner.core.model import Item
from planner.core.rank import rank_between
from planner.core.vault import Vault
from planner.errors import Invalid
from tui.page import Asked


def paths(items: Sequence[Item]) -> tuple[str, ...]:
    """The items as commands name them; a path names one item even where two share an id."""
    return tuple(item.path for item in items)


def toggled_done(items: Sequence[Item], vault: Vault) -> Command:
    """Done; or open again, where all of them are done."""
    if all(vault.category(item) == "completed" for item in items):
        return Move(paths(items), vault.config.workflow.default)
    return Done(paths(items))


def shifted(items: Sequence[Item], statuses: Sequence[str], by: int) -> list[Move]:
    """Each item `by` columns on, those with the same aim in one move; raises Invalid at the edge of the board."""
    aims = [(_beside(item, statuses, by), item) for item in items]
    aims.sort(key=lambda aim: statuses.index(aim[0]))
    return [Move(paths([item for _, item in group]), to) for to, group in groupby(aims, key=lambda aim: aim[0])]


def _beside(item: Item, statuses: Sequence[str], by: int) -> str:
    folded = [status.casefold() for status in statuses]
    if item.broken or (item.status or "").casefold() not in folded:
        raise Invalid(f"{item.path} cannot be read, so it has no status to change", "e opens the file")
    place = folded.index((item.status or "").casefold()) + by
    if not 0 <= place < len(statuses):
        raise Invalid(f"there is no column to the {'right' if by > 0 else 'left'} of {item.status}")
    return statuses[place]


@dataclass(frozen=True, slots=True)
class Reorder:
    """Put one card of a column at another place; the cards above it get ranks where they have none."""

    verb: ClassVar[str] = "rank"
    order: tuple[str, ...]
    """Paths, top first, as they are to stand."""
    moved: str

    def plan(self, vault: Vault, ctx: Context) -> Change:  # noqa: ARG002 (every plan has one signature)
        """Ranks set so that the cards stand in that order; cards below the moved one keep theirs."""
        draft = Draft(vault)
        items = [vault.find(path) for path in self.order]
        place = self.order.index(self.moved)
        floor: str | None = None
        for number, item in enumerate(items[: place + 1]):
            rank = item.rank if item.path != self.moved else None
            if rank is None or (floor is not None and rank <= floor):
                check_editable(item, vault)
                rank = _rank(floor, [other.rank for other in items[number + 1 :] if other.path != self.moved])
                draft.set(item, "rank", rank)
            floor = rank
        above = items[place - 1].id if place else ""
        return draft.change(f"rank {items[place].id}: " + (f"after {above}" if above else "first"))


def _rank(floor: str | None, below: Sequence[str | None]) -> str:
    """A rank above `floor` and, if it can be, below the next one that is set."""
    ceiling = next((rank for rank in below if rank is not None and (floor is None or rank > floor)), None)
    try:
        return rank_between(floor, ceiling)
    except ValueError:
        return rank_between(floor, None)


def reordered(item: Item, column: Sequence[Item], by: int, asked: Asked) -> Reorder:
    """One card `by` places down its column; raises Invalid at its end, or where the order is not by rank."""
    if asked.query.sort:
        raise Invalid("the cards are sorted by the filter, not by rank", "take sort: out of the filter")
    if asked.vault.category(item) == "completed":
        raise Invalid("completed cards stand by the day they were done")
    order = [other.path for other in column if not other.broken and other.status == item.status]
    place = order.index(item.path) if item.path in order else -1
    if not 0 <= place + by < len(order) or place < 0:
        raise Invalid(f"it is the {'last' if by > 0 else 'first'} one already")
    order.insert(place + by, order.pop(place))
    return Reorder(tuple(order), item.path)
