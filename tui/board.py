"""The board on the grid: cards in columns, lanes across them, spines for columns that have no room."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.strip import Strip

from planner.core.dates import describe
from planner.core.display import cell_width, display_text
from planner.core.model import Item
from planner.views import board as views
from planner.views.facts import Facts, second_line
from tui.layout import Lane, Piece, Slot, Span, Stack
from tui.page import ROLE_INK, Asked, Page, broken, ground_of, gutter, row, short_id, since
from tui.text import cells
from tui.widgets.landing import Landing
from tui.widgets.paint import Paint

INDENT = "  "


class Head(NamedTuple):
    """The slot of a lane's heading."""

    lane: str


class Drop(NamedTuple):
    """Where a card would go: its status, the cards above and below it, one of its lane, and where that is drawn."""

    status: str
    above: str | None
    below: str | None
    member: Item | None
    landing: Landing


class BoardPage(Page):
    """Draws one board; a card is a title (of two lines at most), a line of facts and a blank line, as the density has it."""

    header_height = 2
    folds = True

    def __init__(self, asked: Asked, board: views.Board) -> None:
        height = max(1, min(asked.density, 4))
        super().__init__(asked, _stack(board, asked.folded, height), shown=board.shown, total=board.total)
        self._board = board
        self._lanes = {Head(lane.key): lane for lane in board.lanes}

    @property
    def statuses(self) -> tuple[str, ...]:
        """The states of the columns, left to right."""
        return tuple(column.status for column in self._board.columns)

    def status_at(self, slot: Slot | None) -> str | None:
        """The status of the column the slot stands in; of a heading none."""
        column = self._now.column(slot) if slot is not None else None
        return None if column is None else self._board.columns[column].status

    def drop_at(self, at: Offset, path: str) -> Drop | None:
        """What it would mean to let a card go at a cell of the page; None beside the columns."""
        span = next((span for span in self._now.spans if span.x <= at.x < span.x + span.width), None)
        if span is None:
            return None
        status, run, heads = (
            self._board.columns[span.column].status,
            self._now.stack.columns[span.column],
            self._now.stack.heads,
        )
        lane = bisect_right(heads.tops, at.y) - 1
        first = bisect_left(run.tops, heads.tops[lane]) if lane >= 0 else 0
        end = bisect_left(run.tops, heads.tops[lane + 1]) if 0 <= lane < len(heads.tops) - 1 else len(run.keys)
        head = heads.keys[lane] if lane >= 0 else None
        cards = [(str(run.keys[i]), run.tops[i], run.bottoms[i]) for i in range(first, end) if run.keys[i] != path]
        below = next((card for card in cards if at.y < (card[1] + card[2]) // 2), None)
        above = next(
            (card for card in reversed(cards) if card != below and (below is None or card[2] <= below[1])), None
        )
        y = max(0, below[1] - 1) if below is not None else above[2] - 1 if above is not None else at.y
        member = (
            next((item for cell in self._lanes[head].cells for item in cell), None) if isinstance(head, Head) else None
        )
        landing = Landing(span.x, y, span.width)
        return Drop(status, above and above[0], below and below[0], member, landing)

    # Drawing.

    def header(self, y: int, paint: Paint) -> Strip:
        """Names and limits over a rule, which is heavy where a column is full."""
        segments: list[Segment] = []
        for span in self._now.spans:
            column = self._board.columns[span.column]
            segments += _name(column, span, paint) if y == 0 else _rule(column, span, paint)
            if span.x + span.width < self._now.width:
                segments.append(Segment("│" if y == 0 else "┼", paint.ink("rule")))
        return Strip(segments)

    def line(self, y: int, paint: Paint) -> Strip:
        """One line across lanes and columns."""
        if not self.shown:
            return self.nothing(y, paint)
        segments: list[Segment] = []
        for piece in self._now.row(y):
            if piece.column == Stack.HEAD and piece.key is not None:
                return Strip(self._lane_head(piece.key, piece.width, paint))
            segments += self._piece(piece, y, paint)
            if piece.x + piece.width < self._now.width:
                segments.append(Segment("│", paint.ink("rule")))
        return Strip(segments)

    def _piece(self, piece: Piece, y: int, paint: Paint) -> list[Segment]:
        if not piece.is_open:
            return [_spine(self._board.columns[piece.column], y, piece.width, paint)]
        if piece.key is None:
            return [cells("", piece.width)]
        fact = self.facts(str(piece.key))
        if fact is None or piece.line >= min(self.asked.density, 2 + (self.asked.density > 3)):
            return [cells("", piece.width)]
        ground = ground_of(piece.key, paint)
        if piece.line == 0:
            return self._title(piece.key, fact, piece.width, ground, paint)
        bar = Segment("▌" if piece.key == paint.cursor else " ", ground + paint.ink("accent"))
        parts = self._second(fact, piece.column, ground, paint)
        if self.asked.density > 3:
            rest = self._wrapped(fact, piece.width)[1:]
            said = (rest[0], ground + self._said(piece.key, fact, paint)) if rest else None
            parts = iter([said]) if said and piece.line == 1 else parts if piece.line == 1 + bool(rest) else iter([])
        return [bar, *row([(INDENT, ground), *parts], piece.width - 1, ground)]

    def _said(self, key: Slot, fact: Facts, paint: Paint) -> Style:
        """How a title is written."""
        said = paint.ink("warn") if fact.broken else paint.ink("dim") if fact.done else Style.null()
        return said + paint.ink("strong") if key == paint.cursor or key in paint.marks else said

    def _wrapped(self, fact: Facts, width: int) -> list[str]:
        """A card's title in one or two lines."""
        title = display_text(fact.title)
        room = width - 3 - (0 if fact.broken else len(short_id(fact)) + 1)
        if cell_width(title) <= room or self.asked.density <= 3:
            return [title]
        return list(broken(title, room))

    def _title(self, key: Slot, fact: Facts, width: int, ground: Style, paint: Paint) -> list[Segment]:
        name = "" if fact.broken else f"{short_id(fact)} "
        title = self._wrapped(fact, width)[0]
        parts = [(name, ground + paint.ink("dim")), (title, ground + self._said(key, fact, paint))]
        return [*gutter(key, fact, paint, ground), *row(parts, width - 2, ground)]

    def _second(self, fact: Facts, column: int, ground: Style, paint: Paint) -> Iterator[tuple[str, Style]]:
        for number, part in enumerate(second_line(fact, self._board.columns[column].ageing)):
            yield " " * (number > 0), ground
            yield part.text, ground + paint.ink("dim" if fact.done else ROLE_INK[part.role])

    def _lane_head(self, key: Slot, width: int, paint: Paint) -> list[Segment]:
        lane = self._lanes.get(key)  # type: ignore[call-overload]  # any slot may be asked for
        if lane is None:
            return [cells("", width)]
        ground, rule = ground_of(key, paint), paint.ink("rule")
        fold = "▸" if key in self.asked.folded else "▾"
        facts = [f"{lane.total - lane.done} open", f"{lane.blocked} blocked"]
        facts += [f"{100 * lane.done // lane.total}%"] if lane.total else []
        facts += [f"due {describe(lane.due, self.asked.today)}"] if lane.due is not None else []
        parts = [
            (f"{fold} ", ground + paint.ink("accent")),
            (lane.label, ground + paint.ink("head")),
            (" ── ", ground + rule),
            (" · ".join(facts), ground + paint.ink("dim")),
            (" " + "─" * width, ground + rule),
        ]
        *shown, last = row(parts, width, ground)
        return [*shown, Segment(last.text.replace("…", "─"), last.style)]


def build_board(asked: Asked) -> BoardPage:
    """The board that was asked for."""
    board = views.board(asked.vault, asked.query, asked.today, me=asked.me, lanes=asked.lanes, since=since(asked))
    return BoardPage(asked, board)


def _stack(board: views.Board, folded: frozenset[Slot], height: int) -> Stack:
    columns = len(board.columns)
    if not board.lanes:
        return Stack.of([Lane([[(item.path, height) for item in column.items] for column in board.columns])], columns)
    lanes = [
        Lane([[(item.path, height) for item in cell] for cell in lane.cells], head, head in folded)
        for lane in board.lanes
        for head in [Head(lane.key)]
    ]
    return Stack.of(lanes, columns)


def _name(column: views.Column, span: Span, paint: Paint) -> list[Segment]:
    name = column.status.upper()
    if not span.is_open:
        return [cells(name[:2], span.width, paint.ink("dim"), "")]
    ink = paint.ink("warn" if column.over else "full" if column.full else "head")
    return row([(f" {name} ", ink), (_count(column), paint.ink("dim") if not column.full else ink)], span.width, ink)


def _count(column: views.Column) -> str:
    if column.limit is None:
        return str(column.count)
    return f"{column.wip}/{column.limit}" + (" OVER" if column.over else " full" if column.full else "")


def _rule(column: views.Column, span: Span, paint: Paint) -> list[Segment]:
    if not span.is_open:
        return [cells(column.status.upper()[2:4], span.width, paint.ink("dim"), "")]
    ink = paint.ink("warn" if column.over else "full" if column.full else "rule")
    return [Segment(("━" if column.full else "─") * span.width, ink)]


def _spine(column: views.Column, y: int, width: int, paint: Paint) -> Segment:
    """A narrow column says how many cards it holds, and whether they are done."""
    count = str(column.count) if column.count < 100 else "99"
    done = "✓" if column.category == "completed" else ""
    return cells([count, done][y] if y < 2 else "", width, paint.ink("dim"))
