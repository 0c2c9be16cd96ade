"""What a scalar in a file means: its text as a typed value, or a ValueError whose sentence says what was expected."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from planner.core.pattern import later
from planner.core.record import dataclass

MAX_LENGTH = 1000
"""No single value needs more characters; longer text is refused before any pattern looks at it."""

When = date | datetime
"""A calendar day (never shifted by a time zone) or an instant (local when it has no offset)."""

_A_DATE = "a date such as 2026-12-01"
_A_WHEN = "a date such as 2026-12-01 or an instant such as 2026-12-01T14:30"
_A_DURATION = "a duration such as 30m, 4h, 2d, 1w or 1d4h (elapsed time: 12eh, 2ed)"
_AN_ESTIMATE = "an estimate such as 3d, or optimistic/likely/pessimistic as in 1d/3d/6d"
_MONEY_FORM = "an amount with its currency, such as 1200 EUR"
_A_PERCENT = "a percentage such as 40%"
_A_NUMBER = "a number such as 12 or 1.5"
_AN_INTEGER = "a whole number such as 12"
_YES_OR_NO = "yes or no"
_A_PERSON = "a person such as ana"
_A_REFERENCE = "an id, a path or [[a title]]"
_A_DEPENDENCY = "a dependency such as m2d9hz, m2d9hz SS+2d or [[A title]] FF-1d"
_A_CONSTRAINT = "a constraint such as SNET 2026-12-01 (ASAP ALAP SNET FNET SNLT FNLT MSO MFO)"
_A_RANGE = "a date or a range of dates such as 2026-12-24..2027-01-02"
_SPENT_FORM = "an entry such as 2026-11-23 1h30m ana parser (day, duration, person, note)"
_A_WORD = "a word"

_WHEN = later(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?([Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_LONG_YEAR = later(r"\d{5,}-\d\d?-\d\d?", re.ASCII)
_OTHER_ORDER = later(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}", re.ASCII)
_PART = later(r"(\d{1,9}(?:\.\d{1,6})?)(e?)(w|d|h|min|m)\s*", re.ASCII)
_ISO_DURATION = later(
    r"P(?:(?P<w>N)W)?(?:(?P<d>N)D)?(?:T(?:(?P<h>N)H)?(?:(?P<m>N)M)?(?:(?P<s>N)S)?)?".replace(
        "N", r"\d{1,9}(?:\.\d{1,6})?"
    ),
    re.ASCII,
)
_NUMBER = later(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_INTEGER = later(r"[+-]?\d{1,40}", re.ASCII)
_MONEY = later(
    r"([A-Za-z]{3}|[€$£¥])?\s*(-?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,30})(?:\.\d{1,10})?)\s*([A-Za-z]{3}|[€$£¥])?",
    re.ASCII,
)
_PLAIN_TARGET = later(r"[\w./-]+")
_LINK_TYPE = later(r" (?:(FS|SS|FF|SF)(?= |[+-]|$))? ?(?:([+-]) ?(\d.*))?$", re.IGNORECASE)
_NOT_BARE = later(r"(?:FS|SS|FF|SF)[+-]\d|\[\[|\]\]|\|", re.IGNORECASE)

_WORKING_MINUTES = {"h": Decimal(60), "m": Decimal(1), "s": Decimal(1) / 60}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
_CONSTRAINTS = {
    "asap": "ASAP",
    "as_soon_as_possible": "ASAP",
    "alap": "ALAP",
    "as_late_as_possible": "ALAP",
    "snet": "SNET",
    "start_no_earlier_than": "SNET",
    "fnet": "FNET",
    "finish_no_earlier_than": "FNET",
    "snlt": "SNLT",
    "start_no_later_than": "SNLT",
    "fnlt": "FNLT",
    "finish_no_later_than": "FNLT",
    "mso": "MSO",
    "must_start_on": "MSO",
    "mfo": "MFO",
    "must_finish_on": "MFO",
}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of working time, or of elapsed time, as somebody typed it."""

    text: str
    parts: tuple[tuple[Decimal, str], ...]
    """Pairs of a number and its unit: `w d h m s`."""
    elapsed: bool = False

    def minutes(self, day_minutes: int = 480, week_days: int = 5) -> int:
        """Length in minutes, on a calendar of so many minutes a day and days a week (elapsed time: 24 h, 7 days)."""
        day = Decimal(1440 if self.elapsed else day_minutes)
        sizes = {"w": day * (7 if self.elapsed else week_days), "d": day, **_WORKING_MINUTES}
        return round(sum((number * sizes[unit] for number, unit in self.parts), Decimal(0)))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected effort: one duration, or optimistic/likely/pessimistic."""

    likely: Duration
    optimistic: Duration | None = None
    pessimistic: Duration | None = None

    def __str__(self) -> str:
        if self.optimistic is None or self.pessimistic is None:
            return str(self.likely)
        return f"{self.optimistic}/{self.likely}/{self.pessimistic}"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in a currency (three letters, ISO 4217)."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A link to a predecessor: FS, SS, FF or SF, with a lag, or with a lead (negative lag)."""

    target: str
    type: str = "FS"
    lag: Duration | None = None
    lead: bool = False

    def __hash__(self) -> int:
        return hash(self.target)  # enough to tell links apart, at a tenth of the price

    def __str__(self) -> str:
        target = self.target if _PLAIN_TARGET.fullmatch(self.target) else f"[[{self.target}]]"
        if self.lag is not None:
            return f"{target} {self.type}{'-' if self.lead else '+'}{self.lag}"
        return target if self.type == "FS" else f"{target} {self.type}"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A scheduling constraint: ASAP and ALAP stand alone, the other six have a date or an instant."""

    type: str
    when: When | None = None

    def __str__(self) -> str:
        return self.type if self.when is None else f"{self.type} {when_text(self.when)}"


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """Calendar days from `start` to `end`, both included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return str(self.start) if self.start == self.end else f"{self.start}..{self.end}"


@dataclass(frozen=True, slots=True)
class SpentEntry:
    """Time that somebody spent on a day; `person` and `note` may be empty."""

    day: date
    duration: Duration
    person: str = ""
    note: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.day), str(self.duration), self.person, self.note) if part)


def parse_when(text: str) -> When:
    """`2026-12-01`, or an instant such as `2026-12-01T14:30` with optional seconds and offset; ISO 8601 only."""
    value = clean(text, _A_WHEN)
    match = _WHEN.fullmatch(value)
    if match is None:
        raise ValueError(_why_no_date(value, _A_WHEN))
    day = _calendar_day(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return day
    return datetime.combine(day, _clock(match), tzinfo=_offset(match[8]))


def parse_date(text: str) -> date:
    """A calendar day such as `2026-12-01`; an instant is refused."""
    value = clean(text, _A_DATE)
    match = _WHEN.fullmatch(value)
    if match is None:
        raise ValueError(_why_no_date(value, _A_DATE))
    if match[4] is not None:
        raise ValueError(f"expected {_A_DATE}, without a time, not {shown(value)}")
    return _calendar_day(int(match[1]), int(match[2]), int(match[3]))


def when_text(when: When) -> str:
    """A date or an instant as files write it: seconds only where there are any."""
    if not isinstance(when, datetime):
        return when.isoformat()
    return when.isoformat(timespec="auto" if when.second or when.microsecond else "minutes")


@lru_cache(maxsize=512)
def parse_duration(text: str) -> Duration:
    """Working time `30m 4h 2d 1w 1d4h 1.5h`, elapsed time `2ed 12eh`, or ISO 8601 `PT1H30M P2D`."""
    value = "".join(clean(text, _A_DURATION).split())
    if value.startswith("P"):
        return _iso_duration(value)
    parts: list[tuple[Decimal, str]] = []
    elapsed: set[str] = set()
    position = 0
    while position < len(value):
        match = _PART.match(value, position)
        if match is None:
            raise ValueError(_why_no_duration(value))
        parts.append((Decimal(match[1]), match[3][0]))
        elapsed.add(match[2])
        position = match.end()
    units = [unit for _, unit in parts]
    if len(elapsed) > 1 or len(set(units)) < len(units):
        raise ValueError(f"expected {_A_DURATION}: each unit once, all working or all elapsed, not {shown(value)}")
    return Duration(value, tuple(parts), "e" in elapsed)


def parse_estimate(text: str) -> Estimate:
    """One duration, or three set apart by `/`: optimistic, likely, pessimistic."""
    pieces = clean(text, _AN_ESTIMATE).split("/")
    if len(pieces) not in (1, 3):
        raise ValueError(f"expected {_AN_ESTIMATE}, not {shown(text)}")
    durations = [parse_duration(piece) for piece in pieces]
    if len(durations) == 1:
        return Estimate(durations[0])
    optimistic, likely, pessimistic = durations
    if not (_may_be_ordered(optimistic, likely) and _may_be_ordered(likely, pessimistic)):
        raise ValueError(f"expected {_AN_ESTIMATE}, smallest first, not {shown(text)}")
    return Estimate(likely, optimistic, pessimistic)


def parse_money(text: str) -> Money:
    """`1200 EUR`, `EUR 1,200.50` or `€1200`: a decimal point, and a comma only between thousands."""
    match = _MONEY.fullmatch(clean(text, _MONEY_FORM))
    if match is None or (match[1] is None) == (match[3] is None):
        raise ValueError(f"expected {_MONEY_FORM}, not {shown(text)}")
    currency = match[1] or match[3]
    return Money(Decimal(match[2].replace(",", "")), _SYMBOLS.get(currency, currency.upper()))


def parse_percent(text: str) -> Decimal:
    """`40%` or `40`, as Decimal 40; never negative."""
    value = clean(text, _A_PERCENT)
    number = _decimal(value.removesuffix("%").rstrip(), value, _A_PERCENT)
    if number < 0:
        raise ValueError(f"expected {_A_PERCENT}, not less than zero, not {shown(value)}")
    return number


def parse_number(text: str) -> Decimal:
    """A finite decimal of at most 40 digits, without exponent."""
    value = clean(text, _A_NUMBER)
    return _decimal(value, value, _A_NUMBER)


def parse_integer(text: str) -> int:
    """A whole number of at most 40 digits."""
    value = clean(text, _AN_INTEGER)
    if _INTEGER.fullmatch(value) is None:
        raise ValueError(f"expected {_AN_INTEGER}, not {shown(value)}")
    return int(value)


def parse_yes_no(text: str) -> bool:
    """`yes true on 1` or `no false off 0`, in any case."""
    value = clean(text, _YES_OR_NO).lower()
    if value not in _YES | _NO:
        raise ValueError(f"expected {_YES_OR_NO}, not {shown(value)}")
    return value in _YES


def parse_person(text: str) -> str:
    """A person's id as typed, without the `@` or the `[[ ]]` that may stand around it."""
    name = parse_reference(clean(text, _A_PERSON).lstrip("@ "))
    return clean(name.lstrip("@ "), _A_PERSON)


def parse_reference(text: str) -> str:
    """What is referred to: the inside of `[[title]]` or `[[title|shown]]`, else the text itself."""
    value = _one_line(clean(text, _A_REFERENCE), _A_REFERENCE)
    if not value.startswith("[["):
        return value
    target, rest = _link(value, _A_REFERENCE)
    if rest:
        raise ValueError(f"expected {_A_REFERENCE}, only one, not {shown(value)}")
    return target


def parse_dependency(text: str) -> Dependency:
    """`ID [FS|SS|FF|SF][+|-LAG]`; a space sets off the type, `[[ ]]` a title."""
    if text.isalnum() and len(text) <= MAX_LENGTH:
        return Dependency(text)
    value = _one_line(clean(text, _A_DEPENDENCY), _A_DEPENDENCY)
    if value.startswith("[["):
        target, rest = _link(value, _A_DEPENDENCY)
        match = _LINK_TYPE.fullmatch(f" {rest}") if rest else None
        if rest and match is None:
            raise ValueError(f"expected {_A_DEPENDENCY}, not {shown(value)}")
    else:
        value = " ".join(value.split())
        match = _LINK_TYPE.search(value)
        target = value[: match.start()] if match else value
        if not target.isalnum() and _NOT_BARE.search(target):
            raise ValueError(f"expected {_A_DEPENDENCY}, with a space before the type, not {shown(value)}")
    if match is None:
        return Dependency(target)
    lag = parse_duration(match[3]) if match[3] else None
    return Dependency(target, (match[1] or "FS").upper(), lag, match[2] == "-")


def parse_constraint(text: str) -> Constraint:
    """`SNET 2026-12-01` or its long name `start_no_earlier_than 2026-12-01`; `ASAP` and `ALAP` without a date."""
    value = clean(text, _A_CONSTRAINT)
    first_digit = next((at for at, char in enumerate(value) if char in "0123456789"), len(value))
    name, moment = value[:first_digit], value[first_digit:]
    kind = _CONSTRAINTS.get("_".join(name.lower().replace("-", " ").replace("_", " ").split()))
    if kind is None:
        raise ValueError(f"expected {_A_CONSTRAINT}, not {shown(value)}")
    if kind in ("ASAP", "ALAP"):
        if moment:
            raise ValueError(f"expected {kind} alone, it takes no date, not {shown(value)}")
        return Constraint(kind)
    if not moment:
        raise ValueError(f"expected {kind} with a date, as {kind} 2026-12-01")
    return Constraint(kind, parse_when(moment))


def parse_range(text: str) -> DateRange:
    """`2026-12-24..2027-01-02`, both days included, or a single day."""
    start, dots, end = clean(text, _A_RANGE).partition("..")
    first = parse_date(start)
    last = parse_date(end) if dots else first
    if last < first:
        raise ValueError(f"expected {_A_RANGE}: the range ends on {last}, before it starts on {first}")
    return DateRange(first, last)


def parse_spent(text: str) -> SpentEntry:
    """`2026-11-23 1h30m ana parser`: day, duration, then optionally a person and a note."""
    words = _one_line(clean(text, _SPENT_FORM), _SPENT_FORM).split(maxsplit=3)
    if len(words) < 2:
        raise ValueError(f"expected {_SPENT_FORM}, not {shown(text)}")
    person = parse_person(words[2]) if len(words) > 2 else ""
    return SpentEntry(parse_date(words[0]), parse_duration(words[1]), person, "".join(words[3:]))


def parse_word(text: str) -> str:
    """A text of one line, stripped, not empty."""
    return _one_line(clean(text, _A_WORD), _A_WORD)


def days_in_month(year: int, month: int) -> int:
    """How many days a month of the Gregorian calendar has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month - 1] + leap


def clean(text: str, expected: str) -> str:
    """The stripped text; raises ValueError when nothing is left or when it is longer than any value needs."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"expected {expected}, not {len(text):,} characters")
    stripped = text.strip()
    if not stripped:
        raise ValueError(f"expected {expected}, but it is empty")
    return stripped


def shown(text: str) -> str:
    """An excerpt in quotes that is safe to print: short, one line, no control characters."""
    excerpt = text if len(text) <= 40 else f"{text[:39]}…"
    return '"' + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in excerpt) + '"'


def _link(text: str, expected: str) -> tuple[str, str]:
    """The target of the wiki link at the start of the text, and what follows it."""
    inside, closed, rest = text[2:].rpartition("]]")
    target = inside.partition("|")[0].strip()
    if not closed or not target or "]]" in inside or "[[" in inside:
        raise ValueError(f"expected {expected}, not {shown(text)}")
    return target, rest.strip()


def _one_line(text: str, expected: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError(f"expected {expected} on one line, not {shown(text)}")
    return text


def _decimal(number: str, typed: str, expected: str) -> Decimal:
    if sum(char.isdigit() for char in number) > 40:
        raise ValueError(f"expected {expected}, of at most 40 digits, not {shown(typed)}")
    if _NUMBER.fullmatch(number) is None:
        raise ValueError(f"expected {expected}, not {shown(typed)}")
    return Decimal(number)


def _calendar_day(year: int, month: int, day: int) -> date:
    if year == 0:
        raise ValueError(f"expected {_A_DATE}: there is no year 0000")
    if not 1 <= month <= 12:
        raise ValueError(f"expected {_A_DATE}: there is no month {month:02}")
    days = days_in_month(year, month)
    if not 1 <= day <= days:
        from calendar import month_name

        raise ValueError(f"expected {_A_DATE}: {month_name[month]} {year} has {days} days, not a day {day:02}")
    return date(year, month, day)


def _clock(match: re.Match[str]) -> time:
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    if hour > 23:
        raise ValueError(f"expected {_A_WHEN}: the hour is 00 to 23, not {hour} (midnight is 00:00 of the next day)")
    if minute > 59 or second > 59:
        raise ValueError(f"expected {_A_WHEN}: minutes and seconds are 00 to 59")
    return time(hour, minute, second, int(f"{match[7] or '':0<6}"[:6]))


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"expected {_A_WHEN}: the offset {text} is beyond 23:59")
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def _why_no_date(text: str, expected: str) -> str:
    if _LONG_YEAR.match(text):
        return f"expected {expected}: a year has four digits, not as in {shown(text)}"
    if _OTHER_ORDER.match(text):
        return f"expected {expected}: year, month, day, set apart by -, not {shown(text)}"
    return f"expected {expected}, not {shown(text)}"


def _iso_duration(text: str) -> Duration:
    match = _ISO_DURATION.fullmatch(text)
    parts = tuple((Decimal(n), unit) for unit, n in match.groupdict().items() if n is not None) if match else ()
    if not parts or text.endswith("T"):
        raise ValueError(f"expected {_A_DURATION}, or weeks to seconds as in PT1H30M, not {shown(text)}")
    return Duration(text, parts)


def _why_no_duration(text: str) -> str:
    if _NUMBER.fullmatch(text) and not text.startswith(("+", "-")):
        return f"expected {_A_DURATION}: {shown(text)} needs a unit"
    return f"expected {_A_DURATION}, not {shown(text)}"


def _may_be_ordered(smaller: Duration, larger: Duration) -> bool:
    """Whether some calendar with 4 to 24 hours a day makes the first the smaller one: 9h is less than a day of 10 h."""
    return any(smaller.minutes(day) <= larger.minutes(day) for day in (240, 1440))
