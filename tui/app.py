"""The terminal interface: every stroke goes through the key table to one action, in the order it was typed."""

from __future__ import annotations

import sys
from typing import Any

from textual import events
from textual.timer import Timer

from planner.session import Session
from tui.acting import Acting
from tui.chords import Match, Pending
from tui.keys import Key, stroke
from tui.own import read_own
from tui.pages import import_all
from tui.screens.asking import Asking
from tui.speaking import Speaking
from tui.team import Team
from tui.travel import Travelling
from tui.widgets.grid import Grid
from tui.widgets.which import WhichKey

TURN = 0.0005
"""Seconds after which a thread that works beside the screen gives way to a key; Python's own ten times as many are felt."""


class PlannerApp(Travelling, Speaking, Acting, Team):
    """The terminal interface on one session."""

    which_key_after = 0.4
    """Seconds after which what may follow a stroke is shown."""
    _which_key: Timer | None = None
    _rising: events.Key | None = None

    async def on_event(self, event: events.Event) -> None:
        """Resolve keys in the order they were typed, before any widget sees them.

        Bubbling would let a fast typist's letters overtake the key that opens the line they are meant for.
        """
        if isinstance(event, events.InputEvent | events.Paste):
            self.bridge.memory.key()
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self.screen_stack:
            if isinstance(self.screen, Asking):
                await self._ask(self.screen, event)
                return
            if isinstance(event, events.Key) and len(self.screen_stack) == 1 and await self._take(event):
                return
        await super().on_event(event)
        if event is self._rising:
            self._rising = None
            if isinstance(self.screen, Asking):
                self.screen.ready = True
                await self._release()

    async def _ask(self, screen: Asking[Any], event: events.Key | events.Paste) -> None:
        """Hand a key to the line of a screen that asks, once the line has done what the keys before it mean."""
        if not screen.ready:
            self._held.append(event)
            return
        # What follows the key that ends it is meant for whatever comes then.
        screen.ready = not (isinstance(event, events.Key) and event.key in {"enter", "escape"})
        await super().on_event(event)
        if screen.ready and isinstance(event, events.Key) and not event.is_printable and event.is_forwarded:
            # It means something only when it has come up to here again: letters would overtake it.
            screen.ready, self._rising = False, event

    async def on_asking_ready(self, message: Asking.Ready) -> None:
        """The line is there: what was typed meanwhile goes into it, in order."""
        message.screen.ready = True
        await self._release()

    def on_mount(self) -> None:
        """Where a screen that asked is gone, what was typed since its last key is for the one below."""
        self.screen_change_signal.subscribe(self, lambda _: self.call_later(self._release))

    async def _release(self) -> None:
        held, self._held = self._held, []
        for event in held:
            await self.on_event(event)

    async def _take(self, event: events.Key) -> bool:
        """Whether a stroke means something here; if so, it is done."""
        said = stroke(event.key, event.character)
        if self.is_jumping:
            self.jump(said)
            return True
        found = self._resolver.press(said)
        self._hide_which_key()
        if isinstance(found, Match):
            await self.press(found.binding)
        elif isinstance(found, Pending):
            self._which_key = self.set_timer(self.which_key_after, lambda: self._show_which_key(found))
        return isinstance(found, Match | Pending)

    def _show_which_key(self, found: Pending[Key]) -> None:
        if self._resolver.begun == found.begun:
            self.screen_stack[0].query_one(WhichKey).offer(found.begun, found.options, self.size.width)

    def _hide_which_key(self) -> None:
        if self._which_key is not None:
            self._which_key.stop()
            self._which_key = None
        self.screen_stack[0].query_one(WhichKey).away()

    def settle_down(self) -> None:
        """What was read stays: the collector need not go through all of it again and again. What is needed next comes."""
        self.bridge.memory.start()
        self.set_interval(5.0, self.bridge.memory.tidy)
        self.bridge.build(import_all, lambda _: None, lambda: None)

    def on_grid_moved(self, message: Grid.Moved) -> None:
        """The cursor stands elsewhere: the bars and the pane follow when there is time."""
        message.stop()
        self.call_later(self._refresh_bars)

    def on_grid_marked(self, message: Grid.Marked) -> None:
        """Other items are marked."""
        message.stop()
        self.call_later(self._refresh_bars)


def run(session: Session, *, view: str | None = None) -> int:
    """Run the terminal interface until it is left; a fault in the person's files is a sentence on it."""
    own = read_own()
    sys.setswitchinterval(TURN)
    with session:
        app = PlannerApp(session, view=view, own=own)
        app.when_whole = app.settle_down
        return app.run(mouse=own.config.mouse) or 0
