"""What is done to items: each action a wish to the session, carried out on the marked ones or the cursor's."""

from __future__ import annotations

import os
import shlex
import subprocess

from textual.app import SuspendNotSupported
from textual.content import Content

from planner.commands import Add, Archive, Move
from planner.commands.capture import understand
from planner.core.change import Delta
from tui import wishes
from tui.board import BoardPage
from tui.screens.keys import Pick
from tui.screens.prompt import Answer, Prompt
from tui.shell import Shell
from tui.text import content


class Doing(Shell):
    """Actions that change the vault."""

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
