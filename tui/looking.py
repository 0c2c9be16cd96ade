"""Where one looks: another view, the opened item, lanes, folds, density, and the steps back."""

from __future__ import annotations

from planner.core.record import replace
from tui.pages import PAGES
from tui.shell import Shell
from tui.widgets.grid import Grid, Move


class Looking(Shell):
    """Actions that change what is shown, and nothing in the vault."""

    def on_grid_opened(self, message: Grid.Opened) -> None:
        """An item opens, a heading folds."""
        message.stop()
        if message.key is not None and message.key == self.page.lane_of(message.key):
            self.action_fold()
        elif self.page.item(message.key) is not None:
            self._open(True)
        elif (day := self.page.day_at(message.key)) is not None:
            self._goto = self.page.slot_on(day)
            self.ask(replace(self.asked, on=day, zoom=1 - self.asked.zoom))

    def action_cursor(self, move: Move) -> None:
        """Move the cursor; over the edge of a view of time the next one comes."""
        before = self.grid.cursor
        self.grid.action_cursor(move)
        if self.grid.cursor == before and (there := self.page.beyond(before, move)) is not None:
            asked, self._goto = there
            self.ask(asked)

    def action_view(self, name: str) -> None:
        """Show another view."""
        if self.opened:
            self._open(False)
        if name != self.asked.view:
            self._views_before.append(self.asked.view)
            self.ask(replace(self.asked, view=name, zoom=0))

    def action_step_view(self, by: int) -> None:
        """Show the next view."""
        names = list(PAGES)
        self.action_view(names[(names.index(self.asked.view) + by) % len(names)])

    def action_back_view(self) -> None:
        """Show the view before this one."""
        self.ask(replace(self.asked, view=self._views_before.pop()))

    def action_peek(self) -> None:
        """Show or hide the item beside the page."""
        self.peek = not self.pane.display
        self._arrange()

    def _open(self, opened: bool) -> None:
        self.opened = opened
        self.visited.clear()
        self._listen()
        self._arrange()

    def action_fold(self) -> None:
        """Fold or unfold the cursor's lane or group."""
        if (head := self.page.lane_of(self.grid.cursor)) is not None:
            self._goto = head
            self.ask(replace(self.asked, folded=self.asked.folded ^ {head}))

    def action_density(self, by: int) -> None:
        """Show more or less of each card."""
        self.density = min(4, max(1, self.asked.density + by))
        self._arrange()

    async def action_step_out(self) -> None:
        """One step back to the plain view: the opened item, then marks, then the filter."""
        if self.opened:
            self._open(False)
        elif self.grid.marks or self.grid.in_range:
            self.grid.action_mark_none()
        elif self.filter_text:
            self.narrow("")

    async def action_back(self) -> None:
        """Close what is open; at last quit."""
        if self.opened:
            self._open(False)
        else:
            await self.action_quit()
