"""Keys and the mouse beyond one field: drag, clipboard, the operation log, chains, the clock, pasting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import Claims
from tests.proof import times
from tests.tui.test_app import FILES, at, commits, head, home, make, on, running, said, screen, task, until, vault
from tui import clipboard
from tui.app import PlannerApp
from tui.pickers.choose import Choose
from tui.screens.prompt import Prompt

pytestmark = pytest.mark.usefixtures("home")
__all__ = ["home", "vault"]

A, B, C = "tasks/a.md", "tasks/b.md", "tasks/c.md"


async def carry(pilot: Pilot[int], at: tuple[int, int]) -> None:
    """Move the mouse with its button held down."""
    await pilot._post_mouse_events([events.MouseMove], "#grid", offset=at, button=1)


async def drag(pilot: Pilot[int], start: tuple[int, int], end: tuple[int, int]) -> None:
    """Carry what is at a cell of the screen to another one."""
    grid = "#grid"
    await pilot.mouse_down(grid, offset=start)
    for step in range(1, 5):
        x = start[0] + (end[0] - start[0]) * step // 4
        y = start[1] + (end[1] - start[1]) * step // 4
        await carry(pilot, (x, y))
    await pilot.mouse_up(grid, offset=end)
    await pilot.pause()


def cell(app: PlannerApp, path: str) -> tuple[int, int]:
    """A cell of a card, from the grid's corner."""
    region = app.grid.region_of(path)
    assert region is not None
    return region.x + 4 - app.grid.region.x, region.y - app.grid.region.y


async def test_a_card_is_dragged_to_another_column_and_place_in_one_commit(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        x, y = cell(app, C)
        await drag(pilot, cell(app, A), (x, y + 2))
        await until(pilot, lambda: app.settled and app.page.status_at(A) == "doing")
        assert app.page.column_of(A) == [C, A]
        await until(pilot, lambda: commits(vault) == 2)
        assert at(app) == A
        await pilot.press("u")
        await until(pilot, lambda: (vault / A).read_text() == FILES[A])


async def test_a_card_is_dragged_within_its_column(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        order = [path for path in app.page.column_of(A) if path in {A, B}]
        x, y = cell(app, order[1])
        await drag(pilot, cell(app, order[0]), (x, y + 2))
        await until(pilot, lambda: [p for p in app.page.column_of(A) if p in {A, B}] == order[::-1] and app.settled)
        await until(pilot, lambda: head(vault).startswith("rank"))
        moved = commits(vault)
        await drag(pilot, cell(app, order[0]), cell(app, order[0]))
        assert commits(vault) == moved


async def test_a_card_dragged_to_another_lane_gets_its_value(vault: Path) -> None:
    async with running(vault, (100, 40)) as (app, pilot):
        app.ask(replace(app.asked, lanes="project"))
        await until(pilot, lambda: app.settled and app.page.holds(A) and "(no project)" in screen(app))
        await drag(pilot, cell(app, A), cell(app, B))
        await until(pilot, lambda: app.session.vault.find("aaa111").project == "web" and app.settled)


async def test_while_a_card_is_carried_its_landing_is_said_and_drawn(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.mouse_down("#grid", offset=cell(app, A))
        x, y = cell(app, C)
        await carry(pilot, (x, y + 2))
        await until(pilot, lambda: "Alpha → DOING" in said(app) and "━━━━" in screen(app).split("┼")[-1])
        await pilot.mouse_up("#grid", offset=(x, y + 2))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("yy", "aaa111"),
        ("yi", "aaa111"),
        ("yl", "[Alpha](<tasks/a.md>)"),
        ("ym", "- [ ] Alpha @ana (aaa111)"),
        ("yg", 'flowchart LR\n  n1["Alpha"]\n'),
    ],
)
async def test_y_copies(vault: Path, keys: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "copy", lambda _: False)
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press(*keys)
        await until(pilot, lambda: "copied: " in said(app))
        assert app.clipboard == expected


def test_the_desktops_program_gets_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/taken\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("WAYLAND_DISPLAY", "DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    assert not clipboard.copy("nobody takes it")
    monkeypatch.setenv("DISPLAY", ":0")
    assert clipboard.copy("käse")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "käse"


async def test_any_step_is_taken_back_from_the_operation_log(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("L")
        await until(pilot, lambda: commits(vault) == 2 and app.settled)
        on(app, B)
        await pilot.press("x")
        await until(pilot, lambda: commits(vault) == 3 and app.settled)
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, Choose) and "move aaa111" in screen(app))
        await pilot.press(*"move aaa", "enter")
        await until(pilot, lambda: app.session.vault.find("aaa111").status == "todo" and commits(vault) == 4)
        assert app.session.vault.find("bbb222").status == "done"
        await until(pilot, lambda: app.settled)
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, Choose) and "↶ move aaa111" in screen(app))
        await pilot.press(*"↶ move aaa", "enter")
        await until(pilot, lambda: app.session.vault.find("aaa111").status == "doing" and commits(vault) == 5)


async def test_the_chain_leads_to_what_an_item_waits_for(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    files = {
        "planner.toml": FILES["planner.toml"],
        A: task("aaa111", "Alpha", more="depends_on: [bbb222]\n"),
        B: task("bbb222", "Beta", more="depends_on: [ccc333]\n"),
        C: task("ccc333", "Gamma"),
    }
    async with running(make(folder, files)) as (app, pilot):
        on(app, B)
        await pilot.press("B")
        await until(pilot, lambda: all(text in screen(app) for text in ("⊘ Gamma", "▶ Beta", "→ Alpha")))
        await pilot.press(*"gam", "enter")
        await until(pilot, lambda: at(app) == C)


async def test_the_clock_notes_the_time_spent(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [datetime(2026, 11, 25, 14, 0)]  # noqa: DTZ001 (local time)
    async with running(vault) as (app, pilot):
        monkeypatch.setattr(app, "_minute", lambda: clock[0])
        on(app, A)
        await pilot.press("c")
        assert "clock aaa since 14:00" in screen(app)
        clock[0] = datetime(2026, 11, 25, 15, 30)  # noqa: DTZ001
        on(app, B)
        await pilot.press("c")
        await until(pilot, lambda: "2026-11-25 1h30m ana" in (vault / A).read_text() and app.settled)
        assert "clock bbb since 15:30" in screen(app)
        await pilot.press("c")
        await until(pilot, lambda: "less than a minute" in said(app))


@pytest.mark.proof
async def test_many_pasted_lines_are_as_many_items_in_one_commit(vault: Path, claims: Claims) -> None:
    count = times(60, 1000)
    lines = "\r\n".join(f"line {number} #pasted" for number in range(count))
    async with running(vault) as (app, pilot):
        app.post_message(events.Paste(lines))
        await until(pilot, lambda: isinstance(app.screen, Prompt) and f"{count - 1} more lines" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: commits(vault) == 2 and app.settled)
        assert head(vault) == f"add {count} items"
        with claims("a pasted line is an item", expect=count) as claim:
            titles = {item.title for item in app.session.vault.items if "pasted" in item.tags}
            for number in range(count):
                claim.check(f"line {number}" in titles, number)


async def test_pasted_lines_can_be_taken_back_one_by_one_or_all(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await pilot.press("a", *"first ")
        app.post_message(events.Paste("one\ntwo\nthree"))
        await until(pilot, lambda: "2 more lines" in screen(app))
        line = app.screen.query_one(Input)
        assert line.value == "three"
        await pilot.press("ctrl+u", "backspace")
        await until(pilot, lambda: line.value == "two" and "1 more lines" in screen(app))
        await pilot.press("ctrl+u", "ctrl+u")
        await until(pilot, lambda: "more lines" not in screen(app) and line.value == "")
        app.post_message(events.Paste("x\ny"))
        await until(pilot, lambda: "1 more lines" in screen(app))
        await pilot.press("escape", "a")
        await until(pilot, lambda: "1 more lines" in screen(app) and app.screen.query_one(Input).value == "y")


async def test_lines_pasted_into_another_prompt_are_joined(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        on(app, A)
        await pilot.press("i", "ctrl+u")
        app.post_message(events.Paste("two\nlines"))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.session.vault.find("aaa111").title == "two lines")
