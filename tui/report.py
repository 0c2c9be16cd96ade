"""A report on the grid: a head that stays, groups of rows, each row a few cells about an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.record import dataclass
from tui.layout import Lane, Slot, Stack
from tui.lists import Again, Heading
from tui.page import Asked, Page, ground_of, row
from tui.text import cells
from tui.widgets.paint import Ink, Paint


class Part(NamedTuple):
    """A piece of a row: its text in so many cells, and its ink; no width takes what the others leave."""

    text: str
    width: int = 0
    ink: Ink | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: the item (by path) that it opens, if any, and what it says."""

    path: str | None
    parts: tuple[Part, ...]


Group = tuple[Heading, Sequence[Entry]]


class ReportPage(Page):
    """Draws a report; the head is some rows of parts."""

    pane_from = 180

    def __init__(
        self,
        asked: Asked,
        head: Sequence[Sequence[Part]],
        groups: Iterable[Group],
        *,
        shown: int,
        total: int,
        notes: Sequence[str],
    ) -> None:
        self._entries: dict[Slot, Entry] = {}
        self._head, self._notes = tuple(head), notes
        lanes = [
            Lane([[(self._slot(entry, f"{heading.key}.{n}"), 1) for n, entry in enumerate(entries)]], heading)
            for heading, entries in groups
        ]
        super().__init__(asked, Stack.of(lanes, 1), shown=shown, total=total)
        self.header_height = len(self._head)

    def _slot(self, entry: Entry, name: str) -> Slot:
        slot: Slot = entry.path or name
        while slot in self._entries:
            slot = Again(str(entry.path or name), slot.number + 1 if isinstance(slot, Again) else 2)
        self._entries[slot] = entry
        return slot

    def path(self, slot: Slot | None) -> str | None:
        """The path of a row's item."""
        return self._entries[slot].path if slot in self._entries else None

    def notes(self) -> Sequence[str]:
        """What the report is about."""
        return self._notes

    def header(self, y: int, paint: Paint) -> Strip:
        """A row of the head."""
        return Strip(drawn(self._head[y], paint.width, Style.null(), paint))

    def line(self, y: int, paint: Paint) -> Strip:
        """A heading or a row."""
        piece = next(self._now.row(y))
        if isinstance(piece.key, Heading):
            ground = ground_of(piece.key, paint)
            parts = [(f" {piece.key.title} ", ground + paint.ink("head")), (piece.key.note, ground + paint.ink("dim"))]
            return Strip(row(parts, piece.width, ground))
        entry = self._entries.get(piece.key)
        if entry is None or piece.key is None:
            return self.nothing(y, paint)
        ground = ground_of(piece.key, paint)
        bar = Segment("▌" if piece.key == paint.cursor else " ", ground + paint.ink("accent"))
        mark = cells("*" if piece.key in paint.marks else "", 1, ground + paint.ink("accent"))
        return Strip([bar, mark, *drawn(entry.parts, piece.width - 2, ground, paint)])


def drawn(parts: Sequence[Part], width: int, ground: Style, paint: Paint) -> list[Segment]:
    """The parts side by side, as far as there is room; the one without a width takes what is left, if anything is."""
    room = max(8, width - sum(part.width for part in parts))
    found: list[Segment] = []
    for part in parts:
        size = min(part.width or room, width)
        if size <= 0:
            break
        found.append(cells(part.text, size, ground + paint.ink(part.ink) if part.ink else ground))
        width -= size
    return [*found, Segment(" " * width, ground)] if width > 0 else found
