"""What a workflow allows, asks for and limits, as commands meet it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from planner.commands import Add, Context, Done, Move, Set
from planner.commands.fix import Migrate
from planner.core.change import Change
from planner.core.vault import Vault
from planner.errors import Invalid

RULES = """\
[workflow.default]
states = [
  {name = "todo", category = "unstarted"},
  {name = "doing", category = "started", wip = 2, hard = true, wip_per = {assignee = 1}, requires = ["estimate"]},
  {name = "review", category = "started", wip = 1, requires = ["checklist"]},
  {name = "done", category = "completed"},
  {name = "dropped", category = "canceled"},
]
transitions = [["todo", "doing"], ["doing", "review"], ["doing", "todo"], ["review", "done"]]
migrate = {waiting = "todo"}

[workflow.print]
projects = ["Poster"]
types = ["print"]
states = [
  {name = "todo", category = "unstarted"},
  {name = "at the printer", category = "started"},
  {name = "done", category = "completed"},
]
"""


def vault(tasks: Mapping[str, str], body: str = "") -> Vault:
    texts = {f"tasks/{id_}.md": f"---\nid: {id_}\n{header}\n---\n{body}" for id_, header in tasks.items()}
    return Vault.parse({"planner.toml": RULES, **texts})


def after(change: Change, held: Vault, id_: str = "a") -> str | None:
    return held.apply(change.edits).find(id_).status


def refused(held: Vault, wish: Move | Set | Done | Add, ctx: Context) -> tuple[str, str]:
    with pytest.raises(Invalid) as error:
        wish.plan(held, ctx)
    return error.value.message, error.value.hint


def test_a_way_that_is_not_allowed_is_refused_with_those_that_are(ctx: Context) -> None:
    held = vault({"a": "status: todo"})
    assert refused(held, Move(("a",), "review"), ctx) == (
        "a may not go from todo to review",
        "allowed from here: doing",
    )
    assert refused(held, Done(("a",)), ctx)[0] == "a may not go from todo to done"
    assert refused(held, Set(("a",), ("status=done",)), ctx)[0] == "a may not go from todo to done"
    assert refused(held, Move(("a",), "somewhere"), ctx)[0] == "'somewhere' is no status of this vault"


def test_what_a_state_asks_for_may_come_with_the_move(ctx: Context) -> None:
    held = vault({"a": "status: todo"})
    assert refused(held, Move(("a",), "doing"), ctx) == ("doing wants of a: estimate", "planner set a estimate=…")
    assert after(Set(("a",), ("status=doing", "estimate=2d")).plan(held, ctx), held) == "doing"


def test_a_state_may_want_the_whole_checklist(ctx: Context) -> None:
    held = vault({"a": "status: doing"}, "- [x] one\n- [ ] two\n")
    said = refused(held, Move(("a",), "review"), ctx)
    assert said == ("review wants of a: checklist (1 of 2 ticked)", "planner check-item a N")


def test_a_hard_limit_refuses_and_one_expedited_item_passes_it_in_writing(ctx: Context) -> None:
    tasks = {name: f"status: doing\nestimate: 1d\nassignee: {name}{name}" for name in "xy"}
    held = vault({**tasks, "a": "status: todo\nestimate: 1d"})
    assert refused(held, Move(("a",), "doing"), ctx)[0] == "doing is full: 2 of 2"
    urgent = vault({**tasks, "a": "status: todo\nestimate: 1d\nclass_of_service: expedite"})
    change = Move(("a",), "doing").plan(urgent, ctx)
    assert change.details == ("status: todo → doing", "limit passed by an expedited item: doing: 3 of 2")
    assert change.notices == ("doing is over its limit: 3 of 2",)
    more = urgent.apply(change.edits).apply(
        {"tasks/b.md": "---\nid: b\nestimate: 1d\nclass_of_service: expedite\n---\n"}
    )
    assert refused(more, Move(("b",), "doing"), ctx)[0] == "doing is full: 3 of 2"


def test_a_limit_for_each_person(ctx: Context) -> None:
    held = vault(
        {
            "x": "status: doing\nestimate: 1d\nassignee: ana",
            "a": "estimate: 1d\nassignee: [ana, bo]",
            "b": "estimate: 1d\nassignee: bo",
        }
    )
    assert refused(held, Move(("a",), "doing"), ctx)[0] == "doing of ana is full: 1 of 1"
    assert after(Move(("b",), "doing").plan(held, ctx), held, "b") == "doing"


def test_a_soft_limit_is_passed_with_a_notice(ctx: Context) -> None:
    held = vault({"x": "status: review", "a": "status: doing"})
    assert Move(("a",), "review").plan(held, ctx).notices == ("review is over its limit: 2 of 1",)


def test_work_with_parts_does_not_count(ctx: Context) -> None:
    parts = {"p": "status: doing\nestimate: 1d", "q": "status: doing\nestimate: 1d", "r": "parent: p", "s": "parent: q"}
    held = vault({**parts, "a": "estimate: 1d"})
    assert after(Move(("a",), "doing").plan(held, ctx), held) == "doing"


def test_a_new_item_is_let_in_like_any_other(ctx: Context) -> None:
    assert refused(vault({}), Add("Draw it", status="doing"), ctx)[0].startswith("doing wants of ")
    assert Add("Draw it ~2d", status="doing").plan(vault({}), ctx).edits


@pytest.mark.parametrize("header", ["project: poster", "type: print"])
def test_a_project_or_a_type_may_have_its_own_states(ctx: Context, header: str) -> None:
    held = vault({"a": header, "b": "status: todo"})
    assert after(Move(("a",), "at the").plan(held, ctx), held) == "at the printer"
    assert after(Done(("a",)).plan(held, ctx), held) == "done"
    assert refused(held, Move(("a",), "review"), ctx) == (
        "a goes by the workflow 'print', which has no state review",
        "it goes through todo, at the printer, done",
    )
    assert refused(held, Move(("b",), "at the printer"), ctx)[0].startswith("b goes by the workflow 'default'")


def test_a_state_that_was_renamed_is_read_named_and_migrated_in_one_change(ctx: Context) -> None:
    held = vault({"a": "status: waiting", "b": "status: Waiting # why", "c": "status: todo"})
    assert {held.find(id_).status for id_ in "abc"} == {"todo"}
    assert [fault.code for fault in held.problems] == ["renamed-status", "renamed-status"]
    change = Migrate().plan(held, ctx)
    assert change.subject == "migrate 2 items: waiting → todo, Waiting → todo"
    new = held.apply(change.edits)
    assert new.problems == ()
    assert new.text("tasks/b.md") == "---\nid: b\nstatus: todo # why\n---\n"


def test_faults_in_the_rules_cost_what_they_stand_in(ctx: Context) -> None:
    def said(line: str) -> list[str]:
        return [fault.message for fault in Vault.parse({"planner.toml": f"[workflow.default]\n{line}\n"}).problems]

    assert said('states = ["todo", {name = "a", requires = "x"}]') == [
        "state 'a': requires must be a list of fields, and `checklist`"
    ]
    assert said('states = ["todo", {name = "a", wip_per = {assignee = 0}}]')[0].startswith("state 'a': wip_per must be")
    assert said('states = ["todo", {name = "a", approvals = [{rule = "any"}]}]') == [
        "state 'a': an approval needs approvers: people or teams"
    ]
    assert said('states = ["todo", {name = "a", colour = 1}]')[0].startswith("state 'a': there is no setting 'colour'")
    assert said('states = ["todo"]\nmigrate = {todo = "x"}')[0].startswith(
        "migrate: 'todo' must be a state that is no more"
    )
    assert said('states = ["todo", {name = "a", approved = "x"}]') == ["state 'a' leads to 'x', which is no state"]
    assert said('[workflow.web]\nstates = ["todo"]') == ["[workflow.web] names no projects and no types"]
    assert said('[workflow.web]\ntypes = ["web"]\nstates = [{name = "done", category = "started"}]') == [
        "state 'done' is completed in another workflow, not started"
    ]
