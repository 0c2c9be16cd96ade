"""The operation log: every step of the plan's history, who made it, and whether it still stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from planner.core.record import dataclass
from planner.store import files
from planner.store.history import changed_files

if TYPE_CHECKING:
    from planner.session import Session

LIMIT = 500
"""Steps shown; older ones are reached by `planner log` and `planner undo REV`."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step: `name` is what `undo` takes, `undone_by` the name of the step that took it back."""

    name: str
    subject: str
    when: datetime | None = None
    who: str = ""
    undone_by: str | None = None


def operations(session: Session, limit: int = LIMIT) -> list[Operation]:
    """The newest steps first; of a vault without git those its journal still holds."""
    return list(islice(_committed(session) if session.repo is not None else _noted(session), limit))


def _committed(session: Session) -> Iterator[Operation]:
    assert session.repo is not None  # noqa: S101 (the caller has looked)
    undone: dict[str, str] = {}
    for commit, changed in changed_files(session.repo, ("HEAD",), session.prefix):
        if commit.is_merge or not any(files.is_vault_file(path.removeprefix(session.prefix)) for path, _, _ in changed):
            continue
        name = commit.op or commit.sha
        by = next((undone[one] for one in commit.names if one in undone), None)
        if by is None:
            undone.update(dict.fromkeys(commit.undoes, name))
        yield Operation(name, commit.subject, commit.when, commit.author_name, by)


def _noted(session: Session) -> Iterator[Operation]:
    undone: dict[str, str] = {}
    for done in session.journal.recent():
        by = undone.get(done.op_id)
        if by is None:
            undone.update(dict.fromkeys(done.undoes, done.op_id))
        yield Operation(done.op_id, done.subject, undone_by=by)
