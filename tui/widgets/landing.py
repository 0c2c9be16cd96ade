"""Where what is carried with the mouse would land, drawn over the line of the page it would land on."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


class Landing(NamedTuple):
    """A line of the page, and the cells of it to draw."""

    x: int
    y: int
    width: int


def landed(strip: Strip, y: int, landing: Landing | None, style: Style) -> Strip:
    """Line y of the page, with the landing drawn over it if that is where it is."""
    if landing is None or landing.y != y:
        return strip
    end = landing.x + landing.width
    line = Strip([Segment("━" * landing.width, style)])
    return Strip.join([strip.crop(0, landing.x), line, strip.crop(end, strip.cell_length)])
