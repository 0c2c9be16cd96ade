from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from planner.core.display import cell_width, cut, display_text, fit, has_hidden, isolate, pictures

LAWS = int(os.environ.get("PLANNER_LAWS", "1"))
FAMILY = "👨\u200d👩\u200d👧"
RAINBOW = "🏳\ufe0f\u200d🌈"

AWKWARD = [
    "",
    "plain",
    "a\nb",
    "\t",
    "漢字 kana かな",
    "한국어",
    FAMILY,
    RAINBOW,
    "❤\ufe0f",
    "🇩🇪🇫🇷",
    "👍🏽 ok",
    "e\u0301" * 9,
]
AWKWARD += [
    "Z" + "\u0301" * 500,
    "שלום עולם",
    "می\u200cخواهم",
    "क्षि",
    "⊘ ☐2/5 ▌✓ ·…",
    "\u2068שלום\u2069",
    "caf\udce9",
    "\x1b[31m",
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\nb\tc\rd", "a␊b␉c␍d"),
        ("bell\x07 del\x7f", "bell␇ del␡"),
        ("\x9b31m", "‹U+009B›31m"),
        ("caf\udce9", "caf\ufffd"),
        ("a\u2028b\u2029c\x85d", "a‹U+2028›b‹U+2029›c‹U+0085›d"),
        ("user\u202etxt.exe", "user‹U+202E›txt.exe"),
        ("\u2066x\u2069\u200e\u200f", "‹U+2066›x‹U+2069›‹U+200E›‹U+200F›"),
        ("pay\u200bpal\u200dx\ufeff", "pay‹U+200B›pal‹U+200D›x‹U+FEFF›"),
        ("soft\xadhyphen", "soft‹U+00AD›hyphen"),
        ("tag\U000e0041", "tag‹U+E0041›"),
        ("a\ufe0f", "a‹U+FE0F›"),
        ("a\ufe0f\u200d😀", "a‹U+FE0F›‹U+200D›😀"),
        ("#\ufe0f hash", "#‹U+FE0F› hash"),
        ("\u3164filler", "‹U+3164›filler"),
    ],
)
def test_what_is_hidden_becomes_visible(text: str, shown: str) -> None:
    assert display_text(text) == shown


CLEAN = ["", "plain", "[@click=app.quit]x[/]", "naïve café", "漢字かな", "می\u200cخواهم", "שלום", FAMILY, RAINBOW]
CLEAN += ["❤\ufe0f 1\ufe0f\u20e3", "👍🏽 🇩🇪", "─" * 40, "e\u0301" * 20, "⊘☐▌✓", "क्षि"]


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_is_the_same_object(text: str) -> None:
    assert display_text(text) is text
    assert not has_hidden(text)


@settings(max_examples=100 * LAWS, deadline=None)
@given(st.text() | st.sampled_from(AWKWARD) | st.lists(st.sampled_from(AWKWARD)).map("".join))
def test_pictures_stand_for_one_character_each(text: str) -> None:
    assert len(pictures(text)) == len(text)
    assert "".join(pictures(text)) == display_text(text)


def test_lines_are_kept_where_there_may_be_several() -> None:
    assert display_text("a\tb\r\nc\rd\n\x1b", multiline=True) == "a\tb\nc␍d\n␛"


def test_a_pile_of_combining_marks_is_capped() -> None:
    assert display_text("Z" + "\u0301" * 500 + "algo") == "Z" + "\u0301" * 8 + "algo"
    assert display_text("ก" + "\u0e47" * 500) == "ก" + "\u0e47" * 8


@settings(max_examples=200 * LAWS, deadline=None)
@given(st.text())
def test_nothing_a_terminal_obeys_is_left_and_showing_twice_changes_nothing(text: str) -> None:
    shown = display_text(text)
    assert not has_hidden(shown)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) <= 0xDFFF for c in shown)
    assert display_text(shown) == shown
    shown.encode()


@pytest.mark.parametrize("text", AWKWARD)
def test_cells_are_counted_as_textual_counts_them(text: str) -> None:
    assert cell_width(text) == cell_len(text)


def test_cells_of_every_basic_character_are_counted_as_textual_counts_them() -> None:
    wrong = [hex(code) for code in range(0x10000) if cell_width(chr(code)) != cell_len(chr(code))]
    assert wrong == []


@settings(max_examples=200 * LAWS, deadline=None)
@given(st.text(), st.integers(0, 30))
def test_fit_is_exact_and_cut_is_never_wider(text: str, width: int) -> None:
    shown = display_text(text)
    assert cell_width(cut(shown, width)) <= width
    assert cell_len(fit(shown, width)) == width


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("width", range(12))
def test_fit_is_exact_on_awkward_text(text: str, width: int) -> None:
    assert cell_len(fit(display_text(text), width)) == width


def test_fit_marks_the_cut_and_never_halves_a_wide_character() -> None:
    assert fit("漢字かな", 8) == "漢字かな"
    assert fit("漢字かな", 6) == "漢字 …"
    assert fit("漢字かな", 5) == "漢字…"
    assert fit("plain", 4) == "pla…"
    assert fit("plain", 4, "..") == "pl.."
    assert fit("plain", 1, "..") == "."
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 0) == ""


def test_only_right_to_left_text_is_isolated_and_that_costs_no_cells() -> None:
    assert isolate("plain 漢字") == "plain 漢字"
    assert isolate("שלום") == "\u2068שלום\u2069"
    assert cell_width(isolate("שלום")) == cell_width("שלום")


def test_plain_text_needs_no_rich() -> None:
    program = (
        "import sys; from planner.core.display import *; fit(display_text('plain'), 3); print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
