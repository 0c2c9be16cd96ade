"""A line of input that loses nothing: what is pasted into it in many lines is joined, or handed on as lines."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from tui.text import pasted


class TextLine(Input):
    """An input without a border. With `many`, all but the last of pasted lines go out as a message."""

    DEFAULT_CSS = """
    TextLine { border: none; height: 1; padding: 0; background: $panel; }
    TextLine:focus { border: none; }
    """

    class Lines(Message):
        """Whole lines were pasted; what stood before the cursor is part of the first."""

        def __init__(self, lines: list[str]) -> None:
            super().__init__()
            self.lines = lines

    class Emptied(Message):
        """Something was to be deleted before the cursor where nothing is: one character, or all."""

        def __init__(self, all: bool) -> None:  # noqa: A002 (as the key says)
            super().__init__()
            self.all = all

    def __init__(self, text: str = "", *, many: bool = False) -> None:
        super().__init__(text, select_on_focus=False, compact=True)
        self._many = many

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = pasted(event.text)
        if not self._many:
            self.insert_text_at_cursor(" ".join(text.split("\n")).rstrip())
            return
        *lines, last = text.split("\n")
        if lines:
            head, rest = self.value[: self.cursor_position], self.value[self.cursor_position :]
            self.post_message(self.Lines([line for line in [head + lines[0], *lines[1:]] if line.strip()]))
            self.value = last + rest
            self.cursor_position = len(last)
        else:
            self.insert_text_at_cursor(last)

    def action_delete_left(self) -> None:
        """Delete a character; in an empty line say that there is none."""
        if not self.value:
            self.post_message(self.Emptied(all=False))
        super().action_delete_left()

    def action_delete_left_all(self) -> None:
        """Delete to the start; in an empty line say that there is nothing."""
        if not self.value:
            self.post_message(self.Emptied(all=True))
        super().action_delete_left_all()
