"""Networks for tests from one line a task: `D 3 (B, C SS+1)`, its days and its predecessors with lags in days."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, cast

from planner.core.hours import DEFAULT_HOURS
from planner.plan.calendar import Calendar, moment
from planner.plan.model import Activity, Link, LinkType, Network

OFFICE = Calendar.of("office", DEFAULT_HOURS)
MONDAY = moment(date(2026, 11, 30))
DAY = OFFICE.day_minutes

_LINE = re.compile(r"(\w+) ([\d./]+)(?: \((.*)\))?")
_LINK = re.compile(r"(\w+)(?: (FS|SS|FF|SF)?(?:([+-][\d.]+)(ed)?)?)?")


def network(lines: str | Iterable[str], calendar: Calendar = OFFICE, **changes: dict[str, Any]) -> Network:
    """A network that begins on a Monday; `changes` sets further fields of a task by its name."""
    activities: dict[str, Activity] = {}
    links: list[Link] = []
    for line in lines.strip().splitlines() if isinstance(lines, str) else lines:
        match = _LINE.fullmatch(line.strip())
        assert match, line
        name, days, before = match.groups()
        minutes = round(Fraction(days) * calendar.day_minutes)
        activities[name] = Activity(name, name, name, duration=minutes, milestone=minutes == 0, calendar=calendar)
        links += [_link(text, name, calendar) for text in (before or "").split(", ") if text]
    for name, fields in changes.items():
        activities[name] = replace(activities[name], **fields)
    return Network(activities, tuple(links), start=MONDAY, status=MONDAY)


def _link(text: str, name: str, calendar: Calendar) -> Link:
    match = _LINK.fullmatch(text)
    assert match, text
    day = 1440 if match[4] else calendar.day_minutes
    kind = cast("LinkType", match[2] or "FS")
    return Link(match[1], name, kind, round(Fraction(match[3] or 0) * day), elapsed=bool(match[4]))
