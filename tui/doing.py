"""What is done to items: each action a wish to the session, carried out on the marked ones or the cursor's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from textual import events
from textual.content import Content

from planner.commands import Add, Archive, Command, Delete, Together
from planner.commands.capture import understand
from planner.core.change import Delta
from planner.core.dates import describe
from planner.core.model import Item
from planner.errors import PlannerError
from tui import wishes
from tui.completion import Completer, capture_completer
from tui.screens.prompt import Answer, Prompt
from tui.shell import Shell
from tui.text import content, pasted

Wish = Callable[[Sequence[Item]], Command]
"""What a key means for any items: so that it can be repeated on others."""

MANY = 20
"""Lines added at once from which on the screen does not wait for them to be planned."""


class Doing(Shell):
    """Actions that change the vault."""

    _repeated: Wish | None = None

    def act(self, wish: Wish, items: Sequence[Item] | None = None) -> None:
        """Carry out a wish for these items, else for those a key acts on; `.` will repeat it."""
        self._repeated = wish
        self._try(lambda: self.wish(wish(self.items if items is None else items)))

    def action_repeat(self) -> None:
        """The newest change once more, on other items."""
        if self._repeated is not None:
            self.act(self._repeated)

    def _has(self, need: str) -> bool:
        return self._repeated is not None if need == "change" else super()._has(need)

    def completer(self) -> Completer:
        """Completes what is typed to add or to modify."""
        context = self.bridge.context()
        return capture_completer(self.bridge.vault, context.today, context.me)

    # Adding.

    def action_add(self) -> None:
        """Add an item in the cursor's column, or on its day."""
        slot, today = self.grid.cursor, self.bridge.context().today
        state, day = self.page.status_at(slot) or "", self.page.day_at(slot)
        if day is None:
            self._ask_to_add(f"add to {state.upper()}:" if state else "add:", "add", partial(Add, status=state))
        else:
            label = f"add on {describe(day, today)}:"
            self._ask_to_add(label, "add", lambda text: Add(self._on(day, text)), partial(self._on, day))

    def _on(self, day: date, text: str) -> str:
        """A line to add, due on a day unless it says another one."""
        capture = understand(text, self.bridge.vault, self.bridge.context())
        return text if capture.due is not None or not text.strip() else f"{text} due:{day}"

    def action_add_child(self) -> None:
        """Add an item as a part of the cursor's one."""
        parent = self.items[0]
        self._ask_to_add(f"add to {parent.title[:20]}:", f"add:{parent.id}", partial(Add, parent=parent.path))

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted onto the page is to be added, once it was looked at."""
        if len(self.screen_stack) == 1 and event.text.strip():
            event.stop()
            begun = self._drafts.get("add", "")
            lines = pasted(event.text).strip("\n")
            self._drafts["add"] = f"{begun}\n{lines}" if begun else lines
            self.action_add()

    def _ask_to_add(self, label: str, name: str, add: Callable[[str], Add], meant: Callable[[str], str] = str) -> None:
        """Ask for a line; `meant` is what a typed one stands for, as the echo says it."""

        def answered(answer: Answer | None) -> None:
            text = answer.text if answer is not None else ""
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if answer is None or not answer.sent or not lines:
                self._drafts[name] = text
                return

            def refused(error: PlannerError) -> None:
                self._drafts[name] = text
                self.wish_failed(error)

            self._drafts.pop(name, None)
            if len(lines) == 1:
                self.wish(add(lines[0]), refused=refused)
            else:
                self._add_many([add(line) for line in lines], refused)

        keep = partial(self._drafts.__setitem__, name)
        draft = self._drafts.get(name, "")
        complete = self.completer()
        prompt = Prompt(
            label, draft, lambda text: self._heard_add(meant(text)), complete=complete, keep=keep, many=True
        )
        self.push_screen(prompt, answered)

    def _add_many(self, wishes_: Sequence[Add], refused: Callable[[PlannerError], None]) -> None:
        """All lines in one commit; many of them are planned beside the screen."""
        wish = Together(tuple(wishes_), f"add {len(wishes_)} items")
        if len(wishes_) < MANY:
            self.wish(wish, refused=refused)
        else:
            self.say(f"adding {len(wishes_)} items …")
            self.bridge.run_behind(wish, refused)

    def _heard_add(self, text: str) -> Content:
        if not text.strip():
            return content("for example: pay rent fri #home !high @ana p:web ~30m")
        capture = understand(text, self.bridge.vault, self.bridge.context())
        said = [f"{what} {resolved}" for what, _, resolved in capture.understood]
        return content(" · ".join([capture.title or "a title is missing", *said]))

    # Changing.

    def action_done(self) -> None:
        """Done, or open again."""
        self.act(lambda items: wishes.toggled_done(items, self.bridge.vault))

    def action_archive(self) -> None:
        """Put out of sight; what is out of sight already is deleted."""
        self.act(lambda items: (Delete if all(item.archived for item in items) else Archive)(wishes.paths(items)))

    def action_delete(self) -> None:
        """Delete the files; git keeps them."""
        self.act(lambda items: Delete(wishes.paths(items)))

    def action_shift_status(self, by: int) -> None:
        """One column on."""
        columns = self.page.statuses or self.bridge.vault.config.workflow.names()
        self.act(lambda items: wishes.shifted(items, columns, by))

    def action_shift_rank(self, by: int) -> None:
        """One card down, or up; of marked ones only the cursor's moves."""
        slot = self.grid.cursor
        if slot is not None and (item := self._current(slot)) is not None:
            column = [one for other in self.page.column_of(slot) if (one := self._current(other)) is not None]
            self._try(lambda: self.wish(wishes.reordered(item, column, by, self.asked)))

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

    def action_commit(self) -> None:
        """Commit what was changed by hand, in any editor."""
        self.say("committing what was changed by hand …")
        self.bridge.commit_by_hand(nothing=lambda: self.say("nothing was changed by hand"))
