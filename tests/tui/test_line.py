"""The line of input given a text that holds what a terminal obeys: drawn as pictures, kept as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets.input import Selection

from planner.core.display import display_text
from tests.tui.test_app import CONFIG, commits, home, make, on, running, screen, task, until
from tests.tui.test_text import PAYLOADS, screen_text
from tui.widgets.line import TextLine

__all__ = ["home"]

FORBIDDEN = "\x1b\x07\x9b\u202e\udce9\t"
HIDDEN = [*PAYLOADS, "tab\there", "z" + "\u0301" * 30 + "end", "\x1b\u202e"]


class Holder(App[None]):
    """One line with a text in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        yield TextLine(self.text)

    @property
    def line(self) -> TextLine:
        return self.query_one(TextLine)


def reversed_text(line: TextLine, style: str) -> str:
    """What is drawn in a style of the line: its cursor, or what is chosen."""
    wanted = line.get_component_rich_style(style)
    drawn = [
        piece for piece in line.render_line(0) if piece.style is not None and piece.style.bgcolor == wanted.bgcolor
    ]
    return "".join(piece.text for piece in drawn)


async def test_a_text_set_by_the_program_is_drawn_as_pictures_and_kept() -> None:
    app = Holder(HIDDEN[0])
    async with app.run_test(size=(120, 5)) as pilot:
        for text in HIDDEN:
            assert display_text(app.text) in screen_text(app)
            app.line.value = app.text = text
            await pilot.pause()
            shown = screen_text(app)
            assert display_text(text) in shown
            assert not set(FORBIDDEN) & set(shown)
            assert app.line.value == text


async def test_cursor_choice_and_clicks_go_by_characters_of_the_text() -> None:
    app = Holder("a\u202e\x1bz")
    async with app.run_test(size=(40, 5)) as pilot:
        line = app.line
        line.focus()
        await pilot.pause()
        line.cursor_blink = False
        for position, under in enumerate(["a", "‹U+202E›", "␛", "z", " "]):
            line.cursor_position = position
            assert reversed_text(line, "input--cursor") == under
        line.selection = Selection(1, 3)
        assert reversed_text(line, "input--selection") + reversed_text(line, "input--cursor") == "‹U+202E›␛z"
        for cell, position in [(0, 0), (1, 1), (8, 1), (9, 2), (10, 3), (11, 4), (30, 4)]:
            await pilot.click(TextLine, offset=(cell, 0))
            assert line.cursor_position == position
        line.cursor_position = 2
        await pilot.press("backspace", "x")
        assert line.value == "ax\x1bz"


async def test_a_line_longer_than_its_place_is_moved_by_what_is_drawn() -> None:
    app = Holder("\u202e" * 20 + "end")
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("home", "end")
        await pilot.pause()
        assert screen_text(app).split("\n")[0].rstrip().endswith("›end")
        await pilot.press("home")
        await pilot.pause()
        assert screen_text(app).startswith("‹U+202E›‹U+202E›")


@pytest.mark.usefixtures("home")
async def test_a_title_with_control_characters_is_edited_without_losing_them(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    make(folder, {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "red \\e[31m \\u2028\\u202e")})
    async with running(folder) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("i")
        await pilot.pause()
        assert "red ␛[31m ‹U+2028›‹U+202E›" in screen(app)
        assert "\x1b" not in screen(app)
        await pilot.press(*" on", "enter")
        await until(pilot, lambda: commits(folder) == 2)
        assert app.session.vault.find("aaa111").title == "red \x1b[31m \u2028\u202e on"


BURSTS = [
    ("x y backspace z left w enter", "xwz"),
    ("ctrl+u a b home c end d enter", "cabd"),
    ("a b c left left delete d enter", "adc"),
    ("b space # w e tab backspace backspace f enter", "b"),
]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("strokes", "title"), BURSTS)
async def test_keys_that_come_at_once_act_in_the_order_they_were_typed(
    tmp_path: Path, strokes: str, title: str
) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    make(folder, {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "Alpha")})
    async with running(folder) as (app, pilot):
        for name in ["a", *strokes.split(), "3"]:
            char = {"space": " ", "enter": "\r", "tab": "\t"}.get(name, name if len(name) == 1 else None)
            app.post_message(events.Key(name, char))
        await until(pilot, lambda: commits(folder) == 2)
        assert [item.title for item in app.session.vault.items if item.id != "aaa111"] == [title]
