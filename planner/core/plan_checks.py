"""Faults that make a plan wrong: lengths of nothing, dates beyond any plan, no time, two currencies, no such baseline.

Rows say which items a check has to look at, so that a plan of thousands is checked anew after every edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.currency import currencies, moneys, project_of
from planner.core.frozen import FOLDER, from_text
from planner.core.hours import DEFAULT_HOURS, WorkingHours
from planner.core.model import Item, Problem
from planner.core.shelf import ARCHIVED, FLAGS, KIND, NOTABLE, TEMPLATE, is_far
from planner.core.spot import fault_in
from planner.core.values import Constraint, Duration, Estimate, Money

if TYPE_CHECKING:
    from planner.core.vault import Vault

_DATES = ("scheduled", "deadline", "started", "completed")
_LENGTHS = ("estimate", "duration")


def check_plan(vault: Vault) -> Iterator[Problem]:
    """Every such fault; scheduling goes on without what is faulty."""
    notable = vault.where(lambda row: bool(row[FLAGS] & NOTABLE))
    planned = tuple(item for item in notable if not item.archived and not item.template)
    for item in planned:
        if item.kind in {"task", "milestone", "project"}:
            yield from _lengths(vault, item)
            yield from _dates(vault, item)
        yield from _units(vault, item)
        yield from _estimate(vault, item)
    for item in notable:
        if "calendar" in item.fields and item.kind not in {"area", "goal", "risk"}:
            yield from _calendar(vault, item)
    yield from _capacity(vault)
    yield from _currencies(vault)
    yield from _baselines(vault)


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


def _units(vault: Vault, item: Item) -> Iterator[Problem]:
    """A task that asks for none of anybody's time."""
    units = item.fields.get("units")
    asked = item.assignees and vault.is_open(item) and item.has_workflow
    if asked and isinstance(units, tuple) and units and not any(units):
        message = "units: nobody gives it any time"
        yield fault_in(vault, item, "units", "no-capacity", message, "write how much of their time it takes")


def _capacity(vault: Vault) -> Iterator[Problem]:
    """People who are to do something and have no time."""
    idle = {
        id_: person
        for id_, person in vault.people.items()
        if isinstance(capacity := person.fields.get("capacity"), Duration) and not capacity.minutes()
    }
    busy = dict.fromkeys(idle, 0)
    for item in vault.planned if idle else ():
        for name in item.assignees if vault.is_open(item) and item.has_workflow else ():
            if name in busy:
                busy[name] += 1
    for id_, person in idle.items():
        if busy[id_]:
            message = f"{id_} has no working time and is to do {busy[id_]} open items"
            yield fault_in(vault, person, "capacity", "no-capacity", message)


def _currencies(vault: Vault) -> Iterator[Problem]:
    """Money that cannot be added up with that of its project, and people whose hours cannot."""
    known = currencies(vault)
    rates = {
        name: rate for name, person in vault.people.items() if isinstance(rate := person.fields.get("rate"), Money)
    }
    told: set[tuple[str, str]] = set()
    for item in vault.planned if known else ():
        amounts, paid = moneys(item), [name for name in item.assignees if name in rates]
        if not amounts and not paid:
            continue
        project = project_of(vault, item)
        currency = known.get(project.path if project is not None else None) or known.get(None)
        where = f"the project {project.id}" if project is not None else "the vault"
        for name, money in amounts.items():
            if money.currency != currency:
                message = f"{name}: {money}, where {where} counts in {currency}"
                yield fault_in(vault, item, name, "currency-differs", message, f"write it in {currency}")
        for name in paid if project is not None and vault.is_open(item) else ():
            rate = rates[name]
            if rate.currency != currency and project is not None and "rate" not in item.fields:
                if (project.path, name) not in told:
                    message = f"{name} costs {rate} an hour, where {where} counts in {currency}"
                    yield fault_in(
                        vault,
                        item,
                        "assignee",
                        "currency-differs",
                        message,
                        f"give the task a rate in {currency}",
                        name,
                    )
                told.add((project.path, name))


def _estimate(vault: Vault, item: Item) -> Iterator[Problem]:
    """Three points that are out of order on the calendar they are counted on: `9h/1d/2d` where a day has eight hours."""
    estimate = item.estimate
    if estimate is None or estimate.optimistic is None or estimate.pessimistic is None:
        return
    hours = _hours(vault, item)
    size = (round(hours.minutes / hours.days), hours.days) if hours.days else (480, 5)
    points = [point.minutes(*size) for point in (estimate.optimistic, estimate.likely, estimate.pessimistic)]
    if points != sorted(points):
        message = f"estimate: {estimate} is not in order where a day has {size[0] / 60:g} hours"
        yield fault_in(vault, item, "estimate", "estimate-order", message)


def _hours(vault: Vault, item: Item) -> WorkingHours:
    """The working hours of the calendar an item is planned on."""
    project = project_of(vault, item)
    names = [each.text("calendar") for each in (item, project) if each is not None]
    found = (vault.config.calendars.get(name) for name in (*names, "default") if name is not None)
    return next((hours for hours in found if isinstance(hours, WorkingHours)), DEFAULT_HOURS)


def _baselines(vault: Vault) -> Iterator[Problem]:
    """Rows of baselines that cannot be read, and projects that are to be compared with a baseline that is not there."""
    names = []
    for item in vault.where(lambda row: row[KIND] == "baseline"):
        baseline = from_text(item, vault.text(item.path))
        names.append(baseline.name)
        yield from baseline.problems
    for item in vault.where(lambda row: row[KIND] == "project" and not row[FLAGS] & (ARCHIVED | TEMPLATE)):
        wanted = item.text("baseline")
        if wanted is not None and wanted not in names:
            hint = f"one of {', '.join(names)}" if names else f"planner plan baseline {wanted} takes it"
            message = f"baseline: there is no {FOLDER}/{wanted}.md"
            yield fault_in(vault, item, "baseline", "unknown-baseline", message, hint)
