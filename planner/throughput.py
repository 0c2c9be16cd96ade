"""What was finished when, as history tells."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from planner.past import newer, revisions

if TYPE_CHECKING:
    from planner.session import Session


def finished(session: Session, weeks: int, *, rev: str = "HEAD") -> tuple[tuple[date, str], ...]:
    """The day and the id of each item that entered a completed state in the last weeks, the newest first; none without git."""
    if session.repo is None or session.repo.head().commit is None:
        return ()
    zone, workflow = session.now().tzinfo, session.vault.config.workflow
    begin = datetime.combine(session.today() - timedelta(weeks=weeks), time(), zone)
    return tuple(
        (revision.when.astimezone(zone).date(), change.id)
        for revision in newer(revisions(session, field="status", rev=rev), begin)
        for change in revision.changes
        if change.field == "status"
        and change.old is not None  # what came finished was not finished here: it was imported, or noted afterwards
        and workflow.category(change.new) == "completed"
        and workflow.category(change.old) != "completed"
    )
