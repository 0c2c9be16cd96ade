"""Faults that make a plan wrong where each file is right: no time, two currencies, estimates out of order, no baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.currency import currencies, moneys, project_of
from planner.core.frozen import FOLDER, from_text
from planner.core.hours import DEFAULT_HOURS, WorkingHours
from planner.core.model import Item, Problem
from planner.core.shelf import KIND
from planner.core.spot import fault_in
from planner.core.values import Duration, Money

if TYPE_CHECKING:
    from planner.core.vault import Vault


def plan_faults(vault: Vault) -> Iterator[Problem]:
    """Every such fault of a vault."""
    yield from _capacity(vault)
    yield from _currencies(vault)
    yield from _estimates(vault)
    yield from _baselines(vault)


def _capacity(vault: Vault) -> Iterator[Problem]:
    """People who are to do something and have no time, and tasks that ask for none of anybody's."""
    busy: dict[str, int] = {}
    for item in vault.planned:
        if vault.is_open(item) and item.has_workflow:
            for name in item.assignees:
                busy[name] = busy.get(name, 0) + 1
            units = item.fields.get("units")
            if item.assignees and isinstance(units, tuple) and units and not any(units):
                message = "units: nobody gives it any time"
                yield fault_in(vault, item, "units", "no-capacity", message, "write how much of their time it takes")
    for id_, person in vault.people.items():
        capacity = person.fields.get("capacity")
        if isinstance(capacity, Duration) and not capacity.minutes() and busy.get(id_):
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


def _estimates(vault: Vault) -> Iterator[Problem]:
    """Three points that are out of order on the calendar they are counted on: `9h/1d/2d` where a day has eight hours."""
    for item in vault.planned:
        estimate = item.estimate
        if estimate is None or estimate.optimistic is None or estimate.pessimistic is None:
            continue
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
    for item in vault.planned:
        wanted = item.text("baseline")
        if item.kind == "project" and wanted is not None and wanted not in names:
            hint = f"one of {', '.join(names)}" if names else f"planner plan baseline {wanted} takes it"
            message = f"baseline: there is no {FOLDER}/{wanted}.md"
            yield fault_in(vault, item, "baseline", "unknown-baseline", message, hint)
