"""Working time: a monotone count of worked minutes along the line of time, and its inverse.

A `Moment` is an int: minutes since 0001-01-01T00:00, a Monday, in local wall time; spans are half-open [start, finish).
Everything a scheduler asks follows from two functions: `worked(m)`, how much has been worked before a moment, and
`at(k)`, when the k-th minute of work begins. Both are closed forms in the week and a bisection in the exceptions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache, cached_property
from itertools import accumulate, chain, islice, repeat
from typing import TypeAlias

from planner.core.hours import DAY, WEEK, Span, WorkingHours
from planner.core.values import DateRange, Duration

Moment: TypeAlias = int

BEGIN: Moment = 0
END: Moment = date.max.toordinal() * DAY
"""The first moment that can be written down, and the first that no longer can."""

_ALWAYS = -(1 << 62)


def moment(when: date | datetime) -> Moment:
    """The moment an instant names, or at which a day begins; an offset is dropped after the shift to local time."""
    if not isinstance(when, datetime):
        return (when.toordinal() - 1) * DAY
    local = when.astimezone().replace(tzinfo=None) if when.tzinfo is not None and 1 < when.year < 9999 else when
    return (local.toordinal() - 1) * DAY + local.hour * 60 + local.minute


def end_of(when: date | datetime) -> Moment:
    """The moment by which something due then must be finished: a day lasts until its midnight."""
    return moment(when) if isinstance(when, datetime) else moment(when) + DAY


def as_datetime(m: Moment) -> datetime:
    """A moment as local time; what lies beyond the years 1 to 9999 is the nearest that does not."""
    days, minute = divmod(min(max(m, BEGIN), END - 1), DAY)
    return datetime.combine(date.fromordinal(days + 1), time(*divmod(minute, 60)))


def day_of(m: Moment) -> date:
    """The day a moment falls on, clamped as `as_datetime`."""
    return date.fromordinal(min(max(m, BEGIN), END - 1) // DAY + 1)


def last_day(finish: Moment) -> date:
    """The last day of a half-open span: a finish at midnight belongs to the day before."""
    return day_of(finish - 1)


class Week:
    """A week's pattern: `done[i]` is the work done before minute i from Monday 00:00, `total` that of the whole."""

    def __init__(self, done: Sequence[int], total: int) -> None:
        self.done = done
        self.total = total

    @cached_property
    def minutes(self) -> Sequence[int]:
        """The other way round: in which minute from Monday 00:00 each of its working minutes is worked."""
        ends = chain(islice(self.done, 1, None), (self.total,))
        each = (repeat(i, after - before) for i, (before, after) in enumerate(zip(self.done, ends, strict=True)))
        return array("H", chain.from_iterable(each))

    def worked(self, m: Moment) -> int:
        """Work done between moment 0 and this one, were every week like this."""
        weeks, minute = divmod(m, WEEK)
        return weeks * self.total + self.done[minute]


@cache
def week_of(spans: tuple[Span, ...]) -> Week:
    """The pattern of a week with these spans of work."""
    rates = bytearray(WEEK)
    for start, end in spans:
        rates[start:end] = b"\1" * (end - start)
    return _week(rates)


@cache
def _weighted(parts: tuple[tuple[Week, int], ...]) -> Week:
    """The pattern of several weeks worked at once, each counted so many times."""
    total = sum(week.total * weight for week, weight in parts)
    sums = zip(*(week.done for week, _ in parts), strict=True)
    weights = [weight for _, weight in parts]
    return Week(array("L", [sum(d * w for d, w in zip(row, weights, strict=True)) for row in sums]), total)


def _week(rates: Iterable[int]) -> Week:
    done = array("L", accumulate(rates, initial=0))
    return Week(done[:WEEK], done[WEEK])


OFF = week_of(())
NONSTOP = week_of(((0, WEEK),))


@dataclass(frozen=True, eq=False, repr=False)
class Calendar:
    """A week's pattern, and stretches of time in which another one holds: holidays, leave, short days.

    Stretch i goes from `starts[i]` to the next start and follows `weeks[i]`; the first reaches back for ever, the
    last goes on for ever and has working time. Raises ValueError where it has none.
    """

    name: str
    day_minutes: int
    week_minutes: int
    starts: tuple[Moment, ...]
    weeks: tuple[Week, ...]
    joint: bool = False  # of several people: counts more than the minutes that pass
    _before: list[int] = field(init=False)
    _base: list[int] = field(init=False)
    _until: list[int] = field(init=False)

    def __repr__(self) -> str:
        return f"<calendar {self.name}, {self.week_minutes // 60} h a week>"

    def __post_init__(self) -> None:
        if not self.weeks[-1].total or not self.weeks[0].total:
            raise ValueError(f"calendar '{self.name}' has no working time")
        before, base = [_ALWAYS], [0]
        for index in range(1, len(self.starts)):
            start = self.starts[index]
            reached = base[-1] + self.weeks[index - 1].worked(start)
            before.append(reached)
            base.append(reached - self.weeks[index].worked(start))
        object.__setattr__(self, "_before", before)
        object.__setattr__(self, "_base", base)
        object.__setattr__(self, "_until", [*before[1:], -_ALWAYS])

    @classmethod
    def of(cls, name: str, hours: WorkingHours) -> Calendar:
        """The calendar that planner.toml describes; raises ValueError where no time is worked."""
        if not hours.minutes:
            raise ValueError(f"calendar '{name}' has no working time")
        plain = cls(name, round(hours.minutes / hours.days), hours.minutes, (_ALWAYS,), (week_of(hours.week),))
        return plain.excepting(
            (special.days, week_of(tuple((d * DAY + s, d * DAY + e) for d in range(7) for s, e in special.spans)))
            for special in hours.special
        )

    @property
    def week_days(self) -> int:
        """Working days of an ordinary week, for reading `1w`."""
        return round(self.week_minutes / self.day_minutes)

    def length(self, duration: Duration) -> int:
        """A duration in minutes: `1d` is this calendar's day, `1w` its week; elapsed time is taken as it is."""
        return duration.minutes() if duration.elapsed else duration.minutes(self.day_minutes, self.week_days)

    def text(self, minutes: int) -> str:
        """Working minutes as people say them: `2d4h`, `-1d`, `0d`."""
        days, rest = divmod(abs(minutes), self.day_minutes)
        hours, left = divmod(rest, 60)
        said = "".join(f"{count}{unit}" for count, unit in ((days, "d"), (hours, "h"), (left, "m")) if count)
        return f"{'-' if minutes < 0 else ''}{said or '0d'}"

    @property
    def nonstop(self) -> bool:
        """Whether it is elapsed time: every minute counts."""
        return self.weeks == (NONSTOP,)

    def worked(self, m: Moment) -> int:
        """Working minutes before a moment, counted from moment 0."""
        index = bisect_right(self.starts, m) - 1
        week = self.weeks[index]
        weeks, minute = divmod(m, WEEK)
        return self._base[index] + weeks * week.total + week.done[minute]

    def at(self, k: int) -> Moment:
        """When working minute k begins, counted as `worked` counts: the greatest m with `worked(m) <= k`."""
        index = bisect_right(self._before, k) - 1
        week = self.weeks[index]
        weeks, rest = divmod(k - self._base[index], week.total)
        return weeks * WEEK + week.minutes[rest]

    def run(self, m: Moment, minutes: int) -> tuple[int, Moment]:
        """The count at a moment, and the finish of so many minutes (at least one) begun there: `worked`, then `at`."""
        index = bisect_right(self.starts, m) - 1
        week = self.weeks[index]
        base = self._base[index]
        weeks, minute = divmod(m, WEEK)
        count = base + weeks * week.total + week.done[minute]
        last = count + minutes - 1
        if last >= self._until[index]:
            return count, self.at(last) + 1
        weeks, rest = divmod(last - base, week.total)
        return count, weeks * WEEK + week.minutes[rest] + 1

    def run_back(self, m: Moment, minutes: int) -> tuple[int, Moment]:
        """The count at the start of so many minutes (at least one) that are done by a moment, and that start."""
        index = bisect_right(self.starts, m) - 1
        week = self.weeks[index]
        base = self._base[index]
        weeks, minute = divmod(m, WEEK)
        count = base + weeks * week.total + week.done[minute] - minutes
        if count < self._before[index]:
            return count, self.at(count)
        weeks, rest = divmod(count - base, week.total)
        return count, weeks * WEEK + week.minutes[rest]

    def next_start(self, m: Moment) -> Moment:
        """The first moment from this one on at which work goes on."""
        return self.at(self.worked(m))

    def previous_finish(self, m: Moment) -> Moment:
        """The last moment up to this one at which work has just been done."""
        return self.at(self.worked(m) - 1) + 1

    def advance(self, m: Moment, minutes: int) -> Moment:
        """The finish of so many working minutes begun at a moment; the moment itself for none."""
        if minutes < 0:
            return self.retreat(m, -minutes)
        return self.at(self.worked(m) + minutes - 1) + 1 if minutes else m

    def retreat(self, m: Moment, minutes: int) -> Moment:
        """The start of so many working minutes that end by a moment; the moment itself for none."""
        if minutes < 0:
            return self.advance(m, -minutes)
        return self.at(self.worked(m) - minutes) if minutes else m

    def latest(self, m: Moment, minutes: int) -> Moment:
        """The last moment from which `advance` by so many minutes, or none, or a lead, leads no further than m."""
        if not minutes:
            return m
        reached = self.worked(m) if minutes > 0 else self.worked(m + 1) - 1
        return self.at(reached - minutes)

    def between(self, a: Moment, b: Moment) -> int:
        """Working minutes from a to b, negative where b is the earlier."""
        return self.worked(b) - self.worked(a)

    def minutes_on(self, day: date) -> int:
        """Working minutes of a day."""
        start = moment(day)
        return self.worked(start + DAY) - self.worked(start)

    def without(self, leave: Iterable[DateRange]) -> Calendar:
        """The calendar of someone who is away on these days."""
        return self.excepting((days, OFF) for days in leave)

    def excepting(self, stretches: Iterable[tuple[DateRange, Week]]) -> Calendar:
        """The calendar on which other weeks hold on some days; of two that overlap the later one holds."""
        starts, weeks = list(self.starts), list(self.weeks)
        for days, week in stretches:
            first, after = moment(days.start), moment(days.end) + DAY
            low, high = bisect_right(starts, first - 1), bisect_right(starts, after)
            resumed = weeks[high - 1]
            starts[low:high], weeks[low:high] = [first, after], [week, resumed]
        return Calendar(self.name, self.day_minutes, self.week_minutes, tuple(starts), tuple(weeks), self.joint)


ELAPSED = Calendar("elapsed", DAY, WEEK, (_ALWAYS,), (NONSTOP,))
"""Every minute counts: for elapsed durations and lags."""


def together(calendars: Sequence[tuple[Calendar, int]]) -> Calendar:
    """What people on several calendars work at once, each minute of one counted as often as its weight says."""
    starts = sorted({start for calendar, _ in calendars for start in calendar.starts})
    weeks = [
        _weighted(tuple((c.weeks[bisect_right(c.starts, start) - 1], weight) for c, weight in calendars))
        for start in starts
    ]
    first = calendars[0][0]
    return Calendar("together", first.day_minutes, first.week_minutes, tuple(starts), tuple(weeks), joint=True)
