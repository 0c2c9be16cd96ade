"""Living with others: what they save, rename and check out shows at once, and nothing of one's own is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.test_app import FILES, at, commits, git, home, make, on, running, said, screen, task, until, vault
from tui.app import PlannerApp
from tui.bridge import Git
from tui.pickers.choose import Choose

pytestmark = pytest.mark.usefixtures("home")
__all__ = ["home", "vault"]

A, B = "tasks/a.md", "tasks/b.md"


async def follow(app: PlannerApp, pilot: Pilot[int]) -> None:
    """Wait until saves of others are heard."""
    await until(pilot, lambda: app.git.watching != "")


def save(folder: Path, path: str, text: str) -> None:
    (folder / path).write_text(text, encoding="utf-8")


def screen_line(app: PlannerApp, path: str) -> int:
    region = app.grid.region_of(path)
    assert region is not None
    return region.y


async def test_a_renamed_file_keeps_cursor_and_mark(vault: Path) -> None:
    async with running(vault, watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, B)
        await pilot.press("space")
        git(vault, "mv", B, "tasks/renamed.md")
        await until(pilot, lambda: at(app) == "tasks/renamed.md")
        assert app.grid.marks == {"tasks/renamed.md"}


async def test_what_comes_above_does_not_push_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    files = {f"tasks/t{n:02}.md": task(f"t{n:02}xxx", f"Task {n}", more=f"rank: b{n:02}\n") for n in range(30)}
    make(folder, {"planner.toml": FILES["planner.toml"], **files})
    async with running(folder, (80, 24), watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, "tasks/t20.md")
        await pilot.pause()
        stood = screen_line(app, "tasks/t20.md")
        save(folder, "tasks/new.md", task("newxxx", "New", more="rank: a0\n"))
        await until(pilot, lambda: app.settled and app.page.holds("tasks/new.md"))
        await pilot.pause()
        assert at(app) == "tasks/t20.md"
        assert screen_line(app, "tasks/t20.md") == stood
        (folder / "tasks/new.md").unlink()
        (folder / "tasks/t01.md").unlink()
        await until(pilot, lambda: app.settled and not app.page.holds("tasks/t01.md"))
        assert screen_line(app, "tasks/t20.md") == stood


@pytest.mark.parametrize(
    "keys", [["d", *"fri"], ["number_sign", *"mine"], ["exclamation_mark", *"low"], ["s", *"done"]]
)
@pytest.mark.parametrize("mine", [True, False])
async def test_a_field_that_changed_under_a_picker_is_asked_about(vault: Path, keys: list[str], mine: bool) -> None:
    theirs = task("aaa111", "Alpha", "doing", more="due: 2026-12-24\ntags: [theirs]\npriority: urgent\n")
    async with running(vault, watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, A)
        await pilot.press(*keys)
        save(vault, A, theirs)
        await until(pilot, lambda: "changed meanwhile: now" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "changed by somebody else" in screen(app) and isinstance(app.screen, Choose))
        shown = screen(app)
        assert "leave it: " in shown
        assert "set it to: " in shown
        assert (vault / A).read_text() == theirs
        await pilot.press(*"set it to" if mine else "leave", "enter")
        await until(pilot, lambda: app.settled and len(app.screen_stack) == 1)
        await until(pilot, lambda: ((vault / A).read_text() != theirs) == mine)


@pytest.mark.parametrize("answer", ["leave", "set it", "go on"])
async def test_a_title_that_changed_while_it_is_edited_is_asked_about(vault: Path, answer: str) -> None:
    async with running(vault, watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, A)
        await pilot.press("i", *" mine")
        save(vault, A, task("aaa111", "Theirs"))
        await until(pilot, lambda: "now Theirs" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "leave it: Theirs" in screen(app) and "set it to: Alpha mine" in screen(app))
        await pilot.press(*answer, "enter")
        if answer == "go on":
            await until(pilot, lambda: not isinstance(app.screen, Choose) and len(app.screen_stack) == 2)
            assert app.screen.query_one(Input).value == "Alpha mine"
            await pilot.press("escape")
        title = {"leave": "Theirs", "set it": "Alpha mine", "go on": "Theirs"}[answer]
        await until(pilot, lambda: app.settled and app.session.vault.find("aaa111").title == title)
        if answer == "leave":  # what was typed is not lost either
            await pilot.press("i")
            assert app.screen.query_one(Input).value == "Alpha mine"


async def test_an_item_deleted_under_its_picker_is_a_sentence(vault: Path) -> None:
    async with running(vault, watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, A)
        await pilot.press("i", *" more")
        (vault / A).unlink()
        await until(pilot, lambda: "has been deleted" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "deleted meanwhile" in said(app))
        assert app._drafts["title:aaa111"] == "Alpha more"


async def test_a_checkout_shows_the_other_branch_and_its_way_back(vault: Path) -> None:
    git(vault, "checkout", "-q", "-b", "side")
    save(vault, A, task("aaa111", "Sideways"))
    git(vault, "commit", "-qam", "side")
    git(vault, "checkout", "-q", "main")
    async with running(vault, watch=True) as (app, pilot):
        await follow(app, pilot)
        on(app, A)
        git(vault, "checkout", "-q", "side")
        await until(pilot, lambda: "Sideways" in screen(app) and app.git.branch == "side")
        git(vault, "checkout", "-q", "main")
        await until(pilot, lambda: "Alpha" in screen(app) and app.git.branch == "main")
        assert at(app) == A
        assert commits(vault) == 1


async def test_what_comes_while_the_screen_is_taken_down_is_passed_over(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await until(pilot, lambda: app.bridge.idle)
        await app.query_one("#top").remove()
        app._running = False
        app.bridge.post(app.git_changed, Git("elsewhere"))
        await pilot.pause()
        app._running = True
        assert app.git.branch == "main"
