"""Tells what changed in the vault and in git's folder while the program runs, a few milliseconds after it happened."""

from __future__ import annotations

import contextlib
import errno
import logging
import marshal
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from planner.store import files, walk
from planner.store.mounts import REMOTE, file_system
from planner.store.news import EVERYTHING, Batch, Inbox

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler

    from planner.store.observer import FolderWatches

POLL = 2.0  # seconds
RESCAN = 60.0  # seconds
SHARE = 20  # a poll that takes long comes less often: it takes at most one part of so many
JOIN = 5.0  # seconds

_STATE_FILES = ("HEAD", "packed-refs", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG")
_STATE_FOLDERS = ("refs/", "reftable/", "rebase-merge/", "rebase-apply/", "sequencer/")

LINUX = sys.platform == "linux"

Mode = Literal["off", "starting", "inotify", "poll"]


class Watcher:
    """Calls `on_change` with a Batch, in a thread of its own, from `start` to `stop`.

    The first batch, EVERYTHING, comes as soon as changes are heard of, so that none before is missed; another one
    comes whenever the way of watching changes. `mode` says whether the system reports changes or files are polled;
    `notice` then says why. Every `rescan_seconds` a batch asks to compare everything. `on_change` must not raise.
    A batch may name a path that has not really changed.
    """

    def __init__(
        self,
        root: Path,
        on_change: Callable[[Batch], None],
        *,
        git_dir: Path | None = None,
        poll_seconds: float = POLL,
        rescan_seconds: float = RESCAN,
        watch_limit: int | None = None,
    ) -> None:
        self.mode: Mode = "off"
        self.notice = ""
        self._on_change = on_change
        self._places = _Places(root, git_dir)
        self._poll_seconds = poll_seconds
        self._rescan_seconds = rescan_seconds
        self._watch_limit = watch_limit
        self._source: _Source | None = None
        self._inbox = Inbox()
        self._deliverer: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch, without waiting until every folder is watched; a second call does nothing."""
        if self._deliverer is not None:
            return
        self.mode = "starting"
        self._inbox = Inbox()
        self._deliverer = threading.Thread(target=self._run, args=(self._inbox,), name="planner-watch", daemon=True)
        self._deliverer.start()

    def stop(self) -> None:
        """End all threads; a second call does nothing. Safe to call from `on_change`."""
        deliverer, self._deliverer = self._deliverer, None
        if deliverer is None:
            return
        self._inbox.close()
        if deliverer is threading.current_thread():
            self._close()
        else:
            deliverer.join(JOIN)
        self.mode = "off"

    def look(self, *, after: float = 0.0) -> None:
        """Ask for a batch that compares everything, soon or in so many seconds; some change may have gone unheard."""
        self._inbox.put(Batch(overflow=True), after=after)

    def again(self, paths: Iterable[str], seconds: float) -> None:
        """Ask for a batch with these paths after a while."""
        self._inbox.put(Batch(frozenset(paths)), after=seconds)

    def follow_also(self, paths: frozenset[str]) -> bool:
        """Hear of these relative paths too, e.g. what links point to: a change there compares everything.

        Whether they are others than before; then something may have happened at them unheard.
        """
        before, self._places.also = self._places.also, paths
        return not paths <= before

    def leave_out(self, ignored: frozenset[str]) -> None:
        """Watch no folder of these (relative paths, ending in "/"), but for what is watched already."""
        before, self._places.ignored = self._places.ignored, ignored
        if before - ignored:
            self._inbox.put(Batch(overflow=True, renew=True))

    # In the deliverer's thread.

    def _run(self, inbox: Inbox) -> None:
        self._open()
        self._inbox.put(EVERYTHING)
        self._inbox.put(Batch(overflow=True), after=self._rescan_seconds)
        while (batch := inbox.take()) is not None:
            if batch.refused or batch.renew:
                self._close()
                self._open()
            if batch.overflow:
                inbox.forget_timed_overflows()
                inbox.put(Batch(overflow=True), after=self._rescan_seconds)
            self._on_change(EVERYTHING | batch if batch.refused else batch)
        self._close()

    def _open(self) -> None:
        """Begin to hear from the system, or to poll where it cannot watch every folder."""
        kind = file_system(self._places.root)
        if kind in REMOTE:
            self._poll(f"the vault is on a {kind} file system, which reports no changes made elsewhere")
            return
        try:
            self._source = self._observe()
        except (OSError, ImportError) as error:
            self._poll(_reason(error))
            return
        self.mode, self.notice = "inotify", ""

    def _observe(self) -> _Source:
        logging.getLogger("watchdog").addHandler(logging.NullHandler())  # it must not write on the screen
        source: FolderWatches | _Observed
        if LINUX:
            from planner.store.observer import FolderWatches

            places = self._places
            source = FolderWatches(places.tops(), places.wanted, self._report, self._inbox.put, limit=self._watch_limit)
        else:
            source = _Observed(self._places.tops(), self._report)
        try:
            source.start()
        except OSError:
            source.stop()
            raise
        return source

    def _report(self, path: str, is_folder: bool) -> None:
        if batch := self._places.batch(path, is_folder=is_folder):
            self._inbox.put(batch)

    def _poll(self, reason: str) -> None:
        self._source = _Polled(self._places, self._inbox, self._poll_seconds)
        self.mode, self.notice = "poll", f"polling every {self._poll_seconds:g} s: {reason}"

    def _close(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.stop()


class _Source(Protocol):
    """Something that fills the inbox until it is stopped."""

    def stop(self) -> None: ...


class _Places:
    """The watched folders by real path, and what a change at an absolute path means."""

    def __init__(self, root: Path, git_dir: Path | None) -> None:
        self.root = os.path.realpath(root)
        self.also: frozenset[str] = frozenset()
        self.ignored: frozenset[str] = frozenset()
        self.git_dirs: tuple[str, ...] = ()
        if git_dir is not None:
            self.git_dirs = tuple(dict.fromkeys((os.path.realpath(git_dir), _common_dir(os.path.realpath(git_dir)))))

    def tops(self) -> list[str]:
        """The folders to follow with what lies in them: the vault's, and git's where it lies outside."""
        return [self.root, *(git_dir for git_dir in self.git_dirs if not git_dir.startswith(f"{self.root}/"))]

    def wanted(self, folder: str) -> bool:
        """Whether an absolute folder is worth watching: the vault looks into it, or git keeps its state there."""
        for git_dir in self.git_dirs:
            if folder == git_dir:
                return True
            if folder.startswith(git_dir + "/"):
                return f"{folder[len(git_dir) + 1 :]}/".startswith(_STATE_FOLDERS)
        if folder == self.root or not folder.startswith(self.root + "/"):
            return folder == self.root
        inside = folder[len(self.root) + 1 :]
        return files.is_vault_folder(inside) and f"{inside}/" not in self.ignored and not self._in_ignored(inside)

    def _in_ignored(self, inside: str) -> bool:
        parts = inside.split("/")
        return any("/".join(parts[:n]) + "/" in self.ignored for n in range(1, len(parts)))

    def batch(self, path: str, *, is_folder: bool) -> Batch:
        """Return what a change at `path` means; empty when it means nothing."""
        for git_dir in self.git_dirs:
            if path == git_dir or path.startswith(git_dir + "/"):
                if path.endswith(".lock") and not os.path.lexists(path):
                    return Batch(index_changed=True)  # it was let go: what waits for it may go on
                return _git_batch(path[len(git_dir) + 1 :], own=git_dir == self.git_dirs[0])
        if path == self.root:
            return Batch(overflow=True)
        if not path.startswith(self.root + "/"):
            return Batch()
        inside = path[len(self.root) + 1 :]
        if inside in self.also:
            return Batch(overflow=True)
        folder, _, name = inside.rpartition("/")
        if name in {".git", ".gitignore"}:  # a folder became a repository of its own, or other folders are left out
            return Batch(overflow=True)
        if is_folder:
            return Batch(overflow=files.is_vault_folder(inside))
        if files.is_vault_file(inside):
            return Batch(frozenset({inside}))
        in_sight = not name.startswith(".") and (not folder or files.is_vault_folder(folder))
        return Batch(overflow=in_sight and os.path.islink(path))

    def stamps(self) -> dict[tuple[str, int], object]:
        """Return a stamp for each absolute path, and what kind of thing it is, whose change would mean something.

        Where a later save could have the same stamp it is made unlike every other, so that the file counts as changed.
        """
        began = time.time_ns()
        found: dict[tuple[str, int], object] = {}
        for folder, listing in walk.walk(self.root, self.ignored).items():
            for name, kind, mtime, inode in marshal.loads(listing):  # noqa: S302 (made a moment ago)
                key = f"{self.root}/{folder}{name}", min(kind, 0)
                found[key] = kind, mtime, inode, began if mtime and not files.is_steady(mtime, began) else 0
        for path in self._git_files():
            with contextlib.suppress(OSError):
                info = os.stat(path)
                found[path, 0] = (info.st_size, info.st_mtime_ns, info.st_ino)
        return found

    def _git_files(self) -> Iterator[str]:
        for git_dir in self.git_dirs:
            yield from (f"{git_dir}/{name}" for name in (*_STATE_FILES, "index"))
            for folder in _STATE_FOLDERS:
                for above, _, names in os.walk(f"{git_dir}/{folder}"):
                    yield from (os.path.join(above, name) for name in names)


def _git_batch(inside: str, *, own: bool) -> Batch:
    """What a change in git's folder means, by the path relative to it; a shared folder has only the refs for us."""
    if inside.endswith(".lock"):
        return Batch()
    if not own:
        return Batch(head_changed=inside == "packed-refs" or inside.startswith(("refs/", "reftable/")))
    head = inside in _STATE_FILES or f"{inside}/".startswith(_STATE_FOLDERS)
    return Batch(head_changed=head, index_changed=inside == "index")


def _common_dir(git_dir: str) -> str:
    """The folder that holds the refs: another one than `git_dir` in a linked work tree."""
    try:
        with open(f"{git_dir}/commondir", encoding="utf-8", errors="surrogateescape") as file:
            return os.path.realpath(os.path.join(git_dir, file.read().strip()))
    except FileNotFoundError:
        return git_dir


class _Observed:
    """Changes as a system other than Linux reports them."""

    def __init__(self, tops: Iterable[str], report: Callable[[str, bool], None]) -> None:
        from watchdog.observers import Observer

        self._observer = Observer()
        for top in tops:
            self._observer.schedule(_handler(report), top, recursive=True)

    def start(self) -> None:
        """Begin to hear; raises OSError where the system does not allow it."""
        self._observer.start()

    def stop(self) -> None:
        """End watchdog's threads."""
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join(JOIN)


class _Polled:
    """Changes found by looking at every file now and then."""

    def __init__(self, places: _Places, inbox: Inbox, seconds: float) -> None:
        self._places = places
        self._inbox = inbox
        self._seconds = seconds
        self._stopped = threading.Event()
        self._seen = places.stamps()
        self._thread = threading.Thread(target=self._run, name="planner-poll", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(JOIN)

    def _run(self) -> None:
        took = 0.0
        while not self._stopped.wait(max(self._seconds, SHARE * took)):
            began = time.monotonic()
            before, self._seen = self._seen, self._places.stamps()
            took = time.monotonic() - began
            if differing := {key for key, _ in before.items() ^ self._seen.items()}:
                self._inbox.put(self._batch(differing))

    def _batch(self, differing: Iterable[tuple[str, int]]) -> Batch:
        """What one walk found, told at once: half of it would be a state that never was."""
        batches = (self._places.batch(path, is_folder=kind == walk.FOLDER) for path, kind in differing)
        return Batch.of(batch or Batch(overflow=True) for batch in batches)


def _handler(report: Callable[[str, bool], None]) -> FileSystemEventHandler:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in {"opened", "closed", "closed_no_write"}:
                return
            if event.is_directory and event.event_type == "modified":
                return  # what was saved, created or deleted in it is told by itself
            for path in (event.src_path, event.dest_path):
                if path:
                    report(os.fsdecode(path), event.is_directory)

    return Handler()


def _reason(error: OSError | ImportError) -> str:
    """Why files have to be polled, in words that help."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "more folders than the system lets one user watch (see fs.inotify.max_user_watches)"
    if isinstance(error, OSError) and error.errno == errno.EMFILE:
        return "the system has no watcher left (see fs.inotify.max_user_instances)"
    return str(error)
