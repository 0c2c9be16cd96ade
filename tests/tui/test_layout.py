from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.layout import ColumnLayout, Lane, Rect, Slot, Stack, open_columns, spans

LAWS = int(os.environ.get("PLANNER_LAWS", "1"))


def board(*columns: str, width: int = 80) -> ColumnLayout:
    """One lane; each letter is a card of three lines."""
    return ColumnLayout.of(Stack.of([Lane([[(key, 3) for key in keys] for keys in columns])], len(columns)), width)


def laned(folded: bool = False, width: int = 80) -> ColumnLayout:
    """Two lanes with headings: Sync (ab | c), Ops (d | ef)."""
    sync = Lane([[("a", 2), ("b", 2)], [("c", 2)]], head="Sync", folded=folded)
    ops = Lane([[("d", 2)], [("e", 2), ("f", 2)]], head="Ops")
    return ColumnLayout.of(Stack.of([sync, ops], 2), width)


@pytest.mark.parametrize(
    ("width", "count", "opened"),
    [
        (40, 5, 1),
        (59, 5, 1),
        (60, 5, 3),
        (80, 4, 3),
        (99, 9, 3),
        (100, 4, 4),
        (100, 5, 4),
        (119, 5, 5),
        (240, 9, 9),
        (80, 2, 2),
        (80, 0, 0),
        (100, 40, 3),
    ],
)
def test_how_many_columns_are_open(width: int, count: int, opened: int) -> None:
    assert open_columns(width, count) == opened


def test_eighty_cells_show_three_columns_and_a_spine_as_in_the_sketch() -> None:
    assert [(s.column, s.x, s.width, s.is_open) for s in spans(80, 4, 0)] == [
        (0, 0, 25, True),
        (1, 26, 25, True),
        (2, 52, 25, True),
        (3, 78, 2, False),
    ]


def test_one_column_takes_a_narrow_screen_whole() -> None:
    assert [(s.column, s.x, s.width) for s in spans(40, 5, 2)] == [(2, 0, 40)]


@settings(max_examples=200 * LAWS, deadline=None)
@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 39))
def test_spans_use_up_the_width_exactly_and_open_columns_stay_wide_enough(width: int, count: int, first: int) -> None:
    layout = ColumnLayout.of(Stack.of([], count), width, first)
    shown = layout.spans
    assert sum(s.width for s in shown) + len(shown) - 1 == width
    assert [s.x for s in shown[1:]] == [s.x + s.width + 1 for s in shown[:-1]]
    assert sum(s.is_open for s in shown) == open_columns(width, count)
    assert all(s.width >= 19 for s in shown if s.is_open and width >= 60)
    assert all(s.width == 2 for s in shown if not s.is_open)


def test_hidden_columns_beyond_the_spines_open_when_the_cursor_goes_there() -> None:
    layout = board(*"abcdefghijklmnop")
    assert [s.column for s in layout.spans] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    slid = layout.revealing("p")
    assert [s.column for s in slid.spans if s.is_open] == [13, 14, 15]
    assert slid.revealing("o") is slid
    assert slid.revealing("a").first == 0


def test_places_and_hits_agree() -> None:
    layout = board("abc", "de", "", "f")
    assert layout.place("e") == Rect(26, 3, 25, 3)
    assert layout.height == 9
    for key in layout.reading_order():
        place = layout.place(key)
        assert place is not None
        assert layout.hit(place.x, place.y) == layout.hit(place.x + place.width - 1, place.bottom - 1) == key
    assert layout.hit(26, 6) is None
    assert layout.hit(25, 0) is None
    assert layout.hit(78, 8) == "f"


def test_up_and_down_stay_in_the_column() -> None:
    layout = board("abc", "de")
    assert [layout.neighbour(key, "down", 0, 0) for key in "abcde"] == ["b", "c", None, "e", None]
    assert [layout.neighbour(key, "up", 0, 0) for key in "abcde"] == [None, "a", "b", None, "d"]
    assert layout.neighbour("b", "last", 0, 0) == "c"
    assert layout.neighbour("e", "first", 0, 0) == "d"


def test_sideways_keeps_the_line_and_passes_empty_columns() -> None:
    layout = board("abc", "de", "", "fgh")
    assert layout.neighbour("a", "right", 0, 0) == "d"
    assert layout.neighbour("c", "right", 0, 6) == "e"
    assert layout.neighbour("e", "right", 26, 6) == "h"
    assert layout.neighbour("h", "left", 0, 6) == "e"
    assert layout.neighbour("a", "left", 0, 0) is None
    assert layout.neighbour("f", "right", 0, 0) is None


def test_headings_are_slots_between_the_lanes_of_a_column() -> None:
    layout = laned()
    assert layout.place("Ops") == Rect(0, 5, 80, 1)
    down: list[Slot] = ["Sync"]
    while (below := layout.neighbour(down[-1], "down", 45, 0)) is not None:
        down.append(below)
    assert down == ["Sync", "c", "Ops", "e", "f"]
    assert layout.neighbour("Ops", "up", 0, 5) == "b"
    assert layout.neighbour("f", "first", 45, 0) == "Sync"
    assert layout.neighbour("Ops", "left", 0, 5) is None
    assert not layout.markable("Ops")


def test_a_folded_lane_is_its_heading_but_its_cards_are_still_known() -> None:
    layout = laned(folded=True)
    assert layout.place("a") is None
    assert "a" in layout
    assert "z" not in layout
    assert layout.neighbour("Sync", "down", 0, 0) == "Ops"
    assert list(layout.reading_order()) == ["d", "e", "f"]
    assert layout.neighbour("a", "down", 0, 0) == "Sync"


def test_the_nearest_slot_is_looked_for_in_the_own_column_first() -> None:
    layout = board("abc", "d", "")
    assert layout.nearest(27, 99) == "d"
    assert layout.nearest(0, 4) == "b"
    assert layout.nearest(60, 0) == "d"
    assert layout.nearest(0, -5) == "a"
    assert board("", "").nearest(0, 0) is None


def test_between_is_the_block_spanned_by_two_slots() -> None:
    layout = board("abc", "de", "fgh")
    assert layout.between("a", "b") == ["a", "b"]
    assert layout.between("b", "a") == ["a", "b"]
    assert layout.between("b", "h") == ["b", "c", "e", "g", "h"]
    assert laned().between("Sync", "Ops") == ["a", "b", "c"]


def test_a_row_tells_what_to_draw() -> None:
    pieces = [(p.column, p.key, p.line) for p in board("abc", "d", "", "f").row(4)]
    assert pieces == [(0, "b", 1), (1, None, 0), (2, None, 0), (3, None, 0)]
    assert [(p.column, p.key, p.width) for p in laned().row(5)] == [(Stack.HEAD, "Ops", 80)]


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        board("ab", "ca")


def test_a_new_stack_and_a_new_width_keep_the_slide() -> None:
    slid = board("a", "b", "c", "d", "e").revealing("e")
    assert slid.first == 2
    assert slid.restacked(board("a", "b", "c", "d", "e", "f").stack).first == 2
    assert slid.resized(40).revealing("e").first == 4
    assert slid.resized(80) is slid


@settings(max_examples=100 * LAWS, deadline=None)
@given(st.lists(st.lists(st.integers(1, 4), max_size=6), min_size=1, max_size=6), st.integers(30, 200))
def test_going_down_visits_every_card_of_a_column_and_up_goes_back(heights: list[list[int]], width: int) -> None:
    columns = [[((c, i), h) for i, h in enumerate(column)] for c, column in enumerate(heights)]
    layout = ColumnLayout.of(Stack.of([Lane(columns)], len(columns)), width)
    for column in columns:
        keys = [key for key, _ in column]
        assert [layout.neighbour(key, "down", 0, 0) for key in keys] == [*keys[1:], None][: len(keys)]
        assert [layout.neighbour(key, "up", 0, 0) for key in keys] == [None, *keys[:-1]][: len(keys)]
