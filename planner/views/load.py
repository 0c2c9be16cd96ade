"""How much of a person's time is taken, cell by cell of a time scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.core.record import dataclass
from planner.plan.workload import Task
from planner.views.scale import Scale


@dataclass(frozen=True, slots=True)
class Load:
    """One person's time in each cell: what is asked of them and what there is, in working minutes."""

    asked: tuple[int, ...]
    there_is: tuple[int, ...]

    @property
    def peak(self) -> float:
        """The highest share of a cell's time that is taken, 1.0 for all of it."""
        return max((self.share(x) for x in range(len(self.asked))), default=0.0)

    def share(self, x: int) -> float:
        """The share of a cell's time that is taken; 0 where there is none."""
        return self.asked[x] / self.there_is[x] if self.there_is[x] > 0 else 0.0


def load(tasks: Iterable[Task], there_is: Sequence[int], scale: Scale) -> Load:
    """What a person's tasks ask for in each cell of a window; `there_is` says what time there is in it."""
    asked = [0] * scale.width
    for task in tasks:
        if task.finish <= scale.left or task.start >= scale.right:
            continue
        first = max(0, (task.start - scale.left) // scale.zoom.cell)
        last = min(scale.width, (task.finish - 1 - scale.left) // scale.zoom.cell + 1)
        before = task.until(scale.moment(first))
        for x in range(first, last):
            after = task.until(scale.moment(x + 1))
            asked[x] += after - before
            before = after
    return Load(tuple(asked), tuple(there_is))
