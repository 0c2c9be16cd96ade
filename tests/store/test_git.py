"""Commits of our paths only, beside whatever the user is doing in the same repository."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planner.errors import GitFailed, NotFound
from planner.store import fsops, git, process, trust
from planner.store.fsops import Completed, Ops
from planner.store.git import GitBusy, HalfStaged, Head, HeadMoved, Identity, Repository, trailers, with_trailers

ODD_NAMES = [
    "with space.md",
    'quo\'te "double".md',
    "line\nbreak.md",
    ".dot.md",
    "-dash.md",
    ":(top)magic.md",
    "*.md",
    "[a].md",
    "Ünicode ß.md",
    "tab\tand \\ backslash.md",
    '"starts quoted.md',
    os.fsdecode(b"latin\xe9.md"),
]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository for all tests: two tasks, a program and a link."""
    top = tmp_path_factory.mktemp("template")
    make(top)
    for name, text in {"tasks/a.md": "a1\na2\na3\n", "tasks/b.md": "b1\n", "run.sh": "#!/bin/sh\n"}.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(text)
    (top / "run.sh").chmod(0o755)
    (top / "link").symlink_to("tasks/a.md")
    sh(top, "add", "-A")
    sh(top, "commit", "-qm", "first")
    return top


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> Repository:
    shutil.copytree(template, tmp_path / "repo", symlinks=True)
    sh(tmp_path / "repo", "update-index", "-q", "--refresh")
    return found(tmp_path / "repo")


def make(top: Path, *options: str) -> None:
    sh(top, "init", "-q", "-b", "main", *options)
    sh(top, "config", "user.name", "Ana")
    sh(top, "config", "user.email", "ana@example.org")


def found(path: Path) -> Repository:
    repository = git.discover(path)
    assert repository
    return repository


def sh(where: Path | str, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True, text=True).stdout


def write(repo: Repository, path: str, text: bytes | str) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    target = Path(repo.top, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return data


def save_and_commit(
    repo: Repository, path: str, text: bytes | str, message: str = "ours", **options: object
) -> str | None:
    return repo.commit({path: write(repo, path, text)}, message, **options)  # type: ignore[arg-type]  # options of commit


def shown(repo: Repository, path: str, rev: str = "HEAD") -> bytes | None:
    return repo.read_blobs(rev, [path]).get(path)


def status(repo: Repository) -> list[str]:
    return sh(repo.top, "status", "--porcelain").splitlines()


def litter(repo: Repository) -> list[str]:
    """Names in the git folders that a finished or failed call must not leave."""
    return [
        str(path)
        for folder in {repo.git_dir, repo.common_dir}
        for path in Path(folder).rglob("*")
        if path.name.endswith(".lock") or path.name.startswith(("tmp_obj", "next-index"))
    ]


def consent(repo: Repository) -> None:
    trust.examine(repo).consent()


def assert_sound(repo: Repository) -> None:
    assert litter(repo) == []
    assert sh(repo.top, "fsck", "--strict", "--no-dangling") == ""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# ---- finding the repository ------------------------------------------------------------------------------------------


def test_discover_from_a_sub_folder_and_from_a_file(repo: Repository) -> None:
    assert (repo.prefix, repo.object_format, repo.bare) == ("", "sha1", False)
    below = found(Path(repo.top, "tasks"))
    assert (below.top, below.git_dir, below.prefix) == (repo.top, f"{repo.top}/.git", "tasks/")
    assert found(Path(repo.top, "tasks", "a.md")) == below
    assert found(Path(repo.top, "tasks", "not", "yet")) == below


def test_another_work_tree_than_the_folder_opened_is_refused(repo: Repository, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    sh(repo.top, "config", "core.worktree", str(tmp_path / "elsewhere"))
    with pytest.raises(GitFailed, match="another folder as its work tree"):
        git.discover(repo.top)


def test_no_repository_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git.discover(tmp_path) is None


def test_the_environment_cannot_point_elsewhere(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make(other)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(other / ".git"))
    assert found(Path(repo.top)) == repo
    assert save_and_commit(repo, "tasks/a.md", "new\n")


def test_a_linked_worktree_commits_to_its_own_branch(repo: Repository, tmp_path: Path) -> None:
    sh(repo.top, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")
    linked = found(tmp_path / "linked")
    assert linked.common_dir == repo.git_dir
    assert linked.git_dir != repo.git_dir
    assert save_and_commit(linked, "tasks/a.md", "linked\n")
    assert (linked.head().branch, repo.head().branch) == ("side", "main")
    assert (shown(repo, "tasks/a.md"), shown(repo, "tasks/a.md", "side")) == (b"a1\na2\na3\n", b"linked\n")
    assert (status(linked), status(repo)) == ([], [])
    assert_sound(linked)


def test_a_submodule_is_a_repository_of_its_own(repo: Repository, tmp_path: Path) -> None:
    sh(repo.top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo.top, "sub")
    sub = found(Path(repo.top, "sub"))
    assert sub.top == f"{repo.top}/sub"
    sh(sub.top, "config", "user.name", "Ana")
    sh(sub.top, "config", "user.email", "ana@example.org")
    assert save_and_commit(sub, "tasks/a.md", "sub\n")
    assert status(sub) == []
    sh(repo.top, "commit", "-qm", "submodule")
    with pytest.raises(GitFailed, match="not a plain file"):
        repo.commit({"sub": b"x"}, "never")
    with pytest.raises(GitFailed, match="in submodule 'sub'"):
        repo.commit({"sub/x.md": b"x"}, "never")


def test_a_bare_repository_is_only_found_when_named(repo: Repository, tmp_path: Path) -> None:
    sh(tmp_path, "clone", "-q", "--bare", repo.top, "bare.git")
    with pytest.raises(GitFailed, match="bare"):
        git.discover(tmp_path / "bare.git")
    bare = git.discover_bare(tmp_path / "bare.git")
    assert bare
    assert bare.bare
    assert shown(bare, "tasks/b.md") == b"b1\n"
    assert bare.head() == repo.head()
    assert git.discover_bare(tmp_path) is None


def test_a_folder_of_somebody_else_is_refused_with_the_way_out(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr(process, "_KEPT", re.compile("GIT_.*"))
    with pytest.raises(GitFailed, match="dubious ownership") as refused:
        git.discover(repo.top)
    assert refused.value.hint.startswith("If you trust this folder: git config --global --add safe.directory ")
    assert repo.top in refused.value.hint


def test_a_missing_git_program_is_said_with_a_way_out(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(GitFailed, match="not found") as refused:
        git.discover(repo.top)
    assert "Install git" in refused.value.hint


def test_a_vanished_folder_is_said_so(repo: Repository) -> None:
    shutil.rmtree(repo.top)
    with pytest.raises(GitFailed, match="is gone"):
        repo.run("status")


# ---- where it stands -------------------------------------------------------------------------------------------------


def test_head_loose_packed_detached_unborn(repo: Repository) -> None:
    commit = sh(repo.top, "rev-parse", "HEAD").strip()
    assert repo.head() == Head("main", commit)
    sh(repo.top, "pack-refs", "--all")
    assert repo.head() == Head("main", commit)
    sh(repo.top, "switch", "-q", "-c", "feature/ä")
    assert repo.head() == Head("feature/ä", commit)
    sh(repo.top, "switch", "-q", "--detach")
    assert repo.head() == Head(None, commit)
    assert repo.head().detached
    sh(repo.top, "switch", "-q", "--orphan", "fresh")
    assert repo.head() == Head("fresh", None)


def test_head_through_a_symbolic_branch(repo: Repository) -> None:
    commit = sh(repo.top, "rev-parse", "HEAD").strip()
    sh(repo.top, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    Path(repo.git_dir, "HEAD").write_text("ref: refs/heads/alias\n")
    assert repo.head().commit == commit


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("MERGE_HEAD", "merge"),
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
        ("REVERT_HEAD", "revert"),
        ("BISECT_LOG", "bisect"),
    ],
)
def test_an_unfinished_operation_makes_commits_wait(repo: Repository, name: str, word: str) -> None:
    assert repo.busy() is None
    Path(repo.git_dir, name).touch()
    assert repo.busy() == word
    before = repo.head()
    with pytest.raises(GitBusy, match=word):
        save_and_commit(repo, "tasks/a.md", "new\n")
    assert (repo.head(), status(repo)[0]) == (before, " M tasks/a.md")


def test_a_real_merge_conflict_makes_commits_wait(repo: Repository) -> None:
    sh(repo.top, "switch", "-qc", "side")
    save_and_commit(repo, "tasks/b.md", "side\n")
    sh(repo.top, "switch", "-q", "main")
    save_and_commit(repo, "tasks/b.md", "main\n")
    assert subprocess.run(["git", "merge", "-q", "side"], cwd=repo.top, capture_output=True, check=False).returncode
    assert repo.status_paths().unmerged == ("tasks/b.md",)
    with pytest.raises(GitBusy, match="merge is unfinished"):
        save_and_commit(repo, "tasks/a.md", "new\n")


def test_a_conflict_left_by_stash_makes_that_path_wait(repo: Repository) -> None:
    write(repo, "tasks/b.md", "stashed\n")
    sh(repo.top, "stash", "-q")
    save_and_commit(repo, "tasks/b.md", "main\n")
    assert subprocess.run(["git", "stash", "pop"], cwd=repo.top, capture_output=True, check=False).returncode
    assert repo.busy() is None
    with pytest.raises(GitBusy, match="unresolved conflict"):
        save_and_commit(repo, "tasks/b.md", "new\n")


def test_identity_from_configuration_environment_and_none(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repo.identity() == Identity("Ana", "ana@example.org")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "other@example.org")
    assert repo.identity() == Identity("Ana", "other@example.org")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    sh(repo.top, "config", "--unset", "user.email")
    sh(repo.top, "config", "user.useConfigOnly", "true")
    assert repo.identity() is None
    with pytest.raises(GitFailed, match="does not know who you are"):
        save_and_commit(repo, "tasks/a.md", "new\n")
    assert status(repo) == [" M tasks/a.md"]


def test_configuration(repo: Repository) -> None:
    sh(repo.top, "config", "planner.note", "two\nlines = x")
    assert repo.config_get("planner.note") == "two\nlines = x"
    assert repo.config_get("planner.absent") is None
    assert repo.config_get("--list") is None
    (setting,) = [setting for setting in repo.settings() if setting.key == "planner.note"]
    assert (setting.scope, setting.value) == ("local", "two\nlines = x")
    assert setting.origin.startswith("file:")
    assert not [setting for setting in repo.settings() if setting.key == "core.fsmonitor"]


# ---- what it holds ---------------------------------------------------------------------------------------------------


def test_reading_files_of_a_commit(repo: Repository) -> None:
    assert repo.read_blobs("HEAD", ["tasks/a.md", "tasks", "nope\n.md", "tasks/b.md"]) == {
        "tasks/a.md": b"a1\na2\na3\n",
        "tasks/b.md": b"b1\n",
    }
    assert [path for path, _ in repo.ls_tree("HEAD")] == ["run.sh", "tasks/a.md", "tasks/b.md"]
    assert [path for path, _ in repo.ls_tree("HEAD", "tasks")] == ["tasks/a.md", "tasks/b.md"]
    oids = dict(repo.ls_tree("HEAD"))
    assert repo.blobs([oids["run.sh"]]) == {oids["run.sh"]: b"#!/bin/sh\n"}


def test_resolve(repo: Repository) -> None:
    assert repo.resolve("main~0") == repo.head().commit
    for rev in ("nope", "--all", "-x", "HEAD:tasks"):
        with pytest.raises(NotFound):
            repo.resolve(rev)


def test_status_tells_staged_unstaged_untracked(repo: Repository) -> None:
    Path(repo.top, ".gitignore").write_text("*.tmp\n")
    write(repo, "tasks/a.md", "staged\n")
    sh(repo.top, "add", "tasks/a.md")
    write(repo, "tasks/a.md", "staged and edited\n")
    Path(repo.top, "tasks/b.md").unlink()
    write(repo, "tasks/new file.md", "")
    write(repo, "tasks/x.tmp", "")
    found_status = repo.status_paths("tasks")
    assert found_status.staged == ("tasks/a.md",)
    assert found_status.unstaged == ("tasks/a.md", "tasks/b.md")
    assert found_status.untracked == ("tasks/new file.md",)
    assert ".gitignore" in repo.status_paths().paths


def test_ignored(repo: Repository) -> None:
    Path(repo.top, ".gitignore").write_text("*.tmp\n:*\n")
    assert repo.ignored(["a.tmp", "a.md", "line\n.tmp", ":(top)x.md", "-v"]) == {"a.tmp", "line\n.tmp", ":(top)x.md"}
    assert repo.ignored([]) == set()


# ---- one more commit -------------------------------------------------------------------------------------------------


def test_a_commit_holds_our_path_author_date_and_message(repo: Repository) -> None:
    message = with_trailers("move a: todo → doing", "status: todo → doing", {"Planner-Op": "op1"})
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    parent = repo.head().commit
    sha = save_and_commit(repo, "tasks/a.md", "new\n", message, author=Identity("Bo", "bo@example.org"), when=when)
    assert sha == repo.head().commit
    shown_text = sh(repo.top, "log", "-1", "--format=%P|%an|%ae|%cn|%aI|%cI|%B", "--name-only")
    fields = f"{parent}|Bo|bo@example.org|Ana|2026-01-02T03:04:05+00:00|2026-01-02T03:04:05+00:00|"
    assert shown_text == f"{fields}{message}\n\ntasks/a.md\n"
    assert sh(repo.top, "reflog", "-1", "--format=%gs") == "commit: move a: todo → doing\n"
    assert status(repo) == []
    assert sh(repo.top, "diff-files") == ""  # the index knows the new file's size and time
    assert_sound(repo)


def test_a_commit_message_holds_no_nul() -> None:
    assert with_trailers("set a title: \0", "title: b → \0", {"Planner-Op": "op"}) == (
        "set a title: ␀\n\ntitle: b → ␀\n\nPlanner-Op: op\n"
    )


def test_the_content_given_is_committed_whatever_lies_on_disk(repo: Repository) -> None:
    write(repo, "tasks/a.md", "edited meanwhile\n")
    repo.commit({"tasks/a.md": b"ours\n"}, "ours")
    assert shown(repo, "tasks/a.md") == b"ours\n"
    assert status(repo) == [" M tasks/a.md"]


def test_adding_deleting_and_changing_many_at_once(repo: Repository) -> None:
    changes: dict[str, bytes | None] = {f"deep/{n % 3}/{n}.md": b"%d\n" % n for n in range(12)}
    for path, data in changes.items():
        write(repo, path, data or b"")
    for path in ("tasks/a.md", "tasks/b.md"):
        changes[path] = None
        Path(repo.top, path).unlink()
    assert repo.commit(changes, "many")
    assert status(repo) == []
    assert [path for path, _ in repo.ls_tree("HEAD", "tasks")] == []
    assert len(repo.ls_tree("HEAD", "deep")) == 12
    assert_sound(repo)


def test_a_file_becomes_a_folder(repo: Repository) -> None:
    Path(repo.top, "tasks/a.md").unlink()
    data = write(repo, "tasks/a.md/inner.md", "x\n")
    assert repo.commit({"tasks/a.md": None, "tasks/a.md/inner.md": data}, "folder")
    assert status(repo) == []
    assert_sound(repo)


def test_nothing_is_committed_below_a_file(repo: Repository) -> None:
    with pytest.raises(GitFailed, match="not a folder in git"):
        repo.commit({"tasks/a.md/inner.md": b"x"}, "never")
    assert status(repo) == []


def test_what_another_planner_is_landing_is_not_taken_for_staged_work(repo: Repository) -> None:
    folder = os.open(repo.git_dir, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    path, before = "tasks/a.md", sh(repo.top, "rev-parse", "HEAD:tasks/a.md").strip()
    sh(repo.top, "update-index", "--cacheinfo", f"100644,{sh(repo.top, 'rev-parse', 'HEAD:tasks/b.md').strip()},{path}")

    class OtherGivesUp(Ops):
        def lock(self, fd: int, *, wait: bool = True) -> bool:
            got = super().lock(fd, wait=wait)
            if not got:
                sh(repo.top, "update-index", "--cacheinfo", f"100644,{before},{path}")
                os.close(folder)
            return got

    with fsops.using(OtherGivesUp()):
        assert repo.commit({path: b"ours\n"}, "ours") is not None
    assert sh(repo.top, "show", f"HEAD:{path}") == "ours\n"
    assert sh(repo.top, "diff", "--cached", "--name-only") == ""


def test_a_planner_that_stands_still_while_it_lands_holds_nobody_up_for_long(repo: Repository) -> None:
    folder = os.open(repo.git_dir, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert repo.commit({"tasks/a.md": b"ours\n"}, "ours", patience=0.05) is not None
    os.close(folder)


def test_nothing_to_commit_is_none(repo: Repository) -> None:
    before = repo.head()
    assert repo.commit({"tasks/a.md": b"a1\na2\na3\n", "never/was.md": None}, "nothing") is None
    assert repo.commit({}, "nothing") is None
    assert repo.head() == before


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(repo: Repository, name: str) -> None:
    path = f"tasks/{name}"
    assert save_and_commit(repo, path, "one\n")
    assert save_and_commit(repo, path, "two\n")
    assert shown(repo, path) == b"two\n"
    assert status(repo) == []
    Path(repo.top, path).unlink()
    assert repo.commit({path: None}, "gone")
    assert status(repo) == []
    assert repo.status_paths().paths == ()


def test_all_odd_names_in_one_commit_at_the_top(repo: Repository) -> None:
    assert repo.commit({name: write(repo, name, name.encode("utf-8", "surrogateescape")) for name in ODD_NAMES}, "odd")
    assert status(repo) == []
    assert {path for path, _ in repo.ls_tree("HEAD")} >= set(ODD_NAMES)
    assert_sound(repo)


@pytest.mark.parametrize("path", ["../out.md", "/etc/x", "tasks//a.md", ".git/config", "a/.GIT/b", "", "./a.md"])
def test_a_path_outside_the_repository_is_a_bug(repo: Repository, path: str) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        repo.commit({path: b"x"}, "never")


def test_programs_and_links_keep_their_modes(repo: Repository) -> None:
    assert save_and_commit(repo, "run.sh", "#!/bin/sh\nexit\n")
    assert save_and_commit(repo, "beside.md", "x")
    modes = {line.split()[3]: line.split()[0] for line in sh(repo.top, "ls-tree", "HEAD").splitlines()}
    assert modes == {"beside.md": "100644", "link": "120000", "run.sh": "100755", "tasks": "040000"}
    with pytest.raises(GitFailed, match="not a plain file"):
        repo.commit({"link": b"x"}, "never")
    assert status(repo) == []


def test_a_mode_the_user_changed_stays_uncommitted_and_unstaged(repo: Repository) -> None:
    Path(repo.top, "tasks/a.md").chmod(0o755)
    assert save_and_commit(repo, "tasks/a.md", "new\n")
    assert status(repo) == [" M tasks/a.md"]
    assert sh(repo.top, "diff") == "diff --git a/tasks/a.md b/tasks/a.md\nold mode 100644\nnew mode 100755\n"


def test_an_unborn_branch_gets_its_first_commit(tmp_path: Path) -> None:
    make(tmp_path)
    repo = found(tmp_path)
    sha = save_and_commit(repo, "v/tasks/a.md", "a\n")
    assert repo.head() == Head("main", sha)
    assert sh(tmp_path, "log", "--format=%P") == "\n"
    assert status(repo) == []
    assert_sound(repo)


def test_a_sha256_repository(tmp_path: Path) -> None:
    make(tmp_path, "--object-format=sha256")
    repo = found(tmp_path)
    assert save_and_commit(repo, "v/tasks/a.md", "a\n")
    sha = save_and_commit(repo, "v/tasks/b.md", "b\n", expected={"v/tasks/b.md": None})
    assert sha == repo.head().commit
    assert len(sha or "") == 64
    assert status(repo) == []
    assert_sound(repo)


def test_a_detached_head_needs_consent(repo: Repository) -> None:
    sh(repo.top, "switch", "-q", "--detach")
    with pytest.raises(GitFailed, match="detached") as refused:
        save_and_commit(repo, "tasks/a.md", "new\n")
    assert "git switch" in refused.value.hint
    sha = save_and_commit(repo, "tasks/a.md", "new\n", allow_detached=True)
    assert repo.head() == Head(None, sha)


def test_an_ignored_new_file_is_left_out_but_a_tracked_one_is_not(repo: Repository) -> None:
    Path(repo.git_dir, "info", "exclude").write_text("*.md\n")
    assert save_and_commit(repo, "tasks/new.md", "x\n") is None
    assert repo.commit({"tasks/new.md": b"x\n", "tasks/a.md": write(repo, "tasks/a.md", "y\n")}, "one of two")
    assert [path for path, _ in repo.ls_tree("HEAD", "tasks")] == ["tasks/a.md", "tasks/b.md"]


def test_expected_guards_what_head_holds(repo: Repository) -> None:
    before = b"a1\na2\na3\n"
    assert save_and_commit(repo, "tasks/a.md", "new\n", expected={"tasks/a.md": before})
    with pytest.raises(HeadMoved):
        save_and_commit(repo, "tasks/a.md", "newer\n", expected={"tasks/a.md": before})
    with pytest.raises(HeadMoved):
        save_and_commit(repo, "tasks/b.md", "newer\n", expected={"tasks/b.md": None})
    assert shown(repo, "tasks/a.md") == b"new\n"


# ---- beside the user's own work --------------------------------------------------------------------------------------


def test_what_the_user_staged_and_edited_elsewhere_stays_so(repo: Repository) -> None:
    write(repo, "tasks/b.md", "staged\n")
    write(repo, "staged new.md", "s\n")
    sh(repo.top, "add", "tasks/b.md", "staged new.md")
    write(repo, "tasks/b.md", "staged, then edited\n")
    write(repo, "loose.md", "u\n")
    sh(repo.top, "rm", "-q", "--cached", "run.sh")
    before = status(repo)
    assert save_and_commit(repo, "tasks/a.md", "new\n")
    assert status(repo) == before
    assert sh(repo.top, "show", "--format=", "--name-only") == "tasks/a.md\n"
    assert sh(repo.top, "show", ":tasks/b.md") == "staged\n"


def test_the_users_next_commit_does_not_revert_ours(repo: Repository) -> None:
    write(repo, "tasks/b.md", "theirs\n")
    sh(repo.top, "add", "tasks/b.md")
    save_and_commit(repo, "tasks/a.md", "ours\n")
    save_and_commit(repo, "tasks/new.md", "ours\n")
    sh(repo.top, "commit", "-qm", "theirs")
    assert sh(repo.top, "show", "--format=", "--name-only") == "tasks/b.md\n"
    assert (shown(repo, "tasks/a.md"), shown(repo, "tasks/new.md")) == (b"ours\n", b"ours\n")


def test_a_half_staged_file_waits_unless_its_staged_text_is_given(repo: Repository) -> None:
    write(repo, "tasks/a.md", "a1 staged\na2\na3\n")
    sh(repo.top, "add", "tasks/a.md")
    before = repo.head(), repo.index_entries(["tasks/a.md"])
    with pytest.raises(HalfStaged, match="staged with another text"):
        save_and_commit(repo, "tasks/a.md", "a1\na2\na3 ours\n")
    assert (repo.head(), repo.index_entries(["tasks/a.md"])) == before
    assert repo.staged_text("tasks/a.md") == b"a1 staged\na2\na3\n"
    assert repo.staged_text("tasks/b.md") is None
    assert save_and_commit(repo, "tasks/a.md", "a1\na2\na3 ours\n", staged={"tasks/a.md": b"a1 staged\na2\na3 ours\n"})
    assert shown(repo, "tasks/a.md") == b"a1\na2\na3 ours\n"
    assert repo.staged_text("tasks/a.md") == b"a1 staged\na2\na3 ours\n"


def test_a_staged_deletion_is_half_staged(repo: Repository) -> None:
    sh(repo.top, "rm", "-q", "--cached", "tasks/a.md")
    with pytest.raises(HalfStaged):
        save_and_commit(repo, "tasks/a.md", "new\n")


def test_staged_just_as_committed_is_fine(repo: Repository) -> None:
    data = write(repo, "tasks/a.md", "new\n")
    write(repo, "tasks/new.md", "new\n")
    sh(repo.top, "add", "tasks")
    assert repo.commit({"tasks/a.md": data, "tasks/new.md": data}, "both")
    assert status(repo) == []


def test_a_file_only_announced_by_add_n_is_fine(repo: Repository) -> None:
    write(repo, "tasks/new.md", "new\n")
    sh(repo.top, "add", "-N", "tasks/new.md")
    assert save_and_commit(repo, "tasks/new.md", "new\n")
    assert status(repo) == []


def test_a_held_index_lock_is_named_and_nothing_moved(repo: Repository) -> None:
    lock = Path(repo.git_dir, "index.lock")
    lock.touch()
    before = repo.head()
    with pytest.raises(GitBusy, match=r"index\.lock"):
        save_and_commit(repo, "tasks/a.md", "new\n", patience=0.05)
    assert repo.head() == before
    lock.unlink()
    assert status(repo) == [" M tasks/a.md"]
    assert save_and_commit(repo, "tasks/a.md", "new\n")


class OnGit(Ops):
    """Do something just before the git command of that name runs for the first time."""

    def __init__(self, command: str, action: Callable[[], object], times: int = 1) -> None:
        self.command, self.action, self.times = command, action, times

    def run(self, argv, **options) -> Completed:  # type: ignore[no-untyped-def]  # passed through as they are
        if self.command in argv and self.times:
            self.times -= 1
            self.action()
        return super().run(argv, **options)


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_released_in_time_is_waited_for(repo: Repository, name: str) -> None:
    lock = Path(repo.git_dir, name)
    lock.touch()
    looks = []

    class ReleasedAtTheThirdLook(Ops):
        def lstat(self, path: fsops.StrPath) -> os.stat_result:
            if os.fspath(path) == str(lock):
                looks.append(path)
                lock.unlink(missing_ok=len(looks) != 3) if len(looks) >= 3 else None
            return super().lstat(path)

    with fsops.using(ReleasedAtTheThirdLook()):
        assert save_and_commit(repo, "tasks/a.md", "new\n")
    assert len(looks) >= 3
    assert status(repo) == []


def test_a_lock_taken_at_the_last_moment_is_waited_for(repo: Repository) -> None:
    lock = Path(repo.git_dir, "index.lock")
    calls = []

    def taken_for_two_calls() -> None:
        calls.append(1)
        lock.unlink() if len(calls) == 3 else lock.touch()

    with fsops.using(OnGit("update-index", taken_for_two_calls, times=3)):
        assert save_and_commit(repo, "tasks/a.md", "new\n")
    assert len(calls) == 3
    assert status(repo) == []


def test_a_lost_race_is_rebuilt_on_the_new_head(repo: Repository) -> None:
    other = found(Path(repo.top))
    with fsops.using(OnGit("update-ref", lambda: other.commit({"other.md": b"x\n"}, "theirs"))):
        assert save_and_commit(repo, "tasks/a.md", "ours\n")
    assert sh(repo.top, "log", "--format=%s").split() == ["ours", "theirs", "first"]
    assert (shown(repo, "other.md"), shown(repo, "tasks/a.md")) == (b"x\n", b"ours\n")


def test_a_lost_race_for_the_same_file_is_noticed(repo: Repository) -> None:
    def theirs() -> None:
        tree = sh(repo.top, "rev-parse", "HEAD:tasks").strip()
        sh(repo.top, "update-ref", "HEAD", sh(repo.top, "commit-tree", "-m", "theirs", "-p", "HEAD", tree).strip())

    with fsops.using(OnGit("update-ref", theirs)), pytest.raises(HeadMoved):
        save_and_commit(repo, "tasks/a.md", "ours\n", expected={"tasks/a.md": b"a1\na2\na3\n"})
    assert sh(repo.top, "log", "-1", "--format=%s") == "theirs\n"
    assert sh(repo.top, "show", ":tasks/a.md") == "a1\na2\na3\n"  # our entry was taken back


def test_losing_every_race_gives_up_and_gives_the_index_back(repo: Repository) -> None:
    def theirs() -> None:
        commit = sh(repo.top, "commit-tree", "-m", "theirs", "-p", "HEAD", "HEAD^{tree}").strip()
        sh(repo.top, "update-ref", "HEAD", commit)

    with fsops.using(OnGit("update-ref", theirs, times=60)), pytest.raises(GitBusy, match="moved 60 times"):
        save_and_commit(repo, "tasks/a.md", "ours\n")
    assert status(repo) == [" M tasks/a.md"]


def test_a_refused_reference_gives_the_index_back(repo: Repository) -> None:
    script(Path(repo.git_dir, "hooks", "reference-transaction"), "echo not today >&2; exit 1")
    with pytest.raises(GitFailed, match="hook"):
        save_and_commit(repo, "tasks/a.md", "ours\n")
    assert status(repo) == [" M tasks/a.md"]
    assert litter(repo) == []


def test_four_processes_of_ten_commits_each_all_land(repo: Repository) -> None:
    program = (
        "import sys\n"
        "from planner.store import git\n"
        "repo = git.discover(sys.argv[1])\n"
        "for n in range(10):\n"
        "    name = f'tasks/{sys.argv[2]}-{n}.md'\n"
        "    open(f'{repo.top}/{name}', 'w').write(name)\n"
        "    assert repo.commit({name: name.encode()}, name, patience=60)\n"
    )
    root = Path(git.__file__).parents[2]
    workers = [
        subprocess.Popen([sys.executable, "-c", program, repo.top, str(worker)], cwd=root, env={**os.environ})
        for worker in range(4)
    ]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert len(sh(repo.top, "log", "--format=%s").split()) == 41
    assert len(repo.ls_tree("HEAD", "tasks")) == 42
    assert status(repo) == []
    assert_sound(repo)


# ---- filters, signing, hooks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "autocrlf", "stored"),
    [
        ("", "false", b"x\r\ny\r\n"),
        ("", "true", b"x\ny\n"),
        ("*.md text eol=crlf\n", "false", b"x\ny\n"),
        ("*.md text=auto\n", "false", b"x\ny\n"),
        ("*.md -text\n", "true", b"x\r\ny\r\n"),
    ],
)
def test_line_endings_are_stored_as_git_add_would(
    repo: Repository, attributes: str, autocrlf: str, stored: bytes
) -> None:
    sh(repo.top, "config", "core.autocrlf", autocrlf)
    save_and_commit(repo, ".gitattributes", attributes or "\n")
    for path in ("tasks/new.md", "tasks/a.md"):
        assert save_and_commit(repo, path, b"x\r\ny\r\n")
        assert shown(repo, path) == stored
    names = [f"tasks/{n}.md" for n in range(5)]
    assert repo.commit({name: write(repo, name, b"x\r\ny\r\n") for name in names}, "many")
    assert set(repo.read_blobs("HEAD", names).values()) == {stored}
    assert status(repo) == []


@pytest.mark.parametrize(
    ("attributes", "stored"),
    [("\n", b"x\r\nz\r\n"), ("*.md text=auto\n", b"x\r\nz\r\n"), ("*.md text\n", b"x\nz\n")],
)
def test_a_file_stored_with_crlf_stays_so_under_automatic_conversion(
    repo: Repository, attributes: str, stored: bytes
) -> None:
    save_and_commit(repo, "tasks/a.md", b"x\r\ny\r\n")
    assert shown(repo, "tasks/a.md") == b"x\r\ny\r\n"
    sh(repo.top, "config", "core.autocrlf", "true")
    save_and_commit(repo, ".gitattributes", attributes)
    assert save_and_commit(repo, "tasks/a.md", b"x\r\nz\r\n")
    assert shown(repo, "tasks/a.md") == stored
    assert status(repo) == []


def test_a_clean_filter_runs_as_for_git_add(repo: Repository) -> None:
    sh(repo.top, "config", "filter.upper.clean", "tr a-z A-Z")
    sh(repo.top, "config", "filter.upper.smudge", "tr A-Z a-z")
    consent(repo)
    save_and_commit(repo, ".gitattributes", "*.md filter=upper\n")
    assert save_and_commit(repo, "tasks/new.md", "text\n")
    assert shown(repo, "tasks/new.md") == b"TEXT\n"
    assert save_and_commit(repo, "tasks/new.md", "more\n", expected={"tasks/new.md": b"text\n"})


def test_a_failing_signer_moves_nothing(repo: Repository, tmp_path: Path) -> None:
    sh(repo.top, "config", "commit.gpgSign", "true")
    sh(repo.top, "config", "gpg.program", str(script(tmp_path / "bin" / "gpg", "echo no key >&2; exit 2")))
    consent(repo)
    before = repo.head()
    with pytest.raises(GitFailed, match="sign"):
        save_and_commit(repo, "tasks/a.md", "new\n")
    assert repo.head() == before
    assert status(repo) == [" M tasks/a.md"]
    assert litter(repo) == []


def test_a_working_signer_signs(repo: Repository, tmp_path: Path) -> None:
    signer = "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo '-----BEGIN PGP SIGNATURE-----'"
    sh(repo.top, "config", "commit.gpgSign", "yes")
    sh(repo.top, "config", "gpg.program", str(script(tmp_path / "bin" / "gpg", signer)))
    consent(repo)
    save_and_commit(repo, "tasks/a.md", "new\n")
    assert "BEGIN PGP SIGNATURE" in sh(repo.top, "cat-file", "commit", "HEAD")


def test_hooks_run_only_when_asked(repo: Repository) -> None:
    script(Path(repo.git_dir, "hooks", "pre-commit"), "git diff --cached --name-only > ../seen")
    script(Path(repo.git_dir, "hooks", "commit-msg"), 'echo "Checked: yes" >> "$1"')
    consent(repo)
    save_and_commit(repo, "tasks/a.md", "one\n", hooks="skip")
    assert not Path(repo.top, "../seen").exists()
    write(repo, "tasks/b.md", "staged\n")
    sh(repo.top, "add", "tasks/b.md")
    Path(repo.top, "run.sh").unlink()
    sha = repo.commit({"tasks/new.md": write(repo, "tasks/new.md", "x\n"), "run.sh": None}, "ours", hooks="run")
    assert sha == repo.head().commit
    assert Path(repo.top, "../seen").read_text() == "run.sh\ntasks/new.md\n"
    assert sh(repo.top, "log", "-1", "--format=%B").split("\n")[:2] == ["ours", "Checked: yes"]
    assert status(repo) == ["M  tasks/b.md"]
    assert_sound(repo)


def test_a_refusing_hook_is_heard_and_nothing_moved(repo: Repository) -> None:
    script(Path(repo.git_dir, "hooks", "pre-commit"), "echo no trailing blanks, please >&2; exit 1")
    consent(repo)
    before = repo.head()
    with pytest.raises(GitFailed, match="no trailing blanks, please") as refused:
        save_and_commit(repo, "tasks/new.md", "new\n", hooks="run")
    assert "saved but not committed" in refused.value.hint
    assert repo.head() == before
    assert status(repo) == ["?? tasks/new.md"]
    assert Path(repo.top, "tasks/new.md").read_text() == "new\n"
    assert litter(repo) == []


def test_a_hanging_hook_is_ended_and_leaves_no_lock(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.store.commit.HOOK_TIMEOUT", 0.5)
    script(Path(repo.git_dir, "hooks", "pre-commit"), "sleep 60")
    consent(repo)
    with pytest.raises(GitFailed, match="no answer within"):
        save_and_commit(repo, "tasks/a.md", "new\n", hooks="run")
    assert status(repo) == [" M tasks/a.md"]
    assert litter(repo) == []


def test_hooks_in_a_configured_folder_are_found(repo: Repository) -> None:
    sh(repo.top, "config", "core.hooksPath", "my hooks")
    script(Path(repo.top, "my hooks", "pre-commit"), "echo refused >&2; exit 1")
    consent(repo)
    with pytest.raises(GitFailed, match="refused"):
        save_and_commit(repo, "tasks/a.md", "new\n", hooks="run")


def test_a_half_staged_file_keeps_its_staged_text_with_hooks_too(repo: Repository) -> None:
    script(Path(repo.git_dir, "hooks", "pre-commit"), "true")
    consent(repo)
    write(repo, "tasks/a.md", "staged\n")
    sh(repo.top, "add", "tasks/a.md")
    assert save_and_commit(repo, "tasks/a.md", "ours\n", hooks="run", staged={"tasks/a.md": b"staged ours\n"})
    assert shown(repo, "tasks/a.md") == b"ours\n"
    assert repo.staged_text("tasks/a.md") == b"staged ours\n"


def test_a_file_edited_again_before_the_hooks_waits(repo: Repository) -> None:
    script(Path(repo.git_dir, "hooks", "pre-commit"), "true")
    consent(repo)
    write(repo, "tasks/a.md", "edited again\n")
    with pytest.raises(GitBusy, match="edited again"):
        repo.commit({"tasks/a.md": b"ours\n"}, "ours", hooks="run")


def test_what_a_commit_does_not_need_is_not_run_even_where_it_is_trusted(repo: Repository, tmp_path: Path) -> None:
    canary = script(tmp_path / "bin" / "canary", f"touch '{tmp_path}/sang'")
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.x.textconv", "gpg.program"):
        sh(repo.top, "config", key, str(canary))
    sh(repo.top, "config", "log.showSignature", "true")
    consent(repo)
    assert save_and_commit(repo, "tasks/a.md", "new\n")
    repo.status_paths()
    repo.run("log", "--format=%H")
    repo.ls_tree("HEAD")
    assert not (tmp_path / "sang").exists()


# ---- errors in the middle --------------------------------------------------------------------------------------------


class FailAt(Ops):
    """The k-th child process cannot be started."""

    def __init__(self, k: int) -> None:
        self.left = k

    def run(self, argv, **options) -> Completed:  # type: ignore[no-untyped-def]  # passed through as they are
        self.left -= 1
        if self.left == 0:
            raise OSError(11, "Resource temporarily unavailable")
        return super().run(argv, **options)


def test_a_child_that_cannot_start_leaves_old_or_new(repo: Repository) -> None:
    write(repo, "tasks/b.md", "staged\n")
    sh(repo.top, "add", "tasks/b.md")
    failures = 0
    for k in range(1, 40):
        before = repo.head()
        text = write(repo, "tasks/a.md", f"version {k}\n")
        with fsops.using(FailAt(k)):
            try:
                repo.commit({"tasks/a.md": text}, f"version {k}")
            except (OSError, GitFailed):
                failures += 1
                assert repo.head() == before
                assert status(repo) == [" M tasks/a.md", "M  tasks/b.md"]
                assert litter(repo) == []
                continue
        break
    assert failures >= 5
    assert shown(repo, "tasks/a.md") == text
    assert status(repo) == ["M  tasks/b.md"]
    assert_sound(repo)


# ---- messages --------------------------------------------------------------------------------------------------------


def test_trailers_round_trip() -> None:
    message = with_trailers(
        "set  a\nb", "body: not one\n\nlast: paragraph", {"Planner-Op": "x1", "Planner-Undoes": ["a", "b"]}
    )
    assert (
        message
        == "set a b\n\nbody: not one\n\nlast: paragraph\n\nPlanner-Op: x1\nPlanner-Undoes: a\nPlanner-Undoes: b\n"
    )
    assert trailers(message) == {"Planner-Op": ["x1"], "Planner-Undoes": ["a", "b"]}


@pytest.mark.parametrize("message", ["", "fix: a title", "fix: a title\n", "title\n\njust text", "title\nkey: value"])
def test_no_trailers(message: str) -> None:
    assert trailers(message) == {}


def test_passwords_in_urls_are_not_repeated() -> None:
    words = process.own_words(b"fatal: unable to access 'https://ana:secret@host/x.git/': no\n")
    assert words == "unable to access 'https://host/x.git/': no"
