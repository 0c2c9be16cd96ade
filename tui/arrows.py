"""Dependencies as lines between bars: out of one bar, down or up beside the rows, into the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planner.core.record import dataclass
from planner.plan.model import Link
from planner.views.scale import EIGHTHS, Scale
from planner.views.timeline import Row, Timeline
from tui.bars import TimeLine
from tui.widgets.paint import Ink

BUCKET = 32
"""Lines that share a list of the arrows that cross them."""
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
SIGNS = " ╵╷│╴╯╮┤╶╰╭├─┴┬┼"
"""The line that goes these ways, by the sum of its ways."""
WAYS = {sign: ways for ways, sign in enumerate(SIGNS) if sign in "│╯╮┤╰╭├─┴┬┼"}


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link between two rows that are shown, at these lines."""

    start: Row
    end: Row
    start_y: int
    end_y: int
    type: str


@dataclass(frozen=True, slots=True)
class Arrows:
    """Many arrows, found by the line they cross."""

    buckets: Mapping[int, tuple[Arrow, ...]]
    ends: frozenset[int] = frozenset()
    """The lines they begin and end at."""

    @classmethod
    def of(
        cls, links: Iterable[Link], timeline: Timeline, lines: Mapping[str, int], folded: frozenset[object]
    ) -> Arrows:
        """The arrows of some links between rows that stand at these lines; what is folded away ends at its fold."""
        buckets: dict[int, list[Arrow]] = {}
        for link in links:
            one, other = timeline.shown_for(link.predecessor, folded), timeline.shown_for(link.successor, folded)
            if one is None or other is None or one == other:
                continue
            arrow = Arrow(timeline.rows[timeline.place[one]], timeline.rows[timeline.place[other]],
                          lines[one], lines[other], link.type)  # fmt: skip
            first, last = sorted((arrow.start_y, arrow.end_y))
            for bucket in range(first // BUCKET, last // BUCKET + 1):
                buckets.setdefault(bucket, []).append(arrow)
        ends = frozenset(y for found in buckets.values() for arrow in found for y in (arrow.start_y, arrow.end_y))
        return cls({bucket: tuple(found) for bucket, found in buckets.items()}, ends)

    def across(self, y: int) -> list[Arrow]:
        """The arrows that cross a line, or begin or end in it."""
        found = self.buckets.get(y // BUCKET, ())
        return [a for a in found if a.start_y <= y <= a.end_y or a.end_y <= y <= a.start_y]


def draw(line: TimeLine, arrow: Arrow, y: int, ink: Ink) -> None:
    """What of an arrow is in one line; bars are drawn over it."""
    pen = _Pen(line, ink)
    leave, enter = _cells(arrow, line.scale)
    forward, down = arrow.type in {"FS", "SS"}, arrow.end_y > arrow.start_y
    match arrow.type:
        case "SS":
            x = min(leave, enter)
        case "FF":
            x = max(leave, enter)
        case _:
            x = leave
    if y == arrow.start_y:
        if arrow.type != "FS":
            pen.run(x, leave)
            pen.line(x, (DOWN if down else UP) | (RIGHT if arrow.type in {"SS", "SF"} else LEFT))
    elif y != arrow.end_y:
        pen.line(x, UP | DOWN)
    elif (forward and x <= enter) or (not forward and x >= enter):
        pen.run(x, enter)
        pen.line(x, (UP if down else DOWN) | (RIGHT if forward else LEFT))
        if x != enter:
            line.put(enter, "▶" if forward else "◀", ink)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws lines that join the lines that are there."""

    on: TimeLine
    ink: Ink

    def line(self, x: int, ways: int) -> None:
        """A cell with lines that go these ways, and those that went from it before."""
        if 0 <= x < self.on.scale.width:
            self.on.put(x, SIGNS[ways | WAYS.get(self.on.signs[x], 0)], self.ink)

    def run(self, one: int, other: int) -> None:
        """A line from the one cell to the other, the first of them left out."""
        first, last = sorted((one, other))
        for x in range(max(0, first), min(self.on.scale.width, last + 1)):
            if x != one:
                self.line(x, LEFT | RIGHT)


def _cells(arrow: Arrow, scale: Scale) -> tuple[int, int]:
    """The cells in which an arrow leaves the one bar and enters the other."""
    leave = _last(arrow.start, scale) if arrow.type == "FS" else _edge(arrow.start, scale, start=arrow.type[0] == "S")
    return leave, _edge(arrow.end, scale, start=arrow.type[1] == "S")


def _edge(row: Row, scale: Scale, *, start: bool) -> int:
    """The cell before a row's first one, or behind its last."""
    return _first(row, scale) - 1 if start else _last(row, scale) + 1


def _first(row: Row, scale: Scale) -> int:
    if row.start is None:
        return 0
    return scale.day_cell(row.start) if row.kind == "milestone" else scale.eighth(row.start) // EIGHTHS


def _last(row: Row, scale: Scale) -> int:
    if row.finish is None:
        return 0
    return scale.day_cell(row.finish) if row.kind == "milestone" else (scale.eighth(row.finish) - 1) // EIGHTHS
