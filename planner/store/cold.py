"""Reading a vault from nothing: every file parsed, by all cores where it is large, told as it goes on."""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from planner.core.config import Config
from planner.core.model import ParsedFile, Unread
from planner.core.parse import parse_file
from planner.core.shelf import Row, row_of
from planner.store import files
from planner.store.index import Segment, new_name, write_all
from planner.store.walk import CONFIG_NAME, Listings

MANY = 1_500  # files from which a second process pays

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
        tree.texts.pop(CONFIG_NAME, None)
        found: dict[str, str | Unread] = {**tree.texts, **{unread.path: unread for unread in tree.unread}}
        for path, text in found.items():
            file = parse_file(path, text, config)
            share.rows[path] = row_of(file)
            if segment is None:
                share.made[path] = file
            else:
                share.places.append(segment.add(file))
        tell(len(found))
    return share


def read(
    root: Path, listings: Listings, config: Config, folder: Path | None, tell: Tell
) -> tuple[Share, tuple[str, ...]]:
    """Read everything that the listings name; with a cache folder into segments there, whose names are returned."""
    sizes = {path: listing.count(b".md") for path, listing in listings.items()}
    total = sum(sizes.values())
    workers = (os.cpu_count() or 1) if folder is not None and total >= MANY and _may_fork() else 1
    shares = _shares(listings, sizes, min(workers, 16))
    counter = _Counter(total, tell)
    if folder is None:
        return read_share(root, listings.items(), config, None, counter.add), ()
    helpers = [_Helper(root, part, config, folder, number) for number, part in enumerate(shares) if number]
    segment = Segment(folder, 0)
    try:
        whole = read_share(root, shares[0], config, segment, counter.watching(helpers))
    finally:
        segment.close()
    names = [segment.path.name]
    for helper in helpers:
        part, name = helper.result(counter)
        whole.rows.update(part.rows)
        whole.places += part.places
        names.append(name)
    return whole, tuple(names)


def _may_fork() -> bool:
    """Whether a copy of this process can go on alone: on Linux, while nothing else runs in it."""
    return sys.platform == "linux" and threading.active_count() == 1


def _shares(listings: Listings, sizes: dict[str, int], count: int) -> list[list[tuple[str, bytes]]]:
    """The folders in `count` parts of about as many files each."""
    parts: list[list[tuple[str, bytes]]] = [[] for _ in range(count)]
    loads = [0] * count
    for path in sorted(listings, key=lambda path: -sizes[path]):
        least = loads.index(min(loads))
        parts[least].append((path, listings[path]))
        loads[least] += sizes[path]
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

    def __init__(self, root: Path, share: list[tuple[str, bytes]], config: Config, folder: Path, number: int) -> None:
        self._answer = folder / new_name("rows")
        self._args = (root, share, config, folder, number)
        self._told, write_end = os.pipe()
        os.set_blocking(self._told, False)
        self.done = 0
        self._pid = os.fork()
        if self._pid == 0:
            self._work(write_end)
        os.close(write_end)

    def _work(self, told: int) -> None:
        """What the copy does: it must never return."""
        code = 1
        try:
            self._read(lambda count: write_all(told, count.to_bytes(4, "little")))
            code = 0
        finally:
            os._exit(code)

    def _read(self, tell: Callable[[int], None]) -> None:
        root, share, config, folder, number = self._args
        segment = Segment(folder, number)
        part = read_share(root, share, config, segment, tell)
        segment.close()
        fd = os.open(self._answer, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        write_all(fd, marshal.dumps((part.rows, part.places, segment.path.name)))

    def listen(self) -> None:
        """Hear how many files it has read so far."""
        with contextlib.suppress(BlockingIOError):
            self._hear()

    def _hear(self) -> bool:
        data = os.read(self._told, 1 << 16)
        self.done += sum(int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4))
        return bool(data)

    def result(self, counter: _Counter) -> tuple[Share, str]:
        """Wait for it; where it failed, its share is read here."""
        os.set_blocking(self._told, True)
        while self._hear():
            counter.say()
        os.close(self._told)
        os.waitpid(self._pid, 0)
        try:
            rows, places, name = marshal.loads(self._answer.read_bytes())  # noqa: S302 (from our own copy)
            self._answer.unlink()
        except (OSError, ValueError, EOFError, TypeError):
            root, share, config, folder, number = self._args
            segment = Segment(folder, number)
            try:
                return read_share(root, share, config, segment, counter.add), segment.path.name
            finally:
                segment.close()
        return Share(rows, places), name
