"""Our own two themes; every pair of text and ground has a contrast of at least 4.5 to 1."""

from __future__ import annotations

from textual.theme import Theme

INKS = {
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
}
"""Colours of the text on the screen by purpose; other themes fall back on these."""

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
    variables=INKS,
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
        "ink-person": "#0b6478",
        "ink-due": "#705300",
        "ink-tag": "#5a46b8",
        "ink-blocked": "#8d2f85",
        "ink-done": "#2c6a26",
        "ink-warn": "#b3202c",
        "ink-full": "#8a5200",
        "ink-accent": "#2553b8",
        "ground-cursor": "#dbe4f8",
    },
)
