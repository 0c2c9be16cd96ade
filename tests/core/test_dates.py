"""Dates people type, on Wednesday 25 November 2026 unless said otherwise."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.dates import (
    ENGLISH,
    add_business_days,
    add_months,
    describe,
    leading_date,
    overdue,
    resolve,
    trailing_date,
)
from planner.core.values import When, when_text

TODAY = date(2026, 11, 25)
laws = settings(max_examples=150 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)
phrases = st.lists(
    st.sampled_from(
        [*ENGLISH.days, *ENGLISH.weekdays, *ENGLISH.months, *ENGLISH.units, "next", "in", "at", "every", "w50",
         "w53", "1st", "31st", "29", "0", "99999", "+", "-", "24.12.", "31.02.", "14:30", "25:61", "2pm", "13am",
         "eow", "soq", "2026-12-01", "2026-02-30", "2026-w53", "\udc80", "0000-01-01", "9999", "²", "١st"]
    ),
    max_size=6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-11-25"),
        ("tod", "2026-11-25"),
        ("tomorrow", "2026-11-26"),
        ("tom", "2026-11-26"),
        ("yesterday", "2026-11-24"),
        ("day after tomorrow", "2026-11-27"),
        ("thu", "2026-11-26"),
        ("Fri", "2026-11-27"),
        ("MONDAY", "2026-11-30"),
        ("wed", "2026-12-02"),
        ("next fri", "2026-12-04"),
        ("next mon", "2026-11-30"),
        ("next sun", "2026-12-06"),
        ("+3d", "2026-11-28"),
        ("3 days", "2026-11-28"),
        ("in 3 days", "2026-11-28"),
        ("2w", "2026-12-09"),
        ("3bd", "2026-11-30"),
        ("-3bd", "2026-11-20"),
        ("1m", "2026-12-25"),
        ("3mo", "2027-02-25"),
        ("1y", "2027-11-25"),
        ("-2d", "2026-11-23"),
        ("eow", "2026-11-29"),
        ("eom", "2026-11-30"),
        ("eoq", "2026-12-31"),
        ("eoy", "2026-12-31"),
        ("sow", "2026-11-30"),
        ("som", "2026-12-01"),
        ("soq", "2027-01-01"),
        ("soy", "2027-01-01"),
        ("next week", "2026-11-30"),
        ("next month", "2026-12-01"),
        ("next year", "2027-01-01"),
        ("w50", "2026-12-07"),
        ("w48", "2027-11-29"),
        ("w53", "2026-12-28"),
        ("2027-w01", "2027-01-04"),
        ("dec 24", "2026-12-24"),
        ("December 24th", "2026-12-24"),
        ("24 dec", "2026-12-24"),
        ("24. dec 2028", "2028-12-24"),
        ("nov 25", "2026-11-25"),
        ("nov 24", "2027-11-24"),
        ("24.12.", "2026-12-24"),
        ("24.12.2027", "2027-12-24"),
        ("feb 29", "2028-02-29"),
        ("1st", "2026-12-01"),
        ("25th", "2026-11-25"),
        ("31st", "2026-12-31"),
        ("2026-12-01", "2026-12-01"),
        ("2026-12-01 14:30", "2026-12-01T14:30"),
        ("2026-12-01T14:30", "2026-12-01T14:30"),
        ("fri 14:30", "2026-11-27T14:30"),
        ("dec 24 at 9am", "2026-12-24T09:00"),
        ("tom 12am", "2026-11-26T00:00"),
        ("tom 12:05pm", "2026-11-26T12:05"),
        ("  next   fri  ", "2026-12-04"),
    ],
)
def test_resolve(text: str, expected: str) -> None:
    assert when_text(resolve(text, TODAY)) == expected


@pytest.mark.parametrize(
    ("today", "text", "expected"),
    [
        (date(2026, 11, 27), "fri", "2026-12-04"),
        (date(2026, 11, 27), "next fri", "2026-12-04"),
        (date(2026, 11, 28), "next fri", "2026-12-04"),
        (date(2026, 11, 29), "eow", "2026-11-29"),
        (date(2026, 11, 30), "eom", "2026-11-30"),
        (date(2026, 12, 1), "som", "2027-01-01"),
        (date(2026, 12, 1), "1st", "2026-12-01"),
        (date(2027, 1, 31), "30th", "2027-03-30"),
        (date(2027, 1, 31), "1m", "2027-02-28"),
        (date(2026, 11, 30), "w49", "2026-11-30"),
        (date(2026, 11, 28), "1bd", "2026-11-30"),
        (date(2026, 11, 28), "-1bd", "2026-11-27"),
        (date(2097, 3, 1), "feb 29", "2104-02-29"),
        (date(9999, 12, 30), "31st", "9999-12-31"),
    ],
)
def test_resolve_on_another_day(today: date, text: str, expected: str) -> None:
    assert str(resolve(text, today)) == expected


def test_weeks_may_begin_on_sunday() -> None:
    assert resolve("eow", TODAY, first_day_of_week=6) == date(2026, 11, 28)
    assert resolve("next week", TODAY, first_day_of_week=6) == date(2026, 11, 29)
    assert resolve("next sun", TODAY, first_day_of_week=6) == date(2026, 11, 29)
    assert resolve("next fri", TODAY, first_day_of_week=6) == date(2026, 12, 4)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "next", "fri 25:00", "fri 13pm", "14:30", "feb 30", "w54", "32nd", "0th", "3x", "12/24",
     "2026-02-30", "9999y", "99999m", "2026-w53 x", "32.1.", "x" * 1001, "every fri", "24.12"],
)  # fmt: skip
def test_what_is_no_date_is_told_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected .* such as "):
        resolve(text, TODAY)


@laws
@given(phrases, st.dates(), st.integers(0, 6))
def test_only_value_errors(words: list[str], today: date, first_day_of_week: int) -> None:
    try:
        found = resolve(" ".join(words), today, first_day_of_week)
    except ValueError:
        return
    assert isinstance(found, date)


@laws
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from([*ENGLISH.weekdays]), st.integers(0, 6))
def test_weekdays_lie_ahead(today: date, word: str, first: int) -> None:
    coming = resolve(word, today, first)
    following = resolve(f"next {word}", today, first)
    assert coming.weekday() == following.weekday() == ENGLISH.weekdays[word]
    assert 1 <= (coming - today).days <= 7
    assert timedelta() <= following - coming <= timedelta(days=7)


@laws
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-400, 400))
def test_business_days_count_like_a_finger_on_the_calendar(today: date, count: int) -> None:
    day, left = today, abs(count)
    while left:
        day += timedelta(days=1 if count > 0 else -1)
        left -= day.weekday() < 5
    assert add_business_days(today, count) == day


def test_months_are_as_long_as_they_are() -> None:
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)


@pytest.mark.parametrize(
    ("title", "phrase", "expected"),
    [
        ("pay rent fri", "fri", "2026-11-27"),
        ("pay rent next fri", "next fri", "2026-12-04"),
        ("Pay rent Dec 24", "Dec 24", "2026-12-24"),
        ("call ana fri 14:30", "fri 14:30", "2026-11-27T14:30"),
        ("call ana dec 24 at 2pm", "dec 24 at 2pm", "2026-12-24T14:00"),
        ("call ana 24 dec 2027 at 14:30", "24 dec 2027 at 14:30", "2027-12-24T14:30"),
        ("call tom tomorrow", "tomorrow", "2026-11-26"),
        ("call bank 2w", "2w", "2026-12-09"),
        ("call bank +3d", "+3d", "2026-11-28"),
        ("holiday in 3 days", "in 3 days", "2026-11-28"),
        ("send it by fri", "by fri", "2026-11-27"),
        ("release 2026-12-01", "2026-12-01", "2026-12-01"),
        ("w1 item", None, None),
        ("ask tom", None, None),
        ("ask tom 14:30", None, None),
        ("buy sun cream", None, None),
        ("run 30m", None, None),
        ("holiday 3 days", None, None),
        ("fri", None, None),
        ("by fri", "fri", "2026-11-27"),
        ("upgrade to 24.12", None, None),
        ("", None, None),
    ],
)
def test_dates_at_the_end_of_a_title(title: str, phrase: str | None, expected: str | None) -> None:
    words = title.split()
    found = trailing_date(words, TODAY)
    if found is None:
        assert phrase is None
        return
    count, when, text = found
    assert (text, when_text(when)) == (phrase, expected)
    assert " ".join(words[-count:]) == text
    assert count < len(words)


def test_dates_after_a_key() -> None:
    assert leading_date(["tom", "buy"], TODAY) == (1, date(2026, 11, 26), "tom")
    assert leading_date(["dec", "24", "14:30", "eggs"], TODAY) == (3, resolve("dec 24 14:30", TODAY), "dec 24 14:30")
    assert leading_date(["30m"], TODAY) == (1, date(2029, 5, 25), "30m")
    assert leading_date(["whenever", "fri"], TODAY) is None
    assert leading_date([], TODAY) is None


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (date(2026, 11, 24), "yesterday"),
        (date(2026, 11, 25), "today"),
        (date(2026, 11, 26), "tomorrow"),
        (date(2026, 11, 27), "Fri"),
        (date(2026, 12, 1), "Tue"),
        (date(2026, 12, 2), "2 Dec"),
        (date(2026, 11, 20), "20 Nov"),
        (date(2027, 12, 12), "12 Dec 2027"),
        (datetime.fromisoformat("2026-11-27T14:30"), "Fri 14:30"),
        (datetime.fromisoformat("2026-12-12T09:05+05:00"), "12 Dec 09:05"),
    ],
)
def test_describe(when: When, words: str) -> None:
    assert describe(when, TODAY) == words


@laws
@given(st.dates(date(2026, 11, 24), date(2027, 11, 24)))
def test_what_is_described_resolves(day: date) -> None:
    assert resolve(describe(day, TODAY), TODAY) == day


def test_overdue() -> None:
    assert overdue(date(2026, 11, 23), TODAY) == 2
    assert overdue(datetime.fromisoformat("2026-11-24T23:59"), TODAY) == 1
    assert overdue(TODAY, TODAY) == overdue(date(2026, 12, 1), TODAY) == 0
