"""What `planner check --fix` mends: the younger of two items that share an id gets a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft
from planner.core.change import Change
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
