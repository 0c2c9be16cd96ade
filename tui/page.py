"""What all pages of the grid share: what was asked for, and how a line is put together from parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.display import cell_width, cut, display_text
from planner.core.model import Item
from planner.core.record import dataclass, field
from planner.core.vault import Vault
from planner.query.match import compile_query
from planner.query.nodes import Query
from planner.views.facts import Facts, Role, facts
from planner.views.scale import WEEKLY
from tui.layout import ColumnLayout, Slot, Stack
from tui.text import cells, segment
from tui.widgets.paint import Ink, Paint

if TYPE_CHECKING:
    from planner.core.events import Revision
    from planner.past import Present

ID_LETTERS = 3
"""An id is shown by its shortest form that names it, and by at least so many letters."""

ROLE_INK: Mapping[Role, Ink] = {
    "person": "person",
    "due": "due",
    "overdue": "warn",
    "tag": "tag",
    "blocked": "blocked",
    "problem": "warn",
    "age": "dim",
    "steps": "dim",
    "dim": "dim",
}
MARK_INK: Mapping[str, Ink] = {"!": "full", "⊘": "blocked", "✓": "done", "?": "warn", "*": "accent"}


@dataclass(frozen=True, slots=True)
class Window:
    """What of a plan one looks at: the zoom (its place in ZOOMS), the moment at the left edge, the critical path."""

    zoom: int = WEEKLY
    left: int | None = None  # None: so that today is in view
    critical: bool = True


JUMP = Style(reverse=True, bold=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a page is made from; equal ones make equal pages."""

    view: str
    vault: Vault
    today: date
    me: str
    query: Query
    lanes: str | None = None
    """The field that sets lanes apart on a board, and groups in a list."""
    folded: frozenset[Slot] = frozenset()
    columns: tuple[str, ...] = ()
    """The columns of a list; none stand for the usual ones."""
    since: Mapping[str, tuple[str, date]] = field(default_factory=dict)
    """The status that each item (by path) had when history was read, and the day it got it."""
    density: int = 3
    on: date | None = None
    """The day that a view of time stands at; None stands for today."""
    zoom: int = 0
    """How near a view of time is: 0 is its usual scale, 1 one step nearer, -1 one step away."""
    week_start: int | None = None
    """The weekday that weeks begin with (0 is Monday), where the person says; None: as the vault does."""
    window: Window = Window()
    first: bool = False
    """A first look, drawn at once: what only all files together tell is left out."""
    past: bool = False
    """Whether this is how it was: `today` is that day, and nothing can be changed."""
    news: tuple[Revision, ...] = ()
    """The commits since the person last looked, the newest first."""
    present: tuple[Present, ...] = ()
    """Who else changed something a short while ago."""
    finished: tuple[tuple[date, str], ...] | None = None
    """What was finished in the last weeks (day and id), once history was asked."""


class Page(ABC):
    """A renderer of items in columns; made beside the screen, then only drawn."""

    header_height = 0
    folds = False
    """Whether what stands under a heading can be folded away."""
    pane_from = 140
    """The width from which on an item is shown beside the page, unless the person wants it otherwise."""

    def __init__(self, asked: Asked, stack: Stack, *, shown: int, total: int) -> None:
        self.asked = asked
        self.shown = shown
        self.total = total
        self._now = ColumnLayout.of(stack, 0)
        self._facts: dict[str, Facts] = {}
        self._since = since(asked)
        self._matches: tuple[Query, list[Slot]] | None = None
        if not asked.first:
            warm(asked.vault)

    def following(self, before: Page | None) -> Page:
        """This page, slid as far as the one before it."""
        if before is not None and type(before) is type(self):
            self._now = before._now.restacked(self._now.stack)
        return self

    def path(self, slot: Slot | None) -> str | None:
        """The path of the item behind a slot; None for headings."""
        return slot if isinstance(slot, str) else None

    def item(self, slot: Slot | None) -> Item | None:
        """The item behind a slot; None for headings and files that are gone."""
        file = self.asked.vault.files.get(self.path(slot) or "")
        return file.item if file is not None else None

    def holds(self, slot: Slot) -> bool:
        """Whether the slot stands on the page, and is not folded away."""
        return self._now.place(slot) is not None

    def first(self) -> Slot | None:
        """The first slot that is an item."""
        return next(iter(self._now.reading_order()), None)

    def status_at(self, slot: Slot | None) -> str | None:  # noqa: ARG002 (of interest where there are columns)
        """The status that something added at the slot would get."""
        return None

    def lane_of(self, slot: Slot | None) -> Slot | None:
        """The heading of the lane or group a slot stands in, where that can be folded; of a heading itself."""
        heads, place = self._now.stack.heads, self._now.place(slot) if slot is not None and self.folds else None
        above = bisect_right(heads.tops, place.y) - 1 if place is not None else -1
        return heads.keys[above] if above >= 0 else None

    def day_at(self, slot: Slot | None) -> date | None:  # noqa: ARG002 (of interest where there are days)
        """The day that something added at the slot would be due."""
        return None

    def slot_on(self, day: date) -> Slot | None:  # noqa: ARG002 (of interest where there are days)
        """The slot that stands for a day."""
        return None

    def period(self, by: int) -> Asked:  # noqa: ARG002 (of interest in time)
        """What to ask for to see the time `by` pages further on."""
        return self.asked

    def date_field(self, slot: Slot | None) -> str | None:  # noqa: ARG002 (of interest where there are days)
        """The date field that put the slot where it stands."""
        return None

    def beyond(self, slot: Slot | None, move: str) -> tuple[Asked, Slot] | None:  # noqa: ARG002 (of interest in time)
        """The page that lies beyond this one's edge, and where the cursor would stand on it; None where there is none."""
        return None

    def said(self, slot: Slot | None) -> str:  # noqa: ARG002 (items have a line of their own)
        """What the line about the cursor says of a slot that is no item."""
        return ""

    @property
    def statuses(self) -> tuple[str, ...]:
        """The states of the columns, left to right; none where columns are no states."""
        return ()

    def column_of(self, slot: Slot) -> list[Slot]:
        """The slots of the column or list that this one stands in, top first."""
        column = self._now.column(slot)
        return [] if column is None else list(self._now.stack.columns[column].keys)

    def place_of(self, slot: Slot | None) -> tuple[int, int]:
        """Where a slot stands in reading order; before everything if it stands nowhere."""
        return self._now.stack.where.get(slot, (-1, -1))

    def matches(self, query: Query) -> Sequence[Slot]:
        """The slots whose items a query finds, in reading order; worked out once for each page."""
        if self._matches is None or self._matches[0] != query:
            fits = compile_query(query, self.asked.vault, today=self.asked.today, me=self.asked.me)
            slots = self._now.reading_order()
            self._matches = (query, [slot for slot in slots if (item := self.item(slot)) is not None and fits(item)])
        return self._matches[1]

    def layout(self, width: int, height: int, cursor: Slot | None) -> ColumnLayout:  # noqa: ARG002 (asked of every page)
        """The columns at a width, with the cursor's column open."""
        self._now = self._now.resized(width).revealing(cursor)
        return self._now

    def header(self, y: int, paint: Paint) -> Strip:  # noqa: ARG002 (there is none but on the board)
        """Line y of the header."""
        return Strip([])

    def footer_height(self, height: int) -> int:  # noqa: ARG002 (there is none but on the timeline)
        """Lines below the page that do not scroll, on a grid so high."""
        return 0

    def footer(self, y: int, height: int, paint: Paint) -> Strip:  # noqa: ARG002 (there is none but on the timeline)
        """Line y of the footer, on a grid so high."""
        return Strip([])

    def notes(self) -> Sequence[str]:
        """What the bar above says of this page beside its counts."""
        return ()

    def line_of(self, slot: Slot | None) -> int | None:  # noqa: ARG002 (of interest where a slot is a line)
        """The line of the file that a slot is about."""
        return None

    def nothing(self, y: int, paint: Paint) -> Strip:
        """Line y of a page that shows nothing: why, and the keys that change that; blank where there is something."""
        from tui.empty import empty_lines

        lines = empty_lines(self.asked, self.total) if not self.shown else ()
        if not 1 <= y <= len(lines):
            return Strip([cells("", paint.width)])
        key, said = lines[y - 1]
        parts = [(f"  {key:<7}", paint.ink("accent"))] if key else [("  ", Style.null())]
        return Strip(row([*parts, (said, paint.ink("dim") if key else paint.ink("head"))], paint.width, Style.null()))

    @abstractmethod
    def line(self, y: int, paint: Paint) -> Strip:
        """Line y of the page."""

    def facts(self, path: str) -> Facts | None:
        """What is worth saying about an item, worked out when it is first drawn."""
        if path not in self._facts:
            file = self.asked.vault.files.get(path)
            if file is None or file.item is None:
                return None
            self._facts[path] = facts(
                file.item, self.asked.vault, self.asked.today, self._since, alone=self.asked.first
            )
        return self._facts[path]


def renames(before: Page, slots: Iterable[Slot], after: Page) -> dict[Slot, Slot]:
    """Where these slots of one page are on the next, as far as their items' files have other names there."""
    old, new = before.asked.vault, after.asked.vault
    found: dict[Slot, Slot] = {}
    for slot in slots if old is not new else ():
        item = before.item(slot) if isinstance(slot, str) and slot not in new.files else None
        if item is not None and (now := new.get(item.id)) is not None:
            found[slot] = now.path
    return found


def since(asked: Asked) -> dict[str, date]:
    """The day each item entered its state, as history told; what moved since then did so today."""
    found = {}
    for path, (status, day) in ({} if asked.past else asked.since).items():
        file = asked.vault.files.get(path)
        if file is not None and file.item is not None:
            found[path] = day if (file.item.status or "").casefold() == status.casefold() else asked.today
    return found


def warm(vault: Vault) -> None:
    """Have the vault work out, beside the screen, what drawing and opening will ask of it."""
    _ = (
        vault.problems,
        vault.cross_problems,
        vault.prefixes,
        vault.successors,
        vault.members,
        vault.backlinks,
        vault.by_name,
    )


def short_id(fact: Facts) -> str:
    """The letters by which an item is named on the screen."""
    return fact.id[: max(fact.prefix, ID_LETTERS)]


def gutter(slot: Slot, fact: Facts | None, paint: Paint, ground: Style) -> list[Segment]:
    """The two cells before a card: the cursor's bar, and the mark; or the letters to jump by."""
    if slot in paint.labels:
        return [cells(paint.labels[slot], 2, ground + paint.ink("accent") + JUMP)]
    bar = "▌" if slot == paint.cursor else " "
    sign = "*" if slot in paint.marks else (fact.mark if fact is not None else "")
    ink = MARK_INK.get(sign)
    return [
        Segment(bar, ground + paint.ink("accent")),
        cells(sign, 1, ground + paint.ink(ink) if ink else ground),
    ]


def ground_of(slot: Slot, paint: Paint) -> Style:
    """What a slot is painted on."""
    return paint.ink("cursor") if slot == paint.cursor else Style.null()


def row(parts: Iterable[tuple[str, Style]], width: int, fill: Style) -> list[Segment]:
    """The parts side by side in exactly `width` cells, the end cut or filled up."""
    segments: list[Segment] = []
    for text, style in parts:
        size = cell_width(display_text(text))
        if size > width:
            return [*segments, cells(text, width, style)]
        segments.append(segment(text, style))
        width -= size
    return [*segments, Segment(" " * width, fill)]


def broken(text: str, width: int) -> tuple[str, str]:
    """A text that was made visible, broken between words where it is wider than `width`; the rest may be wider still."""
    if cell_width(text) <= width:
        return text, ""
    head = cut(text, width, "")
    if text[len(head) : len(head) + 1] != " " and (at := max(head.rfind(" "), head.rfind("-"))) > 0:
        head = head[: at + 1]
    return head.rstrip(), text[len(head) :].lstrip()
