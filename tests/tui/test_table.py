from __future__ import annotations

from pathlib import Path

import pytest

from planner.query.nodes import Sort
from tests.tui.test_app import CONFIG, at, home, make, on, running, said, screen, task, until  # noqa: F401

pytestmark = pytest.mark.usefixtures("home")

VIEWS = """
[views.mine]
query = "status:todo"
view = "list"
group = "project"
sort = "-title"
columns = ["id", "title", "priority"]

[views.bad]
query = "due<"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    return make(
        tmp_path / "vault",
        {
            "planner.toml": CONFIG + VIEWS,
            "tasks/a.md": task("aaa111", "Alpha", more="priority: low\nproject: web\ndue: 2026-11-27\n"),
            "tasks/b.md": task("bbb222", "Beta", more="priority: high\nproject: web\nassignee: ana\n"),
            "tasks/c.md": task("ccc333", "Gamma", "doing", more="project: shop\ntags: [x, y]\n"),
            "tasks/d.md": "---\nid: ddd444\ntitle: Delta\n",
        },
    )


def order(app: object) -> list[str]:
    drawn = [line for line in screen(app).splitlines() if any(name in line for name in ("Alpha", "Beta", "Gamma"))]
    return [next(name for name in ("Alpha", "Beta", "Gamma") if name in line) for line in drawn[:3]]


def head(app: object) -> list[str]:
    return screen(app).splitlines()[2].split("│")[0].split()


async def test_the_list_is_grouped_by_status_and_leaves_that_column_out(folder: Path) -> None:
    async with running(folder, (120, 30), view="list") as (app, _):
        assert head(app) == ["id", "title", "assignee", "due", "project", "tags"]
        shown = screen(app)
        assert all(text in shown for text in ("Todo 2", "Doing 1", "Not readable 1", "#x #y", "@ana", "Fri"))


@pytest.mark.parametrize(
    ("width", "columns"),
    [(40, ["id", "title", "due"]), (60, ["id", "title", "assignee", "due"]), (30, ["id", "title"])],
)
async def test_columns_give_way_where_it_is_narrow(folder: Path, width: int, columns: list[str]) -> None:
    async with running(folder, (width, 30), view="list") as (app, _):
        assert head(app) == columns
        assert all(len(line) == width for line in screen(app).splitlines())


async def test_a_sort_is_part_of_the_filter_and_turns_round(folder: Path) -> None:
    async with running(folder, (120, 30), view="list") as (app, pilot):
        await pilot.press("o", *"title", "enter")
        await until(pilot, lambda: app.settled and app.filter_text == "sort:title" and "title ↑" in screen(app))
        assert order(app) == ["Alpha", "Beta", "Gamma"]
        await pilot.press("o", *"title", "enter")
        await until(pilot, lambda: app.settled and "title ↓" in screen(app))
        assert order(app) == ["Gamma", "Beta", "Alpha"]
        assert app.asked.query.sort == (Sort("title", descending=True),)
        await pilot.press("o", *"as usual", "enter")
        await until(pilot, lambda: app.settled and app.filter_text == "")


async def test_groups_by_any_field(folder: Path) -> None:
    async with running(folder, (120, 30), view="list") as (app, pilot):
        await pilot.press("backslash", *"project", "enter")
        await until(pilot, lambda: app.settled and "web 2" in screen(app) and "shop 1" in screen(app))
        assert "project" not in head(app)
        await pilot.press("backslash", *"tags", "enter")
        await until(pilot, lambda: app.settled and "x 1" in screen(app) and "(no tags) 3" in screen(app))
        await pilot.press("backslash", *"none", "enter")
        await until(pilot, lambda: app.settled and "Todo 2" in screen(app))


async def test_columns_are_added_and_taken_away(folder: Path) -> None:
    async with running(folder, (160, 30), view="list") as (app, pilot):
        await pilot.press("p")
        await pilot.press("C", *"priority", "enter")
        await until(pilot, lambda: app.settled and "priority" in head(app) and "high" in screen(app))
        await pilot.press("C", *"tags", "enter")
        await until(pilot, lambda: app.settled and "tags" not in head(app))


async def test_a_saved_view_brings_its_own_query_groups_and_columns(folder: Path) -> None:
    async with running(folder, (120, 30)) as (app, pilot):
        await pilot.press("V", *"mine", "enter")
        await until(pilot, lambda: app.settled and app.asked.view == "list" and "web 2" in screen(app))
        assert head(app) == ["id", "title", "↓", "priority"]
        assert "Gamma" not in screen(app)
        assert order(app)[:2] == ["Beta", "Alpha"]
        await pilot.press("V", *"bad", "enter")
        await until(pilot, lambda: "expected" in said(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.settled and app.filter_text == "")


async def test_without_saved_views_it_is_said_how_to_make_one(folder: Path) -> None:
    (folder / "planner.toml").write_text(CONFIG)
    async with running(folder) as (app, pilot):
        await pilot.press("V")
        assert "[views.mine]" in said(app)


async def test_groups_fold_and_stay_folded_whatever_their_number(folder: Path) -> None:
    async with running(folder, (120, 30), view="list") as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("z")
        await until(pilot, lambda: app.settled and "▸ Todo 2" in screen(app))
        assert "Alpha" not in screen(app)
        assert "Gamma" in screen(app)
        (folder / "tasks/e.md").write_text(task("eee555", "Epsilon"), encoding="utf-8")
        await pilot.press("R")
        await until(pilot, lambda: app.settled and "▸ Todo 3" in screen(app))
        assert "Epsilon" not in screen(app)
        assert app.page.lane_of(app.grid.cursor) == app.grid.cursor  # on the heading, which says another number now
        await pilot.press("enter")
        await until(pilot, lambda: app.settled and "Alpha" in screen(app))
        assert {"Beta", "Epsilon"} <= {word for word in screen(app).split() if word in {"Beta", "Epsilon"}}


async def test_groups_whose_names_differ_by_case_only_stand_beside_each_other(folder: Path) -> None:
    (folder / "tasks/e.md").write_text(task("eee555", "Epsilon", more="project: Web\n"), encoding="utf-8")
    async with running(folder, (120, 30), view="list") as (app, pilot):
        await pilot.press("backslash", *"project", "enter")
        await until(pilot, lambda: app.settled and app.asked.lanes == "project" and "Shop" in screen(app).title())
        assert "Epsilon" in screen(app)
        assert "Alpha" in screen(app)
