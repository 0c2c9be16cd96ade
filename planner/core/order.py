"""The order of cards in a column: those with a rank by it, then the others by importance."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from planner.core.config import Config
from planner.core.dates import day_of
from planner.core.model import Item

Importance: TypeAlias = tuple[int, date, str, str, str]
ColumnPlace: TypeAlias = tuple[bool, str, Importance]


def by_importance(item: Item, config: Config) -> Importance:
    """A sort key: priority (none comes last), then due date, title, id, path."""
    level = config.levels.index(item.priority) if item.priority in config.levels else len(config.levels)
    due = item.due or item.when("deadline")
    return level, day_of(due) if due is not None else date.max, item.title.casefold(), item.id, item.path


def column_place(item: Item, config: Config) -> ColumnPlace:
    """A sort key: where an open card stands in its column."""
    return item.rank is None, item.rank or "", by_importance(item, config)
