from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.vault import Vault
from planner.plan.calendar import Calendar, moment
from planner.plan.people import DEFAULT, calendars
from planner.views.scale import EIGHTHS, ZOOMS, Scale, Step, aligned, stepped

TOML = """
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-08"]
"""
MONDAY = date(2026, 11, 23)
DAY, WEEK, MONTH, QUARTER, YEAR = ZOOMS


def office() -> Calendar:
    return calendars(Vault.parse({"planner.toml": TOML}).config)[DEFAULT]


def at(day: date, hour: int) -> int:
    return moment(datetime.combine(day, time(hour)))


def scale(zoom: int = 1, left: date = MONDAY, width: int = 28) -> Scale:
    return Scale(ZOOMS[zoom], moment(left), width, office())


def texts(zoom: int, left: date, width: int) -> tuple[str, str]:
    """The two lines above the bars."""
    lines = []
    for labels in (scale(zoom, left, width).majors(), scale(zoom, left, width).minors()):
        cells = [" "] * width
        for label in labels:
            cells[label.x : label.x + len(label.text)] = label.text
        lines.append("".join(cells))
    return lines[0], lines[1]


def test_a_working_day_fills_its_cell_and_half_of_it_half() -> None:
    one = scale()
    assert one.eighth(at(date(2026, 11, 23), 9)) == 0
    assert one.eighth(at(date(2026, 11, 23), 14)) == EIGHTHS // 2
    assert one.eighth(at(date(2026, 11, 23), 18)) == EIGHTHS
    assert one.eighth(at(date(2026, 11, 24), 9)) == EIGHTHS


def test_on_a_free_day_the_clock_counts() -> None:
    assert scale().eighth(at(date(2026, 11, 28), 12)) == 5 * EIGHTHS + EIGHTHS // 2


def test_zoomed_in_to_hours_the_clock_counts() -> None:
    assert scale(0).eighth(at(date(2026, 11, 23), 13)) == 6 * EIGHTHS + EIGHTHS // 2


def test_a_point_in_time_stands_on_its_day() -> None:
    assert scale().day_cell(at(date(2026, 11, 27), 18)) == 4
    assert scale().day_cell(at(date(2026, 11, 30), 9)) == 7


def test_weekends_and_holidays_are_free() -> None:
    one = scale(left=date(2026, 12, 5), width=7)
    assert [one.free(x) for x in range(7)] == [True, True, False, True, False, False, False]


def test_where_a_weekend_is_less_than_a_cell_only_whole_weeks_are_free() -> None:
    assert not any(scale(3).free(x) for x in range(10))
    assert not any(scale(2).free(x) for x in range(10))


@pytest.mark.parametrize(
    ("zoom", "left", "width", "major", "minor"),
    [
        (0, MONDAY, 30, "Mon 23 Nov  Tue 24 Nov        ", "   6  12 18    6  12 18    6  "),
        (1, MONDAY, 21, "        Dec 2026     ", "23 W48 30 W49  7 W50 "),
        (2, MONDAY, 40, "    Dec 2026        Jan 2027            ", "23  30 7   14 21  28 4   11 18  25 1   8"),
        (3, MONDAY, 30, "      Q1 2027      Q2 2027    ", "  Dec Jan Feb Mar  Apr May    "),
        (
            4,
            date(2026, 11, 16),
            40,
            "    2027                      2028      ",
            "    Q1    Q2     Q3    Q4     Q1    Q2  ",
        ),
    ],
)
def test_what_is_written_above(zoom: int, left: date, width: int, major: str, minor: str) -> None:
    assert texts(zoom, left, width) == (major, minor)


def test_a_unit_that_began_before_stands_at_the_edge_where_it_has_room() -> None:
    assert texts(1, date(2026, 11, 2), 35)[0] == "Nov 2026                     Dec 20"[:29] + "      "


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3_000), st.integers(0, 79))
def test_zooming_keeps_the_moment_at_the_cell_up_to_a_cell(before: int, after: int, days: int, at: int) -> None:
    one = Scale(ZOOMS[before], aligned(moment(MONDAY) + days * 1440, ZOOMS[before]), 80, office())
    other = one.zoomed(after - before, at)
    week = 7 * 1440
    assert other.zoom is ZOOMS[after]
    assert 0 <= one.moment(at) - other.moment(at) < week


def test_zooming_ends_at_the_ends() -> None:
    assert scale(0).zoomed(-1, 0).zoom is DAY
    assert scale(4).zoomed(1, 0).zoom is YEAR


@given(st.integers(0, 4), st.integers(0, 4_000), st.integers(0, 60 * 24 * 400))
def test_later_never_stands_further_left(zoom: int, days: int, minutes: int) -> None:
    one = Scale(ZOOMS[zoom], moment(MONDAY), 80, office())
    when = moment(MONDAY) + days * 1440 + 617
    assert one.eighth(when) <= one.eighth(when + minutes)


@pytest.mark.parametrize(
    ("step", "by", "to"),
    [
        ("hour", 3, date(2027, 1, 31)),
        ("day", -1, date(2027, 1, 30)),
        ("week", 2, date(2027, 2, 14)),
        ("month", 1, date(2027, 2, 28)),
        ("quarter", -1, date(2026, 10, 31)),
    ],
)
def test_steps(step: Step, by: int, to: date) -> None:
    assert stepped(date(2027, 1, 31), step, by) == to


def test_today_stands_at_a_sixth_of_the_width() -> None:
    assert Scale.around(date(2026, 11, 25), WEEK, 60, office()).cell(moment(date(2026, 11, 25))) == 10
    assert MONTH.pan
    assert QUARTER.pan
