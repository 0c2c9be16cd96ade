"""Calendars in planner.toml: holidays added to one, so that the days stand in the plan itself."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import ClassVar

from planner.commands.base import Context
from planner.core.change import Change, Edit
from planner.core.config import PATH
from planner.core.record import dataclass
from planner.core.toml import read_toml
from planner.core.tomledit import add_to_list
from planner.core.values import DateRange, parse_range
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class AddHolidays:
    """Add days off to a calendar of planner.toml; days that are there already stay as they are."""

    verb: ClassVar[str] = "calendar import"
    region: str
    days: tuple[tuple[date, str], ...]
    calendar: str = "default"

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """One edit of planner.toml. Raises Invalid where the vault is read only or the list cannot be added to."""
        if vault.config.read_only:
            raise Invalid("this vault is of a newer format", "install a newer planner")
        before = vault.config.text
        known = _holidays(before or "", self.calendar)
        new = [(str(day), name) for day, name in self.days if not any(day in days for days in known)]
        subject = f"calendar {self.calendar}: {len(new)} holidays of {self.region}"
        if not new:
            return Change((), subject)
        try:
            after = add_to_list(before or "", f"calendars.{self.calendar}", "holidays", new)
        except ValueError as error:
            raise Invalid(f"{PATH}: {error}", f"add the days to [calendars.{self.calendar}] by hand") from None
        return Change((Edit(PATH, before, after),), subject, tuple(f"{day} {name}" for day, name in new))


def _holidays(toml: str, calendar: str) -> list[DateRange]:
    """The days and ranges a calendar lists already, as far as they can be read: the rest is a Problem of its own."""
    try:
        tables = read_toml(toml).get("calendars")
    except ValueError as error:
        raise Invalid(f"{PATH} cannot be read: {error}", "planner check") from None
    table = tables.get(calendar) if isinstance(tables, dict) else None
    listed = table.get("holidays") if isinstance(table, dict) else None
    found: list[DateRange] = []
    for entry in listed if isinstance(listed, list) else ():
        with contextlib.suppress(ValueError):
            found.append(parse_range(str(entry).partition(" ")[0]))  # a short day has its hours behind it
    return found
