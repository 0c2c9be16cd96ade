"""Git calls the merge driver in real repositories; where it cannot, git's own merge is what people get."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from planner.core.markers import versions_of
from planner.doctor import examine, mend
from planner.founding import init
from planner.store import attributes, driver
from planner.store.git import Repository, discover

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
"""
NAME = "tasks/t.md"
HOSTILE = 'tasks/we\'ird $(touch PWNED) "q" ;touch PWNED.md'


def run(top: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}
    return subprocess.run(["git", *args], cwd=top, env=environment, capture_output=True, text=True, check=False)


def git(top: Path, *args: str) -> str:
    done = run(top, *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A vault with the merge driver set up, and one task."""
    top = tmp_path / "vault"
    top.mkdir()
    git(top, "init", "-qb", "main")
    git(top, "config", "user.name", "Ana")
    git(top, "config", "user.email", "ana@example.org")
    init(top, examples=False)
    save(top, "first", TASK)
    return top


def repository(top: Path) -> Repository:
    found = discover(top)
    assert found is not None
    return found


def save(top: Path, message: str, text: str, name: str = NAME) -> None:
    (top / name).parent.mkdir(exist_ok=True)
    (top / name).write_text(text)
    git(top, "add", "-A")
    git(top, "commit", "-qm", message)


def part(top: Path, ours: str, theirs: str, name: str = NAME) -> None:
    """Two branches, each with its own text of the task; `main` with ours is checked out."""
    git(top, "switch", "-qc", "theirs")
    save(top, "theirs", theirs, name)
    git(top, "switch", "-q", "main")
    save(top, "ours", ours, name)


def test_git_merges_neighbouring_fields_and_ticks_which_it_could_not_by_lines(top: Path) -> None:
    ours = TASK.replace("todo", "doing").replace("[git]", "[git, core]").replace("[ ] by key", "[x] by key")
    theirs = TASK.replace("high", "low").replace("[git]", "[git, sync]").replace("[ ] by lines", "[x] by lines")
    part(top, ours, theirs)
    git(top, "merge", "-q", "theirs")
    both = TASK.replace("todo", "doing").replace("high", "low").replace("[git]", "[git, core, sync]")
    assert (top / NAME).read_text() == both.replace("[ ]", "[x]")
    assert not list(top.glob(".merge_file_*"))


def test_what_both_changed_is_marked_and_the_rest_is_merged(top: Path) -> None:
    part(
        top, TASK.replace("todo", "doing").replace("high", "low"), TASK.replace("todo", "done").replace("Two", "Three")
    )
    assert run(top, "merge", "-q", "theirs").returncode == 1
    text = (top / NAME).read_text()
    assert git(top, "ls-files", "--unmerged").count("tasks/t.md") == 3
    marked = "<<<<<<< ours\nstatus: doing\n||||||| base\nstatus: todo\n=======\nstatus: done\n>>>>>>> theirs\n"
    assert text == TASK.replace("status: todo\n", marked).replace("high", "low").replace("Two", "Three")
    versions = versions_of(text)
    assert versions is not None
    assert [(clash.field, clash.base, clash.ours, clash.theirs) for clash in versions.conflicts] == [
        ("status", "todo", "doing", "done")
    ]


def test_without_the_program_git_marks_the_lines_as_always(top: Path) -> None:
    git(top, "config", "merge.planner.driver", attributes.command("/nowhere/bin/planner"))
    part(top, TASK.replace("todo", "doing"), TASK.replace("todo", "done"))
    assert run(top, "merge", "-q", "theirs").returncode == 1
    marked = "<<<<<<< ours\nstatus: doing\n=======\nstatus: done\n>>>>>>> theirs\n"
    assert (top / NAME).read_text() == TASK.replace("status: todo\n", marked)


def test_a_program_that_fails_has_touched_nothing(top: Path, tmp_path: Path) -> None:
    failing = tmp_path / "planner"
    failing.write_text("#!/bin/sh\nexit 1\n")
    failing.chmod(0o755)
    git(top, "config", "merge.planner.driver", attributes.command(str(failing)))
    part(top, TASK.replace("todo", "doing"), TASK.replace("by lines", "by words"))
    git(top, "merge", "-q", "theirs")
    assert (top / NAME).read_text() == TASK.replace("todo", "doing").replace("by lines", "by words")


def test_a_clone_that_was_told_nothing_merges_by_lines(top: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(top), str(clone))
    for key, value in {"user.name": "Bo", "user.email": "bo@example.org"}.items():
        git(clone, "config", key, value)
    assert "told" in attributes.fault(repository(clone))
    part(clone, TASK.replace("todo", "doing"), TASK.replace("high", "low"))
    assert run(clone, "merge", "-q", "theirs").returncode == 1
    assert (clone / NAME).read_text().count("<<<<<<<") == 1


def test_a_name_that_is_a_command_is_only_a_name(top: Path) -> None:
    save(top, "odd", TASK, HOSTILE)
    part(top, TASK.replace("todo", "doing"), TASK.replace("high", "low"), HOSTILE)
    git(top, "merge", "-q", "theirs")
    assert (top / HOSTILE).read_text() == TASK.replace("todo", "doing").replace("high", "low")
    assert not list(top.rglob("PWNED*"))


def test_a_base_made_of_two_holds_the_value_before_them_and_no_markers(tmp_path: Path) -> None:
    base, ours, theirs = (tmp_path / name for name in ("base", "ours", "theirs"))
    base.write_text(TASK)
    ours.write_text(TASK.replace("todo", "doing"))
    theirs.write_text(TASK.replace("todo", "done").replace("high", "low"))
    assert driver.main([*map(str, (base, ours, theirs)), "9", NAME]) == 0
    assert ours.read_text() == TASK.replace("high", "low")


def test_what_is_too_large_is_left_to_git(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("base", "ours", "theirs")]
    for name in names:
        Path(name).write_text("x" * driver.LARGEST + "y")
    assert driver.main([*names, "7", NAME]) == driver.LEFT_TO_GIT
    assert driver.main([]) == driver.LEFT_TO_GIT


def test_doctor_says_what_is_missing_and_sets_it_up(tmp_path: Path) -> None:
    top = tmp_path / "vault"
    top.mkdir()
    git(top, "init", "-qb", "main")
    (top / "planner.toml").write_text("")
    git(top, "config", "merge.planner.driver", attributes.command("/nowhere/bin/planner"))
    assert "/nowhere/bin/planner, which is not there" in seen(top)
    said = list(mend(top))
    assert any("merge items by fields" in sentence for sentence in said)
    assert seen(top) == "items merge by fields"
    assert (top / ".gitattributes").read_text() == "*.md merge=planner\n"
    assert list(mend(top)) == []


def seen(top: Path) -> str:
    return next(finding.seen for finding in examine(top) if finding.name == "merge")


def test_a_team_that_says_itself_how_to_merge_is_not_overruled() -> None:
    assert attributes.with_line("*.md merge=union") == "*.md merge=union"
    assert attributes.with_line("*.png binary") == "*.png binary\n*.md merge=planner\n"
