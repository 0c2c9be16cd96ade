"""Items as rows of text: the list, whatever its columns and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, TypeAlias

from planner.core.fields import FieldType
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.query.getters import COMPUTED, field_of, getter
from planner.query.language import canonical
from planner.query.order import group as grouped
from planner.query.scope import Scope
from planner.views.facts import in_words, mark_of, overdue_days

DEFAULT_COLUMNS = ("id", "status", "title", "assignee", "due", "project")

CellRole: TypeAlias = Literal["id", "status", "title", "person", "due", "overdue", "tag", "number", "text"]

_ROLES: dict[FieldType, CellRole] = {
    FieldType.STATE: "status",
    FieldType.PERSON: "person",
    FieldType.WHEN: "due",
    FieldType.DATE: "due",
    FieldType.INSTANT: "due",
    FieldType.NUMBER: "number",
    FieldType.INTEGER: "number",
    FieldType.PERCENT: "number",
    FieldType.DURATION: "number",
    FieldType.ESTIMATE: "number",
    FieldType.MONEY: "number",
}
_NAMED_ROLES: dict[str, CellRole] = {"id": "id", "title": "title", "tags": "tag"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of one item in words, and what it is about; `prefix` counts the letters of an id that suffice."""

    text: str
    role: CellRole
    prefix: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One item: its mark (`!`, `⊘`, `✓`, `?` or nothing) and a cell for each column."""

    item: Item
    mark: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share a value of the field they are grouped by; `label` is empty for a list without groups."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Canonical names of the columns, and rows in their groups."""

    columns: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows in order; an item with several values of the group's field has a row in each."""
        return tuple(row for group in self.groups for row in group.rows)


def table(items: Sequence[Item], columns: Iterable[str], vault: Vault, today: date, group: str | None = None) -> Table:
    """Items as rows in the order given; no columns stand for the usual ones. Raises Invalid for an unknown field."""
    names = tuple(dict.fromkeys(column(name, vault) for name in columns)) or _default_columns(items)
    scope = Scope(vault, today)
    groups = grouped(items, column(group, vault), vault, today=today) if group else [("", tuple(items))]
    return Table(names, tuple(Group(label, tuple(_rows(members, names, scope))) for label, members in groups))


def readers(columns: Iterable[str], vault: Vault, today: date) -> tuple[Callable[[Item], Cell], ...]:
    """How each column reads an item, for skins that draw only the rows in view."""
    scope = Scope(vault, today)
    return tuple(_reader(name, scope) for name in columns)


def column(name: str, vault: Vault) -> str:
    """The canonical name of a field that can be a column; raises Invalid, with the nearest names, for an unknown one."""
    wanted = canonical(name.strip())
    known = {*vault.config.fields, *COMPUTED}
    if wanted in known or any(wanted in item.fields for item in vault.items):
        return wanted
    from difflib import get_close_matches

    near = get_close_matches(wanted.casefold(), known, n=3)
    raise Invalid(
        f"there is no field '{name}'", f"did you mean {', '.join(near)}?" if near else "for example: id,title,due"
    )


def _default_columns(items: Iterable[Item]) -> tuple[str, ...]:
    return (*DEFAULT_COLUMNS, "tags") if any(item.tags for item in items) else DEFAULT_COLUMNS


def _rows(items: Iterable[Item], columns: tuple[str, ...], scope: Scope) -> Iterator[Row]:
    read_all = [_reader(name, scope) for name in columns]
    for item in items:
        yield Row(item, mark_of(item, scope.vault), tuple(read(item) for read in read_all))


def _reader(name: str, scope: Scope) -> Callable[[Item], Cell]:
    """How a column reads an item."""
    vault, today = scope.vault, scope.today
    get, row = getter(name, scope), field_of(name, scope)
    role = _NAMED_ROLES.get(name) or _ROLES.get(row.type if row is not None else FieldType.TEXT, "text")

    def read(item: Item) -> Cell:
        values = get(item)
        return Cell(in_words(name, values, vault, today), role) if values else Cell("", role)

    def read_due(item: Item) -> Cell:
        days = overdue_days(item, vault, today)
        return Cell(f"OVERDUE {days}d", "overdue") if days else read(item)

    if name == "id":
        return lambda item: Cell(item.id, "id", vault.prefixes.get(item.id, len(item.id)))
    if name == "urgency":
        return lambda item: Cell(f"{get(item)[0]:.2f}", role)
    return read_due if name == "due" else read
