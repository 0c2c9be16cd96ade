"""Every writing operation through the whole session, with a fault at each of its calls to the operating system."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import pytest

from planner.store.fsops import Ops
from tests.conftest import Claims, git
from tests.faults import DEATHS, LOSSES, MOMENTS, Dies, Fails, KillsChild, LosesPower, Moment
from tests.proof import FULL
from tests.trials import OPERATIONS, Bench, Operation, Told, in_fork

pytestmark = pytest.mark.proof

COMMON = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EMFILE)
RARE = (errno.EDQUOT, errno.ENAMETOOLONG, errno.EINTR)
QUICK = {"set a field", "move to a project", "undo", "commit by hand", "set without git"}
WIDE = 7  # of an operation of thousands of calls, every seventh

TRIED = [operation for operation in OPERATIONS if FULL or operation.name in QUICK]
TRIES = 5  # until the git child that is to be killed is met: whether it runs may depend on the clock
FSCK = 10  # every tenth case, and the last: `git fsck` is slow


Case = TypeVar("Case")


@pytest.fixture(scope="module", params=TRIED, ids=lambda operation: operation.name.replace(" ", "-"))
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    operation: Operation = request.param
    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        for home in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(home, str(folder / home.lower()))
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield Bench.make(operation, folder)


def thinned(bench: Bench, cases: Iterable[tuple[str, Case]], quick: int) -> list[tuple[str, Case]]:
    """All cases in full, but of a very long operation every seventh; in the small run every `quick`-th."""
    found = list(cases)
    return found[:: (WIDE if len(bench.told.calls) > 1000 else 1) if FULL else quick]


def test_killed_at_each_step(bench: Bench, claims: Claims) -> None:
    steps = [
        (f"{when} call {k}, {bench.told.calls[k - 1]}", Dies(k, when))
        for k in bench.told.changing
        for when in DEATHS
        if when != "half way" or bench.told.calls[k - 1].split()[0] in ("write", "git")
    ]
    steps.append(("after all", Dies(len(bench.told.calls) + 1, "before")))
    with claims("killed at each step of each writing operation: old or new, committed, nothing left") as claim:
        for at, (case, ops) in enumerate(cases := thinned(bench, steps, 15)):
            told = bench.fork(ops)
            why = bench.verdict(told, fsck=_sampled(at, cases))
            claim.check(not why, f"{bench.operation.name}, killed {case}: {why}")


def test_git_killed_under_it(bench: Bench, claims: Claims) -> None:
    if not bench.told.children:
        pytest.skip("no git is run")
    kills = [
        (f"{when}, {name} number {nth}", (name, nth, when)) for name, nth in _children(bench.told) for when in MOMENTS
    ]
    with claims("SIGKILL to each git child of each writing operation: old or new, said or committed") as claim:
        for at, (case, kill) in enumerate(cases := thinned(bench, kills, 6)):
            trials = (bench.fork(KillsChild(*kill), later=True) for _ in range(TRIES))
            told = next((told for told in trials if told.killed or told.hung or told.raw), None)
            why = bench.verdict(told, later=True, named=True, fsck=_sampled(at, cases)) if told else "it never ran"
            claim.check(not why, f"{bench.operation.name}, git killed {case}: {why}")


def _children(told: Told) -> list[tuple[str, int]]:
    """The git children of a run: the name of each, and the how many-eth of that name it is."""
    names = [told.calls[k - 1] for k in told.children]
    return [(name, names[: at + 1].count(name)) for at, name in enumerate(names)]


def test_each_call_failing(bench: Bench, claims: Claims) -> None:
    every = range(1, len(bench.told.calls) + 1)
    if bench.operation.name == "set a field":
        pairs = [(k, code) for k in every for code in COMMON]
    else:
        pairs = list(zip(every, cycle((*COMMON, *RARE)), strict=False))
    failures = [
        (f"{errno.errorcode[code]} at call {k}, {bench.told.calls[k - 1]}", Fails(k, code)) for k, code in pairs
    ]
    with claims("each system call failing (ENOSPC, EIO, EACCES …): old or new, and a message with the path") as claim:
        for at, (case, ops) in enumerate(cases := thinned(bench, failures, 127)):
            told = bench.fork(ops, later=True)
            why = bench.verdict(told, later=True, named=True, fsck=_sampled(at, cases), twice=at % 5 == 0)
            claim.check(not why, f"{bench.operation.name}, {case}: {why}")


def test_trouble_that_lasts(bench: Bench, claims: Claims) -> None:
    failures = [
        (f"{errno.errorcode[code]} from call {k}, {bench.told.calls[k - 1]}", Fails(k, code, lasting=True))
        for k in range(1, len(bench.told.calls) + 1, 12)
        for code in (errno.ENOSPC, errno.EROFS, errno.EMFILE)
    ]
    with claims(
        "a disk full or read-only, or no descriptor left, from any call on: old or new at the next start"
    ) as claim:
        for at, (case, ops) in enumerate(cases := thinned(bench, failures, 23)):
            told = bench.fork(ops)
            why = bench.verdict(told, named=True, fsck=_sampled(at, cases), twice=at % 5 == 0)
            claim.check(not why, f"{bench.operation.name}, {case}: {why}")


def test_power_lost_at_each_step(bench: Bench, claims: Claims) -> None:
    steps = [
        (f"{lost} lost at call {k}", LosesPower(k, lost))
        for k, other in zip((*bench.told.changing, len(bench.told.calls) + 1), cycle(LOSSES[1:]), strict=False)
        for lost in (LOSSES[0], other)
    ]
    with claims(
        "power lost at each step, with all that was not synced: old or new, nothing committed is lost"
    ) as claim:
        for at, (case, ops) in enumerate(cases := thinned(bench, steps, 37)):
            told = bench.fork(ops)
            why = bench.verdict(told, fsck=_sampled(at, cases))
            claim.check(not why, f"{bench.operation.name}, {case}: {why}")


def _sampled(at: int, cases: Sequence[object]) -> bool:
    return at % FSCK == 0 or at == len(cases) - 1


# ---- the harness must be able to see a fault ------------------------------------------------------------------------


def replace_file(ops: Ops, target: Path, *, sync_text: bool, sync_name: bool) -> None:
    fresh = target.with_name("fresh")
    fd = ops.open(fresh, os.O_RDWR | os.O_CREAT)
    ops.write(fd, b"new")
    if sync_text:
        ops.fsync(fd)
    ops.close(fd)
    ops.rename(fresh, target)
    if sync_name:
        ops.sync_dir(target.parent)


@pytest.mark.parametrize(
    ("sync_text", "sync_name", "left"), [(True, True, "new"), (True, False, "old"), (False, True, "")]
)
def test_what_is_not_synced_goes_with_the_power(tmp_path: Path, sync_text: bool, sync_name: bool, left: str) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    ops = LosesPower(1000)

    def suffer(_: object) -> None:
        replace_file(ops, target, sync_text=sync_text, sync_name=sync_name)
        ops.lose_power()

    in_fork(suffer)
    assert target.read_text() == left
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_child_answers_as_one(tmp_path: Path, moment: Moment) -> None:
    ops = KillsChild("git version", 2, moment)
    assert ops.run(["git", "version"], cwd=tmp_path).returncode == 0
    assert ops.run(["git", "version"], cwd=tmp_path).returncode == -signal.SIGKILL
    assert ops.children == [1, 2]


def test_a_child_is_killed_while_it_holds_its_locks(git_vault: Path) -> None:
    ops = KillsChild("git update-index", 1, "holding a lock")
    env = dict(os.environ)
    ops.run(["git", "update-index", "--index-info"], cwd=git_vault, env=env, input=b"")
    assert (git_vault / ".git" / "index.lock").exists()
    head = git(git_vault, "rev-parse", "HEAD").strip()
    KillsChild("git update-ref", 1, "holding a lock").run(["git", "update-ref", "HEAD", head], cwd=git_vault, env=env)
    assert (git_vault / ".git" / "HEAD.lock").exists()


@pytest.mark.parametrize("lasting", [False, True])
def test_a_call_fails_once_or_from_then_on(tmp_path: Path, lasting: bool) -> None:
    ops = Fails(1, errno.ENOSPC, lasting=lasting)
    with pytest.raises(OSError, match="No space left"):
        ops.write_new(tmp_path / "a", b"x")
    with contextlib.suppress(OSError):
        ops.write_new(tmp_path / "a", b"x")
    assert (tmp_path / "a").exists() != lasting
