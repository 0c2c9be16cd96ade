"""What waits for people to settle: questions of a sync, files with conflict markers, copies that cloud folders left.

Answers are kept beside the journal; a file, or the whole merge of a sync, changes once every question has its answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import syncing
from planner.core.change import Change, Edit
from planner.core.copies import nearest, original
from planner.core.markers import Versions, versions_of
from planner.core.record import dataclass, replace
from planner.errors import GitFailed, Invalid, NotFound, PlannerError
from planner.questions import FILE, PATH, Question, Source, settled
from planner.store import answers, writing
from planner.store.files import is_vault_file
from planner.store.history import changed_files
from planner.store.remote import NothingToSyncWith

if TYPE_CHECKING:
    from planner.session import Session

RECENT = 60  # texts of a file's past among which the base of a copy is looked for


@dataclass(frozen=True, slots=True)
class Matter:
    """One file that waits: its open questions (none: it can be merged as it is), and the copy it is about, if any."""

    path: str
    source: Source
    questions: tuple[Question, ...]
    versions: Versions | None = None  # None where the merge of a sync has them
    copy: str = ""

    @property
    def name(self) -> str:
        """What to call it by, besides the path."""
        return self.copy or self.path


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was settled by a call, and what still waits."""

    done: tuple[Matter, ...]
    left: tuple[Matter, ...]
    notices: tuple[str, ...] = ()


def matters(session: Session, given: Mapping[str, str] | None = None) -> tuple[Matter, ...]:
    """Everything that waits, with the answers so far taken into account; touches nothing and asks no network."""
    known = answers.load(session.displaced.parent) if given is None else given
    return (*_of_sync(session, known), *_marked(session, known), *_copies(session, known))


def resolve(session: Session, target: str, given: Mapping[str, str]) -> Resolved:
    """Answer questions about a file (an id, a path, a title), by field; without answers, merge it if nothing is open.

    Raises NotFound where nothing of it waits, Invalid for a field that nobody asks about, GitFailed.
    """
    before = matters(session)
    meant = _meant(session, before, target)
    asked = {question.field: question for matter in meant for question in matter.questions}
    if unknown := sorted(set(given) - set(asked)):
        raise Invalid(f"nothing is asked about {', '.join(unknown)}", f"open are {', '.join(asked) or 'no fields'}")
    known = answers.load(session.displaced.parent)
    for field, answer in given.items():
        known[asked[field].key] = _checked(session, asked[field], answer)
    after = matters(session, known)  # raises Invalid for an answer that cannot be written
    answers.save(session.displaced.parent, known)
    done: list[Matter] = []
    notices: list[str] = []
    paths = {matter.name for matter in meant}
    for matter in after:
        if matter.source != "sync" and matter.name in paths and not matter.questions:
            notices += _settle(session, matter)
            done.append(matter)
    if any(matter.source == "sync" for matter in meant) and not any(m.source == "sync" for m in after):
        syncing.finish(session)
        done += [matter for matter in before if matter.source == "sync"]
        notices.append("everything of the sync is settled and merged here; planner sync sends it")
    return Resolved(tuple(done), matters(session), tuple(notices))


def _checked(session: Session, question: Question, answer: str) -> str:
    """An answer as it is kept; raises Invalid for one that says nothing to this question."""
    if answer in {"ours", "theirs"}:
        return answer
    if question.field == FILE and answer not in {"keep", "restore", "delete"}:
        raise Invalid(f"'{answer}' says nothing about a file", "keep or delete; ours or theirs")
    if question.field == PATH:
        if not is_vault_file(answer) or not set(answer.split("/")).isdisjoint({"", ".", ".."}):
            raise Invalid(f"'{answer}' is no path of an item in the vault", "for example: path=tasks/one-name.md")
        return session.prefix + answer
    return answer


def _meant(session: Session, waiting: tuple[Matter, ...], target: str) -> list[Matter]:
    found = [matter for matter in waiting if target in {matter.path, matter.copy, *(q.path for q in matter.questions)}]
    if not found:
        path = session.vault.find(target).path
        found = [matter for matter in waiting if matter.path == path]
    if not found:
        raise NotFound(f"nothing of '{target}' waits to be settled", "planner resolve lists what does")
    return found


# ---- the three places questions come from ----------------------------------------------------------------------------


def _of_sync(session: Session, given: Mapping[str, str]) -> Iterator[Matter]:
    if session.repo is None or session.repo.busy():  # first what git itself is in the middle of
        return
    try:
        solved = syncing.waiting(session, given)
    except (NothingToSyncWith, GitFailed):  # what keeps it from syncing is said by `planner sync`
        return
    for path in dict.fromkeys(question.path for question in solved.questions):
        yield Matter(path.removeprefix(session.prefix), "sync", tuple(q for q in solved.questions if q.path == path))


def _marked(session: Session, given: Mapping[str, str]) -> Iterator[Matter]:
    for path, file in session.vault.files.items():
        if any(fault.code == "conflict-markers" for fault in file.problems) and (found := versions_of(file.text)):
            versions = _with_base(session, path, found)
            yield Matter(path, "markers", tuple(settled(path, versions, given, "markers")[1]), versions)


def _with_base(session: Session, path: str, versions: Versions) -> Versions:
    """The versions in a marked file, with the base that git's index has while the merge goes on."""
    blob = session.repo.read_blobs(":1", [session.prefix + path]) if session.repo is not None else {}
    data = blob.get(session.prefix + path)
    return versions if data is None else versions._replace(base=data.decode("utf-8", "surrogateescape"))


def _copies(session: Session, given: Mapping[str, str]) -> Iterator[Matter]:
    for path, file in session.vault.files.items():
        if not any(fault.code == "sync-conflict" for fault in file.problems) or (name := original(path)) is None:
            continue
        kept = session.vault.files.get(name)
        if kept is None:
            yield Matter(name, "copy", (), Versions(None, "", file.text), path)
            continue
        versions = Versions(nearest(file.text, _past_texts(session, name)), kept.text, file.text)
        questions = settled(name, versions, given, "copy")[1]
        yield Matter(name, "copy", tuple(questions), versions, path)


def _past_texts(session: Session, path: str) -> list[str]:
    """The texts a file has had in commits, newest first."""
    repo, full = session.repo, session.prefix + path
    if repo is None or repo.head().commit is None:
        return []
    oids = [
        new
        for _, changes in changed_files(repo, ("HEAD",), full, limit=RECENT)
        for name, _, new in changes
        if name == full and new is not None
    ]
    blobs = repo.blobs(oids)
    return [blobs[oid].decode("utf-8", "surrogateescape") for oid in oids if oid in blobs]


# ---- settling --------------------------------------------------------------------------------------------------------


def _settle(session: Session, matter: Matter) -> list[str]:
    """Write what a file comes to; a copy is deleted in the same commit."""
    if matter.versions is None:
        return []
    text = settled(matter.path, matter.versions, answers.load(session.displaced.parent), matter.source)[0]
    file = session.vault.files.get(matter.path)
    edits = [Edit(matter.path, file.text if file else None, text)]
    if matter.copy:
        edits.append(Edit(matter.copy, matter.versions.theirs, None))
    item = file.item if file else None
    name = item.id if item else matter.path
    change = Change(tuple(edits), f"resolve {name}", items=(item.id,) if item else ())
    if matter.source == "markers":
        return _settle_marked(session, change, matter.path)
    outcome = session.carry_out(replace(change, details=(f"{matter.copy} merged into it",)))
    return [str(outcome.waiting)] if outcome.waiting else []


def _is_unmerged(session: Session, path: str) -> bool:
    full = session.prefix + path
    entry = session.repo.index_entries([full]).get(full) if session.repo is not None else None
    return entry is not None and entry.stage > 0


def _settle_marked(session: Session, change: Change, path: str) -> list[str]:
    """A marked file, written and committed as one edit: its markers never become history.

    In the middle of a merge of git's own it is marked as resolved there, and the commit is the user's.
    """
    try:
        writing.write(session.root, change.edits, displaced=session.displaced, op_id="resolve")
    except writing.Changed:
        raise Invalid(f"{path} changed meanwhile", "planner resolve shows what is asked now") from None
    session.refresh([path])
    if session.repo is None:
        return []
    if not _is_unmerged(session, path):
        session.commit_by_hand(change.subject, paths=[path])
        return []
    session.repo.run("add", "--", session.prefix + path)
    unfinished = session.repo.busy()
    return [f"git {unfinished} --continue goes on" if unfinished else "git commit makes it history"]


def authors(session: Session, path: str) -> tuple[str, str]:
    """Who changed a file last, here and on the other side, since both were one; empty where that cannot be told."""
    try:
        repo = syncing.repository(session)
        return syncing.last_authors(session, repo, session.prefix + path)
    except PlannerError:
        return "", ""
