"""What a card or a row says about an item: facts from the vault, and the parts of a card's second line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias

from planner.core import order
from planner.core.dates import day_of, describe
from planner.core.dates import overdue as days_behind
from planner.core.fields import FieldType
from planner.core.model import Item, Problem
from planner.core.record import dataclass
from planner.core.vault import Vault

Role: TypeAlias = Literal["person", "due", "overdue", "tag", "blocked", "problem", "age", "steps", "dim"]
Since: TypeAlias = Mapping[str, date]
"""When each item (by path) entered the state it is in, as history tells."""
Ageing: TypeAlias = tuple[float, float, float]
"""Ages in days that 50, 85 and 95 % of a column's cards do not exceed."""

ENOUGH = 5
"""Fewer cards have no percentiles worth the name."""


class Part(NamedTuple):
    """A piece of a line and what it is about; a skin chooses colours by the role, the text says it without them."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Facts:
    """What is worth saying about one item on one day."""

    id: str
    prefix: int  # letters of the id that suffice to name it
    title: str
    kind: str
    status: str | None
    category: str | None
    done: bool
    broken: bool
    problem: str  # the sentence of its first error
    assignees: tuple[str, ...]
    reviewers: tuple[str, ...]
    tags: tuple[str, ...]
    due: str  # in words; its day of completion once it is done
    overdue: int  # days
    waits_until: str
    blocked: bool
    blocked_by: tuple[str, ...]
    blocked_reason: str
    steps: tuple[int, int]  # done, all
    age: int | None  # days in its state, while it is being worked on
    estimate: str
    recurring: bool
    mark: str  # the sign before its id


def facts(item: Item, vault: Vault, today: date, since: Since | None = None, *, alone: bool = False) -> Facts:
    """The facts of one item; `since` gives the day it entered its state where its file does not say.

    `alone`: without the faults that only show when all files are seen together, which take a while to find.
    """
    category = vault.category(item)
    is_open = vault.is_open(item)
    done = category == "completed"
    end = done_on(item, since or {}) if done else due_of(item)
    error = next(
        (fault for fault in (item.problems if alone else problems_of(item, vault)) if fault.severity == "error"), None
    )
    wait = item.when("wait")
    return Facts(
        id=item.id,
        prefix=vault.prefixes.get(item.id, len(item.id)),
        title=item.title,
        kind=item.kind,
        status=item.status,
        category=category,
        done=done,
        broken=item.broken,
        problem=error.message if error else "",
        assignees=item.assignees,
        reviewers=item.texts("reviewers"),
        tags=item.tags,
        due=describe(end, today) if end is not None else "",
        overdue=overdue_days(item, vault, today),
        waits_until=describe(wait, today) if wait is not None and is_waiting(item, today) else "",
        blocked=vault.is_blocked(item),
        blocked_by=tuple(other.id for other in vault.blockers(item)) if is_open else (),
        blocked_reason=(item.text("blocked_reason") or "") if is_open else "",
        steps=(item.body.done, len(item.body.checklist)),
        age=age_in_state(item, vault, today, since),
        estimate=str(item.estimate) if item.estimate else "",
        recurring="recurrence" in item.fields,
        mark=mark_of(item, vault),
    )


def mark_of(item: Item, vault: Vault) -> str:
    """The sign before an id: `?` broken, `✓` done, `⊘` blocked, `!` one of the two top priorities, else nothing."""
    if item.broken:
        return "?"
    if vault.category(item) == "completed":
        return "✓"
    if vault.is_blocked(item):
        return "⊘"
    return "!" if item.priority in vault.config.levels[:2] else ""


def second_line(facts: Facts, ageing: Ageing | None = None) -> tuple[Part, ...]:
    """What stands under a card's title, the most pressing first; skins join the parts with spaces and cut the end."""
    if facts.problem:
        problem = Part(facts.problem, "problem")
        return (problem,) if facts.broken else (problem, *_people(facts), *_date(facts))
    if facts.blocked:
        return (_blocked(facts), *_date(facts))
    parts = [*_people(facts), *_date(facts)]
    if facts.waits_until:
        parts.append(Part(f"until {facts.waits_until}", "dim"))
    if facts.age is not None:
        parts.append(Part("·" * dots(facts.age, ageing) + f"{facts.age}d", "age"))
    if facts.steps[1] and not facts.done:
        parts.append(Part(f"☐{facts.steps[0]}/{facts.steps[1]}", "steps"))
    if facts.recurring:
        parts.append(Part("↻", "dim"))
    if not parts and not facts.done:
        parts.append(Part("no date", "dim"))
    return (*parts, *(Part(f"#{tag}", "tag") for tag in facts.tags))


def _blocked(facts: Facts) -> Part:
    if not facts.blocked_by:
        return Part(facts.blocked_reason, "blocked")
    return Part(f"waits {_listed(facts.blocked_by)}", "blocked")


def _listed(ids: tuple[str, ...]) -> str:
    """Ids with commas; a prefix such as `T-` that all share is said once."""
    prefix = ids[0].rpartition("-")[0] + "-" if "-" in ids[0] else ""
    if prefix and all(id_.startswith(prefix) and "-" not in id_[len(prefix) :] for id_ in ids):
        return prefix + ",".join(id_[len(prefix) :] for id_ in ids)
    return ",".join(ids)


def _people(facts: Facts) -> tuple[Part, ...]:
    who = [f"@{person}" for person in facts.assignees[:2]]
    if len(facts.assignees) > 2:
        who[1:] = [f"+{len(facts.assignees) - 1}"]
    if facts.reviewers and facts.category == "started":
        who += ["→", *(f"@{person}" for person in facts.reviewers[:2])]
    return (Part(" ".join(who), "person"),) if who else ()


def _date(facts: Facts) -> tuple[Part, ...]:
    if facts.overdue:
        return (Part(f"OVERDUE {facts.overdue}d", "overdue"),)
    return (Part(facts.due, "due"),) if facts.due else ()


def ageing(ages: Iterable[int]) -> Ageing | None:
    """The 50th, 85th and 95th percentile of some ages (linear between ranks), None for fewer than five."""
    ranked = sorted(ages)
    if len(ranked) < ENOUGH:
        return None

    def percentile(share: float) -> float:
        place = share * (len(ranked) - 1)
        low = int(place)
        high = min(low + 1, len(ranked) - 1)
        return ranked[low] + (place - low) * (ranked[high] - ranked[low])

    return percentile(0.50), percentile(0.85), percentile(0.95)


def dots(age: int, thresholds: Ageing | None) -> int:
    """One to three dots: how many of its column's percentiles an age is beyond, at least one."""
    return max(1, sum(age > limit for limit in thresholds)) if thresholds else 1


def days_of(item: Item, *names: str) -> tuple[date, ...]:
    """The days of some date fields, as far as they are set."""
    return tuple(day_of(when) for name in names if (when := item.when(name)) is not None)


def due_of(item: Item) -> date | datetime | None:
    """When it should be done, else when it must be."""
    return item.due if item.due is not None else item.when("deadline")


def overdue_days(item: Item, vault: Vault, today: date) -> int:
    """Days since an open item was due, or had its deadline; 0 where it is not overdue."""
    dates = days_of(item, "due", "deadline")
    return days_behind(min(dates), today) if dates and vault.is_open(item) else 0


def is_waiting(item: Item, today: date) -> bool:
    """Whether it is hidden until a later day."""
    return any(day > today for day in days_of(item, "wait"))


def age_in_state(item: Item, vault: Vault, today: date, since: Since | None = None) -> int | None:
    """Days that started work has been in its state; None for other work, or where nothing tells."""
    if vault.category(item) != "started":
        return None
    day = (since or {}).get(item.path) or next(iter(days_of(item, "started")), None)
    return max(0, (today - day).days) if day is not None else None


def done_on(item: Item, since: Since) -> date | None:
    """The day a completed item was done, as its file says, else as history tells."""
    return next(iter(days_of(item, "completed")), None) or since.get(item.path)


def problems_of(item: Item, vault: Vault) -> tuple[Problem, ...]:
    """The faults of an item's file, those across files included, in the order of lines."""
    return tuple(sorted({*vault.files[item.path].problems, *vault.cross_problems.get(item.path, ())}))


def by_importance(item: Item, vault: Vault) -> order.Importance:
    """A sort key: priority (none comes last), then due date, title, id, path."""
    return order.by_importance(item, vault.config)


def in_words(name: str, value: object, vault: Vault, today: date) -> str:
    """A field's value as a person reads it: dates as people say them, people with `@`, tags with `#`, lists with commas."""
    row = vault.config.field(name)
    before = "@" if row is not None and row.type is FieldType.PERSON else "#" if name == "tags" else ""
    after = "%" if row is not None and row.type is FieldType.PERCENT else ""
    parts = value if isinstance(value, tuple) else (value,)
    return (" " if before else ", ").join(f"{before}{_words(part, today)}{after}" for part in parts)


def _words(value: object, today: date) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date():
            return describe(value, today)
        case Mapping():
            return ", ".join(f"{key}: {_words(part, today)}" for key, part in value.items())
        case tuple():
            return "[" + ", ".join(_words(part, today) for part in value) + "]"
    return str(value)
