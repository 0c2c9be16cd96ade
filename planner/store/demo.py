"""The sample vault as a fresh git repository: its dates moved to today, its past written in one stream."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from planner.errors import GitFailed, Invalid, NotFound
from planner.store.past import Commit, Person, history

BASE = date(2026, 11, 25)
"""The day on which the sample vault's dates are right."""

BRANCH = "main"

_DATE = re.compile(r"(?<!\d)(?<!\d-)\d{4}-\d{2}-\d{2}(?!\d|-\d)")
_QUARTER = re.compile(r"\b(\d{4})-Q([1-4])\b")

# Environment that names another repository or author must not reach git; where the user's configuration lies may.
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"})


def find_sample() -> Path:
    """Return the sample vault beside the source tree or inside the installed package; NotFound if it is in neither."""
    here = Path(__file__).resolve()
    for folder in (here.parents[2] / "sample-vault", here.parents[1] / "sample-vault"):
        if (folder / "planner.toml").is_file():
            return folder
    raise NotFound("the sample vault is missing from this installation", "install planner again")


def build(source: Path, target: Path, today: date, seed: int = 7) -> Path:
    """Make `target`, a new or empty folder, a repository of the vault `source` as of `today`; same input, same shas.

    Raises Invalid when `target` holds anything, NotFound when `source` is no vault, GitFailed when git refuses.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Invalid(f"{target} is not an empty folder", "name a new or an empty folder for the demo")
    if not (source / "planner.toml").is_file():
        raise NotFound(f"{source} is no vault: it has no planner.toml", "name a folder that holds a planner.toml")
    commits = history(shifted(read_vault(source), today), today, seed)
    target.mkdir(parents=True, exist_ok=True)
    _git(target, "init", "--quiet", "--template=", f"--initial-branch={BRANCH}")
    _git(target, "fast-import", "--quiet", "--done", feed=b"".join(_stream(commits)))
    for key, value in _local_settings(target, commits[0].who).items():
        _git(target, "config", "--local", key, value)
    _git(target, "reset", "--quiet", "--hard", BRANCH)
    return target


def read_vault(source: Path) -> dict[str, bytes]:
    """Return every file of a vault by its path with slashes; dot-folders and hidden files of other tools are left out."""
    found: dict[str, bytes] = {}
    for folder, below, names in os.walk(source):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in names:
            if not name.startswith(".") or name.startswith(".git"):
                file = Path(folder, name)
                found[file.relative_to(source).as_posix()] = file.read_bytes()
    return found


def shifted(texts: Mapping[str, bytes], today: date) -> dict[str, bytes]:
    """Move every date in texts and file names by the whole weeks between BASE and `today`, so weekdays stay."""
    weeks = timedelta(weeks=round((today - BASE) / timedelta(weeks=1)))
    quarters = _quarter(BASE + weeks) - _quarter(BASE)

    def of_day(match: re.Match[str]) -> str:
        try:
            return (date.fromisoformat(match[0]) + weeks).isoformat()
        except ValueError:  # 2026-02-30 is a fault to be found, not a day
            return match[0]

    def of_quarter(match: re.Match[str]) -> str:
        year, quarter = divmod(int(match[1]) * 4 + int(match[2]) - 1 + quarters, 4)
        return f"{year}-Q{quarter + 1}"

    def moved(text: str) -> str:
        return _QUARTER.sub(of_quarter, _DATE.sub(of_day, text))

    def content(path: str, data: bytes) -> bytes:
        if not path.endswith((".md", ".toml")):
            return data
        return moved(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    return {moved(path): content(path, data) for path, data in texts.items()}


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _stream(commits: Iterable[Commit]) -> Iterator[bytes]:
    """Yield the commits in the language of `git fast-import`."""
    for commit in commits:
        stamp = f"{commit.who.name} <{commit.who.email}> {int(commit.when.timestamp())} {commit.when:%z}"
        message = commit.message.encode("utf-8", "surrogateescape")
        yield f"commit refs/heads/{BRANCH}\nauthor {stamp}\ncommitter {stamp}\ndata {len(message)}\n".encode()
        yield message
        for path, data in commit.files.items():
            yield b"M 100644 inline " + os.fsencode(path) + f"\ndata {len(data)}\n".encode() + data + b"\n"
    yield b"done\n"


def _local_settings(target: Path, first: Person) -> dict[str, str]:
    """Return the repository's own settings; a name and address only for a user who has none."""
    settings = {"commit.gpgsign": "false", "core.autocrlf": "false"}
    if not _git(target, "config", "--default", "", "--get", "user.email"):
        settings |= {"user.name": first.name, "user.email": first.email}
    return settings


def _git(folder: Path, *argv: str, feed: bytes = b"") -> str:
    """Run git in a folder and return what it prints; GitFailed with its own words when it refuses or is missing."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    try:
        run = subprocess.run(["git", "-C", str(folder), *argv], input=feed, env=env, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise GitFailed("git is not installed", "install git 2.30 or newer") from error
    if run.returncode:
        raise GitFailed(f"git {argv[0]} failed: {run.stderr.decode(errors='replace').strip()}", "planner doctor")
    return run.stdout.decode(errors="replace").strip()
