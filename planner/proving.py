"""Rules that only history can prove: that a decision was made by the person it names, and that work went allowed ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.core.approvals import Decision, delegates, read_decision
from planner.core.events import RENAMED, Revision
from planner.core.people import author
from planner.core.spot import fault_in
from planner.past import after, repository, revisions

if TYPE_CHECKING:
    from planner.core.model import Item, Problem
    from planner.session import Session


def unproven(session: Session, rev: str = "HEAD") -> Iterator[Problem]:
    """A fault for each decision that no commit by its maker brought (signed, where the workflow says so)."""
    if session.repo is None:
        return
    vault = session.vault
    decided = {item.id.casefold(): item for item in vault.planned if item.texts("decisions")}
    brought = _brought(session, decided, rev) if decided else {}
    for id_, item in decided.items():
        for text in item.texts("decisions"):
            one = read_decision(text)
            if one is not None and (why := _doubt(session, item, one, brought.get((id_, text)))):
                yield fault_in(vault, item, "decisions", "unproven-decision", why, value=text)


def _brought(session: Session, decided: Mapping[str, Item], rev: str) -> dict[tuple[str, str], Revision]:
    """The commit that first brought each line of each item, by the item's id in lower case; older ids are followed."""
    found: dict[tuple[str, str], Revision] = {}
    now: dict[str, str] = {}  # what an older id is called today
    for revision in revisions(session, rev=rev):
        for change in revision.changes:
            id_ = now.get(change.id.casefold(), change.id.casefold())
            if id_ not in decided:
                continue
            if change.field == RENAMED and change.old:
                now[change.old.casefold()] = id_
            elif change.field == "decisions":
                lines = (text for text in decided[id_].texts("decisions") if text in (change.new or ""))
                found.update({(id_, text): revision for text in lines if text not in (change.old or "")})
    return found


def _doubt(session: Session, item: Item, one: Decision, revision: Revision | None) -> str:
    """Why a decision is not proved; empty where it is."""
    vault = session.vault
    said = f"{one.by} {one.verdict} {one.step}"
    if revision is None:
        return f"'{said}' is in no commit yet"
    who = author(vault, revision.who, revision.email)
    if who != one.by:
        return f"'{said}' was written by {revision.who} in {revision.commit[:8]}"
    if one.instead_of and one.by not in delegates(vault, one.instead_of):
        return f"'{said}' is in the place of {one.instead_of}, who has not delegated it to {one.by}"
    if vault.config.workflow_of(item).signed and not repository(session).is_signed(revision.commit):
        return f"'{said}' came in {revision.commit[:8]}, which has no good signature"
    return ""


def wrong_ways(session: Session, since: str, rev: str = "HEAD") -> Iterator[Problem]:
    """A fault for each commit after a revision that took an item a way its workflow does not allow.

    An undo is no such way, nor is what an undo has taken back.
    """
    vault = session.vault
    undone: set[str] = set()
    for revision in after(session, revisions(session, rev=rev), since, rev=rev):
        undone.update(revision.undoes if undone.isdisjoint(revision.names) else ())
        stands = not revision.undoes and undone.isdisjoint(revision.names)
        for change in revision.changes if stands else ():
            item = vault.get(change.id)
            if change.field != "status" or item is None or not change.old or not change.new or item.broken:
                continue
            workflow = vault.config.workflow_of(item)
            if not workflow.allowed(change.old, change.new):
                message = f"{revision.who} took it from {change.old} to {change.new} in {revision.commit[:8]}"
                yield fault_in(vault, item, "status", "bad-transition", message)
