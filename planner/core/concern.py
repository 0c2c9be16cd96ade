"""Whom an item concerns: who follows it, whose approval it waits for, whose team it was handed to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from planner.core.approvals import Standing, is_own, may_decide, own_steps, stand
from planner.core.handoffs import handed_to
from planner.core.people import members

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.core.vault import Vault

_FOLLOWING = ("assignee", "watchers", "owner", "requester", "delegated_by", "reviewers")


def followers(item: Item) -> tuple[str, ...]:
    """Everybody who wants to hear of an item, as the file names them."""
    return tuple(dict.fromkeys(who for name in _FOLLOWING for who in item.texts(name)))


def standings(vault: Vault, item: Item, today: date) -> tuple[Standing, ...]:
    """How the approvals stand that an item asks for, itself and by its state."""
    state = vault.config.workflow_of(item).state(item.status) if item.has_workflow else None
    return stand(vault, item, (*own_steps(item), *(state.approvals if state is not None else ())), today)


def awaiting(vault: Vault, item: Item, me: str, today: date) -> tuple[Standing, ...]:
    """The approval steps of an item that wait for a person to decide; none of their own work."""
    found = standings(vault, item, today)
    if not found or (is_own(item, me) and not vault.config.workflow_of(item).self_approval):
        return ()
    return tuple(one for one in found if any(may_decide(vault, me, name) is not None for name in one.awaited))


def awaits(vault: Vault, item: Item, me: str, today: date) -> bool:
    """Whether an open item waits for a person: to approve it, or to take it over for their team."""
    team = handed_to(vault, item)
    return (team is not None and me in members(vault, team)) or bool(awaiting(vault, item, me, today))
