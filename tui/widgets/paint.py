"""What a grid and those who draw its pages agree on: the inks, what a line is drawn with, and what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol, get_args

from rich.style import Style
from textual.strip import Strip

from planner.core.record import dataclass, field
from tui.layout import Layout, Slot

Ink = Literal[
    "cursor", "mark", "head", "rule", "strong", "dim", "warn", "link",
    "person", "due", "tag", "blocked", "done", "full", "accent",
    "bar", "bar_done", "critical", "group", "milestone", "was", "shade", "now", "arrow", "path", "load", "over",
]  # fmt: skip

INKS: tuple[Ink, ...] = get_args(Ink)


@dataclass(frozen=True, slots=True)
class Paint:
    """What a renderer needs to know to draw a line: the state of the grid and the styles of the theme."""

    width: int
    cursor: Slot | None
    marks: frozenset[Slot]
    focused: bool
    ink: Callable[[Ink], Style]
    """The style for a purpose; its background is the grid's unless the theme says otherwise."""
    labels: Mapping[Slot, str] = field(default_factory=dict)
    """Two letters for each slot that can be jumped to, while somebody jumps."""


class Renderer(Protocol):
    """Draws one page of slots. It knows the things behind the keys; the grid does not."""

    def layout(self, width: int, height: int, cursor: Slot | None) -> Layout:
        """The layout for a viewport of that many cells and lines, with the cursor's slot not hidden.

        Asked at every move: it must be cheap, and the *same object* as long as nothing stands elsewhere.
        """

    @property
    def header_height(self) -> int:
        """Lines above the page that do not scroll."""

    def header(self, y: int, paint: Paint) -> Strip:
        """Line y of the header."""

    def line(self, y: int, paint: Paint) -> Strip:
        """Line y of the page, also below its end where the view is higher.

        Shorter lines are filled up, and segments without background get the grid's.
        """

    def footer_height(self, height: int) -> int:
        """Lines below the page that do not scroll, on a grid so high."""

    def footer(self, y: int, height: int, paint: Paint) -> Strip:
        """Line y of the footer, on a grid so high."""
