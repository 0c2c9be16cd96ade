from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.test_app import CONFIG, TODAY, at, commits, home, make, on, running, screen, task, until  # noqa: F401
from tui.calendar import CalendarPage, Day, More

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    many = {f"tasks/m{n}.md": task(f"mmm{n:03}", f"Many {n}", more="due: 2026-11-11\n") for n in range(12)}
    return make(
        tmp_path / "vault",
        {
            "planner.toml": CONFIG,
            "tasks/a.md": task("aaa111", "Alpha", more="due: 2026-11-27 09:30\n"),
            "tasks/b.md": task("bbb222", "Beta", more="scheduled: 2026-11-26\ndue: 2026-12-30\n"),
            "tasks/c.md": task("ccc333", "Gamma", "done", more="completed: 2026-11-16 10:00\n"),
            **many,
        },
    )


def day(app: object) -> date | None:
    return app.page.day_at(app.grid.cursor)  # type: ignore[attr-defined, no-any-return]


async def test_a_month_fills_the_view_and_the_cursor_stands_on_today(folder: Path) -> None:
    async with running(folder, (160, 45), view="calendar") as (app, pilot):
        await until(pilot, lambda: day(app) == TODAY)
        shown = screen(app)
        assert all(text in shown for text in ("November 2026", "25 today", "09:30 Alpha", "▸ Beta", "✓Gamma", "more"))
        assert isinstance(app.page, CalendarPage)
        assert sum(isinstance(slot, More) for slot in app.page._now.stack.where) == 1


async def test_arrows_go_from_day_to_day_and_over_the_edge_of_the_month(folder: Path) -> None:
    async with running(folder, (160, 45), view="calendar") as (app, pilot):
        await until(pilot, lambda: day(app) == TODAY)
        await pilot.press("l")
        assert day(app) == date(2026, 11, 26)
        app.grid.move_to(Day(date(2026, 12, 2)))
        await pilot.press("j")
        await until(pilot, lambda: "December 2026" in screen(app) and day(app) == date(2026, 12, 9))
        app.grid.move_to(Day(date(2026, 12, 7)))
        await pilot.press("less_than_sign")
        await until(pilot, lambda: "November 2026" in screen(app))


async def test_what_is_added_on_a_day_is_due_on_it_unless_it_says_another(folder: Path) -> None:
    async with running(folder, (160, 45), view="calendar") as (app, pilot):
        await until(pilot, lambda: day(app) == TODAY)
        app.grid.move_to(Day(date(2026, 11, 20)))
        await pilot.press("a", *"Call home")
        await until(pilot, lambda: "add on 20 Nov" in screen(app) and "due 2026-11-20" in screen(app))
        await pilot.press("enter")
        await until(pilot, lambda: commits(folder) == 2 and app.settled and "Call home" in screen(app))
        await pilot.press("a", *"Write due:2026-11-23", "enter")
        await until(pilot, lambda: commits(folder) == 3 and app.settled)
        due = {item.title: item.fields.get("due") for item in app.session.vault.items}
        assert (due["Call home"], due["Write"]) == (date(2026, 11, 20), date(2026, 11, 23))


async def test_time_keys(folder: Path) -> None:
    async with running(folder, (160, 45), view="calendar") as (app, pilot):
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "December 2026" in screen(app) and "T today" in screen(app))
        await pilot.press("T")
        await until(pilot, lambda: day(app) == TODAY and "November 2026" in screen(app))
        await pilot.press("plus")
        await until(pilot, lambda: "23 to 29 Nov 2026" in screen(app) and day(app) == TODAY)
        await pilot.press("enter")
        await until(pilot, lambda: "November 2026" in screen(app) and day(app) == TODAY)
        await pilot.press("g", "D", *"dec 24", "enter")
        await until(pilot, lambda: day(app) == date(2026, 12, 24))
        await pilot.press("g", "D", *"32 foo", "enter")
        await until(pilot, lambda: app.screen_stack[1:] == [])
        assert day(app) == date(2026, 12, 24)


async def test_an_item_is_put_a_day_later_and_its_time_stays(folder: Path) -> None:
    async with running(folder, (160, 45), view="calendar") as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("L")
        await until(pilot, lambda: "due: 2026-11-28T09:30" in (folder / "tasks/a.md").read_text())
        await until(pilot, lambda: at(app) == "tasks/a.md" and day(app) == date(2026, 11, 28))
        on(app, "tasks/b.md")
        await pilot.press("H")
        await until(pilot, lambda: "scheduled: 2026-11-25" in (folder / "tasks/b.md").read_text())
        on(app, "tasks/c.md")
        await pilot.press("L")
        await until(pilot, lambda: "no date of its own" in app.query_one("#said").left.plain)  # type: ignore[attr-defined]
        await until(pilot, lambda: commits(folder) == 3)


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (60, 20), (80, 24), (100, 30), (240, 60)])
@pytest.mark.parametrize("zoom", [0, 1])
async def test_every_size_shows_every_day(folder: Path, size: tuple[int, int], zoom: int) -> None:
    async with running(folder, size, view="calendar") as (app, pilot):
        await pilot.press(*["plus"] * zoom)
        await until(pilot, lambda: app.settled and app.asked.zoom == zoom)
        days = {slot.day for slot in app.page._now.stack.where if isinstance(slot, Day)}
        assert len(days) == (7 if zoom else 42)
        for key in ("j", "l", "k", "h", "G", ["g", "g"][0], "g"):
            await pilot.press(key)
        assert app.is_running
        assert app.screen.query(Input).nodes == []
