"""Work as columns, one for each state, and as lanes across them: the Kanban board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from planner.core.dates import day_of
from planner.core.fields import FieldType
from planner.core.model import Item
from planner.core.order import Importance
from planner.core.record import dataclass, replace
from planner.core.turns import sorted_by_turns
from planner.core.vault import Vault
from planner.core.workflow import Category, State, Workflow
from planner.query.language import canonical
from planner.query.match import compile_query
from planner.query.nodes import And, Is, Match, Query
from planner.query.order import group, sorted_items
from planner.query.scope import CLOSED, Scope
from planner.query.visible import is_work, visible
from planner.views.facts import Ageing, Since, age_in_state, ageing, by_importance, done_on, due_of

KEPT_AFTER_DONE = timedelta(days=14)
"""Completed cards leave the board after two weeks."""


@dataclass(frozen=True, slots=True)
class Column:
    """One state with its cards, top first; what cannot be read stands on top of the first column.

    `count` says how many of the cards are leaves (work of its own, no summary of other cards). `wip` counts the
    leaves of the whole vault in this state, shown or not: the limit is about them. `category` is None for a status
    that the workflow does not know; its column stands at the end.
    """

    status: str
    category: Category | None
    limit: int | None
    hard: bool
    count: int
    wip: int
    estimate_minutes: int
    ageing: Ageing | None
    items: tuple[Item, ...]

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and self.wip >= self.limit

    @property
    def over(self) -> bool:
        """Whether the limit is passed."""
        return self.limit is not None and self.wip > self.limit


@dataclass(frozen=True, slots=True)
class Lane:
    """The cards that share a value of one field: a cell for each column.

    `done`, `total` and `blocked` count its leaves in the whole vault, shown or not, canceled ones aside. `due` is
    the end of the project, milestone or goal it stands for, else the next due date in it.
    """

    key: str
    label: str
    done: int
    total: int
    blocked: int
    due: date | datetime | None
    cells: tuple[tuple[Item, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Columns, and lanes if asked for; `shown` cards of the `total` that a board without a query shows."""

    columns: tuple[Column, ...]
    lanes: tuple[Lane, ...]
    shown: int
    total: int


def board(
    vault: Vault,
    query: Query,
    today: date,
    *,
    me: str | None = None,
    lanes: str | None = None,
    since: Since | None = None,
) -> Board:
    """The board of what a query asks for; `lanes` names the field that sets lanes apart. Raises QueryError.

    `since` gives the day each item (by path) entered its state, for files that do not say when work was started or
    completed. Cards stand by rank, those without one below by importance, completed ones by day, unless the query
    sorts.
    """
    since, scope = since or {}, Scope(vault, today, me)
    fits = compile_query(query, vault, today=today, me=me)
    cards = _in_order(filter(fits, filter(_on_board(query, scope, since), vault.items)), query, scope, since)
    columns = tuple(_columns(vault, query, cards, today, since))
    in_lanes = tuple(_lanes(vault, lanes, columns, today)) if lanes else ()
    total = sum(map(_on_board(Query(), scope, since), vault.items)) if query.filter != And() else len(cards)
    return Board(columns, in_lanes, len(cards), total)


def _in_order(cards: Iterable[Item], query: Query, scope: Scope, since: Since) -> list[Item]:
    if query.sort:
        return sorted_items(cards, query.sort, scope.vault, today=scope.today)
    return sorted_by_turns(cards, lambda item: _place(item, scope, since))


def _on_board(query: Query, scope: Scope, since: Since) -> Callable[[Item], bool]:
    """Whether an item is a card, apart from the query's conditions: completed work for two weeks, or if asked for."""
    hidden_before = scope.today - KEPT_AFTER_DONE
    asked, kept = visible(query, scope), visible(query, scope, hidden_before)

    def shown(item: Item) -> bool:
        if not is_work(item) or not kept(item):
            return False
        category = scope.category(item)
        if category not in CLOSED or asked(item):
            return True
        done = done_on(item, since)
        return category == "completed" and (done is None or done >= hidden_before)

    return shown


def _place(item: Item, scope: Scope, since: Since) -> tuple[int, str, Importance]:
    """Where a card stands in its column: completed ones newest first, the others by rank, then by importance."""
    if scope.category(item) == "completed":
        done = done_on(item, since)
        return -done.toordinal() if done is not None else 0, "", by_importance(item, scope.vault)
    return scope.vault.column_place(item)


def _columns(vault: Vault, query: Query, cards: Sequence[Item], today: date, since: Since) -> Iterator[Column]:
    """The workflow's columns, then one for each status it does not know."""
    by_status: dict[str, list[Item]] = {}
    for item in cards:
        by_status.setdefault(_key(item.status), []).append(item)
    unreadable = by_status.pop("", [])
    wip = Counter(_key(item.status) for item in vault.planned if item.has_workflow and is_leaf(item, vault))
    asked = _asked_states(query, vault.config.workflow)
    usual = {state.name for state in vault.config.workflows[-1]}  # those of one project show where they have cards
    for state in vault.config.workflow:
        items = by_status.pop(_key(state.name), [])
        if items or _key(state.name) in asked or (state.name in usual and state.category not in {"triage", "canceled"}):
            yield _column(state, [*unreadable, *items], wip, vault, today, since)
            unreadable = []
    if unreadable:  # no column shows, and yet nothing may be hidden
        yield _column(vault.config.workflow.states[0], unreadable, wip, vault, today, since)
    for key, items in sorted(by_status.items()):
        unknown = State(items[0].status or key, "unstarted")
        yield replace(_column(unknown, items, wip, vault, today, since), category=None)


def _column(
    state: State, items: Sequence[Item], wip: Mapping[str, int], vault: Vault, today: date, since: Since
) -> Column:
    leaves = [item for item in items if not item.broken and is_leaf(item, vault)]
    ages = [age for item in items if (age := age_in_state(item, vault, today, since)) is not None]
    return Column(
        status=state.name,
        category=state.category,
        limit=state.wip,
        hard=state.hard,
        count=len(leaves),
        wip=wip.get(_key(state.name), 0),
        estimate_minutes=sum(item.estimate.likely.minutes() for item in leaves if item.estimate is not None),
        ageing=ageing(ages),
        items=tuple(items),
    )


def _key(status: str | None) -> str:
    return (status or "").casefold()


def is_leaf(item: Item, vault: Vault) -> bool:
    """Whether an item is work of its own: no other item is a part of it."""
    return item.path not in vault.members


def _asked_states(query: Query, workflow: Workflow) -> frozenset[str]:
    """The states a query asks for by name, by category, or as `is:done` and `is:canceled`."""
    words: set[str] = set()
    for leaf in query.wanted():
        if isinstance(leaf, Match) and leaf.field in {"status", "category"}:
            words.update(value.text.casefold() for value in leaf.values)
        elif isinstance(leaf, Is) and leaf.word in {"done", "canceled"}:
            words.add({"done": "completed", "canceled": "canceled"}[leaf.word])
    return frozenset(_key(state.name) for state in workflow if {_key(state.name), state.category} & words)


def _lanes(vault: Vault, name: str, columns: Sequence[Column], today: date) -> Iterator[Lane]:
    """A lane for each value that a shown card has, in the order of the field."""
    cards = {item.path: item for column in columns for item in column.items}
    leaves = {item.path: item for item in vault.planned if _counts(item, vault)}
    groups = group({**cards, **leaves}.values(), name, vault, today=today)
    lane_of = {item.path: number for number, (_, members) in enumerate(groups) for item in members}
    cells: list[list[list[Item]]] = [[[] for _ in columns] for _ in groups]
    for place, column in enumerate(columns):
        for item in column.items:
            cells[lane_of[item.path]][place].append(item)
    for (label, members), row in zip(groups, cells, strict=True):
        if any(row):
            inside = [item for item in members if item.path in leaves]
            yield _lane(name, label, inside, members[0], tuple(map(tuple, row)), vault)


def _counts(item: Item, vault: Vault) -> bool:
    """Whether an item counts in the progress of its lane."""
    return item.has_workflow and is_leaf(item, vault) and vault.category(item) != "canceled"


def _lane(
    name: str, label: str, leaves: Sequence[Item], member: Item, cells: tuple[tuple[Item, ...], ...], vault: Vault
) -> Lane:
    stands_for = _stands_for(name, member, vault)
    dates = [due for item in leaves if vault.is_open(item) and (due := due_of(item)) is not None]
    return Lane(
        key=stands_for.id if stands_for is not None else label.casefold(),
        label=label,
        done=sum(vault.category(item) == "completed" for item in leaves),
        total=len(leaves),
        blocked=sum(vault.is_blocked(item) for item in leaves),
        due=(_end(stands_for) if stands_for is not None else None) or min(dates, key=day_of, default=None),
        cells=cells,
    )


def _stands_for(name: str, member: Item, vault: Vault) -> Item | None:
    """The project, milestone or other item whose lane this is."""
    field = vault.config.field(canonical(name))
    if field is None or field.type is not FieldType.REFERENCE:
        return None
    return vault.resolve(reference) if (reference := member.text(field.name)) else None


def _end(item: Item) -> date | datetime | None:
    return item.when("target_end") or due_of(item)
