"""A saved view as a query: `[views.NAME]` of planner.toml names conditions and an order."""

from __future__ import annotations

from planner.core.config import SavedView
from planner.query.language import parse_query
from planner.query.nodes import Query


def saved_query(view: SavedView) -> Query:
    """What the view shows, in its order (`sort = "due,-priority"`); raises QueryError."""
    query = parse_query(view.query)
    return query.narrowed(parse_query(f"sort:{view.sort}")) if view.sort else query
