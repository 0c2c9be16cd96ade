"""Clones of one small vault around a bare remote: what tests of working together share."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from planner.session import Session

TASK = """\
---
id: k7f3qx
title: Merge driver
status: todo
priority: high
tags: [git]
---
Two people edit one task.

- [ ] by key
- [ ] by lines

## Log
- 2026-11-20 09:00 ana: begun
"""
NAME = "tasks/merge-driver-k7f3qx.md"


def environment() -> dict[str, str]:
    """Of the user's environment what does not lead git astray, and a configuration that is nobody's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}


def try_git(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *args],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )


def git(folder: Path, *args: str) -> str:
    done = try_git(folder, *args)
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr}{done.stdout}"
    return done.stdout


@dataclass(frozen=True, slots=True)
class Clone:
    """One person's clone."""

    root: Path

    def session(self) -> Session:
        return Session.open(self.root)

    def git(self, *args: str) -> str:
        return git(self.root, *args)

    def read(self, name: str = NAME) -> str:
        return (self.root / name).read_bytes().decode("utf-8", "surrogateescape")

    def write(self, text: str, name: str = NAME) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    def edit(self, old: str, new: str, name: str = NAME) -> None:
        text = self.read(name)
        assert old in text, (old, text)
        self.write(text.replace(old, new), name)

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def is_clean(self) -> bool:
        """Whether git knows of nothing undone, staged, unfinished or left lying about."""
        left = [path for path in self.root.rglob(".*") if path.name.startswith((".planner-tmp", ".merge_file"))]
        busy = [
            name for name in ("MERGE_HEAD", "planner/advance", "index.lock") if (self.root / ".git" / name).exists()
        ]
        return not (left or busy or self.git("status", "--porcelain"))


def make_origin(folder: Path) -> Path:
    """A bare remote that holds a vault of one task."""
    seed, origin = folder / "seed", folder / "origin.git"
    git(folder, "init", "-qb", "main", "seed")
    Clone(seed).write('[commit]\nhooks = "skip"\n', "planner.toml")
    Clone(seed).write("*.md merge=planner\n", ".gitattributes")
    Clone(seed).write(TASK)
    git(seed, "add", "-A")
    git(seed, "-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-qm", "start")
    git(folder, "clone", "-q", "--bare", "seed", str(origin))
    shutil.rmtree(seed)
    return origin


def clone(origin: Path, folder: Path, name: str) -> Clone:
    """One more clone, whose commits are this person's."""
    git(folder, "clone", "-q", str(origin), name)
    for key, value in {
        "user.name": name.title(),
        "user.email": f"{name}@example.org",
        "commit.gpgsign": "false",
    }.items():
        git(folder / name, "config", key, value)
    return Clone(folder / name)
