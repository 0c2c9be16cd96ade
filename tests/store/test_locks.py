"""Who holds git's lock, said in words; and the one case in which a lock is removed: a git of ours left it, killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from planner import landing
from planner.commands import Move
from planner.session import Session
from planner.store import fsops, locks
from planner.store.fsops import Completed, Ops
from planner.store.git import GitBusy, Repository, discover
from tests.test_placing import HEAD, PATH, git, root, write

__all__ = ["root"]  # the fixture
LINUX = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not show processes' files")
HOLDER = "import sys; file = open(sys.argv[1], 'x'); print('held', flush=True); sys.stdin.read()"


def found(root: Path) -> Repository:
    repo = discover(root)
    assert repo is not None
    return repo


@pytest.fixture
def lock(root: Path) -> Path:
    return root / ".git" / "index.lock"


def aged(lock: Path, seconds: float) -> None:
    lock.touch()
    os.utime(lock, (time.time() - seconds,) * 2)


@LINUX
def test_the_process_that_has_the_lock_open_is_named(root: Path, lock: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(GitBusy, match=rf"index\.lock is held by `python.*` \(process {holder.pid}\)") as busy:
            found(root).commit({PATH: b"new\n"}, "ours", patience=0.05)
        holder.stdin.close()
    assert f"rm {lock}" in busy.value.hint
    assert "next planner command" in busy.value.hint


@LINUX
def test_a_git_that_waits_in_this_repository_with_the_lock_taken_is_named(root: Path, lock: Path) -> None:
    """`git commit -a` closes the lock file while the editor is open, and goes on holding it."""
    write(root, HEAD.replace("Text", "My text"))
    pipe = root.parent / "pipe"
    os.mkfifo(pipe)
    env = {**os.environ, "GIT_EDITOR": f"cat '{pipe}' >"}
    with subprocess.Popen(["git", "commit", "-qa"], cwd=root, env=env) as theirs, pipe.open("w") as message:
        # The pipe was opened: the editor runs.
        assert locks.who(found(root), str(lock)) == f"is probably held by `git commit` (process {theirs.pid})"
        assert locks.sweep(found(root), since=0, until=time.time()) == []
        message.write("theirs\n")
        message.flush()
    assert theirs.returncode == 0
    assert git(root, "log", "-1", "--format=%s") == "theirs\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "3 s ago"), (200, "3 minutes ago"), (3 * 3600, "3 hours ago"), (5 * 86400, "5 days ago")],
)
def test_a_lock_nobody_holds_is_named_by_its_age(root: Path, lock: Path, seconds: float, words: str) -> None:
    aged(lock, seconds + 0.5)
    assert locks.who(found(root), str(lock)) == f"was made {words}; no running git was found that holds it"


def test_an_old_lock_is_not_waited_for_and_never_removed(root: Path, lock: Path) -> None:
    aged(lock, 3600)
    session = Session.open(root)
    calls = CountingOps()
    with fsops.using(calls):
        first, second = session.run(Move(("k7f3qx",), "doing")), session.run(Move(("m2d9hz",), "doing"))
    for outcome in (first, second):
        assert isinstance(outcome.waiting, GitBusy)
        assert ".git/index.lock was made" in outcome.waiting.message
    assert calls.updates <= 2 * 2  # no second try, but to give the index back
    assert lock.exists()
    Session.open(root)
    assert lock.exists()
    lock.unlink()
    session.retry()
    assert git(root, "log", "-2", "--format=%s").split("\n")[:2] == [
        "move m2d9hz: todo → doing",
        "move k7f3qx: todo → doing",
    ]


def test_what_waited_is_committed_as_soon_as_the_lock_is_let_go(root: Path, lock: Path) -> None:
    aged(lock, 3600)
    tried = threading.Event()
    with Session.open(root) as session:
        session.watch(tried.set)
        assert session.run(Move(("k7f3qx",), "doing")).waiting is not None
        lock.unlink()
        while session.journal.waiting():
            assert tried.wait(10)
            tried.clear()
    assert git(root, "log", "-1", "--format=%s") == "move k7f3qx: todo → doing\n"


def test_a_retry_in_vain_starts_no_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook refuses the commit after the index was written and given back: that must not look like news."""
    hook = root.parent / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    (root.parent / "config").write_text(f"[core]\nhooksPath = {hook.parent}\n")  # the user's own, so nobody asks
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(root.parent / "config"))
    session = Session.open(root)
    session.run(Move(("k7f3qx",), "doing"))
    counting = CountingOps()
    with fsops.using(counting):
        session.retry()
        tried = counting.updates
        session.retry()
    assert tried > 0
    assert counting.updates == tried


class CountingOps(Ops):
    """Counts the calls of `git update-index`."""

    updates = 0

    def run(self, argv, **options) -> Completed:  # type: ignore[no-untyped-def]  # passed through as they are
        self.updates += "update-index" in argv
        return super().run(argv, **options)


class KilledWithLock(Ops):
    """The next `git update-index` is killed while it holds the lock."""

    def __init__(self, lock: Path) -> None:
        self.held = lock
        self.left = 1

    def run(self, argv, **options) -> Completed:  # type: ignore[no-untyped-def]  # passed through as they are
        if "update-index" in argv and self.left:
            self.left -= 1
            self.held.touch()
            return Completed(-9, b"", b"")
        return super().run(argv, **options)


@LINUX
def test_the_lock_that_a_killed_git_of_ours_has_left_is_removed(root: Path, lock: Path) -> None:
    session = Session.open(root)
    with fsops.using(KilledWithLock(lock)):
        assert session.run(Move(("k7f3qx",), "doing")).waiting is not None
    assert not lock.exists()
    session.retry()
    assert git(root, "log", "-1", "--format=%s") == "move k7f3qx: todo → doing\n"


@LINUX
def test_the_lock_that_was_left_when_we_were_killed_too_is_removed_by_the_next_start(root: Path, lock: Path) -> None:
    script = (
        "import os, sys\n"
        "from planner.session import Session\n"
        "from planner.commands import Move\n"
        "from planner.store import fsops\n"
        "class Dying(fsops.Ops):\n"
        "    def run(self, argv, **options):\n"
        "        if 'update-index' in argv:\n"
        "            open(sys.argv[1] + '/.git/index.lock', 'x')\n"
        "            os._exit(9)\n"
        "        return super().run(argv, **options)\n"
        "session = Session.open(sys.argv[1])\n"
        "with fsops.using(Dying()):\n"
        "    session.run(Move(('k7f3qx',), 'doing'))\n"
    )
    died = subprocess.run([sys.executable, "-c", script, str(root)], cwd=Path(__file__).parents[2], check=False)
    assert died.returncode == 9
    assert lock.exists()
    session = Session.open(root)
    assert not lock.exists()
    assert session.notices == []
    assert git(root, "log", "-1", "--format=%s") == "move k7f3qx: todo → doing\n"


@LINUX
def test_a_lock_from_before_or_after_our_work_stays(root: Path, lock: Path) -> None:
    lock.touch()
    now = time.time()
    assert locks.sweep(found(root), since=now + 60, until=now + 70) == []
    assert locks.sweep(found(root), since=now - 70, until=now - 60) == []
    assert lock.exists()
    assert locks.sweep(found(root), since=now - 5, until=now + 5) == [str(lock)]


def test_a_lock_that_goes_while_a_commit_is_tried_is_worth_another_try(
    root: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(lock, 3600)
    session = Session.open(root)
    assert session.run(Move(("k7f3qx",), "doing")).waiting is not None
    try_once = landing.land_waiting

    def and_then_it_goes(of: Session) -> landing.Landed:
        landed = try_once(of)
        lock.unlink(missing_ok=True)
        return landed

    monkeypatch.setattr(landing, "land_waiting", and_then_it_goes)
    session.retry()
    assert session.journal.waiting()
    session.retry()
    assert git(root, "log", "-1", "--format=%s") == "move k7f3qx: todo → doing\n"
