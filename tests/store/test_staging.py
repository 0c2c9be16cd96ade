"""What a killed commit left in the user's index goes back, and only that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from planner.errors import GitFailed
from planner.store import fsops, process, staging
from planner.store.fsops import Completed
from planner.store.git import Repository, discover
from planner.store.objects import Entry
from planner.store.staging import Replaced
from tests.conftest import git


@pytest.fixture
def repo(git_vault: Path) -> Repository:
    found = discover(git_vault)
    assert found is not None
    return found


def staged(repo: Repository, path: str) -> Entry | None:
    entry = repo.index_entries([path]).get(path)
    return (entry.mode, entry.oid) if entry else None


def replace_entry(repo: Repository, path: str = "planner.toml") -> Replaced:
    """Stage another text, as a commit would do before it moves HEAD."""
    before = staged(repo, path)
    Path(repo.top, path).write_text("# by hand\n")
    git(Path(repo.top), "add", path)
    ours = staged(repo, path)
    assert before != ours
    return Replaced(before, ours, ours[1] if ours else None)


def test_an_entry_that_is_still_ours_goes_back(repo: Repository) -> None:
    replaced = replace_entry(repo)
    staging.put_back(repo, {"planner.toml": replaced})
    assert staged(repo, "planner.toml") == replaced.before


def test_what_head_holds_by_now_stays(repo: Repository) -> None:
    replaced = replace_entry(repo)
    git(Path(repo.top), "commit", "-qm", "it was made after all")
    staging.put_back(repo, {"planner.toml": replaced})
    assert staged(repo, "planner.toml") == replaced.ours


def test_what_the_user_has_staged_since_stays(repo: Repository) -> None:
    replaced = replace_entry(repo)
    Path(repo.top, "planner.toml").write_text("# mine\n")
    git(Path(repo.top), "add", "planner.toml")
    mine = staged(repo, "planner.toml")
    staging.put_back(repo, {"planner.toml": replaced})
    assert staged(repo, "planner.toml") == mine


def notes(repo: Repository) -> list[Path]:
    return list(Path(repo.git_dir, "planner").glob("staging-*"))


def test_what_a_dead_process_noted_is_made_good_once(repo: Repository) -> None:
    replaced = replace_entry(repo)
    staging.note(repo, {"planner.toml": replaced})
    staging.make_good(repo)
    assert (staged(repo, "planner.toml"), notes(repo)) == (replaced.before, [])
    staging.make_good(repo)


def test_a_live_process_keeps_its_note(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = replace_entry(repo)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        monkeypatch.setattr(staging, "own_name", lambda: _name_of(other.pid))
        staging.note(repo, {"planner.toml": replaced})
        staging.make_good(repo)
        assert staged(repo, "planner.toml") == replaced.ours
        other.communicate(b"\n")
    staging.make_good(repo)
    assert (staged(repo, "planner.toml"), notes(repo)) == (replaced.before, [])


def _name_of(pid: int) -> str:
    stat = Path(f"/proc/{pid}/stat")
    return f"{pid}:{stat.read_text().rpartition(')')[2].split()[19] if stat.exists() else ''}"


def test_a_note_cut_short_means_that_nothing_was_touched(repo: Repository) -> None:
    replaced = replace_entry(repo)
    path = Path(staging.note(repo, {"planner.toml": replaced}))
    path.write_bytes(path.read_bytes()[:20])
    staging.make_good(repo)
    assert (staged(repo, "planner.toml"), notes(repo)) == (replaced.ours, [])


class Killed(fsops.Ops):
    def run(self, argv: object, **_: object) -> Completed:
        return Completed(-9, b"half an ans", b"")


class NoDescriptors(fsops.Ops):
    def run(self, argv: object, **_: object) -> Completed:
        raise OSError(24, "Too many open files")


@pytest.mark.parametrize(("ops", "words"), [(Killed(), "was killed in"), (NoDescriptors(), "could not be run in")])
def test_half_an_answer_is_none(repo: Repository, ops: fsops.Ops, words: str) -> None:
    """Taken for an answer, it would say that nobody is known here and that nothing is ignored."""
    with fsops.using(ops):
        for ask in (repo.identity, lambda: repo.ignored(["a"]), lambda: process.run_git("version", cwd=repo.top)):
            with pytest.raises(GitFailed, match=words) as failure:
                ask()
            assert repo.top in failure.value.message
