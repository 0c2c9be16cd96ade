"""A plan as other programs want it: projects and their work in order, each with dates and what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.plan.calendar import as_datetime
from planner.plan.model import Activity, Dates, Link, Schedule
from planner.plan.planned import planned

Fits = Callable[[Item], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """One task, milestone or parent of others; `level` counts from 1 for what stands directly in a project."""

    item: Item
    activity: Activity
    dates: Dates
    level: int
    done: bool

    @property
    def start(self) -> datetime:
        """When it begins."""
        return as_datetime(self.dates.start)

    @property
    def finish(self) -> datetime:
        """When it ends: the first moment after it."""
        return as_datetime(self.dates.finish)

    @property
    def progress(self) -> float:
        """The part that is done, from 0 to 1."""
        return 1.0 if self.done else self.activity.progress


@dataclass(frozen=True, slots=True)
class Section:
    """A project with its tasks, parents before their parts; work without a project has an empty title."""

    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is exported: sections by start, and the links between tasks that are in them."""

    sections: tuple[Section, ...]
    schedule: Schedule
    today: date

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks in order."""
        return tuple(task for section in self.sections for task in section.tasks)

    def links(self) -> Mapping[str, tuple[Link, ...]]:
        """What each task (by path) waits for, as far as it is exported too."""
        inside = {task.item.path for task in self.tasks}
        found: dict[str, list[Link]] = {}
        for link in self.schedule.network.links:
            if link.predecessor in inside and link.successor in inside:
                found.setdefault(link.successor, []).append(link)
        return {path: tuple(links) for path, links in found.items()}


def plan_of(vault: Vault, today: date, fits: Fits = lambda _: True) -> Plan:
    """The scheduled tasks and milestones that fit, by project and by start."""
    schedule = planned(vault, today)
    items = [item for item in vault.items if _is_task(item, schedule) and fits(item)]
    kept = {item.path: item for item in items}
    above = {path: parent for path in kept if (parent := _parent(path, schedule, kept)) is not None}
    below: dict[str, list[Item]] = {}
    homes: dict[str, list[Item]] = {}
    for path, item in kept.items():
        home = schedule.network.activities[path].project or ""
        (below.setdefault(above[path], []) if path in above else homes.setdefault(home, [])).append(item)
    sections = [
        Section(_title(vault, home), tuple(_tree(roots, below, vault, schedule, 1))) for home, roots in homes.items()
    ]
    sections.sort(key=lambda section: (not section.title, section.tasks[0].dates.start, section.title))
    return Plan(tuple(sections), schedule, today)


def _is_task(item: Item, schedule: Schedule) -> bool:
    return item.path in schedule.dates and item.kind != "project"


def _parent(path: str, schedule: Schedule, kept: Mapping[str, Item]) -> str | None:
    """The nearest task above that is exported too."""
    parent = schedule.network.activities[path].parent
    return parent if parent in kept else None


def _tree(
    items: list[Item], below: Mapping[str, list[Item]], vault: Vault, schedule: Schedule, level: int
) -> Iterator[Task]:
    for item in sorted(items, key=lambda one: (schedule.dates[one.path].start, one.title, one.path)):
        done = vault.category(item) == "completed"
        yield Task(item, schedule.network.activities[item.path], schedule.dates[item.path], level, done)
        yield from _tree(below.get(item.path, []), below, vault, schedule, level + 1)


def _title(vault: Vault, path: str) -> str:
    file = vault.files.get(path)
    return file.item.title if file is not None and file.item is not None else ""
