"""Where the values of a field are found on an item, computed fields among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from planner.core.fields import Field, FieldType
from planner.core.model import Item
from planner.core.values import Duration
from planner.query.scope import Scope

Getter: TypeAlias = Callable[[Item], tuple[object, ...]]

COMPUTED: Mapping[str, Field] = {
    "category": Field("category", FieldType.STATE, "what the state means: triage, backlog, unstarted, started …"),
    "urgency": Field("urgency", FieldType.NUMBER, "how much it presses"),
    "path": Field("path", FieldType.TEXT, "the file it stands in"),
    "checklist": Field("checklist", FieldType.TEXT, "its steps", many=True),
    "log": Field("log", FieldType.TEXT, "what was noted on it", many=True),
    "early_start": Field("early_start", FieldType.DATE, "the first day it can be worked on"),
    "early_finish": Field("early_finish", FieldType.DATE, "the first day it can be done"),
    "late_start": Field("late_start", FieldType.DATE, "the last day to begin it without delaying the end"),
    "late_finish": Field("late_finish", FieldType.DATE, "the last day to have it done without delaying the end"),
    "total_float": Field("total_float", FieldType.DURATION, "working time it may slip without delaying the end"),
    "free_float": Field("free_float", FieldType.DURATION, "working time it may slip without moving any other"),
    "critical": Field("critical", FieldType.YES_NO, "whether it has no float left"),
}
"""Queryable, sortable, and in no file's header; the schedule is computed only where one of its words is used."""


def field_of(name: str, scope: Scope) -> Field | None:
    """The row of a field by canonical name, computed fields included; None for one that nobody described."""
    return scope.vault.config.field(name) or COMPUTED.get(name)


def getter(name: str, scope: Scope) -> Getter:
    """A function from an item to its values of that field; empty where it is not set."""
    if (special := _SPECIAL.get(name)) is not None:
        return special(scope)

    def get(item: Item) -> tuple[object, ...]:
        value = item.fields.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    return get


def _of(value: object) -> tuple[object, ...]:
    return () if value is None else (value,)


def _urgency(scope: Scope) -> Getter:
    from planner.query.urgency import moment, urgency

    now: datetime = scope.now or moment(scope.today)
    return lambda item: (urgency(item, scope.vault, now),)


def _planned_day(name: str) -> Callable[[Scope], Getter]:
    """A date of the schedule as a day; of what is not planned, the field of that name."""

    def of_scope(scope: Scope) -> Getter:
        from planner.plan.calendar import day_of, last_day

        dates = scope.plan.dates
        read = last_day if name.endswith("finish") else day_of

        def get(item: Item) -> tuple[object, ...]:
            if item.path not in dates or item.kind == "project":
                return _of(item.when(name))
            return (read(getattr(dates[item.path], name)),)

        return get

    return of_scope


def _slack(name: str) -> Callable[[Scope], Getter]:
    def of_scope(scope: Scope) -> Getter:
        dates, activities = scope.plan.dates, scope.plan.network.activities

        def get(item: Item) -> tuple[object, ...]:
            if item.path not in dates:
                return ()
            minutes: int = getattr(dates[item.path], name)
            return (Duration(activities[item.path].calendar.text(minutes), ((Decimal(minutes), "m"),)),)

        return get

    return of_scope


def _critical(scope: Scope) -> Getter:
    dates = scope.plan.dates
    return lambda item: (dates[item.path].critical,) if item.path in dates else ()


_DAYS = ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")
PLANNED = frozenset({*_DAYS, "total_float", "free_float", "critical"})
"""What the schedule says of an item."""

_SPECIAL: Mapping[str, Callable[[Scope], Getter]] = {
    "id": lambda _: lambda item: (item.id,),
    "kind": lambda _: lambda item: (item.kind,),
    "title": lambda _: lambda item: (item.title,),
    "path": lambda _: lambda item: (item.path,),
    "status": lambda _: lambda item: _of(item.status),
    "archived": lambda _: lambda item: (item.archived,),
    "category": lambda scope: lambda item: _of(scope.category(item)),
    "checklist": lambda _: lambda item: tuple(step.text for step in item.body.checklist),
    "log": lambda _: lambda item: tuple(entry.text for entry in item.body.log),
    "urgency": _urgency,
    **{name: _planned_day(name) for name in _DAYS},
    "total_float": _slack("total_float"),
    "free_float": _slack("free_float"),
    "critical": _critical,
}
