"""A `.git` folder is as foreign as any file: nothing it names runs before the user has looked at it, and all of it after."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from planner.cli.app import main
from planner.commands import Move
from planner.errors import NotTrusted
from planner.session import Session
from planner.store import fsops, process, trust
from planner.store.fsops import Completed, Ops
from planner.store.git import Repository, discover
from tests.conftest import Claims
from tests.proof import FULL

TODAY = date(2026, 11, 25)
TASK = "---\nid: k7f3qx\ntitle: Merge driver\nstatus: todo\ndue: 2026-12-01\n---\nText\n"
HOOKS = (
    "applypatch-msg", "pre-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg",
    "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update",
    "proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc",
    "post-rewrite", "fsmonitor-watchman", "post-index-change",
)  # fmt: skip


def sh(where: Path, *args: str, check: bool = True) -> str:
    return subprocess.run(["git", *args], cwd=where, check=check, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("EDITOR", "true")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of three commits, the last of them by planner, so that there is something to undo."""
    top = tmp_path_factory.mktemp("template") / "vault"
    (top / "tasks").mkdir(parents=True)
    (top / "planner.toml").write_text('[commit]\nhooks = "run"\n')
    (top / ".gitattributes").write_text("*.md filter=x diff=x merge=x\n")
    (top / "tasks" / "merge-k7f3qx.md").write_text(TASK)
    (top / "tasks" / "m2d9hz.md").write_text("---\nid: m2d9hz\ntitle: Other\n---\n")
    sh(top, "init", "-q", "-b", "main")
    sh(top, "config", "user.name", "Ana")
    sh(top, "config", "user.email", "ana@example.org")
    sh(top, "add", "-A")
    sh(top, "commit", "-qm", "first")
    with Session.open(top, today=TODAY) as session:
        assert session.run(Move(("k7f3qx",), "doing")).commit
    return top


@pytest.fixture
def top(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "vault", symlinks=True)
    return tmp_path / "vault"


def repository(top: Path) -> Repository:
    found = discover(top)
    assert found is not None
    return found


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


# ---- canaries --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cage:
    """A vault with a foreign `.git`, and where its canaries write when they are let out."""

    top: Path
    sang: Path

    def canary(self, name: str, after: str = "cat") -> str:
        """A program that leaves a file behind, then does `after` so that git goes on."""
        self.sang.mkdir(exist_ok=True)
        return str(script(self.top.parent / "bin" / name, f"touch '{self.sang}/{name}'\n{after}"))

    def config(self, key: str, value: str) -> None:
        sh(self.top, "config", key, value)

    def songs(self) -> set[str]:
        return {path.name for path in self.sang.iterdir()} if self.sang.is_dir() else set()


def key(name: str, after: str = "cat", *more: tuple[str, str]) -> Callable[[Cage], None]:
    """A canary as the value of a key of the repository's configuration."""

    def plant(cage: Cage) -> None:
        cage.config(name, cage.canary(name, after))
        for extra, value in more:
            cage.config(extra, value)

    return plant


def hook(name: str, folder: str = ".git/hooks") -> Callable[[Cage], None]:
    def plant(cage: Cage) -> None:
        script(cage.top / folder / name, f"mkdir -p '{cage.sang}'; touch '{cage.sang}/hook {name}'")

    return plant


def hooks_path(cage: Cage) -> None:
    for name in HOOKS:
        hook(name, "my-hooks")(cage)
    cage.config("core.hooksPath", "my-hooks")


def include(cage: Cage) -> None:
    script(cage.top / "more.gitconfig", "")
    (cage.top / "more.gitconfig").write_text(f'[core]\n\tfsmonitor = "{cage.canary("include.path", "exit 1")}"\n')
    cage.config("include.path", "../more.gitconfig")


def include_if(cage: Cage) -> None:
    (cage.top / ".git" / "branch.config").write_text(f'[filter "x"]\n\tclean = "{cage.canary("includeif")}"\n')
    cage.config("includeif.onbranch:main.path", "branch.config")


def own_worktree(cage: Cage) -> None:
    cage.config("extensions.worktreeConfig", "true")
    (cage.top / ".git" / "config.worktree").write_text(f'[core]\n\tfsmonitor = "{cage.canary("worktree", "exit 1")}"\n')


def remote(cage: Cage) -> None:
    """A partial clone: for an object that is missing git would start the program that the remote names."""
    missing = sh(cage.top, "rev-parse", "HEAD~1:tasks/merge-k7f3qx.md").strip()
    (cage.top / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    for name, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialclone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(cage.top),
        "remote.origin.uploadpack": cage.canary("remote.origin.uploadpack", "exit 1"),
    }.items():
        cage.config(name, value)


def signed(cage: Cage) -> None:
    cage.config("gpg.program", cage.canary("gpg.program", "exit 2"))
    cage.config("commit.gpgSign", "true")
    cage.config("log.showSignature", "true")


CANARIES: dict[str, Callable[[Cage], None]] = {
    "core.fsmonitor": key("core.fsmonitor", "exit 1"),
    "core.hooksPath": hooks_path,
    "hook post-index-change": hook("post-index-change"),
    "hook reference-transaction": hook("reference-transaction"),
    "hook pre-commit": hook("pre-commit"),
    "hook post-commit": hook("post-commit"),
    "hook post-checkout": hook("post-checkout"),
    "filter.x.clean": key("filter.x.clean"),
    "filter.x.smudge": key("filter.x.smudge"),
    "filter.x.process": key("filter.x.process", "exit 1"),
    "diff.x.textconv": key("diff.x.textconv", 'cat "$1"'),
    "diff.x.command": key("diff.x.command"),
    "diff.external": key("diff.external"),
    "merge.x.driver": key("merge.x.driver"),
    "core.sshCommand": key("core.sshCommand", "exit 1", ("remote.origin.url", "ssh://example.invalid/x")),
    "core.askPass": key("core.askPass"),
    "core.alternateRefsCommand": key("core.alternateRefsCommand"),
    "credential.helper": key("credential.helper"),
    "gpg.program": signed,
    "core.pager": key("core.pager", "cat", ("pager.log", "true")),
    "core.editor": key("core.editor", "true"),
    "sequence.editor": key("sequence.editor", "true"),
    "alias.log": key("alias.log"),
    "include.path": include,
    "includeif": include_if,
    "worktree config": own_worktree,
    "remote.origin.uploadpack": remote,
}
SECOND = ("core.hooksPath", "diff.external", "includeif", "worktree config", "remote.origin.uploadpack")
THIRD = ("include.path", "filter.x.process")
FIRST = tuple(name for name in CANARIES if name not in SECOND + THIRD)
"""Canaries that do not stand in each other's light."""

COMMANDS = (
    "list", "board", "show k7f3qx", "today", "agenda", "check", "check --at HEAD", "list --at HEAD~1", "log",
    "log k7f3qx", "log --field status", "set k7f3qx due=2026-12-24", "add buy milk tomorrow #home", "move m2d9hz doing",
    "undo", "redo", "commit", "edit k7f3qx", "doctor", "trust", "keys", "schema",
)  # fmt: skip


def use_everything(cage: Cage) -> None:
    """What a user does on the day a vault arrives, with an edit by hand and a staged file lying about."""
    (cage.top / "tasks" / "m2d9hz.md").write_text("---\nid: m2d9hz\ntitle: Another\n---\n")
    for command in COMMANDS:
        main(["--vault", str(cage.top), "--today", "2026-11-25", *command.split()])
    with Session.open(cage.top, today=TODAY) as session:
        session.watch()
        session.refresh()
        session.retry()


@pytest.mark.proof
@pytest.mark.parametrize("names", [FIRST, SECOND, THIRD, *((name,) for name in CANARIES if FULL)], ids=lambda n: n[0])
def test_no_canary_sings_before_consent(
    claims: Claims, template: Path, tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(template, tmp_path / "vault", symlinks=True)
    cage = Cage(tmp_path / "vault", tmp_path / "sang")
    for name in names:
        CANARIES[name](cage)
    cage_is_foreign = not trust.examine(repository(cage.top)).trusted
    head = (cage.top / ".git" / "refs" / "heads" / "main").read_text()
    use_everything(cage)
    capsys.readouterr()
    assert head == (cage.top / ".git" / "refs" / "heads" / "main").read_text()
    with claims("foreign .git/config and hooks: canaries that stay silent before consent", expect=len(names)) as claim:
        for name in names:
            known = name.replace("worktree config", "worktree")
            claim.check(cage_is_foreign and not {song for song in cage.songs() if known in song}, name)
    assert cage.songs() == set()


def test_the_same_canaries_sing_for_plain_git_and_after_consent(top: Path, tmp_path: Path) -> None:
    """Otherwise their silence would prove nothing."""
    cage = Cage(top, tmp_path / "sang")
    for name in FIRST:
        if name != "gpg.program":
            CANARIES[name](cage)
    path = top / "tasks" / "merge-k7f3qx.md"
    path.write_text(path.read_text().replace("doing", "review"))
    for args in (["status"], ["diff"], ["log", "-p", "-2"], ["stash"], ["fetch"], ["commit", "--allow-empty", "-a"]):
        sh(top, *args, check=False)
    loud = {
        "core.fsmonitor", "hook post-index-change", "hook reference-transaction", "hook pre-commit", "filter.x.clean",
        "filter.x.smudge", "diff.x.command", "core.sshCommand", "core.editor",
    }  # fmt: skip
    assert loud <= cage.songs()

    shutil.rmtree(cage.sang)
    assert main(["--vault", str(top), "trust", "--yes"]) == 0
    cage.sang.mkdir(exist_ok=True)
    assert main(["--vault", str(top), "move", "k7f3qx", "todo"]) == 0
    trusted = {
        "filter.x.clean",
        "hook post-index-change",
        "hook reference-transaction",
        "hook pre-commit",
        "hook post-commit",
    }
    assert trusted <= cage.songs()
    assert not {"core.fsmonitor", "core.editor", "core.pager", "core.sshCommand"} & cage.songs()


def test_a_missing_object_of_a_partial_clone_would_be_fetched_by_plain_git(top: Path, tmp_path: Path) -> None:
    cage = Cage(top, tmp_path / "sang")
    remote(cage)
    sh(top, "cat-file", "-p", "HEAD~1:tasks/merge-k7f3qx.md", check=False)
    assert cage.songs() == {"remote.origin.uploadpack"}


# ---- what is trusted, and for how long -------------------------------------------------------------------------------


def test_files_are_saved_and_all_that_waited_is_committed_after_consent(
    top: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook("pre-commit")(Cage(top, tmp_path / "sang"))
    with Session.open(top, today=TODAY) as session:
        assert len(session.notices) == 1
        assert "hook pre-commit" in session.notices[0]
        for status in ("review", "todo"):
            outcome = session.run(Move(("k7f3qx",), status))
            assert isinstance(outcome.waiting, NotTrusted)
            assert outcome.waiting.hint == "planner trust shows what would run"
    assert "status: todo" in (top / "tasks" / "merge-k7f3qx.md").read_text()
    assert main(["--vault", str(top), "list"]) == 0
    assert capsys.readouterr().err.count("planner trust shows what would run") == 1
    assert main(["--vault", str(top), "trust"]) == 1
    assert main(["--vault", str(top), "trust", "--yes"]) == 0
    subjects = sh(top, "log", "-2", "--format=%s").split("\n")[:2]
    assert subjects == ["move k7f3qx: review → todo", "move k7f3qx: doing → review"]
    with Session.open(top, today=TODAY) as session:
        assert session.notices == []
        assert session.run(Move(("k7f3qx",), "done")).commit


def test_the_same_session_commits_what_waited_once_the_user_has_consented(top: Path, tmp_path: Path) -> None:
    hook("pre-commit")(Cage(top, tmp_path / "sang"))
    with Session.open(top, today=TODAY) as session:
        assert session.run(Move(("k7f3qx",), "review")).waiting is not None
        trust.examine(repository(top)).consent()
        assert session.run(Move(("k7f3qx",), "todo")).commit
    assert sh(top, "log", "-2", "--format=%s").split("\n")[1] == "move k7f3qx: doing → review"


@pytest.mark.parametrize(
    "change", ["another value", "one byte of a hook", "a new hook", "a file that a value names", "a new key"]
)
def test_any_change_asks_again(top: Path, tmp_path: Path, change: str) -> None:
    cage = Cage(top, tmp_path / "sang")
    hook("pre-commit")(cage)
    key("filter.x.clean")(cage)
    trust.examine(repository(top)).consent()
    assert trust.examine(repository(top)).trusted
    match change:
        case "another value":
            cage.config("filter.x.clean", "cat")
        case "one byte of a hook":
            script(top / ".git" / "hooks" / "pre-commit", "true")
        case "a new hook":
            hook("post-commit")(cage)
        case "a file that a value names":
            script(tmp_path / "bin" / "filter.x.clean", "true")
        case "a new key":
            key("core.fsmonitor")(cage)
    found = trust.examine(repository(top))
    assert (found.trusted, found.changed) == (False, True)
    assert "has changed" in found.sentence


def test_consent_is_for_one_repository_lies_outside_it_and_can_be_taken_back(top: Path, tmp_path: Path) -> None:
    key("filter.x.clean")(Cage(top, tmp_path / "sang"))
    shutil.copytree(top, tmp_path / "copy", symlinks=True)
    before = set(top.rglob("*"))
    assert main(["--vault", str(top), "trust", "--yes"]) == 0
    assert set(top.rglob("*")) - before <= {top / ".git" / "planner" / "lock"}
    assert trust.examine(repository(top)).trusted
    assert not trust.examine(repository(tmp_path / "copy")).trusted
    assert main(["--vault", str(top), "trust", "--revoke"]) == 0
    assert main(["--vault", str(top), "trust"]) == 1


def test_trust_lists_value_origin_and_first_line(top: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cage = Cage(top, tmp_path / "sang")
    include(cage)
    hook("pre-commit")(cage)
    assert main(["--vault", str(top), "trust"]) == 1
    shown = capsys.readouterr().out
    assert f"{tmp_path}/bin/include.path" in shown
    assert f"{top}/more.gitconfig" in shown
    assert f"{top}/.git/hooks/pre-commit" in shown
    assert "#!/bin/sh" in shown
    assert main(["--vault", str(top), "doctor"]) == 1
    assert "planner trust" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "runs"),
    [
        ("core.fsmonitor", "true", False),
        ("core.fsmonitor", "/x", True),
        ("core.autocrlf", "input", False),
        ("remote.origin.url", "git@example.org:a/b", False),
        ("remote.origin.url", "ext::sh -c x", True),
        ("remote.a.b\nc.uploadpack", "x", True),
        ("filter.a.b.clean", "x", True),
        ("filter.lfs.required", "true", False),
        ("submodule.x.update", "!x", True),
        ("submodule.x.update", "merge", False),
        ("credential.https://example.org.helper", "x", True),
        ("credential.helper", "", False),
        ("gpg.ssh.program", "x", True),
        ("gpg.format", "ssh", False),
        ("user.signingkey", "x", False),
        ("includeif.gitdir:x.path", "y", True),
        ("url.x.insteadof", "y", True),
        ("hook.x.command", "y", True),
    ],
)
def test_which_settings_can_run_something(name: str, value: str, runs: bool) -> None:
    assert trust.can_run(name, value) is runs


@pytest.mark.parametrize(
    ("driver", "ours"),
    [
        ("planner merge-driver %O %A %B %L %P", True),
        ('"/opt/my tools/planner" merge-driver %O %A %B %L %P', True),
        ('"/usr/bin/planner" merge-driver %O %A %B %L %P' + trust.FALLBACK, True),
        ("./planner merge-driver %O %A %B %L %P", False),
        ('"{top}/planner" merge-driver %O %A %B %L %P', False),
        ("/opt/my tools/planner merge-driver %O %A %B %L %P", False),
        ("planner merge-driver %O %A %B %L %P; touch x", False),
        ('"/x/$(touch y)/planner" merge-driver %O %A %B %L %P', False),
        ("touch x", False),
    ],
)
def test_our_own_merge_driver_needs_no_consent_and_one_that_only_looks_like_it_does(
    top: Path, driver: str, ours: bool
) -> None:
    sh(top, "config", "merge.planner.driver", driver.format(top=top) if "{top}" in driver else driver)
    sh(top, "config", "merge.planner.name", "planner")
    assert trust.examine(repository(top)).trusted is ours


def test_the_users_own_configuration_is_trusted(top: Path, tmp_path: Path) -> None:
    (tmp_path / "global").write_text(
        '[core]\n\thooksPath = ~/hooks\n[filter "x"]\n\tclean = cat\n[alias]\n\tst = status\n'
    )
    assert trust.examine(repository(top)).trusted
    hook("pre-commit")(Cage(top, tmp_path / "sang"))
    assert trust.examine(repository(top)).trusted, "the user's own hooks folder stands in for the repository's"


@pytest.mark.parametrize(
    "text",
    [
        '[filter "x"] clean = cat\n',
        "[filter.x]\nclean = cat\n",
        '[filter "a\\"b"]\nclean = cat\n',
        '\ufeff[filter "x"]\n\tclean = cat\n',
        '[FILTER "x"]\nCLEAN = cat',
        '[filter "x"]\r\n\tclean = cat\r\n',
        "[core]\n\tbare = \\\n false\n[core]\n\tfsmonitor = /x\n",
        '[core]\n\tfs = "\\\n"\n\tfsmonitor = /x\n',
        "[core]\nfsmonitor=/x ; why\n",
        "[alias]\n\tx = !y\n",
    ],
)
def test_no_way_of_writing_it_hides_a_program(top: Path, text: str) -> None:
    """The quick look at the file, which saves a git process, never sees less than git does."""
    path, bom = top / ".git" / "config", "\ufeff"
    start = bom.encode() * text.startswith(bom)
    path.write_bytes(start + path.read_bytes() + text.removeprefix(bom).encode())
    asked = sh(top, "config", "--list", "--local", "--name-only")
    assert any(trust.can_run(line, "x") for line in asked.split("\n"))
    assert not trust.examine(repository(top)).trusted


class Counting(Ops):
    """Counts git processes."""

    calls: int = 0

    def run(self, argv: object, **options: object) -> Completed:
        self.calls += 1
        return super().run(argv, **options)  # type: ignore[arg-type]  # handed on as they came


def test_a_repository_as_git_makes_it_costs_no_process(top: Path) -> None:
    sh(top, "remote", "add", "origin", "git@example.org:a/b.git")
    sh(top, "config", "branch.main.remote", "origin")
    repo = repository(top)
    with fsops.using(Counting()) as counting:
        assert trust.examine(repo).trusted
        assert repo.vouched().trusted
    assert isinstance(counting, Counting)
    assert counting.calls == 0


def test_consent_costs_a_commit_no_process(top: Path, tmp_path: Path) -> None:
    def calls() -> int:
        text = os.urandom(4).hex().encode()
        (top / "tasks" / "merge-k7f3qx.md").write_bytes(text)
        with fsops.using(Counting()) as counting:
            assert repository(top).commit({"tasks/merge-k7f3qx.md": text}, "x")
        assert isinstance(counting, Counting)
        return counting.calls

    plain = calls()
    key("core.pager")(Cage(top, tmp_path / "sang"))
    trust.examine(repository(top)).consent()
    assert calls() == plain


def test_what_only_answers_is_quiet_and_the_rest_is_not_taken_for_it() -> None:
    assert process.harmless(("log", "--format=%H"))
    assert process.harmless(("--git-dir=/x", "cat-file", "--batch"))
    assert "core.hooksPath=/dev/null" in process.arguments("ls-files")
    for args in (("status",), ("log", "-p"), ("cat-file", "--filters", ":x"), ("hash-object", "x"), ("diff",), ()):
        assert not process.harmless(args), args
