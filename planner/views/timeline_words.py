"""The timeline without a picture: each row as a sentence, for pipes and screen readers, and as a record for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from planner.core.dates import MONTH_NAMES
from planner.core.vault import Vault
from planner.plan.calendar import Moment, as_datetime, last_day
from planner.plan.model import Activity
from planner.views.record import SCHEMA, JsonValue, Record, records
from planner.views.timeline import Row, Timeline


def sentence(row: Row, view: Timeline) -> str:
    """A row in words: `T-149 Merge driver, 26 Nov to 2 Dec, 5 days, critical, blocks T-153`."""
    name = f"{row.item.id} {row.title}" if row.item is not None and row.kind != "group" else row.title
    return ", ".join([name, *_facts(row, view)])


def _facts(row: Row, view: Timeline) -> Iterator[str]:
    activity = view.schedule.network.activities.get(row.path or "")
    if row.start is None or row.finish is None:
        yield "not scheduled"
    else:
        yield from _span(row, row.start, row.finish, activity, view.today)
    if row.kind == "group":
        yield f"{row.progress:.0%} done"
        return
    if row.done:
        yield "done"
    elif row.progress:
        yield f"{row.progress:.0%} done"
    if row.critical:
        yield "critical"
    elif row.float_minutes is not None and activity is not None:
        yield _slack(row.float_minutes, activity)
    if row.deadline is not None:
        late = row.finish is not None and row.finish > row.deadline and not row.done
        yield f"{'misses' if late else 'due'} {_day(last_day(row.deadline), view.today)}"
    yield from (" ".join(f"@{person}" for person in row.who),) if row.who else ()
    yield from _links(row, view)


def _span(row: Row, start: Moment, finish: Moment, activity: Activity | None, today: date) -> Iterator[str]:
    first, last = as_datetime(start).date(), last_day(max(finish, start + 1))
    if row.kind == "milestone":
        yield f"milestone on {_day(first, today)}"
        return
    yield _day(first, today) + (f" to {_day(last, today)}" if last != first else "")
    if activity is not None and not activity.summary:
        yield _length(activity.calendar.between(start, finish), activity.calendar.day_minutes)


def _links(row: Row, view: Timeline) -> Iterator[str]:
    activities, path = view.schedule.network.activities, row.path or ""
    for word, ids in (
        ("after", [activities[link.predecessor].id for link in view.before.get(path, ())]),
        ("blocks", [activities[link.successor].id for link in view.after.get(path, ())]),
    ):
        if ids:
            yield f"{word} {' '.join(ids)}"


def _slack(minutes: int, activity: Activity) -> str:
    length = _length(abs(minutes), activity.calendar.day_minutes)
    return f"{length} of slack" if minutes >= 0 else f"{length} late"


def _length(minutes: int, day: int) -> str:
    """Working time in days, below one in hours, below one in minutes."""
    size, unit = (day, "day") if minutes >= day else (60, "hour") if minutes >= 60 else (1, "minute")
    said = f"{minutes / size:.1f}".removesuffix(".0")
    return f"{said} {unit}{'' if said == '1' else 's'}"


def _day(day: date, today: date) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTH_NAMES[day.month - 1]}{year}"


def timeline_record(view: Timeline, vault: Vault) -> Record:
    """The timeline as one document: rows in the order of the tree, links, the finish, the critical path, and the items."""
    schedule = view.schedule
    ids = {path: activity.id for path, activity in schedule.network.activities.items()}
    shown = {row.path for row in view.rows}
    rows: list[JsonValue] = [_row_record(row) for row in view.rows]
    links: list[JsonValue] = [
        {"from": ids[link.predecessor], "to": ids[link.successor], "type": link.type, "lag_minutes": link.lag}
        for link in schedule.network.links
        if link.predecessor in shown and link.successor in shown
    ]
    critical: list[JsonValue] = [ids[path] for path in schedule.critical if path in shown]
    items = [row.item for row in view.rows if row.item is not None]
    return {
        "schema": SCHEMA,
        "finish": _iso(schedule.finish),
        "critical": critical,
        "rows": rows,
        "links": links,
        "items": [*records(items, vault, view.today)],
    }


def _row_record(row: Row) -> Record:
    baseline = row.baseline
    return {
        "id": row.item.id if row.item is not None else None,
        "kind": row.kind,
        "title": row.title,
        "depth": row.depth,
        "start": _iso(row.start),
        "finish": _iso(row.finish),
        "progress": round(row.progress, 4),
        "critical": row.critical,
        "total_float_minutes": row.float_minutes,
        "deadline": _iso(row.deadline),
        "baseline": None if baseline is None else {"start": _iso(baseline[0]), "finish": _iso(baseline[1])},
    }


def _iso(when: Moment | None) -> str | None:
    return None if when is None else as_datetime(when).isoformat(timespec="minutes")
