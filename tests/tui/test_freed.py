from __future__ import annotations

import gc
from functools import partial
from pathlib import Path

import pytest

from planner.core.vault import Vault
from tests.tui.test_app import CONFIG, commits, home, make, on, running, screen, task, until  # noqa: F401
from tui.page import Page

pytestmark = pytest.mark.usefixtures("home")


def alive(kind: type) -> int:
    """How many values of a kind there are, dead ones included that only the collector would find."""
    return sum(isinstance(value, kind) for value in gc.get_objects())


async def test_a_vault_and_a_page_that_are_replaced_are_gone_at_once(tmp_path: Path) -> None:
    """The collector seldom looks among many long-lived objects: what waits for it would pile up, megabytes a change."""
    (tmp_path / "vault").mkdir()
    folder = make(tmp_path / "vault", {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "Alpha")})
    async with running(folder, (100, 40)) as (app, pilot):
        on(app, "tasks/a.md")
        await until(pilot, lambda: app.bridge.idle)
        gc.collect()
        before = alive(Vault), alive(Page)
        gc.disable()
        try:
            for key in "LHLH":
                known = commits(folder)
                await pilot.press(key)
                await until(pilot, partial(lambda known: commits(folder) > known and app.bridge.idle, known))
            await until(pilot, lambda: (alive(Vault), alive(Page)) == before)
        finally:
            gc.enable()


async def test_the_collector_that_a_start_does_without_works_again_once_the_screen_stands(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    folder = make(tmp_path / "vault", {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "Alpha")})
    async with running(folder, (100, 40)) as (app, pilot):
        gc.disable()
        try:
            app.settle_down()
            assert gc.isenabled()
            assert gc.get_freeze_count() > 10_000
            await until(pilot, lambda: app.bridge.idle)
        finally:
            gc.enable()
            gc.unfreeze()
