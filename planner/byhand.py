"""Edits made by hand in any editor: which files hold some, and their commit under a subject derived from the fields."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.core.change import Change, Edit
from planner.core.document import parse_document
from planner.core.events import derived_subject, file_changes
from planner.errors import Invalid
from planner.landing import OTHERS, as_text, await_sync, commit_texts, land_waiting, repository
from planner.store import files
from planner.store.git import AGAIN, GitBusy, HeadMoved, Repository, with_trailers
from planner.store.journal import Pending
from planner.store.objects import file_text

if TYPE_CHECKING:
    from planner.session import Outcome, Session


def uncommitted(session: Session) -> tuple[str, ...]:
    """Paths with changes in no commit: Markdown, planner.toml, and the files inside the vault that they link to."""
    if session.repo is None:
        return ()
    status = session.repo.status_paths(session.prefix)
    inside = [path.removeprefix(session.prefix) for path in status.paths if path.startswith(session.prefix)]
    linked = {
        posixpath.normpath(posixpath.join(posixpath.dirname(path), link.target))
        for path, file in session.vault.files.items()
        for link in file.links
        if not link.wiki
    }
    return tuple(path for path in inside if files.is_vault_file(path) or path in linked)


def commit_by_hand(session: Session, message: str | None, only: Sequence[str] | None) -> Outcome:
    """Commit edits made by hand; broken files and files with markers stay where they are and are named.

    What planner has accepted is no edit by hand: a file with a change that still waits is left out, and named.
    """
    repo = repository(session)
    patience = time.monotonic() + OTHERS
    while True:
        try:
            return _commit_by_hand(session, repo, message, only, patience)
        except HeadMoved:  # another process has committed one of these files since it was read
            if time.monotonic() > patience:
                raise


def _commit_by_hand(
    session: Session, repo: Repository, message: str | None, only: Sequence[str] | None, patience: float
) -> Outcome:
    from planner.session import Outcome

    await_sync(session, repo, patience)
    reasons = land_waiting(session).waiting
    head, paths, data = _edited_by_hand(session, repo, only)
    while (waiting := _waiting(session, paths)) and time.monotonic() < patience:
        if all(op.op_id in reasons for op in waiting.values()):
            break
        time.sleep(0.02)  # another process commits what it has accepted
        head, paths, data = _edited_by_hand(session, repo, only)
    skipped = {path: _why_broken(session, path) for path in paths if _is_broken(session, path)}
    skipped |= {path: f"a change of it waits ({op.subject})" for path, op in waiting.items()}
    paths = [path for path in paths if path not in skipped]
    old = repo.read_blobs(head, [session.prefix + path for path in paths]) if head else {}
    edits = tuple(Edit(path, as_text(old.get(session.prefix + path)), as_text(data[path])) for path in paths)
    changes = [
        change
        for edit in edits
        if edit.path.endswith(".md")
        for change in file_changes(edit.path, edit.before, edit.after, session.vault.config)
    ]
    notices = tuple(f"{path} is left out: {why}" for path, why in skipped.items())
    subject = message or f"{session.vault.config.commit.prefix}{derived_subject(changes, paths)}"
    change = Change(
        edits, subject, tuple(str(change) for change in changes), tuple(dict.fromkeys(c.id for c in changes)), notices
    )
    if not paths:
        if waiting:
            held = (reasons[op.op_id] for op in waiting.values() if op.op_id in reasons)
            raise next(held, GitBusy(f"Another planner is still committing a change of {next(iter(waiting))}.", AGAIN))
        if skipped:
            raise Invalid(f"nothing is committed: {'; '.join(notices)}", "mend the file, or commit it with git")
        return Outcome(change, session.vault)
    commit = commit_texts(
        session,
        repo,
        {session.prefix + path: data[path] for path in paths},
        with_trailers(change.subject, change.body),
        {session.prefix + path: old.get(session.prefix + path) for path in paths},
        noted=True,
    )
    return Outcome(change, session.vault, None, commit)


def _edited_by_hand(
    session: Session, repo: Repository, only: Sequence[str] | None
) -> tuple[str | None, list[str], dict[str, bytes | None]]:
    """The files with uncommitted changes (of these), and their texts, over a HEAD that was looked at before them."""
    head = repo.head().commit
    session.refresh()
    paths = [path for path in uncommitted(session) if only is None or path in only]
    return head, paths, {path: file_text(repo, session.prefix + path) for path in paths}


def _waiting(session: Session, paths: Sequence[str]) -> dict[str, Pending]:
    """Those of these files that an operation of any process has changed and not committed yet."""
    found = {edit.path: op for op in session.journal.pending() for edit in op.edits}
    return {path: found[path] for path in paths if path in found}


def _is_broken(session: Session, path: str) -> bool:
    file = session.vault.files.get(path)
    if file is None:
        return False
    markers = any(fault.code == "conflict-markers" for fault in file.problems)
    return markers or (file.item is not None and file.item.broken and parse_document(file.text).text != "")


def _why_broken(session: Session, path: str) -> str:
    fault = session.vault.files[path].problems[0]
    return f"{fault.path}:{fault.line}: {fault.message}"
