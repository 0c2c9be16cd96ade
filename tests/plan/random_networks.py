"""Networks at random: several people's calendars, every type of link with lags, constraints, work begun and done."""

from __future__ import annotations

from datetime import date
from random import Random

from planner.core.hours import DEFAULT_HOURS, WorkingHours, parse_hours
from planner.core.values import parse_range
from planner.plan.calendar import Calendar, moment
from planner.plan.model import Activity, ConstraintType, Link, LinkType, Network

START = moment(date(2026, 11, 25))
OFFICE = Calendar.of("default", DEFAULT_HOURS)
PEOPLE = (
    OFFICE,
    OFFICE.without([parse_range("2026-12-01..2026-12-04"), parse_range("2026-12-24..2027-01-06")]),
    Calendar.of("early", WorkingHours(parse_hours("Mon-Thu 06:00-14:00, Fri 06:00-10:00"))),
    Calendar.of("nights", WorkingHours(parse_hours("Mon-Fri 22:00-06:00"))),
)

_TYPES: tuple[LinkType, ...] = ("FS", "FS", "FS", "SS", "FF", "SF")
_RULES: tuple[ConstraintType, ...] = ("ASAP", "ASAP", "ASAP", "SNET", "FNET", "MSO", "MFO", "FNLT", "SNLT")


def a_network(random: Random, most: int = 12) -> Network:
    """A network of 1 to `most` activities."""
    names = [f"t{number:02}" for number in range(random.randint(1, most))]
    activities = {name: _activity(name, random) for name in names}
    links = [
        Link(one, other, random.choice(_TYPES), random.choice([0, 0, 0, 480, -240, 1440]), random.random() < 0.2)
        for number, other in enumerate(names)
        for one in names[:number]
        if random.random() < 0.3
    ]
    return Network(activities, tuple(links), start=START - 20_000, status=START)


def _activity(name: str, random: Random) -> Activity:
    duration = random.choice([0, 60, 480, 960, 2400])
    rule = random.choice(_RULES)
    begun = random.random() < 0.2
    start = OFFICE.next_start(START - random.randint(500, 20_000)) if begun else None
    done = begun and random.random() < 0.5
    return Activity(
        path=name,
        id=name,
        title=name,
        duration=duration,
        elapsed=random.random() < 0.1,
        calendar=OFFICE,
        clock=random.choice([None, *PEOPLE]),
        constraint=rule,
        constraint_date=None if rule == "ASAP" else START + random.randint(0, 30_000),
        not_before=START + random.randint(0, 9_000) if random.random() < 0.2 else None,
        actual_start=start,
        actual_finish=start + 300 if start is not None and done else None,
        remaining=None if not begun else 0 if done else duration // 2,
        milestone=not duration,
        leveling_delay=random.choice([0, 0, 0, 480]),
    )
