"""The order of cards in a column: one card put before or after another."""

from __future__ import annotations

from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, found
from planner.core.change import Change
from planner.core.model import Item
from planner.core.order import column_place
from planner.core.rank import ranks_between
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Rank:
    """Put an item before or after another in its column."""

    verb: ClassVar[str] = "rank"
    item: Annotated[str, Argument("ID", "the item to move")]
    after: Annotated[str, Argument("ID", "the item it comes after", option=True)] = ""
    before: Annotated[str, Argument("ID", "the item it comes before", option=True)] = ""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`rank` set between its new neighbours; cards above it that have none yet are given ranks too."""
        (item,) = found(vault, (self.item,))
        if not self.after and not self.before:
            raise Invalid("say where it goes", "planner rank ID --after OTHER, or --before OTHER")
        neighbour = vault.find(self.after or self.before)
        if neighbour.path == item.path:
            raise Invalid(f"{item.id} cannot stand beside itself", "name another item of its column")
        column = _column_of(neighbour, item, vault)
        place = column.index(neighbour) + (1 if self.after else 0)
        draft = Draft(vault)
        for card, rank in _new_ranks(column, item, place):
            draft.set(card, "rank", rank)
        return draft.change(f"rank {item.id}: {'after' if self.after else 'before'} {neighbour.id}")


def _column_of(neighbour: Item, item: Item, vault: Vault) -> list[Item]:
    """The cards of the neighbour's column, top first, without the item that is to be put among them."""
    cards = [
        card
        for card in vault.planned
        if card.status == neighbour.status
        and card.has_workflow == neighbour.has_workflow
        and not card.broken
        and card.path != item.path
    ]
    if neighbour not in cards:
        raise Invalid(f"{neighbour.id} stands in no column", "name an item that is on the board")
    return sorted(cards, key=lambda card: column_place(card, vault.config))


def _new_ranks(column: list[Item], item: Item, place: int) -> list[tuple[Item, str]]:
    """The ranks to write so that `item` stands at `place`: its own, and those of unranked cards above it."""
    unranked = [card for card in column[:place] if card.rank is None]
    ranked = place - len(unranked)
    floor = column[ranked - 1].rank if ranked else None
    ceiling = column[place].rank if place < len(column) else None
    try:
        ranks = ranks_between(floor, ceiling, len(unranked) + 1)
        return list(zip((*unranked, item), ranks, strict=True))
    except ValueError:  # equal or hand-written ranks leave no room: the whole column is ranked anew
        cards = [*column[:place], item, *column[place:]]
        return list(zip(cards, ranks_between(None, None, len(cards)), strict=True))
