"""What holds for every network: no start before its logic, floats that are exact, and changes that work one way only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.hours import WorkingHours, parse_hours
from planner.core.values import DateRange
from planner.plan.calendar import ELAPSED, Calendar
from planner.plan.model import Activity, Link, Network, Schedule
from planner.plan.schedule import schedule
from tests.plan.networks import DAY, MONDAY, OFFICE
from tests.proof import times

PLANT = Calendar.of("plant", WorkingHours(parse_hours("Mon-Sat 06:00-14:00")))
NIGHT = Calendar.of("night", WorkingHours(parse_hours("Sun-Thu 22:00-06:00")))
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


@given(networks())
@settings(max_examples=times(100, 2000))
def test_nothing_starts_before_its_logic_allows(network: Network) -> None:
    plan = schedule(network)
    for link in network.links:
        least, stands, calendar = allowed(link, plan)
        assert stands >= least or calendar.between(stands, least) <= 0, link
    for name, activity in network.activities.items():
        dates = plan.dates[name]
        clock = ELAPSED if activity.elapsed or activity.milestone else activity.calendar
        assert dates.early_start >= max(MONDAY, activity.constraint_date or 0)
        assert clock.between(dates.early_start, dates.early_finish) == activity.duration
        if dates.driving == ():
            begin = max(MONDAY, activity.constraint_date or 0)
            assert dates.early_start == activity.calendar.next_start(begin), "nothing holds it, so it starts at once"


@given(networks())
@settings(max_examples=times(100, 2000))
def test_total_float_is_what_it_may_slip_and_no_minute_more(network: Network) -> None:
    plan = schedule(network)
    for name, dates in plan.dates.items():
        activity = network.activities[name]
        assert dates.critical == (dates.total_float <= 0)
        assert dates.total_float >= 0, "without deadlines nothing is late"
        if activity.elapsed or activity.milestone:
            continue
        late = {**network.activities, name: replace(activity, leveling_delay=dates.total_float)}
        assert schedule(replace(network, activities=late)).finish == plan.finish
        later = {**network.activities, name: replace(activity, leveling_delay=dates.total_float + 1)}
        assert schedule(replace(network, activities=later)).finish > plan.finish


@given(networks())
@settings(max_examples=times(60, 1000))
def test_free_float_is_what_it_may_slip_without_moving_another(network: Network) -> None:
    plan = schedule(network)
    for name, dates in plan.dates.items():
        activity = network.activities[name]
        if activity.elapsed or activity.milestone or not any(link.predecessor == name for link in network.links):
            continue
        for more, moves in ((0, False), (1, True)):
            slipped = {**network.activities, name: replace(activity, leveling_delay=dates.free_float + more)}
            then = schedule(replace(network, activities=slipped))
            moved = any(then.dates[other].start != plan.dates[other].start for other in plan.dates if other != name)
            assert moved == moves


@given(networks())
@settings(max_examples=times(60, 1000))
def test_removing_a_link_never_makes_anything_later(network: Network) -> None:
    plan = schedule(network)
    for link in network.links:
        freed = schedule(replace(network, links=tuple(other for other in network.links if other != link)))
        for name, dates in freed.dates.items():
            assert dates.early_start <= plan.dates[name].early_start
            assert dates.early_finish <= plan.dates[name].early_finish


@given(networks(kinds="FS SS", least_lag=0), st.integers(0, 20), st.integers(0, 3))
@settings(max_examples=times(60, 1000))
def test_a_holiday_never_makes_anything_earlier(network: Network, first: int, more: int) -> None:
    """Of work tied by its start: what is tied by its finish, or leads, begins earlier so as to end in time."""
    plan = schedule(network)
    day = date(2026, 11, 30) + timedelta(days=first)
    away = {calendar: calendar.without([DateRange(day, day + timedelta(days=more))]) for calendar in CALENDARS}
    activities = {name: replace(a, calendar=away[a.calendar]) for name, a in network.activities.items()}
    then = schedule(replace(network, activities=activities))
    for name, dates in then.dates.items():
        assert dates.early_start >= plan.dates[name].early_start
        assert dates.early_finish >= plan.dates[name].early_finish


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=times(40, 500))
def test_the_order_of_files_and_links_says_nothing(network: Network, random: object) -> None:
    names, links = list(network.activities), list(network.links)
    random.shuffle(names)  # type: ignore[attr-defined]  # hypothesis gives a Random
    random.shuffle(links)  # type: ignore[attr-defined]
    other = Network({name: network.activities[name] for name in names}, tuple(links), network.start, network.status)
    one, two = schedule(network), schedule(other)
    assert {n: replace(d, driving=()) for n, d in one.dates.items()} == {
        n: replace(d, driving=()) for n, d in two.dates.items()
    }
    assert {n: set(d.driving) for n, d in one.dates.items()} == {n: set(d.driving) for n, d in two.dates.items()}
    assert (one.critical, one.finish, one.conflicts) == (two.critical, two.finish, two.conflicts)
