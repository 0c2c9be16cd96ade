from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from tui.text import cells, content, pasted, segment

PAYLOADS = [
    "[@click=app.boom]x[/]",
    "a [/nope] b",
    "[b + 3",
    "[link=file:///etc/passwd]x[/link]",
    "[bold]x[/bold]",
    "\\[escaped]",
    "[@click=app.boom('x')]",
    "[$error on $warning]x",
    "\x1b[31mred\x1b]52;c;eA==\x07",
    "\x9b31m",
    "user\u202etxt.exe",
    "caf\udce9",
]


class Sinks(App[None]):
    """One text in every kind of place that takes content."""

    fired = False

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def action_boom(self, *_: str) -> None:
        self.fired = True

    def compose(self) -> ComposeResult:
        yield Static(content(self.text), id="static")
        yield Label(content(self.text, "bold"), id="label")
        yield OptionList(Option(content(self.text)), id="options")
        framed = Static(content("framed"), id="framed")
        framed.styles.border = ("solid", "red")
        framed.border_title = content(self.text)
        framed.tooltip = content(self.text)
        yield framed


def screen_text(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("text", PAYLOADS)
async def test_text_is_shown_as_typed_and_does_nothing_when_clicked(text: str) -> None:
    app = Sinks(text)
    async with app.run_test(size=(80, 24)) as pilot:
        for sink in ("#static", "#label", "#options", "#framed"):
            await pilot.click(sink, offset=(0, 0))
        screen = screen_text(app)
        assert screen.count(content(text).plain) >= 4
        assert not any(character in screen for character in "\x1b\x07\x9b\u202e\udce9")
        assert not app.fired


def test_content_is_made_visible_and_keeps_lines_only_if_asked() -> None:
    assert content("a\nb\x1b").plain == "a␊b␛"
    assert content("a\nb\x1b", multiline=True).plain == "a\nb␛"


def test_content_takes_our_own_style_only() -> None:
    (span,) = content("[b]x", "bold").spans
    assert (span.start, span.end, span.style) == (0, 4, "bold")
    assert content("[b]x").spans == []


@pytest.mark.parametrize("text", [*PAYLOADS, "漢字" * 9, "שלום", "ab"])
@pytest.mark.parametrize("width", [0, 1, 7, 40])
def test_cells_are_exact(text: str, width: int) -> None:
    assert cell_len(cells(text, width).text) == width


def test_a_segment_is_isolated_if_it_runs_right_to_left() -> None:
    assert segment("שלום").text == "\u2068שלום\u2069"
    assert segment("plain\x07").text == "plain␇"


def test_what_is_pasted_is_as_if_typed() -> None:
    assert pasted("a\tb\r\nc\rd\x1b[31m\x00\x9b\x07 漢 é") == "a b\nc\nd[31m 漢 é"
