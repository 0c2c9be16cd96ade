"""Items that come from another program: their files made at once, as one change."""

from __future__ import annotations

from typing import ClassVar

from planner.commands.base import Context, Draft
from planner.core.change import Change, Edit
from planner.core.config import PATH
from planner.core.record import dataclass
from planner.core.toml import read_toml
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Import:
    """Make the files of foreign items, and the calendars they are planned on."""

    verb: ClassVar[str] = "import"
    source: str
    """What they come from, for the subject."""
    files: tuple[tuple[str, str, str], ...]
    """Path, text and id of each."""
    calendars: tuple[tuple[str, str], ...] = ()
    """Name and working hours; one that planner.toml has stays as it is."""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """New files alone; raises Invalid where one is there already, or the vault is read only."""
        if vault.config.read_only:
            raise Invalid("this vault is of a newer format than this program", "install a newer planner")
        draft = Draft(vault)
        for path, text, id_ in self.files:
            if path in vault.files or vault.get(id_) is not None:
                raise Invalid(f"{path} is there already", f"planner delete {id_}, or rename what you import")
            draft.create(path, text, id_)
        change = draft.change(f"import {self.source}: {len(self.files)} items")
        return Change((*self._calendars(vault), *change.edits), change.subject, change.details, change.items)

    def _calendars(self, vault: Vault) -> tuple[Edit, ...]:
        new = [(name, hours) for name, hours in self.calendars if name not in vault.config.calendars]
        if not new:
            return ()
        before = vault.config.text
        tables = (f'[calendars.{name}]\nworking = "{hours}"\n' for name, hours in new)
        after = "\n".join(part for part in (before, *tables) if part)
        try:
            read_toml(after)
        except ValueError as error:
            raise Invalid(f"{PATH}: {error}", f"add [calendars.{new[0][0]}] by hand, then import again") from None
        return (Edit(PATH, before, after),)
