"""Work that goes from team to team: what waits to be accepted, and how long it waited, as history tells.

A state with a `team` belongs to it. Work that enters is nobody's in that team until somebody of it is assigned; it is
returned where it goes back to another team's state before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from planner.core.events import DELETED, Revision
from planner.core.people import members
from planner.core.record import dataclass, replace

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.core.vault import Vault


def handed_to(vault: Vault, item: Item) -> str | None:
    """The team that has an item and of which nobody has taken it; None where none has."""
    state = vault.config.workflow_of(item).state(item.status) if item.has_workflow else None
    if state is None or not state.team or not vault.is_open(item):
        return None
    return None if set(item.assignees) & members(vault, state.team) else state.team


@dataclass(frozen=True, slots=True)
class HandOff:
    """One passing of the baton: from one team's state to another's, and what became of it."""

    id: str
    giver: str
    from_team: str
    to_team: str
    at: datetime
    end: datetime | None = None
    outcome: Literal["waiting", "accepted", "returned", "gone"] = "waiting"
    by: str = ""

    def waited(self, now: datetime) -> timedelta:
        """How long it waited, or has waited so far; never less than nothing, whatever the clocks say."""
        return max((self.end or now) - self.at, timedelta())


def handoffs(vault: Vault, revisions: Iterable[Revision]) -> tuple[HandOff, ...]:
    """Every hand-off in oldest-first revisions, in the order of their beginnings."""
    teams = {
        state.name.casefold(): state.team for flow in vault.config.workflows for state in flow.states if state.team
    }
    if not teams:
        return ()
    found: list[HandOff] = []
    open_: dict[str, int] = {}
    for revision in revisions:
        changed: dict[str, dict[str, tuple[str | None, str | None]]] = {}
        for change in revision.changes:
            if change.field in {"status", "assignee", DELETED}:
                changed.setdefault(change.id, {})[change.field] = (change.old, change.new)
        for id_, fields in changed.items():
            _follow(vault, teams, found, open_, revision, id_, fields)
    return tuple(found)


def _follow(
    vault: Vault,
    teams: dict[str, str],
    found: list[HandOff],
    open_: dict[str, int],
    revision: Revision,
    id_: str,
    fields: dict[str, tuple[str | None, str | None]],
) -> None:
    """One commit's changes of one item: it ends what is open, and may begin another hand-off."""

    def end(outcome: Literal["accepted", "returned", "gone"]) -> None:
        if (place := open_.pop(id_, None)) is not None:
            found[place] = replace(found[place], end=revision.when, outcome=outcome, by=revision.who)

    old, new = fields.get("status", (None, None))
    before, after = teams.get((old or "").casefold(), ""), teams.get((new or "").casefold(), "")
    taken = set(_people(fields.get("assignee", (None, None))[1]))
    if DELETED in fields:
        end("gone")
    elif new is not None and old is not None and before != after:
        end("returned")
        if after and not taken & members(vault, after):
            open_[id_] = len(found)
            found.append(HandOff(id_, revision.who, before, after, revision.when))
    elif id_ in open_ and taken & members(vault, found[open_[id_]].to_team):
        end("accepted")


def _people(text: str | None) -> Iterator[str]:
    return (word.strip() for word in (text or "").split(",") if word.strip())
