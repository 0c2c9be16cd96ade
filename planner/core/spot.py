"""A fault at a field: where in its file the value stands that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.document import line_column, parse_document
from planner.core.fields import CANONICAL
from planner.core.model import Item, Problem
from planner.core.problems import problem

if TYPE_CHECKING:
    from planner.core.vault import Vault


def fault_in(vault: Vault, item: Item, name: str, code: str, message: str, hint: str = "", value: str = "") -> Problem:
    """A Problem at a field's value, at the very `value` in it where that is given, else at the file's beginning."""
    line, column = _at(vault, item.path, name, value)
    return problem(item.path, line, column, code, message, hint)


def _at(vault: Vault, path: str, name: str, value: str) -> tuple[int, int]:
    document = parse_document(vault.text(path))
    for entry in document.entries:
        if CANONICAL.get(entry.key, entry.key) == name:
            inside = document.text.find(value, entry.value_start, entry.end) if value else -1
            return line_column(document.text, inside if inside >= 0 else entry.value_start)
    return 1, 1
