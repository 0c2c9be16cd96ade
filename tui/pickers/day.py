"""A day to choose by words or on a small calendar; what the words mean is said while they are typed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from planner.core.dates import WEEKDAY_NAMES, describe, resolve
from planner.core.display import cut, display_text
from tui.pickers.month import WIDTH, day_at, month
from tui.screens.asking import Asking
from tui.screens.prompt import Answer
from tui.text import content
from tui.widgets.line import TextLine

NONE = frozenset({"none", "-", "no"})
"""Words that take a date away."""


class Month(Static):
    """The small calendar; a click on a day is told to the screen."""

    def on_click(self, event: events.Click) -> None:
        event.stop()
        screen = self.screen
        if isinstance(screen, ChooseDay):
            screen.click(event.x, event.y)


class ChooseDay(Asking[Answer]):
    """Asks for a day; the answer's text is a date, words for one, or empty for none at all.

    While nothing is typed the arrows walk over the calendar; up and down do so always. Enter with nothing typed and
    nothing walked leaves the date as it is.
    """

    CSS = """
    ChooseDay { align: center middle; background: $background 60%; }
    ChooseDay > Vertical { width: 46; max-width: 96%; height: auto; max-height: 100%; background: $surface; border: round $primary; padding: 0 1; }
    ChooseDay #title { color: $primary; text-style: bold; height: 1; }
    ChooseDay #said { height: auto; color: $ink-due; }
    ChooseDay Month { width: 20; height: 8; }
    ChooseDay #warning { color: $ink-warn; height: auto; display: none; }
    .-tiny ChooseDay Month { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("down", "walk(7)", show=False),
        Binding("up", "walk(-7)", show=False),
    ]

    def __init__(self, title: str, before: date | None, today: date, first_day_of_week: int, draft: str = "") -> None:
        super().__init__()
        self._title = title
        self._before = before
        self._today = today
        self._first = first_day_of_week
        self._draft = draft
        self._day = before.date() if isinstance(before, datetime) else before or today

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(content(cut(display_text(self._title), 42)), id="title")
            yield DayLine(self._draft)
            yield Static(id="said")
            yield Month(month(self._day, self._today, self._first))
            yield Static(id="warning")

    def on_mount(self) -> None:
        """Say what stands there now."""
        self._tell()

    def warn(self, said: str) -> None:
        """Say below the calendar what has happened meanwhile."""
        warning = self.query_one("#warning", Static)
        warning.display = bool(said)
        warning.update(content(said, "$ink-warn"))

    def click(self, x: int, y: int) -> None:
        """Choose the day at a cell of the calendar."""
        if 0 <= x < WIDTH and (day := day_at(x, y, self._day, self._first)) is not None:
            self.dismiss(Answer(day.isoformat(), True))

    @on(Input.Changed)
    def _tell(self) -> None:
        text = self.query_one(DayLine).value.strip()
        said, ink = self._meant(text)
        self.query_one("#said", Static).update(content(said, ink))
        self.query_one(Month).update(month(self._day, self._today, self._first))

    def _meant(self, text: str) -> tuple[str, str]:
        """What the words mean, said with its ink; the calendar goes there."""
        if not text:
            now = f"now {describe(self._before, self._today)}" if self._before is not None else "no date"
            return f"{now} · fri, +3d, w50, dec 24, none", "$ink-dim"
        if text.casefold() in NONE:
            return "no date", "$ink-due"
        try:
            when = resolve(text, self._today, self._first)
        except ValueError as error:
            return str(error), "$ink-warn"
        self._day = when.date() if isinstance(when, datetime) else when
        clock = f" {when:%H:%M}" if isinstance(when, datetime) else ""
        days = (self._day - self._today).days
        far = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(
            days, f"in {days} days" if days > 0 else f"{-days} days ago"
        )
        return f"{WEEKDAY_NAMES[self._day.weekday()]} {self._day.isoformat()}{clock} · {far}", "$ink-due"

    @on(Input.Submitted)
    def _submitted(self) -> None:
        text = self.query_one(DayLine).value.strip()
        if not text:
            self.dismiss(Answer("", False))
        elif text.casefold() in NONE:
            self.dismiss(Answer("", True))
        else:
            try:
                resolve(text, self._today, self._first)
            except ValueError:
                self.post_message(self.Ready(self))  # not a day: it goes on asking
            else:
                self.dismiss(Answer(text, True))

    def action_walk(self, days: int) -> None:
        """The day so many days away."""
        try:
            day = self._day + timedelta(days=days)
        except OverflowError:
            return
        line = self.query_one(DayLine)
        line.value = day.isoformat()
        line.cursor_position = len(line.value)

    def action_leave(self) -> None:
        """Leave without an answer; what was typed is kept."""
        self.dismiss(Answer(self.query_one(DayLine).value, False))


class DayLine(TextLine):
    """The line of words; at its end left and right walk from day to day as long as a date stands in it, or nothing."""

    def action_cursor_left(self, select: bool = False) -> None:
        """A character back, or a day."""
        if not self._walk(-1):
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        """A character on, or a day."""
        if not self._walk(1):
            super().action_cursor_right(select)

    def _walk(self, days: int) -> bool:
        walks = (self.cursor_at_end and self.value.replace("-", "").isdigit()) or not self.value
        if walks and isinstance(self.screen, ChooseDay):
            self.screen.action_walk(days)
        return walks
