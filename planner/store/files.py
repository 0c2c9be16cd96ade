"""The vault's files as text: read the tree without ever leaving it, whatever lies in it."""

from __future__ import annotations

import errno
import marshal
import os
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from planner.core.model import Unread
from planner.core.record import dataclass, field
from planner.store import walk
from planner.store.walk import CONFIG_NAME, TEMPORARY, Entry, Listings, is_markdown, is_skipped_folder, is_temporary

__all__ = ["CONFIG_NAME", "TEMPORARY", "is_temporary"]

MAX_FILE = 2_000_000  # bytes
COARSE, FINE = 2_000_000_000, 50_000_000  # nanoseconds within which two saves may have one time: FAT's, a kernel tick's
RACY = 2_000_000_000  # nanoseconds; the coarsest clock of a file system

_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What `stat` says of a file when it was read: the same stamp means, but for a racy moment, the same text."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The texts of a vault by relative POSIX path; `links` maps a path that is a symbolic link to its real path."""

    texts: dict[str, str] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    stamps: dict[str, Stamp] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


def is_vault_file(path: str) -> bool:
    """Whether a relative path is one that the vault reads: Markdown outside skipped folders, and `planner.toml`."""
    *folders, name = path.split("/")
    return path == CONFIG_NAME or (is_markdown(name) and not any(map(is_skipped_folder, folders)))


def is_vault_folder(path: str) -> bool:
    """Whether a relative folder path is one that the vault looks into."""
    return not any(map(is_skipped_folder, path.split("/")))


def is_git_name(name: str) -> bool:
    """Whether some file system takes this name for `.git` (case, short name, NTFS stream, HFS ignorables)."""
    bare = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return bare.replace("\\", ":").split(":")[0].rstrip(". ").casefold() in (".git", "git~1")


# ---- reading -----------------------------------------------------------------------------------------------------


def read_tree(root: Path, *, ignored: frozenset[str] = frozenset()) -> Tree:
    """Read every text of the vault; `ignored` holds relative paths of folders, with a final "/", that are passed over.

    Nothing outside the root is followed, no pipe or device is opened; what is passed over for a reason is in `unread`.
    """
    return read_listed(root, walk.walk(os.path.realpath(root), ignored), ignored=ignored)


def read_listed(
    root: Path, listings: Listings, *, ignored: frozenset[str] = frozenset(), stat_only: bool = False
) -> Tree:
    """Read what these listings name, or only look whether it could be read."""
    reader = _Reader(os.path.realpath(root), ignored, stat_only=stat_only)
    for folder in sorted(listings):
        for entry in marshal.loads(listings[folder]):  # noqa: S302 (made a moment ago, or by us for ourselves)
            reader.read_entry(folder, entry)
    return reader.tree()


def read_paths(root: Path, paths: Iterable[str], *, ignored: frozenset[str] = frozenset()) -> Tree:
    """Read some paths by the rules of `read_tree`; a path that is gone, or is not the vault's, is in neither part."""
    reader = _Reader(os.path.realpath(root), ignored)
    for path in sorted(set(paths)):
        if is_vault_file(path) and reader.reaches(path) and not reader.is_folder(path):
            reader.read(path)
    return reader.tree()


def scan_tree(root: Path, *, ignored: frozenset[str] = frozenset()) -> Tree:
    """What `read_tree` would find, but for the texts: nothing is opened."""
    return read_listed(root, walk.walk(os.path.realpath(root), ignored), ignored=ignored, stat_only=True)


def stamps(listings: Listings) -> dict[str, Stamp]:
    """The stamps of the vault's files in these listings, but for links."""
    return {
        folder + name: Stamp(size, mtime, inode)
        for folder, listing in listings.items()
        for name, size, mtime, inode in marshal.loads(listing)  # noqa: S302 (made a moment ago, or by us for ourselves)
        if size >= 0 and is_listed_file(folder, name)
    }


def steady(stamps: Mapping[str, Stamp], began: int) -> dict[str, Stamp]:
    """The stamps that prove a text read after `began` (nanoseconds): a later save cannot have the same one."""
    return {path: stamp for path, stamp in stamps.items() if is_steady(stamp.mtime_ns, began)}


def is_steady(mtime: int, began: int) -> bool:
    """Whether a file's time, looked at since `began`, tells it from every later save; both in nanoseconds."""
    return began - mtime > (COARSE if mtime % 1_000_000_000 == 0 else FINE)


def is_listed_file(folder: str, name: str) -> bool:
    """Whether a name in a listing is one that the vault reads."""
    return is_markdown(name) or (not folder and name == CONFIG_NAME)


class _Reader:
    """Collects texts below one real root; the paths it takes are relative, folders end with "/"."""

    def __init__(self, root: str, ignored: frozenset[str], *, stat_only: bool = False) -> None:
        self._base = root.rstrip("/") + "/"
        self._ignored = ignored
        self._stat_only = stat_only
        self._reached: dict[str, bool] = {}
        self._texts: dict[str, str] = {}
        self._stamps: dict[str, Stamp] = {}
        self._links: dict[str, str] = {}
        self._unread: list[Unread] = []

    def tree(self) -> Tree:
        """Return what was read so far."""
        return Tree(self._texts, tuple(self._unread), self._stamps, self._links)

    def read_entry(self, folder: str, entry: Entry) -> None:
        """Read what one entry of a folder's listing names, or say why not."""
        name, kind, code, inode = entry
        if kind == walk.CLOSED and folder and code in {errno.ENOENT, errno.ENOTDIR}:
            return  # it went away since its name was read
        if kind == walk.CLOSED:
            self._refuse(folder, "not-readable", f"cannot be listed: {os.strerror(code)}")
        elif kind == walk.REPOSITORY:
            self._refuse(folder, "nested-repository", "is a git repository of its own and is not read")
        elif kind not in (walk.FOLDER, walk.TARGET):
            if is_listed_file(folder, name):
                if self._stat_only and 0 <= kind <= MAX_FILE and inode >= 0:
                    self._stamps[folder + name] = Stamp(kind, code, inode)
                elif folder + name not in self._ignored:
                    self.read(folder + name)
            elif kind == walk.LINK:
                self._mention_folder_link(folder + name)

    def read(self, path: str) -> None:
        """Read one file, or say why not; a path that is gone is passed over."""
        try:
            if os.path.islink(self._base + path):
                self._read_link(path)
            else:
                self._read_file(path, self._base + path)
        except FileNotFoundError:
            return
        except OSError as error:
            self._refuse(path, "not-readable", f"cannot be read: {error.strerror}")

    def reaches(self, path: str) -> bool:
        """Whether a walk would come to this path: no ignored folder, link or repository on the way."""
        folder = os.path.dirname(path)
        if folder not in self._reached:
            self._reached[folder] = self._reaches_folder(folder)
        return self._reached[folder] and path not in self._ignored

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder at this path; one that is named like a file of the vault is none of its files."""
        return os.path.isdir(self._base + path) and not os.path.islink(self._base + path)

    def _reaches_folder(self, folder: str) -> bool:
        if os.path.realpath(self._base + folder) != (self._base + folder).rstrip("/"):
            return False
        while folder:
            if f"{folder}/" in self._ignored or os.path.lexists(f"{self._base}{folder}/.git"):
                return False
            folder = os.path.dirname(folder)
        return True

    def _read_file(self, path: str, real: str) -> None:
        """Read the regular file `real` as `path`; stamped before it is read, so that no later save hides behind it."""
        info = os.lstat(real)
        if not stat.S_ISREG(info.st_mode):
            self._refuse(path, "special-file", "is not a regular file and is not opened")
            return
        if info.st_size > MAX_FILE:
            self._refuse(path, "too-large", f"is larger than {MAX_FILE // 1_000_000} MB and is not read")
            return
        if self._stat_only:
            if not info.st_mode & stat.S_IRUSR and not os.access(real, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        else:
            self._texts[path] = _read_all(real, info.st_size).decode("utf-8", "surrogateescape")
        self._stamps[path] = Stamp(info.st_size, info.st_mtime_ns, info.st_ino)

    def _read_link(self, path: str) -> None:
        """Read a symbolic link's target under the link's name, if it is in the vault and not read there anyway."""
        real = os.path.realpath(self._base + path)
        target = real.removeprefix(self._base)
        if target == real or any(map(is_git_name, target.split("/"))):
            self._refuse(path, "link-outside", "is a link that leaves the vault and is not followed")
        elif not os.path.exists(real):
            self._refuse(path, "link-broken", "is a link to nothing")
        elif is_vault_file(target) and target not in self._ignored:
            self._refuse(path, "special-file", f"is a link to {target}, which is read there")
        else:
            self._read_file(path, real)
            self._links[path] = target

    def _mention_folder_link(self, path: str) -> None:
        """Name a link to a folder that lies outside; one that lies inside is read at its own place."""
        real = os.path.realpath(self._base + path)
        if os.path.isdir(real) and not (real + "/").startswith(self._base):
            self._refuse(path, "link-outside", "is a link to a folder outside the vault and is not followed")

    def _refuse(self, path: str, code: str, message: str) -> None:
        self._unread.append(Unread(path, code, message))


def _read_all(real: str, size: int) -> bytes:
    """The bytes of a regular file of about `size` bytes."""
    fd = os.open(real, _OPEN)
    try:
        data = os.read(fd, size + 1)
        if len(data) == size:
            return data
        parts = [data]
        while part := os.read(fd, 65536):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)
