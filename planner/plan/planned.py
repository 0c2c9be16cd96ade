"""The schedule of a vault on a day, computed once and remembered with the vault."""

from __future__ import annotations

from datetime import date

from planner.core.vault import Vault
from planner.plan.calendar import moment
from planner.plan.model import Schedule
from planner.plan.replan import Plan, plan, replan

_KEY = "planner.plan"
_newest: list[Plan] = []
"""The plan made last: the next vault mostly differs from its vault in one item. A cache, nothing depends on it."""


def planned(vault: Vault, today: date) -> Schedule:
    """What views, commands and queries call: the schedule of that vault as of that day."""
    status = moment(today)
    known: Plan | None = vault.__dict__.get(_KEY)
    if known is None or known.reader.status != status:
        last = _newest[-1] if _newest else None
        known = replan(last, vault) if last is not None and last.reader.status == status else None
        known = known or plan(vault, status)
        vault.__dict__[_KEY] = known
        _newest[:] = [known]
    return known.schedule
