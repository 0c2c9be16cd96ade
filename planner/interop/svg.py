"""SVG: a plan as one picture that stands alone, for pages, mails and paper.

Everything is written through the XML library, so that a title stays text; there is no script, link or font in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from xml.etree import ElementTree as ET

from planner.core.dates import MONTH_NAMES, add_months
from planner.core.display import cell_width, cut, display_text
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.interop.rows import Fits, Plan, Task, plan_of
from planner.plan.calendar import Calendar, as_datetime, end_of, moment
from planner.plan.people import DEFAULT, calendars

ROW, HEAD, NAMES, MARGIN = 22, 46, 270, 16
WIDEST, NARROWEST = 26.0, 0.5
"""Pixels of a day."""
ROOM = 900
"""Pixels the bars get, if a day has its least or its most width not beforehand."""
INK, FAINT, PAPER, GRID, SHADE = "#1d212a", "#565d6c", "#ffffff", "#d9dce3", "#f3f4f7"
BAR, DONE, CRITICAL, TODAY, LATE = "#5b8def", "#5f9e58", "#d98324", "#0b7285", "#b3202c"
LETTER = 6.7
"""Pixels of a letter, about."""


def export(vault: Vault, today: date, fits: Fits = lambda _: True) -> str:
    """The picture's text."""
    plan = plan_of(vault, today, fits)
    root = _Picture(plan, calendars(vault.config)[DEFAULT]).draw(vault.config.name or "Plan")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True, slots=True)
class _Axis:
    """Which pixel a moment stands at; within a day its working time counts, as on the screen."""

    first: date
    days: int
    day: float
    calendar: Calendar

    @classmethod
    def of(cls, plan: Plan, calendar: Calendar) -> _Axis:
        tasks = plan.tasks
        starts = [task.start.date() for task in tasks] + [plan.today]
        ends = [task.finish.date() for task in tasks] + [plan.today]
        first, last = min(starts) - timedelta(3), max(ends) + timedelta(7)
        days = (last - first).days
        return cls(first, days, min(WIDEST, max(NARROWEST, ROOM / days)), calendar)

    def x(self, m: int) -> float:
        """The pixel of a moment."""
        start = m - m % 1440
        whole = self.calendar.minutes_on(as_datetime(start).date())
        part = self.calendar.between(start, m) / whole if whole else (m - start) / 1440
        return round(NAMES + ((start - moment(self.first)) / 1440 + part) * self.day, 1)

    @property
    def right(self) -> float:
        """The pixel at which it ends."""
        return NAMES + self.days * self.day


class _Picture:
    """One picture while it is drawn."""

    def __init__(self, plan: Plan, calendar: Calendar) -> None:
        self.plan = plan
        self.axis = _Axis.of(plan, calendar)
        self.lines: dict[str, int] = {}
        line = 0
        for section in plan.sections:
            line += 1
            for task in section.tasks:
                self.lines[task.item.path] = line
                line += 1
        self.height = HEAD + line * ROW + MARGIN
        self.width = self.axis.right + MARGIN

    def draw(self, name: str) -> ET.Element:
        """The whole of it."""
        root = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
        root.set("width", _n(self.width))
        root.set("height", _n(self.height))
        root.set("viewBox", f"0 0 {_n(self.width)} {_n(self.height)}")
        root.set("font-family", "system-ui, sans-serif")
        root.set("font-size", "12")
        ET.SubElement(root, "title").text = display_text(f"{name}: timeline of {self.plan.today.isoformat()}")
        _rect(root, 0, 0, self.width, self.height, PAPER)
        self._scale(root)
        self._arrows(root)
        for section, line in zip(self.plan.sections, self._heads(), strict=True):
            _text(root, MARGIN, self._middle(line), section.title or "No project", INK, bold=True)
            for task in section.tasks:
                self._task(root, task)
        self._today(root)
        return root

    def _heads(self) -> Iterator[int]:
        line = 0
        for section in self.plan.sections:
            yield line
            line += 1 + len(section.tasks)

    def _middle(self, line: int) -> float:
        return HEAD + line * ROW + ROW / 2

    def _scale(self, root: ET.Element) -> None:
        """Months, weeks where they have room, and free days shaded."""
        axis, bottom = self.axis, self.height - MARGIN
        for number in range(axis.days):
            day = axis.first + timedelta(number)
            x = NAMES + number * axis.day
            if axis.day >= 3 and not axis.calendar.minutes_on(day):
                _rect(root, x, HEAD, axis.day, bottom - HEAD, SHADE)
            if day.weekday() == 0 and axis.day >= 4:
                _text(root, x + 2, HEAD - 8, str(day.day), FAINT)
        month = axis.first.replace(day=1)
        while month <= axis.first + timedelta(axis.days):
            x = max(NAMES, NAMES + (month - axis.first).days * axis.day)
            _line(root, x, 10, x, bottom, GRID)
            after = NAMES + (add_months(month, 1) - axis.first).days * axis.day
            if min(after, axis.right) - x > 62:
                _text(root, x + 4, 22, f"{MONTH_NAMES[month.month - 1]} {month.year}", INK)
            month = add_months(month, 1)

    def _task(self, root: ET.Element, task: Task) -> None:
        line, axis = self.lines[task.item.path], self.axis
        y, top = self._middle(line), HEAD + line * ROW + 5
        indent = MARGIN + 12 * task.level
        _text(root, indent, y, _short(task.item.title, NAMES - indent - 8), FAINT if task.done else INK)
        begin, end = axis.x(task.dates.start), axis.x(task.dates.finish)
        colour = DONE if task.done else CRITICAL if task.dates.critical else BAR
        group = ET.SubElement(root, "g")
        ET.SubElement(group, "title").text = display_text(
            f"{task.item.id} {task.item.title}: {task.start:%d %b %Y} to {task.finish:%d %b %Y}"
        )
        if task.activity.milestone:
            points = f"{begin},{y - 6} {begin + 6},{y} {begin},{y + 6} {begin - 6},{y}"
            ET.SubElement(group, "polygon", points=points, fill=colour)
        elif task.activity.summary:
            _rect(group, begin, top + 3, max(2, end - begin), 5, INK)
        else:
            width = max(2.0, end - begin)
            _rect(group, begin, top, width, ROW - 10, colour, rounded=True, faint=not task.done)
            if 0 < task.progress < 1:
                _rect(group, begin, top, width * task.progress, ROW - 10, DONE, rounded=True)
        self._deadline(group, task, top)

    def _deadline(self, group: ET.Element, task: Task, top: float) -> None:
        deadline = task.item.when("deadline") or task.item.due
        if deadline is None or task.done or not moment(self.axis.first) <= end_of(deadline):
            return
        x = self.axis.x(end_of(deadline))
        if x <= self.axis.right:
            late = task.dates.finish > end_of(deadline)
            _line(group, x, top - 3, x, top + ROW - 7, LATE if late else FAINT, thick=late)

    def _arrows(self, root: ET.Element) -> None:
        """A line from each end to each start that waits for it, of those two that are shown."""
        dates, axis = self.plan.schedule.dates, self.axis
        for path, links in self.plan.links().items():
            for link in links:
                one, other = dates[link.predecessor], dates[path]
                x = axis.x(one.finish if link.type[0] == "F" else one.start)
                to = axis.x(other.start if link.type[1] == "S" else other.finish)
                y, end = self._middle(self.lines[link.predecessor]), self._middle(self.lines[path])
                turn = x + 4 if link.type[0] == "F" else min(x, to) - 4
                critical = one.critical and other.critical and link.predecessor in other.driving
                d = f"M{x},{y} H{turn} V{end} H{to}"
                colour = CRITICAL if critical else "#9aa1af"
                ET.SubElement(root, "path", d=d, fill="none", stroke=colour)
                point = -4 if to >= turn else 4
                ET.SubElement(root, "path", d=f"M{to},{end} l{point},-3 v6 z", fill=colour)

    def _today(self, root: ET.Element) -> None:
        x = self.axis.x(moment(self.plan.today))
        _line(root, x, HEAD - 20, x, self.height - MARGIN, TODAY, thick=True)


def _rect(
    parent: ET.Element,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    rounded: bool = False,
    faint: bool = False,
) -> None:
    rect = ET.SubElement(parent, "rect", x=_n(x), y=_n(y), width=_n(width), height=_n(height), fill=fill)
    if rounded:
        rect.set("rx", "2")
    if faint:
        rect.set("fill-opacity", "0.75")


def _line(
    parent: ET.Element, x: float, y: float, to_x: float, to_y: float, stroke: str, *, thick: bool = False
) -> None:
    width = "2" if thick else "1"
    line = ET.SubElement(parent, "line", x1=_n(x), y1=_n(y), x2=_n(to_x), y2=_n(to_y), stroke=stroke)
    line.set("stroke-width", width)


def _text(parent: ET.Element, x: float, y: float, text: str, fill: str, *, bold: bool = False) -> None:
    element = ET.SubElement(parent, "text", x=_n(x), y=_n(y + 4), fill=fill)
    if bold:
        element.set("font-weight", "600")
    element.text = display_text(text)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _short(title: str, room: float) -> str:
    """A title that fits into so many pixels, about."""
    shown = display_text(title)
    most = max(1, int(room / LETTER))
    return shown if cell_width(shown) <= most else cut(shown, most)
