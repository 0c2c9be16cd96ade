"""Queries over what the schedule says: floats, dates and the critical path; computed only where they are asked for."""

from __future__ import annotations

from datetime import date

import pytest

from planner.plan.planned import planned
from planner.query.getters import PLANNED
from planner.query.language import parse_query
from planner.query.match import select
from planner.views.record import items_record, plan_record, show_record
from planner.views.table import table
from tests.conftest import build

TODAY = date(2026, 11, 25)  # a Wednesday
VAULT = """
== tasks/a.md ==
---
id: a
estimate: 3d
---
== tasks/b.md ==
---
id: b
estimate: 1d
---
== tasks/c.md ==
---
id: c
estimate: 1d
depends_on: [a, b]
---
== tasks/d.md ==
---
id: d
estimate: 1d
deadline: 2026-11-24
---
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("is:critical", "a c d"),
        ("-is:critical", "b"),
        ("critical:yes", "a c d"),
        ("total_float:0d", "a c"),
        ("total_float<0d", "d"),
        ("total_float<=2d", "a b c d"),
        ("free_float>1d", "b"),
        ("early_start:2026-11-25", "a b d"),
        ("finish>=2026-11-30", "c"),
        ("late_start>today", "b c"),
        ("has:start", "a b c d"),
        ("sort:-total_float", "b a c d"),
        ("sort:start sort:-finish", "a b d c"),
    ],
)
def test_queries_over_the_schedule(query: str, expected: str) -> None:
    found = select(build(VAULT), parse_query(query), today=TODAY)
    assert " ".join(item.id for item in found) == expected


def test_columns_of_the_schedule() -> None:
    vault = build(VAULT)
    shown = table(vault.items, ["id", "start", "late_finish", "total_float", "critical"], vault, TODAY)
    cells = [[cell.text for cell in row.cells] for row in shown.groups[0].rows]
    assert cells[1] == ["b", "today", "Fri", "2d", "no"]
    assert cells[3][3:] == ["-1d", "yes"]


def test_a_query_that_does_not_ask_for_it_makes_no_schedule() -> None:
    vault = build(VAULT)
    select(vault, parse_query("status:todo sort:due"), today=TODAY)
    record = items_record(vault.items, vault, TODAY)
    assert "planner.plan" not in vault.__dict__
    assert "total_float" not in str(record)
    assert PLANNED.isdisjoint(parse_query("status:todo sort:due -@ana").names())
    assert "critical" in set(parse_query("-is:critical").names())


def test_one_item_in_json_has_its_dates() -> None:
    vault = build(VAULT)
    computed = show_record(vault.find("c"), vault, TODAY)["computed"]
    assert isinstance(computed, dict)
    assert computed["early_start"] == "2026-11-30T09:00"
    assert (computed["total_float"], computed["total_float_minutes"], computed["driving"]) == ("0d", 0, ["a"])


def test_an_empty_plan_as_a_document() -> None:
    vault = build({})
    document = plan_record(vault, TODAY, planned(vault, TODAY), [])
    assert document == {"schema": 1, "items": [], "finish": None, "critical": [], "conflicts": []}
