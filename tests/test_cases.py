"""Odd repositories and foreign states, each as a user's command meets it: what is kept, what waits, what is said."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import subprocess
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from planner.cli.app import main
from planner.core.change import Delta
from planner.session import Session
from planner.store import fsops
from planner.store.fsops import Completed, Ops, StrPath
from planner.store.git import discover
from planner.store.locks import SLACK
from planner.store.watch import Watcher
from tests.conftest import Claims

TODAY = date(2026, 11, 25)
TASK = "---\nid: k7f3qx\ntitle: Merge driver\nstatus: todo\ndue: 2026-12-01\n---\nText\n"
FILE = "tasks/merge-k7f3qx.md"
OTHER = "tasks/other-m2d9hz.md"
CLAIM = "odd repositories: files are safe, and what waits is said and committed later"
FOREIGN_CLAIM = "foreign states: files are safe, and what waits is said and committed later"


@dataclass
class Place:
    """A vault in a repository, a user at its command line, and what the last command printed."""

    root: Path
    tmp: Path
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    out: str = ""
    err: str = ""

    def run(self, words: str, *more: str, vault: Path | None = None) -> int:
        code = main(["--vault", str(vault or self.root), "--today", "2026-11-25", *words.split(), *more])
        self.out, self.err = self.capsys.readouterr()
        return code

    def git(self, *args: str, where: Path | None = None, check: bool = True) -> str:
        done = subprocess.run(["git", *args], cwd=where or self.root, capture_output=True, text=True, check=check)
        return done.stdout.strip()

    def text(self, path: str = FILE) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def subjects(self, count: int = 1, where: Path | None = None) -> list[str]:
        return self.git("log", f"-{count}", "--format=%s", where=where).split("\n")

    def waits(self, word: str, code: int = 0) -> None:
        """A move is saved, not committed, and the sentence says why."""
        head = self.git("rev-parse", "-q", "--verify", "HEAD", check=False)
        assert self.run("move k7f3qx doing") == code
        assert "status: doing" in self.text()
        assert "saved, not committed yet" in self.err
        assert word in self.err, self.err
        assert self.git("rev-parse", "-q", "--verify", "HEAD", check=False) == head

    def lands(self) -> None:
        """The next command, of another process as it were, commits what waited, before its own."""
        assert self.run("set m2d9hz due=2026-12-24") == 0, self.err
        assert self.subjects(2)[1] == "move k7f3qx: todo → doing"
        assert "status: doing" in self.git("show", f"HEAD:{FILE}")
        assert "status: doing" in self.text()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("template") / "vault"
    (top / "tasks").mkdir(parents=True)
    (top / "planner.toml").write_text("")
    (top / FILE).write_text(TASK)
    (top / OTHER).write_text("---\nid: m2d9hz\ntitle: Other\n---\n")
    (top / "code.txt").write_text("one\n")
    for args in (["init", "-q", "-b", "main"], ["add", "-A"]):
        subprocess.run(["git", *args], cwd=top, check=True)
    subprocess.run(
        ["git", "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-qm", "start"],
        cwd=top,
        check=True,
    )
    return top


@pytest.fixture
def place(template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    settings = '[user]\n\tname = Ana\n\temail = ana@example.org\n[protocol "file"]\n\tallow = always\n'
    (tmp_path / "global").write_text(settings)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_EDITOR", "true")
    shutil.copytree(template, tmp_path / "vault", symlinks=True)
    return Place(tmp_path / "vault", tmp_path, capsys, monkeypatch)


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# ---- where the vault is ----------------------------------------------------------------------------------------------


def linked_worktree(place: Place) -> None:
    place.git("worktree", "add", "-q", "-b", "side", "../side")
    side = place.tmp / "side"
    assert place.run("move k7f3qx doing", vault=side) == 0
    assert place.subjects(where=side) == ["move k7f3qx: todo → doing"]
    assert place.subjects() == ["start"]
    assert place.git("status", "--porcelain") == place.git("status", "--porcelain", where=side) == ""
    assert (place.root / ".git" / "worktrees" / "side" / "planner").is_dir()


def submodule(place: Place) -> None:
    above = place.tmp / "above"
    place.git("init", "-q", str(above))
    place.git("submodule", "--quiet", "add", str(place.root), "plan", where=above)
    place.git("commit", "-qm", "with plan", where=above)
    assert place.run("move k7f3qx doing", vault=above / "plan") == 0
    assert place.subjects(where=above / "plan") == ["move k7f3qx: todo → doing"]
    assert place.git("status", "--porcelain", where=above) == "M plan"
    assert place.subjects(where=above) == ["with plan"]


def sub_folder(place: Place) -> None:
    repo = place.tmp / "repo"
    shutil.copytree(place.root, repo / "plan", ignore=shutil.ignore_patterns(".git"))
    place.git("init", "-q", str(repo))
    (repo / "main.c").write_text("x")
    place.git("add", "main.c", where=repo)
    place.git("commit", "-qm", "code", where=repo)
    (repo / "main.c").write_text("y")
    place.git("add", "main.c", where=repo)
    assert place.run("move k7f3qx doing", vault=repo / "plan") == 0
    assert place.git("show", "--format=", "--name-only", "HEAD", where=repo) == f"plan/{FILE}"
    assert place.git("diff", "--cached", "--name-only", where=repo) == "main.c"
    assert place.run("log", vault=repo / "plan") == 0
    assert "k7f3qx" in place.out
    assert place.run("undo", vault=repo / "plan") == 0


def no_git(place: Place) -> None:
    shutil.rmtree(place.root / ".git")
    assert place.run("move k7f3qx doing") == 0
    assert "status: doing" in place.text()
    assert place.run("log") == 2
    assert "no git history" in place.err
    assert place.run("undo") == 0
    assert place.text() == TASK
    assert place.run("doctor") == 1
    assert "no history" in place.out


def no_git_program(place: Place) -> None:
    place.patch.setattr("planner.store.process.PROGRAM", "no-such-git")
    assert place.run("list") == 5
    assert "git program was not found" in place.err
    assert "Install git" in place.err


def bare(place: Place) -> None:
    place.git("clone", "-q", "--bare", str(place.root), "../bare.git")
    bare = place.tmp / "bare.git"
    assert place.run("check --at HEAD", vault=bare) == 0
    assert place.run("list --at main", vault=bare) == 0
    assert "Merge driver" in place.out
    before = sorted(bare.rglob("*"))
    assert place.run("add buy milk", vault=bare) == 2
    assert "bare" in place.err
    assert sorted(bare.rglob("*")) == before


def hidden_bare(place: Place) -> None:
    """A bare repository in a folder of the vault: git must not take it for the one to work in."""
    inner = place.root / "tasks" / "sub"
    place.git("init", "-q", "--bare", str(inner))
    place.git("config", "core.fsmonitor", f"touch '{place.tmp}/sang'", where=inner)
    (inner / "planner.toml").write_text("")
    assert place.run("list", vault=inner) == 5
    assert "safe.bareRepository" in place.err
    assert place.run("move k7f3qx doing") == 0
    assert place.subjects() == ["move k7f3qx: todo → doing"]
    assert not (place.tmp / "sang").exists()


class Env(Ops):
    """Every child gets some variables more."""

    def __init__(self, **more: str) -> None:
        self.more = more

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: StrPath | None = None,
        env: Mapping[str, str] | None = None,
        input: bytes | None = None,  # noqa: A002  # as in Ops
        timeout: float | None = 60.0,
        stop: Callable[[], bool] | None = None,
    ) -> Completed:
        more = {**(env or os.environ), **self.more}
        return super().run(argv, cwd=cwd, env=more, input=input, timeout=timeout, stop=stop)


def of_somebody_else(place: Place) -> None:
    with fsops.using(Env(GIT_TEST_ASSUME_DIFFERENT_OWNER="1")):
        assert place.run("list") == 5
    assert "dubious ownership" in place.err
    assert f"git config --global --add safe.directory {place.root}" in place.err
    assert "safe" not in (place.tmp / "global").read_text()


# ---- where HEAD stands -----------------------------------------------------------------------------------------------


def detached(place: Place) -> None:
    place.git("checkout", "-q", "--detach")
    place.waits("HEAD is detached", code=5)
    assert "git switch" in place.err
    place.git("switch", "-q", "main")
    place.lands()


def unborn(place: Place) -> None:
    shutil.rmtree(place.root / ".git")
    place.git("init", "-q", "-b", "main")
    assert place.run("log") == 0
    assert "no history yet" in place.err
    assert place.run("move k7f3qx doing") == 0
    assert place.git("log", "--format=%P %s").split("\n")[0].startswith("move k7f3qx") is False
    assert place.git("rev-list", "--count", "HEAD") in {"1", "2"}


def _diverge(place: Place) -> None:
    place.git("switch", "-qc", "side")
    (place.root / "code.txt").write_text("side\n")
    place.git("commit", "-qam", "side")
    place.git("switch", "-q", "main")
    (place.root / "code.txt").write_text("main\n")
    place.git("commit", "-qam", "main")


def merging(place: Place) -> None:
    _diverge(place)
    place.git("merge", "side", check=False)
    place.waits("merge is unfinished")
    (place.root / "code.txt").write_text("both\n")
    place.git("add", "code.txt")
    place.git("commit", "-qm", "merged")
    place.lands()


def merge_given_up(place: Place) -> None:
    _diverge(place)
    place.git("merge", "side", check=False)
    place.waits("git merge --continue")
    place.git("merge", "--abort")
    place.lands()


def rebasing(place: Place) -> None:
    _diverge(place)
    place.git("rebase", "side", check=False)
    place.waits("rebase is unfinished")
    (place.root / "code.txt").write_text("both\n")
    place.git("add", "code.txt")
    place.git("stash", "push", "-q", "--", FILE)  # git itself wants the work tree clean here
    place.git("-c", "core.editor=true", "rebase", "--continue")
    place.git("stash", "pop", "-q")
    place.lands()


def rebase_given_up(place: Place) -> None:
    """Giving a rebase up resets the work tree, our change with it: it is in history all the same, and that is said."""
    _diverge(place)
    place.git("rebase", "side", check=False)
    place.waits("git rebase --abort")
    place.git("rebase", "--abort")
    assert place.run("list") == 0
    assert f"git restore {FILE}" in place.err
    assert place.subjects() == ["move k7f3qx: todo → doing"]
    place.git("restore", FILE)
    assert "status: doing" in place.text()
    assert place.git("status", "--porcelain") == ""


def cherry_picking(place: Place) -> None:
    _diverge(place)
    place.git("cherry-pick", "side", check=False)
    place.waits("cherry-pick is unfinished")
    place.git("cherry-pick", "--abort")
    place.lands()


def reverting(place: Place) -> None:
    _diverge(place)
    (place.root / "code.txt").write_text("later\n")
    place.git("commit", "-qam", "later")
    place.git("revert", "--no-edit", "HEAD~1", check=False)
    place.waits("revert is unfinished")
    place.git("revert", "--abort")
    place.lands()


def bisecting(place: Place) -> None:
    _diverge(place)
    place.git("bisect", "start", "HEAD", "HEAD~1")
    place.waits("bisect")
    place.git("bisect", "reset")
    place.lands()


# ---- locks, hooks, signers -------------------------------------------------------------------------------------------


def live_lock(place: Place) -> None:
    lock = place.root / ".git" / "index.lock"
    with lock.open("w") as file:
        holder = subprocess.Popen(["sleep", "600"], stdout=file)
    try:
        place.waits("lock")
        assert lock.exists()
    finally:
        holder.kill()
        holder.wait()
    lock.unlink()
    place.lands()


def stale_lock(place: Place) -> None:
    """Nobody knows whose it is: it is never removed."""
    lock = place.root / ".git" / "index.lock"
    lock.write_text("")
    os.utime(lock, (time.time() - 7 * 86_400 - SLACK,) * 2)
    place.waits("index.lock")
    assert lock.exists()
    lock.unlink()
    place.lands()


def passing_hook(place: Place) -> None:
    script(place.root / ".git" / "hooks" / "pre-commit", "git diff --cached --name-only >> ../seen")
    assert place.run("trust --yes") == 0
    assert place.run("move k7f3qx doing") == 0
    assert (place.tmp / "seen").read_text() == f"{FILE}\n"
    assert place.git("status", "--porcelain") == ""


def failing_hook(place: Place) -> None:
    script(place.root / ".git" / "hooks" / "pre-commit", "echo no such state, please >&2; exit 1")
    assert place.run("trust --yes") == 0
    place.waits("no such state, please", code=5)
    script(place.root / ".git" / "hooks" / "pre-commit", "exit 0")
    assert place.run("trust --yes") == 0
    place.lands()


def hanging_hook(place: Place) -> None:
    place.patch.setattr("planner.store.commit.HOOK_TIMEOUT", 0.3)
    script(place.root / ".git" / "hooks" / "pre-commit", "sleep 600")
    assert place.run("trust --yes") == 0
    place.waits("no answer within", code=5)
    assert not list((place.root / ".git").glob("*.lock"))
    place.git("config", "core.hooksPath", "/dev/null")
    assert place.run("trust --yes") == 0
    place.lands()


def untrusted_hook(place: Place) -> None:
    script(place.root / ".git" / "hooks" / "pre-commit", f"touch '{place.tmp}/sang'")
    place.waits("planner trust", code=5)
    assert not (place.tmp / "sang").exists()
    (place.root / ".git" / "hooks" / "pre-commit").unlink()
    place.lands()


def hooks_off(place: Place) -> None:
    (place.root / "planner.toml").write_text('[commit]\nhooks = "skip"\n')
    place.git("commit", "-qam", "no hooks")
    script(place.root / ".git" / "hooks" / "pre-commit", "exit 1")
    assert place.run("trust --yes") == 0
    assert place.run("move k7f3qx doing") == 0
    assert place.subjects() == ["move k7f3qx: todo → doing"]


def _sign_with(place: Place, text: str) -> None:
    program = script(place.tmp / "bin" / "gpg", text)
    with (place.tmp / "global").open("a") as file:
        file.write(f"[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = {program}\n")


GOOD_SIGNER = "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo '-----BEGIN PGP SIGNATURE-----'"


def failing_signer(place: Place) -> None:
    _sign_with(place, "echo no secret key >&2; exit 2")
    place.waits("failed to sign", code=5)
    assert "unsigned" in place.err
    _sign_with(place, GOOD_SIGNER)
    place.lands()
    for rev in ("HEAD", "HEAD~1"):
        assert "BEGIN PGP SIGNATURE" in place.git("cat-file", "commit", rev)


def hanging_signer(place: Place) -> None:
    place.patch.setattr("planner.store.commit.HOOK_TIMEOUT", 0.3)
    _sign_with(place, "sleep 600")
    place.waits("no answer within", code=5)
    _sign_with(place, GOOD_SIGNER)
    place.patch.setattr("planner.store.commit.HOOK_TIMEOUT", 30.0)
    place.lands()
    assert "BEGIN PGP SIGNATURE" in place.git("cat-file", "commit", "HEAD~1")


def nobody(place: Place) -> None:
    (place.tmp / "global").write_text("[user]\n\tuseConfigOnly = true\n")
    place.waits("does not know who you are", code=5)
    assert "git config --global user.name" in place.err
    (place.tmp / "global").write_text("[user]\n\tname = Ana\n\temail = ana@example.org\n")
    place.lands()


# ---- disks -----------------------------------------------------------------------------------------------------------


class Refusing(Ops):
    """Writing below a folder fails, as on a full disk or a read-only one."""

    def __init__(self, below: Path, code: int) -> None:
        self.below = f"{below}/"
        self.code = code

    def open(self, path: StrPath, flags: int, mode: int = 0o666) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and os.fspath(path).startswith(self.below) and self.code != errno.ENOSPC:
            raise OSError(self.code, os.strerror(self.code), os.fspath(path))
        return super().open(path, flags, mode)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        if self.code == errno.ENOSPC and str(Path(f"/proc/self/fd/{fd}").readlink()).startswith(self.below):
            raise OSError(self.code, os.strerror(self.code))
        return super().write(fd, data)


def _refused(place: Place, below: Path, code: int, word: str) -> None:
    before = place.text()
    with fsops.using(Refusing(below, code)):
        assert place.run("list") == 0
        assert place.run("move k7f3qx doing") > 0
        assert word in place.err, place.err
        assert "hint" in place.err
    assert place.text() == before
    assert place.git("status", "--porcelain") == ""
    assert not list(place.root.rglob(".planner-tmp*"))
    assert place.run("move k7f3qx doing") == 0
    assert place.subjects() == ["move k7f3qx: todo → doing"]


def read_only_vault(place: Place) -> None:
    _refused(place, place.root / "tasks", errno.EROFS, "read-only")


def forbidden_vault(place: Place) -> None:
    _refused(place, place.root / "tasks", errno.EACCES, "permission denied")


def read_only_git(place: Place) -> None:
    _refused(place, place.root / ".git", errno.EACCES, "permission denied")


def full_disk(place: Place) -> None:
    _refused(place, place.root, errno.ENOSPC, "the disk is full")


# ---- odd files -------------------------------------------------------------------------------------------------------


def ignored_file(place: Place) -> None:
    (place.root / ".gitignore").write_text("*.private.md\n")
    place.git("add", ".gitignore")
    place.git("commit", "-qm", "ignore")
    (place.root / "tasks" / "own.private.md").write_text("---\nid: p4c6tv\ntitle: Mine\nstatus: todo\n---\n")
    assert place.run("list") == 0
    assert "Mine" in place.out
    assert place.run("move p4c6tv doing") == 0
    assert "ignored by git" in place.err
    assert "status: doing" in place.text("tasks/own.private.md")
    assert place.git("ls-files", "tasks/own.private.md") == ""
    assert place.subjects() == ["ignore"]


def lfs_pointer(place: Place) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    (place.root / "tasks" / "big.md").write_text(pointer)
    assert place.run("check") == 0
    assert "lfs-pointer" in place.out
    assert place.run("set big status=doing") == 3
    assert place.text("tasks/big.md") == pointer


def shallow(place: Place) -> None:
    for status in ("doing", "review"):
        assert place.run(f"move k7f3qx {status}") == 0
    place.git("clone", "-q", "--depth", "1", f"file://{place.root}", "../shallow")
    there = place.tmp / "shallow"
    files = sorted(path for path in there.rglob("*.md"))
    assert place.run("log", vault=there) == 0
    assert "history starts at" in place.err
    assert "--unshallow" in place.err
    assert "k7f3qx" not in place.out, "what the first commit here holds was not made by it"
    assert place.run("undo", vault=there) == 3
    assert place.run("undo", "HEAD", vault=there) == 2
    assert "history starts at" in place.err
    assert sorted(path for path in there.rglob("*.md")) == files
    assert place.run("move k7f3qx done", vault=there) == 0
    assert place.run("undo", vault=there) == 0


def partial(place: Place) -> None:
    assert place.run("move k7f3qx doing") == 0
    place.git("config", "uploadpack.allowFilter", "true")
    place.git("clone", "-q", "--filter=blob:none", f"file://{place.root}", "../partial")
    there = place.tmp / "partial"
    assert place.run("list", vault=there) == 0
    assert place.run("undo", vault=there) in {2, 5}  # git before 2.44 gives up itself
    assert "is not in this clone" in place.err
    assert "status: doing" in (there / FILE).read_text()
    assert place.run("check --at HEAD~1", vault=there) in {2, 5}
    assert "is not in this clone" in place.err


def clashing_names(place: Place) -> None:
    names = ["Over.md", "over.md", unicodedata.normalize("NFC", "café.md"), unicodedata.normalize("NFD", "café.md")]
    for number, name in enumerate(names):
        (place.root / "tasks" / name).write_text(f"---\nid: clash{number}\ntitle: T{number}\nstatus: todo\n---\n")
    assert place.run("check") == 0
    assert place.out.count("name-clash") == 4
    for number, name in enumerate(names):
        assert place.run(f"move clash{number} doing") == 0
        assert "status: doing" in place.text(f"tasks/{name}")
    assert place.run("add", "Café Ölung 東京") == 0
    assert all(path.name.isascii() for path in (place.root / "inbox").iterdir())


def hard_link(place: Place) -> None:
    os.link(place.root / FILE, place.tmp / "second.md")
    assert place.run("move k7f3qx doing") == 0
    assert "status: doing" in (place.tmp / "second.md").read_text()
    assert (place.tmp / "second.md").samefile(place.root / FILE)


def link_inside(place: Place) -> None:
    (place.root / ".store").mkdir()
    (place.root / FILE).rename(place.root / ".store" / "real.md")
    (place.root / FILE).symlink_to("../.store/real.md")
    assert place.run("move k7f3qx doing") == 0
    assert (place.root / FILE).is_symlink()
    assert "status: doing" in place.text(".store/real.md")


def link_outside(place: Place) -> None:
    secret = place.tmp / "secret.md"
    secret.write_text("---\nid: secret1\ntitle: Secret\nstatus: todo\n---\n")
    (place.root / "tasks" / "out.md").symlink_to(secret)
    before = secret.read_bytes()
    assert place.run("list") == 0
    assert "Secret" not in place.out
    assert place.run("check") == 0
    assert "link-outside" in place.out
    assert place.run("move secret1 doing") == 3
    assert secret.read_bytes() == before


def passing_files(place: Place) -> None:
    for name in (".x.md.swp", "4913", "#x.md#", "x.md~", ".#x.md", ".planner-tmp-1.md"):
        (place.root / "tasks" / name).write_text("---\nid: swap22\ntitle: Swap\nstatus: todo\n---\n")
    assert place.run("list") == 0
    assert "Swap" not in place.out
    assert place.run("commit") == 0
    assert place.subjects() == ["start"]


def skewed_clock(place: Place) -> None:
    path = place.root / FILE
    before = datetime.now().astimezone().replace(microsecond=0)
    with Session.open(place.root) as session:
        for status, seconds in (("doing", 10 * 365 * 86_400), ("review", -20 * 365 * 86_400), ("done", 0)):
            info = path.stat()
            path.write_text(TASK.replace("todo", status))
            os.utime(
                path,
                ns=(info.st_atime_ns, info.st_mtime_ns) if not seconds else (int(time.time() + seconds) * 10**9,) * 2,
            )
            session.refresh()
            item = session.vault.get("k7f3qx")
            assert item is not None
            assert item.status == status
        assert session.commit_by_hand().commit
    assert datetime.fromisoformat(place.git("log", "-1", "--format=%cI")) >= before


def long_names(place: Place) -> None:
    assert place.run("add", "word " * 60) == 0
    (made,) = (place.root / "inbox").iterdir()
    assert len(os.fsencode(made.name)) <= 100
    longest = place.root / "tasks" / f"{'n' * 252}.md"
    longest.write_text(TASK.replace("k7f3qx", "w3n8rb"))
    assert place.run("move w3n8rb doing") == 0
    assert "status: doing" in longest.read_text()
    deep = place.root.joinpath("tasks", *["d" * 100] * 12)
    deep.mkdir(parents=True)
    (deep / "x.md").write_text(TASK.replace("k7f3qx", "z9x2kd"))
    assert place.run("move z9x2kd doing") == 0
    assert place.subjects() == ["move z9x2kd: todo → doing"]


def credentials(place: Place) -> None:
    """A remote that asks for a password gets no answer, and nobody is asked: no terminal, no window."""
    asked = script(place.tmp / "bin" / "ask", f"touch '{place.tmp}/asked'; echo secret")
    for name in ("SSH_ASKPASS", "SUDO_ASKPASS"):
        place.patch.setenv(name, str(asked))
    place.patch.setenv("DISPLAY", ":0")
    place.patch.delenv("GIT_ASKPASS", raising=False)
    repo = discover(place.root)
    assert repo is not None
    with serving() as port:
        done = repo.try_run("fetch", f"http://ana:geheim@127.0.0.1:{port}/x.git", timeout=20)
        assert done.returncode != 0
        done = repo.try_run("fetch", f"http://127.0.0.1:{port}/x.git", timeout=20)
        assert done.returncode != 0
    assert not (place.tmp / "asked").exists()


class _Unauthorized(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class serving:  # noqa: N801  # used as a function
    """A server on this machine; by default it asks everybody for a password."""

    def __init__(self, handler: type[BaseHTTPRequestHandler] = _Unauthorized) -> None:
        self.handler = handler

    def __enter__(self) -> int:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_port

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Silent(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Takes the call, and says nothing until the other side has gone."""
        self.rfile.read(1)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def hanging_remote(place: Place) -> None:
    """A remote that takes the call and never answers: the sync ends by itself, and what was done meanwhile stays."""
    from planner import syncing

    with serving(_Silent) as port:
        place.git("remote", "add", "origin", f"http://127.0.0.1:{port}/plan.git")
        with Session.open(place.root) as session:
            done = syncing.run(session, limit=1.0)
    assert done.offline is not None
    assert "1 s" in done.offline.message or "answer" in done.offline.message, done.offline.message
    assert done.offline.hint
    assert place.run("move k7f3qx doing") == 0
    assert place.subjects() == ["move k7f3qx: todo → doing"]
    assert place.git("status", "--porcelain") == ""


def watch_limit(place: Place) -> None:
    """One watch for everything: the files are looked at every so often instead, and a line says why."""
    heard: Queue[Delta] = Queue()
    place.patch.setattr("planner.following.Watcher", functools.partial(Watcher, watch_limit=1, poll_seconds=0.05))
    with Session.open(place.root) as session:
        session.subscribe(heard.put)
        session.watch()
        (place.root / FILE).write_text(TASK.replace("todo", "doing"))
        while "k7f3qx" not in heard.get(timeout=30).ids:
            pass
        assert session.vault.find("k7f3qx").status == "doing"
        assert session.watching == "poll"
        assert "more folders than the system lets one user watch" in session.watching_notice


FOREIGN: Sequence[Callable[[Place], None]] = (
    merging, rebasing, cherry_picking, bisecting, detached, unborn, bare, linked_worktree, submodule, sub_folder, shallow,
    live_lock, stale_lock, failing_hook, hanging_hook, failing_signer, hanging_signer, credentials, hanging_remote,
    read_only_vault, full_disk, ignored_file, lfs_pointer, of_somebody_else, watch_limit,
)  # fmt: skip
"""The foreign states: git in the middle of something, locks, hooks, signers, remotes, disks and limits."""

ROWS: Sequence[Callable[[Place], None]] = (
    linked_worktree, submodule, sub_folder, no_git, no_git_program, bare, hidden_bare, of_somebody_else,
    detached, unborn, merging, merge_given_up, rebasing, rebase_given_up, cherry_picking, reverting, bisecting,
    live_lock, stale_lock, passing_hook, failing_hook, hanging_hook, untrusted_hook, hooks_off, failing_signer,
    hanging_signer, nobody, read_only_vault, forbidden_vault, read_only_git, full_disk, ignored_file, lfs_pointer,
    shallow, partial, clashing_names, hard_link, link_inside, link_outside, passing_files, skewed_clock, long_names,
    credentials, hanging_remote, watch_limit,
)  # fmt: skip


@pytest.mark.proof
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_case(claims: Claims, place: Place, row: Callable[[Place], None]) -> None:
    with claims(FOREIGN_CLAIM if row in FOREIGN else CLAIM) as claim:
        row(place)
        claim.check(True, row.__name__)


def test_every_foreign_state_is_tried() -> None:
    assert len(set(FOREIGN)) == len(FOREIGN) == 25
    assert set(FOREIGN) <= set(ROWS)
