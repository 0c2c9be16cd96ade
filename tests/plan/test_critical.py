from __future__ import annotations

from planner.plan.critical import longest_path, near_critical
from planner.plan.schedule import schedule
from tests.plan.networks import DAY, MONDAY, network


def test_the_longest_path_from_its_start_to_the_finish() -> None:
    plan = schedule(network("A 2\nB 3\nC 1 (A, B)\nD 4 (A)\nE 1 (C, D)\nF 1"))
    assert longest_path(plan) == ("A", "D", "E")
    assert near_critical(plan, 2 * DAY) == ("C", "B") or near_critical(plan, 2 * DAY) == ("B", "C")
    assert near_critical(plan, 2 * DAY - 1) == ()


def test_the_longest_path_is_told_where_a_deadline_spoils_the_floats() -> None:
    late = {"deadline": MONDAY + 1440}
    plan = schedule(network("A 2\nB 3 (A)\nC 1", C={"deadline": MONDAY}, B=late))
    assert plan.critical == ("A", "C", "B")
    assert plan.dates["B"].total_float == -4 * DAY
    assert longest_path(plan) == ("A", "B")


def test_the_longest_path_of_a_project_and_of_all() -> None:
    plan = schedule(network("A 2\nB 3 (A)\nC 1 (B)", A={"project": "p"}, B={"project": "p"}))
    assert longest_path(plan, "p") == ("A", "B")
    assert longest_path(plan) == ("A", "B", "C")
    assert longest_path(schedule(network("A 1")), "nothing") == ()


def test_what_is_done_ends_the_path() -> None:
    done = {"actual_start": MONDAY - 1440, "actual_finish": MONDAY, "remaining": 0}
    assert longest_path(schedule(network("A 2\nB 3 (A)", A=done))) == ("B",)
