"""A month or a week as days with what falls on them: the calendar, past days and finished work included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias, get_args

from planner.core.dates import MONTH_NAMES, add_months, day_of
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.values import DateRange
from planner.core.vault import Vault
from planner.views.facts import is_waiting

Span: TypeAlias = Literal["month", "week"]
EventKind: TypeAlias = Literal[
    "milestone", "deadline", "due", "target_end", "review_by", "scheduled", "done", "leave"
]  # fmt: skip
KINDS: tuple[EventKind, ...] = get_args(EventKind)
_DATED: tuple[EventKind, ...] = ("deadline", "due", "target_end", "review_by", "scheduled")
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something of one item on one day, at a time if it has one; `late` where it should have been done by then."""

    kind: EventKind
    item: Item
    when: date | datetime
    late: bool = False

    @property
    def clock(self) -> str:
        """Its time of day, `09:30`; empty for the whole day."""
        return f"{self.when:%H:%M}" if isinstance(self.when, datetime) else ""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day, whole-day events first, then by the clock."""

    day: date
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weeks that a month touches, or one week; `anchor` is a day of the month or week that is meant."""

    span: Span
    anchor: date
    weeks: tuple[tuple[CalendarDay, ...], ...]

    @property
    def first(self) -> date:
        """The first day shown."""
        return self.weeks[0][0].day

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.weeks[-1][-1].day

    @property
    def title(self) -> str:
        """`November 2026`, or `23 to 29 Nov 2026`."""
        if self.span == "month":
            return f"{self.anchor:%B %Y}"
        end = f"{self.last.day} {MONTH_NAMES[self.last.month - 1]} {self.last.year}"
        begin = f"{self.first.day}" + (
            f" {MONTH_NAMES[self.first.month - 1]}" if self.first.month != self.last.month else ""
        )
        return f"{begin} to {end}"

    @property
    def days(self) -> tuple[CalendarDay, ...]:
        """All days shown, in order."""
        return tuple(day for week in self.weeks for day in week)

    @property
    def items(self) -> tuple[Item, ...]:
        """What falls on the days shown, each item once."""
        return tuple({event.item.path: event.item for day in self.days for event in day.events}.values())

    def is_inside(self, day: date) -> bool:
        """Whether a day belongs to the month that is meant, rather than to a week that it only touches."""
        return self.span == "week" or (day.year, day.month) == (self.anchor.year, self.anchor.month)


def calendar(
    vault: Vault, anchor: date, today: date, span: Span = "month", items: Iterable[Item] | None = None, first: int = 0
) -> Calendar:
    """The month or week around a day, of all items or of those given; weeks begin on weekday `first` (0 is Monday)."""
    begin, end = bounds(anchor, span, first)
    found: dict[date, list[Event]] = {}
    for item in vault.planned if items is None else items:
        for day, event in _once_a_day(_events(item, vault, today, begin, end)).items():
            found.setdefault(day, []).append(event)
    weeks = []
    while begin <= end:
        week = [begin + number * _DAY for number in range(7)]
        weeks.append(tuple(CalendarDay(day, tuple(sorted(found.get(day, ()), key=_by_time))) for day in week))
        begin += _WEEK
    return Calendar(span, anchor, tuple(weeks))


def bounds(anchor: date, span: Span, first: int = 0) -> tuple[date, date]:
    """The first and the last day shown: whole weeks, all that the month touches, or the one of the day."""
    if span == "week":
        begin = _week_begin(anchor, first)
        return begin, begin + 6 * _DAY
    month = anchor.replace(day=1)
    return _week_begin(month, first), _week_begin(add_months(month, 1) - _DAY, first) + 6 * _DAY


def stepped(anchor: date, span: Span, by: int) -> date:
    """The day that stands for the month or week `by` further on."""
    return add_months(anchor, by) if span == "month" else anchor + by * _WEEK


def _week_begin(day: date, first: int) -> date:
    return day - timedelta(days=(day.weekday() - first) % 7)


def _events(item: Item, vault: Vault, today: date, begin: date, end: date) -> Iterator[Event]:
    """Everything an item has between two days, both included."""
    yield from _leave(item, begin, end)
    category = vault.category(item)
    if category == "canceled" or item.text("lifecycle") in {"closed", "cancelled"}:
        return
    is_open = vault.is_open(item)
    if category == "completed" and (day := item.when("completed")) is not None and begin <= day_of(day) <= end:
        yield Event("done", item, day)
    for kind in _DATED:
        when = item.when(kind)
        if when is None or not begin <= day_of(when) <= end or is_waiting(item, day_of(when)):
            continue
        if category == "completed" and item.when("completed") is not None:
            continue  # it stands on the day it was done
        late = is_open and kind in {"due", "deadline"} and day_of(when) < today
        yield Event("milestone" if kind == "due" and item.kind == "milestone" else kind, item, when, late)


def _leave(item: Item, begin: date, end: date) -> Iterator[Event]:
    value = item.fields.get("leave")
    for part in value if isinstance(value, tuple) else ():
        if isinstance(part, DateRange):
            day = max(part.start, begin)
            while day <= min(part.end, end):
                yield Event("leave", item, day)
                day += _DAY


def _once_a_day(events: Iterable[Event]) -> dict[date, Event]:
    """The days of one item; of several events on one day the first by kind."""
    found: dict[date, Event] = {}
    for event in sorted(events, key=lambda event: KINDS.index(event.kind)):
        found.setdefault(day_of(event.when), event)
    return found


def _by_time(event: Event) -> tuple[bool, time, int, str, str]:
    at = event.when.time() if isinstance(event.when, datetime) else time.min
    return event.kind == "done", at, KINDS.index(event.kind), event.item.title.casefold(), event.item.path
