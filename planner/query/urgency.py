"""How much an item presses: Taskwarrior's urgency, a sum of coefficients times terms between 0 and 1.

U = Σ coefficient × term; a coefficient of (almost) 0 switches its term off. One difference, since levels are free
here: the lowest level counts 1.8 and each level above it 2.1 more, which is Taskwarrior's L, M, H for three levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from planner.core.model import Item
from planner.core.record import dataclass, field
from planner.core.vault import Vault

EPSILON = 1e-6
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What each term weighs; `user` holds `user.project.X`, `user.tag.T`, `user.keyword.K`, `uda.FIELD[.VALUE]`."""

    due: float = 12.0
    blocking: float = 8.0
    priority_lowest: float = 1.8
    priority_step: float = 2.1
    scheduled: float = 5.0
    active: float = 4.0
    age: float = 2.0
    age_max: int = 365  # days after which age counts in full
    annotations: float = 1.0
    tags: float = 1.0
    project: float = 1.0
    blocked: float = -5.0
    waiting: float = -3.0
    user: Mapping[str, float] = field(default_factory=lambda: {"user.tag.next": 15.0})
    inherit: bool = False  # take over the urgency of what waits for this item


@dataclass(frozen=True, slots=True)
class Term:
    """One addend: what it is called, what it weighs, and how far it applies (0 to 1)."""

    name: str
    coefficient: float
    value: float

    @property
    def amount(self) -> float:
        """What it adds to the urgency."""
        return self.coefficient * self.value


DEFAULT = Coefficients()


def urgency(item: Item, vault: Vault, now: datetime, coefficients: Coefficients = DEFAULT) -> float:
    """The urgency of an item at a moment (local time); higher presses more."""
    known: dict[str, float] = {}
    for each in _upstream(item, vault) if coefficients.inherit else (item,):
        own = sum(term.amount for term in terms(each, vault, now, coefficients))
        inherited = [known[other.path] for other in _waiting_for(each, vault) if other.path in known]
        # Always 0.01 more than inherited, as in Taskwarrior: what blocks is sorted just above what it blocks.
        known[each.path] = max(own, *inherited) + 0.01 if inherited else own
    return known[item.path]


def terms(item: Item, vault: Vault, now: datetime, coefficients: Coefficients = DEFAULT) -> tuple[Term, ...]:
    """The addends that are not zero: why an item's urgency is what it is (without what it inherits)."""
    found = (*_own_terms(item, vault, now, coefficients), *_user_terms(item, coefficients.user))
    return tuple(term for term in found if abs(term.coefficient) > EPSILON and term.value)


def _upstream(item: Item, vault: Vault) -> tuple[Item, ...]:
    """All that waits for an item, directly or not, each after what waits for it; the item itself comes last.

    Iterative, so that a chain of any length ends; in a circle of dependencies the closing link is left out.
    """
    order: list[Item] = []
    seen = {item.path}
    stack = [(item, iter(_waiting_for(item, vault)))]
    while stack:
        current, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            order.append(current)
            stack.pop()
        elif following.path not in seen:
            seen.add(following.path)
            stack.append((following, iter(_waiting_for(following, vault))))
    return tuple(order)


def _own_terms(item: Item, vault: Vault, now: datetime, c: Coefficients) -> Iterable[Term]:
    yield Term("due", c.due, due_term(item.due, now))
    yield Term("blocking", c.blocking, float(bool(_waiting_for(item, vault))))
    yield _priority_term(item, vault.config.levels, c)
    yield Term("scheduled", c.scheduled, float(_is_past(item.when("scheduled"), now)))
    yield Term("active", c.active, float(vault.category(item) == "started"))
    yield Term("age", c.age, age_term(item.when("created"), now, c.age_max))
    yield Term("annotations", c.annotations, count_term(len(item.body.log)))
    yield Term("tags", c.tags, count_term(len(item.tags)))
    yield Term("project", c.project, float(item.project is not None))
    yield Term("blocked", c.blocked, float(_is_blocked(item, vault)))
    yield Term("waiting", c.waiting, float(_is_future(item.when("wait"), now)))


def due_term(due: date | datetime | None, now: datetime) -> float:
    """0.2 two weeks ahead and before, rising to 1.0 a week after the due date; a day is due as it begins."""
    if due is None:
        return 0.0
    overdue = (now - moment(due)).total_seconds() / DAY
    if overdue >= 7:
        return 1.0
    return (overdue + 14) * 0.8 / 21 + 0.2 if overdue >= -14 else 0.2


def age_term(created: date | datetime | None, now: datetime, longest: int) -> float:
    """Whole days since creation as a share of the longest age that counts; an unknown creation counts in full."""
    if created is None or longest == 0:
        return 1.0
    age = int((now - moment(created)).total_seconds() / DAY)
    return 1.0 if age > longest else age / longest


def count_term(count: int) -> float:
    """0, 0.8, 0.9, 1.0 for none, one, two, three and more."""
    return (0.0, 0.8, 0.9, 1.0)[min(count, 3)]


def moment(when: date | datetime) -> datetime:
    """A day as its first instant, an instant as its wall clock."""
    if isinstance(when, datetime):
        return when.replace(tzinfo=None)
    return datetime(when.year, when.month, when.day)  # noqa: DTZ001 (wall time on purpose: days have no zone)


def _priority_term(item: Item, levels: tuple[str, ...], c: Coefficients) -> Term:
    if item.priority not in levels:
        return Term("priority", 0.0, 0.0)
    above_lowest = len(levels) - 1 - levels.index(item.priority)
    return Term(f"priority {item.priority}", c.priority_lowest + above_lowest * c.priority_step, 1.0)


def _user_terms(item: Item, user: Mapping[str, float]) -> Iterable[Term]:
    for name, coefficient in user.items():
        yield Term(name, coefficient, float(_user_term_applies(item, name)))


def _user_term_applies(item: Item, name: str) -> bool:
    group, _, rest = name.partition(".")
    kind, _, wanted = rest.partition(".")
    if group == "user" and kind == "project":
        project = item.project or ""
        return project == wanted or project.startswith(f"{wanted}.")
    if group == "user" and kind == "tag":
        return wanted in item.tags
    if group == "user" and kind == "keyword":
        return wanted in item.title
    if group == "uda" and kind in item.fields:
        value = item.fields[kind]
        return not wanted or wanted in (value if isinstance(value, tuple) else (value,)) or wanted == str(value)
    return False


def _waiting_for(item: Item, vault: Vault) -> tuple[Item, ...]:
    """The open items that depend on this one, if it is open itself."""
    if not vault.is_open(item):
        return ()
    return _others_open(item, vault.successors, vault)


def _is_blocked(item: Item, vault: Vault) -> bool:
    return vault.is_open(item) and bool(_others_open(item, vault.predecessors, vault))


def _others_open(item: Item, links: Mapping[str, tuple[Item, ...]], vault: Vault) -> tuple[Item, ...]:
    return tuple(other for other in links.get(item.path, ()) if other.path != item.path and vault.is_open(other))


def _is_past(when: date | datetime | None, now: datetime) -> bool:
    return when is not None and moment(when) < now


def _is_future(when: date | datetime | None, now: datetime) -> bool:
    return when is not None and moment(when) > now
