"""What-if: wishes tried on a copy of the vault, to be dropped, or carried out as one."""

from __future__ import annotations

from planner.commands.base import Command, Context
from planner.commands.together import Together
from planner.core.change import Change
from planner.core.record import dataclass, replace
from planner.core.vault import Vault
from planner.errors import PlannerError


@dataclass(frozen=True, slots=True)
class Trial:
    """The vault one began with, the wishes since, and the vault they would make."""

    base: Vault
    vault: Vault
    wishes: tuple[Command, ...] = ()

    @classmethod
    def on(cls, vault: Vault) -> Trial:
        """Nothing tried yet."""
        return cls(vault, vault)

    def trying(self, wish: Command, ctx: Context) -> tuple[Trial, Change]:
        """One more wish, and what it changes; raises what its plan raises."""
        change = wish.plan(self.vault, ctx)
        if change.is_noop:
            return self, change
        return replace(self, vault=self.vault.apply(change.edits), wishes=(*self.wishes, wish)), change

    def without_last(self, ctx: Context) -> Trial:
        """The trial without its newest wish."""
        return replace(self, wishes=self.wishes[:-1]).over(self.base, ctx)

    def over(self, base: Vault, ctx: Context) -> Trial:
        """The same wishes on another vault; those that can no longer be met are left out."""
        trial = Trial.on(base)
        for wish in self.wishes:
            try:
                trial, _ = trial.trying(wish, ctx)
            except PlannerError:
                continue
        return trial

    def wish(self) -> Command:
        """All that was tried, as one wish."""
        count = len(self.wishes)
        return Together(self.wishes, f"replan: {count} changes") if count > 1 else self.wishes[0]
