"""Git's lock files: who holds one, as far as the system tells, and which were left by a git of ours that was killed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from planner.core.record import dataclass
from planner.store import fsops
from planner.store.git import Repository

SLACK = 1.0  # seconds by which the clock of a file system may be off
_PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Running:
    """A process that has to do with a lock: the one that has it open, or a git that runs in the same repository."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"`{self.command}` (process {self.pid})"


def of_commit(repo: Repository) -> list[str]:
    """Return the locks that one of our commits takes."""
    branch = repo.head().branch
    names = [os.path.join(repo.git_dir, name) for name in ("index.lock", "HEAD.lock")]
    return names + ([os.path.join(repo.common_dir, "refs", "heads", f"{branch}.lock")] if branch else [])


@contextlib.contextmanager
def landing(repo: Repository, deadline: float) -> Iterator[None]:
    """Let one planner at a time put texts into the index and move HEAD.

    Between the two the index looks as if the user had staged our text, and another planner would build on that. One that
    holds the lock beyond `deadline` (monotonic seconds; it may be stopped) is not waited for, and where there can be no
    lock there is none: HEAD moves by compare-and-swap all the same.
    """
    ops = fsops.get()
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            folder = ops.open(repo.git_dir, os.O_RDONLY)  # a file of its own would be one more thing left lying
            held.callback(_let_go, folder)
            while not ops.lock(folder, wait=False) and time.monotonic() < deadline:
                time.sleep(0.005)
        yield


def _let_go(lock: int) -> None:
    with contextlib.suppress(OSError):  # what it was for is done
        fsops.get().close(lock)


def age(path: str) -> float | None:
    """Return how many seconds ago a lock was taken, or None where it is gone."""
    try:
        return max(0.0, time.time() - fsops.get().lstat(path).st_mtime)
    except (FileNotFoundError, NotADirectoryError):
        return None


def who(repo: Repository, path: str) -> str:
    """Return in words who holds a lock: a process, or how old the lock is where none can be named."""
    found = sorted(_around(repo, path), key=lambda running: not running[1])
    if found:
        process, holds = found[0]
        return f"is held by {process}" if holds else f"is probably held by {process}"
    return f"was made {_ago(age(path) or 0)}; no running git was found that holds it"


def sweep(repo: Repository, *, since: float, until: float) -> list[str]:
    """Remove the locks a killed git of ours has left, and return them.

    Only those taken between two times (seconds since the epoch) in which a git of ours was at work, and only where the
    system shows all processes and no git among them is at work in this repository. Another's lock is never removed.
    """
    removed = []
    for path in of_commit(repo):
        try:
            info = fsops.get().lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        ours = all(since - SLACK <= at <= until + SLACK for at in (info.st_mtime, info.st_ctime))
        if ours and _PROCESSES.is_dir() and not any(_around(repo, path)) and fsops.get().unlink_if_there(path):
            removed.append(path)
    return removed


def _around(repo: Repository, path: str) -> Iterator[tuple[Running, bool]]:
    """The processes that have the lock open, and the gits that run in the repository or nobody can tell where."""
    places = tuple(os.path.realpath(place) for place in (repo.top, repo.git_dir, repo.common_dir))
    real = os.path.realpath(path)
    for folder in _PROCESSES.glob("[0-9]*"):
        if folder.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):  # it has ended meanwhile
            holds = real in _open_files(folder)
            name = (folder / "comm").read_text("utf-8", "replace")
            if holds or (name.startswith("git") and _works_in(folder, places)):
                words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                yield Running(int(folder.name), _brief(words) or name.strip()), holds


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing where that is not ours to know."""
    found = set()
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(os.readlink(link))
    return found


def _works_in(process: Path, places: tuple[str, ...]) -> bool:
    """Whether a process stands in one of the folders; one that hides where it stands may."""
    try:
        where = os.readlink(process / "cwd")
    except PermissionError:
        return True
    except FileNotFoundError:  # it has ended, and waits for its parent to hear of it
        return False
    return any(where == place or where.startswith(place.rstrip("/") + "/") for place in places)


def _brief(words: list[str]) -> str:
    """A command line as a person would name it: the program and its first word that is no option."""
    program = os.path.basename(words[0])
    verb = next((word for word in words[1:] if word and not word.startswith("-") and "=" not in word), "")
    return " ".join(filter(None, (program, verb)))[:60]


def _ago(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds / size)} {name} ago"
    return f"{int(seconds)} s ago"
