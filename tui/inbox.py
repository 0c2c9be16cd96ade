"""The inbox on the grid: what waits for a person, each entry its item on one line and the reason below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.model import Item
from planner.core.record import dataclass
from planner.query.match import compile_query
from planner.views.facts import Facts
from planner.views.inbox import Key, inbox
from tui.layout import Lane, Slot, Stack
from tui.lists import Again, Heading
from tui.page import Asked, Page, ground_of, gutter, row, short_id
from tui.text import cells
from tui.widgets.paint import Ink, Paint

STATUS, DUE = 9, 13
"""Cells of the columns to the right of a title."""
INDENT = 6
LATELY = "lately"
"""The heading over those who changed something a short while ago."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the section it stands in, its item if it has one, and why it is here."""

    section: Key | str
    item: Item | None
    why: str

    @property
    def height(self) -> int:
        """Lines it takes."""
        return 2 if self.item is not None and self.why else 1


class InboxPage(Page):
    """Draws the sections of an inbox."""

    def __init__(
        self, asked: Asked, groups: Sequence[tuple[Heading, Sequence[Row]]], *, total: int, waiting: int
    ) -> None:
        self._rows: dict[Slot, Row] = {}
        self.waiting = waiting
        lanes = [Lane([[(self._slot(one), one.height) for one in rows]], head) for head, rows in groups]
        super().__init__(asked, Stack.of(lanes, 1), shown=sum(map(_counts, self._rows.values())), total=total)

    def _slot(self, one: Row) -> Slot:
        name = one.item.path if one.item is not None else f"{one.section}.{len(self._rows)}"
        slot: Slot = name
        while slot in self._rows:
            slot = Again(name, slot.number + 1 if isinstance(slot, Again) else 2)
        self._rows[slot] = one
        return slot

    def path(self, slot: Slot | None) -> str | None:
        """The path of an entry's item."""
        one = self._rows.get(slot)
        return one.item.path if one is not None and one.item is not None else None

    def section_of(self, slot: Slot | None) -> str:
        """The section that an entry stands in, empty for headings."""
        return self._rows[slot].section if slot in self._rows else ""

    def said(self, slot: Slot | None) -> str:
        """What an entry says that has no item."""
        return self._rows[slot].why if slot in self._rows else ""

    def notes(self) -> Sequence[str]:
        """How many entries ask for something."""
        return (f"{self.waiting} wait for you" if self.waiting != 1 else "1 waits for you",)

    def line(self, y: int, paint: Paint) -> Strip:
        """A heading, an entry's item, or its reason."""
        piece = next(self._now.row(y))
        ground = ground_of(piece.key, paint)
        if isinstance(piece.key, Heading):
            parts = [
                (f" {piece.key.title} ", ground + paint.ink("head")),
                (piece.key.note, ground + paint.ink("dim")),
            ]
            return Strip(row(parts, piece.width, ground))
        one = self._rows.get(piece.key)
        if one is None or piece.key is None:
            return self.nothing(y, paint)
        fact = self.facts(one.item.path) if one.item is not None else None
        if fact is None or piece.line:
            bar = Segment("▌" if piece.key == paint.cursor else " ", ground + paint.ink("accent"))
            indent = INDENT if fact is not None else 2
            return Strip([bar, *row([(" " * (indent - 1), ground), (one.why, ground + paint.ink("dim"))], piece.width - 1, ground)])  # fmt: skip
        return Strip(self._item(piece.key, fact, piece.width, paint, ground))

    def _item(self, slot: Slot, fact: Facts, width: int, paint: Paint, ground: Style) -> list[Segment]:
        due: tuple[str, int, Ink] = (
            (f"OVERDUE {fact.overdue}d", DUE, "warn") if fact.overdue else (fact.due, DUE, "due")
        )
        tail = [due] if width < 60 else [(fact.status or "", STATUS, "dim"), due]
        title = paint.ink("warn") if fact.broken else paint.ink("dim") if fact.done else Style.null()
        if slot == paint.cursor or slot in paint.marks:
            title += paint.ink("strong")
        room = width - 2 - sum(size for _, size, _ in tail)
        named = row([(f"{short_id(fact)} ", ground + paint.ink("dim")), (fact.title, ground + title)], room, ground)
        facts = [cells(f" {text}", size, ground + paint.ink(ink)) for text, size, ink in tail]
        return [*gutter(slot, fact, paint, ground), *named, *facts]


def _counts(one: Row) -> bool:
    """Whether an entry is about an item."""
    return one.item is not None


def build_inbox(asked: Asked) -> InboxPage:
    """What concerns the person, as far as the query lets it through."""
    found = inbox(asked.vault, asked.today, asked.me, () if asked.past else asked.news)
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    groups = []
    for section in found.sections:
        rows = [
            Row(section.key, entry.item, " ".join(entry.why.split())) for entry in section.entries if fits(entry.item)
        ]
        if rows:
            groups.append((Heading(section.key, section.title, str(len(rows))), rows))
    lately = [
        Row(LATELY, None, f"{one.who} {one.when:%H:%M} {' '.join(one.items[:5])}")
        for one in asked.present
        if not asked.past
    ]
    if lately and groups and not str(asked.query):
        groups.append((Heading(LATELY, "Lately", "who changed something in the last hours"), lately))
    total = sum(len(section.entries) for section in found.sections)
    return InboxPage(asked, groups, total=total, waiting=found.count)
