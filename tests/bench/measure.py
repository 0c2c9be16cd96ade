"""Stop-watches: whole processes from spawn to exit, their peak memory, and programs on a terminal of their own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

clock = time.perf_counter
P = ParamSpec("P")
QUIET = 0.12
"""A picture is whole when nothing has followed for so many seconds."""
PATIENCE = 60.0
SEEN = 1 << 17  # bytes of output that are looked at
_ESCAPES = re.compile(rb"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|\[[0-?]*[ -/]*[@-~]|[@-Z\\^_=>])")
_CHILD = """\
import os, resource, sys
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Failed(Exception):
    """A measurement that gave no figure; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where programs run: folder and environment."""

    folder: Path
    env: Mapping[str, str]

    def run(self, *command: str, patience: float = PATIENCE) -> tuple[float, str]:
        """Seconds from spawn to exit, and stdout; raises Failed for another exit code than 0, or no exit in time."""
        begun = clock()
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                out, err = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failed(f"over {patience:.0f} s") from None
            seconds = clock() - begun
        if process.returncode:
            said = " ".join((err or out).decode(errors="replace").split())
            raise Failed(f"exit code {process.returncode}: {said[-80:]}")
        return seconds, out.decode(errors="replace")

    def seconds(self, *command: str, patience: float = PATIENCE) -> float:
        """Seconds from spawn to exit."""
        return self.run(*command, patience=patience)[0]

    def peak(self, *command: str, patience: float = PATIENCE) -> float:
        """The most memory the process held, in MiB.

        Linux hands a parent's peak on to its child at exec, so a bare interpreter of about 9 MiB starts it, not this
        process; figures below that cannot be told.
        """
        out = self.run(sys.executable, "-I", "-S", "-c", _CHILD, *command, patience=patience)[1]
        return int(out) / (2**20 if sys.platform == "darwin" else 2**10)


class Terminal:
    """A program on a pseudo-terminal. Its output is read as it comes; `seen` is the text since the last `forget`."""

    def __init__(self, place: Place, *command: str, columns: int = 160, lines: int = 45) -> None:
        self.begun = clock()
        self.last = self.begun  # when output came last
        self._output = bytearray()
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            try:
                os.chdir(place.folder)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
                os.execvpe(command[0], command, dict(place.env))
            finally:
                os._exit(127)

    def pump(self, timeout: float) -> bool:
        """Whether output came within so many seconds; raises Failed where the program has ended."""
        if not select.select([self._file], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._file, 1 << 16)
        except OSError:
            data = b""
        if not data:
            raise Failed(f"the screen has ended: {self._tail()}")
        self.last = clock()
        self._output += data
        return True

    @property
    def seen(self) -> str:
        """The end of what was printed since the last `forget`, without escape sequences."""
        return _ESCAPES.sub(b"", bytes(self._output[-SEEN:])).decode(errors="replace")

    def _tail(self) -> str:
        return " ".join(self.seen.split())[-80:]

    def forget(self) -> None:
        """Begin `seen` anew."""
        self._output.clear()

    def settle(self, quiet: float = QUIET, patience: float = PATIENCE) -> None:
        """Wait until nothing has been printed for so many seconds."""
        end = clock() + patience
        while self.pump(quiet):
            if clock() > end:
                raise Failed("the screen never rests")

    def press(self, keys: str) -> float:
        """Type keys as a terminal sends them; returns the time."""
        now = clock()
        os.write(self._file, keys.encode())
        return now

    def paint(self, keys: str, patience: float = 2.0) -> tuple[float, float] | None:
        """Seconds from a key to the first byte of the picture and to its last one; None where nothing was painted."""
        self.settle()
        self.forget()
        begun = self.press(keys)
        if not self.pump(patience):
            return None
        first = self.last
        self.settle()
        return first - begun, self.last - begun

    def wait_for(self, pattern: str, patience: float = PATIENCE) -> float:
        """The time at which what was printed since the last `forget` came to hold a regular expression."""
        end = clock() + patience
        while not re.search(pattern, self.seen):
            if not self.pump(max(0.0, end - clock())):
                raise Failed(f"no {pattern} within {patience:.0f} s; seen: {self._tail()}")
        return self.last

    def wait_until(self, met: Callable[P, bool], *args: P.args, **kwargs: P.kwargs) -> float:
        """The time at which a condition was met, looked at every millisecond."""
        end = clock() + PATIENCE
        while not met(*args, **kwargs):
            if clock() > end:
                raise Failed(f"not within {PATIENCE:.0f} s; seen: {self._tail()}")
            self.pump(0.001)
        return clock()

    def peak(self) -> float:
        """The most memory the program has held so far, in MiB; raises Failed where /proc does not tell."""
        try:
            status = Path(f"/proc/{self._pid}/status").read_text(encoding="utf-8")
        except OSError:
            raise Failed("there is no /proc") from None
        found = re.search(r"VmHWM:\s*(\d+) kB", status)
        if found is None:
            raise Failed("/proc does not tell")
        return int(found[1]) / 2**10

    def close(self, keys: str, patience: float = 20.0) -> None:
        """Type the keys that leave the program; one that stays is ended."""
        with contextlib.suppress(Failed, OSError):  # it has ended, or it never will
            self.press(keys)
            end = clock() + patience
            while clock() < end:
                self.pump(0.1)
        os.close(self._file)
        if os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def kill(self) -> None:
        """End the program as a crash would, at once and without a word."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._file)


def head_of(root: Path) -> str:
    """The commit that HEAD names, read without a process; the branch's ref must be a loose file."""
    head = (root / ".git/HEAD").read_text(encoding="utf-8").strip()
    try:
        return (root / ".git" / head.removeprefix("ref: ")).read_text(encoding="utf-8").strip()
    except OSError:  # between the old file and the new one
        return ""


def version(place: Place, command: Sequence[str]) -> str:
    """The first number with dots in what a command prints, whatever its exit code; `?` where there is none."""
    done = subprocess.run(command, cwd=place.folder, env=dict(place.env), capture_output=True, check=False)
    found = re.search(rb"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return found[0].decode() if found else "?"
