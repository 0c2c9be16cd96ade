"""What goes wrong in a soak: planners killed or stopped in mid-air, and git's index locked by nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from random import Random

from tests.soak.history import Log, Place

STOPPED = 1.0  # seconds


def strike(place: Place, random: Random) -> None:
    """Do harm at random times until told to stop; once `steady` is set, long-lived sessions are spared the kill."""
    log = Log(place, "nemesis")
    while not place.is_set("stop"):
        time.sleep(random.expovariate(1 / 1.5))
        (what,) = random.choices(("kill", "stop", "lock"), (45, 20, 35))
        if what == "kill":
            _signal(place, log, random.choice(["cli", "cli", "session"]), signal.SIGKILL)
        elif what == "stop":
            _signal(place, log, random.choice(["cli", "session", "tui"]), signal.SIGSTOP)
        else:
            _lock(place, log, random.choice([0.02, 0.3, 1.0, 3.5]))


def _signal(place: Place, log: Log, name: str, number: signal.Signals) -> None:
    """Signal a planner of this run; what stands in its file is checked against the process it is."""
    if number == signal.SIGKILL and name != "cli" and place.is_set("steady"):
        return
    try:
        pid = int(place.pid_file(name).read_text())
        argv = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ValueError):
        return
    if os.fsencode(place.folder) not in argv:
        return
    begun = log.invoke(number.name, path=name, pid=pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        if number == signal.SIGSTOP:
            time.sleep(STOPPED)
            os.kill(pid, signal.SIGCONT)
    log.end(begun, "ack")


def _lock(place: Place, log: Log, seconds: float) -> None:
    """Hold git's index lock for a while, if nobody has it."""
    lock = place.git_dir / "index.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return
    begun = log.invoke("lock", seconds=seconds)
    time.sleep(seconds)
    lock.unlink(missing_ok=True)
    log.end(begun, "ack")
