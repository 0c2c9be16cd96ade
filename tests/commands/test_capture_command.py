from __future__ import annotations

from dataclasses import replace

import pytest

from planner.commands import Add, Context
from planner.core.ids import is_own_id
from planner.core.model import Item
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound
from tests.conftest import build

WEB = {"projects/web/project.md": "# The web site\n", "people/ana.md": "---\naliases: [annie]\n---\n"}


def added(command: Add, vault: Vault, ctx: Context) -> tuple[Item, str]:
    """The new item as the vault reads it, and its text."""
    change = command.plan(vault, ctx)
    (edit,) = change.edits
    assert edit.before is None
    assert edit.after is not None
    new = vault.apply(change.edits)
    item = new.find(change.items[0])
    assert item.path == edit.path
    assert not item.problems
    assert not new.cross_problems.get(item.path)
    return item, edit.after


def test_words_become_fields(ctx: Context) -> None:
    item, text = added(Add("pay rent fri #home !high @annie ~30m"), build(WEB), ctx)
    assert is_own_id(item.id)
    assert item.path == f"inbox/pay-rent-{item.id}.md"
    assert item.status == "inbox"
    assert text == (
        f"---\nid: {item.id}\ntitle: pay rent\ntags: [home]\npriority: high\nassignee: ana\ndue: 2026-11-27\n"
        "estimate: 30m\n---\n"
    )


def test_a_project_says_the_folder_and_a_status(ctx: Context) -> None:
    item, text = added(Add("fix menu p:web"), build(WEB), ctx)
    assert (item.project, item.status) == ("web", "todo")
    assert item.path.startswith("projects/web/fix-menu-")
    assert "project:" not in text


def test_a_project_that_is_not_there_yet_is_noticed(ctx: Context) -> None:
    assert "garden is a new project" in Add("dig p:garden").plan(build(WEB), ctx).notices[0]
    with pytest.raises(Invalid):
        Add("dig p:../../etc").plan(build(WEB), ctx)


def test_a_part_goes_where_its_parent_is(ctx: Context) -> None:
    vault = build({**WEB, "projects/web/menu.md": "---\nid: menu\n---\n"})
    item, text = added(Add("colours", parent="men"), vault, ctx)
    assert "parent: menu" in text
    assert item.project == "web"
    with pytest.raises(NotFound):
        Add("colours", parent="nobody").plan(vault, ctx)


def test_fields_and_repetition_and_status(ctx: Context) -> None:
    vault = build({**WEB, "planner.toml": '[fields.customer]\ntype = "text"\n'})
    item, text = added(Add("water plants every 2w mon customer:Rossi type:chore", status="doi"), vault, ctx)
    assert item.status == "doing"
    assert item.fields["type"] == "chore"
    assert item.fields["customer"] == "Rossi"
    assert "recurrence: " in text


def test_title_and_id_are_no_fields_of_a_captured_line(ctx: Context) -> None:
    item, _ = added(Add("write title:page about id:cards"), build(WEB), ctx)
    assert item.title == "write title:page about id:cards"


def test_the_week_begins_where_the_vault_says(ctx: Context) -> None:
    sunday = build({"planner.toml": '[vault]\nfirst_day_of_week = "sunday"\n'})
    monday_item, _ = added(Add("plan due:next week"), build(WEB), ctx)
    sunday_item, _ = added(Add("plan due:next week"), sunday, ctx)
    assert (str(monday_item.due), str(sunday_item.due)) == ("2026-11-30", "2026-11-29")


@pytest.mark.parametrize(
    "title", ["a: b", "no", "[x] done", 'it\'s "so"', "#1", "- dash", "über ünder 漢字", "true", "x: #y"]
)
def test_any_title_is_read_back(title: str, ctx: Context) -> None:
    text = " ".join(f"\\{word}" if word.startswith("#") else word for word in title.split())
    vault = build(WEB)
    change = Add(text).plan(vault, ctx)
    assert vault.apply(change.edits).find(change.items[0]).title == title


def test_it_stamps_when_asked(ctx: Context) -> None:
    assert "created: 2026-11-25T14:05\n" in added(Add("x y z"), build(WEB), replace(ctx, stamp=True))[1]


@pytest.mark.parametrize("text", ["", "  ", "#home", "!high @ana"])
def test_a_task_needs_a_title(text: str, ctx: Context) -> None:
    with pytest.raises(Invalid, match="title"):
        Add(text).plan(build(WEB), ctx)
