"""What `planner check --fix` mends: an id that two items share, and states that have another name by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft
from planner.core.change import Change
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class NewId:
    """Give the item in a file a new id, because another file has the same one."""

    verb: ClassVar[str] = "new-id"
    path: Annotated[str, Argument("PATH", "the file whose item gets a new id")]
    mine: Callable[[str], bool] = lambda _: False
    """Whether a path was written by the author of this file: its references to the id mean this item."""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """The id replaced, and the references of the same author with it; raises Invalid where nobody shares it."""
        file = vault.files.get(self.path)
        if file is None or file.item is None:
            raise NotFound(f"no item at {self.path}", "planner check names the paths")
        item = file.item
        if len(vault.by_id[item.id.casefold()]) < 2:
            raise Invalid(f"{item.id} is used once only", "nothing to mend")
        new = ctx.draw_id(vault)
        draft = Draft(vault)
        draft.set(item, "id", new)
        for other in vault.items:
            if other.path != item.path and self.mine(other.path):
                for link in other.dependencies:
                    if link.target.casefold() == item.id.casefold():
                        links = tuple(
                            str(d).replace(link.target, new, 1) if d == link else str(d) for d in other.dependencies
                        )
                        draft.set(other, "depends_on", links)
        return draft.change(f"set {item.id} id: {new}")


@dataclass(frozen=True, slots=True)
class Migrate:
    """Write the present name of their state into items that still say an old one."""

    verb: ClassVar[str] = "migrate"

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`status` of every such item; nothing where there is none."""
        draft = Draft(vault)
        old = [item for item in vault.items if item.has_workflow and not item.broken and _is_renamed(item)]
        for item in old:
            draft.set(item, "status", item.status)
        names = ", ".join(dict.fromkeys(f"{item.text('status')} → {item.status}" for item in old))
        return draft.change(f"migrate {len(old)} item{'s' if len(old) != 1 else ''}: {names}")


def _is_renamed(item: Item) -> bool:
    return any(fault.code == "renamed-status" for fault in item.problems)
