"""Cards carried with the mouse to another column, another lane, another place among the cards."""

from __future__ import annotations

from planner.core.model import Item
from tui import wishes
from tui.board import BoardPage, Drop
from tui.shell import Shell
from tui.widgets.grid import Grid


class Dropping(Shell):
    """What is shown while a card is carried, and done when it is let go."""

    def on_grid_dragged(self, message: Grid.Dragged) -> None:
        """Show where it would land; put it there."""
        path, page = self.page.path(message.key), self.page
        if path is None or not isinstance(page, BoardPage) or (item := self._current(message.key)) is None:
            return
        drop = page.drop_at(self.grid.page_cell(message.now), path)
        self.grid.show_landing(None if drop is None or message.dropped else drop.landing)
        if message.dropped:
            self._drop(item, drop)
        else:
            self.say(f"{item.title} → {drop.status.upper()}" if drop is not None else "")

    def _drop(self, item: Item, drop: Drop | None) -> None:
        self.grid.move_to(item.path)
        wish = wishes.dropped(item, drop, self.asked) if drop is not None else None
        if wish is None:
            self.say("it stays where it is")
        else:
            self.wish(wish)
