"""What a vault from somebody else may try: to write elsewhere, to be taken for an option, to lead astray, to leak."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from planner.cli.app import main
from planner.commands import Add, Archive, Delete, Move, Set
from planner.commands.base import Command
from planner.core.change import Edit
from planner.errors import GitFailed, Invalid, PlannerError, without_passwords
from planner.session import Session
from planner.store import git, process, writing
from tests.conftest import Claims
from tests.proof import FULL
from tui.app import PlannerApp

TODAY = date(2026, 11, 25)
TASK = "---\nid: k7f3qx\ntitle: Merge driver\nstatus: todo\n---\nText\n"
pytestmark = pytest.mark.proof


def sh(where: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "global").write_text("[user]\n\tname = Ana\n\temail = ana@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home" / "global"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("template") / "vault"
    (top / "tasks").mkdir(parents=True)
    (top / "planner.toml").write_text("")
    (top / "tasks" / "merge-k7f3qx.md").write_text(TASK)
    sh(top, "init", "-q", "-b", "main")
    sh(top, "add", "-A")
    sh(top, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-qm", "start")
    return top


@pytest.fixture
def top(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "vault", symlinks=True)
    return tmp_path / "vault"


def some(values: tuple[str, ...]) -> tuple[str, ...]:
    """A third of them with `make test`, all with `make proof`."""
    return values if FULL else values[::3]


def guarded(top: Path) -> dict[str, str]:
    """All that no wish may touch: everything outside the vault, and git's own files but for its record of commits."""
    free = ("objects", "refs", "logs", "index", "planner", "COMMIT_EDITMSG", "HEAD")
    found = {}
    for path in sorted(top.parent.rglob("*")):
        name = path.relative_to(top.parent).as_posix()
        inside = name.removeprefix("vault/")
        ours = name.startswith("vault/") and not inside.startswith(".git/")
        if ours or name.startswith("home/") or inside.removeprefix(".git/").startswith(free) or name == "vault":
            continue
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    return found


NAMES = (
    "../evil", "../../evil", "..", ".", "/etc/evil", "//evil", "tasks/../../evil", ".git", ".git/hooks/pre-commit", ".GIT/config",
    ".git./config", "git~1/config", ".g\u200cit/config", ".git::$INDEX_ALLOCATION/x", "evil\0.md", "evil\n/../x",
)  # fmt: skip
"""Never a path inside a vault."""
ODD = ("~/evil", "~", "..\\evil", "C:\\evil", "C:evil", "\\\\host\\share\\evil", "%2e%2e/evil", "CON", "-rf")
"""Names like others to this system, and no less to be kept inside."""


def wishes(name: str) -> Iterator[Command]:
    """Every wish that makes a path of a word, or moves a file whose id or project is such a word."""
    yield Set(("k7f3qx",), (f"project={name}",))
    yield Set(("k7f3qx",), (f"id={name}",))
    yield Set(("k7f3qx",), (f"title={name}",))
    yield Add(f"{name} {name}")
    yield Add(f"task ++{name}")
    yield Add(f"task +{name}")
    yield Move(("foreign",), "doing")
    yield Archive(("foreign",))
    yield Delete(("foreign",))


@pytest.mark.parametrize("name", some(NAMES + ODD), ids=repr)
def test_no_name_leads_out_of_the_vault(claims: Claims, top: Path, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("\0", "\\0").replace("\n", "\\n")
    foreign = (
        f'---\nid: "{quoted}"\naliases: [foreign]\ntitle: Foreign\nproject: "{quoted}"\ntemplate: "{quoted}"\n---\n'
    )
    (top / "tasks" / "foreign.md").write_text(foreign)
    before = guarded(top)
    with claims("names that lead out of the vault or into .git: nothing written there") as claim:
        with Session.open(top, today=TODAY) as session:
            for wish in wishes(name):
                try:
                    session.run(wish)
                except PlannerError:
                    continue
        try:
            writing.write(top, [Edit(f"tasks/{name}", None, "x")], displaced=top / ".git" / "planner" / "displaced")
            refused = False
        except Invalid:
            refused = True
        claim.check(guarded(top) == before and refused is (name in NAMES), name)


def test_no_link_is_followed_out_of_the_vault(claims: Claims, top: Path) -> None:
    outside = top.parent / "outside"
    outside.mkdir()
    secret = outside / "secret.md"
    secret.write_text("---\nid: secret1\ntitle: Secret\nstatus: todo\n---\n")
    layouts: dict[str, dict[str, str]] = {
        "to a file outside": {"out.md": str(secret)},
        "to a folder outside": {"folder": str(outside)},
        "relative, over the top": {"up.md": "../../outside/secret.md"},
        "through a second link": {"one.md": "two.md", "two.md": str(secret)},
        "to git's own files": {"config.md": "../.git/config", "git": "../.git"},
        "in a circle": {"a.md": "b.md", "b.md": "a.md", "c": "..", "d": "d"},
    }
    with claims("links out of the vault: not followed, not read, not written", expect=len(layouts)) as claim:
        for name, links in layouts.items():
            vault = top.parent / "copy"
            shutil.copytree(top, vault, symlinks=True)
            for link, target in links.items():
                (vault / "tasks" / link).symlink_to(target)
            before = (secret.read_bytes(), (vault / ".git" / "config").read_bytes())
            with Session.open(vault, today=TODAY) as session:
                read = "".join(file.text for file in session.vault.files.values())
                count = len(session.vault.items)
                for id_ in ("secret1", "tasks/out.md", "tasks/up.md", "tasks/config.md", "tasks/one.md"):
                    try:
                        session.run(Set((id_,), ("title=Changed",)))
                    except PlannerError:
                        continue
            untouched = before == (secret.read_bytes(), (vault / ".git" / "config").read_bytes())
            claim.check(untouched and "Secret" not in read and "[core]" not in read and count == 1, name)
            shutil.rmtree(vault)


OPTIONS = (
    "-x", "-rf", "--", "--all", "--help", "--version", "-c core.fsmonitor=touch", "--exec-path=/tmp", "--git-dir=/tmp", "-C/tmp",
    "--output={canary}", "-o{canary}", "--upload-pack=touch {canary}", "--exec=touch {canary}", "--open-files-in-pager=touch {canary}",
    "-Otouch {canary}", "--textconv", "--ext-diff", "--no-index", "@{{-1}}", "HEAD --output={canary}", ":(exclude)*",
)  # fmt: skip


@pytest.mark.parametrize("pattern", some(OPTIONS))
def test_no_value_is_taken_for_an_option(
    claims: Claims, top: Path, pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = top.parent / "canary"
    value = pattern.format(canary=canary)
    head = sh(top, "rev-parse", "HEAD")
    repo = git.discover(top)
    assert repo is not None
    with claims("values that look like options: as revision, id, path, query and branch never more than that") as claim:
        with Session.open(top, today=TODAY) as session:
            questions: tuple[Callable[[], object], ...] = (
                lambda: session.at(value),
                lambda: session.undo(value),
                lambda: session.run(Move((value,), "doing")),
                lambda: session.run(Set(("k7f3qx",), (f"depends_on={value}",))).waiting,
                lambda: repo.resolve(value),
                lambda: repo.read_blobs("HEAD", [value]),
                lambda: repo.ls_tree("HEAD", value),
                lambda: repo.ls_tree(value),
                lambda: repo.config_get(value),
                lambda: repo.ignored([value]),
                lambda: repo.index_entries([value]),
                lambda: repo.status_paths(value),
            )
            for ask in questions:
                try:
                    ask()
                except (PlannerError, ValueError):
                    continue
            session.vault.resolve(value)
        for words in (["list", f"--at={value}"], ["show", "--", value], ["log", "--", value], ["undo", "--", value]):
            main(["--vault", str(top), *words])
        capsys.readouterr()
        moved = [line for line in sh(top, "log", "--format=%s", f"{head}..HEAD").split("\n") if line]
        claim.check(not canary.exists() and all(line.startswith(("set k7f3qx", "undo")) for line in moved), value)


@pytest.mark.parametrize("name", ["-rf.md", "--output=x.md", ":(top)x.md", "--.md", "-c a=b.md"])
def test_files_named_like_options_are_committed_like_others(claims: Claims, top: Path, name: str) -> None:
    (top / "tasks" / name).write_text(TASK.replace("k7f3qx", "p4c6tv"))
    (top / name).write_text(TASK.replace("k7f3qx", "w3n8rb"))
    with claims("values that look like options: as revision, id, path, query and branch never more than that") as claim:
        with Session.open(top, today=TODAY) as session:
            done = session.run(Move(("p4c6tv", "w3n8rb"), "doing"))
        claim.check(done.commit and sh(top, "show", "--format=", "--name-only", "HEAD").count(name) == 2, name)


@pytest.mark.parametrize("branch", ["-x", "--output=x", "-"])
def test_a_branch_named_like_an_option_is_committed_to(claims: Claims, top: Path, branch: str) -> None:
    sh(top, "update-ref", f"refs/heads/{branch}", "HEAD")
    sh(top, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    with claims("values that look like options: as revision, id, path, query and branch never more than that") as claim:
        with Session.open(top, today=TODAY) as session:
            done = session.run(Move(("k7f3qx",), "doing"))
        claim.check(done.commit and sh(top, "rev-parse", f"refs/heads/{branch}") == done.commit, branch)


def test_a_repository_hidden_in_a_folder_is_not_entered(
    claims: Claims, top: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`git` in such a folder would take its configuration for its own."""
    canary = top.parent / "sang"
    hidden = top / "tasks" / "hidden"
    sh(top, "init", "-q", "--bare", str(hidden))
    sh(hidden, "config", "core.bare", "false")
    sh(hidden, "config", "core.worktree", str(hidden))
    sh(hidden, "config", "core.fsmonitor", f"touch '{canary}'; false")
    (hidden / "planner.toml").write_text("")
    with claims("bare repositories hidden in a folder: not taken for the vault's") as claim:
        with pytest.raises(GitFailed):
            Session.open(hidden)
        claim.check(not canary.exists(), "opened by name")
        monkeypatch.chdir(hidden)
        claim.check(main(["list"]) == 5 and not canary.exists(), "opened from inside")
        with Session.open(top, today=TODAY) as session:
            done = session.run(Move(("k7f3qx",), "doing"))
            session.uncommitted()
        claim.check(done.commit == sh(top, "rev-parse", "HEAD") and not canary.exists(), "the vault around it")
    capsys.readouterr()


URLS = (
    "https://ana:geheim@example.org/x.git", "https://geheim@example.org/x.git", "http://ana:geheim@[::1]:8080/x",
    "ssh://ana:geheim@example.org/x", "https://ana:ge@geheim@example.org/x", "https://oauth2:geheim@example.org",
    "ftp://ana:geheim@h/", "https://x-access-token:geheim@github.com/a/b.git", "https://:geheim@example.org/",
    "git+https://ana:geheim@example.org/x.git", "https://ana:geheim%40@example.org/x", "HTTPS://ANA:geheim@EXAMPLE.ORG/",
)  # fmt: skip


@pytest.mark.parametrize("url", some(URLS))
def test_no_password_of_a_url_is_shown_or_logged(claims: Claims, top: Path, url: str) -> None:
    with claims("passwords in URLs: neither in messages, nor in a crash, nor the values in hand", expect=4) as claim:
        claim.check("geheim" not in without_passwords(f"fatal: unable to access '{url}': no"), url)
        claim.check("geheim" not in process.own_words(f"fatal: repository '{url}' not found\n".encode()), url)
        refused = GitFailed(f"cannot reach {url}", f"git fetch {url}")
        claim.check("geheim" not in f"{refused} {refused.message} {refused.hint} {refused!r}", url)
        claim.check("geheim" not in _crash(top, url), url)


def _crash(top: Path, url: str) -> str:
    """What is left on the terminal when the screen breaks with a password in hand and in the exception."""

    async def run() -> str:
        with Session.open(top, today=TODAY) as session:
            app = PlannerApp(session, watch=False)
            async with app.run_test():
                secret = {"in hand": url}
                try:
                    raise RuntimeError(f"cannot reach {url} \x1b]52;c;x\x07")
                except RuntimeError:
                    app._fatal_error()
                assert secret
                console = Console(file=io.StringIO(), width=200)
                for renderable in app._exit_renderables:
                    console.print(renderable)
                app._exit_renderables.clear()
                assert isinstance(console.file, io.StringIO)
                return console.file.getvalue()

    shown = asyncio.run(run())
    assert "RuntimeError: cannot reach" in shown
    assert "\x1b]" not in shown
    return shown
