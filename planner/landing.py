"""How an accepted change becomes history: its commit, what has to wait, and recovery after a crash."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.change import Edit
from planner.core.events import derived_subject, file_changes
from planner.core.record import dataclass, replace
from planner.errors import GitFailed, NotTrusted, PlannerError
from planner.placing import look, place
from planner.store import advance, locks, staging, writing
from planner.store.git import AGAIN, GitBusy, HalfStaged, HeadMoved, Hooks, Repository, with_trailers
from planner.store.history import OPERATION, UNDOES, find_landed
from planner.store.journal import Pending, plan_recovery
from planner.store.objects import file_text

if TYPE_CHECKING:
    from planner.session import Session

AT_WORK = 10.0  # seconds after its last word in the journal in which a killed process may have started a git
OTHERS = 2.0  # seconds another process is given to commit what it has accepted


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of the accepted operations: their commits (None: history held them already), and why some wait."""

    commits: dict[str, str | None]
    waiting: dict[str, PlannerError]


def land(session: Session, op: Pending, edits: Sequence[Edit]) -> str | None:
    """Commit an accepted operation, its edits at the paths really written; None where history holds it already.

    A text that was changed by hand before is committed first, under its own subject; what the user has staged of these
    files stays staged. Raises GitFailed, and of it GitBusy, HalfStaged or HeadMoved where the change has to wait.
    """
    repo = repository(session)
    message = with_trailers(
        op.subject, op.body, {OPERATION: op.op_id, **({UNDOES: list(op.undoes)} if op.undoes else {})}
    )
    patience = time.monotonic() + OTHERS
    await_sync(session, repo, patience)
    _await_earlier(session, op, edits, patience)
    before, after = {edit.path: edit.before for edit in edits}, {edit.path: edit.after for edit in edits}
    try:
        return commit_texts(session, repo, as_bytes(session, after), message, as_bytes(session, before))
    except (HeadMoved, HalfStaged):
        pass  # HEAD or the index holds another text than the change was made from
    while True:
        try:
            return _land_where_it_fits(session, repo, op, message, edits)
        except _Moved as moved:
            if time.monotonic() > patience:
                raise moved.cause from None


class _Moved(Exception):
    """HEAD or the index changed between the look at them and the commit."""

    def __init__(self, cause: GitFailed) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _land_where_it_fits(
    session: Session, repo: Repository, op: Pending, message: str, edits: Sequence[Edit]
) -> str | None:
    grounds = look(repo, op, edits, session.prefix)
    if advance.is_under_way(repo):  # what is staged may be the sync's, and not the user's
        await_sync(session, repo, time.monotonic() + OTHERS)
        raise _Moved(HeadMoved("A sync has brought the branch on meanwhile.", AGAIN))
    placed = {edit.path: place(edit, grounds[edit.path]) for edit in edits}
    by_hand = {path: place.hand for path, place in placed.items() if place.by_hand}
    stored = {session.prefix + path: ground.stored for path, ground in grounds.items()}
    staged = {path: place.stage for path, place in placed.items() if place.stage is not None}
    over = {session.prefix + path: entry.oid for path in staged if (entry := grounds[path].entry)}
    try:
        if by_hand:
            _commit_saved(
                session, repo, by_hand, {session.prefix + path: stored[session.prefix + path] for path in by_hand}
            )
        return commit_texts(
            session,
            repo,
            as_bytes(session, {path: place.commit for path, place in placed.items()}),
            message,
            stored | as_bytes(session, by_hand),
            {path: text for path, text in as_bytes(session, staged).items() if text is not None},
            over,
        )
    except (HeadMoved, HalfStaged) as moved:
        raise _Moved(moved) from moved


def _await_earlier(session: Session, op: Pending, edits: Sequence[Edit], patience: float) -> None:
    """Let earlier operations on the same files land first; raises HeadMoved where they do not."""
    while (earlier := _earlier(session, op, edits)) is not None:
        if time.monotonic() > patience or earlier.op_id in {orphan.op_id for orphan in session.journal.orphans()}:
            raise HeadMoved(f"An earlier change of the same file waits too ({earlier.subject}).", AGAIN)
        time.sleep(0.02)


def _earlier(session: Session, op: Pending, edits: Sequence[Edit]) -> Pending | None:
    """The first operation of any process that came before this one and wrote to one of its files."""
    ours = {edit.path for edit in edits}
    for other in session.journal.pending():
        if other.op_id == op.op_id:
            return None
        if any(edit.path in ours for edit in other.edits):
            return other
    return None


def commit_texts(
    session: Session,
    repo: Repository,
    texts: Mapping[str, bytes | None],
    message: str,
    expected: Mapping[str, bytes | None] | None,
    staged: Mapping[str, bytes] = {},
    staged_over: Mapping[str, str] = {},
    *,
    noted: bool = False,
) -> str | None:
    """Commit texts by their paths in the repository; the hooks run where the files lie so."""
    # Hooks look at the files as they lie: a text that a later one stands for by now would wait for them forever.
    as_they_lie = all(file_text(repo, path) == text for path, text in texts.items())
    hooks: Hooks = "run" if session.vault.config.commit.hooks == "run" and as_they_lie else "skip"
    now = session.now()
    return repo.commit(
        texts,
        message,
        expected=expected,
        staged=staged,
        staged_over=staged_over,
        hooks=hooks,
        when=now,
        noted=noted or bool(staged),
    )


def repository(session: Session) -> Repository:
    """The vault's repository; raises GitFailed where it has none."""
    if session.repo is None:
        raise GitFailed("this vault is in no git repository", "git init, or planner init")
    return session.repo


def as_bytes(session: Session, texts: Mapping[str, str | None]) -> dict[str, bytes | None]:
    """Texts of the vault as the bytes of files of the repository."""
    return {
        session.prefix + path: None if text is None else text.encode("utf-8", "surrogateescape")
        for path, text in texts.items()
    }


def as_text(data: bytes | None) -> str | None:
    """A file's text, whatever its bytes are."""
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _commit_saved(
    session: Session, repo: Repository, texts: Mapping[str, str | None], old: Mapping[str, bytes | None]
) -> str | None:
    """Commit these texts as edits made by hand; hooks are left out, since the work tree has moved on already."""
    changes = [
        change
        for path, text in texts.items()
        for change in file_changes(path, as_text(old.get(session.prefix + path)), text, session.vault.config)
    ]
    message = with_trailers(derived_subject(changes, list(texts)), "\n".join(str(change) for change in changes))
    return repo.commit(as_bytes(session, texts), message, expected=old, when=session.now(), noted=True)


def land_waiting(session: Session) -> Landed:
    """Commit all that is accepted and that no other process will commit, the oldest first.

    What waits for the user to settle one file lets the changes of other files pass; anything else holds up all.
    """
    landed, held = Landed({}, {}), dict[str, PlannerError]()
    mine, orphans = ({op.op_id for op in ops} for ops in (session.journal.waiting(), session.journal.orphans()))
    stop: PlannerError | None = None
    for op in session.journal.pending() if mine or orphans else ():
        if op.op_id not in mine | orphans:
            continue
        error = stop or next((held[edit.path] for edit in op.edits if edit.path in held), None)
        try:
            if error is None:
                landed.commits[op.op_id] = _settle(session, op, recovering=op.op_id in orphans)
                continue
        except (HalfStaged, HeadMoved) as refused:
            error = refused
        except writing.Changed as changed:
            error = HeadMoved(f"{changed.path} changed while an earlier change of it was made good.", AGAIN)
        except PlannerError as refused:
            error = stop = refused
        except OSError as refused:
            error = stop = writing.refused(refused, "the change is saved, its commit waits")
        landed.waiting[op.op_id] = error
        held |= dict.fromkeys((edit.path for edit in op.edits), error)
    return landed


@dataclass(frozen=True, slots=True)
class Standing:
    """What a commit that waits may be waiting for, to be compared: while it is the same, trying again is in vain."""

    head: object
    busy: str | None
    index: tuple[int, int, int] | None  # inode, size and time
    locked: tuple[bool, ...]


def standing(session: Session) -> Standing | None:
    """How git stands now; None where there is no repository."""
    repo = session.repo
    if repo is None:
        return None
    index = Path(repo.git_dir, "index")
    info = index.stat() if index.exists() else None
    stamp = (info.st_ino, info.st_size, info.st_mtime_ns) if info else None
    return Standing(
        repo.head(), repo.busy(), stamp, tuple(locks.age(path) is not None for path in locks.of_commit(repo))
    )


def was_in_vain(session: Session) -> Standing | None:
    """Try to commit what waits; return how git stands where that failed and would fail again, else None.

    The index may differ because we have put it back; what got out of the way during the try is worth another one.
    """
    before = standing(session)
    failed, after = land_waiting(session).waiting, standing(session)
    same = before is not None and after is not None and replace(before, index=after.index) == after
    return after if failed and same else None


def _settle(session: Session, op: Pending, *, recovering: bool) -> str | None:
    """Commit one operation of the journal; what a process left half done is made good before."""
    if recovering:
        if not session.journal.adopt(op.op_id):
            return None  # another process has it, or has finished it
        landed = find_landed(session.repo, op.op_id, since=op.head) if session.repo else None
        if landed:  # its process died between the commit and the word on it; it may have been undone since
            session.journal.committed(op.op_id, landed)
            return landed
        if not _made_good(session, op):
            return None
    edits = _real(session, op.edits)
    commit = land(session, op, edits) if session.repo else None
    session.journal.committed(op.op_id, commit)
    if recovering and commit is not None:
        _say_what_was_set_back(session, edits)
    return commit


def _say_what_was_set_back(session: Session, edits: Sequence[Edit]) -> None:
    """Giving up a rebase resets the files, our waiting change with them; what the user has on disk is never replaced."""
    repo = repository(session)
    for edit in edits:
        if edit.before is not None and as_text(file_text(repo, session.prefix + edit.path)) == edit.before:
            session.notices.append(
                f"{edit.path} was set back while its change waited; the change is committed, and "
                f"`git restore {edit.path}` brings it into the file"
            )


def _real(session: Session, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits at the paths that were really written: a link inside the vault is followed."""
    root = os.path.realpath(session.root)
    return tuple(
        replace(edit, path=os.path.relpath(os.path.realpath(session.root / edit.path), root)) for edit in edits
    )


# ---- recovery --------------------------------------------------------------------------------------------------------


def recover(session: Session) -> None:
    """Finish what earlier processes began; what cannot be finished now stays in the journal and is said in `notices`."""
    try:
        _recover(session)
    except GitFailed as error:
        session.notices.append(f"an earlier commit is not made good yet: {error}")
    except OSError as error:  # a vault that can only be read is opened all the same
        session.notices.append(str(writing.refused(error, "an earlier change may wait")))


def _recover(session: Session) -> None:
    if session.repo is not None:
        staging.make_good(session.repo)
        bring_along(session)
    subjects = {op.op_id: op.subject for op in session.journal.orphans()}
    if subjects and session.repo is not None:
        last = session.journal.last_word()
        locks.sweep(session.repo, since=last, until=last + AT_WORK)
    for op_id, error in land_waiting(session).waiting.items():
        if not isinstance(error, NotTrusted):  # that is said once for all of them when the vault is opened
            session.notices.append(f"an earlier change waits ({subjects.get(op_id, op_id)}): {error}")
    session.journal.compact()
    for late in writing.sweep_displaced(session.displaced, now=time.time()):
        session.notices.append(f"a save of {late.name} came too late to be seen; its text is in {late.file}")


def await_sync(session: Session, repo: Repository, patience: float) -> None:
    """Let a sync that is bringing the branch on come to its end, and make good what a killed one has left.

    Until then its texts in the index look like the user's staged work, and old files like edits that take it back.
    Raises GitBusy where it takes too long.
    """
    while advance.is_under_way(repo):
        if time.monotonic() > patience:
            raise GitBusy("Another planner is bringing the files up to date.", AGAIN)
        staging.make_good(repo)
        bring_along(session)
        if advance.is_under_way(repo):
            time.sleep(0.02)


def bring_along(session: Session) -> None:
    """Write the files that a killed sync had not written yet."""
    if session.repo is None or not advance.is_under_way(session.repo):
        return
    paths = advance.make_good(advance.Place(session.repo, session.root, session.displaced))
    if paths:
        session.refresh(paths)


def _made_good(session: Session, op: Pending) -> bool:
    """Whether an operation that was cut short is on disk now; else it was taken back and is abandoned."""
    writing.recover_temporaries(session.root, op.edits, displaced=session.displaced, op_id=op.op_id)
    texts = session.read_texts([edit.path for edit in op.edits])
    plan = plan_recovery(op, texts.get)
    if plan.write:
        writing.write(session.root, plan.write, displaced=session.displaced, op_id=op.op_id)
        session.refresh([edit.path for edit in plan.write])
    if plan.abandon:
        session.journal.abandoned(op.op_id)
    elif not op.accepted:
        session.journal.accepted(op.op_id)
    return not plan.abandon
