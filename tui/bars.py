"""One line of time as cells: shaded where nobody works, with bars drawn to an eighth of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from planner.plan.calendar import Moment
from planner.views.scale import EIGHTHS, Scale
from planner.views.timeline import Row
from tui.widgets.grid import Ink, Paint

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


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What every line of a window has in common: which cells are free, and the cell of today."""

    free: tuple[bool, ...]
    today: int

    @classmethod
    def of(cls, scale: Scale, today: Moment) -> Backdrop:
        """The backdrop of a window."""
        return cls(tuple(scale.free(x) for x in range(scale.width)), scale.cell(today))


class TimeLine:
    """The cells of one line, written over and over: what is written last is seen."""

    def __init__(self, scale: Scale, backdrop: Backdrop, paint: Paint, *, stands: bool, critical: bool) -> None:
        self.scale = scale
        self.backdrop = backdrop
        self.paint = paint
        self.stands = stands  # whether the cursor is on it
        self.critical = critical  # whether the critical path is told
        # Where the cursor is told by reverse, bars keep their own ground: reversed they would be holes.
        self._ground = paint.ink("cursor") if stands and not paint.ink("cursor").reverse else Style.null()
        self._inks: dict[tuple[Ink, bool], Style] = {}
        self.signs = [" "] * scale.width
        self._styles = [self._ground] * scale.width
        self._backdrop()

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
            self.signs[x], self._styles[x] = sign, self._inked(ink, free=self.backdrop.free[x])

    def row(self, row: Row) -> None:
        """What happens on a row: baseline, slack, bar or sign, deadline; an arrow at the edge to what is out of view."""
        if row.start is None or row.finish is None:
            return
        self._was(row)
        if row.kind == "milestone":
            ink: Ink = "bar_done" if row.done else "critical" if row.critical and self.critical else "milestone"
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

    # Styles: an ink on the ground of its cell.

    def _inked(self, ink: Ink, *, free: bool) -> Style:
        """An ink on the cursor's ground, or on a free day's."""
        key = (ink, free)
        if key not in self._inks:
            style = self._grounded(free=free) + self._bare(ink)
            if ink in WOVEN and not free:
                style += Style(bgcolor=darker(style.color, self.paint.ink("shade").bgcolor))
            self._inks[key] = style
        return self._inks[key]

    def _grounded(self, *, free: bool) -> Style:
        if free and not self._ground:
            return Style(bgcolor=self.paint.ink("shade").bgcolor)
        return self._ground

    def _bare(self, ink: Ink) -> Style:
        """An ink without a ground of its own."""
        style = self.paint.ink(ink)
        return style.without_color + Style(color=style.color)

    # Parts of a line.

    def _backdrop(self) -> None:
        shade = self._ground + self._bare("rule") if self._ground else self.paint.ink("shade")
        for x, free in enumerate(self.backdrop.free):
            if free:
                self.signs[x], self._styles[x] = FREE, shade
        self.put(self.backdrop.today, TODAY, "now")

    def _bar(self, row: Row, begin: int, end: int) -> None:
        ahead: Ink = "critical" if row.critical and self.critical else "bar"
        sign = CRITICAL if ahead == "critical" else PLANNED
        done = begin + round((end - begin) * min(1.0, max(0.0, row.progress)))
        for x in self._cells(begin, end):
            left = x * EIGHTHS
            first, last = max(begin - left, 0), min(end - left, EIGHTHS)
            ink: Ink = "bar_done" if left + (first + last) / 2 < done else ahead
            if self.backdrop.free[x]:
                self._idle(x, ink)
            elif last - first < EIGHTHS:
                self._part(x, first, last, ink)
            else:
                self.put(x, DONE if ink == "bar_done" else sign, ink)

    def _idle(self, x: int, ink: Ink) -> None:
        """A day on which the bar goes on and nobody works."""
        colour = darker(self.paint.ink(ink).color, self.paint.ink("shade").bgcolor)
        self.signs[x], self._styles[x] = IDLE, self._grounded(free=True) + Style(color=colour)

    def _part(self, x: int, first: int, last: int, ink: Ink) -> None:
        """A cell that is covered from one eighth to another: signs fill from the left, so a start is cut out of it."""
        style = self._ground + Style(color=self.paint.ink(ink).color)
        if first and last == EIGHTHS:
            self.signs[x], self._styles[x] = PARTS[first], style + CUT_OUT
        else:
            self.signs[x], self._styles[x] = PARTS[last - first], style

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
            self._styles[x] = self._styles[x] + self.paint.ink("warn" if late else "due")

    def _cells(self, begin: int, end: int) -> range:
        """The cells in view between two eighths, those covered in part included."""
        return range(max(0, begin // EIGHTHS), min(self.scale.width, -(-end // EIGHTHS)))


@lru_cache(maxsize=64)
def darker(color: Color | None, ground: Color | None) -> Color | None:
    """A colour half way to the ground; None where the terminal's own colours are used."""
    if color is None or ground is None or color.triplet is None or ground.triplet is None:
        return None
    return Color.from_rgb(*((one + other) // 2 for one, other in zip(color.triplet, ground.triplet, strict=True)))
