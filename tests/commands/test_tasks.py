from __future__ import annotations

from dataclasses import replace

import pytest

from planner.commands import COMMANDS, Archive, Assign, Command, Context, Delete, Done, Link, Move, Rank, Set, Tag
from planner.core.change import Change
from planner.core.vault import Vault
from planner.errors import Ambiguous, Invalid, NotFound
from tests.conftest import build

VAULT = """
== tasks/milk.md ==
---
id: milk
title: Buy milk  # from the farm
tags: [home, food]
due: 2026-12-01
---
Two litres.
== tasks/bread.md ==
---
id: bread
status: doing
labels:
  - home
blockedBy: [milk]
---
== tasks/plain.md ==
# Plain and simple

No header.
== projects/web/project.md ==
---
owner: ana
---
# The web site
== people/ana.md ==
---
aliases: [annie]
---
"""
LIMITED = """
== planner.toml ==
[workflow.default]
states = [{name = "todo", category = "unstarted"}, {name = "doing", category = "started", wip = 1, hard = true},
  {name = "review", category = "started", wip = 1}, {name = "done", category = "completed"}]
transitions = [["todo", "doing"], ["todo", "review"], ["doing", "done"], ["doing", "todo"]]
== tasks/one.md ==
---
status: doing
---
== tasks/two.md ==
---
status: review
---
== tasks/three.md ==
Three
"""


def plan(command: Command, vault: Vault, ctx: Context) -> Change:
    """The change, once it is certain that every text before is what the vault holds, and that it says what differs."""
    change = command.plan(vault, ctx)
    for edit in change.edits:
        assert edit.before == (vault.text(edit.path) if edit.path in vault.files else None)
        assert not edit.is_noop
    return change


def after(command: Command, vault: Vault, ctx: Context, path: str) -> str:
    """One file's text once the wish is granted."""
    return vault.apply(plan(command, vault, ctx).edits).text(path)


def header(command: Command, ctx: Context, path: str = "tasks/milk.md", text: str = VAULT) -> list[str]:
    """The header's lines of one file once the wish is granted."""
    return after(command, build(text), ctx, path).split("---\n")[1].splitlines()


def test_set_changes_one_line_and_nothing_else(ctx: Context) -> None:
    vault = build(VAULT)
    change = plan(Set(("milk",), ("due=fri",)), vault, ctx)
    (edit,) = change.edits
    assert edit.after == vault.text("tasks/milk.md").replace("2026-12-01", "2026-11-27")
    assert change.subject == "set milk due: 2026-11-27"
    assert change.body == "due: 2026-12-01 → 2026-11-27"
    assert change.items == ("milk",)


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        ("priority=H", "priority: high"),
        ("title=Buy: milk", 'title: "Buy: milk"  # from the farm'),
        ("estimate=1d/2d/3d", "estimate: 1d/2d/3d"),
        ("assignee=@annie", "assignee: [ana]"),
        ("tags+=urgent", "tags: [home, food, urgent]"),
        ("tags-=home", "tags: [food]"),
        ("tags=a,b", "tags: [a, b]"),
        ("depends_on=bread SS+2d", "depends_on: [bread SS+2d]"),
        ("archived=yes", "archived: yes"),
        ("status=DOI", "status: doing"),
        ("colour=red", "colour: red"),
        ("labels+=x", "tags: [home, food, x]"),
        ("remind=2d", "remind: [2d]"),
    ],
)
def test_set_reads_what_people_type(assignment: str, line: str, ctx: Context) -> None:
    assert line in header(Set(("milk",), (assignment,)), ctx)


def test_set_writes_under_the_alias_and_in_the_list_style_of_the_file(ctx: Context) -> None:
    lines = header(Set(("bread",), ("tags+=new", "depends_on=")), ctx, "tasks/bread.md")
    assert lines == ["id: bread", "status: doing", "labels:", "  - home", "  - new"]


def test_set_with_an_empty_value_removes_the_line(ctx: Context) -> None:
    assert not any(line.startswith("due") for line in header(Set(("milk",), ("due=",)), ctx))


def test_set_gives_a_file_without_a_header_one_with_just_that_key(ctx: Context) -> None:
    text = after(Set(("plain",), ("due=tomorrow",)), build(VAULT), ctx, "tasks/plain.md")
    assert text == "---\ndue: 2026-11-26\n---\n# Plain and simple\n\nNo header.\n"


def test_set_to_what_it_is_already_changes_nothing(ctx: Context) -> None:
    assert plan(Set(("milk",), ("due=2026-12-01", "tags+=home")), build(VAULT), ctx).is_noop


def test_set_of_a_project_moves_the_file_to_its_folder(ctx: Context) -> None:
    vault = build(VAULT)
    change = plan(Set(("milk",), ("project=web",)), vault, ctx)
    new = vault.apply(change.edits)
    assert "tasks/milk.md" not in new.files
    assert new.find("milk").project == "web"
    assert new.text("projects/web/milk.md") == vault.text("tasks/milk.md")
    back = new.apply(plan(Set(("milk",), ("project=",)), new, ctx).edits)
    assert back.text("tasks/milk.md") == vault.text("tasks/milk.md")


def test_a_file_without_a_header_stays_an_item_when_it_moves_to_a_project(ctx: Context) -> None:
    vault = build(VAULT)
    moved = vault.apply(plan(Set(("plain",), ("project=web",)), vault, ctx).edits).find("plain")
    assert (moved.path, moved.status) == ("projects/web/plain.md", "todo")


def test_nested_values_are_set_by_path(ctx: Context) -> None:
    text = "== goals/g.md ==\n---\nkey_results: [{metric: riders, current: 3}]\n---\n"
    lines = header(Set(("g",), ("key_results[0].current=5",)), ctx, "goals/g.md", text)
    assert lines == ["key_results: [{metric: riders, current: 5}]"]
    with pytest.raises(Invalid):
        Set(("g",), ("key_results[7].current=5",)).plan(build(text), ctx)


@pytest.mark.parametrize(
    "assignment",
    ["due=someday soon", "priority=gigantic", "status=nowhere", "id=other", "title+=x", "nonsense", "estimate=long",
     "key_results=x", "depends_on=nobody", "recurrence=now and then"],
)  # fmt: skip
def test_set_refuses_what_it_cannot_read_and_says_how(assignment: str, ctx: Context) -> None:
    with pytest.raises((Invalid, NotFound)) as caught:
        Set(("milk",), (assignment,)).plan(build(VAULT), ctx)
    assert caught.value.message
    assert caught.value.hint


def test_items_are_found_by_prefix_title_or_path_and_each_once(ctx: Context) -> None:
    for word in ("mil", "Buy milk", "tasks/milk.md", "[[Buy milk]]", "MILK", "uy mil"):
        assert plan(Set((word, "milk"), ("due=fri",)), build(VAULT), ctx).items == ("milk",)
    with pytest.raises(NotFound, match="nothing answers"):
        Set(("mlik",), ("due=fri",)).plan(build(VAULT), ctx)
    with pytest.raises(Ambiguous):
        Set(("b1",), ("due=fri",)).plan(build({"tasks/b11.md": "A\n", "tasks/b12.md": "B\n"}), ctx)


def test_move_sets_the_status_by_any_beginning_of_its_name(ctx: Context) -> None:
    change = plan(Move(("milk",), "rev"), build(VAULT), ctx)
    assert change.subject == "move milk: todo → review"
    assert "status: review" in header(Move(("milk",), "rev"), ctx)


def test_a_move_to_where_it_is_changes_nothing(ctx: Context) -> None:
    assert plan(Move(("bread",), "doing"), build(VAULT), ctx).is_noop


def test_move_refuses_unknown_states_kinds_without_status_and_closed_ways(ctx: Context) -> None:
    with pytest.raises(Invalid, match="no status"):
        Move(("milk",), "limbo").plan(build(VAULT), ctx)
    with pytest.raises(Invalid, match="has no status"):
        Move(("web",), "done").plan(build(VAULT), ctx)
    with pytest.raises(Invalid, match="may not go from review to done"):
        Move(("two",), "done").plan(build(LIMITED), ctx)


def test_a_hard_limit_refuses_and_a_soft_one_says_so(ctx: Context) -> None:
    with pytest.raises(Invalid, match="doing is full: 1 of 1"):
        Move(("three",), "doing").plan(build(LIMITED), ctx)
    with pytest.raises(Invalid, match="doing is full: 1 of 1"):
        Set(("three",), ("status=doing",)).plan(build(LIMITED), ctx)
    assert plan(Set(("one",), ("status=doing",)), build(LIMITED), ctx).is_noop
    assert plan(Move(("three",), "review"), build(LIMITED), ctx).notices == ("review is over its limit: 2 of 1",)


def test_done_stamps_only_where_the_file_keeps_stamps_or_it_is_asked_for(ctx: Context) -> None:
    assert header(Done(("bread",)), ctx, "tasks/bread.md")[1] == "status: done"
    assert not any("completed" in line for line in header(Done(("bread",)), ctx, "tasks/bread.md"))
    assert "completed: 2026-11-25T14:05" in header(Done(("bread",)), replace(ctx, stamp=True), "tasks/bread.md")
    kept = "== tasks/a.md ==\n---\ncompletedDate: 2026-01-01\nstatus: done\n---\n"
    assert header(Move(("a",), "todo"), ctx, "tasks/a.md", kept) == ["status: todo"]


def test_done_refuses_a_series(ctx: Context) -> None:
    with pytest.raises(Invalid, match="repeats"):
        Done(("a",)).plan(build("== tasks/a.md ==\n---\nrecurrence: every week\ndue: 2026-11-25\n---\n"), ctx)


def test_done_twice_changes_nothing(ctx: Context) -> None:
    vault = build(VAULT)
    done = vault.apply(plan(Done(("milk",)), vault, ctx).edits)
    assert plan(Done(("milk",)), done, ctx).is_noop


@pytest.mark.parametrize(
    ("who", "line"),
    [
        ("me", "assignee: ana"), ("@bo", "assignee: bo"), ("annie,bo", "assignee: [ana, bo]"),
        ("+bo", "assignee: [bo]"),
    ],
)  # fmt: skip
def test_assign(who: str, line: str, ctx: Context) -> None:
    assert line in header(Assign(("milk",), who), ctx)


def test_assign_adds_and_takes_away(ctx: Context) -> None:
    text = "== tasks/a.md ==\n---\nassignee: @ana\n---\n"
    assert header(Assign(("a",), "+bo"), ctx, "tasks/a.md", text) == ['assignee: ["@ana", bo]']
    assert header(Assign(("a",), "+ana"), ctx, "tasks/a.md", text) == ["assignee: @ana"]
    kept = "== tasks/a.md ==\n---\ntitle: A\nassignee: [ana, bo]\n---\n"
    assert header(Assign(("a",), "-ana"), ctx, "tasks/a.md", kept) == ["title: A", "assignee: [bo]"]
    assert header(Assign(("a",), "none"), ctx, "tasks/a.md", kept) == ["title: A"]


def test_tag_adds_and_removes(ctx: Context) -> None:
    change = plan(Tag(("milk",), ("+urgent", "-home")), build(VAULT), ctx)
    assert change.subject == "tag milk: +urgent -home"
    assert "tags: [food, urgent]" in header(Tag(("milk",), ("+urgent", "-home")), ctx)
    with pytest.raises(Invalid):
        Tag(("milk",), ("urgent",)).plan(build(VAULT), ctx)


def test_link_writes_the_full_id_and_keeps_the_lag(ctx: Context) -> None:
    assert "depends_on: [plain FS+2d]" in header(Link("milk", "depends_on", "pla FS+2d"), ctx)
    assert "parent: plain" in header(Link("milk", "parent", "Plain and"), ctx)


def test_link_replaces_the_link_to_the_same_item(ctx: Context) -> None:
    assert "blockedBy: [milk SS]" in header(Link("bread", "depends_on", "milk SS"), ctx, "tasks/bread.md")


def test_link_refuses_a_circle(ctx: Context) -> None:
    with pytest.raises(Invalid, match="milk → bread → milk"):
        Link("milk", "depends_on", "bread").plan(build(VAULT), ctx)
    with pytest.raises(Invalid, match="milk → milk"):
        Link("milk", "depends_on", "milk").plan(build(VAULT), ctx)
    with pytest.raises(Invalid, match="holds no links"):
        Link("milk", "tags", "bread").plan(build(VAULT), ctx)


def test_unlink_removes_the_link_or_says_that_there_is_none(ctx: Context) -> None:
    assert "blockedBy" not in "".join(header(Link("bread", "depends_on", "milk", off=True), ctx, "tasks/bread.md"))
    with pytest.raises(NotFound):
        Link("milk", "depends_on", "bread", off=True).plan(build(VAULT), ctx)


def order(vault: Vault, ctx: Context, *commands: Command) -> str:
    """The titles of the todo column after some wishes."""
    from planner.core.order import column_place

    for command in commands:
        vault = vault.apply(plan(command, vault, ctx).edits)
    return "".join(item.id for item in sorted(vault.planned, key=lambda item: column_place(item, vault.config)))


@pytest.mark.parametrize(
    ("ranks", "command", "expected"),
    [
        (("", "", "", ""), Rank("d", after="a"), "adbc"),
        (("", "", "", ""), Rank("d", after="c"), "abcd"),
        (("", "", "", ""), Rank("a", after="c"), "bcad"),
        (("", "", "", ""), Rank("c", before="a"), "cabd"),
        (("a0", "a1", "a2", "a3"), Rank("d", before="b"), "adbc"),
        (("a0", "a1", "", ""), Rank("d", after="b"), "abdc"),
        (("a0", "a1", "", ""), Rank("a", after="c"), "bcad"),
        (("a0", "a0", "a0", "a0"), Rank("d", after="a"), "adbc"),
        (("x", "x0", "", ""), Rank("d", before="b"), "adbc"),
        (("?", "!", "", ""), Rank("c", after="b"), "bcad"),
    ],
)
def test_rank_puts_an_item_where_it_was_dropped_whatever_ranks_there_are(
    ranks: tuple[str, ...], command: Rank, expected: str, ctx: Context
) -> None:
    texts = {
        f"tasks/{id_}.md": f'---\nid: {id_}\nrank: "{rank}"\n---\n' for id_, rank in zip("abcd", ranks, strict=True)
    }
    assert order(build(texts), ctx, command) == expected


def test_rank_between_ranked_cards_touches_one_file(ctx: Context) -> None:
    vault = build(
        {f"tasks/{id_}.md": f"---\nrank: {rank}\n---\n" for id_, rank in zip("abc", ("a0", "a1", "a2"), strict=True)}
    )
    assert [edit.path for edit in plan(Rank("c", before="b"), vault, ctx).edits] == ["tasks/c.md"]
    with pytest.raises(Invalid):
        Rank("c").plan(vault, ctx)
    with pytest.raises(Invalid):
        Rank("c", after="c").plan(vault, ctx)


def test_archive_writes_a_bare_true_and_takes_it_back(ctx: Context) -> None:
    vault = build(VAULT)
    archived = vault.apply(plan(Archive(("milk",)), vault, ctx).edits)
    assert "archived: true" in archived.text("tasks/milk.md").split("\n")
    assert archived.find("tasks/milk.md").archived
    back = archived.apply(plan(Archive(("milk",), off=True), archived, ctx).edits)
    assert back.text("tasks/milk.md") == vault.text("tasks/milk.md")


def test_delete_names_what_is_left_hanging_and_takes_broken_files_too(ctx: Context) -> None:
    change = plan(Delete(("milk",)), build(VAULT), ctx)
    assert change.edits[0].after is None
    assert change.notices == ("bread still depends on milk",)
    assert plan(Delete(("x",)), build({"tasks/x.md": "---\n- a\n---\n"}), ctx).paths == ("tasks/x.md",)


@pytest.mark.parametrize("command", [Set(("x",), ("due=fri",)), Move(("x",), "done"), Done(("x",)), Archive(("x",))])
def test_a_broken_file_is_never_changed(command: Command, ctx: Context) -> None:
    with pytest.raises(Invalid, match=r"tasks/x\.md:2:1: .*not changed by planner"):
        command.plan(build({"tasks/x.md": "---\n- a\n---\n"}), ctx)


def test_a_vault_of_a_newer_format_is_read_only(ctx: Context) -> None:
    vault = build({"planner.toml": "[vault]\nformat = 2\n", "tasks/x.md": "X\n"})
    with pytest.raises(Invalid, match="newer"):
        Set(("x",), ("due=fri",)).plan(vault, ctx)


def test_every_command_says_what_it_is_and_what_it_takes() -> None:
    for verb, command in COMMANDS.items():
        assert command.verb == verb
        assert (command.__doc__ or "").split("\n")[0].endswith((".", "`."))
