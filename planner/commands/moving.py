"""Wishes that take work from state to state, by the workflow's rules: move, done, and what every change of status obeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, Items, found, key_in, subject
from planner.commands.typed import state
from planner.core.approvals import own_steps, stand, wanting
from planner.core.change import Change
from planner.core.limits import Breach, breaches
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.core.workflow import CHECKLIST, State, Workflow, lacking
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Move:
    """Move items to another status."""

    verb: ClassVar[str] = "move"
    items: Items
    to: Annotated[str, Argument("STATUS", "the status to move to")]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """Raises Invalid for an unknown status and for whatever the workflow forbids."""
        items = found(vault, self.items)
        target = state(self.to, vault)
        draft = Draft(vault)
        moving = [item for item in items if (item.text("status") or "").casefold() != target.casefold()]
        for item in moving:
            move(draft, item, target, ctx)
        admit(draft, moving)
        start = moving[0].status if len(moving) == 1 else None
        return draft.change(subject("move", items, f"{start or ''} → {target}".strip()))


@dataclass(frozen=True, slots=True)
class Done:
    """Mark items as done."""

    verb: ClassVar[str] = "done"
    items: Items

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """A move to the first completed state of each item's workflow; raises Invalid for a repeating item."""
        items = found(vault, self.items)
        draft = Draft(vault)
        target = None
        for item in items:
            target = vault.config.workflow_of(item).done
            if target is None:
                raise Invalid("this vault's workflow has no completed state", "add one to planner.toml")
            if vault.category(item) != "completed":
                move(draft, item, target, ctx)
        admit(draft, items)
        start = items[0].status if len(items) == 1 else None
        return draft.change(subject("done", items, f"{start or ''} → {target}".strip()))


def move(draft: Draft, item: Item, target: str | None, ctx: Context, *, decided: bool = False) -> None:
    """One item's status set, with the stamps that go with it; raises Invalid where the workflow forbids it.

    `decided`: its approvals, or a team that was handed the work, have just said so. `admit` has to follow.
    """
    vault = draft.vault
    workflow = vault.config.workflow_of(item)
    if not item.has_workflow:
        raise Invalid(f"{item.id} is a {item.kind}, which has no status", "only tasks, milestones and requests move")
    if target is not None and target != item.status:
        _check_way(vault, workflow, item, target, ctx, decided=decided)
    category = workflow.category(target)
    if category == "completed" and "recurrence" in item.fields:
        raise Invalid(
            f"{item.id} repeats ({item.fields['recurrence']}); done would end the series",
            f"move its date on: planner set {item.id} due=…; or end it: planner set {item.id} recurrence=",
        )
    draft.set(item, "status", target)
    _stamp(draft, item, category, ctx)
    begin, end = workflow.state(item.status), workflow.state(target)
    if end is not None and end.team and begin != end and end.team != (begin.team if begin else ""):
        _hand_off(draft, item, end, ctx)


def _check_way(vault: Vault, workflow: Workflow, item: Item, target: str, ctx: Context, *, decided: bool) -> None:
    """Raises Invalid where an item may not go there: no such state or way, or approvals that are wanting."""
    if workflow.state(target) is None:
        hint = f"it goes through {', '.join(workflow.names())}"
        raise Invalid(f"{item.id} goes by the workflow '{workflow.name}', which has no state {target}", hint)
    if not decided and not workflow.allowed(item.status, target):
        ways = ", ".join(workflow.ways(item.status)) or "nothing"
        raise Invalid(f"{item.id} may not go from {item.status} to {target}", f"allowed from here: {ways}")
    here = workflow.state(item.status)
    if here is not None and here.approvals and not decided:
        _check_outcome(vault, workflow, here, item, target, ctx)
    if workflow.category(target) == "completed":
        for open_ in wanting(stand(vault, item, own_steps(item), ctx.today)):
            who = ", ".join(open_.awaited) or ", ".join(open_.step.approvers)
            raise Invalid(
                f"{item.id} is not approved: {open_.step.name} is {open_.result}, by {who}",
                f"planner approve {item.id}",
            )


def _check_outcome(vault: Vault, workflow: Workflow, here: State, item: Item, target: str, ctx: Context) -> None:
    """Raises Invalid where a state's approvals do not lead to the target; they alone lead out of it."""
    results = {one.result for one in stand(vault, item, here.approvals, ctx.today)}
    if results == {"approved"}:
        way = workflow.after(here, approved=True)
    elif "declined" in results:
        way = workflow.after(here, approved=False)
    else:
        waiting = stand(vault, item, here.approvals, ctx.today)
        who = ", ".join(dict.fromkeys(name for one in waiting for name in (one.awaited or one.step.approvers)))
        raise Invalid(
            f"{item.id} waits in {here.name} for approval by {who}",
            f"planner approve {item.id}, or planner decline {item.id} REASON",
        )
    if way != target:
        raise Invalid(f"{item.id} leaves {here.name} to {way} only", f"planner move {item.id} {way}")


def _hand_off(draft: Draft, item: Item, to: State, ctx: Context) -> None:
    """Work that comes to another team is nobody's there until somebody accepts it; who gave it is kept."""
    from planner.core.people import members, team

    if team(draft.vault, to.team) is None:
        draft.notices.append(f"there is no team '{to.team}': add teams/{to.team}.md")
        return
    staying = [who for who in item.assignees if who in members(draft.vault, to.team)]
    if staying:
        return
    draft.set(item, "assignee", None)
    draft.set(item, "delegated_by", ctx.me)
    draft.notices.append(f"handed to {to.team}; it waits for planner accept {item.id}")


def admit(draft: Draft, items: Iterable[Item]) -> None:
    """Check what a state asks of those that have come into it, as drafted: requirements, then limits.

    A soft limit is passed with a notice; a hard one refuses, but for one expedited item, of which the commit tells.
    """
    vault = draft.vault
    coming: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        now = draft.drafted(item)
        workflow = vault.config.workflow_of(now)
        target = workflow.state(now.status)
        if target is None or (target.name == item.status and item.path in vault.files):
            continue
        if needs := lacking(now, target):
            raise Invalid(f"{target.name} wants of {item.id}: {', '.join(needs)}", _way_to(item, needs))
        coming.setdefault((workflow.name, target.name), []).append(now)
    for (name, target_name), arriving in coming.items():
        workflow = next(flow for flow in vault.config.workflows if flow.name == name)
        target = workflow.state(target_name)
        if target is not None:
            _judge(draft, target, tuple(breaches(vault, workflow, target, arriving)), len(arriving))


def _way_to(item: Item, needs: Sequence[str]) -> str:
    field = next((need for need in needs if not need.startswith(CHECKLIST)), None)
    return f"planner set {item.id} {field}=…" if field else f"planner check-item {item.id} N"


def _judge(draft: Draft, target: State, passed: Sequence[Breach], coming: int) -> None:
    for breach in passed:
        full = breach.count - coming
        whose = f" of {breach.who}" if breach.who else ""
        if breach.hard and not breach.expedited:
            raise Invalid(
                f"{target.name}{whose} is full: {full} of {breach.limit}",
                "finish or move something out of it first; expedite may pass by one",
            )
        draft.notices.append(f"{target.name}{whose} is over its limit: {breach.count} of {breach.limit}")
        if breach.expedited:
            draft.details.append(f"limit passed by an expedited item: {breach}")


def _stamp(draft: Draft, item: Item, category: str | None, ctx: Context) -> None:
    """`started` and `completed` follow the status where the file keeps them, or where nothing else would tell."""
    document = draft.document(item)
    now = ctx.now.replace(tzinfo=None).isoformat(timespec="minutes")
    if category == "completed" and (ctx.stamp or key_in(document, "completed") in document):
        draft.set(item, "completed", now)
    elif category != "completed" and document.get(key_in(document, "completed")):
        draft.set(item, "completed", None)
    if category == "started" and not item.fields.get("started") and (ctx.stamp or "started" in document):
        draft.set(item, "started", now)
