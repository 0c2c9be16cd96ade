"""What two looks at the work tree tell apart: every change that may read otherwise, and nothing else."""

from __future__ import annotations

import marshal
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.store import survey, walk
from planner.store.survey import Difference, Look, difference, with_new_folders
from planner.store.walk import Entry, Listings

Change = Callable[[Path], object]
ODD = Difference(odd=True)


def put(root: Path, path: str, text: str = "x\n", *, at: int = 1_600_000_000_123_456_789) -> Path:
    """A file last saved long ago."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, ns=(at, at))
    return file


def replace_link(root: Path, path: str, target: str) -> None:
    (root / path).unlink()
    (root / path).symlink_to(target)


def folder_for_a_file(root: Path) -> None:
    (root / "a.md").unlink()
    put(root, "a.md/n.md")


def pipe_for_a_file(root: Path) -> None:
    (root / "a.md").unlink()
    os.mkfifo(root / "a.md")


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    root = tmp_path / "vault"
    for path in ("planner.toml", "a.md", "tasks/b.md", "tasks/deep/c.md", "text.txt", "other.txt", ".gitignore"):
        put(root, path)
    put(tmp_path, "outside/o.md")
    (root / "link.md").symlink_to("text.txt")
    (root / "inner").symlink_to("tasks")
    (root / "outer").symlink_to("../outside")
    (root / "gone.md").symlink_to("nothing")
    put(root, ".hidden/h.md")
    put(root, "node_modules/m.md")
    put(root, "build/out.md")
    return root


def seen(root: Path) -> Listings:
    return walk.walk(os.fspath(root), {"build/"})


def again(root: Path, old: Listings) -> Listings:
    """What a second run sees: the folders it knows, and what is new below them."""
    return with_new_folders(root, old, walk.look(os.fspath(root), list(old)), frozenset({"build/"}))


def files(*paths: str) -> Difference:
    return Difference(frozenset(paths))


ROWS: list[tuple[str, Difference, Change]] = [
    ("nothing", files(), os.listdir),
    ("saved in place, same size", files("a.md"), lambda root: put(root, "a.md", "y\n", at=1_600_000_000_123_456_790)),
    ("saved, same time, other size", files("a.md"), lambda root: put(root, "a.md", "yy\n")),
    ("replaced, same time and size", files("a.md"), lambda root: put(root, "n.txt", "y\n").replace(root / "a.md")),
    ("new", files("tasks/n.md"), lambda root: put(root, "tasks/n.md")),
    ("deleted", files("tasks/b.md"), lambda root: (root / "tasks/b.md").unlink()),
    ("renamed", files("tasks/b.md", "tasks/r.md"), lambda root: (root / "tasks/b.md").rename(root / "tasks/r.md")),
    ("closed to its owner", files("a.md"), lambda root: (root / "a.md").chmod(0)),
    ("of another mode", files(), lambda root: (root / "a.md").chmod(0o600)),
    ("of no interest", files(), lambda root: (put(root, "new.txt"), put(root, ".hidden/n.md"), put(root, "build/n.md"))),
    ("an editor's passing file", files(), lambda root: (put(root, ".a.md.swp"), put(root, "a.md~"), put(root, "#a.md#"))),
    ("the configuration", files("planner.toml"), lambda root: put(root, "planner.toml", "[vault]\n")),
    ("a configuration elsewhere", files(), lambda root: put(root, "tasks/planner.toml")),
    ("a new folder", files("new/deep/n.md"), lambda root: put(root, "new/deep/n.md")),
    ("an empty folder", files(), lambda root: (root / "new").mkdir()),
    ("a removed folder", files("tasks/deep/c.md"), lambda root: shutil.rmtree(root / "tasks/deep")),
    ("a renamed folder", files("tasks/deep/c.md", "tasks/e/c.md"), lambda root: (root / "tasks/deep").rename(root / "tasks/e")),
    ("a folder for a file", files("a.md", "a.md/n.md"), folder_for_a_file),
    ("a pipe for a file", files("a.md"), pipe_for_a_file),
    ("a link for a file", files("a.md"), lambda root: replace_link(root, "a.md", "text.txt")),
    ("a link to another", files("link.md"), lambda root: replace_link(root, "link.md", "other.txt")),
    ("a link's target saved", files("link.md"), lambda root: put(root, "text.txt", "y\n", at=1_600_000_000_000_000_001)),
    ("a link's target gone", files("link.md"), lambda root: (root / "text.txt").unlink()),
    ("a link that leads somewhere now", files("gone.md"), lambda root: put(root, "nothing")),
    ("a folder's link to another", ODD, lambda root: replace_link(root, "outer", "tasks")),
    ("a new link to a folder", ODD, lambda root: (root / "l").symlink_to("..")),
    ("a file in a linked folder outside", files(), lambda root: put(root.parent, "outside/n.md")),
    ("a file in a linked folder inside", files("tasks/n.md"), lambda root: put(root, "tasks/n.md")),
    ("an ignore file", ODD, lambda root: put(root, ".gitignore", "x\ny\n")),
    ("an ignore file below", ODD, lambda root: put(root, "tasks/.gitignore")),
    ("an ignore file less", ODD, lambda root: (root / ".gitignore").unlink()),
    ("a repository", Difference(frozenset({"tasks/b.md", "tasks/deep/c.md"}), odd=True), lambda root: put(root, "tasks/.git/HEAD")),
    ("a work tree", Difference(frozenset({"tasks/deep/c.md"}), odd=True), lambda root: put(root, "tasks/deep/.git")),
    ("a repository by a link", Difference(frozenset({"tasks/deep/c.md"}), odd=True), lambda root: (root / "tasks/deep/.git").symlink_to("/")),
    ("a new folder that is a repository", ODD, lambda root: (put(root, "new/.git/HEAD"), put(root, "new/n.md"))),
    ("the vault's own repository", files(), lambda root: put(root, ".git/HEAD")),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "change"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_is_told_apart(vault: Path, expected: Difference, change: Change) -> None:
    before = seen(vault)
    change(vault)
    looked = again(vault, before)
    assert looked.keys() == seen(vault).keys()
    assert all(set(marshal.loads(looked[f])) == set(marshal.loads(seen(vault)[f])) for f in looked)  # noqa: S302 (ours)
    assert difference(before, looked) == expected


def test_a_folder_that_cannot_be_listed(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, really = seen(vault), os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/deep/"):
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert difference(before, again(vault, before)) == Difference(frozenset({"tasks/deep/c.md"}), odd=True)


def test_a_link_that_goes_while_its_folder_is_listed_takes_nothing_with_it(vault: Path) -> None:
    class Gone:
        name = "x.md"

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            return False

        def is_symlink(self) -> bool:
            return True

        def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
            raise FileNotFoundError(2, "gone")

    with os.scandir(vault / "tasks") as found:
        entries, below = walk._entries([Gone(), *found], top=False)
    assert [entry[0] for entry in entries if entry[1] >= 0] == ["b.md"]
    assert below == ["deep"]


def test_an_ignored_folder_is_never_looked_into(vault: Path) -> None:
    assert not any(folder.startswith("build/") for folder in seen(vault))
    put(vault, "build/deep/x.md")
    assert not any(folder.startswith("build/") for folder in again(vault, seen(vault)))


@pytest.mark.parametrize("program", [sys.executable, "/bin/false", "/bin/cat", "/no/such/program", ""])
def test_other_processes_see_the_same_and_where_they_fail_nothing_is_missed(
    vault: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    for n in range(30):
        put(vault, f"many/{n}/caf\u00e9-{n}.md")
    put(vault, os.fsdecode(b"many/caf\xe9.md"))
    folders = [*seen(vault), "gone/"]
    alone = walk.look(os.fspath(vault), folders)
    monkeypatch.setattr(survey, "MANY", 1)
    monkeypatch.setattr(sys, "executable", program)
    assert Look(vault, folders, 40).listings() == alone
    assert Look(vault, [], 40).listings() == {}
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # nothing is left behind


def test_a_killed_helper_is_made_up_for(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "MANY", 1)
    look = Look(vault, list(seen(vault)), 40)
    for helper in look._helpers:
        assert helper._process is not None
        helper._process.kill()
    assert look.listings() == seen(vault)


def test_entries_say_what_a_name_is(vault: Path) -> None:
    entries: list[Entry] = marshal.loads(seen(vault)[""])  # noqa: S302 (ours)
    assert entries == sorted(entries)
    kinds = {(name, kind) for name, kind, *_ in entries if kind < 0}
    assert {("link.md", walk.LINK), ("link.md", walk.TARGET), ("gone.md", walk.LINK), ("tasks", walk.FOLDER)} <= kinds
    assert ("gone.md", walk.TARGET) not in kinds
    assert next(size for name, size, *_ in entries if name == "a.md") == 2
