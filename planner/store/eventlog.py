"""The events of a history, kept by commit outside the vault: read in one pass, then brought up to date by what is new.

The file in the cache folder is a row of blocks, each with the commits that came since the block before it; where
commits went (a branch was forced, another checked out) it is written anew. One made by another version of the reading
code or under another configuration, or damaged, is none.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from planner.core.config import Config
from planner.core.events import RENAMED, FieldChange, Revision, Said, field_of, said, told
from planner.core.record import dataclass
from planner.store import fsops
from planner.store.files import is_vault_file
from planner.store.git import Repository
from planner.store.history import Ancestry, CommitInfo, FileTold, gone, told_files
from planner.store.index import code_state, new_name, remove, write_all
from planner.store.objects import file_text

BATCH = 4_000  # texts that are fetched by one process
WORTH_KEEPING = 20  # new commits, or thousands of changes, from which a block is written
MOST_BLOCKS = 100
CHUNK = 500  # commits that are read together
PART = 1_000  # changes of a commit that are read together
_KNOWN_AT_MOST = 30_000  # files whose next older text is expected
_MAGIC = b"planner\x04"
_BLOCK = struct.Struct("<QI")  # length and checksum


class Part(NamedTuple):
    """Some of a commit's changes, marshalled; `ids` are their items' in lower case, each between line breaks."""

    ids: str
    changes: bytes


class Record(NamedTuple):
    """One commit as it is kept."""

    commit: str
    when: str
    who: str
    email: str
    subject: str
    op: str | None
    undoes: tuple[str, ...]
    merge: bool
    parts: tuple[Part, ...]

    def revision(self, ids: frozenset[str] | None = None, field: str | None = None) -> Revision:
        """It as a value, with all its changes or with those of some items (in lower case), or of one field and of ids."""
        parts = (part for part in self.parts if ids is None or any(f"\n{id_}\n" in part.ids for id_ in ids))
        rows = (row for part in parts for row in marshal.loads(part.changes))  # noqa: S302 (ours, and its checksum is right)
        if field is not None:  # a commit may have made ten thousand items, each with all its fields
            rows = (row for row in rows if row[1] == RENAMED or field in {row[1], field_of(row[1])})
        changes = tuple(FieldChange(*row) for row in rows if ids is None or row[0].casefold() in ids)
        when = datetime.fromisoformat(self.when)
        return Revision(
            self.commit, when, self.who, self.email, self.subject, self.op, self.undoes, self.merge, changes
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Which history: of what repository and folder, read under what configuration, along which ancestry."""

    repo: Repository
    prefix: str
    config: Config
    folder: Path | None  # of the cache; None for no cache
    ancestry: Ancestry = "all"
    rev: str = ""  # a commit to begin at; HEAD, where there is none

    @property
    def file(self) -> Path | None:
        """Where it is kept."""
        return self.folder / f"history-{self.ancestry}" if self.folder is not None else None

    @property
    def key(self) -> bytes:
        """What the reading depends on besides the commits."""
        workflow = self.config.workflow
        read_under = (workflow.names(), workflow.default, workflow.inbox, self.config.levels, self.config.custom)
        mailmap = zlib.crc32(file_text(self.repo, ".mailmap") or b"")
        facts = (code_state(), self.repo.common_dir, self.prefix, read_under, mailmap, sorted(self.repo.shallow()))
        return _MAGIC + zlib.crc32(repr(facts).encode("utf-8", "surrogateescape")).to_bytes(4, "little")


def revisions(source: Source, id_: str | None = None, field: str | None = None) -> Iterator[Revision]:
    """The commits of HEAD's history that changed files of the vault, newest first; of one item with its changes alone.

    An older id of the item is followed. Of what else than `field` changed only other ids are told, where one is given.
    What is not kept yet is read while it is asked for, and kept at the end.
    """
    if id_ is None:
        return (record.revision(None, field) for record in records(source))
    return _about(source, _Wanted({id_.casefold()}), field)


class _Wanted:
    """The ids that an item has had, in lower case, as far back as has been read."""

    def __init__(self, ids: set[str]) -> None:
        self.ids = ids

    def may_be_in(self, ids: str) -> bool:
        """Whether one of them stands between line breaks."""
        return any(f"\n{id_}\n" in ids for id_ in self.ids)


def _about(source: Source, wanted: _Wanted, field: str | None) -> Iterator[Revision]:
    """What the records tell of an item, under its older ids too."""
    for record in records(source, wanted):
        if any(wanted.may_be_in(part.ids) for part in record.parts):
            revision = record.revision(frozenset(wanted.ids), field)
            yield revision
            wanted.ids.update(
                change.old.casefold() for change in revision.changes if change.field == RENAMED and change.old
            )


def records(source: Source, wanted: _Wanted | None = None) -> Iterator[Record]:
    """The records of the history, newest first; kept ones that cannot concern what is wanted may be left out."""
    tip = source.rev or source.repo.head().commit
    if tip is None:
        return
    kept = _load(source)
    if kept is not None and kept.tip == tip:
        yield from kept.records(wanted)
        return
    left_behind = gone(source.repo, kept.tip, tip, ancestry=source.ancestry) if kept is not None else None
    if left_behind is None:
        kept = None
    fresh: list[Record] = []
    whole = _Whole()
    for record in _read(source, [tip, f"^{kept.tip}"] if kept is not None else [tip], whole):
        fresh.append(record)
        yield record
    left: list[Record] | None = None
    if kept is None or left_behind:
        left = [record for record in (kept.records() if kept else ()) if record.commit not in (left_behind or ())]
        yield from left
    else:
        yield from kept.records(wanted)
    worth = len(left_behind or ()) + sum(max(1, len(record.parts)) for record in fresh)
    if whole.is_so and worth >= WORTH_KEEPING:
        _keep(source, kept, tip, fresh, left)


# ---- reading from git ------------------------------------------------------------------------------------------------


class _Whole:
    """Whether every text was there; a clone without some of them may get them later."""

    is_so = True


class _Texts:
    """What files said, read once: the text before a commit is the text after an older one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[tuple[str, str], Said] = {}
        self._latest: dict[str, Said] = {}  # by path: the text that was read last, for bodies seldom change
        self._last: set[tuple[str, str]] = set()  # which the batch has asked for, and nothing older should
        self._blobs: dict[str, bytes] = {}

    def fetch(self, batch: Iterable[tuple[CommitInfo, list[FileTold]]]) -> None:
        """Have the texts of these commits at hand."""
        if len(self._latest) > _KNOWN_AT_MOST:
            self._latest.clear()
        for key in self._last if len(self._known) <= _KNOWN_AT_MOST else tuple(self._known):
            self._known.pop(key, None)
        self._last.clear()
        wanted = {
            oid: None
            for _, files in batch
            for file in files
            for oid in (*file.before, file.after)
            if oid is not None and (file.path, oid) not in self._known
        }
        self._blobs = self._source.repo.blobs(wanted)

    def said(self, path: str, oid: str | None, *, last: bool = False) -> Said | None:
        """What the file said, None where there was none; `last` where nothing older asks for it. Raises KeyError."""
        if oid is None:
            return None
        key = path, oid
        if key not in self._known:
            text = self._blobs[oid].decode("utf-8", "surrogateescape")
            inside, like = path.removeprefix(self._source.prefix), self._latest.get(path)
            self._latest[path] = self._known[key] = said(inside, text, self._source.config, like=like)
        if last:
            self._last.add(key)
        return self._known[key]


def _read(source: Source, revs: Sequence[str], whole: _Whole) -> Iterator[Record]:
    texts = _Texts(source)
    walk = (
        (commit, [file for file in files if is_vault_file(file.path.removeprefix(source.prefix))])
        for commit, files in told_files(source.repo, revs, source.prefix, ancestry=source.ancestry)
    )
    for batch in _batches(walk):
        if _is_bulk(batch[0][1]):
            ((commit, files),) = batch
            yield _record(commit, _bulk_changes(commit, files, texts, whole))
            continue
        texts.fetch(batch)
        for commit, files in batch:
            record = _record(commit, _changes(files, texts, whole))
            if files or record.parts:
                yield record


def _is_bulk(files: Sequence[FileTold]) -> bool:
    """Whether a commit brings or changes more texts than are read at once, and removes none: nothing has moved then."""
    return len(files) > BATCH and all(file.after is not None for file in files)


def _bulk_changes(commit: CommitInfo, files: Sequence[FileTold], texts: _Texts, whole: _Whole) -> Iterator[FieldChange]:
    """The changes of such a commit, some of its texts after the others: a folder taken over is one commit of all files."""
    for begin in range(0, len(files), BATCH):
        some = list(files[begin : begin + BATCH])
        texts.fetch([(commit, some)])
        yield from _changes(some, texts, whole)


def _batches(
    walk: Iterator[tuple[CommitInfo, list[FileTold]]],
) -> Iterator[list[tuple[CommitInfo, list[FileTold]]]]:
    """Commits in runs of not much more than BATCH texts, a bulk one by itself; the first runs are short, for few lines."""
    size, count = 50, 0
    run: list[tuple[CommitInfo, list[FileTold]]] = []
    for commit, files in walk:
        bulk = _is_bulk(files)
        if bulk and run:
            yield run
            run, count = [], 0
        run.append((commit, files))
        count += len(files)
        if bulk or count > size:
            yield run
            run, count = [], 0
            size = min(BATCH, size * 4)
    if run:
        yield run


def _changes(files: Sequence[FileTold], texts: _Texts, whole: _Whole) -> Iterator[FieldChange]:
    """What a commit changed in these files against its parent; a merge, what it decided against all of them."""
    befores: list[dict[str, Said]] = [{} for _ in files[0].before] if files else []
    after: dict[str, Said] = {}
    for path, before, oid in files:
        try:
            olds, new = [texts.said(path, old) for old in before], texts.said(path, oid, last=True)
        except KeyError:
            whole.is_so = False
            continue
        for known, old in zip(befores, olds, strict=True):
            known.update({path: old} if old is not None else {})
        after.update({path: new} if new is not None else {})
    first, *others = (told(before, after) for before in befores) if befores else ((),)
    decided = [{(change.id, change.field) for change in found} for found in others]
    yield from (change for change in first if all((change.id, change.field) in fields for fields in decided))


def _record(commit: CommitInfo, changes: Iterator[FieldChange]) -> Record:
    parts = []
    while some := list(islice(changes, PART)):
        parts.append(_part(some))
    return Record(
        commit.sha, commit.when.isoformat(), commit.author_name, commit.author_email, commit.subject, commit.op,
        commit.undoes, commit.is_merge, tuple(parts),
    )  # fmt: skip


def _part(changes: Sequence[FieldChange]) -> Part:
    ids = "\n".join(["", *dict.fromkeys(change.id.casefold() for change in changes), ""])
    return Part(ids, marshal.dumps([(change.id, change.field, change.old, change.new) for change in changes]))


# ---- keeping ---------------------------------------------------------------------------------------------------------


class Chunk(NamedTuple):
    """Some commits, newest first, marshalled; `ids` are those of all their items, each between line breaks."""

    ids: str
    rows: bytes

    def records(self) -> Iterator[Record]:
        """Its commits."""
        for *about, parts in marshal.loads(self.rows):  # noqa: S302 (ours, and the checksum of its block is right)
            yield Record._make([*about, tuple([Part(*part) for part in parts])])


@dataclass(frozen=True, slots=True)
class Block:
    """The step from one tip to another that descends from it: the commits that came, newest first."""

    tip: str
    base: str
    chunks: Sequence[Chunk]

    @classmethod
    def of(cls, tip: str, base: str, found: Sequence[Record]) -> Block:
        """The block of these commits."""
        runs = (found[begin : begin + CHUNK] for begin in range(0, len(found), CHUNK))
        return cls(tip, base, [_chunk(run) for run in runs])

    def packed(self) -> bytes:
        """It as bytes, with length and checksum before."""
        data = marshal.dumps((self.tip, self.base, [tuple(chunk) for chunk in self.chunks]))
        return _BLOCK.pack(len(data), zlib.crc32(data)) + data


def _chunk(run: Sequence[Record]) -> Chunk:
    rows = [(*record[:-1], [tuple(part) for part in record.parts]) for record in run]
    return Chunk("".join(part.ids for record in run for part in record.parts), marshal.dumps(rows))


@dataclass(frozen=True, slots=True)
class Kept:
    """Blocks, oldest first, each going on where the one before it ends."""

    blocks: tuple[Block, ...]

    @property
    def tip(self) -> str:
        """The commit they lead to."""
        return self.blocks[-1].tip

    def records(self, wanted: _Wanted | None = None) -> Iterator[Record]:
        """Their commits, newest first; runs that cannot concern what is wanted are left out unread."""
        for block in reversed(self.blocks):
            for chunk in block.chunks:
                if wanted is None or wanted.may_be_in(chunk.ids):
                    yield from chunk.records()


def _load(source: Source) -> Kept | None:
    """What is kept of this history; a block that does not go on from the one before, or is torn, ends it."""
    if source.file is None:
        return None
    try:
        data = memoryview(source.file.read_bytes())
    except OSError:
        return None
    key = source.key
    if bytes(data[: len(key)]) != key:
        return None
    blocks: list[Block] = []
    at = len(key)
    with contextlib.suppress(struct.error, ValueError, EOFError, TypeError):
        while at < len(data):
            length, checksum = _BLOCK.unpack_from(data, at)
            body = data[at + _BLOCK.size : at + _BLOCK.size + length]
            at += _BLOCK.size + length
            if zlib.crc32(body) != checksum:
                break
            tip, base, chunks = marshal.loads(body)  # noqa: S302 (ours, and its checksum is right)
            if base == (blocks[-1].tip if blocks else ""):
                blocks.append(Block(tip, base, [Chunk(*chunk) for chunk in chunks]))
    return Kept(tuple(blocks)) if blocks else None


def _keep(source: Source, kept: Kept | None, tip: str, fresh: list[Record], left: list[Record] | None) -> None:
    """Write one more block, or all anew where `left` is given; a cache folder that cannot be written keeps nothing."""
    path = source.file
    if path is None:
        return
    with contextlib.suppress(OSError):
        if kept is not None and left is None and len(kept.blocks) < MOST_BLOCKS:
            _write(path, os.O_WRONLY | os.O_APPEND, Block.of(tip, kept.tip, fresh).packed())
            return
        whole = Block.of(tip, "", [*fresh, *(left if left is not None else kept.records() if kept else ())])
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.parent / new_name("new")
        try:
            _write(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, source.key + whole.packed())
            fsops.get().rename(temporary, path)
        except BaseException:
            remove([temporary])
            raise


def _write(path: Path, flags: int, data: bytes) -> None:
    fd = fsops.get().open(path, flags, 0o600)
    try:
        write_all(fd, data)
    finally:
        fsops.get().close(fd)
