"""Two looks at the work tree held against each other: which files may read otherwise by now."""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.record import dataclass
from planner.store import files, walk
from planner.store.walk import Entry, Listings

if TYPE_CHECKING:
    import subprocess

MANY = 4_000  # files from which it pays to have another process look
HELPERS = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """Between two states of the folders: the files to read again, and whether more than files has changed."""

    paths: frozenset[str] = frozenset()
    odd: bool = False  # links to folders, repositories, ignore files: everything is to be looked at anew


def difference(old: Listings, new: Listings) -> Difference:
    """What may read otherwise than before."""
    paths: set[str] = set()
    odd = False
    for folder in old.keys() | new.keys():
        before, after = old.get(folder), new.get(folder)
        if before == after:
            continue
        for name, kind, *_ in _entries(before) ^ _entries(after):
            if files.is_listed_file(folder, name):
                paths.add(folder + name)
            elif kind != walk.FOLDER:
                odd = True
    return Difference(frozenset(paths), odd)


def _entries(listing: bytes | None) -> set[Entry]:
    return set(marshal.loads(listing)) if listing is not None else set()  # noqa: S302 (ours)


def with_new_folders(root: Path, old: Listings, seen: Listings, ignored: frozenset[str]) -> Listings:
    """The listings of the known folders that are still there, and of what is new below them."""
    base = os.path.realpath(root)
    if seen == old:
        return seen
    found: Listings = {}
    todo = [""]
    while todo:
        folder = todo.pop()
        if folder not in seen:
            found.update(walk.walk(base, ignored, folder))
            continue
        listing = found[folder] = seen[folder]
        todo += [path for name in _folders(listing) if (path := f"{folder}{name}/") not in ignored]
    return found


def _folders(listing: bytes) -> list[str]:
    return [name for name, kind, *_ in marshal.loads(listing) if kind == walk.FOLDER]  # noqa: S302 (ours)


class Look:
    """A look at some folders that goes on in other processes while this one does something else."""

    def __init__(self, root: Path, folders: Sequence[str], count: int) -> None:
        self._root = os.path.realpath(root)
        self._folders = list(folders)
        self._helpers = []
        if count >= MANY:
            share = len(self._folders) // HELPERS + 1
            self._helpers = [
                _Helper(self._root, self._folders[begin : begin + share])
                for begin in range(0, len(self._folders), share)
            ]

    def listings(self) -> Listings:
        """What was seen; waits for it."""
        if not self._helpers:
            return walk.look(self._root, self._folders)
        found: Listings = {}
        for helper in self._helpers:
            found.update(helper.answer())
        return {folder: found[folder] for folder in self._folders}


class _Helper:
    """A process that looks at folders; where it fails, its share is looked at here."""

    def __init__(self, root: str, folders: list[str]) -> None:
        self._root, self._share = root, folders
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, with its question; names are decoded there as they are here."""
        import subprocess

        same = f"utf8={sys.flags.utf8_mode}"
        command = [sys.executable, "-I", "-S", "-X", same, walk.__file__, self._root]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        assert process.stdin is not None  # noqa: S101 (asked for above)
        with contextlib.suppress(BrokenPipeError), process.stdin as question:  # its end is seen by its return code
            question.write(marshal.dumps(self._share))
        process.stdin = None
        return process

    def answer(self) -> Listings:
        """The listings of its share; waits for them."""
        if self._process is None:
            return walk.look(self._root, self._share)
        out, _ = self._process.communicate()
        if self._process.returncode:
            return walk.look(self._root, self._share)
        found: Listings = marshal.loads(out)  # noqa: S302 (from our own program, and it ended well)
        return found
