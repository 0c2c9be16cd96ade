"""A sync killed at each of its calls to the operating system: the next start makes it good, and nothing is lost or undone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.session import Session
from planner.store import fsops
from tests.conftest import Claims
from tests.faults import DEATHS, Counted, Dies
from tests.proof import FULL
from tests.team import NAME, TASK, Clone, clone, git, make_origin
from tests.trials import in_fork

pytestmark = pytest.mark.proof

NEW = "tasks/new-m2d9hz.md"
BOTH = TASK.replace("todo", "doing").replace("high", "low").replace("[ ] by key", "[x] by key")
QUICK = 83  # every so manieth case in the small run
FSCK = 10  # every tenth case: it is slow


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ana has pushed a status, a picture and a deletion; Bo has edited the same file by hand, and made another."""
    folder = tmp_path_factory.mktemp("kills")
    with pytest.MonkeyPatch.context() as patch:
        for home in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(home, str(folder / home.lower()))
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        (folder / "team").mkdir()
        origin = make_origin(folder / "team")
        ana = clone(origin, folder / "team", "ana")
        ana.write(TASK.replace("k7f3qx", "w5r6jb"), "tasks/old-w5r6jb.md")
        ana.session().sync()
        bo = clone(origin, folder / "team", "bo")
        for one in (ana, bo):
            one.git("remote", "set-url", "origin", "../origin.git")
        ana.edit("todo", "doing")
        ana.write("a\x00picture", "tasks/p.png")
        ana.git("add", "-A")
        ana.git("rm", "-qf", "tasks/old-w5r6jb.md")
        ana.git("commit", "-qm", "much")
        ana.session().sync()
        bo.edit("high", "low")
        bo.edit("[ ] by key", "[x] by key")
        bo.write(TASK.replace("k7f3qx", "m2d9hz"), NEW)
        yield folder / "team"


def test_a_sync_killed_at_each_step_is_made_good(template: Path, tmp_path: Path, claims: Claims) -> None:
    counted = Counted()
    whole = suffer(template, tmp_path / "whole", counted)
    assert whole == (True, ""), whole
    calls = counted_calls(template, tmp_path / "counted")
    cases = [(k, when, name) for k, name in calls for when in DEATHS if when != "half way" or name in {"write", "run"}]
    with claims("sync killed at each step: made good, nothing lost, nothing taken back") as claim:
        for at, (k, when, name) in enumerate(cases[:: 1 if FULL else QUICK]):
            for _ in range(3):  # how often it looks whether somebody holds a lock hangs on time: the last calls vary
                ended, wrong = suffer(template, tmp_path / "team", Dies(k, when), fsck=at % FSCK == 0)
                if wrong or not ended:
                    break
            claim.check(not wrong and not ended, f"{when} call {k} ({name}): {wrong or 'it did not die'}")


def counted_calls(template: Path, folder: Path) -> list[tuple[int, str]]:
    """Number and name of every call of a sync that changes something."""
    shutil.copytree(template, folder, symlinks=True)
    counted = Counted()

    def act(tell: object) -> None:
        del tell
        with fsops.using(counted):
            Session.open(folder / "bo").sync()
        (folder / "calls").write_text("\n".join(f"{k} {counted.calls[k - 1].split()[0]}" for k in counted.changing))

    in_fork(act)
    lines = (folder / "calls").read_text().split("\n")
    shutil.rmtree(folder)
    return [(int(k), "run" if name == "git" else name) for k, name in (line.split(" ") for line in lines)]


def suffer(template: Path, folder: Path, ops: Counted, *, fsck: bool = False) -> tuple[bool, str]:
    """Sync under `ops` in a fork, then go on as if nothing had been; whether it came to its end, and what is wrong."""
    shutil.copytree(template, folder, symlinks=True)
    ana, bo = Clone(folder / "ana"), Clone(folder / "bo")

    def act(tell: object) -> None:
        with fsops.using(ops):
            Session.open(bo.root).sync()
        assert callable(tell)
        tell({"ended": True})

    told = in_fork(act)
    wrong = told.raw or _judge(ana, bo, fsck=fsck)
    shutil.rmtree(folder)
    return told.ended, wrong


def _judge(ana: Clone, bo: Clone, *, fsck: bool) -> str:
    session = bo.session()
    if bo.read() not in {BOTH, BOTH.replace("doing", "todo")} or not (bo.root / NEW).is_file():
        return f"after the start the file says {bo.read()}"
    if staged := bo.git("diff", "--cached", "--name-only"):
        return f"staged is {staged}"
    done = session.sync()
    if done.questions or done.offline:
        return done.sentence
    ana.session().sync()
    if ana.head != bo.head or not (ana.is_clean() and bo.is_clean()):
        return f"not equal or not clean: {ana.git('status', '--short')} | {bo.git('status', '--short')}"
    if bo.read() != BOTH or bo.read("tasks/p.png") != "a\x00picture" or (bo.root / "tasks/old-w5r6jb.md").exists():
        return f"in the end the file says {bo.read()}"
    if ana.read(NAME) != bo.read(NAME) or not (ana.root / NEW).is_file():
        return "Ana has not all of it"
    if fsck:
        git(bo.root, "fsck", "--strict", "--no-dangling")
    return ""
