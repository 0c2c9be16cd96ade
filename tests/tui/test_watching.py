"""The screen says how it hears of others' changes, and looks again when the person comes back to it."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from textual import events

from planner import following
from planner.core.change import Delta
from planner.session import Session
from planner.store.watch import Watcher
from tests.tui.test_app import until
from tui.app import PlannerApp
from tui.bridge import Git
from tui.status import Line, git_line

TASK = "---\nid: aaa111\ntitle: {}\nstatus: todo\n---\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "planner.toml").write_text("")
    (tmp_path / "tasks" / "a.md").write_text(TASK.format("Alpha"))
    return Session.open(tmp_path)


@pytest.mark.parametrize(
    ("git", "said"),
    [
        (Git("main", 0, "inotify"), "main · ✓ committed "),
        (Git("main", 0, "starting"), "main · ✓ committed "),
        (Git("main", 0, "poll", "polling every 2 s: no watcher left"), "main · ✓ committed · polling every 2 s "),
        (Git("main", 2, "off"), "main · 2 uncommitted · not watching: R "),
    ],
)
def test_the_bar_says_how_files_are_followed(git: Git, said: str) -> None:
    assert git_line(git, busy=False).plain == said


async def test_polling_is_said_with_its_reason(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "Watcher", partial(Watcher, watch_limit=0, poll_seconds=30))
    app = PlannerApp(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(app.git.notice))
        assert "polling every 30 s: more folders than" in app.query_one("#said", Line).left.plain
        assert "polling every 30 s" in app.query_one("#top", Line).right.plain
    session.close()


async def test_coming_back_shows_what_nobody_told(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "Watcher", partial(Watcher, watch_limit=0, poll_seconds=3600, rescan_seconds=3600))
    app, heard = PlannerApp(session), threading.Event()

    def hear(_: Delta) -> None:
        heard.set()

    session.subscribe(hear)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(app.git.notice))
        (session.root / "tasks" / "a.md").write_text(TASK.format("Beta"))
        app.post_message(events.AppFocus())
        await until(pilot, heard.is_set)
        assert session.vault.find("aaa111").title == "Beta"
    session.close()
