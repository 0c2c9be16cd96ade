"""Colours by purpose for every theme, ours or not: text keeps a contrast of at least 4.5 to 1 on every ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.color import BLACK, WHITE, Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from planner.core.record import fields
from planner.errors import ConfigError

READABLE = 4.5
"""The least contrast of text, as WCAG 2.2 has it (success criterion 1.4.3)."""

MONO = "planner-mono"

DARK = Theme(
    name="planner-dark",
    dark=True,
    primary="#82aaff",
    secondary="#7fc8d8",
    accent="#f0b866",
    warning="#f0b866",
    error="#ff8d95",
    success="#93c98d",
    foreground="#d7dbe4",
    background="#14161b",
    surface="#1a1d24",
    panel="#20242d",
    variables={
        "ink-dim": "#9aa3b5",
        "ink-rule": "#4a5263",
        "ink-person": "#7fc8d8",
        "ink-due": "#d9cb95",
        "ink-tag": "#b3a8f5",
        "ink-blocked": "#e0a3da",
        "ink-done": "#93c98d",
        "ink-warn": "#ff8d95",
        "ink-full": "#f0b866",
        "ink-accent": "#82aaff",
        "ground-cursor": "#2a3450",
    },
)

LIGHT = Theme(
    name="planner-light",
    dark=False,
    primary="#2553b8",
    secondary="#0b6478",
    accent="#8a5200",
    warning="#8a5200",
    error="#b3202c",
    success="#2c6a26",
    foreground="#1d212a",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e9e6de",
    variables={
        "ink-dim": "#565d6c",
        "ink-rule": "#b9b5aa",
        "ink-person": "#0b5a6c",
        "ink-due": "#674c00",
        "ink-tag": "#5a46b8",
        "ink-blocked": "#8d2f85",
        "ink-done": "#2a6224",
        "ink-warn": "#ab1d29",
        "ink-full": "#7d4a00",
        "ink-accent": "#2553b8",
        "ground-cursor": "#dbe4f8",
    },
)

CONTRAST = Theme(
    name="planner-contrast",
    dark=True,
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffd700",
    error="#ff9c9c",
    success="#7dff7d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#101010",
    variables={
        "ink-dim": "#d8d8d8",
        "ink-rule": "#ffffff",
        "ink-person": "#7dffff",
        "ink-due": "#ffff8c",
        "ink-tag": "#c9c0ff",
        "ink-blocked": "#ffb3ff",
        "ink-done": "#7dff7d",
        "ink-warn": "#ff9c9c",
        "ink-full": "#ffd700",
        "ink-accent": "#ffff00",
        "ground-cursor": "#1a237e",
    },
)

_TERMINAL = "ansi_default"
MONOCHROME = Theme(
    name=MONO,
    dark=True,
    ansi=True,
    primary=_TERMINAL,
    secondary=_TERMINAL,
    accent=_TERMINAL,
    warning=_TERMINAL,
    error=_TERMINAL,
    success=_TERMINAL,
    foreground=_TERMINAL,
    background=_TERMINAL,
    surface=_TERMINAL,
    panel=_TERMINAL,
    boost=_TERMINAL,
    variables=BUILTIN_THEMES["ansi-dark"].variables,
)
"""The terminal's own two colours; what is told apart is told by signs, bold, dim, underline and reverse."""

OURS: tuple[Theme, ...] = (DARK, LIGHT, CONTRAST, MONOCHROME)

_PURPOSES: Mapping[str, str] = {
    "ink-dim": "foreground",
    "ink-rule": "foreground",
    "ink-person": "secondary",
    "ink-due": "warning",
    "ink-tag": "primary",
    "ink-blocked": "accent",
    "ink-done": "success",
    "ink-warn": "error",
    "ink-full": "warning",
    "ink-accent": "primary",
}
"""Which of a theme's colours each purpose takes where the theme does not say."""
_FAINT: Mapping[str, float] = {"ink-dim": 0.35, "ink-rule": 0.7}
"""How much of the ground is mixed in."""

_ANSI: Mapping[str, str] = {
    "ink-dim": _TERMINAL,
    "ink-rule": _TERMINAL,
    "ink-person": "ansi_cyan",
    "ink-due": _TERMINAL,
    "ink-tag": "ansi_blue",
    "ink-blocked": "ansi_magenta",
    "ink-done": "ansi_green",
    "ink-warn": "ansi_red",
    "ink-full": "ansi_yellow",
    "ink-accent": "ansi_blue",
    "ground-cursor": _TERMINAL,
}


def inks(theme: Theme) -> dict[str, str]:
    """Every `$ink-…` and `$ground-…` of a theme: its own where it has them, else made from its colours to be read."""
    if theme.name == MONO:
        return dict.fromkeys(_ANSI, _TERMINAL)
    if theme.ansi:
        return dict(_ANSI)
    colours = theme.to_color_system().generate()
    background, foreground = Color.parse(colours["background"]), Color.parse(colours["foreground"])
    cursor = background.blend(Color.parse(colours["primary"]), 0.18)
    grounds = [background, cursor, *(Color.parse(colours[name]) for name in ("surface", "panel"))]
    found = {"ground-cursor": cursor.hex6}
    for name, source in _PURPOSES.items():
        colour = Color.parse(colours[source]).blend(background, _FAINT.get(name, 0.0))
        found[name] = (colour if name == "ink-rule" else readable(colour, grounds, foreground)).hex6
    return {**found, **theme.variables}


def readable(colour: Color, grounds: list[Color], foreground: Color) -> Color:
    """The colour moved towards the text's own, and then to black or white, just so far that every ground lets it be read."""
    ends = [foreground, max((BLACK, WHITE), key=lambda end: min(contrast(end, ground) for ground in grounds))]
    for end in ends:
        for step in range(11):
            mixed = colour.blend(end, step / 10)
            if min(contrast(mixed, ground) for ground in grounds) >= READABLE:
                return mixed
    return ends[-1]


def contrast(one: Color, other: Color) -> float:
    """How far two colours stand apart, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def read_theme(name: str, data: Mapping[str, Any]) -> Theme:
    """A theme from the user's file NAME.toml: colours by Textual's names, and our inks; raises ConfigError."""
    where = f"themes/{name}.toml"
    known = {one.name for one in fields(Theme)} - {"name", "variables", "ansi", "luminosity_spread", "text_alpha"}
    ours = {*_PURPOSES, "ground-cursor"}
    for key, value in data.items():
        if key not in known and key not in ours:
            raise ConfigError(f"{where}: there is no colour '{key}'", f"known are {', '.join(sorted(known | ours))}")
        if key == "dark":
            if not isinstance(value, bool):
                raise ConfigError(f"{where}: dark must be true or false, not {value!r}")
            continue
        try:
            Color.parse(value if isinstance(value, str) else "")
        except ColorParseError:
            raise ConfigError(f"{where}: {key} is {value!r}, which is no colour", 'for example: "#82aaff"') from None
    if "primary" not in data:
        raise ConfigError(f"{where}: primary is missing", 'for example: primary = "#82aaff"')
    colours = {key: value for key, value in data.items() if key in known}
    return Theme(name=name, variables={key: value for key, value in data.items() if key in ours}, **colours)
