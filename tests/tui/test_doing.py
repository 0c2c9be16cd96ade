"""What each key does to items: on the screen, in the file, in history."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
from textual.widgets import Input

from planner.begun import Begun
from planner.core.model import Item
from tests.conftest import Claims
from tests.proof import times
from tests.tui.test_app import FILES, at, commits, git, head, home, on, running, said, screen, task, until, vault
from tui.app import PlannerApp
from tui.pickers.choose import Choose
from tui.pickers.day import ChooseDay
from tui.pickers.title import TitleLine
from tui.screens.prompt import Prompt

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.proof]
__all__ = ["home", "vault"]

A, B, C = "tasks/a.md", "tasks/b.md", "tasks/c.md"


IDS = {A: "aaa111", B: "bbb222"}


def item(app: PlannerApp, path: str) -> Item:
    return app.session.vault.find(IDS[path])


def write(folder: Path, path: str, more: str) -> None:
    """Another text for one of the tasks, committed."""
    (folder / path).write_text(task(IDS[path], {A: "Alpha", B: "Beta"}[path], more=more), encoding="utf-8")
    git(folder, "commit", "-qam", "another text")


CHANGES: list[tuple[list[str], str, object]] = [
    (["d", *"fri", "enter"], "due", date(2026, 11, 27)),
    (["d", "down", "enter"], "due", date(2026, 12, 3)),
    (["d", "right", "left", "left", "enter"], "due", date(2026, 11, 25)),
    (["d", *"none", "enter"], "due", None),
    (["S", *"+3d", "enter"], "scheduled", date(2026, 11, 28)),
    (["w", *"w50", "enter"], "wait", date(2026, 12, 7)),
    (["exclamation_mark", *"hi", "enter"], "priority", "high"),
    (["at", *"bo", "enter"], "assignee", ("bo",)),
    (["number_sign", *"new", "enter"], "tags", ("new",)),
    (["P", *"site", "enter"], "project", "site"),
    (["m", *"!low +x", "enter"], "priority", "low"),
    (["b", *"beta", "enter"], "depends_on", "bbb222"),
    (["s", *"doing", "enter"], "status", "doing"),
    (["i", "ctrl+u", *"New name", "enter"], "title", "New name"),
    (["x"], "status", "done"),
    (["D"], "archived", True),
]


@pytest.mark.parametrize("view", ["board", "list", "today", "agenda"])
async def test_each_key_on_each_screen_changes_its_field_in_one_commit(vault: Path, view: str, claims: Claims) -> None:
    write(vault, A, "due: 2026-11-26\nassignee: ana\n")
    async with running(vault, view=view) as (app, pilot):
        some = CHANGES if view == "board" else CHANGES[len(view) % times(4, 1) :: times(4, 1)]
        with claims("a key changes its field in one commit, and u takes it back", expect=len(some)) as claim:
            for keys, field, expected in some:
                await until(pilot, lambda: app.settled and app.page.holds(A))
                on(app, A)
                before = commits(vault)
                await pilot.press(*keys)
                await until(pilot, lambda before=before: commits(vault) > before and app.settled)  # type: ignore[misc]
                found = item(app, A)
                value = {"status": found.status, "title": found.title}.get(field, found.fields.get(field))
                value = found.dependencies[0].target if field == "depends_on" else value
                claim.check(value == expected and commits(vault) == before + 1, (view, keys, value))
                await pilot.press("u")
                await until(pilot, lambda before=before: commits(vault) == before + 2 and app.settled)  # type: ignore[misc]


@pytest.mark.parametrize("view", ["board", "list", "today", "agenda"])
async def test_marked_ones_are_changed_together(vault: Path, view: str) -> None:
    write(vault, A, "due: 2026-11-26\nassignee: ana\n")
    write(vault, B, "due: 2026-11-26\nassignee: ana\n")
    async with running(vault, view=view) as (app, pilot):
        app.grid.mark(frozenset({A, B}))
        before = commits(vault)
        await pilot.press("number_sign", *"web", "enter")
        await until(pilot, lambda: commits(vault) > before and app.settled)
        assert item(app, A).tags == item(app, B).tags == ("web",)
        before = commits(vault)
        on(app, A)
        await pilot.press("full_stop")
        await until(pilot, lambda: commits(vault) > before and app.settled)
        assert item(app, A).tags == item(app, B).tags == ()


@pytest.mark.parametrize("view", ["today", "agenda"])
async def test_h_and_l_move_the_day_where_items_stand_by_day(vault: Path, view: str) -> None:
    write(vault, A, "due: 2026-11-25T14:30\nassignee: ana\n")
    async with running(vault, view=view) as (app, pilot):
        on(app, A)
        await pilot.press("L")
        await until(pilot, lambda: "due: 2026-11-26T14:30" in (vault / A).read_text())
        await until(pilot, lambda: app.settled and at(app) == A)
        await pilot.press("H", "H")
        await until(pilot, lambda: "due: 2026-11-24T14:30" in (vault / A).read_text())


async def test_a_part_is_added_to_its_whole(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, B)
        await pilot.press("A", *"first step", "enter")
        await until(pilot, lambda: commits(vault) == 2)
        (new,) = [one for one in app.session.vault.items if one.title == "first step"]
        assert (new.text("parent"), new.project) == ("bbb222", "web")


async def test_repeat_does_the_newest_change_on_another_item(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("full_stop")
        assert "nothing was changed yet" in said(app)
        on(app, A)
        await pilot.press("m", *"due:fri +x", "enter")
        await until(pilot, lambda: commits(vault) == 2 and app.settled)
        on(app, B)
        await pilot.press("full_stop")
        await until(pilot, lambda: commits(vault) == 3 and app.settled)
        assert item(app, B).due == date(2026, 11, 27)
        assert item(app, B).tags == ("x",)


async def test_an_archived_item_is_deleted_and_comes_back(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("D")
        await until(pilot, lambda: app.settled and commits(vault) == 2)
        await pilot.press("slash", *"is:archived", "enter")
        await until(pilot, lambda: app.settled and app.page.holds(A))
        on(app, A)
        await pilot.press("D")
        await until(pilot, lambda: not (vault / A).exists())
        await pilot.press("u")
        await until(pilot, (vault / A).exists)


async def test_tab_turns_several_tags_and_people(vault: Path) -> None:
    write(vault, A, "tags: [x, y]\n")
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("number_sign")
        assert isinstance(app.screen, Choose)
        await until(pilot, lambda: "☑ #x" in screen(app) and "☑ #y" in screen(app))
        await pilot.press("tab", "tab")
        await until(pilot, lambda: "☐ #x" in screen(app) and "☐ #y" in screen(app))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.settled and item(app, A).tags == ("y",))


async def test_the_day_that_words_mean_is_said_and_drawn(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("d")
        assert isinstance(app.screen, ChooseDay)
        await pilot.press(*"dec 24")
        await until(pilot, lambda: "Thu 2026-12-24 · in 29 days" in screen(app) and "Dec 2026" in screen(app))
        await pilot.press("x")
        await until(pilot, lambda: "expected" in screen(app))
        await pilot.press("enter", "escape")
        assert commits(vault) == 1
        await pilot.press("d")
        assert app.screen.query_one(Input).value == "dec 24x"


async def test_a_click_on_the_small_calendar_chooses_the_day(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("d")
        await until(pilot, lambda: "Nov 2026" in screen(app))
        await pilot.click("Month", offset=(1, 6))
        await until(pilot, lambda: "due: 2026-11-23" in (vault / A).read_text())


async def test_words_are_completed_while_adding(vault: Path) -> None:
    write(vault, B, "tags: [garden]\n")
    async with running(vault) as (app, pilot):
        await pilot.press("a", *"dig #ga")
        await until(pilot, lambda: "#garden" in screen(app))
        await pilot.press("tab", *"due:f", "down", "enter")
        await until(pilot, lambda: app.screen.query_one(Input).value == "dig #garden due:fri ")
        await pilot.press("enter")
        await until(pilot, lambda: any(one.title == "dig" and one.tags for one in app.session.vault.items))


@pytest.mark.parametrize("size", [(100, 30), (40, 12), (30, 8)])
async def test_the_title_is_edited_over_its_card(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, size) as (app, pilot):
        on(app, A)
        await pilot.press("i")
        assert isinstance(app.screen, TitleLine)
        region = app.grid.region_of(A)
        line = app.screen.query_one(Input)
        await until(pilot, lambda: region is not None and line.region.y == region.y)
        await pilot.resize_terminal(size[0] - 5, size[1])
        await pilot.press(*" two")
        await pilot.press("escape", "i")
        assert app.screen.query_one(Input).value == "Alpha two"
        await pilot.press("enter")
        await until(pilot, lambda: 'title: "Alpha two"' in (vault / A).read_text())


async def test_drafts_outlive_the_program(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("a", *"half a tho")
    assert Begun.of(vault)["add"] == "half a tho"
    async with running(vault) as (app, pilot):
        await pilot.press("a")
        assert isinstance(app.screen, Prompt)
        assert app.screen.query_one(Input).value == "half a tho"
        await pilot.press(*"ught", "enter")
        await until(pilot, lambda: head(vault).endswith(": half a thought"))
    assert "add" not in Begun.of(vault)


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """An editor that does this to its file, on a screen that can be given over."""
    program = folder / "editor.sh"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(program))
    monkeypatch.setattr(PlannerApp, "suspend", lambda _: contextlib.nullcontext())


async def test_what_the_editor_saves_is_committed(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, 'sed -i s/Beta/Better/ "$1"')
    async with running(vault) as (app, pilot):
        on(app, B)
        await pilot.press("e")
        await until(pilot, lambda: commits(vault) == 2 and app.settled)
        assert item(app, B).title == "Better"


@pytest.mark.parametrize(("answer", "left"), [("put", True), ("delete", False), (None, True)])
async def test_an_editor_that_leaves_the_file_empty_loses_nothing(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None, left: bool
) -> None:
    editor(tmp_path, monkeypatch, ': > "$1"')
    async with running(vault) as (app, pilot):
        on(app, B)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, Choose) and "left tasks/b.md empty" in screen(app))
        await pilot.press(*([*answer, "enter"] if answer else ["escape"]))
        await until(pilot, lambda: app.settled and len(app.screen_stack) == 1 and (vault / B).exists() == left)
        if left:
            await until(pilot, lambda: (vault / B).read_text() == FILES[B])
        else:
            await pilot.press("u")
            await until(pilot, lambda: (vault / B).exists() and (vault / B).read_text() == FILES[B])


@pytest.mark.parametrize(("script", "word"), [("exit 3", "ended with code 3"), (None, "is not there")])
async def test_an_editor_that_fails_is_a_sentence(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, word: str
) -> None:
    if script is None:
        monkeypatch.setenv("VISUAL", "no-such-editor")
    else:
        editor(tmp_path, monkeypatch, script)
    async with running(vault) as (app, pilot):
        on(app, B)
        await pilot.press("e")
        await until(pilot, lambda: word in said(app))
        assert commits(vault) == 1
        assert app.is_running


async def test_hand_edits_are_committed_from_the_screen(vault: Path) -> None:
    (vault / B).write_text(task("bbb222", "By hand"), encoding="utf-8")
    async with running(vault) as (app, pilot):
        await pilot.press("E")
        await until(pilot, lambda: commits(vault) == 2)
        assert git(vault, "status", "--porcelain") == ""
        await pilot.press("E")
        await until(pilot, lambda: "nothing was changed by hand" in said(app))
