from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.theme import MONO, OURS, READABLE, contrast, inks, read_theme

THEMES = {**BUILTIN_THEMES, **{theme.name: theme for theme in OURS}}
COLOURED = [name for name, theme in THEMES.items() if not theme.ansi]


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast(Color.parse("black"), Color.parse("white")) == 21
    assert contrast(Color.parse("#777777"), Color.parse("white")) == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("name", COLOURED)
def test_every_text_can_be_read_on_every_ground_of_every_theme(name: str) -> None:
    found = inks(THEMES[name])
    colours = THEMES[name].to_color_system().generate()
    grounds = [found["ground-cursor"], *(colours[ground] for ground in ("background", "surface", "panel"))]
    texts = [ink for ink in found if ink.startswith("ink-") and ink != "ink-rule"]
    low = {
        (ink, ground): ratio
        for ink in texts
        for ground in grounds
        if (ratio := contrast(Color.parse(found[ink]), Color.parse(ground))) < READABLE
    }
    assert low == {}


@pytest.mark.parametrize("theme", [theme for theme in OURS if not theme.ansi], ids=lambda theme: theme.name)
def test_our_own_foreground_and_head_colour_can_be_read(theme: Theme) -> None:
    colours = theme.to_color_system().generate()
    for text in ("foreground", "primary"):
        for ground in ("background", "surface", "panel"):
            assert contrast(Color.parse(colours[text]), Color.parse(colours[ground])) >= READABLE, (text, ground)


def test_the_high_contrast_theme_is_one() -> None:
    found = inks(THEMES["planner-contrast"])
    assert min(contrast(Color.parse(found[ink]), Color.parse("black")) for ink in found if ink.startswith("ink")) >= 7


def test_the_mono_theme_has_no_colour_of_its_own() -> None:
    assert set(inks(THEMES[MONO]).values()) == {"ansi_default"}


def test_a_theme_of_the_person_keeps_what_it_says() -> None:
    theme = read_theme("mine", {"primary": "#82aaff", "background": "#000", "ink-warn": "#ff0000"})
    assert inks(theme)["ink-warn"] == "#ff0000"
    assert theme.background == "#000"
