"""Is everything in place? Git, identity, encoding, terminal, watching; each finding with the command that mends it."""

from __future__ import annotations

import locale
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from planner.core.record import dataclass
from planner.errors import Invalid, PlannerError
from planner.store import attributes, places
from planner.store.config import FILE, load
from planner.store.git import Repository, discover
from planner.store.mounts import REMOTE, file_system
from planner.store.process import run_git
from planner.store.trust import Trust as Trust  # noqa: PLC0414  # the command line reads it from here
from planner.store.trust import examine as examine_trust

LEAST_GIT = (2, 38)  # `cat-file -z`


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what mends it."""

    name: str
    ok: bool
    seen: str
    mend: str = ""


def examine(vault: Path | None) -> Iterator[Finding]:
    """Look at this machine, and at the vault if there is one."""
    yield _git()
    if vault is not None:
        yield from _vault(vault)
    encoding = locale.getpreferredencoding(False)
    utf8 = encoding.upper().replace("-", "") == "UTF8"
    yield Finding("encoding", utf8, encoding, "" if utf8 else "export LANG=C.UTF-8")
    yield _terminal()
    yield _editor()
    yield _watching(vault)
    yield _settings()


def mend(vault: Path | None) -> Iterator[str]:
    """Set up what can be set up without asking; yields a sentence for each."""
    if vault is None:
        return
    from planner.founding import exclude_temporaries

    repo = discover(vault)
    if repo is not None and not repo.bare and exclude_temporaries(repo):
        yield "added .planner-tmp-* to .git/info/exclude"
    if repo is not None and not repo.bare and attributes.set_up(repo):
        yield f"told git in this clone to merge items by fields, with {attributes.program()}"
    file = vault / attributes.FILE
    text = file.read_text(encoding="utf-8", errors="surrogateescape") if file.is_file() else ""
    if (new := attributes.with_line(text)) != text:
        file.write_text(new, encoding="utf-8", errors="surrogateescape")
        yield f"added `{attributes.LINE}` to {attributes.FILE}; commit it, so that everybody has it"


def _git() -> Finding:
    try:
        said = run_git("--version", cwd=str(Path.cwd())).stdout.decode(errors="replace").strip()
    except PlannerError as error:
        return Finding("git", False, error.message, error.hint)
    numbers = tuple(int(number) for number in re.findall(r"\d+", said)[:2])
    if numbers < LEAST_GIT:
        return Finding("git", False, said, f"install git {LEAST_GIT[0]}.{LEAST_GIT[1]} or newer")
    return Finding("git", True, said)


def _vault(vault: Path) -> Iterator[Finding]:
    try:
        repo = discover(vault)
    except PlannerError as error:
        yield Finding("repository", False, error.message, error.hint)
        return
    if repo is None:
        yield Finding(
            "repository", False, "the vault is in no git repository: no history, undo from the journal", "git init"
        )
        return
    yield Finding("repository", True, repo.top)
    identity = repo.identity()
    yield Finding(
        "identity", identity is not None, f"{identity.name} <{identity.email}>" if identity else "git does not know who you are",
        "" if identity else "git config --global user.name NAME; git config --global user.email ADDRESS",
    )  # fmt: skip
    yield _trust(repo)
    if not repo.bare:
        wrong = attributes.fault(repo)
        yield Finding("merge", not wrong, wrong or "items merge by fields", "planner doctor --fix" if wrong else "")
    unfinished = repo.busy()
    if unfinished:
        yield Finding(
            "state", False, f"a {unfinished} is unfinished; commits wait", f"git {unfinished} --continue, or --abort"
        )


def _trust(repo: Repository) -> Finding:
    found = examine_trust(repo)
    if not found.parts:
        return Finding("trust", True, "nothing in this repository's own git configuration runs programs")
    if found.trusted:
        names = ", ".join(part.name for part in found.parts)
        return Finding("trust", True, f"you trust what its git configuration runs: {names}")
    return Finding("trust", False, found.sentence, "planner trust")


def trust_in(folder: Path) -> Trust:
    """What the repository around a folder would run of its own, and whether the user has consented to it.

    Raises Invalid where there is no repository, GitFailed where git refuses it.
    """
    repo = discover(folder)
    if repo is None:
        raise Invalid(f"{folder} is in no git repository: there is nothing to trust", "name a folder with --vault")
    return examine_trust(repo)


def _terminal() -> Finding:
    if not sys.stdout.isatty():
        return Finding("terminal", True, "not a terminal: plain text")
    colours = "NO_COLOR" not in os.environ and os.environ.get("TERM") not in {None, "dumb"}
    size = shutil.get_terminal_size()
    words = f"{size.columns}x{size.lines}, {os.environ.get('TERM', '?')}, {'colours' if colours else 'no colours'}"
    tmux = "tmux: `set -g set-clipboard on` lets y copy" if "TMUX" in os.environ else ""
    return Finding("terminal", True, words, tmux)


def _editor() -> Finding:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    found = bool(editor and shutil.which(editor.split()[0]))
    known = found or any(shutil.which(name) for name in ("sensible-editor", "nano", "vim", "vi"))
    return Finding("editor", known, editor or "$EDITOR is not set", "" if found else "export EDITOR=vim")


def _watching(vault: Path | None) -> Finding:
    kind = file_system(str(vault.resolve())) if vault is not None else ""
    if kind in REMOTE:
        return Finding("watching", True, f"by polling: the vault is on a {kind} file system, which reports no changes")
    limit = Path("/proc/sys/fs/inotify/max_user_watches")
    if not limit.is_file():
        return Finding("watching", True, "by the system's own events")
    count = int(limit.read_text(encoding="ascii"))
    hint = "" if count >= 8192 else "sysctl fs.inotify.max_user_watches=524288"
    return Finding("watching", count >= 8192, f"{count} folders at most", hint)


def _settings() -> Finding:
    path = places.config_folder() / FILE
    try:
        load()
    except PlannerError as error:
        return Finding("settings", False, error.message, error.hint)
    return Finding("settings", True, str(path) if path.exists() else f"{path} (none yet: defaults)")
