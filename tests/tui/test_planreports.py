from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from planner.core.display import cell_width, display_text
from planner.views.roadmap import roadmap
from tests.tui.release import with_baseline
from tests.tui.test_app import HOSTILE, at, make, running, screen, until
from tests.views.test_timeline import PROJECT, drawn, tree, vault
from tui.timeline import TimelinePage

RISKS = {
    "projects/sync/r1.md": "---\nid: R-1\nkind: risk\ntitle: Disk is slow\nprobability: 4\nimpact: 5\nresponse: mitigate\n"
    "cost_impact: 1000 EUR\nresidual: 6\n---\n",
    "projects/sync/r2.md": "---\nid: R-2\nkind: risk\ntitle: Rain\nprobability: 1\nimpact: 2\nresponse: accept\n---\n",
    "tasks/n.md": "---\nid: N-1\ntitle: Nobody does this\nscheduled: 2026-12-01\nestimate: 3h\n---\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    place = tmp_path / "vault"
    place.mkdir()
    return make(place, {**with_baseline(), **RISKS})


def line(text: str, part: str) -> str:
    return next(one for one in text.splitlines() if part in one)


async def shown(folder: Path, view: str, size: tuple[int, int] = (140, 40)) -> str:
    """A view, drawn; every line of it as wide as the screen."""
    async with running(folder, size, view=view) as (app, pilot):
        await until(pilot, lambda: app.settled)
        text = screen(app)
        assert {cell_width(one) for one in text.splitlines()} == {size[0]}
        return text


async def test_the_workload_says_who_has_too_much_and_of_what(folder: Path) -> None:
    text = await shown(folder, "workload")
    assert "W48" in text
    assert "%" in line(text, "Kim")
    assert "Nobody does it 1" in text
    assert "3.0h" in line(text, "N-1")
    over = [one for one in text.splitlines() if "%!" in one]
    assert bool(over) == ("0 weeks with too much" not in text)


async def test_the_matrix_holds_open_risks_by_likelihood_and_impact(folder: Path) -> None:
    text = await shown(folder, "risks")
    assert "R-1" in line(text, "4   │")
    assert line(text, "4   │").index("R-1") == text.splitlines()[2].index("impact 5")
    assert "R-2" in line(text, "1   │")
    assert "20 critical → 6" in line(text, "Disk is slow")
    assert "contingency 700 EUR" in text


async def test_the_comparison_says_what_is_later_than_agreed(folder: Path) -> None:
    text = await shown(folder, "compare")
    assert "since agreed of 20 Nov" in text
    assert "+2d late" in line(text, "Keyring") or "late" in line(text, "Keyring")
    assert "New 1" in text


async def test_without_a_baseline_the_comparison_says_how_to_make_one(tmp_path: Path) -> None:
    text = await shown(make(tmp_path, {"planner.toml": ""}), "compare")
    assert "planner plan baseline NAME" in text


async def test_the_roadmap_shows_projects_and_milestones_over_quarters(folder: Path) -> None:
    async with running(folder, (140, 40), view="roadmap") as (app, pilot):
        await until(pilot, lambda: app.settled)
        page = app.page
        assert isinstance(page, TimelinePage)
        assert page.scale.zoom.name == "quarter"
        assert {row.kind for row in page.rows} == {"group", "milestone"}
        await pilot.press("-")
        await pilot.press("4")
        await until(pilot, lambda: app.settled and app.page is not page)
        assert isinstance(app.page, TimelinePage)
        assert app.page.scale.zoom.name == "week"


def test_the_roadmap_of_a_timeline() -> None:
    tasks: Mapping[str, str] = {
        "a": "title: Part\nproject: web\nestimate: 1d",
        "b": "title: Whole\nproject: web",
        "c": "title: Out\nkind: milestone\nproject: web\nparent: b\ndepends_on: [a]",
    }
    view = roadmap(drawn(vault(tasks, **PROJECT)))
    assert tree(view) == ["Web", "  Out"]
    assert view.rows[0].inside == 1
    assert tree(view, "projects/web/project.md") == ["Web"]


async def test_every_report_fits_every_screen(folder: Path) -> None:
    async with running(folder, (140, 40), view="workload") as (app, pilot):
        for view in ("workload", "roadmap", "risks", "compare"):
            app.action_view(view)
            for size in [(40, 12), (80, 24), (240, 60)]:
                await pilot.resize_terminal(*size)
                await until(pilot, lambda: app.settled and app.page.asked.view == app.asked.view)
                await pilot.pause()
                assert {cell_width(one) for one in screen(app).splitlines()} == {size[0]}


@pytest.mark.parametrize("view", ["workload", "risks", "compare"])
async def test_an_empty_vault_reports_nothing(tmp_path: Path, view: str) -> None:
    assert await shown(make(tmp_path, {"planner.toml": ""}), view)


async def test_hostile_titles_are_shown_as_typed(folder: Path) -> None:
    for number, title in enumerate(HOSTILE):
        (folder / f"projects/sync/h{number}.md").write_text(
            f"---\nid: H-{number}\nkind: risk\nprobability: 4\nimpact: 5\n---\n# {title}\n",
            encoding="utf-8",
            newline="",
        )
    async with running(folder, (200, 40), view="risks") as (app, pilot):
        await until(pilot, lambda: app.settled)
        for number in range(len(HOSTILE)):
            item = app.vault.get(f"H-{number}")
            assert item is not None
            assert display_text(item.title) in screen(app)


async def test_a_row_of_a_report_opens_its_item(folder: Path) -> None:
    async with running(folder, (140, 40), view="risks") as (app, pilot):
        await until(pilot, lambda: app.settled and app.grid.cursor is not None)
        app.grid.move_to("projects/sync/r2.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.opened and app.pane.whole)
        assert at(app) == "projects/sync/r2.md"
