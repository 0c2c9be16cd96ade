"""A commit written from here is the one git would have written, byte for byte, whatever is configured."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from planner.errors import GitFailed
from planner.store import commit as commits
from planner.store import fsops
from planner.store.fsops import Completed, Ops
from planner.store.git import HalfStaged, Identity, Repository, discover
from planner.store.newobjects import NewObjects
from planner.store.objects import object_id, read_trees

WHEN = datetime(2026, 11, 25, 14, 5, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "gitconfig").write_text("[user]\nname = Ana\nemail = ana@example.org\n")


def sh(where: Path | str, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True, text=True).stdout


def write(repo: Repository, path: str, data: bytes) -> bytes:
    target = Path(repo.top, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return data


def made(folder: Path, *options: str) -> Repository:
    sh(folder.parent, "init", "-q", "-b", "main", *options, str(folder))
    repo = discover(folder)
    assert repo is not None
    for path, data in {"a.md": b"a\n", "tasks/b.md": b"b\n", "tasks/deep/er/c.md": b"c\n", "tasks.md": b"t\n"}.items():
        write(repo, path, data)
    sh(folder, "add", "-A")
    sh(folder, "-c", "user.name=Ana", "commit", "-qm", "first", "--date", "@1790000000 +0000")
    return repo


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return made(tmp_path / "repo")


def git_did(run: Callable[[], object]) -> list[str]:
    """The git commands that something needs."""
    seen: list[str] = []

    class Seeing(Ops):
        def run(self, argv, **options) -> Completed:  # type: ignore[no-untyped-def]  # passed through as they are
            seen.append(next(word for word in argv[1:] if not word.startswith("-") and "=" not in word))
            return super().run(argv, **options)

    with fsops.using(Seeing()):
        run()
    return seen


def ours(repo: Repository, path: str = "tasks/b.md", data: bytes = b"new\n", message: str = "ours\n") -> str:
    commit = repo.commit({path: write(repo, path, data)}, message, when=WHEN)
    assert commit is not None
    return commit


# ---- the same as git's -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
@pytest.mark.parametrize("path", ["a.md", "tasks/b.md", "tasks/deep/er/new.md", "new/folder/x.md"])
@pytest.mark.parametrize("message", ["ours\n", "ours", "ünicode → ✓\n\nbody\n\nPlanner-Op: x\n"])
def test_the_commit_is_the_one_git_commit_tree_makes(
    tmp_path: Path, options: tuple[str, ...], path: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = made(tmp_path / "repo", *options)
    shutil.copytree(repo.top, tmp_path / "copy")
    copy = discover(tmp_path / "copy")
    assert copy is not None
    ids = ours(repo, path, message=message)
    monkeypatch.setattr(commits, "signatures", lambda *_: None)
    assert "commit-tree" in git_did(lambda: ours(copy, path, message=message))
    assert ids == copy.head().commit
    assert sh(repo.top, "fsck", "--strict", "--no-dangling") == ""
    assert sh(repo.top, "status", "--porcelain") == ""


def test_a_commit_of_one_file_needs_four_processes(repo: Repository) -> None:
    ours(repo)
    assert git_did(lambda: ours(repo, data=b"newer\n")) == ["config", "ls-files", "update-index", "update-ref"]


def test_packed_objects_are_read_by_git(repo: Repository) -> None:
    sh(repo.top, "gc", "-q")
    assert "cat-file" in git_did(lambda: ours(repo))
    sh(repo.top, "repack", "-adq")
    ours(repo, "tasks/deep/er/c.md")
    assert sh(repo.top, "show", "HEAD:tasks/b.md") == "new\n"
    assert sh(repo.top, "fsck", "--strict", "--no-dangling") == ""


def test_trees_are_read_alike_loose_and_packed(repo: Repository) -> None:
    ours(repo)
    paths = ["a.md", "tasks/b.md", "tasks/deep/er/c.md", "nowhere/x.md", "a.md/below"]
    loose = read_trees(repo, repo.head().commit, paths)
    sh(repo.top, "gc", "-q")
    assert read_trees(repo, repo.head().commit, paths) == loose


def test_a_replaced_head_is_read_as_git_reads_it(repo: Repository) -> None:
    write(repo, "tasks/other.md", b"other\n")
    sh(repo.top, "add", "tasks/other.md")
    tree = sh(repo.top, "write-tree").strip()
    twin = sh(repo.top, "commit-tree", "-m", "twin", tree).strip()
    sh(repo.top, "replace", "HEAD", twin)
    ours(repo)
    assert sh(repo.top, "show", "HEAD:tasks/other.md") == "other\n"


@pytest.mark.parametrize("shared", ["group", "all", "0660"])
def test_where_others_share_the_repository_git_writes_the_objects(repo: Repository, shared: str) -> None:
    sh(repo.top, "config", "core.sharedRepository", shared)
    assert "hash-object" in git_did(lambda: ours(repo))
    commit = repo.head().commit or ""
    assert Path(repo.git_dir, "objects", commit[:2]).stat().st_mode & stat.S_IWGRP
    assert sh(repo.top, "fsck", "--strict", "--no-dangling") == ""


def test_objects_that_are_there_already_are_made_young_again(repo: Repository) -> None:
    blob = object_id(repo, "blob", b"a\n")
    file = Path(repo.git_dir, "objects", blob[:2], blob[2:])
    os.utime(file, (0, 0))
    new = NewObjects(repo, [])
    assert new.add("blob", b"a\n") == blob
    new.write()
    assert file.stat().st_mtime > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_a_full_disk_leaves_no_half_object(repo: Repository) -> None:
    class Full(Ops):
        def write(self, fd: int, data: bytes | memoryview) -> int:
            raise OSError(28, "No space left on device")

    data = write(repo, "tasks/b.md", b"new\n")
    with fsops.using(Full()), pytest.raises(OSError, match="space"):
        repo.commit({"tasks/b.md": data}, "ours", when=WHEN)
    assert list(Path(repo.git_dir).rglob("tmp_obj*")) == []
    assert sh(repo.top, "status", "--porcelain") == " M tasks/b.md\n"


# ---- by whom ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "env"),
    [
        ({"user.name": "Ana Lovelace"}, {}),
        ({"user.name": "Ana P."}, {}),
        ({"user.name": ' "Ana" <x>', "user.email": "<ana@example.org>"}, {}),
        ({"user.name": "Äna Ünicode"}, {}),
        ({"author.name": "Author", "committer.name": "Committer"}, {}),
        ({"author.email": "a@example.org"}, {"GIT_COMMITTER_EMAIL": "c@example.org"}),
        ({"user.name": "Ana"}, {"GIT_AUTHOR_NAME": "Someone Else"}),
        ({"user.name": "Ana"}, {"GIT_AUTHOR_NAME": "latin \udce9"}),
    ],
)
def test_people_are_named_as_git_names_them(
    repo: Repository, config: dict[str, str], env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in config.items():
        sh(repo.top, "config", key, value)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    expected = sh_bytes(repo.top, "commit-tree", "-m", "theirs", "HEAD^{tree}").strip().decode()
    ours(repo)
    shown = "%an%n%ae%n%cn%n%ce"
    assert sh_bytes(repo.top, "log", "-1", f"--format={shown}", "HEAD") == sh_bytes(
        repo.top, "log", "-1", f"--format={shown}", expected
    )


def sh_bytes(where: Path | str, *args: str) -> bytes:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True).stdout


def test_an_author_given_is_the_author(repo: Repository) -> None:
    data = write(repo, "a.md", b"new\n")
    repo.commit({"a.md": data}, "ours", author=Identity("Bo", "bo@example.org"), when=WHEN)
    assert sh(repo.top, "log", "-1", "--format=%an %ae %cn %aI") == "Bo bo@example.org Ana 2026-11-25T14:05:00+01:00\n"


# ---- as `git add` would ----------------------------------------------------------------------------------------------

UPPER = "*.md filter=upper\n"


def in_the_work_tree(repo: Repository, home: Path) -> None:
    write(repo, ".gitattributes", UPPER.encode())


def in_a_folder(repo: Repository, home: Path) -> None:
    write(repo, "tasks/.gitattributes", UPPER.encode())


def in_the_repository(repo: Repository, home: Path) -> None:
    Path(repo.git_dir, "info").mkdir(exist_ok=True)
    Path(repo.git_dir, "info", "attributes").write_text(UPPER)


def in_the_users_folder(repo: Repository, home: Path) -> None:
    (home / "config" / "git").mkdir(parents=True)
    (home / "config" / "git" / "attributes").write_text(UPPER)


def in_a_file_named_by_the_user(repo: Repository, home: Path) -> None:
    (home / "my attributes").write_text(UPPER)
    sh(repo.top, "config", "--global", "core.attributesFile", str(home / "my attributes"))


def by_a_macro(repo: Repository, home: Path) -> None:
    write(repo, ".gitattributes", b"[attr]secret filter=upper\n*.md secret\n")


WAYS = (
    in_the_work_tree,
    in_a_folder,
    in_the_repository,
    in_the_users_folder,
    in_a_file_named_by_the_user,
    by_a_macro,
)


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_is_found_wherever_it_is_named(
    repo: Repository, tmp_path: Path, way: Callable[[Repository, Path], None]
) -> None:
    sh(repo.top, "config", "--global", "filter.upper.clean", "tr a-z A-Z")
    way(repo, tmp_path)
    ours(repo)
    assert sh(repo.top, "show", "HEAD:tasks/b.md") == "NEW\n"


def test_filters_named_in_a_file_that_is_missing_are_not_left_out(repo: Repository, tmp_path: Path) -> None:
    in_a_folder(repo, tmp_path)
    sh(repo.top, "add", "tasks/.gitattributes")
    Path(repo.top, "tasks/.gitattributes").unlink()
    with pytest.raises(GitFailed, match=r"tasks/\.gitattributes names filters") as refused:
        ours(repo)
    assert "git restore" in refused.value.hint
    ours(repo, "a.md")


@pytest.mark.parametrize("attributes", ["", "*.md text\n", "*.md eol=crlf\n", "*.md ident\n", "*.md -text\n"])
@pytest.mark.parametrize("autocrlf", ["false", "true", "input"])
@pytest.mark.parametrize(
    "data", [b"x\ny\n", b"x\r\ny\r\n", b"x\r\ny\n", b"$Id: old $\n", b"\xff\xfe\n", b"nul\0\n", b""]
)
def test_a_text_is_stored_as_git_add_stores_it(repo: Repository, attributes: str, autocrlf: str, data: bytes) -> None:
    sh(repo.top, "config", "core.autocrlf", autocrlf)
    write(repo, ".gitattributes", attributes.encode())
    ours(repo, "tasks/new.md", data)
    stored = sh_bytes(repo.top, "show", "HEAD:tasks/new.md")
    sh(repo.top, "rm", "-q", "--cached", "tasks/new.md")
    sh(repo.top, "add", "tasks/new.md")
    assert stored == sh_bytes(repo.top, "show", ":0:tasks/new.md")


def test_another_encoding_in_the_work_tree_is_asked_of_git(repo: Repository) -> None:
    write(repo, ".gitattributes", b"*.md working-tree-encoding=UTF-16LE\n")
    ours(repo, "tasks/new.md", "ä\n".encode("utf-16-le"))
    assert sh(repo.top, "show", "HEAD:tasks/new.md") == "ä\n"


# ---- beside what is staged -------------------------------------------------------------------------------------------


def test_what_was_staged_again_meanwhile_is_not_replaced(repo: Repository) -> None:
    write(repo, "a.md", b"staged\n")
    sh(repo.top, "add", "a.md")
    before = repo.index_entries(["a.md"])
    with pytest.raises(HalfStaged, match="staged again"):
        repo.commit({"a.md": b"ours\n"}, "ours", staged={"a.md": b"both\n"}, staged_over={"a.md": "0" * 40})
    assert repo.index_entries(["a.md"]) == before
    over = {"a.md": before["a.md"].oid}
    assert repo.commit({"a.md": b"ours\n"}, "ours", staged={"a.md": b"both\n"}, staged_over=over)
    assert sh(repo.top, "show", ":0:a.md") == "both\n"
    assert sh(repo.top, "show", "HEAD:a.md") == "ours\n"
