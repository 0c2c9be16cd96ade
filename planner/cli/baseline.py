"""`planner plan baseline` freezes the plan; `planner plan compare` says what has changed since, or since any commit."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.output import Cell
from planner.cli.write import dry_run, report
from planner.errors import Invalid, NotFound

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.core.frozen import Baseline, Frozen
    from planner.plan.baseline import Comparison, Variance
    from planner.session import Session

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add `plan baseline` and `plan compare`."""
    sub = add("baseline", "Freeze the plan under a name; without one, list what is frozen.", take)
    sub.add_argument("name", nargs="?", default=None, metavar="NAME", help="small letters, digits, `.`, `_`, `-`")
    sub.add_argument("--replace", action="store_true", help="in the place of an older baseline of that name")
    sub.add_argument("--dry-run", action="store_true", help="show the diff, change nothing")
    sub = add("compare", "What has changed since a baseline, or since any commit or day.", compare)
    sub.add_argument(
        "base", nargs="?", default=None, metavar="NAME|REV", help="a baseline (the newest), a commit, a day"
    )
    sub.add_argument("--all", action="store_true", help="what has not changed too")
    sub.add_argument("--trend", action="store_true", help="where each milestone was forecast, week by week")
    sub.add_argument("--weeks", type=int, default=8, metavar="N", help="how many weeks of the trend (8)")


def take(call: Call) -> int:
    """`planner plan baseline [NAME]`."""
    from planner.commands.baseline import TakeBaseline

    if call.arguments.name is not None and call.arguments.at is not None:
        raise Invalid("a commit is a baseline already", f"planner plan compare {call.arguments.at}")
    session = call.session()
    if call.arguments.name is None:
        return _list(call, session)
    head = session.repo.head().commit if session.repo is not None else None
    command = TakeBaseline(call.arguments.name, head or "", call.arguments.replace)
    if call.arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    return report(call, session, session.run(command))


def _list(call: Call, session: Session) -> int:
    from planner.plan.baseline import baselines
    from planner.views.planning import baselines_record

    known = baselines(session.vault)
    if call.output.as_json:
        call.output.json(baselines_record(known.values()))
        return 0
    rows = [
        [Cell(each.name), Cell(str(each.taken)), Cell(each.commit[:7], "dim"), Cell(f"{len(each.rows)} items")]
        for each in known.values()
    ]
    call.output.table(rows)
    if not known:
        call.output.say("no baseline yet: planner plan baseline NAME freezes the plan as it is")
    return 0


def compare(call: Call) -> int:
    """`planner plan compare [NAME|REV]`."""
    from planner.plan.baseline import compare as difference
    from planner.plan.baseline import freeze
    from planner.plan.planned import planned
    from planner.views.planning import comparison_record

    session = call.session()
    if call.arguments.trend:
        return _trend(call, session)
    today = session.today()
    before = base_of(session, call.arguments.base)
    schedule = planned(session.vault, today)
    found = difference(before, freeze(session.vault, schedule, "", today), schedule)
    if call.output.as_json:
        call.output.json(comparison_record(found))
        return 0
    _print(call, found, every=call.arguments.all)
    return 0


def base_of(session: Session, text: str | None) -> Baseline:
    """The baseline of that name, else the plan as it was at a commit or on a day; without a text the newest baseline."""
    from planner.plan.baseline import baselines

    known = baselines(session.vault)
    if text is None:
        if not known:
            raise NotFound("there is no baseline yet", "planner plan baseline NAME, or planner plan compare REV")
        return list(known.values())[-1]
    if text in known:
        return known[text]
    try:
        return plan_at(session, text)
    except NotFound as error:
        names = f"baselines are {', '.join(known)}" if known else "planner plan baseline NAME takes a baseline"
        raise NotFound(f"'{text}' is no baseline, no commit and no day", f"{names}; {error.hint}") from None


def plan_at(session: Session, rev: str) -> Baseline:
    """The plan as it was scheduled at a commit, on that commit's day."""
    from planner.past import dated
    from planner.plan.baseline import freeze
    from planner.plan.planned import planned

    sha, when = dated(session, rev)
    vault = session.at(sha)
    return freeze(vault, planned(vault, when.date()), rev, when.date(), sha)


def _print(call: Call, found: Comparison, *, every: bool) -> None:
    from planner.views.amounts import days, finish_day, hours, money

    out, before = call.output, found.before
    out.line(f"since {before.name} ({before.taken})", "head")
    out.table(
        [
            [Cell(f"  {each.project}", "id"), Cell(f"{finish_day(each.before)} → {finish_day(each.after)}"),
             Cell(days(each.slip), "overdue" if each.slip > 0 else "")]
            for each in found.projects
        ],
    )  # fmt: skip
    costs = ", ".join(money(amount, currency, signed=True) for currency, amount in found.cost.items() if amount)
    out.line(f"  work {hours(found.effort, signed=True)}" + (f", cost {costs}" if costs else ""))
    rows = [(each.after.kind == "milestone", row) for each in found.items if any((row := _row(each))[3:]) or every]
    shown = 0
    for title, wanted in (("milestones", True), ("tasks", False)):
        cells = [
            [Cell(f"  {row[0]}", "id"), *map(Cell, row[1:])] for is_milestone, row in rows if is_milestone is wanted
        ]
        shown += len(cells)
        if cells:
            out.line(title, "head")
            out.table(cells, heads=["", "", "finish", "slip", "start", "length", "work", "cost"], flexible=1)
    for title, frozen in (("added", found.added), ("removed", found.removed)):
        if frozen:
            out.line(f"{title} {len(frozen)}", "head")
            out.table([_scope(row) for row in frozen], flexible=1)
    if not (shown or found.added or found.removed):
        out.line("nothing has changed")


def _row(each: Variance) -> list[str]:
    """Id, title, finish then and now; then slip and the other variances, each empty where it is none to speak of."""
    from planner.views.amounts import days, finish_day, hours, money

    size = each.day_minutes
    then, now = finish_day(each.before.finish), finish_day(each.after.finish)
    variances = [days(each.slip), days(each.start / size), days(each.duration / size), hours(each.effort, signed=True)]
    cost = each.cost.amount if each.cost is not None else 0
    return [
        each.after.id,
        each.after.title,
        f"{then} → {now}" if then != now else str(now),
        *("" if said in {"0d", "0h"} else said for said in variances),
        money(each.cost, signed=True) if cost else "",
    ]


def _scope(row: Frozen) -> list[Cell]:
    from planner.views.amounts import hours, money

    return [
        Cell(f"  {row.id}", "id"), Cell(row.title), Cell(row.project, "dim"), Cell(hours(row.effort)),
        Cell(money(row.cost) if row.cost is not None else ""),
    ]  # fmt: skip


def _trend(call: Call, session: Session) -> int:
    from planner.past import weekly
    from planner.plan.baseline import freeze, trend
    from planner.plan.planned import planned
    from planner.views.amounts import day_text, finish_day
    from planner.views.planning import trend_record

    today = session.today()
    plans = [plan_at(session, sha) for sha, _ in weekly(session, max(1, call.arguments.weeks))]
    plans.append(freeze(session.vault, planned(session.vault, today), "now", today))
    found = trend(plans)
    if call.output.as_json:
        call.output.json(trend_record(plans, found))
        return 0
    heads = ["", "", *(f"{plan.taken:%d %b}" for plan in plans)]
    rows = [
        [
            Cell(each.id, "id"),
            Cell(each.title),
            *(Cell("" if when is None else day_text(finish_day(when), today)) for when in each.forecasts),
        ]
        for each in found
    ]
    call.output.table(rows, heads=heads, flexible=1)
    if not rows:
        call.output.say("there are no milestones")
    return 0
