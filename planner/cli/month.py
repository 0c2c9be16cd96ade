"""`planner calendar`: the days of a month or a week with what falls on them, the linear twin of the screen's calendar."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from planner.cli.output import Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call
    from planner.core.vault import Vault
    from planner.views.calendar import CalendarDay, Span


def add_options(sub: argparse.ArgumentParser) -> None:
    """What may follow `planner calendar`."""
    sub.add_argument("--at", metavar="REV", default=None, help="the plan as it was at a commit")
    sub.add_argument("--week", action="store_true", help="one week instead of a month")
    sub.add_argument("--on", metavar="DATE", default="today", help="a day of the month or week that is meant (today)")


def show(call: Call) -> int:
    """`planner calendar [QUERY]`."""
    from planner.cli.read import read_query
    from planner.core.dates import day_of, resolve
    from planner.query.match import compile_query
    from planner.views.calendar import calendar
    from planner.views.record import calendar_record

    session = call.session()
    vault, today = session.vault, session.today()
    try:
        anchor = day_of(resolve(call.arguments.on, today, vault.config.first_day_of_week))
    except ValueError as error:
        raise Invalid(f"--on: {error}", "for example: --on 2026-12-01") from None
    fits = compile_query(read_query(call, session), vault, today=today, me=session.me())
    span: Span = "week" if call.arguments.week else "month"
    view = calendar(vault, anchor, today, span, filter(fits, vault.planned), vault.config.first_day_of_week)
    if call.output.as_json:
        call.output.json(calendar_record(view, vault, today))
        return 0
    call.output.line(view.title, "head")
    shown = [day for day in view.days if day.events and view.is_inside(day.day)]
    for day in shown:
        _print(call, day, vault)
    if not shown:
        call.output.line("nothing falls into this time", "dim")
        call.output.say("planner add pay rent fri puts something on a day")
    return 0


def _print(call: Call, day: CalendarDay, vault: Vault) -> None:
    call.output.line(f"{day.day:%a} {day.day.day} {day.day:%b}", "head")
    call.output.table(
        [
            [
                Cell(
                    f"  {'overdue' if event.late else event.kind.replace('_', ' ')}", "overdue" if event.late else "dim"
                ),
                Cell(event.item.id, "id", vault.prefixes.get(event.item.id, 0)),
                Cell(event.clock),
                Cell(event.item.title),
                Cell(" ".join(f"@{person}" for person in event.item.assignees), "person"),
            ]
            for event in day.events
        ],
        flexible=3,
    )
