"""The `:` line: the words of the shell, said on the screen; an id goes there, a view's name shows it."""

from __future__ import annotations

import shlex

from textual.content import Content

from planner.commands import COMMANDS
from planner.commands.words import spoken
from planner.errors import Ambiguous, Invalid, NotFound
from tui import wishes
from tui.completion import LIMIT, Completion, Option, capture_completer
from tui.finding import Finding
from tui.pages import PAGES
from tui.screens.prompt import Answer, Prompt
from tui.text import content

KEY_OF = {
    "undo": "history.undo", "redo": "history.redo", "reload": "team.reload", "commit": "history.commit",
    "keys": "help.keys", "help": "help.here", "quit": "app.quit", "q": "app.quit",
}  # fmt: skip
"""Words that do what a key does."""
SHELL = ("init", "demo", "check", "diff", "blame", "log", "import", "export", "serve", "sync", "plan", "doctor")
"""Commands of the shell that print more than a line holds, and are left to it."""


class Speaking(Finding):
    """Actions said in words."""

    def action_line(self) -> None:
        """Ask for a line and do what it says."""
        before = self._drafts.pop("line", "")

        async def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts["line"] = answer.text if answer else ""
            elif answer.text.strip():
                await self.obey(answer.text)

        self.push_screen(Prompt(":", before, self._heard_line, complete=self._complete_line), answered)

    async def obey(self, text: str) -> None:
        """Do what a line says; where it says nothing, tell why."""
        try:
            words = shlex.split(text)
        except ValueError as error:
            self.wish_failed(Invalid(f"{error} in {text}", "a quote is open"))
            return
        verb, rest = words[0], words[1:]
        if verb in KEY_OF:
            await self.press_id(KEY_OF[verb])
        elif verb in PAGES:
            self.action_view(verb)
            self._try(lambda: self._filtered(" ".join(rest)))
        elif verb == "theme" and rest:
            self._theme(rest[0])
        elif verb == "filter":
            self._filtered(" ".join(rest))
        elif verb in COMMANDS:
            self._try(lambda: self.wish(spoken(words, wishes.paths(self.items))))
        elif verb in SHELL:
            self.say(f"planner {text} says more than fits here: run it in a shell", "$ink-full")
        else:
            self._try(lambda: self._find(text.removeprefix("show ")))

    def _filtered(self, text: str) -> None:
        if text:
            self.narrow(text)

    def _theme(self, name: str) -> None:
        if name in self.available_themes:
            self.say(self.choose_theme(name))
        else:
            self.say(f"there is no theme {name}; the palette lists them", "bold $ink-warn")

    def _find(self, text: str) -> None:
        """Go to the item that a text names; raises NotFound, Ambiguous."""
        try:
            self.go_to(self.bridge.vault.find(text.strip()).path)
        except NotFound as error:
            raise NotFound(
                f"there is no command and no item '{text.strip()}'", "tab after : lists the words"
            ) from error

    def _heard_line(self, text: str) -> Content:
        words = text.split()
        if not words:
            return content(
                "an id, a view, or a wish on the cursor's item: set due=fri · move doing · tag +web · theme nord"
            )
        if words[0] in COMMANDS:
            help_ = (COMMANDS[words[0]].__doc__ or "").strip().partition("\n")[0]
            return content(f"{help_} On {self._meant()}.")
        if len(words) == 1 and words[0] not in {*KEY_OF, *PAGES, "filter", "theme"}:
            try:
                return content(f"go to {self.bridge.vault.find(text.strip()).title}")
            except (NotFound, Ambiguous):
                return content("tab completes")
        return content("enter does it, esc keeps it for later")

    def _meant(self) -> str:
        items = self.items
        return f"{len(items)} items" if len(items) > 1 else items[0].title if items else "the items it names"

    def _complete_line(self, line: str, at: int) -> Completion | None:
        begun = line[:at]
        if " " in begun.lstrip():
            return capture_completer(self.bridge.vault, self.asked.today, self.asked.me)(line, at)
        known = {verb: (command.__doc__ or "").strip().partition("\n")[0] for verb, command in COMMANDS.items()}
        known |= dict.fromkeys(PAGES, "a view")
        known |= dict.fromkeys([*KEY_OF, "filter", "theme", "show"], "")
        options = tuple(
            Option(word, help_) for word, help_ in known.items() if word.startswith(begun) and word != begun
        )
        return Completion(0, at, options[:LIMIT]) if begun and options else None
