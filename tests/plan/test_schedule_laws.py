"""What holds for every network: no start before its logic, floats that are exact, and changes that work one way only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.hours import WorkingHours, parse_hours
from planner.core.values import DateRange
from planner.plan.calendar import ELAPSED, Calendar
from planner.plan.model import Activity, Dates, Link, Network, Schedule
from planner.plan.schedule import schedule
from tests.conftest import Claims
from tests.plan.networks import DAY, MONDAY, OFFICE
from tests.proof import times

PLANT = Calendar.of("plant", WorkingHours(parse_hours("Mon-Sat 06:00-14:00")))
NIGHT = Calendar.of("night", WorkingHours(parse_hours("Sun-Thu 22:00-06:00")))
pytestmark = pytest.mark.proof

CALENDARS = (OFFICE, PLANT, NIGHT)
LENGTHS = st.one_of(st.just(0), st.integers(1, 5 * DAY))


@st.composite
def networks(
    draw: st.DrawFn, kinds: str = "FS SS FF SF", least_lag: int = -2 * DAY, calendars: tuple[Calendar, ...] = CALENDARS
) -> Network:
    """Up to nine activities on several calendars, some elapsed, some milestones; links lead from earlier names on."""
    names = "ABCDEFGHI"[: draw(st.integers(1, 9))]
    activities = {}
    for name in names:
        minutes = draw(LENGTHS)
        activities[name] = Activity(
            name, name, name, duration=minutes, milestone=not minutes, elapsed=draw(st.booleans()) and bool(minutes),
            calendar=draw(st.sampled_from(calendars)),
        )  # fmt: skip
        if draw(st.integers(0, 5)) == 0:
            at = MONDAY + draw(st.integers(0, 10)) * 1440
            activities[name] = replace(activities[name], constraint="SNET", constraint_date=at)
    pairs = [(a, b) for a in names for b in names if a < b]
    links = [
        Link(a, b, draw(st.sampled_from(kinds.split())), draw(st.integers(least_lag, 2 * DAY)), draw(st.booleans()))
        for a, b in draw(st.lists(st.sampled_from(pairs), max_size=12, unique=True))
    ] if pairs else []  # fmt: skip
    return Network(activities, tuple(links), start=MONDAY, status=MONDAY)


def allowed(link: Link, plan: Schedule) -> tuple[int, int, Calendar]:
    """Where a link's successor has to stand, and where it stands, on the calendar that tells."""
    one, two = plan.dates[link.predecessor], plan.dates[link.successor]
    activity = plan.network.activities[link.successor]
    begin = one.early_finish if link.type in {"FS", "FF"} else one.early_start
    calendar = ELAPSED if link.elapsed else activity.calendar
    least = calendar.advance(begin, link.lag)
    return least, two.early_start if link.type in {"FS", "SS"} else two.early_finish, activity.calendar


def law(
    claims: Claims, name: str, strategy: st.SearchStrategy[Network], holds: Callable[[Network], bool], full: int
) -> None:
    """A sentence about every network, tried on so many; the failing one is shrunk by hypothesis."""
    count = times(full // 20, full)
    with claims(name, expect=count) as claim:

        @settings(max_examples=count, database=None)
        @given(strategy)
        def check(network: Network) -> None:
            assert claim.check(holds(network), network)

        check()


def test_nothing_starts_before_its_logic_allows(claims: Claims) -> None:
    def holds(network: Network) -> bool:
        plan = schedule(network)
        for link in network.links:
            least, stands, calendar = allowed(link, plan)
            if stands < least and calendar.between(stands, least) > 0:
                return False
        return all(starts_right(network.activities[name], dates) for name, dates in plan.dates.items())

    law(claims, "no activity starts before its logic allows, or later than it must", networks(), holds, 2000)


def starts_right(activity: Activity, dates: Dates) -> bool:
    """Whether it starts at once where nothing holds it, never before its date, and takes as long as it should."""
    clock = ELAPSED if activity.elapsed or activity.milestone else activity.calendar
    begin = max(MONDAY, activity.constraint_date or 0)
    at_once = bool(dates.driving) or dates.early_start == activity.calendar.next_start(begin)
    lasts = clock.between(dates.early_start, dates.early_finish) == activity.duration
    return at_once and lasts and dates.early_start >= begin


def test_total_float_is_what_it_may_slip_and_no_minute_more(claims: Claims) -> None:
    def holds(network: Network) -> bool:
        plan = schedule(network)
        return all(
            dates.critical == (dates.total_float <= 0)
            and dates.total_float >= 0  # without deadlines nothing is late
            and delayed(network, name, dates.total_float).finish == plan.finish
            and delayed(network, name, dates.total_float + 1).finish > plan.finish
            for name, dates in plan.dates.items()
            if counts_work(network, name)
        )

    law(claims, "total float is exact; critical work has none", networks(), holds, 2000)


def test_free_float_is_what_it_may_slip_without_moving_another(claims: Claims) -> None:
    def holds(network: Network) -> bool:
        plan = schedule(network)

        def moved(name: str, minutes: int) -> bool:
            then = delayed(network, name, minutes)
            return any(then.dates[other].start != dates.start for other, dates in plan.dates.items() if other != name)

        leading = {link.predecessor for link in network.links}
        return all(
            not moved(name, plan.dates[name].free_float) and moved(name, plan.dates[name].free_float + 1)
            for name in leading
            if counts_work(network, name)
        )

    law(claims, "free float is exact", networks(), holds, 1000)


def counts_work(network: Network, name: str) -> bool:
    """Whether an activity's float is counted by the minute of its own clock: not a milestone's, not elapsed work's."""
    activity = network.activities[name]
    return not activity.elapsed and not activity.milestone


def delayed(network: Network, name: str, minutes: int) -> Schedule:
    """The schedule where one activity starts so many working minutes later."""
    later = {**network.activities, name: replace(network.activities[name], leveling_delay=minutes)}
    return schedule(replace(network, activities=later))


def test_removing_a_link_never_makes_anything_later(claims: Claims) -> None:
    def holds(network: Network) -> bool:
        plan = schedule(network)
        freed = (
            schedule(replace(network, links=tuple(other for other in network.links if other != link)))
            for link in network.links
        )
        return all(never_earlier(then, plan) for then in freed)

    law(claims, "removing a dependency never makes anything later", networks(), holds, 1000)


def never_earlier(before: Schedule, after: Schedule) -> bool:
    return all(
        after.dates[name].early_start >= dates.early_start and after.dates[name].early_finish >= dates.early_finish
        for name, dates in before.dates.items()
    )


def test_a_holiday_never_makes_anything_earlier(claims: Claims) -> None:
    """Of work tied by its start: what is tied by its finish, or leads, begins earlier so as to end in time."""

    def holds(network: Network) -> bool:
        plan = schedule(network)
        return all(
            never_earlier(plan, closed(network, first, first + more)) for first in range(0, 12, 3) for more in (0, 2)
        )

    law(claims, "adding a holiday never makes anything earlier", networks(kinds="FS SS", least_lag=0), holds, 1000)


def closed(network: Network, first: int, last: int) -> Schedule:
    """The schedule where nobody works from one day to another, counted from the first Monday."""
    days = DateRange(date(2026, 11, 30) + timedelta(days=first), date(2026, 11, 30) + timedelta(days=last))
    away = {calendar: calendar.without([days]) for calendar in CALENDARS}
    activities = {name: replace(a, calendar=away[a.calendar]) for name, a in network.activities.items()}
    return schedule(replace(network, activities=activities))


def test_the_order_of_files_and_links_says_nothing(claims: Claims) -> None:
    def told(plan: Schedule) -> object:
        rows = {name: (replace(d, driving=()), frozenset(d.driving)) for name, d in plan.dates.items()}
        return rows, plan.critical, plan.finish, plan.conflicts

    def holds(network: Network) -> bool:
        names, links = list(network.activities), list(network.links)
        random = Random(len(links))
        random.shuffle(names)
        random.shuffle(links)
        activities = {name: network.activities[name] for name in names}
        again = Network(network.activities, network.links, network.start, network.status)
        shuffled = Network(activities, tuple(links), network.start, network.status)
        return told(schedule(network)) == told(schedule(again)) == told(schedule(shuffled))

    law(claims, "scheduling is deterministic and independent of file order", networks(), holds, 1000)
