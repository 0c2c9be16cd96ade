"""The user's index entries that a commit replaces, on record until HEAD has moved: a kill in between is made good.

An operation of the journal needs none: recovery finds its own text staged and commits it. A commit of what somebody
edited or staged by hand is in no journal, and what it left in the index would look like the user's own doing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from planner.core.record import dataclass
from planner.store import fsops
from planner.store.git import Repository
from planner.store.journal import is_alive_elsewhere, own_name
from planner.store.objects import Entry, entry_at, index_info, read_trees

_PREFIX = "staging-"


@dataclass(frozen=True, slots=True)
class Replaced:
    """One index entry: the user's, ours in its place, and the blob that HEAD is to hold."""

    before: Entry | None
    ours: Entry | None
    blob: str | None


def note(repo: Repository, replaced: Mapping[str, Replaced]) -> str:
    """Record durably what is about to be replaced; return the name for `forget`. Raises OSError."""
    folder = _folder(repo)
    path = os.path.join(folder, f"{_PREFIX}{os.urandom(6).hex()}")
    entries = {path: (entry.before, entry.ours, entry.blob) for path, entry in replaced.items()}
    fsops.get().make_dirs(folder)
    fsops.get().write_new(path, json.dumps({"owner": own_name(), "entries": entries}).encode("ascii"), 0o600)
    fsops.get().sync_dir(folder)
    return path


def forget(path: str) -> None:
    """Remove a record. Raises OSError."""
    fsops.get().unlink_if_there(path)


def put_back(repo: Repository, replaced: Mapping[str, Replaced]) -> None:
    """Give back the entries that are still ours, but where HEAD holds the text: then it is committed. Raises GitFailed.

    By whom does not matter: where the user's own commit took some of the texts along, older entries for these would
    take them out again with the user's next commit.
    """
    trees = read_trees(repo, repo.head().commit, replaced)
    open_ = {path: entry for path, entry in replaced.items() if _oid(entry_at(trees, path)) != entry.blob}
    found = repo.index_entries(list(open_))
    now: dict[str, Entry | None] = {path: (entry.mode, entry.oid) for path, entry in found.items()}
    back = {path: entry.before for path, entry in open_.items() if now.get(path) == entry.ours}
    if back:
        repo.run("update-index", "-z", "--index-info", input=index_info(repo, back))


def make_good(repo: Repository) -> None:
    """Put back what commits of dead processes had replaced and never finished. Raises OSError, GitFailed."""
    folder = _folder(repo)
    for name in fsops.get().listdir(folder) if fsops.get().is_dir(folder) else ():
        if not name.startswith(_PREFIX):
            continue
        path = os.path.join(folder, name)
        owner, replaced = _read(fsops.get().read(path))
        if not is_alive_elsewhere(owner):
            put_back(repo, replaced)
            forget(path)


def _read(data: bytes) -> tuple[str, dict[str, Replaced]]:
    try:
        record = json.loads(data)
    except ValueError:  # cut short, so the index was not touched yet
        return "", {}
    pairs = record["entries"].items()
    return record["owner"], {
        path: Replaced(tuple(before) if before else None, tuple(ours) if ours else None, blob)
        for path, (before, ours, blob) in pairs
    }


def _folder(repo: Repository) -> str:
    return os.path.join(repo.git_dir, "planner")


def _oid(entry: Entry | None) -> str | None:
    return entry[1] if entry else None
