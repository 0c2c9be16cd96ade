"""The views of the screen, once, as data: the top bar, the keys that lead to them and the manual read this table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """One view: its name in commands and settings, its title, the digit and the letter after `g` that show it, a short title."""

    name: str
    title: str
    digit: str
    letter: str
    brief: str = ""

    @property
    def short(self) -> str:
        """Its title where there is little room."""
        return self.brief or self.title

    @property
    def chords(self) -> tuple[str, ...]:
        """The chords that show it."""
        return (*([self.digit] if self.digit else []), f"g {self.letter}")


CATALOG: tuple[View, ...] = (
    View("today", "Today", "1", "t"),
    View("agenda", "Agenda", "2", "a"),
    View("board", "Board", "3", "b"),
    View("timeline", "Timeline", "4", "p", "Time"),
    View("calendar", "Calendar", "5", "c", "Cal"),
    View("list", "List", "6", "l"),
)
"""In the order of the top bar. Adding a view is adding a row, and its builder in pages.py."""
