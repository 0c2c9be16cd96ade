"""What a run left behind, as values: the ops of all actors, the commits, the foreign texts, the final files."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.soak.history import Op, Place, blob_id, read_logs, tokens
from tests.soak.wishes import PLANNERS

MAIN = "main"
NOTHING = "0" * 40
_FORMAT = "%x01%H%x02%P%x02%at%x02%an <%ae>%x02%s%x02%(trailers:key=Planner-Op,valueonly)%x02%(trailers:key=Planner-Undoes,valueonly)%x03"
TokenDifference = Callable[[frozenset[str], frozenset[str]], frozenset[str]]
_STASHED = ("WIP on ", "index on ", "On ")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, its files with the blobs before and after, and how far it reaches."""

    sha: str
    parents: tuple[str, ...]
    when: int  # seconds since the epoch
    author: str
    subject: str
    op: str
    undoes: tuple[str, ...]
    files: Mapping[str, tuple[str, str]]  # by path

    @property
    def stashed(self) -> bool:
        return self.subject.startswith(_STASHED)

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.sha, self.op} - {""})


@dataclass(frozen=True, slots=True)
class Foreign:
    """A text that an editor or git put on disk: it may drop what came between its reading and its writing."""

    who: str
    path: str  # empty: any
    token: str  # of the save itself; empty for git
    read: float
    begun: float
    ended: float
    tokens: frozenset[str]
    torn: bool = False
    removes: frozenset[str] = frozenset()  # on purpose


@dataclass(frozen=True, slots=True)
class Ending:
    """What the fresh sessions at the end saw and said."""

    notices: tuple[str, ...] = ()
    named: tuple[str, ...] = ()  # displaced files that were named
    pending: tuple[str, ...] = ()  # subjects of operations still in the journal
    uncommitted: tuple[str, ...] = ()


class Git:
    """The repository of a run, read once."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._tokens: dict[str, frozenset[str]] = {NOTHING: frozenset()}
        self._trees: dict[str, dict[str, str]] = {}

    def run(self, *words: str, input_: bytes = b"") -> bytes:
        """What git prints; raises CalledProcessError."""
        argv = ["git", "-C", str(self._top), "-c", "core.quotepath=false", *words]
        return subprocess.run(argv, input=input_, capture_output=True, check=True).stdout

    @cached_property
    def commits(self) -> list[Commit]:
        """Every commit that a branch, the stash or a reflog still knows, newest first."""
        options = ("--raw", "--no-abbrev", "--no-renames", "--root", "--diff-merges=first-parent", "--topo-order")
        printed = self.run("log", "--all", "--reflog", *options, f"--format={_FORMAT}").decode("utf-8", "replace")
        return [_commit(record) for record in printed.split("\x01")[1:]]

    def reachable(self, *revs: str) -> frozenset[str]:
        """The commits that some revisions lead to."""
        return frozenset(self.run("rev-list", *revs).decode().split()) if revs else frozenset()

    @cached_property
    def branches(self) -> dict[str, str]:
        """Branch tips by short name."""
        lines = self.run("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").decode().split("\n")
        return dict(line.split(" ") for line in lines if line)

    def tree(self, rev: str) -> dict[str, str]:
        """The blobs of a commit by path."""
        if rev not in self._trees:
            rows = self.run("ls-tree", "-r", "-z", "--full-tree", rev).decode().split("\0")
            parts = (row.partition("\t") for row in rows if row)
            self._trees[rev] = {path: about.split(" ")[2] for about, _, path in parts}
        return self._trees[rev]

    def load(self, oids: Iterable[str]) -> None:
        """Read the tokens of many blobs by one process."""
        wanted = sorted(set(oids) - self._tokens.keys())
        output = self.run("cat-file", "--batch=%(objectsize)", input_="".join(f"{oid}\n" for oid in wanted).encode())
        at = 0
        for oid in wanted:
            end = output.index(b"\n", at)
            size = int(output[at:end])
            self._tokens[oid] = tokens(output[end + 1 : end + 1 + size])
            at = end + 1 + size + 1

    def tokens_of(self, oid: str) -> frozenset[str]:
        """The tokens in a blob."""
        if oid not in self._tokens:
            self.load([oid])
        return self._tokens[oid]


def _commit(record: str) -> Commit:
    about, _, raw = record.partition("\x03")
    sha, parents, when, author, subject, op, undoes = about.split("\x02")
    files = {}
    for line in raw.strip("\n").split("\n"):
        words, _, path = line.partition("\t")
        if path:
            _, _, before, after, _ = words.split(" ")
            files[path] = (before, after)
    return Commit(sha, tuple(parents.split()), int(when), author, subject, op.strip(), tuple(undoes.split()), files)


@dataclass(frozen=True)
class Evidence:
    """All of it; what is costly is computed once."""

    place: Place
    ops: list[Op]
    git: Git
    files: Mapping[str, str]  # the final texts by path
    displaced: Mapping[str, str]  # texts by file name
    ending: Ending
    observed: list[tuple[float, str, str]] = field(default_factory=list)

    @cached_property
    def writes(self) -> list[Op]:
        """Writes of planners that carry a token."""
        return [op for op in self.ops if op.actor in PLANNERS and op.token]

    @cached_property
    def saves(self) -> list[Op]:
        return [op for op in self.ops if op.what == "save"]

    @cached_property
    def by_token(self) -> dict[str, Op]:
        return {op.token: op for op in (*self.writes, *self.saves)}

    @cached_property
    def final(self) -> frozenset[str]:
        """Tokens in the files as they lie at the end."""
        return frozenset().union(*(tokens(text) for text in self.files.values()))

    @cached_property
    def on_main(self) -> frozenset[str]:
        return self.git.reachable(MAIN)

    @cached_property
    def on_branches(self) -> frozenset[str]:
        return self.git.reachable(*(name for name in self.git.branches if name != MAIN))

    @cached_property
    def added(self) -> dict[str, list[tuple[Commit, str]]]:
        """Commits that added a token, with the path, newest first."""
        return self._steps(lambda before, after: after - before)

    @cached_property
    def removed(self) -> dict[str, list[tuple[Commit, str]]]:
        """Commits that removed a token, with the path, newest first; a stash takes nothing out of history."""
        found = self._steps(lambda before, after: before - after)
        return {token: [step for step in steps if not step[0].stashed] for token, steps in found.items()}

    def _steps(self, difference: TokenDifference) -> dict[str, list[tuple[Commit, str]]]:
        found: dict[str, list[tuple[Commit, str]]] = defaultdict(list)
        self.git.load(oid for commit in self.git.commits for pair in commit.files.values() for oid in pair)
        for commit in self.git.commits:
            for path, (before, after) in commit.files.items():
                for token in difference(self.git.tokens_of(before), self.git.tokens_of(after)):
                    found[token].append((commit, path))
        return dict(found)

    @cached_property
    def foreign(self) -> list[Foreign]:
        """Texts that came neither from planner nor through it, by the time they were written."""
        found = []
        for op in self.saves:
            seen, removes = frozenset(op.texts("tokens")), frozenset(op.texts("removes"))
            whole = Foreign(op.name, op.path, op.token, op.at("read"), op.begun, op.ended, seen, removes=removes)
            found.append(whole)
            if "half" in op.asked:
                half = frozenset(op.texts("half"))
                found.append(Foreign(op.name, op.path, "", op.begun, op.begun, op.ended, half, torn=True))
        return found

    @cached_property
    def turns(self) -> list[Op]:
        """The user's git commands that may have put other texts on disk."""
        return [op for op in self.ops if op.what == "git" and op.texts("words")[0] in ("stash", "checkout", "merge")]

    def turned_to(self, op: Op, path: str) -> list[frozenset[str]]:
        """The tokens of each text that a git command may have put at a path."""
        commits = dict.fromkeys((*op.texts("commits"), *op.texts("after")))
        return [self.git.tokens_of(self.git.tree(sha).get(path, NOTHING)) for sha in commits]

    @cached_property
    def blobs(self) -> frozenset[str]:
        """Every blob in history or in the final files."""
        printed = self.git.run("rev-list", "--objects", "--no-object-names", "--all", "--reflog").decode().split()
        here = (blob_id(text.encode("utf-8", "surrogateescape")) for text in self.files.values())
        return frozenset((*printed, *here))


def gather(place: Place) -> Evidence:
    """Read the evidence of a finished run."""
    vault = place.vault
    files = {path: data.decode("utf-8", "surrogateescape") for path, data in place.files().items()}
    kept = place.git_dir / "planner" / "displaced"
    displaced = {path.name: path.read_text("utf-8", "replace") for path in kept.iterdir()} if kept.is_dir() else {}
    end = place.folder / "ending.json"
    ending = json.loads(end.read_text(encoding="utf-8")) if end.exists() else {"pending": ["no end came"]}
    seen = place.folder / "observed.jsonl"
    lines = seen.read_text(encoding="utf-8").split("\n") if seen.exists() else []
    observed = [(float(t), path, blob) for t, path, blob in map(json.loads, filter(None, lines))]
    told = Ending(**{name: tuple(values) for name, values in ending.items()})
    return Evidence(place, read_logs(place), Git(vault), files, displaced, told, observed)
