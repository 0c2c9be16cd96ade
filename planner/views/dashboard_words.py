"""The dashboard in words: what each of its rows says, the same on the screen and in the shell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from planner.core.dates import describe
from planner.core.model import Item
from planner.core.vault import Vault
from planner.views.amounts import days, hours
from planner.views.dashboard import Dashboard, Milestone, Overload, Project
from planner.views.facts import days_of, overdue_days

Said = tuple[Item | None, tuple[str, ...]]
"""A row: the item it is about, if it is about one, and what is said of it, cell by cell."""


def statuses(view: Dashboard) -> str:
    """How many items are in each state."""
    return " · ".join(f"{one.name or '(none)'} {one.count}" for one in view.statuses)


def throughput(view: Dashboard) -> str:
    """How much was finished in each week."""
    return " · ".join(f"W{week.start.isocalendar().week} {len(week.done)}" for week in view.throughput)


def sections(view: Dashboard, vault: Vault) -> Iterator[tuple[str, list[Said]]]:
    """All lists with their titles, empty ones too, in the order in which they are read."""
    yield "Projects", [(one.item, project(one, view.day)) for one in view.projects]
    yield "Overdue", [(item, overdue(item, vault, view.day)) for item in view.overdue]
    yield "Due this week", [(item, due(item, view.day)) for item in view.due_this_week]
    yield "Blocked", [(item, blocked(item, vault)) for item in view.blocked]
    yield "Milestones ahead", [(one.item, milestone(one, view.day)) for one in view.milestones]
    yield "Too much this week", [(vault.people.get(one.id), overload(one)) for one in view.over_allocated]
    yield (
        "Open risks",
        [
            (one.item, ("" if one.score is None else f"{one.score} {one.band}", one.item.text("response") or ""))
            for one in view.risks
        ],
    )


def project(one: Project, today: date) -> tuple[str, ...]:
    """Health as stated, how much is done, what presses, and when it will be finished against its target."""
    health = (one.health or "").replace("_", " ")
    presses = [f"{count} {word}" for count, word in ((one.overdue, "overdue"), (one.blocked, "blocked")) if count]
    return health, f"{one.progress:.0%}", ", ".join(presses), _ends(one.finish, today), _late(one.late)


def milestone(one: Milestone, today: date) -> tuple[str, ...]:
    """When it is due, when it will be reached, and how late that is; what became of it since the baseline."""
    due_ = f"due {describe(one.due, today)}" if one.due is not None else "no date"
    slip = f"{days(one.slip)} since the baseline" if one.slip is not None and round(one.slip, 1) else ""
    return due_, _ends(one.forecast, today), _late(one.late), slip


def overdue(item: Item, vault: Vault, today: date) -> tuple[str, ...]:
    """Who has it, and since when it is due."""
    return _people(item), f"{overdue_days(item, vault, today)}d"


def due(item: Item, today: date) -> tuple[str, ...]:
    """Who has it, and the day."""
    return _people(item), describe(min(days_of(item, "due", "deadline")), today)


def blocked(item: Item, vault: Vault) -> tuple[str, ...]:
    """Who has it, and what it waits for."""
    waits = ", ".join(other.id for other in vault.blockers(item))
    return _people(item), f"waits for {waits}" if waits else " ".join((item.text("blocked_reason") or "").split())


def overload(one: Overload) -> tuple[str, ...]:
    """Hours asked for, the hours there are, and their share."""
    share = f"{one.cell.percent}%" if one.cell.percent is not None else "no time"
    return f"{hours(one.cell.load)} of {hours(one.cell.capacity or 0)}", share


def _people(item: Item) -> str:
    return " ".join(f"@{person}" for person in item.assignees)


def _ends(day: date | None, today: date) -> str:
    return f"→ {describe(day, today)}" if day is not None else ""


def _late(late: float | None) -> str:
    if late is None:
        return ""
    return f"{days(late)} late" if round(late, 1) > 0 else "in time"
