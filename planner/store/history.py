"""Commits as values: who changed which files when, and which operation an undo or redo would take back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from planner.core.record import dataclass
from planner.errors import NotFound
from planner.store.git import Repository, trailers

OPERATION = "Planner-Op"
UNDOES = "Planner-Undoes"

_FORMAT = "%x00%H%x00%P%x00%an%x00%ae%x00%aI%x00%B"
_MAPPED = _FORMAT.replace("%an", "%aN").replace("%ae", "%aE")  # as .mailmap has it
_FIELDS = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REVERT = re.compile(r"^This reverts commit ([0-9a-f]{40,64})\b", re.MULTILINE)
_FILE_MODES = ("100644", "100755", "100664")

FileChange = tuple[str, str | None, str | None]  # path, object id before, object id after
Ancestry = Literal["all", "first-parent"]


class FileTold(NamedTuple):
    """One file of a commit: its object ids in the parents (more than one in a merge), and after it."""

    path: str
    before: tuple[str | None, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit; `op` is the planner's operation id, `undoes` the operations (or commits) it takes back.

    The body of a planner's commit is without its trailers.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    when: datetime
    subject: str
    body: str
    op: str | None = None
    undoes: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What an undo may call this commit by."""
        return frozenset({self.sha, self.op} if self.op else {self.sha})

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1


def log(
    repo: Repository, rev: str = "HEAD", paths: Sequence[str] = (), limit: int | None = None
) -> Iterator[CommitInfo]:
    """Yield commits, every child before its parents; with `paths` only those that touch one of them.

    `rev` may be a range ("A..B"). An unborn HEAD yields nothing; raises NotFound for another unknown revision.
    """
    for commit, _ in _walk(repo, (rev,), paths, (*_limited(limit), "--no-patch")):
        yield commit


def changed_files(
    repo: Repository, revs: Sequence[str] = ("HEAD",), prefix: str = "", *, limit: int | None = None, walk: bool = True
) -> Iterator[tuple[CommitInfo, list[FileChange]]]:
    """Yield commits as `log` does, each with the regular files it added, changed or deleted under `prefix`.

    With `walk=False` the revisions are single commits and their parents are not followed. A merge names no files: what
    it brought in is told by the commits it merged. Nor does the commit a shallow clone begins with.
    """
    options = (*_limited(limit), *_RAW, "--no-diff-merges", *(() if walk else ("--no-walk=unsorted",)))
    for commit, files in _walk(repo, revs, (prefix,) if prefix else (), options):
        yield commit, [(path, before[0], after) for path, before, after in files]


def told_files(
    repo: Repository, revs: Sequence[str], prefix: str = "", *, ancestry: Ancestry = "all"
) -> Iterator[tuple[CommitInfo, list[FileTold]]]:
    """Yield commits, every child before its parents, with all that each of them decided; authors as .mailmap has them.

    Along first parents a merge tells everything it brought; else only the files in which it differs from all parents.
    """
    options = (*_FIRST, "--diff-merges=first-parent") if ancestry == "first-parent" else ("--diff-merges=combined",)
    yield from _walk(repo, revs, (prefix,) if prefix else (), (*_RAW, *options), form=_MAPPED)


def gone(repo: Repository, before: str, now: str, *, ancestry: Ancestry = "all") -> frozenset[str] | None:
    """Return the commits in the history of one commit and not of the other; None where one of them is not there."""
    options = _FIRST if ancestry == "first-parent" else ()
    done = repo.try_run("rev-list", *options, "--end-of-options", before, f"^{now}", "--")
    return None if done.returncode else frozenset(done.stdout.decode("ascii").split())


def between(repo: Repository, old: str, new: str, prefix: str = "") -> dict[str, str | None]:
    """Return the object ids in the newer of two commits of the files under a folder that differ; None for no file."""
    where = ("--", prefix) if prefix else ()
    said = repo.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--end-of-options", old, new, *where)
    words = iter(said.decode("utf-8", "surrogateescape").split("\0"))
    found: dict[str, str | None] = {}
    for about, path in zip(words, words, strict=False):
        _, mode, _, oid, _ = about.split(" ")
        found[path] = oid if mode in _FILE_MODES else None
    return found


def blobs(repo: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """Return file contents by object id, read by one process; ids that are not there are left out."""
    return repo.blobs(dict.fromkeys(oids))


def undo_target(commits: Iterable[CommitInfo], email: str) -> CommitInfo | None:
    """Return the newest operation of this author that is not undone; `commits` are newest first.

    An operation is any commit but a merge, an undo and a redo, so a commit made by hand counts too; pass only commits
    that touch the vault. Stops reading where it has found one.
    """
    return next((commit for commit in _live(commits) if not commit.undoes and _by(commit, email)), None)


def redo_target(commits: Iterable[CommitInfo], email: str) -> CommitInfo | None:
    """Return the newest undo of this author that is not itself undone; `commits` are newest first."""
    known = tuple(commits)
    undos = frozenset(name for commit in known if commit.undoes for name in commit.names)
    return next(
        (c for c in _live(known) if c.undoes and not undos.intersection(c.undoes) and _by(c, email)),
        None,
    )


def find_operation(commits: Iterable[CommitInfo], name: str) -> CommitInfo:
    """Return the newest commit with this operation id or commit id; raises NotFound."""
    found = next((commit for commit in commits if name in commit.names), None)
    if found is None:
        raise NotFound(f"There is no operation `{name}` in this history.", "`planner log` lists them.")
    return found


def find_landed(repo: Repository, op: str, *, since: str | None) -> str | None:
    """Return the commit of an operation that HEAD or a branch has, looked for from an earlier HEAD on."""
    past = (f"^{since}",) if since and not repo.try_run("cat-file", "-e", f"{since}^{{commit}}").returncode else ()
    words = ("--format=%H", "--max-count=1", "--fixed-strings", f"--grep={OPERATION}: {op}")
    done = repo.try_run("log", *words, "--branches", "HEAD", *past, "--")
    return done.stdout.decode("ascii").strip() or None


def _live(commits: Iterable[CommitInfo]) -> Iterator[CommitInfo]:
    """Yield those commits that no later, itself not undone, commit takes back; merges never count."""
    undone: set[str] = set()
    for commit in commits:
        if not commit.is_merge and undone.isdisjoint(commit.names):
            undone.update(commit.undoes)
            yield commit


def _by(commit: CommitInfo, email: str) -> bool:
    return commit.author_email.casefold() == email.casefold()


_FIRST = ("--first-parent", "--exclude-first-parent-only")
_RAW = ("--raw", "--no-renames", "--no-abbrev", "--root")


def _limited(limit: int | None) -> tuple[str, ...]:
    return (f"--max-count={limit}",) if limit is not None else ()


def _walk(
    repo: Repository, revs: Sequence[str], paths: Sequence[str], options: Sequence[str], *, form: str = _FORMAT
) -> Iterator[tuple[CommitInfo, list[FileTold]]]:
    for rev in revs:
        if rev.startswith("-") or "\0" in rev or not rev:
            raise NotFound(f"`{rev}` is not a revision.", "`git log --oneline` lists commits.")
    if tuple(revs) == ("HEAD",) and repo.head().commit is None:
        return
    words = ["-z", f"--format=tformat:{form}", "--no-color", "--no-show-signature", *options]
    words += [] if "--no-walk=unsorted" in options else ["--topo-order"]
    words += ["--full-history"] if paths else []
    edge = repo.shallow()
    for commit, files in _records(_tokens(repo.stream("log", *words, "--end-of-options", *revs, "--", *paths))):
        yield commit, [] if commit.sha in edge else files


def _tokens(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield NUL-terminated words from a stream of chunks."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        for word in whole:
            yield word.decode("utf-8", "surrogateescape")


def _records(tokens: Iterator[str]) -> Iterator[tuple[CommitInfo, list[FileTold]]]:
    """Read `git log -z`: a commit's six fields, then `:modes ids letter` and path in turn.

    An empty word opens a commit, and one or two more stand behind a merge, also where it has no files of its own.
    """
    commit: CommitInfo | None = None
    files: list[FileTold] = []
    for word in tokens:
        about = word.lstrip("\n")
        if not about:
            continue
        if about.startswith(":"):
            change = _file_change(about.split(" "), next(tokens))
            files += [change] if change else []
            continue
        if commit:
            yield commit, files
        commit, files = _commit([about, *(next(tokens) for _ in range(_FIELDS - 1))]), []
    if commit:
        yield commit, files


def _commit(fields: Sequence[str]) -> CommitInfo:
    sha, parents, name, email, when, message = fields
    subject, _, body = message.strip("\n").partition("\n")
    found = trailers(message)
    undoes = (*found.get(UNDOES, ()), *_REVERT.findall(message))
    body = body.strip("\n")
    if OPERATION in found:
        body = body.rpartition("\n\n")[0]
    return CommitInfo(
        sha=sha,
        parents=tuple(parents.split()),
        author_name=name,
        author_email=email,
        when=_instant(when),
        subject=subject,
        body=body,
        op=next(iter(found.get(OPERATION, ())), None),
        undoes=tuple(dict.fromkeys(undoes)),
    )


def _instant(text: str) -> datetime:
    """Read git's strict ISO date; a commit with an impossible one (they exist) counts as from 1970."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _EPOCH


def _file_change(about: Sequence[str], path: str) -> FileTold | None:
    """One file of `--raw`: a colon for each parent, then the modes and the ids of all parents and of the commit."""
    first = about[0].lstrip(":")
    parents = len(about[0]) - len(first)
    modes = (first, *about[1 : parents + 1])
    ids = [oid if mode in _FILE_MODES else None for mode, oid in zip(modes, about[parents + 1 :], strict=False)]
    before, after = tuple(ids[:-1]), ids[-1]
    return FileTold(path, before, after) if after not in before else None
