"""A line of input that loses nothing: what is pasted into it in many lines is joined, or handed on as lines.

It may be given any text to edit. What a terminal would obey or hide is drawn as a picture, and stays in the text.
"""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from planner.core.display import cell_width, pictures
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

    def __init__(self, text: str = "", *, many: bool = False, placeholder: str = "") -> None:
        super().__init__(text, placeholder=placeholder, select_on_focus=False, compact=True)
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

    # What is drawn may be longer than the value, or shorter: these tell Textual where its characters stand.

    @property
    def _value(self) -> Text:
        return Text("".join(pictures(self.value)), no_wrap=True, overflow="ignore", end="")

    def _shown_before(self, position: int) -> str:
        return "".join(pictures(self.value)[:position])

    def _position_to_cell(self, position: int) -> int:
        return cell_width(self._shown_before(position))

    def _cell_offset_to_index(self, offset: int) -> int:
        end, offset = 0, offset + self.scroll_offset.x
        for index, shown in enumerate(pictures(self.value)):
            end += cell_width(shown)
            if offset < end:
                return index
        return len(self.value)

    def render_line(self, y: int) -> Strip:
        """A line of the widget; a character that is drawn as several is chosen and under the cursor as a whole."""
        text = self._value
        if y or text.plain == self.value:
            return super().render_line(y)
        if self.has_focus:
            start, end = sorted(len(self._shown_before(position)) for position in self.selection)
            text.stylize_before(self.get_component_rich_style("input--selection"), start, end)
            if self._cursor_visible:
                at, after = (len(self._shown_before(self.cursor_position + step)) for step in (0, 1))
                text.pad_right(self.cursor_at_end)
                text.stylize(self.get_component_rich_style("input--cursor"), at, max(after, at + 1))
        strip = Strip(self.app.console.render(text, self.app.console_options.update_width(self.content_width)))
        width = self.scrollable_content_region.width + 1
        left = self.scroll_offset.x
        return strip.crop(left, left + width).extend_cell_length(width).apply_style(self.rich_style)
