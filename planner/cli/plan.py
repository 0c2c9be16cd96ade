"""`planner plan WHAT`: the family of commands about the schedule; a module of PARTS registers each of its members."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli import baseline, risk, scheduling, value
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]

PARTS: tuple[Callable[[Add], None], ...] = (
    scheduling.register,
    baseline.register,
    value.register,
    risk.register,
)
"""Each adds its members with `add(name, help, handler)`, which gives back the parser to add arguments to."""


def register(add: Add) -> None:
    """Add `plan` and all its members to the parser."""
    from planner.cli.app import common_options

    family = add(
        "plan", "Schedule, baselines, money and risk of the whole plan; nothing is stored unless asked.", which
    )
    members = family.add_subparsers(title="what", metavar="WHAT", parser_class=type(family))

    def member(name: str, help_: str, handler: Handler) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = members.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        common_options(sub)
        sub.add_argument("--at", metavar="REV", default=None, help="the plan as it was at a commit")
        sub.set_defaults(handler=handler)
        return sub

    for part in PARTS:
        part(member)


def which(call: Call) -> int:  # noqa: ARG001 (every handler takes the call)
    """`planner plan` alone: nothing is guessed."""
    raise Invalid("plan what?", "planner plan schedule, planner plan critical; planner plan --help lists all")
