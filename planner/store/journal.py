"""The write-ahead journal: what was begun, accepted and committed, so that a crash at any point can be made good.

One line a record, `<checksum> <json>`; a torn or flipped line is skipped and named. In a vault without git the
finished operations are kept as well and are the history that undo reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from planner.core.change import Edit
from planner.core.record import dataclass, field, replace
from planner.store import fsops

HISTORY = 200  # finished operations kept where there is no git
COMPACT_AT = 1 << 18  # bytes
MARK = 64  # bytes before the place reading goes on from, which must be as they were

State: TypeAlias = Literal["old", "new", "other"]
_Record: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation that was begun and is not yet committed; `accepted` once all its files were on disk."""

    op_id: str
    subject: str
    body: str
    edits: tuple[Edit, ...]
    undoes: tuple[str, ...] = ()
    accepted: bool = False
    owner: str = ""  # the process that began it
    head: str | None = None  # the commit HEAD was at when it was begun, where that is known


@dataclass(frozen=True, slots=True)
class Done:
    """A finished operation; `sha` is None where there is no git."""

    op_id: str
    subject: str
    body: str
    edits: tuple[Edit, ...]
    undoes: tuple[str, ...]
    sha: str | None


@dataclass(frozen=True, slots=True)
class Recovery:
    """How to make good one interrupted operation: write these, then commit these paths, or abandon it."""

    write: tuple[Edit, ...] = ()
    commit: tuple[str, ...] = ()
    abandon: bool = False


@dataclass(frozen=True, slots=True)
class _Content:
    """What the journal says: operations in order of their begin, and the lines that cannot be read."""

    pending: tuple[Pending, ...]
    done: tuple[Done, ...]
    faults: tuple[str, ...]


class Journal:
    """The journal in `folder`; `keep` is how many finished operations survive compaction (0 where git has them)."""

    def __init__(self, folder: Path, *, keep: int = 0) -> None:
        self.folder = folder
        self._path = folder / "journal"
        self._keep = keep
        self._mine: set[str] = set()
        self._unsaid: list[_Record] = []  # what could not be written; it goes with the next record
        self._read = _Read(keep)
        self._reading = threading.Lock()

    def begin(
        self,
        op_id: str,
        subject: str,
        body: str,
        edits: Sequence[Edit],
        undoes: Sequence[str] = (),
        *,
        head: str | None = None,
    ) -> None:
        """Record, durably, what is about to be written; beginning an id again replaces its plan. Raises OSError."""
        pending = Pending(op_id, subject, body, tuple(edits), tuple(undoes), owner=own_name(), head=head)
        try:
            self._append([*self._unsaid, _begin_record(pending)])
        except OSError:
            self._unsaid.append({"kind": "abandoned", "op": op_id})  # the record may have got there all the same
            raise
        self._unsaid.clear()
        self._mine.add(op_id)

    # What happened to a begun operation is known without these records too: recovery looks at the files and at HEAD.
    # So a disk that refuses them must not fail the operation; they are written with the next one.

    def accepted(self, op_id: str) -> None:
        """Record that every file of the operation is on disk."""
        self._say({"kind": "accepted", "op": op_id})

    def committed(self, op_id: str, sha: str | None) -> None:
        """Record that the operation is history; `sha` is None where there is no git."""
        self._finish({"kind": "committed", "op": op_id, "sha": sha})

    def abandoned(self, op_id: str) -> None:
        """Record that the operation left nothing behind and never will."""
        self._finish({"kind": "abandoned", "op": op_id})

    def adopt(self, op_id: str) -> bool:
        """Make an orphan this process's to finish; False where another has it or has finished it. Raises OSError."""
        with self._locked():
            op = next((op for op in self.pending() if op.op_id == op_id), None)
            if op is None or is_alive_elsewhere(op.owner):
                return False
            self._add([{"kind": "adopted", "op": op_id, "owner": own_name()}])
        return True

    def pending(self) -> list[Pending]:
        """Return the operations begun and neither committed nor abandoned, in order, of every process. Raises OSError."""
        return list(self._content().pending)

    def orphans(self) -> list[Pending]:
        """Return the pending operations that no live process will finish: the work of recovery. Raises OSError."""
        return [op for op in self.pending() if op.op_id not in self._mine and not is_alive_elsewhere(op.owner)]

    def waiting(self) -> list[Pending]:
        """Return this process's own operations that are on disk and not yet committed, in order. Raises OSError."""
        return [op for op in self.pending() if op.op_id in self._mine and op.accepted] if self._mine else []

    def recent(self) -> list[Done]:
        """Return the finished operations still kept, newest first. Raises OSError."""
        return list(reversed(self._content().done))

    def last_word(self) -> float:
        """Return when the journal was last written to, in seconds since the epoch. Raises OSError."""
        return fsops.get().stat(self._path).st_mtime

    def faults(self) -> tuple[str, ...]:
        """Return a sentence for each line that cannot be trusted. Raises OSError."""
        return self._content().faults

    def compact(self) -> None:
        """Drop what is finished, but for the last `keep`. Raises OSError."""
        if not fsops.get().exists(self._path):
            return
        with self._locked():
            content = self._content()
            done = [record for done in content.done for record in _done_records(done)]
            pending = [record for op in content.pending for record in _pending_records(op)]
            data = b"".join(map(_line, [*done, *pending]))
            if 2 * len(data) <= fsops.get().stat(self._path).st_size:  # else it would be rewritten at every command
                self._replace(data)
                self._unsaid.clear()

    def _finish(self, record: _Record) -> None:
        self._say(record)
        self._mine.discard(str(record["op"]))
        with contextlib.suppress(OSError):  # a journal that stays long is none the worse
            if fsops.get().stat(self._path).st_size > COMPACT_AT:
                self.compact()

    def _say(self, record: _Record) -> None:
        self._unsaid.append(record)
        with contextlib.suppress(OSError):
            self._append(self._unsaid)
            self._unsaid.clear()

    def _content(self) -> _Content:
        """What the file says, of which only what was added is read, and what could not be written yet."""
        with self._reading:
            torn = self._read_on()
            read = self._read
            if torn or self._unsaid:
                read = read.copy()
                read.follow(b"".join((torn, b"\n", *map(_line, self._unsaid))))
            return _Content(tuple(read.pending.values()), tuple(read.done.values()), tuple(read.faults))

    def _read_on(self) -> bytes:
        """Read what was added to the file; returns the end that is no whole line."""
        ops = fsops.get()
        try:
            fd = ops.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            self._read = _Read(self._keep)
            return b""
        with fsops.naming(self._path), ops.closing(fd):
            info = ops.fstat(fd)
            if not self._read.goes_on_in(info, lambda size, at: ops.pread(fd, size, at)):
                self._read = _Read(self._keep, info.st_ino)
            return self._read.follow(ops.rest(fd, self._read.upto, info.st_size))

    def _append(self, records: Sequence[_Record]) -> None:
        with self._locked():
            self._add(records)

    def _add(self, records: Sequence[_Record]) -> None:
        """Add lines; a torn end of an earlier crash is closed first, so that it cannot swallow them."""
        ops = fsops.get()
        fresh = not ops.exists(self._path)
        torn = ops.last_byte(self._path) not in (b"\n", b"")
        ops.append(self._path, b"\n" * torn + b"".join(map(_line, records)), 0o600)
        if fresh:
            ops.sync_dir(self.folder)

    def _replace(self, data: bytes) -> None:
        ops = fsops.get()
        fresh = self._path.with_suffix(".new")
        ops.unlink_if_there(fresh)
        ops.write_new(fresh, data, 0o600)
        ops.rename(fresh, self._path)
        ops.sync_dir(self.folder)

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        """Hold the lock of the journal; the lock file is its own, because compaction replaces the journal."""
        return self.alone("journal.lock")

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Hold an advisory lock beside the journal; one at a time in a process, and of all processes. Raises OSError."""
        ops = fsops.get()
        ops.make_dirs(self.folder)
        path = self.folder / name
        lock = ops.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with fsops.naming(path), ops.closing(lock):
            ops.lock(lock)
            yield


# ---- recovery, pure ----------------------------------------------------------------------------------------------


def decide(edits: Iterable[Edit], texts: Callable[[str], str | None]) -> dict[str, State]:
    """Return for each path whether the text there is the one before, the one after, or somebody else's."""
    return {edit.path: _state(edit, texts(edit.path)) for edit in edits}


def plan_recovery(op: Pending, texts: Callable[[str], str | None]) -> Recovery:
    """Return how to finish or take back `op`; `texts` gives a path's present text, None where there is no file.

    An accepted operation is committed as it stands. Any other goes forward if nobody else has touched its files since,
    else what it had written is taken back; a foreign text is never overwritten.
    """
    if op.accepted:
        return Recovery(commit=_paths(op.edits))
    states = decide(op.edits, texts)
    begun = [edit for edit in op.edits if states[edit.path] == "new" and not edit.is_noop]
    if not begun:
        return Recovery(abandon=True)
    if "other" in states.values():
        return Recovery(write=tuple(edit.inverse for edit in reversed(begun)), abandon=True)
    return Recovery(tuple(edit for edit in op.edits if states[edit.path] == "old"), _paths(op.edits))


def _state(edit: Edit, text: str | None) -> State:
    if text == edit.after:
        return "new"
    return "old" if text == edit.before else "other"


def _paths(edits: Iterable[Edit]) -> tuple[str, ...]:
    return tuple(edit.path for edit in edits)


# ---- lines -------------------------------------------------------------------------------------------------------


def _line(record: _Record) -> bytes:
    """A record as a line; ASCII escapes carry lone surrogates, and so bytes that are not UTF-8, unharmed."""
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return _checksum(text) + b" " + text + b"\n"


def _checksum(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=8).hexdigest().encode("ascii")


def _read_line(line: bytes) -> _Record | None:
    """The record on a line, or None when its checksum does not hold."""
    checksum, _, text = line.partition(b" ")
    if _checksum(text) != checksum:
        return None
    record: _Record = json.loads(text)
    return record


def _begin_record(op: Pending) -> _Record:
    edits = [[edit.path, edit.before, edit.after] for edit in op.edits]
    return {
        "kind": "begin",
        "op": op.op_id,
        "subject": op.subject,
        "body": op.body,
        "edits": edits,
        "undoes": op.undoes,
        "owner": op.owner,
        "head": op.head,
    }


def _pending_records(op: Pending) -> Iterator[_Record]:
    yield _begin_record(op)
    if op.accepted:
        yield {"kind": "accepted", "op": op.op_id}


def _done_records(done: Done) -> Iterator[_Record]:
    yield _begin_record(Pending(done.op_id, done.subject, done.body, done.edits, done.undoes))
    yield {"kind": "committed", "op": done.op_id, "sha": done.sha}


@dataclass(slots=True)
class _Read:
    """How far a journal has been read, and what its records come to; a later word on an operation replaces an earlier.

    Of the finished operations the last `keep` are remembered.
    """

    keep: int
    inode: int = 0
    upto: int = 0  # bytes
    mark: bytes = b""  # the last bytes that were read
    lines: int = 0
    pending: dict[str, Pending] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def goes_on_in(self, info: os.stat_result, pread: Callable[[int, int], bytes]) -> bool:
        """Whether an open file begins with what has been read: it was not replaced or cut since."""
        if self.inode != info.st_ino or self.upto > info.st_size:
            return False
        return pread(len(self.mark), self.upto - len(self.mark)) == self.mark if self.mark else True

    def copy(self) -> _Read:
        """A reading that may go on without this one."""
        return replace(self, pending=dict(self.pending), done=dict(self.done), faults=list(self.faults))

    def follow(self, data: bytes) -> bytes:
        """Read on; returns the end that is no whole line yet."""
        *lines, torn = data.split(b"\n")
        for line in lines:
            self.lines += 1
            record = _read_line(line) if line else None
            if record is not None:
                self._take(record)
            elif line:
                self.faults.append(f"journal line {self.lines} is damaged and was skipped")
        whole = data[: len(data) - len(torn)]
        self.upto += len(whole)
        self.mark = (self.mark + whole[-MARK:])[-MARK:]
        return torn

    def _take(self, record: _Record) -> None:
        op_id, kind = str(record["op"]), record["kind"]
        if kind == "begin":
            self.pending.pop(op_id, None)
            self.pending[op_id] = _read_begin(record)
            return
        op = self.pending.get(op_id)
        if op is None:
            return
        if kind == "accepted":
            self.pending[op_id] = replace(op, accepted=True)
        if kind == "adopted":
            self.pending[op_id] = replace(op, owner=str(record["owner"]))
        if kind in ("committed", "abandoned"):
            del self.pending[op_id]
        if kind == "committed" and self.keep:
            sha = record["sha"]
            sha = sha if isinstance(sha, str) else None
            self.done[op_id] = Done(op_id, op.subject, op.body, op.edits, op.undoes, sha)
            if len(self.done) > self.keep:
                del self.done[next(iter(self.done))]


def _read_begin(record: _Record) -> Pending:
    edits, undoes = record["edits"], record["undoes"]
    assert isinstance(edits, list) and isinstance(undoes, list)  # noqa: S101, PT018  # the checksum held
    return Pending(
        str(record["op"]),
        str(record["subject"]),
        str(record["body"]),
        tuple(Edit(path, before, after) for path, before, after in edits),
        tuple(map(str, undoes)),
        owner=str(record["owner"]),
        head=head if isinstance(head := record.get("head"), str) else None,
    )


# ---- whose operation is it ---------------------------------------------------------------------------------------


def own_name() -> str:
    """This process, as `pid:start time`, so that a recycled pid is not taken for it."""
    return f"{os.getpid()}:{_start_time(os.getpid())}"


def is_alive_elsewhere(owner: str) -> bool:
    """Whether another process that began an operation still runs; this very process counts as not."""
    pid, _, started = owner.partition(":")
    if not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        with contextlib.suppress(PermissionError):  # it runs, under another user
            os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    """The kernel's start time of a process in clock ticks, empty where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, IndexError):
        return ""
