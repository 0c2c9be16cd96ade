"""Time travel on the screen: every commit shown as it was, nothing changed there, and the way back to now."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from textual.pilot import Pilot

from planner.cli.app import main
from planner.core.display import cell_width, display_text
from tests.tui.test_app import CONFIG, HOSTILE, TODAY, commits, git, home, make, on, running, said, screen, task, until  # noqa: F401
from tui.app import PlannerApp
from tui.board import BoardPage
from tui.keys import KEYS, changes
from tui.status import Line
from tui.timeline import TimelinePage

pytestmark = pytest.mark.usefixtures("home")

A, B = "tasks/a.md", "tasks/b.md"
DUE = "due: 2026-11-12\nestimate: 2d\nscheduled: 2026-11-09\n"
STATES = [
    ("2026-11-02T09:00:00+00:00", "start", {A: task("aaa111", "Alpha", "todo", DUE)}),
    ("2026-11-10T10:00:00+00:00", "begin it", {A: task("aaa111", "Alpha", "doing", DUE)}),
    ("2026-11-10T15:00:00+00:00", "another", {B: task("bbb222", "Beta")}),
    ("2026-11-18T11:00:00+00:00", "done with it", {A: task("aaa111", "Alpha of late", "done", DUE)}),
]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Four commits on three days."""
    folder = tmp_path / "vault"
    folder.mkdir()
    make(folder, {"planner.toml": CONFIG, **STATES[0][2]})
    for number, (when, subject, files) in enumerate(STATES):
        for path, text in files.items():
            (folder / path).write_text(text, encoding="utf-8")
        git(folder, "add", "-A")
        argv = ["git", "-C", str(folder), "commit", "-qm", subject, "--date", when, *["--amend"] * (not number)]
        subprocess.run(argv, check=True)
    return folder


async def ready(app: PlannerApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: app.settled and app.bridge.idle)


async def travelling(app: PlannerApp, pilot: Pilot[int], *keys: str) -> None:
    """The line over the past is open, and these keys were pressed."""
    await ready(app, pilot)
    await pilot.press("t")
    await until(pilot, lambda: app.voyage is not None)
    await pilot.press(*keys)
    await ready(app, pilot)


def stop(app: PlannerApp) -> str:
    return app.screen_stack[0].query_one("#stop", Line).left.plain


def subject(app: PlannerApp) -> str:
    return stop(app).rpartition(": ")[2]


async def test_each_commit_is_shown_as_it_was_and_said_so(vault: Path) -> None:
    sha = git(vault, "rev-parse", "--short=7", "HEAD~1").strip()
    async with running(vault) as (app, pilot):
        await travelling(app, pilot)
        assert stop(app).startswith(" now · ")
        await pilot.press("left")
        await ready(app, pilot)
        assert f"as of 2026-11-10 15:00 · {sha} · Ana: another" in stop(app)
        assert "as of 2026-11-10 · read-only" in screen(app).splitlines()[0]
        assert "esc back to now" in screen(app)
        assert (app.page.status_at(A), app.page.status_at(B)) == ("doing", "todo")
        assert app.page.asked.today.isoformat() == "2026-11-10"
        await pilot.press("left")
        await ready(app, pilot)
        assert not app.page.holds(B)
        assert "Alpha" in screen(app)
        await pilot.press("right", "right")
        await ready(app, pilot)
        assert stop(app).startswith(" now · ")
        assert app.page.asked.vault is app.bridge.vault
        assert app.page.asked.today == TODAY


@pytest.mark.parametrize(
    ("keys", "there"),
    [
        (("[",), "another"),
        (("[", "["), "start"),
        (("[", "[", "["), "start"),
        (("[", "[", "]"), "another"),
        (("{",), "another"),
        (("{", "{"), "start"),
        (("home",), "start"),
        (("home", "}"), "another"),
        (("home", "end"), "done with it"),
        (("left", "left", "left", "right"), "begin it"),
    ],
)
async def test_days_weeks_and_ends(vault: Path, keys: tuple[str, ...], there: str) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, *keys)
        assert subject(app) == there


async def test_the_ends_say_so(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "right")
        assert said(app).strip() == "this is now"
        await travelling_on(app, pilot, "home", "left")
        assert said(app).strip() == "nothing is older"


async def travelling_on(app: PlannerApp, pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await ready(app, pilot)


@pytest.mark.parametrize("key", ["escape", "t", "q"])
async def test_back_to_now(vault: Path, key: str) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "home")
        await travelling_on(app, pilot, key)
        assert app.voyage is None
        assert app.is_running
        assert app.page.status_at(A) == "done"
        assert "read-only" not in screen(app)
        assert "back to now" not in screen(app)


async def test_no_key_changes_the_past(vault: Path) -> None:
    rows = [key for key in KEYS if changes(key) and "board" in key.where]
    assert len(rows) > 20
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "left")
        on(app, A)
        for key in rows:
            app.say("")
            await pilot.press(*("exclamation_mark" if part == "!" else part for part in key.keys[0].split()))
            await pilot.pause()
            assert said(app).strip() == "the past cannot be changed — esc goes back to now", key.id
            assert len(app.screen_stack) == 1, key.id
        for words in ("set due=fri", "undo", "commit"):
            app.say("")
            await app.obey(words)
            assert "the past cannot be changed" in said(app), words
        await ready(app, pilot)
    assert commits(vault) == 4
    assert git(vault, "status", "--porcelain") == ""


async def test_at_now_a_change_is_made_and_ends_the_travel(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "left", "right")
        on(app, B)
        await pilot.press("x")
        await until(pilot, lambda: commits(vault) == 5)
        assert app.voyage is None
        assert "status: done" in (vault / B).read_text(encoding="utf-8")


async def test_an_opened_item_goes_along_and_tells_nothing_of_its_future(vault: Path) -> None:
    async with running(vault, (100, 40)) as (app, pilot):
        await travelling(app, pilot, "left")
        on(app, A)
        await pilot.press("enter")
        await ready(app, pilot)
        assert "doing" in screen(app)
        assert "of late" not in screen(app)
        await travelling_on(app, pilot, "left", "left")
        assert "todo" in screen(app)
        await pilot.pause(0.4)
        assert "History" not in screen(app)
        await travelling_on(app, pilot, "end")
        await until(pilot, lambda: "Alpha of late" in screen(app))
        await travelling_on(app, pilot, "t")
        assert app.voyage is None
        assert app.opened
        await travelling(app, pilot, "left")
        assert "of late" not in screen(app)


async def test_what_comes_meanwhile_is_seen_at_now(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "home")
        (vault / "tasks/c.md").write_text(task("ccc333", "Gamma"), encoding="utf-8")
        app.bridge.reload(lambda _: None)
        await ready(app, pilot)
        assert not app.page.holds("tasks/c.md")
        await travelling_on(app, pilot, "escape")
        assert app.page.holds("tasks/c.md")


async def test_the_timeline_is_that_of_the_day_on_the_same_axis(vault: Path) -> None:
    async with running(vault, (140, 30), view="timeline") as (app, pilot):
        await ready(app, pilot)
        assert isinstance(app.page, TimelinePage)
        left = app.page.scale.left
        await travelling(app, pilot, "left")
        assert isinstance(app.page, TimelinePage)
        assert app.page.asked.today.isoformat() == "2026-11-10"
        assert app.page.scale.left == left
        before = commits(vault)
        await pilot.press("L", "(", "b", "W")
        assert "the past cannot be changed" in said(app)
        assert app.trial is None
        assert commits(vault) == before


async def test_other_views_are_shown_as_they_were_too(vault: Path) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "left", "6")
        assert (app.page.asked.view, app.page.asked.past) == ("list", True)
        assert "OVERDUE" not in screen(app)
        await travelling_on(app, pilot, "home", "3", "slash", *"zzz", "enter")
        assert "None of" in screen(app)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (240, 60)])
async def test_the_line_fits_every_screen(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, size) as (app, pilot):
        await travelling(app, pilot, "left")
        assert "as of 2026-11-10" in screen(app)
        assert "back to now" in screen(app)
        assert {cell_width(line) for line in screen(app).splitlines()} == {size[0]}


async def test_what_a_commit_is_called_is_shown_as_typed(vault: Path) -> None:
    for number, text in enumerate(HOSTILE):
        (vault / B).write_text(task("bbb222", f"Beta {number}"), encoding="utf-8")
        git(vault, "commit", "-qam", text)
    async with running(vault, (160, 40)) as (app, pilot):
        await travelling(app, pilot)
        for text in reversed(HOSTILE):
            assert display_text(text)[:12] in stop(app).translate({0x2068: None, 0x2069: None})
            await travelling_on(app, pilot, "left")


async def test_an_empty_past_says_what_leads_on(tmp_path: Path) -> None:
    folder = make(tmp_path, {"planner.toml": CONFIG})
    (folder / "tasks").mkdir()
    (folder / A).write_text(task("aaa111", "Alpha"), encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "a task")
    async with running(folder) as (app, pilot):
        await travelling(app, pilot, "left")
        assert "There was nothing here on" in screen(app)


async def test_where_there_is_no_way_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    folder = make(tmp_path / "one", {"planner.toml": CONFIG})
    async with running(folder) as (app, pilot):
        await pilot.press("t")
        await until(pilot, lambda: "there is no past yet" in said(app))
        assert app.voyage is None
    bare = tmp_path / "none"
    bare.mkdir()
    (bare / "planner.toml").write_text(CONFIG, encoding="utf-8")
    async with running(bare) as (app, pilot):
        await pilot.press("t")
        await until(pilot, lambda: "without a git history there is no past" in said(app))


async def test_a_what_if_is_settled_first(vault: Path) -> None:
    async with running(vault, (140, 30), view="timeline") as (app, pilot):
        await ready(app, pilot)
        await pilot.press("W", "t")
        await pilot.pause()
        assert "a what-if is open" in said(app)
        assert app.voyage is None


async def test_the_board_of_a_commit_is_what_the_shell_prints_of_it(
    vault: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(vault) as (app, pilot):
        await travelling(app, pilot, "left")
        page = app.page
        assert isinstance(page, BoardPage)
        shown = {
            status: [page.asked.vault.files[str(path)].item.id for path in run.keys]  # type: ignore[union-attr]
            for status, run in zip(page.statuses, page._now.stack.columns, strict=True)
        }
    capsys.readouterr()
    main(["--vault", str(vault), "--today", "2026-11-10", "--json", "board", "--at", "HEAD~1"])
    document = json.loads(capsys.readouterr().out)
    assert shown == {column["status"]: column["items"] for column in document["columns"]}
    assert shown["doing"] == ["aaa111"]
