"""The calendar on the grid: a month as cells that fill the view, a week as columns, or as a list where it is narrow."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.dates import MONTH_NAMES, WEEKDAY_NAMES
from planner.core.display import cell_width, display_text
from planner.core.record import replace
from planner.query.match import compile_query
from planner.views.calendar import Calendar, CalendarDay, Event, EventKind, Span, calendar, stepped
from planner.views.facts import Facts, second_line
from tui.layout import NARROW, ColumnLayout, Lane, Piece, Slot, Stack
from tui.page import ROLE_INK, Asked, Page, broken, ground_of, gutter, row
from tui.text import cells
from tui.widgets.paint import Paint

SIGNS: Mapping[EventKind, str] = {
    "milestone": "◆ ",
    "deadline": "╷ ",
    "scheduled": "▸ ",
    "target_end": "▬ ",
    "review_by": "● ",
    "leave": "away ",
}
LEGEND = "◆ milestone ╷ deadline ▸ scheduled ▬ end ● review ✓ done"
NARROWEST = 12
"""Cells that a column needs to name what falls on its days; a narrower one counts it."""
MOVES: Mapping[str, int] = {"left": -1, "right": 1, "up": -7, "down": 7}


class Day(NamedTuple):
    """The slot of a day itself."""

    day: date


class Again(NamedTuple):
    """The slot of an item that stands on an earlier day of the page too."""

    path: str
    day: date


class More(NamedTuple):
    """The slot that stands for what a cell has no room for."""

    day: date
    others: int


class CalendarPage(Page):
    """Draws one calendar."""

    header_height = 2
    pane_from = sys.maxsize

    def __init__(self, asked: Asked, view: Calendar, total: int) -> None:
        self._view = view
        self._events: dict[Slot, Event] = {}
        self._slots = {day.day: [self._slot(event, day.day) for event in day.events] for day in view.days}
        self._size = (80, 20)
        super().__init__(asked, self._stack(*self._size), shown=len(view.items), total=total)

    def _slot(self, event: Event, day: date) -> Slot:
        slot: Slot = event.item.path
        if slot in self._events:
            slot = Again(event.item.path, day)
        self._events[slot] = event
        return slot

    # What stands where.

    def following(self, before: Page | None) -> CalendarPage:
        """This page, laid out for the view of the one before it."""
        if isinstance(before, CalendarPage):
            self._size = before._size
        self._now = ColumnLayout.of(self._stack(*self._size), self._size[0])
        return self

    def layout(self, width: int, height: int, cursor: Slot | None) -> ColumnLayout:
        """The cells of a view of this size."""
        if (width, height) != self._size or self._now.width != width:
            self._size = (width, height)
            self._now = ColumnLayout.of(self._stack(width, height), width)
        self._now = self._now.revealing(cursor)
        return self._now

    @property
    def _is_list(self) -> bool:
        return self._view.span == "week" and self._size[0] < 7 * NARROWEST

    def _stack(self, width: int, height: int) -> Stack:
        places: set[Slot] = {Day(day) for day in self._slots}
        if self._view.span == "week" and width < 7 * NARROWEST:
            column = [(slot, 1) for day, slots in self._slots.items() for slot in (Day(day), *slots)]
            return Stack.of([Lane([column])], 1, places=frozenset(places))
        if self._view.span == "week":
            columns = [[(Day(day), 1), *((slot, 3) for slot in slots)] for day, slots in self._slots.items()]
            return Stack.of([Lane(columns, least=height)], 7, places=frozenset(places), even=True)
        lines, rest = divmod(max(height, len(self._view.weeks)), len(self._view.weeks))
        lanes = []
        for number, week in enumerate(self._view.weeks):
            size = lines + (number < rest)
            columns = [list(self._cell(day, size, width)) for day in week]
            places.update(slot for column in columns for slot, _ in column if isinstance(slot, More))
            lanes.append(Lane(columns, least=size))
        return Stack.of(lanes, 7, places=frozenset(places), even=True)

    def _cell(self, day: CalendarDay, size: int, width: int) -> Iterator[tuple[Slot, int]]:
        """The slots of one day of a month: its number, what there is room for, and how much more there is."""
        slots = self._slots[day.day]
        if size < 2 or width < NARROW or not slots:
            yield Day(day.day), size
            return
        yield Day(day.day), 1
        room = size - 1
        if width < 7 * (NARROWEST + 1):  # the day's own line counts them
            yield from ((slot, 2 if 2 * len(slots) <= room else 1) for slot in slots[:room])
            return
        shown = slots if len(slots) <= room else slots[: room - 1]
        height = 2 if 2 * len(shown) <= room else 1
        yield from ((slot, height) for slot in shown)
        if len(slots) > len(shown):
            yield More(day.day, len(slots) - len(shown)), 1

    def path(self, slot: Slot | None) -> str | None:
        """The path of the item behind an event."""
        return self._events[slot].item.path if slot in self._events else None

    def day_at(self, slot: Slot | None) -> date | None:
        """The day a slot stands on."""
        if isinstance(slot, Day | More | Again):
            return slot.day
        return next((day for day, slots in self._slots.items() if slot in slots), None)

    def date_field(self, slot: Slot | None) -> str | None:
        """The date field that put an event where it stands."""
        event = self._events.get(slot)
        kind = event.kind if event is not None else None
        return "due" if kind == "milestone" else kind if kind not in {"done", "leave"} else None

    def first(self) -> Slot | None:
        """Today if it is shown, else the first day that is meant."""
        days = [day for day in self._slots if self._view.is_inside(day)]
        return Day(self.asked.today if self.asked.today in days else self._view.anchor)

    def beyond(self, slot: Slot | None, move: str) -> tuple[Asked, Slot] | None:
        """The month or week before or after."""
        day = self.day_at(slot)
        if day is None or move not in MOVES:
            return None
        try:
            there = day + timedelta(days=MOVES[move] if self._view.span == "month" or move in {"left", "right"} else 0)
        except OverflowError:
            return None
        inside = self._view.first <= there <= self._view.last
        return None if inside else (replace(self.asked, on=there), Day(there))

    def slot_on(self, day: date) -> Slot | None:
        """The slot of a day."""
        return Day(day)

    def period(self, by: int) -> Asked:
        """The page of the month or week `by` further on."""
        return replace(self.asked, on=stepped(self._view.anchor, self._view.span, by))

    def said(self, slot: Slot | None) -> str:
        """A day in words, with what falls on it."""
        day = self.day_at(slot)
        if day is None:
            return ""
        titles = [self._events[one].item.title for one in self._slots[day]]
        name = f"{day:%A} {day.day} {day:%B}"
        return f"{name}: {'nothing' if not titles else f'{len(titles)} — ' + ' · '.join(titles)}"

    # Drawing.

    def header(self, y: int, paint: Paint) -> Strip:
        """The month over the days of the week."""
        if y == 0:
            near = "" if self._view.first <= self.asked.today <= self._view.last else "   T today"
            parts = [(f" {self._view.title}", paint.ink("head")), (f"{near}   {LEGEND}", paint.ink("dim"))]
            return Strip(row(parts, paint.width, Style.null()))
        if self._is_list:
            return Strip([Segment("─" * paint.width, paint.ink("rule"))])
        segments: list[Segment] = []
        for span, day in zip(self._now.spans, self._view.weeks[0], strict=True):
            weekend = day.day.weekday() >= 5
            segments.append(
                cells(f" {WEEKDAY_NAMES[day.day.weekday()]}", span.width, paint.ink("dim" if weekend else "head"), "")
            )
            if span.x + span.width < self._now.width:
                segments.append(Segment("│", paint.ink("rule")))
        return Strip(segments)

    def line(self, y: int, paint: Paint) -> Strip:
        """One line across the days."""
        segments: list[Segment] = []
        for piece in self._now.row(y):
            segments += self._piece(piece, paint)
            if piece.x + piece.width < self._now.width:
                segments.append(Segment("│", paint.ink("rule")))
        return Strip(segments)

    def _piece(self, piece: Piece, paint: Paint) -> list[Segment]:
        key, width = piece.key, piece.width
        if isinstance(key, Day):
            return self._day(key, width, paint) if piece.line == 0 else [cells("", width)]
        if isinstance(key, More):
            ground = ground_of(key, paint)
            return [cells("▌" if key == paint.cursor else " ", 1, ground + paint.ink("accent")),
                    cells(f" + {key.others} more", width - 1, ground + paint.ink("dim"))]  # fmt: skip
        event = self._events.get(key)
        fact = self.facts(event.item.path) if event is not None else None
        if key is None or event is None or fact is None:
            return [cells("", width)]
        ground = ground_of(key, paint)
        bar = Segment("▌" if key == paint.cursor else " ", ground + paint.ink("accent"))
        if self._view.span == "week" and piece.line == 1 and not self._is_list:
            return [bar, *row([(" ", ground), *self._below(event, fact, ground, paint)], width - 1, ground)]
        place = self._now.place(key)
        lines = place.height if place is not None and self._view.span == "month" else 1
        first, second = self._parts(event, fact, key, paint, lines, width - 2)
        if piece.line == 0:
            return [*gutter(key, fact, paint, ground), *row(first, width - 2, ground)]
        return [bar, *row([(" ", ground), *second], width - 1, ground)] if second else [cells("", width)]

    def _day(self, slot: Day, width: int, paint: Paint) -> list[Segment]:
        """The number of a day, with a rule through the rest of its line, or how much falls on it where there is no room."""
        day, ground = slot.day, ground_of(slot, paint)
        is_today = day == self.asked.today
        quiet = not self._view.is_inside(day) or day.weekday() >= 5
        ink = paint.ink("accent" if is_today else "dim" if quiet else "head")
        bar = Segment("▌" if slot == paint.cursor else " ", ground + paint.ink("accent"))
        slots = self._slots[day]
        if width < NARROWEST:
            late = any(self._events[one].late for one in slots)
            number = f"[{day.day}]" if is_today and width > 5 else f"{day.day:>2}"
            count = f"{'!' if late else ' '}{len(slots)}" if width > 4 else "!" if late else "·"
            return [
                bar,
                *row(
                    [(number, ground + ink), (count * bool(slots), ground + paint.ink("warn" if late else "due"))],
                    width - 1,
                    ground,
                ),
            ]
        name = f"{day.day}" if day.day > 1 and self._view.span == "month" else f"{day.day} {MONTH_NAMES[day.month - 1]}"
        if self._is_list:
            name = f"{WEEKDAY_NAMES[day.weekday()]} {name}"
        parts = [
            (f"{name}{' today' if is_today else ''} ", ground + ink),
            ("─" * width, ground + paint.ink("rule")),
        ]
        *shown, last = row(parts, width - 1, ground)
        return [bar, *shown, Segment(last.text.replace("…", "─"), last.style)]

    def _parts(
        self, event: Event, fact: Facts, key: Slot, paint: Paint, lines: int, width: int
    ) -> list[list[tuple[str, Style]]]:
        """What is said of an event, on one line or broken between words over two."""
        ground = ground_of(key, paint)
        ink = paint.ink("warn") if fact.broken else paint.ink("dim") if fact.done else Style.null()
        if key == paint.cursor or key in paint.marks:
            ink += paint.ink("strong")
        before = [
            ("late " if event.late else "", ground + paint.ink("warn")),
            (f"{event.clock} " if event.clock and event.kind != "done" else "", ground + paint.ink("due")),
            (SIGNS.get(event.kind, ""), ground + paint.ink("full")),
        ]
        room = width - sum(cell_width(text) for text, _ in before)
        head, rest = broken(display_text(fact.title), room) if lines > 1 else (fact.title, "")
        return [[*before, (head, ground + ink)], [(rest, ground + ink)] if rest else []]

    def _below(self, event: Event, fact: Facts, ground: Style, paint: Paint) -> Iterator[tuple[str, Style]]:
        """What stands under a title in a week: the facts of a card, without the date it stands on."""
        for number, part in enumerate(part for part in second_line(fact) if part.role not in {"due", "overdue"}):
            if part.text != "no date" or event.kind == "done":
                yield " " * (number > 0), ground
                yield part.text if part.text != "no date" else "", ground + paint.ink(ROLE_INK[part.role])


def build_calendar(asked: Asked) -> CalendarPage:
    """The month or week that was asked for."""
    vault = asked.vault
    fits = compile_query(asked.query, vault, today=asked.today, me=asked.me)
    first = vault.config.first_day_of_week if asked.week_start is None else asked.week_start
    anchor = asked.on or asked.today
    span: Span = "week" if asked.zoom > 0 else "month"
    whole = calendar(vault, anchor, asked.today, span, None, first)
    kept = calendar(vault, anchor, asked.today, span, filter(fits, whole.items), first)
    return CalendarPage(asked, kept, len(whole.items))
