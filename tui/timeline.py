"""The timeline on the grid: the tree at the left, its bars at the right, the load of people below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip

from planner.commands.base import Command
from planner.commands.replan import Plan, shifted, stretched
from planner.core.hours import DAY
from planner.core.model import Item
from planner.core.record import replace
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, Moment, moment
from planner.plan.model import Schedule
from planner.plan.people import DEFAULT, calendars
from planner.plan.planned import planned
from planner.plan.workload import Task, capacity, tasks
from planner.views.baselines import baseline_of
from planner.views.load import Load, load
from planner.views.scale import EIGHTHS, ZOOMS, Scale
from planner.views.timeline import Row, Timeline, timeline
from tui import bars
from tui.arrows import Arrows, draw
from tui.bars import Backdrop, Palette, TimeLine
from tui.layout import NARROW, WIDE, ColumnLayout, Lane, Slot, Stack
from tui.page import ID_LETTERS, MARK_INK, Asked, Page, Window, ground_of, row
from tui.text import cells
from tui.widgets.paint import Ink, Paint

WHO, ESTIMATE, SLACK = 6, 6, 5
"""Cells of the columns beside the title."""
MINI = 20
"""Cells of the bars beside a list, where there is no room for more."""
FULL = 1.0
"""All of a cell's time; more of it is too much."""
LEGEND: tuple[tuple[str, Ink, str], ...] = (
    (bars.DONE, "bar_done", "done"), (bars.CRITICAL, "critical", "critical"), (bars.PLANNED, "bar", "planned"),
    (bars.GROUP, "group", "group"), (bars.MILESTONE, "milestone", "milestone"), (bars.DEADLINE, "due", "due"),
    (bars.SLACK, "rule", "slack"), (bars.WAS, "was", "was"), (bars.FREE, "shade", "free"),
)  # fmt: skip
LANES: tuple[str | None, ...] = (None, "assignee", "goal")


class TimelinePage(Page):
    """Draws one timeline; zooming and panning draw it anew and compute nothing."""

    pane_from = 200
    header_height = 2

    def __init__(self, asked: Asked, view: Timeline, calendar: Calendar, window: Window | None = None) -> None:
        self.view = view
        self.rows = view.unfolded(asked.folded)
        stack = Stack.of([Lane([[(line.key, 1) for line in self.rows]])], 1)
        super().__init__(asked, stack, shown=view.shown, total=view.total)
        self.lines = {line.key: y for y, line in enumerate(self.rows)}
        self.was: Schedule | None = None
        """How it was before a change one looks at: what has moved leaves a ghost."""
        self.nudged: dict[str, tuple[Moment, Moment]] = {}
        """Where bars are to stand, until the schedule says so."""
        self.trying: int | None = None
        """How many changes are only tried; None where nothing is."""
        self._calendar = calendar
        self._window = window or asked.window
        self._scale = Scale(ZOOMS[self._window.zoom], 0, 1, calendar)
        self._backdrop = Backdrop(self._scale, 0)
        self._critical = Arrows.of(view.critical_links, view, self.lines, asked.folded)
        self._chosen: tuple[Slot | None, Arrows] = (None, Arrows({}))
        self._arrowed: frozenset[int] = frozenset()  # lines at which arrows ended before the cursor moved
        self._loads: dict[tuple[str, Scale], Load] = {}
        self._work: dict[str, list[Task]] = {}
        for task in tasks(asked.vault, view.schedule):
            self._work.setdefault(task.person, []).append(task)
        self._palette: Palette | None = None
        self._width = self.pane = 0

    # What the keys ask.

    @property
    def window(self) -> Window:
        """What one looks at now; of a page that was never laid out, what it would be."""
        if not self._width:
            return self._window
        return replace(self._window, zoom=ZOOMS.index(self._scale.zoom), left=self._scale.left)

    @property
    def scale(self) -> Scale:
        """The time scale as it is drawn."""
        return self._scale

    def look(self, asked: Asked, scale: Scale | None = None, *, critical: bool | None = None) -> Asked:
        """Look at another window, or with and without the critical path; what is asked for from now on."""
        if critical is not None:
            self._window = replace(self._window, critical=critical)
        if scale is not None:
            self._aim(scale)
        self.asked = replace(asked, window=self.window) if asked.view == "timeline" else replace(asked)
        return self.asked

    def following(self, before: Page | None) -> Page:
        """This page through the window of the one before it, if that was the same view."""
        if isinstance(before, TimelinePage) and before.asked.view == self.asked.view:
            self._window = before.window
        return super().following(before)

    def _aim(self, scale: Scale) -> None:
        self._scale = scale
        self._strips: dict[tuple[str, Palette | None], Strip] = {}
        self._backdrop = Backdrop(scale, moment(self.asked.today))
        self._window = self.window

    def path(self, slot: Slot | None) -> str | None:
        """The path of a row's item."""
        line = self.row_of(slot)
        return line.path if line is not None else None

    def row_of(self, slot: Slot | None) -> Row | None:
        """The row of a slot."""
        return self.view.row(slot) if isinstance(slot, str) else None

    def notes(self) -> list[str]:
        """What the bar above says beside the counts."""
        zoom = self._scale.zoom
        said = [] if self.trying is None else [f"WHAT-IF {self.trying} changes"]
        return [*said, f"zoom {zoom.name} ({zoom.says})", f"critical path {'on' if self._window.critical else 'off'}"]

    def plan(self, item: Item) -> Plan:
        """What the scheduler knows of an item that has a bar."""
        return self.view.schedule.network.activities[item.path], self.view.schedule.dates[item.path]

    def top_of(self, slot: Slot | None) -> Slot | None:
        """The uppermost row that a slot hangs under."""
        line = self.row_of(slot)
        while line is not None and line.parent:
            line = self.view.row(line.parent)
        return line.key if line is not None else None

    def dragged(self, line: Row, begin: Offset, now: Offset) -> Command | None:
        """What pulling a bar from one cell to another means: its end is pulled by its last cell, else all of it.

        None where no bar was pulled. Raises Invalid for what cannot be moved.
        """
        x, to = begin.x - self.pane - 1, now.x - self.pane - 1
        if line.item is None or line.start is None or line.finish is None or line.kind in {"group", "summary"}:
            return None
        scale, plan = self._scale, self.plan(line.item)
        if line.kind == "milestone":
            first = last = scale.day_cell(line.start)
        else:
            first, last = scale.eighth(line.start) // EIGHTHS, (scale.eighth(line.finish) - 1) // EIGHTHS
        if not first <= x <= last or to == x:
            return None
        if x == last and line.kind != "milestone":
            clock = plan[0].clock or plan[0].calendar
            return stretched(line.item, plan, clock.between(line.finish, scale.moment(to + 1)))
        start = line.start + (to - x) * scale.zoom.cell
        return shifted(line.item, plan, start, by_day=scale.zoom.cell >= DAY)

    # Where things are.

    def footer_height(self, height: int) -> int:
        """A rule, the load of some people, the legend: as far as a grid so high has room for them."""
        if height < 12:
            return 0
        return 2 if height < 16 else 3 if height < 22 else 4 if height < 30 else 6

    def layout(self, width: int, height: int, cursor: Slot | None) -> ColumnLayout:
        """One column of rows; another width is another window with the same left edge."""
        if width != self._width:
            self._width, self.pane = width, pane_width(width)
            zoom, room = ZOOMS[self._window.zoom], max(1, width - self.pane - 1)
            left = self._window.left
            around = Scale.around(self.asked.today, zoom, room, self._calendar)
            self._aim(around if left is None else replace(around, left=left))
        return super().layout(width, height, cursor)

    # Drawing.

    def header(self, y: int, paint: Paint) -> Strip:
        """Names of the columns, and the time above the bars with a mark for today."""
        dim, rule = paint.ink("dim"), Segment("│", paint.ink("rule"))
        tail = [("who", WHO), ("est", ESTIMATE), ("slk", SLACK)] if y == 0 and self._is_wide else []
        room = self.pane - sum(size for _, size in tail)
        left = [cells("   task" if y == 0 else "", room, dim), *(cells(f" {name}", size, dim) for name, size in tail)]
        signs, labels = [" "] * self._scale.width, self._scale.minors() if y else self._scale.majors()
        for label in labels:
            signs[label.x : label.x + len(label.text)] = label.text
        said = "".join(signs[: self._scale.width])
        here = self._backdrop.today
        ink = paint.ink("dim" if y else "head")
        if y == 0 or not 0 <= here < len(said):
            return Strip([*left, rule, Segment(said, ink)])
        now = Segment(bars.HERE, paint.ink("now"))
        return Strip([*left, rule, Segment(said[:here], ink), now, Segment(said[here + 1 :], ink)])

    def line(self, y: int, paint: Paint) -> Strip:
        """A row of the tree and what happens on it."""
        rule = Segment("│", paint.ink("rule"))
        one = self.rows[y] if 0 <= y < len(self.rows) else None
        line = self._time(paint, stands=one is not None and one.key == paint.cursor)
        if one is None:
            empty = "  nothing fits: esc clears the filter" if self.total else "  nothing yet: a adds something"
            left = cells(empty if not self.rows and y == 1 else "", self.pane, paint.ink("dim"))
            return Strip([left, rule, *line.segments()])
        if self._window.critical:
            for arrow in self._critical.across(y):
                draw(line, arrow, y, "path")
        for arrow in self._arrows(paint.cursor).across(y):
            draw(line, arrow, y, "arrow")
        line.row(self._as_seen(one))
        return Strip([*self._tree(one, paint), rule, *line.segments()])

    def _time(self, paint: Paint, *, stands: bool = False) -> TimeLine:
        if self._palette is None or not self._palette.fits(paint):
            self._palette = Palette(paint)
        return TimeLine(self._backdrop, self._palette, stands=stands, critical=self._window.critical)

    def _as_seen(self, line: Row) -> Row:
        """A row with its bar where a key or the mouse has put it, and the ghost of where it was."""
        if line.path is not None and (to := self.nudged.get(line.path)) is not None:
            line = replace(line, start=to[0], finish=to[1], baseline=_span(line))
        if self.was is None or line.path is None or line.kind == "group":
            return line
        before = self.was.dates.get(line.path)
        moved = before is not None and (before.start, before.finish) != (line.start, line.finish)
        return replace(line, baseline=(before.start, before.finish)) if before is not None and moved else line

    def _arrows(self, slot: Slot | None) -> Arrows:
        """The dependencies of the row under the cursor."""
        if self._chosen[0] != slot:
            path = self.path(slot) or ""
            links = (*self.view.before.get(path, ()), *self.view.after.get(path, ()))
            self._chosen = (slot, Arrows.of(links, self.view, self.lines, self.asked.folded))
        return self._chosen[1]

    def moved(self, slot: Slot | None) -> range:
        """The lines that look different once the cursor has gone to a slot: from the first to the last arrow."""
        before, self._arrowed = self._arrowed, self._arrows(slot).ends
        ys = before | self._arrowed
        return range(min(ys), max(ys) + 1) if ys else range(0)

    @property
    def _is_wide(self) -> bool:
        return self._width >= WIDE

    def _tree(self, line: Row, paint: Paint) -> list[Segment]:
        """The cells at the left: cursor, mark, fold, id and title, and what there is room for beside them."""
        ground = ground_of(line.key, paint)
        bar = Segment("▌" if line.key == paint.cursor else " ", ground + paint.ink("accent"))
        sign = "*" if line.key in paint.marks else line.mark
        ink = MARK_INK.get(sign)
        mark = cells(sign, 1, ground + paint.ink(ink) if ink else ground)
        tail = self._tail(line, ground, paint)
        room = self.pane - 2 - sum(segment.cell_length for segment in tail)
        return [bar, mark, *row(self._named(line, ground, paint), room, ground), *tail]

    def _named(self, line: Row, ground: Style, paint: Paint) -> Iterator[tuple[str, Style]]:
        fold = ("▸ " if line.key in self.asked.folded else "▾ ") if line.inside else ""
        if line.kind == "group":
            yield fold, ground + paint.ink("accent")
            yield line.title, ground + paint.ink("head")
            return
        yield " " * (2 * line.depth - 1), ground
        yield fold, ground + paint.ink("accent")
        if line.item is not None and not line.item.broken:
            prefix = self.asked.vault.prefixes.get(line.item.id, 0)
            yield f"{line.item.id[: max(prefix, ID_LETTERS)]} ", ground + paint.ink("dim")
        said = paint.ink("dim") if line.done else Style.null()
        if line.key == paint.cursor or line.key in paint.marks:
            said += paint.ink("strong")
        yield line.title, ground + said

    def _tail(self, line: Row, ground: Style, paint: Paint) -> list[Segment]:
        """Who, how much, how much slack; of a group how much of it is done."""
        if not self._is_wide:
            return []
        if line.kind == "group":
            folded = f"{line.inside} rows " if line.key in self.asked.folded else ""
            said = f" {folded}{line.progress:.0%} "
            return [cells(said, len(said), ground + paint.ink("dim"))]
        who = f" {line.who[0]}" + (f"+{len(line.who) - 1}" if len(line.who) > 1 else "") if line.who else ""
        slack = days(line.float_minutes, self._calendar)
        late = line.float_minutes is not None and line.float_minutes < 0
        tight = line.critical and self._window.critical
        return [
            cells(who, WHO, ground + paint.ink("dim" if line.done else "person")),
            cells(f" {line.estimate}", ESTIMATE, ground + paint.ink("dim")),
            cells(f"{slack:>{SLACK - 1}} ", SLACK, ground + paint.ink("warn" if late else "full" if tight else "dim")),
        ]

    # Below the rows.

    def footer(self, y: int, height: int, paint: Paint) -> Strip:
        """Line y of the lines below: a rule, people, the legend."""
        if y == 0:
            return Strip([Segment("─" * self.pane + "┼" + "─" * self._scale.width, paint.ink("rule"))])
        if y == self.footer_height(height) - 1 and y > 1:
            return Strip(row(self._legend(paint), self._width, Style.null()))
        who = self._people(paint.cursor)
        if y > len(who):
            return Strip([cells("", self.pane), Segment("│", paint.ink("rule"))])
        return self._strip(who[y - 1], paint)

    def _legend(self, paint: Paint) -> Iterator[tuple[str, Style]]:
        for sign, ink, name in LEGEND:
            yield f" {sign}", paint.ink(ink)
            yield f" {name} ", paint.ink("dim")

    def _people(self, slot: Slot | None) -> Sequence[str]:
        """Whose load is shown: of the row under the cursor first, then me, then everybody."""
        line = self.row_of(slot)
        first = line.who if line is not None else ()
        return list(dict.fromkeys(who for who in (*first, self.asked.me, *sorted(self._work)) if who in self._work))

    def _load(self, person: str) -> Load:
        key = person, self._scale
        if key not in self._loads:
            bounds = [self._scale.moment(x) for x in range(self._scale.width + 1)]
            there_is = capacity(self.asked.vault, person, bounds)
            self._loads[key] = load(self._work[person], there_is, self._scale)
        return self._loads[key]

    def _strip(self, person: str, paint: Paint) -> Strip:
        """A person's load as a row of bars, full height where all of the time is taken."""
        taken, line = self._load(person), self._time(paint)
        if (drawn := self._strips.get((person, self._palette))) is not None:
            return drawn
        peak = f"peak {taken.peak:.0%} "
        name = row([(f" load {person}", paint.ink("person"))], max(0, self.pane - len(peak)), Style.null())
        for x, free in enumerate(self._backdrop.free):
            share = taken.share(x)
            if share > 0 and not free:
                over = share > FULL
                line.put(x, bars.LEVELS[8 if over else max(1, round(6 * share))], "over" if over else "load")
        tail = cells(peak, min(len(peak), self.pane), paint.ink("warn" if taken.peak > FULL else "dim"))
        drawn = Strip([*name, tail, Segment("│", paint.ink("rule")), *line.segments()])
        self._strips[person, self._palette] = drawn
        return drawn


def pane_width(width: int) -> int:
    """Cells of the tree beside the bars: all columns from 100 cells on, id and title below, a list below 60."""
    if width < NARROW:
        return max(1, width - MINI - 1)
    return min(64, 40 + max(0, width - 120) // 3) if width >= WIDE else max(26, width * 35 // 100)


def days(minutes: int | None, calendar: Calendar) -> str:
    """Working minutes as days, with half a day as the finest part; only nothing is 0."""
    if minutes is None:
        return ""
    halves = round(2 * minutes / calendar.day_minutes) or (minutes > 0) - (minutes < 0)
    return f"{halves // 2}" if halves % 2 == 0 else f"{halves / 2:.1f}"


def _span(line: Row) -> tuple[Moment, Moment] | None:
    return None if line.start is None or line.finish is None else (line.start, line.finish)


def build_timeline(asked: Asked) -> TimelinePage:
    """The timeline that was asked for."""
    schedule = planned(asked.vault, asked.today)
    was = baseline_of(asked.vault)
    view = timeline(asked.vault, schedule, asked.query, asked.today, me=asked.me, lanes=asked.lanes, baseline=was)
    return TimelinePage(asked, view, calendar_of_plan(asked.vault))


def calendar_of_plan(vault: Vault) -> Calendar:
    """The calendar that is shaded and counts slack: the default one."""
    return calendars(vault.config)[DEFAULT]
