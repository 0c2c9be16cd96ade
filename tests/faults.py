"""Faults on order: an operating system for the store that dies, fails, forgets or kills at its k-th call."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from planner.store import fsops
from planner.store.fsops import Completed, Ops, ProcessFailed

PATIENCE = 30.0  # seconds until a child counts as hanging
KILLED = 77  # exit code of a process that died on order

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
    """Sends SIGKILL to the n-th git child so called: at once, while it holds a lock, or as it ends and before it answers.

    By its name, because the number of a call depends on the clock: what was written a moment ago is looked at again.
    """

    def __init__(self, name: str, nth: int, when: Moment) -> None:
        super().__init__()
        self.name = name
        self.nth = nth
        self.when = when
        self.killed = False

    def meet(self, call: Call) -> Any:
        if str(call) != self.name or self.calls.count(self.name) != self.nth:
            return call.go()
        self.killed = True
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
    end = time.monotonic() + PATIENCE
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
