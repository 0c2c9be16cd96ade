from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from planner.commands import Add, Move, Set
from planner.commands.words import spoken
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound
from tests.tui.test_app import at, commits, head, home, make, on, running, said, screen, task, until, vault  # noqa: F401
from tui.catalog import CATALOG
from tui.pickers.choose import Choose
from tui.querywords import query_completer
from tui.screens.page import TextPage
from tui.widgets.which import WhichKey

pytestmark = pytest.mark.usefixtures("home")

HELD = Vault.parse(
    {
        "tasks/a.md": "---\nid: aaa111\ntitle: Alpha\nproject: web\ntags: [git]\nassignee: ana\n---\n",
        "projects/web/project.md": "---\nid: web\ntitle: The site\n---\n",
        "people/ana.md": "---\nid: ana\ntitle: Ana Horvat\n---\n",
    }
)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("du", "due:"),
        ("-assig", "assignee:"),
        ("is:bl", "blocked"),
        ("-is:ov", "overdue"),
        ("status:do", "doing"),
        ("status:todo,do", "doing"),
        ("assignee:a", "ana"),
        ("assignee:m", "me"),
        ("tag:g", "git"),
        ("project:w", "web"),
        ("priority:h", "high"),
        ("due<to", "today"),
        ("sort:-pri", "priority"),
        ("has:est", "estimate"),
        ("kind:mile", "milestone"),
        ("#g", "#git"),
        ("@a", "@ana"),
        ("(kind:task or is:rea", "ready"),
    ],
)
def test_every_word_of_the_filter_can_be_completed(line: str, first: str) -> None:
    found = query_completer(HELD, date(2026, 11, 25), "ana")(line, len(line))
    assert found is not None
    assert found.options[0].text == first


def test_nothing_is_completed_where_nothing_was_typed() -> None:
    complete = query_completer(HELD, date(2026, 11, 25), "ana")
    assert complete("", 0) is None
    assert complete("status:doing ", 13) is None


def test_a_line_is_a_command_on_the_items_at_hand() -> None:
    assert spoken(["set", "due=fri"], ["a.md", "b.md"]) == Set(("a.md", "b.md"), ("due=fri",))
    assert spoken(["set", "x", "due=fri"], ["a.md"]) == Set(("x",), ("due=fri",))
    assert spoken(["move", "doing"], ["a.md"]) == Move(("a.md",), "doing")
    assert spoken(["add", "buy", "milk", "--status", "todo"], ["a.md"]) == Add("buy milk", status="todo")
    assert spoken(["add", "buy", "milk", "--status=todo"]) == Add("buy milk", status="todo")


@pytest.mark.parametrize(
    ("words", "error", "why"),
    [
        (["fly"], NotFound, "there is no command 'fly'"),
        (["add", "x", "--loud"], Invalid, "there is no option --loud"),
        (["add", "x", "--status"], Invalid, "--status needs a value"),
        (["move"], Invalid, "STATUS is missing"),
    ],
)
def test_a_line_that_is_no_command_says_why(words: list[str], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        spoken(words, ["a.md"])


async def test_the_filter_completes_with_tab(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        await pilot.press("slash", *"sta")
        assert "status:" in str(app.screen.query_one("#options", Static).content)
        await pilot.press("tab", *"doi", "tab", "enter")
        await until(pilot, lambda: app.filter_text == "status:doing" and app.settled and app.page.shown == 1)


async def test_n_goes_through_what_was_found_also_after_the_filter(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        await pilot.press("n")
        assert "nothing was filtered" in said(app)
        await pilot.press("slash", *"-Alpha", "enter", "escape")
        await until(pilot, lambda: app.filter_text == "" and app.settled)
        on(app, "tasks/a.md")
        await pilot.press("n")
        await until(pilot, lambda: " of " in said(app) and at(app) != "tasks/a.md")
        first = at(app)
        await pilot.press("n")
        await until(pilot, lambda: at(app) != first)
        await pilot.press("N")
        await until(pilot, lambda: at(app) == first)


async def test_letters_before_everything_in_view_lead_there(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("f")
        jumps = {slot: letter for letter, slot in (app._jumps or {}).items()}
        assert set(jumps) >= {"tasks/a.md", "tasks/b.md", "tasks/c.md", "tasks/d.md"}
        await until(pilot, lambda: f"{jumps['tasks/c.md']} ccc" in screen(app))
        await pilot.press(jumps["tasks/c.md"])
        assert at(app) == "tasks/c.md"
        await pilot.press("f", "escape")
        assert app._jumps is None
        assert at(app) == "tasks/c.md"


async def test_more_slots_than_letters_get_two(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    folder = make(tmp_path / "v", {f"tasks/{n}.md": task(f"x{n:05}", f"Task {n}") for n in range(60)})
    async with running(folder, (100, 45), view="list") as (app, pilot):
        await pilot.press("f")
        label, slot = list((app._jumps or {}).items())[30]
        await pilot.press(*label)
        assert app.grid.cursor == slot


async def test_the_palette_finds_keys_items_and_themes(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        await pilot.press("ctrl+p", *"agenda", "enter")
        await until(pilot, lambda: app.asked.view == "agenda")
        await pilot.press("3")
        await until(pilot, lambda: app.asked.view == "board" and app.settled)
        await pilot.press("ctrl+p", *"gamma")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count > 0)
        await pilot.press("enter")
        await until(pilot, lambda: at(app) == "tasks/c.md")
        await pilot.press("ctrl+p", *"theme nord", "enter")
        await until(pilot, lambda: app.theme == "nord" and "kept in" in said(app))


async def test_every_row_of_the_palette_shows_the_way_there(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        rows = app.screen._rows  # type: ignore[attr-defined]
        for key in app.keys_here():
            assert any(key.help[:40] in row.shown.plain and key.keys[0] in row.shown.plain for row in rows), key.id


async def test_what_may_follow_a_stroke_is_shown_after_a_moment(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        which = app.query_one(WhichKey)
        app.which_key_after = 0.001
        await pilot.press("g")
        await until(pilot, lambda: which.display is True)
        assert all(one.title in str(which.content) for one in CATALOG)
        await pilot.press("l")
        await until(pilot, lambda: which.display is False and app.asked.view == "list")
        app.which_key_after = 60
        await pilot.press("g", "escape")
        await until(pilot, lambda: which.display is False)


@pytest.mark.parametrize("view", [one.name for one in CATALOG])
async def test_every_view_says_what_it_is(vault: Path, view: str) -> None:  # noqa: F811
    async with running(vault, view=view) as (app, pilot):
        await pilot.press("f1")
        assert isinstance(app.screen, TextPage)
        about = next(one.about for one in CATALOG if one.name == view)
        assert about
        assert about[:30] in screen(app)
        await pilot.press("j", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("move doing", "move bbb222: todo → doing"),
        ("set priority=high", "set bbb222 priority: high"),
        ("set ccc333 priority=high", "set ccc333 priority: high"),
        ("done", "done bbb222"),
    ],
)
async def test_the_line_takes_the_words_of_the_shell(vault: Path, line: str, wanted: str) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        on(app, "tasks/b.md")
        await pilot.press("colon")
        app.screen.query_one(Input).value = line
        await pilot.press("enter")
        await until(pilot, lambda: head(vault).startswith(wanted))


async def test_the_line_goes_to_ids_views_and_filters(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        await app.obey("ccc")
        await until(pilot, lambda: at(app) == "tasks/c.md")
        await app.obey("list @ana")
        await until(pilot, lambda: app.asked.view == "list" and app.filter_text == "@ana" and app.settled)
        await app.obey("ccc333")
        await until(pilot, lambda: app.opened and app.pane.path == "tasks/c.md")
        await app.obey("theme nope")
        assert "there is no theme nope" in said(app)
        await app.obey("zzz")
        assert "no command and no item 'zzz'" in said(app)
        await app.obey('set "due')
        assert "quot" in said(app)
        await app.obey("check")
        assert "in a shell" in said(app)
        assert commits(vault) == 1
