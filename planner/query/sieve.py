"""What a row alone can rule out: most items of a large vault are passed over without a look at their files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from planner.core.model import KINDS
from planner.core.shelf import ARCHIVED, BROKEN, FLAGS, KIND, STATUS, TAGS, TEMPLATE, Row
from planner.query.nodes import ANY, NONE, And, Match, Node, Or, Query
from planner.query.scope import CLOSED, Scope
from planner.query.visible import Shown

Sieve: TypeAlias = Callable[[Row], bool]
"""False only where the item cannot be among those asked for."""


def sieve(query: Query, scope: Scope, done_since: date | None = None) -> Sieve:
    """What lets every item through that the query can show, and as few others as rows can tell."""
    fits, seen = _of(query.filter), _visible(Shown.of(query), scope, done_since)
    return seen if fits is None else lambda row: fits(row) and seen(row)


def _visible(shown: Shown, scope: Scope, done_since: date | None) -> Sieve:
    hidden = (0 if shown.archived else ARCHIVED) | (0 if shown.templates else TEMPLATE)
    work = frozenset(kind for kind, cls in KINDS.items() if cls.has_workflow) | shown.kinds
    workflow = scope.vault.config.workflow
    kept = frozenset({"completed"}) if done_since is not None else frozenset()
    closed: dict[str | None, bool] = {None: False}

    def fits(row: Row) -> bool:
        flags, kind, status = row[FLAGS], row[KIND], row[STATUS]
        if flags & hidden:
            return False
        if not (shown.any_kind or kind in work or flags & BROKEN or (status is not None and kind not in KINDS)):
            return False
        if status not in closed:
            closed[status] = workflow.category(status) in CLOSED - kept
        return shown.closed or not closed[status]

    return fits


def _of(node: Node) -> Sieve | None:
    """The sieve of one condition, None where rows say nothing about it."""
    match node:
        case And(parts):
            sieves = [found for part in parts if (found := _of(part)) is not None]
            return (lambda row: all(fits(row) for fits in sieves)) if sieves else None
        case Or(parts):
            either = [_of(part) for part in parts]
            known = [found for found in either if found is not None]
            return (lambda row: any(fits(row) for fits in known)) if len(known) == len(either) else None
        case Match(field="tags" | "kind", operator=":" | "=", values=values) if not any(
            value.means(NONE) or value.means(ANY) or value.bounds for value in values
        ):
            wanted = frozenset(value.text.casefold().removeprefix("#") for value in values)
            if node.field == "kind":
                return lambda row: row[KIND].casefold() in wanted
            return lambda row: any(tag.casefold() in wanted for tag in row[TAGS])
    return None
