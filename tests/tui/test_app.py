from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from planner.commands import Add
from planner.core.display import display_text
from planner.session import Session
from tui.app import PlannerApp
from tui.keys import KEYS
from tui.pickers.choose import Choose
from tui.screens.prompt import Prompt
from tui.status import Line
from tui.widgets.grid import Grid

TODAY = date(2026, 11, 25)
CONFIG = """[vault]
format = 1
[workflow.default]
states = [
  {name = "todo", category = "unstarted"},
  {name = "doing", category = "started", wip = 1},
  {name = "done", category = "completed"},
]
"""
HOSTILE = [
    "[@click=app.quit]x[/]",
    "a [/nope] b",
    "raw \x1b[31m red",
    "osc \x1b]52;c;ZXZpbA==\x07 end",
    "c1 \x9b31m x",
    "rtl \u202e abc",
    "line \u2028 sep",
]


def task(id_: str, title: str, status: str = "todo", more: str = "") -> str:
    return f'---\nid: {id_}\ntitle: "{title}"\nstatus: {status}\n{more}---\n'


FILES = {
    "planner.toml": CONFIG,
    "tasks/a.md": task("aaa111", "Alpha", more="rank: a0\nassignee: ana\n")
    + "# Why\n\nBecause **so**.\n\n- [x] one\n- [ ] two\n",
    "tasks/b.md": task("bbb222", "Beta", more="rank: a1\nproject: web\n"),
    "tasks/c.md": task("ccc333", "Gamma", "doing"),
    "tasks/d.md": "---\nid: ddd444\ntitle: Delta\n",
}


def git(folder: Path, *argv: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *argv], check=True, capture_output=True, text=True).stdout


def make(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.org")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    return make(folder, FILES)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)


pytestmark = pytest.mark.usefixtures("home")


@asynccontextmanager
async def running(
    folder: Path, size: tuple[int, int] = (100, 30), *, watch: bool = False, view: str | None = None
) -> AsyncIterator[tuple[PlannerApp, Pilot[int]]]:
    with Session.open(folder, today=TODAY) as session:
        app = PlannerApp(session, watch=watch, view=view)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield app, pilot


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        await pilot.pause(0.03)
    raise AssertionError("it never came true:\n" + screen(pilot.app))


def screen(app: object) -> str:
    assert isinstance(app, PlannerApp)
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def said(app: PlannerApp) -> str:
    return app.screen_stack[0].query_one("#said", Line).left.plain


def at(app: PlannerApp) -> str | None:
    return app.page.path(app.grid.cursor)


def on(app: PlannerApp, path: str) -> None:
    app.grid.move_to(path)


def head(folder: Path) -> str:
    return git(folder, "log", "-1", "--format=%s").strip()


def commits(folder: Path) -> int:
    return int(git(folder, "rev-list", "--count", "HEAD"))


async def test_the_first_paint_shows_real_cards_and_the_cursor_stands_on_the_first(vault: Path) -> None:
    async with running(vault) as (app, _):
        shown = screen(app)
        assert all(text in shown for text in ("Alpha", "Beta", "Gamma", "TODO", "DOING 1/1 full", "[3 Board]", "━"))
        assert at(app) in {"tasks/a.md", "tasks/d.md"}


async def test_a_broken_file_is_a_card_that_says_what_is_wrong(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/d.md")
        await pilot.pause()
        problem = app.session.vault.files["tasks/d.md"].problems[0].message
        assert problem[:15] in screen(app)
        await pilot.press("L")
        assert "cannot be read" in said(app)


async def test_a_move_shows_at_once_and_is_in_file_and_history(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("L")
        await until(pilot, lambda: head(vault) == "move aaa111: todo → doing")
        assert "status: doing" in (vault / "tasks/a.md").read_text()
        await until(pilot, lambda: app.page.status_at("tasks/a.md") == "doing")
        assert at(app) == "tasks/a.md"
        assert "over its limit" in said(app)
        assert "OVER" in screen(app)


async def test_undo_and_redo(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/b.md")
        await pilot.press("x")
        await until(pilot, lambda: commits(vault) == 2)
        await pilot.press("u")
        await until(pilot, lambda: commits(vault) == 3 and app.page.status_at("tasks/b.md") == "todo")
        assert (vault / "tasks/b.md").read_text() == FILES["tasks/b.md"]
        await pilot.press("U")
        await until(pilot, lambda: commits(vault) == 4 and app.page.status_at("tasks/b.md") == "done")


async def test_what_is_added_starts_in_the_cursors_column_and_gets_the_cursor(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/c.md")
        await pilot.press("a", *"pay rent", "enter")
        await until(pilot, lambda: commits(vault) == 2)
        (new,) = [item for item in app.session.vault.items if item.title == "pay rent"]
        assert new.status == "doing"
        await until(pilot, lambda: at(app) == new.path)


async def test_escape_keeps_a_draft(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("a", *"half a tho", "escape")
        assert not isinstance(app.screen, Prompt)
        await pilot.press("a")
        assert app.screen.query_one(Input).value == "half a tho"
        assert commits(vault) == 1


async def test_the_filter_is_live_and_keeps_the_last_good_result(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("slash", *"@ana")
        await until(pilot, lambda: app.page.shown == 1 and "Beta" not in screen(app))
        await pilot.press(*" due<")
        assert "^" in str(app.screen.query_one("#said", Static).content)
        assert app.filter_text == "@ana due"
        await pilot.press("escape")
        await until(pilot, lambda: app.page.shown == app.page.total and "Beta" in screen(app))
        await pilot.press("slash", "ctrl+u", *"beta", "enter")
        await until(pilot, lambda: app.page.shown == 1 and at(app) == "tasks/b.md")
        await pilot.press("escape")
        await until(pilot, lambda: app.filter_text == "" and app.page.shown == app.page.total)


async def test_marked_items_move_together_in_one_commit(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("space")
        on(app, "tasks/b.md")
        await pilot.press("space", "x")
        await until(pilot, lambda: commits(vault) == 2)
        assert head(vault).startswith("done 2 items")
        assert "2 marked" in screen(app)
        await pilot.press("escape")
        assert not app.grid.marks


async def test_rank_moves_a_card_by_one_place(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        for number in range(3):
            app.wish(Add(f"new {number}", status="todo"))
        await until(pilot, lambda: commits(vault) == 4 and app.page.total >= 7)
        column = [key for key in app.page.column_of("tasks/a.md") if key != "tasks/d.md"]
        moved = str(column[2])
        on(app, moved)
        await pilot.press("J")
        await until(pilot, lambda: app.page.column_of("tasks/a.md").index(moved) == column.index(moved) + 1 + 1)
        await pilot.press("K", "K")
        expected = [column[0], moved, column[1], *column[3:]]
        await until(pilot, lambda: [k for k in app.page.column_of("tasks/a.md") if k != "tasks/d.md"] == expected)
        assert at(app) == moved


async def test_a_save_from_outside_appears_by_itself_and_the_cursor_stays(vault: Path) -> None:
    async with running(vault, watch=True) as (app, pilot):
        on(app, "tasks/b.md")
        await pilot.press("space")
        await until(pilot, lambda: app.git.watching != "")
        (vault / "tasks/a.md").write_text(task("aaa111", "Omega", "doing"), encoding="utf-8")
        await until(pilot, lambda: "Omega" in screen(app))
        assert at(app) == "tasks/b.md"
        assert app.grid.marks == {"tasks/b.md"}
        await until(pilot, lambda: "1 uncommitted" in screen(app))


async def test_what_cannot_be_written_turns_back_and_says_why(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/a.md")
        (vault / "tasks/a.md").write_text(task("aaa111", "Alpha", "done"), encoding="utf-8")
        await pilot.press("L")
        await until(pilot, lambda: "changed meanwhile" in said(app))
        await until(pilot, lambda: app.page.status_at("tasks/a.md") == "done")


async def test_archive_status_and_reload(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/b.md")
        await pilot.press("s")
        assert isinstance(app.screen, Choose)
        await pilot.press(*"doi", "enter")
        await until(pilot, lambda: "status: doing" in (vault / "tasks/b.md").read_text())
        await pilot.press("D")
        await until(pilot, lambda: "archived: true" in (vault / "tasks/b.md").read_text())
        await until(pilot, lambda: "Beta" not in "\n".join(screen(app).splitlines()[:-4]))
        (vault / "tasks/z.md").write_text(task("zzz999", "Zeta"), encoding="utf-8")
        await pilot.press("R")
        await until(pilot, lambda: "Zeta" in screen(app) and "1 file changed" in said(app))


async def test_lanes_and_folding(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("backslash", *"project", "enter")
        await until(pilot, lambda: "▾ " in screen(app) and "(no project)" in screen(app))
        on(app, "tasks/b.md")
        await pilot.press("z")
        await until(pilot, lambda: "▸ " in screen(app) and not app.page.holds("tasks/b.md"))
        await pilot.press("enter")
        await until(pilot, lambda: app.page.holds("tasks/b.md"))


async def test_peek_and_open(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("p")
        await until(pilot, lambda: "☑ one" in screen(app) and "Gamma" in screen(app))
        await pilot.press("p", "enter")
        await until(pilot, lambda: "☐ two" in screen(app) and "Gamma" not in screen(app))
        await pilot.press("j", "x")
        await until(pilot, lambda: head(vault).startswith("done aaa111"))
        await pilot.press("q")
        await until(pilot, lambda: "Gamma" in screen(app))


@pytest.mark.parametrize(("key", "text"), [("1", "In progress"), ("2", "[2 Agenda]"), ("6", "Todo")])
async def test_the_other_views_show_the_same_items(vault: Path, key: str, text: str) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: text in screen(app))
        await pilot.press("backspace")
        await until(pilot, lambda: "DOING 1/1" in screen(app))


async def test_keys_are_listed_and_can_be_searched_and_pressed(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("question_mark", *"agenda", "enter")
        await until(pilot, lambda: app.page.asked.view == "agenda")


async def test_every_action_of_the_key_table_exists() -> None:
    for key in KEYS:
        name = f"action_{key.action.partition('(')[0]}"
        assert hasattr(PlannerApp, name) or hasattr(Grid, name), key.id


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (100, 30), (160, 45), (240, 60)])
async def test_no_size_and_no_key_is_fatal(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, size) as (app, pilot):
        for key in ["j", "l", "p", "p", "1", "2", "6", "3", "plus", "minus", "enter", "q", "question_mark", "escape"]:
            await pilot.press(key)
        for other in ((30, 8), size):
            await pilot.resize_terminal(*other)
            await pilot.pause()
        await until(pilot, lambda: "Alpha" in screen(app) or "Gamma" in screen(app))
        assert app.is_running


@pytest.mark.parametrize("title", HOSTILE)
async def test_text_from_files_is_shown_and_never_obeyed(tmp_path: Path, title: str) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    escaped = "".join(char if char.isascii() and char.isprintable() else f"\\u{ord(char):04x}" for char in title)
    make(folder, {"planner.toml": CONFIG, "tasks/h.md": task("hhh111", escaped) + f"# {title}\n\n{title}\n"})
    async with running(folder, (160, 45)) as (app, pilot):
        assert app.session.vault.items[0].title == title
        for key in ("x", "p", "p", "enter", "q", "1", "2", "6", "3", "s", "escape", "backslash", "enter"):
            await pilot.press(key)
            await pilot.pause()
            shown = screen(app)
            assert not any(char in shown for char in "\x1b\x07\x9b\u202e\u2028")
            if len(app.screen_stack) == 1:
                await pilot.click("#item", offset=(12, 0))
        assert display_text(title) in screen(app)
        assert app.is_running
        assert len(app.screen_stack) == 1


async def test_q_and_ctrl_q_quit(vault: Path) -> None:
    for key in ("q", "ctrl+q"):
        async with running(vault) as (app, pilot):
            await pilot.press(key)
            await until(pilot, lambda app=app: app._exit)  # type: ignore[misc]
