"""Wishes that answer a question: approve, accept and decline, of approvals, requests in triage and hand-offs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, Items, found, shown, subject
from planner.commands.moving import admit, move
from planner.commands.notes import log_entry
from planner.commands.tasks import project_folder, raw_list
from planner.commands.typed import typed
from planner.core.approvals import (
    Decision,
    Standing,
    Step,
    Verdict,
    decisions,
    fingerprint,
    is_own,
    left,
    may_decide,
    own_steps,
    stand,
    standing,
)
from planner.core.change import Change
from planner.core.handoffs import handed_to
from planner.core.model import Item
from planner.core.people import members
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.core.workflow import State, Workflow
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve an item where your approval is asked for; the last approval moves it on."""

    verb: ClassVar[str] = "approve"
    items: Items
    step: Annotated[str, Argument("STEP", "this step only", option=True)] = ""
    comment: Annotated[str, Argument("TEXT", "what you have to say to it", option=True)] = ""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """A line in `decisions` for each step; raises Invalid where nobody asks you, and where it is your own work."""
        items = found(vault, self.items)
        draft = Draft(vault)
        for item in items:
            decide(draft, item, "approved", self.comment, ctx, step=self.step)
        admit(draft, items)
        return draft.change(subject("approve", items, self.step))


@dataclass(frozen=True, slots=True)
class Accept:
    """Take in a request from triage, or work that was handed to your team; a request may be a duplicate, or wait."""

    verb: ClassVar[str] = "accept"
    items: Items
    duplicate: Annotated[str, Argument("OTHER", "it says the same as this item", option=True)] = ""
    snooze: Annotated[str, Argument("DATE", "look at it again then", option=True)] = ""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """A request goes to its workflow's first state, handed work to you; raises Invalid where neither is asked."""
        items = found(vault, self.items)
        draft = Draft(vault)
        for item in items:
            team = handed_to(vault, item)
            if vault.category(item) == "triage":
                self._triage(draft, item, ctx)
            elif self.duplicate or self.snooze:
                raise Invalid(
                    f"{item.id} is in {item.status}: only a request in triage may be a duplicate, or wait",
                    f"planner set {item.id} wait=DATE",
                )
            elif team is not None:
                _accept_hand_off(draft, item, team, ctx)
            else:
                raise Invalid(
                    f"{item.id} is in {item.status}: it waits neither in triage nor for a team",
                    f"planner show {item.id}",
                )
        admit(draft, items)
        for item in items:
            _leave_inbox(draft, item)
        return draft.change(subject("accept", items, self._said(vault, ctx)))

    def _said(self, vault: Vault, ctx: Context) -> str:
        if self.snooze:
            return f"snoozed to {typed('wait', self.snooze, vault, ctx)}"
        return f"duplicate of {vault.find(self.duplicate).id}" if self.duplicate else ""

    def _triage(self, draft: Draft, item: Item, ctx: Context) -> None:
        workflow = draft.vault.config.workflow_of(item)
        if self.snooze:
            draft.set(item, "wait", typed("wait", self.snooze, draft.vault, ctx))
            draft.set(item, "triage", "snooze")
            return
        if self.duplicate:
            same = draft.vault.find(self.duplicate)
            if same.path == item.path:
                raise Invalid(f"{item.id} cannot be a duplicate of itself", "name the item that says the same")
            draft.set(item, "duplicate_of", same.id)
            _close(draft, item, workflow, "duplicate", ctx)
            return
        draft.set(item, "triage", "accept")
        move(draft, item, workflow.default, ctx, decided=True)


@dataclass(frozen=True, slots=True)
class Decline:
    """Say no, with a reason: to an approval, to a request in triage, to work handed to your team."""

    verb: ClassVar[str] = "decline"
    item: Annotated[str, Argument("ID", "the item")]
    reason: Annotated[str, Argument("REASON", "why not; whoever asked will read it")]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """The approval is refused, the request closed, the work returned to whoever gave it; the reason in the log."""
        (item,) = found(vault, (self.item,))
        if not self.reason.strip():
            raise Invalid("say why", f"planner decline {item.id} REASON")
        draft = Draft(vault)
        workflow, team = vault.config.workflow_of(item), handed_to(vault, item)
        if vault.category(item) == "triage":
            _close(draft, item, workflow, "decline", ctx)
        elif team is not None:
            _return_hand_off(draft, item, team, workflow, ctx)
        else:
            decide(draft, item, "declined", "", ctx)
        log_entry(draft, item, f"declined: {self.reason.strip()}", ctx)
        admit(draft, (item,))
        return draft.change(f"decline {item.id}: {shown(self.reason.strip())}")


# ---- approvals -------------------------------------------------------------------------------------------------------


def decide(draft: Draft, item: Item, verdict: Verdict, comment: str, ctx: Context, *, step: str = "") -> None:
    """My decision on the steps of an item that await me; where they settle its state, it leaves it."""
    vault = draft.vault
    workflow = vault.config.workflow_of(item)
    state = workflow.state(item.status)
    gate = state.approvals if state is not None else ()
    standings = stand(vault, item, (*own_steps(item), *gate), ctx.today)
    mine = tuple(_mine(vault, standings, ctx.me, step))
    if not mine:
        raise _not_asked(vault, item, standings, ctx, step)
    if verdict == "approved" and is_own(item, ctx.me) and not workflow.self_approval:
        raise Invalid(
            f"{item.id} is your own work: somebody else has to approve it", "or set self_approval = true in [workflow]"
        )
    mark = fingerprint(item, vault.text(item.path))
    when = ctx.now.replace(tzinfo=None).isoformat(timespec="minutes")
    made = [Decision(when, ctx.me, verdict, one.step.name, mark, whom, " ".join(comment.split())) for one, whom in mine]
    draft.set(item, "decisions", (*raw_list(draft, item, "decisions"), *map(str, made)))
    if state is not None and state.approvals:
        _leave(draft, item, workflow, state, ctx)


def _mine(vault: Vault, standings: Sequence[Standing], me: str, step: str) -> Iterator[tuple[Standing, str]]:
    """The steps that await me, and in whose stead I would speak."""
    for one in standings:
        if step and one.step.name.casefold() != step.casefold():
            continue
        stead = [whom for name in one.awaited if (whom := may_decide(vault, me, name)) is not None]
        if stead:
            yield one, "" if "" in stead else stead[0]


def _not_asked(vault: Vault, item: Item, standings: Sequence[Standing], ctx: Context, step: str) -> Invalid:
    """Why there is nothing for me to decide, and the way out."""
    if step and not any(one.step.name.casefold() == step.casefold() for one in standings):
        names = ", ".join(one.step.name for one in standings) or "none"
        return Invalid(f"{item.id} has no approval '{step}'", f"it has {names}")
    if not standings:
        return Invalid(f"{item.id} asks for no approval", "ask for one: approvals: [{approvers: [ana], rule: any}]")
    awaited = [name for one in standings for name in one.awaited]
    if not awaited:
        said = ", ".join(f"{one.step.name} {one.result}" for one in standings)
        hint = (
            "ask anew: change `expires`"
            if any(one.result == "expired" for one in standings)
            else f"planner show {item.id}"
        )
        return Invalid(f"nothing is left to decide on {item.id}: {said}", hint)
    gone = [name for name in awaited if left(vault, name)]
    if gone:
        return Invalid(
            f"{item.id} waits for {gone[0]}, who is no longer there",
            f"name another in approvals, or write `delegates: [{ctx.me}]` into people/{gone[0]}.md",
        )
    return Invalid(f"{item.id} waits for {', '.join(awaited)}, not for you ({ctx.me})", f"planner show {item.id}")


def _leave(draft: Draft, item: Item, workflow: Workflow, state: State, ctx: Context) -> None:
    """The item leaves a state whose approvals are settled by the decisions as drafted."""
    now = draft.drafted(item)
    groups = {name: members(draft.vault, name) for step in state.approvals for name in step.approvers}
    results = {_result(step, now, draft, groups, ctx) for step in state.approvals}
    if results == {"approved"}:
        move(draft, item, workflow.after(state, approved=True), ctx, decided=True)
    elif "declined" in results:
        move(draft, item, workflow.after(state, approved=False), ctx, decided=True)


def _result(step: Step, item: Item, draft: Draft, groups: dict[str, frozenset[str]], ctx: Context) -> str:
    return standing(step, decisions(item), fingerprint(item, draft.text(item.path)), ctx.today, groups).result


# ---- requests and hand-offs ------------------------------------------------------------------------------------------


def _leave_inbox(draft: Draft, item: Item) -> None:
    """What is no longer to be triaged does not lie in `inbox/`: it goes to its project's folder, else to `tasks/`."""
    now, vault = draft.drafted(item), draft.vault
    if not item.path.startswith("inbox/") or vault.config.workflow.category(now.status) == "triage":
        return
    folder = (project_folder(vault, now.project) if now.project else None) or "tasks"
    target = f"{folder}/{item.path.rpartition('/')[2]}"
    if target not in vault.files:
        draft.move(item, target)


def _close(draft: Draft, item: Item, workflow: Workflow, how: str, ctx: Context) -> None:
    closed = workflow.first("canceled", "completed")
    if closed is None:
        raise Invalid("this vault's workflow has no canceled state", "add one to planner.toml")
    draft.set(item, "triage", how)
    move(draft, item, closed.name, ctx, decided=True)


def _accept_hand_off(draft: Draft, item: Item, team: str, ctx: Context) -> None:
    if ctx.me not in members(draft.vault, team):
        raise Invalid(
            f"{item.id} was handed to {team}, and you ({ctx.me}) are not in it", f"write yourself into teams/{team}.md"
        )
    draft.set(item, "assignee", ctx.me)


def _return_hand_off(draft: Draft, item: Item, team: str, workflow: Workflow, ctx: Context) -> None:
    """Back to the state before, and to whoever gave it."""
    if ctx.me not in members(draft.vault, team):
        raise Invalid(
            f"{item.id} was handed to {team}, and you ({ctx.me}) are not in it", f"write yourself into teams/{team}.md"
        )
    state = workflow.state(item.status)
    back = state.declined if state is not None and state.declined else workflow.step(item.status, -1)
    if back is None:
        raise Invalid(f"{item.id} is in the first state: there is no way back", f"planner assign {item.id} WHO")
    giver = item.text("delegated_by")
    move(draft, item, back, ctx, decided=True)
    draft.set(item, "assignee", giver)
    draft.set(item, "delegated_by", None)
