"""`planner calendar import`: the public holidays of a place, written into planner.toml as days."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.write import dry_run, report
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add `calendar` to the parser."""
    sub = add("calendar", "Import public holidays into a calendar: `calendar import DE-BY 2026-2028`.", calendar)
    sub.add_argument("words", nargs="*", metavar="import REGION YEARS", help="a country or state, and a year or two")
    sub.add_argument("--into", default="default", metavar="NAME", help="which calendar of planner.toml (default)")
    sub.add_argument("--dry-run", action="store_true", help="show the diff, change nothing")


def calendar(call: Call) -> int:
    """`planner calendar import REGION YEARS`."""
    from planner.commands.calendars import AddHolidays
    from planner.interop.holidays import holidays_of

    match call.arguments.words:
        case ["import", region, years]:
            command = AddHolidays(region, holidays_of(region, years), call.arguments.into)
        case _:
            raise Invalid("a calendar is imported by region and years", "planner calendar import DE-BY 2026-2028")
    session = call.session()
    if call.arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    return report(call, session, session.run(command))
