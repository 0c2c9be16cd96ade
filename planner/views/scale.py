"""The time scale of a timeline: which moment stands at which cell, what is written above, and what is shaded.

Within a day a moment stands where its working time puts it, not the clock: what ends with the working day ends with
the day's cell, and half a day's work is half a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from planner.core.dates import MONTH_NAMES, WEEKDAY_NAMES, add_months
from planner.core.hours import DAY, WEEK
from planner.core.record import dataclass, replace
from planner.plan.calendar import Calendar, Moment, day_of, moment

EIGHTHS = 8
"""A bar's ends are drawn to an eighth of a cell."""

Step: TypeAlias = Literal["hour", "day", "week", "month", "quarter"]


@dataclass(frozen=True, slots=True)
class Zoom:
    """How much time a cell stands for, by how much a bar is moved, and by how many cells the view pans."""

    name: str
    cell: int  # minutes
    says: str
    step: Step
    pan: int

    @property
    def shades(self) -> bool:
        """Whether free days are as wide as cells, so that shading them means something."""
        return self.cell <= DAY or self.cell >= WEEK


ZOOMS = (
    Zoom("day", 120, "1 cell = 2 hours", "hour", 12),
    Zoom("week", DAY, "1 cell = 1 day", "day", 7),
    Zoom("month", 2 * DAY, "1 cell = 2 days", "week", 15),
    Zoom("quarter", WEEK, "1 cell = 1 week", "week", 13),
    Zoom("year", 2 * WEEK, "1 cell = 2 weeks", "month", 26),
)
WEEKLY = 1
"""The place of the zoom one begins with."""


class Label(NamedTuple):
    """A word above the bars, with the cell it begins at."""

    x: int
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A window on time: `width` cells from the moment `left` on, at one zoom, on one calendar."""

    zoom: Zoom
    left: Moment
    width: int
    calendar: Calendar

    @classmethod
    def around(cls, day: date, zoom: Zoom, width: int, calendar: Calendar) -> Scale:
        """The window with a day at a sixth of its width."""
        return cls(zoom, aligned(moment(day) - width // 6 * zoom.cell, zoom), width, calendar)

    @property
    def right(self) -> Moment:
        """The first moment after it."""
        return self.left + self.width * self.zoom.cell

    def panned(self, cells: int) -> Scale:
        """The window so many cells later, or earlier."""
        return replace(self, left=self.left + cells * self.zoom.cell)

    def zoomed(self, by: int, at: int) -> Scale:
        """The window one zoom further out (`by` > 0) or in, with the same moment at cell `at`."""
        place = min(max(ZOOMS.index(self.zoom) + by, 0), len(ZOOMS) - 1)
        zoom = ZOOMS[place]
        return replace(self, zoom=zoom, left=aligned(self.moment(at) - at * zoom.cell, zoom))

    def moment(self, x: int) -> Moment:
        """The moment at which cell x begins."""
        return self.left + x * self.zoom.cell

    def cell(self, when: Moment) -> int:
        """The cell a moment falls in; it may lie outside the window."""
        return self.eighth(when) // EIGHTHS

    def eighth(self, when: Moment) -> int:
        """Where a moment stands, in eighths of a cell from the left edge."""
        if self.zoom.cell < DAY:
            return (when - self.left) * EIGHTHS // self.zoom.cell
        start = when - when % DAY
        whole = self.calendar.minutes_on(day_of(start))
        worked = self.calendar.between(start, when) * DAY // whole if whole else when - start
        return (start - self.left + worked) * EIGHTHS // self.zoom.cell

    def day_cell(self, when: Moment) -> int:
        """The cell of the day a point in time falls on: what happens at the end of a day belongs to that day."""
        return (when - self.left) // self.zoom.cell

    def free(self, x: int) -> bool:
        """Whether nobody works in a cell, so that it is shaded."""
        return self.zoom.shades and self.calendar.between(self.moment(x), self.moment(x + 1)) <= 0

    def majors(self) -> tuple[Label, ...]:
        """The upper line: days, months, quarters or years, each where it begins; the first at the left edge."""
        return tuple(_apart(self._labels(_MAJOR[self.zoom.name], pinned=True), self.width))

    def minors(self) -> tuple[Label, ...]:
        """The lower line: hours, weeks, months or quarters."""
        return tuple(_apart(self._labels(_MINOR[self.zoom.name], pinned=False), self.width))

    def _labels(self, unit: str, *, pinned: bool) -> Iterator[Label]:
        """Every beginning of a unit in the window; with `pinned`, the unit the window begins in stands at its edge."""
        for number, when in enumerate(_begins(unit, self.left, self.right)):
            x = -(-(when - self.left) // self.zoom.cell)
            if x < 0 and not (pinned and number == 0):
                continue
            yield Label(max(0, x), _said(unit, when))


_MAJOR = {"day": "date", "week": "month", "month": "month", "quarter": "quarter", "year": "year"}
_MINOR = {"day": "hours", "week": "week", "month": "monday", "quarter": "month name", "year": "quarter name"}


def aligned(when: Moment, zoom: Zoom) -> Moment:
    """The moment at or before, at which a cell of that zoom may begin: weeks begin on Monday."""
    return when - when % (WEEK if zoom.cell >= WEEK else DAY)  # moment 0 was a Monday


def stepped(when: date, step: Step, by: int) -> date:
    """The day so many steps later; an hour is no day, so it stays."""
    match step:
        case "hour":
            return when
        case "month" | "quarter":
            return add_months(when, by * (3 if step == "quarter" else 1))
        case _:
            return when + timedelta(days=by * (7 if step == "week" else 1))


def _begins(unit: str, left: Moment, right: Moment) -> Iterator[Moment]:
    """The beginnings of a unit from the last one at or before `left` up to `right`."""
    if unit == "hours":
        yield from range(left - left % 360, right, 360)
        return
    day, end = _floor(unit, day_of(left)), day_of(right)
    while day <= end:
        yield moment(day)
        day = _next(unit, day)


def _floor(unit: str, day: date) -> date:
    match unit:
        case "week" | "monday":
            return day - timedelta(days=day.weekday())
        case "month" | "month name":
            return day.replace(day=1)
        case "quarter" | "quarter name":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _next(unit: str, day: date) -> date:
    match unit:
        case "week" | "monday":
            return day + timedelta(days=7)
        case "month" | "month name":
            return add_months(day, 1)
        case "quarter" | "quarter name":
            return add_months(day, 3)
        case "year":
            return add_months(day, 12)
    return day + timedelta(days=1)


def _said(unit: str, when: Moment) -> str:
    day = day_of(when)
    month, quarter = MONTH_NAMES[day.month - 1], f"Q{(day.month + 2) // 3}"
    return {
        "date": f"{WEEKDAY_NAMES[day.weekday()]} {day.day} {month}",
        "month": f"{month} {day.year}",
        "quarter": f"{quarter} {day.year}",
        "year": str(day.year),
        "hours": str(when % DAY // 60) if when % DAY else "",
        "week": f"{day.day:2} W{day.isocalendar().week}",
        "monday": str(day.day),
        "month name": month,
        "quarter name": quarter,
    }[unit]


def _apart(labels: Iterator[Label], width: int) -> Iterator[Label]:
    """The labels that have room, each before the next one begins: a pinned one gives way to it."""
    found = list(labels)
    for here, after in zip(found, [*found[1:], Label(width + 1, "")], strict=True):
        if here.text and here.x + len(here.text) < after.x:
            yield here
