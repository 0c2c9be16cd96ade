"""What nobody should put on a screen, and what should not happen under it: a sentence, nothing lost, still running."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from planner.begun import Begun
from planner.core.vault import Vault
from planner.store import fsops
from tests.proof import times
from tests.tui.test_app import CONFIG, FILES, commits, git, home, make, on, running, said, screen, task, until, vault
from tests.tui.test_doing import editor
from tui.app import PlannerApp
from tui.widgets.grid import Grid

pytestmark = pytest.mark.usefixtures("home")
__all__ = ["home", "vault"]

A, B = "tasks/a.md", "tasks/b.md"
EVERY_VIEW = ["1", "2", "3", "6", "5"]
LOOKING = ["j", "l", "G", "p", "p", "plus", "minus", "enter", "escape", "backslash", "escape"]
ASKING = ["s", "d", "at", "number_sign", "exclamation_mark", "P", "b", "B", "i", "m", "a", "A", "O", "question_mark"]


async def press_all(pilot: Pilot[int], app: PlannerApp) -> None:
    """Every view, every way to look, every question, none of them answered."""
    for view in EVERY_VIEW:
        await pilot.press(view, *LOOKING)
    await pilot.press("3")
    for key in ASKING:
        await pilot.press(key, "x", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1, key


def is_whole(app: PlannerApp) -> bool:
    """Whether every line of the screen is exactly as wide as the terminal."""
    return all(cell_len(strip.text) == app.size.width for strip in app.screen._compositor.render_strips())


TITLES = {
    "long": "long " * 2000,
    "marks": "z" + "\u0301" * 500 + "algo",
    "wide": "漢字テスト" * 30,
    "emoji": "👩‍👩‍👧‍👦 family ❤️ 🇩🇪 1️⃣ " * 5,
    "rtl": "שלום עולם مرحبا بالعالم",
    "mixed": "a\u202eb \u200bc",
}


@pytest.mark.parametrize("size", [(40, 12), (160, 45)])
async def test_odd_titles_are_right_to_the_cell(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    files = {
        f"tasks/{name}.md": task(f"{name}x", title, more="due: 2026-11-26\nassignee: ana\n")
        for name, title in TITLES.items()
    }
    async with running(make(folder, {"planner.toml": CONFIG, **files}), size) as (app, pilot):
        for view in EVERY_VIEW:
            await pilot.press(view)
            await until(pilot, lambda: app.settled)
            for path in files:
                on(app, path)
                await pilot.pause()
                assert is_whole(app), (view, path)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"tasks/a.md": "---\nid: [\n", "tasks/b.md": "\x00\x01", "tasks/c.md": "---\nstatus"},
        {"planner.toml": CONFIG.replace("[", "{"), "tasks/a.md": task("aaa111", "Alpha")},
    ],
    ids=["no items at all", "every file broken", "a broken planner.toml"],
)
async def test_a_vault_with_nothing_to_show_stays_usable(tmp_path: Path, files: dict[str, str]) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    async with running(make(folder, {"planner.toml": "", **files})) as (app, pilot):
        await press_all(pilot, app)
        await pilot.press("3", "a", "ctrl+u", *"first thing", "enter")
        await until(pilot, lambda: app.settled and "first thing" in screen(app))


async def test_three_hundred_statuses(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    states = ",".join(f'{{name = "s{n}", category = "unstarted"}}' for n in range(300))
    files = {"planner.toml": f"[workflow.default]\nstates = [{states}]\n", A: task("aaa111", "Alpha", "s150")}
    async with running(make(folder, files), (80, 24)) as (app, pilot):
        on(app, A)
        await pilot.press("L", "L")
        await until(pilot, lambda: app.settled and app.page.status_at(A) == "s152" and "S152" in screen(app))
        await pilot.press("s", *"s299", "enter")
        await until(pilot, lambda: app.settled and app.page.status_at(A) == "s299")
        await pilot.press("L")
        await until(pilot, lambda: "no column to the right" in said(app))


@pytest.mark.proof
async def test_a_column_with_very_many_cards(vault: Path) -> None:
    count = times(3_000, 100_000)
    files = {f"tasks/t{n}.md": task(f"t{n}", f"Task {n}") for n in range(count)}
    async with running(vault) as (app, pilot):
        app.bridge.vault = Vault.parse({"planner.toml": CONFIG, **files})
        app.vault_changed()
        await until(pilot, lambda: app.settled and app.page.shown == count)
        await pilot.press("G", "ctrl+u", "k", "g", "g", "j", "space", "asterisk")
        assert len(app.grid.marks) == count
        await pilot.press("escape", "b", *"task 77")
        await until(pilot, lambda: "Task 77" in screen(app))
        await pilot.press("escape")
        assert app.is_running


async def test_the_vault_is_deleted_under_the_screen(vault: Path) -> None:
    async with running(vault, watch=True) as (app, pilot):
        await until(pilot, lambda: app.git.watching != "")
        on(app, B)
        shutil.rmtree(vault)
        await pilot.press("x")
        await until(pilot, lambda: not app.bridge.busy)
        await pilot.press("a", *"not lost", "enter")
        await until(pilot, lambda: not app.bridge.busy)
        kept = [path.read_text() for path in vault.rglob("*.md")] + [app._drafts.get("add", "")]
        assert any("not lost" in text for text in kept)
        await pilot.press("R", "u", "U", "O", "E", "1", "2", "3", "e", "D")
        await until(pilot, lambda: app.bridge.idle)
        assert said(app)
        assert app.is_running


@pytest.mark.parametrize("title", ["long " * 1999 + "long", "z" + "\u0301" * 500 + "algo"], ids=["long", "marks"])
async def test_an_odd_title_is_edited_where_it_stands(vault: Path, title: str) -> None:
    (vault / A).write_text(task("aaa111", title), encoding="utf-8")
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("i", "x")
        await pilot.pause()
        assert is_whole(app)
        await pilot.press("enter")
        await until(pilot, lambda: not app.bridge.busy and (vault / A).read_text() == task("aaa111", title + "x"))


async def test_a_broken_keymap_and_theme_are_sentences_and_the_usual_ones_hold(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "config" / "planner"
    (own / "themes").mkdir(parents=True)
    (own / "keys.toml").write_text('item.done = ["q"\nmove.down = 3\x01', encoding="utf-8")
    (own / "themes" / "bad.toml").write_text('primary = "blurple"', encoding="utf-8")
    (own / "config.toml").write_text('theme = "bad"\n', encoding="utf-8")
    async with running(vault) as (app, pilot):
        app.look_at_own_files()
        await until(pilot, lambda: "keys.toml" in said(app) and "(and 1 more)" in said(app))
        on(app, B)
        await pilot.press("x")
        await until(pilot, lambda: commits(vault) == 2 and app.settled)
        (own / "keys.toml").write_bytes(b"\xff\xfe\x00")
        app.look_at_own_files()
        await until(pilot, lambda: "keys.toml" in said(app))
        (own / "keys.toml").unlink()
        (own / "config.toml").unlink()
        app.look_at_own_files()
        await until(pilot, lambda: "bad.toml" in said(app) and "primary is 'blurple'" in said(app))
        await pilot.press("u")
        await until(pilot, lambda: commits(vault) == 3 and (vault / B).read_text() == FILES[B])


@pytest.mark.parametrize(
    ("variable", "script", "word", "key", "left"),
    [
        (None, None, "no editor is set", "E", FILES[B]),
        ('"vim', None, "$EDITOR cannot be read", "E", FILES[B]),
        ("", 'echo more >> "$1"; exit 1', "what it saved is not committed: E does that", "E", FILES[B] + "more\n"),
        ("", 'rm "$1"', "delete bbb222", "u", FILES[B]),
    ],
    ids=["unset", "unreadable", "failing", "deleting"],
)
async def test_an_editor_that_is_not_there_or_fails_loses_nothing(
    vault: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    script: str | None,
    word: str,
    key: str,
    left: str,
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr("planner.editor.USUAL", ())
    if script is not None:
        editor(tmp_path, monkeypatch, script)
    elif variable is not None:
        monkeypatch.setenv("EDITOR", variable)
    async with running(vault) as (app, pilot):
        on(app, B)
        await pilot.press("e")
        await until(pilot, lambda: word in said(app))
        await pilot.press(key)
        await until(pilot, lambda: app.settled and app.bridge.idle and (vault / B).exists())
        await until(pilot, lambda: (vault / B).read_text() == left and git(vault, "status", "--porcelain") == "")
        assert app.is_running


class Full(fsops.Ops):
    """A disk without room for anything new."""

    def write_new(
        self, path: fsops.StrPath, data: bytes, mode: int = 0o666, *, like: fsops.StrPath | None = None
    ) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))


@pytest.mark.parametrize(
    ("keys", "name", "text"),
    [
        (["a", *"not lost", "enter"], "add", "not lost"),
        (["i", *" more", "enter"], "title:bbb222", "Beta more"),
        (["d", *"fri", "enter"], "due:bbb222", "fri"),
    ],
)
async def test_a_full_disk_is_said_and_what_was_typed_is_kept(
    vault: Path, keys: list[str], name: str, text: str
) -> None:
    async with running(vault) as (app, pilot):
        on(app, B)
        with fsops.using(Full()):
            await pilot.press(*keys)
            await until(pilot, lambda: "the disk is full" in said(app) and not app.bridge.busy)
        assert (vault / B).read_text() == FILES[B]
        assert commits(vault) == 1
        assert app._drafts[name] == text
        await until(pilot, lambda: app.settled)
        await pilot.press(keys[0])
        await pilot.pause()
        assert app.screen.query_one(Input).value == text
        await pilot.press("enter")
        await until(pilot, lambda: commits(vault) == 2)
    assert name not in Begun.of(vault)


async def test_a_move_on_a_full_disk_turns_back_and_is_said(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, B)
        with fsops.using(Full()):
            await pilot.press("x")
            await until(pilot, lambda: "the disk is full" in said(app) and not app.bridge.busy)
        await until(pilot, lambda: app.settled and app.page.status_at(B) == "todo")
        assert ((vault / B).read_text(), commits(vault)) == (FILES[B], 1)
        await pilot.press("x")
        await until(pilot, lambda: commits(vault) == 2)


@pytest.mark.parametrize("size", [(1, 1), (7, 3)])
async def test_no_terminal_is_too_small(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, (80, 24)) as (app, pilot):
        on(app, B)
        await pilot.resize_terminal(*size)
        await pilot.press(*EVERY_VIEW, *LOOKING, "s", "x", "escape", "d", "escape", "3")
        await until(pilot, lambda: app.settled)
        on(app, B)
        await pilot.press("i", *" more")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.screen.query_one(Input).value.endswith(" more")
        await pilot.press("escape")
        await until(pilot, lambda: app.settled and "Beta" in screen(app))


async def test_a_flood_of_mouse_reports(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        grid = app.query_one(Grid)
        for number in range(3000):
            x, y, button = number % 130 - 10, number % 47 - 5, number % 3
            kind = [events.MouseMove, events.MouseDown, events.MouseUp, events.MouseScrollDown][number % 4]
            app.screen._forward_event(kind(grid, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y))
        await until(pilot, lambda: app.bridge.idle)
        await pilot.press("3")
        await until(pilot, lambda: app.settled)
        assert app.is_running
