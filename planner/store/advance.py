"""The branch goes on to a commit that came from elsewhere, and index and files go along; each edit made meanwhile stays.

A record of where from and where to is on disk before the ref moves and until the files are written: a kill in between is
made good, and no commit by hand takes old files for somebody's edits.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from planner.core.change import Edit
from planner.core.merge import merge_texts
from planner.core.record import dataclass
from planner.errors import GitFailed
from planner.store import files, fsops, process, staging, writing
from planner.store.git import AGAIN, GitBusy, HalfStaged, Head, HeadMoved, Repository
from planner.store.journal import is_alive_elsewhere, own_name
from planner.store.objects import Entry, file_text, index_info
from planner.store.staging import Replaced
from planner.store.sync import contains

ROUNDS = 20  # times files are looked at again because somebody saves them meanwhile

_RECORD = "advance"
_at_work: set[str] = set()  # the records of this very process, while it is about it
_FILES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Step:
    """What differs between two commits: each path's entry before and after, None where it is not there."""

    old: str
    new: str
    paths: Mapping[str, tuple[Entry | None, Entry | None]]

    def under(self, prefix: str) -> list[str]:
        """The paths of the vault's own files, which are written by the write protocol."""
        return [
            path
            for path, entries in self.paths.items()
            if path.startswith(prefix)
            and files.is_vault_file(path.removeprefix(prefix))
            and all(entry is None or entry[0] in _FILES for entry in entries)
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step is taken: the repository, the vault's folder in it, and where displaced texts are kept."""

    repo: Repository
    root: Path
    displaced: Path

    @property
    def record(self) -> str:
        return os.path.join(self.repo.git_dir, "planner", _RECORD)


def difference(repo: Repository, old: str, new: str) -> Step:
    """Return what differs between two commits. Raises GitFailed."""
    words = iter(repo.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--end-of-options", old, new).split(b"\0"))
    paths = {}
    for about in words:
        if about:
            before, after, old_oid, new_oid, _ = about.decode()[1:].split(" ")
            path = os.fsdecode(next(words))
            paths[path] = (_entry(before, old_oid), _entry(after, new_oid))
    return Step(old, new, paths)


def advance(place: Place, head: Head, new: str, reason: str) -> tuple[str, ...]:
    """Move HEAD's branch from where `head` says to a commit that contains it; return the vault's files that it changed.

    Raises HeadMoved where HEAD stands elsewhere by now, HalfStaged or GitBusy where the user's own work is in the way:
    then nothing was changed. What was edited in a file meanwhile stays in it.
    """
    repo, old = place.repo, head.commit
    if old is None:
        raise GitFailed("This branch has no commit yet.", "git pull")
    unfinished = repo.busy()
    if unfinished:
        raise GitBusy(f"A {unfinished} is unfinished in this repository.", f"git {unfinished} --continue, or --abort")
    step = difference(repo, old, new)
    replaced = _index_entries(repo, step)
    _check_others(place, step)
    with _noted(place, step):
        _move(place, head, step, replaced, reason)
        return _bring_files(place, step)


@contextlib.contextmanager
def _noted(place: Place, step: Step) -> Iterator[None]:
    _write_record(place, step)
    _at_work.add(place.record)
    try:
        yield
    finally:
        _at_work.discard(place.record)


def _move(place: Place, head: Head, step: Step, replaced: Mapping[str, Replaced], reason: str) -> None:
    """Index first, then the ref: the other order would let the user's next `git commit` revert what came."""
    repo = place.repo
    try:
        note = staging.note(repo, replaced)
        try:
            entries = {path: entry.ours for path, entry in replaced.items()}
            if entries:
                repo.run("update-index", "-z", "--index-info", input=index_info(repo, entries))
            _move_head(repo, head, step.new, reason)
        except BaseException:
            with contextlib.suppress(GitFailed, OSError):
                staging.put_back(repo, replaced)
            raise
        finally:
            staging.forget(note)
    except BaseException:
        _forget_record(place)
        raise


def make_good(place: Place) -> tuple[str, ...]:
    """Bring the files along where a process was killed before it could; return those of the vault. Raises GitFailed, OSError."""
    record = _read_record(place)
    if record is None:
        return ()
    owner, old, new = record
    if is_alive_elsewhere(owner) or place.record in _at_work:
        return ()
    head = place.repo.head().commit
    if head is None or not contains(place.repo, head, new):
        _forget_record(place)  # the ref never moved; staging gives the index back
        return ()
    return _bring_files(place, difference(place.repo, old, new), recovering=True)


def is_under_way(repo: Repository) -> bool:
    """Whether some process is bringing files along just now, so that they are not what anybody wrote."""
    return fsops.get().exists(os.path.join(repo.git_dir, "planner", _RECORD))


# ---- before the ref moves --------------------------------------------------------------------------------------------


def _index_entries(repo: Repository, step: Step) -> dict[str, Replaced]:
    """What the index is to hold, and held; raises HalfStaged, GitBusy where the user has staged something else."""
    replaced = {}
    index = _index(repo, list(step.paths))
    for path, (before, after) in step.paths.items():
        present = index.get(path)
        if present and present[1]:
            raise GitBusy(f"{path} has an unresolved conflict in git's index.", f"Resolve it, then `git add {path}`.")
        entry = present[0] if present else None
        if entry not in (before, after):
            raise HalfStaged(
                f"{path} is staged with a change of yours, and changed on the other side.",
                f"Commit what you staged, or `git restore --staged {path}`; then planner sync",
            )
        replaced[path] = Replaced(entry, after, after[1] if after else None)
    return replaced


def _index(repo: Repository, paths: Sequence[str]) -> dict[str, tuple[Entry, int]]:
    """The index entries of many paths (the whole index is read at once where they are very many) with their stage."""
    found = {}
    few = len(paths) <= 1000
    output = repo.run("ls-files", "--stage", "-z", *(("--", *paths) if few else ())) if paths else b""
    for word in output.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        about, _, path = word.partition("\t")
        mode, oid, stage = about.split(" ")
        found[path] = ((mode, oid), int(stage))
    return found


def _check_others(place: Place, step: Step) -> None:
    """Files that are not the vault's are taken as git would: only where nobody has work in them."""
    ours = set(step.under(place.repo.prefix))
    others = {path: entries for path, entries in step.paths.items() if path not in ours}
    outside = [path for path in others if not path.startswith(place.repo.prefix)]
    if outside:
        raise GitFailed(
            f"The other side also changed files outside the vault ({outside[0]}{_more(outside)}): these are left to git.",
            "git pull merges them, and the vault's items by fields",
        )
    if not others:
        return
    dirty = _dirty(place.repo, list(others))
    if dirty:
        raise GitFailed(
            f"{dirty[0]}{_more(dirty)} has changes in no commit, and the other side changed it too.",
            f"git add {dirty[0]} && git commit, or move it away; then planner sync",
        )


def _dirty(repo: Repository, paths: Sequence[str]) -> list[str]:
    output = repo.run("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *paths)
    return [word[3:] for word in output.decode("utf-8", "surrogateescape").split("\0") if word]


def _more(paths: Sequence[str]) -> str:
    return f" and {len(paths) - 1} more" if len(paths) > 1 else ""


def _move_head(repo: Repository, head: Head, new: str, reason: str) -> None:
    args = ("update-ref", "-m", reason, "HEAD", new, head.commit or "")
    try:
        done = repo.try_run(*args)
    except process.GitKilled:
        if repo.head().commit == new:
            return
        raise
    if done.returncode:
        raise HeadMoved("HEAD moved meanwhile.", AGAIN) if repo.head() != head else process.refusal(args, done)


# ---- after it --------------------------------------------------------------------------------------------------------


def _bring_files(place: Place, step: Step, *, recovering: bool = False) -> tuple[str, ...]:
    ours = step.under(place.repo.prefix)
    texts = _worktree_texts(place.repo, step, ours)
    op = step.new[:12]
    if recovering:  # of every path: one that is written already may have left what it displaced
        whole = [Edit(path.removeprefix(place.repo.prefix), *pair) for path, pair in texts.items()]
        writing.recover_temporaries(place.root, whole, displaced=place.displaced, op_id=op)
    for _ in range(ROUNDS):
        edits = list(_edits(place, texts))
        try:
            writing.write(place.root, edits, displaced=place.displaced, op_id=op)
            break
        except writing.Changed:
            continue
    else:
        raise GitBusy("Files keep changing while they are brought up to date.", "The next planner command goes on.")
    _check_out(place.repo, {path: entries for path, entries in step.paths.items() if path not in texts})
    _forget_record(place)
    place.repo.try_run("update-index", "-q", "--refresh")  # so that `git status` need not read them all
    return tuple(path.removeprefix(place.repo.prefix) for path in ours)


def _worktree_texts(repo: Repository, step: Step, paths: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """The texts before and after, as git would write them into the work tree."""
    asked = [(entry[1], path) for path in paths for entry in step.paths[path] if entry]
    lines = b"".join(os.fsencode(f"{oid} {path}\n") for oid, path in asked if "\n" not in path)
    output = repo.run("cat-file", "--batch", "--filters", input=lines) if asked else b""
    found: dict[tuple[str, str], str] = {}
    at = 0
    for oid, path in asked:
        if "\n" in path:
            found[oid, path] = _text(repo.run("cat-file", "--filters", f"--path={path}", oid))
            continue
        end = output.index(b"\n", at)
        size = int(output[at:end].rsplit(b" ", 1)[1])
        found[oid, path] = _text(output[end + 1 : end + 1 + size])
        at = end + 2 + size

    def text(entry: Entry | None, path: str) -> str | None:
        return found[entry[1], path] if entry else None

    return {path: (text(step.paths[path][0], path), text(step.paths[path][1], path)) for path in paths}


def _edits(place: Place, texts: Mapping[str, tuple[str | None, str | None]]) -> Iterator[Edit]:
    """What is to be written, over what lies there now."""
    for path, (before, after) in texts.items():
        data = file_text(place.repo, path)
        there = None if data is None else _text(data)
        wanted = after if there == before else _with_edit(before, there, after)
        if wanted != there:
            yield Edit(path.removeprefix(place.repo.prefix), there, wanted)


def _with_edit(before: str | None, there: str | None, after: str | None) -> str | None:
    """The new text with what somebody has edited in the old one since; where both changed one thing, the edit stays."""
    if there is None or after is None:  # deleted on one side, edited on the other: the text is kept
        return there if after is None else after
    return merge_texts(base=before, ours=there, theirs=after).text


def _check_out(repo: Repository, paths: Mapping[str, tuple[Entry | None, Entry | None]]) -> None:
    """Files that are not the vault's, as git writes them; nobody had work in them when this began."""
    there = [path for path, (_, after) in paths.items() if after]
    if there:
        data = b"".join(os.fsencode(path) + b"\0" for path in there)
        repo.run("checkout-index", "-f", "-q", "-z", "--stdin", input=data)
    for path, (_, after) in paths.items():
        if after is None:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                fsops.get().unlink(os.path.join(repo.top, path))


# ---- the record ------------------------------------------------------------------------------------------------------


def _write_record(place: Place, step: Step) -> None:
    ops, data = fsops.get(), json.dumps({"owner": own_name(), "old": step.old, "new": step.new}).encode("ascii")
    ops.make_dirs(os.path.dirname(place.record))
    try:
        ops.write_new(place.record, data, 0o600)
    except FileExistsError:
        raise GitBusy("Another planner is bringing the files up to date.", AGAIN) from None
    ops.sync_dir(os.path.dirname(place.record))


def _forget_record(place: Place) -> None:
    fsops.get().unlink_if_there(place.record)


def _read_record(place: Place) -> tuple[str, str, str] | None:
    try:
        record = json.loads(fsops.get().read(place.record))
    except FileNotFoundError:
        return None
    except ValueError:  # cut short, so the ref has not moved
        _forget_record(place)
        return None
    return record["owner"], record["old"], record["new"]


def _entry(mode: str, oid: str) -> Entry | None:
    return (mode, oid) if mode != "000000" else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
