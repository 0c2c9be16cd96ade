"""What may follow the strokes of a chord that has begun: a box at the bottom that comes after a moment."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from tui.keys import Key

CELLS = 26
"""Cells of one way to go on."""


class WhichKey(Static):
    """The ways to finish a chord, in as many columns as there is room for."""

    DEFAULT_CSS = """
    WhichKey { layer: over; dock: bottom; width: 100%; height: auto; display: none; background: $panel; padding: 0 1;
               border-top: solid $ink-rule; }
    """

    def __init__(self) -> None:
        super().__init__(id="which")

    def offer(self, begun: str, options: Mapping[str, Key], width: int) -> None:
        """Show what may follow."""
        columns = max(1, (width - 2) // CELLS)
        cells = [
            Content.assemble(
                Content.styled(f"{chord:>4} ", "bold $primary"), Content(f"{key.help:<{CELLS - 5}}"[: CELLS - 5])
            )
            for chord, key in sorted(options.items(), key=lambda pair: pair[0].casefold())
        ]
        rows = [Content.assemble(*cells[start : start + columns]) for start in range(0, len(cells), columns)]
        self.update(Content("\n").join([Content.styled(f"{begun} …  esc leaves", "$ink-dim"), *rows]))
        self.display = True

    def away(self) -> None:
        """Hide it."""
        self.display = False
