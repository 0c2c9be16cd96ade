"""What a page wants to know of history, read when it is shown: news for the inbox, finished work for the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from planner.core.events import Revision
from planner.core.record import replace
from planner.session import Session
from tui.page import Page
from tui.shell import Shell

PIECE, MOST = 50, 5000
"""Commits that are read at once, wishes going before the next ones, and altogether."""

Found: TypeAlias = "dict[str, Any]"
"""Fields of `Asked`, by name."""


class Recalling(Shell):
    """Reads it beside the screen, once for each state of the files; the page is then made anew with it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._recalled: set[str] = set()

    def vault_changed(self) -> None:
        """Another vault may have another history."""
        self._recalled.clear()
        super().vault_changed()

    def _built(self, page: Page) -> None:
        super()._built(page)
        view = page.asked.view
        if view in COMMITS and view not in self._recalled and not page.asked.past and self.session.repo is not None:
            self._recalled.add(view)
            self._recall(view)

    def _recall(self, view: str) -> None:
        read: list[Revision] = []

        def heard(piece: list[Revision]) -> bool:
            read.extend(piece)
            if piece and len(read) < MOST:
                return True
            self.bridge.ask(lambda session: TOLD[view](session, read), self.heard_history)
            return False

        self.bridge.stream(lambda: COMMITS[view](self.session), PIECE, heard)

    def heard_history(self, found: Found) -> None:
        """Make the page anew where history says something else than it did."""
        if any(getattr(self.asked, name) != value for name, value in found.items()):
            self.ask(replace(self.asked, **found))


def _unseen(session: Session) -> Iterator[Revision]:
    """The commits since the last look."""
    from planner.past import SEEN, after, revisions

    return after(session, revisions(session), SEEN)


def _lately(session: Session) -> Iterator[Revision]:
    """The changes of status in the last weeks."""
    from planner.throughput import recent
    from planner.views.dashboard import WEEKS

    return recent(session, WEEKS)


def _news(session: Session, read: Sequence[Revision]) -> Found:
    return {"news": tuple(read), "present": session.presence()}


def _finished(session: Session, read: Sequence[Revision]) -> Found:
    from planner.throughput import told

    return {"finished": told(session, read)}


COMMITS: Mapping[str, Callable[[Session], Iterator[Revision]]] = {"inbox": _unseen, "dashboard": _lately}
"""What each view reads of history, on the session's thread."""
TOLD: Mapping[str, Callable[[Session, Sequence[Revision]], Found]] = {"inbox": _news, "dashboard": _finished}
"""What it is told of that."""
