"""Query and vault to items: conditions compiled to functions, so that ten thousand items take milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from planner.core.model import Item
from planner.core.vault import Vault
from planner.query.compare import compare
from planner.query.getters import getter
from planner.query.nodes import And, Has, Is, Match, Node, Not, Or, Query, Words
from planner.query.order import DEFAULT_SORT, sorted_items
from planner.query.scope import Scope
from planner.query.sieve import sieve
from planner.query.states import Predicate, state
from planner.query.visible import visible

__all__ = ["Predicate", "compile_query", "select"]


def select(
    vault: Vault,
    query: Query,
    *,
    today: date,
    me: str | None = None,
    now: datetime | None = None,
    done_since: date | None = None,
) -> tuple[Item, ...]:
    """The items a query asks for, hidden ones left out, in its order.

    `me` is a person's id; with `now` (local time) instants are compared to the minute, else by day; items
    completed on or after `done_since` stay visible. Raises QueryError.
    """
    scope = Scope(vault, today, me, now)
    fits, shown = _compile(query.filter, scope), visible(query, scope, done_since)
    possible = vault.where(sieve(query, scope, done_since))
    found = [item for item in possible if fits(item) and shown(item)]
    return tuple(sorted_items(found, (*query.sort, *DEFAULT_SORT), vault, today=today, now=now))


def compile_query(
    query: Query, vault: Vault, *, today: date, me: str | None = None, now: datetime | None = None
) -> Callable[[Item], bool]:
    """Whether an item meets every condition, visible by default or not; raises QueryError at a bad value."""
    return _compile(query.filter, Scope(vault, today, me, now))


def _compile(node: Node, scope: Scope) -> Predicate:
    match node:
        case And(parts):
            return _every([_compile(part, scope) for part in parts])
        case Or(parts):
            return _some([_compile(part, scope) for part in parts])
        case Not(part):
            inner = _compile(part, scope)
            return lambda item: not inner(item)
        case Is():
            return state(node, scope)
        case Has(name):
            get = getter(name, scope)
            return lambda item: bool(get(item))
        case Match():
            return compare(node, scope)
        case Words(text):
            return _words(text, scope.vault)


def _every(predicates: list[Predicate]) -> Predicate:
    return lambda item: all(predicate(item) for predicate in predicates)


def _some(predicates: list[Predicate]) -> Predicate:
    return lambda item: any(predicate(item) for predicate in predicates)


def _words(text: str, vault: Vault) -> Predicate:
    """Words in the title, a tag or the body, or the beginning of an id, whatever the case."""
    wanted = text.casefold()
    files = vault.files

    def found(item: Item) -> bool:
        if wanted in item.title.casefold() or item.id.casefold().startswith(wanted):
            return True
        if any(wanted in tag.casefold() for tag in item.tags):
            return True
        return wanted in _folded(files[item.path].text, item.body.start)

    return found


@lru_cache(maxsize=20_000)
def _folded(text: str, start: int) -> str:
    """A body in lower case: kept between the keystrokes of a live filter, which searches the same texts again."""
    return text[start:].casefold()
