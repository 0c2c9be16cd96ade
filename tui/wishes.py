"""From a key to commands: what is meant by done, one column on, one card up, for the items it was pressed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from planner.commands import Assign, Command, Done, Link, Move, Rank, Set, Tag, together
from planner.core.model import Item
from planner.core.order import column_place
from planner.core.vault import Vault
from planner.errors import Invalid
from tui.board import Drop
from tui.page import Asked


def paths(items: Sequence[Item]) -> tuple[str, ...]:
    """The items as commands name them; a path names one item even where two share an id."""
    return tuple(item.path for item in items)


def toggled_done(items: Sequence[Item], vault: Vault) -> Command:
    """Done; or open again, where all of them are done."""
    if all(vault.category(item) == "completed" for item in items):
        return Move(paths(items), vault.config.workflow.default)
    return Done(paths(items))


def shifted(items: Sequence[Item], statuses: Sequence[str], by: int) -> Command:
    """Each item `by` columns on, in one commit; raises Invalid at the edge of the board."""
    aims = [(_beside(item, statuses, by), item) for item in items]
    aims.sort(key=lambda aim: statuses.index(aim[0]))
    groups = [(to, [item for _, item in group]) for to, group in groupby(aims, key=lambda aim: aim[0])]
    said = "" if len(groups) == 1 else f"move {len(items)} items {'on' if by > 0 else 'back'}"
    return together([Move(paths(group), to) for to, group in groups], said)


def dropped(item: Item, drop: Drop, asked: Asked) -> Command | None:
    """A card let go elsewhere: another status, another lane's value, another rank, in one; None where nothing changes."""
    wishes: list[Command] = []
    if (item.status or "").casefold() != drop.status.casefold():
        wishes.append(Move((item.path,), drop.status))
    change = _into_lane(item, drop.member, asked.lanes) if drop.member is not None and asked.lanes is not None else None
    ranked = not asked.query.sort and asked.vault.config.workflow.category(drop.status) != "completed"
    neighbours = [
        (path, other) for path in (drop.below, drop.above) if path and (other := _readable(path, asked.vault))
    ]
    if ranked and neighbours and (wishes or change or not _stands(item, drop, asked.vault)):
        path = neighbours[0][0]
        wishes.append(Rank(item.path, before=path) if path == drop.below else Rank(item.path, after=path))
    if change is not None:  # the last one: another project is another path
        wishes.append(Set((item.path,), (change,)))
    return together(wishes) if wishes else None


def _readable(path: str, vault: Vault) -> Item | None:
    file = vault.files.get(path)
    return file.item if file is not None and file.item is not None and not file.item.broken else None


def _stands(item: Item, drop: Drop, vault: Vault) -> bool:
    """Whether the card stands between these two already."""
    places = [
        column_place(other, vault.config)
        for path in (drop.above, drop.below)
        if path and (other := _readable(path, vault))
    ]
    here = column_place(item, vault.config)
    return all(place <= here for place in places[:1] if drop.above) and all(
        here <= place for place in places[-1:] if drop.below
    )


def _into_lane(item: Item, member: Item, field: str) -> str | None:
    """The assignment that puts an item into another's lane; None where it is there, or where it may be in several."""
    there, here = member.fields.get(field), item.fields.get(field)
    if there == here or field in {"tags", "kind", "status"}:
        return None
    if isinstance(there, tuple):
        return f"{field}={','.join(map(str, there))}"
    return f"{field}={'' if there is None else there}"


def turned_people(people: Sequence[str]) -> Callable[[Sequence[Item]], Command]:
    """One person takes the items over, or leaves them where it is theirs alone; of several each is put on or taken off."""

    def wish(items: Sequence[Item]) -> Command:
        if len(people) == 1:
            alone = all(item.assignees == tuple(people) for item in items)
            return Assign(paths(items), "none" if alone else people[0])
        signs = [(who, "-" if all(who in item.assignees for item in items) else "+") for who in people]
        said = ", ".join(f"{sign}{who}" for who, sign in signs)
        return together(
            [Assign(paths(items), f"{sign}{who}") for who, sign in signs], f"assign {_count(items)}: {said}"
        )

    return wish


def turned_tags(tags: Sequence[str]) -> Callable[[Sequence[Item]], Command]:
    """Each tag taken off where all items have it, else put on all of them."""

    def wish(items: Sequence[Item]) -> Command:
        return Tag(
            paths(items), tuple(f"{'-' if all(tag in item.tags for item in items) else '+'}{tag}" for tag in tags)
        )

    return wish


def linked(target: str) -> Callable[[Sequence[Item]], Command]:
    """The items wait for another one, or no longer do where all of them did."""

    def wish(items: Sequence[Item]) -> Command:
        off = all(any(link.target.casefold() == target.casefold() for link in item.dependencies) for item in items)
        verb = "unlink" if off else "link"
        links = [Link(item.path, "depends_on", target, off) for item in items]
        return together(links, "" if len(items) == 1 else f"{verb} {_count(items)} depends_on: {target}")

    return wish


def _count(items: Sequence[Item]) -> str:
    return items[0].id if len(items) == 1 else f"{len(items)} items"


def _beside(item: Item, statuses: Sequence[str], by: int) -> str:
    folded = [status.casefold() for status in statuses]
    if item.broken or (item.status or "").casefold() not in folded:
        raise Invalid(f"{item.path} cannot be read, so it has no status to change", "e opens the file")
    place = folded.index((item.status or "").casefold()) + by
    if not 0 <= place < len(statuses):
        raise Invalid(f"there is no column to the {'right' if by > 0 else 'left'} of {item.status}")
    return statuses[place]


def reordered(item: Item, column: Sequence[Item], by: int, asked: Asked) -> Rank:
    """One card `by` places down its column; raises Invalid at its end, or where the order is not by rank."""
    if asked.query.sort:
        raise Invalid("the cards are sorted by the filter, not by rank", "take sort: out of the filter")
    if asked.vault.category(item) == "completed":
        raise Invalid("completed cards stand by the day they were done")
    order = [other.path for other in column if not other.broken and other.status == item.status]
    place = order.index(item.path) if item.path in order else -1
    if not 0 <= place + by < len(order) or place < 0:
        raise Invalid(f"it is the {'last' if by > 0 else 'first'} one already")
    neighbour = order[place + by]
    return Rank(item.path, after=neighbour) if by > 0 else Rank(item.path, before=neighbour)
