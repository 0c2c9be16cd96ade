"""The command palette: every key of the table by what it does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.keys import Key
from tui.screens.keys import key_row

if TYPE_CHECKING:
    from tui.app import PlannerApp


class KeyCommands(Provider):
    """Finds keys that work where one is; choosing one is pressing it."""

    @property
    def _planner(self) -> PlannerApp:
        return cast("PlannerApp", self.app)

    async def discover(self) -> Hits:
        """All of them, in the order of the table."""
        for key in self._planner.keys_here():
            yield DiscoveryHit(key_row(key), self._press(key), key.help)

    async def search(self, query: str) -> Hits:
        """Those whose help fits."""
        matcher = self.matcher(query)
        for key in self._planner.keys_here():
            if (score := matcher.match(key.help)) > 0:
                shown: Content = key_row(key)
                yield Hit(score, shown, self._press(key), key.help)

    def _press(self, key: Key) -> partial[bool]:
        return partial(self._planner.call_later, self._planner.press, key)
