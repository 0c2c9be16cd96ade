"""The user's own editor: started on an item's file with the screen given over, and what it leaves looked at."""

from __future__ import annotations

import subprocess

from textual.app import SuspendNotSupported

from planner.commands import Delete
from planner.commands.texts import PutBack
from planner.core.model import Item
from planner.editor import command_at
from planner.errors import Invalid
from tui.doing import Doing
from tui.pickers.choose import Choose, choice


class Editing(Doing):
    """The action that leaves the screen for an editor and comes back."""

    def action_edit(self) -> None:
        """Open the file of the cursor's item in the user's editor, and commit what was changed in it."""
        item = self.items[0]
        before = self.bridge.vault.files[item.path].text
        try:
            argv = command_at(str(self.session.root / item.path), self.page.line_of(self.grid.cursor) or _line(item))
            with self.suspend():
                code = subprocess.run(argv, check=False).returncode
        except Invalid as error:
            self.wish_failed(error)
            return
        except (SuspendNotSupported, OSError) as error:
            self.wish_failed(Invalid(f"the editor cannot be started here: {error}", "export EDITOR=vim"))
            return
        if code:
            self.bridge.reload(lambda _: None, item.path)
            self.say(f"{argv[0]} ended with code {code}; what it saved is not committed: E does that", "bold $ink-warn")
        else:
            self.bridge.ask(
                lambda session: session.read_texts([item.path])[item.path], lambda now: self._left(item, before, now)
            )

    def _left(self, item: Item, before: str, now: str | None) -> None:
        """What the editor left: committed; an empty file is asked about first."""
        if now is None or now.strip() or not before.strip():
            self.bridge.commit_by_hand(item.path)
            return
        found = [
            choice("restore", "put back what it said before"),
            choice("delete", "delete it; u brings it back"),
            choice("leave", "leave it empty, uncommitted"),
        ]

        def answered(values: tuple[str, ...] | None) -> None:
            if values == ("restore",) or values is None:
                self.wish(PutBack(item.path, before))
            elif values == ("delete",):
                self.wish(PutBack(item.path, before), Delete((item.path,)))

        def ask(_: object) -> None:
            self.push_screen(Choose(f"The editor left {item.path} empty", found), answered)

        self.bridge.reload(ask, item.path)


def _line(item: Item) -> int:
    """Where one wants to be in the file: at its first fault, else at its beginning."""
    return item.problems[0].line if item.problems else 1
