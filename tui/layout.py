"""Where things stand on the virtual page: what a grid asks of any layout, and the layout of columns and lanes.

A slot is whatever the cursor can stand on, named by a hashable key. Building a `Stack` costs one pass over the cards;
every question after that costs a binary search, so a hundred thousand cards answer as fast as ten.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple, Protocol

from planner.core.record import dataclass, field

Slot = Hashable
Direction = Literal["up", "down", "left", "right", "first", "last"]

MIN_COLUMN = 20
SPINE = 2
NARROW, WIDE = 60, 100
"""Below NARROW cells one column is shown, below WIDE three; from WIDE on as many as fit."""


class Rect(NamedTuple):
    """A rectangle of cells on the virtual page."""

    x: int
    y: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """The first line below."""
        return self.y + self.height


class Layout(Protocol):
    """The answers a grid needs; lines and cells count from 0 at the top left of the page below the frozen header."""

    @property
    def height(self) -> int:
        """Lines of the whole page."""

    def __contains__(self, key: object) -> bool:
        """Whether the slot is part of the page, even if folded away."""

    def place(self, key: Slot) -> Rect | None:
        """Where the slot stands; None if it is unknown or folded away."""

    def hit(self, x: int, y: int) -> Slot | None:
        """The slot at a cell."""

    def nearest(self, x: int, y: int) -> Slot | None:
        """The slot closest to a cell; None only if there are no slots."""

    def neighbour(self, key: Slot, direction: Direction, x: int, y: int) -> Slot | None:
        """The next slot that way; x, y is the cell the cursor would like to keep to."""

    def markable(self, key: Slot) -> bool:
        """Whether the slot is a thing to mark, rather than a heading."""

    def between(self, one: Slot, other: Slot) -> Sequence[Slot]:
        """The markable slots of the smallest block that holds both."""

    def visible(self, top: int, bottom: int) -> Iterable[Slot]:
        """The slots that begin on the lines from top up to bottom, line by line."""

    def reading_order(self) -> Iterable[Slot]:
        """All markable slots that stand somewhere, in reading order."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the board: for each column its cards, as key and height in lines, under one line of heading if any."""

    columns: Sequence[Sequence[tuple[Slot, int]]]
    head: Slot | None = None
    folded: bool = False
    least: int = 0
    """Lines it takes at least, without its heading."""


@dataclass(frozen=True, slots=True)
class Run:
    """Slots one below the other, with the line each begins and ends at."""

    keys: list[Slot] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    bottoms: list[int] = field(default_factory=list)

    def add(self, key: Slot, top: int, height: int) -> None:
        """Put one more slot at the end; only while a stack is built."""
        self.keys.append(key)
        self.tops.append(top)
        self.bottoms.append(top + height)

    def at(self, y: int) -> int | None:
        """The index of the slot that covers line y."""
        index = bisect_right(self.tops, y) - 1
        return index if index >= 0 and y < self.bottoms[index] else None

    def beside(self, y: int, step: Literal[-1, 1]) -> int | None:
        """The index of the last slot that begins above line y, or of the first that begins below it."""
        index = bisect_right(self.tops, y) if step > 0 else bisect_left(self.tops, y) - 1
        return index if 0 <= index < len(self.keys) else None

    def nearest(self, y: int) -> int | None:
        """The index of the slot closest to line y."""
        return min(self._around(y), key=lambda index: self.distance(index, y), default=None)

    def distance(self, index: int, y: int) -> int:
        """How many lines the slot is away from line y."""
        return max(self.tops[index] - y, y - self.bottoms[index] + 1, 0)

    def _around(self, y: int) -> list[int]:
        index = bisect_right(self.tops, y)
        return [i for i in (index - 1, index) if 0 <= i < len(self.keys)]


@dataclass(frozen=True, slots=True)
class Stack:
    """The vertical half of a board, built once for given lanes and good for every width."""

    columns: tuple[Run, ...]
    heads: Run
    height: int
    where: dict[Slot, tuple[int, int]]
    """Column and index of each card; column HEAD for the headings of lanes."""
    folded: frozenset[Slot]
    places: frozenset[Slot] = frozenset()
    """Slots to stand on that are nothing to mark, such as the days of a calendar."""
    even: bool = False
    """Whether all columns are open at every width, as narrow as that makes them."""

    HEAD = -1

    @classmethod
    def of(
        cls, lanes: Iterable[Lane], columns: int, *, places: frozenset[Slot] = frozenset(), even: bool = False
    ) -> Stack:
        """Stack the lanes. Raises ValueError if a key stands twice."""
        runs = tuple(Run() for _ in range(columns))
        heads = Run()
        folded: list[Slot] = []
        y = 0
        for lane in lanes:
            if lane.head is not None:
                heads.add(lane.head, y, 1)
                y += 1
            if lane.folded:
                folded += (key for cards in lane.columns for key, _ in cards)
            else:
                piles = [_pile(run, cards, y) for run, cards in zip(runs, lane.columns, strict=True)]
                y = max([y + lane.least, *piles])
        where = {key: (number, i) for number, run in enumerate(runs) for i, key in enumerate(run.keys)}
        where |= {key: (cls.HEAD, i) for i, key in enumerate(heads.keys)}
        if len(where) != len(heads.keys) + sum(len(run.keys) for run in runs):
            raise ValueError("a key stands twice on the board")
        return cls(runs, heads, y, where, frozenset(folded), places, even)


def _pile(run: Run, cards: Sequence[tuple[Slot, int]], y: int) -> int:
    """Add the cards from line y on; the line below the last."""
    for key, height in cards:
        run.add(key, y, height)
        y += height
    return y


@dataclass(frozen=True, slots=True)
class Span:
    """The cells of one column; a spine stands for a column that has no room."""

    column: int
    x: int
    width: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What one line shows in one span: line number `line` of a slot, or nothing (key None); column HEAD for headings."""

    column: int
    x: int
    width: int
    is_open: bool
    key: Slot | None
    line: int


def open_columns(width: int, count: int) -> int:
    """How many of `count` columns are open at a width."""
    if width < NARROW:
        return min(1, count)
    if width < WIDE:
        return min(3, count)
    gained_by_opening = MIN_COLUMN - SPINE
    return min(count, max(3, (width + 1 - (SPINE + 1) * count) // gained_by_opening))


def spans(width: int, count: int, first: int, opened: int | None = None) -> tuple[Span, ...]:
    """The open columns from `first` on and the spines beside them, left to right, one cell of rule between them.

    The cells are used up exactly. Spines are shown, the nearest first, as long as the open columns keep MIN_COLUMN.
    `opened` is as many as the width allows unless it is given.
    """
    opened = open_columns(width, count) if opened is None else opened
    if not opened:
        return ()
    room = width - opened * (MIN_COLUMN + 1) + 1
    shut = sorted(
        (c for c in range(count) if not first <= c < first + opened), key=lambda c: abs(2 * (c - first) - opened + 1)
    )
    spines = shut[: max(0, room // (SPINE + 1))] if width >= NARROW else []
    wide, rest = divmod(width - len(spines) * (SPINE + 1) - opened + 1, opened)
    widths = {c: wide + (c - first < rest) for c in range(first, first + opened)} | dict.fromkeys(spines, SPINE)
    found: list[Span] = []
    x = 0
    for column in sorted(widths):
        found.append(Span(column, x, widths[column], first <= column < first + opened))
        x += widths[column] + 1
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """Columns of cards side by side, over lanes; columns beyond the width are spines until the cursor goes there."""

    stack: Stack
    width: int
    first: int
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, stack: Stack, width: int, first: int = 0) -> ColumnLayout:
        """The layout at a width with column `first` leftmost of the open ones, or as near to that as there are columns."""
        count = len(stack.columns)
        opened = count if stack.even else open_columns(width, count)
        first = max(0, min(first, count - opened))
        return cls(stack, width, first, spans(width, count, first, opened))

    def resized(self, width: int) -> ColumnLayout:
        """The same board at another width."""
        return self if width == self.width else ColumnLayout.of(self.stack, width, self.first)

    def restacked(self, stack: Stack) -> ColumnLayout:
        """Another board at the same width, slid as far as this one."""
        return self if stack is self.stack else ColumnLayout.of(stack, self.width, self.first)

    def revealing(self, key: Slot | None) -> ColumnLayout:
        """The layout slid just so far that the slot's column is open; itself if it is."""
        column = self.column(key)
        opened = len(self.stack.columns) if self.stack.even else open_columns(self.width, len(self.stack.columns))
        if column is None or self.first <= column < self.first + opened:
            return self
        return ColumnLayout.of(self.stack, self.width, column if column < self.first else column - opened + 1)

    def column(self, key: Slot | None) -> int | None:
        """The number of the slot's column; None for headings, folded and unknown slots."""
        column, _ = self.stack.where.get(key, (Stack.HEAD, 0))
        return None if column == Stack.HEAD else column

    def row(self, y: int) -> Iterator[Piece]:
        """What line y shows, left to right; a heading is one piece over the whole width."""
        head = self.stack.heads.at(y)
        if head is not None:
            yield Piece(Stack.HEAD, 0, self.width, True, self.stack.heads.keys[head], 0)
            return
        for span in self.spans:
            run = self.stack.columns[span.column]
            index = run.at(y)
            key, line = (None, 0) if index is None else (run.keys[index], y - run.tops[index])
            yield Piece(span.column, span.x, span.width, span.is_open, key, line)

    # What the grid asks.

    @property
    def height(self) -> int:
        return self.stack.height

    def __contains__(self, key: object) -> bool:
        return key in self.stack.where or key in self.stack.folded

    def place(self, key: Slot) -> Rect | None:
        if (found := self.stack.where.get(key)) is None:
            return None
        column, index = found
        if column == Stack.HEAD:
            return Rect(0, self.stack.heads.tops[index], self.width, 1)
        run = self.stack.columns[column]
        x, width = next(((s.x, s.width) for s in self.spans if s.column == column), (0, 0))
        return Rect(x, run.tops[index], width, run.bottoms[index] - run.tops[index])

    def hit(self, x: int, y: int) -> Slot | None:
        for piece in self.row(y):
            if piece.x <= x < piece.x + piece.width:
                return piece.key if piece.is_open else self._nearest_card(piece.column, y)
        return None

    def nearest(self, x: int, y: int) -> Slot | None:
        start = self._column_at(x)
        heads = self.stack.heads
        for column in sorted(range(len(self.stack.columns)), key=lambda c: abs(c - start)):
            run = self.stack.columns[column]
            card, head = run.nearest(y), heads.nearest(y)
            if card is not None and (head is None or run.distance(card, y) <= heads.distance(head, y)):
                return run.keys[card]
            if head is not None:
                return heads.keys[head]
        return None

    def neighbour(self, key: Slot, direction: Direction, x: int, y: int) -> Slot | None:
        place = self.place(key)
        if place is None:
            return self.nearest(x, y)
        own = self.column(key)
        if direction in {"left", "right"}:
            return None if own is None else self._sideways(own, 1 if direction == "right" else -1, y)
        column = self._column_at(x) if own is None else own
        match direction:
            case "down":
                return self._beside(column, place.y, 1)
            case "up":
                return self._beside(column, place.y, -1)
            case "first":
                return self._beside(column, -1, 1)
            case _:
                return self._beside(column, self.height, -1)

    def markable(self, key: Slot) -> bool:
        return self.column(key) is not None and key not in self.stack.places

    def between(self, one: Slot, other: Slot) -> Sequence[Slot]:
        places = [place for key in (one, other) if (place := self.place(key)) is not None]
        if not places:
            return ()
        top, bottom = min(p.y for p in places), max(p.bottom for p in places)
        numbers = [number for key in (one, other) if (number := self.column(key)) is not None]
        runs = self.stack.columns[min(numbers) : max(numbers) + 1] if numbers else self.stack.columns
        keys = [key for run in runs for key in run.keys[bisect_left(run.tops, top) : bisect_left(run.tops, bottom)]]
        return [key for key in keys if key not in self.stack.places]

    def visible(self, top: int, bottom: int) -> Iterable[Slot]:
        pieces = (piece for y in range(top, bottom) for piece in self.row(y))
        return (piece.key for piece in pieces if piece.key is not None and piece.line == 0 and piece.is_open)

    def reading_order(self) -> Iterable[Slot]:
        everything = chain.from_iterable(run.keys for run in self.stack.columns)
        return (key for key in everything if key not in self.stack.places) if self.stack.places else everything

    def _column_at(self, x: int) -> int:
        """The shown column at cell x, its rule to the right included."""
        return max((s.column for s in self.spans if s.x <= x), default=self.first)

    def _nearest_card(self, column: int, y: int) -> Slot | None:
        run = self.stack.columns[column]
        index = run.nearest(y)
        return None if index is None else run.keys[index]

    def _sideways(self, column: int, step: Literal[-1, 1], y: int) -> Slot | None:
        """The card nearest to line y in the next column that has any."""
        ahead = range(column + step, len(self.stack.columns) if step > 0 else -1, step)
        return next((card for c in ahead if (card := self._nearest_card(c, y)) is not None), None)

    def _beside(self, column: int, y: int, step: Literal[-1, 1]) -> Slot | None:
        """The card or heading that begins next above or below line y."""
        runs = (*self.stack.columns[column : column + 1], self.stack.heads)
        found = [(run.tops[i], run.keys[i]) for run in runs if (i := run.beside(y, step)) is not None]
        if not found:
            return None
        return (min if step > 0 else max)(found, key=lambda pair: pair[0])[1]
