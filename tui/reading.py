"""The keys of an opened item: its steps ticked, its links followed and come back from, its history brought."""

from __future__ import annotations

from datetime import date
from typing import Any

from textual.timer import Timer

from planner.commands import CheckItem
from planner.core.events import Event
from planner.core.model import Item
from planner.core.record import replace
from tui.itempage import LinkSpot, StepSpot
from tui.looking import Looking

REST = 0.25
"""Seconds the cursor rests on an item before its history is read."""
CHANGES = 100
"""Changes of status that are read at once."""
BATCH, MOST = 12, 200
"""Changes that are read at once, and altogether; planner log shows the rest."""


class Reading(Looking):
    """Actions on what is read in the pane."""

    _soon: Timer | None = None
    _history_is_known = False  # until then it is being read, and each other reading would begin anew
    _awaited: Item | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._statuses: dict[str, tuple[str, date]] = {}

    def on_mount(self) -> None:
        """Ask history, between other work, since when each item has had its status: files need not say."""
        if self.session.repo is not None:
            self.bridge.stream(lambda: self.session.log(field="status"), CHANGES, self._hear_statuses)

    def _hear_statuses(self, events: list[Event]) -> bool:
        """Of each item the newest change of status counts; once they have come, the page is made anew with them."""
        for event in events:
            item = self.vault.get(event.id)
            if item is not None and event.new is not None:
                self._statuses.setdefault(item.path, (event.new, event.when.date()))
        if not events:
            self._history_is_known = True
            if self._statuses:
                self.ask(replace(self.asked, since=dict(self._statuses)))
            if self._awaited is not None and self.pane.path == self._awaited.path:
                self._bring_history(self._awaited)
        return True

    def pane_shows(self, item: Item) -> None:
        """Bring its history when the cursor has rested on it for a moment."""
        if self._soon is not None:
            self._soon.stop()
        if self.session.repo is not None:
            self._soon = self.set_timer(REST, lambda: self._bring_history(item))

    def _bring_history(self, item: Item) -> None:
        if not self._history_is_known:
            self._awaited = item
            return
        heard = 0

        def hear(events: list[Event]) -> bool:
            nonlocal heard
            if self.pane.path != item.path:
                return False
            if not heard:
                self.pane.begin_history()
            heard += len(events)
            self.pane.add_history(item.path, events, whole=not events or heard >= MOST)
            return heard < MOST

        self.bridge.stream(lambda: self.session.log(item), BATCH, hear)

    def action_scroll_item(self, lines: int) -> None:
        """Scroll the opened item."""
        self.pane.scroll_relative(y=lines, animate=False)

    def action_spot(self, by: int) -> None:
        """Put the cursor on the next step or link."""
        if not self.pane.step(by):
            self.say("there is no step and no link here")

    def action_toggle_step(self) -> None:
        """Tick the step under the cursor, or take its tick away; with no cursor yet, go to the first step."""
        spot, path = self.pane.spot, self.pane.path
        if isinstance(spot, StepSpot) and path is not None:
            self.wish(CheckItem(path, spot.number, off=spot.done))
        else:
            self.action_spot(1)

    def action_follow(self) -> None:
        """Open what the link under the cursor leads to."""
        match self.pane.spot:
            case LinkSpot(_, str(path)):
                self.visited.append(path)
                self._refresh_bars()
            case LinkSpot(target, None):
                self.open_url(target)
                self.say(f"opened {target} outside")
            case StepSpot():
                self.action_toggle_step()
            case _:
                self.action_spot(1)

    def action_back_item(self) -> None:
        """Back to the item before, at last to the view."""
        if self.visited:
            self.visited.pop()
            self._refresh_bars()
        else:
            self._open(False)
