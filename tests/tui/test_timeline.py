from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from planner.core.display import cell_width, display_text
from planner.plan.calendar import moment
from planner.plan.planned import planned
from planner.session import Session
from tests.tui.test_app import HOSTILE, at, git, make, running, said, screen, until
from tui import bars
from tui.app import PlannerApp
from tui.arrows import SIGNS
from tui.glyphs import ascii_text
from tui.keys import KEYS
from tui.own import read_own
from tui.timeline import LEGEND, TimelinePage, build_timeline

TODAY = date(2026, 11, 25)  # a Wednesday
CONFIG = """[vault]
format = 1
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-08"]
"""


def task(id_: str, title: str, more: str = "") -> str:
    return f"---\nid: {id_}\ntitle: '{title}'\n{more}\n---\n"


FILES = {
    "planner.toml": CONFIG,
    "projects/web/project.md": "---\nkind: project\ntitle: Web\ntarget_end: 2026-12-18\n---\n",
    "projects/web/a.md": task("aaa111", "Draft", "estimate: 2d\nassignee: ana"),
    "projects/web/b.md": task("bbb222", "Build", "estimate: 3d\ndepends_on: [aaa111]\nassignee: bo"),
    "projects/web/c.md": task("ccc333", "Check", "estimate: 1d\ndeadline: 2026-12-04\nparent: bbb222x"),
    "projects/web/m.md": task("mmm444", "Shipped", "kind: milestone\ndepends_on: [bbb222, ccc333]"),
    "tasks/p.md": task("ppp555", "Parent"),
    "tasks/q.md": task("qqq666", "Part", "parent: ppp555\nestimate: 1d\ngoal: fame"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "vault"
    place.mkdir()
    return make(place, FILES)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)


@asynccontextmanager
async def on_timeline(
    folder: Path, size: tuple[int, int] = (120, 30), cursor: str = "projects/web/a.md"
) -> AsyncIterator[tuple[PlannerApp, Pilot[int], TimelinePage]]:
    """The timeline with the cursor on a row."""
    async with running(folder, size, view="timeline") as (app, pilot):
        await settled(app, pilot)
        if cursor:
            app.grid.move_to(cursor)
            await pilot.pause()
        yield app, pilot, page(app)


def page(app: PlannerApp) -> TimelinePage:
    assert isinstance(app.page, TimelinePage)
    return app.page


async def settled(app: PlannerApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: app.settled)
    await pilot.pause()


async def press(app: PlannerApp, pilot: Pilot[int], *keys: str) -> None:
    """Press keys and wait until what they ask for is shown and committed."""
    await pilot.press(*keys)
    await settled(app, pilot)


def line_of(app: PlannerApp, title: str) -> str:
    return next(line for line in screen(app).splitlines() if title in line)


def bar_of(app: PlannerApp, title: str) -> str:
    """What stands at the right of a row."""
    return line_of(app, title).partition("│")[2]


def header(folder: Path, path: str) -> str:
    return (folder / path).read_text(encoding="utf-8")


def subject(folder: Path) -> str:
    return git(folder, "log", "-1", "--format=%s").strip()


# What is drawn.


async def test_the_tree_the_bars_and_the_scale(folder: Path) -> None:
    async with on_timeline(folder) as (app, _, now):
        text = screen(app)
        assert "Nov 2026" in text
        assert "▼" in text
        assert [row.title for row in now.rows] == [
            "Web", "Check", "Draft", "Build", "Shipped", "(no project)", "Parent", "Part",
        ]  # fmt: skip
        assert "▓▓" in bar_of(app, "Draft")
        assert "▒" in bar_of(app, "Check")
        assert "◆" in bar_of(app, "Shipped")
        assert "╷" in bar_of(app, "Check")
        assert "▬▬" in bar_of(app, "Web")
        assert "load ana" in text
        assert "critical" in text


async def test_the_arrows_of_the_row_under_the_cursor_lead_to_what_it_waits_for(folder: Path) -> None:
    async with on_timeline(folder, cursor="projects/web/c.md") as (app, pilot, _):
        assert "▶" in bar_of(app, "Shipped") or "─" in bar_of(app, "Shipped")
        before = bar_of(app, "Shipped")
        app.grid.move_to("tasks/q.md")
        await pilot.pause()
        assert bar_of(app, "Shipped") != before


async def test_every_line_is_as_wide_as_the_screen_at_every_size(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        for size in [(40, 12), (59, 20), (80, 24), (99, 24), (100, 30), (160, 45), (240, 60)]:
            await pilot.resize_terminal(*size)
            await settled(app, pilot)
            assert {cell_width(line) for line in screen(app).splitlines()} == {size[0]}
            assert "Draft" in screen(app)
            assert ("slk │" in screen(app)) == (size[0] >= 100)
            assert page(app).scale.width >= 20


async def test_hostile_titles_are_shown_as_typed(folder: Path) -> None:
    for number, title in enumerate(HOSTILE):
        (folder / f"tasks/h{number}.md").write_text(
            f"---\nid: hhh{number}\nestimate: 1d\n---\n# {title}\n", encoding="utf-8", newline=""
        )
    async with on_timeline(folder, (190, 60)) as (app, _, now):
        for number in range(len(HOSTILE)):
            assert display_text(now.rows[now.lines[f"tasks/h{number}.md"]].title) in screen(app)
        assert "\x1b" not in screen(app)


async def test_a_vault_without_work_and_a_filter_without_a_find_say_so(tmp_path: Path) -> None:
    empty = make(tmp_path, {"planner.toml": CONFIG})
    async with on_timeline(empty, cursor="") as (app, _, _now):
        assert "nothing yet: a adds something" in screen(app)


async def test_without_colour_everything_is_still_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_timeline(folder) as (app, _, _now):
        assert "▓▓" in bar_of(app, "Draft")
        assert "░░" in bar_of(app, "Part")


def test_in_ascii_every_sign_of_the_legend_is_another_one() -> None:
    signs = [ascii_text(sign) for sign, _, _ in LEGEND]
    assert len({*signs}) == len(signs)
    assert "?" not in ascii_text(bars.PARTS + bars.LEVELS + bars.WAS_MILESTONE + bars.EARLIER + bars.LATER + bars.HERE)
    assert "?" not in ascii_text("".join(SIGNS) + "▶◀")


async def test_in_ascii_the_timeline_is_ascii(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config/planner").mkdir(parents=True)
    (tmp_path / "config/planner/config.toml").write_text('glyphs = "ascii"\n', encoding="utf-8")
    with Session.open(folder, today=TODAY) as session:
        app = PlannerApp(session, watch=False, view="timeline", own=read_own())
        async with app.run_test(size=(120, 30)) as pilot:
            await settled(app, pilot)
            shown = "\n".join(strip.text for strip in app.grid.render_lines(app.grid.size.region))
            assert shown.isascii()
            assert "==" in shown


# The keys of looking.


async def test_plus_and_minus_zoom_and_every_zoom_says_what_a_cell_is(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        seen = []
        await pilot.press("+")
        for _ in range(5):
            await pilot.pause()
            seen.append(now.scale.zoom.name)
            assert f"zoom {now.scale.zoom.name} ({now.scale.zoom.says})" in screen(app)
            await pilot.press("-")
        assert seen == ["day", "week", "month", "quarter", "year"]
        assert app.settled


async def test_angle_brackets_pan_and_today_comes_back(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        left = now.scale.left
        await pilot.press(">", ">")
        assert now.scale.left == left + 14 * 1440
        await pilot.press("<")
        assert now.scale.left == left + 7 * 1440
        await pilot.press("T")
        assert now.scale.left == left
        assert app.settled


async def test_a_date_and_a_bar_come_into_view(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        await pilot.press("g", "D", *"2027-03-01", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert 0 <= now.scale.cell(moment(date(2027, 3, 1))) < now.scale.width
        assert "◂" in bar_of(app, "Draft")
        await pilot.press("g", "x")
        await pilot.pause()
        assert "▓" in bar_of(app, "Draft")


async def test_the_window_is_kept_over_another_view_and_a_change(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        await pilot.press("-", ">")
        left = now.scale.left
        await press(app, pilot, "3")
        await press(app, pilot, "4")
        assert page(app).scale.zoom.name == "month"
        assert page(app).scale.left == left


async def test_the_critical_path_can_be_left_out(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await pilot.press("C")
        await pilot.pause()
        assert "▒▒" in bar_of(app, "Draft")
        assert "critical path off" in screen(app)


async def test_a_page_that_was_never_drawn_hands_on_no_window(folder: Path) -> None:
    async with running(folder, (120, 30)) as (app, _):
        asked = replace(app.asked, view="timeline")
        first, then = build_timeline(asked), build_timeline(asked)
        then.following(first)
        then.layout(120, 20, None)
        assert 0 <= then.scale.cell(moment(TODAY)) < then.scale.width


async def test_z_folds_a_row_and_big_z_all(folder: Path) -> None:
    async with on_timeline(folder, cursor="tasks/q.md") as (app, pilot, _):
        await press(app, pilot, "z")
        assert at(app) == "tasks/p.md"
        assert "Part" not in [row.title for row in page(app).rows]
        await press(app, pilot, "z")
        assert "Part" in [row.title for row in page(app).rows]
        await press(app, pilot, "Z")
        await press(app, pilot, "Z") if not app.asked.folded else None
        assert [row.title for row in page(app).rows] == ["Web", "(no project)"]
        assert "4 rows" in line_of(app, "Web")
        await press(app, pilot, "Z")
        assert len(page(app).rows) == 8


async def test_lanes_by_person_and_goal(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, "\\")
        assert "ana" in [row.title for row in page(app).rows if row.kind == "group"]
        await press(app, pilot, "\\")
        assert "fame" in [row.title for row in page(app).rows if row.kind == "group"]
        await press(app, pilot, "\\")
        assert page(app).rows[0].title == "Web"


async def test_a_filter_keeps_the_rows_above_what_it_finds(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await pilot.press("/", *"part", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1 and app.settled)
        assert [row.title for row in page(app).rows] == ["(no project)", "Parent", "Part"]


# The keys that change the plan.


async def test_l_and_h_move_a_bar_by_a_working_day_and_say_what_they_push(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, "L")
        assert "scheduled: 2026-11-26\n" in header(folder, "projects/web/a.md")
        assert said(app).startswith(" aaa111 +1d · pushes bbb222 +1d, mmm444 +1d · the end goes from 1 Dec to 2 Dec")
        assert "▁" in bar_of(app, "Draft")
        await press(app, pilot, "L", "L")
        assert "scheduled: 2026-11-30\n" in header(folder, "projects/web/a.md")
        await press(app, pilot, "H")
        assert "scheduled: 2026-11-27\n" in header(folder, "projects/web/a.md")
        await press(app, pilot, "j")
        assert "▁" not in bar_of(app, "Draft")


async def test_what_cannot_start_earlier_says_so(folder: Path) -> None:
    async with on_timeline(folder, cursor="projects/web/b.md") as (app, pilot, _):
        await press(app, pilot, "H")
        await until(pilot, lambda: "nothing moves" in said(app))


async def test_a_unit_of_the_zoom_is_moved(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, "-", "L")
        assert "scheduled: 2026-12-02\n" in header(folder, "projects/web/a.md")
        await press(app, pilot, "+", "+", "L")
        assert "scheduled: 2026-12-02T10:00\n" in header(folder, "projects/web/a.md")


async def test_brackets_move_the_end(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, ")")
        assert "estimate: 3d\n" in header(folder, "projects/web/a.md")
        await press(app, pilot, "(", "(")
        assert "estimate: 1d\n" in header(folder, "projects/web/a.md")
        await pilot.press("(")
        await until(pilot, lambda: "no length left" in said(app))


async def test_marked_bars_move_together_as_one_change(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        app.grid.mark(frozenset({"projects/web/a.md", "tasks/q.md"}))
        commits = git(folder, "rev-list", "--count", "HEAD")
        await press(app, pilot, "L")
        assert "scheduled: 2026-11-26\n" in header(folder, "projects/web/a.md")
        assert "scheduled: 2026-11-26\n" in header(folder, "tasks/q.md")
        assert int(git(folder, "rev-list", "--count", "HEAD")) == int(commits) + 1


async def test_b_twice_links_two_bars_and_again_parts_them(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await pilot.press("b")
        assert "what waits for aaa111?" in said(app)
        app.grid.move_to("tasks/q.md")
        await press(app, pilot, "b")
        assert "depends_on: [aaa111]" in header(folder, "tasks/q.md")
        assert "pushes" in said(app) or "qqq666 +2d" in said(app)
        app.grid.move_to("projects/web/a.md")
        await pilot.press("b")
        app.grid.move_to("tasks/q.md")
        await press(app, pilot, "b")
        assert "depends_on" not in header(folder, "tasks/q.md")


async def test_two_marked_bars_are_linked_at_once_and_a_circle_is_refused(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        app.grid.mark(frozenset({"projects/web/c.md", "projects/web/b.md"}))
        await press(app, pilot, "b")
        assert "ccc333" in header(folder, "projects/web/b.md")
        await pilot.press("escape")
        app.grid.move_to("projects/web/m.md")
        await pilot.press("b")
        app.grid.move_to("projects/web/a.md")
        await pilot.press("b")
        await until(pilot, lambda: "circle" in said(app))


async def test_escape_forgets_a_link(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await pilot.press("b", "escape", "j", "b")
        assert "what waits for" in said(app)


async def test_what_if_is_dropped_without_a_trace(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        before, text = git(folder, "rev-parse", "HEAD"), header(folder, "projects/web/a.md")
        await press(app, pilot, "W")
        await press(app, pilot, "L", "L", ")")
        assert "WHAT-IF 3 changes" in screen(app)
        assert "▁" in bar_of(app, "Build")
        assert git(folder, "rev-parse", "HEAD") == before
        await press(app, pilot, "u")
        assert "WHAT-IF 2 changes" in screen(app)
        await press(app, pilot, "escape")
        assert "WHAT-IF" not in screen(app)
        assert header(folder, "projects/web/a.md") == text
        assert "▁" not in bar_of(app, "Build")


async def test_what_if_is_kept_as_one_change(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        commits = int(git(folder, "rev-list", "--count", "HEAD"))
        await press(app, pilot, "W", "L", ")")
        app.grid.move_to("tasks/q.md")
        await press(app, pilot, "L")
        await press(app, pilot, "W")
        assert subject(folder) == "replan: 3 changes"
        assert int(git(folder, "rev-list", "--count", "HEAD")) == commits + 1
        assert "estimate: 3d" in header(folder, "projects/web/a.md")
        assert "scheduled: 2026-11-26" in header(folder, "tasks/q.md")
        await press(app, pilot, "u")
        assert "scheduled" not in header(folder, "tasks/q.md")


async def test_what_others_save_meanwhile_is_in_a_what_if_too(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, "W", "L")
        other = folder / "tasks/q.md"
        other.write_text(other.read_text(encoding="utf-8").replace("Part", "Piece"), encoding="utf-8")
        await press(app, pilot, "R")
        await until(pilot, lambda: "Piece" in screen(app))
        assert "WHAT-IF 1 changes" in screen(app)
        await press(app, pilot, "W")
        assert "scheduled: 2026-11-26" in header(folder, "projects/web/a.md")


# The mouse.


async def drag(app: PlannerApp, pilot: Pilot[int], key: str, x: int, to: int, *, drop: bool = True) -> None:
    """Pull from one cell of a row's bar to another."""
    now = page(app)
    left = app.grid.region.x + now.pane + 1
    y = app.grid.region.y + now.header_height + now.lines[key]
    await pilot.mouse_down(offset=(left + x, y))
    await pilot._post_mouse_events([events.MouseMove], offset=(left + to, y), button=1)
    await until(pilot, lambda: bool(now.nudged) or not drop)
    if drop:
        await pilot.mouse_up(offset=(left + to, y))
        await settled(app, pilot)


async def test_a_bar_is_dragged_with_a_preview_of_what_it_pushes(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        x = now.scale.cell(moment(TODAY))
        await drag(app, pilot, "projects/web/a.md", x, x + 5)
        assert "scheduled: 2026-11-30\n" in header(folder, "projects/web/a.md")
        assert "pushes bbb222 +3d" in said(app)


async def test_the_end_of_a_bar_is_dragged(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        x = now.scale.cell(moment(TODAY)) + 1
        await drag(app, pilot, "projects/web/a.md", x, x + 1)
        assert "estimate: 3d\n" in header(folder, "projects/web/a.md")


async def test_pulling_beside_a_bar_does_nothing(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, now):
        x = now.scale.cell(moment(TODAY)) + 20
        await drag(app, pilot, "projects/web/a.md", x, x + 5, drop=False)
        await pilot.pause()
        assert now.nudged == {}


# The rest.


async def test_a_row_opens_and_its_item_is_shown(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await pilot.press("enter")
        await pilot.pause()
        assert app.opened


async def test_the_usual_keys_work_on_a_bar(folder: Path) -> None:
    async with on_timeline(folder) as (app, pilot, _):
        await press(app, pilot, "x")
        assert "status: done" in header(folder, "projects/web/a.md")
        assert planned(app.vault, TODAY).dates["projects/web/b.md"].start


def test_every_key_of_the_timeline_is_pressed_in_this_file() -> None:
    """A key of the table without a test here is one nobody has tried."""
    source = Path(__file__).read_text(encoding="utf-8")
    pressed = set(re.findall(r'"(\S+?)"', source)) | {"g x"}
    missing = [key.id for key in KEYS if key.id.startswith("bar.") and not pressed.intersection(_strokes(key.keys[0]))]
    assert missing == []


def _strokes(chord: str) -> Mapping[str, None]:
    return dict.fromkeys([chord, chord.replace("\\", "\\\\")])
