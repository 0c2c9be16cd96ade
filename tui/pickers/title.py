"""A title, edited where it stands on the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.widgets import Input, Static

from tui.screens.asking import Asking
from tui.screens.prompt import Answer
from tui.text import content
from tui.widgets.line import TextLine

MIN_WIDTH = 24


class TitleLine(Asking[Answer]):
    """Asks for a title over the card it belongs to; `where` tells the card's first line, also after a resize."""

    CSS = """
    TitleLine { background: transparent; }
    TitleLine > Vertical { position: absolute; height: auto; background: $panel; }
    TitleLine #warning { color: $ink-warn; height: auto; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, title: str, where: Callable[[], Region | None], keep: Callable[[str], None]) -> None:
        super().__init__()
        self._draft = title
        self._where = where
        self._keep = keep

    def compose(self) -> ComposeResult:
        with Vertical():
            yield TextLine(self._draft)
            yield Static(id="warning")

    def on_mount(self) -> None:
        """Stand over the card."""
        self._arrange()

    def on_resize(self) -> None:
        """Stand over the card again, wherever it is now."""
        self.call_after_refresh(self._arrange)

    def warn(self, said: str) -> None:
        """Say below the line what has happened meanwhile."""
        warning = self.query_one("#warning", Static)
        warning.display = bool(said)
        warning.update(content(said, "$ink-warn"))

    def _arrange(self) -> None:
        """Over the card's first line; on the last line where that is out of sight."""
        size = self.app.size
        card = self._where() or Region(0, max(0, size.height - 1), size.width, 1)
        width = min(size.width, max(card.width, MIN_WIDTH))
        box = self.query_one(Vertical)
        box.styles.width = width
        box.styles.offset = (max(0, min(card.x, size.width - width)), card.y)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._keep(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(Answer(event.value, True))

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(Answer(self.query_one(TextLine).value, False))
