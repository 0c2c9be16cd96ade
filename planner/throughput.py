"""What was finished when, as history tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from planner.past import newer, revisions

if TYPE_CHECKING:
    from planner.core.events import Revision
    from planner.session import Session


def finished(session: Session, weeks: int, *, rev: str = "HEAD") -> tuple[tuple[date, str], ...]:
    """The day and the id of each item that entered a completed state in the last weeks, the newest first; none without git."""
    return told(session, recent(session, weeks, rev=rev))


def recent(session: Session, weeks: int, *, rev: str = "HEAD") -> Iterator[Revision]:
    """The commits of the last weeks, the newest first, with their changes of status alone."""
    if session.repo is None or session.repo.head().commit is None:
        return iter(())
    begin = datetime.combine(session.today() - timedelta(weeks=weeks), time(), session.now().tzinfo)
    return newer(revisions(session, field="status", rev=rev), begin)


def told(session: Session, read: Iterable[Revision]) -> tuple[tuple[date, str], ...]:
    """What some commits finished. What came finished was not finished here: it was imported, or noted afterwards."""
    zone, workflow = session.now().tzinfo, session.vault.config.workflow
    return tuple(
        (revision.when.astimezone(zone).date(), change.id)
        for revision in read
        for change in revision.changes
        if change.field == "status"
        and change.old is not None
        and workflow.category(change.new) == "completed"
        and workflow.category(change.old) != "completed"
    )
