"""What only history can prove: who decided, and which way work went; and the hook that refuses what breaks the rules."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from planner.commands import Approve, Move, Set
from planner.founding import HOOK, guard, init
from planner.past import Travel, presence, vault_at
from planner.proving import unproven, wrong_ways
from planner.session import Session

TODAY = date(2026, 11, 25)
TOML = """\
[workflow.default]
states = ["todo", {name = "doing", category = "started"}, {name = "done", category = "completed"}]
transitions = [["todo", "doing"], ["doing", "done"]]
"""
TASK = "---\nid: a\ntitle: A\nstatus: todo\napprovals: [{approvers: [ana], rule: any}]\n---\n"


def git(where: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=where, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    folder = tmp_path / "vault"
    for path, text in {
        "planner.toml": TOML,
        "people/ana.md": "---\nemail: ana@example.org\n---\nAna\n",
        "people/bo.md": "---\nemail: bo@example.org\n---\nBo\n",
        "tasks/a.md": TASK,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    be(folder, "bo")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


def be(root: Path, who: str) -> None:
    git(root, "config", "user.name", who.title())
    git(root, "config", "user.email", f"{who}@example.org")


def opened(root: Path) -> Session:
    return Session.open(root, today=TODAY)


def doubts(root: Path) -> list[str]:
    return [fault.message for fault in unproven(opened(root))]


def test_a_decision_is_proved_by_a_commit_of_its_maker_and_by_nobody_elses(root: Path) -> None:
    be(root, "ana")
    opened(root).run(Approve(("a",)))
    assert doubts(root) == []
    path = root / "tasks/a.md"
    text = path.read_text(encoding="utf-8")
    git(root, "reset", "-q", "--hard", "HEAD~1")
    path.write_text(text, encoding="utf-8")
    assert doubts(root) == ["'ana approved 1' is in no commit yet"]
    be(root, "bo")
    git(root, "commit", "-qam", "forged")
    (said,) = doubts(root)
    assert said.startswith("'ana approved 1' was written by Bo in ")
    (root / ".mailmap").write_text("Ana <ana@example.org> <bo@example.org>\n", encoding="utf-8")
    assert doubts(root) == []


def test_where_signatures_are_asked_for_an_unsigned_decision_proves_nothing(root: Path) -> None:
    (root / "planner.toml").write_text(f"{TOML}signed = true\n", encoding="utf-8")
    be(root, "ana")
    opened(root).run(Approve(("a",)))
    (said,) = doubts(root)
    assert said.endswith("which has no good signature")


def test_ways_that_are_not_allowed_are_found_in_commits_and_an_undo_makes_them_good(root: Path) -> None:
    start = git(root, "rev-parse", "HEAD")
    opened(root).run(Move(("a",), "doing"))
    assert list(wrong_ways(opened(root), start)) == []
    path = root / "tasks/a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("status: doing", "status: todo"), encoding="utf-8")
    opened(root).commit_by_hand()
    (fault,) = wrong_ways(opened(root), start)
    assert (fault.path, fault.line, fault.code) == ("tasks/a.md", 4, "bad-transition")
    assert fault.message.startswith("Bo took it from doing to todo in ")
    opened(root).undo()
    assert list(wrong_ways(opened(root), start)) == []


def test_presence_tells_who_else_did_something_lately(root: Path) -> None:
    be(root, "ana")
    assert [(one.who, one.items) for one in presence(opened(root))] == [("bo", ("ana", "bo", "a"))]
    opened(root).run(Set(("a",), ("priority=high",)))
    assert [one.who for one in presence(opened(root))] == ["bo"]
    be(root, "bo")
    assert [(one.who, one.items) for one in presence(opened(root))] == [("ana", ("a",))]


def test_a_shared_repository_with_the_hook_refuses_what_breaks_the_rules(root: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    hook = guard(remote)
    assert hook == remote / HOOK
    assert hook.stat().st_mode & 0o111
    program = tmp_path / "bin" / "planner"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{Path(__file__).parents[1]}" exec "{sys.executable}" -m planner "$@"\n')
    program.chmod(0o755)

    def push() -> tuple[int, str]:
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["git", "push", str(remote), "main"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": path},
        )
        return done.returncode, done.stderr

    code, said = push()
    assert code == 0, said
    path = root / "tasks/a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("status: todo", "status: done"), encoding="utf-8")
    opened(root).commit_by_hand()
    code, said = push()
    assert code != 0
    assert "bad-transition: Bo took it from todo to done" in said
    assert "take it back: planner undo" in said
    opened(root).undo()
    assert push()[0] == 0


def test_a_folder_that_is_no_bare_repository_gets_no_hook_and_another_hook_stays(root: Path, tmp_path: Path) -> None:
    assert guard(root) is None
    assert guard(tmp_path / "nothing") is None
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    (tmp_path / "remote.git" / HOOK).parent.mkdir(exist_ok=True)
    (tmp_path / "remote.git" / HOOK).write_text("#!/bin/sh\n")
    with pytest.raises(Exception, match="is there already"):
        guard(tmp_path / "remote.git")


def test_a_vault_for_a_team_begins_with_its_founder_a_team_and_the_hook(tmp_path: Path, root: Path) -> None:
    for key, value in (("user.name", "Zoë Kovač"), ("user.email", "zoe@example.org")):
        git(root, "config", "--global", key, value)
    init(tmp_path / "plan", template="team", examples=False)
    session = opened(tmp_path / "plan")
    assert session.me() == "zoe-kovac"
    assert session.vault.find("zoe-kovac").texts("email") == ("zoe@example.org",)
    assert session.vault.find("team").texts("members") == ("zoe-kovac",)
    assert session.vault.problems == ()
    assert (tmp_path / "plan" / HOOK).is_file()


def test_the_vault_at_one_revision_after_another_is_what_each_alone_is(root: Path) -> None:
    for wish in (Move(("a",), "doing"), Set(("a",), ("priority=high",))):
        opened(root).run(wish)
    (root / "planner.toml").write_text(
        TOML.replace('"todo"', '{name = "todo", category = "backlog"}'), encoding="utf-8"
    )
    opened(root).commit_by_hand()
    session = opened(root)
    travel = Travel(session)
    for rev in ("HEAD", "HEAD~1", "HEAD~3", "HEAD~2", "HEAD"):
        there, alone = travel.at(rev), vault_at(session, rev)
        assert (dict(there.files), there.config) == (dict(alone.files), alone.config)
        assert (there.problems, there.prefixes) == (alone.problems, alone.prefixes)
    assert travel.at("HEAD").files["people/bo.md"] is travel.at("HEAD").files["people/bo.md"]
