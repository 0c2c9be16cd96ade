"""The critical path as a chain, and what is nearly critical: readings of a schedule."""

from __future__ import annotations

from collections.abc import Iterable

from planner.plan.model import Schedule


def longest_path(schedule: Schedule, project: str | None = None) -> tuple[str, ...]:
    """The activities (paths) that hold the finish, first to last: from what ends last back along driving predecessors.

    Of a project, from what ends last in it; of the whole portfolio without one. It tells the path also where
    constraints spoil the floats. Of several that drive, the one that ends last is followed.
    """
    ends = [
        path for path, activity in schedule.network.activities.items()
        if not activity.summary and path in schedule.dates and (project is None or activity.project == project)
    ]  # fmt: skip
    last = _last(schedule, ends)
    chain: list[str] = []
    while last is not None and not schedule.network.activities[last].finished:
        chain.append(last)
        last = _last(schedule, schedule.dates[last].driving)
    return tuple(reversed(chain))


def _last(schedule: Schedule, paths: Iterable[str]) -> str | None:
    """What finishes last; of several the most critical, a milestone before others, then by path."""
    activities, dates = schedule.network.activities, schedule.dates

    def rank(path: str) -> tuple[int, int, bool, str]:
        return -dates[path].early_finish, dates[path].total_float, not activities[path].milestone, path

    return min(paths, key=rank, default=None)


def near_critical(schedule: Schedule, within: int) -> tuple[str, ...]:
    """Paths of work that has some float, but at most so many working minutes; the least float first."""
    found = [
        (schedule.dates[path].total_float, path)
        for path, activity in schedule.network.activities.items()
        if not activity.summary and not activity.finished and path in schedule.dates
    ]
    return tuple(path for slack, path in sorted(found) if 0 < slack <= within)
