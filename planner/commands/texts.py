"""A whole text put back where something else has taken its place."""

from __future__ import annotations

from typing import ClassVar

from planner.commands.base import Context
from planner.core.change import Change, Edit
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class PutBack:
    """Give a file the text it had before."""

    verb: ClassVar[str] = "put-back"
    path: str
    text: str

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """One edit; raises Invalid where the file could not be read and so would be lost."""
        file = vault.files.get(self.path)
        if file is not None and file.unread:
            raise Invalid(f"{self.path} was not read, so nothing is written over it", "look at it in an editor")
        before = file.text if file is not None else None
        ids = (file.item.id,) if file is not None and file.item is not None else ()
        return Change((Edit(self.path, before, self.text),), f"put back {self.path}", items=ids)
