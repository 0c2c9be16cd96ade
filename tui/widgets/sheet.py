"""A sheet: a renderer's page as it looks in the window that is scrolled over it.

It keeps the lines that were drawn and paints anew only those that changed, however long the page is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from operator import is_
from typing import ClassVar, Self

from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.layout import Layout, Slot
from tui.widgets.landing import Landing, landed
from tui.widgets.paint import INKS, Ink, Paint, Renderer

KEPT_LINES = 400
"""So many lines of a page are kept as they were drawn."""


class Sheet(ScrollView, inherit_bindings=False):
    """Shows a renderer's page; what stands out on it (a cursor, marks) is for the subclass to say."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"sheet--{ink}" for ink in INKS}
    DEFAULT_CSS = """
    Sheet { overflow: hidden hidden; }
    Sheet > .sheet--cursor { text-style: reverse; }
    Sheet > .sheet--mark { text-style: bold; }
    Sheet > .sheet--head { text-style: bold; }
    Sheet > .sheet--rule { text-style: dim; }
    Sheet > .sheet--strong { text-style: bold; }
    Sheet > .sheet--dim { text-style: dim; }
    Sheet > .sheet--warn { text-style: bold; color: $text-error; }
    Sheet > .sheet--link { text-style: underline; }
    Sheet > .sheet--full { text-style: bold; }
    Sheet > .sheet--accent { text-style: bold; }
    """

    def __init__(self, renderer: Renderer, *, name: str | None = None, id: str | None = None) -> None:  # noqa: A002 (Textual's word)
        super().__init__(name=name, id=id)
        self._renderer = renderer
        self._layout_now: Layout | None = None
        self._labels: Mapping[Slot, str] = {}
        self._landing: Landing | None = None
        self._inks: dict[str, Style] = {}
        self._drawn: dict[int, Strip] = {}  # lines of the page as they look, until something on them changes
        self._drawn_for: tuple[object, ...] = ()

    @abstractmethod
    def _paint(self) -> Paint:
        """What the lines are drawn with now."""

    def label(self, labels: Mapping[Slot, str]) -> None:
        """Show a label on these slots, or none any more."""
        self._labels = labels
        self.refresh()

    def show_landing(self, landing: Landing | None) -> None:
        """Draw where what is carried would land; None draws nothing."""
        if landing != self._landing:
            self._landing = landing
            self.refresh()

    # Where things are.

    def _body(self) -> int:
        """Lines of the page that are in view."""
        height = self.size.height
        return max(1, height - self._renderer.header_height - self._renderer.footer_height(height))

    def _asked(self, cursor: Slot | None) -> Layout | None:
        """The renderer's layout with that cursor, None where there is no room for one; painted anew if it is another."""
        if not self.size:
            self._layout_now = None  # that of the page before says nothing of this one
            return None
        layout = self._renderer.layout(self.size.width, self._body(), cursor)
        if layout is not self._layout_now:
            self._layout_now = layout
            self.virtual_size = Size(self.size.width, layout.height + self.size.height - self._body())
            self.refresh()
        return layout

    def page_cell(self, at: Offset) -> Offset:
        """The cell of the page at a cell of the sheet."""
        return Offset(at.x, at.y - self._renderer.header_height + self.scroll_offset.y)

    def _slot_at(self, event: events.MouseEvent) -> Slot | None:
        """The slot under the mouse."""
        layout, at, top = self._layout_now, event.get_content_offset(self), self._renderer.header_height
        if layout is None or at is None or not top <= at.y < top + self._body():
            return None
        return layout.hit(at.x, at.y - top + self.scroll_offset.y)

    def region_of(self, key: Slot) -> Region | None:
        """Where a slot is on the screen, as far as it is in view; None where nothing of it is."""
        if self._layout_now is None or (place := self._layout_now.place(key)) is None:
            return None
        view = Region(0, self._renderer.header_height, self.size.width, self._body())
        top = place.y - self.scroll_offset.y + view.y
        shown = Region(place.x, top, place.width, place.height).intersection(view)
        return shown.translate(self.content_region.offset) if shown else None

    def in_view(self) -> list[Slot]:
        """The slots that begin in view, top first; not more than there are lines and columns."""
        layout = self._layout_now
        if layout is None:
            return []
        top = self.scroll_offset.y
        return [key for key in layout.visible(top, top + self._body()) if layout.markable(key)]

    # Drawing.

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint anew; without a region because any line may look different."""
        if not regions:
            self._drawn.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        """Colours are others."""
        self._inks.clear()
        self._drawn.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        if self._layout_now is None:
            return Strip.blank(self.size.width, self.rich_style)
        paint = self._paint()
        header_height = self._renderer.header_height
        if y < header_height:
            return self._whole(self._renderer.header(y, paint))
        if (below := y - header_height - self._body()) >= 0:
            return self._whole(self._renderer.footer(below, self.size.height, paint))
        line = y - header_height + self.scroll_offset.y
        return landed(self._line(line, paint), line, self._landing, self._ink("accent"))

    def _line(self, line: int, paint: Paint) -> Strip:
        """A line of the page, drawn once: a page that is scrolled is seen again, but for a line."""
        drawn_for = self._renderer, self._layout_now, paint.width, paint.focused
        if len(self._drawn) > KEPT_LINES or not all(map(is_, drawn_for, self._drawn_for or (None,))):
            self._drawn_for = drawn_for
            self._drawn.clear()
        strip = self._drawn.get(line)
        if strip is None:
            strip = self._drawn[line] = self._whole(self._renderer.line(line, paint))
        return strip

    def _whole(self, strip: Strip) -> Strip:
        """The strip as wide as the grid and with a background everywhere: Textual paints none on blank segments."""
        if (ground := self._inks.get("ground")) is None:
            ground = self._inks["ground"] = self.rich_style  # the same for all lines, and dear
        return strip.adjust_cell_length(self.size.width).apply_style(ground)

    def _ink(self, ink: Ink) -> Style:
        found = self._inks.get(ink)
        if found is None:
            found = self._inks[ink] = self.get_component_rich_style(f"sheet--{ink}", partial=True)
        return found

    def repaint_lines(self, lines: range) -> None:
        """Repaint these lines of the page, and what stands below it."""
        for y in lines:
            self._drawn.pop(y, None)
        top, body = self._renderer.header_height, self._body()
        first, after = (max(0, min(body, y - self.scroll_offset.y)) for y in (lines.start, lines.stop))
        if first < after:
            self.refresh(Region(0, top + first, self.size.width, after - first))
        if below := self.size.height - top - body:
            self.refresh(Region(0, top + body, self.size.width, below))

    def _repaint(self, keys: set[Slot | None] | frozenset[Slot]) -> None:
        """Repaint these slots and the header only, or everything if they are more than a screen could show."""
        layout = self._layout_now
        if layout is None or len(keys) > self._body():
            self.refresh()
            return
        view = Region(0, self._renderer.header_height, self.size.width, self._body())
        if view.y:
            self.refresh(Region(0, 0, view.width, view.y))
        for key in keys:
            if key is not None and (place := layout.place(key)) is not None:
                for line in range(place.y, place.bottom):
                    self._drawn.pop(line, None)
                y = place.y - self.scroll_offset.y + view.y
                if region := Region(place.x, y, place.width, place.height).intersection(view):
                    self.refresh(region)
