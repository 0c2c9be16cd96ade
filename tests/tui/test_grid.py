from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tui.chords import Match, Resolver
from tui.keys import bindings, stroke
from tui.layout import ColumnLayout, Lane, Slot, Stack
from tui.text import cells
from tui.widgets.grid import Grid
from tui.widgets.paint import Paint
from tui.widgets.sheet import KEPT_LINES

CARD = 3
SCREEN = 24


class Cards:
    """Columns of cards, each the title over its key over a blank line: the smallest renderer there can be."""

    header_height = 2

    def __init__(self, lanes: Sequence[Lane], columns: int, before: Cards | None = None) -> None:
        stack = Stack.of(lanes, columns)
        self._now: ColumnLayout = before._now.restacked(stack) if before else ColumnLayout.of(stack, 0)
        self.titles: dict[Slot, str] = {}
        self.lines_drawn = 0

    def layout(self, width: int, height: int, cursor: Slot | None) -> ColumnLayout:
        self._now = self._now.resized(width).revealing(cursor)
        return self._now

    def header(self, y: int, paint: Paint) -> Strip:
        return Strip(
            [cells(f"column {span.column}" if y == 0 else "─" * 99, span.width + 1) for span in self._now.spans]
        )

    def line(self, y: int, paint: Paint) -> Strip:
        self.lines_drawn += 1
        segments = []
        for piece in self._now.row(y):
            text = ("* " if piece.key in paint.marks else "  ") + self.titles.get(piece.key, f"card {piece.key}")
            shown = text if piece.key is not None and piece.line == 0 else ""
            segments += [
                cells(shown, piece.width, paint.ink("cursor") if piece.key == paint.cursor else None),
                cells("│", 1),
            ]
        return Strip(segments)

    def footer_height(self, height: int) -> int:
        return 1 if height > SCREEN else 0

    def footer(self, y: int, height: int, paint: Paint) -> Strip:
        return Strip([cells(f"below line {y} of {height}", paint.width)])


class Host(App[None]):
    """A grid with the real key table before it, and a record of what it said."""

    def __init__(self, renderer: Cards) -> None:
        super().__init__()
        self.grid = Grid(renderer)
        self.resolver = Resolver(bindings("board"))
        self.said: list[tuple[str, object]] = []

    def compose(self) -> ComposeResult:
        yield self.grid

    async def on_key(self, event: events.Key) -> None:
        result = self.resolver.press(stroke(event.key, event.character))
        if isinstance(result, Match):
            await self.run_action(result.binding.action, self.grid)

    def on_grid_moved(self, message: Grid.Moved) -> None:
        self.said.append(("moved", message.key))

    def on_grid_opened(self, message: Grid.Opened) -> None:
        self.said.append(("opened", message.key))

    def on_grid_clicked(self, message: Grid.Clicked) -> None:
        self.said.append(("clicked", message.key))

    def on_grid_marked(self, message: Grid.Marked) -> None:
        self.said.append(("marked", message.marks))


def cards(*columns: Sequence[Slot], before: Cards | None = None) -> Cards:
    return Cards([Lane([[(key, CARD) for key in keys] for keys in columns])], len(columns), before)


def shown(grid: Grid) -> list[str]:
    return [grid.render_line(y).text for y in range(grid.size.height)]


def at(app: Host) -> Slot | None:
    return app.grid.cursor


async def settle(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def many() -> Cards:
    """Fifty thousand cards in five columns."""
    return cards(*(range(column * 10_000, (column + 1) * 10_000) for column in range(5)))


async def test_the_first_slot_has_the_cursor_and_the_header_is_frozen() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        assert at(app) == 0
        assert shown(app.grid)[0].startswith("column 0")
        assert shown(app.grid)[2].startswith("  card 0 ")
        await settle(pilot, "G")
        assert at(app) == 9_999
        assert shown(app.grid)[0].startswith("column 0")
        assert shown(app.grid)[-CARD].startswith("  card 9999 ")
        await settle(pilot, "g", "g")
        assert at(app) == 0
        assert app.grid.scroll_offset.y == 0


@pytest.mark.parametrize("keys", [["j"], ["G"], ["l"], ["pagedown"], ["ctrl+d"], ["space"], ["j"] * 8])
async def test_a_key_among_fifty_thousand_cards_draws_a_screen_at_most(keys: list[str]) -> None:
    renderer = many()
    app = Host(renderer)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        for key in keys:
            await pilot.pause()
            renderer.lines_drawn = 0
            await settle(pilot, key)
            assert 0 < renderer.lines_drawn <= 2 * SCREEN


async def test_a_move_without_scrolling_draws_only_two_cards() -> None:
    renderer = many()
    app = Host(renderer)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await pilot.pause()
        renderer.lines_drawn = 0
        await settle(pilot, "j")
        assert renderer.lines_drawn == 2 * CARD


async def test_the_cursor_stays_in_view_wherever_it_goes() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        for key in ["j"] * 9 + ["ctrl+d", "pagedown", "l", "l", "l", "ctrl+u", "pageup", "k", "G", "h"]:
            await settle(pilot, key)
            assert f"card {app.grid.cursor} " in "\n".join(shown(app.grid))


def segments(strip: Strip) -> list[tuple[str, str]]:
    return [(segment.text, str(segment.style)) for segment in strip.simplify()]


async def test_what_is_on_the_screen_is_never_stale() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        for key in [*"jjkl", "space", *"jvjjlv", "ctrl+d", "k", "G", *"hhh", "pageup", "*", *"llll", "k"]:
            await settle(pilot, key)
            painted = [segments(strip) for strip in app.screen._compositor.render_strips()]
            app.grid._drawn.clear()  # what is kept of lines drawn before is not asked
            assert painted == [segments(app.grid.render_line(y)) for y in range(SCREEN)]


async def test_a_scroll_draws_the_lines_that_come_into_view_and_two_cards() -> None:
    renderer = many()
    app = Host(renderer)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, *"jjjjjjj")
        assert app.grid.scroll_offset.y > 0
        renderer.lines_drawn = 0
        await settle(pilot, "j")
        assert renderer.lines_drawn == 2 * CARD  # the new one is one of the two


async def test_lines_drawn_before_are_forgotten_one_day() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        for _ in range(40):
            await settle(pilot, "pagedown")
        assert len(app.grid._drawn) <= KEPT_LINES + SCREEN


async def test_pages_move_by_screens() -> None:
    app = Host(cards(range(100)))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "pagedown")
        assert at(app) == 7
        await settle(pilot, "ctrl+d")
        assert at(app) == 10
        await settle(pilot, "ctrl+u", "pageup")
        assert at(app) == 0


async def test_sideways_keeps_the_line_across_a_short_column() -> None:
    app = Host(cards(range(50), ["x"], range(100, 150)))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, *"jjjj", "l")
        assert at(app) == "x"
        await settle(pilot, "l")
        assert at(app) == 104


async def test_a_column_beyond_the_width_opens_when_the_cursor_goes_there() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        assert "column 3" not in shown(app.grid)[0]
        await settle(pilot, *"lll")
        assert at(app) == 30_000
        assert "column 3" in shown(app.grid)[0]
        assert "column 0" not in shown(app.grid)[0]


async def test_every_line_is_exactly_as_wide_as_the_grid_also_with_wide_characters() -> None:
    renderer = cards(range(5), range(10, 12), range(20, 29))
    renderer.titles = {
        0: "漢字" * 20,
        1: "👨\u200d👩\u200d👧 family " * 9,
        2: "שלום עולם " * 9,
        10: "x\x1b[31m\u202e" * 9,
    }
    for width in (39, 40, 61, 80, 81, 121):
        app = Host(renderer)
        async with app.run_test(size=(width, SCREEN)):
            assert {cell_len(line) for line in shown(app.grid)} == {width}
            assert "\x1b" not in "".join(shown(app.grid))


async def test_the_view_below_the_page_is_drawn_too() -> None:
    app = Host(cards("a", "b"))
    async with app.run_test(size=(80, SCREEN)):
        assert "│" in shown(app.grid)[-1]


async def test_no_segment_is_without_background() -> None:
    app = Host(cards("ab", "c"))
    async with app.run_test(size=(80, SCREEN)):
        for y in range(SCREEN):
            assert all(segment.style and segment.style.bgcolor for segment in app.grid.render_line(y))


async def test_marks_survive_a_changed_page_and_those_of_gone_slots_go() -> None:
    before = cards("abc", "de")
    app = Host(before)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "space", "j", "space", "l", "space")
        assert app.grid.marks == {"a", "b", "e"}
        app.grid.show(cards("c", "dea", before=before))
        await pilot.pause()
        assert app.grid.marks == {"a", "e"}
        assert at(app) == "e"
        assert app.grid.targets == ["e", "a"]
        assert app.said[-1] == ("marked", frozenset("ae"))


async def test_the_cursor_stays_on_its_slot_when_others_come_and_go() -> None:
    before = cards(range(50), range(100, 103))
    app = Host(before)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, *"jjj")
        app.grid.show(cards([*range(-40, 3), *range(4, 50)], [100, 3, 101], before=before))
        await pilot.pause()
        assert at(app) == 3
        assert "card 3 " in "\n".join(shown(app.grid))


async def test_a_vanished_slot_gives_the_cursor_to_its_neighbour() -> None:
    before = cards("abcd", "ef")
    app = Host(before)
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "j", "j")
        app.grid.show(cards("abd", "ef", before=before))
        await pilot.pause()
        assert at(app) == "d"
        app.grid.show(cards("ab", "ef", before=before))
        await pilot.pause()
        assert at(app) == "b"
        app.grid.show(cards("", "", before=before))
        await pilot.pause()
        assert at(app) is None
        await settle(pilot, "j", "x", "enter", "space", "v", "*")
        assert app.grid.marks == frozenset()
        app.grid.show(before)
        await pilot.pause()
        assert at(app) == "b"


async def test_resizing_keeps_the_cursor_in_view() -> None:
    app = Host(many())
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot, *"jjjjjjjjjjjllll")
        assert at(app) == 40_011
        for size in ((40, 12), (80, 24), (240, 60), (30, 6)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert at(app) == 40_011
            assert "card 40011 " in "\n".join(shown(app.grid))


async def test_a_page_shown_where_there_is_no_room_is_not_drawn_by_the_layout_of_the_one_before() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await pilot.pause()
        app.grid.styles.height = 0
        await pilot.pause()
        assert not app.grid.size
        app.grid.show(many())
        assert not app.grid.render_line(0).text.strip()
        app.grid.styles.height = "1fr"
        await pilot.pause()
        assert app.grid.render_line(0).text.startswith("column 0")


async def test_a_range_follows_the_cursor_and_ends_with_its_marks_kept() -> None:
    app = Host(cards("abcde", "fg"))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "space", "j", "v", "j", "j")
        assert app.grid.marks == {"a", "b", "c", "d"}
        await settle(pilot, "k")
        assert app.grid.marks == {"a", "b", "c"}
        await settle(pilot, "v", "j", "j")
        assert app.grid.marks == {"a", "b", "c"}
        assert not app.grid.in_range


async def test_all_and_none() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "*")
        assert len(app.grid.marks) == 50_000
        app.grid.action_mark_none()
        assert app.grid.marks == frozenset()
        assert app.grid.targets == [0]


async def test_the_mouse_selects_opens_and_scrolls() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        app.said.clear()
        await pilot.click(Grid, offset=(30, 2 + CARD))
        assert at(app) == 10_001
        assert app.said == [("moved", 10_001), ("clicked", 10_001)]
        await pilot.click(Grid, offset=(3, 2), times=2)
        assert app.said[-1] == ("opened", 0)
        await pilot._post_mouse_events([events.MouseScrollDown], Grid, offset=(5, 5))  # Pilot has no wheel of its own
        await pilot.pause()
        assert app.grid.scroll_offset.y > 0
        assert at(app) == 0
        await settle(pilot, "k")
        assert app.grid.scroll_offset.y == 0


async def test_a_click_on_the_header_or_on_nothing_changes_nothing() -> None:
    app = Host(cards("a", "b"))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        app.said.clear()
        await pilot.click(Grid, offset=(3, 0))
        await pilot.click(Grid, offset=(3, 20))
        assert app.said == []


async def test_enter_asks_to_open_the_slot() -> None:
    app = Host(cards("ab"))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        await settle(pilot, "j", "enter")
        assert app.said[-2:] == [("moved", "b"), ("opened", "b")]


async def test_headings_of_lanes_are_passed_and_never_marked() -> None:
    lanes = [Lane([[("a", 2)], [("b", 2)]], head="Sync"), Lane([[("c", 2)], [("d", 2)]], head="Ops")]
    app = Host(Cards(lanes, 2))
    async with app.run_test(size=(80, SCREEN)) as pilot:
        assert at(app) == "Sync"
        await settle(pilot, "space", "j", "l")
        assert at(app) == "b"
        await settle(pilot, "j", "j")
        assert at(app) == "d"
        assert app.grid.marks == frozenset()


async def test_the_cursor_can_be_put_anywhere_by_key() -> None:
    app = Host(many())
    async with app.run_test(size=(80, SCREEN)) as pilot:
        app.grid.move_to(45_678)
        await pilot.pause()
        assert at(app) == 45_678
        assert "card 45678 " in "\n".join(shown(app.grid))
        app.grid.move_to("unknown")
        assert at(app) == 45_678
