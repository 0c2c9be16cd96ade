"""Commits as values, read from real repositories; undo and redo targets from lists of commits."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from planner.errors import GitFailed, NotFound
from planner.store import git, history
from planner.store.git import Identity, Repository, with_trailers
from planner.store.history import CommitInfo, redo_target, undo_target

ANA, BO = "ana@example.org", "bo@example.org"
MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    run(tmp_path, "init", "-q", "-b", "main")
    run(tmp_path, "config", "user.name", "Ana")
    run(tmp_path, "config", "user.email", ANA)
    found = git.discover(tmp_path)
    assert found
    return found


def run(where: Path | str, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True, text=True).stdout


def put(repo: Repository, message: str, **texts: str | None) -> str:
    """Commit texts; in names `__` is "/" and every file ends in .md."""
    changes: dict[str, bytes | None] = {}
    for name, text in texts.items():
        path = name.replace("__", "/") + ".md"
        target = Path(repo.top, path)
        target.parent.mkdir(exist_ok=True)
        changes[path] = None if text is None else text.encode()
        if text is None:
            target.unlink()
        else:
            target.write_text(text)
    sha = repo.commit(changes, message, when=MOMENT)
    assert sha
    return sha


# ---- reading -------------------------------------------------------------------------------------------------------


def test_a_commit_as_a_value(repo: Repository) -> None:
    body = "status: todo → doing\n\nA second paragraph."
    sha = put(
        repo, with_trailers("move k7f3qx: todo → doing", body, {"Planner-Op": "op1", "Planner-Undoes": "op0"}), a="x"
    )
    (commit,) = history.log(repo)
    assert commit == CommitInfo(
        sha=sha,
        parents=(),
        author_name="Ana",
        author_email=ANA,
        when=MOMENT,
        subject="move k7f3qx: todo → doing",
        body=body,
        op="op1",
        undoes=("op0",),
    )
    assert commit.when.utcoffset() == timedelta(hours=2)


def test_an_empty_history_yields_nothing(repo: Repository) -> None:
    assert list(history.log(repo)) == []
    assert list(history.changed_files(repo)) == []


@pytest.mark.parametrize("rev", ["-x", "--all", "", "nope"])
def test_an_odd_revision_is_refused(repo: Repository, rev: str) -> None:
    put(repo, "one", a="x")
    with pytest.raises((NotFound, GitFailed)):
        list(history.log(repo, rev))


def test_log_limits_ranges_and_paths(repo: Repository) -> None:
    first = put(repo, "one", v__a="1")
    put(repo, "two", other="1")
    put(repo, "three", v__a="2")
    assert [c.subject for c in history.log(repo)] == ["three", "two", "one"]
    assert [c.subject for c in history.log(repo, limit=1)] == ["three"]
    assert [c.subject for c in history.log(repo, f"{first}..HEAD")] == ["three", "two"]
    assert [c.subject for c in history.log(repo, paths=["v"])] == ["three", "one"]


def test_children_come_before_parents_whatever_the_clock_said(repo: Repository) -> None:
    for year in (2030, 1999, 2020):
        repo.commit({"a.md": str(year).encode()}, str(year), when=datetime(year, 1, 1, tzinfo=UTC))
    assert [c.subject for c in history.log(repo)] == ["2020", "1999", "2030"]


def test_changed_files_tell_both_sides(repo: Repository) -> None:
    put(repo, "one", v__a="A1", v__b="B1", other="O1")
    put(repo, "two", v__a="A2", v__c="C1", other="O2")
    put(repo, "three", v__b=None)
    seen = [
        (commit.subject, [(path, texts.get(str(old)), texts.get(str(new))) for path, old, new in files])
        for commit, files in history.changed_files(repo, prefix="v")
        for texts in [history.blobs(repo, [oid for _, *oids in files for oid in oids if oid])]
    ]
    assert seen == [
        ("three", [("v/b.md", b"B1", None)]),
        ("two", [("v/a.md", b"A1", b"A2"), ("v/c.md", None, b"C1")]),
        ("one", [("v/a.md", None, b"A1"), ("v/b.md", None, b"B1")]),
    ]


def test_changed_files_of_odd_names_links_and_empty_commits(repo: Repository) -> None:
    name = ':100 weird\n"ä".md'
    Path(repo.top, name).write_text("x")
    Path(repo.top, "link").symlink_to("nowhere")
    run(repo.top, "add", "-A")
    run(repo.top, "commit", "-qm", "odd")
    run(repo.top, "commit", "-qm", ":100 looks raw", "--allow-empty")
    (empty, no_files), (_, files) = history.changed_files(repo)
    assert (empty.subject, no_files) == (":100 looks raw", [])
    assert [(path, old) for path, old, _ in files] == [(name, None)]


def test_what_lies_between_two_commits_either_way(repo: Repository) -> None:
    first = put(repo, "one", tasks__a="1", tasks__b="2", other__c="3")
    second = put(repo, "two", tasks__a="1!", tasks__b=None, tasks__ü="4", other__c="3!")
    oid = run(repo.top, "rev-parse", f"{second}:tasks/a.md").strip()
    found = history.between(repo, first, second, "tasks/")
    assert found.keys() == {"tasks/a.md", "tasks/b.md", "tasks/ü.md"}
    assert (found["tasks/a.md"], found["tasks/b.md"]) == (oid, None)
    back = history.between(repo, second, first)
    assert {path for path, before in back.items() if before is None} == {"tasks/ü.md"}
    assert back.keys() == {*found, "other/c.md"}
    Path(repo.top, "tasks/a.md").unlink()
    Path(repo.top, "tasks/a.md").symlink_to("b.md")
    run(repo.top, "add", "-A")
    run(repo.top, "commit", "-qm", "a link is no file")
    assert history.between(repo, second, "HEAD")["tasks/a.md"] is None
    assert history.between(repo, first, first) == {}


def test_changed_files_of_single_commits_without_a_walk(repo: Repository) -> None:
    shas = [put(repo, str(number), a=str(number)) for number in range(3)]
    assert [c.subject for c, _ in history.changed_files(repo, [shas[2], shas[0]], walk=False)] == ["2", "0"]


@pytest.mark.parametrize("revs", [("main",), ("main", "^main^1"), ("main", "^main^2"), ("main", "^side", "^main^1")])
def test_a_merge_that_decided_nothing_is_read_and_so_is_what_comes_after_it(
    repo: Repository, revs: tuple[str, ...]
) -> None:
    put(repo, "one", a="1", d="1")
    run(repo.top, "switch", "-qc", "side")
    put(repo, "side", b="1")
    run(repo.top, "switch", "-q", "main")
    put(repo, "main", c="1", d="2")
    run(repo.top, "merge", "-q", "--no-ff", "-m", "merge", "side")
    known = {"merge": [], "main": ["c.md", "d.md"], "side": ["b.md"], "one": ["a.md", "d.md"]}
    wanted = run(repo.top, "log", "--format=%s", *revs).split()
    told = [(commit.subject, [path for path, _, _ in files]) for commit, files in history.told_files(repo, revs)]
    assert sorted(told) == sorted((subject, known[subject]) for subject in wanted)


def test_a_merge_names_no_files(repo: Repository) -> None:
    put(repo, "one", a="1")
    run(repo.top, "switch", "-qc", "side")
    put(repo, "side", b="1")
    run(repo.top, "switch", "-q", "main")
    put(repo, "main", c="1")
    run(repo.top, "merge", "-q", "--no-ff", "-m", "merge", "side")
    seen = {
        commit.subject: (commit.is_merge, [path for path, _, _ in files])
        for commit, files in history.changed_files(repo)
    }
    assert seen["merge"] == (True, [])
    assert seen["side"] == (False, ["b.md"])


def test_blobs_leave_out_what_is_not_there(repo: Repository) -> None:
    put(repo, "one", a="text\n")
    (path_oid,) = repo.ls_tree("HEAD")
    assert history.blobs(repo, [path_oid[1], "0" * 40]) == {path_oid[1]: b"text\n"}


def test_targets_on_a_real_history_of_two_people(repo: Repository) -> None:
    put(repo, with_trailers("set a", "", {"Planner-Op": "op1"}), v__a="1")
    put(repo, "by hand, elsewhere", other="1")
    repo.commit({"v/a.md": b"2"}, "set by bo", author=Identity("Bo", BO))
    put(repo, "by hand", v__a="3")
    mine = list(history.log(repo, paths=["v"]))
    target = undo_target(mine, ANA.upper())
    assert target
    assert target.subject == "by hand"
    put(repo, with_trailers("undo: by hand", "", {"Planner-Op": "op2", "Planner-Undoes": target.sha}), v__a="2")
    mine = list(history.log(repo, paths=["v"]))
    again, back = undo_target(mine, ANA), redo_target(mine, ANA)
    assert again
    assert back
    assert (again.op, back.op) == ("op1", "op2")


def test_a_revert_by_hand_counts_as_an_undo(repo: Repository) -> None:
    put(repo, "one", a="1")
    sha = put(repo, "two", a="2")
    run(repo.top, "revert", "--no-edit", "HEAD")
    commits = list(history.log(repo))
    assert commits[0].undoes == (sha,)
    target = undo_target(commits, ANA)
    assert target
    assert target.subject == "one"


# ---- targets: a history in shorthand, newest last --------------------------------------------------------------------


def story(*lines: str) -> list[CommitInfo]:
    """Read lines like "A", "B bo", "U1 undoes A", "M merge" as commits, returned newest first."""
    commits: list[CommitInfo] = []
    for line in lines:
        op, *words = line.split()
        parents = ("p1", "p2") if "merge" in words else ("p1",)
        undoes = tuple(words[words.index("undoes") + 1 :]) if "undoes" in words else ()
        email = BO if "bo" in words else ANA
        commits.append(CommitInfo(f"sha-{op}", parents, "", email, MOMENT, op, "", op=op, undoes=undoes))
    return commits[::-1]


@pytest.mark.parametrize(
    ("lines", "undo", "redo"),
    [
        ([], None, None),
        (["A"], "A", None),
        (["A", "B bo"], "A", None),
        (["A", "B", "M merge"], "B", None),
        (["A", "B", "U undoes B"], "A", "U"),
        (["A", "B", "U undoes sha-B"], "A", "U"),
        (["A", "B", "U undoes B", "V undoes A"], None, "V"),
        (["A", "B", "U undoes B", "R undoes U"], "B", None),
        (["A", "B", "U undoes B", "V undoes A", "R undoes V"], "A", "U"),
        (["A", "U undoes A", "R undoes U", "V undoes A"], None, "V"),
        (["A", "B", "U bo undoes B"], "A", None),
        (["A", "B bo", "U undoes B"], "A", "U"),
        (["A", "U undoes A", "C"], "C", "U"),
        (["A", "B", "U undoes A B"], None, "U"),
    ],
)
def test_undo_and_redo_targets(lines: list[str], undo: str | None, redo: str | None) -> None:
    commits = story(*lines)
    target, back = undo_target(commits, ANA), redo_target(commits, ANA)
    assert (target.op if target else None, back.op if back else None) == (undo, redo)


def test_undo_reads_no_further_than_it_must() -> None:
    commits = iter(story("A", "B", "C"))
    assert undo_target(commits, ANA)
    assert [commit.op for commit in commits] == ["B", "A"]


def test_find_operation_by_op_and_by_sha() -> None:
    commits = story("A", "B")
    assert history.find_operation(commits, "A") == history.find_operation(commits, "sha-A")
    with pytest.raises(NotFound, match="no operation `Z`"):
        history.find_operation(commits, "Z")
