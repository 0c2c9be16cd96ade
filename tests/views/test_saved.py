from __future__ import annotations

from planner.core.config import SavedView
from planner.views.saved import saved_query


def test_a_saved_view_reads_as_a_query() -> None:
    assert str(saved_query(SavedView("sprint", query="@ana or #x", sort="due,-priority"))) == (
        "(assignee:ana or tags:x) sort:due sort:-priority"
    )
    assert str(saved_query(SavedView("all"))) == ""
