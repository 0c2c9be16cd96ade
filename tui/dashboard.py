"""The dashboard on the grid: counts over lists of what presses, side by side where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.model import Item
from planner.core.record import dataclass
from planner.views import dashboard_words as words
from planner.views.dashboard import Dashboard, Project, Status, dashboard
from tui.bars import LEVELS
from tui.layout import ColumnLayout, Lane, Slot, Stack
from tui.lists import Again, Heading
from tui.page import ID_LETTERS, Asked, Page, ground_of, row
from tui.planreports import BAND_INK
from tui.report import Part, drawn
from tui.text import cells
from tui.widgets.paint import Ink, Paint

TWO = 120
"""The width from which on the lists stand in two columns."""
SHOWN = 8
"""Rows of a list; the rest is counted."""
WHO, DAY, BAR = 12, 13, 12
LEFT = ("Projects", "Milestones ahead", "Too much this week", "Open risks")
"""What stands in the left of two columns; the other lists stand in the right one."""
SIGNS: dict[str | None, tuple[str, Ink]] = {
    "triage": ("·", "full"), "backlog": ("·", "dim"), "unstarted": ("░", "dim"), "started": ("▒", "accent"),
    "completed": ("█", "done"),
}  # fmt: skip
"""How the bar of states draws the categories; what was dropped is not drawn."""
HEALTH_INK: dict[str, Ink] = {"on track": "done", "at risk": "full", "off track": "warn"}


@dataclass(frozen=True, slots=True)
class Entry:
    """The lines of one row, and the item (by path) that it opens, if any."""

    path: str | None
    lines: tuple[tuple[Part, ...], ...]


Group = tuple[Heading, Sequence[Entry]]


class DashboardPage(Page):
    """Draws it."""

    pane_from = 220

    def __init__(self, asked: Asked, view: Dashboard, groups: Sequence[Group]) -> None:
        self.view = view
        self._entries: dict[Slot, Entry] = {}
        self.lists = [(heading, [self._slot(heading, entry) for entry in entries]) for heading, entries in groups]
        self._narrow = Stack.of([Lane([list(self._sized(slots))], head) for head, slots in self.lists], 1)
        columns: tuple[list[tuple[Slot, int]], list[tuple[Slot, int]]] = ([], [])
        for head, slots in self.lists:
            columns[head.title not in LEFT].extend([(head, 1), *self._sized(slots)])
        self._wide = Stack.of([Lane(columns)], 2, places=frozenset(head for head, _ in self.lists), even=True)
        super().__init__(asked, self._narrow, shown=view.shown, total=view.total)
        self.header_height = (2 if view.statuses else 0) + bool(view.throughput)

    def _slot(self, heading: Heading, entry: Entry) -> Slot:
        name = entry.path or f"{heading.key}.{len(self._entries)}"
        slot: Slot = name
        while slot in self._entries:
            slot = Again(name, slot.number + 1 if isinstance(slot, Again) else 2)
        self._entries[slot] = entry
        return slot

    def _sized(self, slots: Iterable[Slot]) -> Iterator[tuple[Slot, int]]:
        return ((slot, len(self._entries[slot].lines)) for slot in slots)

    def path(self, slot: Slot | None) -> str | None:
        """The path of a row's item."""
        return self._entries[slot].path if slot in self._entries else None

    def notes(self) -> Sequence[str]:
        """What presses, counted."""
        view = self.view
        counts = ((view.overdue, "overdue"), (view.blocked, "blocked"), (view.due_this_week, "due this week"))
        return tuple(f"{len(found)} {word}" for found, word in counts)

    def layout(self, width: int, height: int, cursor: Slot | None) -> ColumnLayout:
        """One column, or two."""
        stack = self._wide if width >= TWO else self._narrow
        if self._now.stack is not stack:
            self._now = ColumnLayout.of(stack, width)
        return super().layout(width, height, cursor)

    def header(self, y: int, paint: Paint) -> Strip:
        """The states in words, the states as a bar, what was finished week by week."""
        if y == 0 and self.view.statuses:
            return Strip(drawn([Part(f" {words.statuses(self.view)}", 0, "head")], paint.width, Style.null(), paint))
        if y == 1 and self.view.statuses:
            return Strip(_stacked(self.view.statuses, paint))
        return Strip(row(list(_finished(self.view, paint)), paint.width, Style.null()))

    def line(self, y: int, paint: Paint) -> Strip:
        """A line of each column."""
        if not self._entries:
            return self.nothing(y, paint)
        found: list[Segment] = []
        for piece in self._now.row(y):
            if piece.x:
                found.append(Segment("│", paint.ink("rule")))
            ground = ground_of(piece.key, paint)
            if isinstance(piece.key, Heading):
                parts = [(f" {piece.key.title} ", ground + paint.ink("head")), (piece.key.note, ground + paint.ink("dim"))]  # fmt: skip
                found += row(parts, piece.width, ground)
            elif (entry := self._entries.get(piece.key)) is None:
                found.append(cells("", piece.width))
            else:
                bar = Segment("▌" if piece.key == paint.cursor else " ", ground + paint.ink("accent"))
                mark = cells(
                    "*" if piece.key in paint.marks and not piece.line else "", 1, ground + paint.ink("accent")
                )
                found += [bar, mark, *drawn(entry.lines[piece.line], piece.width - 2, ground, paint)]
        return Strip(found)


def _stacked(statuses: Sequence[Status], paint: Paint) -> list[Segment]:
    """A bar of all work by the category of its state; each that has any takes a cell at least."""
    sums: dict[str | None, int] = {}
    for one in statuses:
        if one.category in SIGNS:
            sums[one.category] = sums.get(one.category, 0) + one.count
    width, whole = paint.width - 2, sum(sums.values())
    found, left = [Segment(" ")], width
    for number, (category, count) in enumerate(sums.items(), 1):
        sign, ink = SIGNS[category]
        size = left if number == len(sums) else min(left, max(1, round(width * count / whole)))
        found.append(Segment(sign * size, paint.ink(ink)))
        left -= size
    return [*found, Segment(" " * (left + 1))]


def _finished(view: Dashboard, paint: Paint) -> Iterator[tuple[str, Style]]:
    weeks = view.throughput[-max(1, (paint.width - 14) // 9) :]  # the newest, where there is no room for all
    most = max((len(week.done) for week in weeks), default=0)
    yield " done by week ", paint.ink("dim")
    for week in weeks:
        count = len(week.done)
        level = LEVELS[max(1, round(8 * count / most))] if most and count else " "
        yield f" W{week.start.isocalendar().week} ", paint.ink("dim")
        yield level, paint.ink("done")
        yield f" {count} ", Style.null()


def build_dashboard(asked: Asked) -> DashboardPage:
    """How everything stands, as far as the query lets it through."""
    finished = None if asked.past else asked.finished
    view = dashboard(asked.vault, asked.query, asked.today, me=asked.me, finished=finished)
    projects = {one.item.path: one for one in view.projects}
    groups: list[Group] = []
    for title, rows in words.sections(view, asked.vault):
        entries = [Entry(*_entry(title, item, said, projects, asked)) for item, said in rows[:SHOWN]]
        if len(rows) > SHOWN:
            entries.append(Entry(None, ((Part(f"… and {len(rows) - SHOWN} more", 0, "dim"),),)))
        if entries:
            groups.append((Heading(title, title, str(len(rows))), entries))
    return DashboardPage(asked, view, groups)


def _entry(
    title: str, item: Item | None, said: tuple[str, ...], projects: dict[str, Project], asked: Asked
) -> tuple[str | None, tuple[tuple[Part, ...], ...]]:
    """A row's item and its lines: what it is called, and what is said of it."""
    path = item.path if item is not None else None
    name = Part(_name(item, asked))
    match title:
        case "Projects":
            health, share, presses, ends, late = said
            ink: Ink = "warn" if late.endswith("late") else "dim"
            more = " · ".join(filter(None, [presses, ends]))
            bar = _progress(projects[path].progress) if path is not None else ""
            return path, (
                (Part(item.title if item is not None else ""), Part(health, 10, HEALTH_INK.get(health, "dim")), Part(f"{share:>5} ", 6)),
                (Part(f"{bar} ", BAR + 1, "done"), Part(more, 0, "dim"), Part(late, 11, ink)),
            )  # fmt: skip
        case "Milestones ahead":
            due, ends, late, slip = said
            ink = "warn" if late.endswith("late") else "done"
            more = " · ".join(filter(None, [due, slip]))
            return path, (
                (Part("◆ ", 2, "accent"), name, Part(ends, 14, "due"), Part(late, 11, ink)),
                (Part("", 2), Part(more, 0, "dim")),
            )
        case "Blocked":
            who, why = said
            return path, ((name, Part(who, WHO, "person")), (Part("", 2), Part(why, 0, "blocked")))
        case "Too much this week":
            taken, share = said
            return path, ((Part(item.title if item is not None else ""), Part(taken, 16, "dim"), Part(f"{share}!", 8, "over")),)  # fmt: skip
        case "Open risks":
            score, response = said
            ink = BAND_INK.get(score.partition(" ")[2], "dim")
            return path, ((name, Part(score, WHO, ink), Part(response, DAY, "dim")),)
        case _:
            who, when = said
            ink = "warn" if title == "Overdue" else "due"
            return path, ((name, Part(who, WHO, "person"), Part(when, DAY if title != "Overdue" else 5, ink)),)


def _name(item: Item | None, asked: Asked) -> str:
    """The letters that name an item, and its title."""
    if item is None:
        return ""
    return f"{item.id[: max(asked.vault.prefixes.get(item.id, len(item.id)), ID_LETTERS)]} {item.title}"


def _progress(share: float) -> str:
    """A bar of cells, to a half."""
    halves = round(max(0.0, min(1.0, share)) * 2 * BAR)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(BAR, "░")
