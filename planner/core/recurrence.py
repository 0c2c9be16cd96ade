"""What repeats and when: a checked subset of RFC 5545 rules, the phrases people type for them, and the days they give."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from planner.core.dates import ENGLISH, MONTH_NAMES, WEEKDAY_NAMES, add_months, day_of
from planner.core.pattern import later
from planner.core.record import dataclass, replace
from planner.core.values import When, clean, shown

MODES = ("schedule", "schedule_keep", "completion")
"""Skip missed days, keep missed days, count from the day it was done (`++ + .+` in org-mode)."""

_EXPECTED = "a rule such as every 2w mon, every month on 1st, every year on dec 24 or FREQ=WEEKLY;BYDAY=MO"
_KEYS = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL")
_FREQUENCIES = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "q": "MONTHLY", "y": "YEARLY"}
_ADVERBS = {"daily": "d", "weekly": "w", "monthly": "m", "quarterly": "q", "yearly": "y", "annually": "y"}
_UNIT_WORDS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FILLERS = frozenset({"on", "the", "and", "of"})
_MAX_INTERVAL = 1000
_MAX_COUNT = 10_000

_BYDAY = later(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = later(r"(\d{4})(\d\d)(\d\d)(?:T\d{6}Z?)?", re.ASCII)
_COUNTED = later(r"(\d{1,4})([a-z]*)", re.ASCII)
_NTH = later(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule as RFC 5545 writes it, and the text from which it was read."""

    rrule: str
    text: str

    def describe(self) -> str:
        """The rule in words, such as `every 2 weeks on Mon, Thu`."""
        return _describe(_read_rrule(self.rrule))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Rule:
    freq: str
    interval: int = 1
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    """Pairs of an ordinal (0: every one) and a weekday (0: Monday)."""
    positions: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the days follow from the start and the interval alone."""
        return not (self.months or self.month_days or self.days)


def parse_recurrence(text: str) -> Recurrence:
    """An RRULE, or a typed phrase (`every 2w mon`, `every month on last fri`, `daily`); raises ValueError."""
    typed = clean(text, _EXPECTED)
    rule = _read_rrule(typed) if "=" in typed else _read_phrase(typed)
    return Recurrence(_write_rrule(rule), typed)


def next_after(rule: Recurrence, start: When, after: When, exdates: Collection[date] = ()) -> date | None:
    """The first day of the series from `start` that lies strictly after `after`; None when it has ended."""
    days = _days(_read_rrule(rule.rrule), day_of(start), day_of(after))
    return next((day for day in days if day not in exdates), None)


def first_from(rule: Recurrence, day: date) -> date | None:
    """The first day of a series that starts on `day`: the day itself where the rule allows it."""
    return next(_days(_read_rrule(rule.rrule), day), None)


def occurrences(
    rule: Recurrence, start: When, until: date, exdates: Collection[date] = (), limit: int = 1000
) -> tuple[date, ...]:
    """The days of the series from `start` to `until`, both included, without `exdates`; at most `limit`."""
    days = _days(_read_rrule(rule.rrule), day_of(start), until=until)
    return tuple(islice((day for day in days if day not in exdates), limit))


def next_due(
    rule: Recurrence, mode: str, scheduled: When, completed: When, exdates: Collection[date] = (), done: int = 1
) -> When | None:
    """When the item comes again after it was scheduled and completed so; None when the series has ended.

    `schedule` skips what was missed, `schedule_keep` does not, `completion` counts from the day it was done. The time
    of day of `scheduled` is kept (local wall time). `done` is how many occurrences of the series, this one included, lie
    behind: COUNT is measured against it. Raises ValueError for an unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"expected one of {', '.join(MODES)}, not {shown(mode)}")
    parts = _read_rrule(rule.rrule)
    if parts.count is not None and done >= parts.count:
        return None
    endless = replace(parts, count=None)
    planned, finished = day_of(scheduled), day_of(completed)
    if mode == "completion":
        days = _intervals(endless, finished) if parts.is_plain else _days(endless, finished, finished)
    else:
        days = _days(endless, planned, planned if mode == "schedule_keep" else max(planned, finished))
    day = next((day for day in days if day not in exdates), None)
    if day is None or not isinstance(scheduled, datetime):
        return day
    return datetime.combine(day, scheduled.timetz())


def _intervals(rule: _Rule, start: date) -> Iterator[date]:
    """`start` plus one, two, … intervals; a day that a month lacks is that month's last."""
    for step in range(rule.interval, date.max.toordinal(), rule.interval):
        try:
            if rule.freq in ("MONTHLY", "YEARLY"):
                day = add_months(start, step * (12 if rule.freq == "YEARLY" else 1))
            else:
                day = start + timedelta(days=step * (7 if rule.freq == "WEEKLY" else 1))
        except OverflowError:
            return
        if rule.until is not None and day > rule.until:
            return
        yield day


def _days(rule: _Rule, start: date, after: date | None = None, until: date | None = None) -> Iterator[date]:
    """The days of a series, those strictly after `after` if it is given."""
    from dateutil import rrule as dateutil

    # dateutil would look for such a weekday day by day up to the year 9999.
    if rule.freq == "DAILY" and rule.interval % 7 == 0 and rule.days and (0, start.weekday()) not in rule.days:
        return
    explicit = _spelled_out(rule, start)
    begin = _aligned(explicit, start, start if rule.count is not None else max(start, after or start))
    days = dateutil.rrule(
        getattr(dateutil, rule.freq),
        dtstart=datetime.combine(begin, time()),
        until=datetime.combine(min(until or date.max, rule.until or date.max), time()),
        interval=rule.interval,
        wkst=rule.week_start,
        bymonth=explicit.months or None,
        bymonthday=explicit.month_days or None,
        byweekday=[dateutil.weekday(day, nth or None) for nth, day in explicit.days] or None,
        bysetpos=explicit.positions or None,
    )
    series = (moment.date() for moment in days if moment.date() >= start)
    for day in islice(series, rule.count):
        if after is None or day > after:
            yield day


def _spelled_out(rule: _Rule, start: date) -> _Rule:
    """The rule with what RFC 5545 takes from the start written down, so that the start can be moved on."""
    if rule.month_days or rule.days:
        return rule
    if rule.freq == "YEARLY":
        return replace(rule, months=rule.months or (start.month,), month_days=(start.day,))
    if rule.freq == "MONTHLY":
        return replace(rule, month_days=(start.day,))
    return replace(rule, days=((0, start.weekday()),)) if rule.freq == "WEEKLY" else rule


def _aligned(rule: _Rule, start: date, target: date) -> date:
    """The first day of the last period not after `target`, counted in whole intervals from the period of `start`."""
    if rule.freq == "DAILY":
        return start + timedelta(days=(target - start).days // rule.interval * rule.interval)
    if rule.freq == "WEEKLY":
        into_week = min((start.weekday() - rule.week_start) % 7, start.toordinal() - 1)
        first = start - timedelta(days=into_week)
        span = 7 * rule.interval
        return first + timedelta(days=(target - first).days // span * span)
    if rule.freq == "MONTHLY":
        months = (target.year - start.year) * 12 + target.month - start.month
        return add_months(start.replace(day=1), months // rule.interval * rule.interval)
    return date(start.year + (target.year - start.year) // rule.interval * rule.interval, 1, 1)


# Reading and writing RRULE


@lru_cache(maxsize=1024)
def _read_rrule(text: str) -> _Rule:
    pairs: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        key, equals, value = part.partition("=")
        if key not in _KEYS or not equals or key in pairs:
            raise ValueError(f"expected each of {', '.join(_KEYS)} at most once, not {shown(part)}")
        pairs[key] = value
    if pairs.get("FREQ") not in _UNIT_WORDS:
        raise ValueError(f"expected FREQ to be one of {', '.join(_UNIT_WORDS)}, not {shown(pairs.get('FREQ', ''))}")
    return _checked(
        _Rule(
            freq=pairs["FREQ"],
            interval=_number("INTERVAL", pairs.get("INTERVAL", "1"), 1, _MAX_INTERVAL),
            months=_numbers("BYMONTH", pairs, 1, 12),
            month_days=_numbers("BYMONTHDAY", pairs, -31, 31),
            days=tuple(_byday(day) for day in pairs["BYDAY"].split(",")) if "BYDAY" in pairs else (),
            positions=_numbers("BYSETPOS", pairs, -366, 366),
            week_start=_week_start(pairs.get("WKST", "MO")),
            count=_number("COUNT", pairs["COUNT"], 1, _MAX_COUNT) if "COUNT" in pairs else None,
            until=_until(pairs["UNTIL"]) if "UNTIL" in pairs else None,
        )
    )


def _checked(rule: _Rule) -> _Rule:
    """The rule itself; raises ValueError where its parts contradict each other or can never meet."""
    if rule.count is not None and rule.until is not None:
        raise ValueError("expected COUNT or UNTIL, not both")
    if rule.positions and rule.is_plain:
        raise ValueError("expected BYSETPOS together with BYDAY, BYMONTHDAY or BYMONTH")
    if rule.freq == "WEEKLY" and rule.month_days:
        raise ValueError("expected BYMONTHDAY with FREQ=MONTHLY, YEARLY or DAILY, not WEEKLY")
    ordinals = [abs(nth) for nth, _ in rule.days if nth]
    if ordinals and rule.freq not in ("MONTHLY", "YEARLY"):
        raise ValueError("expected BYDAY with a number, such as 1MO, only with FREQ=MONTHLY or YEARLY")
    if ordinals and max(ordinals) > (5 if rule.freq == "MONTHLY" or rule.months else 53):
        raise ValueError("expected BYDAY with a number from 1 to 5 a month, or to 53 a year")
    longest = max(_LONGEST_MONTH[month - 1] for month in rule.months or (1,))
    if rule.month_days and min(abs(day) for day in rule.month_days) > longest:
        raise ValueError(f"expected a day that those months have: {_write_rrule(rule)} never comes")
    return rule


def _number(key: str, text: str, low: int, high: int) -> int:
    if re.fullmatch(r"[+-]?\d{1,6}", text, re.ASCII) is None or not low <= int(text) <= high:
        raise ValueError(f"expected {key} to be a number from {low} to {high}, not {shown(text)}")
    return int(text)


def _numbers(key: str, pairs: dict[str, str], low: int, high: int) -> tuple[int, ...]:
    if key not in pairs:
        return ()
    numbers = tuple(_number(key, text, low, high) for text in pairs[key].split(","))
    if 0 in numbers:
        raise ValueError(f"expected {key} to count from 1, or from -1 at the end, not 0")
    return numbers


def _byday(text: str) -> tuple[int, int]:
    match = _BYDAY.fullmatch(text)
    if match is None or (match[1] is not None and int(match[1]) == 0):
        raise ValueError(f"expected BYDAY such as MO,TH or 1MO or -1FR, not {shown(text)}")
    return int(match[1] or 0), _WEEKDAYS.index(match[2])


def _week_start(text: str) -> int:
    if text not in _WEEKDAYS:
        raise ValueError(f"expected WKST to be one of {', '.join(_WEEKDAYS)}, not {shown(text)}")
    return _WEEKDAYS.index(text)


def _until(text: str) -> date:
    """The last day; a time of day and its `Z` are read and left out, for a plan repeats by the day."""
    match = _UNTIL.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected UNTIL to be a day such as 20261231, not {shown(text)}") from None


def _write_rrule(rule: _Rule) -> str:
    values = {
        "FREQ": rule.freq,
        "INTERVAL": str(rule.interval) if rule.interval > 1 else "",
        "BYMONTH": ",".join(map(str, rule.months)),
        "BYMONTHDAY": ",".join(map(str, rule.month_days)),
        "BYDAY": ",".join(f"{nth or ''}{_WEEKDAYS[day]}" for nth, day in rule.days),
        "BYSETPOS": ",".join(map(str, rule.positions)),
        "WKST": _WEEKDAYS[rule.week_start] if rule.week_start else "",
        "COUNT": str(rule.count or ""),
        "UNTIL": f"{rule.until:%Y%m%d}".zfill(8) if rule.until else "",
    }
    return ";".join(f"{key}={value}" for key, value in values.items() if value)


# Reading typed phrases


def _read_phrase(text: str) -> _Rule:
    words = text.casefold().replace(",", " ").split()
    if len(words) == 1 and words[0] in _ADVERBS:
        return _period(_ADVERBS[words[0]], 1)
    if len(words) < 2 or words[0] != "every" or words[-1] in _FILLERS:
        raise ValueError(f"expected {_EXPECTED}, not {shown(text)}")
    rule = _every(words[1:])
    if rule is None:
        raise ValueError(f"expected {_EXPECTED}, not {shown(text)}")
    return _checked(rule)


def _every(words: list[str]) -> _Rule | None:
    interval, unit, rest = _interval(words)
    if unit == "bd":
        return _Rule("WEEKLY", days=tuple((0, day) for day in range(5))) if interval == 1 and not rest else None
    if not 1 <= interval <= _MAX_INTERVAL:
        return None
    rule = _period(unit, interval) if unit else None
    if not rest:
        return rule
    return _on(rule, rest, interval)


def _interval(words: list[str]) -> tuple[int, str, list[str]]:
    """How many of which unit, and the words that follow; the unit is empty when the phrase names days at once."""
    units = {**ENGLISH.units, "weekday": "bd", "weekdays": "bd"}
    if words[0] == "other":
        unit = units.get(words[1], "") if len(words) > 1 else ""
        return 2, unit, words[2:] if unit else words[1:]
    counted = _COUNTED.fullmatch(words[0])
    if counted is None:
        unit = units.get(words[0], "")
        return 1, unit, words[1:] if unit else words
    if counted[2] in units:
        return int(counted[1]), units[counted[2]], words[1:]
    if not counted[2] and len(words) > 1 and words[1] in units:
        return int(counted[1]), units[words[1]], words[2:]
    return 1, "", words


def _period(unit: str, interval: int) -> _Rule:
    return _Rule(_FREQUENCIES[unit], interval * (3 if unit == "q" else 1))


def _on(rule: _Rule | None, words: list[str], interval: int) -> _Rule | None:
    """The rule narrowed to the days that the words name; without a rule the days decide between week and month."""
    bare_numbers = words[0] == "on"
    names = [word for word in words if word not in _FILLERS]
    if not names:
        return None
    if all(name in ENGLISH.weekdays for name in names):
        weekdays = tuple((0, ENGLISH.weekdays[name]) for name in dict.fromkeys(names))
        weekly = rule or _Rule("WEEKLY", interval)
        return replace(weekly, days=weekdays) if weekly.freq == "WEEKLY" else None
    if rule is None or rule.freq == "YEARLY":
        dated = _on_date(rule or _Rule("YEARLY", interval), names)
        if dated is not None or rule is not None:
            return dated
    monthly = rule or _Rule("MONTHLY", interval)
    return _on_days(monthly, names, bare_numbers) if monthly.freq == "MONTHLY" else None


def _on_date(rule: _Rule, names: list[str]) -> _Rule | None:
    """Once a year on a date: `dec 24`, `24 dec` or `24th dec`."""
    if len(names) != 2:
        return None
    month, number = sorted(names, key=lambda name: name not in ENGLISH.months)
    day = int(number) if re.fullmatch(r"\d{1,2}", number, re.ASCII) else _nth(number)
    if month not in ENGLISH.months or not 1 <= day <= 31:
        return None
    return replace(rule, months=(ENGLISH.months[month],), month_days=(day,))


def _on_days(rule: _Rule, names: list[str], bare_numbers: bool) -> _Rule | None:
    """Days of a month: `1st`, `15`, `last`, `last day`, or weekdays in it: `first mon`, `last fri`."""
    days: list[tuple[int, int]] = []
    month_days: list[int] = []
    rest = list(names)
    while rest:
        name = rest.pop(0)
        nth = ENGLISH.ordinals.get(name) or _nth(name)
        if nth and rest and rest[0] in ENGLISH.weekdays:
            days.append((nth, ENGLISH.weekdays[rest.pop(0)]))
        elif _nth(name) or nth == -1:
            month_days.append(nth)
            rest = rest[1:] if rest[:1] == ["day"] else rest
        elif bare_numbers and re.fullmatch(r"\d{1,2}", name, re.ASCII):
            month_days.append(int(name))
        else:
            return None
    if (days and month_days) or any(not -31 <= day <= 31 or day == 0 for day in month_days):
        return None
    return replace(rule, days=tuple(days), month_days=tuple(month_days))


def _nth(word: str) -> int:
    match = _NTH.fullmatch(word)
    return int(match[1]) if match else 0


# Telling


def _describe(rule: _Rule) -> str:
    unit = _UNIT_WORDS[rule.freq]
    parts = [f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"]
    weekdays = [f"{_ordinal(nth)} {WEEKDAY_NAMES[day]}" if nth else WEEKDAY_NAMES[day] for nth, day in rule.days]
    months = [MONTH_NAMES[month - 1] for month in rule.months]
    if rule.freq == "WEEKLY" and rule.interval == 1 and rule.days == tuple((0, day) for day in range(5)):
        parts, weekdays = ["every weekday"], []
    if len(rule.months) == len(rule.month_days) == 1 and rule.month_days[0] > 0 and not rule.days:
        parts.append(f"on {rule.month_days[0]} {months[0]}")
    else:
        if rule.month_days:
            parts.append("on the " + ", ".join(_ordinal(day) + (" day" if day < 0 else "") for day in rule.month_days))
        if weekdays:
            at = "the " if any(nth for nth, _ in rule.days) else ""
            parts.append(f"on {at}{', '.join(weekdays)}")
        if months:
            parts.append(f"in {', '.join(months)}")
    if rule.positions:
        parts.append(f"(only the {', '.join(map(_ordinal, rule.positions))} of these)")
    if rule.until:
        parts.append(f"until {rule.until.day} {MONTH_NAMES[rule.until.month - 1]} {rule.until.year}")
    if rule.count:
        parts.append("once" if rule.count == 1 else f"{rule.count} times")
    return " ".join(parts)


def _ordinal(number: int) -> str:
    if number == -1:
        return "last"
    size = abs(number)
    suffix = "th" if size % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th")
    return f"{size}{suffix}" + (" to last" if number < 0 else "")
