"""The virtual grid: a cursor, marks and the mouse over the slots of a sheet.

Board, timeline, calendar, agenda and list are renderers on it. It never walks over the slots: a key press costs one
question to the layout and the lines that changed, however many slots there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from textual import events
from textual.geometry import Offset
from textual.message import Message

from tui.layout import Direction, Layout, Rect, Slot
from tui.widgets.paint import Paint, Renderer
from tui.widgets.sheet import Sheet

Move = Literal[Direction, "half_up", "half_down", "page_up", "page_down"]


class GridMessage(Message):
    """Something a grid says."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid

    @property
    def control(self) -> Grid:
        """The grid, for `@on` selectors."""
        return self.grid


class SlotMessage(GridMessage):
    """Something a grid says about one slot."""

    def __init__(self, grid: Grid, key: Slot | None) -> None:
        super().__init__(grid)
        self.key = key


class Grid(Sheet, can_focus=True, inherit_bindings=False):
    """Shows a renderer's page; the cursor and the marks are keys, so they survive any change of the page."""

    ALLOW_SELECT = False  # dragging belongs to cards, not to text

    class Moved(SlotMessage):
        """The cursor stands on another slot, or on none."""

    class Opened(SlotMessage):
        """The slot was asked to open, by enter or a double click."""

    class Clicked(SlotMessage):
        """The slot was clicked; the cursor stands on it already."""

    class Marked(GridMessage):
        """Other slots are marked than before."""

        def __init__(self, grid: Grid, marks: frozenset[Slot]) -> None:
            super().__init__(grid)
            self.marks = marks

    class Dragged(SlotMessage):
        """The mouse is pulled from a slot, `begin` and `now` being cells of the grid; `dropped` ends it."""

        def __init__(self, grid: Grid, key: Slot, begin: Offset, now: Offset, *, dropped: bool) -> None:
            super().__init__(grid, key)
            self.begin = begin
            self.now = now
            self.dropped = dropped

    def __init__(self, renderer: Renderer, *, name: str | None = None, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(renderer, name=name, id=id)
        self._cursor: Slot | None = None
        self._marks: frozenset[Slot] = frozenset()
        self._anchor: Slot | None = None
        self._marks_before_range: frozenset[Slot] = frozenset()
        self._stood = Rect(0, 0, 0, 0)
        self._held: tuple[Slot, Offset, Offset] | None = None  # what the mouse holds: from where, to where
        self._carried = False  # what the mouse held last was carried: no click
        self._wish = (0, 0)  # the cell that moves keep to: up and down keep x, left and right keep y

    # State, by key.

    @property
    def cursor(self) -> Slot | None:
        """The slot under the cursor."""
        return self._cursor

    @property
    def marks(self) -> frozenset[Slot]:
        """The marked slots."""
        return self._marks

    @property
    def slots(self) -> frozenset[Slot]:
        """What is under the cursor or marked: what must be found again on another page."""
        known = (self._cursor, self._anchor)
        return self._marks | self._marks_before_range | {key for key in known if key is not None}

    @property
    def in_range(self) -> bool:
        """Whether moving the cursor marks."""
        return self._anchor is not None

    @property
    def targets(self) -> Sequence[Slot]:
        """What an action acts on: the marked slots in reading order, else the cursor's if it is one to mark."""
        layout = self._layout_now
        if layout is None:
            return ()
        if self._marks:
            shown = [key for key in layout.reading_order() if key in self._marks]
            return [*shown, *self._marks.difference(shown)]
        return [self._cursor] if self._cursor is not None and layout.markable(self._cursor) else []

    def show(self, renderer: Renderer, cursor: Slot | None = None, renamed: Mapping[Slot, Slot] = {}) -> None:
        """Show another page, or the same one changed, with the cursor on `cursor` or where it was.

        The cursor stays on its slot wherever that went, also under the new name that `renamed` has for it; if the slot
        is gone, it goes to the nearest one. Marks stay on all slots that are still there. What stood at the top stays
        there as far as the cursor allows, whatever came or went above it.
        """
        top = self._top() if type(renderer) is type(self._renderer) else None
        self._renderer = renderer
        if renamed:
            self._cursor, self._anchor = (renamed.get(key, key) for key in (self._cursor, self._anchor))
            self._marks, self._marks_before_range = (
                frozenset(renamed.get(key, key) for key in keys) for keys in (self._marks, self._marks_before_range)
            )
        self._settle(self._cursor if cursor is None else cursor, top)

    def move_to(self, key: Slot) -> None:
        """Put the cursor on a slot and bring it into view; an unknown or folded slot is left alone."""
        layout = self._asked(key)
        if layout is not None and (place := layout.place(key)) is not None:
            self._wish = (place.x if layout.markable(key) else self._wish[0], place.y)
            self._stand(layout, key)

    def mark(self, keys: frozenset[Slot]) -> None:
        """Mark exactly these slots."""
        if keys == self._marks:
            return
        changed = keys ^ self._marks
        self._marks = keys
        self._repaint(changed)
        self.post_message(self.Marked(self, keys))

    # Actions, named by the key table.

    def action_cursor(self, move: Move) -> None:
        """Move the cursor one slot, half a screen, a screen, or to an end of its column."""
        layout, key = self._layout_now, self._cursor
        if layout is None or key is None:
            return
        target = self._target(layout, key, move)
        if target is None:
            self._reveal()
            return
        layout = self._asked(target) or layout
        if (place := layout.place(target)) is not None:
            self._wish = self._kept(layout, target, place, move)
        self._stand(layout, target)

    def action_open(self) -> None:
        """Ask for the cursor's slot to be opened."""
        if self._cursor is not None:
            self.post_message(self.Opened(self, self._cursor))

    def action_mark(self) -> None:
        """Mark the cursor's slot, or unmark it."""
        if self._cursor is not None and self._layout_now is not None and self._layout_now.markable(self._cursor):
            self._anchor = None
            self.mark(self._marks ^ {self._cursor})

    def action_mark_range(self) -> None:
        """Begin to mark from here to wherever the cursor goes; a second time ends it and keeps the marks."""
        if self._anchor is not None:
            self._anchor = None
        elif self._cursor is not None:
            self._anchor, self._marks_before_range = self._cursor, self._marks
            self._mark_up_to_cursor()

    def action_mark_all(self) -> None:
        """Mark every slot of the page."""
        if self._layout_now is not None:
            self._anchor = None
            self.mark(frozenset(self._layout_now.reading_order()))

    def action_mark_none(self) -> None:
        """Take all marks away and end a range."""
        self._anchor = None
        self.mark(frozenset())

    def _paint(self) -> Paint:
        return Paint(self.size.width, self._cursor, self._marks, self.has_focus, self._ink, self._labels)

    # Textual's side.

    @property
    def allow_vertical_scroll(self) -> bool:
        """The wheel scrolls although no scrollbar is shown."""
        return self.max_scroll_y > 0

    def on_resize(self) -> None:
        self._settle(self._cursor)

    def on_focus(self) -> None:
        self._repaint({self._cursor})

    def on_blur(self) -> None:
        self._repaint({self._cursor})

    # The mouse: a click puts the cursor, what is pulled is carried.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        key = self._slot_at(event)
        self._held = (key, event.offset, event.offset) if key is not None and event.button == 1 else None
        self._carried = False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is None or event.offset == self._held[2]:
            return
        if not event.button:  # let go where nobody saw it
            self._held = None
            return
        self.capture_mouse()
        key, begin, _ = self._held
        self._held = key, begin, event.offset
        self._carried = True
        self._scroll_along(event)
        self.post_message(self.Dragged(self, key, begin, event.offset, dropped=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        held, self._held = self._held, None
        self.release_mouse()
        if held is not None and held[1] != held[2]:
            self.post_message(self.Dragged(self, held[0], held[1], event.offset, dropped=True))

    def _scroll_along(self, event: events.MouseMove) -> None:
        """Scroll where something is carried along the upper or lower edge of the page."""
        by = 1 if event.y >= self.size.height - 1 else -1 if event.y <= self._renderer.header_height else 0
        if by:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False, immediate=True)

    def on_click(self, event: events.Click) -> None:
        key = None if self._carried else self._slot_at(event)
        if key is None:
            return
        event.stop()
        self.move_to(key)
        self.post_message(self.Clicked(self, key))
        if event.chain == 2:
            self.post_message(self.Opened(self, key))

    # The cursor's way over the page.

    def _top(self) -> tuple[Slot, int] | None:
        """The slot at the top of the cursor's column, unless the cursor's, and how far below the upper edge it begins."""
        layout, offset = self._layout_now, self.scroll_offset.y
        key = layout.nearest(self._stood.x, offset) if layout is not None and offset else None
        if layout is not None and key is not None and key == self._cursor:
            key = layout.neighbour(key, "down", self._stood.x, offset)
        place = layout.place(key) if layout is not None and key is not None else None
        return None if key is None or place is None else (key, place.y - offset)

    def _settle(self, cursor: Slot | None, top: tuple[Slot, int] | None = None) -> None:
        """Come to terms with another page or size: cursor, marks, range and scroll offset."""
        layout = self._asked(cursor)
        if layout is None:
            self._cursor = cursor
            return
        if cursor is None or layout.place(cursor) is None:
            cursor = layout.nearest(self._stood.x, self._stood.y)
            layout = self._asked(cursor) or layout
        if self._anchor is not None and layout.place(self._anchor) is None:
            self._anchor = None
        self.refresh()
        self.mark(frozenset(key for key in self._marks if key in layout))
        if cursor is not None and (place := layout.place(cursor)) is not None:
            self._wish = (place.x if layout.markable(cursor) else self._wish[0], place.y)
        if top is not None and (kept := layout.place(top[0])) is not None:
            wanted = max(0, min(kept.y - top[1], self.max_scroll_y))
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)
        self._stand(layout, cursor)

    def _stand(self, layout: Layout, key: Slot | None) -> None:
        """Let the cursor stand on a slot, in view; repaint what it leaves and where it goes."""
        left, self._cursor = self._cursor, key
        if key is not None and (place := layout.place(key)) is not None:
            self._stood = place
        self._reveal()
        if key != left:
            self._repaint({left, key})
            self.post_message(self.Moved(self, key))
            if self._anchor is not None:
                self._mark_up_to_cursor()

    def _target(self, layout: Layout, key: Slot, move: Move) -> Slot | None:
        """The slot a move goes to."""
        body = self._body()
        match move:
            case "half_up" | "half_down":
                return self._away(layout, key, "up" if move == "half_up" else "down", max(1, body // 2))
            case "page_up" | "page_down":
                return self._away(layout, key, "up" if move == "page_up" else "down", body)
            case _:
                return layout.neighbour(key, move, *self._wish)

    def _away(self, layout: Layout, key: Slot, way: Literal["up", "down"], lines: int) -> Slot | None:
        """The slot so many lines away; the next one if that is this very slot."""
        x, y = self._wish
        target = layout.nearest(x, self._stood.y + (lines if way == "down" else -lines))
        return layout.neighbour(key, way, x, y) if target == key else target

    def _kept(self, layout: Layout, key: Slot, place: Rect, move: Move) -> tuple[int, int]:
        """The cell to keep to after a move: a sideways one keeps its line, any other its column."""
        x = place.x if layout.markable(key) else self._wish[0]
        return (x, self._wish[1] if move in {"left", "right"} else place.y)

    def _reveal(self) -> None:
        """Scroll just so far that the cursor's slot is in view, its first line before all."""
        top, body = self.scroll_offset.y, self._body()
        lowest = self._stood.y
        highest = min(lowest, self._stood.bottom - body)
        wanted = min(max(top, highest), lowest)
        wanted = max(0, min(wanted, self.max_scroll_y))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)

    def _mark_up_to_cursor(self) -> None:
        if self._layout_now is not None and self._anchor is not None and self._cursor is not None:
            self.mark(self._marks_before_range.union(self._layout_now.between(self._anchor, self._cursor)))
