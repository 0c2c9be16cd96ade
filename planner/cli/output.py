"""How answers are printed: data to stdout, talk to stderr, file text only through `display_text`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from planner.core.display import cell_width, cut, display_text
from planner.core.record import dataclass

if TYPE_CHECKING:
    from planner.core.model import Problem
    from planner.errors import PlannerError

SCHEMA = 1

_COLOURS: Mapping[str, str] = {
    "bold": "1", "dim": "2", "underline": "4", "reverse": "7", "red": "31", "green": "32", "yellow": "33",
    "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
ROLES: Mapping[str, str] = {
    "id": "yellow", "head": "bold", "overdue": "red", "error": "red", "warning": "yellow", "problem": "red",
    "person": "cyan", "tag": "blue", "due": "", "done": "dim", "dim": "dim", "age": "dim", "blocked": "magenta",
    "steps": "", "title": "", "added": "green", "removed": "red", "priority": "bold", "milestone": "bold",
}  # fmt: skip
"""What a role of a view looks like on a terminal with colours; meaning never hangs on colour alone."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a printed table; `strong` first characters are underlined (the short form of an id)."""

    text: str
    role: str = ""
    strong: int = 0


class Output:
    """Where answers go, and how wide and colourful that place is."""

    def __init__(self, *, as_json: bool = False, plain: bool = False, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.as_json = as_json
        terminal = self.out.isatty()
        self.colours = terminal and not plain and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self.width = terminal_width(100) if terminal else 0

    def json(self, document: Mapping[str, object]) -> None:
        """One document; every character that a terminal might obey is escaped."""
        import json

        self.out.write(json.dumps(document, ensure_ascii=True, indent=None if not self.out.isatty() else 2) + "\n")

    def line(self, text: str = "", role: str = "") -> None:
        """One line of data."""
        self.out.write(self.paint(display_text(text), role) + "\n")

    def lines(self, text: str) -> None:
        """Several lines of a file's text, made safe."""
        self.out.write(display_text(text, multiline=True).rstrip("\n") + "\n")

    def spans(self, parts: Iterable[tuple[str, str]]) -> None:
        """One line made of (text, role) parts."""
        self.out.write("".join(self.paint(display_text(text), role) for text, role in parts).rstrip() + "\n")

    def paint(self, text: str, role: str) -> str:
        """Text in the colour of its role, where colours are on; the text must be safe already."""
        colour = _COLOURS.get(ROLES.get(role, ""), "") if self.colours and role else ""
        return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text

    def table(self, rows: Sequence[Sequence[Cell]], *, heads: Sequence[str] = (), flexible: int = -1) -> None:
        """Aligned columns; the `flexible` column gives way where the terminal is narrow."""
        if not rows:
            return
        shown = [[Cell(display_text(cell.text), cell.role, cell.strong) for cell in row] for row in rows]
        top = [Cell(head, "head") for head in heads]
        all_rows = [top, *shown] if heads else shown
        widths = [max(cell_width(row[column].text) for row in all_rows) for column in range(len(all_rows[0]))]
        self._squeeze(widths, flexible)
        for row in all_rows:
            self.out.write(
                "  ".join(self._cell(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
            )

    def _squeeze(self, widths: list[int], flexible: int) -> None:
        total = sum(widths) + 2 * (len(widths) - 1)
        if self.width and total > self.width:
            column = flexible % len(widths)
            widths[column] = max(12, widths[column] - (total - self.width))

    def _cell(self, cell: Cell, width: int) -> str:
        text = cut(cell.text, width)
        padding = " " * max(0, width - cell_width(text))
        if cell.strong and self.colours:
            return f"\x1b[1;33m{text[: cell.strong]}\x1b[0m{self.paint(text[cell.strong :], 'dim')}{padding}"
        return self.paint(text, cell.role) + padding

    def say(self, text: str) -> None:
        """Talk: to stderr, never part of the data."""
        sys.stderr.write(display_text(text, multiline=True) + "\n")

    def progress(self, text: str) -> None:
        """What is being done just now: on a terminal alone, in one line that the next one takes the place of."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{display_text(text)}…" if text else "\r\x1b[K")
            sys.stderr.flush()

    def error(self, error: PlannerError) -> None:
        """What went wrong and the way out: one JSON document on stdout, or two lines on stderr."""
        if self.as_json:
            self.json({"schema": SCHEMA, "error": {"code": error.code, "message": error.message, "hint": error.hint}})
            return
        self.say(f"planner: {error.message}")
        if caret := getattr(error, "caret", ""):
            self.say("\n".join(f"  {line}" for line in str(caret).split("\n")))
        if error.hint:
            self.say(f"  hint: {error.hint}" if "\n" not in error.hint else error.hint)

    def problem(self, problem: Problem) -> None:
        """`path:line:col: severity code: sentence (hint)`."""
        where = f"{problem.path}:{problem.line}:{problem.column}: "
        hint = f" ({problem.hint})" if problem.hint else ""
        self.spans(
            [
                (where, ""),
                (problem.severity, problem.severity),
                (f" {problem.code}: {problem.message}", ""),
                (hint, "dim"),
            ]
        )


def terminal_width(usual: int) -> int:
    """Columns of the terminal, as COLUMNS or the terminal says; the usual ones where neither does."""
    with contextlib.suppress(ValueError):
        if (said := int(os.environ.get("COLUMNS", "0"))) > 0:
            return said
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or usual if sys.__stdout__ else usual
    except (OSError, ValueError):
        return usual
