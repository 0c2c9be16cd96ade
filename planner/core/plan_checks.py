"""What in an item's own words no plan can use: lengths of nothing, calendars nobody defined, dates beyond any plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from planner.core.model import Item, Problem
from planner.core.spot import fault_in
from planner.core.values import Constraint, Duration, Estimate

if TYPE_CHECKING:
    from planner.core.vault import Vault

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates of other years are in no plan: 0001-01-01 and 9999-12-31 say "none" in other programs' files."""

_DATES = ("scheduled", "deadline", "started", "completed")
_LENGTHS = ("estimate", "duration")


def is_far(when: date) -> bool:
    """Whether a date lies beyond any plan, so that scheduling leaves it out."""
    return not FIRST_YEAR <= when.year <= LAST_YEAR


def check_plan(vault: Vault) -> Iterator[Problem]:
    """Every such fault of items that are planned; scheduling goes on without what is faulty."""
    for item in vault.items:
        if item.kind in {"task", "milestone", "project"} and not item.template and not item.archived:
            yield from _lengths(vault, item)
            yield from _dates(vault, item)
        if "calendar" in item.fields and item.kind not in {"area", "goal", "risk"}:
            yield from _calendar(vault, item)


def _lengths(vault: Vault, item: Item) -> Iterator[Problem]:
    for name in _LENGTHS:
        value = item.fields.get(name)
        length = value.likely if isinstance(value, Estimate) else value
        if item.kind == "task" and isinstance(length, Duration) and length.minutes() <= 0:
            yield fault_in(vault, item, name, "zero-duration", f"{name}: '{value}' is no work at all")


def _dates(vault: Vault, item: Item) -> Iterator[Problem]:
    for name in (*_DATES, *(("start",) if item.kind == "project" else ())):
        when = item.when(name)
        if when is not None and is_far(when):
            yield fault_in(vault, item, name, "far-date", f"{name}: {when.year:04} is beyond any plan")
    constraint = item.fields.get("constraint")
    if isinstance(constraint, Constraint) and constraint.when is not None and is_far(constraint.when):
        yield fault_in(
            vault, item, "constraint", "far-date", f"constraint: {constraint.when.year:04} is beyond any plan"
        )


def _calendar(vault: Vault, item: Item) -> Iterator[Problem]:
    name = item.text("calendar")
    known = {"default", *vault.config.calendars}
    if name is not None and name not in known:
        hint = f"known are {', '.join(sorted(known))}; or add [calendars.{name}] to planner.toml"
        yield fault_in(vault, item, "calendar", "unknown-calendar", f"there is no calendar '{name}'", hint)
