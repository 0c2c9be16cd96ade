"""The screen in a real terminal with real keys: tmux types, the repository and the screen must agree at each step."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from planner.store.demo import build, find_sample

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

TASKS = {
    "tasks/paint-b2cdfg.md": "---\nid: b2cdfg\ntitle: Paint the fence\nstatus: todo\n---\n",
    "tasks/nails-c3dfgh.md": "---\nid: c3dfgh\ntitle: Buy nails\nstatus: doing\n---\n",
    "tasks/click-d4fghj.md": '---\nid: d4fghj\ntitle: "[@click=app.quit]x[/] \\u001b]52;c;YWJj\\u0007"\nstatus: todo\n---\n',
    "planner.toml": "",
}
PATIENCE = 60.0  # seconds, on a busy machine


class Terminal:
    """A tmux session of its own, 80 by 24."""

    def __init__(self, folder: Path, socket: str, editor: str = "true") -> None:
        self.tmux = ["tmux", "-L", socket]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm-256color", "VISUAL": editor}
        command = f"{sys.executable} -m planner --vault {folder} --today 2026-11-25; echo ENDED; sleep 60"
        subprocess.run(
            [*self.tmux, "-f", os.devnull, "new-session", "-d", "-x", "80", "-y", "24", command], env=env, check=True
        )

    def screen(self) -> str:
        return subprocess.run([*self.tmux, "capture-pane", "-p"], capture_output=True, check=True, text=True).stdout

    def type(self, *keys: str) -> None:
        subprocess.run([*self.tmux, "send-keys", *keys], check=True)

    def wait(self, met: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + PATIENCE
        while not met(screen := self.screen()):
            assert time.monotonic() < deadline, f"not in time; the screen is\n{screen}"
            time.sleep(0.02)
        return screen

    def close(self) -> None:
        subprocess.run([*self.tmux, "kill-server"], check=False, capture_output=True)


def git(folder: Path, *args: str) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, check=True, text=True).stdout


def soon(met: Callable[[], bool], show: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < deadline, f"not in time; the screen is\n{show()}"
        time.sleep(0.02)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(root, "config", key, value)
    for name, text in TASKS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    terminal = Terminal(folder, f"planner-test-{os.getpid()}-{folder.parent.name}")
    yield terminal
    terminal.close()


def subject(folder: Path) -> str:
    return git(folder, "log", "-1", "--format=%s").strip()


def test_real_keys_move_add_undo_and_quit(terminal: Terminal, folder: Path) -> None:
    terminal.wait(lambda screen: "Paint the fence" in screen and "DOING 1" in screen and "▌" in screen)
    terminal.type("/")
    terminal.type("-l", "Paint")
    terminal.wait(lambda screen: "Buy nails" not in screen and "▌ b2c Paint the fence" in screen)
    terminal.type("Enter")
    terminal.type("L")
    soon(lambda: subject(folder) == "move b2cdfg: todo → doing", terminal.screen)
    terminal.wait(lambda screen: "DOING 2" in screen or "DOING 1" in screen)
    terminal.type("u")
    soon(lambda: subject(folder) == "undo: move b2cdfg: todo → doing", terminal.screen)
    assert (folder / "tasks/paint-b2cdfg.md").read_text(encoding="utf-8") == TASKS["tasks/paint-b2cdfg.md"]
    terminal.type("Escape")
    terminal.wait(lambda screen: "Buy nails" in screen)
    terminal.type("a")
    terminal.type("-l", "sand the door #home")
    terminal.type("Enter")
    soon(lambda: subject(folder).endswith(": sand the door"), terminal.screen)
    terminal.wait(lambda screen: "sand the door" in screen)
    terminal.type("q")
    terminal.wait(lambda screen: "ENDED" in screen)
    assert git(folder, "status", "--porcelain") == ""


def test_saves_and_checkouts_of_others_appear_without_a_key(terminal: Terminal, folder: Path) -> None:
    path = folder / "tasks/paint-b2cdfg.md"
    terminal.wait(lambda screen: "Paint the fence" in screen)
    if shutil.which("vim"):
        keys = ["-c", "%s/Paint the fence/Paint in vim/", "-c", "wq", str(path)]
        subprocess.run(
            ["vim", "-u", "NONE", "-N", "-es", *keys], check=False, stdin=subprocess.DEVNULL, capture_output=True
        )
    else:
        path.write_text(path.read_text(encoding="utf-8").replace("Paint the fence", "Paint in vim"), encoding="utf-8")
    terminal.wait(lambda screen: "Paint in vim" in screen)
    temporary = path.with_name("paint.tmp")
    temporary.write_text(TASKS["tasks/paint-b2cdfg.md"].replace("Paint the fence", "Saved by rename"), encoding="utf-8")
    temporary.replace(path)
    terminal.wait(lambda screen: "Saved by rename" in screen)
    git(folder, "checkout", "-q", "--", ".")
    git(folder, "checkout", "-q", "-b", "side")
    path.write_text(TASKS["tasks/paint-b2cdfg.md"].replace("Paint the fence", "On the side"), encoding="utf-8")
    git(folder, "commit", "-qam", "side")
    terminal.wait(lambda screen: "On the side" in screen and "side" in screen)
    git(folder, "checkout", "-q", "main")
    terminal.wait(lambda screen: "Paint the fence" in screen and "main" in screen)


def test_a_hostile_title_is_shown_as_typed(terminal: Terminal) -> None:
    screen = terminal.wait(lambda screen: "▌ d4f [@click" in screen)
    assert "\x1b" not in screen
    terminal.type("Enter")
    terminal.wait(lambda screen: "[@click=app.quit]x[/]" in screen)


def test_a_day_on_the_demo_with_real_keys(tmp_path: Path) -> None:
    """Open, filter, mark three, move, undo, add, edit, see a checkout, quit: screen and repository agree at each step."""
    folder, editor = tmp_path / "demo", tmp_path / "editor.sh"
    build(find_sample(), folder, date(2026, 11, 25))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(folder, "config", key, value)
    editor.write_text(
        '#!/bin/sh\nfor file; do :; done\nsed -i "s/^title: .*/title: Edited elsewhere/" "$file"\n', encoding="utf-8"
    )
    editor.chmod(0o755)
    terminal = Terminal(folder, f"planner-demo-{os.getpid()}-{tmp_path.name}", str(editor))

    def statuses() -> list[str]:
        found = git(folder, "grep", "-h", "^status: ", "HEAD", "--", "*.md").split("\n")
        return sorted(line for line in found if line)

    def committed() -> bool:
        return git(folder, "status", "--porcelain") == ""

    try:
        terminal.wait(lambda screen: "[3 Board]" in screen and "▌" in screen)
        before, start = statuses(), git(folder, "rev-parse", "HEAD").strip()
        terminal.type("-l", "/status:todo")
        terminal.wait(lambda screen: "status:todo" in screen and "DOING" in screen)
        terminal.type("Enter")
        terminal.type("-l", " j j ")
        terminal.wait(lambda screen: "3 marked" in screen)
        terminal.type("L")
        soon(lambda: subject(folder).startswith("move 3 items"), terminal.screen)
        assert [after != old for after, old in zip(statuses(), before, strict=True)].count(True) > 0
        terminal.type("u")
        soon(lambda: subject(folder).startswith("undo: move 3 items"), terminal.screen)
        assert statuses() == before
        assert git(folder, "diff", start, "HEAD") == ""
        terminal.type("Escape")
        terminal.wait(lambda screen: "53 of 53" in screen)
        terminal.type("-l", "apaint the gate fri #gard")
        terminal.wait(lambda screen: "paint the gate" in screen and "due 2026-11-27" in screen)
        terminal.type("Enter")
        soon(lambda: subject(folder).endswith(": paint the gate"), terminal.screen)
        terminal.wait(lambda screen: "paint the gate" in screen and "Fri" in screen)
        terminal.type("e")
        soon(lambda: "Edited elsewhere" in git(folder, "show", "HEAD"), terminal.screen)
        terminal.wait(lambda screen: "Edited elsewhere" in screen and "▌" in screen)
        assert committed()
        git(folder, "checkout", "-q", "-b", "side", start)
        terminal.wait(lambda screen: "53 of 53" in screen and "side ·" in screen)
        git(folder, "checkout", "-q", "main")
        terminal.wait(lambda screen: "54 of 54" in screen and "main ·" in screen)
        terminal.type("q")
        terminal.wait(lambda screen: "ENDED" in screen)
        assert committed()
    finally:
        terminal.close()
