"""One item whole: beside the page as a preview, or instead of it when opened; a cursor walks over what can be acted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.core.events import Event
from planner.core.model import Item
from planner.views.detail import detail
from tui.itempage import BLANK, ItemLine, Spot, history_line, item_lines
from tui.page import Asked


class DetailPane(VerticalScroll):
    """Shows an item's page and scrolls it; its history comes line by line, when somebody brings it."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._shown: tuple[Item, Asked] | None = None
        self._lines: list[ItemLine] = []
        self._past: list[ItemLine] = []
        self._at: int | None = None
        self._width = 0  # cells that lines were last broken to
        self.whole = False  # whether all of the item's past is shown that will be

    def compose(self) -> Iterator[Static]:
        yield Static(id="page")

    @property
    def path(self) -> str | None:
        """The path of the item that is shown."""
        return self._shown[0].path if self._shown is not None else None

    @property
    def spot(self) -> Spot | None:
        """What the cursor stands on."""
        return self._lines[self._at].spot if self._at is not None else None

    def show(self, item: Item | None, asked: Asked) -> bool:
        """Show this item, and whether it is another one, or changed; the place is kept only for the same item."""
        before = self._shown
        if item is None:
            self._shown, self._lines, self._past, self._at = None, [], [], None
            self.query_one("#page", Static).update(Content.styled("no item under the cursor", "$ink-dim"))
            return False
        if before is not None and before[0] is item and before[1].vault is asked.vault:
            return False
        same = before is not None and before[0].path == item.path
        self._shown = (item, asked)
        self._lines = [*item_lines(detail(asked.vault, item, asked.today))]
        if not same:
            self._past, self._at, self.whole = [], None, False
            self.scroll_home(animate=False)
        elif self._at is not None and (self._at >= len(self._lines) or self._lines[self._at].spot is None):
            self._at = None
        if asked.past:
            self._past, self.whole = [], True  # its history would tell what was to come
        self._draw()
        return before is None or before[0] is not item

    def begin_history(self) -> None:
        """History is read anew."""
        self._past, self.whole = [], False

    def add_history(self, path: str, events: Sequence[Event], *, whole: bool) -> None:
        """More of an item's past, older than what came before; ignored where another item is shown by now, or the past."""
        if self._shown is None or self._shown[0].path != path or self._shown[1].past:
            return
        self.whole = whole
        if not events:
            return
        today = self._shown[1].today
        if not self._past:
            self._past = [BLANK, ItemLine(Content.styled("History", "bold $primary"))]
        self._past += [history_line(event, today) for event in events]
        self._draw()

    def step(self, by: int) -> bool:
        """Put the cursor on the next spot that way, in view; False where there is none at all."""
        spots = [number for number, line in enumerate(self._lines) if line.spot is not None]
        if not spots:
            return False
        if self._at is None:
            self._at = spots[0 if by > 0 else -1]
        else:
            self._at = spots[(spots.index(self._at) + by) % len(spots)]
        self._draw()
        width = max(1, self.query_one("#page").size.width)
        top = sum(len(line.wrapped(width)) for line in self._lines[: self._at])
        if not self.scroll_offset.y <= top < self.scroll_offset.y + self.size.height - 1:
            self.scroll_to(y=max(0, top - self.size.height // 2), animate=False)
        return True

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit)  # the page in it has its new width only then

    def _fit(self) -> None:
        if self._shown is not None and self.query_one("#page").size.width != self._width:
            self._draw()

    def _draw(self) -> None:
        page = self.query_one("#page", Static)
        self._width = page.size.width
        lines = []
        for number, line in enumerate((*self._lines, *self._past)):
            some = line.wrapped(self._width) if line.hang and self._width else [line.said]
            lines += [one.stylize("reverse") for one in some] if number == self._at else some
        page.update(Content("\n").join(lines))
