"""Recurrence: rules and phrases in, days out."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.recurrence import (
    MODES,
    first_from,
    next_after,
    next_due,
    occurrences,
    parse_recurrence,
)

laws = settings(max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)


@pytest.mark.parametrize(
    ("typed", "rrule", "words"),
    [
        ("every day", "FREQ=DAILY", "every day"),
        ("every 3d", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("every 10 days", "FREQ=DAILY;INTERVAL=10", "every 10 days"),
        ("every week", "FREQ=WEEKLY", "every week"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2", "every 2 weeks"),
        ("every month", "FREQ=MONTHLY", "every month"),
        ("every quarter", "FREQ=MONTHLY;INTERVAL=3", "every 3 months"),
        ("every year", "FREQ=YEARLY", "every year"),
        ("daily", "FREQ=DAILY", "every day"),
        ("Weekly", "FREQ=WEEKLY", "every week"),
        ("monthly", "FREQ=MONTHLY", "every month"),
        ("yearly", "FREQ=YEARLY", "every year"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("every mon", "FREQ=WEEKLY;BYDAY=MO", "every week on Mon"),
        ("every mon and thu", "FREQ=WEEKLY;BYDAY=MO,TH", "every week on Mon, Thu"),
        ("every other fri", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Fri"),
        ("every 2w mon", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Mon"),
        ("every 2 weeks on mon,thu", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "every 2 weeks on Mon, Thu"),
        ("every month on 1st", "FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
        ("every month on the 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on the 1st, 15th"),
        ("every month on 15", "FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"),
        ("every month on last", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("every month on last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("every month on last fri", "FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Fri"),
        ("every month on second tue", "FREQ=MONTHLY;BYDAY=2TU", "every month on the 2nd Tue"),
        ("every last fri", "FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Fri"),
        ("every 1st", "FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
        ("every year on dec 24", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year on 24 Dec"),
        ("every 24th dec", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year on 24 Dec"),
        ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO", "every week on Mon"),
        (
            "rrule:interval=2;freq=monthly;byday=+1mo",
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO",
            "every 2 months on the 1st Mon",
        ),
        ("FREQ=DAILY;COUNT=10", "FREQ=DAILY;COUNT=10", "every day 10 times"),
        ("FREQ=YEARLY;UNTIL=20281231T235959Z", "FREQ=YEARLY;UNTIL=20281231", "every year until 31 Dec 2028"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2;BYMONTH=1,7", None, "every month on the 2nd to last day in Jan, Jul"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;WKST=SU", None, "every month on Mon, Tue (only the last of these)"),
    ],
)
def test_parse(typed: str, rrule: str | None, words: str) -> None:
    found = parse_recurrence(typed)
    if rrule is not None:
        assert found.rrule == rrule
    assert found.describe() == words
    assert str(found) == typed
    assert parse_recurrence(str(found)) == found
    assert parse_recurrence(found.rrule).rrule == found.rrule


@pytest.mark.parametrize(
    "text",
    ["", "every", "every other", "every minute", "every man", "every second counts", "every 0d", "every mon and",
     "every month fri", "every month 15", "every 15", "every day on mon", "every week on 1st", "every feb 30",
     "every month on 32", "every month on 1st fri 15th", "sometimes", "x" * 1001, "every 1001 days", "every 2bd",
     "FREQ=HOURLY", "FREQ=", "INTERVAL=2", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;",
     "FREQ=DAILY;COUNT=2;UNTIL=20261231", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=٣", "FREQ=DAILY;COUNT=x",
     "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=XX",
     "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=YEARLY;BYMONTH=13", "FREQ=MONTHLY;BYSETPOS=1",
     "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20260230", "FREQ=DAILY;UNTIL=soon",
     "FREQ=DAILY;WKST=XX", "RRULE:FREQ=DAILY\nEXDATE:20260101"],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected "):
        parse_recurrence(text)


phrases = st.lists(
    st.sampled_from(
        ["every", "other", "2", "2w", "1st", "31st", "last", "second", "mon", "fri", "week", "month", "year",
         "on", "the", "and", "dec", "24", "weekday", "day", "d", "²", "FREQ=DAILY", ";", ",", "="]
    ),
    max_size=5,
)  # fmt: skip


@laws
@given(phrases)
def test_only_value_errors(words: list[str]) -> None:
    try:
        found = parse_recurrence(" ".join(["every", *words]))
    except ValueError:
        return
    assert parse_recurrence(found.rrule).rrule == found.rrule
    assert found.describe().startswith("every ")


# The days a rule gives


def days(text: str, start: str, until: str) -> list[str]:
    found = occurrences(parse_recurrence(text), date.fromisoformat(start), date.fromisoformat(until))
    return [day.isoformat() for day in found]


def test_occurrences() -> None:
    assert days("every 2w mon", "2026-11-25", "2027-01-05") == ["2026-12-07", "2026-12-21", "2027-01-04"]
    assert days("every month", "2026-01-31", "2026-06-01") == ["2026-01-31", "2026-03-31", "2026-05-31"]
    assert days("every year", "2024-02-29", "2033-01-01") == ["2024-02-29", "2028-02-29", "2032-02-29"]
    assert days("every month on last fri", "2026-11-01", "2026-12-31") == ["2026-11-27", "2026-12-25"]
    assert days("FREQ=DAILY;COUNT=3", "2026-01-01", "2026-12-31") == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert days("FREQ=DAILY;UNTIL=20260102", "2026-01-01", "2026-12-31") == ["2026-01-01", "2026-01-02"]
    assert days("every day", "2026-01-02", "2026-01-01") == []


def test_exceptions_and_limit() -> None:
    daily = parse_recurrence("daily")
    start = date(2026, 1, 1)
    skipped = {date(2026, 1, 2)}
    assert occurrences(daily, start, date(2026, 1, 4), skipped) == (start, date(2026, 1, 3), date(2026, 1, 4))
    assert len(occurrences(daily, start, date(2099, 1, 1), limit=7)) == 7
    assert next_after(daily, start, start, skipped) == date(2026, 1, 3)


def test_next_after() -> None:
    weekly = parse_recurrence("every mon")
    start = date(2026, 11, 23)
    assert next_after(weekly, start, date(2026, 11, 23)) == date(2026, 11, 30)
    assert next_after(weekly, start, date(2026, 1, 1)) == start
    assert next_after(parse_recurrence("FREQ=DAILY;COUNT=2"), start, date(2026, 11, 24)) is None
    assert next_after(parse_recurrence("FREQ=DAILY;UNTIL=20261124"), start, date(2026, 11, 24)) is None
    assert first_from(weekly, date(2026, 11, 25)) == date(2026, 11, 30)
    assert first_from(parse_recurrence("every month"), date(2026, 11, 25)) == date(2026, 11, 25)


def test_a_rule_that_never_matches_ends() -> None:
    never = parse_recurrence("FREQ=DAILY;INTERVAL=7;BYDAY=TU")
    assert next_after(never, date(2026, 11, 23), date(2026, 11, 23)) is None
    assert next_after(parse_recurrence("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31"), date(2026, 2, 1), date.min) is None


def test_the_ends_of_the_calendar() -> None:
    assert first_from(parse_recurrence("every sun"), date.min) == date(1, 1, 7)
    assert next_after(parse_recurrence("daily"), date.min, date.max) is None
    assert next_due(parse_recurrence("monthly"), "completion", date.max, date.max) is None
    assert next_after(parse_recurrence("daily"), date.min, date(2026, 11, 25)) == date(2026, 11, 26)


rules = st.sampled_from(
    ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,TU",
     "FREQ=MONTHLY;INTERVAL=5", "FREQ=MONTHLY;BYDAY=-1FR,1MO", "FREQ=MONTHLY;BYMONTHDAY=-1,15;INTERVAL=2",
     "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=3;BYMONTH=2,11",
     "FREQ=YEARLY;BYDAY=20MO", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "FREQ=DAILY;BYMONTH=1;BYDAY=SU", "FREQ=WEEKLY",
     "FREQ=DAILY;INTERVAL=2;COUNT=40", "FREQ=MONTHLY;COUNT=9", "FREQ=WEEKLY;UNTIL=20280101"]
)  # fmt: skip


@laws
@given(rules, st.dates(date(2020, 1, 1), date(2027, 1, 1)), st.integers(-40, 2500))
def test_the_same_days_as_dateutil_alone(rule: str, start: date, offset: int) -> None:
    after = start + timedelta(days=offset)
    midnight = datetime.combine(after, datetime.min.time())
    expected = rrulestr(rule, dtstart=datetime.combine(start, datetime.min.time())).after(midnight)
    assert next_after(parse_recurrence(rule), start, after) == (expected.date() if expected else None)


# When it comes again


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("completion", date(2026, 4, 12)), ("schedule", date(2026, 4, 8)), ("schedule_keep", date(2026, 4, 8))],
)
def test_worked_example_weekly_done_four_days_late(mode: str, expected: date) -> None:
    assert next_due(parse_recurrence("weekly"), mode, date(2026, 4, 1), date(2026, 4, 5)) == expected


@pytest.mark.parametrize(
    ("rule", "mode", "scheduled", "completed", "expected"),
    [
        ("weekly", "schedule", "2026-04-01", "2026-04-20", "2026-04-22"),
        ("weekly", "schedule_keep", "2026-04-01", "2026-04-20", "2026-04-08"),
        ("weekly", "schedule", "2026-04-01", "2026-04-08", "2026-04-15"),
        ("weekly", "schedule", "2026-04-01", "2026-03-30", "2026-04-08"),
        ("monthly", "completion", "2026-01-15", "2026-01-31", "2026-02-28"),
        ("monthly", "schedule", "2026-01-31", "2026-01-31", "2026-03-31"),
        ("every 3d", "completion", "2026-01-01", "2026-01-05", "2026-01-08"),
        ("yearly", "completion", "2024-02-29", "2024-02-29", "2025-02-28"),
        ("every month on 1st", "completion", "2026-01-01", "2026-01-20", "2026-02-01"),
        ("every 2w mon", "completion", "2026-11-23", "2026-11-25", "2026-12-07"),
    ],
)
def test_next_due(rule: str, mode: str, scheduled: str, completed: str, expected: str) -> None:
    found = next_due(parse_recurrence(rule), mode, date.fromisoformat(scheduled), date.fromisoformat(completed))
    assert str(found) == expected


def test_the_time_of_day_is_kept() -> None:
    scheduled = datetime.fromisoformat("2026-10-20T09:30")
    found = next_due(parse_recurrence("weekly"), "schedule", scheduled, datetime(2026, 10, 21, tzinfo=UTC))
    assert found == datetime.fromisoformat("2026-10-27T09:30")


@pytest.mark.parametrize("mode", MODES)
def test_the_series_ends(mode: str) -> None:
    day = date(2026, 4, 1)
    thrice = parse_recurrence("FREQ=DAILY;COUNT=3")
    assert next_due(thrice, mode, day, day, done=2) == date(2026, 4, 2)
    assert next_due(thrice, mode, day, day, done=3) is None
    assert next_due(parse_recurrence("FREQ=DAILY;UNTIL=20260401"), mode, day, day) is None


@pytest.mark.parametrize("mode", MODES)
def test_exceptions_are_skipped(mode: str) -> None:
    day = date(2026, 4, 1)
    assert next_due(parse_recurrence("daily"), mode, day, day, {date(2026, 4, 2)}) == date(2026, 4, 3)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="schedule_keep"):
        next_due(parse_recurrence("daily"), "never", date(2026, 4, 1), date(2026, 4, 1))


def test_reading_a_rule_does_not_load_dateutil() -> None:
    script = "import sys; from planner.core.recurrence import parse_recurrence as p; p('every mon').describe(); print('dateutil' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )
