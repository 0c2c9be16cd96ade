"""`planner plan schedule --level`: what levelling would move and why, and with `--write` its delays as one commit."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA, Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call
    from planner.core.vault import Vault
    from planner.plan.leveling import Options
    from planner.session import Session
    from planner.views.leveling import Leveling, MovedItem, Why

SHOWN = 3  # items named in a reason


def add_options(sub: argparse.ArgumentParser) -> None:
    """What may follow `planner plan schedule --level`."""
    sub.add_argument("--level", action="store_true", help="move work so that nobody has more than they can do")
    sub.add_argument("--smooth", action="store_true", help="level within the float alone: the end stays")
    sub.add_argument("--rule", metavar="NAME", default=None, help="level by another rule than priority: lst, lft …")
    sub.add_argument("--parallel", action="store_true", help="start whatever can start, hour by hour")
    sub.add_argument("--optimize", action="store_true", help="search for the shortest plan (best with the extra)")
    sub.add_argument("--seconds", metavar="N", type=float, default=10.0, help="how long to search (10)")


def is_wanted(call: Call) -> bool:
    """Whether the plan is to be levelled, not shown as it is."""
    given = call.arguments
    return bool(given.level or given.smooth or given.optimize or given.parallel or given.rule is not None)


def level(call: Call) -> int:
    """`planner plan schedule --level`."""
    from planner.views.leveling import leveling

    if call.arguments.query or (call.arguments.write and call.arguments.at is not None):
        raise Invalid("the whole plan of today is levelled", "planner plan schedule --level, without a query or --at")
    session = call.session()
    view = leveling(session.vault, session.today(), _options(call))
    if call.arguments.write:
        return _write(call, session, view)
    if call.output.as_json:
        call.output.json(record(view))
    else:
        _print(call, view, session.vault, session.today())
    return 0


def _write(call: Call, session: Session, view: Leveling) -> int:
    from planner.cli.write import dry_run, report
    from planner.commands.leveling import StoreDelays

    command = StoreDelays(view.delays)
    if call.arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    return report(call, session, session.run(command))


def _options(call: Call) -> Options:
    from planner.plan.generation import RULES
    from planner.plan.leveling import Options

    given = call.arguments
    rule = given.rule or "priority"
    if rule not in RULES:
        known = "; ".join(f"{each.name}: {each.help}" for each in RULES.values())
        raise Invalid(f"there is no rule '{rule}'", known)
    if not 0 < given.seconds <= 3600:
        raise Invalid("--seconds: expected a number up to 3600", "for example: --seconds 30")
    if given.smooth and given.optimize:
        raise Invalid("--smooth and --optimize at once", "the end stays, or is searched for: give one of them")
    return Options(rule, given.parallel, given.smooth, given.optimize, given.seconds)


def _print(call: Call, view: Leveling, vault: Vault, today: date) -> None:
    from planner.cli.scheduling import day_text

    out = call.output
    if not view.count:
        out.say("nothing to schedule")
        return
    if view.moved:
        out.table([_row(moved, vault, today) for moved in view.moved], heads=_HEADS, flexible=1)
    for much in view.too_much:
        first, last = (day_text(when.date(), today) for when in (much.start, much.finish))
        until = f"{first} {much.start:%H:%M} to {'' if last == first else f'{last} '}{much.finish:%H:%M}"
        ids = _ids([item.id for item in much.items])
        out.line(f"still too much for @{much.person}, {until}: {ids}", "overdue")
    was, is_ = view.finish
    end = f"the plan ends {day_text(is_, today)}" + (f", not {day_text(was, today)}" if was != is_ else "")
    moving = f"{len(view.moved)} of {view.count} items move" if view.moved else "nothing moves"
    out.line(f"{moving}; {end}")
    if view.note:
        out.say(view.note)
    if view.moved:
        out.say("nothing is written yet: --write keeps the delays, in one commit")


_HEADS = ("id", "title", "from", "to", "until", "by", "why")


def _row(moved: MovedItem, vault: Vault, today: date) -> list[Cell]:
    from planner.cli.scheduling import day_text
    from planner.views.amounts import days

    return [
        Cell(moved.item.id, "id", vault.prefixes.get(moved.item.id, 0)),
        Cell(moved.item.title),
        Cell(day_text(moved.start[0], today), "dim"),
        Cell(day_text(moved.start[1], today)),
        Cell(day_text(moved.finish[1], today)),
        Cell(days(moved.days)),
        Cell("; ".join(_reasons(moved.whys))),
    ]


def _reasons(whys: tuple[Why, ...]) -> Iterator[str]:
    for why in whys:
        ids = _ids([item.id for item in why.items])
        yield f"after {ids}" if why.person is None else f"@{why.person} on {ids}"


def _ids(ids: list[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"{', '.join(ids[:SHOWN])}{more}"


def record(view: Leveling) -> dict[str, object]:
    """The preview as one document."""
    delays = dict(view.delays)
    return {
        "schema": SCHEMA,
        "finish": {"from": str(view.finish[0]), "to": str(view.finish[1])},
        "moves": [
            {
                "id": moved.item.id,
                "path": moved.item.path,
                "start": {"from": str(moved.start[0]), "to": str(moved.start[1])},
                "finish": {"from": str(moved.finish[0]), "to": str(moved.finish[1])},
                "days": moved.days,
                "leveling_delay": delays.get(moved.item.path),
                "because": [{"person": why.person, "items": [item.id for item in why.items]} for why in moved.whys],
            }
            for moved in view.moved
        ],
        "over_allocated": [
            {
                "person": much.person,
                "start": much.start.isoformat(timespec="minutes"),
                "finish": much.finish.isoformat(timespec="minutes"),
                "asked": round(much.asked, 3),
                "items": [item.id for item in much.items],
            }
            for much in view.too_much
        ],
        "proven": view.proven,
        "note": view.note,
    }
