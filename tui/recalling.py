"""What a page wants to know of history, read when it is shown: news for the inbox, finished work for the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, TypeAlias

from planner.session import Session
from planner.views.dashboard import WEEKS
from tui.page import Page
from tui.shell import Shell

MOST_NEWS = 2000
"""Commits since the last look that are told at most."""

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
        if view in READ and view not in self._recalled and not page.asked.past and self.session.repo is not None:
            self._recalled.add(view)
            self.bridge.ask(READ[view], self.heard_history)

    def heard_history(self, found: Found) -> None:
        """Make the page anew where history says something else than it did."""
        if any(getattr(self.asked, name) != value for name, value in found.items()):
            self.ask(replace(self.asked, **found))


def news(session: Session) -> Found:
    """On the session's thread: the commits since the last look, and who was here lately."""
    from planner.past import SEEN, after, revisions

    fresh = tuple(islice(after(session, revisions(session), SEEN), MOST_NEWS))
    return {"news": fresh, "present": session.presence()}


def done_lately(session: Session) -> Found:
    """On the session's thread: what was finished in the last weeks."""
    from planner.throughput import finished

    return {"finished": finished(session, WEEKS)}


READ: Mapping[str, Callable[[Session], Found]] = {"inbox": news, "dashboard": done_lately}
