"""The vault's files: what is read, what is passed over, and that no foreign save is ever lost."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner.core.change import Edit
from planner.errors import Invalid
from planner.store import files, fsops, writing
from planner.store.files import read_paths, read_tree
from planner.store.writing import Changed, WriteFailed, write


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """An empty vault beside an empty folder for displaced files."""
    root = tmp_path / "vault"
    root.mkdir()
    return root


@pytest.fixture
def displaced(tmp_path: Path) -> Path:
    return tmp_path / "displaced"


def put(root: Path, path: str, text: str | bytes = "x\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def codes(root: Path) -> dict[str, str]:
    return {unread.path: unread.code for unread in read_tree(root).unread}


def leftovers(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.name.startswith(files.TEMPORARY))


# ---- reading -----------------------------------------------------------------------------------------------------


def test_markdown_and_the_configuration_are_read_and_nothing_else(vault: Path) -> None:
    for path in ("planner.toml", "a.md", "tasks/B.MD", "x/y/z/deep.md"):
        put(vault, path, path)
    for path in (".git/c.md", ".obsidian/d.md", "node_modules/e.md", "x/planner.toml", "f.txt", "build/g.md", "h.md"):
        put(vault, path)
    for name in ("#a.md#", ".#a.md", "._a.md", ".a.md.swp", "4913", "a.md~", ".merge_file_x.md", ".planner-tmp-1.md"):
        put(vault, name)
    tree = read_tree(vault, ignored=frozenset({"build/", "h.md"}))
    assert tree.texts == {path: path for path in ("planner.toml", "a.md", "tasks/B.MD", "x/y/z/deep.md")}
    assert tree.unread == ()
    assert set(tree.stamps) == set(tree.texts)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"a\r\nb\rc",
        b"caf\xe9",
        b"\xc3",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"a\0b",
        b"\xff\xfe",
    ],
)
def test_any_bytes_come_back_as_they_were(vault: Path, data: bytes) -> None:
    put(vault, "a.md", data)
    text = read_tree(vault).texts["a.md"]
    assert text.encode("utf-8", "surrogateescape") == data


def test_a_name_that_is_not_utf8_is_read(vault: Path) -> None:
    put(vault, os.fsdecode(b"caf\xe9.md"))
    assert list(read_tree(vault).texts) == ["caf\udce9.md"]


def test_special_files_are_named_and_never_opened(vault: Path) -> None:
    os.mkfifo(vault / "pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(vault, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{folder}/sock.md")
        os.close(folder)
        assert codes(vault) == {"pipe.md": "special-file", "sock.md": "special-file"}


def test_links_are_followed_only_inside(vault: Path, tmp_path: Path) -> None:
    put(tmp_path, "secret/s.md", "secret")
    put(vault, "real.md", "real")
    put(vault, "notes.txt", "notes")
    put(vault, ".git/config", "git")
    for name, target in {
        "out.md": "/etc/passwd",
        "up.md": "../secret/s.md",
        "gone.md": "nothing.md",
        "same.md": "real.md",
        "notes.md": "notes.txt",
        "git.md": ".git/config",
        "loop.md": "loop.md",
        "folder": "../secret",
        "inner": ".",
    }.items():
        (vault / name).symlink_to(target)
    tree = read_tree(vault)
    assert tree.texts == {"real.md": "real", "notes.md": "notes"}
    assert tree.links == {"notes.md": "notes.txt"}
    assert codes(vault) == {
        "out.md": "link-outside",
        "up.md": "link-outside",
        "gone.md": "link-broken",
        "same.md": "special-file",
        "git.md": "link-outside",
        "loop.md": "link-broken",
        "folder": "link-outside",
    }


def test_a_huge_file_and_a_nested_repository_are_named(vault: Path) -> None:
    with put(vault, "huge.md").open("wb") as file:
        file.truncate(200_000_000)
    put(vault, "full.md", "x" * files.MAX_FILE)
    put(vault, "sub/.git", "gitdir: elsewhere")
    put(vault, "sub/a.md")
    assert codes(vault) == {"huge.md": "too-large", "sub/": "nested-repository"}
    assert list(read_tree(vault).texts) == ["full.md"]


def test_what_may_not_be_read_is_named(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(vault, "a.md")
    really_open, really_scan = os.open, os.scandir
    put(vault, "closed/b.md")
    put(vault, "open.md")

    def refuse_a(path: str, flags: int) -> int:
        if path.endswith("/a.md"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_open(path, flags)

    def refuse_closed(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/closed/"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return really_scan(path)

    monkeypatch.setattr(os, "open", refuse_a)
    monkeypatch.setattr(os, "scandir", refuse_closed)
    assert codes(vault) == {"a.md": "not-readable", "closed/": "not-readable"}
    assert list(read_tree(vault).texts) == ["open.md"]


def test_some_paths_read_as_the_whole_tree_does(vault: Path) -> None:
    for path in ("a.md", "t/b.md", ".hidden/c.md", "sub/.git", "sub/d.md", "build/e.md", "notes.txt"):
        put(vault, path)
    (vault / "link.md").symlink_to("notes.txt")
    (vault / "out.md").symlink_to("/etc/passwd")
    (vault / "inner").symlink_to("t")
    ignored = frozenset({"build/"})
    paths = ["a.md", "t/b.md", ".hidden/c.md", "sub/d.md", "build/e.md", "link.md", "out.md", "inner/b.md", "gone.md"]
    whole, some = (
        read_tree(vault, ignored=ignored),
        read_paths(vault, [*paths, "../x.md", "/etc/x.md"], ignored=ignored),
    )
    assert some.texts == whole.texts
    assert some.stamps == whole.stamps
    assert {unread.path for unread in some.unread} == {"out.md"}
    assert files.scan_tree(vault, ignored=ignored).stamps == whole.stamps


# ---- writing -----------------------------------------------------------------------------------------------------


def test_create_change_and_delete_in_one_go(vault: Path, displaced: Path) -> None:
    put(vault, "a.md", "old")
    put(vault, "b.md", "bye")
    edits = [Edit("a.md", "old", "new"), Edit("b.md", "bye", None), Edit("p/q/c.md", None, "caf\udce9")]
    assert write(vault, edits, displaced=displaced, op_id="k7f3qx") == ("a.md", "b.md", "p/q/c.md")
    assert read_tree(vault).texts == {"a.md": "new", "p/q/c.md": "caf\udce9"}
    assert leftovers(vault) == []
    assert sorted(file.read_text() for file in displaced.iterdir()) == ["bye", "old"]


def test_mode_and_attributes_are_kept(vault: Path, displaced: Path) -> None:
    file = put(vault, "a.md", "old")
    file.chmod(0o640)
    try:
        os.setxattr(file, "user.note", b"1")
    except OSError:
        pytest.skip("no extended attributes here")
    write(vault, [Edit("a.md", "old", "new")], displaced=displaced)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.getxattr(file, "user.note") == b"1"


def test_a_hard_linked_file_keeps_its_other_name(vault: Path, displaced: Path, tmp_path: Path) -> None:
    file = put(vault, "a.md", "old text")
    os.link(file, tmp_path / "other")
    write(vault, [Edit("a.md", "old text", "new")], displaced=displaced)
    assert (tmp_path / "other").read_text() == "new"
    assert leftovers(vault) == []


def test_a_link_inside_stays_a_link(vault: Path, displaced: Path) -> None:
    put(vault, "notes.txt", "old")
    (vault / "a.md").symlink_to("notes.txt")
    assert write(vault, [Edit("a.md", "old", "new")], displaced=displaced) == ("notes.txt",)
    assert (vault / "a.md").is_symlink()
    assert (vault / "notes.txt").read_text() == "new"


@pytest.mark.parametrize(
    "path",
    [
        "../x.md",
        "/etc/x.md",
        "a/../../x.md",
        "",
        "a//x.md",
        "./x.md",
        "a\0.md",
        ".git/hooks/x.md",
        ".GIT/x.md",
        "sub/.Git/x.md",
        "git~1/x.md",
        ".git./x.md",
        ".git /x.md",
        ".git::$INDEX_ALLOCATION/x.md",
        ".gi\u200ct/x.md",
        "\ufeff.git/x.md",
        ".git\\x.md",
        "out/x.md",
        "out.md",
        "into-git/x.md",
        "pipe.md",
    ],
)
def test_no_path_leaves_the_vault(vault: Path, displaced: Path, path: str, tmp_path: Path) -> None:
    put(tmp_path, "outside/x.md", "old")
    put(vault, ".git/config", "")
    os.mkfifo(vault / "pipe.md")
    (vault / "out").symlink_to("../outside")
    (vault / "out.md").symlink_to("../outside/x.md")
    (vault / "into-git").symlink_to(".git")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid):
        write(vault, [Edit(path, "old", "new")], displaced=displaced)
    assert sorted(set(tmp_path.rglob("*")) - {displaced}) == before
    assert (tmp_path / "outside/x.md").read_text() == "old"


@pytest.mark.parametrize(
    "edit", [Edit("a.md", "seen", "new"), Edit("a.md", None, "new"), Edit("a.md", "seen", None), Edit("b.md", "x", "y")]
)
def test_another_text_on_disk_stops_the_whole_write(vault: Path, displaced: Path, edit: Edit) -> None:
    put(vault, "a.md", "theirs")
    put(vault, "z.md", "one")
    edits = [Edit("z.md", "one", "two"), Edit("n/new.md", None, "new"), edit]
    with pytest.raises(Changed) as caught:
        write(vault, edits, displaced=displaced)
    assert caught.value.path == edit.path
    assert read_tree(vault).texts == {"a.md": "theirs", "z.md": "one"}
    assert not (vault / "n").exists()
    assert leftovers(vault) == []


def in_place(file: Path, text: str) -> None:
    file.write_text(text)


def by_rename(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)


class SavesInTheWindow(fsops.Ops):
    """An editor that saves between the last look at the target and the swap."""

    def __init__(self, save: Callable[[], None]) -> None:
        self._save = save

    def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
        self._save_once()
        super().exchange(a, b)

    def rename(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self._save_once()
        super().rename(source, target)

    def link(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self._save_once()
        super().link(source, target)

    def _save_once(self) -> None:
        save, self._save = self._save, lambda: None
        save()


@pytest.mark.parametrize("save", [in_place, by_rename])
@pytest.mark.parametrize("kind", ["change", "delete", "create"])
def test_no_editor_save_in_the_window_is_lost(
    vault: Path, displaced: Path, save: Callable[[Path, str], None], kind: str
) -> None:
    kept = 0
    for n in range(50):
        path = f"{n}.md"
        before, after = (None if kind == "create" else "old"), (None if kind == "delete" else "new")
        if before is not None:
            put(vault, path, before)

        def editor(path: str = path, n: int = n) -> None:
            save(vault / path, f"editor {n}")

        with fsops.using(SavesInTheWindow(editor)), pytest.raises(Changed):
            write(vault, [Edit(path, before, after)], displaced=displaced)
        kept += (vault / path).read_text() == f"editor {n}"
    assert kept == 50
    assert leftovers(vault) == []


class SavesTwice(fsops.Ops):
    """An editor that saves before the exchange and again before the exchange back."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._saves = 0

    def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
        if self._saves < 2:
            self._saves += 1
            by_rename(self._file, f"save {self._saves}")
        super().exchange(a, b)


def test_a_second_save_while_the_first_is_put_back_wins_and_the_first_is_kept(vault: Path, displaced: Path) -> None:
    file = put(vault, "a.md", "old")
    with fsops.using(SavesTwice(file)), pytest.raises(Changed):
        write(vault, [Edit("a.md", "old", "new")], displaced=displaced, op_id="k7")
    assert file.read_text() == "save 2"
    found = writing.sweep_displaced(displaced, now=file.stat().st_ctime + 100)
    assert [(copy.name, copy.op_id, copy.text) for copy in found] == [("a.md", "k7", "save 1")]


class NoExchange(SavesInTheWindow):
    """A file system without exchange and without hard links."""

    def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
        raise OSError(errno.EINVAL, "no exchange")

    def link(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        raise OSError(errno.EPERM, "no links")


def test_without_exchange_and_links_everything_still_works(vault: Path, displaced: Path) -> None:
    put(vault, "a.md", "old")
    put(vault, "b.md", "bye")
    edits = [Edit("a.md", "old", "new"), Edit("b.md", "bye", None), Edit("c.md", None, "c")]
    with fsops.using(NoExchange(lambda: None)):
        write(vault, edits, displaced=displaced)
        assert read_tree(vault).texts == {"a.md": "new", "c.md": "c"}
        with pytest.raises(Changed):
            write(vault, [Edit("a.md", "new", "newer"), Edit("c.md", "x", "y")], displaced=displaced)
    assert read_tree(vault).texts == {"a.md": "new", "c.md": "c"}
    assert leftovers(vault) == []


def test_an_edit_over_ours_survives_the_taking_back(vault: Path, displaced: Path) -> None:
    put(vault, "a.md", "old")
    put(vault, "b.md", "old")

    class EditsTheFirst(fsops.Ops):
        def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
            if str(b).endswith("b.md"):
                (vault / "a.md").write_text("ours, edited")
                (vault / "b.md").write_text("theirs")
            super().exchange(a, b)

    with fsops.using(EditsTheFirst()), pytest.raises(Changed):
        write(vault, [Edit("a.md", "old", "new"), Edit("b.md", "old", "new")], displaced=displaced)
    assert read_tree(vault).texts == {"a.md": "ours, edited", "b.md": "theirs"}


# ---- faults ------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the store catches it."""


class FaultAt(fsops.Ops):
    """Fails the k-th primitive call once, or, with no error given, dies there and at every later call."""

    def __init__(self, k: int, error: int | None) -> None:
        self.calls = 0
        self._k = k
        self._error = error

    def step(self) -> None:
        self.calls += 1
        if self._error is None and self.calls >= self._k:
            raise Killed
        if self.calls == self._k:
            raise OSError(self._error, os.strerror(self._error or 0))


def _counted(name: str) -> Callable[..., object]:
    def call(self: FaultAt, *args: object, **kwargs: object) -> object:
        if name != "close":  # closing must not leak descriptors here
            self.step()
        method: Callable[..., object] = getattr(fsops.Ops, name)
        return method(self, *args, **kwargs)

    return call


for _name in fsops.PRIMITIVES:
    setattr(FaultAt, _name, _counted(_name))

OLD = {"a.md": "old a", "b.md": "old b", "h.md": "old hard", "planner.toml": ""}
EDITS = (
    Edit("a.md", "old a", "new a, longer"),
    Edit("b.md", "old b", None),
    Edit("n/c.md", None, "new c"),
    Edit("h.md", "old hard", "new"),
)
NEW = {"a.md": "new a, longer", "n/c.md": "new c", "h.md": "new", "planner.toml": ""}


def lay_out(tmp_path: Path, n: int) -> tuple[Path, Path]:
    root = tmp_path / f"v{n}"
    for path, text in OLD.items():
        put(root, path, text)
    os.link(root / "h.md", tmp_path / f"other{n}")
    return root, tmp_path / f"displaced{n}"


def runs(error: int | None, tmp_path: Path) -> Iterator[tuple[Path, Path, BaseException]]:
    """Write with a fault at call 1, 2, … until no call is left to fail."""
    for k in range(1, 1000):
        root, displaced = lay_out(tmp_path, k)
        ops = FaultAt(k, error)
        try:
            with fsops.using(ops):
                write(root, EDITS, displaced=displaced, op_id="op")
        except (Killed, WriteFailed) as fault:
            yield root, displaced, fault
        else:
            if ops.calls < k:
                return
            assert read_tree(root).texts in (NEW, OLD)  # a fault that did not matter


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EMFILE])
def test_a_system_error_at_any_call_leaves_old_or_new_and_says_so(tmp_path: Path, error: int) -> None:
    count = 0
    for root, _, fault in runs(error, tmp_path):
        assert isinstance(fault, WriteFailed)
        assert fault.left == ()
        assert fault.hint
        assert "nothing was changed" in fault.message
        assert read_tree(root).texts == OLD
        assert leftovers(root) == []
        assert not (root / "n").exists()
        count += 1
    assert count > 40


def test_of_many_files_that_are_prepared_at_once_too_all_or_none_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MANY", 2)
    count = 0
    for root, _, fault in runs(errno.ENOSPC, tmp_path):
        assert isinstance(fault, WriteFailed)
        assert "nothing was changed" in fault.message
        assert read_tree(root).texts == OLD
        assert leftovers(root) == []
        count += 1
    assert count > 30
    root, displaced = lay_out(tmp_path, 0)
    edits = [Edit(f"{n}.md", "old", "new") for n in range(300)]
    for edit in edits:
        put(root, edit.path, "old")
    put(root, "200.md", "theirs")
    with pytest.raises(Changed, match="200"):
        write(root, edits, displaced=displaced)
    assert {file.read_text() for file in root.glob("[0-9]*.md")} == {"old", "theirs"}
    put(root, "200.md", "old")
    assert len(write(root, edits, displaced=displaced)) == 300
    assert {file.read_text() for file in root.glob("[0-9]*.md")} == {"new"}
    assert leftovers(root) == []


def test_a_disk_that_stays_full_changes_nothing(tmp_path: Path) -> None:
    class Full(fsops.Ops):
        room = 0

        def write(self, fd: int, data: bytes | memoryview) -> int:
            if not self.room:
                raise OSError(errno.ENOSPC, "full")
            self.room -= 1
            return super().write(fd, data)

    for room in range(2):
        root, displaced = lay_out(tmp_path, room)
        full = Full()
        full.room = room
        with fsops.using(full), pytest.raises(WriteFailed, match="disk is full; nothing was changed"):
            write(root, EDITS[:3], displaced=displaced)
        assert read_tree(root).texts == OLD
        assert leftovers(root) == []


def test_killed_at_any_call_each_text_is_whole_after_recovery(tmp_path: Path) -> None:
    count = 0
    for root, displaced, _ in runs(None, tmp_path):
        for _ in range(2):  # the second time changes nothing
            writing.recover_temporaries(root, EDITS, displaced=displaced)
            texts = read_tree(root).texts
            for edit in EDITS:
                assert texts.get(edit.path) in (edit.before, edit.after)
            assert leftovers(root) == []
        assert writing.sweep_displaced(displaced, now=root.stat().st_ctime + 1000) == []
        count += 1
    assert count > 40


class DiesAfterExchange(fsops.Ops):
    """An editor saves in the window, and then the process is killed before it could look."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
        self._file.write_text("editor")
        super().exchange(a, b)
        raise Killed


def test_a_save_displaced_by_a_killed_write_goes_back(vault: Path, displaced: Path) -> None:
    file = put(vault, "a.md", "old")
    edit = Edit("a.md", "old", "new")
    with fsops.using(DiesAfterExchange(file)), pytest.raises(Killed):
        write(vault, [edit], displaced=displaced)
    assert file.read_text() == "new"
    writing.recover_temporaries(vault, [edit], displaced=displaced)
    assert file.read_text() == "editor"
    assert leftovers(vault) == []


def test_a_torn_write_in_place_is_finished(vault: Path, displaced: Path, tmp_path: Path) -> None:
    file = put(vault, "a.md", "old old old")
    os.link(file, tmp_path / "other")
    edit = Edit("a.md", "old old old", "new new")

    class DiesHalfWay(fsops.Ops):
        def write_in_place(self, path: fsops.StrPath, data: bytes) -> None:
            with Path(path).open("r+b") as half:
                half.write(data[:4])
            raise Killed

    with fsops.using(DiesHalfWay()), pytest.raises(Killed):
        write(vault, [edit], displaced=displaced)
    assert file.read_text() == "new old old"
    writing.recover_temporaries(vault, [edit], displaced=displaced)
    assert file.read_text() == "new new"
    assert leftovers(vault) == []


# ---- displaced copies --------------------------------------------------------------------------------------------


def test_a_displaced_copy_is_deleted_when_old_unless_an_editor_wrote_to_it(vault: Path, displaced: Path) -> None:
    put(vault, "a.md", "old a")
    put(vault, "b.md", "old b")
    with (vault / "b.md").open("r+") as editor:
        write(vault, [Edit(f"{n}.md", f"old {n}", "new") for n in "ab"], displaced=displaced, op_id="q2")
        editor.write("late save")
    now = max(file.stat().st_ctime for file in displaced.iterdir())
    stranger = put(displaced, "README")
    assert writing.sweep_displaced(displaced, now=now + 30) == []
    assert stranger.exists()
    stranger.unlink()
    assert len(list(displaced.iterdir())) == 2
    found = writing.sweep_displaced(displaced, now=now + 61)
    assert [(copy.name, copy.op_id, copy.text) for copy in found] == [("b.md", "q2", "late save")]
    assert list(displaced.iterdir()) == [found[0].file]


def test_a_displaced_folder_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert writing.sweep_displaced(tmp_path / "none", now=0) == []
