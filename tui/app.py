"""What the keys do: each action of the key table as a wish to the session, another page, or another pane."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import replace

from textual import events
from textual.app import SuspendNotSupported
from textual.content import Content

from planner.commands import Add, Archive, Move
from planner.commands.capture import understand
from planner.core.change import Delta
from planner.query.language import QueryError, parse_query
from planner.query.match import compile_query
from planner.session import Session
from planner.store.config import load
from tui import wishes
from tui.board import LANES, BoardPage, Head
from tui.chords import Match, Pending
from tui.keys import REASONS, Key, stroke
from tui.screens.asking import Asking
from tui.screens.keys import Pick, keys_screen
from tui.screens.prompt import Answer, Prompt
from tui.shell import PAGES, Shell
from tui.text import content
from tui.widgets.grid import Grid


class PlannerApp(Shell):
    """The terminal interface on one session."""

    # Keys.

    async def on_event(self, event: events.Event) -> None:
        """Resolve keys in the order they were typed, before any widget sees them.

        Bubbling would let a fast typist's letters overtake the key that opens the line they are meant for.
        """
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self.screen_stack:
            if isinstance(self.screen, Asking):
                if not self.screen.ready:
                    self._held.append(event)
                    return
                # What follows the key that ends it is meant for whatever comes then.
                self.screen.ready = not (isinstance(event, events.Key) and event.key in {"enter", "escape"})
            if isinstance(event, events.Key) and len(self.screen_stack) == 1 and await self._take(event):
                return
        await super().on_event(event)

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
        found = self._resolver.press(stroke(event.key, event.character))
        if isinstance(found, Match):
            await self.press(found.binding)
        elif isinstance(found, Pending):
            self.say(f"{found.begun}:  " + "   ".join(f"{key} {what.help}" for key, what in found.options.items()))
        return isinstance(found, Match | Pending)

    async def press(self, key: Key) -> None:
        """Do what a key does, or say why it cannot be done now."""
        if key.needs and not self._has(key.needs):
            self.say(REASONS[key.needs])
            return
        name = key.action.partition("(")[0]
        await self.run_action(key.action, self if hasattr(self, f"action_{name}") else self.grid)

    def _has(self, need: str) -> bool:
        return bool({"item": self.items, "lanes": self.asked.lanes, "history": self._views_before}[need])

    def on_grid_moved(self, message: Grid.Moved) -> None:
        """The cursor stands elsewhere: the bars and the pane follow when there is time."""
        message.stop()
        self.call_later(self._refresh_bars)

    def on_grid_marked(self, message: Grid.Marked) -> None:
        """Other items are marked."""
        message.stop()
        self.call_later(self._refresh_bars)

    def on_grid_opened(self, message: Grid.Opened) -> None:
        """An item opens, a heading folds."""
        message.stop()
        if isinstance(message.key, Head):
            self.action_fold()
        elif self.page.item(message.key) is not None:
            self._open(True)

    # Views.

    def action_view(self, name: str) -> None:
        """Show another view."""
        if self.opened:
            self._open(False)
        if name != self.asked.view:
            self._views_before.append(self.asked.view)
            self.ask(replace(self.asked, view=name))

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
        self._listen()
        self._arrange()

    def action_scroll_item(self, lines: int) -> None:
        """Scroll the opened item."""
        self.pane.scroll_relative(y=lines, animate=False)

    def action_lanes(self) -> None:
        """Set lanes apart by the next field."""
        lanes = LANES[(LANES.index(self.asked.lanes) + 1) % len(LANES)]
        self.ask(replace(self.asked, lanes=lanes, folded=frozenset()))
        self.say(f"lanes: {lanes or 'none'}")

    def action_fold(self) -> None:
        """Fold or unfold the cursor's lane."""
        if isinstance(self.page, BoardPage) and (head := self.page.lane_of(self.grid.cursor)) is not None:
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
            self._filter("")

    async def action_back(self) -> None:
        """Close what is open; at last quit."""
        if self.opened:
            self._open(False)
        else:
            await self.action_quit()

    # Finding.

    def action_filter(self) -> None:
        """Filter while typing; escape brings back what was shown, and keeps what was typed for the next time."""
        before = self.filter_text

        def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts["filter"] = answer.text if answer else ""
                self._filter(before)
            elif not self._filter(answer.text.strip()):
                self._filter(self.filter_text)  # what is shown is the last good query

        self.push_screen(Prompt("filter /", self._drafts.pop("filter", before), self._heard_filter), answered)

    def _heard_filter(self, text: str) -> Content:
        try:
            query = parse_query(text)
            compile_query(query, self.bridge.vault, today=self.asked.today, me=self.asked.me)
        except QueryError as error:
            return content(f"{error.caret}\n{error.message}", "$ink-warn", multiline=True)
        self._filter(text)
        return content("for example: status:doing @ana due<+7d -blocked · enter keeps it, esc goes back")

    def _filter(self, text: str) -> bool:
        """Show what a query asks for; False where it cannot be read, and nothing changes."""
        try:
            query = parse_query(text)
            compile_query(query, self.bridge.vault, today=self.asked.today, me=self.asked.me)
        except QueryError as error:
            self.wish_failed(error)
            return False
        if query != self.asked.query or text != self.filter_text:
            self.filter_text = text
            self.ask(replace(self.asked, query=query))
        return True

    # Items.

    def action_add(self) -> None:
        """Add an item in the cursor's column."""
        state = self.page.status_at(self.grid.cursor) or ""

        def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts["add"] = answer.text if answer else ""
            elif answer.text.strip():
                self.wish(Add(answer.text, status=state))

        label = f"add to {state.upper()}:" if state else "add:"
        self.push_screen(Prompt(label, self._drafts.pop("add", ""), self._heard_add), answered)

    def _heard_add(self, text: str) -> Content:
        if not text.strip():
            return content("for example: pay rent fri #home !high @ana p:web ~30m")
        capture = understand(text, self.bridge.vault, self.bridge.context())
        said = [f"{what} {resolved}" for what, _, resolved in capture.understood]
        return content(" · ".join([capture.title or "a title is missing", *said]))

    def action_done(self) -> None:
        """Done, or open again."""
        self.wish(wishes.toggled_done(self.items, self.bridge.vault))

    def action_archive(self) -> None:
        """Put out of sight."""
        self.wish(Archive(wishes.paths(self.items)))

    def action_status(self) -> None:
        """Choose a status."""
        items = wishes.paths(self.items)

        def answered(state: str | None) -> None:
            if state is not None:
                self.wish(Move(items, state))

        states = self.bridge.vault.config.workflow.names()
        title = f"Status of {len(items)} items" if len(items) > 1 else f"Status of {self.items[0].title}"
        self.push_screen(Pick(title, [(name, content(name), name) for name in states]), answered)

    def action_shift_status(self, by: int) -> None:
        """One column on."""
        if isinstance(self.page, BoardPage):
            page = self.page
            self._try(lambda: self.wish(*wishes.shifted(self.items, page.statuses, by)))

    def action_shift_rank(self, by: int) -> None:
        """One card down, or up; of marked ones only the cursor's moves."""
        slot = self.grid.cursor
        if slot is not None and (item := self._current(slot)) is not None:
            column = [one for other in self.page.column_of(slot) if (one := self._current(other)) is not None]
            self._try(lambda: self.wish(wishes.reordered(item, column, by, self.asked)))

    def action_edit(self) -> None:
        """Open the file of the cursor's item in the user's editor, and commit what was changed in it."""
        path = self.items[0].path
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        try:
            with self.suspend():
                subprocess.run([*shlex.split(editor), str(self.session.root / path)], check=False)
        except (SuspendNotSupported, OSError, ValueError) as error:
            self.say(f"{editor} cannot be started here: {error}", "bold $ink-warn")
        self.bridge.commit_by_hand(path)

    # History and files.

    def action_undo(self) -> None:
        """Take back the newest change."""
        self.say("undoing …")
        self.bridge.undo()

    def action_redo(self) -> None:
        """Take back the newest undo."""
        self.say("redoing …")
        self.bridge.redo()

    def action_reload(self) -> None:
        """Read all files again."""
        self.say("reading …")
        self.bridge.reload(self._said_reloaded)

    def _said_reloaded(self, delta: Delta) -> None:
        count = len(delta.paths)
        self.say(f"{count} {'file' if count == 1 else 'files'} changed" if count else "nothing changed on disk")

    # Help.

    def action_keys(self) -> None:
        """All keys that work here."""
        rows = self.keys_here()

        async def answered(key_id: str | None) -> None:
            for key in rows:
                if key.id == key_id:
                    await self.press(key)

        self.push_screen(keys_screen(rows), answered)


def run(session: Session, *, view: str | None = None) -> int:
    """Run the terminal interface until it is left; raises ConfigError where the user's configuration is faulty."""
    config = load()
    with session:
        app = PlannerApp(session, view=view, config=config)
        return app.run(mouse=config.mouse) or 0
