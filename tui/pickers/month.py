"""A month as small as it can be drawn: six lines of seven days under their names, 20 cells wide."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterator
from datetime import date

from textual.content import Content

from planner.core.dates import MONTH_NAMES, WEEKDAY_NAMES

WIDTH, HEIGHT = 20, 8


def month(chosen: date, today: date, first_day_of_week: int = 0) -> Content:
    """The month of a day, that day in reverse, today in bold, other months' days dim; always HEIGHT lines."""
    return Content("\n").join([_head(chosen), _names(first_day_of_week), *_weeks(chosen, today, first_day_of_week)])


def day_at(x: int, y: int, chosen: date, first_day_of_week: int = 0) -> date | None:
    """The day drawn at a cell of `month`; None between days and above them."""
    if x % 3 == 2 or not 0 <= x < WIDTH or not 2 <= y < HEIGHT:
        return None
    return _days(chosen, first_day_of_week)[(y - 2) * 7 + x // 3]


def _days(chosen: date, first_day_of_week: int) -> list[date | None]:
    """Forty-two days; None before the first and after the last there is."""
    days: list[date | None] = []
    for year, number, day, _ in Calendar(first_day_of_week).itermonthdays4(chosen.year, chosen.month):
        days.append(date(year, number, day) if 1 <= year <= 9999 else None)
    return [*days, *[None] * (42 - len(days))]


def _head(chosen: date) -> Content:
    return Content.styled(f"{MONTH_NAMES[chosen.month - 1]} {chosen.year}".center(WIDTH).rstrip(), "bold $primary")


def _names(first_day_of_week: int) -> Content:
    names = [WEEKDAY_NAMES[(first_day_of_week + day) % 7][:2] for day in range(7)]
    return Content.styled(" ".join(names), "$ink-dim")


def _weeks(chosen: date, today: date, first_day_of_week: int) -> Iterator[Content]:
    days = _days(chosen, first_day_of_week)
    for week in range(0, 42, 7):
        yield Content(" ").join([_day(day, chosen, today) for day in days[week : week + 7]])


def _day(day: date | None, chosen: date, today: date) -> Content:
    if day is None:
        return Content("  ")
    style = "reverse" if day == chosen else "bold $ink-full" if day == today else ""
    return Content.styled(f"{day.day:2}", style or ("" if day.month == chosen.month else "$ink-dim"))
