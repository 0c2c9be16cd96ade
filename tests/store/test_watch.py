"""The watcher: each kind of save comes out as the path a person would name."""

from __future__ import annotations

import errno
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner.store import files, mounts, news, watch
from planner.store.news import EVERYTHING, Batch, Inbox
from planner.store.watch import Watcher

PATIENCE = 10.0  # seconds, far more than anything here takes


class Listener:
    """Gathers batches and waits until they say what is asked for."""

    def __init__(self) -> None:
        self.batches: queue.Queue[Batch] = queue.Queue()

    def until(self, enough: Callable[[Batch], bool]) -> Batch:
        """Return all batches so far as one, as soon as it is enough."""
        seen = Batch()
        while not enough(seen):
            seen |= self.batches.get(timeout=PATIENCE)
        return seen

    def until_path(self, path: str) -> Batch:
        return self.until(lambda seen: path in seen.paths)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    (root / "tasks").mkdir(parents=True)
    (root / "tasks" / "a.md").write_text("old")
    os.utime(root / "tasks" / "a.md", (1_700_000_000.5, 1_700_000_000.5))
    return root


@pytest.fixture(params=["inotify", "poll"])
def mode(request: pytest.FixtureRequest) -> str:
    mode: str = request.param
    return mode


@pytest.fixture
def start(root: Path) -> Iterator[Callable[..., Listener]]:
    watchers: list[Watcher] = []

    def begin(mode: str = "inotify", folder: Path = root, git_dir: Path | None = None) -> Listener:
        listener = Listener()
        limit = 0 if mode == "poll" else None
        watcher = Watcher(folder, listener.batches.put, git_dir=git_dir, poll_seconds=0.05, watch_limit=limit)
        watchers.append(watcher)
        watcher.start()
        assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
        assert watcher.mode == mode
        return listener

    yield begin
    for watcher in watchers:
        watcher.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("planner-")]


def git(folder: Path, *args: str) -> None:
    argv = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.org", *args]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True)


def repository(folder: Path) -> Path:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "start")
    return folder / ".git"


def test_a_save_in_place(start: Callable[..., Listener], root: Path, mode: str) -> None:
    listener = start(mode)
    (root / "tasks" / "a.md").write_text("newer")
    assert listener.until_path("tasks/a.md").paths == {"tasks/a.md"}


def test_a_save_by_rename_comes_out_under_the_final_name(start: Callable[..., Listener], root: Path, mode: str) -> None:
    listener = start(mode)
    fresh = root / "tasks" / ".a.md.tmp"
    fresh.write_text("newer")
    fresh.replace(root / "tasks" / "a.md")
    assert listener.until_path("tasks/a.md").paths == {"tasks/a.md"}


def test_a_save_as_vim_does_it(start: Callable[..., Listener], root: Path) -> None:
    listener = start()
    file = root / "tasks" / "a.md"
    (root / "tasks" / "4913").write_text("")
    (root / "tasks" / "4913").unlink()
    (root / "tasks" / ".a.md.swp").write_text("swap")
    file.rename(root / "tasks" / "a.md~")
    file.write_text("newer")
    (root / "tasks" / "a.md~").unlink()
    assert listener.until_path("tasks/a.md").paths == {"tasks/a.md"}


def test_a_new_file_a_deleted_one_and_a_renamed_one(start: Callable[..., Listener], root: Path, mode: str) -> None:
    (root / "b.md").write_text("b")
    listener = start(mode)
    (root / "tasks" / "a.md").unlink()
    (root / "c.md").write_text("c")
    (root / "b.md").rename(root / "d.md")
    assert listener.until(lambda seen: {"tasks/a.md", "b.md", "c.md", "d.md"} <= seen.paths)


def test_the_configuration_counts_and_other_files_do_not(start: Callable[..., Listener], root: Path, mode: str) -> None:
    (root / ".obsidian").mkdir()
    listener = start(mode)
    for name in ("x.txt", ".merge_file_1.md", f"{files.TEMPORARY}1", "#x.md#", ".#x.md", ".obsidian/x.md", "x.md~"):
        (root / name).write_text("x")
    (root / ".obsidian" / "deeper").mkdir()
    (root / "planner.toml").write_text("[vault]")
    seen = listener.until_path("planner.toml")
    assert seen == Batch(frozenset({"planner.toml"}))


def test_a_new_folder_with_files_at_once_is_a_rescan(
    start: Callable[..., Listener], root: Path, tmp_path: Path
) -> None:
    listener = start()
    (root / "projects" / "x").mkdir(parents=True)
    (root / "projects" / "x" / "project.md").write_text("new")
    assert listener.until(lambda seen: seen.overflow)
    (root / "projects").rename(tmp_path / "elsewhere")
    assert listener.until(lambda seen: seen.overflow)
    (tmp_path / "elsewhere").rename(root / "areas")
    assert listener.until(lambda seen: seen.overflow)
    (root / "areas" / "x" / "project.md").write_text("newer")
    assert listener.until_path("areas/x/project.md")


def test_a_burst_is_complete(start: Callable[..., Listener], root: Path, mode: str) -> None:
    listener = start(mode)
    paths = {f"tasks/{n}.md" for n in range(500)}
    for path in paths:
        (root / path).write_text("x")
    assert listener.until(lambda seen: paths <= seen.paths or seen.overflow)


def test_more_events_than_can_be_trusted_are_an_overflow() -> None:
    inbox = Inbox()
    for n in range(news.BURST):
        inbox.put(Batch(frozenset({f"{n % 7}.md"})))
    assert inbox.take() == Batch(frozenset(f"{n}.md" for n in range(7)), overflow=True)


def test_what_one_poll_found_is_one_batch(
    start: Callable[..., Listener], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However soon it is fetched: a teller who is held up between two paths would tell of a state that never was."""
    listener = start("poll")
    away = root.with_name("away")
    away.mkdir()
    for number in range(100):
        (away / f"{number}.md").write_text("x")
    monkeypatch.setattr(news, "COALESCE", 0.0)
    put = Inbox.put

    def put_and_be_held_up(inbox: Inbox, batch: Batch, *, after: float = 0.0) -> None:
        put(inbox, batch, after=after)
        time.sleep(0.01)

    monkeypatch.setattr(Inbox, "put", put_and_be_held_up)
    away.rename(root / "more")
    first = listener.batches.get(timeout=PATIENCE)
    assert first == Batch(frozenset(f"more/{number}.md" for number in range(100)), overflow=True)


def test_news_that_keeps_coming_is_one_batch() -> None:
    inbox, waited = Inbox(), threading.Event()

    class Busy(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if not waited.is_set():
                waited.set()
                inbox.put(Batch(frozenset({"b.md"})))
            return super().wait(timeout)

    inbox._closed = Busy()
    inbox.put(Batch(frozenset({"a.md"})))
    assert inbox.take() == Batch(frozenset({"a.md", "b.md"}))


def test_what_is_put_for_later_comes_in_its_time() -> None:
    now = [0.0]
    inbox = Inbox(clock=lambda: now[0])
    inbox.put(Batch(frozenset({"later.md"})), after=5)
    inbox.put(Batch(overflow=True), after=60)
    inbox.put(Batch(frozenset({"now.md"})))
    assert inbox.take() == Batch(frozenset({"now.md"}))
    now[0] = 5
    assert inbox.take() == Batch(frozenset({"later.md"}))
    inbox.forget_timed_overflows()
    now[0] = 60
    inbox.put(Batch(index_changed=True))
    assert inbox.take() == Batch(index_changed=True)


def test_everything_is_compared_now_and_then(root: Path) -> None:
    listener = Listener()
    watcher = Watcher(root, listener.batches.put, rescan_seconds=0.01)
    watcher.start()
    assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
    assert listener.batches.get(timeout=PATIENCE) == Batch(overflow=True)
    assert listener.batches.get(timeout=PATIENCE) == Batch(overflow=True)
    watcher.stop()


def test_a_new_branch_and_a_staged_file(start: Callable[..., Listener], root: Path, mode: str) -> None:
    git_dir = repository(root)
    listener = start(mode, git_dir=git_dir)
    git(root, "checkout", "-q", "-b", "other")
    assert listener.until(lambda seen: seen.head_changed)
    (root / "tasks" / "a.md").write_text("newer")
    git(root, "add", ".")
    assert listener.until(lambda seen: seen.index_changed and "tasks/a.md" in seen.paths)


def test_a_commit_is_seen_from_a_vault_in_a_sub_folder(start: Callable[..., Listener], root: Path, mode: str) -> None:
    git_dir = repository(root)
    listener = start(mode, root / "tasks", git_dir)
    git(root, "commit", "-q", "--allow-empty", "-m", "next")
    assert listener.until(lambda seen: seen.head_changed).paths == frozenset()


def test_a_commit_is_seen_in_a_linked_work_tree(start: Callable[..., Listener], root: Path, tmp_path: Path) -> None:
    git_dir = repository(root)
    tree = tmp_path / "tree"
    git(root, "worktree", "add", "-q", "-b", "side", str(tree))
    listener = start("inotify", tree, git_dir / "worktrees" / "tree")
    git(tree, "commit", "-q", "--allow-empty", "-m", "next")
    assert listener.until(lambda seen: seen.head_changed)


@pytest.mark.parametrize(
    ("inside", "own", "expected"),
    [
        ("HEAD", True, Batch(head_changed=True)),
        ("HEAD.lock", True, Batch()),
        ("refs/heads/main", True, Batch(head_changed=True)),
        ("refs/heads/main.lock", True, Batch()),
        ("packed-refs", True, Batch(head_changed=True)),
        ("rebase-merge", True, Batch(head_changed=True)),
        ("MERGE_HEAD", True, Batch(head_changed=True)),
        ("index", True, Batch(index_changed=True)),
        ("index.lock", True, Batch()),
        ("objects/ab/cdef", True, Batch()),
        ("planner/journal", True, Batch()),
        ("logs/HEAD", True, Batch()),
        ("HEAD", False, Batch()),
        ("index", False, Batch()),
        ("refs/heads/side", False, Batch(head_changed=True)),
    ],
)
def test_what_counts_in_gits_folder(inside: str, own: bool, expected: Batch) -> None:
    assert watch._git_batch(inside, own=own) == expected


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances"), (errno.EIO, "trouble")],
)
def test_where_the_system_cannot_watch_files_are_polled(
    root: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    from planner.store.observer import FolderWatches

    def refuse(self: object) -> None:
        raise OSError(code, "trouble")

    monkeypatch.setattr(FolderWatches, "start", refuse)
    listener = Listener()
    watcher = Watcher(root, listener.batches.put, poll_seconds=0.05)
    watcher.start()
    assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
    assert watcher.mode == "poll"
    assert words in watcher.notice
    (root / "tasks" / "a.md").write_text("newer")
    assert listener.until_path("tasks/a.md")
    watcher.stop()


def test_a_limit_that_watchdog_hides_is_found(root: Path) -> None:
    for name in ("b", "c", "d"):
        (root / name).mkdir()
    listener = Listener()
    watcher = Watcher(root, listener.batches.put, poll_seconds=0.05, watch_limit=4)
    watcher.start()
    assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
    assert watcher.mode == "poll"
    assert watcher.notice.startswith("polling every 0.05 s: more folders")
    watcher.stop()


def test_a_limit_that_is_reached_later_is_found(root: Path) -> None:
    listener = Listener()
    watcher = Watcher(root, listener.batches.put, poll_seconds=0.05, watch_limit=4)
    watcher.start()
    assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
    assert not watcher.notice
    for name in ("b", "c", "d"):
        (root / name).mkdir()
    listener.until(lambda seen: seen.head_changed and seen.overflow)
    assert watcher.notice.startswith("polling")
    (root / "d" / "x.md").write_text("newer")
    assert listener.until_path("d/x.md")
    watcher.stop()


@pytest.mark.parametrize("kind", ["nfs4", "9p", "fuse.sshfs", "drvfs"])
def test_a_remote_file_system_is_polled(root: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(watch, "file_system", lambda _: kind)
    listener = Listener()
    watcher = Watcher(root, listener.batches.put, poll_seconds=0.05)
    watcher.start()
    assert listener.batches.get(timeout=PATIENCE) == EVERYTHING
    assert watcher.mode == "poll"
    assert kind in watcher.notice
    watcher.stop()


MOUNTS = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 0:30 / /home/ana/far\040away rw,relatime shared:9 - nfs4 host:/x rw
31 27 0:31 / /mnt/c rw,noatime - 9p drvfs rw,aname=drvfs
32 31 0:32 / /mnt/c rw,noatime - ext4 /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ana/plan", "ext4"),
        ("/home/ana/far away/plan", "nfs4"),
        ("/home/ana/far away", "nfs4"),
        ("/home/ana/far away2", "ext4"),
        ("/mnt/c/plan", "ext4"),
        ("/proc", "proc"),
    ],
)
def test_the_file_system_of_a_folder(folder: str, kind: str) -> None:
    assert mounts.file_system(folder, MOUNTS) == kind


def test_what_is_never_looked_into_is_not_watched(root: Path) -> None:
    git_dir = repository(root)
    places = watch._Places(root, git_dir)
    places.ignored = frozenset({"build/", "tasks/out/"})
    wanted = ("", "tasks", "tasks/deep/er", ".git", ".git/refs/heads", ".git/rebase-merge")
    others = (".git/objects/ab", ".git/logs", ".obsidian", "node_modules/x", "build", "build/x", "tasks/out/y")
    base = str(places.root)
    assert [folder for folder in wanted if not places.wanted(f"{base}/{folder}".rstrip("/"))] == []
    assert [folder for folder in others if places.wanted(f"{base}/{folder}")] == []


def test_start_and_stop_twice_and_again(root: Path) -> None:
    before = threading.active_count()
    listener = Listener()
    watcher = Watcher(root, listener.batches.put)
    watcher.stop()
    for text in ("one", "other"):
        watcher.start()
        watcher.start()
        assert listener.until(lambda seen: seen == EVERYTHING)
        (root / "tasks" / "a.md").write_text(text)
        assert listener.until_path("tasks/a.md")
        watcher.stop()
        watcher.stop()
        assert watcher.mode == "off"
    assert threading.active_count() == before


def test_it_may_be_stopped_from_its_own_call(root: Path) -> None:
    stopped = threading.Event()

    def once(_: Batch) -> None:
        watcher.stop()
        stopped.set()

    watcher = Watcher(root, once)
    watcher.start()
    (root / "tasks" / "a.md").write_text("newer")
    assert stopped.wait(PATIENCE)
