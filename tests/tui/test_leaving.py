"""Ways to leave that are no key: the system ends the program, the shell takes the terminal, the window changes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.test_terminal import Terminal, folder, git, soon, subject

pytestmark = pytest.mark.skipif(not (shutil.which("tmux") and shutil.which("bash")), reason="needs tmux and bash")
__all__ = ["folder"]

ROOT = Path(__file__).parents[2]


class Shell(Terminal):
    """An interactive shell in tmux, from which the program is started."""

    def __init__(self, socket: str, state: Path) -> None:
        self.tmux = ["tmux", "-L", socket]
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "PS1": "READY$ ",
            "XDG_STATE_HOME": str(state),
        }
        argv = [
            *self.tmux,
            "-f",
            os.devnull,
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "24",
            "env 'PS1=READY$ ' bash --norc -i",
        ]
        subprocess.run(argv, env=env, check=True)
        self.wait(lambda screen: "READY$" in screen)

    def start(self, folder: Path, before: str = "") -> None:
        """Start the program on a vault and wait for its first frame."""
        self.type(
            "-l", f"clear; {before} {sys.executable} -m planner --vault {folder} --today 2026-11-25; echo ENDED $?"
        )
        self.type("Enter")
        self.wait(lambda screen: "Paint the fence" in screen and "▌" in screen)

    def flags(self) -> str:
        """Whether the terminal is on its other screen, and whether it reports the mouse."""
        argv = [*self.tmux, "display-message", "-p", "#{alternate_on} #{mouse_any_flag}"]
        return subprocess.run(argv, capture_output=True, check=True, text=True).stdout.strip()

    def program(self) -> int:
        """The process id of the program."""
        argv = [*self.tmux, "display-message", "-p", "#{pane_pid}"]
        shell = subprocess.run(argv, capture_output=True, check=True, text=True).stdout.strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=True, text=True).stdout.split()
        return int(found[-1])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(f"planner-shell-{os.getpid()}-{tmp_path.name}", tmp_path / "state")
    yield shell
    shell.close()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_terminal_and_files_clean(shell: Shell, folder: Path, sent: signal.Signals) -> None:
    shell.start(folder)
    assert shell.flags() == "1 1"
    shell.type("L")
    shell.type("-l", "a")
    shell.wait(lambda screen: "add to" in screen)
    shell.type("-l", "half a tho")
    shell.wait(lambda screen: "half a tho" in screen)
    os.kill(shell.program(), sent)
    shell.wait(lambda screen: f"ENDED {128 + sent}" in screen)
    assert shell.flags() == "0 0"
    assert git(folder, "status", "--porcelain") == ""
    assert subject(folder).startswith("move")
    shell.start(folder)
    shell.type("-l", "a")
    shell.wait(lambda screen: "half a tho" in screen)


def test_a_terminal_that_is_gone_ends_the_program_also_where_the_system_tells_only_its_parent(
    shell: Shell, folder: Path
) -> None:
    program = f"{sys.executable} -m planner --vault {folder} --today 2026-11-25"
    shell.type("-l", f"exec sh -c 'trap : HUP; {program}; :'")
    shell.type("Enter")
    shell.wait(lambda screen: "Paint the fence" in screen and "▌" in screen)
    alive = Path("/proc", str(shell.program()))
    shell.close()
    soon(lambda: not alive.exists(), lambda: "gone, and the program is not")
    assert git(folder, "status", "--porcelain") == ""


def test_the_shell_takes_the_terminal_and_gives_it_back(shell: Shell, folder: Path) -> None:
    shell.start(folder)
    shell.type("C-z")
    shell.wait(lambda screen: "READY$" in screen and "Paint the fence" not in screen)
    assert shell.flags() == "0 0"
    shell.type("-l", "fg")
    shell.type("Enter")
    shell.wait(lambda screen: "Paint the fence" in screen and "▌" in screen)
    assert shell.flags() == "1 1"
    shell.type("L")
    soon(lambda: subject(folder).startswith("move"), shell.screen)


def test_the_window_changes_its_size_while_one_types(shell: Shell, folder: Path) -> None:
    shell.start(folder)
    shell.type("-l", "a")
    shell.wait(lambda screen: "add to" in screen)
    for width, height in ((40, 12), (160, 45), (1, 1), (240, 60), (80, 24)):
        subprocess.run([*shell.tmux, "resize-window", "-x", str(width), "-y", str(height)], check=True)
        shell.type("-l", "x")
    shell.wait(lambda screen: "xxxxx" in screen and "Paint the fence" in screen)


def test_sixteen_colours_are_enough(shell: Shell, folder: Path) -> None:
    shell.start(folder, before="TEXTUAL_COLOR_SYSTEM=standard")
    argv = [*shell.tmux, "capture-pane", "-p", "-e"]
    drawn = subprocess.run(argv, capture_output=True, check=True, text=True).stdout
    assert "\x1b[" in drawn
    assert "38;2;" not in drawn
    assert "38;5;" not in drawn
    assert "▌" in drawn
