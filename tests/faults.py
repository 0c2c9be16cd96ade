"""Faults on order: the store's operating system that dies, fails, tears, loses or kills at its k-th call, in a fork.

A *trial* is one operation on a fresh copy of a small vault with one fault; the process that suffers it is a fork, which
tells over a pipe what it had acknowledged. What it left on disk is looked at from outside, as the next start would.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from select import select
from typing import Any, Literal, get_args

from planner.commands import Add, Archive, CheckItem, Comment, Delete, Set
from planner.core.change import Edit
from planner.errors import PlannerError
from planner.session import Session
from planner.store import files, fsops, process, writing
from planner.store.fsops import Completed, Ops, ProcessFailed
from planner.store.journal import Journal

TODAY = date(2026, 11, 25)
PATIENCE = 60.0  # seconds until a trial counts as hanging
KILLED = 77  # exit code of a process that died on order

# ---- the vault -------------------------------------------------------------------------------------------------------

TASK = "---\nid: {id}\ntitle: {title}\nstatus: todo\npriority: low\n---\nText\n\n- [ ] one\n- [ ] two\n\n## Log\n- 2026-11-01 10:00 ana: begun\n"
FILES = {
    "planner.toml": "",
    "tasks/move-k7f3qx.md": TASK.format(id="k7f3qx", title="Move"),
    "tasks/crlf-m2d9hz.md": TASK.format(id="m2d9hz", title="Line ends").replace("\n", "\r\n"),
    "tasks/gone-w3n8rb.md": TASK.format(id="w3n8rb", title="To go"),
    "inbox/bare-p4c6tv.md": "---\nid: p4c6tv\ntitle: No final newline\n---",
    "projects/web/project.md": "---\nid: web\ntype: project\ntitle: Web\n---\n",
    "projects/web/part-z9x2kd.md": TASK.format(id="z9x2kd", title="Of a project"),
    "templates/task.md": "---\ntitle: $title\n---\n",
    "notes.txt": "one\n",
    "data.csv": "a,b\n",
}
LATER = "tasks/later-h5j7mq.md"  # changed after a fault, to see that the session still works
EDITED = "tasks/crlf-m2d9hz.md"  # holds an edit by hand that is neither staged nor committed
MANY = {f"tasks/many-{n:02}.md": f"---\nid: many{n:02}\ntitle: Number {n}\nstatus: todo\n---\n" for n in range(50)}

Kind = Literal["git", "undo", "redo", "many", "plain", "accepted"]


class Steady(Session):
    """A session whose clock stands and whose dice are loaded, so that an operation always makes the same bytes."""

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 14, 5, tzinfo=UTC)

    @classmethod
    def ready(cls, root: Path) -> Steady:
        session = cls.open(root, today=TODAY)
        assert isinstance(session, Steady)
        session.random = Random(7)  # ids need no secrecy
        return session


def git(root: Path, *args: str, check: bool = True) -> str:
    done = subprocess.run(["git", *args], cwd=root, env=process.environment(), capture_output=True, check=check)
    return (done.stdout + done.stderr * (not check)).decode("utf-8", "surrogateescape")


def lay_out(root: Path, kind: Kind) -> Path:
    """A vault with the user's own staged, unstaged and untracked work in it, ready for operations of a kind."""
    texts = {**FILES, LATER: TASK.format(id="h5j7mq", title="Later"), **(MANY if kind == "many" else {})}
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    if kind != "plain":
        git(root.parent, "init", "-q", "-b", "main", "--template=", str(root))
        for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
            git(root, "config", key, value)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "start")
        _work_by_hand(root)
    if kind in ("undo", "redo"):
        session = Steady.ready(root)
        session.run(Set(("k7f3qx",), ("priority=high",)))
        if kind == "redo":
            session.undo()
    if kind == "accepted":
        edit = Edit(
            "tasks/move-k7f3qx.md", *(texts["tasks/move-k7f3qx.md"].replace("low", word) for word in ("low", "high"))
        )
        in_fork(lambda _: _accept_only(root, edit))
    return root


def _work_by_hand(root: Path) -> None:
    (root / "notes.txt").write_text("one\nstaged\n")
    git(root, "add", "notes.txt")
    (root / "notes.txt").write_text("one\nstaged\nand more\n")
    (root / "data.csv").write_text("a,b\n1,2\n")
    (root / "scratch").write_text("untracked\n")
    with (root / EDITED).open("ab") as file:
        file.write(b"by hand\r\n")


def _accept_only(root: Path, edit: Edit) -> None:
    """What a process leaves that was killed between writing and committing."""
    journal = Journal(root / ".git" / "planner")
    journal.begin("k2m3n4p5", "set k7f3qx priority: high", "", [edit])
    writing.write(root, [edit], displaced=root / ".git" / "planner" / "displaced", op_id="k2m3n4p5")
    journal.accepted("k2m3n4p5")


@dataclass(frozen=True, slots=True)
class Operation:
    """One writing operation of a session, and the vault it is tried on."""

    name: str
    act: Callable[[Steady], object]
    kind: Kind = "git"
    promises: bool = True  # that it is committed once it has returned


OPERATIONS = (
    Operation("create", lambda s: s.run(Add("pay rent fri #home"))),
    Operation("set a field", lambda s: s.run(Set(("k7f3qx",), ("priority=high",)))),
    Operation("tick", lambda s: s.run(CheckItem("z9x2kd", 1))),
    Operation("comment", lambda s: s.run(Comment("m2d9hz", "seen"))),
    Operation("move to a project", lambda s: s.run(Set(("k7f3qx",), ("project=web",)))),
    Operation("archive", lambda s: s.run(Archive(("p4c6tv",)))),
    Operation("delete", lambda s: s.run(Delete(("w3n8rb",)))),
    Operation("bulk edit of 50", lambda s: s.run(Set(tuple(map(_id, MANY)), ("priority=high",))), "many"),
    Operation("undo", lambda s: s.undo(), "undo"),
    Operation("redo", lambda s: s.redo(), "redo"),
    Operation("commit by hand", lambda s: s.commit_by_hand()),
    Operation("set without git", lambda s: s.run(Set(("k7f3qx",), ("priority=high",))), "plain"),
    Operation("recovery", lambda s: s.recover(), "accepted", promises=False),
)


def _id(path: str) -> str:
    return f"many{path[-5:-3]}"


# ---- what is on disk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """All that must be old or new, and nothing between: files with modes, the index, what git calls changed (by HEAD)."""

    files: tuple[tuple[str, int, bytes], ...]
    index: str = ""
    status: str = ""
    history: tuple[str, ...] = ()  # subjects, where there is no git


def state(root: Path) -> State:
    files = tuple(
        (path.relative_to(root).as_posix(), stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    )
    if not (root / ".git").exists():
        return State(files, history=tuple(done.subject for done in Session(root, None).journal.recent()))
    return State(
        files,
        git(root, "ls-files", "--stage"),
        git(root, "status", "--porcelain=v2", "--untracked-files=all"),
    )


def leftovers(root: Path) -> list[str]:
    """What an operation may have needed on its way and must not leave: temporary files, locks, second indexes."""
    inner = root / ".git" / "planner"
    found = [path for path in root.rglob("*") if path.name.startswith(".planner-tmp-") or path.name.endswith(".lock")]
    found += [path for path in (root / ".git").glob("index*") if path.name != "index"]
    found += [path for path in inner.glob("*") if path.name not in ("journal", "journal.lock", "displaced")]
    return [path.relative_to(root).as_posix() for path in found if path != inner / "journal.lock"]


# ---- the operating system --------------------------------------------------------------------------------------------

CHANGING = frozenset(
    {"write", "fsync", "truncate", "rename", "exchange", "link", "unlink", "mkdir", "rmdir", "chmod", "run", "stream"}
)
_FILLING = frozenset({"write", "mkdir", "link", "rename", "run", "fsync"})  # may need room on the disk
_BY_DESCRIPTOR = frozenset({"pread", "write", "fsync", "close", "truncate", "fstat", "lock"})


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a primitive: the `number`-th of the operation, from 1."""

    number: int
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    go: Callable[[], Any]

    def __str__(self) -> str:
        if self.name in ("run", "stream"):
            return f"git {self.verb}"
        shown = ", ".join(Path(arg).name for arg in self.args[:2] if isinstance(arg, str | os.PathLike))
        return f"{self.name} {shown}".strip()

    @property
    def verb(self) -> str:
        """Of a git child, what it is told to do."""
        words = iter(self.args[0][1:])
        return next((word for word in words if not word.startswith("-") or (word == "-c" and not next(words))), "")

    @property
    def changes(self) -> bool:
        """Whether the disk may be another after this call."""
        return self.name in CHANGING or (self.name == "open" and bool(self.args[1] & os.O_CREAT))

    @property
    def needs_room(self) -> bool:
        return self.name in _FILLING or (self.name == "open" and bool(self.args[1] & os.O_CREAT))


class Counted(Ops):
    """Numbers every call of a primitive and hands it to `meet`, which a fault overrides."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.changing: list[int] = []
        self.children: list[int] = []

    def meet(self, call: Call) -> Any:
        return call.go()

    def step(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], go: Callable[[], Any]) -> Any:
        call = Call(len(self.calls) + 1, name, args, kwargs, go)
        self.calls.append(str(call))
        if call.changes:
            self.changing.append(call.number)
        if name in ("run", "stream"):
            self.children.append(call.number)
        return self.meet(call)


def _numbered(name: str) -> Callable[..., Any]:
    primitive: Callable[..., Any] = getattr(Ops, name)

    def method(self: Counted, *args: Any, **kwargs: Any) -> Any:
        return self.step(name, args, kwargs, lambda: primitive(self, *args, **kwargs))

    return method


for _name in fsops.PRIMITIVES:
    setattr(Counted, _name, _numbered(_name))


Death = Literal["before", "half way", "after"]
DEATHS: tuple[Death, ...] = get_args(Death)


class Dies(Counted):
    """Dies at call k: before it, after it, or half way (half of the data written; the git child left running alone)."""

    def __init__(self, k: int, when: Death) -> None:
        super().__init__()
        self.k = k
        self.when = when

    def meet(self, call: Call) -> Any:
        if call.number < self.k:
            return call.go()
        if self.when == "half way" and call.name == "write":
            fd, data = call.args
            os.write(fd, data[: len(data) // 2])
        elif self.when == "half way" and call.name == "run":
            _start(call)
        elif self.when == "after":
            answer = call.go()
            if call.name == "stream":
                next(iter(answer), None)
        os._exit(KILLED)


def _start(call: Call, *, wait_for_input: bool = False) -> subprocess.Popen[bytes]:
    """The git child of a call, running by itself; it has all its input, or none yet."""
    child = subprocess.Popen(
        call.args[0],
        cwd=call.kwargs.get("cwd"),
        env=call.kwargs.get("env"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdin is not None
    if not wait_for_input:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(call.kwargs.get("input") or b"")
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
    return child


class Fails(Counted):
    """Fails at call k with an errno; `lasting` fails all later calls too that meet the same trouble."""

    def __init__(self, k: int, code: int, *, lasting: bool = False) -> None:
        super().__init__()
        self.k = k
        self.code = code
        self.lasting = lasting

    def meet(self, call: Call) -> Any:
        hit = call.number == self.k or (self.lasting and call.number > self.k and self.suffers(call))
        if not hit:
            return call.go()
        if call.name == "close":
            call.go()  # it is closed all the same, and must not leak here
        if call.name == "access":
            return False
        raise OSError(self.code, os.strerror(self.code), *self.named(call))

    def suffers(self, call: Call) -> bool:
        if self.code == errno.EMFILE:
            return call.name in ("open", "run", "stream")
        return call.changes if self.code == errno.EROFS else call.needs_room

    def named(self, call: Call) -> tuple[str, ...]:
        """The path, where the system would name one in its error."""
        if call.name in _BY_DESCRIPTOR or call.name in ("run", "stream"):
            return ()
        return (os.fspath(call.args[0]),)


Moment = Literal["at once", "holding a lock", "before it answers"]
MOMENTS: tuple[Moment, ...] = get_args(Moment)


class KillsChild(Counted):
    """Sends SIGKILL to the git child of call k: at once, while it holds a lock, or as it ends and before it answers."""

    def __init__(self, k: int, when: Moment) -> None:
        super().__init__()
        self.k = k
        self.when = when

    def meet(self, call: Call) -> Any:
        if call.number != self.k:
            return call.go()
        if call.name == "stream":
            return self.broken_off(call)
        if self.when == "before it answers":
            call.go()
        else:
            self.kill(call)
        return Completed(-signal.SIGKILL, b"", b"")

    def kill(self, call: Call) -> None:
        locking = call.verb if self.when == "holding a lock" else ""
        if locking == "update-ref":  # its hook runs between locking and moving the reference
            _fatal_hook(Path(call.kwargs["cwd"]) / ".git" / "fatal")
            fatal = replace(call, args=([call.args[0][0], "-c", "core.hooksPath=.git/fatal", *call.args[0][1:]],))
            _start(fatal).wait()
            shutil.rmtree(Path(call.kwargs["cwd"]) / ".git" / "fatal")
            return
        child = _start(call, wait_for_input=locking == "update-index")
        if locking == "update-index":  # it locks before it reads
            _await(Path(call.kwargs["cwd"]) / ".git" / "index.lock", child)
        with contextlib.suppress(ProcessLookupError):  # it was faster
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if child.stdin is not None:
            child.stdin.close()

    def broken_off(self, call: Call) -> Iterator[bytes]:
        if self.when != "at once":
            yield from call.go()
        raise ProcessFailed(Completed(-signal.SIGKILL, b"", b""))


def _fatal_hook(folder: Path) -> None:
    folder.mkdir()
    hook = folder / "reference-transaction"
    hook.write_text("#!/bin/sh\n[ $1 = prepared ] && kill -9 $PPID\n")
    hook.chmod(0o755)


def _await(path: Path, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE / 2
    while not path.exists() and child.poll() is None and time.monotonic() < end:
        time.sleep(0.001)


Loss = Literal["all", "texts", "names"]
LOSSES: tuple[Loss, ...] = get_args(Loss)


class LosesPower(Counted):
    """At call k the power goes: of what was not synced, `lost` goes with it (texts, names, or both).

    A text is durable once its file was synced, a name once its folder was; what git wrote is durable (core.fsync=all).
    """

    def __init__(self, k: int, lost: Loss = "all") -> None:
        super().__init__()
        self.k = k
        self.lost = lost
        self.texts: dict[tuple[int, int], tuple[int, bytes]] = {}  # by file: a descriptor, and its durable text
        self.names: dict[Path, int | None] = {}  # by path: a descriptor of what durably has that name; None is nothing

    def meet(self, call: Call) -> Any:
        if call.number >= self.k:
            self.lose_power()
        note = getattr(self, f"note_{call.name}", None)
        done = note(*call.args) if note else None
        answer = call.go()
        if done:
            done()
        return answer

    # What is noted before a call is what would be there if it were never made durable.

    def note_open(self, path: fsops.StrPath, flags: int, mode: int = 0) -> None:
        if flags & os.O_CREAT and not os.path.lexists(path):
            self.note_name(path)

    def note_write(self, fd: int, data: bytes | memoryview) -> None:
        info = os.fstat(fd)
        key = (info.st_dev, info.st_ino)
        if key not in self.texts:
            held = os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
            self.texts[key] = (held, os.pread(held, info.st_size, 0))

    def note_truncate(self, fd: int, size: int) -> None:
        self.note_write(fd, b"")

    def note_fsync(self, fd: int) -> Callable[[], None]:
        info = os.fstat(fd)
        folder = Path(f"/proc/self/fd/{fd}").readlink()

        def done() -> None:
            held = self.texts.pop((info.st_dev, info.st_ino), None)
            if held:
                os.close(held[0])
            for path in [path for path in self.names if path.parent == folder]:
                held_name = self.names.pop(path)
                if held_name is not None:
                    os.close(held_name)

        return done

    def note_rename(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self.note_name(source)
        self.note_name(target)

    note_exchange = note_rename

    def note_link(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self.note_name(target)

    def note_unlink(self, path: fsops.StrPath) -> None:
        self.note_name(path)

    def note_rmdir(self, path: fsops.StrPath) -> None:
        self.note_name(path)

    def note_mkdir(self, path: fsops.StrPath, mode: int = 0) -> None:
        self.note_name(path)

    def note_name(self, path: fsops.StrPath) -> None:
        real = Path(path).parent.resolve() / Path(path).name
        if real not in self.names:
            self.names[real] = os.open(real, os.O_RDONLY) if os.path.lexists(real) else None

    def lose_power(self) -> None:
        if self.lost != "texts":
            texts = {path: None if fd is None else _text(fd) for path, fd in self.names.items()}
            for path, text in texts.items():
                _put(path, text)
        if self.lost != "names":
            for fd, text in self.texts.values():
                os.ftruncate(fd, 0)
                os.pwrite(fd, text, 0)
            self._tear_renamed()
        os._exit(KILLED)

    def _tear_renamed(self) -> None:
        """Names put back above are copies: they lose the same texts."""
        if self.lost == "texts":
            return
        for path, fd in self.names.items():
            if fd is not None and stat.S_ISREG(os.fstat(fd).st_mode):
                info = os.fstat(fd)
                held = self.texts.get((info.st_dev, info.st_ino))
                if held:
                    _put(path, held[1])


def _text(fd: int) -> bytes:
    info = os.fstat(fd)
    return os.pread(fd, info.st_size, 0) if stat.S_ISREG(info.st_mode) else b""


def _put(path: Path, text: bytes | None) -> None:
    """Make a name hold a text, or nothing; folders that never durably were are gone with all below them."""
    if text is None:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    elif path.parent.is_dir() and not path.is_dir():
        path.unlink(missing_ok=True)
        path.write_bytes(text)


# ---- trials ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """What a trial said before it ended: `returned` is the acknowledgement."""

    returned: bool = False
    committed: bool = False
    waiting: str = ""  # why a commit waits
    error: str = ""  # message and hint of a PlannerError
    raw: str = ""  # anything else that came out, with its traceback
    whole: bool = True  # whether all files were old or all new when it had returned
    later: str = ""  # "" when a later call without faults worked; else why not
    ended: bool = False  # it came to its end without dying
    hung: bool = False
    calls: list[str] = field(default_factory=list)
    changing: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


def in_fork(act: Callable[[Callable[[dict[str, Any]], None]], object]) -> Told:
    """Run `act` in a fork and gather what it tells; the fork never returns."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of the test runner are not used there
        pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            act(lambda said: void(os.write(writer, json.dumps(said).encode() + b"\n")))
        except BaseException:  # noqa: BLE001  # it must not go back into the test runner
            os.write(writer, json.dumps({"raw": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(writer)
    return _gather(pid, reader)


def void(_: object) -> None:
    """For a lambda that is to answer nothing."""


def _gather(pid: int, reader: int) -> Told:
    told, data, end = Told(), b"", time.monotonic() + PATIENCE
    while select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        data += part
    else:
        told.hung = True
        os.kill(pid, signal.SIGKILL)
    os.close(reader)
    os.waitpid(pid, 0)
    for line in data.splitlines():
        for key, value in json.loads(line).items():
            setattr(told, key, value)
    return told


@dataclass(slots=True)
class Bench:
    """One operation, its vault, and what that looks like before and after."""

    operation: Operation
    template: Path
    root: Path
    old: State
    new: State
    told: Told  # of the run without a fault: how many calls there are
    session: Steady
    ends: dict[State, str] = field(default_factory=dict)  # what may be on disk in the end, by name
    ends_later: dict[State, str] = field(default_factory=dict)  # the same after one more change

    @classmethod
    def make(cls, operation: Operation, folder: Path) -> Bench:
        template = lay_out(folder / "template", operation.kind)
        root = folder / "vault"
        _copy(template, root)
        session = Steady(root, None) if operation.name == "recovery" else Steady.ready(root)
        if operation.name == "recovery":
            session = _unrecovered(root)
        old = state(root)
        bench = cls(operation, template, root, old, old, Told(), session)
        bench.told = bench.fork(Counted())
        assert bench.told.ended, bench.told
        assert not bench.told.raw, bench.told.raw
        assert not bench.told.error, bench.told.error
        bench.new = state(root)
        assert bench.new != old
        bench.ends = {bench.new: "new"} if operation.name == "recovery" else {old: "old", bench.new: "new"}
        for act, name in ((operation.act, "new"), (lambda _: None, "old")):
            _copy(template, root)
            in_fork(lambda tell, act=act: (act(session), tell({"later": bench.later()})))  # type: ignore[misc]
            Steady.ready(root)
            bench.ends_later[state(root)] = name
        return bench

    def fork(self, ops: Counted, *, later: bool = False) -> Told:
        """Run the operation on a fresh copy of its vault in a fork, under `ops`."""
        _copy(self.template, self.root)
        return in_fork(lambda tell: self._suffer(ops, tell, later))

    def _suffer(self, ops: Counted, tell: Callable[[dict[str, Any]], None], later: bool) -> None:
        with fsops.using(ops):
            try:
                outcome = self.operation.act(self.session)
                waiting = getattr(outcome, "waiting", None)
                tell({"returned": True, "waiting": f"{waiting.message}\n{waiting.hint}" if waiting else ""})
            except PlannerError as error:
                tell({"error": f"{error.message}\n{error.hint}"})
            except Exception:  # noqa: BLE001  # that is what is looked for
                tell({"raw": traceback.format_exc()})
            if isinstance(ops, LosesPower):
                ops.lose_power()
        if not later:
            tell({"calls": ops.calls, "changing": ops.changing, "children": ops.children})
        if later:
            files = state(self.root).files
            tell({"whole": files in (self.old.files, self.new.files), "later": self.later()})
        tell({"ended": True})

    def later(self) -> str:
        """Why the same session does not work any more, or nothing."""
        try:
            for path, text in self.session.read_texts(self.session.vault.files).items():
                if text != self.session.vault.files[path].text:
                    return f"the session takes {path} for something else than it is"
            outcome = self.session.run(Set(("h5j7mq",), ("priority=high",)))
        except Exception:  # noqa: BLE001
            return traceback.format_exc()
        return str(outcome.waiting) if outcome.waiting else ""

    def verdict(
        self, told: Told, *, later: bool = False, named: bool = False, fsck: bool = False, twice: bool = True
    ) -> str:
        """Why this trial must not have ended so, or nothing; looks at the disk after the next start.

        `later` where one more change was made, `named` where a message must name a path, `twice` to recover once more.
        """
        if told.hung or told.raw:
            return told.raw or "it hung"
        if not told.whole or told.later:
            return told.later or "files of one operation disagree"
        if named and (said := told.error or told.waiting) and not self.names_a_path(said):
            return f"no path is named: {said}"
        fresh = Steady.ready(self.root)
        found = state(self.root)
        ends = self.ends_later if later else self.ends
        if found not in ends:
            return f"neither old nor new: {[_difference(found, end) for end in ends]}"
        if told.returned and self.operation.promises and ends[found] != "new":
            return "acknowledged and not there"
        if pending := fresh.journal.pending():
            return f"waits in the journal: {[op.subject for op in pending]} {fresh.notices}"
        head = _head(self.root)
        if twice:
            Steady.ready(self.root)
        if twice and (_head(self.root), state(self.root)) != (head, found):
            return "a second recovery changes something"
        if left := _lasting_leftovers(self.root):
            return f"left behind: {left}"
        if (
            fsck
            and self.operation.kind != "plain"
            and (said := git(self.root, "fsck", "--strict", "--no-dangling", check=False))
        ):
            return f"git fsck: {said}"
        return ""

    def names_a_path(self, said: str) -> bool:
        """Whether the words name a path: of the vault, or an absolute one."""
        return re.search(r"/\w+/\w+", said) is not None or any(
            path in said for path, *_ in (*self.old.files, *self.new.files)
        )


def _head(root: Path) -> str:
    head = root / ".git" / "refs" / "heads" / "main"
    return head.read_text() if head.exists() else ""


def _difference(a: State, b: State) -> str:
    """Which parts of two states differ, and in which files."""
    names = [name for name in ("index", "status", "history") if getattr(a, name) != getattr(b, name)]
    return ", ".join([*names, *sorted({path for path, _, _ in {*a.files} ^ {*b.files}})])


def _lasting_leftovers(root: Path) -> list[str]:
    """What is left once a git child that outlived us has had the time to end."""
    end = time.monotonic() + 2
    while (left := leftovers(root)) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def _unrecovered(root: Path) -> Steady:
    """A session on a vault that needs recovery, as it is before that."""
    from planner.core.vault import Vault
    from planner.store.git import discover

    session = Steady(root, discover(root), today=TODAY)
    session.vault = Vault.parse(files.read_tree(root).texts)
    session.random = Random(7)
    return session


def _copy(template: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    for home in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        shutil.rmtree(os.environ[home], ignore_errors=True)


def sampled(numbers: Sequence[int], stride: int) -> list[int]:
    """Every `stride`-th number, and the last."""
    return [number for at, number in enumerate(numbers) if at % stride == 0 or at == len(numbers) - 1]
