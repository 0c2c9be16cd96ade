"""A list to choose from by typing: one row, or several with marks before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.core.display import cut, display_text
from tui.pickers.fuzzy import best
from tui.screens.asking import Asking
from tui.text import content
from tui.widgets.line import TextLine

WIDTH = 64
"""Cells of a row; longer titles are cut."""


class Choice(NamedTuple):
    """One row: the value it stands for, what is shown, what is searched, and whether it is marked."""

    value: str
    shown: Content
    searched: str
    marked: bool = False


def choice(value: str, said: str, note: str = "", *, marked: bool = False) -> Choice:
    """A row that says one thing, with a dim note behind it; both are searched, and so is the value."""
    room = WIDTH - min(len(note) + 2, WIDTH // 2) if note else WIDTH
    shown = Content.assemble(
        content(cut(display_text(said), room)),
        content(f"  {cut(display_text(note), WIDTH // 2)}" if note else "", "$ink-dim"),
    )
    return Choice(value, shown, f"{said} {note} {value}".casefold(), marked)


class Choose(Asking[tuple[str, ...] | None]):
    """Asks for one row, or with `many` for those to be marked or unmarked; the answer are their values.

    `free` makes a row of what was typed, for values that are in no list. `aside` computes what fits beside the screen,
    for lists that are long. Enter chooses the row under the bar and, with `many`, those that tab has turned.
    """

    CSS = """
    Choose { align: center middle; background: $background 60%; }
    Choose > Vertical { width: 72; max-width: 96%; height: auto; max-height: 90%; background: $surface; border: round $primary; padding: 0 1; }
    Choose #title { color: $primary; text-style: bold; height: 1; }
    Choose OptionList { border: none; background: $surface; height: auto; max-height: 100%; padding: 0; }
    Choose OptionList:focus { border: none; }
    Choose #warning { color: $ink-warn; height: auto; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
        Binding("tab", "turn", show=False),
    ]

    def __init__(
        self,
        title: str,
        rows: Sequence[Choice],
        *,
        many: bool = False,
        free: Callable[[str], Choice | None] | None = None,
        aside: Callable[[Callable[[], list[Choice]], Callable[[list[Choice]], None]], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._many = many
        self._free = free
        self._aside = aside
        self._turned: set[str] = set()
        self._shown: list[Choice] = []
        self._asked = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(content(cut(display_text(self._title), WIDTH)), id="title")
            yield TextLine()
            yield OptionList(markup=False)
            yield Static(id="warning")

    def on_mount(self) -> None:
        """Only the line takes keys; the first row is the answer until another is meant."""
        self.query_one(OptionList).can_focus = False
        self._show(best("", self._rows))

    def more(self, rows: Sequence[Choice]) -> None:
        """Other rows to choose from; what was typed goes on finding."""
        self._rows = rows
        if self.is_attached and ((text := self.query_one(TextLine).value) or not self._shown):
            self._show(self._fitting(text))

    def warn(self, said: str) -> None:
        """Say below the rows what has happened meanwhile."""
        warning = self.query_one("#warning", Static)
        warning.display = bool(said)
        warning.update(content(said, "$ink-warn"))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        text, self._asked = event.value, self._asked + 1
        if self._aside is None:
            self._show(self._fitting(text))
        else:
            asked = self._asked
            self._aside(lambda: self._fitting(text), lambda rows: self._show(rows) if asked == self._asked else None)

    def _fitting(self, text: str) -> list[Choice]:
        rows = best(text, self._rows)
        if self._free is not None and text.strip() and (own := self._free(text.strip())) is not None:
            exact = any(row.value.casefold() == own.value.casefold() for row in rows)
            rows = rows if exact else [*rows, own]
        return rows

    def _show(self, rows: list[Choice], bar: int = 0) -> None:
        if not self.is_attached:
            return
        self._shown = rows
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._row(row)) for row in rows])
        options.highlighted = bar if rows else None

    def _row(self, row: Choice) -> Content:
        if not self._many:
            return row.shown
        marked = row.marked != (row.value in self._turned)
        return Content.assemble(content("☑ " if marked else "☐ ", "$ink-full" if marked else "$ink-dim"), row.shown)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        bar = self.query_one(OptionList).highlighted
        if self._turned:
            self.dismiss(tuple(self._turned))
        elif bar is not None:
            self.dismiss((self._shown[bar].value,))
        else:
            self.post_message(self.Ready(self))  # nothing to choose: it goes on asking

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss((*self._turned, self._shown[event.option_index].value))

    def action_step(self, by: int) -> None:
        """Mean the next row that way."""
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_turn(self) -> None:
        """Mark or unmark the row under the bar, and go on choosing."""
        bar = self.query_one(OptionList).highlighted
        if self._many and bar is not None:
            self._turned ^= {self._shown[bar].value}
            self._show(self._shown, min(bar + 1, len(self._shown) - 1))

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
