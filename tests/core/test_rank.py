from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.rank import DIGITS, rank_between, ranks_between

LAWS = int(os.environ.get("PLANNER_LAWS", "1"))


@pytest.mark.parametrize(
    ("before", "after", "rank"),
    [
        (None, None, "a0"),
        ("a0", None, "a1"),
        ("a9", None, "aA"),
        ("az", None, "b00"),
        ("b0z", None, "b10"),
        ("Zz", None, "a0"),
        ("Y01", None, "Y02"),
        ("Yzz", None, "Z0"),
        ("a0V", None, "a1"),
        (None, "a0", "Zz"),
        (None, "Z0", "Yzz"),
        (None, "a1", "a0"),
        (None, "b00", "az"),
        (None, "a0V", "a0"),
        ("a0", "a1", "a0V"),
        ("a0", "a0V", "a0G"),
        ("a0V", "a1", "a0l"),
        ("a0", "a2", "a1"),
        ("Zz", "a0", "ZzV"),
        ("Zz", "a1", "a0"),
        ("a0", "a0001", "a0000V"),
        ("a1z", "a2V", "a2"),
    ],
)
def test_ranks_as_other_programs_write_them(before: str | None, after: str | None, rank: str) -> None:
    assert rank_between(before, after) == rank


def test_the_last_integers_still_have_a_neighbour() -> None:
    top, bottom = "z" * 27, "A" + "0" * 26
    assert rank_between(top, None) > top
    assert rank_between(None, bottom) < bottom


@pytest.mark.parametrize(("before", "after"), [("a1", "a0"), ("a0", "a0"), ("5", "50"), ("x", "x000"), ("a", "a-")])
def test_no_room_is_said(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"no rank fits|no digit"):
        rank_between(before, after)


@pytest.mark.parametrize(
    ("before", "after"), [("1", "2"), ("0001", "0002"), ("é", None), (None, "banana"), ("1", "a0")]
)
def test_ranks_written_by_hand_work_too(before: str | None, after: str | None) -> None:
    rank = rank_between(before, after)
    assert (before or "") < rank
    assert after is None or rank < after


@settings(max_examples=50 * LAWS, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=60))
def test_any_order_of_insertions_keeps_the_order(places: list[int]) -> None:
    ranks: list[str] = []
    for place in places:
        at = place % (len(ranks) + 1)
        before = ranks[at - 1] if at else None
        after = ranks[at] if at < len(ranks) else None
        ranks.insert(at, rank_between(before, after))
    assert ranks == sorted(set(ranks))
    assert all(len(rank) <= 2 + len(places) for rank in ranks)


@settings(max_examples=200 * LAWS, deadline=None)
@given(st.text(DIGITS, min_size=1, max_size=8), st.text(DIGITS, min_size=1, max_size=8))
def test_a_rank_lies_between_or_there_is_no_room(one: str, other: str) -> None:
    before, after = sorted((one, other))
    try:
        rank = rank_between(before, after)
    except ValueError:
        assert after.removeprefix(before).strip("0") == ""
    else:
        assert before < rank < after


def test_a_hundred_appended_cards_have_short_ranks() -> None:
    rank = rank_between(None, None)
    for _ in range(100):
        rank = rank_between(rank, None)
    assert len(rank) == 3


@pytest.mark.parametrize(("before", "after"), [(None, None), ("a0", "a1"), (None, "a0"), ("a5", None)])
def test_many_ranks_at_once(before: str | None, after: str | None) -> None:
    ranks = ranks_between(before, after, 9)
    assert len(ranks) == 9
    assert list(ranks) == sorted(set(ranks))
    assert before is None or before < ranks[0]
    assert after is None or ranks[-1] < after
    assert ranks_between(before, after, 0) == ()
