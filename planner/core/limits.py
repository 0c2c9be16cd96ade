"""Limits of work in progress: how much stands in a state, and which limits one more item would pass.

Only leaves count, work that no other item is a part of. A limit holds for the work that goes by one workflow, for
all of a state or for each value of a field (a person, a project, a class of service).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from planner.core.people import named
from planner.core.record import dataclass
from planner.core.shelf import ARCHIVED, FLAGS, STATUS, TEMPLATE

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.core.vault import Vault
    from planner.core.workflow import State, Workflow

EXPEDITE = "expedite"
"""The class of service that may pass a limit by one."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that is passed: how many stand in the state (for `who`, where it holds for each value of a field)."""

    state: str
    count: int
    limit: int
    hard: bool
    who: str = ""
    expedited: bool = False

    def __str__(self) -> str:
        return f"{self.state}{f' of {self.who}' if self.who else ''}: {self.count} of {self.limit}"


def counts(item: Item, vault: Vault) -> bool:
    """Whether an item is work that limits count."""
    return item.has_workflow and not item.archived and not item.template and item.path not in vault.members


def inside(vault: Vault, workflow: Workflow, state: State, leave: Iterable[str] = ()) -> tuple[Item, ...]:
    """What stands in a state by a workflow's rules, but for these paths."""
    out = set(leave)
    there = vault.where(lambda row: row[STATUS] == state.name and not row[FLAGS] & (ARCHIVED | TEMPLATE))
    return tuple(
        item
        for item in there
        if item.path not in out and counts(item, vault) and vault.config.workflow_of(item) is workflow
    )


def breaches(vault: Vault, workflow: Workflow, state: State, coming: Sequence[Item] = ()) -> Iterator[Breach]:
    """The limits that would be passed with these items in the state; by none coming, those that are passed now.

    Where something expedited comes, or without a coming one stands there, one more than the limit is let through.
    """
    if state.wip is None and not state.limits:
        return
    new = [item for item in coming if counts(item, vault)]
    there = inside(vault, workflow, state, [item.path for item in coming])
    urgent = any(item.text("class_of_service") == EXPEDITE for item in (new if coming else there))
    if coming and not new:
        return
    if state.wip is not None and (count := len(there) + len(new)) > state.wip:
        yield Breach(state.name, count, state.wip, state.hard, expedited=urgent and count == state.wip + 1)
    for field, limit in state.limits:
        for value in dict.fromkeys(one for item in (new or there) for one in values(vault, item, field)):
            count = sum(value in values(vault, item, field) for item in (*there, *new))
            if count > limit:
                yield Breach(state.name, count, limit, state.hard, value, urgent and count == limit + 1)


def values(vault: Vault, item: Item, field: str) -> tuple[str, ...]:
    """The values of a field that a limit tells apart: people by their ids."""
    found = item.texts(field)
    return tuple(known[0].id if field == "assignee" and (known := named(vault, word)) else word for word in found)
