"""How a page is put in order: lanes or groups, sort, columns, and the saved ways to look at it."""

from __future__ import annotations

from planner.core.config import SavedView
from planner.core.fields import FieldType
from planner.core.record import replace
from planner.query.language import QueryError
from planner.query.nodes import Sort
from planner.views.saved import saved_query
from tui.looking import Looking
from tui.pages import PAGES
from tui.screens.keys import Pick
from tui.table import COLUMNS
from tui.text import content

LANES = ("project", "assignee", "priority", "status", "area", "milestone", "iteration", "tags", "kind")
SORTS = ("due", "priority", "rank", "title", "status", "assignee", "project", "estimate", "urgency", "id", "path")
MORE_COLUMNS = ("priority", "estimate", "scheduled", "deadline", "milestone", "area", "kind", "urgency", "path")
NONE = "none"
_PLAIN = frozenset({FieldType.TEXT, FieldType.MAP})


class Arranging(Looking):
    """Actions that arrange what is shown; the order is part of the filter, so that it is seen, kept and taken back there."""

    def action_lanes(self) -> None:
        """Choose the field that sets lanes apart, or groups of a list."""

        def answered(name: str | None) -> None:
            if name is not None:
                lanes = None if name == NONE else name
                self.ask(replace(self.asked, lanes=lanes, folded=frozenset()))
                self.say(f"{'lanes' if self.asked.view == 'board' else 'groups'}: {lanes or NONE}")

        names = (NONE, *self._fields(LANES, plain=False))
        rows = [
            (name, content(f"{name}{'  now' if name == (self.asked.lanes or NONE) else ''}"), name) for name in names
        ]
        self.push_screen(Pick("Lanes by" if self.asked.view == "board" else "Groups by", rows), answered)

    def action_sort(self) -> None:
        """Choose what the items are sorted by; the same once more turns the order round."""
        now = self.asked.query.sort

        def answered(name: str | None) -> None:
            if name is None:
                return
            query = self.asked.query
            descending = name in {sort.field for sort in query.sort if not sort.descending}
            sort = () if name == NONE else (Sort(name, descending),)
            self.narrow(str(replace(query, sort=sort)))
            self.say(f"sort: {'as usual' if name == NONE else name}{', turned round' if descending else ''}")

        signs = {sort.field: " ↓" if sort.descending else " ↑" for sort in now}
        names = (NONE, *self._fields(SORTS, plain=True))
        rows = [
            (
                name,
                content("as usual" if name == NONE else f"{name}{signs.get(name, '')}"),
                f"{name} as usual" if name == NONE else name,
            )
            for name in names
        ]
        self.push_screen(Pick("Sort by", rows), answered)

    def action_columns(self) -> None:
        """Choose a column to show, or to hide if it is there."""
        columns = self.asked.columns or COLUMNS

        def answered(name: str | None) -> None:
            if name is None:
                return
            kept = tuple(one for one in columns if one != name)
            chosen = kept if name in columns else (*columns, name)
            self.ask(replace(self.asked, columns=chosen if chosen != COLUMNS else ()))
            self.say(f"columns: {', '.join(chosen or COLUMNS)}")

        names = dict.fromkeys([*columns, *COLUMNS, *self._fields(MORE_COLUMNS, plain=True)])
        rows = [(name, content(f"{'✓' if name in columns else ' '} {name}"), name) for name in names]
        self.push_screen(Pick("Columns", rows), answered)

    def action_saved(self) -> None:
        """Choose one of the views that planner.toml keeps."""
        views = self.bridge.vault.config.views

        def answered(name: str | None) -> None:
            if name is not None:
                self.show_saved(views[name])

        rows = [
            (name, content(f"{name:<16} {view.view:<9} {view.query}"), f"{name} {view.view} {view.query}")
            for name, view in views.items()
        ]
        if rows:
            self.push_screen(Pick("Saved views", rows), answered)
        else:
            self.say('no view is saved: [views.mine] with query = "@me" in planner.toml makes one', "$ink-full")

    def show_saved(self, view: SavedView) -> None:
        """Show what a saved view shows: its view, conditions, order, lanes or groups, and columns."""
        try:
            query = saved_query(view)
        except QueryError as error:
            self.wish_failed(error)
            return
        lanes = (view.lanes if view.view == "board" else view.group) or view.group or view.lanes
        name = view.view if view.view in PAGES else "list"
        self.action_view(name)
        self.filter_text = str(query)
        self.ask(
            replace(self.asked, query=query, lanes=lanes or None, folded=frozenset(), columns=view.columns, view=name)
        )
        self.say(f"view {view.name} · esc shows everything")

    def _fields(self, usual: tuple[str, ...], *, plain: bool) -> tuple[str, ...]:
        """The usual ones, then those that the vault describes itself; free texts only where they make sense."""
        custom = self.bridge.vault.config.fields
        own = [name for name, row in custom.items() if row.group == "custom" and (plain or row.type not in _PLAIN)]
        return (*usual, *(name for name in own if name not in usual))
