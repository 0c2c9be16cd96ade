"""Tells what changed in the vault and in git's folder while the program runs, a few milliseconds after it happened."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from planner.store import files

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent, FileSystemEventHandler
    from watchdog.observers.api import BaseObserver, ObservedWatch

COALESCE = 0.02  # seconds
POLL = 2.0  # seconds
BURST = 4096  # events in one batch; far fewer than the kernel's queue holds, so beyond it some may have been lost
JOIN = 5.0  # seconds

_STATE_FILES = ("HEAD", "packed-refs", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG")
_STATE_FOLDERS = ("refs/", "reftable/", "rebase-merge/", "rebase-apply/", "sequencer/")


@dataclass(frozen=True, slots=True)
class Batch:
    """What changed: relative paths of the vault's files, git's state, or too much to tell (then read everything)."""

    paths: frozenset[str] = frozenset()
    head_changed: bool = False  # branch, commit, or a merge, rebase … in progress
    index_changed: bool = False
    overflow: bool = False

    def __bool__(self) -> bool:
        return bool(self.paths) or self.head_changed or self.index_changed or self.overflow

    def __or__(self, other: Batch) -> Batch:
        return Batch(
            self.paths | other.paths,
            self.head_changed or other.head_changed,
            self.index_changed or other.index_changed,
            self.overflow or other.overflow,
        )


class Watcher:
    """Calls `on_change` with a Batch, in a thread of its own, from `start` to `stop`.

    `mode` says whether the system reports changes or files are polled; `notice` then says why. `on_change` must not
    raise. A batch may name a path that has not really changed; none is missed but for an overflow nobody reports,
    for which the session rescans now and then.
    """

    def __init__(
        self,
        root: Path,
        on_change: Callable[[Batch], None],
        *,
        git_dir: Path | None = None,
        poll_seconds: float = POLL,
        watch_limit: int | None = None,
    ) -> None:
        self.mode: Literal["off", "inotify", "poll"] = "off"
        self.notice = ""
        self._on_change = on_change
        self._places = _Places(root, git_dir)
        self._poll_seconds = poll_seconds
        self._watch_limit = watch_limit
        self._source: _Source | None = None
        self._inbox = _Inbox()
        self._deliverer: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch; a second call does nothing."""
        if self._source is not None:
            return
        self._inbox = _Inbox()
        self._source = self._open()
        self._deliverer = threading.Thread(target=self._deliver, name="planner-watch", daemon=True)
        self._deliverer.start()

    def stop(self) -> None:
        """End all threads; a second call does nothing. Safe to call from `on_change`."""
        source, self._source = self._source, None
        if source is None:
            return
        source.stop()
        self._inbox.close()
        if self._deliverer is not None and self._deliverer is not threading.current_thread():
            self._deliverer.join(JOIN)
        self.mode = "off"

    def _open(self) -> _Source:
        """Start the system's observer, or polling where it cannot watch every folder."""
        observed = _Observed(self._places, self._inbox)
        try:
            observed.start(self._watch_limit if self._watch_limit is not None else _system_limit())
        except (OSError, ImportError) as error:
            observed.stop()
            self.mode, self.notice = "poll", _why_polling(error, self._poll_seconds)
            return _Polled(self._places, self._inbox, self._poll_seconds)
        self.mode, self.notice = "inotify", ""
        return observed

    def _deliver(self) -> None:
        while (batch := self._inbox.take()) is not None:
            self._on_change(batch)


class _Source(Protocol):
    """Something that fills the inbox until it is stopped."""

    def stop(self) -> None: ...


class _Inbox:
    """Where sources put changes and the deliverer takes them, coalesced over a few milliseconds."""

    def __init__(self) -> None:
        self._arrived = threading.Event()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._rest = Batch()
        self._events = 0

    def put(self, batch: Batch) -> None:
        """Add a change to the next batch."""
        with self._lock:
            self._paths |= batch.paths
            self._rest |= Batch(frozenset(), batch.head_changed, batch.index_changed, batch.overflow)
            self._events += 1
        self._arrived.set()

    def take(self) -> Batch | None:
        """Wait for the next batch; None once the inbox is closed."""
        self._arrived.wait()
        if self._closed.wait(COALESCE):
            return None
        with self._lock:
            self._arrived.clear()
            batch = self._rest | Batch(frozenset(self._paths), overflow=self._events >= BURST)
            self._paths, self._rest, self._events = set(), Batch(), 0
        return batch

    def close(self) -> None:
        """Let the deliverer end."""
        self._closed.set()
        self._arrived.set()


class _Places:
    """The watched folders by real path, and what a change at an absolute path means."""

    def __init__(self, root: Path, git_dir: Path | None) -> None:
        self.root = os.path.realpath(root)
        self.git_dirs: tuple[str, ...] = ()
        if git_dir is not None:
            self.git_dirs = tuple(dict.fromkeys((os.path.realpath(git_dir), _common_dir(os.path.realpath(git_dir)))))

    def batch(self, path: str, *, is_folder: bool) -> Batch:
        """Return what a change at `path` means; empty when it means nothing."""
        for git_dir in self.git_dirs:
            if path == git_dir or path.startswith(git_dir + "/"):
                return _git_batch(path[len(git_dir) + 1 :], own=git_dir == self.git_dirs[0])
        if path == self.root:
            return Batch(overflow=True)
        if not path.startswith(self.root + "/"):
            return Batch()
        inside = path[len(self.root) + 1 :]
        if is_folder:
            return Batch(overflow=files.is_vault_folder(inside))
        return Batch(frozenset({inside})) if files.is_vault_file(inside) else Batch()

    def stamps(self) -> dict[str, object]:
        """Return a stamp for each absolute path whose change would mean something."""
        found: dict[str, object] = {
            f"{self.root}/{path}": stamp for path, stamp in files.stat_tree(Path(self.root)).items()
        }
        for path in self._git_files():
            with contextlib.suppress(OSError):
                info = os.stat(path)
                found[path] = (info.st_size, info.st_mtime_ns, info.st_ino)
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
    """Changes as the system reports them."""

    def __init__(self, places: _Places, inbox: _Inbox) -> None:
        self._places = places
        self._inbox = inbox
        self._observer: BaseObserver | None = None
        self._log = _OverflowLog(inbox)

    def start(self, limit: int | None) -> None:
        """Watch every folder; raises OSError (ENOSPC, EMFILE) where that is more than the system allows."""
        from watchdog.observers import Observer

        count, last = _count_folders(self._places.root)
        if limit is not None and count > limit:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        logging.getLogger("watchdog").addHandler(self._log)
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="watchdog")  # it must not write on the screen
        observer = self._observer = Observer()
        for folder, recursive in self._folders():
            self._schedule(observer, folder, recursive=recursive)
        observer.start()
        self._prove(observer, last)

    def stop(self) -> None:
        """End watchdog's threads."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            if observer.is_alive():
                observer.join(JOIN)
        logging.getLogger("watchdog").removeHandler(self._log)

    def _folders(self) -> Iterator[tuple[str, bool]]:
        """The vault, and what of git's folder lies outside it; each with whether its sub-folders count."""
        yield self._places.root, True
        for git_dir in self._places.git_dirs:
            if not git_dir.startswith(self._places.root + "/"):
                yield git_dir, False
                if os.path.isdir(f"{git_dir}/refs"):
                    yield f"{git_dir}/refs", True

    def _schedule(self, observer: BaseObserver, folder: str, *, recursive: bool) -> ObservedWatch:
        """Ask for the events that change something; opening and closing would flood the queue."""
        from watchdog import events

        kinds: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileModifiedEvent,
            events.FileMovedEvent,
            events.FileDeletedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        return observer.schedule(_handler(self._report), folder, recursive=recursive, event_filter=kinds)

    def _prove(self, observer: BaseObserver, folder: str) -> None:
        """Watch the last folder once more: at the limit watchdog leaves out the later ones without a word."""
        with contextlib.suppress(FileNotFoundError):
            observer.unschedule(self._schedule(observer, folder, recursive=False))

    def _report(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path and (batch := self._places.batch(os.fsdecode(path), is_folder=event.is_directory)):
                self._inbox.put(batch)


class _OverflowLog(logging.Handler):
    """Hears watchdog say that the kernel's queue ran over, and keeps its talk off the screen."""

    def __init__(self, inbox: _Inbox) -> None:
        super().__init__(logging.WARNING)
        self._inbox = inbox

    def emit(self, record: logging.LogRecord) -> None:
        """Turn the warning into a change."""
        if "overflow" in record.getMessage():
            self._inbox.put(Batch(overflow=True))


class _Polled:
    """Changes found by looking at every file now and then."""

    def __init__(self, places: _Places, inbox: _Inbox, seconds: float) -> None:
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
        while not self._stopped.wait(self._seconds):
            before, self._seen = self._seen, self._places.stamps()
            for path, _ in before.items() ^ self._seen.items():
                if batch := self._places.batch(path, is_folder=False):
                    self._inbox.put(batch)


def _handler(report: Callable[[FileSystemEvent], None]) -> FileSystemEventHandler:
    from watchdog.events import FileSystemEventHandler

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            report(event)

    return Handler()


def _count_folders(root: str) -> tuple[int, str]:
    """How many folders there are to watch, and the one that watchdog comes to last."""
    count, last = 1, root
    for above, names, _ in os.walk(root):
        for name in names:
            folder = f"{above}/{name}"
            if not os.path.islink(folder):
                count, last = count + 1, folder
    return count, last


def _system_limit() -> int | None:
    """How many folders one user may watch on Linux; None where the system has no such limit."""
    try:
        return int(Path("/proc/sys/fs/inotify/max_user_watches").read_text("ascii"))
    except (OSError, ValueError):
        return None


def _why_polling(error: OSError | ImportError, seconds: float) -> str:
    """The sentence for the screen."""
    reason = str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        reason = "more folders than the system lets one user watch (see fs.inotify.max_user_watches)"
    elif isinstance(error, OSError) and error.errno == errno.EMFILE:
        reason = "the system has no watcher left (see fs.inotify.max_user_instances)"
    return f"Changes show up after {seconds:g} s: {reason}."
