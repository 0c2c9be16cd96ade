"""By whatever road a vault is opened, by its cache or file by file, it is the vault that the files are."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from planner.core.model import Unread
from planner.core.parse import parse_file
from planner.core.vault import Vault
from planner.store import cold, files, fsops, index, opening, survey
from planner.store.git import discover
from planner.store.opening import Opened, open_vault
from tests.conftest import Claims, git
from tests.faults import Fails
from tests.proof import times

LONG_AGO = 1_600_000_000_000_000_001
_clock = itertools.count(LONG_AGO, 1_000_000_007)


def put(root: Path, path: str, text: str, *, now: bool = False) -> Path:
    """A file saved now, or at a time of its own long ago."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    if not now:
        aged(file)
    return file


def aged(file: Path) -> None:
    at = next(_clock)
    os.utime(file, ns=(at, at))


def a_task(n: int, status: str = "todo") -> str:
    return f"---\nid: t{n:04}\ntitle: Task {n}\nstatus: {status}\ntags: [a, t{n % 7}]\nestimate: {n % 9 + 1}h\n---\n- [ ] step\n[[t{n // 2:04}]]\n"


def make_vault(root: Path, count: int) -> Path:
    """Tasks in several folders, a note, settings."""
    put(root, "planner.toml", "")
    put(root, "notes/n.md", "# A note\n[[t0001]]\n")
    put(root, "text.txt", "---\ntitle: text\n---\n")
    for n in range(count):
        put(root, f"{('tasks', 'inbox', 'projects/p', 'notes/deep')[n % 4]}/{n}.md", a_task(n))
    return root


def ignored_in(root: Path) -> frozenset[str]:
    """As git would: the folders whose name stands in the ignore file."""
    try:
        names = set((root / ".gitignore").read_text().split())
    except OSError:
        return frozenset()
    found = (Path(folder) for folder, _, _ in os.walk(root))
    return frozenset(f"{folder.relative_to(root).as_posix()}/" for folder in found if folder.name in names)


def reopened(root: Path, folder: Path | None) -> Opened:
    return open_vault(root, folder, lambda: ignored_in(root), "", lambda _done, _all: None)


def fresh(root: Path) -> Vault:
    """The vault as its files are, by the plainest road."""
    tree = files.read_tree(root, ignored=ignored_in(root))
    texts: dict[str, str | Unread] = {**tree.texts, **{unread.path: unread for unread in tree.unread}}
    return Vault.parse(texts)


def facts(vault: Vault) -> Mapping[str, object]:
    """All that a vault says."""
    return {
        "files": [
            (path, f.text, f.title, f.links, f.unread, f.problems, repr(f.item)) for path, f in vault.files.items()
        ],
        "rows": list(vault.rows.items()),
        "items": repr(vault.items),
        "ids": {key: [item.path for item in items] for key, items in vault.by_id.items()},
        "problems": vault.problems,
        "config": vault.config,
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds that a small vault meets."""
    monkeypatch.setattr(opening, "WORTH_KEEPING", 10)
    monkeypatch.setattr(opening, "FEW", 3)
    monkeypatch.setattr(index, "MOST", 5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_vault(tmp_path / "vault", 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "v"


# ---- the two roads -------------------------------------------------------------------------------------------------


def test_from_250_files_on_the_second_opening_comes_from_the_cache(tmp_path: Path, folder: Path) -> None:
    root = make_vault(tmp_path / "vault", 250)
    first, second = reopened(root, folder), reopened(root, folder)
    assert (first.cold, second.cold) == (True, False)
    assert facts(first.vault) == facts(second.vault) == facts(fresh(root))
    assert len(list(folder.iterdir())) == 2


def test_a_small_vault_and_one_without_a_cache_folder_leave_nothing(root: Path, folder: Path) -> None:
    assert reopened(root, folder).cold
    assert reopened(root, None).cold
    assert not folder.exists()
    assert facts(reopened(root, None).vault) == facts(fresh(root))


@pytest.mark.usefixtures("small")
def test_what_is_no_plain_file_is_the_same_by_both_roads(root: Path, folder: Path) -> None:
    put(root, ".gitignore", "build")
    put(root, "build/x.md", "x")
    put(root, "sub/.git/HEAD", "x")
    put(root, "sub/s.md", "s")
    (root / "worktree").mkdir()
    (root / "worktree/.git").symlink_to("../sub/.git")
    put(root, "worktree/w.md", "w")
    with put(root, "huge.md", "").open("wb") as file:
        file.truncate(files.MAX_FILE + 1)
    os.mkfifo(root / "pipe.md")
    for name, target in {"out.md": "/etc/passwd", "in.md": "text.txt", "same.md": "notes/n.md", "gone.md": "none", "dir": "..",
                         "inner": "tasks", ".hidden.md": "text.txt"}.items():  # fmt: skip
        (root / name).symlink_to(target)
        os.utime(root / name, ns=(LONG_AGO, LONG_AGO), follow_symlinks=False)
    put(root, ".dot.md", "dot")
    put(root, "caf\udce9.md", "caf\udce9")
    first, second = reopened(root, folder), reopened(root, folder)
    assert second.cold is False
    assert facts(first.vault) == facts(second.vault) == facts(fresh(root))
    codes = {path: file.problems[0].code for path, file in second.vault.files.items() if file.unread}
    assert codes == {
        "huge.md": "too-large", "pipe.md": "special-file", "out.md": "link-outside", "same.md": "special-file",
        "gone.md": "link-broken", "dir": "link-outside", "sub/": "nested-repository", "worktree/": "nested-repository",
    }  # fmt: skip
    expected = facts(second.vault)
    for place in folder.glob("segment-*"):  # what cannot be had from the cache is had from the disk, by the same rules
        place.write_bytes(bytes(place.stat().st_size))
    third = reopened(root, folder)
    assert third.cold is False
    assert facts(third.vault) == expected


@pytest.mark.usefixtures("small")
def test_what_cannot_be_read_is_the_same_by_both_roads(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open, really_scan = os.open, os.scandir

    def refuse_file(path: Any, *rest: Any) -> int:
        if str(path).endswith("/tasks/4.md"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_open(path, *rest)

    def refuse_folder(path: Any) -> Any:
        if str(path).endswith("/projects/p/"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_scan(path)

    monkeypatch.setattr(os, "open", refuse_file)
    monkeypatch.setattr(os, "scandir", refuse_folder)
    put(root, "planner.toml", "")
    first, second = reopened(root, folder), reopened(root, folder)
    assert facts(first.vault) == facts(second.vault) == facts(fresh(root))
    assert {path for path, file in second.vault.files.items() if file.unread} == {"tasks/4.md", "projects/p/"}


@pytest.mark.usefixtures("small")
def test_settings_that_cannot_be_read_are_no_item(root: Path, folder: Path) -> None:
    with (root / "planner.toml").open("wb") as file:
        file.truncate(files.MAX_FILE + 1)
    assert facts(reopened(root, folder).vault) == facts(reopened(root, folder).vault) == facts(fresh(root))


# ---- changes ---------------------------------------------------------------------------------------------------------


class Tree:
    """Makes one random change after another in a vault."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = Random(seed)

    def change(self) -> str:
        """Make one; returns what it was."""
        name = self.random.choice([name for name in dir(self) if name.startswith("do_")])
        getattr(self, name)()
        return name

    def put(self, path: str, text: str) -> None:
        if not (self.root / path).is_dir():
            put(self.root, path, text, now=self.random.random() < 0.3)

    def a_file(self) -> Path:
        found = [path for path in sorted(self.root.rglob("*.md")) if path.is_file() and not path.is_symlink()]
        return self.random.choice(found) if found else put(self.root, "tasks/one.md", a_task(1))

    def a_folder(self) -> Path:
        found = [
            path
            for path in sorted(self.root.rglob("*"))
            if path.is_dir() and not path.is_symlink() and path.name != ".git"
        ]
        return self.random.choice([self.root, *found])

    def a_name(self) -> str:
        return self.random.choice(("n", "m", "Ünder", "x.md", "build", "out", ".hidden", "node_modules", "caf\udce9"))

    def a_text(self) -> str:
        return self.random.choice(("", "# Note\n", "---\ntitle: [\n---\n", "\udce9", *(a_task(n) for n in range(9))))

    def do_edit(self) -> None:
        file = self.a_file()
        self.put(file.relative_to(self.root).as_posix(), self.a_text())

    def do_edit_of_the_same_size(self) -> None:
        file = self.a_file()
        data = file.read_bytes()
        flipped = bytes(b ^ 1 if chr(b).isalnum() and self.random.random() < 0.2 else b for b in data)
        with file.open("r+b") as same:
            same.write(flipped)
        if self.random.random() < 0.7:
            aged(file)

    def do_touch(self) -> None:
        aged(self.a_file())

    def do_delete(self) -> None:
        self.a_file().unlink()

    def do_create(self) -> None:
        folder = self.a_folder().relative_to(self.root)
        deeper = self.a_name() if self.random.random() < 0.3 else ""
        self.put((folder / deeper / f"{self.a_name()}.md").as_posix(), self.a_text())

    def do_create_again(self) -> None:
        n = self.random.randrange(60)
        self.put(f"{('tasks', 'inbox', 'projects/p', 'notes/deep')[n % 4]}/{n}.md", a_task(n))

    def do_rename(self) -> None:
        file = self.a_file()
        target = self.a_folder() / f"{self.a_name()}.md"
        if not target.is_dir():
            file.replace(target)

    def do_rename_a_folder(self) -> None:
        folder, target = self.a_folder(), self.a_folder() / self.a_name()
        if folder != self.root and not target.exists() and folder not in target.parents:
            folder.rename(target)

    def do_make_a_folder(self) -> None:
        (self.a_folder() / self.a_name()).mkdir(exist_ok=True)

    def do_remove_a_folder(self) -> None:
        folder = self.a_folder()
        if folder != self.root and len(list(folder.rglob("*.md"))) < 9:
            shutil.rmtree(folder)

    def do_link(self) -> None:
        link = self.a_folder() / self.random.choice(("l.md", "k.md", "folder"))
        target = self.random.choice(
            ("/etc/passwd", self.a_file(), self.root / "text.txt", "none", "..", self.a_folder())
        )
        if not os.path.lexists(link) or link.is_symlink():
            link.unlink(missing_ok=True)
            link.symlink_to(target)

    def do_edit_what_a_link_leads_to(self) -> None:
        self.put("text.txt", self.a_text())

    def do_ignore(self) -> None:
        self.put(".gitignore", self.random.choice(("", "build", "build out", "n")))

    def do_repository(self) -> None:
        folder = self.a_folder()
        if folder != self.root:
            match self.random.randrange(3):
                case 0:
                    put(folder, ".git/HEAD", "x")
                case 1 if not (folder / ".git").exists():
                    put(folder, ".git", "gitdir: x")
                case _ if not os.path.lexists(folder / ".git"):
                    (folder / ".git").symlink_to("/nowhere")

    def do_end_a_repository(self) -> None:
        for found in sorted(self.root.rglob(".git")):
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            else:
                found.unlink()

    def do_pipe(self) -> None:
        file = self.a_file()
        file.unlink()
        os.mkfifo(file)

    def do_end_pipes(self) -> None:
        for path in self.root.rglob("*.md"):
            if path.is_fifo():
                path.unlink()

    def do_huge(self) -> None:
        with self.a_file().open("wb") as file:
            file.truncate(files.MAX_FILE + 1)

    def do_settings(self) -> None:
        self.put("planner.toml", self.random.choice(("", '[vault]\npriorities = ["now", "later"]\n', "[")))

    def do_mode(self) -> None:
        self.a_file().chmod(self.random.choice((0o600, 0o644, 0o200)))

    def do_many(self) -> None:
        for _ in range(6):
            self.do_edit()


@pytest.mark.proof
@pytest.mark.usefixtures("small")
def test_after_any_change_the_cache_gives_the_vault_that_the_files_are(tmp_path: Path, claims: Claims) -> None:
    count = times(60, 2_000)
    warm = 0
    with claims("the vault from the cache equals the vault from the files", expect=count) as claim:
        for seed in range(count // 20):
            root, folder = make_vault(tmp_path / f"v{seed}", 60), tmp_path / f"c{seed}"
            reopened(root, folder)
            tree = Tree(root, seed)
            for step in range(20):
                what = tree.change()
                opened = reopened(root, folder)
                warm += not opened.cold
                expected = facts(fresh(root))
                same = facts(opened.vault) == expected
                if step % 7 == 0:  # as it was left for the next one
                    same = same and facts(reopened(root, folder).vault) == expected
                claim.check(same, (seed, step, what))
            shutil.rmtree(root)
    assert warm > count // 3  # else nothing has been shown


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("ahead", [10_000_000_000, 0], ids=["a time ahead", "a time of whole seconds"])
def test_a_save_that_has_the_time_of_the_one_before_it_is_seen(root: Path, folder: Path, ahead: int) -> None:
    file = root / "tasks/4.md"
    now = time.time_ns()
    at = now + ahead if ahead else now // 1_000_000_000 * 1_000_000_000
    os.utime(file, ns=(at, at))
    reopened(root, folder)
    with file.open("r+b") as same:
        same.write(file.read_bytes().replace(b"todo", b"done"))
    os.utime(file, ns=(at, at))
    opened = reopened(root, folder)
    assert opened.cold is False
    assert facts(opened.vault) == facts(fresh(root))
    item = opened.vault.get("t0004")
    assert item is not None
    assert item.status == "done"


@pytest.mark.usefixtures("small")
def test_a_save_right_after_the_cache_was_written_is_seen(root: Path, folder: Path) -> None:
    for status in ("done", "todo") * 10:
        file = root / "tasks/4.md"
        with file.open("r+b") as same:
            same.write(a_task(4, status).encode())
        opened = reopened(root, folder)
        item = opened.vault.get("t0004")
        assert item is not None
        assert item.status == status


@pytest.mark.usefixtures("small")
def test_the_cache_does_not_grow_without_end(root: Path, folder: Path) -> None:
    for step in range(30):
        for n in range(0, 24, 4):
            put(root, f"tasks/{n}.md", a_task(n, ("done", "todo")[step % 2]))
        assert facts(reopened(root, folder).vault) == facts(fresh(root))
        for file in folder.glob("segment-*"):
            os.utime(file, (0, 0))
    assert len(list(folder.iterdir())) <= index.MOST + 1


@pytest.mark.usefixtures("small")
def test_what_no_index_names_is_removed_after_a_while(root: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("segment-1-1", "new-1-1", "rows-1-1"):
        put(folder, name, "left over")
    young = put(folder, "segment-2-2", "being written", now=True)
    reopened(root, folder)
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {"index", "segment"}
    assert len(list(folder.iterdir())) == 3
    assert young.exists()


@pytest.mark.usefixtures("small")
def test_only_deletions_are_kept_too(root: Path, folder: Path) -> None:
    reopened(root, folder)
    for n in range(0, 20, 4):
        (root / f"tasks/{n}.md").unlink()
    for _ in range(2):
        opened = reopened(root, folder)
        assert opened.cold is False
        assert facts(opened.vault) == facts(fresh(root))


def test_git_is_asked_about_new_folders_and_about_folders_full_of_ignored_files(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(opening, "WORTH_KEEPING", 10)
    top = tmp_path / "top"
    vault = top / "docs/plan"
    top.mkdir()
    git(top, "init", "--quiet")
    shutil.copytree(root, vault)
    put(vault, ".gitignore", "build/\n*.log.md\n")
    put(vault, "logs/a.log.md", "ignored, yet shown")
    repo = discover(vault)
    assert repo is not None

    def opened() -> Opened:
        assert repo is not None
        return open_vault(vault, folder, ask, repo.ignore_state(), lambda _done, _all: None)

    def ask() -> frozenset[str]:
        assert repo is not None
        return frozenset(path.removeprefix(repo.prefix) for path in repo.ignored_folders(repo.prefix))

    def names() -> set[str]:
        return {path.split("/")[0] for path in opened().vault.files}

    assert "logs" in names()
    put(vault, "build/x.md", "x")
    put(vault, "other/x.md", "x")
    put(vault, "logs/new.md", "x")
    second = opened()
    assert second.cold is False
    assert {"logs/new.md", "other/x.md"} <= second.vault.files.keys()
    assert "build" not in names()
    put(top, ".gitignore", "other/\n")  # above the vault
    assert "other" not in names()
    put(top, ".git/info/exclude", "logs/\n")
    assert "logs" not in names()
    git(top, "config", "core.excludesFile", os.fspath(tmp_path / "rules"))
    assert "inbox" in names()
    put(tmp_path, "rules", "inbox/\n")
    assert "inbox" not in names()


# ---- by all cores ----------------------------------------------------------------------------------------------------


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch, small: None) -> None:
    """A small vault is read by three processes, in small pieces."""
    monkeypatch.setattr(cold, "MANY", 1)
    monkeypatch.setattr(cold, "PIECE", 7)
    monkeypatch.setattr(survey, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


def no_child_is_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@pytest.mark.usefixtures("many")
def test_read_by_several_processes_it_is_the_same(root: Path, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    opened = open_vault(root, folder, frozenset, "", lambda done, total: told.append((done, total)))
    assert facts(opened.vault) == facts(fresh(root))
    assert told == sorted(told)
    assert told[-1] == (61, 61)
    assert len(told) > 1  # how often depends on how the processes happen to run
    assert no_child_is_left()
    assert len(list(folder.iterdir())) == 4
    second = reopened(root, folder)
    assert second.cold is False
    assert facts(second.vault) == facts(fresh(root))
    assert no_child_is_left()


@pytest.mark.usefixtures("many")
def test_all_files_in_one_folder_are_shared_out_too(tmp_path: Path, folder: Path) -> None:
    root = tmp_path / "flat"
    for n in range(40):
        put(root, f"{n}.md", a_task(n))
    assert facts(reopened(root, folder).vault) == facts(fresh(root))
    assert all(file.stat().st_size > 1000 for file in folder.glob("segment-*"))
    assert reopened(root, folder).cold is False


@pytest.mark.usefixtures("small")
def test_more_processes_than_folders_leave_no_cache_that_cannot_be_opened(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cold, "MANY", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 9)
    root = tmp_path / "flat"
    for n in range(40):
        put(root, f"tasks/{n}.md", a_task(n))
    assert facts(reopened(root, folder).vault) == facts(fresh(root))
    assert reopened(root, folder).cold is False


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("dies_at", [1, 2, 3, 9])
def test_a_process_that_is_killed_takes_nothing_with_it(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    parent, really, calls = os.getpid(), parse_file, itertools.count(1)

    def parse(path: str, text: str | Unread, config: Any) -> Any:
        if os.getpid() != parent and next(calls) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return really(path, text, config)

    monkeypatch.setattr(cold, "parse_file", parse)
    told: list[tuple[int, int]] = []
    opened = open_vault(root, folder, frozenset, "", lambda done, total: told.append((done, total)))
    assert facts(opened.vault) == facts(fresh(root))
    assert told[-1] == (61, 61)
    assert no_child_is_left()
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {"index", "segment"}
    assert len(list(folder.iterdir())) == 4
    assert reopened(root, folder).cold is False


@pytest.mark.usefixtures("many")
def test_a_reading_that_is_broken_off_leaves_nothing_running(root: Path, folder: Path) -> None:
    def enough(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_vault(root, folder, frozenset, "", enough)
    assert no_child_is_left()
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("many")
def test_a_system_without_room_for_another_process(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_files = len(list(Path("/proc/self/fd").iterdir()))

    def refuse() -> int:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    assert facts(reopened(root, folder).vault) == facts(fresh(root))
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files


# ---- a cache that cannot be written ----------------------------------------------------------------------------------


def roads(root: Path, folder: Path) -> Iterator[Callable[[], object]]:
    """What is done before an opening: nothing, many edits, one edit; each is written to the cache, or not."""
    yield lambda: None
    yield lambda: [put(root, f"tasks/{n}.md", a_task(n, "doing")) for n in range(0, 24, 4)]
    yield lambda: put(root, "tasks/4.md", a_task(4, "done"))


@pytest.mark.proof
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("processes", [1, 3])
def test_a_cache_that_cannot_be_written_is_none(
    tmp_path: Path, claims: Claims, monkeypatch: pytest.MonkeyPatch, code: int, processes: int
) -> None:
    monkeypatch.setattr(cold, "MANY", 1 if processes > 1 else 10_000)
    monkeypatch.setattr(os, "cpu_count", lambda: processes)
    with claims("a damaged, foreign or unwritable cache is none: the vault is read right all the same") as claim:
        for k, lasting in itertools.product(range(1, times(5, 16)), (True, False)):
            root, folder = make_vault(tmp_path / f"v{k}{lasting}", 24), tmp_path / f"c{k}{lasting}"
            for before in roads(root, folder):
                before()
                with fsops.using(Fails(k, code, lasting=lasting)):
                    opened = reopened(root, folder)
                claim.check(facts(opened.vault) == facts(fresh(root)), (k, lasting, code))
            left = {path.name.split("-")[0] for path in folder.iterdir()} if folder.exists() else set()
            assert left <= {"index", "segment"} or (lasting and code != errno.ENOSPC)  # else nothing can be removed
            assert no_child_is_left()
            shutil.rmtree(root)


@pytest.mark.usefixtures("small")
def test_a_cache_folder_that_is_a_file_or_whose_index_is_a_folder(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "file", "x")
    (tmp_path / "odd/index").mkdir(parents=True)
    (tmp_path / "loop").symlink_to("loop")
    for folder in (tmp_path / "file", tmp_path / "file/below", tmp_path / "odd", tmp_path / "loop"):
        for _ in range(2):
            assert facts(reopened(root, folder).vault) == facts(fresh(root))
    assert (tmp_path / "file").read_text() == "x"
    assert [path.name for path in (tmp_path / "odd").iterdir()] == ["index"]


@pytest.mark.usefixtures("small")
def test_several_processes_write_the_cache_at_once(root: Path, folder: Path) -> None:
    expected = facts(fresh(root))
    for _ in range(5):
        children = []
        for _ in range(4):
            if (pid := os.fork()) == 0:
                try:
                    os._exit(0 if facts(reopened(root, folder).vault) == expected else 1)
                finally:
                    os._exit(2)
            children.append(pid)
        assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4
        assert facts(reopened(root, folder).vault) == expected
        (folder / "index").unlink()
