"""One line of input at the bottom, with a word on what was typed so far; escape keeps it as a draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.screens.asking import Asking
from tui.text import content


class Answer(NamedTuple):
    """What stood in the line when it was left, and whether it was meant."""

    text: str
    sent: bool


class Prompt(Asking[Answer]):
    """Asks for one line; `heard` is told of every change and answers with what to say below it."""

    CSS = """
    Prompt { background: transparent; align: left bottom; }
    Prompt > Vertical { height: auto; dock: bottom; background: $panel; padding: 0 1; }
    Prompt Horizontal { height: 1; }
    Prompt #label { width: auto; color: $primary; text-style: bold; }
    Prompt Input { border: none; height: 1; padding: 0; background: $panel; width: 1fr; }
    Prompt Input:focus { border: none; }
    Prompt #said { height: auto; min-height: 1; color: $ink-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self, label: str, draft: str, heard: Callable[[str], Content]) -> None:
        super().__init__()
        self._label = label
        self._draft = draft
        self._heard = heard

    def compose(self) -> ComposeResult:
        with Vertical():
            with Horizontal():
                yield Static(content(f"{self._label} "), id="label")
                yield Input(self._draft, select_on_focus=False, compact=True)
            yield Static(self._heard(self._draft), id="said")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self.query_one("#said", Static).update(self._heard(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(Answer(event.value, True))

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(Answer(self.query_one(Input).value, False))
