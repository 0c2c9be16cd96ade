"""The one way that text from a file reaches a widget: made visible by `display_text`, and never read as markup."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from planner.core.display import display_text, fit, isolate


def content(text: str, style: str = "", *, multiline: bool = False) -> Content:
    """The text as content for any widget, title, tooltip or option; `style` is our own, in Textual's words."""
    return Content.styled(isolate(display_text(text, multiline=multiline)), style)


def segment(text: str, style: Style | None = None) -> Segment:
    """The text as a segment of a line, as wide as it is."""
    return Segment(isolate(display_text(text)), style)


def cells(text: str, width: int, style: Style | None = None, ellipsis: str = "…") -> Segment:
    """The text as a segment of exactly `width` cells, cut with the ellipsis or filled up with blanks."""
    return Segment(isolate(fit(display_text(text), width, ellipsis)), style)


def pasted(text: str) -> str:
    """Pasted text as if it had been typed: lines end in a newline, tabs are blanks, and no control character is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    return "\n".join("".join(char for char in line if char.isprintable() or ord(char) > 0x9F) for line in lines)
