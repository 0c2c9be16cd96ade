"""One line of input at the bottom, with what its words may become and a word on what was typed so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.completion import Completer, Completion
from tui.screens.asking import Asking
from tui.text import content
from tui.widgets.line import TextLine


class Answer(NamedTuple):
    """What stood in the line when it was left, and whether it was meant."""

    text: str
    sent: bool


class Prompt(Asking[Answer]):
    """Asks for one line; `heard` is told of every change and answers with what to say below it.

    `keep` is told of every change too, so that what was typed outlives escape and crash. With `many`, lines that are
    pasted stay lines of the answer; else they are joined by blanks.
    """

    CSS = """
    Prompt { background: transparent; align: left bottom; }
    Prompt > Vertical { height: auto; max-height: 100%; dock: bottom; background: $panel; padding: 0 1; }
    Prompt Horizontal { height: 1; }
    Prompt #label { width: auto; color: $primary; text-style: bold; }
    Prompt TextLine { width: 1fr; }
    Prompt #options { height: auto; }
    Prompt #said { height: auto; min-height: 1; color: $ink-dim; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "accept", show=False),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    def __init__(
        self,
        label: str,
        draft: str,
        heard: Callable[[str], Content],
        *,
        complete: Completer | None = None,
        keep: Callable[[str], None] | None = None,
        many: bool = False,
    ) -> None:
        super().__init__()
        self._label = label
        *self._lines, self._draft = draft.split("\n") if many else [" ".join(draft.split("\n"))]
        self._heard = heard
        self._complete = complete
        self._keep = keep
        self._many = many
        self._completion: Completion | None = None
        self._stepped: int | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="options")
            with Horizontal():
                yield Static(content(f"{self._label} "), id="label")
                yield TextLine(self._draft, many=self._many)
            yield Static(id="said")

    def on_mount(self) -> None:
        """Say what the draft says."""
        self._tell()

    @property
    def text(self) -> str:
        """All that was typed and pasted."""
        return "\n".join([*self._lines, self.query_one(TextLine).value])

    @on(Input.Changed)
    def _changed(self) -> None:
        self._tell()
        if self._keep is not None:
            self._keep(self.text)

    @on(TextLine.Lines)
    def _pasted(self, event: TextLine.Lines) -> None:
        """Whole lines came: they are held, and the last one stays in the line."""
        self._lines += event.lines

    @on(TextLine.Emptied)
    def _joined(self, event: TextLine.Emptied) -> None:
        """Deleting in an empty line takes back the held line before it, or all of them."""
        if self._lines and not event.all:
            line = self.query_one(TextLine)
            line.value = self._lines.pop()
            line.cursor_position = len(line.value)
        self._lines = [] if event.all else self._lines
        self._changed()

    def _tell(self) -> None:
        """What the words may become, and what they say."""
        line = self.query_one(TextLine)
        self._stepped = None
        self._completion = self._complete(line.value, line.cursor_position) if self._complete is not None else None
        self._show_options()
        said = self._heard(line.value)
        if self._lines:
            more = f"{len(self._lines)} more lines · ctrl+u in an empty line forgets them · "
            said = Content.assemble(content(more, "$ink-full"), said)
        self.query_one("#said", Static).update(said)

    def _show_options(self) -> None:
        options = self._completion.options if self._completion is not None else ()
        rows = [
            Content.assemble(
                content(f" {option.text} ", "bold $ink-accent reverse" if number == self._stepped else "$ink-accent"),
                content(f" {option.note}", "$ink-dim"),
            )
            for number, option in enumerate(options)
        ]
        shown = self.query_one("#options", Static)
        shown.display = bool(rows)
        shown.update(Content("\n").join(rows))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._stepped is not None:
            self.action_accept()
            self.post_message(self.Ready(self))  # that was the word, not the line: it goes on asking
        else:
            self.dismiss(Answer(self.text, True))

    def action_step(self, by: int) -> None:
        """Mean the next suggestion that way."""
        if self._completion is not None:
            count = len(self._completion.options)
            self._stepped = (self._stepped + by) % count if self._stepped is not None else (0 if by > 0 else count - 1)
            self._show_options()

    def action_accept(self) -> None:
        """Put the meant suggestion, else the first, in the place of the word."""
        if (found := self._completion) is None:
            return
        line = self.query_one(TextLine)
        word = found.options[self._stepped or 0].text
        space = "" if word.endswith(":") or line.value[found.end : found.end + 1] == " " else " "
        line.value = f"{line.value[: found.start]}{word}{space}{line.value[found.end :]}"
        line.cursor_position = found.start + len(word) + len(space)
        self._tell()

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(Answer(self.text, False))
