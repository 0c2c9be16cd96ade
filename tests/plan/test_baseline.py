"""Baselines compared: slip in working days, variances of work and cost, what came and went, forecasts over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from planner.core.frozen import Baseline
from planner.core.vault import Vault
from planner.plan.baseline import baselines, compare, freeze, trend
from planner.plan.model import Schedule
from planner.plan.planned import planned
from tests.conftest import build

TODAY = date(2026, 11, 25)  # a Wednesday
PLAN = """
== projects/web/project.md ==
---
title: Web
budget: 9000 EUR
---
== projects/web/build.md ==
---
id: build
assignee: ana
estimate: 3d
---
== projects/web/test.md ==
---
id: test
assignee: ana
estimate: 2d
cost: 50 EUR
depends_on: [build]
---
== projects/web/done.md ==
---
id: done
kind: milestone
depends_on: [test]
---
== people/ana.md ==
---
rate: 60 EUR
---
"""


def frozen(vault: Vault, day: date = TODAY) -> tuple[Baseline, Schedule]:
    schedule = planned(vault, day)
    return freeze(vault, schedule, "agreed", day), schedule


def test_what_is_frozen() -> None:
    baseline, _ = frozen(build(PLAN))
    rows = {id_: (row.kind, row.project, f"{row.start:%d %H:%M}", f"{row.finish:%d %H:%M}", row.duration, row.effort, str(row.cost))
            for id_, row in baseline.rows.items()}  # fmt: skip
    assert rows == {
        "build": ("task", "web", "25 09:00", "27 18:00", 1440, 1440, "1440.00 EUR"),
        "test": ("task", "web", "30 09:00", "01 18:00", 960, 960, "1010.00 EUR"),
        "done": ("milestone", "web", "01 18:00", "01 18:00", 0, 0, "None"),
    }


def test_nothing_differs_from_itself() -> None:
    baseline, schedule = frozen(build(PLAN))
    found = compare(baseline, baseline, schedule)
    assert not any(each.changed for each in found.items)
    assert (found.slip, found.effort, found.cost) == (0, 0, {"EUR": Decimal(0)})
    assert [*found.added, *found.removed] == []


def test_a_longer_task_makes_all_behind_it_late_by_working_days() -> None:
    before, _ = frozen(build(PLAN))
    after, schedule = frozen(build(PLAN.replace("estimate: 3d", "estimate: 5d")))
    found = compare(before, after, schedule)
    assert [(each.after.id, each.slip, each.start / 480, each.duration, each.effort) for each in found.items] == [
        ("build", 2, 0, 960, 960), ("done", 2, 2, 0, 0), ("test", 2, 2, 0, 0),
    ]  # fmt: skip
    assert (found.slip, found.effort, found.cost) == (2, 960, {"EUR": Decimal(960)})
    assert compare(after, before, schedule).slip == -2


def test_a_weekend_between_is_no_slip() -> None:
    before, _ = frozen(build(PLAN))
    late = {
        id_: replace(row, start=row.start.replace(day=28, hour=3)) for id_, row in before.rows.items() if id_ == "build"
    }
    early = {
        id_: replace(row, start=row.start.replace(day=27, hour=18))
        for id_, row in before.rows.items()
        if id_ == "build"
    }
    _, schedule = frozen(build(PLAN))
    (each,) = compare(replace(before, rows=early), replace(before, rows=late), schedule).items
    assert each.start == 0


def test_scope_that_came_and_went() -> None:
    before, _ = frozen(build(PLAN))
    texts = PLAN.replace("== projects/web/test.md ==\n---\nid: test", "== projects/web/test.md ==\n---\nid: review")
    after, schedule = frozen(build(texts.replace("depends_on: [test]", "depends_on: [review]")))
    found = compare(before, after, schedule)
    assert [row.id for row in found.added] == ["review"]
    assert [row.id for row in found.removed] == ["test"]
    assert found.cost == {"EUR": 0}


def test_costs_in_two_currencies_have_no_difference() -> None:
    before, _ = frozen(build(PLAN))
    after, schedule = frozen(build(PLAN.replace("EUR", "CHF")))
    found = compare(before, after, schedule)
    assert {each.cost for each in found.items} == {None}
    assert found.cost == {"EUR": Decimal(-2450), "CHF": Decimal(2450)}


def test_forecasts_of_milestones_over_time() -> None:
    first, _ = frozen(build(PLAN.replace("estimate: 3d", "estimate: 1d")))
    second, _ = frozen(build(PLAN))
    (each,) = trend([Baseline("empty", TODAY), first, second])
    assert each.id == "done"
    assert [when and f"{when:%m-%d}" for when in each.forecasts] == [None, "11-27", "12-01"]
    assert trend([]) == ()


def test_the_newest_baseline_comes_last() -> None:
    text = "---\nkind: baseline\ntaken: {}\n---\n"
    days = {"b": "2026-01-01", "a": "2026-02-01", "odd": "someday"}
    vault = build({f"baselines/{name}.md": text.format(day) for name, day in days.items()})
    assert list(baselines(vault)) == ["odd", "b", "a"]
