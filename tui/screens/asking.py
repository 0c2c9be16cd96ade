"""Screens that ask: the app keeps what is typed until their line can take it, so that no key is lost or reordered."""

from __future__ import annotations

from typing import TypeVar

from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

T = TypeVar("T")


class Asking(ModalScreen[T]):
    """A modal screen with one line of input; not `ready` until the app has heard that the line has the focus."""

    ready = False

    class Ready(Message):
        """The line of a screen has the focus; every key before this was kept back."""

        def __init__(self, screen: Asking[T]) -> None:
            super().__init__()
            self.screen = screen

    def on_mount(self) -> None:
        """Give the line the focus, then say so: the app hears the two in that order."""
        line = self.query_one(Input)
        line.focus()
        line.cursor_position = len(line.value)
        self.post_message(self.Ready(self))
