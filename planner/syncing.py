"""Meeting the others: hand edits are committed, what they pushed is fetched and merged in memory, what waits is pushed.

Editing goes on all the while: the network is waited for without the session's lock, and nothing is ever left half
merged. What only people can settle is asked, and the plan stays as it is until they have.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from planner.core.record import dataclass, replace
from planner.errors import GitFailed, Invalid, PlannerError
from planner.landing import land_waiting
from planner.questions import Question, Solved, solve
from planner.store import advance, answers, remote, sync
from planner.store.git import HalfStaged, Head, HeadMoved, Repository, with_trailers
from planner.store.remote import LIMIT, Cancelled, Offline, Outrun, Stop, Upstream

if TYPE_CHECKING:
    from planner.session import Session

ROUNDS = 5  # times others may be faster before a sync gives up
PAUSE = 0.2  # seconds before the second round at the longest, doubled each time

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to: commits received and sent, files that both sides had changed, questions, and what to tell."""

    where: str
    received: int = 0
    sent: int = 0
    merged: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()  # the vault's files that changed here
    questions: tuple[Question, ...] = ()
    offline: Offline | None = None
    notices: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        if self.questions:
            files = len({question.path for question in self.questions})
            return f"sync waits: {_count(len(self.questions), 'question')} about {_count(files, 'file')}"
        if self.offline is not None:
            return f"offline: {self.offline.message}"
        parts = [f"received {_count(self.received, 'commit')}"] if self.received else []
        parts += [f"sent {_count(self.sent, 'commit')}"] if self.sent else []
        parts += [f"merged {_count(len(self.merged), 'file')} that both sides changed"] if self.merged else []
        return f"{self.where}: {', '.join(parts) or 'nothing new on either side'}"


@dataclass(frozen=True, slots=True)
class Met:
    """What became of HEAD and theirs: one of them contains the other now, or there are questions."""

    head: str
    paths: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def run(
    session: Session,
    *,
    say: Say = lambda _words: None,
    stop: Stop | None = None,
    limit: float = LIMIT,
    everything: bool = False,
) -> Synced:
    """Sync the vault's branch; `say` hears what is being done, `stop` is asked whether to go on.

    Raises NothingToSyncWith, Rewritten, Refused, Cancelled and other GitFailed, each with the way out; that the remote
    cannot be reached is no error but told by the result.
    """
    repo = repository(session)
    where = remote.upstream(repo, session.vault.config.sync)
    say("committing what was edited by hand")
    notices = _commit_what_waits(session)
    done = Synced(str(where), notices=notices)
    for round_ in range(ROUNDS):
        try:
            say(f"fetching from {where.remote}")
            theirs = remote.fetch(repo, where, limit=limit, stop=stop)
            done = _take(session, repo, where, theirs, done, say)
            if done.questions or not (sent := _to_send(session, repo, theirs, everything)):
                return done
            say(f"sending to {where.remote}")
            head = repo.head().commit or ""
            remote.push(repo, where, head, limit=limit, stop=stop)
            return replace(done, sent=done.sent + sent)
        except Offline as offline:
            return replace(done, offline=offline)
        except Outrun:
            pause = session.random.uniform(0, PAUSE * 2**round_)
            threading.Event().wait(pause)  # so that two that were equally fast are not again
        if stop is not None and stop():
            raise Cancelled("The sync was stopped; nothing is half done.", "planner sync goes on")
    raise GitFailed(
        f"Others pushed to {where} {ROUNDS} times while this was sent; your commits stay here.", "planner sync"
    )


def meet(session: Session, repo: Repository, where: Upstream, theirs: str) -> Met:
    """Let HEAD contain a commit of theirs: taken as it is, or merged with ours in memory. Raises GitFailed."""
    for round_ in range(ROUNDS):
        head = repo.head()
        if head.commit is None:
            raise GitFailed("This branch has no commit yet.", f"git pull {where.remote} {where.theirs}")
        if sync.contains(repo, head.commit, theirs):
            return Met(head.commit)
        try:
            return _meet(session, repo, where, head, head.commit, theirs)
        except HeadMoved:  # a change of ours landed meanwhile: merged once more, with it
            continue
        except HalfStaged:  # a change that is landing just now, or the user's own staged work: that stays
            if round_ == ROUNDS - 1:
                raise
            threading.Event().wait(session.random.uniform(0.02, PAUSE))
    raise GitFailed("HEAD keeps moving while this is merged.", "planner sync")


def fetch_only(session: Session, *, stop: Stop | None = None, limit: float = LIMIT) -> int:
    """Look what others have pushed, without taking it; return how many commits that are. Raises GitFailed."""
    repo = repository(session)
    where = remote.upstream(repo, session.vault.config.sync)
    theirs = remote.fetch(repo, where, limit=limit, stop=stop)
    head = repo.head().commit
    return sync.count(repo, head, theirs) if theirs else 0


def apart(session: Session) -> tuple[int, int]:
    """How many commits are to be sent, and how many were fetched and are to be taken; asks no network."""
    if session.repo is None or session.repo.bare:
        return 0, 0
    done = session.repo.try_run("rev-list", "--left-right", "--count", "HEAD...@{upstream}")
    counts = done.stdout.split() if done.returncode == 0 else []  # without an upstream there is nothing to count
    return (int(counts[0]), int(counts[1])) if len(counts) == 2 else (0, 0)


def waiting(session: Session, given: Mapping[str, str] | None = None) -> Solved:
    """What the last fetched state of the other side asks, without going to the network; nothing where it asks nothing."""
    repo = repository(session)
    where = remote.upstream(repo, session.vault.config.sync)
    head, theirs = repo.head().commit, _tracked(repo, where)
    if head is None or theirs is None or sync.contains(repo, head, theirs) or sync.contains(repo, theirs, head):
        return Solved()
    return _solve(session, repo, sync.join(repo, head, theirs), given)


def last_authors(session: Session, repo: Repository, path: str) -> tuple[str, str]:
    """Who changed a path last on our side and on theirs, since both were one."""
    where = remote.upstream(repo, session.vault.config.sync)
    head, theirs = repo.head().commit or "", _tracked(repo, where) or ""
    ranges = (f"{theirs}..{head}", f"{head}..{theirs}")
    ours, other = (repo.run("log", "-1", "--format=%an", "--end-of-options", r, "--", path) for r in ranges)
    return ours.decode("utf-8", "replace").strip(), other.decode("utf-8", "replace").strip()


def finish(session: Session) -> Met:
    """Make the merge that waited, now that every question has its answer; nothing is sent. Raises GitFailed."""
    repo = repository(session)
    where = remote.upstream(repo, session.vault.config.sync)
    theirs = _tracked(repo, where)
    if theirs is None:
        raise GitFailed("There is nothing to merge.", "planner sync")
    return meet(session, repo, where, theirs)


def repository(session: Session) -> Repository:
    """The session's repository, one that may be asked anything; raises GitFailed, NotTrusted."""
    if session.repo is None:
        raise GitFailed("This vault is in no git repository: there is nothing to sync.", "git init, or planner init")
    if session.repo.bare:
        raise GitFailed("This repository is bare: it is what others sync with.", "git clone it, and work there")
    return session.repo.vouched()


# ---- the pieces ------------------------------------------------------------------------------------------------------


def _commit_what_waits(session: Session) -> tuple[str, ...]:
    """Commit what is accepted or edited by hand; what cannot be committed stays, and is told."""
    notices: list[str] = []
    with session.lock:
        notices += [str(error) for error in land_waiting(session).waiting.values()]
        try:
            notices += session.commit_by_hand().change.notices
        except Invalid as broken:  # nothing but files that are broken
            notices.append(broken.message)
    return tuple(notices)


def _take(session: Session, repo: Repository, where: Upstream, theirs: str | None, done: Synced, say: Say) -> Synced:
    head = repo.head().commit
    if theirs is None or head is None or sync.contains(repo, head, theirs):
        return done
    received = sync.count(repo, head, theirs)
    say(f"merging {_count(received, 'commit')}")
    before = head
    met = meet(session, repo, where, theirs)
    if met.questions:
        return replace(done, questions=met.questions)
    return replace(
        done,
        received=done.received + received,
        merged=tuple(dict.fromkeys((*done.merged, *met.merged))),
        paths=tuple(dict.fromkeys((*done.paths, *met.paths))),
        notices=(*done.notices, *_new_attributes(repo, before, met.head)),
    )


def _meet(session: Session, repo: Repository, where: Upstream, head: Head, ours: str, theirs: str) -> Met:
    merged: tuple[str, ...] = ()
    if sync.contains(repo, theirs, ours):
        new = theirs
    else:
        joined = sync.join(repo, ours, theirs)
        solved = _solve(session, repo, joined)
        if solved.questions:
            return Met(ours, questions=solved.questions)
        tree = sync.with_files(repo, joined.tree, solved.files)
        merged = solved.merged
        new = sync.merge_commit(repo, tree, (ours, theirs), _message(where, merged), _dates(session))
    with session.lock:
        place = advance.Place(repo, session.root, session.displaced)
        paths = advance.advance(place, head, new, f"planner sync: {where}")
        session.refresh(paths)
        answers.save(session.displaced.parent, {})
    return Met(new, paths, merged)


def _solve(session: Session, repo: Repository, joined: sync.Joined, given: Mapping[str, str] | None = None) -> Solved:
    oids = dict.fromkeys(oid for clash in joined.clashes for oid in clash.oids)
    known = answers.load(session.displaced.parent) if given is None else given
    return solve(joined.clashes, repo.blobs(oids), known)


def _message(where: Upstream, merged: tuple[str, ...]) -> str:
    return with_trailers(f"merge {where}", "\n".join(f"{path}: by fields" for path in merged))


def _dates(session: Session) -> Mapping[str, str]:
    now = session.now()
    date = f"@{int(now.timestamp())} {now:%z}"
    return {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}


def _to_send(session: Session, repo: Repository, theirs: str | None, everything: bool) -> int:
    """How many commits are to be pushed; raises GitFailed where some change files that are not the vault's."""
    head = repo.head().commit
    if head is None or head == theirs:
        return 0
    prefix = session.prefix
    outside = [path for path in sync.paths_between(repo, theirs, head) if not path.startswith(prefix)] if prefix else []
    if outside and not everything:
        raise GitFailed(
            f"The commits to be sent also change files outside the vault ({min(outside)}).",
            "planner sync --all sends them too, or git push",
        )
    return sync.count(repo, theirs, head)


def _tracked(repo: Repository, where: Upstream) -> str | None:
    try:
        return repo.resolve(where.tracking)
    except PlannerError:
        return None


def _new_attributes(repo: Repository, before: str, after: str) -> tuple[str, ...]:
    """A word of warning where files that came name filters or drivers: git would run what is configured under these names."""
    paths = [path for path in sync.paths_between(repo, before, after) if path.endswith(".gitattributes")]
    old, new = repo.read_blobs(before, paths), repo.read_blobs(after, paths)
    found = []
    for path, data in new.items():
        lines = set(data.split(b"\n")) - set(old.get(path, b"").split(b"\n"))
        if any(word in line for line in lines for word in (b"filter=", b"diff=", b"merge=")):
            found.append(
                f"{path} that came names filters, diffs or merges anew: look at it before you let git run them"
            )
    return tuple(found)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
