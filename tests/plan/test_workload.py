"""Workload: loads add up to the work that is left, capacity is working time without leave, and who could help."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.vault import Vault
from planner.plan.model import Schedule
from planner.plan.planned import planned
from planner.plan.workload import By, Workload, days, left_of, suggestions, tasks, vacancies, weeks, workload
from tests.conftest import build

TODAY = date(2026, 11, 25)  # a Wednesday
HOUR = 60
PEOPLE = {
    "people/ana.md": "---\ncapacity: 20h\nskills: {python: 3}\n---\n",
    "people/bo.md": "---\nleave: [2026-11-26..2026-11-30]\nskills: {python: 5, design: 1}\n---\n",
    "people/zoe.md": "---\nname: Zoë\nskills: {design: 4}\n---\n",
}


def task(id_: str, *lines: str) -> dict[str, str]:
    return {f"tasks/{id_}.md": "\n".join(("---", f"id: {id_}", *lines, "---", ""))}


def loads(load: Workload, path: str = "") -> dict[str, list[float]]:
    """Hours by row, of everything or of one task."""
    return {
        row.id: [sum(minutes for cause, minutes in cell.causes if path in {"", cause}) / HOUR for cell in row.cells]
        for row in load.rows
    }


def measured(texts: dict[str, str], starts: Iterable[date], by: By = "person") -> tuple[Workload, Vault, Schedule]:
    vault = build({**PEOPLE, **texts})
    schedule = planned(vault, TODAY)
    return workload(vault, schedule, tuple(starts), by), vault, schedule


def test_effort_is_spread_over_working_days_at_the_share_somebody_works() -> None:
    load, _, _ = measured(task("a", "estimate: 12h", "assignee: ana", "due: 2026-12-04"), days(TODAY, 6))
    assert loads(load)["ana"] == [4, 4, 4, 0, 0, 0]  # half days: capacity is 20 of 40 hours
    assert [cell.capacity for cell in load.rows[0].cells] == [240, 240, 240, 0, 0, 240]
    assert [cell.percent for cell in load.rows[0].cells] == [100, 100, 100, None, None, 0]
    assert not list(load.over_allocated)


def test_leave_is_no_capacity_and_a_week_that_has_begun_counts_from_today() -> None:
    load, _, _ = measured({}, weeks(TODAY, 2))
    assert load.starts == (date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7))
    assert {row.id: [(cell.capacity or 0) / HOUR for cell in row.cells] for row in load.rows} == {
        "ana": [12, 20], "bo": [8, 32], "zoe": [24, 40],
    }  # fmt: skip
    assert weeks(TODAY, 1, first_day=6) == (date(2026, 11, 22), date(2026, 11, 29))


def test_too_much_is_named_with_its_causes_the_largest_first() -> None:
    texts = {**task("a", "estimate: 2d", "assignee: zoe", "due: 2026-12-04"),
             **task("b", "estimate: 1d", "assignee: zoe", "due: 2026-12-04")}  # fmt: skip
    load, _, _ = measured(texts, days(TODAY, 3))
    ((row, day, cell),) = load.over_allocated
    assert (row.name, day, cell.load, cell.percent) == ("Zoë", TODAY, 960, 200)
    assert cell.causes == (("tasks/a.md", 480), ("tasks/b.md", 480))


def test_several_share_the_work_by_their_time() -> None:
    load, _, _ = measured(task("a", "estimate: 3d", "assignee: [ana, zoe]", "due: 2026-12-04"), weeks(TODAY, 2))
    assert {id_: sum(hours) for id_, hours in loads(load).items()} == {"ana": 8, "bo": 0, "zoe": 16}


def test_only_what_is_left_counts_and_nothing_of_what_is_done() -> None:
    texts = {**task("a", "estimate: 4d", "remaining: 1d", "status: doing", "assignee: zoe"),
             **task("b", "estimate: 4d", "progress: 75%", "status: doing", "assignee: zoe"),
             **task("c", "estimate: 4d", "status: done", "assignee: zoe")}  # fmt: skip
    load, _, _ = measured(texts, weeks(TODAY, 2))
    assert sum(loads(load)["zoe"]) == 16


def test_work_for_somebody_who_is_away_shows_where_it_falls() -> None:
    load, _, _ = measured(
        task("a", "estimate: 1d", "duration: 1d", "assignee: bo", "constraint: MSO 2026-11-26"), days(TODAY, 3)
    )
    ((row, day, cell),) = load.over_allocated
    assert (row.id, day, cell.load, cell.capacity, cell.percent) == ("bo", date(2026, 11, 26), 480, 0, None)


def test_what_nothing_dates_and_what_nobody_does_stands_apart() -> None:
    texts = {
        **task("loose", "estimate: 1d", "assignee: zoe"), **task("dated", "assignee: zoe", "scheduled: 2026-11-30"),
        **task("nobody", "estimate: 2d", "deadline: 2026-12-04"), **task("first", "assignee: ana"),
        **task("then", "depends_on: [first]", "assignee: ana"), **task("begun", "status: doing", "assignee: zoe"),
    }  # fmt: skip
    load, _, _ = measured(texts, weeks(TODAY, 3))
    assert [(each.path, each.minutes, each.assumed) for each in load.unscheduled] == [("tasks/loose.md", 480, False)]
    assert [(each.path, each.minutes, each.assumed) for each in load.unassigned] == [("tasks/nobody.md", 960, False)]
    assert sum(loads(load, "tasks/dated.md")["zoe"]) == 8  # nobody said how long: a day


def test_teams_roles_and_projects_roll_up() -> None:
    texts = {
        "teams/core.md": "---\nkind: team\nname: Core\nmembers: [ana, zoe]\n---\n",
        "projects/web/project.md": "---\ntitle: Web\nteam:\n  - {person: zoe, role: design, units: 50%}\n---\n",
        **task("a", "estimate: 1d", "assignee: zoe", "due: 2026-12-04", "project: web"),
        **task("b", "estimate: 4h", "assignee: bo", "due: 2026-12-04"),
    }
    week = weeks(TODAY, 1)
    by_team, by_role, by_project = (measured(texts, week, by)[0] for by in ("team", "role", "project"))
    said = [
        [(row.name, row.cells[0].load // HOUR, (row.cells[0].capacity or 0) // HOUR) for row in load.rows]
        for load in (by_team, by_role, by_project)
    ]
    assert said == [[("Core", 8, 36), ("", 4, 0)], [("design", 8, 12), ("", 4, 0)], [("Web", 8, 12), ("", 4, 0)]]
    assert not list(by_team.over_allocated)  # who is in no team has no capacity to exceed


def test_a_role_without_a_person_is_vacant() -> None:
    team = "team:\n  - {person: zoe, role: design}\n  - {role: tests, units: 50%}\n  - {role: odd, units: many}\n  - nobody\n"
    vault = build({"projects/web/project.md": f"---\ntitle: Web\n{team}---\n",
                   "projects/old/project.md": f"---\ntitle: Old\narchived: true\n{team}---\n"})  # fmt: skip
    assert [(each.project, each.role, each.share) for each in vacancies(vault)] == [
        ("web", "tests", 0.5),
        ("web", "odd", 1),
    ]


def test_who_could_do_it_has_the_skills_and_first_the_time() -> None:
    texts = {
        **task("a", "estimate: 1d", "requires_skills: [python]", "scheduled: 2026-11-26"),
        **task("busy", "estimate: 1w", "assignee: ana", "due: 2026-12-30"),
    }
    _, vault, schedule = measured(texts, weeks(TODAY, 1))
    found = suggestions(vault, schedule, schedule.network.activities["tasks/a.md"])
    assert [(each.person, each.level, each.free, each.wanted, each.fits) for each in found] == [
        ("bo", 5, 0, 480, False), ("ana", 3, 0, 480, False),
    ]  # fmt: skip
    texts["tasks/a.md"] = texts["tasks/a.md"].replace("[python]", "design")
    _, vault, schedule = measured(texts, weeks(TODAY, 1))
    found = suggestions(vault, schedule, schedule.network.activities["tasks/a.md"])
    assert [(each.person, each.level, each.fits) for each in found] == [("zoe", 4, True), ("bo", 1, False)]


TASK = st.tuples(
    st.sampled_from(
        ["estimate: 7h", "estimate: 3d", "estimate: 1d/2d/5d", "duration: 2d", "estimate: 1h\nduration: 3d"]
    ),
    st.sampled_from(
        ["assignee: ana", "assignee: [ana, bo]", "assignee: [zoe, bo, ana]\nunits: 33%", "assignee: nobody"]
    ),
    st.sampled_from(
        ["due: 2026-12-01", "status: doing\nprogress: 37%", "depends_on: [t0]", "constraint: MSO 2026-11-27"]
    ),
)


@settings(max_examples=20)
@given(st.lists(TASK, min_size=1, max_size=6), st.integers(1, 20))
def test_loads_add_up_to_what_is_left_however_time_is_cut(rows: list[tuple[str, str, str]], step: int) -> None:
    texts: dict[str, str] = {}
    for number, lines in enumerate(rows):
        texts |= task(f"t{number}", *lines)
    vault = build({**PEOPLE, **texts})
    schedule = planned(vault, TODAY)
    far = days(TODAY, 400)
    by_day, cut = (workload(vault, schedule, starts) for starts in (far, far[::step] + far[-1:]))
    loose = {each.path for each in by_day.unscheduled}
    left = {path: left_of(a) for path, a in schedule.network.activities.items() if path not in loose}
    assert sum(each.minutes for each in tasks(vault, schedule)) == sum(left.values())
    for path, minutes in left.items():
        for load in (by_day, cut):
            assert (
                sum(sum(cause[1] for cause in c.causes if cause[0] == path) for r in load.rows for c in r.cells)
                == minutes
            )
