"""The states work passes through, each with a category that says what it means, and the rules on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from planner.core.approvals import Step
    from planner.core.model import Item

from planner.core.record import dataclass

Category: TypeAlias = Literal["triage", "backlog", "unstarted", "started", "completed", "canceled"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
OPEN: frozenset[str] = frozenset({"triage", "backlog", "unstarted", "started"})
CHECKLIST = "checklist"
"""In a state's `requires`: every line of the checklist is ticked."""


@dataclass(frozen=True, slots=True)
class State:
    """One column of the board; `wip` is its limit, `hard` refuses what would pass it.

    `limits` hold for each value of a field (`assignee`: for each person); `requires` names what an item must have to
    enter; work that enters goes to `team`; a state with `approvals` is left by their outcome alone, to the state named
    by `approved` or `declined` (or to its neighbour).
    """

    name: str
    category: Category
    wip: int | None = None
    hard: bool = False
    limits: tuple[tuple[str, int], ...] = ()
    requires: tuple[str, ...] = ()
    team: str = ""
    approvals: tuple[Step, ...] = ()
    approved: str = ""
    declined: str = ""


@dataclass(frozen=True)  # no slots: the index of names is cached in it
class Workflow:
    """States in the order work passes through them; names are compared without regard to case.

    It governs the work of `projects`, and of `types` (or kinds); without either, all that no other does. `migrate`
    says what became of a state that is no more: old name, new name.
    """

    states: tuple[State, ...]
    transitions: tuple[tuple[str, str], ...] = ()  # allowed (from, to); empty allows all
    name: str = "default"
    projects: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    migrate: tuple[tuple[str, str], ...] = ()
    self_approval: bool = False
    signed: bool = False  # decisions count only where their commits are signed

    def __iter__(self) -> Iterator[State]:
        return iter(self.states)

    def governs(self, kind: str, project: str | None, type_: str | None) -> bool:
        """Whether the work of such an item goes by these rules."""
        if not self.projects and not self.types:
            return True
        return (project or "").casefold() in self.projects or not self.types.isdisjoint(
            {kind, (type_ or "").casefold()}
        )

    def state(self, name: str | None) -> State | None:
        """The state of that name, or the one that took its place; None for an unknown one."""
        return self._by_name.get((name or "").casefold())

    @cached_property
    def _by_name(self) -> Mapping[str, State]:
        found = {state.name.casefold(): state for state in reversed(self.states)}
        moved = {old.casefold(): found[new.casefold()] for old, new in self.migrate if new.casefold() in found}
        return {**moved, **found}

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

    def allowed(self, start: str | None, to: str) -> bool:
        """Whether work may go from one state to another; out of an unknown state, or of none, it may go anywhere."""
        begin, end = self.state(start), self.state(to)
        if not self.transitions or begin is None or end is None or begin == end:
            return True
        return (begin.name, end.name) in self.transitions

    def ways(self, start: str | None) -> tuple[str, ...]:
        """The states that work may go to from one."""
        begin = self.state(start)
        return tuple(state.name for state in self.states if state != begin and self.allowed(start, state.name))

    def after(self, state: State, *, approved: bool) -> str:
        """Where work goes from a state with approvals: where it says, else one column on or back."""
        return (
            (state.approved if approved else state.declined)
            or self.step(state.name, 1 if approved else -1)
            or state.name
        )

    def step(self, name: str | None, by: int) -> str | None:
        """The state `by` columns to the right (negative: left), None at the edge."""
        names = [state.casefold() for state in self.names()]
        index = names.index((name or "").casefold()) if (name or "").casefold() in names else None
        if index is None or not 0 <= index + by < len(names):
            return None
        return self.states[index + by].name


def lacking(item: Item, state: State) -> tuple[str, ...]:
    """What an item still needs to be in a state: names of fields, and the checklist with how far it is."""
    found: list[str] = []
    for need in state.requires:
        if need == CHECKLIST:
            steps = item.body.checklist
            if item.body.done < len(steps):
                found.append(f"{CHECKLIST} ({item.body.done} of {len(steps)} ticked)")
        elif item.fields.get(need) in (None, "", ()):
            found.append(need)
    return tuple(found)


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
