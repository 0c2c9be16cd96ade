"""`planner plan value`: earned value of the projects, with forecasts and budget alarms."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from planner.cli.output import Cell
from planner.plan.earned_value import Measures

if TYPE_CHECKING:
    from decimal import Decimal

    from planner.cli.app import Call, Handler
    from planner.plan.value import ProjectValue

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]

ALARMS = {
    "over": "the budget is spent",
    "near": "more than 80 % of the budget is spent",
    "forecast": "at this pace the budget will not suffice",
}


def register(add: Add) -> None:
    """Add `plan value`."""
    sub = add("value", "Earned value: what was planned, earned and spent, and what it will come to.", value)
    sub.add_argument("project", nargs="?", default=None, metavar="PROJECT", help="one project only")
    sub.add_argument("--hours", action="store_true", help="count hours of work instead of money")
    sub.add_argument("--tasks", action="store_true", help="task by task too")


def value(call: Call) -> int:
    """`planner plan value [PROJECT]`."""
    from planner.plan.baseline import baselines
    from planner.plan.planned import planned
    from planner.plan.value import values
    from planner.views.planning import value_record

    session = call.session()
    vault, today = session.vault, session.today()
    wanted = vault.find(call.arguments.project).id if call.arguments.project else None
    found = values(vault, planned(vault, today), today, baselines(vault), in_hours=call.arguments.hours)
    shown = [each for each in found if wanted is None or each.id == wanted]
    if call.output.as_json:
        call.output.json(value_record(shown))
        return 0
    for number, each in enumerate(shown):
        if number:
            call.output.line()
        _print(call, each, tasks=call.arguments.tasks)
    if not shown:
        call.output.say("there are no projects" if wanted is None else f"{wanted} is no project")
    return 0


def _print(call: Call, each: ProjectValue, *, tasks: bool) -> None:
    from planner.views.amounts import days, index, money

    out, m, pace = call.output, each.measures, each.pace
    out.spans([(each.id, "id"), (f"  {each.title}", "head")])
    base = f"baseline {each.baseline}" if each.baseline else "no baseline: the present plan stands in for it"
    out.line(f"{'no budget' if each.budget is None else f'budget {money(each.budget, each.currency)}'}; {base}", "dim")
    grid = [
        ["PV", money(m.pv), "SV", money(m.sv, signed=True), "SPI", index(m.spi), "EAC", money(m.eac)],
        ["EV", money(m.ev), "CV", money(m.cv, signed=True), "CPI", index(m.cpi), "ETC", money(m.etc)],
        ["AC", money(m.ac), "BAC", money(m.bac), "TCPI", index(m.tcpi), "VAC", money(m.vac, signed=True)],
    ]
    out.table([[Cell("  "), *row] for row in _aligned(grid)])
    out.line(
        f"  earned schedule {pace.es:.1f} of {pace.at} working days: SV(t) {days(float(pace.sv_t))}, SPI(t) {index(pace.spi_t)}"
    )
    out.line(
        f"  EAC if the rest costs what was planned {money(m.eac_atypical)}, if lateness costs too {money(m.eac_both)}"
    )
    if each.alarm:
        out.line(f"  alarm: {ALARMS[each.alarm]}", "overdue")
    if unlogged := sum(task.unlogged for task in each.tasks):
        count = f"{unlogged} task{'s' if unlogged > 1 else ''}"
        out.line(f"  no hours are logged on {count} with earned value: AC is too low by them", "dim")
    if tasks:
        heads = ["", "", "earned", "BAC", "PV", "EV", "AC"]
        rows = [
            [task.row.id, task.row.title, _share(task.earned), *map(money, (t.bac, t.pv, t.ev, t.ac))]
            for task in each.tasks
            if (t := task.measures) != Measures()
        ]
        cells = [[Cell(f"  {row[0].text}", "id"), *row[1:]] for row in _aligned(rows, heads, left=(0, 1))]
        out.table(cells[1:], heads=[cell.text for cell in cells[0]], flexible=1)


def _share(earned: Decimal | None) -> str:
    from planner.views.amounts import percent

    return "as planned" if earned is None else percent(earned)


def _aligned(
    rows: Sequence[Sequence[str]], heads: Sequence[str] = (), left: Sequence[int] = (0, 2, 4, 6)
) -> list[list[Cell]]:
    """Rows (and heads above them) as cells, numbers to the right."""
    table = [list(heads), *map(list, rows)] if heads else [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        [
            Cell(text if n in left else text.rjust(width))
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in table
    ]
