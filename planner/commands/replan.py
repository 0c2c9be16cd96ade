"""From a bar that is moved or stretched to the fields that say so: later, earlier, longer, shorter."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from planner.commands.tasks import Set
from planner.core.hours import DAY
from planner.core.model import Item
from planner.core.values import Constraint, Estimate, when_text
from planner.errors import Invalid
from planner.plan.calendar import Calendar, Moment, as_datetime, day_of, moment
from planner.plan.model import Activity, Dates

Plan: TypeAlias = tuple[Activity, Dates]
LEAST = 30
"""Minutes that each point of an estimate keeps."""


def shifted(item: Item, plan: Plan, when: Moment, *, by_day: bool) -> Set:
    """The item meant to start at a moment: its constraint's date where it has one, else `scheduled`.

    With `by_day` a day is written, moved on to one on which its calendar works. A date of the end (FNET, FNLT, MFO)
    is moved by as many days as the start. Raises Invalid for what is done or has begun.
    """
    activity, dates = plan
    if activity.finished:
        raise Invalid(f"{item.id} is done", "only what is still to be done can be moved")
    if activity.started:
        raise Invalid(f"{item.id} has begun", "( and ) change its end")
    if activity.summary:
        raise Invalid(f"{item.id} begins with the first thing in it", "move what it contains")
    later = when > dates.start
    clock = activity.calendar
    aim = _working_day(clock, day_of(when), later=later) if by_day else as_datetime(clock.next_start(when))
    constraint = item.fields.get("constraint")
    if not isinstance(constraint, Constraint) or constraint.when is None:
        return Set((item.path,), (f"scheduled={when_text(aim)}",))
    if constraint.type in {"FNET", "FNLT", "MFO"}:
        day = constraint.when.date() if isinstance(constraint.when, datetime) else constraint.when
        moved = date.fromordinal(day.toordinal() + (when - dates.start) // DAY)
        aim = _working_day(clock, moved, later=later)
    return Set((item.path,), (f"constraint={constraint.type} {when_text(aim)}",))


def stretched(item: Item, plan: Plan, by: int) -> Set:
    """The item so many working minutes longer, or shorter: its `remaining` once it has begun, else what says its length.

    Effort grows by what its people do in that time. Raises Invalid for what is done, is a point in time, consists of
    other work, or would have no length left.
    """
    activity, _ = plan
    if activity.finished:
        raise Invalid(f"{item.id} is done", "only what is still to be done can change its length")
    if activity.milestone:
        raise Invalid(f"{item.id} is a milestone: it has no length", "H and L move it")
    if activity.summary:
        raise Invalid(f"{item.id} ends with the last thing in it", "stretch what it contains")
    day = activity.calendar.day_minutes
    if activity.started:
        left = activity.remaining if activity.remaining is not None else activity.duration
        return Set((item.path,), (f"remaining={lasting(_longer(item, left, by), day)}",))
    if "duration" in item.fields or activity.effort is None or not activity.duration:
        name, now = ("duration" if "duration" in item.fields else "estimate"), activity.duration
        return _set_length(item, name, _longer(item, now, by), by, day)
    more = round(by * activity.effort / activity.duration)
    return _set_length(item, "estimate", _longer(item, activity.effort, more), more, day)


def _longer(item: Item, now: int, by: int) -> int:
    if now + by <= 0:
        raise Invalid(f"{item.id} would have no length left", "zoom in to shorten it by less")
    return now + by


def _set_length(item: Item, name: str, minutes: int, by: int, day: int) -> Set:
    """One length, or all three points of an estimate by the same, so that their mean goes with them."""
    text, estimate = lasting(minutes, day), item.fields.get("estimate")
    if name == "estimate" and isinstance(estimate, Estimate) and estimate.optimistic and estimate.pessimistic:
        points = (estimate.optimistic, estimate.likely, estimate.pessimistic)
        text = "/".join(lasting(max(LEAST, point.minutes(day) + by), day) for point in points)
    return Set((item.path,), (f"{name}={text}",))


def lasting(minutes: int, day: int) -> str:
    """Working minutes as files say them: whole days, hours and minutes, as in `2d4h`."""
    days, rest = divmod(minutes, day)
    hours, left = divmod(rest, 60)
    return "".join(f"{number}{unit}" for number, unit in ((days, "d"), (hours, "h"), (left, "m")) if number) or "0m"


def _working_day(calendar: Calendar, day: date, *, later: bool) -> date:
    """The day itself if it is worked on, else the next one, or the one before."""
    if calendar.minutes_on(day):
        return day
    start = moment(day)
    return day_of(calendar.next_start(start) if later else calendar.previous_finish(start) - 1)
