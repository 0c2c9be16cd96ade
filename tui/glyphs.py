"""Signs for terminals that know ASCII only: every character the screen draws with is told by one of its own width."""

from __future__ import annotations

import locale

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from planner.core.display import cell_width

ASCII = str.maketrans(
    {
        **dict.fromkeys("│┃║▏▎▍▌▐▕╷╵", "|"),
        **dict.fromkeys("─━═╌┄╴╶▔▃", "-"),
        **dict.fromkeys("▁▂", "_"),
        **dict.fromkeys("▬", "+"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╋┿╂", "+"),
        **dict.fromkeys("█▇▆▅▄▀■▉▊▋", "#"),
        **dict.fromkeys("▓", "="),
        **dict.fromkeys("▒", ":"),
        **dict.fromkeys("░·•…∙", "."),
        **dict.fromkeys("▾▼", "v"),
        **dict.fromkeys("▸▶→⏎", ">"),
        **dict.fromkeys("◂◀←", "<"),
        **dict.fromkeys("▴▲↑", "^"),
        **dict.fromkeys("↓", "v"),
        **dict.fromkeys("✓☑✗", "x"),
        **dict.fromkeys("☐◇", "o"),
        **dict.fromkeys("⊘", "%"),
        **dict.fromkeys("◆●", "*"),
        **dict.fromkeys("↻", "@"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("–—", "-"),
    }
)


def ascii_text(text: str) -> str:
    """The text in ASCII, as wide as before; letters that have no sign become question marks."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else "?" * cell_width(char) for char in text.translate(ASCII))


class Ascii(LineFilter):
    """Tells every line in ASCII, just before it is painted."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 (Textual's signature)
        """The segments with their text in ASCII."""
        return [Segment(ascii_text(text), style, control) for text, style, control in segments]


def wants_ascii(setting: str) -> bool:
    """Whether `glyphs` of the user's settings means ASCII here; `auto` asks the locale."""
    if setting != "auto":
        return setting == "ascii"
    return "utf" not in locale.getpreferredencoding(False).casefold()
