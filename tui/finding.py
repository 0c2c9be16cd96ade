"""How one finds: the live filter, and the keys by what they do."""

from __future__ import annotations

from textual.content import Content

from planner.query.language import QueryError, parse_query
from planner.query.match import compile_query
from tui.screens.prompt import Answer, Prompt
from tui.shell import Shell
from tui.text import content


class Finding(Shell):
    """Actions that look for something."""

    def action_filter(self) -> None:
        """Filter while typing; escape brings back what was shown, and keeps what was typed for the next time."""
        before = self.filter_text

        def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts["filter"] = answer.text if answer else ""
                self.narrow(before)
            elif not self.narrow(answer.text.strip()):
                self.narrow(self.filter_text)  # what is shown is the last good query

        self.push_screen(Prompt("filter /", self._drafts.pop("filter", before), self._heard_filter), answered)

    def _heard_filter(self, text: str) -> Content:
        try:
            query = parse_query(text)
            compile_query(query, self.bridge.vault, today=self.asked.today, me=self.asked.me)
        except QueryError as error:
            return content(f"{error.caret}\n{error.message}", "$ink-warn", multiline=True)
        self.narrow(text)
        return content("for example: status:doing @ana due<+7d -blocked · enter keeps it, esc goes back")
