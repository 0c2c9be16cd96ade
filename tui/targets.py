"""The items one has begun to act on, and what stood in the field then: others may change it while one still types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import NotFound


class Seen(NamedTuple):
    """One item as it was when one began: where, who, and the value of the field."""

    path: str
    id: str
    value: object


@dataclass(frozen=True, slots=True)
class Targets:
    """Items, and one field of each as it was shown."""

    field: str
    seen: tuple[Seen, ...]

    @classmethod
    def of(cls, items: Iterable[Item], field: str) -> Targets:
        """These items as they are now."""
        return cls(field, tuple(Seen(item.path, item.id, value_of(item, field)) for item in items))

    def now(self, vault: Vault) -> list[Item]:
        """The same items today: at their paths, else by their ids where files were renamed.

        Raises NotFound where one is gone.
        """
        return [_found(one, vault) for one in self.seen]

    def changed(self, vault: Vault) -> list[Item]:
        """Those whose field holds another value by now."""
        return [
            item
            for one, item in zip(self.seen, self.now(vault), strict=True)
            if value_of(item, self.field) != one.value
        ]


def value_of(item: Item, field: str) -> object:
    """A field's value; of title and status the one that is shown, wherever it comes from."""
    return {"title": item.title, "status": item.status}.get(field, item.fields.get(field))


def said(items: Sequence[Item], field: str) -> str:
    """What a field holds, in words: of one item, or how many of them hold what."""
    values = list(dict.fromkeys(_words(value_of(item, field)) for item in items))
    return values[0] if len(values) == 1 else f"{len(values)} different values"


def _words(value: object) -> str:
    if value is None or value == ():
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _found(one: Seen, vault: Vault) -> Item:
    file = vault.files.get(one.path)
    item = file.item if file is not None else None
    if item is not None and item.id == one.id:
        return item
    if (moved := vault.get(one.id)) is not None:
        return moved
    if item is not None:  # the same file under a new id
        return item
    raise NotFound(f"{one.path} has been deleted meanwhile", "u brings it back where you did that yourself")
