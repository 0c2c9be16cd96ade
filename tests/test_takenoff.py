"""What a race with the user's git takes off the branch is committed again; what a person takes off stays off."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from planner.commands import Add, Comment, Delete, Move
from planner.session import Outcome
from planner.store import reflog, trust, writing
from planner.store.journal import Journal
from planner.store.reflog import TakenOff, raced
from tests.test_placing import PATH, git, make_root, opened

ONE, TWO = "1" * 40, "2" * 40


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path)


def line(old: str, new: str, message: str) -> bytes:
    """A line of a reflog."""
    return f"{old} {new} Ana <ana@x> 1795778362 +0000\t{message}\n".encode()


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (b"", []),
        (line(ONE, ONE, "reset: moving to HEAD"), []),
        (line(ONE, TWO, "reset: moving to HEAD"), [TakenOff(ONE, TWO)]),
        (line(ONE, TWO, "reset: moving to HEAD~1"), []),
        (line(ONE, TWO, "commit: reset: moving to HEAD"), []),
        (line(ONE, TWO, "reset: moving to HEAD")[30:], []),
        (line(ONE, TWO, "reset: moving to HEAD") * 2, [TakenOff(ONE, TWO)] * 2),
    ],
)
def test_a_reset_to_head_that_moved_head_is_a_race(log: bytes, expected: list[TakenOff]) -> None:
    assert raced(log) == expected


def race(root: Path, commits: int) -> None:
    """As `git stash` does where it read HEAD before these commits and sets it after them."""
    git(root, "update-ref", "-m", "reset: moving to HEAD", "HEAD", f"HEAD~{commits}")
    git(root, "read-tree", "-u", "--reset", "HEAD")


def times_made(root: Path, outcome: Outcome) -> int:
    """How many commits of the branch are this operation's."""
    return git(root, "log", "--format=%B").count(f"Planner-Op: {outcome.op}")


def test_what_a_stash_took_off_is_committed_again_at_the_next_start(root: Path) -> None:
    with opened(root) as session:
        said = session.run(Comment("k7f3qx", "said before the stash"))
        moved = session.run(Move(("k7f3qx",), "doing"))
        added = session.run(Add("Made before the stash"))
        gone = session.run(Delete(("m2d9hz",)))
    wanted = git(root, "rev-parse", "HEAD^{tree}")
    race(root, 4)
    assert "said before" not in (root / PATH).read_text(encoding="utf-8")
    with opened(root) as session:
        assert sum("committed again" in notice for notice in session.notices) == 4
    assert git(root, "rev-parse", "HEAD^{tree}") == wanted
    assert [times_made(root, one) for one in (said, moved, added, gone)] == [1, 1, 1, 1]
    assert git(root, "status", "--porcelain") == ""
    bodies = git(root, "log", "-4", "--format=%B")
    assert bodies.count("Planner-Op: ") == 4
    head = git(root, "rev-parse", "HEAD")
    opened(root).close()
    assert git(root, "rev-parse", "HEAD") == head


def test_a_session_that_runs_puts_it_under_its_next_change_and_keeps_the_hand_edit(root: Path) -> None:
    with opened(root) as session:
        said = session.run(Comment("k7f3qx", "said before the stash"))
        race(root, 1)
        file = root / PATH
        file.write_text(file.read_text(encoding="utf-8").replace("More of it.", "More by hand."), encoding="utf-8")
        session.refresh()
        moved = session.run(Move(("k7f3qx",), "doing"))
        assert moved.commit
    text = (root / PATH).read_text(encoding="utf-8")
    assert all(words in text for words in ("said before the stash", "status: doing", "More by hand."))
    assert git(root, "show", f"HEAD:{PATH}") == text
    assert (times_made(root, said), times_made(root, moved)) == (1, 1)


def test_undo_takes_back_what_was_taken_off_and_not_what_was_before_it(root: Path) -> None:
    with opened(root) as session:
        session.run(Comment("k7f3qx", "the first"))
        session.run(Comment("k7f3qx", "the second"))
        race(root, 1)
        session.undo()
    text = (root / PATH).read_text(encoding="utf-8")
    assert ("the first" in text, "the second" in text) == (True, False)


def test_what_a_person_resets_or_brings_back_is_left_alone(root: Path) -> None:
    with opened(root) as session:
        session.run(Comment("k7f3qx", "not wanted"))
        git(root, "reset", "--hard", "-q", "HEAD~1")
        session.refresh()
        said = session.run(Comment("k7f3qx", "taken off"))
        race(root, 1)
        git(root, "reset", "--hard", "-q", "HEAD@{1}")  # the person has seen it, and mended it
    head = git(root, "rev-parse", "HEAD")
    opened(root).close()
    assert git(root, "rev-parse", "HEAD") == head
    assert times_made(root, said) == 1
    assert "not wanted" not in (root / PATH).read_text(encoding="utf-8")


def test_what_cannot_be_committed_again_yet_waits(root: Path) -> None:
    with opened(root) as session:
        session.run(Comment("k7f3qx", "said before the stash"))
    race(root, 1)
    (root / ".git" / "index.lock").touch()
    with opened(root) as session:
        assert [op.subject for op in session.journal.pending()] == ["comment k7f3qx: said before the stash"]
        assert "said before the stash" in (root / PATH).read_text(encoding="utf-8")
        (root / ".git" / "index.lock").unlink()
        session.retry()
        assert session.journal.pending() == []
    assert "said before the stash" in git(root, "show", f"HEAD:{PATH}")


def test_nothing_is_put_back_into_a_repository_before_it_is_trusted(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(home, str(tmp_path / home))
    with opened(root) as session:
        session.run(Comment("k7f3qx", "said before the stash"))
    race(root, 1)
    git(root, "config", "core.fsmonitor", "/bin/false")
    before = (git(root, "rev-parse", "HEAD"), (root / PATH).read_bytes())
    with opened(root) as session:
        assert any("is not made again yet" in notice for notice in session.notices)
        assert (git(root, "rev-parse", "HEAD"), (root / PATH).read_bytes()) == before
        assert session.repo is not None
        trust.examine(session.repo).consent()
        session.retry()
    assert "said before the stash" in git(root, "show", f"HEAD:{PATH}")


def test_what_cannot_be_written_holds_up_no_other_change(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(root) as session:
        said = session.run(Comment("k7f3qx", "said before the stash"))
        race(root, 1)
        session.refresh()
        with monkeypatch.context() as refusing:
            refusing.setattr(writing, "write", refused)
            session.retry()
        assert session.journal.pending() == []
        assert session.run(Move(("k7f3qx",), "doing")).commit
    assert times_made(root, said) == 1
    assert "said before the stash" in git(root, "show", f"HEAD:{PATH}")


def refused(*_: object, **__: object) -> None:
    raise writing.WriteFailed(PATH, OSError(errno.ENOSPC, "No space left on device"))


def test_what_was_dealt_with_is_not_looked_at_again(tmp_path: Path) -> None:
    git_dir, folder = tmp_path / "git", tmp_path / "planner"
    (git_dir / "logs").mkdir(parents=True)
    folder.mkdir()
    (git_dir / "logs" / "HEAD").write_bytes(line(ONE, TWO, "reset: moving to HEAD"))
    assert reflog.taken_off(str(git_dir), folder) == [TakenOff(ONE, TWO)]
    reflog.dealt_with(TakenOff(ONE, TWO), folder)
    assert reflog.taken_off(str(git_dir), folder) == []


def test_an_operation_undone_before_its_crash_was_recovered_is_not_made_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process died between the commit and the word on it in the journal; another one has undone it since."""
    with monkeypatch.context() as dying, opened(root) as first:
        dying.setattr(Journal, "committed", lambda *_: None)
        said = first.run(Comment("k7f3qx", "to be undone"))
    with opened(root) as second:
        second.undo(said.op)
    opened(root).close()
    assert "to be undone" not in (root / PATH).read_text(encoding="utf-8")
    assert times_made(root, said) == 1
    with opened(root) as last:
        assert last.journal.pending() == []


def test_one_process_finishes_an_orphan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Journal(tmp_path), Journal(tmp_path)
    first.begin("op", "subject", "", ())
    monkeypatch.setattr("planner.store.journal.own_name", lambda: "1:of another process")
    monkeypatch.setattr("planner.store.journal.is_alive_elsewhere", lambda owner: owner == "1:of another process")
    assert second.adopt("op")
    assert not second.adopt("op")
    second.compact()
    assert [op.owner for op in Journal(tmp_path).pending()] == ["1:of another process"]
