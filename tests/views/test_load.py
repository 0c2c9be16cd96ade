from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.vault import Vault
from planner.plan.calendar import moment
from planner.plan.people import person_calendar
from planner.plan.planned import planned
from planner.plan.workload import capacity, tasks
from planner.views.load import Load, load
from planner.views.scale import ZOOMS, Scale

TODAY = date(2026, 11, 25)  # a Wednesday
TOML = '[calendars.default]\nworking = "Mon-Fri 09:00-12:00 13:00-18:00"\n'


def taken(headers: list[str], person: str = "ana", zoom: int = 1, width: int = 7, **people: str) -> Load:
    """A person's load from today on."""
    texts = {f"tasks/t{n}.md": f"---\nid: t{n}\n{header}\n---\n" for n, header in enumerate(headers)}
    texts |= {f"people/{name}.md": f"---\n{header}\n---\n" for name, header in people.items()}
    held = Vault.parse({"planner.toml": TOML, **texts})
    scale = Scale(ZOOMS[zoom], moment(TODAY), width, person_calendar(held, person))
    bounds = [scale.moment(x) for x in range(width + 1)]
    mine = [task for task in tasks(held, planned(held, TODAY)) if task.person == person]
    return load(mine, capacity(held, person, bounds), scale)


def shares(found: Load) -> list[float]:
    return [round(found.share(x), 3) for x in range(len(found.asked))]


def test_a_task_takes_all_of_the_days_it_lasts_and_no_weekend() -> None:
    assert shares(taken(["assignee: ana\nscheduled: 2026-11-25\nestimate: 4d"])) == [1, 1, 1, 0, 0, 1, 0]


def test_half_a_day_takes_half_of_it() -> None:
    assert shares(taken(["assignee: ana\nscheduled: 2026-11-25\nestimate: 4h"])) == [0.5, 0, 0, 0, 0, 0, 0]


def test_two_tasks_at_once_are_more_than_there_is() -> None:
    found = taken(
        ["assignee: ana\nscheduled: 2026-11-25\nestimate: 1d", "assignee: ana\nscheduled: 2026-11-25\nestimate: 2d"]
    )
    assert shares(found) == [2, 1, 0, 0, 0, 0, 0]
    assert found.peak == 2


def test_units_take_their_share() -> None:
    assert shares(taken(["assignee: ana\nscheduled: 2026-11-25\nduration: 2d\nunits: 50%"]))[:2] == [0.5, 0.5]


def test_what_is_done_or_of_others_takes_nothing() -> None:
    done = f"assignee: ana\nstatus: done\ncompleted: {TODAY}\nestimate: 1d"
    assert not any(shares(taken([done, "assignee: bo\nestimate: 3d"])))


def test_leave_is_no_time_to_work_in() -> None:
    found = taken(["assignee: ana\nscheduled: 2026-11-25\nestimate: 2d"], ana="leave: [2026-11-26]")
    assert shares(found) == [1, 0, 1, 0, 0, 0, 0]
    assert found.there_is[1] == 0


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 4))
def test_what_is_asked_is_the_work_there_is_at_every_zoom(days: list[int], zoom: int) -> None:
    found = taken(
        [f"assignee: ana\nscheduled: 2026-11-25\nestimate: {n}d" for n in days],
        zoom=zoom,
        width=700 if zoom < 1 else 80,
    )
    assert sum(found.asked) == pytest.approx(480 * sum(days))
