"""Approvals, requests in triage and hand-offs, as commands meet them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.commands import Accept, Approve, Command, Context, Decline, Move, Set
from planner.core.approvals import decisions
from planner.core.vault import Vault
from planner.errors import Invalid

RULES = """\
[workflow.default]
states = [
  {name = "inbox", category = "triage"},
  {name = "todo", category = "unstarted"},
  {name = "doing", category = "started", team = "makers"},
  {name = "review", category = "started", approvals = [{approvers = ["ana", "bo"], rule = "all"}]},
  {name = "printing", category = "started", team = "printers"},
  {name = "done", category = "completed"},
  {name = "dropped", category = "canceled"},
]
"""
TEAM = {
    **{f"people/{who}.md": f"{who.title()}\n" for who in ("ana", "bo", "yuki", "max")},
    "people/kim.md": "---\ndelegates: [max]\n---\nKim\n",
    "people/lea.md": "---\narchived: true\n---\nLea\n",
    "teams/makers.md": "---\nmembers: [ana, bo]\n---\nMakers\n",
    "teams/printers.md": "---\nmembers: [kim]\n---\nPrinters\n",
}


def vault(header: str, body: str = "Text\n") -> Vault:
    return Vault.parse({"planner.toml": RULES, **TEAM, "tasks/a.md": f"---\nid: a\ntitle: A\n{header}\n---\n{body}"})


def run(held: Vault, wish: Command, ctx: Context, me: str) -> Vault:
    return held.apply(wish.plan(held, replace(ctx, me=me)).edits)


def refused(held: Vault, wish: Command, ctx: Context, me: str) -> tuple[str, str]:
    with pytest.raises(Invalid) as error:
        run(held, wish, ctx, me)
    return error.value.message, error.value.hint


# ---- approvals -------------------------------------------------------------------------------------------------------


def test_a_state_with_approvals_is_left_by_the_last_of_them_only(ctx: Context) -> None:
    held = vault("status: review\nassignee: kim")
    assert refused(held, Move(("a",), "done"), ctx, "kim") == (
        "a waits in review for approval by ana, bo",
        "planner approve a, or planner decline a REASON",
    )
    held = run(held, Approve(("a",), comment="good: go"), ctx, "bo")
    assert held.find("a").status == "review"
    held = run(held, Approve(("a",)), ctx, "ana")
    assert held.find("a").status == "printing"
    assert [(one.by, one.verdict, one.comment) for one in decisions(held.find("a"))] == [
        ("bo", "approved", "good: go"),
        ("ana", "approved", ""),
    ]


def test_one_who_declines_sends_it_back_with_the_reason_in_the_log(ctx: Context) -> None:
    held = run(vault("status: review"), Decline("a", "too dark"), ctx, "ana")
    item = held.find("a")
    assert (item.status, item.body.log[-1].who, item.body.log[-1].text) == ("doing", "ana", "declined: too dark")
    assert refused(vault("status: review"), Decline("a", " "), ctx, "ana")[0] == "say why"


def test_approvals_that_met_by_two_clones_let_it_go_where_they_lead_and_nowhere_else(ctx: Context) -> None:
    held = vault("status: review")
    one, other = (run(held, Approve(("a",)), ctx, who) for who in ("ana", "bo"))
    both = tuple(str(decision) for side in (one, other) for decision in decisions(side.find("a")))
    merged = run(held, Set(("a",), (f"decisions={','.join(both)}",)), ctx, "kim")
    assert merged.find("a").status == "review"
    assert refused(merged, Move(("a",), "todo"), ctx, "kim") == (
        "a leaves review to printing only",
        "planner move a printing",
    )
    assert run(merged, Move(("a",), "printing"), ctx, "kim").find("a").status == "printing"


def test_a_change_of_content_makes_an_approval_stale(ctx: Context) -> None:
    held = run(vault("approvals: [{approvers: [ana], rule: any}]\nstatus: todo"), Approve(("a",)), ctx, "ana")
    assert refused(held, Approve(("a",)), ctx, "ana")[0] == "nothing is left to decide on a: 1 approved"
    ticked = run(held, Move(("a",), "doing"), ctx, "kim")
    assert run(ticked, Move(("a",), "done"), ctx, "kim").find("a").status == "done"
    changed = run(ticked, Set(("a",), ("title=B",)), ctx, "kim")
    assert refused(changed, Move(("a",), "done"), ctx, "kim") == (
        "a is not approved: 1 is pending, by ana",
        "planner approve a",
    )


@pytest.mark.parametrize(
    ("header", "me", "message", "hint"),
    [
        ("status: todo", "ana", "a asks for no approval", "ask for one: approvals: [{approvers: [ana], rule: any}]"),
        ("status: review", "kim", "a waits for ana, bo, not for you (kim)", "planner show a"),
        (
            "status: review\nassignee: ana", "ana", "a is your own work: somebody else has to approve it",
            "or set self_approval = true in [workflow]",
        ),
        (
            "approvals: [{approvers: [lea]}]", "ana", "a waits for lea, who is no longer there",
            "name another in approvals, or write `delegates: [ana]` into people/lea.md",
        ),
        (
            "approvals: [{approvers: [ana], expires: 2026-11-01, step: x}]", "ana", "nothing is left to decide on a: x expired",
            "ask anew: change `expires`",
        ),
        ("approvals: [{approvers: [ana, bo], rule: sequential}]", "bo", "a waits for ana, not for you (bo)", "planner show a"),
    ],
)  # fmt: skip
def test_what_cannot_be_approved_says_why_and_the_way_out(
    ctx: Context, header: str, me: str, message: str, hint: str
) -> None:
    assert refused(vault(header), Approve(("a",)), ctx, me) == (message, hint)


def test_self_approval_is_a_setting(ctx: Context) -> None:
    held = vault("status: review\nassignee: ana")
    held = held.apply({"planner.toml": f"{RULES}self_approval = true\n"})
    assert decisions(run(held, Approve(("a",)), ctx, "ana").find("a"))


def test_a_delegate_decides_in_the_persons_name(ctx: Context) -> None:
    held = run(vault("approvals: [{approvers: [kim]}]"), Approve(("a",)), ctx, "max")
    (one,) = decisions(held.find("a"))
    assert (one.by, one.voice) == ("max", "kim")


def test_one_step_of_several_by_its_name(ctx: Context) -> None:
    held = vault("approvals: [{step: words, approvers: [ana]}, {step: money, approvers: [ana]}]")
    held = run(held, Approve(("a",), step="money"), ctx, "ana")
    assert [one.step for one in decisions(held.find("a"))] == ["money"]
    assert refused(held, Approve(("a",), step="colour"), ctx, "ana") == (
        "a has no approval 'colour'",
        "it has words, money",
    )


# ---- requests in triage ----------------------------------------------------------------------------------------------


def test_a_request_is_taken_in_closed_doubled_or_put_off(ctx: Context) -> None:
    held = vault("status: inbox\nkind: request").apply({"tasks/b.md": "---\nid: b\n---\nB\n"})
    item = run(held, Accept(("a",)), ctx, "ana").find("a")
    assert (item.status, item.text("triage")) == ("todo", "accept")
    item = run(held, Decline("a", "not ours"), ctx, "ana").find("a")
    assert (item.status, item.text("triage"), item.body.log[-1].text) == ("dropped", "decline", "declined: not ours")
    item = run(held, Accept(("a",), duplicate="b"), ctx, "ana").find("a")
    assert (item.status, item.text("triage"), item.text("duplicate_of")) == ("dropped", "duplicate", "b")
    item = run(held, Accept(("a",), snooze="+1w"), ctx, "ana").find("a")
    assert (item.status, str(item.when("wait"))) == ("inbox", "2026-12-02")
    assert refused(vault("status: todo"), Accept(("a",)), ctx, "ana")[0].startswith("a is in todo: it waits neither")


def test_how_a_request_was_answered_is_in_the_subject(ctx: Context) -> None:
    held = vault("status: inbox\nkind: request").apply({"tasks/b.md": "---\nid: b7\n---\nB\n"})
    assert Accept(("a",)).plan(held, ctx).subject == "accept a"
    assert Accept(("a",), duplicate="b7").plan(held, ctx).subject == "accept a: duplicate of b7"
    assert Accept(("a",), snooze="+1w").plan(held, ctx).subject == "accept a: snoozed to 2026-12-02"


def test_only_a_request_in_triage_is_a_duplicate_or_waits_and_of_another_item(ctx: Context) -> None:
    handed = vault("status: printing\ndelegated_by: ana").apply({"tasks/b.md": "---\nid: b\n---\nB\n"})
    for wish in (Accept(("a",), duplicate="b"), Accept(("a",), snooze="+1w")):
        said = refused(handed, wish, ctx, "kim")[0]
        assert said == "a is in printing: only a request in triage may be a duplicate, or wait"
    assert refused(vault("status: inbox"), Accept(("a",), duplicate="a"), ctx, "ana")[0] == (
        "a cannot be a duplicate of itself"
    )


def test_what_is_taken_in_leaves_the_inbox(ctx: Context) -> None:
    held = Vault.parse(
        {
            "planner.toml": RULES,
            "inbox/a.md": "---\nid: a\n---\nA\n",
            "inbox/b.md": "---\nid: b\nproject: web\n---\nB\n",
        }
    )
    held = run(held, Accept(("a", "b")), ctx, "ana")
    assert [(item.path, item.status) for item in held.items] == [("projects/web/b.md", "todo"), ("tasks/a.md", "todo")]
    held = run(held.apply({"inbox/c.md": "---\nid: c\n---\nC\n"}), Accept(("c",), snooze="+1w"), ctx, "ana")
    assert held.find("c").path == "inbox/c.md"


# ---- hand-offs -------------------------------------------------------------------------------------------------------


def test_work_that_comes_to_another_team_waits_there_until_somebody_takes_it(ctx: Context) -> None:
    start = vault("status: doing\nassignee: ana")
    change = Move(("a",), "printing").plan(start, replace(ctx, me="ana"))
    assert change.notices == ("handed to printers; it waits for planner accept a",)
    held = start.apply(change.edits)
    item = held.find("a")
    assert (item.assignees, item.text("delegated_by")) == ((), "ana")
    assert refused(held, Accept(("a",)), ctx, "bo")[0] == "a was handed to printers, and you (bo) are not in it"
    assert run(held, Accept(("a",)), ctx, "kim").find("a").assignees == ("kim",)


def test_work_that_is_returned_goes_back_to_whoever_gave_it(ctx: Context) -> None:
    held = run(vault("status: review"), Approve(("a",)), ctx, "ana")
    held = run(held, Approve(("a",)), ctx, "bo")
    item = run(held, Decline("a", "no bleed"), ctx, "kim").find("a")
    assert (item.status, item.assignees, item.text("delegated_by")) == ("review", ("bo",), None)


def test_work_stays_with_one_who_is_in_both_teams(ctx: Context) -> None:
    held = vault("status: doing\nassignee: ana").apply({"teams/printers.md": "---\nmembers: [ana]\n---\nPrinters\n"})
    assert run(held, Move(("a",), "printing"), ctx, "ana").find("a").assignees == ("ana",)
