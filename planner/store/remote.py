"""The other end of a sync: which remote and branch, what it has, and a sentence for each way it can refuse."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from planner.core.config import SyncConfig
from planner.core.record import dataclass
from planner.errors import GitFailed, without_passwords
from planner.store import process
from planner.store.fsops import Completed, Stopped
from planner.store.git import Repository

LIMIT = 60.0  # seconds for one call over the network

_SSH = "-oBatchMode=yes -oConnectTimeout=10"
_SLOW = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30")
_PASSWORD = re.compile(
    r"could not read (Username|Password)|terminal prompts disabled|Authentication failed|Permission denied \(|"
    r"Host key verification failed|could not be authenticated|HTTP Basic: Access denied|returned error: 40[13]",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"Could not resolve host|Connection (refused|timed out|reset|closed)|Network is unreachable|No route to host|"
    r"Failed to connect|Operation timed out|unable to connect|Temporary failure in name resolution|"
    r"the remote end hung up|early EOF|unexpected disconnect|returned error: 5\d\d|Couldn't connect|"
    r"unable to look up|Could not read from remote repository|transfer closed|Empty reply|invalid index-pack|index-pack failed|bad band|expected flush",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(
    r"does not appear to be a git repository|[Rr]epository .*not found|returned error: 404|not found:", re.DOTALL
)
_PROTECTED = re.compile(
    r"protected branch|GH006|not allowed to push|is (locked|read-only)|pre-receive hook declined|hook declined"
)


class Offline(GitFailed):
    """The remote cannot be reached just now; nothing is wrong here, and the next sync sends what waits."""

    code = "offline"


class NothingToSyncWith(GitFailed):
    """There is no remote, or no branch of it that belongs to the current one."""

    code = "no-remote"


class Rewritten(GitFailed):
    """The remote's branch no longer holds commits that it had, so that a merge would bring them back."""

    code = "rewritten"


class Outrun(GitFailed):
    """Somebody else has pushed since the last fetch."""

    code = "outrun"


class Refused(GitFailed):
    """The remote does not take the commits."""

    code = "refused"


class Cancelled(GitFailed):
    """The person has stopped the sync; nothing is half done."""

    code = "cancelled"


Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a branch syncs to; `known` says whether git was told so, else it is the vault's setting."""

    branch: str
    remote: str
    theirs: str  # the branch's name there
    known: bool

    @property
    def tracking(self) -> str:
        """The ref that remembers what the remote's branch was when it was last seen."""
        return f"refs/remotes/{self.remote}/{self.theirs}"

    def __str__(self) -> str:
        return f"{self.remote}/{self.theirs}"


def upstream(repo: Repository, config: SyncConfig) -> Upstream:
    """Return where HEAD's branch syncs to; raises NothingToSyncWith, and GitFailed on a detached HEAD."""
    branch = repo.head().branch
    if branch is None:
        raise GitFailed("HEAD is detached: there is no branch to sync.", "`git switch BRANCH` first.")
    told = repo.config_get(f"branch.{branch}.remote")
    remotes = repo.run("remote").decode("utf-8", "surrogateescape").split()
    if not remotes:
        hint = f"git remote add origin URL; git push -u origin {branch}"
        raise NothingToSyncWith("This repository has no remote: there is nothing to sync with.", hint)
    remote = told or config.remote
    if remote not in remotes:
        hint = f"[sync] remote in planner.toml, or git branch --set-upstream-to={remotes[0]}/{branch}"
        raise NothingToSyncWith(f"There is no remote '{remote}' here, only {', '.join(remotes)}.", hint)
    merge = (repo.config_get(f"branch.{branch}.merge") or "").removeprefix("refs/heads/") if told else ""
    return Upstream(branch, remote, config.branch or merge or branch, bool(told))


def fetch(repo: Repository, where: Upstream, *, limit: float = LIMIT, stop: Stop | None = None) -> str | None:
    """Bring the remote's branch here and return its commit, None where the remote does not have it yet.

    Raises Offline, Rewritten, NothingToSyncWith, Cancelled, GitFailed.
    """
    refspec = f"refs/heads/{where.theirs}:{where.tracking}"
    options = ("--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")
    for _ in range(TRIES):
        done = _over_network(repo, where, limit, stop, "fetch", *options, "--end-of-options", where.remote, refspec)
        words = process.own_words(done.stderr)
        if done.returncode == 0:
            return repo.resolve(where.tracking)
        if not any(said in words for said in _HELD):
            break  # else a git that outlived a killed sync has moved the same ref
    if "couldn't find remote ref" in words:
        if not where.known:
            hint = f"git push -u {where.remote} {where.branch}"
            raise NothingToSyncWith(f"{where.remote} has no branch '{where.theirs}': nothing is sent unasked.", hint)
        return None
    if "(non-fast-forward)" in words:
        raise Rewritten(
            f"{where} was rewritten: commits that you have from it are no longer there, and a merge would bring them back.",
            f"git fetch {where.remote} takes the new history; then git rebase --onto {where} {where}@{{1}} keeps only your own",
        )
    raise _refusal(where, words, "fetch")


TRIES = 3
"""How often a branch is fetched while somebody else moves the ref that remembers it."""
_HELD = ("cannot lock ref", "incorrect old value")
"""What git says, here or there, of a ref that somebody moves at this moment, be it a git of ours that outlived us."""


def push(repo: Repository, where: Upstream, commit: str, *, limit: float = LIMIT, stop: Stop | None = None) -> None:
    """Let the remote's branch be this commit; raises Outrun, Refused, Offline, Cancelled, GitFailed."""
    refspec = f"{commit}:refs/heads/{where.theirs}"
    done = _over_network(
        repo,
        where,
        limit,
        stop,
        "push",
        "--porcelain",
        "--no-recurse-submodules",
        "--end-of-options",
        where.remote,
        refspec,
    )
    if done.returncode == 0:
        repo.run("update-ref", "-m", "planner sync", where.tracking, commit)
        return
    words = process.own_words(done.stderr)
    line = next((line for line in done.stdout.decode("utf-8", "replace").split("\n") if line.startswith("!")), "")
    reason = line.rpartition("\t")[2].strip()
    if reason.startswith("[rejected]") or any(said in reason + words for said in _HELD):
        raise Outrun(f"Somebody else pushed to {where} meanwhile.", "planner sync")
    if reason:
        said = next((s for s in words.split("\n") if s.startswith("remote: ") and s[8:].strip()), "")
        why = _said(said.removeprefix("remote: ").strip() or reason.partition("(")[2].rstrip(")") or reason)
        hint = f"git push {where.remote} HEAD:refs/heads/{where.branch}-plan sends it to another branch, for a pull request"
        what = "is protected" if _PROTECTED.search(words + reason) else "does not take your commits"
        raise Refused(f"{where} {what}: {why}; your commits stay here.", hint)
    raise _refusal(where, words, "push")


def _over_network(repo: Repository, where: Upstream, limit: float, stop: Stop | None, *args: str) -> Completed:
    try:
        return repo.try_run(*_SLOW, *args, env=_quiet_ssh(repo), timeout=limit, stop=stop)
    except Stopped:
        raise Cancelled("The sync was stopped; nothing is half done.", "planner sync goes on") from None
    except process.NoAnswer:
        raise Offline(
            f"{where.remote} gave no answer within {limit:g} s; your commits stay here.", "planner sync"
        ) from None


def _quiet_ssh(repo: Repository) -> dict[str, str]:
    """Let ssh fail rather than ask: nobody is there to answer, and a question would be drawn over the screen."""
    if "GIT_SSH" in os.environ and "GIT_SSH_COMMAND" not in os.environ:
        return {}
    command = os.environ.get("GIT_SSH_COMMAND") or repo.config_get("core.sshCommand") or "ssh"
    return {"GIT_SSH_COMMAND": f"{command} {_SSH}"}


def _refusal(where: Upstream, words: str, verb: str) -> GitFailed:
    """What git says of a remote, as one sentence and the way out."""
    said = _said(words)
    if _PASSWORD.search(words):
        hint = f"git {verb} {where.remote}, by hand and once, lets git ask you and remember"
        return GitFailed(f"{where.remote} asks who you are, and planner never asks for passwords ({said}).", hint)
    if _NOT_THERE.search(words):
        return GitFailed(f"{where.remote} is not there ({said}).", f"git remote set-url {where.remote} URL")
    if _AWAY.search(words):
        return Offline(
            f"{where.remote} cannot be reached ({said}); your commits stay here.", "planner sync, when it can"
        )
    return GitFailed(f"git {verb} {where.remote} failed: {said}.", f"git {verb} {where.remote} says more")


def _said(words: str) -> str:
    """The most telling of git's lines, short and without a password."""
    lines: Sequence[str] = [line.strip() for line in without_passwords(words).split("\n") if line.strip()]
    telling = (line for line in lines if _PASSWORD.search(line) or _AWAY.search(line) or _NOT_THERE.search(line))
    return (next(telling, "") or next(iter(lines), "") or "git gave no reason")[:200].rstrip(".")
