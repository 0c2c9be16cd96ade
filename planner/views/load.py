"""How much of a person's time is taken, cell by cell of a time scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from planner.plan.calendar import Calendar
from planner.plan.model import Activity, Schedule
from planner.views.scale import Scale


@dataclass(frozen=True, slots=True)
class Load:
    """One person's time in each cell: what is asked of them and what there is, in working minutes."""

    person: str
    asked: tuple[float, ...]
    there_is: tuple[int, ...]

    @property
    def peak(self) -> float:
        """The highest share of a cell's time that is taken, 1.0 for all of it."""
        return max((self.share(x) for x in range(len(self.asked))), default=0.0)

    def share(self, x: int) -> float:
        """The share of a cell's time that is taken; 0 where there is none."""
        return self.asked[x] / self.there_is[x] if self.there_is[x] > 0 else 0.0


def load(schedule: Schedule, person: str, work: Iterable[Activity], calendar: Calendar, scale: Scale) -> Load:
    """A person's load in a window: each open activity takes their units of every working minute from start to finish.

    What is finished, or a summary of other work, takes nothing. `work` is what the person is assigned to.
    """
    size, edges = scale.zoom.cell, [calendar.worked(scale.moment(x)) for x in range(scale.width + 1)]
    there_is = [after - before for before, after in pairwise(edges)]
    ends = [0.0] * scale.width  # what falls into the first and the last cell of an activity
    rates = [0.0] * (scale.width + 1)  # how the units change at the left edge of a cell
    for activity in work:
        units = dict(activity.assignees).get(person, 0.0)
        dates = schedule.dates.get(activity.path)
        if dates is None or activity.finished or activity.summary or not units:
            continue
        start, finish = max(dates.start, scale.left), min(dates.finish, scale.right)
        if start >= finish:
            continue
        first, last = (start - scale.left) // size, (finish - 1 - scale.left) // size
        begun, ended = calendar.worked(start), calendar.worked(finish)
        if first == last:
            ends[first] += units * (ended - begun)
            continue
        ends[first] += units * (edges[first + 1] - begun)
        ends[last] += units * (ended - edges[last])
        rates[first + 1] += units
        rates[last] -= units
    asked = (end + rate * room for end, rate, room in zip(ends, accumulate(rates), there_is, strict=False))
    return Load(person, tuple(asked), tuple(there_is))
