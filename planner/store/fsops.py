"""The one door to the operating system: every write, rename, fsync and child process of the store goes through `ops`.

`Ops` has two layers. The *primitives* are one system call each and are what a test replaces to die at call k, to
fail with an errno, or to write short; everything else is composed of them. Use it as `fsops.get().write_new(…)`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat as stat_module
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from planner.core.record import dataclass

if TYPE_CHECKING:
    import subprocess

StrPath = str | os.PathLike[str]

_ON_FILES = ("open", "pread", "write", "fsync", "close", "truncate", "fstat", "lock")
_ON_NAMES = ("rename", "exchange", "link", "unlink", "mkdir", "rmdir", "listdir", "stat", "lstat", "access")
_ON_METADATA = ("chmod", "chown", "copy_xattrs")
PRIMITIVES = (*_ON_FILES, *_ON_NAMES, *_ON_METADATA, "run", "stream")  # the fault points, by method name

_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_NO_BLOCK = getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait for its writer

_GRACE = 2.0  # seconds between asking a child to end and killing it
_LOOK = 0.1  # seconds between looks whether a child is still wanted

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux, renameat2(2)
_RENAME_SWAP = 2  # macOS, renamex_np(2)


@dataclass(frozen=True, slots=True)
class Completed:
    """What a child process left behind; output is bytes as written."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Stopped(Exception):
    """A child process was ended because nobody wants its answer any more."""


class ProcessFailed(Exception):
    """A streamed child process ended with a non-zero `completed.returncode`."""

    def __init__(self, completed: Completed) -> None:
        super().__init__(f"exit code {completed.returncode}")
        self.completed = completed


class Ops:
    """The operating system as the store sees it; every method raises OSError as the system does."""

    # ---- primitives: one call each -------------------------------------------------------------------------------

    def open(self, path: StrPath, flags: int, mode: int = 0o666) -> int:
        return os.open(path, flags | _CLOSE_ON_EXEC, mode)

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        os.fsync(fd)

    def close(self, fd: int) -> None:
        os.close(fd)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def fstat(self, fd: int) -> os.stat_result:
        return os.fstat(fd)

    def lock(self, fd: int, *, wait: bool = True) -> bool:
        """Wait for the advisory lock of an open file, or only try for it; closing the file lets the lock go."""
        import fcntl

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def rename(self, source: StrPath, target: StrPath) -> None:
        """Move `source` over `target` in one step; what stood there is gone."""
        os.replace(source, target)

    def exchange(self, a: StrPath, b: StrPath) -> None:
        """Swap two names in one step; raises OSError (ENOSYS, EINVAL, ENOTSUP) where the system cannot."""
        _exchange(os.fsencode(a), os.fsencode(b))

    def link(self, source: StrPath, target: StrPath) -> None:
        """Give `source` the second name `target`; raises FileExistsError rather than replace."""
        os.link(source, target, follow_symlinks=False)

    def unlink(self, path: StrPath) -> None:
        os.unlink(path)

    def mkdir(self, path: StrPath, mode: int = 0o777) -> None:
        os.mkdir(path, mode)

    def rmdir(self, path: StrPath) -> None:
        os.rmdir(path)

    def listdir(self, path: StrPath) -> list[str]:
        return os.listdir(os.fspath(path))

    def stat(self, path: StrPath) -> os.stat_result:
        return os.stat(path)

    def lstat(self, path: StrPath) -> os.stat_result:
        return os.lstat(path)

    def access(self, path: StrPath, mode: int) -> bool:
        return os.access(path, mode)

    def chmod(self, path: StrPath, mode: int) -> None:
        os.chmod(path, mode)

    def chown(self, path: StrPath, uid: int, gid: int) -> None:
        os.chown(path, uid, gid)

    def copy_xattrs(self, source: StrPath, target: StrPath) -> None:
        """Give `target` the extended attributes (with ACLs) of `source`, as far as it takes them."""
        _copy_xattrs(source, target)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: StrPath | None = None,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,  # noqa: A002  # the name subprocess uses
        timeout: float | None = 60.0,
        stop: Callable[[], bool] | None = None,
    ) -> Completed:
        """Run a program to its end, in a session of its own and without a terminal; `timeout` in seconds.

        Raises TimeoutError after killing the whole process group, Stopped when `stop` said so, FileNotFoundError when
        there is no such program.
        """
        return _run(argv, cwd, env, input, timeout, stop)

    def stream(
        self, argv: Sequence[str], *, cwd: StrPath | None = None, env: Mapping[str, str] | None = None
    ) -> Iterator[bytes]:
        """Run a program and yield its output in chunks as they come; closing the iterator kills the process group.

        Raises ProcessFailed at the end when the exit code is not zero.
        """
        return _stream(argv, cwd, env)

    # ---- composed of the above -----------------------------------------------------------------------------------

    def read(self, path: StrPath) -> bytes:
        """Return the bytes of a regular file; raises OSError (EINVAL) for a pipe, socket or device."""
        fd = self.open(path, os.O_RDONLY | _NO_BLOCK)
        with naming(path), self.closing(fd):
            info = self.fstat(fd)
            if stat_module.S_ISDIR(info.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat_module.S_ISREG(info.st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            return self.rest(fd, 0, info.st_size)

    def rest(self, fd: int, offset: int, size: int) -> bytes:
        """Return the bytes of an open file from `offset` to its end; `size` is how long it is thought to be."""
        parts, at = [], offset
        while part := self.pread(fd, max(size + 1 - at, 65536), at):
            parts.append(part)
            at += len(part)
        return b"".join(parts)

    def write_new(self, path: StrPath, data: bytes, mode: int = 0o666, *, like: StrPath | None = None) -> None:
        """Create `path`, write all of `data`, fsync; raises FileExistsError, and leaves no half-written file.

        With `like` it gets the metadata of that file, before anybody could read from it what that file would not show.
        """
        fd = self.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, mode if like is None else 0o600)
        try:
            with naming(path), self.closing(fd):
                if like is not None:
                    self.copy_metadata(like, path)
                self._fill(fd, data)
        except OSError:
            with contextlib.suppress(OSError):
                self.unlink(path)
            raise

    def append(self, path: StrPath, data: bytes, mode: int = 0o666) -> None:
        """Add `data` at the end of `path` (created if missing), fsync; a failed write may leave a torn end."""
        fd = self.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_FOLLOW, mode)
        with naming(path), self.closing(fd):
            self._fill(fd, data)

    def last_byte(self, path: StrPath) -> bytes:
        """Return how a file ends: one byte, or none where it is empty or not there."""
        try:
            fd = self.open(path, os.O_RDONLY | _NO_BLOCK)
        except FileNotFoundError:
            return b""
        with naming(path), self.closing(fd):
            size = self.fstat(fd).st_size
            return self.pread(fd, 1, size - 1) if size else b""

    def write_in_place(self, path: StrPath, data: bytes) -> None:
        """Overwrite the existing file `path` keeping its inode, fsync; not atomic, so journal first."""
        fd = self.open(path, os.O_WRONLY | _NO_FOLLOW)
        with naming(path), self.closing(fd):
            self._fill(fd, data, truncate=True)

    def sync_dir(self, path: StrPath) -> None:
        """Make the names in a folder durable; a file system that cannot sync folders is taken to need none."""
        fd = self.open(path, os.O_RDONLY | _DIRECTORY)
        with naming(path), self.closing(fd):
            try:
                self.fsync(fd)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                    raise

    def exists(self, path: StrPath) -> bool:
        """Whether there is anything by this name, be it a link to nothing."""
        try:
            self.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def is_dir(self, path: StrPath) -> bool:
        """Whether there is a folder, links followed."""
        try:
            return stat_module.S_ISDIR(self.stat(path).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def make_dirs(self, path: StrPath) -> None:
        """Create a folder and its missing parents, each synced into the one above."""
        text = os.fspath(path)
        if self.is_dir(text):
            return
        parent = os.path.dirname(text) or os.curdir
        self.make_dirs(parent)
        try:
            self.mkdir(text)
        except FileExistsError:
            if not self.is_dir(text):
                raise
        else:
            self.sync_dir(parent)

    def unlink_if_there(self, path: StrPath) -> bool:
        """Remove a name; return whether there was one."""
        try:
            self.unlink(path)
        except FileNotFoundError:
            return False
        return True

    def copy_metadata(self, source: StrPath, target: StrPath) -> None:
        """Give `target` the owner, extended attributes (with ACLs) and mode of `source`; best effort but for the mode."""
        info, mine = self.stat(source), self.stat(target)
        if (info.st_uid, info.st_gid) != (mine.st_uid, mine.st_gid):
            with contextlib.suppress(OSError):
                self.chown(target, info.st_uid, info.st_gid)
        with contextlib.suppress(OSError):
            self.copy_xattrs(source, target)
        self.chmod(target, stat_module.S_IMODE(info.st_mode))

    def _fill(self, fd: int, data: bytes, *, truncate: bool = False) -> None:
        """Write all of `data` to `fd` and fsync it."""
        rest = memoryview(data)
        while rest:
            rest = rest[self.write(fd, rest) :]
        if truncate:
            self.truncate(fd, len(data))
        self.fsync(fd)

    @contextlib.contextmanager
    def closing(self, fd: int) -> Iterator[None]:
        """Close a descriptor at the end, whatever happens."""
        try:
            yield
        finally:
            self.close(fd)


@contextlib.contextmanager
def naming(path: StrPath) -> Iterator[None]:
    """Name the path in the error of a call that knows only its descriptor."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or os.fspath(path)
        raise


ops: Ops = Ops()


def get() -> Ops:
    """Return the operating system in force; call it at each use, never keep it."""
    return ops


@contextlib.contextmanager
def using(replacement: Ops) -> Iterator[Ops]:
    """Put another `Ops` in force for a while: how tests inject faults."""
    global ops
    previous, ops = ops, replacement
    try:
        yield replacement
    finally:
        ops = previous


def _exchange(a: bytes, b: bytes) -> None:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, a, _AT_FDCWD, b, ctypes.c_uint(_RENAME_EXCHANGE))
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(a, b, ctypes.c_uint(_RENAME_SWAP))
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), os.fsdecode(a), None, os.fsdecode(b))


def _copy_xattrs(source: StrPath, target: StrPath) -> None:
    if sys.platform != "linux":
        return
    for name in os.listxattr(source):
        with contextlib.suppress(OSError):
            os.setxattr(target, name, os.getxattr(source, name))


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a child and all it started (its group id is its pid): asked first, so that git removes its lock files."""
    import signal
    import subprocess

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _run(
    argv: Sequence[str],
    cwd: StrPath | None,
    env: Mapping[str, str] | None,
    data: bytes | None,
    timeout: float | None,
    stop: Callable[[], bool] | None,
) -> Completed:
    import subprocess

    with subprocess.Popen(
        list(argv),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL if data is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(data, timeout) if stop is None else _until(process, timeout, stop)
        except subprocess.TimeoutExpired:
            _end_group(process)
            raise TimeoutError(errno.ETIMEDOUT, f"no answer within {timeout:g} s", argv[0]) from None
        except BaseException:
            _end_group(process)
            raise
    return Completed(process.returncode, stdout, stderr)


def _until(process: subprocess.Popen[bytes], timeout: float | None, stop: Callable[[], bool]) -> tuple[bytes, bytes]:
    """Wait for a child that is given nothing, and look now and then whether it is still wanted."""
    import subprocess
    import time

    end = time.monotonic() + (timeout if timeout is not None else 1e9)
    while True:
        try:
            return process.communicate(None, max(0.0, min(_LOOK, end - time.monotonic())))
        except subprocess.TimeoutExpired:
            if stop():
                raise Stopped from None
            if time.monotonic() >= end:
                raise


def _stream(argv: Sequence[str], cwd: StrPath | None, env: Mapping[str, str] | None) -> Iterator[bytes]:
    import subprocess
    import tempfile

    with (
        tempfile.TemporaryFile() as talk,
        subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=talk,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield from _chunks(process.stdout)
            process.wait()
        except BaseException:
            _end_group(process)
            raise
        talk.seek(0)
        if process.returncode:
            raise ProcessFailed(Completed(process.returncode, b"", talk.read()))


def _chunks(pipe: IO[bytes] | None) -> Iterator[bytes]:
    while pipe and (chunk := pipe.read(65536)):
        yield chunk
