"""While others write, in whatever way, the running model stays what a fresh scan of the files would be."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from planner import following
from planner.commands import Move
from planner.core.change import Delta
from planner.core.model import ParsedFile
from planner.core.vault import Vault
from planner.errors import GitFailed, PlannerError
from planner.following import Follower
from planner.session import Session
from planner.store import files
from planner.store.news import Batch
from planner.store.watch import Watcher
from tests.conftest import Claims, git
from tests.proof import times

PATIENCE = 20.0  # seconds, far more than anything here takes
WORLDS = 4
FOLDERS = ("tasks", "inbox", "projects/web", "projects/app", "people", "archive/tasks", "notes")


class World:
    """A vault in a repository with two branches, a folder outside it, and a session that follows."""

    def __init__(self, folder: Path) -> None:
        self.root, self.outside, self.number = folder / "vault", folder / "outside", 0
        self.outside.mkdir(parents=True)
        (self.outside / "secret.md").write_text("not ours\n")
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        (self.root / "planner.toml").write_text('[vault]\nname = "world"\n')
        for number in range(24):
            self.save(self.root / FOLDERS[number % len(FOLDERS)] / f"t{number}.md")
        git(self.root, "init", "--quiet", "--initial-branch=main")
        git(self.root, "config", "user.name", "Ana")
        git(self.root, "config", "user.email", "ana@example.org")
        (self.root / ".git" / "info" / "exclude").write_text("/settled.md\n/.settled\n")
        self.commit()
        git(self.root, "checkout", "--quiet", "-b", "side")
        for number in range(0, 24, 2):
            self.save(self.root / FOLDERS[number % len(FOLDERS)] / f"t{number}.md")
        self.save(self.root / "projects" / "new" / "project.md")
        shutil.rmtree(self.root / "people")
        self.commit()
        git(self.root, "checkout", "--quiet", "main")
        self.session = Session.open(self.root)
        self._turned = threading.Condition()
        self.session.subscribe(self._heard)

    def save(self, path: Path) -> None:
        """A text that is like no other, in place."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text())

    def text(self) -> str:
        self.number += 1
        if self.number % 11 == 0:
            return f"just a note {self.number}\n"
        waits = f"depends_on: [t{self.number % 24}]\n" if self.number % 3 == 0 else ""
        return f"---\nid: t{self.number % 29}\ntitle: number {self.number}\nstatus: todo\n{waits}---\nSee [[t3]].\n"

    def commit(self) -> None:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", "more")

    def _heard(self, _: Delta) -> None:
        with self._turned:
            self._turned.notify_all()

    def settle(self) -> bool:
        """Wait until what was done so far is in the model.

        A walk that meets the first mark may have left a folder before it changed; one that meets the second has not.
        """
        return self._mark() and self._mark()

    def _mark(self) -> bool:
        self.number += 1
        mark = f"settled {self.number}\n"
        (self.root / ".settled").write_text(mark)
        (self.root / ".settled").replace(self.root / "settled.md")

        def arrived() -> bool:
            file = self.session.vault.files.get("settled.md")
            return file is not None and file.text == mark

        with self._turned:
            return self._turned.wait_for(arrived, PATIENCE)

    def differences(self) -> list[str]:
        """What a fresh scan says otherwise than the running model."""
        fresh, running = Session(self.root, self.session.repo), self.session.vault
        tree = files.read_tree(self.root, ignored=fresh.ask_ignored())
        vault = Vault.parse({**tree.texts, **{unread.path: unread for unread in tree.unread}})
        paths = vault.files.keys() | running.files.keys()
        pairs = {path: (vault.files.get(path), running.files.get(path)) for path in sorted(paths)}
        found = [f"{path}: {_said(one)}, not {_said(other)}" for path, (one, other) in pairs.items() if one != other]
        found += ["items"] * (vault.items != running.items) + ["problems"] * (vault.problems != running.problems)
        return found + ["planner.toml"] * (vault.config != running.config)


def _said(file: ParsedFile | None) -> str:
    return "nothing" if file is None else repr(file.text[:60] or [fault.message for fault in file.problems])


@contextmanager
def following_world(folder: Path) -> Iterator[World]:
    world = World(folder)
    world.session.watch()
    try:
        assert world.settle()
        yield world
    finally:
        world.session.close()


Event = Callable[[World, random.Random], None]


def some_folder(world: World, pick: random.Random) -> Path:
    found = [Path(above) for above, _, _ in os.walk(world.root) if ".git" not in Path(above).parts]
    return pick.choice(sorted(found))


def some_file(world: World, pick: random.Random) -> Path:
    found = [path for path in world.root.rglob("*.md") if ".git" not in path.parts and path.name != "settled.md"]
    return pick.choice(sorted(found) or [world.root / "tasks" / "none.md"])


def create(world: World, pick: random.Random) -> None:
    folder = some_folder(world, pick) if pick.random() < 0.7 else world.root / pick.choice(FOLDERS)
    world.save(folder / f"n{pick.randrange(40)}{pick.choice(['.md', '.md', '.MD', '.txt', '.md~'])}")


def save_in_place(world: World, pick: random.Random) -> None:
    path = some_file(world, pick)
    if not path.is_symlink():
        world.save(path)


def save_by_rename(world: World, pick: random.Random) -> None:
    path = some_file(world, pick)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.tmp")
    fresh.write_text(world.text())
    fresh.replace(path)


def move(world: World, pick: random.Random) -> None:
    path = some_file(world, pick)
    target = some_folder(world, pick) / f"m{pick.randrange(20)}.md"
    if path.exists() and not target.is_dir():
        path.rename(target)


def move_out(world: World, pick: random.Random) -> None:
    path = some_file(world, pick)
    if path.exists():
        path.rename(world.outside / f"{pick.randrange(9)}.md")


def delete(world: World, pick: random.Random) -> None:
    some_file(world, pick).unlink(missing_ok=True)


def close_and_open(world: World, pick: random.Random) -> None:
    path = pick.choice([some_file, some_folder])(world, pick)
    if path.exists() and not path.is_symlink() and path != world.root:
        path.chmod(0o000)
        if pick.random() < 0.6:
            path.chmod(0o755 if path.is_dir() else 0o644)


def open_all(world: World, _: random.Random) -> None:
    for above, folders, names in os.walk(world.root):
        for name in (*folders, *names):
            path = Path(above, name)
            if not path.is_symlink() and not path.stat().st_mode & 0o400:
                path.chmod(0o755 if path.is_dir() else 0o644)


def link(world: World, pick: random.Random) -> None:
    name = some_folder(world, pick) / pick.choice(["l1.md", "l2.md", "l3", "l4"])
    inside = [some_file(world, pick), some_folder(world, pick), world.root / "tasks" / "n1.txt", world.root / "none.md"]
    if not name.exists() and not name.is_symlink():
        name.symlink_to(pick.choice([*inside, world.outside / "secret.md", world.outside]))


def save_what_links_point_to(world: World, _: random.Random) -> None:
    world.save(world.root / "tasks" / "n1.txt")


def make_folder(world: World, pick: random.Random) -> None:
    folder = some_folder(world, pick) / pick.choice(["d1", "d2", "d3.md", "node_modules", ".hidden", "build"])
    if not folder.exists() and not folder.is_symlink():
        world.save(folder / "deep" / "er" / f"x{pick.randrange(9)}.md")
        world.save(folder / f"x{pick.randrange(9)}.md")


def rename_folder(world: World, pick: random.Random) -> None:
    folder = some_folder(world, pick)
    target = some_folder(world, pick) / pick.choice(["d1", "d2", "r1", "r2", "build"])
    if folder != world.root and not target.exists() and not target.is_relative_to(folder):
        folder.rename(target)
        if pick.random() < 0.5:
            world.save(target / "y.md")
        if pick.random() < 0.3:
            folder.mkdir()
            world.save(folder / "z.md")


def move_folder_out_and_in(world: World, pick: random.Random) -> None:
    away = world.outside / f"away{pick.randrange(2)}"
    folder = some_folder(world, pick)
    if away.exists():
        target = folder / pick.choice(["d1", "d2", "back"])
        if not target.exists() and not target.is_symlink():
            away.rename(target)
            world.save(target / "deep" / "w.md")
    elif folder != world.root:
        folder.rename(away)


def delete_folder(world: World, pick: random.Random) -> None:
    folder = some_folder(world, pick)
    if folder not in {world.root, world.root / "tasks"}:
        shutil.rmtree(folder)


def change_case(world: World, pick: random.Random) -> None:
    path = some_file(world, pick)
    target = path.with_name(path.name.swapcase())
    if path.exists() and not target.exists():
        path.rename(target)


def run_git(world: World, *arguments: str) -> None:
    """As a user would, who is told where something cannot be done."""
    subprocess.run(["git", *arguments], cwd=world.root, check=False, capture_output=True)


def check_out(world: World, pick: random.Random) -> None:
    run_git(world, "checkout", "--force", "--quiet", pick.choice(["main", "side"]))


def stash(world: World, pick: random.Random) -> None:
    run_git(world, "stash", *pick.choice([["push", "--quiet"], ["push", "--quiet", "-u"], ["pop", "--quiet"]]))


def reset(world: World, _: random.Random) -> None:
    run_git(world, "clean", "-ffdxq")
    run_git(world, "reset", "--hard", "--quiet")


def ignore(world: World, pick: random.Random) -> None:
    (world.root / ".gitignore").write_text(pick.choice(["", "build/\n", "build/\nd1/\n", "deep/\n"]))


def nest_repository(world: World, pick: random.Random) -> None:
    folder = some_folder(world, pick)
    if (folder / ".git").exists() and folder != world.root:
        shutil.rmtree(folder / ".git")
    elif folder != world.root:
        (folder / ".git").mkdir()


def configure(world: World, pick: random.Random) -> None:
    said = pick.choice(['[vault]\nname = "a"\n', '[vault]\nname = "b"\n', "[vault\n", "[workflow.x]\nstates = 1\n"])
    fresh = world.root / ".planner.toml.tmp"
    fresh.write_text(said)
    os.utime(fresh, (1_700_000_000 + world.number,) * 2)  # not half-written, just wrong
    fresh.replace(world.root / "planner.toml")


def wish(world: World, pick: random.Random) -> None:
    """Our own writing is followed like that of others."""
    found = [item for item in world.session.vault.items if item.has_workflow and not item.problems]
    with contextlib.suppress(PlannerError, IndexError):
        world.session.run(Move((pick.choice(found).path,), pick.choice(["doing", "todo", "done"])))


EVENTS: tuple[Event, ...] = (
    create, create, save_in_place, save_in_place, save_in_place, save_by_rename, save_by_rename, move, move, move_out,
    delete, close_and_open, open_all, link, link, save_what_links_point_to, make_folder, make_folder, rename_folder,
    rename_folder, move_folder_out_and_in, delete_folder, change_case, check_out, stash, reset, ignore,
    nest_repository, configure, wish,
)  # fmt: skip


def play(world: World, pick: random.Random, least: int = 1, most: int = 5) -> list[str]:
    """Do some things at random and tell which."""
    done = []
    for event in pick.choices(EVENTS, k=pick.randint(least, most)):
        done.append(event.__name__)
        try:
            event(world, pick)
        except OSError as error:  # what a person would be told: a name too long, a closed folder, a file gone
            done.append(str(error.strerror))
    return done


def mend(world: World) -> None:
    """Open what is closed and go back to a branch, so that there is something to play with."""
    open_all(world, random.Random(0))
    shutil.rmtree(world.outside)
    world.outside.mkdir()
    reset(world, random.Random(0))


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(WORLDS))
def test_the_running_model_equals_a_fresh_scan(
    claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(following, "YOUNG", 0.0)  # a merge that fails is no half-written file
    count = times(60, 2_000) // WORLDS
    pick = random.Random(seed)
    with (
        following_world(tmp_path) as world,
        claims("the running model equals a fresh scan after random file events", expect=count) as claim,
    ):
        for number in range(count):
            done = play(world, pick)
            found = world.differences() if world.settle() else ["never settled"]
            claim.check(not found, f"seed {seed}, round {number}, {done}: {found}")
            if number % 20 == 19 or found:
                mend(world)
                assert world.settle()


@pytest.mark.proof
def test_too_few_watches(claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, pick = times(8, 200), random.Random(7)
    monkeypatch.setattr(following, "YOUNG", 0.0)
    monkeypatch.setattr(following, "Watcher", partial(Watcher, watch_limit=5, poll_seconds=0.02))
    with (
        following_world(tmp_path) as world,
        claims("too few watches: polling, and the model still equals a fresh scan", expect=count) as claim,
    ):
        assert world.session.watching == "poll"
        assert "max_user_watches" in world.session.watching_notice
        for number in range(count):
            done = play(world, pick)
            found = world.differences() if world.settle() else ["never settled"]
            claim.check(not found, f"round {number}, {done}: {found}")
            if number % 20 == 19 or found:
                mend(world)
                assert world.settle()


SAVES = """
import os, sys
for number in range(5_000):
    folder = f"notes/{number % 40}"
    path = f"{folder}/{number % 2_500}.md"
    os.makedirs(folder, exist_ok=True)
    text = f"---\\nid: b{number % 2_500}\\ntitle: burst {sys.argv[1]} {number}\\nstatus: todo\\n---\\n"
    way = number % 3
    with open(path if way else f"{folder}/fresh", "w") as file:
        file.write(text)
    if not way:
        os.replace(f"{folder}/fresh", path)
"""


@pytest.mark.proof
def test_a_burst_of_saves(claims: Claims, tmp_path: Path) -> None:
    """In new folders at first, in place and by rename, every file twice, by another process."""
    count = times(1, 10)
    with (
        following_world(tmp_path) as world,
        claims("the model equals a fresh scan after bursts of 5,000 saves", expect=count) as claim,
    ):
        for number in range(count):
            subprocess.run([sys.executable, "-S", "-c", SAVES, str(number)], cwd=world.root, check=True)
            claim.check(world.settle() and not world.differences(), number)


@pytest.mark.proof
@pytest.mark.skipif(not Path("/proc/sys/fs/inotify").is_dir(), reason="the queue that overflows is Linux's")
def test_an_overflow_of_the_kernels_queue(claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads the queue until it has run over; what is done then is in no event."""
    from watchdog.observers.inotify_c import InotifyEvent, InotifyFD

    from planner.store.observer import FolderWatches

    count, pick = times(1, 20), random.Random(3)
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text("ascii"))
    gate, lost = threading.Event(), threading.Event()
    read, hear = InotifyFD.read_events, FolderWatches.on_queue_overflow

    def read_when_open(self: InotifyFD) -> list[InotifyEvent]:
        gate.wait(PATIENCE)
        return read(self)

    def hear_and_note(self: FolderWatches) -> None:
        lost.set()
        hear(self)

    monkeypatch.setattr(InotifyFD, "read_events", read_when_open)
    monkeypatch.setattr(FolderWatches, "on_queue_overflow", hear_and_note)
    gate.set()
    with (
        following_world(tmp_path) as world,
        claims("the model equals a fresh scan after the kernel's queue ran over", expect=count) as claim,
    ):
        one, other = (world.root / "notes" / name for name in ("one.txt", "other.txt"))
        for number in range(count):
            gate.clear()
            lost.clear()
            with one.open("w") as first, other.open("w") as second:
                for _ in range(room // 2 + 4_096):  # one reading may be under way
                    os.write(first.fileno(), b"x")
                    os.write(second.fileno(), b"x")
            done = play(world, pick, 5, 9)
            gate.set()
            found = world.differences() if world.settle() else ["never settled"]
            claim.check(not found and lost.wait(PATIENCE), f"round {number}, {done}: {found}, lost: {lost.is_set()}")
            mend(world)
            assert world.settle()


# ---- one by one --------------------------------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.session.close()


def test_what_changed_between_reading_and_watching_is_found(world: World) -> None:
    world.save(world.root / "tasks" / "t0.md")
    world.save(world.root / "tasks" / "unheard.md")
    shutil.rmtree(world.root / "notes")
    assert world.differences()
    world.session.watch()
    assert world.settle()
    assert world.differences() == []


def test_a_save_in_an_ignored_folder_is_none_of_ours(world: World) -> None:
    (world.root / ".gitignore").write_text("build/\n")
    world.save(world.root / "build" / "x.md")
    world.session.refresh()
    world.session.watch()
    world.save(world.root / "build" / "x.md")
    assert world.settle()
    assert "build/x.md" not in world.session.vault.files
    (world.root / ".gitignore").write_text("")
    assert world.settle()
    world.save(world.root / "build" / "x.md")
    assert world.settle()
    assert world.differences() == []
    assert "build/x.md" in world.session.vault.files


def test_comparing_reads_only_what_differs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in world.root.rglob("*.md"):
        os.utime(path, ns=(10**18, 10**18))
    os.utime(world.root / "planner.toml", ns=(10**18, 10**18))
    world.session.refresh()
    world.save(world.root / "tasks" / "t0.md")
    asked: list[str] = []
    read = files.read_paths

    def noted(root: Path, paths: list[str], **options: frozenset[str]) -> files.Tree:
        asked.extend(paths)
        return read(root, paths, **options)

    monkeypatch.setattr(files, "read_paths", noted)
    Follower(world.session).heard(Batch(overflow=True))
    assert asked == ["tasks/t0.md"]
    assert world.differences() == []


def test_where_git_fails_it_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AGAIN", 0.01)
    world.session.watch()
    assert world.settle()
    scan, failed = world.session.scan, threading.Event()

    def fail_once() -> files.Tree:
        if not failed.is_set():
            failed.set()
            raise GitFailed("the index is locked")
        return scan()

    monkeypatch.setattr(world.session, "scan", fail_once)
    world.save(world.root / "notes" / "new" / "deep" / "x.md")
    seen = threading.Event()
    world.session.subscribe(lambda delta: seen.set() if "notes/new/deep/x.md" in delta.paths else None)
    assert failed.wait(PATIENCE)
    assert world.settle()
    assert seen.wait(PATIENCE) or "notes/new/deep/x.md" in world.session.vault.files
    assert world.differences() == []


def test_a_vault_that_goes_away_and_comes_back(world: World) -> None:
    world.session.watch()
    assert world.settle()
    away = world.root.with_name("away")
    world.root.rename(away)
    world.save(away / "tasks" / "t0.md")
    shutil.rmtree(away / "notes")
    away.rename(world.root)
    world.session.look_again()
    assert world.settle()
    assert world.differences() == []


class Silent(Watcher):
    """Remembers what it is asked to tell again."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, lambda _: None)
        self.asked: list[tuple[frozenset[str], float]] = []

    def again(self, paths: frozenset[str], seconds: float) -> None:  # type: ignore[override]  # always a frozen set
        self.asked.append((frozenset(paths), seconds))


@pytest.mark.proof
def test_a_half_written_file(claims: Claims, world: World) -> None:
    """An editor that truncates and writes is seen at every byte: the card stays, or says what it says so far."""
    path, now = world.root / "tasks" / "t0.md", [0.0]
    text = path.read_text()
    silent = Silent(world.root)
    follower = Follower(world.session, watcher=silent, clock=lambda: now[0])
    with claims("a half-written file keeps the last good model until it is a second old", expect=len(text)) as claim:
        for cut in range(len(text)):
            path.write_text(text[:cut])
            now[0] = path.stat().st_mtime + 0.5
            follower.heard(Batch(frozenset({"tasks/t0.md"})))
            item = world.session.vault.files["tasks/t0.md"].item
            whole = item is not None and not item.broken
            kept = world.session.vault.text("tasks/t0.md") != text[:cut]
            promised = not kept or silent.asked[-1] == (frozenset({"tasks/t0.md"}), following.YOUNG)
            now[0] += following.YOUNG
            follower.heard(Batch(frozenset({"tasks/t0.md"})))
            claim.check(whole and promised and world.differences() == [], cut)
            path.write_text(text)
            follower.heard(Batch(frozenset({"tasks/t0.md"})))


def test_a_half_written_file_is_read_again_without_further_news(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "YOUNG", 0.3)
    world.session.watch()
    assert world.settle()
    broken = threading.Event()
    world.session.subscribe(lambda _: broken.set() if world.session.vault.broken else None)
    (world.root / "tasks" / "t0.md").write_text("---\nid: t0\n")
    assert broken.wait(PATIENCE)
    assert world.differences() == []


def test_a_half_written_configuration_keeps_the_last(world: World) -> None:
    silent, path = Silent(world.root), world.root / "planner.toml"
    follower = Follower(world.session, watcher=silent, clock=lambda: path.stat().st_mtime)
    for text in ("", "[vau"):
        path.write_text(text)
        follower.heard(Batch(frozenset({"planner.toml"})))
        assert world.session.vault.config.name == "world"
        assert silent.asked.pop() == (frozenset({"planner.toml"}), following.YOUNG)
