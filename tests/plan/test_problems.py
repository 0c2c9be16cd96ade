from __future__ import annotations

from datetime import date

import pytest

from planner.plan.calendar import as_datetime
from planner.plan.planned import planned
from planner.plan.problems import plan_problems
from tests.conftest import build

TODAY = date(2026, 11, 25)  # a Wednesday


def task(*lines: str) -> str:
    return "\n".join(["---", "estimate: 1d", *lines, "---", ""])


def said(files: dict[str, str]) -> list[str]:
    vault = build(files)
    return [f"{fault.path}:{fault.line}:{fault.column} {fault.message}" for fault in plan_problems(vault, TODAY)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("deadline: 2026-11-25",), "a finishes 2d after its deadline: total float -2d"),
        (("constraint: FNLT 2026-11-26",), "a finishes 1d after the date of its constraint: total float -1d"),
        (("constraint: SNLT 2026-11-25",), "a starts 2d after the date of its constraint: total float -2d"),
        (("constraint: MSO 2026-11-26",), "a must start 1d before its predecessors allow: total float -1d"),
        (("constraint: MFO 2026-11-26",), "a must finish 1d before its predecessors allow: total float -1d"),
    ],
)
def test_a_date_that_cannot_be_kept_is_named_in_days(lines: tuple[str, ...], message: str) -> None:
    files = {"tasks/a.md": task("id: a", "depends_on: [b]", *lines), "tasks/b.md": task("id: b", "duration: 2d")}
    [found] = said(files)
    assert found.endswith(f" {message}")
    assert found.startswith("tasks/a.md:5:"), "the line of the deadline or of the constraint"


def test_a_date_that_logic_allows_is_no_problem() -> None:
    assert said({"tasks/a.md": task("id: a", "deadline: 2026-11-25", "constraint: MSO 2026-11-25")}) == []


def test_a_circle_through_a_parent_is_told_whole_and_the_rest_is_planned() -> None:
    files = {
        "tasks/p.md": task("id: p", "depends_on: [c]"),
        "tasks/c.md": task("id: c", "parent: p", "depends_on: [before]"),
        "tasks/d.md": task("id: d", "parent: p"),
        "tasks/before.md": task("id: before"),
        "tasks/after.md": task("id: after", "depends_on: [p]"),
    }
    assert said(files) == [
        "tasks/c.md:5:13 a circle of dependencies and parents: c → p → c",
        "tasks/p.md:4:13 a circle of dependencies and parents: c → p → c",
    ]
    dates = planned(build(files), TODAY).dates
    assert as_datetime(dates["tasks/c.md"].early_start).day == 26, "what is no part of the circle still holds"
    assert as_datetime(dates["tasks/after.md"].early_start).day == 27


def test_a_child_that_waits_for_its_own_summary() -> None:
    files = {"tasks/p.md": task("id: p"), "tasks/c.md": task("id: c", "parent: p", "depends_on: [p]")}
    assert said(files) == ["tasks/c.md:5:13 a circle of dependencies and parents: c → p → c"]


def test_items_that_lie_in_themselves() -> None:
    files = {"tasks/a.md": task("id: a", "parent: b"), "tasks/b.md": task("id: b", "parent: a"), "tasks/c.md": task()}
    assert said(files) == [
        "tasks/a.md:4:9 a circle of parents: a → b → a",
        "tasks/b.md:4:9 a circle of parents: a → b → a",
    ]
    assert list(planned(build(files), TODAY).dates) == ["tasks/c.md"]


def test_circles_of_dependencies_alone_are_told_once_by_the_vault() -> None:
    files = {
        "tasks/a.md": task("id: a", "depends_on: [b]"),
        "tasks/b.md": task("id: b", "depends_on: [a]"),
        "tasks/c.md": task(),
    }
    assert said(files) == []
    plan = planned(build(files), TODAY)
    assert plan.network.cycles == (("tasks/a.md", "tasks/b.md"),)
    assert len(plan.dates) == 3


@pytest.mark.parametrize(
    "line",
    [
        "scheduled: 9999-12-31", "deadline: 0001-01-01", "constraint: SNET 9999-12-31", "constraint: MFO 0001-01-01",
        "started: 0001-01-01", "calendar: nobody's", "duration: 0h", "depends_on: [a, nothing, tasks]", "estimate: 0d",
        "leveling_delay: 0d", "units: 0%", "assignee: nobody", "progress: 400%", "remaining: 0d",
    ],
)  # fmt: skip
def test_what_no_plan_can_use_leaves_all_else_planned(line: str) -> None:
    files = {
        "tasks/a.md": task("id: a", line),
        "tasks/b.md": task("id: b"),
        "tasks/c.md": task("id: c", "depends_on: [b]"),
    }
    dates = planned(build(files), TODAY).dates
    assert [as_datetime(dates[f"tasks/{name}.md"].finish).isoformat() for name in "bc"] == [
        "2026-11-25T18:00:00",
        "2026-11-26T18:00:00",
    ]
    assert as_datetime(dates["tasks/a.md"].finish).year == 2026


def test_people_without_time_and_endless_leave_stop_nobody() -> None:
    files = {
        "people/ana.md": "---\nkind: person\ncapacity: 0h\n---\n",
        "people/bo.md": "---\nkind: person\nleave: [2026-11-01..9999-12-31]\n---\n",
        "tasks/a.md": task("id: a", "assignee: ana"),
        "tasks/b.md": task("id: b", "assignee: bo"),
        "tasks/c.md": task("id: c", "assignee: [ana, bo]", "depends_on: [b]"),
    }
    dates = planned(build(files), TODAY).dates
    assert as_datetime(dates["tasks/a.md"].finish).year == 2026
    assert as_datetime(dates["tasks/c.md"].finish).year == 9999, "clamped: he is never back"


def test_work_without_an_end_is_named() -> None:
    files = {"tasks/a.md": task("id: a", "duration: 99999999w"), "tasks/b.md": task("id: b", "depends_on: [a]")}
    assert said(files) == ["tasks/a.md:4:11 a would finish after the year 9999"]
