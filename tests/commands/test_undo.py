from __future__ import annotations

import pytest

from planner.commands import Add, Archive, CheckItem, Command, Comment, Context, Delete, Done, Move, Set, Tag
from planner.commands.undo import take_back
from planner.core.change import Change
from planner.core.vault import Vault
from planner.errors import Conflict
from tests.conftest import build

TEXT = "---\nid: a\ntitle: Item  # a comment\nstatus: todo\ntags: [x, y]\n---\n- [ ] one\n- [ ] two\n\n## Log\n- 2026-11-01 bo: hi\n"
FILES = {"tasks/a.md": TEXT, "tasks/b.md": "No header\r\n"}


def undone(change: Change, now: Vault) -> Change:
    texts = {edit.path: now.text(edit.path) if edit.path in now.files else None for edit in change.edits}
    return take_back(change.edits, now, texts, "undo it", ("op1",))


COMMANDS = (
    Set(("a",), ("due=fri", "tags+=z", "title=Other")),
    Set(("b",), ("due=fri",)),
    Set(("a",), ("project=web",)),
    Move(("a", "b"), "doing"),
    Done(("a",)),
    Tag(("a",), ("-x",)),
    Archive(("b",)),
    CheckItem("a", 2),
    Comment("a", "well"),
    Delete(("a",)),
    Add("new thing"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.verb)
def test_undo_right_away_brings_every_byte_back(command: Command, ctx: Context) -> None:
    vault = build(FILES)
    change = command.plan(vault, ctx)
    after = vault.apply(change.edits)
    back = undone(change, after)
    restored = after.apply(back.edits)
    assert {path: file.text for path, file in restored.files.items()} == FILES
    assert back.undoes == ("op1",)
    assert undone(change, restored).is_noop


def test_what_changed_since_stays(ctx: Context) -> None:
    vault = build(FILES)
    change = Move(("a",), "doing").plan(vault, ctx)
    after = vault.apply(change.edits)
    later = after.apply(Set(("a",), ("due=fri", "tags+=z")).plan(after, ctx).edits)
    back = undone(change, later)
    text = later.apply(back.edits).text("tasks/a.md")
    assert "status: todo\n" in text
    assert "due: 2026-11-27\n" in text
    assert "tags: [x, y, z]\n" in text
    assert back.details == ("status: doing → todo",)
    assert back.items == ("a",)


def test_what_it_set_has_been_set_again_since(ctx: Context) -> None:
    vault = build(FILES)
    change = Set(("a",), ("due=fri",)).plan(vault, ctx)
    after = vault.apply(change.edits)
    later = after.apply(Set(("a",), ("due=2026-12-24",)).plan(after, ctx).edits)
    with pytest.raises(Conflict, match="due"):
        undone(change, later)


def test_a_new_file_that_has_grown_is_not_deleted(ctx: Context) -> None:
    vault = build(FILES)
    change = Add("new thing").plan(vault, ctx)
    after = vault.apply(change.edits)
    later = after.apply(Set((change.items[0],), ("due=fri",)).plan(after, ctx).edits)
    with pytest.raises(Conflict, match="changed since"):
        undone(change, later)


def test_a_file_that_is_gone_is_not_made_anew(ctx: Context) -> None:
    vault = build(FILES)
    change = Move(("a",), "doing").plan(vault, ctx)
    with pytest.raises(Conflict, match="deleted since"):
        undone(change, vault.apply(change.edits).apply({"tasks/a.md": None}))
