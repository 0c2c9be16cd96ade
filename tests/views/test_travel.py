from __future__ import annotations

from datetime import UTC, datetime

import pytest

from planner.views.travel import Stop, stepped, track, walked


def stops(*days: str) -> list[Stop]:
    """A stop for each `DAY` or `DAY HOUR` of November."""
    made = []
    for number, text in enumerate(days):
        day, _, hour = text.partition(" ")
        made.append(Stop(f"c{number}", datetime(2026, 11, int(day), int(hour or 12), tzinfo=UTC), "ana", "s"))
    return made


WAY = stops("1", "3 9", "3 15", "4", "11", "12")


def test_a_step_ends_at_the_ends() -> None:
    assert [stepped(WAY, 2, by) for by in (-1, 1, -9, 9)] == [1, 3, 0, 5]


@pytest.mark.parametrize(
    ("at", "days", "there"),
    [
        (5, -1, 4),  # the day before
        (4, -1, 3),  # no commit that day: the nearest before
        (3, -1, 2),  # the last one of the day
        (2, -1, 0),
        (0, -1, 0),
        (5, -7, 3),
        (0, 1, 2),  # nothing the next day: on to the next day with one, its last
        (2, 1, 3),
        (3, 7, 4),
        (5, 1, 5),
        (1, 7, 3),
        (1, -999_999_999, 0),
        (1, 999_999_999, 5),
    ],
)
def test_days_are_walked_over_to_the_last_commit_of_one(at: int, days: int, there: int) -> None:
    assert walked(WAY, at, days) == there


def test_a_clock_that_was_wrong_stops_nobody() -> None:
    way = stops("5", "2", "6")
    assert walked(way, 0, 1) == 2
    assert walked(way, 2, -1) == 1
    assert walked(way, 1, -1) == 0


def test_the_line_shows_commits_where_they_are_in_time() -> None:
    way = stops("1", "2", "11")
    assert track(way, 0, 11) == "●•────────•"
    assert track(way, 1, 11) == "•●────────•"
    assert track(way, 2, 11) == "••────────●"
    assert track(way, 1, 0) == ""
    assert track(stops("1"), 0, 5) == "────●"
    assert track(stops("5", "1"), 0, 3) == "──●"
