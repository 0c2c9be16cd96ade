from __future__ import annotations

import pytest

from planner.commands import Context, Move, Rank, Set, Tag, Together, together
from planner.errors import Invalid, NotFound
from tests.conftest import build

VAULT = build(
    """
== tasks/a.md ==
---
id: aaa111
title: Alpha
status: todo
---
== tasks/b.md ==
---
id: bbb222
title: Beta
status: doing
rank: b
---
"""
)


def test_several_wishes_are_one_change_with_one_edit_a_file(ctx: Context) -> None:
    change = Together((Move(("aaa111",), "doing"), Rank("aaa111", after="bbb222"), Tag(("bbb222",), ("+x",)))).plan(
        VAULT, ctx
    )
    assert [edit.path for edit in change.edits] == ["tasks/a.md", "tasks/b.md"]
    assert change.edits[0].before == VAULT.text("tasks/a.md")
    after = VAULT.apply(change.edits)
    assert after.find("aaa111").status == "doing"
    assert str(after.find("aaa111").rank) > "b"
    assert change.subject == "move aaa111: todo → doing"
    assert change.items == ("aaa111", "bbb222")


def test_what_ends_where_it_began_is_no_edit(ctx: Context) -> None:
    change = Together((Tag(("aaa111",), ("+x",)), Tag(("aaa111",), ("-x",))), "there and back").plan(VAULT, ctx)
    assert change.edits == ()
    assert change.subject == "there and back"


def test_a_wish_that_cannot_be_met_refuses_all(ctx: Context) -> None:
    with pytest.raises(NotFound):
        Together((Tag(("aaa111",), ("+x",)), Tag(("zzz",), ("+x",)))).plan(VAULT, ctx)
    with pytest.raises(Invalid):
        Together(()).plan(VAULT, ctx)


def test_a_single_wish_is_itself() -> None:
    only = Set(("aaa111",), ("due=fri",))
    assert together([only]) is only
