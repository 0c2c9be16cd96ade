"""The judge of the soak of two clones finds what it is there to find: each loss that is planted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.commands import Comment, Set, Tag
from tests.conftest import Claims
from tests.proof import FULL
from tests.soak.clones import ROOT, acknowledge, judge
from tests.soak.screens import planted
from tests.team import NAME, TASK, Clone, clone, make_origin

Clones = dict[str, Clone]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clones that have met, with three acknowledged writes of each."""
    folder = tmp_path_factory.mktemp("clones")
    origin = make_origin(folder)
    found = {name: clone(origin, folder, name) for name in ("ana", "bo")}
    for number, (name, one) in enumerate(found.items()):
        session = one.session()
        with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as noted:
            for wish, token in (
                (Set(("k7f3qx",), (f"title=tok{number}1",)), f"tok{number}1"),
                (Comment("k7f3qx", f"tok{number}2"), f"tok{number}2"),
                (Tag(("k7f3qx",), (f"+tok{number}3",)), f"tok{number}3"),
            ):
                assert session.run(wish).op
                acknowledge(noted, token, kept=not isinstance(wish, Set))
        assert not session.sync().questions
        if name == "ana":
            found["bo"].git("pull", "-q")
    found["ana"].git("pull", "-q")
    for one in found.values():
        one.git("remote", "set-url", "origin", "../origin.git")
    return folder


@pytest.fixture
def clones(template: Path, tmp_path: Path) -> Clones:
    """A copy of them for one test."""
    shutil.copytree(template, tmp_path / "all", symlinks=True)
    return {name: Clone(tmp_path / "all" / name) for name in ("ana", "bo")}


def share(clones: Clones) -> None:
    """What Ana's clone says is what everybody has."""
    clones["ana"].git("push", "-qf")
    clones["bo"].git("fetch", "-q")
    clones["bo"].git("reset", "-q", "--hard", "origin/main")


def drop_a_commit(clones: Clones) -> None:
    clones["ana"].git("reset", "-q", "--hard", "HEAD~1")
    share(clones)


def overwrite_blindly(clones: Clones) -> None:
    clones["ana"].write(TASK)
    clones["ana"].git("commit", "-qam", "blind")
    share(clones)


def keep_ours_alone(clones: Clones) -> None:
    clones["ana"].git("branch", "theirs")
    clones["ana"].git("reset", "-q", "--hard", "HEAD~2")
    clones["ana"].git("commit", "-q", "--allow-empty", "-m", "mine")
    clones["ana"].git("merge", "-q", "-s", "ours", "theirs")
    clones["ana"].git("branch", "-D", "theirs")
    share(clones)


def lose_a_tag(clones: Clones) -> None:
    clones["ana"].edit("tok13, ", "") if "tok13, " in clones["ana"].read() else clones["ana"].edit(", tok13", "")
    clones["ana"].git("commit", "-qam", "no union")
    share(clones)


def never_meet(clones: Clones) -> None:
    clones["bo"].git("reset", "-q", "--hard", "HEAD~1")


PLANTED: dict[Callable[[Clones], None], str] = {
    drop_a_commit: "in the merged history",
    overwrite_blindly: "in the files",
    keep_ours_alone: "in the files",
    lose_a_tag: "in the files",
    never_meet: "end equal",
}


def failed(clones: Clones) -> list[str]:
    return [claim.name for claim in judge(clones["ana"].root.parent, clones) if claim.held != claim.total]


def test_what_lost_nothing_is_found_to_have_lost_nothing(clones: Clones) -> None:
    assert clones["ana"].read(NAME).count("tok") == 5
    assert failed(clones) == []


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_loss_is_found(clones: Clones, plant: Callable[[Clones], None]) -> None:
    plant(clones)
    assert any(PLANTED[plant] in name for name in failed(clones))


# ---- two screens -------------------------------------------------------------------------------------------------------


@pytest.mark.proof
@pytest.mark.skipif(not FULL, reason="two screens on terminals take half a minute: make proof, make soak")
def test_two_screens_that_are_typed_at_and_killed_lose_nothing(claims: Claims) -> None:
    argv = [sys.executable, "-m", "tests.soak.screens", "--minutes", "0.4", "--seed", "4"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    with claims("soaks of two screens without a loss, five planted ones found") as claim:
        claim.check(done.returncode == 0, done.stdout + done.stderr)
        claim.check("planted losses found by the judge: 5 of 5" in done.stdout, done.stdout)


def test_a_loss_planted_for_screens_is_found(clones: Clones) -> None:
    assert planted(clones["ana"].root.parent).failures == []
