from __future__ import annotations

from tui.catalog import CATALOG
from tui.chords import Match, Miss, Pending, Resolver
from tui.keys import bindings

BINDINGS = {"j": "down", "g g": "first", "g b": "board", "y": "yank", "escape": "none"}


def test_a_single_stroke_matches_at_once() -> None:
    assert Resolver(BINDINGS).press("j") == Match("j", "down")


def test_a_chord_waits_tells_its_options_and_then_matches() -> None:
    resolver = Resolver(BINDINGS)
    assert resolver.press("g") == Pending("g", {"g": "first", "b": "board"})
    assert resolver.begun == "g"
    assert resolver.press("b") == Match("g b", "board")
    assert resolver.begun == ""


def test_a_miss_forgets_what_was_begun() -> None:
    resolver = Resolver(BINDINGS)
    resolver.press("g")
    assert resolver.press("j") == Miss("g j")
    assert resolver.press("j") == Match("j", "down")
    assert resolver.press("Q") == Miss("Q")


def test_escape_within_a_chord_only_leaves_the_chord() -> None:
    resolver = Resolver(BINDINGS)
    resolver.press("g")
    assert resolver.press("escape") == Miss("g escape")
    assert resolver.press("escape") == Match("escape", "none")


def test_reset_forgets() -> None:
    resolver = Resolver(BINDINGS)
    resolver.press("g")
    resolver.reset()
    assert resolver.press("j") == Match("j", "down")


def test_three_strokes_go_step_by_step() -> None:
    resolver = Resolver({"g x y": 1, "g x z": 2})
    assert resolver.press("g") == Pending("g", {"x y": 1, "x z": 2})
    assert resolver.press("x") == Pending("g x", {"y": 1, "z": 2})
    assert resolver.press("z") == Match("g x z", 2)


def test_the_table_resolves_and_shows_its_options() -> None:
    resolver = Resolver(bindings("board"))
    pending = resolver.press("g")
    assert isinstance(pending, Pending)
    options = {stroke: key.help for stroke, key in pending.options.items()}
    assert options["g"] == "First one"
    assert options.items() >= {view.letter: view.title for view in CATALOG}.items()
