"""Dates people type, relative to a given day, and the short words in which a date is told back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta

from planner.core.pattern import later
from planner.core.record import dataclass
from planner.core.values import When, clean, days_in_month, parse_when, shown

MAX_WORDS = 5
"""The longest date phrase: `24 dec 2027 at 14:30`."""

_EXAMPLES = "a date such as fri, next fri, +3d, 2w, 3bd, eom, w50, dec 24, 1st, fri 14:30 or 2026-12-01"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language: each table maps a word to the number or the unit that it means."""

    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    units: Mapping[str, str]
    ordinals: Mapping[str, int]
    next: frozenset[str]
    before_a_date: frozenset[str]
    """Words that lead up to a date at the end of a text and belong to it: "send it by fri"."""
    names: frozenset[str]
    """Short forms that are names or words as well, so that alone at the end of a text they are no date."""


WORDS: dict[str, Words] = {
    "en": Words(
        days={"today": 0, "tod": 0, "tomorrow": 1, "tom": 1, "yesterday": -1, "day after tomorrow": 2},
        weekdays={
            **dict.fromkeys(("mon", "monday"), 0),
            **dict.fromkeys(("tue", "tues", "tuesday"), 1),
            **dict.fromkeys(("wed", "weds", "wednesday"), 2),
            **dict.fromkeys(("thu", "thur", "thurs", "thursday"), 3),
            **dict.fromkeys(("fri", "friday"), 4),
            **dict.fromkeys(("sat", "saturday"), 5),
            **dict.fromkeys(("sun", "sunday"), 6),
        },
        months={
            **dict.fromkeys(("jan", "january"), 1),
            **dict.fromkeys(("feb", "february"), 2),
            **dict.fromkeys(("mar", "march"), 3),
            **dict.fromkeys(("apr", "april"), 4),
            "may": 5,
            **dict.fromkeys(("jun", "june"), 6),
            **dict.fromkeys(("jul", "july"), 7),
            **dict.fromkeys(("aug", "august"), 8),
            **dict.fromkeys(("sep", "sept", "september"), 9),
            **dict.fromkeys(("oct", "october"), 10),
            **dict.fromkeys(("nov", "november"), 11),
            **dict.fromkeys(("dec", "december"), 12),
        },
        units={
            **dict.fromkeys(("d", "day", "days"), "d"),
            "bd": "bd",
            **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
            **dict.fromkeys(("m", "mo", "month", "months"), "m"),
            **dict.fromkeys(("q", "quarter", "quarters"), "q"),
            **dict.fromkeys(("y", "year", "years"), "y"),
        },
        ordinals={"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1},
        next=frozenset({"next"}),
        before_a_date=frozenset({"by", "on", "due"}),
        names=frozenset({"tom", "tod"}),
    )
}
ENGLISH = WORDS["en"]

WEEKDAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CLOCK = later(r"(.+?)(?: at)? (\d{1,2})(?::(\d\d))?(am|pm)?", re.ASCII)
_OFFSET = later(r"(in )?([+-]?) ?(\d{1,5}) ?([a-z]+)", re.ASCII)
_WEEK = later(r"(?:(\d{4})-)?w(\d{1,2})", re.ASCII)
_DAY_MONTH = later(r"(\d{1,2})(?:st|nd|rd|th|\.)? ?([a-z]+)\.?(?: (\d{4}))?", re.ASCII)
_MONTH_DAY = later(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?", re.ASCII)
_DOTTED = later(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)
_ORDINAL = later(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)


def resolve(text: str, today: date, first_day_of_week: int = 0) -> When:
    """The day (or, with a time, the local instant) that a phrase means when typed on `today`.

    A weekday is the next one strictly after today: `fri` on a Friday is in seven days. `next fri` is the
    Friday of next week: on Wed 25 Nov `fri` is 27 Nov and `next fri` 4 Dec. `1st`, `dec 24`, `24.12.` and `w50`
    (its Monday) are the next to come, today included; `eow eom eoq eoy` end the present week, month, quarter,
    year, `sow som soq soy` begin the next. Raises ValueError with examples.
    """
    phrase = " ".join(clean(text, _EXAMPLES).casefold().split())
    if re.match(r"\d{4}-\d", phrase, re.ASCII):
        return parse_when(phrase)
    try:
        day = _day(phrase, today, first_day_of_week)
        if day is not None:
            return day
        clock = _CLOCK.fullmatch(phrase)
        day = _day(clock[1], today, first_day_of_week) if clock and (clock[3] or clock[4]) else None
    except OverflowError:
        raise ValueError(f"expected {_EXAMPLES}: {shown(text)} is beyond the years 1 to 9999") from None
    if clock is None or day is None:
        raise ValueError(f"expected {_EXAMPLES}, not {shown(text)}")
    return datetime.combine(day, _time(clock))


def leading_date(words: Sequence[str], today: date, first_day_of_week: int = 0) -> tuple[int, When, str] | None:
    """The longest date phrase at the start of the words (after `due:`): how many words, what it means, its text."""
    for count in range(min(MAX_WORDS, len(words)), 0, -1):
        text = " ".join(words[:count])
        when = _try(text, today, first_day_of_week)
        if when is not None:
            return count, when, text
    return None


def trailing_date(words: Sequence[str], today: date, first_day_of_week: int = 0) -> tuple[int, When, str] | None:
    """The longest date phrase that ends a title: how many words, what it means, its text; None without one.

    At least one word must come before it. Not a date there, though it is one after `due:`: `tom` and `tod` ("ask tom"),
    minutes or metres ("run 30m") and a count with its unit apart ("holiday 3 days", but "holiday in 3 days" is).
    """
    for count in range(min(MAX_WORDS, len(words) - 1), 0, -1):
        text = " ".join(words[-count:])
        if _reads_as_title(text.casefold()):
            continue
        when = _try(text, today, first_day_of_week)
        if when is None:
            continue
        if count + 1 < len(words) and words[-count - 1].casefold() in ENGLISH.before_a_date:
            count += 1  # noqa: PLW2901 - the leading word belongs to the phrase
        return count, when, " ".join(words[-count:])
    return None


def describe(when: When, today: date) -> str:
    """Short words for people: `today`, `tomorrow`, `Fri` (within six days), `12 Dec`, `12 Dec 2027`, then the time."""
    clock = f" {when:%H:%M}" if isinstance(when, datetime) else ""
    day = day_of(when)
    days = (day - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days] + clock
    if 0 < days <= 6:
        return WEEKDAY_NAMES[day.weekday()] + clock
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTH_NAMES[day.month - 1]}{year}{clock}"


def overdue(when: When, today: date) -> int:
    """How many days `when` lies behind today; 0 when it does not."""
    return max(0, (today - day_of(when)).days)


def day_of(when: When) -> date:
    """The calendar day of a date or an instant, in the instant's own offset."""
    return when.date() if isinstance(when, datetime) else when


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that is too short; raises OverflowError beyond 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= MAXYEAR:
        raise OverflowError("date value out of range")
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def add_business_days(day: date, count: int) -> date:
    """So many working days (Mon to Fri, no holidays) on or back; 0 on a weekend is the day itself."""
    if count == 0:
        return day
    if day.weekday() > 4:
        day += timedelta(days=4 - day.weekday() if count > 0 else 7 - day.weekday())
    weeks, rest = divmod(day.weekday() + count, 5)
    return day + timedelta(days=weeks * 7 + rest - day.weekday())


def _try(text: str, today: date, first_day_of_week: int) -> When | None:
    try:
        return resolve(text, today, first_day_of_week)
    except ValueError:
        return None


def _reads_as_title(phrase: str) -> bool:
    """Whether a phrase that may be a date is more likely a part of a title when it ends one."""
    if phrase.partition(" ")[0] in ENGLISH.names:
        return True
    count = _OFFSET.fullmatch(phrase)
    if count is None or count[1] or count[2] or count[4] not in ENGLISH.units:
        return False
    return " " in phrase or count[4] == "m"


def _day(phrase: str, today: date, first_day_of_week: int) -> date | None:
    if phrase in ENGLISH.days:
        return today + timedelta(days=ENGLISH.days[phrase])
    return (
        _boundary(phrase, today, first_day_of_week)
        or _weekday(phrase, today, first_day_of_week)
        or _offset(phrase, today)
        or _week(phrase, today)
        or _day_and_month(phrase, today)
        or _day_of_month(phrase, today)
    )


def _boundary(phrase: str, today: date, first_day_of_week: int) -> date | None:
    """The end of the present week, month, quarter or year (`eow`), or the start of the next one (`sow`)."""
    ends, _, unit = phrase.partition("o")
    if phrase[:5] == "next " and ENGLISH.units.get(phrase[5:]) in ("w", "m", "q", "y"):
        ends, unit = "s", ENGLISH.units[phrase[5:]]
    if ends not in ("s", "e") or unit not in ("w", "m", "q", "y"):
        return None
    if unit == "w":
        begins = next_week(today, first_day_of_week)
    else:
        months = {"m": 1, "q": 3, "y": 12}[unit]
        begins = add_months(today.replace(day=1), months - (today.month - 1) % months)
    return begins if ends == "s" else begins - timedelta(days=1)


def next_week(today: date, first_day_of_week: int = 0) -> date:
    """The first day of the week after the one that today is in."""
    return today + timedelta(days=7 - (today.weekday() - first_day_of_week) % 7)


def _weekday(phrase: str, today: date, first_day_of_week: int) -> date | None:
    before, _, name = phrase.rpartition(" ")
    if name not in ENGLISH.weekdays:
        return None
    weekday = ENGLISH.weekdays[name]
    if before in ENGLISH.next:
        return next_week(today, first_day_of_week) + timedelta(days=(weekday - first_day_of_week) % 7)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1) if not before else None


def _offset(phrase: str, today: date) -> date | None:
    match = _OFFSET.fullmatch(phrase)
    if match is None or match[4] not in ENGLISH.units:
        return None
    count = int(match[3]) * (-1 if match[2] == "-" else 1)
    unit = ENGLISH.units[match[4]]
    if unit == "bd":
        return add_business_days(today, count)
    if unit in ("d", "w"):
        return today + timedelta(days=count * (7 if unit == "w" else 1))
    return add_months(today, count * {"m": 1, "q": 3, "y": 12}[unit])


def _week(phrase: str, today: date) -> date | None:
    match = _WEEK.fullmatch(phrase)
    if match is None:
        return None
    present = today.isocalendar().year
    for year in [int(match[1])] if match[1] else range(present, min(present + 9, MAXYEAR)):
        try:
            monday = date.fromisocalendar(year, int(match[2]), 1)
        except ValueError:
            continue
        if match[1] or monday >= today:
            return monday
    return None


def _day_and_month(phrase: str, today: date) -> date | None:
    dotted, day_first, month_first = (form.fullmatch(phrase) for form in (_DOTTED, _DAY_MONTH, _MONTH_DAY))
    if dotted:
        return _coming(int(dotted[2]), int(dotted[1]), dotted[3], today)
    if day_first and day_first[2] in ENGLISH.months:
        return _coming(ENGLISH.months[day_first[2]], int(day_first[1]), day_first[3], today)
    if month_first and month_first[1] in ENGLISH.months:
        return _coming(ENGLISH.months[month_first[1]], int(month_first[2]), month_first[3], today)
    return None


def _coming(month: int, day: int, year: str | None, today: date) -> date | None:
    """That day of the given year, else of the first year in which it is not past (29 Feb: within eight years)."""
    for candidate in [int(year)] if year else range(today.year, min(today.year + 9, MAXYEAR + 1)):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _day_of_month(phrase: str, today: date) -> date | None:
    match = _ORDINAL.fullmatch(phrase)
    if match is None or not 1 <= int(match[1]) <= 31:
        return None
    for step in range(3):
        month = add_months(today.replace(day=1), step)
        if int(match[1]) <= days_in_month(month.year, month.month):
            day = month.replace(day=int(match[1]))
            if day >= today:
                return day
    return None


def _time(clock: re.Match[str]) -> time:
    hour, minute = int(clock[2]), int(clock[3] or 0)
    if clock[4] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock[4] == "pm" else 0)
    elif clock[4]:
        hour = 24
    if hour > 23 or minute > 59:
        raise ValueError(f"expected a time such as 14:30 or 2pm, not {shown(clock[0])}")
    return time(hour, minute)
