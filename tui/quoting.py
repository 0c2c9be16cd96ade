"""Items put on the clipboard, one by one or the marked ones together."""

from __future__ import annotations

from planner.views import quote
from tui import clipboard
from tui.shell import Shell


class Quoting(Shell):
    """The actions behind `y`."""

    def action_yank(self, form: str) -> None:
        """Copy ids, links, a Markdown list or a Mermaid graph."""
        items, vault = self.items, self.vault
        text = {
            "ids": lambda: quote.ids(items),
            "links": lambda: quote.links(items),
            "markdown": lambda: quote.markdown(items, vault),
            "mermaid": lambda: quote.mermaid(items, vault),
        }[form]()
        self.copy_to_clipboard(text)
        what = (
            f"{form} of {len(items)} items" if len(items) > 1 else text if form == "ids" else f"{form} of {items[0].id}"
        )
        advice = clipboard.advice()
        self.bridge.ask(
            lambda _: clipboard.copy(text),
            lambda taken: self.say(f"copied: {what}" + (f" · {advice}" if advice and not taken else "")),
        )
