"""Sorting in runs says what sorting at once says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planner.core.turns import sorted_by_turns


class Apart:
    """Something that cannot be compared, as items cannot."""

    def __init__(self, place: int) -> None:
        self.place = place


@given(st.lists(st.integers(0, 9), max_size=60), st.booleans(), st.integers(1, 20))
def test_it_is_sorted_as_by_one_call_and_equal_ones_stay_as_they_came(
    places: list[int], reverse: bool, run: int
) -> None:
    items = [Apart(place) for place in places]
    expected = sorted(items, key=lambda item: item.place, reverse=reverse)
    assert sorted_by_turns(items, lambda item: item.place, reverse=reverse, run=run) == expected
