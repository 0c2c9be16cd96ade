"""The problems page: every fault of the vault under the file it stands in, with its line and the way out."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from planner.core.model import Problem
from planner.query.match import compile_query
from planner.query.nodes import Query
from tui.layout import Lane, Slot, Stack
from tui.lists import Heading
from tui.page import Asked, Page, ground_of, row
from tui.text import cells
from tui.widgets.paint import Ink, Paint

SIGNS: dict[str, tuple[str, Ink]] = {"error": ("?", "warn"), "warning": ("!", "full"), "info": ("·", "dim")}


class Fault(NamedTuple):
    """The slot of one fault: the file and which of its faults."""

    path: str
    number: int


class ProblemsPage(Page):
    """Draws faults; what acts on an item acts on the one whose file has the fault."""

    def __init__(self, asked: Asked, problems: tuple[Problem, ...], total: int) -> None:
        self._faults: dict[Slot, Problem] = {}
        lanes = []
        for path, group in groupby(problems, key=lambda fault: fault.path):
            slots = []
            for number, fault in enumerate(group):
                slots.append(Fault(path, number))
                self._faults[slots[-1]] = fault
            lanes.append(Lane([[(slot, 2) for slot in slots]], Heading(path, path, str(len(slots)))))
        super().__init__(asked, Stack.of(lanes, 1), shown=len(problems), total=total)

    def path(self, slot: Slot | None) -> str | None:
        """The path of the file with the fault."""
        return slot.path if isinstance(slot, Fault) else None

    def line_of(self, slot: Slot | None) -> int | None:
        """The line in the file that a fault stands in."""
        fault = self._faults.get(slot)
        return fault.line if fault is not None else None

    def said(self, slot: Slot | None) -> str:
        """A fault in one line, as `planner check` prints it; of use where the file is no item."""
        fault = self._faults.get(slot)
        return str(fault) if fault is not None else ""

    def notes(self) -> tuple[str, ...]:
        """How many of each severity."""
        counts = {name: sum(fault.severity == name for fault in self._faults.values()) for name in SIGNS}
        return tuple(f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count) or (
            "none",
        )

    def line(self, y: int, paint: Paint) -> Strip:
        """The sentence of a fault, and under it the way out."""
        piece = next(self._now.row(y))
        key, width = piece.key, piece.width
        ground = ground_of(key, paint) if key is not None else Style.null()
        if isinstance(key, Heading):
            parts = [(f" {key.title} ", ground + paint.ink("head")), (f"{key.note} ", ground + paint.ink("dim"))]
            return Strip(
                row([*parts, ("─" * max(0, width - len(key.title) - 5), ground + paint.ink("rule"))], width, ground)
            )
        fault = self._faults.get(key)
        if key is None or fault is None:
            return self.nothing(y, paint)
        sign, ink = SIGNS.get(fault.severity, ("·", "dim"))
        bar = Segment("▌" if key == paint.cursor else " ", ground + paint.ink("accent"))
        mark = cells("*" if key in paint.marks else sign, 2, ground + paint.ink(ink))
        if piece.line:
            hint = fault.hint or "e opens the file at this line"
            return Strip([bar, *row([(f"  {fault.code} · {hint}", ground + paint.ink("dim"))], width - 1, ground)])
        parts = [(f"line {fault.line}: ", ground + paint.ink("dim")), (fault.message, ground)]
        return Strip([bar, mark, *row(parts, width - 3, ground)])


def build_problems(asked: Asked) -> ProblemsPage:
    """Every fault, or those in the files that the query finds."""
    found = tuple(sorted(asked.vault.problems))
    if asked.query.filter == Query().filter:
        return ProblemsPage(asked, found, len(found))
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    wanted = {item.path for item in asked.vault.items if fits(item)}
    return ProblemsPage(asked, tuple(fault for fault in found if fault.path in wanted), len(found))
