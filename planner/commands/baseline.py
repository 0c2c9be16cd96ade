"""Baselines: the plan as it is now, frozen in a file of its own."""

from __future__ import annotations

from typing import ClassVar

from planner.commands.base import Context
from planner.core.change import Change, Edit
from planner.core.frozen import id_of, path_of, to_text
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.plan.baseline import freeze
from planner.plan.planned import planned


@dataclass(frozen=True, slots=True)
class TakeBaseline:
    """Freeze the plan under a name; an older baseline of that name is kept unless it is to be replaced."""

    verb: ClassVar[str] = "plan baseline"
    name: str
    commit: str = ""
    replace: bool = False

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """One new file. Raises Invalid for an odd name, a taken one, and a vault of a newer format."""
        if vault.config.read_only:
            raise Invalid("this vault is of a newer format", "install a newer planner")
        try:
            path = path_of(self.name)
        except ValueError as error:
            raise Invalid(str(error), "for example: planner plan baseline start") from None
        before = vault.text(path) if path in vault.files else None
        if before is not None and not self.replace:
            raise Invalid(
                f"there is a baseline '{self.name}' already",
                f"planner plan baseline {self.name} --replace, or a new name",
            )
        baseline = freeze(vault, planned(vault, ctx.today), self.name, ctx.today, self.commit)
        if not baseline.rows:
            raise Invalid("there is no work to freeze", "planner add captures some")
        subject = f"baseline {self.name}: {len(baseline.rows)} items"
        return Change((Edit(path, before, to_text(baseline)),), subject, items=(id_of(self.name),))
