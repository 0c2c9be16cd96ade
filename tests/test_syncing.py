"""Two clones meet through a remote: both sides' work is in both, or people are asked; and every way a remote can fail."""

from __future__ import annotations

import http.server
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planner import resolving
from planner.commands import Move, Tag
from planner.errors import GitFailed, Invalid, NotFound
from planner.session import Session
from planner.store import advance, remote, staging
from planner.store.fsops import Completed
from planner.store.remote import Cancelled, NothingToSyncWith, Refused, Rewritten
from planner.syncing import fetch_only, run
from tests.team import NAME, TASK, Clone, clone, git, make_origin, try_git


@dataclass(frozen=True, slots=True)
class Team:
    """Ana and Bo, and where they meet."""

    origin: Path
    ana: Clone
    bo: Clone


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    origin = make_origin(folder)
    for name in ("ana", "bo"):
        clone(origin, folder, name)
    return folder


@pytest.fixture
def team(template: Path, tmp_path: Path) -> Team:
    folder = tmp_path / "team"
    shutil.copytree(template, folder, symlinks=True)
    for name in ("ana", "bo"):
        git(folder / name, "remote", "set-url", "origin", str(folder / "origin.git"))
    return Team(folder / "origin.git", Clone(folder / "ana"), Clone(folder / "bo"))


def settle(team: Team) -> None:
    """Both sync until both have everything."""
    for one in (team.ana, team.bo, team.ana):
        assert not one.session().sync().questions
    assert team.ana.head == team.bo.head
    assert team.ana.is_clean()
    assert team.bo.is_clean()


# ---- what both changed -----------------------------------------------------------------------------------------------


def test_work_on_one_file_meets_field_by_field(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.edit("[ ] by key", "[x] by key")
    team.bo.edit("high", "low")
    team.bo.edit("[git]", "[git, sync]")
    team.bo.edit("begun\n", "begun\n- 2026-11-21 10:00 bo: more\n")
    team.bo.write(TASK.replace("k7f3qx", "m2d9hz"), "tasks/other-m2d9hz.md")
    assert team.ana.session().sync().sentence == "origin/main: sent 1 commit"
    done = team.bo.session().sync()
    assert done.sentence == "origin/main: received 1 commit, sent 2 commits, merged 1 file that both sides changed"
    settle(team)
    both = TASK.replace("todo", "doing").replace("[ ] by key", "[x] by key").replace("high", "low")
    both = both.replace("[git]", "[git, sync]").replace("begun\n", "begun\n- 2026-11-21 10:00 bo: more\n")
    assert team.ana.read() == team.bo.read() == both
    assert (team.ana.root / "tasks/other-m2d9hz.md").is_file()


def test_nothing_new_is_nothing_done(team: Team) -> None:
    before = team.ana.head
    assert team.ana.session().sync().sentence == "origin/main: nothing new on either side"
    assert team.ana.head == before


def test_a_question_leaves_everything_as_it_was_and_work_goes_on(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.bo.edit("todo", "done")
    session = team.bo.session()
    done = session.sync()
    assert done.sentence == "sync waits: 1 question about 1 file"
    assert [(q.field, q.base, q.ours, q.theirs) for q in done.questions] == [("status", "todo", "done", "doing")]
    assert team.bo.read() == TASK.replace("todo", "done")
    assert team.bo.is_clean()
    team.bo.edit("high", "low")  # the work goes on, committed as always
    assert session.sync().questions
    [matter] = resolving.matters(session)
    assert resolving.authors(session, matter.path) == ("Bo", "Ana")
    assert not resolving.resolve(session, "k7f3qx", {"status": "theirs"}).left
    assert team.bo.read() == TASK.replace("todo", "doing").replace("high", "low")
    settle(team)


def test_an_answer_may_be_a_third_value_but_not_nonsense(team: Team) -> None:
    team.ana.edit("2026-11-20", "2026-11-19")
    team.ana.edit("priority: high\n", "priority: high\ndue: 2026-12-01\n")
    team.ana.session().sync()
    team.bo.edit("priority: high\n", "priority: high\ndue: 2026-12-02\n")
    session = team.bo.session()
    session.sync()
    with pytest.raises(Invalid, match="a date"):
        resolving.resolve(session, NAME, {"due": "soon"})
    with pytest.raises(Invalid, match="nothing is asked about status"):
        resolving.resolve(session, NAME, {"status": "ours"})
    with pytest.raises(NotFound):
        resolving.resolve(session, "tasks/nobody.md", {})
    resolving.resolve(session, NAME, {"due": "2026-12-03"})
    assert "due: 2026-12-03\n" in team.bo.read()
    assert "2026-11-19" in team.bo.read()
    settle(team)


def test_an_answer_is_no_answer_to_another_question(team: Team) -> None:
    for status, other in (("doing", "done"), ("review", "done")):
        team.ana.write(TASK.replace("todo", status).replace("[git]", f"[git, {status}]"))
        team.ana.session().sync()
        team.bo.write(TASK.replace("todo", other).replace("high", "urgent"))
        session = team.bo.session()
        assert [q.field for q in session.sync().questions] == ["status"]
        if status == "doing":  # answered, but before the merge is made Ana changes her mind
            [question] = resolving.matters(session)[0].questions
            from planner.store import answers

            answers.save(session.displaced.parent, {question.key: "theirs"})
    assert team.bo.read().count("status: done") == 1


@pytest.mark.parametrize(("answer", "there"), [("keep", True), ("theirs", True), ("ours", False), ("delete", False)])
def test_a_file_deleted_here_and_edited_there_is_asked_about(team: Team, answer: str, there: bool) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    (team.bo.root / NAME).unlink()
    session = team.bo.session()
    assert [(q.field, q.ours) for q in session.sync().questions] == [("file", None)]
    assert not (team.bo.root / NAME).exists()
    resolving.resolve(session, NAME, {"file": answer})
    assert (team.bo.root / NAME).exists() == there
    settle(team)
    assert (team.ana.root / NAME).exists() == there


@pytest.mark.parametrize(
    ("answer", "name"), [("ours", "tasks/b.md"), ("theirs", "tasks/a.md"), ("tasks/c.md", "tasks/c.md")]
)
def test_a_file_with_two_new_names_gets_the_one_people_choose_and_both_texts(
    team: Team, answer: str, name: str
) -> None:
    team.ana.git("mv", NAME, "tasks/a.md")
    team.ana.edit("todo", "doing", "tasks/a.md")
    team.ana.git("commit", "-qam", "rename")
    team.ana.session().sync()
    team.bo.git("mv", NAME, "tasks/b.md")
    team.bo.edit("high", "low", "tasks/b.md")
    team.bo.git("commit", "-qam", "rename")
    session = team.bo.session()
    assert [q.field for q in session.sync().questions] == ["path"]
    with pytest.raises(Invalid, match="is no path"):
        resolving.resolve(session, NAME, {"path": "../c.md"})
    resolving.resolve(session, NAME, {"path": answer})
    assert [path.name for path in (team.bo.root / "tasks").iterdir()] == [Path(name).name]
    assert team.bo.read(name) == TASK.replace("todo", "doing").replace("high", "low")
    settle(team)


def test_a_file_moved_there_and_edited_here_is_edited_where_it_is_now(team: Team) -> None:
    team.ana.git("mv", NAME, "tasks/moved.md")
    team.ana.edit("todo", "doing", "tasks/moved.md")
    team.ana.git("commit", "-qam", "move")
    team.ana.session().sync()
    team.bo.edit("high", "low")
    assert not team.bo.session().sync().questions
    assert team.bo.read("tasks/moved.md") == TASK.replace("todo", "doing").replace("high", "low")
    settle(team)


def test_three_heads_are_merged_one_after_the_other(team: Team) -> None:
    for name, (old, new) in {"one": ("todo", "doing"), "two": ("high", "low"), "three": ("[git]", "[git, x]")}.items():
        team.ana.git("switch", "-qc", name, "origin/main")
        team.ana.edit(old, new)
        team.ana.git("commit", "-qam", name)
        team.ana.git("push", "-q", "origin", name)
    session = team.bo.session()
    for name in ("one", "two", "three"):
        (team.bo.root / "planner.toml").write_text(f'[sync]\nbranch = "{name}"\n')
        session.refresh()
        session.commit_by_hand("switch")
        session.sync()
    assert team.bo.read() == TASK.replace("todo", "doing").replace("high", "low").replace("[git]", "[git, x]")


# ---- the user's own work ---------------------------------------------------------------------------------------------


def test_a_save_while_the_merge_is_made_stays_in_the_file(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    session = team.bo.session()

    def save(words: str) -> None:
        if words.startswith("merging"):
            team.bo.edit("high", "low")

    run(session, say=save)
    assert team.bo.read() == TASK.replace("todo", "doing").replace("high", "low")
    assert "priority: low" not in team.bo.git("show", f"HEAD:{NAME}")
    settle(team)


def test_what_is_staged_stays_staged(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.bo.write("mine\n", "notes.txt")
    team.bo.git("add", "notes.txt")
    team.bo.session().sync()
    assert team.bo.git("status", "--porcelain") == "A  notes.txt\n"
    assert team.bo.read() == TASK.replace("todo", "doing")


def test_a_picture_that_came_lies_there_and_one_that_somebody_changed_is_not_touched(team: Team) -> None:
    team.ana.write("a\x00picture", "tasks/p.png")
    team.ana.git("add", "-A")
    team.ana.git("commit", "-qm", "picture")
    team.ana.session().sync()
    team.bo.session().sync()
    assert team.bo.read("tasks/p.png") == "a\x00picture"
    assert team.bo.is_clean()
    team.ana.write("another\x00picture", "tasks/p.png")
    team.ana.git("commit", "-qam", "picture")
    team.ana.session().sync()
    team.bo.write("my own\x00picture", "tasks/p.png")
    before = team.bo.head
    with pytest.raises(GitFailed, match=r"tasks/p\.png has changes in no commit"):
        team.bo.session().sync()
    assert team.bo.read("tasks/p.png") == "my own\x00picture"
    assert team.bo.head == before


def test_of_a_picture_that_both_changed_one_is_chosen(team: Team) -> None:
    team.ana.write("a\n\x00\nb\n", "tasks/p.png")
    team.ana.git("add", "-A")
    team.ana.git("commit", "-qm", "picture")
    settle(team)
    for one, picture in ((team.ana, "A\n\x00\nb\n"), (team.bo, "a\n\x00\nB\n")):  # by lines these would merge
        one.write(picture, "tasks/p.png")
        one.git("commit", "-qam", "another")
    team.ana.session().sync()
    session = team.bo.session()
    assert [(question.path, question.field) for question in session.sync().questions] == [("tasks/p.png", "file")]
    resolving.resolve(session, "tasks/p.png", {"file": "theirs"})
    settle(team)
    assert team.bo.read("tasks/p.png") == "A\n\x00\nb\n"


def test_a_kill_before_the_files_are_written_is_made_good_by_the_next_start(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    with monkeypatch.context() as patch:

        def killed(*_: object, **__: object) -> tuple[str, ...]:
            raise KeyboardInterrupt

        patch.setattr(advance, "_bring_files", killed)
        with pytest.raises(KeyboardInterrupt):
            team.bo.session().sync()
    assert team.bo.read() == TASK  # the ref has moved, the file has not
    team.bo.edit("high", "low")  # and somebody edits the old one
    session = team.bo.session()
    assert team.bo.read() == TASK.replace("todo", "doing").replace("high", "low")
    assert session.vault.get("k7f3qx") is not None
    settle(team)


def kill_before_the_ref_moves(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ana's status is in Bo's index, and what made that so is gone."""
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    with monkeypatch.context() as patch:
        patch.setattr(staging, "put_back", lambda *_: None)
        patch.setattr(staging, "forget", lambda *_: None)
        patch.setattr(advance, "_forget_record", lambda *_: None)

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(advance, "_move_head", killed)
        with pytest.raises(KeyboardInterrupt):
            team.bo.session().sync()
    assert team.bo.git("diff", "--cached", "--name-only") != ""


def test_a_kill_before_the_ref_moves_leaves_no_trace(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_before_the_ref_moves(team, monkeypatch)
    team.bo.session()
    assert team.bo.is_clean()
    assert team.bo.read() == TASK
    settle(team)


def test_a_wish_after_such_a_kill_is_not_taken_for_one_beside_staged_work(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = team.bo.session()
    kill_before_the_ref_moves(team, monkeypatch)
    assert running.run(Tag(items=("k7f3qx",), changes=("+x",))).commit
    assert team.bo.is_clean()
    settle(team)
    assert team.ana.read() == TASK.replace("todo", "doing").replace("[git]", "[git, x]")


def test_a_merge_of_gits_own_is_resolved_by_fields_and_finished_by_git(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.bo.edit("todo", "done")
    team.bo.edit("high", "low")
    team.bo.git("commit", "-qam", "mine")
    assert try_git(team.bo.root, "pull", "-q", "--no-rebase").returncode == 1
    session = team.bo.session()
    item = session.vault.get("k7f3qx")
    assert item is not None
    assert "status is done in ours and doing in theirs" in item.problems[0].message
    with pytest.raises(Invalid, match="conflict markers"):
        session.run(Move(items=("k7f3qx",), to="review"))
    resolved = resolving.resolve(session, "k7f3qx", {"status": "ours"})
    assert resolved.notices == ("git merge --continue goes on",)
    assert team.bo.read() == TASK.replace("todo", "done").replace("high", "low")
    team.bo.git("merge", "--continue")
    settle(team)


def test_a_copy_that_a_cloud_folder_left_is_merged_and_deleted(team: Team) -> None:
    session = team.ana.session()
    copy = NAME.replace(".md", ".sync-conflict-20261125-101010-ABCDEFG.md")
    team.ana.write(TASK.replace("[ ] by lines", "[x] by lines").replace("todo", "review"), copy)
    team.ana.edit("[ ] by key", "[x] by key")
    team.ana.edit("todo", "done")
    session.refresh()
    [matter] = resolving.matters(session)
    assert (matter.source, matter.copy, [q.field for q in matter.questions]) == ("copy", copy, ["status"])
    resolving.resolve(session, copy, {"status": "theirs"})
    assert team.ana.read() == TASK.replace("[ ]", "[x]").replace("todo", "review")
    assert not (team.ana.root / copy).exists()
    assert team.ana.is_clean()


# ---- races -----------------------------------------------------------------------------------------------------------


def test_who_is_outrun_fetches_again(team: Team) -> None:
    team.bo.edit("high", "low")

    def outrun(words: str) -> None:
        if words.startswith("sending") and team.ana.read() == TASK:
            team.ana.edit("todo", "doing")
            team.ana.session().sync()

    done = run(team.bo.session(), say=outrun)
    assert (done.received, done.sent) == (1, 2)
    settle(team)


def test_a_push_of_ours_that_has_outlived_us_is_no_refusal(team: Team) -> None:
    """The remote moves the branch to our commit while we push that commit: to be found there, not to be refused."""
    hook = team.origin / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ -e "$GIT_DIR/once" ] && exit 0\ntouch "$GIT_DIR/once"\ngit update-ref "$1" "$3"\n')
    hook.chmod(0o755)
    team.bo.edit("high", "low")
    run(team.bo.session())
    assert (team.origin / "once").exists()
    settle(team)


def test_who_is_outrun_each_time_gives_up_and_keeps_everything(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.syncing.PAUSE", 0)
    team.bo.edit("high", "low")
    rounds: list[int] = []

    def outrun(words: str) -> None:
        if words.startswith("sending"):
            rounds.append(1)
            team.ana.write(f"# Note {len(rounds)}\n", f"tasks/n{len(rounds)}.md")
            team.ana.session().sync()

    with pytest.raises(GitFailed, match="5 times"):
        run(team.bo.session(), say=outrun)
    assert len(rounds) == 5
    settle(team)


def test_a_change_that_lands_while_the_merge_is_made_is_merged_too(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.bo.edit("high", "low")
    session = team.bo.session()

    def land(words: str) -> None:
        if words.startswith("merging"):
            team.bo.edit("[git]", "[git, x]")
            session.commit_by_hand()

    run(session, say=land)
    settle(team)
    assert team.ana.read() == TASK.replace("todo", "doing").replace("high", "low").replace("[git]", "[git, x]")


# ---- a remote that fails ---------------------------------------------------------------------------------------------


def test_no_remote(team: Team) -> None:
    team.ana.git("remote", "remove", "origin")
    with pytest.raises(NothingToSyncWith, match="no remote") as refused:
        team.ana.session().sync()
    assert refused.value.hint.startswith("git remote add origin URL")


def test_no_branch_of_that_name_and_none_agreed_on(team: Team) -> None:
    team.ana.git("switch", "-qc", "idea")
    with pytest.raises(NothingToSyncWith, match="has no branch 'idea'") as refused:
        team.ana.session().sync()
    assert refused.value.hint == "git push -u origin idea"


def test_the_first_push_into_an_empty_remote(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "empty.git")
    ana = clone(tmp_path / "empty.git", tmp_path, "ana")
    ana.write("", "planner.toml")
    ana.git("add", "-A")
    ana.git("commit", "-qm", "start")
    assert ana.session().sync().sentence == "origin/main: sent 1 commit"


def test_another_plan_altogether(team: Team, tmp_path: Path) -> None:
    git(tmp_path, "init", "-qb", "main", "else")
    other = Clone(tmp_path / "else")
    other.write("x", "planner.toml")
    other.git("add", "-A")
    other.git("-c", "user.name=C", "-c", "user.email=c@example.org", "commit", "-qm", "another")
    team.ana.git("remote", "set-url", "origin", str(other.root))
    team.ana.git("update-ref", "-d", "refs/remotes/origin/main")
    with pytest.raises(GitFailed, match="nothing in common"):
        team.ana.session().sync()


def test_a_shallow_clone_says_how_to_deepen_it(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.ana.edit("high", "low")
    team.ana.session().sync()
    git(team.origin.parent, "clone", "-q", "--depth", "1", f"file://{team.origin}", "shallow")
    shallow = Clone(team.origin.parent / "shallow")
    shallow.git("config", "user.name", "S")
    shallow.git("config", "user.email", "s@example.org")
    shallow.edit("[git]", "[git, s]")
    assert shallow.session().sync().sent == 1
    team.ana.session().sync()
    assert "[git, s]" in team.ana.read()


def test_a_shallow_clone_that_does_not_reach_the_common_past(team: Team) -> None:
    git(team.origin.parent, "clone", "-q", "--depth", "1", f"file://{team.origin}", "shallow")
    shallow = Clone(team.origin.parent / "shallow")
    tree = shallow.git("rev-parse", "HEAD^{tree}").strip()
    who = ("-c", "user.name=S", "-c", "user.email=s@example.org")
    shallow.git("update-ref", "refs/heads/main", shallow.git(*who, "commit-tree", "-m", "cut", tree).strip())
    with pytest.raises(GitFailed, match="shallow") as refused:
        shallow.session().sync()
    assert refused.value.hint == "git fetch --unshallow"


def test_a_protected_branch(team: Team) -> None:
    hook = team.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/main.' >&2\nexit 1\n")
    hook.chmod(0o755)
    team.ana.edit("todo", "doing")
    with pytest.raises(Refused, match=r"origin/main is protected: GH006.*your commits stay here") as refused:
        team.ana.session().sync()
    assert "pull request" in refused.value.hint
    assert team.ana.is_clean()


def test_a_force_pushed_branch_is_not_merged_back(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    team.bo.session().sync()
    team.ana.git("reset", "-q", "--hard", "HEAD~1")
    team.ana.edit("high", "low")
    team.ana.git("commit", "-qam", "another")
    team.ana.git("push", "-qf", "origin", "main")
    before = team.bo.head
    for _ in range(2):  # it is not forgotten by the second time
        with pytest.raises(Rewritten, match="was rewritten"):
            team.bo.session().sync()
    assert team.bo.head == before


def test_a_remote_that_is_not_there(team: Team) -> None:
    shutil.rmtree(team.origin)
    with pytest.raises(GitFailed, match="origin is not there") as refused:
        team.ana.session().sync()
    assert refused.value.hint == "git remote set-url origin URL"


def test_detached_bare_and_no_git(team: Team, tmp_path: Path) -> None:
    team.ana.git("checkout", "-q", "--detach")
    with pytest.raises(GitFailed, match="detached"):
        team.ana.session().sync()
    with pytest.raises(GitFailed, match="bare"):
        Session.open(team.origin).sync()
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "planner.toml").write_text("")
    with pytest.raises(GitFailed, match="no git repository"):
        Session.open(tmp_path / "plain").sync()


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A git server of our own: what it does with a connection is up to `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        connections: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                connections.append(connection)
                answer(connection)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield f"git://127.0.0.1:{listening.getsockname()[1]}/plan.git"
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()
        for connection in connections:
            connection.close()


def test_a_remote_that_hangs_is_left_after_the_limit(team: Team) -> None:
    with server(lambda _connection: None) as url:
        team.ana.git("remote", "set-url", "origin", url)
        team.ana.edit("todo", "doing")
        done = run(team.ana.session(), limit=0.3)
    assert done.offline is not None
    assert "origin gave no answer within 0.3 s; your commits stay here" in done.sentence
    assert team.ana.git("log", "-1", "--format=%s") == "edit k7f3qx: status todo → doing\n"


def test_a_sync_can_be_stopped_while_the_remote_hangs(team: Team) -> None:
    asked = threading.Event()
    with server(lambda _connection: asked.set()) as url:
        team.ana.git("remote", "set-url", "origin", url)
        with pytest.raises(Cancelled):
            run(team.ana.session(), stop=asked.is_set)
    assert team.ana.is_clean()


def half_way(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.sendall(b"003e")
    connection.shutdown(socket.SHUT_RDWR)


def test_a_remote_that_disappears_half_way(team: Team) -> None:
    with server(half_way) as url:
        team.ana.git("remote", "set-url", "origin", url)
        done = team.ana.session().sync()
    assert done.offline is not None
    assert "origin cannot be reached" in done.sentence


def test_a_remote_where_nobody_listens(team: Team) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    team.ana.git("remote", "set-url", "origin", f"git://127.0.0.1:{port}/plan.git")
    done = team.ana.session().sync()
    assert done.offline is not None


class _Asking(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="plans"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_remote_that_asks_for_a_password_is_told_nothing(team: Team) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Asking) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        url = f"http://ana:secret@127.0.0.1:{serving.server_port}/plan.git"
        team.ana.git("remote", "set-url", "origin", url)
        with pytest.raises(GitFailed, match="asks who you are") as refused:
            team.ana.session().sync()
        serving.shutdown()
    assert "secret" not in f"{refused.value.message}{refused.value.hint}"
    assert refused.value.hint.startswith("git fetch origin")


def test_only_looking(team: Team) -> None:
    team.ana.edit("todo", "doing")
    team.ana.session().sync()
    session = team.bo.session()
    assert fetch_only(session) == 1
    assert team.bo.read() == TASK


def test_attributes_that_came_are_pointed_at(team: Team) -> None:
    team.ana.write("*.md merge=planner filter=evil\n", ".gitattributes")
    team.ana.git("commit", "-qam", "attributes")
    team.ana.session().sync()
    assert any("filters, diffs or merges" in notice for notice in team.bo.session().sync().notices)


# ---- a vault in a part of a repository -------------------------------------------------------------------------------


@pytest.fixture
def inside(tmp_path: Path) -> Team:
    """The vault in the folder `plan` of a repository of code."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "code.git")
    ana = clone(tmp_path / "code.git", tmp_path, "ana")
    ana.write("", "plan/planner.toml")
    ana.write(TASK, f"plan/{NAME}")
    ana.write("print()\n", "code.py")
    ana.git("add", "-A")
    ana.git("commit", "-qm", "start")
    ana.git("push", "-q")
    bo = clone(tmp_path / "code.git", tmp_path, "bo")
    return Team(tmp_path / "code.git", ana, bo)


def test_others_paths_are_sent_only_when_asked_to_and_taken_by_git(inside: Team) -> None:
    inside.ana.write("print(1)\n", "code.py")
    inside.ana.git("commit", "-qam", "code")
    session = Session.open(inside.ana.root / "plan")
    with pytest.raises(GitFailed, match=r"outside the vault \(code\.py\)") as refused:
        session.sync()
    assert "--all" in refused.value.hint
    assert session.sync(everything=True).sent == 1
    inside.bo.edit("todo", "doing", f"plan/{NAME}")
    with pytest.raises(GitFailed, match=r"outside the vault \(code\.py\)") as refused:
        Session.open(inside.bo.root / "plan").sync()
    assert refused.value.hint.startswith("git pull")
    inside.bo.git("pull", "-q", "--no-rebase")
    assert Session.open(inside.bo.root / "plan").sync().sent


def test_a_vault_in_a_folder_meets_as_any_other(inside: Team) -> None:
    inside.ana.edit("todo", "doing", f"plan/{NAME}")
    Session.open(inside.ana.root / "plan").sync()
    inside.bo.edit("high", "low", f"plan/{NAME}")
    assert Session.open(inside.bo.root / "plan").sync().paths == (NAME,)
    assert inside.bo.read(f"plan/{NAME}") == TASK.replace("todo", "doing").replace("high", "low")
    assert inside.bo.is_clean()


def test_the_limit_for_the_network_is_a_minute() -> None:
    assert remote.LIMIT == 60


def test_a_ref_that_another_git_moves_at_this_moment_is_fetched_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    (team.bo.root / "new.txt").write_text("theirs\n")
    git(team.bo.root, "add", "new.txt")
    git(team.bo.root, "commit", "-qm", "theirs")
    git(team.bo.root, "push", "-q")
    lock = team.ana.root / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    over_network, codes = remote._over_network, list[int]()

    def until_the_other_is_done(*args: Any, **kwargs: Any) -> Completed:
        done = over_network(*args, **kwargs)
        codes.append(done.returncode)
        lock.unlink(missing_ok=True)
        return done

    monkeypatch.setattr(remote, "_over_network", until_the_other_is_done)
    with Session.open(team.ana.root) as session:
        run(session)
    assert (team.ana.root / "new.txt").read_text() == "theirs\n"
    assert codes[0] != 0
    assert codes[1] == 0
