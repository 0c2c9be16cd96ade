"""Undo and redo: a change taken back by a new one, for git is the only record; what changed since stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.commands.undo import take_back
from planner.core.change import Edit
from planner.core.config import PATH as CONFIG_PATH
from planner.errors import Invalid, NotFound
from planner.past import UNSHALLOW
from planner.store import files, writing
from planner.store.git import Repository
from planner.store.history import CommitInfo, FileChange, changed_files, redo_target, undo_target
from planner.store.journal import Done

if TYPE_CHECKING:
    from planner.session import Outcome, Session


def undo(session: Session, target: str | None) -> Outcome:
    """Take back my newest operation, or the named one; raises NotFound, Conflict."""
    if session.repo is None:
        return _undo_without_git(session, target)
    commit = _named(session.repo, target) if target else _newest(session, session.repo)
    return _reverse(session, session.repo, commit, "undo")


def redo(session: Session) -> Outcome:
    """Take back my newest undo; raises NotFound where there is none, Conflict where it no longer fits."""
    if session.repo is None:
        return _redo_without_git(session)
    email = _email(session.repo)
    commit = redo_target((commit for commit, _ in _vault_commits(session, session.repo)), email)
    if commit is None:
        raise NotFound("there is nothing to redo", "planner log shows what happened")
    return _reverse(session, session.repo, commit, "redo")


def _newest(session: Session, repo: Repository) -> CommitInfo:
    commits = (commit for commit, changed in _vault_commits(session, repo) if not _founds(session, commit, changed))
    commit = undo_target(commits, _email(repo))
    if commit is None:
        raise NotFound(
            "there is nothing of yours to undo", "planner log shows what happened; planner undo OP names one"
        )
    return commit


def _email(repo: Repository) -> str:
    identity = repo.identity()
    if identity is None:
        raise Invalid("git does not know who you are", "git config user.name NAME; git config user.email ADDRESS")
    return identity.email


def _vault_commits(session: Session, repo: Repository) -> Iterator[tuple[CommitInfo, list[FileChange]]]:
    """Commits that touch files of the vault, newest first."""
    for commit, changed in changed_files(repo, ("HEAD",), session.prefix):
        if any(files.is_vault_file(path.removeprefix(session.prefix)) for path, _, _ in changed):
            yield commit, changed


def _founds(session: Session, commit: CommitInfo, changed: list[FileChange]) -> bool:
    """Whether the whole plan came with this commit: it goes only by name, never by one undo too many."""
    began = not commit.parents and not commit.op
    return began or any(path == session.prefix + CONFIG_PATH and not old for path, old, _ in changed)


def _named(repo: Repository, target: str) -> CommitInfo:
    """The commit that an operation id or a revision names."""
    for commit, _ in changed_files(repo, ("HEAD",)):
        if commit.op == target:
            return commit
    sha = repo.resolve(target)
    return next(commit for commit, _ in changed_files(repo, (sha,), walk=False))


def _reverse(session: Session, repo: Repository, commit: CommitInfo, verb: str) -> Outcome:
    if commit.is_merge:
        raise Invalid(f"{commit.sha[:8]} is a merge and cannot be taken back as one", "undo the commits it brought in")
    if commit.sha in repo.shallow():
        raise Invalid(f"history starts at {commit.sha[:8]}: what was before is not in this clone", UNSHALLOW)
    changed = next((changed for _, changed in changed_files(repo, (commit.sha,), session.prefix, walk=False)), [])
    blobs = repo.blobs({oid for _, old, new in changed for oid in (old, new) if oid})
    for path, *oids in changed:
        if not blobs.keys() >= {oid for oid in oids if oid}:
            raise Invalid(f"an older text of {path} is not in this clone", f"git show {commit.sha[:8]} fetches it")
    edits = [
        Edit(path.removeprefix(session.prefix), _text(blobs, old), _text(blobs, new)) for path, old, new in changed
    ]
    if not edits:
        raise Invalid(f"{commit.sha[:8]} changed nothing in this vault", "planner log shows what happened")
    edits = [_as_on_disk(session, edit) for edit in edits]
    subject = f"{verb}: {commit.subject.removeprefix('undo: ')}"
    return _run(session, edits, subject, (commit.op or commit.sha,), f"there is nothing left to {verb}")


def _as_on_disk(session: Session, edit: Edit) -> Edit:
    """An edit with the line ends of the work tree, where git stores the file with others (autocrlf)."""
    file = session.vault.files.get(edit.path)
    stored = edit.after if edit.after is not None else edit.before
    if file is None or "\r\n" not in file.text or stored is None or "\r\n" in stored:
        return edit
    return Edit(
        edit.path, *(text.replace("\n", "\r\n") if text is not None else None for text in (edit.before, edit.after))
    )


def _run(session: Session, edits: list[Edit], subject: str, undoes: tuple[str, ...], nothing: str) -> Outcome:
    for _ in range(8):
        texts = session.read_texts([edit.path for edit in edits])
        change = take_back(edits, session.vault, texts, subject, undoes)
        if change.is_noop:
            raise NotFound(f"{nothing}: it is already so", "planner log shows what happened")
        try:
            return session.carry_out(change)
        except writing.Changed:
            session.refresh([edit.path for edit in edits])
    raise Invalid("the files keep changing while they are written", "try again in a moment")


def _text(blobs: dict[str, bytes], oid: str | None) -> str | None:
    return blobs[oid].decode("utf-8", "surrogateescape") if oid is not None and oid in blobs else None


# ---- without git: the journal is the history -------------------------------------------------------------------------


def _undo_without_git(session: Session, target: str | None) -> Outcome:
    recent = session.journal.recent()
    if target:
        done = next((op for op in recent if op.op_id == target), None)
    else:
        undone = _undone(recent)
        done = next((op for op in recent if not op.undoes and op.op_id not in undone), None)
    if done is None:
        raise NotFound(
            "there is nothing to undo", "without git only the last 200 changes made by planner can be undone"
        )
    return _run(session, list(done.edits), f"undo: {done.subject}", (done.op_id,), "there is nothing left to undo")


def _redo_without_git(session: Session) -> Outcome:
    recent = session.journal.recent()
    undos = {op.op_id for op in recent if op.undoes}
    undone = _undone(recent)
    last = next((op for op in recent if op.undoes and op.op_id not in undone and not undos & set(op.undoes)), None)
    if last is None:
        raise NotFound("there is nothing to redo", "redo takes back an undo")
    subject = f"redo: {last.subject.removeprefix('undo: ')}"
    return _run(session, list(last.edits), subject, (last.op_id,), "there is nothing left to redo")


def _undone(recent: list[Done]) -> set[str]:
    """Operations taken back by a later one that still stands; `recent` is newest first."""
    undone: set[str] = set()
    for op in recent:
        if op.op_id not in undone:
            undone.update(op.undoes)
    return undone
