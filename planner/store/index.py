"""What the last run read of a vault, kept outside it: opened in milliseconds, held against the files, thrown away at will.

In the cache folder lie `index`, with a row for every file and the listings of all folders as they were when the files
were read, and segments with each file's text and what was parsed from it. A file whose stamp is another now is read
again; a cache made by another version, for another folder, or damaged, is none.
"""

from __future__ import annotations

import contextlib
import errno
import marshal
import mmap
import os
import struct
import sys
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from planner import __version__
from planner.core.config import Config, parse_config
from planner.core.model import ParsedFile, Unread
from planner.core.record import dataclass, field
from planner.core.shelf import Row, Shelf
from planner.core.vault import Vault
from planner.store import files, fsops
from planner.store.packed import StoredFile, pack, unpack
from planner.store.walk import Entry, Listings, dumped, look

MAGIC = b"planner\x03"
FORGOTTEN = 60.0  # seconds after which a segment that no index names is removed

_START = struct.Struct("<8sI")  # magic, checksum of the rest
_LENGTHS = struct.Struct("<4Q")  # of head, rows, places and listings
_RECORD = struct.Struct(
    "<III"
)  # lengths of what was parsed and of the text, checksum of both and of what they belong to
_SEGMENTS = 1 << 8  # a place is an offset times this, plus the number of its segment
MOST = 32  # segments; where there are as many, the next cache is written from nothing
_SAVED_LATER = -1  # in place of a time that a later save may share: no file has it


@dataclass(frozen=True, slots=True)
class Head:
    """What a cache was made from: code, folder and configuration; and what is not read again without need."""

    code: str
    root: str
    toml: str | None
    ignored: tuple[str, ...]  # folders
    asked: str  # what tells one state of git's ignore files outside the vault from another
    segments: tuple[str, ...]
    folders: tuple[str, ...]
    count: int  # files


@dataclass(frozen=True, slots=True)
class Seen:
    """The work tree as it was when the vault was read; `began` is the time (nanoseconds) before that."""

    listings: Listings
    began: int
    toml: str | None
    ignored: frozenset[str] = frozenset()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """An open cache, or the wish to make one; `listings` are the folders as they were when the vault was read."""

    root: Path
    folder: Path | None
    head: Head | None = None
    rows: Mapping[str, Row] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    listings: Listings = field(default_factory=dict)
    maps: tuple[mmap.mmap, ...] = ()

    def make(self, path: str) -> ParsedFile:
        """One file as it was read; from the file itself where the cache is damaged."""
        assert self.head is not None, "only an open cache has files"  # noqa: S101
        offset, number = divmod(self.places[path], _SEGMENTS)
        data, segment = self.maps[number], self.head.segments[number]
        with contextlib.suppress(struct.error, ValueError, EOFError, TypeError, IndexError):
            parsed, text, checksum = _RECORD.unpack_from(data, offset)
            begin = offset + _RECORD.size
            record = data[begin : begin + parsed + text]
            if zlib.crc32(record, _seed(segment, path, parsed, text)) == checksum:
                packed = marshal.loads(record[:parsed])  # noqa: S302 (ours, and its checksum is right)
                return unpack(path, packed, partial(_text, data, begin + parsed, text))
        return _from_disk(self.root, path, parse_config(self.head.toml))

    def vault(self) -> Vault:
        """The vault as the cache has it."""
        toml = self.head.toml if self.head else None
        return Vault(Shelf(self.rows, self.make), parse_config(toml))


def _text(data: mmap.mmap, begin: int, length: int) -> str:
    return data[begin : begin + length].decode("utf-8", "surrogateescape")


def _seed(segment: str, path: str, parsed: int, text: int) -> int:
    """Where the checksum of a record begins: one of another time or file, or cut elsewhere, is none."""
    return zlib.crc32(f"{segment}\0{path}\0{parsed}\0{text}".encode("utf-8", "surrogateescape"))


def _from_disk(root: Path, path: str, config: Config) -> ParsedFile:
    from planner.core.parse import parse_file

    if files.is_vault_file(path):
        tree = files.read_paths(root, [path])
    else:  # a folder, or a link to one, that is known by the reason why it is not read
        tree = files.read_listed(root, look(os.path.realpath(root), [path[: path.rfind("/") + 1]]), stat_only=True)
    found: dict[str, str | Unread] = {**tree.texts, **{unread.path: unread for unread in tree.unread}}
    return parse_file(path, found.get(path, ""), config)


# ---- loading -----------------------------------------------------------------------------------------------------


DAMAGE = (OSError, struct.error, ValueError, EOFError, TypeError)


@dataclass(frozen=True, slots=True)
class Kept:
    """A cache whose head has been read and serves; `open` reads the rest."""

    root: Path
    folder: Path
    head: Head
    parts: tuple[memoryview, ...]

    def open(self) -> Index | None:
        """All of it; None where a part is missing."""
        try:
            maps = tuple(_mapped(self.folder / name) for name in self.head.segments)
            rows, places, listings = (marshal.loads(part) for part in self.parts)  # noqa: S302 (ours, checksum is right)
            found = dict(zip(rows, places, strict=True))
        except DAMAGE:
            return None
        return Index(self.root, self.folder, self.head, rows, found, listings, maps)


def find(root: Path, folder: Path) -> Kept | None:
    """The cache of a vault as it was kept; None where there is none that serves."""
    try:
        data = (folder / "index").read_bytes()
        magic, checksum = _START.unpack_from(data)
        rest = memoryview(data)[_START.size :]
        if magic != MAGIC or zlib.crc32(rest) != checksum:
            return None
        body = rest[_LENGTHS.size :]
        parts = []
        for length in _LENGTHS.unpack_from(rest):
            parts.append(body[:length])
            body = body[length:]
        head = Head(*marshal.loads(parts[0]))  # noqa: S302 (ours, and its checksum is right)
    except DAMAGE:
        return None
    return (
        Kept(root, folder, head, tuple(parts[1:]))
        if (head.code, head.root) == (code_state(), os.fspath(root))
        else None
    )


def _mapped(path: Path) -> mmap.mmap:
    """A segment's bytes; raises OSError where there are none."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < len(MAGIC):
            raise OSError(errno.EIO, "cut short", os.fspath(path))
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@cache
def code_state() -> str:
    """What tells one state of the reading code from another: a new version, or an edit, makes a cache anew."""
    infos: list[object] = [__version__, sys.version, __file__]
    for folder in (Path(__file__).parents[1] / "core", Path(__file__).parent):
        with contextlib.suppress(OSError), os.scandir(folder) as found:  # no folder where it was packed into one file
            infos += sorted((entry.name, entry.stat().st_mtime_ns) for entry in found if entry.name.endswith(".py"))
    return f"{zlib.crc32(repr(infos).encode()):08x}"


# ---- writing ------------------------------------------------------------------------------------------------------


class Segment:
    """A file of records being written; `number` is its place among the segments of the index."""

    def __init__(self, folder: Path, number: int, name: str | None = None) -> None:
        self.path = folder / (name or new_name("segment"))
        self._number = number
        self._fd = fsops.get().open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._buffer = bytearray(MAGIC)  # a file of nothing could not be mapped
        self._written = 0

    def add(self, file: ParsedFile) -> int:
        """Append a file; returns its place."""
        place = (self._written + len(self._buffer)) * _SEGMENTS + self._number
        record = marshal.dumps(pack(file))
        text = file.text.encode("utf-8", "surrogateescape")
        checksum = zlib.crc32(text, zlib.crc32(record, _seed(self.path.name, file.path, len(record), len(text))))
        self._buffer += _RECORD.pack(len(record), len(text), checksum)
        self._buffer += record
        self._buffer += text
        if len(self._buffer) > 1 << 20:
            self._flush()
        return place

    def _flush(self) -> None:
        write_all(self._fd, bytes(self._buffer))
        self._written += len(self._buffer)
        self._buffer.clear()

    def close(self) -> None:
        """Write what is left."""
        try:
            self._flush()
        finally:
            fsops.get().close(self._fd)

    def __enter__(self) -> Segment:
        return self

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        """Close it; what could not be written as a whole is removed."""
        if fault is None:
            with _removed_on_error(self.path):
                self.close()
        else:
            with contextlib.suppress(OSError):
                fsops.get().close(self._fd)
            remove([self.path])


@contextlib.contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        remove([path])
        raise


def remove(paths: Iterable[Path]) -> None:
    """Remove files of the cache, where they are still there."""
    for path in paths:
        with contextlib.suppress(OSError):
            fsops.get().unlink(path)


def keep(index: Index, vault: Vault, seen: Seen) -> Index | None:
    """Write what the vault holds and the cache does not; None where the cache folder cannot be written."""
    shelf = vault.files
    if index.folder is None or not isinstance(shelf, Shelf):
        return None
    fresh = {path: file for path, file in shelf.made.items() if not isinstance(file, StoredFile)}
    old = index.head.segments if index.head is not None else ()
    places = {path: place for path, place in index.places.items() if path in shelf.rows and path not in fresh}
    try:
        with Segment(index.folder, len(old)) as segment:
            places.update({path: segment.add(file) for path, file in fresh.items()})
        with _removed_on_error(segment.path):
            return write(index, shelf.rows, places, (*old, segment.path.name), seen)
    except OSError:
        return None  # a full or read-only cache folder: the next run reads the files again


def new_name(kind: str) -> str:
    """A name that no other process takes."""
    return f"{kind}-{os.getpid():x}-{time.monotonic_ns():x}"


def write(
    index: Index, rows: Mapping[str, Row], places: Mapping[str, int], segments: tuple[str, ...], seen: Seen
) -> Index:
    """Put a new `index` in place of the old one, and remove segments that nobody names; raises OSError."""
    folder, ops = index.folder, fsops.get()
    assert folder is not None, "only a cache with a folder is written"  # noqa: S101
    maps = tuple(_mapped(folder / name) for name in segments)
    head = Head(
        code_state(), os.fspath(index.root), seen.toml, tuple(sorted(seen.ignored)), seen.asked, segments,
        tuple(seen.listings), len(rows),
    )  # fmt: skip
    steady = {path: _steady(listing, seen.began) for path, listing in seen.listings.items()}
    places = {path: places[path] for path in rows}
    values = ([getattr(head, name) for name in Head.__slots__], dict(rows), list(places.values()), steady)
    parts = [marshal.dumps(part) for part in values]
    body = b"".join([_LENGTHS.pack(*map(len, parts)), *parts])
    temporary = folder / new_name("new")
    fd = ops.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with _removed_on_error(temporary):
        try:
            write_all(fd, _START.pack(MAGIC, zlib.crc32(body)) + body)
        finally:
            ops.close(fd)
        ops.rename(temporary, folder / "index")
    with contextlib.suppress(OSError):  # what is left over is removed another time
        _forget(folder, segments)
    return Index(index.root, folder, head, rows, places, seen.listings, maps)


def write_all(fd: int, data: bytes | bytearray) -> None:
    """All of it, however often the system has to be asked; not synced, for a checksum finds what is torn."""
    rest = memoryview(data)
    while rest:
        rest = rest[fsops.get().write(fd, rest) :]


def _steady(listing: bytes, began: int) -> bytes:
    """A listing in which a time that a later save may share is none."""
    entries: list[Entry] = marshal.loads(listing)  # noqa: S302 (ours)
    if all(files.is_steady(mtime, began) for _, _, mtime, _ in entries):
        return listing
    return dumped(
        [entry if files.is_steady(entry[2], began) else (*entry[:2], _SAVED_LATER, entry[3]) for entry in entries]
    )


def _forget(folder: Path, segments: tuple[str, ...]) -> None:
    now = time.time()
    with os.scandir(folder) as found:
        others = [entry for entry in found if entry.name not in {"index", *segments}]
    remove(Path(entry.path) for entry in others if now - entry.stat(follow_symlinks=False).st_mtime > FORGOTTEN)
