"""The vault's files as text: read the tree without ever leaving it, whatever lies in it."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from planner.core.model import Unread

CONFIG_NAME = "planner.toml"
MAX_FILE = 2_000_000  # bytes
TEMPORARY = ".planner-tmp-"

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


def is_temporary(name: str) -> bool:
    """Whether a file name is an editor's or a tool's passing one (swap, backup, lock, merge), or our own."""
    return (
        name.startswith((TEMPORARY, ".merge_file_", ".#", "._"))
        or (name.startswith("#") and name.endswith("#"))
        or name.endswith("~")
        or (name.startswith(".") and name[-4:-1] == ".sw")
        or name == "4913"
    )


def is_vault_file(path: str) -> bool:
    """Whether a relative path is one that the vault reads: Markdown outside skipped folders, and `planner.toml`."""
    *folders, name = path.split("/")
    return path == CONFIG_NAME or (_is_markdown(name) and not any(map(_is_skipped_folder, folders)))


def is_vault_folder(path: str) -> bool:
    """Whether a relative folder path is one that the vault looks into."""
    return not any(map(_is_skipped_folder, path.split("/")))


def _is_markdown(name: str) -> bool:
    return name[-3:].lower() == ".md" and not is_temporary(name)


def _is_skipped_folder(name: str) -> bool:
    return not name or name.startswith(".") or name == "node_modules"


def is_git_name(name: str) -> bool:
    """Whether some file system takes this name for `.git` (case, short name, NTFS stream, HFS ignorables)."""
    bare = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return bare.replace("\\", ":").split(":")[0].rstrip(". ").casefold() in (".git", "git~1")


# ---- reading -----------------------------------------------------------------------------------------------------


def read_tree(root: Path, *, ignored: frozenset[str] = frozenset()) -> Tree:
    """Read every text of the vault; `ignored` holds relative paths, folders with a final "/", that are passed over.

    Nothing outside the root is followed, no pipe or device is opened; what is passed over for a reason is in `unread`.
    """
    reader = _Reader(os.path.realpath(root), ignored)
    folders = [""]
    while folders:
        folders += reader.read_folder(folders.pop())
    return reader.tree()


def read_paths(root: Path, paths: Iterable[str], *, ignored: frozenset[str] = frozenset()) -> Tree:
    """Read some paths by the rules of `read_tree`; a path that is gone, or is not the vault's, is in neither part."""
    reader = _Reader(os.path.realpath(root), ignored)
    for path in sorted(set(paths)):
        if is_vault_file(path) and reader.reaches(path):
            reader.read(path)
    return reader.tree()


def stat_tree(root: Path, *, ignored: frozenset[str] = frozenset()) -> dict[str, Stamp]:
    """Return the stamp of every path that `read_tree` would open, without reading any."""
    reader = _Reader(os.path.realpath(root), ignored, stat_only=True)
    folders = [""]
    while folders:
        folders += reader.read_folder(folders.pop())
    return reader.tree().stamps


class _Reader:
    """Collects texts below one real root; the paths it takes are relative, folders end with "/"."""

    def __init__(self, root: str, ignored: frozenset[str], *, stat_only: bool = False) -> None:
        self._base = root.rstrip("/") + "/"
        self._ignored = ignored
        self._stat_only = stat_only
        self._texts: dict[str, str] = {}
        self._stamps: dict[str, Stamp] = {}
        self._links: dict[str, str] = {}
        self._unread: list[Unread] = []

    def tree(self) -> Tree:
        """Return what was read so far."""
        return Tree(self._texts, tuple(self._unread), self._stamps, self._links)

    def read_folder(self, folder: str) -> list[str]:
        """Read the files of one folder and return its sub-folders."""
        try:
            with os.scandir(self._base + folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._refuse(folder, "not-readable", f"cannot be listed: {error.strerror}")
            return []
        if folder and any(entry.name == ".git" for entry in entries):
            self._refuse(folder, "nested-repository", "is a git repository of its own and is not read")
            return []
        below = []
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if not _is_skipped_folder(name) and f"{folder}{name}/" not in self._ignored:
                    below.append(f"{folder}{name}/")
            elif _is_markdown(name) or (not folder and name == CONFIG_NAME):
                if f"{folder}{name}" not in self._ignored:
                    self.read(folder + name)
            elif entry.is_symlink() and not name.startswith("."):
                self._mention_folder_link(folder + name)
        return below

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
        if path in self._ignored or os.path.realpath(self._base + folder) != (self._base + folder).rstrip("/"):
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
        if not self._stat_only:
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
