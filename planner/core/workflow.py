"""The states work passes through, each with a category that says what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, get_args

Category: TypeAlias = Literal["triage", "backlog", "unstarted", "started", "completed", "canceled"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
OPEN: frozenset[str] = frozenset({"triage", "backlog", "unstarted", "started"})


@dataclass(frozen=True, slots=True)
class State:
    """One column of the board; `wip` is its limit, `hard` refuses what would pass it."""

    name: str
    category: Category
    wip: int | None = None
    hard: bool = False


@dataclass(frozen=True)  # no slots: the index of names is cached in it
class Workflow:
    """States in the order work passes through them; names are compared without regard to case."""

    states: tuple[State, ...]
    transitions: tuple[tuple[str, str], ...] = ()  # allowed (from, to); empty allows all

    def __iter__(self) -> Iterator[State]:
        return iter(self.states)

    def state(self, name: str | None) -> State | None:
        """The state of that name, None for an unknown one."""
        return self._by_name.get((name or "").casefold())

    @cached_property
    def _by_name(self) -> Mapping[str, State]:
        return {state.name.casefold(): state for state in reversed(self.states)}

    def category(self, name: str | None) -> Category | None:
        """The category of a state, None for an unknown one."""
        state = self.state(name)
        return state.category if state else None

    def is_open(self, name: str | None) -> bool:
        """Whether work in that state is still to be done; an unknown state counts as open."""
        category = self.category(name)
        return category is None or category in OPEN

    def first(self, *categories: Category) -> State | None:
        """The first state in any of the categories, in the categories' order."""
        return next((state for wanted in categories for state in self.states if state.category == wanted), None)

    @property
    def default(self) -> str:
        """The state of a task that names none."""
        state = self.first("unstarted", "backlog", "triage", "started")
        return state.name if state else "todo"

    @property
    def inbox(self) -> str:
        """The state of what lies in `inbox/`."""
        state = self.first("triage")
        return state.name if state else self.default

    @property
    def done(self) -> str | None:
        """The state `done` moves to."""
        state = self.first("completed")
        return state.name if state else None

    def names(self) -> tuple[str, ...]:
        """State names in order."""
        return tuple(state.name for state in self.states)

    def step(self, name: str | None, by: int) -> str | None:
        """The state `by` columns to the right (negative: left), None at the edge."""
        names = [state.casefold() for state in self.names()]
        index = names.index((name or "").casefold()) if (name or "").casefold() in names else None
        if index is None or not 0 <= index + by < len(names):
            return None
        return self.states[index + by].name


DEFAULT_WORKFLOW = Workflow(
    (
        State("inbox", "triage"),
        State("todo", "unstarted"),
        State("doing", "started"),
        State("review", "started"),
        State("done", "completed"),
        State("dropped", "canceled"),
    )
)
