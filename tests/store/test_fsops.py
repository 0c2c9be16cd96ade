"""The door to the operating system: whole writes, honest errors, replaceable for fault injection."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from select import select

import pytest

from planner.store import fsops
from planner.store.fsops import Ops, ProcessFailed


class ShortWrites(Ops):
    """A disk that takes three bytes at a time."""

    def write(self, fd: int, data: bytes | memoryview) -> int:
        return super().write(fd, data[:3])


class FullDisk(Ops):
    """A disk that has room for one write."""

    def __init__(self) -> None:
        self.writes = 0

    def write(self, fd: int, data: bytes | memoryview) -> int:
        self.writes += 1
        if self.writes > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data[:3])


class Recorder(Ops):
    """An operating system that writes down which primitives were called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self, path: fsops.StrPath, flags: int, mode: int = 0o666) -> int:
        self.calls.append("open")
        return super().open(path, flags, mode)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        self.calls.append("write")
        return super().write(fd, data)

    def fsync(self, fd: int) -> None:
        self.calls.append("fsync")
        super().fsync(fd)

    def close(self, fd: int) -> None:
        self.calls.append("close")
        super().close(fd)


def test_every_primitive_is_a_method() -> None:
    assert all(callable(getattr(Ops, name)) for name in fsops.PRIMITIVES)


def test_write_new_makes_the_whole_file_also_by_short_writes(tmp_path: Path) -> None:
    ShortWrites().write_new(tmp_path / "a", b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"


def test_write_new_syncs_before_it_closes(tmp_path: Path) -> None:
    ops = Recorder()
    ops.write_new(tmp_path / "a", b"x")
    assert ops.calls == ["open", "write", "fsync", "close"]


def test_write_new_never_replaces_and_never_follows(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("a", "link"):
        with pytest.raises(FileExistsError):
            Ops().write_new(tmp_path / name, b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_no_half_written_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        FullDisk().write_new(tmp_path / "a", b"0123456789")
    assert list(tmp_path.iterdir()) == []


def test_append_adds_and_creates(tmp_path: Path) -> None:
    Ops().append(tmp_path / "a", b"one\n")
    ShortWrites().append(tmp_path / "a", b"two\n")
    assert (tmp_path / "a").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("text", [b"", b"short", b"much longer than before"])
def test_write_in_place_keeps_the_inode(tmp_path: Path, text: bytes) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"before it was")
    inode = target.stat().st_ino
    ShortWrites().write_in_place(target, text)
    assert (target.read_bytes(), target.stat().st_ino) == (text, inode)


def test_exchange_swaps_two_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"A")
    (tmp_path / "ö b").write_bytes(b"B")
    Ops().exchange(tmp_path / "a", tmp_path / "ö b")
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "ö b").read_bytes()) == (b"B", b"A")


def test_exchange_with_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"A")
    with pytest.raises(FileNotFoundError):
        Ops().exchange(tmp_path / "a", tmp_path / "b")


def test_read_refuses_what_is_not_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        Ops().read(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        Ops().read(tmp_path)


def test_make_dirs_makes_all_and_may_be_repeated(tmp_path: Path) -> None:
    Ops().make_dirs(tmp_path / "a" / "b")
    Ops().make_dirs(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_unlink_if_there(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert [Ops().unlink_if_there(tmp_path / "a") for _ in range(2)] == [True, False]


def test_copy_metadata_copies_mode_and_attributes(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.touch()
    target.touch()
    source.chmod(0o640)
    if sys.platform == "linux":
        os.setxattr(source, "user.colour", b"green")
    Ops().copy_metadata(source, target)
    assert target.stat().st_mode & 0o777 == 0o640
    if sys.platform == "linux":
        assert os.getxattr(target, "user.colour") == b"green"


def test_run_gives_input_and_takes_both_outputs() -> None:
    script = "import sys; d = sys.stdin.read(); print(d.upper()); print('talk', file=sys.stderr); sys.exit(3)"
    completed = Ops().run([sys.executable, "-c", script], input=b"data")
    assert (completed.returncode, completed.stdout, completed.stderr) == (3, b"DATA\n", b"talk\n")


def test_run_has_no_terminal_and_an_empty_input() -> None:
    script = "import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())"
    assert Ops().run([sys.executable, "-c", script]).stdout == b"True True\n"


def test_a_hanging_program_is_ended_with_all_it_started(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        Ops().run(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"], timeout=0.5)
    grandchild = int((tmp_path / "pid").read_text())
    with contextlib.suppress(ProcessLookupError):  # it is gone; else the signal is on its way
        watched = os.pidfd_open(grandchild)
        assert select([watched], [], [], 10)[0]
        os.close(watched)


def test_a_missing_program_is_said_so() -> None:
    with pytest.raises(FileNotFoundError):
        Ops().run(["no-such-program-anywhere"])


def test_stream_yields_all_output_and_reports_failure_last() -> None:
    script = "import sys; sys.stdout.write('x' * 200000); sys.stdout.flush(); sys.exit('why')"
    stream = Ops().stream([sys.executable, "-c", script])
    chunks: list[bytes] = []
    with pytest.raises(ProcessFailed) as failure:
        chunks.extend(stream)
    assert sum(map(len, chunks)) == 200000
    assert failure.value.completed.stderr == b"why\n"


def test_a_stream_may_be_left_early() -> None:
    stream = Ops().stream(["sh", "-c", "while :; do echo line; done"])
    assert next(iter(stream)).startswith(b"line\n")
    stream.close()  # type: ignore[attr-defined]  # it is a generator; must not hang


def test_using_puts_another_system_in_force_and_takes_it_back() -> None:
    before = fsops.get()
    with fsops.using(ShortWrites()) as other:
        assert fsops.get() is other
    assert fsops.get() is before


def test_a_new_file_is_like_another_before_it_holds_anything(tmp_path: Path) -> None:
    (tmp_path / "secret").touch(0o600)
    seen: list[int] = []

    class Looks(Ops):
        def write(self, fd: int, data: bytes | memoryview) -> int:
            seen.append(os.fstat(fd).st_mode & 0o777)
            return super().write(fd, data)

    Looks().write_new(tmp_path / "new", b"text", like=tmp_path / "secret")
    assert seen == [0o600]
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_the_error_of_a_descriptor_names_the_path(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")

    class Failing(Ops):
        def fsync(self, fd: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def pread(self, fd: int, size: int, offset: int) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    calls: list[Callable[[], object]] = [
        lambda: Failing().read(tmp_path / "a"),
        lambda: Failing().last_byte(tmp_path / "a"),
        lambda: Failing().append(tmp_path / "a", b"x"),
        lambda: Failing().write_new(tmp_path / "b", b"x"),
        lambda: Failing().write_in_place(tmp_path / "a", b"x"),
    ]
    for call, name in zip(calls, "aaaba", strict=True):
        with pytest.raises(OSError, match="Input/output") as failure:
            call()
        assert failure.value.filename == str(tmp_path / name)


def test_the_last_byte_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\n")
    (tmp_path / "empty").touch()
    assert [Ops().last_byte(tmp_path / name) for name in ("a", "empty", "none")] == [b"\n", b"", b""]


def test_whether_there_is_something(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "broken").symlink_to("nowhere")
    names = ("file", "broken", "none", "file/below", "")
    assert [Ops().exists(tmp_path / name) for name in names] == [True, True, False, False, True]
    assert [Ops().is_dir(tmp_path / name) for name in names] == [False, False, False, False, True]
