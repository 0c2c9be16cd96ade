"""What a list shows when nobody asks for more: work that is still to be done."""

from __future__ import annotations

from datetime import date

from planner.core.fields import FIELDS
from planner.core.model import KINDS, Item
from planner.core.record import dataclass
from planner.query.nodes import Has, Is, Match, Query
from planner.query.scope import CLOSED, Scope
from planner.query.states import Predicate

_CLOSED = frozenset({"status", "category", "completed", "is:done", "is:canceled"})
_ARCHIVED = frozenset({"archived", "is:archived"})
_TEMPLATES = frozenset({"is:template"})
_ANY_KIND = frozenset({"kind", "is:template"})
_EVERYTHING = frozenset({"id", "path"})
"""Whoever names an item wants to see it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of the hidden things a query asks for, and so lifts their rule."""

    closed: bool
    archived: bool
    templates: bool
    any_kind: bool
    kinds: frozenset[str]

    @classmethod
    def of(cls, query: Query) -> Shown:
        """What this query wants to see."""
        asked = _asked(query)
        everything = bool(asked & _EVERYTHING)
        return cls(
            closed=everything or bool(asked & _CLOSED),
            archived=everything or bool(asked & _ARCHIVED),
            templates=everything or bool(asked & _TEMPLATES),
            any_kind=everything or bool(asked & _ANY_KIND),
            kinds=frozenset(kind for name in asked if name in FIELDS for kind in FIELDS[name].kinds),
        )


def visible(query: Query, scope: Scope, done_since: date | None = None) -> Predicate:
    """Whether an item is shown for this query, apart from its conditions.

    Hidden are completed and canceled work (completed on or after `done_since` is shown), archived items, templates
    and kinds without a workflow. A query that asks for one of these lifts its rule: `status:done`, `is:archived`,
    `kind:person`, or a field of that kind, as in `sponsor:ana`. What stands under a `-` asks for nothing.
    """
    wanted = Shown.of(query)

    def shown(item: Item) -> bool:
        if (item.archived and not wanted.archived) or (item.template and not wanted.templates):
            return False
        if not (wanted.any_kind or is_work(item) or item.kind in wanted.kinds):
            return False
        return wanted.closed or scope.category(item) not in CLOSED or _was_done_since(item, done_since, scope)

    return shown


def is_work(item: Item) -> bool:
    """Whether it belongs in a list of work: a kind with a workflow, a kind of the vault's own with a status, or broken."""
    return item.has_workflow or item.broken or (item.status is not None and item.kind not in KINDS)


def _asked(query: Query) -> frozenset[str]:
    """The fields and `is:` words that a query asks for."""
    names: set[str] = set()
    for leaf in query.wanted():
        if isinstance(leaf, Is):
            names.add(str(leaf))
        elif isinstance(leaf, Has | Match):
            names.add(leaf.field)
    return frozenset(names)


def _was_done_since(item: Item, since: date | None, scope: Scope) -> bool:
    """A day of completion that nobody wrote down counts as recent: nothing disappears for want of it."""
    if since is None or scope.category(item) != "completed":
        return False
    completed = item.when("completed")
    return completed is None or completed.toordinal() >= since.toordinal()
