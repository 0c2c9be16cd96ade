"""Lists to pick from by typing: all keys, by what they do or by their name; and short choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.keys import Key
from tui.screens.asking import Asking
from tui.text import content
from tui.widgets.line import TextLine


class Pick(Asking[str | None]):
    """A title, a line to search in, and rows of (id, what is shown, what is searched); the answer is the id."""

    CSS = """
    Pick { align: center middle; background: $background 60%; }
    Pick > Vertical { width: 72; max-width: 96%; height: auto; max-height: 90%; background: $surface; border: round $primary; padding: 0 1; }
    Pick #title { color: $primary; text-style: bold; height: 1; }
    Pick OptionList { border: none; background: $surface; height: auto; max-height: 100%; padding: 0; }
    Pick OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    def __init__(
        self, title: str, rows: Sequence[tuple[str, Content, str]], placeholder: str = "type to search"
    ) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(content(self._title), id="title")
            yield TextLine(placeholder=self._placeholder)
            yield OptionList(*self._options(""), markup=False)

    def on_mount(self) -> None:
        """Only the line takes keys; the first row is the answer until another is meant."""
        options = self.query_one(OptionList)
        options.can_focus = False
        options.highlighted = 0 if self._rows else None

    def _options(self, text: str) -> list[Option]:
        words = text.casefold().split()
        return [
            Option(shown, id=row_id)
            for row_id, shown, searched in self._rows
            if text.strip() in searched.split() or all(word in searched.casefold() for word in words)
        ]

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options(event.value))
        options.highlighted = 0 if options.option_count else None

    @on(Input.Submitted)
    def _submitted(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)
        else:
            self.post_message(self.Ready(self))  # nothing to choose: it goes on asking

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_step(self, by: int) -> None:
        """Highlight the next row that way."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def keys_screen(keys: Sequence[Key]) -> Pick:
    """The keys that work here, to search by what they do or by name; the one picked is to be pressed."""
    return Pick(
        "Keys", [(key.id, key_row(key), f"{' '.join(key.keys)} {key.help} {key.group} {key.id}") for key in keys]
    )


def key_row(key: Key) -> Content:
    """One key as a row: its chords, what it does, its group."""
    chords = "  ".join(key.keys)
    return Content.assemble(
        Content.styled(f"{chords:<14}", "bold $primary"),
        Content(f"{key.help:<40}"),
        Content.styled(key.group, "$ink-dim"),
    )
