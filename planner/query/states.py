"""What `is:blocked` and the other computed words say of an item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import TypeAlias

from planner.core.model import Item
from planner.query.nodes import MINE, Is
from planner.query.scope import Scope

Predicate: TypeAlias = Callable[[Item], bool]
STALE_AFTER = timedelta(days=14)


def state(leaf: Is, scope: Scope) -> Predicate:
    """Whether the word applies to an item; raises QueryError for `mine` where nobody is known to ask."""
    if leaf.word in MINE:
        return _MINE[leaf.word](scope, scope.me(leaf.at))
    return _STATES[leaf.word](scope)


def _are(scope: Scope, me: str, people: Iterable[str]) -> bool:
    return any(scope.person(person) == me for person in people)


def _mine(scope: Scope, me: str) -> Predicate:
    return lambda item: _are(scope, me, item.assignees)


def _delegated(scope: Scope, me: str) -> Predicate:
    def is_delegated(item: Item) -> bool:
        asked = _are(scope, me, (*item.texts("delegated_by"), *item.texts("requester")))
        return asked and bool(item.assignees) and not _are(scope, me, item.assignees)

    return is_delegated


def _followed(scope: Scope, me: str) -> Predicate:
    from planner.core.concern import followers

    return lambda item: _are(scope, me, followers(item))


def _awaiting(scope: Scope, me: str) -> Predicate:
    who = next((id_ for id_ in scope.vault.people if id_.casefold() == me), me)
    from planner.core.concern import awaits

    return lambda item: scope.is_open(item) and awaits(scope.vault, item, who, scope.today)


def _open(scope: Scope) -> Predicate:
    return scope.is_open


def _done(scope: Scope) -> Predicate:
    return lambda item: scope.category(item) == "completed"


def _canceled(scope: Scope) -> Predicate:
    return lambda item: scope.category(item) == "canceled"


def _ready(scope: Scope) -> Predicate:
    vault = scope.vault

    def is_ready(item: Item) -> bool:
        startable = scope.category(item) in {"unstarted", "started"} and not item.archived
        return startable and not scope.is_waiting(item) and not vault.is_blocked(item)

    return is_ready


def _overdue(scope: Scope) -> Predicate:
    def is_overdue(item: Item) -> bool:
        ends = (item.when("due"), item.when("deadline"))
        return any(end is not None and scope.is_past(end) for end in ends) and scope.is_open(item)

    return is_overdue


def _critical(scope: Scope) -> Predicate:
    dates = scope.plan.dates
    return lambda item: item.path in dates and dates[item.path].critical


def _stale(scope: Scope) -> Predicate:
    """Older than two weeks: the newest of start, creation and last log entry. Git is not asked: queries are pure."""
    limit = scope.today - STALE_AFTER

    def is_stale(item: Item) -> bool:
        newest = last_noted(item)
        return newest is not None and newest < limit and scope.is_open(item)

    return is_stale


def last_noted(item: Item) -> date | None:
    """The newest day the file itself tells of: created, started, or the last line of its log."""
    days = [date.fromordinal(when.toordinal()) for name in ("created", "started") if (when := item.when(name))]
    for entry in item.body.log[-1:]:
        try:
            days.append(date.fromisoformat(entry.when[:10]))
        except ValueError:
            continue  # written by hand, and no such day: 2026-02-30
    return max(days, default=None)


_MINE: Mapping[str, Callable[[Scope, str], Predicate]] = {
    "mine": _mine,
    "delegated": _delegated,
    "followed": _followed,
    "awaiting": _awaiting,
}
_STATES: Mapping[str, Callable[[Scope], Predicate]] = {
    "open": _open,
    "done": _done,
    "canceled": _canceled,
    "ready": _ready,
    "overdue": _overdue,
    "critical": _critical,
    "stale": _stale,
    "blocked": lambda scope: scope.vault.is_blocked,
    "waiting": lambda scope: scope.is_waiting,
    "archived": lambda _: lambda item: item.archived,
    "unassigned": lambda _: lambda item: not item.assignees,
    "recurring": lambda _: lambda item: "recurrence" in item.fields,
    "broken": lambda _: lambda item: item.broken or any(fault.severity != "info" for fault in item.problems),
    "template": lambda _: lambda item: item.template,
}
