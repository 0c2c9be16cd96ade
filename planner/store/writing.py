"""Making all of some edits or none: the file is exchanged for its new text, and what was displaced is looked at."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from planner.core.change import Edit
from planner.core.record import dataclass
from planner.errors import Invalid, PlannerError
from planner.store import fsops
from planner.store.files import TEMPORARY, is_git_name
from planner.store.fsops import StrPath
from planner.store.places import DISPLACED_FOR

MANY, AT_ONCE = 64, 8
"""From how many files on a write is prepared by threads, and by how many."""


class Changed(Exception):
    """The text on disk is not the one the edit was planned on: plan again on a fresh vault."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class WriteFailed(PlannerError):
    """The operating system refused a write; `left` names the paths that could not be put back (exit code 5)."""

    code: ClassVar[str] = "write-failed"
    exit_code: ClassVar[int] = 5

    def __init__(
        self,
        path: str,
        cause: OSError,
        left: tuple[str, ...] = (),
        *,
        verb: str = "write",
        state: str = "nothing was changed",
    ) -> None:
        words, hint = _REFUSALS.get(cause.errno or 0, (cause.strerror or str(cause), "try again"))
        state = f"these could not be put back: {', '.join(left)}" if left else state
        super().__init__(f"cannot {verb} {path}: {words}; {state}", hint)
        self.path = path
        self.left = left


def refused(error: OSError, state: str = "nothing was changed") -> WriteFailed:
    """Say which path the operating system refused, and what became of the wish."""
    path = error.filename2 or error.filename or "a file"
    return WriteFailed(os.fsdecode(path), error, verb="use", state=state)


_REFUSALS = {
    errno.ENOSPC: ("the disk is full", "free some space, then try again"),
    errno.EDQUOT: ("your disk quota is used up", "free some space, then try again"),
    errno.EROFS: ("the file system is read-only", "work on a copy of the vault that can be written"),
    errno.EACCES: ("permission denied", "give yourself write access to the file and its folder"),
    errno.EPERM: ("the system does not permit it", "look at the owner and the attributes of the file and its folder"),
    errno.EMFILE: ("too many open files in this program", "close some programs, or raise `ulimit -n`"),
    errno.ENFILE: ("too many open files on this machine", "close some programs, then try again"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter title or a less deep folder"),
    errno.EIO: ("the disk reports an error", "check the disk before you go on"),
}


# ---- names -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Displaced:
    """A displaced copy whose text nobody expected: a save that came too late to be seen. It is kept."""

    file: Path
    name: str  # of the vault's file, without its folder
    op_id: str
    text: str


def write(root: Path, edits: Sequence[Edit], *, displaced: Path, op_id: str = "") -> tuple[str, ...]:
    """Make all of `edits` or none; return the real relative paths written, links resolved.

    The files a write displaces are moved into the folder `displaced`. Raises Changed when a text on disk is not the
    edit's `before`, Invalid for a path that leaves the vault, WriteFailed when the system refuses.
    """
    base = os.path.realpath(root)
    swaps = [_Swap(base, edit, displaced, op_id) for edit in edits if not edit.is_noop]
    path = ""
    try:
        for swap, prepared in zip(swaps, _prepared(swaps), strict=True):
            path = swap.path
            prepared()
        for swap in swaps:
            path = swap.path
            swap.swap()
        for swap in swaps:
            path = swap.path
            swap.settle()
        for path in sorted({swap.folder for swap in swaps}):  # last, lest a temporary name come back with the power
            fsops.get().sync_dir(path)
    except (Changed, Invalid):
        _take_back(swaps)
        raise
    except OSError as error:
        raise WriteFailed(path, error, _take_back(swaps)) from error
    return tuple(os.path.relpath(swap.target, base) for swap in swaps)


def recover_temporaries(root: Path, edits: Iterable[Edit], *, displaced: Path, op_id: str = "") -> None:
    """Clear up what a killed `write` of `edits` left beside its targets; a foreign save it had displaced goes back.

    Run it before `plan_recovery`. Raises OSError.
    """
    base = os.path.realpath(root)
    for edit in edits:
        for temporary in _temporaries(_resolve(base, edit.path)):
            swap = _Swap(base, edit, displaced, op_id)
            swap.temporary = temporary
            swap.recover()


def sweep_displaced(folder: Path, *, now: float, older_than: float = DISPLACED_FOR) -> list[Displaced]:
    """Delete displaced copies left alone for `older_than` seconds; return those that hold an unexpected text.

    `now` is in seconds since the epoch; a copy's age counts from its last change of any kind. Raises OSError.
    """
    found: list[Displaced] = []
    for file in sorted(map(folder.joinpath, _listed(folder))):
        if file.name.count("-") < 3 or now - fsops.get().lstat(file).st_ctime < older_than:
            continue
        op_id, expected, _, name = file.name.split("-", 3)
        data = fsops.get().read(file)
        if _digest(data) == expected:
            fsops.get().unlink_if_there(file)
        else:
            found.append(Displaced(file, name, op_id, data.decode("utf-8", "surrogateescape")))
    return found


def _prepared(swaps: Sequence[_Swap]) -> list[Callable[[], None]]:
    """What prepares each swap, or says how that went: of many, those of files that are there are prepared by threads.

    A disk takes what several of them sync in one go.
    """
    if len(swaps) < MANY:
        return [swap.prepare for swap in swaps]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = [pool.submit(swap.prepare) if swap.replaces else None for swap in swaps]
    return [swap.prepare if one is None else one.result for swap, one in zip(swaps, begun, strict=True)]


def _take_back(swaps: Sequence[_Swap]) -> tuple[str, ...]:
    """Undo what was done of some swaps, last first; return the paths where the system refused that too."""
    left = []
    for swap in reversed(swaps):
        try:
            swap.take_back()
        except OSError:
            left.append(swap.path)
    return tuple(left)


class _Swap:
    """One edit on its way: its temporary file holds the new text before the swap, and what was displaced after it."""

    def __init__(self, base: str, edit: Edit, displaced: Path, op_id: str) -> None:
        self.path = edit.path
        self.target = _resolve(base, edit.path)
        self.folder, name = os.path.split(self.target)
        self.temporary = f"{self.folder}/{_temporary_prefix(name)}{os.urandom(6).hex()}"
        self._before = _encode(edit.path, edit.before)
        self._after = _encode(edit.path, edit.after)
        self._displaced = displaced
        self._op_id = "".join(filter(str.isalnum, op_id))
        self._made: list[str] = []  # folders
        self._linked = False  # hard-linked under another name, so written in place
        self._swapped = False
        self._kept = ""  # where the displaced file went

    @property
    def replaces(self) -> bool:
        """Whether it is about a file that is there, in a folder that is."""
        return self._before is not None

    def prepare(self) -> None:
        """Do first all that may fail: folders, the new text on disk, a look at the old one."""
        ops = fsops.get()
        ops.make_dirs(self._displaced)
        if self._before is None:
            self._make_folders()
        else:
            self._look_at_target()
        if self._after is not None:
            ops.write_new(self.temporary, self._after, like=None if self._before is None else self.target)

    def swap(self) -> None:
        """Put the new text in place, then look at what that displaced; raises Changed when it is a foreign save."""
        self._expect()
        if self._before is None:
            self._publish()
            return
        if self._linked and self._after is not None:
            self._swapped = True
            fsops.get().write_in_place(self.target, self._after)
            return
        self._displace()
        if _held(self.temporary) != self._before:
            self._restore()
            raise Changed(self.path)

    def settle(self) -> None:
        """Move the displaced file away: an editor may still hold it open and write to it."""
        if self._linked and self._after is not None:
            fsops.get().unlink(self.temporary)
        elif self._before is not None:
            self._keep()

    def take_back(self) -> None:
        """Return to the state before, except where somebody has saved over our text meanwhile: that stays."""
        if self._kept:
            self._unkeep()
        if self._swapped:
            self._restore()
        fsops.get().unlink_if_there(self.temporary)
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):  # somebody has put something there
                fsops.get().rmdir(folder)

    def recover(self) -> None:
        """Clear up the temporary file that a killed process left for this target."""
        ops = fsops.get()
        held, there = _held(self.temporary) or b"", _held(self.target)
        self._linked = there is not None and ops.lstat(self.target).st_nlink > 1
        if self._is_swapped(there) and held not in (self._before, self._after):
            self._restore()
            ops.unlink_if_there(self.temporary)
        elif self._linked and held == self._after and self._is_torn(there):
            ops.write_in_place(self.target, held)
            ops.unlink(self.temporary)
        elif self._is_unfinished(held):
            ops.unlink(self.temporary)
        else:
            self._keep()

    def _look_at_target(self) -> None:
        try:
            info = fsops.get().lstat(self.target)
        except FileNotFoundError:
            raise Changed(self.path) from None
        if not stat.S_ISREG(info.st_mode):
            raise Invalid(f"{self.path} is not a regular file", "planner edits regular files only")
        if not fsops.get().access(self.target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self.target)
        self._linked = info.st_nlink > 1

    def _make_folders(self) -> None:
        missing, folder = [], self.folder
        while not fsops.get().is_dir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for folder in reversed(missing):
            fsops.get().mkdir(folder)
            self._made.append(folder)
            fsops.get().sync_dir(os.path.dirname(folder))

    def _expect(self) -> None:
        there = fsops.get().exists(self.target) if self._before is None else _held(self.target) != self._before
        if there:
            raise Changed(self.path)

    def _publish(self) -> None:
        """Give the temporary file its name, never replacing another; raises Changed when the name is taken."""
        ops = fsops.get()
        try:
            ops.link(self.temporary, self.target)
        except FileExistsError:
            raise Changed(self.path) from None
        except OSError as error:
            if error.errno not in _NO_LINK or ops.exists(self.target):
                raise
            ops.rename(self.temporary, self.target)
        self._swapped = True
        ops.unlink_if_there(self.temporary)

    def _displace(self) -> None:
        """Move the target's file to the temporary name, and the new text, if any, to the target's."""
        try:
            if self._after is None:
                fsops.get().rename(self.target, self.temporary)
            else:
                _exchange(self.temporary, self.target)
        except FileNotFoundError:
            raise Changed(self.path) from None
        self._swapped = True

    def _restore(self) -> None:
        """Undo the swap; a save that came after it wins, and the older file is then kept aside."""
        if self._linked and self._after is not None:
            there = _held(self.target)
            if self._before is not None and (there == self._after or self._is_torn(there)):
                fsops.get().write_in_place(self.target, self._before)
        elif self._before is None:
            self._unpublish()
        elif self._after is None:
            self._republish()
        else:
            self._exchange_back()
        self._swapped, self._kept = False, ""  # what was kept aside now stays there

    def _unpublish(self) -> None:
        fsops.get().unlink_if_there(self.temporary)  # a rename onto a link to the same file would do nothing
        with contextlib.suppress(FileNotFoundError):  # deleted by somebody: just as well
            fsops.get().rename(self.target, self.temporary)
            if _held(self.temporary) != self._after:
                self._republish()

    def _republish(self) -> None:
        try:
            self._publish()
        except Changed:
            self._keep()

    def _exchange_back(self) -> None:
        try:
            _exchange(self.temporary, self.target)
            if _held(self.temporary) != self._after:
                _exchange(self.temporary, self.target)
                self._keep()
        except FileNotFoundError:  # deleted by somebody: that stays
            self._keep()

    def _keep(self) -> None:
        """Move the temporary file into the displaced folder, named by operation, expected text and file."""
        ops = fsops.get()
        ops.make_dirs(self._displaced)
        expected = _digest(self._before or b"")
        name = os.fsencode(f"{self._op_id}-{expected}-{os.urandom(4).hex()}-{os.path.basename(self.target)}")
        kept = os.path.join(self._displaced, os.fsdecode(name[:255]))
        _link_or_copy(self.temporary, kept)
        self._kept = kept
        ops.unlink(self.temporary)

    def _unkeep(self) -> None:
        if not fsops.get().exists(self.temporary):
            _link_or_copy(self._kept, self.temporary)
        fsops.get().unlink(self._kept)
        self._kept = ""

    def _is_swapped(self, there: bytes | None) -> bool:
        """Whether the temporary file must hold what the target held before."""
        return self._before is not None and there == self._after and not self._linked

    def _is_torn(self, there: bytes | None) -> bool:
        """Whether this is the old text overwritten by a beginning of the new one."""
        if there is None or self._before is None or self._after is None or there == self._before:
            return False
        pairs = enumerate(zip(there, self._after, strict=False))
        same = next((at for at, (a, b) in pairs if a != b), min(len(there), len(self._after)))
        return there[same:] == self._before[same:]

    def _is_unfinished(self, held: bytes) -> bool:
        """Whether this is a text of ours that was not swapped in, or not even written to its end."""
        ours = [text for text in (self._before, self._after) if text is not None]
        return held != self._before and any(text.startswith(held) for text in ours)


_NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_NO_LINK = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)


def _exchange(temporary: str, target: str) -> None:
    """Swap two files' names; where the system cannot, rename over the target and leave a copy of what it held."""
    ops = fsops.get()
    try:
        ops.exchange(temporary, target)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        copy = temporary + "~"
        ops.write_new(copy, ops.read(target), like=target)
        try:
            ops.rename(temporary, target)
        except OSError:
            ops.unlink_if_there(copy)
            raise
        try:
            ops.rename(copy, temporary)
        except OSError:
            ops.rename(copy, target)
            raise


def _link_or_copy(source: str, target: str) -> None:
    """Give a file a second name; deliberately no rename: the watcher waits half a second for a rename's other end."""
    try:
        fsops.get().link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        fsops.get().write_new(target, fsops.get().read(source))


def _held(path: str) -> bytes | None:
    """The bytes of a regular file; None where there is no such."""
    ops = fsops.get()
    try:
        return ops.read(path) if stat.S_ISREG(ops.lstat(path).st_mode) else None
    except FileNotFoundError:
        return None


def _temporary_prefix(name: str) -> str:
    return f"{TEMPORARY}{_digest(os.fsencode(name))[:8]}-"


def _temporaries(target: str) -> list[str]:
    """The temporary files that lie beside a target and were made for it."""
    folder, name = os.path.split(target)
    prefix = _temporary_prefix(name)
    return [f"{folder}/{found}" for found in _listed(folder) if found.startswith(prefix)]


def _listed(folder: StrPath) -> list[str]:
    """The names in a folder, in order; none where there is no such folder."""
    try:
        return sorted(fsops.get().listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _resolve(base: str, path: str) -> str:
    """The real file that an edit of `path` means; raises Invalid unless it is below `base` and outside `.git`."""
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") or is_git_name(part) for part in parts):
        raise Invalid(f"{path!r} is not a path inside the vault", "use a relative path below the vault's folder")
    name = f"{base.rstrip('/')}/{path}"
    folder = os.path.realpath(os.path.dirname(name))
    real = os.path.realpath(name) if os.path.islink(name) else f"{folder}/{parts[-1]}"
    inside = real.removeprefix(base.rstrip("/") + "/")
    if inside == real or any(map(is_git_name, inside.split("/"))):
        raise Invalid(f"{path} is a link that leaves the vault", "edit the file where it really lies")
    return real


def _encode(path: str, text: str | None) -> bytes | None:
    try:
        return None if text is None else text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise Invalid(f"{path}: the text has a character that no file can hold", "remove the lone surrogate") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
