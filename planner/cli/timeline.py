"""`planner timeline`: the plan over time as sentences, the linear twin of the screen's timeline."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.cli.app import Call


def add_options(sub: argparse.ArgumentParser) -> None:
    """What may follow `planner timeline`."""
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which items; what stands above them is shown too")
    sub.add_argument("--lanes", default=None, metavar="FIELD", help="groups by a field, for example assignee (project)")
    sub.add_argument("--baseline", default=None, metavar="NAME", help="say how it was planned once, too")


def show(call: Call) -> int:
    """`planner timeline [QUERY]`."""
    from planner.cli.read import read_query
    from planner.plan.planned import planned
    from planner.views.baselines import baseline_of
    from planner.views.timeline import timeline
    from planner.views.timeline_words import sentence, timeline_record

    session = call.session()
    vault, today, out = session.vault, session.today(), call.output
    was = baseline_of(vault, call.arguments.baseline)
    query = read_query(call, session)
    view = timeline(
        vault, planned(vault, today), query, today, me=session.me(), lanes=call.arguments.lanes, baseline=was
    )
    if out.as_json:
        out.json(timeline_record(view, vault))
        return 0
    for row in view.rows:
        role = "head" if row.kind == "group" else "done" if row.done else "overdue" if row.critical else ""
        out.line("  " * row.depth + sentence(row, view), role)
    if not view.rows:
        out.say("nothing to plan; planner add gives it something")
    else:
        out.line(f"{view.shown} of {view.total}", "dim")
    return 0
