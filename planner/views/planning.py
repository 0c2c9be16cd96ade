"""What plans say of themselves as JSON: baselines, comparisons, earned value, risk and workload, versioned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from planner.core.currency import rounded
from planner.core.frozen import Baseline, Frozen
from planner.core.values import Money
from planner.plan.baseline import Comparison, Trend, Variance
from planner.plan.earned_value import Measures
from planner.plan.value import ProjectValue
from planner.plan.workload import Suggestion, Vacancy, Workload
from planner.views.record import SCHEMA, JsonValue, Record


def instant(when: datetime) -> str:
    """A local instant as ISO 8601, to the minute."""
    return when.isoformat(timespec="minutes")


def amount(value: Decimal | None) -> str | None:
    """An amount of money with two decimals, as text so that no cent is lost; None where it is undefined."""
    return None if value is None else str(rounded(value))


def index(value: Decimal | None) -> float | None:
    """An index with three decimals, None where it is undefined."""
    return None if value is None else float(rounded(value, 3))


def _money(value: Money | None) -> JsonValue:
    return None if value is None else {"amount": amount(value.amount), "currency": value.currency}


# ---- baselines -------------------------------------------------------------------------------------------------------


def baselines_record(known: Iterable[Baseline]) -> Record:
    """Every baseline, without its rows."""
    return {"schema": SCHEMA, "baselines": [{**_baseline(each), "items": len(each.rows)} for each in known]}


def _baseline(each: Baseline) -> Record:
    return {"name": each.name, "taken": each.taken.isoformat(), "commit": each.commit or None}


def comparison_record(found: Comparison) -> Record:
    """A plan against a baseline; variances are now − then, slips in working days, lengths in minutes."""
    was, now = found.before.finish, found.after.finish
    return {
        "schema": SCHEMA,
        "baseline": _baseline(found.before),
        "finish": {
            "before": None if was is None else instant(was),
            "after": None if now is None else instant(now),
            "slip": None if found.slip is None else round(found.slip, 3),
        },
        "projects": [
            {
                "id": each.project,
                "before": instant(each.before),
                "after": instant(each.after),
                "slip": round(each.slip, 3),
            }
            for each in found.projects
        ],
        "effort_minutes": found.effort,
        "cost": {currency: amount(value) for currency, value in found.cost.items()},
        "items": [_variance(each) for each in found.items],
        "added": [_frozen(row) for row in found.added],
        "removed": [_frozen(row) for row in found.removed],
    }


def _variance(each: Variance) -> Record:
    return {
        "id": each.after.id,
        "kind": each.after.kind,
        "title": each.after.title,
        "before": {"start": instant(each.before.start), "finish": instant(each.before.finish)},
        "after": {"start": instant(each.after.start), "finish": instant(each.after.finish)},
        "slip": round(each.slip, 3),
        "start_variance": round(each.start / each.day_minutes, 3),
        "duration_minutes": each.duration,
        "effort_minutes": each.effort,
        "cost": _money(each.cost),
    }


def _frozen(row: Frozen) -> Record:
    return {
        "id": row.id, "kind": row.kind, "project": row.project or None, "title": row.title, "start": instant(row.start),
        "finish": instant(row.finish), "duration_minutes": row.duration, "effort_minutes": row.effort, "cost": _money(row.cost),
    }  # fmt: skip


def trend_record(plans: Sequence[Baseline], found: Iterable[Trend]) -> Record:
    """Where each milestone was forecast at each of several commits."""
    return {
        "schema": SCHEMA,
        "plans": [_baseline(plan) for plan in plans],
        "milestones": [
            {
                "id": each.id,
                "title": each.title,
                "forecasts": [None if m is None else instant(m) for m in each.forecasts],
            }
            for each in found
        ],
    }


# ---- earned value ----------------------------------------------------------------------------------------------------


def value_record(projects: Iterable[ProjectValue]) -> Record:
    """Earned value of projects; money as text with two decimals, what is undefined as null."""
    return {"schema": SCHEMA, "projects": [_project(each) for each in projects]}


def _project(each: ProjectValue) -> Record:
    tasks: list[JsonValue] = [
        {"id": task.row.id, "title": task.row.title, "earned": index(task.earned), **measures_record(task.measures)}
        for task in each.tasks
    ]
    return {
        "id": each.id,
        "title": each.title,
        "currency": each.currency or None,
        "baseline": each.baseline or None,
        "budget": amount(each.budget),
        **measures_record(each.measures),
        "earned_schedule": float(rounded(each.pace.es)),
        "actual_time": float(each.pace.at),
        "sv_t": float(rounded(each.pace.sv_t)),
        "spi_t": index(each.pace.spi_t),
        "forecast": amount(each.forecast),
        "alarm": each.alarm or None,
        "tasks": tasks,
    }


def measures_record(m: Measures) -> Mapping[str, JsonValue]:
    """All measures and indices of earned value."""
    return {
        "bac": amount(m.bac), "pv": amount(m.pv), "ev": amount(m.ev), "ac": amount(m.ac), "sv": amount(m.sv),
        "cv": amount(m.cv), "spi": index(m.spi), "cpi": index(m.cpi), "eac": amount(m.eac),
        "eac_atypical": amount(m.eac_atypical), "eac_both": amount(m.eac_both), "etc": amount(m.etc), "vac": amount(m.vac),
        "tcpi": index(m.tcpi), "tcpi_eac": index(m.tcpi_eac),
    }  # fmt: skip


# ---- workload --------------------------------------------------------------------------------------------------------


def workload_record(
    load: Workload,
    names: Mapping[str, str],
    suggested: Mapping[str, Sequence[Suggestion]],
    open_roles: Iterable[Vacancy],
) -> Record:
    """Loads and capacities in minutes by row and stretch; `names` has the ids of paths."""
    rows: list[JsonValue] = [
        {
            "id": row.id,
            "name": row.name,
            "cells": [
                {
                    "load": cell.load,
                    "capacity": cell.capacity,
                    "over": cell.over,
                    "tasks": [{"id": names[path], "minutes": minutes} for path, minutes in cell.causes],
                }
                for cell in row.cells
            ],
        }
        for row in load.rows
    ]
    return {
        "schema": SCHEMA,
        "by": load.by,
        "starts": [day.isoformat() for day in load.starts[:-1]],
        "until": load.starts[-1].isoformat(),
        "rows": rows,
        "unscheduled": [
            {"id": names[each.path], "minutes": each.minutes, "assumed": each.assumed} for each in load.unscheduled
        ],
        "unassigned": [
            {"id": names[each.path], "minutes": each.minutes, "assumed": each.assumed} for each in load.unassigned
        ],
        "vacancies": [
            {"project": each.project, "role": each.role, "units": round(100 * each.share)} for each in open_roles
        ],
        "suggestions": {
            names[path]: [
                {"person": s.person, "level": s.level, "free": s.free, "wanted": s.wanted, "fits": s.fits}
                for s in found
            ]
            for path, found in suggested.items()
        },
    }
