"""A change beside what the user has staged, and on a HEAD that went on: ours alone is committed, theirs stays as it was."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from planner import landing
from planner.commands import CheckItem, Comment, Delete, Move, Set, Tag
from planner.commands.base import Command
from planner.core.change import Edit
from planner.errors import PlannerError
from planner.placing import Ground, Placed, place
from planner.session import Session
from planner.store.git import HalfStaged, HeadMoved
from tests.conftest import Claims
from tests.proof import times

TODAY = date(2026, 11, 25)
PATH = "tasks/merge-k7f3qx.md"
HEAD = """---
id: k7f3qx
title: Merge driver
status: todo
due: 2026-12-01
tags: [git]
priority: low
---
Text of the task.

More of it.

And an end.

- [ ] one
- [ ] two
"""
OTHER = "---\nid: m2d9hz\ntitle: Other\nstatus: todo\n---\n"

Save = Callable[[str], str]


def replacing(old: str, new: str) -> Save:
    """An edit by hand: one place of a text made another."""
    return lambda text: text.replace(old, new)


COMMANDS: dict[str, tuple[Command, Save]] = {
    "move": (Move(("k7f3qx",), "doing"), replacing("status: todo", "status: doing")),
    "set": (Set(("k7f3qx",), ("due=2026-12-24",)), replacing("due: 2026-12-01", "due: 2026-12-24")),
    "tag": (Tag(("k7f3qx",), ("+urgent",)), replacing("[git]", "[git, urgent]")),
    "tick": (CheckItem("k7f3qx", 1), replacing("[ ] one", "[x] one")),
}
STAGED: dict[str, Save] = {
    "title": replacing("Merge driver", "The merge driver"),
    "priority": replacing("priority: low", "priority: high"),
    "body": replacing("Text of the task.", "A text of the task."),
    "new field": replacing("priority: low\n", "priority: low\nproject: web\n"),
    "step": replacing("[ ] two", "[x] two"),
}
UNSTAGED: dict[str, Save] = {
    "nothing": str,
    "title": replacing("Merge driver", "Merge driver 2"),
    "body": replacing("And an end.", "And another end."),
    "undone": lambda _: HEAD,
}


def git(folder: Path, *args: str, data: str | None = None) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", *args], cwd=folder, env=env, capture_output=True, check=True, input=data, encoding="utf-8"
    )
    return done.stdout


def write(root: Path, text: str, path: str = PATH) -> None:
    (root / path).write_bytes(text.encode())


def make_root(tmp_path: Path) -> Path:
    """A vault of two tasks in a repository of its own."""
    folder = tmp_path / "vault"
    (folder / "tasks").mkdir(parents=True)
    write(folder, "", "planner.toml")
    write(folder, HEAD)
    write(folder, OTHER, "tasks/other-m2d9hz.md")
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(folder, "config", key, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path)


def opened(root: Path) -> Session:
    return Session.open(root, today=TODAY)


def stage(root: Path, text: str, path: str = PATH) -> None:
    write(root, text, path)
    git(root, "add", path)


def texts(root: Path) -> tuple[str, str, str]:
    """The task in HEAD, in the index and in the work tree."""
    return git(root, "show", f"HEAD:{PATH}"), git(root, "show", f":0:{PATH}"), (root / PATH).read_bytes().decode()


def take(root: Path, lock: str) -> None:
    """A lock as somebody has held it for a while: it is not waited for."""
    (root / ".git" / lock).touch()
    os.utime(root / ".git" / lock, (time.time() - 60,) * 2)


def reset(root: Path, start: str) -> None:
    git(root, "reset", "-q", "--hard", start)


# ---- half-staged files -----------------------------------------------------------------------------------------------


@pytest.mark.proof
def test_our_change_alone_is_committed_and_theirs_stays_staged_and_unstaged(root: Path, claims: Claims) -> None:
    """HEAD, index and work tree each become what the command alone would have made of them."""
    start = git(root, "rev-parse", "HEAD").strip()
    cases = list(product(COMMANDS, STAGED, UNSTAGED))
    step = times(7, 1)
    with claims(
        "a half-staged file: ours alone committed, theirs still staged and unstaged", len(cases[::step])
    ) as claim:
        for name, what, where in cases[::step]:
            (command, ours), staging, saving = COMMANDS[name], STAGED[what], UNSTAGED[where]
            reset(root, start)
            stage(root, staging(HEAD))
            write(root, saving(staging(HEAD)))
            outcome = opened(root).run(command)
            wanted = (ours(HEAD), ours(staging(HEAD)), ours(saving(staging(HEAD))))
            parent = git(root, "rev-parse", "HEAD~1").strip()
            holds = outcome.waiting is None and texts(root) == wanted and parent == start
            claim.check(holds, (name, what, where, outcome.waiting, texts(root)))


def test_a_comment_beside_a_staged_body(root: Path) -> None:
    stage(root, STAGED["body"](HEAD))
    opened(root).run(Comment("k7f3qx", "well done"))
    head, index, _ = texts(root)
    assert "well done" in head
    assert "A text" not in head
    assert index == STAGED["body"](head)
    assert git(root, "diff") == ""


def test_undo_of_a_change_beside_staged_work_takes_back_only_ours(root: Path) -> None:
    stage(root, STAGED["title"](HEAD))
    write(root, UNSTAGED["body"](STAGED["title"](HEAD)))
    opened(root).run(COMMANDS["move"][0])
    assert opened(root).undo().waiting is None
    assert texts(root) == (HEAD, STAGED["title"](HEAD), UNSTAGED["body"](STAGED["title"](HEAD)))


def test_many_changes_in_a_row_beside_staged_work(root: Path) -> None:
    stage(root, STAGED["title"](HEAD))
    session = opened(root)
    expected = HEAD
    for command, ours in COMMANDS.values():
        assert session.run(command).waiting is None
        expected = ours(expected)
        assert texts(root) == (expected, STAGED["title"](expected), STAGED["title"](expected))
    git(root, "commit", "-qm", "theirs")
    assert texts(root)[0] == STAGED["title"](expected)


def test_the_same_field_staged_waits_says_why_and_lands_once_that_is_committed(root: Path) -> None:
    stage(root, HEAD.replace("status: todo", "status: review"))
    before = git(root, "rev-parse", "HEAD"), git(root, "diff", "--cached")
    session = opened(root)
    outcome = session.run(COMMANDS["move"][0])
    assert isinstance(outcome.waiting, HalfStaged)
    assert "is staged with a change of status" in outcome.waiting.message
    assert "git restore --staged" in outcome.waiting.hint
    assert (git(root, "rev-parse", "HEAD"), git(root, "diff", "--cached")) == before
    other = session.run(Move(("m2d9hz",), "doing"))  # what waits for one file does not hold up another
    assert other.waiting is None
    again = session.run(COMMANDS["tag"][0])  # but a later change of the same file comes after it
    assert isinstance(again.waiting, HalfStaged)
    git(root, "commit", "-qm", "theirs")
    session.retry()
    assert git(root, "log", "-3", "--format=%s").split("\n")[:3] == [
        "tag k7f3qx: +urgent",
        "move k7f3qx: review → doing",
        "theirs",
    ]
    assert git(root, "status", "--porcelain") == ""


def test_the_same_field_staged_and_then_unstaged_is_an_edit_by_hand(root: Path) -> None:
    stage(root, HEAD.replace("status: todo", "status: review"))
    assert opened(root).run(COMMANDS["move"][0]).waiting is not None
    git(root, "restore", "--staged", PATH)
    opened(root)  # any next start commits what waited
    assert git(root, "log", "-2", "--format=%s").split("\n")[:2] == [
        "move k7f3qx: review → doing",
        "edit k7f3qx: status todo → review",
    ]
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda root: git(root, "rm", "-q", "--cached", PATH), "staged as deleted"),
        (lambda root: stage(root, HEAD.replace("k7f3qx", "q8n4tc"), "tasks/new.md"), "staged as a new file"),
    ],
)
def test_what_is_staged_as_new_or_deleted_waits(root: Path, prepare: Callable[[Path], object], words: str) -> None:
    prepare(root)
    staged = git(root, "diff", "--cached")
    id_ = "q8n4tc" if "new" in words else "k7f3qx"
    outcome = opened(root).run(Move((id_,), "doing"))
    assert outcome.waiting is not None
    assert words in outcome.waiting.message
    assert git(root, "diff", "--cached") == staged
    git(root, "commit", "-qm", "theirs")
    opened(root)
    if "new" in words:
        assert git(root, "log", "-1", "--format=%s") == "move q8n4tc: todo → doing\n"
        assert git(root, "status", "--porcelain") == ""


def test_a_file_that_is_taken_away_waits_for_what_is_staged_of_it(root: Path) -> None:
    stage(root, STAGED["title"](HEAD))
    staged = git(root, "diff", "--cached")
    outcome = opened(root).run(Delete(("k7f3qx",)))
    assert outcome.waiting is not None
    assert "takes the file away" in outcome.waiting.message
    assert git(root, "diff", "--cached") == staged


def test_half_staged_with_windows_line_ends_and_automatic_conversion(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    windows = HEAD.replace("\n", "\r\n")
    stage(root, STAGED["title"](windows))
    command, ours = COMMANDS["move"]
    assert opened(root).run(command).waiting is None
    head, index, work = texts(root)
    assert (head, index) == (ours(HEAD), ours(STAGED["title"](HEAD)))
    assert work == ours(STAGED["title"](windows))


@pytest.mark.parametrize("lock", ["HEAD.lock", "refs/heads/main.lock", "index.lock"])
def test_staged_work_survives_a_commit_that_had_to_wait(root: Path, lock: str) -> None:
    stage(root, STAGED["title"](HEAD))
    command, ours = COMMANDS["move"]
    take(root, lock)
    outcome = opened(root).run(command)
    assert outcome.waiting is not None
    assert git(root, "show", f":0:{PATH}") == STAGED["title"](HEAD)
    (root / ".git" / lock).unlink()
    opened(root)
    assert texts(root) == (ours(HEAD), ours(STAGED["title"](HEAD)), ours(STAGED["title"](HEAD)))


# ---- HEAD went on ----------------------------------------------------------------------------------------------------


def waiting_move(root: Path) -> Session:
    """A session whose change of status is on disk and not committed yet."""
    session = opened(root)
    take(root, "HEAD.lock")
    assert session.run(COMMANDS["move"][0]).waiting is not None
    (root / ".git" / "HEAD.lock").unlink()
    return session


def commit_in_head(root: Path, text: str) -> None:
    """A commit on the branch that the work tree and the index do not follow, as a push into it would make."""
    blob = git(root, "hash-object", "-w", "--stdin", data=text).strip()
    git(root, "update-index", "--cacheinfo", f"100644,{blob},{PATH}")
    git(root, "commit", "-qm", "theirs")


def test_a_waiting_change_lands_on_top_of_what_head_got_meanwhile(root: Path) -> None:
    session = waiting_move(root)
    commit_in_head(root, STAGED["title"](HEAD))
    session.retry()
    assert texts(root)[0] == COMMANDS["move"][1](STAGED["title"](HEAD))
    assert session.journal.pending() == []


def test_a_waiting_change_committed_by_the_user_is_not_committed_again(root: Path) -> None:
    session = waiting_move(root)
    git(root, "commit", "-qam", "all of it")
    write(root, STAGED["title"](COMMANDS["move"][1](HEAD)))
    git(root, "commit", "-qam", "and on")
    head = git(root, "rev-parse", "HEAD")
    session.retry()
    assert (git(root, "rev-parse", "HEAD"), session.journal.pending()) == (head, [])


def test_what_the_users_commit_took_along_never_leaves_history_again(root: Path) -> None:
    """The last tag was committed before the move that came and went: the text without it was put back as a hand edit."""
    session, lock = opened(root), root / ".git" / "index.lock"
    lock.touch()
    there, back = COMMANDS["move"][0], Move(("k7f3qx",), "todo")
    for command in (Tag(("k7f3qx",), ("+early",)), there, back, Tag(("k7f3qx",), ("+late",))):
        assert session.run(command).waiting
    lock.unlink()
    git(root, "commit", "-qam", "all of it")
    taken = git(root, "rev-parse", "HEAD").strip()
    session.retry()
    assert session.journal.pending() == []
    since = git(root, "rev-list", "--reverse", f"{taken}..HEAD").split()
    shown = [git(root, "show", f"{commit}:{PATH}") for commit in since]
    assert [("status: doing" in text, "late" in text) for text in shown] == [(True, True), (False, True)]
    assert shown[-1] == (root / PATH).read_text(encoding="utf-8")


def test_an_earlier_change_goes_first_although_an_editor_saved_between(root: Path) -> None:
    session = opened(root)
    take(root, "index.lock")
    assert session.run(Tag(("k7f3qx",), ("+early",))).waiting
    write(root, replacing("And an end.", "And another end.")((root / PATH).read_text(encoding="utf-8")))
    session.refresh()
    assert session.run(COMMANDS["move"][0]).waiting
    early, move = session.journal.pending()
    assert early.edits[0].after != move.edits[0].before
    assert landing._earlier(session, move, move.edits) == early
    assert landing._earlier(session, early, early.edits) is None


def test_what_an_editor_saved_between_two_waiting_changes_is_history_too(root: Path) -> None:
    session = opened(root)
    take(root, "index.lock")
    assert session.run(Tag(("k7f3qx",), ("+early",))).waiting
    saved = replacing("And an end.", "And another end.")((root / PATH).read_text(encoding="utf-8"))
    write(root, saved)
    session.refresh()
    assert session.run(COMMANDS["move"][0]).waiting
    write(root, replacing("And another end.", "And no end.")((root / PATH).read_text(encoding="utf-8")))
    (root / ".git" / "index.lock").unlink()
    session.retry()
    assert session.journal.pending() == []
    subjects = git(root, "log", "--reverse", "--format=%s").split("\n")[1:]
    assert [subject.split(":")[0] for subject in subjects if subject] == ["tag k7f3qx", "edit k7f3qx", "move k7f3qx"]
    assert git(root, "show", f"HEAD~1:{PATH}") == saved
    assert git(root, "show", f"HEAD:{PATH}") == COMMANDS["move"][1](saved)
    assert "And no end." in (root / PATH).read_text(encoding="utf-8")


def test_what_another_recovered_meanwhile_is_not_recovered_again_on_another_branch(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(root, "index.lock")
    with opened(root) as first:
        assert first.run(COMMANDS["move"][0]).waiting
    (root / ".git" / "index.lock").unlink()
    looked = landing.land_waiting

    def late(session: Session) -> landing.Landed:
        """Between the look at the journal and the landing the other one lands, and the user leaves for another branch."""
        stale = session.journal.pending()
        with monkeypatch.context() as inner:
            inner.setattr(landing, "land_waiting", looked)
            git(root, "checkout", "-qb", "side")
            git(root, "commit", "-q", "--allow-empty", "-m", "theirs")  # else both would be one and the same commit
            opened(root).close()
            git(root, "checkout", "-q", "main")
            answers = iter([stale])
            inner.setattr(session.journal, "pending", lambda: next(answers, []))
            inner.setattr(session.journal, "orphans", lambda: stale)
            return looked(session)

    monkeypatch.setattr(landing, "land_waiting", late)
    opened(root).close()
    subjects = git(root, "log", "--all", "--format=%s")
    assert subjects.count("move k7f3qx") == 1


def test_a_text_that_history_has_had_before_is_committed_all_the_same(root: Path) -> None:
    """todo, then doing are history; by hand it becomes review, and then todo again by a wish."""
    opened(root).run(COMMANDS["move"][0])
    write(root, HEAD.replace("status: todo", "status: review"))
    assert opened(root).run(Move(("k7f3qx",), "todo")).commit
    assert texts(root) == (HEAD, HEAD, HEAD)


def test_a_file_restored_from_an_older_commit_keeps_that_as_an_uncommitted_edit(root: Path) -> None:
    newer = STAGED["title"](HEAD)
    stage(root, newer)
    git(root, "commit", "-qm", "newer")
    git(root, "restore", "--source", "HEAD~1", PATH)
    command, ours = COMMANDS["move"]
    assert opened(root).run(command).commit
    assert texts(root) == (ours(newer), ours(newer), ours(HEAD))


# ---- the decision, pure ----------------------------------------------------------------------------------------------

A, B = "---\nstatus: a\n---\n", "---\nstatus: b\n---\n"
C, D = "---\nstatus: c\n---\n", "---\nstatus: b\ntitle: t\n---\n"
E = "---\nstatus: e\n---\n"


@pytest.mark.parametrize(
    ("ground", "expected"),
    [
        (Ground(A, A, B), Placed(B)),
        (Ground(A, B, B), Placed(B)),  # the index was written, then we were killed
        (Ground(B, B, B), Placed(B)),
        (Ground(C, C, B), Placed(B, by_hand=True, hand=A)),
        (Ground(D, D, B, landed=True), Placed(D)),
        (Ground(D, D, D, past=frozenset({B})), Placed(D)),
        (Ground(None, None, B), Placed(B, by_hand=True, hand=A)),
        (Ground(C, C, D, went_on=True), Placed(B)),  # it does not fit: what came after it is in the file and comes too
        (Ground(C, C, C, went_on=True), Placed(C)),
        (Ground(C, C, B, past=frozenset({A})), Placed(B)),  # the file says what we wrote: it is newer than HEAD
        (Ground(C, C, C, past=frozenset({A})), Placed(C)),  # the user's word, in HEAD and in the file, is the last
    ],
)
def test_where_a_change_from_a_to_b_lands(ground: Ground, expected: Placed) -> None:
    assert place(Edit("x.md", A, B), ground) == expected


@pytest.mark.parametrize(
    ("edit", "ground", "error"),
    [
        (Edit("x.md", A, B), Ground(A, C, B), HalfStaged),
        (Edit("x.md", A, B), Ground(A, None, B), HalfStaged),
        (Edit("x.md", A, B), Ground(None, A, B), HalfStaged),
        (Edit("x.md", None, B), Ground(A, C, B), HalfStaged),
        (Edit("x.md", A, None), Ground(A, C, None), HalfStaged),
        (Edit("x.md", A, B), Ground(C, C, E, past=frozenset({A})), HeadMoved),
        (Edit("x.md", A, None), Ground(C, C, None, past=frozenset({A})), HeadMoved),
    ],
)
def test_what_has_to_wait_names_the_file_and_the_way_out(edit: Edit, ground: Ground, error: type[PlannerError]) -> None:
    with pytest.raises(error, match=r"x\.md") as waits:
        place(edit, ground)
    assert "git" in waits.value.hint
