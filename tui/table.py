"""The list on the grid: items as rows of any columns, in any order, in groups of any field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.model import Item
from planner.query.match import compile_query
from planner.query.order import DEFAULT_SORT, group, sorted_items
from planner.query.scope import Scope
from planner.query.visible import is_work, visible
from planner.views.facts import Facts
from planner.views.table import Cell, CellRole, readers
from tui.layout import Slot
from tui.lists import Heading, ListPage, Row
from tui.page import Asked, ground_of, gutter, row, short_id
from tui.text import cells
from tui.widgets.paint import Ink, Paint

COLUMNS = ("id", "title", "status", "assignee", "due", "project", "tags")
"""The usual ones, left to right; the field of the groups is left out."""
KEPT = ("title", "id", "due", "assignee", "status", "project", "tags")
"""Which of the usual ones are kept longest where it gets narrow; any other goes first, from the right."""

SIZES: Mapping[CellRole, int] = {
    "id": 5, "status": 10, "person": 12, "due": 14, "overdue": 14, "tag": 18, "number": 9, "text": 18,
}  # fmt: skip
"""Cells of a column by what it is about, the blank before it included; the title takes the rest."""
TITLE = 18
"""Cells a title has at least; columns to the right give way."""

INKS: Mapping[CellRole, Ink] = {
    "id": "dim", "status": "dim", "person": "person", "due": "due", "overdue": "warn", "tag": "tag", "number": "dim",
    "text": "dim",
}  # fmt: skip


class TablePage(ListPage):
    """Draws one table; a row's cells are read when it is first drawn."""

    header_height = 1

    def __init__(
        self, asked: Asked, groups: Sequence[tuple[Heading, Sequence[Row]]], total: int, grouped_by: str | None
    ) -> None:
        super().__init__(asked, groups, total, 0)
        self.columns = asked.columns or tuple(name for name in COLUMNS if name != grouped_by)
        self._read = readers(self.columns, asked.vault, asked.today)
        self._cells: dict[str, tuple[Cell, ...]] = {}
        some = next((line.item for line in self._rows.values()), None)
        self._roles: Sequence[CellRole] = ["text"] * len(self.columns)
        if some is not None:
            self._roles = [read(some).role for read in self._read]

    def header(self, y: int, paint: Paint) -> Strip:  # noqa: ARG002 (there is one line)
        """The names of the columns, an arrow at what they are sorted by."""
        sorts = {sort.field: "↓" if sort.descending else "↑" for sort in self.asked.query.sort}
        parts: list[Segment] = [Segment("  ", paint.ink("dim"))]
        for name, size in self._widths(paint.width):
            said = name.replace("_", " ") + (f" {sorts[name]}" if name in sorts else "")
            said = said if name in {"title", "id"} else f" {said}"
            parts.append(cells(said, size, paint.ink("accent" if name in sorts else "dim")))
        return Strip(parts)

    def _widths(self, width: int) -> list[tuple[str, int]]:
        """The columns there is room for, with their cells, which add up to what is right of the gutter."""
        sizes = {name: SIZES.get(role, SIZES["due"]) for name, role in zip(self.columns, self._roles, strict=True)}
        room = width - 2
        shown = list(self.columns)
        flexible = "title" if "title" in shown else shown[-1]
        while len(shown) > 1 and sum(sizes[name] for name in shown if name != flexible) + TITLE > room:
            shown.remove(
                max((name for name in shown if name != flexible), key=lambda name: self._patience(name, shown))
            )
        rest = room - sum(sizes[name] for name in shown if name != flexible)
        return [(name, rest if name == flexible else sizes[name]) for name in shown]

    def _patience(self, name: str, shown: Sequence[str]) -> tuple[int, int]:
        """How soon a column gives way: the usual ones by KEPT, a person's own choice from the right."""
        usual = not self.asked.columns and name in KEPT
        return (KEPT.index(name) if usual else len(KEPT), shown.index(name))

    def _row(self, slot: Slot, line: Row, fact: Facts, width: int, paint: Paint) -> list[Segment]:
        ground = ground_of(slot, paint)
        if fact.broken:
            parts = [(f"{fact.title}  ", ground + paint.ink("warn")), (fact.problem, ground + paint.ink("dim"))]
            return [*gutter(slot, fact, paint, ground), *row(parts, width - 2, ground)]
        if line.item.path not in self._cells:
            self._cells[line.item.path] = tuple(read(line.item) for read in self._read)
        said = dict(zip(self.columns, self._cells[line.item.path], strict=True))
        drawn = [self._cell(slot, name, said[name], fact, size, paint) for name, size in self._widths(width)]
        return [*gutter(slot, fact, paint, ground), *drawn]

    def _cell(self, slot: Slot, name: str, cell: Cell, fact: Facts, size: int, paint: Paint) -> Segment:
        ground = ground_of(slot, paint)
        if name == "title":
            ink = paint.ink("dim") if fact.done else Style.null()
            if slot == paint.cursor or slot in paint.marks:
                ink += paint.ink("strong")
            return cells(cell.text, size, ground + ink)
        text = f"{short_id(fact)} " if name == "id" else f" {cell.text}"
        return cells(text, size, ground + paint.ink("dim" if fact.done else INKS.get(cell.role, "dim")))


def build_list(asked: Asked) -> TablePage:
    """Everything the query shows: by its sort, else by due date; in groups of the field asked for, else of status."""
    scope = Scope(asked.vault, asked.today, asked.me)
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    seen = visible(asked.query, scope)
    work = [item for item in asked.vault.items if is_work(item) and seen(item)]
    sort = (*asked.query.sort, *DEFAULT_SORT)
    items = sorted_items([item for item in work if fits(item)], sort, asked.vault, today=asked.today)
    if asked.lanes:
        groups = group(items, asked.lanes, asked.vault, today=asked.today)
        return TablePage(
            asked, [_group(label, label, [*map(Row, members)]) for label, members in groups], len(work), asked.lanes
        )
    if asked.query.sort:
        return TablePage(asked, [_group("all", "All", [*map(Row, items)])] if items else [], len(work), None)
    order = {name.casefold(): place for place, name in enumerate(asked.vault.config.workflow.names())}
    items.sort(key=lambda item: order.get((item.status or "").casefold(), len(order)))
    return TablePage(asked, [*_by_status(items)], len(work), "status")


def _by_status(items: Iterable[Item]) -> Iterator[tuple[Heading, list[Row]]]:
    for status, members in groupby(items, key=lambda item: (item.status or "").casefold()):
        rows = [*map(Row, members)]
        yield _group(status, (rows[0].item.status or "not readable").capitalize(), rows)


def _group(key: str, label: str, rows: list[Row]) -> tuple[Heading, list[Row]]:
    return Heading(key, label, str(len(rows))), rows
