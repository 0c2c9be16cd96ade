from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.hours import DEFAULT_HOURS, WorkingHours, parse_hours, parse_special
from planner.core.values import DateRange, parse_duration
from planner.plan.calendar import ELAPSED, Calendar, as_datetime, day_of, end_of, last_day, moment, together

OFFICE = Calendar.of("office", DEFAULT_HOURS)


def at(text: str) -> int:
    return moment(datetime.fromisoformat(text))


def shown(m: int) -> str:
    return as_datetime(m).isoformat(sep=" ", timespec="minutes")


@pytest.mark.parametrize(
    ("start", "minutes", "finish"),
    [
        ("2026-11-25 09:00", 480, "2026-11-25 18:00"),  # a day, with its hour of lunch
        ("2026-11-25 09:00", 180, "2026-11-25 12:00"),  # ends with the morning, not after lunch
        ("2026-11-25 09:00", 181, "2026-11-25 13:01"),
        ("2026-11-27 17:00", 120, "2026-11-30 10:00"),  # over the week-end
        ("2026-11-28 12:00", 480, "2026-11-30 18:00"),  # begun on a Saturday
        ("2026-11-25 09:00", 0, "2026-11-25 09:00"),
        ("2026-11-25 09:00", 2400 * 52, "2027-11-24 09:00"),
    ],
)  # fmt: skip
def test_work_is_done_in_working_hours(start: str, minutes: int, finish: str) -> None:
    done = OFFICE.advance(at(start), minutes)
    assert shown(OFFICE.next_start(done) if minutes > 10_000 else done) == finish


def test_the_next_start_and_the_previous_finish() -> None:
    saturday = at("2026-11-28 12:00")
    assert shown(OFFICE.next_start(saturday)) == "2026-11-30 09:00"
    assert shown(OFFICE.previous_finish(saturday)) == "2026-11-27 18:00"
    noon = at("2026-11-25 12:00")
    assert (shown(OFFICE.next_start(noon)), shown(OFFICE.previous_finish(noon))) == (
        "2026-11-25 13:00",
        "2026-11-25 12:00",
    )


def test_holidays_leave_and_short_days_are_left_out() -> None:
    hours = WorkingHours(
        parse_hours("Mon-Thu 08:00-12:00 13:00-17:00, Fri 08:00-12:00"),
        tuple(map(parse_special, ["2026-12-25", "2026-12-24 08:00-10:00", "2026-12-26..2027-01-03"])),
    )
    calendar = Calendar.of("works", hours)
    assert (calendar.week_minutes, calendar.day_minutes, calendar.week_days) == (36 * 60, 432, 5)
    assert [calendar.minutes_on(date(2026, 12, day)) for day in (22, 23, 24, 25, 28)] == [480, 480, 120, 0, 0]
    assert shown(calendar.advance(at("2026-12-24 09:00"), 61)) == "2027-01-04 08:01"
    away = calendar.without([DateRange(date(2027, 1, 4), date(2027, 1, 5))])
    assert shown(away.next_start(at("2026-12-24 10:00"))) == "2027-01-06 08:00"


def test_a_day_is_the_usual_day_of_the_calendar_and_a_week_its_working_days() -> None:
    assert [OFFICE.length(parse_duration(text)) for text in ("1d", "1w", "1w1d4h", "2ed", "90m")] == [
        480,
        2400,
        3120,
        2880,
        90,
    ]


def test_of_two_people_at_half_time_one_goes_on_while_the_other_is_away() -> None:
    away = OFFICE.without([DateRange(date(2026, 11, 26), date(2026, 11, 27))])
    both = together([(OFFICE, 1), (away, 1)])
    start = at("2026-11-25 09:00")
    assert both.between(start, at("2026-11-25 18:00")) == 960
    assert both.between(start, at("2026-11-27 18:00")) == 960 + 480 + 480
    assert shown(both.advance(start, 960 + 480)) == "2026-11-26 18:00"


def test_a_calendar_without_work_is_refused() -> None:
    with pytest.raises(ValueError, match="no working time"):
        Calendar.of("never", WorkingHours(()))


def test_a_night_shift_runs_into_the_next_day_and_sunday_into_monday() -> None:
    nights = Calendar.of("nights", WorkingHours(parse_hours("Sun-Thu 22:00-06:00")))
    assert nights.minutes_on(date(2026, 11, 30)) == 6 * 60 + 2 * 60
    assert shown(nights.advance(at("2026-11-29 22:00"), 481)) == "2026-11-30 22:01"


def test_days_of_half_open_spans() -> None:
    assert last_day(end_of(date(2026, 11, 25))) == date(2026, 11, 25) == day_of(moment(date(2026, 11, 25)))
    assert as_datetime(-5) == datetime.min  # noqa: DTZ901 (the first that can be written)
    assert day_of(moment(date.max) + 5000) == date.max


WEEKS = st.sampled_from([
    "Mon-Fri 09:00-12:00 13:00-18:00", "Mon 09:00-10:00", "Sat-Sun 00:00-24:00", "Sun-Thu 22:00-06:00",
    "Mon-Sun 00:00-24:00", "Wed 07:13-07:14, Fri 23:59-24:00",
])  # fmt: skip
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
SPECIAL = st.builds(
    lambda day, length, hours: f"{day}..{day + timedelta(days=length)} {hours}",
    DAYS, st.integers(0, 9), st.sampled_from(["", "08:00-09:00", "00:00-24:00"]),
)  # fmt: skip
CALENDARS = st.builds(
    lambda week, special: Calendar.of("c", WorkingHours(parse_hours(week), tuple(map(parse_special, special)))),
    WEEKS, st.lists(SPECIAL, max_size=4),
)  # fmt: skip
MOMENTS = st.integers(at("2025-12-20 00:00"), at("2026-03-20 00:00"))


def by_the_minute(calendar: Calendar, start: int, finish: int) -> int:
    """Working minutes counted one by one, the slow and plain way."""
    return sum(calendar.worked(m + 1) - calendar.worked(m) for m in range(start, finish))


@given(CALENDARS, MOMENTS, st.integers(1, 5000))
def test_what_is_advanced_lies_between(calendar: Calendar, start: int, minutes: int) -> None:
    finish = calendar.advance(start, minutes)
    assert calendar.between(start, finish) == minutes
    assert calendar.between(start, finish - 1) == minutes - 1, "the last minute is a working one"
    begin = calendar.retreat(finish, minutes)
    assert begin == calendar.next_start(start)


@given(CALENDARS, MOMENTS)
def test_snapping_moves_over_no_work_and_no_further(calendar: Calendar, m: int) -> None:
    after, before = calendar.next_start(m), calendar.previous_finish(m)
    assert before <= m <= after
    assert calendar.between(before, after) == 0
    assert calendar.worked(after + 1) == calendar.worked(after) + 1
    assert calendar.worked(before - 1) == calendar.worked(before) - 1


@given(WEEKS, st.lists(SPECIAL, max_size=4), st.integers(0, 40))
def test_each_day_works_the_hours_its_text_says(week: str, special: list[str], offset: int) -> None:
    day = date(2026, 1, 20) + timedelta(days=offset)
    days = [parse_special(text) for text in special]
    calendar = Calendar.of("c", WorkingHours(parse_hours(week), tuple(days)))
    said = [other.spans for other in days if day in other.days]
    usual = sum(
        max(0, min(end, (day.weekday() + 1) * 1440) - max(start, day.weekday() * 1440))
        for start, end in parse_hours(week)
    )
    assert calendar.minutes_on(day) == (sum(end - start for start, end in said[-1]) if said else usual)


@given(MOMENTS, st.integers(-5000, 5000))
def test_elapsed_time_counts_every_minute(m: int, minutes: int) -> None:
    assert ELAPSED.advance(m, minutes) == m + minutes
    assert ELAPSED.between(m, m + minutes) == minutes
    assert ELAPSED.nonstop


@given(CALENDARS, MOMENTS, st.integers(-2000, 2000))
def test_the_latest_moment_before_a_lag_or_a_lead(calendar: Calendar, m: int, minutes: int) -> None:
    latest = calendar.latest(m, minutes)
    assert calendar.advance(latest, minutes) <= m < calendar.advance(latest + 1, minutes)
