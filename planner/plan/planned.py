"""The schedule of a vault on a day, computed once and remembered with the vault."""

from __future__ import annotations

from datetime import date

from planner.core.vault import Vault
from planner.plan.model import Schedule
from planner.plan.network import network
from planner.plan.schedule import schedule

_KEY = "planner.plan"


def planned(vault: Vault, today: date) -> Schedule:
    """What views, commands and queries call: the schedule of that vault as of that day."""
    remembered: dict[date, Schedule] = vault.__dict__.setdefault(_KEY, {})
    if today not in remembered:
        remembered.clear()
        remembered[today] = schedule(network(vault, today))
    return remembered[today]
