"""Many hands on one vault at the same time: other planners, editors, and the user's own git. Nobody's work is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path
from random import Random

import pytest

from planner.commands import Comment, Move, Set
from planner.commands.base import Command
from planner.errors import Stale
from planner.session import Session
from planner.store import fsops
from planner.store.fsops import Ops, StrPath
from tests.conftest import Claims
from tests.proof import times

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[1]
IDS = ("k7f3qx", "m2d9hz", "q8n4tc", "w5r6jb")
TASK = "---\nid: {id}\ntitle: Task {id}\nstatus: todo\npriority: low\n---\nThe text.\n\nMore of it.\n\nThe end.\n"


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of four tasks and a file of the user's own, with one commit."""
    folder = tmp_path_factory.mktemp("races") / "vault"
    (folder / "tasks").mkdir(parents=True)
    (folder / "planner.toml").write_text("", encoding="utf-8")
    (folder / "notes.txt").write_text("notes\n", encoding="utf-8")
    for id_ in IDS:
        path(folder, id_).write_text(TASK.format(id=id_), encoding="utf-8")
    git(folder.parent, "init", "-q", "-b", "main", str(folder))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(folder, "config", key, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


@pytest.fixture
def fresh(start: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a new copy of that vault."""
    numbers = iter(range(10_000))

    def copy() -> Path:
        folder = tmp_path / str(next(numbers))
        git(tmp_path, "clone", "-q", "--no-hardlinks", str(start), str(folder))
        for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
            git(folder, "config", key, value)
        return folder

    return copy


def path(root: Path, id_: str) -> Path:
    return root / "tasks" / f"task-{id_}.md"


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def try_git(folder: Path, *args: str, data: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *args], cwd=folder, env=environment(), capture_output=True, input=data, encoding="utf-8", check=False
    )


def git(folder: Path, *args: str, data: str | None = None) -> str:
    done = try_git(folder, *args, data=data)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_head(root: Path, id_: str) -> str:
    return git(root, "show", f"HEAD:tasks/task-{id_}.md")


def history(root: Path) -> str:
    """Every line that was ever added."""
    return git(root, "log", "--all", "-p", "--format=%s")


def nothing_waits(root: Path) -> bool:
    return Session.open(root).journal.pending() == []


# ---- other planners --------------------------------------------------------------------------------------------------

A_SCREEN = """
import sys
from planner.commands import Comment
from planner.errors import Stale
from planner.session import Session
root, name, count, *ids = sys.argv[1:]
with Session.open(root) as session:
    for number in range(int(count)):
        while True:
            try:
                session.refresh()
                session.run(Comment(ids[number % len(ids)], f"tok-{name}-{number}."))
                break
            except Stale:
                continue
    session.retry()
"""


def test_four_processes_write_at_once(fresh: Callable[[], Path], claims: Claims) -> None:
    """Two keep the vault open, two start anew for each change; all four write to all four tasks."""
    root, count = fresh(), times(5, 25)
    tokens = {f"tok-{name}-{number}." for name in ("s1", "s2", "c1", "c2") for number in range(count)}
    screens = [
        subprocess.Popen([sys.executable, "-c", A_SCREEN, str(root), name, str(count), *IDS], cwd=ROOT)
        for name in ("s1", "s2")
    ]
    shells = [subprocess.Popen(["sh", "-c", _shell(root, name, count)], cwd=ROOT) for name in ("c1", "c2")]
    assert [process.wait() for process in (*screens, *shells)] == [0, 0, 0, 0]
    waiting = [] if nothing_waits(root) else Session.open(root).journal.pending()
    head, past = "".join(in_head(root, id_) for id_ in IDS), history(root)
    with claims("four processes each writing 25 changes to one vault: committed", expect=4 * count) as claim:
        for token in sorted(tokens):
            added = sum(line.startswith("+") and token in line for line in past.split("\n"))
            claim.check(token in head and added == 1 and not waiting, (token, token in head, added, waiting))
    assert git(root, "status", "--porcelain") == ""
    assert try_git(root, "fsck", "--strict", "--no-dangling").stdout == ""


def _shell(root: Path, name: str, count: int) -> str:
    """A loop of commands; exit code 4 means that the file kept changing, and to say it again."""
    planner = f"'{sys.executable}' -m planner --vault '{root}'"
    ids = " ".join(islice(cycle(IDS), count))
    return f"""
    number=0
    for id in {ids}; do
        until {planner} comment $id "tok-{name}-$number." >/dev/null 2>&1; do test $? = 4 || exit 1; done
        number=$((number + 1))
    done
    """


# ---- editors ---------------------------------------------------------------------------------------------------------

Saving = Callable[[Path, str], None]


def in_place(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def by_rename(file: Path, text: str) -> None:
    fresh = file.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


class EditorSaves(Ops):
    """An editor saves what it has open at a given moment of our next exchange of the file."""

    def __init__(self, moment: str, file: Path, save: Saving, text: str) -> None:
        self.moment, self.file, self.save_as, self.text = moment, file, save, text
        self.saved = False

    def exchange(self, a: StrPath, b: StrPath) -> None:
        if self.saved:
            super().exchange(a, b)
            return
        self.saved = True
        if self.moment == "before the exchange":
            self.save_as(self.file, self.text)
            super().exchange(a, b)
        elif self.moment == "after the exchange":
            super().exchange(a, b)
            self.save_as(self.file, self.text)
        else:  # an editor that truncates and writes in place had the file open already
            with self.file.open("r+", encoding="utf-8") as opened:
                super().exchange(a, b)
                opened.truncate(0)
                opened.write(self.text)


MOMENTS = ("before the exchange", "after the exchange", "through the open file")
EDITS: dict[str, Callable[[str, str], str]] = {
    "body": lambda text, token: text.replace("The end.", f"The end, {token}."),
    "another field": lambda text, token: text.replace("priority: low", f"priority: high\nreviewer: {token}"),
    "the same field": lambda text, token: text.replace("status: todo", f"status: review\nreviewer: {token}"),
}


def test_editor_saves_in_the_write_window(fresh: Callable[[], Path], claims: Claims) -> None:
    root, count = fresh(), times(20, 200)
    session = Session.open(root)
    ways = cycle(product(MOMENTS, (in_place, by_rename), EDITS))
    with claims("editor saves forced into the write window: none lost", expect=count) as claim:
        for number, (moment, save, edit) in enumerate(islice(ways, count)):
            git(root, "reset", "-q", "--hard", git(root, "rev-list", "--max-parents=0", "HEAD").strip())
            session.refresh()
            file, token, ours = path(root, IDS[0]), f"tok{number}", "status: doing"
            saves = EditorSaves(moment, file, save, EDITS[edit](file.read_text(encoding="utf-8"), token))
            stale = False
            with fsops.using(saves):
                try:
                    session.run(Move((IDS[0],), "doing"))
                except Stale:
                    stale = True
            text, head = file.read_text(encoding="utf-8"), in_head(root, IDS[0])
            theirs_kept = token in text or token in head
            ours_kept = ours in text or ours in head or (stale and edit == "the same field")
            claim.check(saves.saved and theirs_kept and ours_kept, (number, moment, save.__name__, edit, stale, text))


# ---- the user's own git ----------------------------------------------------------------------------------------------


def stage_other_file(root: Path, id_: str, token: str) -> tuple[str, ...]:
    (root / "notes.txt").write_text(f"notes {token}\n", encoding="utf-8")
    git(root, "add", "notes.txt")
    return ("-qm", token)


def stage_same_folder(root: Path, id_: str, token: str) -> tuple[str, ...]:
    (root / "tasks" / f"{token}.md").write_text(f"{token}\n", encoding="utf-8")
    git(root, "add", "tasks")
    return ("-qm", token)


def edit_same_file(root: Path, id_: str, token: str) -> tuple[str, ...]:
    file = path(root, id_)
    file.write_text(file.read_text(encoding="utf-8").replace("The text.", f"The text, {token}."), encoding="utf-8")
    return ("-qam", token)


def stage_other_file_and_amend(root: Path, id_: str, token: str) -> tuple[str, ...]:
    stage_other_file(root, id_, token)
    return ("-q", "--amend", "--no-edit")


def stage_half_of_the_file(root: Path, id_: str, token: str) -> tuple[str, ...]:
    """As `git add -p` does: one of two differences of the same file."""
    edit_same_file(root, id_, token)
    git(root, "add", "tasks")
    file = path(root, id_)
    file.write_text(file.read_text(encoding="utf-8").replace("The end.", f"The end, not {token}."), encoding="utf-8")
    return ("-qm", token)


STAGING = (stage_other_file, stage_same_folder, edit_same_file, stage_other_file_and_amend, stage_half_of_the_file)


def test_the_users_next_commit_never_reverts_ours(fresh: Callable[[], Path], claims: Claims) -> None:
    """Their work is staged before or after ours, in any order; then `git commit`."""
    count = times(5, 50)
    name = "the user's own git commit of staged work after ours never reverts ours"
    with claims(name, expect=count) as claim:
        for number, staging in enumerate(islice(cycle(STAGING), count)):
            rng = Random(number)
            root, id_, token = fresh(), rng.choice(IDS), f"tok{number}"
            early = rng.random() < 0.5 or staging is stage_half_of_the_file
            options = staging(root, id_, token) if early else ()
            session = Session.open(root)
            wishes: list[Command] = [
                Comment(id_, f"ours-{number}."),
                Set((id_,), ("priority=high",)),
                Move((IDS[-1],), "doing"),
            ]
            rng.shuffle(wishes)
            accepted = [session.run(wish).waiting is None for wish in wishes]
            options = options or staging(root, id_, token)
            done = try_git(root, "commit", *options)
            head, other = in_head(root, id_), in_head(root, IDS[-1])
            ours = f"ours-{number}." in head and "priority: high" in head and "status: doing" in other
            theirs = token in git(root, "show", "HEAD") or token in git(root, "log", "-5", "-p")
            unstaged = f"not {token}" in git(root, "diff") or staging is not stage_half_of_the_file
            committed = done.returncode == 0 or "nothing to commit" in done.stdout  # we have committed it for them
            holds = all(accepted) and committed and ours and theirs and unstaged and nothing_waits(root)
            claim.check(holds, (number, staging.__name__, early, accepted, done.stderr, ours, theirs, unstaged))


@contextmanager
def their_commit(root: Path, how: str, token: str) -> Iterator[Callable[[], int]]:
    """The user's `git commit`, stopped in the middle, with the way to let it go on: it returns the exit code."""
    pipe = root.parent / f"{root.name}.pipe"
    os.mkfifo(pipe)
    env = environment() | {"GIT_EDITOR": f"cat '{pipe}' >"}
    options: tuple[str, ...] = ()
    if how.endswith("hook"):
        hook = root.parent / f"{root.name}.hooks" / "pre-commit"
        hook.parent.mkdir()
        hook.write_text(f"#!/bin/sh\ncat '{pipe}' >/dev/null\n", encoding="utf-8")
        hook.chmod(0o755)
        options = ("-c", f"core.hooksPath={hook.parent}")
    commit = ("commit", "-q", *(("-a",) if "all" in how else ()), *(("-m", token) if how.endswith("hook") else ()))
    process = subprocess.Popen(["git", *options, *commit], cwd=root, env=env, stderr=subprocess.DEVNULL)
    gate = pipe.open("w", encoding="utf-8")  # waits until the editor, or the hook, reads

    def go_on() -> int:
        gate.write(f"{token}\n")
        gate.close()
        return process.wait()

    try:
        yield go_on
    finally:
        gate.close()
        process.wait()


OPEN = ("staged, editor", "all, editor", "staged, hook", "all, hook")


def test_writes_while_the_users_commit_runs(fresh: Callable[[], Path], claims: Claims) -> None:
    """Their commit may fail with "cannot lock ref HEAD", ours may wait; afterwards both are there."""
    count = times(8, 40)
    with claims("writes while the user's own git commit is open: none lost", expect=count) as claim:
        for number, (how, target) in enumerate(islice(cycle(product(OPEN, IDS[:2])), count)):
            root, token = fresh(), f"tok{number}"
            edit_same_file(root, IDS[0], token)
            if how.startswith("staged"):
                git(root, "add", "-u")
            with their_commit(root, how, token) as go_on:
                lock = root / ".git" / "index.lock"
                if lock.exists():  # taken a while ago: then our command does not wait for it
                    os.utime(lock, (time.time() - 10,) * 2)
                session = Session.open(root)
                outcome = session.run(Comment(target, f"ours-{number}."))
                failed = go_on() != 0
            if failed:
                git(root, "commit", "-qam", token)
            session.retry()
            ours = f"ours-{number}." in in_head(root, target)
            theirs = token in in_head(root, IDS[0])
            clean = git(root, "status", "--porcelain") == ""
            holds = ours and theirs and clean and session.journal.pending() == []
            claim.check(holds, (number, how, target, outcome.waiting, failed, ours, theirs, clean))
