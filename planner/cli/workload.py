"""`planner workload`: who is asked for how much, week by week or day by day, and who could take some of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.cli.output import Cell

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.plan.model import Schedule
    from planner.plan.workload import Suggestion, Workload

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]

CAUSES = 3  # tasks named for each stretch with too much work
LOOSE = 20  # tasks without a date, and without anybody, that are listed, and for which somebody is looked for


def register(add: Add) -> None:
    """Add `workload`."""
    sub = add("workload", "Who is asked for how much, against the time they have; who could take some of it.", workload)
    sub.add_argument("--by", default="week", choices=["week", "day", "team", "role", "project"], help="week")
    sub.add_argument("--for", dest="count", type=int, default=None, metavar="N", help="how many weeks (6) or days (10)")
    sub.add_argument("--at", metavar="REV", default=None, help="the plan as it was at a commit")


def workload(call: Call) -> int:
    """`planner workload`."""
    from planner.plan.planned import planned
    from planner.plan.workload import days, suggestions, tasks, vacancies, weeks
    from planner.plan.workload import workload as measure
    from planner.views.amounts import percent
    from planner.views.planning import workload_record

    session, by = call.session(), call.arguments.by
    vault, today = session.vault, session.today()
    schedule = planned(vault, today)
    count = min(max(1, call.arguments.count or (10 if by == "day" else 6)), 400)
    starts = days(today, count) if by == "day" else weeks(today, count, vault.config.first_day_of_week)
    load = measure(vault, schedule, starts, "person" if by in {"week", "day"} else by)
    activities = schedule.network.activities
    known = tasks(vault, schedule)
    suggested = {
        each.path: suggestions(vault, schedule, activities[each.path], known) for each in load.unassigned[:LOOSE]
    }
    open_roles = vacancies(vault)
    if call.output.as_json:
        call.output.json(
            workload_record(load, {path: each.id for path, each in activities.items()}, suggested, open_roles)
        )
        return 0
    _print(call, load, schedule, "%d %b")
    _print_loose(call, load, schedule, suggested)
    if open_roles:
        call.output.line("roles that nobody fills", "head")
        call.output.table(
            [[Cell(f"  {each.project}", "id"), Cell(each.role), Cell(percent(each.share))] for each in open_roles]
        )
    return 0


def _print(call: Call, load: Workload, schedule: Schedule, form: str) -> None:
    from planner.views.amounts import hours

    out = call.output
    rows = []
    for row in load.rows:
        cells = [
            Cell(
                f"{'!' if cell.over else ''}{hours(cell.load)}"
                + ("" if cell.capacity is None else f"/{hours(cell.capacity)}"),
                "overdue" if cell.over else "dim" if not cell.load else "",
            )
            for cell in row.cells
        ]
        rows.append([Cell(row.name or f"no {load.by}", "person"), *cells])
    out.table(rows, heads=["", *(f"{day:{form}}" for day in load.starts[:-1])])
    over = list(load.over_allocated)
    if over:
        out.line("too much", "head")
    for row, start, cell in over:
        names = [f"{_name(schedule, path)} {hours(minutes)}" for path, minutes in cell.causes[:CAUSES]]
        more = f" and {len(cell.causes) - CAUSES} more" if len(cell.causes) > CAUSES else ""
        of = f"{cell.percent}%" if cell.percent is not None else "away"
        out.line(f"  {row.name or f'no {load.by}'} {start:{form}} {of}: {', '.join(names)}{more}")


def _print_loose(call: Call, load: Workload, schedule: Schedule, suggested: Mapping[str, Sequence[Suggestion]]) -> None:
    from planner.views.amounts import hours

    out = call.output
    for title, found in (
        ("unscheduled: no date and no link says when", load.unscheduled),
        ("unassigned", load.unassigned),
    ):
        if not found:
            continue
        out.line(title, "head")
        rows = [
            [
                Cell(f"  {schedule.network.activities[each.path].id}", "id"),
                Cell(schedule.network.activities[each.path].title),
                Cell(f"{hours(each.minutes)}{'?' if each.assumed else ''}"),
                Cell(_who(suggested.get(each.path, ()))),
            ]
            for each in found[:LOOSE]
        ]
        out.table(rows, flexible=1)
        if len(found) > LOOSE:
            out.line(f"  and {len(found) - LOOSE} more: --json lists them all", "dim")


def _name(schedule: Schedule, path: str) -> str:
    return schedule.network.activities[path].id


def _who(suggested: Sequence[Suggestion]) -> str:
    """Who could do it, the best two first."""
    from planner.views.amounts import hours

    names = (f"{each.person} has {hours(each.free)}" for each in suggested[:2] if each.free)
    return "; ".join(names)
