"""The keys of the views of time: to today, to a date, a month or a week on, nearer, and an item a day on."""

from __future__ import annotations

from datetime import date, timedelta

from textual.content import Content

from planner.commands import Command, Set, together
from planner.core.dates import day_of, resolve
from planner.core.model import Item
from planner.core.record import replace
from planner.core.values import when_text
from planner.errors import Invalid
from tui.screens.prompt import Answer, Prompt
from tui.shell import Shell
from tui.text import content


class Dates(Shell):
    """Actions that move through time, and items with it."""

    def action_go_today(self) -> None:
        """Show today, with the cursor on it."""
        self._go_to(self.asked.today)

    def action_go_date(self) -> None:
        """Ask for a date and show it."""

        def answered(answer: Answer | None) -> None:
            if answer is not None and answer.sent and answer.text.strip():
                self._try(lambda: self._go_to(self._date(answer.text)))

        self.push_screen(Prompt("go to", "", self._heard_date), answered)

    def _heard_date(self, text: str) -> Content:
        if not text.strip():
            return content("for example: fri · 2w · dec 24 · w50 · 2026-12-01")
        try:
            day = self._date(text)
        except Invalid as error:
            return content(error.message, "$ink-warn")
        return content(f"{day:%A} {day.day} {day:%B %Y}")

    def _date(self, text: str) -> date:
        """The day a text means; raises Invalid."""
        try:
            return day_of(resolve(text, self.asked.today, self.bridge.vault.config.first_day_of_week))
        except ValueError as error:
            raise Invalid(str(error)) from None

    def _go_to(self, day: date) -> None:
        self._goto = self.page.slot_on(day)
        self.ask(replace(self.asked, on=day))

    def action_step_time(self, by: int) -> None:
        """Show the month or week before or after."""
        self.ask(self.page.period(by))

    def action_zoom(self, by: int) -> None:
        """Look nearer or from further away, at the cursor's day."""
        day = self.page.day_at(self.grid.cursor) or self.asked.on
        self._goto = self.page.slot_on(day) if day is not None else None
        self.ask(replace(self.asked, on=day, zoom=min(1, max(0, self.asked.zoom + by))))

    def action_shift_days(self, by: int) -> None:
        """Put what the cursor or the marks stand on a day later or earlier: the date that shows it there."""
        self._try(lambda: self.wish(self._shifted(by)))

    def _shifted(self, by: int) -> Command:
        """All of them in one; raises Invalid where an item stands on no date of its own."""
        found: list[Command] = []
        for slot in self.grid.targets:
            item, field = self._current(slot), self.page.date_field(slot)
            if item is None:
                continue
            if field is None:
                raise Invalid(f"{item.title} stands here by no date of its own", "d gives it a due date")
            found.append(Set((item.path,), (f"{field}={_moved(item, field, by)}",)))
        return together(found, "" if len(found) == 1 else f"move the dates of {len(found)} items by {by:+}d")


def _moved(item: Item, field: str, days: int) -> str:
    """A date of an item some days on, as it is written; its time of day stays. Raises Invalid at the end of time."""
    when = item.when(field)
    if when is None:
        raise Invalid(f"{item.title} has no {field}")
    try:
        return when_text(when + timedelta(days=days))
    except OverflowError:
        raise Invalid("there is no day beyond that") from None
