"""Items as JSON: every set field under its canonical name, what follows from others under `computed`, versioned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from planner.core.model import Item, Problem
from planner.core.values import Duration, Estimate, SpentEntry, when_text
from planner.core.vault import Vault
from planner.query.nodes import Is
from planner.query.scope import Scope
from planner.query.states import Predicate, state
from planner.query.urgency import moment, urgency
from planner.views.board import Board, Column
from planner.views.calendar import Calendar
from planner.views.facts import problems_of

if TYPE_CHECKING:
    from planner.plan.model import Schedule

SCHEMA = 1
JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
Record: TypeAlias = "dict[str, JsonValue]"

_ENVELOPE = frozenset({"id", "kind", "title", "status", "path", "line", "problems", "computed"})


def record(item: Item, vault: Vault, today: date) -> Record:
    """One item; a broken one has its stem as id, no status, and its problems."""
    return records([item], vault, today)[0]


def records(items: Iterable[Item], vault: Vault, today: date, plan: Schedule | None = None) -> list[Record]:
    """Some items, each as `record` gives it, with the dates of a schedule where one is given."""
    scope = Scope(vault, today)
    facts = {word: state(Is(word), scope) for word in ("blocked", "ready", "overdue")}
    found = []
    for item in items:
        row = _record(item, vault, today, facts)
        if plan is not None and item.path in plan.dates:
            row["computed"] = {**row["computed"], **_planned(item.path, plan)}
        found.append(row)
    return found


def _planned(path: str, plan: Schedule) -> Record:
    """What the schedule says of one item: dates as local time, floats as durations and in minutes."""
    from planner.plan.calendar import as_datetime

    dates, activity, activities = plan.dates[path], plan.network.activities[path], plan.network.activities
    moments = ("start", "finish", "early_start", "early_finish", "late_start", "late_finish")
    floats = {"total_float": dates.total_float, "free_float": dates.free_float}
    return {
        **{name: when_text(as_datetime(getattr(dates, name))) for name in moments},
        **{name: activity.calendar.text(minutes) for name, minutes in floats.items()},
        **{f"{name}_minutes": minutes for name, minutes in floats.items()},
        "critical": dates.critical,
        "assumed": activity.assumed,
        "driving": [activities[driver].id for driver in dates.driving],
    }


def plan_record(vault: Vault, today: date, plan: Schedule, shown: Iterable[str]) -> Record:
    """A schedule as one document: the items shown with their dates, the finish of all, critical ids, conflicts."""
    from planner.plan.calendar import as_datetime

    activities = plan.network.activities
    items = [item for path in shown if path in plan.dates and (item := vault.files[path].item) is not None]
    return {
        "schema": SCHEMA,
        "items": [*records(items, vault, today, plan)],
        "finish": when_text(as_datetime(plan.finish)) if plan.network.activities else None,
        "critical": [activities[path].id for path in plan.critical],
        "conflicts": [
            {"id": activities[c.path].id, "rule": c.rule, "by": activities[c.path].calendar.text(c.minutes),
             "minutes": c.minutes}
            for c in plan.conflicts
        ],
    }  # fmt: skip


def _record(item: Item, vault: Vault, today: date, facts: Mapping[str, Predicate]) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "title": item.title,
        "status": item.status,
        **{name: json_value(value) for name, value in item.fields.items() if name not in _ENVELOPE},
        "path": item.path,
        "line": item.line,
        "problems": [problem_record(fault) for fault in problems_of(item, vault)],
        "computed": _computed(item, vault, today, facts),
    }


def show_record(item: Item, vault: Vault, today: date) -> Record:
    """One item with its body, checklist, log, and the ids (of notes: paths) of what links to it."""
    from planner.plan.planned import planned

    text = vault.text(item.path)
    return {
        **records([item], vault, today, planned(vault, today))[0],
        "body": text if item.broken else text[item.body.start :],
        "checklist": [{"number": step.number, "text": step.text, "done": step.done} for step in item.body.checklist],
        "log": [{"when": entry.when, "who": entry.who, "text": entry.text} for entry in item.body.log],
        "backlinks": [_name(path, vault) for path in vault.backlinks.get(item.path, ())],
    }


def items_record(items: Iterable[Item], vault: Vault, today: date, plan: Schedule | None = None) -> Record:
    """A list of items as one document, with the dates of a schedule where one is given."""
    return {"schema": SCHEMA, "items": [*records(items, vault, today, plan)]}


def board_record(board: Board, vault: Vault, today: date) -> Record:
    """A board as one document: its columns by ids, its cards once each."""
    cards = {item.path: item for column in board.columns for item in column.items}
    columns: list[JsonValue] = [_column(column) for column in board.columns]
    return {"schema": SCHEMA, "columns": columns, "items": [*records(cards.values(), vault, today)]}


def _column(column: Column) -> Record:
    return {
        "status": column.status,
        "category": column.category,
        "limit": column.limit,
        "count": column.count,
        "wip": column.wip,
        "items": [item.id for item in column.items],
    }


def calendar_record(view: Calendar, vault: Vault, today: date) -> Record:
    """A calendar as one document: the days that have events, and its items once each."""
    days: list[JsonValue] = [
        {
            "day": day.day.isoformat(),
            "events": [
                {"kind": event.kind, "id": event.item.id, "when": when_text(event.when), "late": event.late}
                for event in day.events
            ],
        }
        for day in view.days
        if day.events
    ]
    span: Record = {"span": view.span, "first": view.first.isoformat(), "last": view.last.isoformat()}
    return {"schema": SCHEMA, **span, "days": days, "items": [*records(view.items, vault, today)]}


def problem_record(problem: Problem) -> Record:
    """One fault as `check --json` lists it."""
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def json_value(value: object) -> JsonValue:
    """A field's value as JSON: lists are lists, dates ISO, numbers numbers, anything else the text that was typed."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case date():
            return when_text(value)
        case Mapping():
            return {str(key): json_value(part) for key, part in value.items()}
        case tuple() | list():
            return [json_value(part) for part in value]
    return str(value)


def _computed(item: Item, vault: Vault, today: date, facts: Mapping[str, Predicate]) -> Record:
    blocked_by = vault.blockers(item) if vault.is_open(item) else ()
    computed: Record = {word: holds(item) for word, holds in facts.items()}
    computed["blocked_by"] = [other.id for other in blocked_by]
    if item.has_workflow:
        computed["urgency"] = round(urgency(item, vault, moment(today)), 4)
    computed.update(_minutes(item))
    if item.body.checklist:
        computed["checklist_done"] = item.body.done
        computed["checklist_total"] = len(item.body.checklist)
    return computed


def _minutes(item: Item) -> Iterator[tuple[str, JsonValue]]:
    """Durations and estimates in minutes of working time; of a list of them, a list; of time spent, the sum."""
    for name, value in item.fields.items():
        match value:
            case Duration():
                yield f"{name}_minutes", value.minutes()
            case Estimate():
                yield f"{name}_minutes", value.likely.minutes()
            case (Duration(), *_):
                yield f"{name}_minutes", [part.minutes() for part in value if isinstance(part, Duration)]
            case (SpentEntry(), *_):
                yield f"{name}_minutes", sum(part.duration.minutes() for part in value if isinstance(part, SpentEntry))


def _name(path: str, vault: Vault) -> str:
    item = vault.files[path].item
    return item.id if item is not None else path
