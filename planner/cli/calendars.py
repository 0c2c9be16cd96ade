"""`planner calendar`: days on the terminal; with `import` the public holidays of a place, written into planner.toml as days."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli import month
from planner.cli.write import dry_run, report
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add `calendar` to the parser."""
    sub = add(
        "calendar", "Show a month or a week by days; `calendar import DE-BY 2026-2028` adds public holidays.", calendar
    )
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which items; or: import REGION YEARS")
    month.add_options(sub)
    sub.add_argument("--into", default="default", metavar="NAME", help="which calendar of planner.toml (default)")
    sub.add_argument("--dry-run", action="store_true", help="show the diff, change nothing")


def calendar(call: Call) -> int:
    """`planner calendar [QUERY]`, or `planner calendar import REGION YEARS`."""
    from planner.commands.calendars import AddHolidays
    from planner.interop.holidays import holidays_of

    match call.arguments.query:
        case ["import", region, years]:
            command = AddHolidays(region, holidays_of(region, years), call.arguments.into)
        case ["import", *_]:
            raise Invalid("a calendar is imported by region and years", "planner calendar import DE-BY 2026-2028")
        case _:
            return month.show(call)
    session = call.session()
    if call.arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    return report(call, session, session.run(command))
