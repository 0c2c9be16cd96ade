"""`planner dashboard`: how the whole plan stands, in sections."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from planner.cli.output import Cell

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.core.model import Item
    from planner.core.vault import Vault
    from planner.views.dashboard import Dashboard

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add `dashboard`."""
    help_ = "How the plan stands: states, projects, what presses, milestones, people, risks, finished work."
    sub = add("dashboard", help_, dashboard)
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which work")
    sub.add_argument("--at", metavar="REV", default=None, help="the plan as it was at a commit, or on a day")


def dashboard(call: Call) -> int:
    """`planner dashboard [QUERY]`."""
    from planner.cli.read import read_query
    from planner.throughput import finished
    from planner.views.dashboard import WEEKS, dashboard_record
    from planner.views.dashboard import dashboard as make

    session = call.session()
    history = finished(session, WEEKS, rev=call.arguments.at or "HEAD")
    view = make(session.vault, read_query(call, session), session.today(), me=session.me(), finished=history)
    if call.output.as_json:
        call.output.json(dashboard_record(view, session.vault))
    else:
        _print(call, view, session.vault)
    return 0


def _print(call: Call, view: Dashboard, vault: Vault) -> None:
    from planner.views import dashboard_words as words

    out = call.output
    out.line(f"{view.day:%A} {view.day.day} {view.day:%B %Y}", "head")
    out.line(words.statuses(view))
    if view.throughput:
        out.line(f"done by week: {words.throughput(view)}")

    def section(title: str, rows: Iterable[tuple[Item | None, tuple[str, ...]]]) -> None:
        found = [
            [Cell(f"  {item.id if item is not None else ''}", "id"), Cell(item.title if item is not None else ""), *map(Cell, said)]
            for item, said in rows
        ]  # fmt: skip
        if found:
            out.line(f"{title} {len(found)}", "head")
            out.table(found, flexible=1)

    for title, rows in words.sections(view, vault):
        section(title, rows)
    if not view.total:
        out.say("nothing here yet: planner add buy milk tomorrow")
