"""Commits that git itself took off a branch by a race: `git stash` and `git reset --hard` put HEAD back where they read it.

Both set the branch to the commit they found when they began, whatever was committed meanwhile. The reflog tells: a
reset "to HEAD" that moved HEAD. Nobody can ask for that, so it is never a person's wish.
"""

from __future__ import annotations

import os
from pathlib import Path

from planner.core.record import dataclass
from planner.store import fsops

TAIL = 1 << 16  # bytes of the reflog that are looked at: some 400 moves of HEAD
_RACED = b"\treset: moving to HEAD"


@dataclass(frozen=True, slots=True)
class TakenOff:
    """HEAD was at `tip` and was put back to `kept`."""

    tip: str
    kept: str


def taken_off(git_dir: str, folder: Path) -> list[TakenOff]:
    """Return what was taken off lately and not dealt with yet, oldest first; two small reads. Raises OSError.

    `folder` is where `dealt_with` remembers it.
    """
    found = list(raced(_tail(os.path.join(git_dir, "logs", "HEAD"))))
    if not found:
        return []
    known = _tail(folder / "taken-off").decode("ascii", "replace").split()
    return [one for one in found if one.tip not in known]


def dealt_with(one: TakenOff, folder: Path) -> None:
    """Remember, durably, that nothing is left to do about it. Raises OSError."""
    fsops.get().append(folder / "taken-off", f"{one.tip}\n".encode("ascii"), 0o600)


def raced(log: bytes) -> list[TakenOff]:
    """Return the races that lines of a reflog tell of; a line cut at its beginning counts as none.

    >>> raced(b"%b %b A <a@x> 1 +0000\treset: moving to HEAD\n" % (b"a" * 40, b"b" * 40))[0].kept[:3]
    'bbb'
    """
    if _RACED not in log:
        return []
    ends = (line.split(b" ", 2) for line in log.split(b"\n") if line.endswith(_RACED))
    return [
        TakenOff(words[0].decode("ascii", "replace"), words[1].decode("ascii", "replace"))
        for words in ends
        if len(words) == 3 and len(words[0]) == len(words[1]) >= 40 and words[0] != words[1]
    ]


def _tail(path: str | Path) -> bytes:
    ops = fsops.get()
    try:
        fd = ops.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return b""
    with fsops.naming(path), ops.closing(fd):
        size = ops.fstat(fd).st_size
        return ops.rest(fd, max(0, size - TAIL), size)
