"""The risk page: register, matrix, contingency, and what the simulation says of every date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.plan.calendar import end_of, last_day
from planner.plan.model import Activity, Schedule
from planner.plan.risk import Risk, contingency, matrix, register
from planner.plan.simulation import PERCENTILES, Simulation, error_of_chance
from planner.plan.uncertainty import critical_chain
from planner.views.planning import amount
from planner.views.record import SCHEMA, JsonValue, Record

SHOWN = 5  # of what moves a finish most


@dataclass(frozen=True, slots=True)
class Forecast:
    """When something will be finished with the chances of `PERCENTILES`, and how likely its target date is."""

    id: str
    title: str
    days: tuple[date, ...]
    target: date | None  # the last day that is still in time
    chance: float | None  # of keeping it, 0 to 1
    chance_error: float  # standard error of that
    error: float  # standard error of the mean finish, in working days


@dataclass(frozen=True, slots=True)
class Driver:
    """A task or a risk, and how much the finish hangs on it."""

    id: str
    title: str
    criticality: float | None  # None for a risk
    sensitivity: float


@dataclass(frozen=True, slots=True)
class Hinge:
    """A project, and what its finish hangs on, the strongest first; beside that what PERT says of its critical path alone."""

    id: str
    title: str
    drivers: tuple[Driver, ...]
    sigma: float  # of the critical path, in working days
    chance: float | None  # that the critical path alone keeps the project's target


@dataclass(frozen=True, slots=True)
class RiskView:
    """All of the page."""

    register: tuple[Risk, ...]
    matrix: Mapping[tuple[int, int], tuple[Risk, ...]]
    contingency: Mapping[str, Decimal]
    forecasts: tuple[Forecast, ...]
    hinges: tuple[Hinge, ...]
    runs: int
    seed: int
    distribution: str
    percentiles: tuple[int, ...] = PERCENTILES


def risk_view(vault: Vault, schedule: Schedule, simulation: Simulation, today: date) -> RiskView:
    """The page of a vault whose schedule was simulated; forecasts by date, drivers by their strength."""
    rows = register(vault, today)
    activities = schedule.network.activities
    watched = [activities[path] for path in simulation.finishes if path is not None]
    forecasts = sorted((_forecast(vault, simulation, each) for each in watched), key=lambda each: (each.days, each.id))
    hinges = (_hinge(vault, schedule, simulation, each) for each in watched if each.kind == "project")
    return RiskView(
        rows,
        matrix(rows),
        contingency(rows),
        tuple(forecasts),
        tuple(hinge for hinge in hinges if hinge.drivers),
        simulation.runs,
        simulation.seed,
        simulation.distribution,
    )


def _forecast(vault: Vault, simulation: Simulation, activity: Activity) -> Forecast:
    path = activity.path
    target = activity.deadline or _target(vault, activity)
    chance = None if target is None else simulation.chance(target, path)
    return Forecast(
        activity.id,
        activity.title,
        tuple(last_day(simulation.finish(percent, path)) for percent in PERCENTILES),
        None if target is None else last_day(target),
        chance,
        0.0 if chance is None else error_of_chance(chance, simulation.runs),
        simulation.standard_error(activity.calendar, path),
    )


def _hinge(vault: Vault, schedule: Schedule, simulation: Simulation, project: Activity) -> Hinge:
    """What moves a project's finish by more than luck: a correlation of three standard errors (about 1 / √runs) or more."""
    luck = 3 / simulation.runs**0.5
    path, calendar, target = critical_chain(vault, schedule, project.path), project.calendar, _target(vault, project)
    strong = [pair for pair in simulation.sensitivity(project.path) if abs(pair[1]) >= luck]
    return Hinge(
        project.id,
        project.title,
        tuple(
            Driver(id_, _title(vault, id_), _criticality(simulation, id_), strength) for id_, strength in strong[:SHOWN]
        ),
        path.sigma / calendar.day_minutes,
        None if target is None else path.chance(calendar.between(schedule.network.status, target)),
    )


def _target(vault: Vault, activity: Activity) -> int | None:
    """When it should be finished: a project's target end, else when it is due."""
    item = vault.files[activity.path].item
    when = item.when("target_end" if activity.kind == "project" else "due") if item is not None else None
    return None if when is None else end_of(when)


def _title(vault: Vault, id_: str) -> str:
    item = vault.get(id_)
    return item.title if item is not None else id_


def _criticality(simulation: Simulation, id_: str) -> float | None:
    path = next((each.path for each in simulation.samples if each.id == id_), "")
    return simulation.criticality(path) if path else None


def risk_record(view: RiskView) -> Record:
    """The page as one document; chances and shares from 0 to 1, errors of means in working days."""
    risks: list[JsonValue] = [
        {
            "id": row.item.id, "title": row.item.title, "probability": row.probability, "impact": row.impact,
            "score": row.score, "band": row.band, "residual": row.residual, "open": row.open,
            "opportunity": row.opportunity, "emv": None if row.emv is None else amount(row.emv.amount),
            "currency": None if row.emv is None else row.emv.currency, "review_overdue": row.review_overdue,
        }
        for row in view.register
    ]  # fmt: skip
    dates: list[JsonValue] = [
        {
            "id": each.id,
            "title": each.title,
            **{f"p{percent}": day.isoformat() for percent, day in zip(view.percentiles, each.days, strict=True)},
            "target": None if each.target is None else each.target.isoformat(),
            "chance": each.chance,
            "chance_error": round(each.chance_error, 4),
            "standard_error": round(each.error, 4),
        }
        for each in view.forecasts
    ]
    return {
        "schema": SCHEMA,
        "risks": risks,
        "matrix": [
            {"probability": p, "impact": i, "ids": [row.item.id for row in rows]}
            for (p, i), rows in view.matrix.items()
        ],
        "contingency": {currency: amount(value) for currency, value in view.contingency.items()},
        "runs": view.runs,
        "seed": view.seed,
        "distribution": view.distribution,
        "dates": dates,
        "hinges": [
            {
                "id": hinge.id,
                "pert_sigma": round(hinge.sigma, 4),
                "pert_chance": None if hinge.chance is None else round(hinge.chance, 4),
                "drivers": [
                    {"id": e.id, "title": e.title, "criticality": e.criticality, "sensitivity": round(e.sensitivity, 4)}
                    for e in hinge.drivers
                ],
            }
            for hinge in view.hinges
        ],
    }
