"""Puts back what a race with the user's git took off the branch: the change is committed again, with its own id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.change import Edit
from planner.core.merge import Side, always, merge_texts
from planner.core.record import replace
from planner.landing import as_text, land_waiting, repository
from planner.store import reflog
from planner.store.git import Repository
from planner.store.history import changed_files, find_landed
from planner.store.journal import Pending

if TYPE_CHECKING:
    from planner.session import Session


def put_back(session: Session) -> None:
    """Accept anew, and commit, the operations that a `git stash` or a reset took off while they were committed.

    What cannot be committed now waits in the journal like any other change. Raises GitFailed, and of it NotTrusted
    before anything is written that came with a foreign repository, WriteFailed, OSError, and writing.Changed where a
    file changed under it; the next try goes on from there.
    """
    repo, folder = repository(session).vouched(), session.journal.folder
    with session.journal.alone("taken-off.lock"):
        for lost in reflog.taken_off(repo.git_dir, folder):
            for op in _operations(session, repo, lost):
                if find_landed(repo, op.op_id, since=lost.kept) is None:
                    _accept_again(session, op)
                    session.notices.append(
                        f"git took a commit off while it was made; it is committed again: {op.subject}"
                    )
            reflog.dealt_with(lost, folder)
    land_waiting(session)


def _operations(session: Session, repo: Repository, lost: reflog.TakenOff) -> Iterator[Pending]:
    """What was taken off, oldest first, as the operations they were.

    Edits made by hand lie in the user's stash; what a sync merged comes again with the next one.
    """
    if repo.try_run("merge-base", "--is-ancestor", lost.kept, lost.tip).returncode:
        return  # not a branch that grew, or pruned by now
    found = list(changed_files(repo, (f"{lost.kept}..{lost.tip}",), session.prefix))
    texts = repo.blobs({oid for _, changed in found for _, *oids in changed for oid in oids if oid})
    for commit, changed in reversed(found):
        if commit.op and changed and all(oid in texts for _, *oids in changed for oid in oids if oid):
            edits = (
                Edit(
                    path.removeprefix(session.prefix),
                    as_text(texts[old]) if old else None,
                    as_text(texts[new]) if new else None,
                )
                for path, old, new in changed
            )
            yield Pending(commit.op, commit.subject, commit.body, tuple(edits), commit.undoes, head=commit.parents[0])


def _accept_again(session: Session, op: Pending) -> None:
    """Bring the files along, on top of what they say by now, and have the journal hold the operation."""
    texts = session.read_texts([edit.path for edit in op.edits])
    edits = [edit for edit in (_onto(edit, texts[edit.path]) for edit in op.edits) if not edit.is_noop]
    session.accept(op, edits)


def _onto(edit: Edit, text: str | None) -> Edit:
    """An edit as one of the present text; a file that came or went meanwhile is left as it is."""
    if text in (edit.before, edit.after):
        return replace(edit, before=text)
    if edit.before is None or edit.after is None or text is None:
        return Edit(edit.path, text, text)
    return Edit(
        edit.path, text, merge_texts(base=edit.before, ours=text, theirs=edit.after, favor=always(Side.THEIRS)).text
    )
