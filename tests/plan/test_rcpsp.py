"""Profiles of resources, and the mirror that turns forward into backward."""

from __future__ import annotations

from planner.plan.rcpsp import EVER, Instance, Job, Link, Profile, Timetable, critical_path, latest, shortages


def test_a_profile_tells_until_when_there_is_too_little() -> None:
    profile = Profile(3)
    profile.reserve(2, 5, 2)
    profile.reserve(4, 8, 1)
    assert profile.blocked_until(0, 2, 3) is None
    assert profile.blocked_until(0, 3, 2) == 4
    assert profile.blocked_until(0, 20, 3) == 8
    assert profile.blocked_until(4, 5, 1) == 5
    assert profile.blocked_until(8, 9, 3) is None
    assert profile.blocked_until(8, 9, 4) == EVER
    assert list(profile.shortages()) == []
    profile.reserve(4, 6, 1)
    assert list(profile.shortages()) == [(4, 5, 1)]


def test_reserving_nothing_leaves_a_profile_as_it_was() -> None:
    profile = Profile(1)
    profile.reserve(3, 3, 5)
    assert profile.blocked_until(0, 9, 1) is None


def test_steps_of_capacity_hold_in_the_mirror_too() -> None:
    given = Instance((Job(2, {"a": 1}),), (), {"a": ((0, 2), (4, 0), (6, 1))})
    twice = given.mirrored(10).mirrored(0)
    for moment in range(-3, 9):
        before = shortages(Instance((Job(1, {"a": 2}, fixed=moment),), (), given.capacities), _at(moment))
        after = shortages(Instance((Job(1, {"a": 2}, fixed=moment),), (), twice.capacities), _at(moment))
        assert before == after


def _at(moment: int) -> Timetable:
    return Timetable((moment,), (moment + 1,))


def test_the_backward_pass_is_the_forward_pass_in_the_mirror() -> None:
    """Worked example (studylib.net/doc/8378728): late starts and finishes of A B C D F E G."""
    durations = (6, 2, 2, 3, 2, 4, 1)
    links = tuple(Link(a, b) for a, b in ((0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 5), (5, 6)))
    problem = Instance(tuple(Job(duration) for duration in durations), links)
    early = critical_path(problem)
    late = latest(problem, early.finish)
    assert early.finish == 16
    assert early.starts == (0, 6, 6, 8, 8, 11, 15)
    assert early.finishes == (6, 8, 8, 11, 10, 15, 16)
    assert late.starts == (0, 6, 7, 8, 9, 11, 15)
    assert late.finishes == (6, 8, 9, 11, 11, 15, 16)
