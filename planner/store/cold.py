"""Reading a vault from nothing: every file parsed, by all cores where it is large, told as it goes on."""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from planner.core.config import Config
from planner.core.model import ParsedFile, Unread
from planner.core.parse import parse_file
from planner.core.record import dataclass, field
from planner.core.shelf import Row, row_of
from planner.store import files, fsops
from planner.store.index import Segment, new_name, remove, write_all
from planner.store.walk import CONFIG_NAME, FOLDER, TARGET, Entry, Listings, is_markdown

MANY = 1_500  # files from which a second process pays
PIECE = 500  # names that are read at a time

Tell = Callable[[int, int], None]
"""Hears how many files of how many have been read."""


@dataclass(slots=True)
class Share:
    """The part of a vault that one process reads: rows and places in the order of reading, or the files themselves."""

    rows: dict[str, Row] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    made: dict[str, ParsedFile] = field(default_factory=dict)


def read_share(
    root: Path,
    listings: Iterable[tuple[str, bytes]],
    config: Config,
    segment: Segment | None,
    tell: Callable[[int], None],
) -> Share:
    """Read and parse what these listings name, into a segment, or into memory where there is none."""
    share = Share()
    for folder, listing in listings:
        tree = files.read_listed(root, {folder: listing})
        found: dict[str, str | Unread] = {**tree.texts, **{unread.path: unread for unread in tree.unread}}
        found.pop(CONFIG_NAME, None)
        for path, text in found.items():
            file = parse_file(path, text, config)
            share.rows[path] = row_of(file)
            if segment is None:
                share.made[path] = file
            else:
                share.places.append(segment.add(file))
        tell(sum(map(files.is_vault_file, found)))
    return share


def read(
    root: Path, listings: Listings, config: Config, folder: Path | None, tell: Tell
) -> tuple[Share, tuple[str, ...]]:
    """Read everything that the listings name; with a cache folder into segments there, whose names are returned."""
    pieces = list(_pieces(listings))
    total = sum(count for *_, count in pieces)
    counter = _Counter(total, tell)
    if folder is None:
        return read_share(root, [piece[:2] for piece in pieces], config, None, counter.add), ()
    workers = (os.cpu_count() or 1) if total >= MANY and _may_fork() else 1
    shares = _shares(pieces, min(workers, 16))
    names = [new_name("segment") for _ in shares]
    helpers: list[_Helper] = []
    try:
        for number, name in enumerate(names[1:], start=1):
            helpers.append(_Helper(root, shares[number], config, folder, number, name))
        with Segment(folder, 0, names[0]) as segment:
            whole = read_share(root, shares[0], config, segment, counter.watching(helpers))
        for helper in helpers:
            part = helper.result(counter)
            whole.rows.update(part.rows)
            whole.places += part.places
    except BaseException:
        for helper in helpers:
            helper.stop()
        remove(folder / name for name in names)
        raise
    return whole, tuple(names)


def _may_fork() -> bool:
    """Whether a copy of this process can go on alone: on Linux, while nothing else runs in it."""
    return sys.platform == "linux" and threading.active_count() == 1


def _pieces(listings: Listings) -> Iterator[tuple[str, bytes, int]]:
    """Folders with their listings and how many files are in them; a long listing in several pieces."""
    for folder, listing in listings.items():
        entries: list[Entry] = marshal.loads(listing)  # noqa: S302 (made a moment ago)
        if len(entries) <= PIECE:
            yield folder, listing, _count(entries)
            continue
        for begin in range(0, len(entries), PIECE):
            piece = entries[begin : begin + PIECE]
            yield folder, marshal.dumps(piece), _count(piece)


def _count(entries: Sequence[Entry]) -> int:
    return sum(kind not in (FOLDER, TARGET) and is_markdown(name) for name, kind, *_ in entries)


def _shares(pieces: Iterable[tuple[str, bytes, int]], count: int) -> list[list[tuple[str, bytes]]]:
    """The pieces in `count` parts of about as many files each."""
    parts: list[list[tuple[str, bytes]]] = [[] for _ in range(count)]
    loads = [0] * count
    for folder, listing, size in sorted(pieces, key=lambda piece: -piece[2]):
        least = loads.index(min(loads))
        parts[least].append((folder, listing))
        loads[least] += size
    return parts


class _Counter:
    """Adds up what all processes have read, and tells it."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell = total, tell
        self._done = 0
        self._helpers: Sequence[_Helper] = ()

    def watching(self, helpers: Sequence[_Helper]) -> Callable[[int], None]:
        self._helpers = helpers
        return self.add

    def add(self, count: int) -> None:
        self._done += count
        for helper in self._helpers:
            helper.listen()
        self.say()

    def say(self) -> None:
        """Tell how far all are."""
        self._tell(min(self._total, self._done + sum(helper.done for helper in self._helpers)), self._total)


class _Helper:
    """A copy of this process that reads a share into a segment of its own and leaves rows and places in a file."""

    def __init__(
        self, root: Path, share: list[tuple[str, bytes]], config: Config, folder: Path, number: int, name: str
    ) -> None:
        self._answer = folder / new_name("rows")
        self._read = partial(_read_into, root, share, config, partial(Segment, folder, number, name))
        self._segment = folder / name
        self._told, write_end = os.pipe()
        os.set_blocking(self._told, False)
        self.done = 0
        try:
            self.pid = os.fork()
            if self.pid == 0:
                self._work(write_end)
        except OSError:
            os.close(self._told)
            raise
        finally:
            os.close(write_end)

    def _work(self, told: int) -> None:
        """What the copy does: it must never return."""
        code = 1
        try:
            part = self._read(lambda count: write_all(told, count.to_bytes(4, "little")))
            fd = fsops.get().open(self._answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            write_all(fd, marshal.dumps((part.rows, part.places)))
            code = 0
        finally:
            os._exit(code)

    def listen(self) -> None:
        """Hear how many files it has read so far."""
        with contextlib.suppress(BlockingIOError):
            if self.pid:
                self._hear()

    def _hear(self) -> bool:
        data = os.read(self._told, 1 << 16)
        self.done += sum(int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4))
        return bool(data)

    def result(self, counter: _Counter) -> Share:
        """Wait for it; where it failed, its share is read here. Raises OSError where that cannot be written either."""
        os.set_blocking(self._told, True)
        while self._hear():
            counter.say()
        if self._ended() == 0:
            rows, places = marshal.loads(self._answer.read_bytes())  # noqa: S302 (whole: our own copy ended well)
            remove([self._answer])
            return Share(rows, places)
        self.done = 0
        remove([self._answer, self._segment])
        return self._read(counter.add)

    def stop(self) -> None:
        """End it, whatever it was doing, and leave nothing behind."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self._ended()
        remove([self._answer, self._segment])

    def _ended(self) -> int:
        """Wait for its end; its exit code."""
        os.close(self._told)
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _read_into(
    root: Path,
    share: list[tuple[str, bytes]],
    config: Config,
    make: Callable[[], Segment],
    tell: Callable[[int], None],
) -> Share:
    with make() as segment:
        return read_share(root, share, config, segment, tell)
