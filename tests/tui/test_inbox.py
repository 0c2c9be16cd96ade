"""The inbox on the screen: what waits, the answers its keys give, and what it says where nothing waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from planner.core.display import cell_width
from tests.tui.test_app import at, commits, git, head, home, make, on, running, said, screen, task, until  # noqa: F401
from tui.app import PlannerApp
from tui.pickers.choose import Choose
from tui.pickers.day import ChooseDay
from tui.screens.prompt import Prompt

pytestmark = pytest.mark.usefixtures("home")

CONFIG = """[vault]
format = 1
[workflow.default]
states = [
  {name = "inbox", category = "triage"},
  {name = "todo", category = "unstarted"},
  {name = "print", category = "started", team = "printers"},
  {name = "done", category = "completed"},
  {name = "dropped", category = "canceled"},
]
"""
FILES = {
    "planner.toml": CONFIG,
    "people/ana.md": "---\nid: ana\nname: Ana\nemail: ana@example.org\n---\n",
    "teams/printers.md": "---\nmembers: [ana]\n---\nPrinters\n",
    "inbox/lamp.md": task("lamp11", "New lamp for the desk", "inbox", "requester: bo\n"),
    "inbox/rain.md": task("rain22", "Stickers that survive rain", "inbox"),
    "tasks/poster.md": task("post33", "Poster", more="approvals: [{step: look, approvers: [ana]}]\n"),
    "tasks/proof.md": task("proo44", "Proof sheet", "print", "delegated_by: bo\n"),
    "tasks/desk.md": task("desk55", "A lamp for each desk"),
    "tasks/asked.md": task("aske66", "Asked") + "\n## Log\n- 2026-11-24 10:00 bo: @ana, is this right?\n",
}


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    return make(folder, FILES)


async def ready(app: PlannerApp, pilot: Pilot[int], path: str = "inbox/lamp.md") -> None:
    """The inbox is shown, with the cursor on an entry."""
    await until(pilot, lambda: app.settled and app.page.holds(path) and bool(app.waiting))
    on(app, path)
    await pilot.pause()


async def asks(app: PlannerApp, pilot: Pilot[int], kind: type) -> None:
    await until(pilot, lambda: isinstance(app.screen, kind) and getattr(app.screen, "ready", False))


def text_of(folder: Path, path: str) -> str:
    return (folder / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 45)])
async def test_every_entry_has_its_section_and_its_reason(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, size, view="inbox") as (app, pilot):
        await ready(app, pilot, "tasks/poster.md")
        lines = [line.split("│")[0].strip(" ▌") for line in screen(app).splitlines()]
        assert {cell_width(line) for line in screen(app).splitlines()} == {size[0]}
        assert "Waiting for your approval 1" in lines
        assert lines[lines.index("Waiting for your approval 1") + 2] == "look (all)"
        if size[1] < 20:
            return
        assert lines[lines.index("Handed to your team 1") + 2] == "to printers by bo"
        assert lines[lines.index("To triage 2") + 2] == "asked by bo"
        assert "Stickers that survive rain" in lines[lines.index("To triage 2") + 3]
        assert lines[lines.index("You were mentioned 1") + 2] == "bo: @ana, is this right?"
        assert "5 wait for you" in screen(app)


async def test_the_bar_counts_what_waits_on_every_view(vault: Path) -> None:
    async with running(vault, (160, 45)) as (app, pilot):
        await until(pilot, lambda: "8 Inbox(5)" in screen(app))
        await pilot.press("g", "i")
        await until(pilot, lambda: "[8 Inbox(5)]" in screen(app))


async def test_plus_accepts_a_request_and_the_cursor_stays_in_the_inbox(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        await pilot.press("+")
        await until(pilot, lambda: head(vault) == "accept lamp11" and app.settled)
        assert "status: todo" in text_of(vault, "tasks/lamp.md")
        assert not (vault / "inbox/lamp.md").exists()
        assert at(app) == "inbox/rain.md"
        await until(pilot, lambda: app.waiting == 4)
        await pilot.press("3")
        await until(pilot, lambda: app.page.asked.view == "board")
        assert at(app) != "tasks/lamp.md"


async def test_plus_approves_and_takes_over_what_was_handed_to_the_team(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot, "tasks/poster.md")
        await pilot.press("+")
        await until(pilot, lambda: head(vault) == "approve post33")
        assert "ana approved look" in text_of(vault, "tasks/poster.md")
        on(app, "tasks/proof.md")
        await pilot.press("+")
        await until(pilot, lambda: head(vault) == "accept proo44")
        assert "assignee: ana" in text_of(vault, "tasks/proof.md")


async def test_marked_entries_are_answered_in_one_commit(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        for path in ("inbox/lamp.md", "tasks/poster.md"):
            on(app, path)
            await pilot.press("space")
        await pilot.press("+")
        await until(pilot, lambda: head(vault) == "accept 2 items")
        assert commits(vault) == 2
        assert "ana approved look" in text_of(vault, "tasks/poster.md")
        assert (vault / "tasks/lamp.md").exists()


async def test_what_asks_for_no_decision_says_so(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot, "tasks/asked.md")
        await pilot.press("+")
        assert "waits neither in triage nor for a team" in said(app)
        for key in ("=", "z"):
            app.say("")
            await pilot.press(key)
            assert "only a request in triage may be a duplicate, or wait" in said(app)
            assert len(app.screen_stack) == 1
    assert commits(vault) == 1


async def test_minus_declines_with_a_reason_and_keeps_it_over_escape(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        await pilot.press("-")
        await asks(app, pilot, Prompt)
        await pilot.press("enter")
        await until(pilot, lambda: "it takes a reason" in said(app))
        await pilot.press("-")
        await asks(app, pilot, Prompt)
        await pilot.press(*"too dear", "escape", "-")
        await asks(app, pilot, Prompt)
        await pilot.press("enter")
        await until(pilot, lambda: head(vault) == "decline lamp11: too dear")
        closed = next(vault.rglob("lamp.md")).read_text(encoding="utf-8")
        assert "status: dropped" in closed
        assert "ana: declined: too dear" in closed


async def test_equals_closes_a_duplicate_the_likest_item_offered_first(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        await pilot.press("=")
        await asks(app, pilot, Choose)
        await until(pilot, lambda: "A lamp for each desk" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: head(vault) == "accept lamp11: duplicate of desk55")
        closed = next(vault.rglob("lamp.md")).read_text(encoding="utf-8")
        assert "duplicate_of: desk55" in closed
        assert "triage: duplicate" in closed


async def test_z_puts_off_until_a_day(vault: Path) -> None:
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        await pilot.press("z")
        await asks(app, pilot, ChooseDay)
        await pilot.press(*"none", "enter")
        await until(pilot, lambda: "it takes a day" in said(app))
        await pilot.press("z")
        await asks(app, pilot, ChooseDay)
        await pilot.press(*"+1w", "enter")
        await until(pilot, lambda: head(vault) == "accept lamp11: snoozed to 2026-12-02")
        await until(pilot, lambda: not app.page.holds("inbox/lamp.md"))
        assert "triage: snooze" in text_of(vault, "inbox/lamp.md")


async def test_news_of_others_is_told_until_it_is_read(vault: Path) -> None:
    (vault / "tasks/desk.md").write_text(task("desk55", "A lamp for each desk", "done", "watchers: [ana]\n"))
    git(vault, "-c", "user.name=Bo", "-c", "user.email=bo@example.org", "commit", "-qam", "desk")
    async with running(vault, view="inbox") as (app, pilot):
        await until(pilot, lambda: "News of what you follow 1" in screen(app))
        assert "Bo: status todo → done" in screen(app)
        await pilot.press("M")
        await until(pilot, lambda: "News of what you follow" not in screen(app))
        assert said(app).strip() == "the news is read"
    async with running(vault, view="inbox") as (app, pilot):
        await ready(app, pilot)
        await until(pilot, lambda: app.bridge.idle)
        assert "News of what you follow" not in screen(app)


async def test_an_empty_inbox_says_what_comes_here(tmp_path: Path) -> None:
    folder = make(tmp_path, {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "Alpha")})
    async with running(folder, (80, 24), view="inbox") as (app, pilot):
        await until(pilot, lambda: app.settled)
        assert "Nothing waits for ana. What comes here:" in screen(app)
        assert "accept, or decline with a reason" in screen(app)
        await pilot.press("a", *"buy milk", "enter")
        await until(pilot, lambda: "To triage 1" in screen(app))
