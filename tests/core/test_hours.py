from __future__ import annotations

from datetime import date

import pytest

from planner.core.hours import DEFAULT_HOURS, SpecialDay, parse_hours, parse_special, read_special
from planner.core.values import DateRange

DAY = 1440


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Mon 09:00-10:00", ((540, 600),)),
        ("mon,tue 9:00-10:00", ((540, 600), (DAY + 540, DAY + 600))),
        ("Monday-Tuesday 09:00-10:00, Wed 11:00-12:00", ((540, 600), (DAY + 540, DAY + 600), (2 * DAY + 660, 2 * DAY + 720))),
        ("Sun-Mon 00:00-24:00", ((0, DAY), (6 * DAY, 7 * DAY))),
        ("Sun 22:00-06:00", ((0, 360), (6 * DAY + 1320, 7 * DAY))),
        ("Mon 13:00-14:00 09:00-10:00", ((540, 600), (780, 840))),
    ],
)  # fmt: skip
def test_hours_of_a_week(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(text) == spans


def test_the_hours_of_a_vault_that_says_nothing() -> None:
    assert parse_hours("Mon-Fri 09:00-12:00 13:00-18:00") == DEFAULT_HOURS.week
    assert (DEFAULT_HOURS.minutes, DEFAULT_HOURS.days) == (2400, 5)


@pytest.mark.parametrize(
    "text",
    [
        "", "Mon", "09:00-10:00", "Mon-Fri", "Foo 09:00-10:00", "Mon 09:00", "Mon 9-10", "Mon 25:00-26:00",
        "Mon 09:00-09:00", "Mon 09:60-10:00", "Mon 09:00-11:00 10:00-12:00", "Mon 22:00-06:00, Tue 05:00-07:00",
    ],
)  # fmt: skip
def test_what_is_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match="expected working hours"):
        parse_hours(text)


def test_special_days() -> None:
    christmas = DateRange(date(2026, 12, 25), date(2026, 12, 25))
    assert parse_special("2026-12-25") == read_special(date(2026, 12, 25)) == SpecialDay(christmas)
    assert parse_special("2026-12-25 09:00-12:00") == SpecialDay(christmas, ((540, 720),))
    assert parse_special("2026-12-25..2027-01-01").days.end == date(2027, 1, 1)


@pytest.mark.parametrize(
    "value", ["", "christmas", "2026-13-01", "2026-12-25 22:00-06:00", 5, "2026-12-26..2026-12-25"]
)
def test_what_is_no_day_off(value: object) -> None:
    with pytest.raises(ValueError, match="expected a day off"):
        read_special(value)
