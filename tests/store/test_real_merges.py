"""Real git, with our driver, makes of random histories just what the model says: P8, in every way that git merges."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.core.markers import Versions, merge_with_markers
from planner.core.merge import Side, always
from planner.store import attributes
from planner.store.git import Repository, discover
from planner.store.sync import join, with_files
from tests.conftest import Claims
from tests.histories import edited, histories
from tests.proof import times
from tests.team import git, try_git

pytestmark = pytest.mark.proof

NAME, MOVED = "t/a.md", "t/b.md"
RUNS, CROSSED = times(2, 300), times(2, 40)


def tries(count: int) -> settings:
    """So many examples, each as slow as git is."""
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


class Repo:
    """A repository of one file, made anew for each history by one process."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "repo"
        git(folder, "init", "-qb", "main", "repo")
        for key, value in {"user.name": "A", "user.email": "a@example.org", "core.fsync": "none", "gc.auto": "0",
                           "advice.mergeConflict": "false"}.items():  # fmt: skip
            git(self.top, "config", key, value)
        program = attributes.program()
        assert program is not None
        git(self.top, "config", "merge.planner.driver", attributes.command(program))

    def opened(self) -> Repository:
        found = discover(self.top)
        assert found is not None
        return found

    def start(self, base: str, ours: str, theirs: str, moved: str = NAME) -> None:
        """Branches base, ours and theirs; ours is checked out."""
        marks = {"base": (base, NAME, ""), "ours": (ours, NAME, "base"), "theirs": (theirs, moved, "base")}
        lines = [b"reset refs/heads/base\n"]
        for branch, (text, path, parent) in marks.items():
            lines.append(
                f"commit refs/heads/{branch}\ncommitter A <a@example.org> 1764000000 +0000\ndata 1\nx\n".encode()
            )
            lines.append(f"from refs/heads/{parent}\n".encode() if parent else b"")
            lines.append(b"deleteall\nM 100644 inline .gitattributes\n" + _data("*.md merge=planner\n"))
            lines.append(f"M 100644 inline {path}\n".encode() + _data(text))
        self.feed(b"".join(lines))
        self.at("ours")

    def feed(self, data: bytes) -> None:
        import subprocess

        subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=self.top, input=data, check=True)

    def at(self, branch: str) -> None:
        git(self.top, "checkout", "-qf", "--detach", branch)

    def file(self, name: str = NAME) -> str:
        return (self.top / name).read_bytes().decode("utf-8", "surrogateescape")

    def does(self, *args: str, name: str = NAME) -> tuple[bool, str]:
        """Whether a git command ended well, and what the file says then; what it left unfinished is given up."""
        done = try_git(self.top, *args)
        said = done.returncode == 0, self.file(name)
        if done.returncode:
            git(self.top, "reset", "-q", "--hard")
            shutil.rmtree(self.top / ".git" / "rebase-merge", ignore_errors=True)
        return said


def _data(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return f"data {len(data)}\n".encode() + data + b"\n"


def expected(base: str, ours: str, theirs: str) -> tuple[bool, str]:
    merged = merge_with_markers(Versions(base, ours, theirs))
    return not merged.conflicts, merged.text


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


def test_p8_git_agrees_with_the_model_however_it_merges(repo: Repo, claims: Claims) -> None:
    with claims("merge P8: real git agrees: both ways, rebase, cherry-pick, merge-tree, rename", expect=RUNS) as claim:

        @tries(RUNS)
        @given(histories(shapes=True).filter(lambda texts: len(set(texts)) == 3))
        def holds(history: tuple[str, ...]) -> None:
            base, ours, theirs = history
            repo.start(base, ours, theirs)
            assert repo.does("merge", "-q", "theirs") == expected(base, ours, theirs)
            repo.at("theirs")
            assert repo.does("merge", "-q", "ours") == expected(base, theirs, ours)
            repo.at("ours")
            assert repo.does("cherry-pick", "--keep-redundant-commits", "theirs") == expected(base, ours, theirs)
            repo.at("ours")
            assert repo.does("rebase", "-q", "theirs") == expected(base, theirs, ours)
            clean, text = expected(base, ours, theirs)
            done = try_git(repo.top, "merge-tree", "--write-tree", "ours", "theirs")
            assert (done.returncode == 0) == clean
            assert git(repo.top, "cat-file", "blob", f"{done.stdout.split()[0]}:{NAME}") == text.replace("\r\n", "\n")
            repo.start(base, ours, theirs, MOVED)
            if _is_renamed(repo):
                assert repo.does("merge", "-q", "theirs", name=MOVED) == (clean, text)
            claim.check(True)

        holds()


def _is_renamed(repo: Repo) -> bool:
    """Whether git takes the file for the same under its new name: enough of it must be."""
    return "R" in git(repo.top, "diff", "--name-status", "-M", "base", "theirs")


@st.composite
def crossed(draw: st.DrawFn) -> tuple[str, str, str, str, str]:
    """Base, two sides, and what each side made of its merge of both."""
    base, ours, theirs = draw(histories())
    one, two = (_merged(base, a, b) for a, b in ((ours, theirs), (theirs, ours)))
    return base, ours, theirs, draw(edited(one)), draw(edited(two))


def _merged(base: str, ours: str, theirs: str) -> str:
    return Versions(base, ours, theirs).merged(always(Side.OURS)).text


def test_merges_that_crossed_have_the_base_of_both(repo: Repo, claims: Claims) -> None:
    with claims("merge P8: criss-cross", expect=CROSSED) as claim:
        found = repo.opened()

        @tries(CROSSED)
        @given(crossed().filter(lambda texts: len(set(texts)) == 5))
        def holds(history: tuple[str, str, str, str, str]) -> None:
            base, ours, theirs, one, two = history
            repo.start(base, ours, theirs)
            lines = []
            for branch, text, parents in (("one", one, ("ours", "theirs")), ("two", two, ("theirs", "ours"))):
                lines.append(
                    f"commit refs/heads/{branch}\ncommitter A <a@example.org> 1764000001 +0000\ndata 1\nx\n".encode()
                )
                lines.append(f"from refs/heads/{parents[0]}\nmerge refs/heads/{parents[1]}\n".encode())
                lines.append(f"M 100644 inline {NAME}\n".encode() + _data(text))
            repo.feed(b"".join(lines))
            repo.at("one")
            said = repo.does("merge", "-q", "two")
            # Which of both git takes for ours when it makes a base of them is its affair.
            bases = {Versions(base, *pair).merged(always(Side.BASE)).text for pair in ((ours, theirs), (theirs, ours))}
            assert said in [expected(text, one, two) for text in bases]
            assert said[1].count("<<<<<<<<<") == 0
            joined = join(found, git(repo.top, "rev-parse", "one").strip(), git(repo.top, "rev-parse", "two").strip())
            assert bool(joined.clashes) == (not said[0])
            claim.check(True)

        holds()


def test_an_octopus_is_merged_one_head_at_a_time(repo: Repo, claims: Claims) -> None:
    count = times(2, 20)
    with claims("merge P8: octopus, head by head", expect=count) as claim:
        found = repo.opened()

        @tries(count)
        @given(histories(sides=4))
        def holds(history: tuple[str, ...]) -> None:
            base, text, *others = history
            for other in others:
                repo.start(base, text, other)
                ours, theirs = (git(repo.top, "rev-parse", name).strip() for name in ("ours", "theirs"))
                joined = join(found, ours, theirs)
                model = _merged(base, text, other)
                for clash in joined.clashes:
                    texts = [found.blobs([oid])[oid].decode() for oid in clash.oids]
                    assert texts == [base, text, other]
                    tree = with_files(found, joined.tree, {clash.path: ("100644", model.encode())})
                    assert git(repo.top, "cat-file", "blob", f"{tree}:{NAME}") == model
                if not joined.clashes:
                    assert git(repo.top, "cat-file", "blob", f"{joined.tree}:{NAME}") == model
                text = model
            claim.check(True)

        holds()
