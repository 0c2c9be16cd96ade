"""A page of text over the screen, to be read and left."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.text import content


class TextPage(ModalScreen[None]):
    """Shows a title and a text; most keys leave it."""

    CSS = """
    TextPage { align: center middle; background: $background 60%; }
    TextPage > Vertical { width: 92; max-width: 96%; height: auto; max-height: 90%; background: $surface; border: round $primary; padding: 0 1; }
    TextPage #title { color: $primary; text-style: bold; height: 1; }
    TextPage VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    TextPage #hint { color: $ink-dim; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,f1", "leave", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("space,pagedown,ctrl+d", "scroll(10)", show=False),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False),
    ]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(content(self._title), id="title")
            with VerticalScroll(can_focus=False):
                yield Static(self._text)
            yield Static("j k scroll · esc leaves", id="hint")

    def action_scroll(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Leave it."""
        self.dismiss(None)
