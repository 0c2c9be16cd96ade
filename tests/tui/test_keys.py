from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from planner.errors import ConfigError
from tui.keys import (
    BOARD,
    EVERYWHERE,
    KEYS,
    PAST,
    REASONS,
    VIEWS,
    Key,
    bindings,
    conflicts,
    markdown_table,
    remapped,
    stroke,
)

DOWN = Key("move.down", ("j",), "cursor('down')", "Down", "move")


def test_our_own_table_has_no_conflict_and_no_id_twice() -> None:
    assert conflicts() == []
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_every_row_is_whole() -> None:
    for key in KEYS:
        assert all((key.keys, key.action, key.help, key.group, key.where))
        assert key.where <= EVERYWHERE | PAST
        assert key.needs in {"", *REASONS}


def test_one_chord_with_two_meanings_is_a_conflict_only_where_both_live() -> None:
    other = Key("join", ("j",), "join", "Join", "item", BOARD)
    assert conflicts((DOWN, other)) == ["j means both move.down and join (board)"]
    assert conflicts((DOWN, replace(other, where=frozenset({"detail"})))) == []


def test_a_chord_that_begins_with_a_bound_one_never_fires() -> None:
    top = Key("top", ("g g",), "top", "Top", "move", BOARD)
    go = Key("go", ("g",), "go", "Go", "move", BOARD)
    assert conflicts((top, go)) == ["g g (top) never fires: g already means go (board)"]


def test_a_key_must_have_one_chord_that_every_terminal_sends() -> None:
    assert conflicts((replace(DOWN, keys=("ctrl+enter",)),)) == [
        "move.down: no terminal can be trusted to send ctrl+enter"
    ]
    assert conflicts((replace(DOWN, keys=("ctrl+enter", "enter")),)) == []


def test_bindings_are_those_of_the_context() -> None:
    assert bindings("board")["g b"].action == "view('board')"
    assert bindings("board")["L"].id == "arrange.right"
    assert bindings("agenda")["L"].id == "time.later"
    assert "J" not in bindings("list")


def test_remapping_replaces_switches_off_and_refuses_unknown_ids() -> None:
    table = remapped({"move.down": ("ctrl+n", "down"), "item.archive": ()})
    assert bindings("list", table)["ctrl+n"].id == "move.down"
    assert "j" not in bindings("list", table)
    assert "D" not in bindings("list", table)
    with pytest.raises(ConfigError, match=r"move\.sideways"):
        remapped({"move.sideways": ("n",)})


def test_remapping_onto_a_taken_key_is_found() -> None:
    found = conflicts(remapped({"move.down": ("x",)}))
    assert found == [f"x means both move.down and item.done ({context})" for context in sorted(VIEWS)]


@pytest.mark.parametrize(
    ("key", "character", "expected"),
    [
        ("j", "j", "j"),
        ("G", "G", "G"),
        ("question_mark", "?", "?"),
        ("shift+question_mark", "?", "?"),
        ("plus", "+", "+"),
        ("space", " ", "space"),
        ("enter", "\r", "enter"),
        ("ctrl+d", "\x04", "ctrl+d"),
        ("alt+j", "j", "alt+j"),
        ("down", None, "down"),
    ],
)
def test_a_stroke_is_called_what_the_keycap_says(key: str, character: str | None, expected: str) -> None:
    assert stroke(key, character) == expected


def test_the_manual_has_one_row_a_key() -> None:
    table = markdown_table()
    assert len(table.splitlines()) == len(KEYS) + 2
    assert "| move | `j` `down` | Next one below | views | move.down |\n" in table
    assert "| arrange | `\\` | Choose lanes or groups | board, list | arrange.lanes |\n" in table


def test_the_table_needs_no_textual() -> None:
    program = "import sys, tui.keys, tui.chords, tui.layout; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
