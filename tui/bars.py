"""One line of time as cells: shaded where nobody works, with bars drawn to an eighth of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from planner.plan.calendar import Moment
from planner.views.scale import EIGHTHS, Scale
from planner.views.timeline import Row
from tui.widgets.paint import Ink, Paint

DONE, CRITICAL, PLANNED, GROUP, IDLE, FREE = "█", "▓", "▒", "▬", "░", "░"
MILESTONE, WAS_MILESTONE, DEADLINE, SLACK, WAS = "◆", "◇", "╷", "╌", "▁"
TODAY, HERE, EARLIER, LATER = "┃", "▼", "◂", "▸"
PARTS = " ▏▎▍▌▋▊▉█"
"""A cell that is covered from the left, by eighths."""
LEVELS = " ▁▂▃▄▅▆▇█"
"""A cell that is covered from below, by eighths."""
WOVEN: frozenset[Ink] = frozenset({"bar", "critical"})
"""Inks that are drawn as a weave, over a darker ground of their own."""
CUT_OUT = Style(reverse=True)
PLAIN = Style.null()


class Palette:
    """Every style of a timeline in one theme: an ink on the ground of its cell, put together once."""

    def __init__(self, paint: Paint) -> None:
        self.ink = paint.ink
        self._made_of = self._sources(paint)
        self._inks: dict[tuple[Ink, bool, bool], Style] = {}
        self._others: dict[tuple[str, Ink, bool], Style] = {}

    def fits(self, paint: Paint) -> bool:
        """Whether the theme is still the same."""
        return all(one is other for one, other in zip(self._made_of, self._sources(paint), strict=True))

    @staticmethod
    def _sources(paint: Paint) -> tuple[Style, ...]:
        return paint.ink("bar"), paint.ink("shade"), paint.ink("cursor")

    def inked(self, ink: Ink, *, free: bool, stands: bool) -> Style:
        """An ink on the cursor's ground, or on a free day's."""
        key = (ink, free, stands)
        if key not in self._inks:
            style = self.ground(free=free, stands=stands) + self._bare(ink)
            if ink in WOVEN and not free:
                style += Style(bgcolor=darker(style.color, self.ink("shade").bgcolor))
            self._inks[key] = style
        return self._inks[key]

    def ground(self, *, free: bool, stands: bool) -> Style:
        """What a cell is painted on. Where the cursor is told by reverse, bars keep their own ground: else they were holes."""
        if stands and not self.ink("cursor").reverse:
            return self.ink("cursor")
        return Style(bgcolor=self.ink("shade").bgcolor) if free else PLAIN

    def shade(self, *, stands: bool) -> Style:
        """How a free day is drawn."""
        ground = self.ground(free=False, stands=stands)
        return ground + self._bare("rule") if ground else self.ink("shade")

    def idle(self, ink: Ink, *, stands: bool) -> Style:
        """How a bar goes on over a free day."""
        key = ("idle", ink, stands)
        if key not in self._others:
            colour = darker(self.ink(ink).color, self.ink("shade").bgcolor)
            self._others[key] = self.ground(free=True, stands=stands) + Style(color=colour)
        return self._others[key]

    def part(self, ink: Ink, *, cut: bool, stands: bool) -> Style:
        """How a cell that is covered in part is drawn: `cut` out of it, or filled."""
        key = ("cut" if cut else "part", ink, stands)
        if key not in self._others:
            style = self.ground(free=False, stands=stands) + Style(color=self.ink(ink).color)
            self._others[key] = style + CUT_OUT if cut else style
        return self._others[key]

    def _bare(self, ink: Ink) -> Style:
        """An ink without a ground of its own."""
        style = self.ink(ink)
        return style.without_color + Style(color=style.color)


class Backdrop:
    """What every line of a window has in common: which cells are free, and the cell of today."""

    def __init__(self, scale: Scale, today: Moment) -> None:
        self.scale = scale
        self.free = tuple(scale.free(x) for x in range(scale.width))
        self.today = scale.cell(today)
        self._drawn: dict[bool, tuple[Palette, list[str], list[Style]]] = {}

    def cells(self, palette: Palette, *, stands: bool) -> tuple[list[str], list[Style]]:
        """The signs and styles of a line on which nothing happens, to be written over."""
        drawn = self._drawn.get(stands)
        if drawn is None or drawn[0] is not palette:
            plain, shade = palette.ground(free=False, stands=stands), palette.shade(stands=stands)
            signs = [FREE if free else " " for free in self.free]
            styles = [shade if free else plain for free in self.free]
            if 0 <= self.today < self.scale.width:
                signs[self.today] = TODAY
                styles[self.today] = palette.inked("now", free=self.free[self.today], stands=stands)
            drawn = self._drawn[stands] = palette, signs, styles
        return drawn[1].copy(), drawn[2].copy()


class TimeLine:
    """The cells of one line, written over and over: what is written last is seen."""

    def __init__(self, backdrop: Backdrop, palette: Palette, *, stands: bool, critical: bool) -> None:
        self.scale = backdrop.scale
        self.free = backdrop.free
        self.palette = palette
        self.stands = stands  # whether the cursor is on it
        self.critical = critical  # whether the critical path is told
        self.signs, self._styles = backdrop.cells(palette, stands=stands)

    def segments(self) -> Iterator[Segment]:
        """The line, cells of one style together."""
        start, styles, width = 0, self._styles, self.scale.width
        for x in range(1, width + 1):
            if x == width or styles[x] is not styles[start]:
                yield Segment("".join(self.signs[start:x]), styles[start])
                start = x

    def put(self, x: int, sign: str, ink: Ink) -> None:
        """A sign on the ground of its cell, if it is in view."""
        if 0 <= x < self.scale.width:
            self.signs[x] = sign
            self._styles[x] = self.palette.inked(ink, free=self.free[x], stands=self.stands)

    def row(self, row: Row) -> None:
        """What happens on a row: baseline, slack, bar or sign, deadline; an arrow at the edge to what is out of view."""
        if row.start is None or row.finish is None:
            return
        self._was(row)
        if row.kind == "milestone":
            ink: Ink = "bar_done" if row.done else "path" if row.critical and self.critical else "milestone"
            self.put(self.scale.day_cell(row.start), MILESTONE, ink)
        else:
            begin = self.scale.eighth(row.start)
            end = max(self.scale.eighth(row.finish), begin + 1)
            self._slack(row, end)
            (self._group if row.kind in {"group", "summary"} else self._bar)(row, begin, end)
        self._deadline(row)
        if row.finish <= self.scale.left:
            self.put(0, EARLIER, "dim")
        elif row.start >= self.scale.right:
            self.put(self.scale.width - 1, LATER, "dim")

    # Parts of a line.

    def _bar(self, row: Row, begin: int, end: int) -> None:
        ahead: Ink = "critical" if row.critical and self.critical else "bar"
        sign = CRITICAL if ahead == "critical" else PLANNED
        done = begin + round((end - begin) * min(1.0, max(0.0, row.progress)))
        for x in self._cells(begin, end):
            left = x * EIGHTHS
            first, last = max(begin - left, 0), min(end - left, EIGHTHS)
            ink: Ink = "bar_done" if left + (first + last) / 2 < done else ahead
            if self.free[x]:
                self.signs[x], self._styles[x] = IDLE, self.palette.idle(ink, stands=self.stands)
            elif last - first < EIGHTHS:
                self._part(x, first, last, ink)
            else:
                self.put(x, DONE if ink == "bar_done" else sign, ink)

    def _part(self, x: int, first: int, last: int, ink: Ink) -> None:
        """A cell that is covered from one eighth to another: signs fill from the left, so a start is cut out of it."""
        cut = first > 0 and last == EIGHTHS
        self.signs[x] = PARTS[first if cut else last - first]
        self._styles[x] = self.palette.part(ink, cut=cut, stands=self.stands)

    def _group(self, row: Row, begin: int, end: int) -> None:
        done = begin + round((end - begin) * row.progress)
        for x in self._cells(begin, end):
            self.put(x, GROUP, "bar_done" if x * EIGHTHS + EIGHTHS // 2 < done else "group")

    def _slack(self, row: Row, end: int) -> None:
        if row.slack_until is not None:
            for x in self._cells(end, self.scale.eighth(row.slack_until)):
                self.put(x, SLACK, "rule")

    def _was(self, row: Row) -> None:
        if row.baseline is None:
            return
        if row.kind == "milestone":
            self.put(self.scale.day_cell(row.baseline[0]), WAS_MILESTONE, "was")
            return
        for x in self._cells(*map(self.scale.eighth, row.baseline)):
            self.put(x, WAS, "was")

    def _deadline(self, row: Row) -> None:
        if row.deadline is None or row.finish is None:
            return
        x = self.scale.day_cell(row.deadline - 1)
        if 0 <= x < self.scale.width and self.signs[x] != MILESTONE:
            late = row.finish > row.deadline and not row.done
            self.signs[x] = DEADLINE
            self._styles[x] = self._styles[x] + self.palette.ink("warn" if late else "due")

    def _cells(self, begin: int, end: int) -> range:
        """The cells in view between two eighths, those covered in part included."""
        return range(max(0, begin // EIGHTHS), min(self.scale.width, -(-end // EIGHTHS)))


@lru_cache(maxsize=64)
def darker(color: Color | None, ground: Color | None) -> Color | None:
    """A colour half way to the ground; None where the terminal's own colours are used."""
    if color is None or ground is None or color.triplet is None or ground.triplet is None:
        return None
    return Color.from_rgb(*((one + other) // 2 for one, other in zip(color.triplet, ground.triplet, strict=True)))
