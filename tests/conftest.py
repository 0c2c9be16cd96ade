"""What tests share: a fixed day, vaults built from texts, the sample vault, and small repositories."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings

from planner.commands import Context
from planner.core.vault import Vault
from tests import proof

# The same examples on every machine and in every run; PLANNER_LAWS=10 tries ten times as many, drawn anew.
settings.register_profile("steady", derandomize=True, deadline=None)
if "PLANNER_LAWS" not in os.environ:
    settings.load_profile("steady")

SAMPLE = Path(__file__).parents[1] / "sample-vault"
_SEPARATOR = re.compile(r"^== (\S.*?) ==\n", re.MULTILINE)

MakeVault = Callable[[Mapping[str, str] | str], Vault]
Claims = Callable[..., AbstractContextManager[proof.Claim]]


def texts_of(text: str) -> dict[str, str]:
    """Files by path, from one text with a `== path ==` line before each."""
    parts = _SEPARATOR.split(text.removeprefix("\n"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def build(texts: Mapping[str, str] | str) -> Vault:
    """A vault from texts by path, or from one text with separators; without a planner.toml it has an empty one."""
    given = texts_of(texts) if isinstance(texts, str) else dict(texts)
    return Vault.parse({"planner.toml": "", **given})


@pytest.fixture
def today() -> date:
    """A Wednesday."""
    return date(2026, 11, 25)


@pytest.fixture
def vault() -> MakeVault:
    """Builds a vault from texts."""
    return build


@pytest.fixture
def ctx(today: date) -> Context:
    """A fixed clock, user and seed."""
    return Context(today=today, now=datetime(2026, 11, 25, 14, 5), me="ana", random=Random(1))  # noqa: DTZ001 (local time)


def _is_vault_file(path: str) -> bool:
    return path.endswith(".md") or path == "planner.toml"


@pytest.fixture(scope="session")
def sample_texts() -> Mapping[str, str]:
    """The sample vault's texts by path, as they are on disk."""
    paths = (path.relative_to(SAMPLE).as_posix() for path in sorted(SAMPLE.rglob("*")) if path.is_file())
    return {
        path: (SAMPLE / path).read_bytes().decode("utf-8", errors="surrogateescape")
        for path in paths
        if _is_vault_file(path)
    }


@pytest.fixture(scope="session")
def sample_vault(sample_texts: Mapping[str, str]) -> Vault:
    """The sample vault, parsed."""
    return Vault.parse(sample_texts)


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints, run as the fixed user of the tests."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2026-11-20T09:00:00+00:00",
        "GIT_COMMITTER_DATE": "2026-11-20T09:00:00+00:00",
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)
    return done.stdout.decode()


def _make_repository(folder: Path) -> None:
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.org")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")


@pytest.fixture(scope="session")
def git_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample vault as a repository with one commit, made once; tests get a copy."""
    folder = tmp_path_factory.mktemp("template") / "vault"
    shutil.copytree(SAMPLE, folder)
    _make_repository(folder)
    return folder


@pytest.fixture
def git_vault(git_template: Path, tmp_path: Path) -> Path:
    """A repository of a test's own: the sample vault with one commit by Ana."""
    folder = tmp_path / "vault"
    shutil.copytree(git_template, folder, symlinks=True)
    return folder


@pytest.fixture
def claims(request: pytest.FixtureRequest) -> Claims:
    """Counts how often a claim holds: `with claims("name", expect=10) as claim: claim.check(...)`; see tests/proof.py."""
    return proof.make_claims(request)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With `make proof`: one line a claim, `claim: N of N`."""
    if not proof.FULL:
        return
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    terminalreporter.section("claims")
    for name, held, total in proof.summary(reports):
        terminalreporter.write_line(f"{name}: {held} of {total}", red=held != total, green=held == total)
    for figure in proof.figures(reports):
        terminalreporter.write_line(f"  {figure}")
