"""Today and the agenda on the grid: one item a line under headings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.dates import MONTH_NAMES, WEEKDAY_NAMES, day_of, describe
from planner.core.model import Item
from planner.core.record import dataclass, field
from planner.query.match import compile_query
from planner.views import agenda as views
from planner.views.facts import Facts
from tui.layout import Lane, Slot, Stack
from tui.page import Asked, Page, ground_of, gutter, row, short_id
from tui.text import cells
from tui.widgets.paint import Ink, Paint

DAYS = 28
"""How far the agenda looks ahead."""

STATUS, WHO, DUE, PROJECT, LEAD = 9, 10, 13, 20, 14
"""Cells of the columns to the right of the title; the project's only where there is room."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The slot of a heading, with what it says: it is the same slot whatever it says."""

    key: str
    title: str = field(compare=False)
    note: str = field(default="", compare=False)


class Again(NamedTuple):
    """The slot of an item that stands on the page before."""

    path: str
    number: int


class Row(NamedTuple):
    """One line: an item, and what is said before it."""

    item: Item
    lead: str = ""
    field: str | None = None
    """The field by whose date it stands here."""


class ListPage(Page):
    """Draws groups of rows."""

    folds = True

    def __init__(self, asked: Asked, groups: Sequence[tuple[Heading, Sequence[Row]]], total: int, lead: int) -> None:
        self._rows: dict[Slot, Row] = {}
        lanes = [
            Lane([[(self._slot(line), 1) for line in rows]], heading, heading in asked.folded)
            for heading, rows in groups
        ]
        shown = len({line.item.path for line in self._rows.values()})
        super().__init__(asked, Stack.of(lanes, 1), shown=shown, total=total)
        self._lead = lead

    def _slot(self, line: Row) -> Slot:
        slot: Slot = line.item.path
        while slot in self._rows:
            slot = Again(line.item.path, slot.number + 1 if isinstance(slot, Again) else 2)
        self._rows[slot] = line
        return slot

    def path(self, slot: Slot | None) -> str | None:
        """The path of a row's item."""
        return self._rows[slot].item.path if slot in self._rows else None

    def date_field(self, slot: Slot | None) -> str | None:
        """The field by whose date a row stands where it does."""
        return self._rows[slot].field if slot in self._rows else None

    def line(self, y: int, paint: Paint) -> Strip:
        """A heading or a row."""
        piece = next(self._now.row(y))
        if isinstance(piece.key, Heading):
            return Strip(self._heading(piece.key, piece.width, paint))
        line = self._rows.get(piece.key)
        fact = self.facts(line.item.path) if line is not None else None
        if line is None or fact is None or piece.key is None:
            return self.nothing(y, paint)
        return Strip(self._row(piece.key, line, fact, piece.width, paint))

    def _heading(self, heading: Heading, width: int, paint: Paint) -> list[Segment]:
        ground = ground_of(heading, paint)
        parts = [
            (" ▸" if heading in self.asked.folded else "", ground + paint.ink("accent")),
            (f" {heading.title} ", ground + paint.ink("head")),
            (f"{heading.note} ", ground + paint.ink("dim")),
            ("─" * width, ground + paint.ink("rule")),
        ]
        *shown, last = row(parts, width, ground)
        return [*shown, Segment(last.text.replace("…", "─"), last.style)]

    def _row(self, slot: Slot, line: Row, fact: Facts, width: int, paint: Paint) -> list[Segment]:
        ground = ground_of(slot, paint)
        tail = self._tail(line.item, fact, width)
        room = width - 2 - self._lead - sum(size for _, size, _ in tail)
        title = paint.ink("warn") if fact.broken else paint.ink("dim") if fact.done else Style.null()
        if slot == paint.cursor or slot in paint.marks:
            title += paint.ink("strong")
        lead = [cells(line.lead, self._lead, ground + paint.ink("dim"))] if self._lead else []
        named = row([(f"{short_id(fact)} ", ground + paint.ink("dim")), (fact.title, ground + title)], room, ground)
        facts = [cells(f" {text}" if size > 1 else text, size, ground + paint.ink(ink)) for text, size, ink in tail]
        return [*gutter(slot, fact, paint, ground), *lead, *named, *facts]

    def _tail(self, item: Item, fact: Facts, width: int) -> list[tuple[str, int, Ink]]:
        """What stands at the right of a title, with its cells, as far as there is room."""
        if fact.problem and fact.broken:
            return [(fact.problem, width // 2, "warn")]
        due: tuple[str, int, Ink] = (
            (f"OVERDUE {fact.overdue}d", DUE, "warn") if fact.overdue else (fact.due, DUE, "due")
        )
        who: tuple[str, int, Ink] = (" ".join(f"@{person}" for person in fact.assignees), WHO, "person")
        status: tuple[str, int, Ink] = (fact.status or "", STATUS, "dim")
        project: tuple[str, int, Ink] = (item.project or item.area or "", PROJECT, "tag")
        if width < 60:
            return [due]
        return [status, who, due] if width < 100 else [status, who, due, project]


def build_today(asked: Asked) -> ListPage:
    """What the day asks for, as far as the query lets it through."""
    day = views.today(asked.vault, asked.today, asked.me)
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    found = [
        (section, [Row(item, field=_own_date(item)) for item in section.items if fits(item)])
        for section in day.sections
    ]
    groups = [(Heading(section.key, section.title, str(len(rows))), rows) for section, rows in found if rows]
    return ListPage(asked, groups, sum(len(section.items) for section in day.sections), 0)


def build_agenda(asked: Asked) -> ListPage:
    """The days to come, runs of empty ones as one heading."""
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    whole = views.agenda(asked.vault, asked.today, DAYS)
    kept = views.agenda(asked.vault, asked.today, DAYS, [*filter(fits, asked.vault.planned)])
    groups = [
        (_day(day, asked.today), [Row(entry.item, _lead(entry), _field(entry)) for entry in day.entries])
        for day in kept.days
    ]
    return ListPage(asked, groups, len({entry.item.path for day in whole.days for entry in day.entries}), LEAD)


def _day(day: views.Day, today: date) -> Heading:
    near = describe(day.day, today)
    title = f"{WEEKDAY_NAMES[day.day.weekday()]} {day.day.day} {MONTH_NAMES[day.day.month - 1]}"
    until = f"to {describe(day.until, today)}: nothing" if day.until is not None else ""
    return Heading(day.day.isoformat(), title, near if near in {"today", "tomorrow"} else until)


def _own_date(item: Item) -> str | None:
    """The field that says when an item is to be done."""
    return next((name for name in ("due", "scheduled", "deadline") if item.when(name) is not None), None)


def _field(entry: views.Entry) -> str | None:
    """The field whose date puts an entry on its day; None where a date alone does not."""
    if entry.kind == "leave":
        return None
    return "due" if entry.kind in {"overdue", "milestone"} else entry.kind


def _lead(entry: views.Entry) -> str:
    at = f"{entry.when:%H:%M} " if isinstance(entry.when, datetime) and entry.kind != "overdue" else ""
    return (
        f"{at}{entry.kind.replace('_', ' ')}"
        if entry.kind != "overdue"
        else f"since {day_of(entry.when).day} {MONTH_NAMES[day_of(entry.when).month - 1]}"
    )
