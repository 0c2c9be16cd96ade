"""What working hours and days off say: `Mon-Fri 09:00-12:00 13:00-18:00`, and the days that differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import TypeAlias

from planner.core.pattern import later
from planner.core.record import dataclass
from planner.core.values import DateRange, clean, parse_range, shown

Span: TypeAlias = tuple[int, int]
"""Minutes from `start` to before `end`, counted from midnight of a day or of a week's Monday."""

DAY = 1440
WEEK = 7 * DAY

_HOURS = "working hours such as Mon-Fri 09:00-12:00 13:00-18:00"
_HOLIDAY = (
    "a day off such as 2026-12-25 or 2026-12-24..2027-01-01, or a day with hours of its own: 2026-12-24 09:00-12:00"
)
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = later(r"([a-z]{3})[a-z]*(?:-([a-z]{3})[a-z]*)?", re.IGNORECASE)
_TIMES = later(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """Days on which other hours than the week's are worked: none on a holiday."""

    days: DateRange
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A calendar as planner.toml tells it: the spans of a week in order, and the days that differ."""

    week: tuple[Span, ...]
    special: tuple[SpecialDay, ...] = ()

    @property
    def minutes(self) -> int:
        """Working minutes of an ordinary week."""
        return sum(end - start for start, end in self.week)

    @property
    def days(self) -> int:
        """How many days of an ordinary week are worked on."""
        return len({start // DAY for start, _ in self.week})


DEFAULT_HOURS = WorkingHours(
    tuple((day * DAY + start, day * DAY + end) for day in range(5) for start, end in ((540, 720), (780, 1080)))
)
"""Monday to Friday, 09:00-12:00 and 13:00-18:00: what a vault works that says nothing."""


def parse_hours(text: str) -> tuple[Span, ...]:
    """The spans of a week; raises ValueError for what is no time, for none, and for times that overlap.

    Days stand before their times, `Mon-Thu 08:00-17:00, Fri 08:00-12:00`; a span past midnight runs into the next day.
    """
    days: list[int] = []
    spans: list[Span] = []
    timed = True
    for word in re.split(r"[\s,;]+", clean(text, _HOURS)):
        if (match := _DAYS.fullmatch(word)) is not None:
            days = _weekdays(match, word) + ([] if timed else days)
            timed = False
        elif days:
            start, end = _times(word)
            spans += [part for day in days for part in _in_week(day * DAY + start, day * DAY + end)]
            timed = True
        else:
            raise ValueError(f"expected {_HOURS}, days before times, not {shown(text)}")
    if not timed:
        raise ValueError(f"expected {_HOURS}: {shown(text)} ends without times")
    return _in_order(spans, text)


def parse_special(text: str) -> SpecialDay:
    """A holiday, a range of them, or a day with hours of its own; raises ValueError."""
    day, *times = clean(text, _HOLIDAY).split()
    try:
        days = parse_range(day)
    except ValueError:
        raise ValueError(f"expected {_HOLIDAY}, not {shown(text)}") from None
    spans = [_times(word) for word in times]
    if any(end > DAY for _, end in spans):
        raise ValueError(f"expected {_HOLIDAY}: hours of one day end by 24:00, not {shown(text)}")
    return SpecialDay(days, _in_order(spans, text))


def read_special(value: object) -> SpecialDay:
    """A special day as TOML gives it: a text, or a date of its own type."""
    return SpecialDay(DateRange(value, value)) if type(value) is date else parse_special(str(value))


def _weekdays(match: re.Match[str], word: str) -> list[int]:
    first, last = match[1].lower(), (match[2] or match[1]).lower()
    if first not in _NAMES or last not in _NAMES:
        raise ValueError(f"expected {_HOURS}: {shown(word)} is no weekday")
    start, end = _NAMES.index(first), _NAMES.index(last)
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _times(word: str) -> Span:
    match = _TIMES.fullmatch(word)
    if match is None:
        raise ValueError(f"expected {_HOURS}, not {shown(word)}")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if start >= DAY or end > DAY or int(match[2]) > 59 or int(match[4]) > 59 or start == end:
        raise ValueError(f"expected {_HOURS}: {shown(word)} is no span of a day")
    return start, end if end > start else end + DAY


def _in_week(start: int, end: int) -> Iterable[Span]:
    """A span, in two parts where it runs over the end of Sunday."""
    return [(start, end)] if end <= WEEK else [(start, WEEK), (0, end - WEEK)]


def _in_order(spans: list[Span], text: str) -> tuple[Span, ...]:
    ordered = sorted(spans)
    if any(end > start for (_, end), (start, _) in pairwise(ordered)):
        raise ValueError(f"expected {_HOURS}: times overlap in {shown(text)}")
    return tuple(ordered)
