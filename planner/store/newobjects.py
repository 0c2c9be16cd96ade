"""New objects on their way into the repository: named first, and written as loose objects once all are known.

Written from here, because a process of git costs more than all objects of a commit. Where other users share the
repository, permissions are git's business, and git writes them.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Literal

from planner.store import fsops
from planner.store.git import Repository, Setting
from planner.store.objects import file_text, object_id

Kind = Literal["commit", "tree", "blob"]

_ATTRIBUTES = ".gitattributes"
_CONVERTING = re.compile(rb"filter|working-tree-encoding")
_SYSTEM_FOLDERS = ("/etc", "/usr/etc", "/usr/local/etc", "/opt/homebrew/etc", "/opt/local/etc")
_BY_GIT = ("core.sharedrepository", "extensions.compatobjectformat")


class NewObjects:
    """Objects that are named, and not yet written."""

    def __init__(self, repo: Repository, settings: Sequence[Setting]) -> None:
        self._repo = repo
        self._by_git = any(setting.key in _BY_GIT for setting in settings)
        self._objects: dict[str, tuple[Kind, bytes]] = {}

    def add(self, kind: Kind, body: bytes) -> str:
        """Take in an object, after those it names; return its id."""
        name = object_id(self._repo, kind, body)
        self._objects[name] = (kind, body)
        return name

    def write(self) -> None:
        """Write all that was added since, durably. Raises GitFailed, OSError."""
        folders = set()
        for name, (kind, body) in self._objects.items():
            if self._by_git:
                self._repo.run("hash-object", "-w", "-t", kind, "--no-filters", "--stdin", input=body)
            else:
                folders.add(self._write_loose(name, f"{kind} {len(body)}\0".encode() + body))
        for folder in sorted(folders):  # else HEAD could outlive the names of what it stands for
            fsops.get().sync_dir(folder)
        self._objects.clear()

    def _write_loose(self, name: str, data: bytes) -> str:
        """Write one object and return the folder it is in, whose names are not synced yet.

        As git does it: a synced temporary file that `git gc` knows, renamed. Also where there is one already: a fresh
        time keeps it from being pruned before a commit names it.
        """
        ops = fsops.get()
        folder = os.path.join(self._repo.common_dir, "objects", name[:2])
        temporary = os.path.join(folder, f"tmp_obj_{os.urandom(6).hex()}")
        ops.make_dirs(folder)
        ops.write_new(temporary, zlib.compress(data, 1), 0o444)
        try:
            ops.rename(temporary, os.path.join(folder, name[2:]))
        except OSError:
            ops.unlink_if_there(temporary)
            raise
        return folder


def attribute_paths(path: str) -> Iterator[str]:
    """Yield the paths of the attribute files inside the work tree that may say something about a path."""
    folders = path.split("/")[:-1]
    for depth in range(len(folders) + 1):
        yield "/".join((*folders[:depth], _ATTRIBUTES))


def converts(attributes: bytes) -> bool:
    """Whether an attribute file may name a filter or an encoding for some path."""
    return _CONVERTING.search(attributes) is not None


def is_stored_as_it_is(repo: Repository, settings: Sequence[Setting], path: str, data: bytes) -> bool:
    """Whether `git add` would surely store a text at a path byte for byte, so that no process has to be asked.

    No line ends or keywords in it to convert, and not a word of filters or encodings in any attribute file.
    """
    if b"\r" in data or b"$Id" in data:
        return False
    names = (*attribute_paths(path), *_outside(repo, settings))
    return not any(converts(file_text(repo, name) or b"") for name in names)


def _outside(repo: Repository, settings: Sequence[Setting]) -> Iterator[str]:
    """Yield the absolute paths where attributes of the repository, the user and the system may be."""
    yield os.path.join(repo.common_dir, "info", "attributes")
    named = [setting.value for setting in settings if setting.key == "core.attributesfile"]
    own = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    yield os.path.join(repo.top, os.path.expanduser(named[-1])) if named else os.path.join(own, "git", "attributes")
    files = {setting.origin.removeprefix("file:") for setting in settings if setting.scope == "system"}
    for folder in {*_SYSTEM_FOLDERS, *map(os.path.dirname, files)}:
        yield os.path.join(folder, "gitattributes")
