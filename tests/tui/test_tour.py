"""A tour of the screen and a newcomer's first task: both are played, checked at every step, and kept for the documents."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rich.color import ColorSystem
from textual.pilot import Pilot

from planner.cli.app import main
from planner.core.ids import is_own_id
from planner.session import Session
from planner.store.demo import build, find_sample
from tests.tui.test_app import git, head, home, screen, until  # noqa: F401
from tui.app import PlannerApp

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 25)
TOUR = ROOT / "tests/tui/pictures/tour.cast"
FIRST = ROOT / "tui/FIRST-TASK.md"
WRITE = os.environ.get("PLANNER_PICTURES") == "write"
SIZE = (100, 30)

pytestmark = pytest.mark.usefixtures("home")

STEPS: list[tuple[tuple[str, ...], float, Callable[[PlannerApp], bool]]] = [
    ((), 1.5, lambda app: "DOING" in screen(app)),
    (("l", "l", "j"), 1.0, lambda app: "cbd9q2" in screen(app)),
    (("slash", *"@bo "), 1.5, lambda app: app.filter_text.strip() == "@bo" and app.settled),
    (("enter",), 1.0, lambda app: len(app.screen_stack) == 1 and "/ @bo" in screen(app)),
    (("L",), 2.0, lambda app: "u undo" in screen(app) and app.settled),
    (("u",), 2.0, lambda app: "undo: move" in screen(app) and app.settled),
    (("escape", "enter"), 1.5, lambda app: app.opened and app.pane.whole),
    (("tab",) * 8, 1.0, lambda app: app.pane.spot is not None),
    (("q", "5"), 2.0, lambda app: app.asked.view == "calendar" and app.settled),
    (("6", "backslash", *"project", "enter"), 2.0, lambda app: app.asked.lanes == "project" and app.settled),
    (("ctrl+p", *"fair opens"), 1.5, lambda app: "The fair opens" in screen(app)),
    (("escape", "question_mark"), 2.0, lambda app: "Keys" in screen(app)),
    (("escape",), 1.0, lambda app: len(app.screen_stack) == 1),
]
"""Strokes, the seconds a reader needs to see what they did, and what must be true then."""


def frame(app: PlannerApp) -> str:
    """The screen as a terminal gets it."""
    lines = [
        "".join(
            one.style.render(one.text, color_system=ColorSystem.TRUECOLOR) if one.style else one.text for one in strip
        )
        for strip in app.screen._compositor.render_strips()
    ]
    return "\x1b[H" + "\r\n".join(lines)


async def test_the_tour_goes_as_it_is_told(tmp_path: Path) -> None:
    folder = build(find_sample(), tmp_path / "demo", TODAY)
    cast = [json.dumps({"version": 2, "width": SIZE[0], "height": SIZE[1], "title": "planner"})]
    before, at = git(folder, "rev-parse", "HEAD"), 0.0
    with Session.open(folder, today=TODAY) as session:
        app = PlannerApp(session, watch=False)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: bool(app.git.branch and app.settled and app.asked.since))
            for keys, seconds, holds in STEPS:
                await pilot.press(*keys)
                await until(pilot, lambda holds=holds: holds(app))  # type: ignore[misc]
                cast.append(json.dumps([round(at, 1), "o", frame(app)]))
                at += seconds
    assert git(folder, "diff", before.strip(), "HEAD") == ""
    if WRITE:
        TOUR.write_text("\n".join(cast) + "\n", encoding="utf-8")
    kept = TOUR.read_text(encoding="utf-8").splitlines()
    assert len(kept) == len(cast)
    assert [json.loads(line)[0] for line in kept[1:]] == [json.loads(line)[0] for line in cast[1:]]


async def first_task(pilot: Pilot[int], app: PlannerApp, folder: Path) -> list[tuple[str, str]]:
    """The steps on the screen, each with what it then shows."""
    shown = []

    async def step(what: str, *keys: str, holds: Callable[[], bool]) -> None:
        await pilot.press(*keys)
        await until(pilot, holds)
        shown.append((what, screen(app)))

    await step("`planner` opens the board; it is empty and says so.", holds=lambda: "This plan is empty" in screen(app))
    await step("Press `a` and write it down in your own words.", "a", *"water the plants fri #home !high",
               holds=lambda: "due 2026-11-27" in screen(app) and len(app.screen_stack) > 1)  # fmt: skip
    await step("Press `enter`: it is a card, a file and a commit.", "enter",
               holds=lambda: head(folder).startswith("add ") and "water the plants" in screen(app) and app.settled)  # fmt: skip
    await step("Press `L`: the card is one column on.", "L",
               holds=lambda: head(folder).endswith("inbox → todo") and app.settled and "committed" in screen(app))  # fmt: skip
    return shown


async def test_a_newcomer_gets_from_the_readme_to_a_task_moved_on_the_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the README says to type is typed: init, then the screen; nothing else is known to the newcomer."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "planner init" in readme
    folder = tmp_path / "plan"
    assert main(["init", str(folder), "--yes"]) == 0
    told = capsys.readouterr().out
    git(folder, "branch", "-m", "main")
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.org")
    with Session.open(folder, today=TODAY) as session:
        app = PlannerApp(session, watch=False)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: bool(app.git.branch and app.settled))
            shown = await first_task(pilot, app, folder)
        (item,) = [one for one in session.vault.items if one.title == "water the plants"]
    assert (item.status, str(item.due), item.tags, item.priority) == ("todo", "2026-11-27", ("home",), "high")
    assert is_own_id(item.id)
    page = _page(told.replace(str(folder), "~/plan"), shown, item.id)
    if WRITE:
        FIRST.write_text(page, encoding="utf-8")
    assert _kept(page) == _kept(FIRST.read_text(encoding="utf-8"))


def _page(told: str, shown: list[tuple[str, str]], id_: str) -> str:
    """The document: each step, and under it the screen as it was then."""
    parts = [
        "# From nothing to a task on the board",
        "Made by a test that types what stands here; `make pictures` writes it anew.",
        "```console\n$ planner init ~/plan --yes\n" + re.sub(r"\b[0-9a-f]{7}\b", "c0ffee1", told).rstrip() + "\n```",
    ]
    for number, (what, drawn) in enumerate(shown, 1):
        lines = "\n".join(line.rstrip() for line in drawn.splitlines()).rstrip()
        lines = lines.replace(id_[:3] + " ", "k7f ").replace(id_, "k7f3qx")
        parts.append(f"{number}. {what}\n\n```text\n{lines}\n```")
    parts.append("`u` takes any of it back. The file is `tasks/water-the-plants-k7f3qx.md`; open it in any editor.")
    return "\n\n".join(parts) + "\n"


def _kept(page: str) -> str:
    """The document without what differs from run to run: ids, commits, counts of cells."""
    return re.sub(r"\b[0-9a-hjkmnp-tv-z]{6,7}\b", "·", re.sub(r" +", " ", page))
