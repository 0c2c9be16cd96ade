"""Who moves, why, and the laws: logic holds, nobody has more to do than they can, smoothing never moves the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.hours import WorkingHours, parse_hours
from planner.core.values import DateRange
from planner.plan.calendar import Calendar, as_datetime
from planner.plan.leveling import Cause, Delay, Leveled, Options, delayed, leveled, overloads
from planner.plan.model import Activity, ConstraintType, Link, LinkType, Network
from planner.plan.network import network as network_of
from planner.plan.schedule import schedule
from tests.conftest import build
from tests.plan.networks import DAY, MONDAY, OFFICE, network


def starts(found: Leveled) -> dict[str, float]:
    """Start of each task after levelling, in working days from the beginning."""
    return {path: OFFICE.between(MONDAY, dates.start) / DAY for path, dates in found.after.dates.items()}


def by(person: str, **changes: Any) -> Any:
    return {"assignees": ((person, 1.0),), **changes}


SUMMARY: Any = {"summary": True}


# -- What moves ------------------------------------------------------------------------------------------------------


def test_two_tasks_of_one_person_go_one_after_the_other() -> None:
    found = leveled(network("A 3\nB 2\nC 1 (B)", A=by("ana"), B=by("ana"), C=by("bo")), {})
    assert starts(found) == {"A": 0, "B": 3, "C": 5}
    assert found.delays == {"B": Delay(3 * DAY)}
    assert [(move.path, move.minutes, move.causes) for move in found.moves] == [
        ("B", 3 * DAY, (Cause("ana", ("A",)),)),
        ("C", 3 * DAY, (Cause(None, ("B",)),)),
    ]
    assert [o.paths for o in overloads(found.before, {})] == [("A", "B")]
    assert found.overloads == ()


def test_priority_decides_then_late_start_then_id() -> None:
    tasks = "A 1\nB 1\nC 4\nD 2 (A)"
    people = {name: by("ana") for name in "ABC"}
    assert starts(leveled(network(tasks, **people), {})) == {"C": 0, "A": 4, "B": 5, "D": 5}
    urgent: Any = {**people, "A": by("ana"), "B": by("ana"), "C": by("ana", priority=1)}
    assert starts(leveled(network(tasks, **urgent), {})) == {"A": 0, "B": 1, "C": 2, "D": 1}
    assert starts(leveled(network(tasks, **urgent), {}, Options(rule="lst")))["C"] == 0
    assert starts(leveled(network(tasks, **people), {}, Options(rule="spt"))) == {"A": 0, "B": 1, "C": 2, "D": 1}


def test_a_more_urgent_project_goes_before_a_more_urgent_task() -> None:
    projects: Any = {"P": {"summary": True, "priority": 1}, "Q": {"summary": True, "priority": 0}}
    tasks = {"A": by("ana", project="P", priority=0), "B": by("ana", project="Q", priority=3)}
    found = leveled(network("A 1\nB 1\nP 0\nQ 0", **tasks, **projects), {})
    assert (starts(found)["A"], starts(found)["B"]) == (1, 0)


def test_shares_of_a_persons_time_add_up() -> None:
    half: Any = {"assignees": (("ana", 0.5),)}
    assert starts(leveled(network("A 2\nB 2\nC 2", A=half, B=half, C=half), {})) == {"A": 0, "B": 0, "C": 2}
    assert starts(leveled(network("A 2\nB 2", A=half, B=half), {"ana": 0.5})) == {"A": 0, "B": 2}


def test_who_is_asked_for_more_than_there_is_does_nothing_else_meanwhile() -> None:
    twice: Any = {"assignees": (("ana", 2.0),)}
    found = leveled(network("A 2\nB 2", A=twice, B=by("ana")), {})
    assert starts(found) == {"A": 0, "B": 2}
    assert found.overloads == ()


def test_what_has_begun_and_what_must_stay_where_they_are() -> None:
    late = MONDAY + 3 * 1440
    begun = by("ana", actual_start=MONDAY - 1440, remaining=2 * DAY)
    must = by("ana", constraint="MSO", constraint_date=late)
    found = leveled(network("A 3\nB 2\nC 2", A=begun, B=must, C=by("ana")), {})
    assert starts(found)["C"] == 5
    assert found.after.dates["B"].start == late + 9 * 60
    assert {move.path for move in found.moves} == {"C"}
    assert [(o.person, o.paths) for o in found.overloads] == []


def test_overload_by_work_that_nothing_moves_is_told() -> None:
    begun = by("ana", actual_start=MONDAY, remaining=DAY)
    found = leveled(network("A 1\nB 1", A=begun, B=begun), {})
    assert [(o.person, o.asked, o.paths) for o in found.overloads] == [("ana", 2.0, ("A", "B"))]
    assert found.moves == ()


def test_smoothing_uses_the_float_there_is() -> None:
    people = {"A": by("bo"), **{name: by("ana") for name in "BCD"}}
    found = leveled(network("A 5\nB 2\nC 2\nD 1", **people), {}, Options(smooth=True))
    assert starts(found) == {"A": 0, "B": 0, "C": 2, "D": 4}
    assert found.overloads == ()


def test_smoothing_waits_not_an_hour_longer_than_the_float() -> None:
    people = {"A": by("bo"), "B": by("ana"), "C": by("ana")}
    fits = leveled(network("A 5\nB 30/8\nC 10/8", **people), {}, Options(smooth=True))
    assert (starts(fits)["C"], fits.overloads) == (3.75, ())
    late = leveled(network("A 5\nB 31/8\nC 10/8", **people), {}, Options(smooth=True))
    assert (starts(late)["C"], len(late.overloads)) == (0, 1)


def test_smoothing_leaves_too_much_work_rather_than_move_the_end() -> None:
    people = {"A": by("bo"), **{name: by("ana") for name in "BCD"}}
    tasks = network("A 5\nB 2\nC 2\nD 4", **people)
    found = leveled(tasks, {}, Options(smooth=True))
    assert found.after.finish == found.before.finish
    assert {(o.person, o.asked, o.paths) for o in found.overloads} == {("ana", 3.0, ("B", "C", "D"))}
    assert OFFICE.between(MONDAY, leveled(tasks, {}).after.finish) == 8 * DAY


def test_levelling_begins_anew_and_drops_delays_that_are_not_needed() -> None:
    tasks = network("A 3\nB 2", A=by("ana", leveling_delay=9 * DAY), B=by("bo", leveling_delay=DAY))
    found = leveled(tasks, {})
    assert found.delays == {}
    assert [(move.path, move.minutes) for move in found.moves] == [("A", -9 * DAY), ("B", -DAY)]


def test_a_summary_waits_with_all_below_it() -> None:
    below = {"B": by("ana", parent="S"), "C": by("ana", parent="S")}
    found = leveled(network("A 2\nB 1\nC 1\nD 1 (S)\nS 0 (A)", S=SUMMARY, A=by("ana"), **below), {})
    assert starts(found) == {"A": 0, "B": 2, "C": 3, "D": 4, "S": 2}
    assert {move.path: move.causes for move in found.moves} == {
        "C": (Cause("ana", ("B",)),),
        "D": (Cause(None, ("C",)),),
    }


def test_the_shortest_end_where_one_pass_misses_it() -> None:
    tasks = network("A 2\nB 1\nC 4 (B)", A=by("ana", priority=0), B=by("ana", priority=1), C=by("bo", priority=1))
    assert OFFICE.between(MONDAY, leveled(tasks, {}).after.finish) == 7 * DAY
    best = leveled(tasks, {}, Options(optimize=True))
    assert (OFFICE.between(MONDAY, best.after.finish), best.proven) == (5 * DAY, True)


def test_an_unknown_rule_is_no_rule() -> None:
    with pytest.raises(KeyError):
        leveled(network("A 1"), {}, Options(rule="luck"))


def test_from_files_with_leave_part_time_and_a_delay_in_working_days() -> None:
    vault = build("""
== people/ana.md ==
---
leave: 2026-11-30
---
== people/bo.md ==
---
capacity: 20h
---
== tasks/a.md ==
---
estimate: 3d
assignee: ana
---
== tasks/b.md ==
---
estimate: 2d
assignee: ana
priority: high
---
== tasks/c.md ==
---
duration: 1d
assignee: [ana, bo]
units: [50%, 100%]
depends_on: b
leveling_delay: 9d
---
""")
    found = leveled(network_of(vault, date(2026, 11, 25)), {"bo": 0.5})
    told = {
        path: (f"{as_datetime(dates.start):%a %d %H}", f"{as_datetime(dates.finish):%a %d %H}")
        for path, dates in found.after.dates.items()
    }
    assert told["tasks/b.md"] == ("Wed 25 09", "Thu 26 18")
    assert told["tasks/a.md"] == ("Fri 27 09", "Wed 02 18")
    assert told["tasks/c.md"] == ("Thu 03 09", "Thu 03 18")
    assert found.delays == {"tasks/a.md": Delay(960), "tasks/c.md": Delay(4 * 480)}


# -- Laws ------------------------------------------------------------------------------------------------------------

WEEKEND = Calendar.of("weekend", WorkingHours(parse_hours("Sat-Sun 10:00-14:00")))
AWAY = OFFICE.without([DateRange(date(2026, 12, 2), date(2026, 12, 8))])
CLOCKS = (OFFICE, OFFICE, AWAY, WEEKEND)
DATED: Mapping[str, ConstraintType] = {"SNET": "SNET", "FNET": "FNET", "MSO": "MSO"}
CAPACITIES: Mapping[str, float] = {"ana": 1.0, "bo": 0.5}


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Small plans on several calendars with shares, all types of links, constraints, work begun and done."""
    names = [f"t{number}" for number in range(draw(st.integers(1, 7)))]
    activities = {}
    for name in names:
        clock = draw(st.sampled_from(CLOCKS))
        people = draw(st.lists(st.sampled_from(["ana", "bo", "cy"]), max_size=2, unique=True))
        kind = draw(st.sampled_from(["", "", "", "", *DATED, "begun", "done"]))
        length = draw(st.integers(0, 30)) * 60
        activity = Activity(
            name, name, name, duration=length, calendar=draw(st.sampled_from([OFFICE, WEEKEND])), clock=clock,
            assignees=tuple((person, draw(st.sampled_from([0.25, 0.5, 1.0]))) for person in people),
            priority=draw(st.integers(0, 2)),
        )  # fmt: skip
        if kind in DATED:
            when = MONDAY + draw(st.integers(0, 20)) * 720
            activity = replace(activity, constraint=DATED[kind], constraint_date=when)
        elif kind == "begun":
            activity = replace(activity, actual_start=MONDAY - 1440, remaining=length // 2)
        elif kind == "done":
            activity = replace(activity, actual_start=MONDAY - 2880, actual_finish=MONDAY - 1440, remaining=0)
        activities[name] = activity
    pairs = st.tuples(st.integers(0, len(names) - 1), st.integers(0, len(names) - 1)).filter(lambda p: p[0] < p[1])
    chosen = draw(st.lists(pairs, max_size=6, unique=True)) if len(names) > 1 else []
    kinds: st.SearchStrategy[LinkType] = st.sampled_from(["FS", "FS", "SS", "FF", "SF"])
    links = tuple(
        Link(names[a], names[b], draw(kinds), draw(st.integers(-4, 6)) * 120, draw(st.booleans()))
        for a, b in chosen
        if not activities[names[b]].started
    )
    return Network(activities, links, start=MONDAY, status=MONDAY)


def stands(activity: Activity) -> bool:
    """Whether levelling leaves it where it is."""
    return activity.started or activity.constraint == "MSO"


@given(networks(), st.sampled_from(["priority", "lft", "grpw"]), st.booleans())
def test_levelling_never_exceeds_capacity(plan: Network, rule: str, parallel: bool) -> None:
    found = leveled(plan, CAPACITIES, Options(rule, parallel))
    open_ = [activity for activity in plan.activities.values() if not activity.finished]
    for moment in {found.after.dates[activity.path].start for activity in open_}:
        running = [
            activity
            for activity in open_
            if found.after.dates[activity.path].start <= moment < found.after.dates[activity.path].finish
        ]
        for person in ("ana", "bo", "cy"):
            capacity = CAPACITIES.get(person, 1.0)
            shares = [(min(share, capacity), a) for a in running for who, share in a.assignees if who == person]
            if sum(share for share, _ in shares) > capacity + 1e-9:
                assert all(stands(activity) for _, activity in shares)


@given(networks())
def test_a_levelled_plan_is_level(plan: Network) -> None:
    found = leveled(plan, CAPACITIES)
    assert leveled(delayed(plan, found.delays), CAPACITIES).moves == ()
    for path, activity in plan.activities.items():
        if stands(activity):
            assert found.after.dates[path].start == found.before.dates[path].start


@given(networks())
def test_smoothing_never_moves_the_end(plan: Network) -> None:
    assert leveled(plan, CAPACITIES, Options(smooth=True)).after.finish <= schedule(plan).finish


def spans(found: Leveled) -> dict[str, tuple[int, int]]:
    """Start and finish of each task after levelling."""
    return {path: (dates.start, dates.finish) for path, dates in found.after.dates.items()}


@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(plan: Network, random: Any) -> None:
    paths, links = list(plan.activities), list(plan.links)
    random.shuffle(paths)
    random.shuffle(links)
    other = replace(plan, activities={path: plan.activities[path] for path in paths}, links=tuple(links))
    assert spans(leveled(other, CAPACITIES)) == spans(leveled(plan, CAPACITIES))
