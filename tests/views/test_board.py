from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from planner.core.vault import Vault
from planner.query.language import QueryError, parse_query
from planner.views.board import Board, Column, board

TODAY = date(2026, 11, 25)
TOML = """
[workflow.default]
states = [{name = "inbox", category = "triage"}, {name = "todo", category = "unstarted"},
  {name = "doing", category = "started", wip = 2, hard = true}, {name = "done", category = "completed"},
  {name = "dropped", category = "canceled"}]
"""


def vault(tasks: Mapping[str, str], **files: str) -> Vault:
    """Tasks by id with their headers, and other files by path (`/` written as `__`)."""
    texts = {f"tasks/{id_}.md": f"---\n{header}\n---\n" for id_, header in tasks.items()}
    return Vault.parse({"planner.toml": TOML, **texts, **{f"{p.replace('__', '/')}.md": t for p, t in files.items()}})


def drawn(vault: Vault, query: str = "", lanes: str | None = None, since: Mapping[str, date] | None = None) -> Board:
    return board(vault, parse_query(query), TODAY, me="ana", lanes=lanes, since=since)


def ids(found: Board) -> dict[str, list[str]]:
    return {column.status: [item.id for item in column.items] for column in found.columns}


def column(found: Board, status: str) -> Column:
    return next(column for column in found.columns if column.status == status)


def test_states_are_columns_and_empty_triage_and_canceled_are_not_drawn() -> None:
    assert ids(drawn(vault({"a": "status: doing"}))) == {"todo": [], "doing": ["a"], "done": []}


def test_triage_shows_when_it_holds_cards_or_is_asked_for() -> None:
    assert ids(drawn(vault({"a": "status: inbox"})))["inbox"] == ["a"]
    assert "inbox" in ids(drawn(vault({}), "status:inbox"))
    assert "inbox" in ids(drawn(vault({}), "category:triage"))
    assert "inbox" not in ids(drawn(vault({}), "-status:inbox"))


def test_canceled_work_shows_only_when_asked_for() -> None:
    held = vault({"a": "status: dropped", "b": ""})
    assert ids(drawn(held)) == {"todo": ["b"], "doing": [], "done": []}
    assert ids(drawn(held, "is:canceled"))["dropped"] == ["a"]
    assert ids(drawn(held, "status:dropped"))["dropped"] == ["a"]


def test_an_unknown_status_has_a_column_of_its_own_at_the_end() -> None:
    found = drawn(vault({"a": "status: Limbo", "b": "status: limbo"}))
    assert list(ids(found)) == ["todo", "doing", "done", "Limbo"]
    assert ids(found)["Limbo"] == ["a", "b"]
    assert column(found, "Limbo").category is None


def test_broken_files_stand_on_top_of_the_first_column() -> None:
    found = drawn(vault({"b": "priority: urgent", "z": "- a list"}))
    assert ids(found)["todo"] == ["z", "b"]
    assert column(found, "todo").count == 1


def test_other_kinds_and_templates_are_no_cards() -> None:
    held = vault({}, people__ana="# Ana", projects__web__project="# Web", templates__t="---\nstatus: todo\n---\n")
    assert drawn(held).shown == 0
    assert ids(drawn(vault({"m": "kind: milestone\nstatus: todo"})))["todo"] == ["m"]


def test_rank_orders_as_plain_text_and_unranked_cards_follow_by_importance() -> None:
    held = vault(
        {
            "a": "due: 2026-12-02",
            "b": "due: 2026-12-01",
            "c": "priority: low",
            "d": "priority: urgent",
            "e": "rank: a1",
            "f": "rank: Zz",
            "g": "rank: a0V",
        }
    )
    assert ids(drawn(held))["todo"] == ["f", "g", "e", "d", "c", "b", "a"]
    assert ids(drawn(held, "sort:-id"))["todo"] == ["g", "f", "e", "d", "c", "b", "a"]


def test_done_stands_newest_first_and_leaves_after_two_weeks() -> None:
    held = vault(
        {
            "a": "status: done\ncompleted: 2026-11-11",
            "b": "status: done\ncompleted: 2026-11-10",
            "c": "status: done\ncompleted: 2026-11-24T09:00",
            "d": "status: done",
        }
    )
    assert ids(drawn(held))["done"] == ["c", "a", "d"]
    assert ids(drawn(held, "is:done"))["done"] == ["c", "a", "b", "d"]
    assert ids(drawn(held, since={"tasks/d.md": date(2026, 11, 20)}))["done"] == ["c", "d", "a"]
    assert ids(drawn(held, since={"tasks/d.md": date(2026, 10, 1)}))["done"] == ["c", "a"]
    assert drawn(held, "@nobody").total == 3


def test_the_limit_counts_leaves_of_the_whole_vault() -> None:
    held = vault(
        {
            "a": "status: doing\nassignee: ana",
            "b": "status: doing\nparent: a\nassignee: bo",
            "c": "status: doing",
            "d": "status: todo",
        }
    )
    doing = column(drawn(held), "doing")
    assert (doing.limit, doing.hard, doing.count, doing.wip) == (2, True, 2, 2)
    assert doing.full
    assert not doing.over
    only_bo = column(drawn(held, "@bo"), "doing")
    assert (only_bo.count, only_bo.wip, only_bo.full) == (1, 2, True)
    more = held.apply({"tasks/d.md": "---\nstatus: Doing\n---\n"})
    assert column(drawn(more), "doing").over
    assert not column(drawn(more), "todo").full


def test_a_column_sums_the_estimates_of_its_leaves() -> None:
    held = vault({"a": "estimate: 1h/2h/6h", "b": "estimate: 30m", "s": "estimate: 9d", "c": "parent: s"})
    assert column(drawn(held), "todo").estimate_minutes == 150


def test_shown_of_total() -> None:
    found = drawn(vault({"a": "tags: x", "b": "", "c": "status: dropped"}), "#x")
    assert (found.shown, found.total) == (1, 2)


def test_a_bad_query_value_is_said() -> None:
    with pytest.raises(QueryError):
        drawn(vault({}), "due<whenever")


def test_lanes_hold_a_cell_for_each_column() -> None:
    found = drawn(
        vault(
            {
                "a": "project: sync",
                "b": "project: sync\nstatus: doing",
                "c": "",
                "d": "project: sync\nstatus: done\ncompleted: 2026-01-01",
                "e": "project: sync\nstatus: dropped",
                "f": "project: sync\ndepends_on: a\ntags: x",
            },
            projects__sync__project="---\ntitle: Sync\ntarget_end: 2026-12-04\n---\n",
        ),
        lanes="project",
    )
    sync, none = found.lanes
    assert (sync.key, sync.label) == ("sync", "Sync")
    assert [[item.id for item in cell] for cell in sync.cells] == [["a", "f"], ["b"], []]
    assert (sync.done, sync.total, sync.blocked) == (1, 4, 1)
    assert sync.due == date(2026, 12, 4)
    assert [[item.id for item in cell] for cell in none.cells] == [["c"], [], []]
    assert none.due is None


def test_a_lane_of_another_field_is_due_when_its_next_open_card_is() -> None:
    held = vault(
        {
            "a": "assignee: ana\ndue: 2026-12-03",
            "b": "assignee: ana\ndue: 2026-12-01T10:00",
            "c": "assignee: ana\nstatus: done\ndue: 2026-11-20",
            "d": "assignee: bo\ntags: hidden",
        }
    )
    (ana,) = drawn(held, "-#hidden", lanes="assignee").lanes
    assert str(ana.due) == "2026-12-01 10:00:00"
    assert (ana.done, ana.total) == (1, 3)
