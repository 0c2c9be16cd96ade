from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.tui.test_app import CONFIG, TODAY, git, home, make, on, running, screen, task, until  # noqa: F401
from tui.catalog import CATALOG
from tui.problems import Fault

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("view", [one.name for one in CATALOG if one.name not in {"timeline", "roadmap", "calendar"}])
async def test_an_empty_plan_says_how_to_begin(tmp_path: Path, view: str) -> None:
    (tmp_path / "v").mkdir()
    async with running(make(tmp_path / "v", {"planner.toml": CONFIG}), view=view) as (app, _):
        shown = screen(app)
        assert "This plan is empty" in shown
        assert "pay rent fri #home" in shown


async def test_a_filter_that_hides_everything_says_so_and_how_to_go_back(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    async with running(make(tmp_path / "v", {"tasks/a.md": task("aaa111", "Alpha")})) as (app, pilot):
        app.narrow("zebra")
        await until(pilot, lambda: "None of 1 fits  / zebra" in screen(app) and "show everything again" in screen(app))


async def test_problems_stand_under_their_files_with_line_and_way_out(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    files = {
        "tasks/a.md": task("aaa111", "Alpha", more="due: 2026-02-30\n"),
        "tasks/b.md": "---\nid: bbb222\ntitle: x\n",
    }
    async with running(make(tmp_path / "v", files), (120, 30), view="problems") as (app, pilot):
        await until(pilot, lambda: app.settled)
        shown = screen(app)
        assert all(text in shown for text in ("tasks/a.md 1", "line 5: due", "bad-value", "tasks/b.md 1", "problems"))
        assert app.page.line_of(Fault("tasks/a.md", 0)) == 5
        app.grid.move_to(Fault("tasks/a.md", 0))
        assert app.items[0].path == "tasks/a.md"


async def test_ages_come_from_history_where_files_do_not_say(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    folder = make(tmp_path / "v", {"planner.toml": CONFIG, "tasks/a.md": task("aaa111", "Alpha")})
    (folder / "tasks/a.md").write_text(task("aaa111", "Alpha", "doing"))
    git(folder, "-c", "user.name=Ana", "commit", "-qam", "begin", "--date", "2026-11-16T12:00:00+00:00")
    async with running(folder) as (app, pilot):
        await until(pilot, lambda: app.asked.since.get("tasks/a.md") == ("doing", TODAY - timedelta(days=9)))
        await until(pilot, lambda: "·9d" in screen(app))
        assert date(2026, 11, 16) == app.asked.since["tasks/a.md"][1]
