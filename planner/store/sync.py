"""Two commits made one tree in memory: git pairs the files, and what both sides changed is left to the merge by fields.

Deliberately no `git merge`: that would leave the user's work tree in the middle of something for as long as a question
is open. Nothing here touches the index, a ref or a file of the work tree.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Literal

from planner.core.record import dataclass
from planner.errors import GitFailed
from planner.store import attributes, process
from planner.store.git import Repository
from planner.store.newobjects import NewObjects
from planner.store.objects import Entry, fresh_trees, parse_tree, read_trees

Kind = Literal["text", "delete", "rename"]

_FILES = ("100644", "100755")
_KNOWN = {"Auto-merging", "CONFLICT (contents)", "CONFLICT (modify/delete)", "CONFLICT (rename/rename)",
          "CONFLICT (rename/delete)", "CONFLICT (binary)"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clash:
    """A file that both sides changed, and each side's version of it (mode and blob; None: not there).

    Of kind `rename` the sides gave it two names, and `path` is the one it had; else `path` is its name in the result.
    """

    path: str
    kind: Kind
    base: Entry | None
    ours: Entry | None
    theirs: Entry | None
    our_path: str = ""
    their_path: str = ""

    @property
    def oids(self) -> tuple[str, ...]:
        """The blobs it is about."""
        return tuple(entry[1] for entry in (self.base, self.ours, self.theirs) if entry)


@dataclass(frozen=True, slots=True)
class Joined:
    """The tree of a merge, right everywhere but at the clashes."""

    tree: str
    clashes: tuple[Clash, ...]


def bases(repo: Repository, ours: str, theirs: str) -> tuple[str, ...]:
    """Return the best common ancestors: one as a rule, two or more after merges that crossed.

    Raises GitFailed where the histories have nothing in common, or a shallow clone does not reach that far.
    """
    done = repo.try_run("merge-base", "--all", ours, theirs)
    if done.returncode > 1:
        raise process.refusal(("merge-base",), done)
    found = tuple(done.stdout.decode().split())
    if not found and repo.shallow():
        raise GitFailed(
            "This clone is shallow and does not reach back to what both sides have in common.", "git fetch --unshallow"
        )
    if not found:
        hint = "if it is the right remote: git pull --allow-unrelated-histories, and planner merges what both have"
        raise GitFailed("The remote's history has nothing in common with yours: they are two different plans.", hint)
    return found


def join(repo: Repository, ours: str, theirs: str) -> Joined:
    """Merge two commits in memory. Raises GitFailed, and where files clash in a way that only people can settle."""
    crossed = len(bases(repo, ours, theirs)) > 1
    args = ("merge-tree", "--write-tree", "-z", "--end-of-options", ours, theirs)
    done = repo.try_run("-c", f"merge.planner.driver={_driver(crossed)}", "-c", "merge.directoryRenames=false", *args)
    if done.returncode > 1:
        raise process.refusal(args, done)
    words = iter(done.stdout.decode("utf-8", "surrogateescape").split("\0"))
    tree = next(words)
    stages: dict[str, dict[int, Entry]] = {}
    for word in iter(words.__next__, ""):
        about, _, path = word.partition("\t")
        mode, oid, stage = about.split(" ")
        stages.setdefault(path, {})[int(stage)] = (mode, oid)
    renamed = dict(_messages(words)) if done.returncode else {}
    return Joined(tree, tuple(_clashes(repo, ours, theirs, stages, renamed)))


def _driver(crossed: bool) -> str:
    """What git calls for an item that both sides changed: nothing that would merge it, so that it is left to us.

    After merges that crossed, git must first make one base of two, and that only our own driver does without markers.
    """
    if not crossed:
        return "false"
    program = attributes.program()
    return attributes.command(program) if program else f'"{sys.executable}" -m planner merge-driver %O %A %B %L %P'


def _messages(words: Iterator[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """The files with two new names; raises GitFailed at a conflict of another kind than those we know."""
    for count in words:
        if not count.isdecimal():
            continue
        paths = [next(words) for _ in range(int(count))]
        kind, message = next(words), next(words)
        if kind.startswith("CONFLICT") and kind not in _KNOWN:
            raise GitFailed(f"Only git can merge this: {message.strip()}", "git pull, then planner sync")
        if kind == "CONFLICT (rename/rename)" and len(paths) == 3:
            yield paths[0], (paths[1], paths[2])


def _clashes(
    repo: Repository,
    ours: str,
    theirs: str,
    stages: Mapping[str, Mapping[int, Entry]],
    renamed: Mapping[str, tuple[str, str]],
) -> Iterator[Clash]:
    new_names = {path for pair in renamed.values() for path in pair}
    for path, found in stages.items():
        if any(mode not in _FILES for mode, _ in found.values()):
            raise GitFailed(f"Only git can merge {path}: it is a link or a submodule.", "git pull, then planner sync")
        if path in renamed:
            mine, other = renamed[path]
            # Not the stages: at the new names git keeps what it made of both, which is nobody's version.
            versions = _entry(repo, ours, mine), _entry(repo, theirs, other)
            yield Clash(path, "rename", found.get(1), *versions, mine, other)
        elif path not in new_names:
            kind: Kind = "text" if 2 in found and 3 in found else "delete"
            yield Clash(path, kind, found.get(1), found.get(2), found.get(3), path, path)


def _entry(repo: Repository, commit: str, path: str) -> Entry | None:
    folder, _, name = path.rpartition("/")
    raw = repo.trees(commit, [folder]).get(folder, b"")
    return parse_tree(raw, len(commit) // 2).get(name.encode("utf-8", "surrogateescape"))


def with_files(repo: Repository, tree: str, files: Mapping[str, tuple[str, bytes] | None]) -> str:
    """Return a tree that holds these files (mode and content as stored; None: no file) instead. Raises GitFailed, OSError."""
    if not files:
        return tree
    new = NewObjects(repo, repo.settings())
    wanted = {path: (file[0], new.add("blob", file[1])) if file else None for path, file in files.items()}
    fresh, bodies = fresh_trees(repo, read_trees(repo, tree, files), wanted)
    for body in bodies:
        new.add("tree", body)
    new.write()
    return fresh


def merge_commit(
    repo: Repository, tree: str, parents: tuple[str, str], message: str, env: Mapping[str, str] = {}
) -> str:
    """Write the commit of a merge, signed where commits are, and return its id. Raises GitFailed."""
    signed = ("-S",) if (repo.config_get("commit.gpgsign") or "").lower() in {"true", "yes", "on", "1"} else ()
    ours, theirs = parents
    args = ("commit-tree", *signed, "-p", ours, "-p", theirs, tree)
    return repo.run(*args, input=message.encode("utf-8", "surrogateescape"), env=env).decode().strip()


def contains(repo: Repository, descendant: str, ancestor: str) -> bool:
    """Whether a commit is, or comes after, another."""
    return descendant == ancestor or repo.try_run("merge-base", "--is-ancestor", ancestor, descendant).returncode == 0


def count(repo: Repository, since: str | None, until: str) -> int:
    """How many commits one has that the other has not."""
    return int(repo.run("rev-list", "--count", "--end-of-options", f"{since}..{until}" if since else until))


def paths_between(repo: Repository, since: str | None, until: str) -> frozenset[str]:
    """The paths that the commits of one side that the other has not have changed."""
    revisions = f"{since}..{until}" if since else until
    args = ("log", "--format=", "--name-only", "--no-renames", "--no-merges", "-z", "--end-of-options", revisions)
    return frozenset(filter(None, repo.run(*args).decode("utf-8", "surrogateescape").replace("\n", "\0").split("\0")))
