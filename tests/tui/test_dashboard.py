"""The dashboard on the screen: one column or two, every row an item to open, the same at every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.core.display import cell_width, display_text
from tests.tui.test_app import HOSTILE, at, git, home, make, on, running, screen, until  # noqa: F401
from tests.views.test_dashboard import TEXTS
from tui.dashboard import DashboardPage
from tui.lists import Heading

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    return make(folder, TEXTS)


def place(text: str, part: str) -> tuple[int, int]:
    """The line and the column at which a text stands."""
    return next((y, line.index(part)) for y, line in enumerate(text.splitlines()) if part in line)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (119, 30), (120, 30), (160, 45), (240, 60)])
async def test_it_fits_every_screen(vault: Path, size: tuple[int, int]) -> None:
    async with running(vault, size, view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        text = screen(app)
        assert {cell_width(line) for line in text.splitlines()} == {size[0]}
        assert "inbox 1 · todo 4 · doing 1 · done 1"[: size[0] - 8] in text
        assert "Projects 1" in text
        assert "W48   0" in text


async def test_lists_stand_side_by_side_where_there_is_room(vault: Path) -> None:
    async with running(vault, (160, 45), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        text = screen(app)
        assert place(text, "Projects 1")[0] == place(text, "Overdue 1")[0]
        assert place(text, "Overdue 1")[1] > 70
        assert "at risk" in text
        assert "+1d late" in text
        assert "7 of 7 · 1 overdue · 3 blocked · 2 due this week" in text
        on(app, "projects/web/project.md")
        await pilot.press("l")
        assert at(app) == "projects/web/a.md"
        await pilot.resize_terminal(100, 40)
        await until(pilot, lambda: app.settled and place(screen(app), "Overdue 1")[1] < 10)
        assert place(screen(app), "Overdue 1")[0] > place(screen(app), "Projects 1")[0]
        assert at(app) == "projects/web/a.md"


async def test_enter_opens_a_row_and_keys_change_its_item(vault: Path) -> None:
    async with running(vault, (160, 45), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        on(app, "projects/web/a.md")
        await pilot.press("x")
        await until(pilot, lambda: app.settled and app.bridge.idle and "Overdue 1" not in screen(app))
        assert "todo 3 · doing 1 · done 2" in screen(app)
        on(app, "risks/r.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.opened and app.pane.path == "risks/r.md")


async def test_a_heading_is_nothing_to_mark(vault: Path) -> None:
    async with running(vault, (160, 45), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        await pilot.press("*")
        assert app.grid.marks
        assert not any(isinstance(slot, Heading) for slot in app.grid.marks)


async def test_what_was_finished_comes_from_history(vault: Path) -> None:
    for path in ("tasks/today.md", "tasks/d.md"):
        (vault / path).write_text(TEXTS[path].replace("title:", "status: done\ntitle:"), encoding="utf-8")
    git(vault, "commit", "-qam", "done", "--date", "2026-11-24T10:00:00+00:00")
    async with running(vault, (120, 30)) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "W48 █ 2" in screen(app))
        assert "W47   0" in screen(app)
        await pilot.press("slash", *"id:d", "enter")
        await until(pilot, lambda: "W48 █ 1" in screen(app))


async def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    late = {f"tasks/t{n}.md": f"---\nid: t{n}\ntitle: Task {n}\ndue: 2026-11-{10 + n}\n---\n" for n in range(11)}
    async with running(make(tmp_path, {"planner.toml": "", **late}), (80, 30), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        assert "Overdue 11" in screen(app)
        assert "Task 7" in screen(app)
        assert "Task 8" not in screen(app)
        assert "… and 3 more" in screen(app)


async def test_hostile_titles_are_shown_as_typed(vault: Path) -> None:
    for number, title in enumerate(HOSTILE):
        (vault / f"risks/h{number}.md").write_text(
            f"---\nid: H-{number}\nkind: risk\nprobability: 5\nimpact: 5\n---\n# {title}\n",
            encoding="utf-8",
            newline="",
        )
    async with running(vault, (200, 45), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled and app.bridge.idle)
        for number in range(len(HOSTILE)):
            item = app.vault.get(f"H-{number}")
            assert item is not None
            assert display_text(item.title) in screen(app)


async def test_an_empty_plan_says_how_it_grows(tmp_path: Path) -> None:
    async with running(make(tmp_path, {"planner.toml": ""}), (80, 24), view="dashboard") as (app, pilot):
        await until(pilot, lambda: app.settled)
        assert isinstance(app.page, DashboardPage)
        assert "This plan is empty" in screen(app)
