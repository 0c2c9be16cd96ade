from __future__ import annotations

from datetime import date

import pytest

from planner.plan.calendar import as_datetime
from planner.plan.model import Activity
from planner.plan.planned import planned
from tests.conftest import build

TODAY = date(2026, 11, 25)  # a Wednesday

PEOPLE = """
== people/ana.md ==
---
kind: person
leave: [2026-11-26..2026-11-27]
aliases: [annie]
---
== people/bo.md ==
---
kind: person
capacity: 20h
---
== people/kim.md ==
---
kind: person
calendar: plant
---
== planner.toml ==
[calendars.default]
holidays = ["2026-12-08", "2026-12-24 09:00-12:00"]
[calendars.plant]
working = "Mon-Sat 06:00-14:00"
"""


def span(*lines: str, rest: str = "") -> str:
    """Start and finish of task `x` with these lines in its header, as `25 09:00 - 25 18:00` with days of November."""
    plan = planned(build("\n== tasks/x.md ==\n---\nid: x\n" + "\n".join(lines) + "\n---\n" + rest + PEOPLE), TODAY)
    dates = plan.dates["tasks/x.md"]
    return f"{as_datetime(dates.start):%m-%d %H:%M} to {as_datetime(dates.finish):%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # Three kinds of work: effort, working time, elapsed time; nothing said is a day.
        (("estimate: 1d",), "11-25 09:00 to 11-25 18:00"),
        (("estimate: 1w",), "11-25 09:00 to 12-01 18:00"),
        (("duration: 4h",), "11-25 09:00 to 11-25 14:00"),
        (("duration: 2ed",), "11-25 09:00 to 11-27 09:00"),
        (("estimate: 12h", "duration: 1d"), "11-25 09:00 to 11-25 18:00"),
        (("estimate: 1d/2d/9d",), "11-25 09:00 to 11-27 18:00"),
        (("priority: high",), "11-25 09:00 to 11-25 18:00"),
        # People: leave, part of their time, several at once, their own calendar, the item's instead of it.
        (("estimate: 2d", "assignee: ana"), "11-25 09:00 to 11-30 18:00"),
        (("duration: 2d", "assignee: ana"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 1d", "assignee: bo"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 1d", "assignee: zoe", "units: 50%"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 2d", "assignee: [zoe, max]"), "11-25 09:00 to 11-25 18:00"),
        (("estimate: 3d", "assignee: [ana, zoe]"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 3d", "assignee: [zoe, max]", "units: [100%, 50%]"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 2d", "assignee: Annie"), "11-25 09:00 to 11-30 18:00"),
        (("estimate: 1d", "assignee: kim"), "11-25 06:00 to 11-25 14:00"),
        (("estimate: 1d", "assignee: kim", "calendar: default"), "11-25 09:00 to 11-25 18:00"),
        (("duration: 1d", "calendar: plant"), "11-25 06:00 to 11-25 14:00"),
        # Holidays and short days.
        (("estimate: 2d", "constraint: SNET 2026-12-07"), "12-07 09:00 to 12-09 18:00"),
        (("estimate: 1d", "constraint: SNET 2026-12-24"), "12-24 09:00 to 12-25 15:00"),
        # Constraints.
        (("estimate: 1d", "constraint: SNET 2026-12-01T14:00"), "12-01 14:00 to 12-02 14:00"),
        (("estimate: 2d", "constraint: FNET 2026-12-04"), "12-03 09:00 to 12-04 18:00"),
        (("estimate: 2d", "constraint: MSO 2026-12-01"), "12-01 09:00 to 12-02 18:00"),
        (("estimate: 2d", "constraint: MFO 2026-12-04"), "12-03 09:00 to 12-04 18:00"),
        (("estimate: 2d", "constraint: SNLT 2026-12-01"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 2d", "scheduled: 2026-11-30"), "11-30 09:00 to 12-01 18:00"),
        (("estimate: 2d", "scheduled: 2026-11-01"), "11-25 09:00 to 11-26 18:00"),
        (("estimate: 1d", "leveling_delay: 1d"), "11-26 09:00 to 11-26 18:00"),
        (("kind: milestone", "constraint: SNET 2026-11-28"), "11-30 09:00 to 11-30 09:00"),
        # Progress: what has begun is pinned, what remains goes on from today.
        (("estimate: 4d", "status: doing", "started: 2026-11-23", "progress: 50%"), "11-23 09:00 to 11-26 18:00"),
        (("estimate: 4d", "status: doing", "started: 2026-11-23", "remaining: 3d"), "11-23 09:00 to 11-27 18:00"),
        (("estimate: 4d", "status: doing", "progress: 25%"), "11-24 09:00 to 11-27 18:00"),
        (("estimate: 4d", "remaining: 1d"), "11-25 09:00 to 11-25 18:00"),
        (("estimate: 4d", "status: done", "started: 2026-11-16", "completed: 2026-11-20"), "11-16 09:00 to 11-20 18:00"),
        (("estimate: 2d", "status: done", "completed: 2026-11-20"), "11-19 09:00 to 11-20 18:00"),
    ],
)  # fmt: skip
def test_what_an_item_says_as_dates(lines: tuple[str, ...], expected: str) -> None:
    assert span(*lines) == expected


A = "\n== tasks/a.md ==\n---\nid: a\nestimate: 2d\n---\n"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a", "11-27 09:00 to 11-27 18:00"),
        ("a FS+1d", "11-30 09:00 to 11-30 18:00"),
        ("a FS-1d", "11-26 09:00 to 11-26 18:00"),
        ("a FS+3ed", "11-30 09:00 to 11-30 18:00"),
        ("a SS+4h", "11-25 14:00 to 11-26 14:00"),
        ("a FF", "11-26 09:00 to 11-26 18:00"),
        ("a FF+1d", "11-27 09:00 to 11-27 18:00"),
        ("a SF+3d", "11-27 09:00 to 11-27 18:00"),
        ("nothing", "11-25 09:00 to 11-25 18:00"),
    ],
)
def test_a_link_of_each_type_with_lag_and_lead(link: str, expected: str) -> None:
    assert span("estimate: 1d", f"depends_on: ['{link}']", rest=A) == expected


def test_a_link_to_a_summary_holds_for_all_below_it_and_one_from_it_waits_for_all() -> None:
    vault = build("""
== projects/one/project.md ==
---
depends_on: [start]
---
== projects/one/a.md ==
---
estimate: 1d
---
== projects/one/b.md ==
---
estimate: 3d
---
== tasks/start.md ==
---
estimate: 1d
---
== tasks/end.md ==
---
estimate: 1d
depends_on: [one]
---
""")
    plan = planned(vault, TODAY)
    days = {path: (as_datetime(d.start).day, as_datetime(d.finish).day) for path, d in plan.dates.items()}
    assert days["tasks/start.md"] == (25, 25)
    assert days["projects/one/a.md"] == (26, 26)
    assert days["projects/one/b.md"] == (26, 30)
    assert days["projects/one/project.md"] == (26, 30), "a summary spans what lies in it"
    assert days["tasks/end.md"] == (1, 1)
    assert plan.dates["tasks/end.md"].driving == ("projects/one/b.md",), "gates are seen through"


def test_a_project_gives_its_work_a_first_day_a_deadline_and_a_calendar() -> None:
    vault = build("""
== planner.toml ==
[calendars.plant]
working = "Mon-Sat 06:00-14:00"
== projects/one/project.md ==
---
start: 2026-11-30
deadline: 2026-12-02
calendar: plant
---
== projects/one/a.md ==
---
duration: 2d
---
""")
    plan = planned(vault, TODAY)
    dates = plan.dates["projects/one/a.md"]
    assert (
        f"{as_datetime(dates.start):%m-%d %H:%M} {as_datetime(dates.late_finish):%m-%d %H:%M}"
        == "11-30 06:00 12-01 14:00"
    )


def test_what_is_dropped_archived_or_in_triage_is_not_planned_and_holds_nothing_up() -> None:
    vault = build("""
== tasks/a.md ==
---
status: dropped
---
== inbox/b.md ==
A thought.
== archive/c.md ==
---
status: done
---
== templates/d.md ==
---
status: todo
---
== people/e.md ==
Somebody.
== tasks/f.md ==
---
depends_on: [a, b, c, d, e]
---
""")
    plan = planned(vault, TODAY)
    assert list(plan.dates) == ["tasks/f.md"]
    assert plan.dates["tasks/f.md"].driving == ()


def test_each_project_has_a_critical_path_of_its_own_and_loose_work_only_where_it_ends_last() -> None:
    vault = build("""
== projects/long/project.md ==
# Long
== projects/long/a.md ==
---
estimate: 9d
---
== projects/short/project.md ==
# Short
== projects/short/b.md ==
---
estimate: 3d
---
== projects/short/c.md ==
---
estimate: 1d
---
== tasks/loose.md ==
---
estimate: 1d
---
""")
    plan = planned(vault, TODAY)
    assert plan.critical == ("projects/long/a.md", "projects/short/b.md")
    floats = {path: d.total_float // 480 for path, d in plan.dates.items()}
    assert (floats["projects/short/c.md"], floats["tasks/loose.md"]) == (2, 8)


def test_an_activity_knows_who_it_is_and_what_nobody_said() -> None:
    vault = build(
        {
            "tasks/x.md": "---\nid: x\nassignee: [ana]\npriority: high\n---\n",
            "people/ana.md": "---\ncapacity: 20h\n---\n",
        }
    )
    activity = planned(vault, TODAY).network.activities["tasks/x.md"]
    assert isinstance(activity, Activity)
    assert (activity.assumed, activity.effort, activity.duration, activity.assignees, activity.priority) == (
        True, None, 480, (("ana", 0.5),), 1,
    )  # fmt: skip
