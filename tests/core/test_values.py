"""Scalars: text in, typed value or a sentence out."""

from __future__ import annotations

import os
import string
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core import values
from planner.core.values import Constraint, DateRange, Dependency, Money

laws = settings(max_examples=80 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)

PARSERS: list[Callable[[str], object]] = [
    values.parse_date,
    values.parse_when,
    values.parse_duration,
    values.parse_estimate,
    values.parse_money,
    values.parse_percent,
    values.parse_number,
    values.parse_integer,
    values.parse_yes_no,
    values.parse_person,
    values.parse_reference,
    values.parse_dependency,
    values.parse_constraint,
    values.parse_range,
    values.parse_spent,
    values.parse_word,
]
SOUP = st.text(st.sampled_from("0123456789 -+:/.,TZ[]|@%€EURSFdhwmePx\n\u0661²\udc80"), max_size=40)


class _Stringy(Protocol):
    def __str__(self) -> str: ...


def sentence(parse: Callable[[str], object], text: str) -> str:
    """The sentence with which the text is refused."""
    with pytest.raises(ValueError, match=r"^expected ") as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", ["", "  \n", "x" * 1001, "9" * 5000, "0x" + "f" * 100_000])
def test_nothing_and_too_much_are_refused(parse: Callable[[str], object], text: str) -> None:
    assert len(sentence(parse, text)) < 300


@laws
@given(st.one_of(st.text(max_size=60), SOUP))
def test_only_value_errors_with_printable_sentences(text: str) -> None:
    for parse in PARSERS:
        try:
            parse(text)
        except ValueError as error:
            assert str(error).startswith("expected ")  # noqa: PT017 - success is allowed too
            assert str(error).isprintable()  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        (" 2028-02-29 ", date(2028, 2, 29)),
        ("0001-01-01", date(1, 1, 1)),
        ("2026-12-01T14:30", datetime.fromisoformat("2026-12-01T14:30")),
        ("2026-12-01 14:30:05", datetime.fromisoformat("2026-12-01T14:30:05")),
        ("2026-12-01T14:30:05.000Z", datetime(2026, 12, 1, 14, 30, 5, tzinfo=UTC)),
        ("2026-12-01T14:30z", datetime(2026, 12, 1, 14, 30, tzinfo=UTC)),
        ("2026-12-01T14:30-03:30", datetime(2026, 12, 1, 14, 30, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
        ("2026-12-01 14:30:00 +0100", datetime(2026, 12, 1, 14, 30, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_when(text: str, expected: object) -> None:
    parsed = values.parse_when(text)
    assert parsed == expected
    assert type(parsed) is type(expected)
    assert getattr(parsed, "tzinfo", None) == getattr(expected, "tzinfo", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tomorrow", 'not "tomorrow"'),
        ("01/02/2026", "year, month, day"),
        ("2026-02-30", "February 2026 has 28 days"),
        ("2026-13-01", "no month 13"),
        ("0000-01-01", "no year 0000"),
        ("99999-01-01", "a year has four digits"),
        ("24:00:00", "a date such as"),
        ("2026-12-01T24:00:00", "the hour is 00 to 23"),
        ("2026-12-01T12:60", "minutes and seconds"),
        ("2026-12-01T12:00+99:99", "offset +99:99"),
        ("2026-12-01T12", "2026-12-01T14:30"),
        ("٢٠٢٦-12-01", "a date such as"),
        ("[a]", "a date such as"),
    ],
)
def test_not_when(text: str, says: str) -> None:
    assert says in sentence(values.parse_when, text)


def test_a_day_has_no_time() -> None:
    assert values.parse_date("2026-12-01") == date(2026, 12, 1)
    assert "without a time" in sentence(values.parse_date, "2026-12-01T10:00")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30m", 30),
        ("30min", 30),
        ("4h", 240),
        ("1.5h", 90),
        ("2d", 960),
        ("1w", 2400),
        ("1d4h", 720),
        ("1d 4h", 720),
        ("0d", 0),
        ("2ed", 2880),
        ("12eh", 720),
        ("1ew", 10080),
        ("PT1H30M", 90),
        ("P2D", 960),
        ("P1W", 2400),
        ("PT90S", 2),
        ("PT5400S", 90),
    ],
)
def test_duration(text: str, minutes: int) -> None:
    assert values.parse_duration(text).minutes() == minutes


def test_a_calendar_decides_what_a_day_is() -> None:
    assert values.parse_duration("1w1d").minutes(day_minutes=360, week_days=4) == 5 * 360
    assert values.parse_duration("1ew1ed").minutes(day_minutes=360, week_days=4) == 8 * 1440


@pytest.mark.parametrize(
    "text", ["3", "h", "4x", "-2d", "1h1h", "1d2eh", "P", "PT", "P1DT", "P1Y", "1:30", ".inf", "1e3h", "4h/"]
)
def test_not_a_duration(text: str) -> None:
    sentence(values.parse_duration, text)


def test_a_bare_number_is_told_its_unit() -> None:
    assert "needs a unit" in sentence(values.parse_duration, "3")


def test_estimate() -> None:
    three = values.parse_estimate("1d / 3d/6d")
    assert [str(three.optimistic), str(three.likely), str(three.pessimistic)] == ["1d", "3d", "6d"]
    one = values.parse_estimate("3d")
    assert (one.optimistic, str(one.likely), one.pessimistic) == (None, "3d", None)
    values.parse_estimate("9h/1d/2d")  # in order where a day has ten hours
    for text in ("1d/3d", "6d/3d/1d", "1d/3d/2d", "1d//2d", "1d/2d/3d/4d"):
        sentence(values.parse_estimate, text)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1200 EUR", "1200", "EUR"),
        ("EUR 1200", "1200", "EUR"),
        ("eur 1200", "1200", "EUR"),
        ("1,200.50 EUR", "1200.50", "EUR"),
        ("€1200", "1200", "EUR"),
        ("12.5$", "12.5", "USD"),
        ("-50 GBP", "-50", "GBP"),
    ],
)
def test_money(text: str, amount: str, currency: str) -> None:
    assert values.parse_money(text) == Money(Decimal(amount), currency)


@pytest.mark.parametrize("text", ["1200", "EUR", "EUR 1 EUR", "1.200,50 EUR", "12,00 EUR", "1e3 EUR", "1200 EURO"])
def test_not_money(text: str) -> None:
    sentence(values.parse_money, text)


def test_numbers() -> None:
    assert values.parse_percent("40%") == values.parse_percent("40") == Decimal(40)
    assert values.parse_percent("12.5 %") == Decimal("12.5")
    assert values.parse_number("-1.50") == Decimal("-1.50")
    assert values.parse_number("9" * 40) == Decimal("9" * 40)
    assert values.parse_integer("+12") == 12
    for text in ("-1%", "%", "40%%"):
        sentence(values.parse_percent, text)
    for text in ("nan", "inf", ".inf", "1e5", "1_000", "0x1F", "9" * 41, "1.", "١"):
        sentence(values.parse_number, text)
    for text in ("1.5", "9" * 41, "12:30"):
        sentence(values.parse_integer, text)


@pytest.mark.parametrize("text", ["true", "Yes", "ON", "1"])
def test_yes(text: str) -> None:
    assert values.parse_yes_no(text) is True


@pytest.mark.parametrize("text", ["false", "No", "OFF", "0"])
def test_no(text: str) -> None:
    assert values.parse_yes_no(text) is False


def test_neither_yes_nor_no() -> None:
    assert sentence(values.parse_yes_no, "maybe") == 'expected yes or no, not "maybe"'


def test_people_and_references() -> None:
    assert values.parse_person("@ana") == values.parse_person(" ana ") == values.parse_person("[[ana]]") == "ana"
    assert values.parse_person("no") == "no"
    assert values.parse_reference("[[Some title]]") == "Some title"
    assert values.parse_reference("[[Some title|shown so]]") == "Some title"
    assert values.parse_reference("[[Fix [bug]]]") == "Fix [bug]"
    assert values.parse_reference("tasks/Buy milk.md") == "tasks/Buy milk.md"
    for text in ("[[]]", "[[a", "[[a]] b", "[[a]], [[b]]", "a\nb"):
        sentence(values.parse_reference, text)
    sentence(values.parse_person, "@")


@pytest.mark.parametrize(
    ("text", "target", "kind", "lag", "lead"),
    [
        ("m2d9hz", "m2d9hz", "FS", None, False),
        ("p4w8tn SS+2d", "p4w8tn", "SS", "2d", False),
        ("p4w8tn ss + 2d", "p4w8tn", "SS", "2d", False),
        ("m2d9hz FS +2d", "m2d9hz", "FS", "2d", False),
        ("m2d9hz +2d", "m2d9hz", "FS", "2d", False),
        ("m2d9hz FF", "m2d9hz", "FF", None, False),
        ("[[Some title]] FF-1d", "Some title", "FF", "1d", True),
        ("[[Some title]]", "Some title", "FS", None, False),
        ("BACK-12 SF-2eh", "BACK-12", "SF", "2eh", True),
        ("tasks/Buy milk.md SS", "tasks/Buy milk.md", "SS", None, False),
        ("SS", "SS", "FS", None, False),
    ],
)
def test_dependency(text: str, target: str, kind: str, lag: str | None, lead: bool) -> None:
    found = values.parse_dependency(text)
    assert (found.target, found.type, found.lead) == (target, kind, lead)
    assert (found.lag and str(found.lag)) == lag


@pytest.mark.parametrize(
    "text", ["m2d9hzSS+2d", "m2d9hz SS+2", "m2d9hz SS+50%", "[[a]]b", "[[a]] XX", "[[a", "x [[y]]"]
)
def test_not_a_dependency(text: str) -> None:
    sentence(values.parse_dependency, text)


def test_dependencies_write_themselves_shortly() -> None:
    two_days = values.parse_duration("2d")
    assert str(Dependency("m2d9hz")) == "m2d9hz"
    assert str(Dependency("m2d9hz", "SS")) == "m2d9hz SS"
    assert str(Dependency("m2d9hz", lag=two_days)) == "m2d9hz FS+2d"
    assert str(Dependency("A title", "FF", two_days, lead=True)) == "[[A title]] FF-2d"


def test_constraint() -> None:
    assert values.parse_constraint("SNET 2026-12-01") == Constraint("SNET", date(2026, 12, 1))
    assert values.parse_constraint("must_start_on 2026-12-01") == Constraint("MSO", date(2026, 12, 1))
    assert values.parse_constraint("Finish no later than 2026-12-01") == Constraint("FNLT", date(2026, 12, 1))
    assert values.parse_constraint("asap") == Constraint("ASAP")
    assert str(values.parse_constraint("mfo 2026-12-01 14:30")) == "MFO 2026-12-01T14:30"
    for text in ("SNET", "ALAP 2026-12-01", "XYZ 2026-12-01", "SNET 2026-02-30", "2026-12-01"):
        sentence(values.parse_constraint, text)


def test_range() -> None:
    leave = values.parse_range("2026-12-24..2027-01-02")
    assert leave == DateRange(date(2026, 12, 24), date(2027, 1, 2))
    assert date(2027, 1, 2) in leave
    assert date(2027, 1, 3) not in leave
    assert str(values.parse_range("2026-12-24")) == "2026-12-24"
    for text in ("2027-01-02..2026-12-24", "2026-12-24..", "..2026-12-24", "2026-12-24...2026-12-25"):
        sentence(values.parse_range, text)


def test_spent() -> None:
    entry = values.parse_spent("2026-11-23 1h30m @ana parser and tests")
    assert (entry.day, entry.duration.minutes(), entry.person, entry.note) == (
        date(2026, 11, 23),
        90,
        "ana",
        "parser and tests",
    )
    assert str(entry) == "2026-11-23 1h30m ana parser and tests"
    assert str(values.parse_spent("2026-11-23 1h")) == "2026-11-23 1h"
    for text in ("2026-11-23", "1h ana", "2026-11-23 ana 1h"):
        sentence(values.parse_spent, text)


def test_sentences_show_control_characters_as_text() -> None:
    assert values.shown("a\x1b[2J\udc80") == '"a\\x1b[2J\\udc80"'


# What a value writes, it reads

amounts = st.integers(0, 999).map(str)
durations = st.builds(
    lambda picked, elapsed: "".join(f"{n}{elapsed}{unit}" for unit, n in picked.items()),
    st.dictionaries(st.sampled_from("wdhm"), amounts, min_size=1),
    st.sampled_from(["", "e"]),
) | st.sampled_from(["PT1H30M", "P2D", "1.5h", "1d 4h", "30min"])
whens = st.one_of(
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))),
)
targets = st.text(string.ascii_letters + "0123456789 .-/[+é", min_size=1, max_size=12)
links = st.builds(
    lambda target, brackets, tail: f"[[{target}]]{tail}" if brackets else f"{target}{tail}",
    targets,
    st.booleans(),
    st.sampled_from(["", " SS", " ff", " FS+2d", " SF -1eh", " +3h"]),
)


@laws
@given(whens)
def test_instants_round_trip(when: values.When) -> None:
    again = values.parse_when(values.when_text(when))
    assert again == when
    assert type(again) is type(when)


@pytest.mark.parametrize(
    ("parse", "texts"),
    [
        (values.parse_duration, durations),
        (values.parse_estimate, durations | st.just("1d/3d/6d") | st.just("1h / 1d 2h / P2D")),
        (values.parse_money, st.builds("{}{}{} {}".format, st.sampled_from(["", "-"]), amounts, st.sampled_from(["", ".05", ".10"]), st.sampled_from(["EUR", "usd", "€"]))),
        (values.parse_dependency, links),
        (values.parse_constraint, st.builds("{} {}".format, st.sampled_from(["snet", "MFO", "must start on"]), whens.map(values.when_text)) | st.just("alap")),
        (values.parse_range, st.builds("{}..{}".format, st.dates(), st.dates())),
        (values.parse_spent, st.builds("{} {}{}".format, st.dates(), durations.filter(lambda text: " " not in text), st.sampled_from(["", " ana", " @bo  a  note"]))),
        (values.parse_person, st.text(max_size=9) | st.just("[[ana]]")),
        (values.parse_number, st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9).map(str)),
        (values.parse_word, st.text(max_size=9)),
    ],
)  # fmt: skip
@given(st.data())
@laws
def test_what_a_value_writes_it_reads(
    parse: Callable[[str], _Stringy], texts: st.SearchStrategy[str], data: st.DataObject
) -> None:
    try:
        value = parse(data.draw(texts))
    except ValueError:
        return
    assert parse(str(value)) == value


def test_days_in_month_are_the_calendar_s() -> None:
    for year in (*range(1, 10), *range(1890, 2110), 9999):
        for month in range(1, 13):
            assert values.days_in_month(year, month) == monthrange(year, month)[1]


def test_links_that_differ_only_in_their_type_are_two() -> None:
    links = [values.parse_dependency(text) for text in ("a", "a SS", "a SS+1d", "a FS", "[[a]]")]
    assert len(dict.fromkeys(links)) == 3
