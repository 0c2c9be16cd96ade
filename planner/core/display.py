"""Text from a file made safe and exact for a terminal: nothing hidden acts, and every cell is counted.

A terminal obeys control characters, reorders by bidi controls and hides zero-width ones; here they all become visible
pictures (`␛`, `‹U+202E›`), while the text in memory and on disk stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

from planner.core.pattern import later

MAX_MARKS = 8
"""Combining marks shown on one base character; five hundred of them would paint over the lines above."""

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"

_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Scripts whose spelling needs the zero-width non-joiner: Arabic and Persian, the Indic ones, Khmer, Mongolian.
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefe"

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_FORMATS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SURROGATES = "\ud800-\udfff"

# The joiner stays inside emoji, the non-joiner inside words of joining scripts, and the emoji selector
# (U+FE0F) on an emoji or a keycap; anywhere else they hide something.
_CONTEXTUAL = (
    rf"(?<![{_EMOJI}])(?<![{_EMOJI}]\ufe0f)\u200d|\u200d(?![{_EMOJI}])"
    rf"|(?<![{_JOINING}])\u200c|\u200c(?![{_JOINING}])"
    rf"|(?<![{_EMOJI}])\ufe0f(?!\u20e3)|(?<![{_EMOJI}0-9#*])\ufe0f"
)
_HIDDEN = later(f"[{_CONTROLS}{_FORMATS}{_SURROGATES}]|{_CONTEXTUAL}")
_HIDDEN_BUT_LINES = later(f"(?![\t\n])(?:{_HIDDEN.pattern})")

# A run long enough to be a pile: combining marks are no word characters. Box drawing is none either; `_capped`
# tells them apart.
_PILE = later(rf"[^\w\s!-~]{{{MAX_MARKS + 1},}}")

# One cell each, as rich counts: Latin, Greek, Cyrillic, box drawing and the signs of our own screens.
_NARROW = later("[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f–—‘’“”•…‹›€→✓⊘☐\u2500-\u25fc]*")

_RIGHT_TO_LEFT = later("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")


def display_text(text: str, *, multiline: bool = False) -> str:
    """The text as a person may safely see it: one line, or several with their newlines and tabs if `multiline`.

    Clean text comes back as the same object. The result holds no control character (but those two), no lone
    surrogate and no invisible character except joiners where a script or an emoji needs them.
    """
    if text.isascii() and text.isprintable():
        return text
    if multiline:
        text = text.replace("\r\n", "\n") if "\r\n" in text else text
        text = _HIDDEN_BUT_LINES.sub(_picture, text)
    else:
        text = _HIDDEN.sub(_picture, text)
    capped = _PILE.sub(_capped, text)
    return text if capped == text else capped


def pictures(text: str) -> list[str]:
    """What is shown for each character of one line; joined it is `display_text` of the line."""
    shown = list(text)
    if text.isascii() and text.isprintable():
        return shown
    for match in _HIDDEN.finditer(text):
        shown[match.start()] = _picture(match)
    marks = 0
    for index, one in enumerate(shown):
        marks = marks + 1 if len(one) == 1 and unicodedata.category(one) in {"Mn", "Me"} else 0
        shown[index] = one if marks <= MAX_MARKS else ""
    return shown


def has_hidden(text: str) -> bool:
    """Whether the text holds characters that a terminal obeys or hides; newlines and tabs do not count."""
    return not (text.isascii() and text.isprintable()) and _HIDDEN_BUT_LINES.search(text) is not None


def cell_width(text: str) -> int:
    """How many terminal cells the text takes: wide characters two, combining marks none."""
    if _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most `width` cells, its end replaced by the ellipsis where it is too long."""
    if cell_width(text) <= width:
        return text
    room = width - cell_width(ellipsis)
    if room < 0:
        return cut(ellipsis, width, "") if width > 0 else ""
    return _first_cells(text, room) + ellipsis


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in exactly `width` cells: cut with the ellipsis or filled up with blanks."""
    shown = cut(text, width, ellipsis)
    return shown + " " * (width - cell_width(shown))


def isolate(text: str) -> str:
    """The text kept from reordering its neighbours: wrapped in FSI and PDI (no cells) if it runs right to left."""
    if text.isascii() or not _RIGHT_TO_LEFT.search(text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def _first_cells(text: str, width: int) -> str:
    """The first `width` cells; half of a wide character becomes a blank."""
    if _is_narrow(text):
        return text[:width]
    from rich.cells import set_cell_size

    return set_cell_size(text, width)


def _picture(match: re.Match[str]) -> str:
    """What is shown for a hidden character: its control picture, the replacement character, or its code point."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"‹U+{code:04X}›"


def _capped(match: re.Match[str]) -> str:
    """The run with no more than MAX_MARKS combining marks on one base."""
    kept: list[str] = []
    marks = 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _is_narrow(text: str) -> bool:
    """Whether every character plainly takes one cell, so that counting characters is counting cells."""
    return _NARROW.fullmatch(text) is not None
