"""Where a change lands when HEAD or the index holds another text than it was made from: our change alone, or it waits.

The commit is HEAD's text with our change, the index entry the user's staged text with our change; both are merged by
fields, with the text before our change as base. So what the user has staged stays staged, and only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.core.change import Edit
from planner.core.merge import Side, always, merge_texts
from planner.core.record import dataclass, replace
from planner.store.git import AGAIN, GitBusy, HalfStaged, HeadMoved, IndexEntry, Repository
from planner.store.history import changed_files
from planner.store.journal import Pending
from planner.store.objects import entry_at, file_text, read_trees

RECENT = 60  # commits looked at to tell an edit by hand from a HEAD that went on


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is at one path: in HEAD, in the index, in the file, and in HEAD before; None is no file.

    `past`, `went_on` (HEAD has another text than when the operation was begun, which was `then`) and `landed` (the
    operation itself is in history) are only looked for where HEAD's text is not the one the change was made from.
    `stored` is HEAD's text as git keeps it, `entry` the index entry.
    """

    head: str | None
    staged: str | None
    disk: str | None
    past: frozenset[str | None] = frozenset()
    went_on: bool = False
    then: str | None = None
    landed: bool = False
    stored: bytes | None = None
    entry: IndexEntry | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What an edit comes to: the text to commit, the one to stage where that differs, and whether there is an edit by
    hand that is committed first, as `hand`."""

    commit: str | None
    stage: str | None = None
    by_hand: bool = False
    hand: str | None = None


def place(edit: Edit, ground: Ground) -> Placed:
    """Where an edit lands; raises HalfStaged or HeadMoved where it has to wait for the user."""
    if ground.landed:
        return Placed(ground.head)
    left_by_a_crash = ground.staged == edit.after and ground.head == edit.before
    if ground.staged != ground.head and not left_by_a_crash:
        return _beside_staged(edit, ground)
    if ground.head in (edit.before, edit.after):
        return Placed(edit.after)
    if edit.before in ground.past or (edit.after in ground.past and ground.disk != edit.after):
        return _on_top(edit, ground)
    if _is_held(edit, ground.head):
        return Placed(ground.head)  # a commit of somebody's took the file as it lay, this change in it
    if not ground.went_on:
        return Placed(edit.after, by_hand=True, hand=edit.before)
    return _after_hand(edit, ground) or _on_top(edit, ground)


def _is_held(edit: Edit, head: str | None) -> bool:
    """Whether HEAD's text has the change already, among others; a merge may put log entries in another order."""
    if edit.before is None or edit.after is None or head is None:
        return False
    merged = merge_texts(base=edit.before, ours=head, theirs=edit.after)
    return not merged.conflicts and _says_the_same(merged.text, head)


def _says_the_same(one: str, other: str) -> bool:
    return sorted(one.split("\n")) == sorted(other.split("\n"))


def _after_hand(edit: Edit, ground: Ground) -> Placed | None:
    """Our change on what was edited by hand before it, where HEAD has gone on too; None where nothing was."""
    if edit.before is None or edit.after is None or ground.head is None or ground.then is None:
        return None
    by_hand = merge_texts(base=ground.then, ours=ground.head, theirs=edit.before)
    if by_hand.conflicts or _says_the_same(by_hand.text, ground.head):
        return None
    ours = merge_texts(base=edit.before, ours=by_hand.text, theirs=edit.after, favor=always(Side.THEIRS))
    return Placed(ours.text, by_hand=True, hand=by_hand.text)


def _beside_staged(edit: Edit, ground: Ground) -> Placed:
    """Our change in HEAD's text and in the staged one; the work tree has it already."""
    path, unstage = edit.path, f"or `git restore --staged {edit.path}`; {AGAIN}"
    if ground.head is None:
        raise HalfStaged(
            f"{path} is staged as a new file; this change waits until you commit it.", f"`git commit`, {unstage}"
        )
    if ground.staged is None:
        raise HalfStaged(f"{path} is staged as deleted; this change waits.", f"`git commit`, {unstage}")
    if edit.before is None or edit.after is None:
        what = "makes the file anew" if edit.before is None else "takes the file away"
        raise HalfStaged(
            f"{path} is staged with a change of yours; this change {what} and waits.", f"`git commit`, {unstage}"
        )
    onto_head = merge_texts(base=edit.before, ours=ground.head, theirs=edit.after)
    onto_staged = merge_texts(base=edit.before, ours=ground.staged, theirs=edit.after)
    if clashes := (*onto_head.conflicts, *onto_staged.conflicts):
        fields = ", ".join(dict.fromkeys(clash.field for clash in clashes))
        message = (
            f"{path} is staged with a change of {fields}, which this change sets too; it waits until you commit that."
        )
        raise HalfStaged(message, f"`git commit`, {unstage}")
    return Placed(onto_head.text, onto_staged.text)


def _on_top(edit: Edit, ground: Ground) -> Placed:
    """HEAD has gone on from the text the change was made from: our change on top, unless HEAD's text is the last word."""
    merged = None
    if edit.after is not None and ground.head is not None:
        merged = merge_texts(base=edit.before, ours=ground.head, theirs=edit.after, favor=always(Side.THEIRS))
        if not merged.conflicts:
            return Placed(merged.text)
    if ground.disk == ground.head:
        return Placed(ground.head)
    if merged is not None and (edit.before not in ground.past or _is_held(edit, ground.disk)):
        # What the file says is newer than HEAD: our change, or a later one that somebody's commit took along.
        return Placed(merged.text)
    message = f"{edit.path} was committed meanwhile with another text that this change does not fit; it waits."
    raise HeadMoved(message, f"Make the file say what it should, then `git commit {edit.path}`.")


def look(repo: Repository, op: Pending, edits: Sequence[Edit], prefix: str) -> Mapping[str, Ground]:
    """What there is at the path of each edit of an operation; raises GitBusy where one is in an unresolved conflict."""
    head = repo.head().commit
    full = {edit.path: prefix + edit.path for edit in edits}
    trees = read_trees(repo, head, full.values())
    index = repo.index_entries(list(full.values()))
    grounds = {}
    for edit in edits:
        path = full[edit.path]
        committed, entry = entry_at(trees, path), index.get(path)
        if entry and entry.stage:
            raise GitBusy(
                f"{edit.path} has an unresolved conflict in git's index.", f"Resolve it, then `git add {path}`."
            )
        stored = repo.blobs([committed[1]]).get(committed[1]) if committed else None
        text = _worktree_text(repo, f"{head}:{path}") if committed else None
        announced = (
            entry is not None and committed is None and repo.blobs([entry.oid]) == {entry.oid: b""}
        )  # git add -N
        same = announced or (entry and entry.oid) == (committed and committed[1])
        staged = text if same or entry is None else _worktree_text(repo, f":0:{path}")
        if entry is None and committed is not None:
            staged = None
        disk = _text(file_text(repo, path))
        ground = Ground(text, staged, disk, stored=stored, entry=entry)
        if text not in (edit.before, edit.after):
            past, landed = _past(repo, op.op_id, path)
            ground = replace(ground, past=past, landed=landed)
            if op.head is not None and _is_known(repo, op.head):
                then = entry_at(read_trees(repo, op.head, [path]), path)
                if (then and then[1]) != (committed and committed[1]):
                    began = _worktree_text(repo, f"{op.head}:{path}") if then else None
                    ground = replace(ground, went_on=True, then=began)
        grounds[edit.path] = ground
    return grounds


def _worktree_text(repo: Repository, name: str) -> str | None:
    """A blob as `git checkout` would write it."""
    return _text(repo.run("cat-file", "--filters", name))


def _is_known(repo: Repository, commit: str) -> bool:
    return repo.try_run("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def _past(repo: Repository, op: str, path: str) -> tuple[frozenset[str | None], bool]:
    """The texts a path has had in recent history, and whether the operation is one of its commits.

    A text stored with LF counts with CRLF too: line-end filters are undone by that.
    """
    oids: set[str] = set()
    texts: set[str | None] = set()
    landed = False
    for commit, changed in changed_files(repo, ("HEAD",), path, limit=RECENT):
        landed |= commit.op == op
        for name, old, new in changed:
            if name == path:
                oids.update(oid for oid in (old, new) if oid)
                texts.update({None} if old is None or new is None else ())
    stored = {_text(blob) or "" for blob in repo.blobs(oids).values()}
    return frozenset(texts | stored | {text.replace("\n", "\r\n") for text in stored if "\r\n" not in text}), landed


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")
