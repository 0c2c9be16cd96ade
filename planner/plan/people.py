"""Whose time counts how: the calendars planner.toml names, and those of people, with their leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil, gcd

from planner.core.config import Config
from planner.core.hours import DEFAULT_HOURS
from planner.core.model import Item
from planner.core.values import DateRange, Duration
from planner.core.vault import Vault
from planner.plan.calendar import Calendar, together

DEFAULT = "default"

Shares = Sequence[tuple[Calendar, float]]
"""Who works on something: each one's calendar and the share of its time."""


def calendars(config: Config) -> Mapping[str, Calendar]:
    """The calendars of a vault by name; `default` is always among them."""
    return _calendars(tuple(config.calendars.items()))


@lru_cache(maxsize=8)
def _calendars(hours: tuple[tuple[str, object], ...]) -> Mapping[str, Calendar]:
    from planner.core.hours import WorkingHours

    told = {DEFAULT: DEFAULT_HOURS, **{name: h for name, h in hours if isinstance(h, WorkingHours)}}
    return {name: Calendar.of(name, h) for name, h in told.items()}


def calendar_of(vault: Vault, item: Item) -> Calendar:
    """The calendar an item is worked on: its own, else its project's, else the default."""
    known = calendars(vault.config)
    project = vault.resolve(item.project) if item.project else None
    for named in (item, project):
        name = named.text("calendar") if named is not None else None
        if name is not None and name in known:
            return known[name]
    return known[DEFAULT]


def person_calendar(vault: Vault, person: str, base: Calendar | None = None) -> Calendar:
    """Somebody's working time: their calendar, or another one to work on, without their leave."""
    item = vault.people.get(person)
    if item is None:
        return base or calendars(vault.config)[DEFAULT]
    leave = leave_of(item)
    plain = base or calendars(vault.config).get(item.text("calendar") or DEFAULT) or calendars(vault.config)[DEFAULT]
    return plain.without(leave) if leave else plain


def leave_of(person: Item) -> tuple[DateRange, ...]:
    """The days somebody is away."""
    value = person.fields.get("leave")
    return tuple(part for part in value if isinstance(part, DateRange)) if isinstance(value, tuple) else ()


def availability(person: Item, calendar: Calendar) -> float:
    """The share of a calendar's week that somebody works: `capacity` against its hours; above 1 for a crew."""
    capacity = person.fields.get("capacity")
    if not isinstance(capacity, Duration):
        return 1.0
    return calendar.length(capacity) / calendar.week_minutes


def capacities(vault: Vault) -> Mapping[str, float]:
    """The share of their own calendar that each person works."""
    return {name: availability(item, person_calendar(vault, name)) for name, item in vault.people.items()}


def spread(effort: int, shares: Shares, calendar: Calendar) -> tuple[Calendar, int]:
    """The clock on which an effort is worked off, and its length there: effort / sum of shares, minutes rounded up."""
    shares = [(clock, share) for clock, share in shares if share > 0]
    if not shares:
        return calendar, effort
    clocks = {id(clock): clock for clock, _ in shares}
    if len(clocks) == 1:
        return shares[0][0], ceil(round(effort / sum(share for _, share in shares), 6))
    weights = [max(1, round(share * 1000)) for _, share in shares]
    unit = gcd(*weights)
    parts = tuple((clock, weight // unit) for (clock, _), weight in zip(shares, weights, strict=True))
    return _together(parts), ceil(effort * 1000 / unit)


@lru_cache(maxsize=256)
def _together(parts: tuple[tuple[Calendar, int], ...]) -> Calendar:
    return together(parts)
