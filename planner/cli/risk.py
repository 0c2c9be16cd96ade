"""`planner plan risk`: the risk register, what to put aside, and how likely each date is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.output import Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from datetime import date

    from planner.cli.app import Call, Handler
    from planner.plan.sampling import Distribution
    from planner.views.risk import RiskView

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


NAMES = {"pert": "beta-PERT", "triangular": "triangular"}


def register(add: Add) -> None:
    """Add `plan risk`."""
    sub = add("risk", "Risk register and matrix, contingency, and how likely each date is (Monte Carlo).", risk)
    sub.add_argument("--runs", type=int, default=1000, metavar="N", help="how many runs (1000)")
    sub.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same runs (1)")
    sub.add_argument("--triangular", action="store_true", help="triangular distributions rather than beta-PERT")


def risk(call: Call) -> int:
    """`planner plan risk`."""
    from planner.plan.planned import planned
    from planner.plan.uncertainty import simulated
    from planner.views.risk import risk_record, risk_view

    session, arguments = call.session(), call.arguments
    if not 1 <= arguments.runs <= 100_000:
        raise Invalid(f"{arguments.runs} is no number of runs", "--runs takes 1 to 100000")
    vault, today = session.vault, session.today()
    distribution: Distribution = "triangular" if arguments.triangular else "pert"
    schedule = planned(vault, today)
    simulation = simulated(vault, schedule, today, runs=arguments.runs, seed=arguments.seed, distribution=distribution)
    view = risk_view(vault, schedule, simulation, today)
    if call.output.as_json:
        call.output.json(risk_record(view))
        return 0
    _print_register(call, view)
    _print_dates(call, view, today)
    return 0


def _print_register(call: Call, view: RiskView) -> None:
    from planner.plan.risk import STEPS
    from planner.views.amounts import money

    out = call.output
    if view.register:
        out.line("risks", "head")
        out.table(
            [
                [Cell(f"  {row.item.id}", "id"), Cell(row.item.title), Cell(f"{row.probability or '?'}×{row.impact or '?'}"),
                 Cell("" if row.score is None else str(row.score)), Cell((row.band or "") if row.open else "closed"),
                 Cell("" if row.emv is None else money(row.emv)), Cell("" if row.delay is None else str(row.delay)),
                 Cell(row.item.text("response") or ""), Cell("review overdue" if row.review_overdue else "", "overdue")]
                for row in view.register
            ],
            heads=["", "", "P×I", "score", "band", "EMV", "delay", "response", ""],
            flexible=1,
        )  # fmt: skip
        out.line("matrix: probability down, impact across; how many open risks", "head")
        for probability in reversed(STEPS):
            cells = (view.matrix.get((probability, impact), ()) for impact in STEPS)
            out.line(f"  {probability} │ " + " ".join(str(len(cell)) if cell else "·" for cell in cells))
        out.line("    └─" + "──" * len(STEPS))
        out.line("      " + " ".join(map(str, STEPS)))
    for currency, amount in view.contingency.items():
        out.line(f"contingency {money(amount, currency)}")


def _print_dates(call: Call, view: RiskView, today: date) -> None:
    from planner.views.amounts import day_text, percent

    out = call.output
    out.line(f"dates after {view.runs} runs (seed {view.seed}, {NAMES[view.distribution]})", "head")
    out.table(
        [
            [Cell(f"  {each.id}", "id"), Cell(each.title), *(Cell(day_text(day, today)) for day in each.days),
             Cell("" if each.target is None else day_text(each.target, today)),
             Cell("" if each.chance is None else f"{percent(each.chance)} ±{100 * each.chance_error:.1f}"), Cell(f"±{each.error:.2f}d", "dim")]
            for each in view.forecasts
        ],
        heads=["", "", *(f"P{percent_}" for percent_ in view.percentiles), "target", "in time", "mean"],
        flexible=1,
    )  # fmt: skip
    for hinge in view.hinges:
        out.line(f"what the finish of {hinge.title} hangs on", "head")
        out.table(
            [
                [Cell(f"  {each.id}", "id"), Cell(each.title),
                 Cell("" if each.criticality is None else percent(each.criticality)), Cell(f"{each.sensitivity:+.2f}")]
                for each in hinge.drivers
            ],
            heads=["", "", "critical", "moves it"],
            flexible=1,
        )  # fmt: skip
        if hinge.chance is not None and hinge.sigma:
            out.line(
                f"  PERT, of the critical path alone: {percent(hinge.chance)} in time, σ {hinge.sigma:.1f}d", "dim"
            )
    if not view.hinges:
        out.line("no finish hangs on luck: give open tasks an estimate such as 1d/3d/6d, risks a delay_impact", "dim")
