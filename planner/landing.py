"""How what is on disk becomes history: the commit of an accepted change, recovery after a crash, edits made by hand."""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.change import Change, Edit
from planner.core.document import parse_document
from planner.core.events import derived_subject, file_changes
from planner.errors import GitFailed, Invalid, PlannerError
from planner.store import files, writing
from planner.store.git import HeadMoved, Repository, with_trailers
from planner.store.history import OPERATION, UNDOES, changed_files
from planner.store.journal import Pending, plan_recovery

if TYPE_CHECKING:
    from planner.session import Outcome, Session

OTHERS = 2.0  # seconds another process is given to commit what it has accepted
RECENT = 60  # commits looked at to tell an edit by hand from a HEAD that went on


def land(
    session: Session, op: str, subject: str, body: str, edits: Sequence[Edit], undoes: Sequence[str] = ()
) -> str | None:
    """Commit an accepted change; None where history holds it already.

    A text that was changed by hand before is committed first, under its own subject. Raises GitFailed or GitBusy.
    """
    repo = _repository(session)
    message = with_trailers(subject, body, {OPERATION: op, **({UNDOES: list(undoes)} if undoes else {})})
    after = _bytes(session, {edit.path: edit.after for edit in edits})
    before = _bytes(session, {edit.path: edit.before for edit in edits})
    patience = time.monotonic() + OTHERS
    while True:
        try:
            return _commit(session, repo, after, message, before)
        except HeadMoved:
            if time.monotonic() < patience and _others_are_landing(session, op, edits):
                time.sleep(0.02)  # another process has accepted the text we built on; its commit comes first
                continue
            known = _recent_texts(session, repo, edits)
            if all(edit.after in known[edit.path] for edit in edits):
                return None
            by_hand = {edit.path: edit.before for edit in edits if edit.before not in known[edit.path]}
            if not by_hand:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.02)  # the other's commit came between our attempt and our look: HEAD may fit by now
                continue
            _commit_texts(session, repo, by_hand)
            return _commit(session, repo, after, message, None)


def _commit(
    session: Session,
    repo: Repository,
    texts: Mapping[str, bytes | None],
    message: str,
    expected: Mapping[str, bytes | None] | None,
) -> str | None:
    hooks = "run" if session.vault.config.commit.hooks == "run" else "skip"
    return repo.commit(texts, message, expected=expected, hooks=hooks, when=session.now())  # type: ignore[arg-type]  # one of the two words


def _repository(session: Session) -> Repository:
    if session.repo is None:
        raise GitFailed("this vault is in no git repository", "git init, or planner init")
    return session.repo


def _bytes(session: Session, texts: Mapping[str, str | None]) -> dict[str, bytes | None]:
    return {
        session.prefix + path: None if text is None else text.encode("utf-8", "surrogateescape")
        for path, text in texts.items()
    }


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _others_are_landing(session: Session, op: str, edits: Sequence[Edit]) -> bool:
    """Whether another operation in the journal is about to commit the text that this one was built on."""
    ours = {edit.path: edit.before for edit in edits}
    return any(
        other.op_id != op and any(edit.path in ours and edit.after == ours[edit.path] for edit in other.edits)
        for other in session.journal.pending()
    )


def _recent_texts(session: Session, repo: Repository, edits: Sequence[Edit]) -> dict[str, set[str | None]]:
    """The texts each path has had in recent history; git's line-end filters are undone by comparing with LF too."""
    known: dict[str, set[str | None]] = {edit.path: set() for edit in edits}
    head = repo.head().commit
    if head is None:
        return {edit.path: {None} for edit in edits}
    oids: dict[str, set[str]] = {path: set() for path in known}
    for path, texts in known.items():
        full = session.prefix + path
        texts.add(_text(repo.read_blobs(head, [full]).get(full)))
        for _, changed in changed_files(repo, (head,), full, limit=RECENT):
            for name, old, new in changed:
                if name == full:
                    oids[path].update(oid for oid in (old, new) if oid)
                    texts.update({None} if old is None or new is None else ())
    blobs = repo.blobs({oid for found in oids.values() for oid in found})
    for path, found in oids.items():
        known[path].update(_text(blobs.get(oid)) for oid in found)
        known[path] |= {text.replace("\n", "\r\n") for text in known[path] if text is not None and "\r\n" not in text}
    return known


def _commit_texts(session: Session, repo: Repository, texts: Mapping[str, str | None]) -> str | None:
    """Commit these texts as edits made by hand; hooks are left out, since the work tree has moved on already."""
    head = repo.head().commit
    old = repo.read_blobs(head, [session.prefix + path for path in texts]) if head else {}
    changes = [
        change
        for path, text in texts.items()
        for change in file_changes(path, _text(old.get(session.prefix + path)), text, session.vault.config)
    ]
    message = with_trailers(derived_subject(changes, list(texts)), "\n".join(str(change) for change in changes))
    return repo.commit(_bytes(session, texts), message, when=session.now())


def land_waiting(session: Session) -> dict[str, str | None]:
    """Commit this process's accepted operations, the oldest first; the first that cannot be raises, and the rest wait."""
    landed: dict[str, str | None] = {}
    for op in session.journal.waiting():
        landed[op.op_id] = land(session, op.op_id, op.subject, op.body, _real(session, op.edits), op.undoes)
        session.journal.committed(op.op_id, landed[op.op_id])
    return landed


def _real(session: Session, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits at the paths that were really written: a link inside the vault is followed."""
    root = os.path.realpath(session.root)
    return tuple(
        replace(edit, path=os.path.relpath(os.path.realpath(session.root / edit.path), root)) for edit in edits
    )


# ---- recovery --------------------------------------------------------------------------------------------------------


def recover(session: Session) -> None:
    """Finish what earlier processes began; what cannot be finished now stays in the journal and is said in `notices`."""
    for op in session.journal.orphans():
        try:
            _recover(session, op)
        except (PlannerError, OSError, writing.Changed) as error:
            session.notices.append(f"an earlier change waits ({op.subject}): {error}")
    session.journal.compact()
    for late in writing.sweep_displaced(session.displaced, now=time.time()):
        session.notices.append(f"a save of {late.name} came too late to be seen; its text is in {late.file}")


def _recover(session: Session, op: Pending) -> None:
    writing.recover_temporaries(session.root, op.edits, displaced=session.displaced, op_id=op.op_id)
    texts = session.read_texts([edit.path for edit in op.edits])
    plan = plan_recovery(op, texts.get)
    if plan.write:
        writing.write(session.root, plan.write, displaced=session.displaced, op_id=op.op_id)
        session.refresh([edit.path for edit in plan.write])
    if plan.abandon:
        session.journal.abandoned(op.op_id)
        return
    if not op.accepted:
        session.journal.accepted(op.op_id)
    edits = _real(session, op.edits)
    commit = land(session, op.op_id, op.subject, op.body, edits, op.undoes) if session.repo else None
    session.journal.committed(op.op_id, commit)


# ---- edits made by hand ----------------------------------------------------------------------------------------------


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
    """Commit edits made by hand; broken files and files with markers stay where they are and are named."""
    from planner.session import Outcome

    repo = _repository(session)
    session.refresh()
    paths = [path for path in uncommitted(session) if only is None or path in only]
    skipped = [path for path in paths if _is_broken(session, path)]
    paths = [path for path in paths if path not in skipped]
    head = repo.head().commit
    old = repo.read_blobs(head, [session.prefix + path for path in paths]) if head else {}
    data = {path: _on_disk(session, path) for path in paths}
    edits = tuple(Edit(path, _text(old.get(session.prefix + path)), _text(data[path])) for path in paths)
    changes = [
        change
        for edit in edits
        if edit.path.endswith(".md")
        for change in file_changes(edit.path, edit.before, edit.after, session.vault.config)
    ]
    notices = tuple(f"{path} is left out: {_why_broken(session, path)}" for path in skipped)
    subject = message or f"{session.vault.config.commit.prefix}{derived_subject(changes, paths)}"
    change = Change(
        edits, subject, tuple(str(change) for change in changes), tuple(dict.fromkeys(c.id for c in changes)), notices
    )
    if not paths:
        if skipped:
            raise Invalid(f"nothing is committed: {'; '.join(notices)}", "mend the file, or commit it with git")
        return Outcome(change, session.vault)
    commit = _commit(
        session,
        repo,
        {session.prefix + path: content for path, content in data.items()},
        with_trailers(change.subject, change.body),
        None,
    )
    return Outcome(change, session.vault, None, commit)


def _on_disk(session: Session, path: str) -> bytes | None:
    try:
        return (session.root / path).read_bytes()
    except FileNotFoundError:
        return None


def _is_broken(session: Session, path: str) -> bool:
    file = session.vault.files.get(path)
    if file is None:
        return False
    markers = any(fault.code == "conflict-markers" for fault in file.problems)
    return markers or (file.item is not None and file.item.broken and parse_document(file.text).text != "")


def _why_broken(session: Session, path: str) -> str:
    fault = session.vault.files[path].problems[0]
    return f"{fault.path}:{fault.line}: {fault.message}"
