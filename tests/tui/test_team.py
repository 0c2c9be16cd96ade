"""Sync and its questions on the screen: nothing blocks, nothing is drawn over, every question has its answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.session import Session
from tests.team import NAME, TASK, Clone, clone, make_origin
from tests.tui.test_app import running, said, screen, until
from tui.app import PlannerApp


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Clone, Clone]:
    """Ana, who has pushed a change of the status, and Bo."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    origin = make_origin(tmp_path)
    ana, bo = (clone(origin, tmp_path, name) for name in ("ana", "bo"))
    ana.edit("todo", "doing")
    Session.open(ana.root).sync()
    return ana, bo


def status(app: PlannerApp) -> object:
    item = app.bridge.vault.get("k7f3qx")
    return item.status if item else None


async def test_ctrl_g_takes_what_others_pushed(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.edit("high", "low")
    async with running(bo.root) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "received 1 commit" in said(app))
        await until(pilot, lambda: status(app) == "doing")
    assert bo.read() == TASK.replace("todo", "doing").replace("high", "low")


async def test_what_both_changed_is_asked_with_both_values_and_who_wrote_them(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.edit("todo", "done")
    async with running(bo.root) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "sync waits: 1 question about 1 file; g ! asks" in said(app))
        await pilot.press("g", "!")
        await until(pilot, lambda: "Merge driver: status" in screen(app))
        assert "done | doing" in screen(app)
        await pilot.press("enter")
        await until(pilot, lambda: "status was todo" in screen(app))
        assert "ours: done  here by Bo" in screen(app)
        assert "theirs: doing  there by Ana" in screen(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "everything of the sync is settled" in said(app))
    assert bo.read() == TASK.replace("todo", "doing")


async def test_an_answer_may_be_typed(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.edit("todo", "done")
    Session.open(bo.root).sync()
    async with running(bo.root) as (app, pilot):
        await pilot.press("g", "!")
        await until(pilot, lambda: "Merge driver: status" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: "status was todo" in screen(app))
        await pilot.press(*"review", "enter")
        await until(pilot, lambda: "settled" in said(app))
    assert "status: review" in bo.read()


async def test_the_top_line_says_what_is_to_be_sent_and_taken(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.edit("high", "low")
    bo.git("commit", "-qam", "mine")
    bo.git("fetch", "-q")
    async with running(bo.root) as (app, pilot):
        await until(pilot, lambda: "main · ahead 1 · behind 1" in screen(app))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "main · ✓ committed" in screen(app))


async def test_nothing_to_ask_is_said(pair: tuple[Clone, Clone]) -> None:
    ana, _ = pair
    async with running(ana.root) as (app, pilot):
        await pilot.press("g", "!")
        await until(pilot, lambda: "nothing waits to be settled" in said(app))


async def test_a_remote_that_is_gone_is_a_sentence(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.git("remote", "set-url", "origin", str(bo.root / "nowhere"))
    async with running(bo.root) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "origin is not there" in said(app))


async def test_a_vault_may_look_or_sync_by_itself(pair: tuple[Clone, Clone]) -> None:
    _, bo = pair
    bo.write('[commit]\nhooks = "skip"\n[sync]\nauto = "fetch"\n', "planner.toml")
    async with running(bo.root, watch=True) as (app, pilot):
        await until(pilot, lambda: "1 new commit of others; ctrl+g takes them" in said(app))
    assert bo.read(NAME) == TASK
    bo.write('[commit]\nhooks = "skip"\n[sync]\nauto = "full"\n', "planner.toml")
    async with running(bo.root, watch=True) as (app, pilot):
        await until(pilot, lambda: status(app) == "doing")
    assert bo.read(NAME) == TASK.replace("todo", "doing")
