"""What is uncertain in a vault: which estimates are drawn, what risks hit, and PERT beside the simulation."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.vault import Vault
from planner.plan.model import Schedule
from planner.plan.planned import planned
from planner.plan.risk import register
from planner.plan.uncertainty import critical_chain, estimates, simulated, threats, three_point
from tests.conftest import build

TODAY = date(2026, 11, 25)
DAY = 480
VAULT = """
== projects/web/project.md ==
---
title: Web
target_end: 2026-12-04
---
== projects/web/a.md ==
---
id: a
estimate: 1d/2d/9d
---
== projects/web/b.md ==
---
id: b
estimate: 2d
depends_on: [a]
---
== projects/web/end.md ==
---
id: end
kind: milestone
depends_on: [b]
---
== projects/web/late.md ==
---
kind: risk
probability: 3
delay_impact: 2d
---
"""


def plan(text: str = VAULT) -> tuple[Vault, Schedule]:
    vault = build(text)
    return vault, planned(vault, TODAY)


def points(text: str) -> dict[str, tuple[float, float, float]]:
    vault, schedule = plan(text)
    found = estimates(vault, schedule.network)
    return {path: (e.optimistic / DAY, e.likely / DAY, e.pessimistic / DAY) for path, e in found.items()}


def test_three_points_are_drawn_single_ones_and_durations_are_not() -> None:
    assert points(VAULT) == {"projects/web/a.md": pytest.approx((1, 2, 9))}
    assert points(VAULT.replace("1d/2d/9d", "1d/2d/9d\nduration: 3d")) == {}
    assert points(VAULT.replace("id: a", "id: a\nstatus: done")) == {}


def test_what_is_left_of_begun_work_keeps_the_spread_of_the_whole() -> None:
    begun = VAULT.replace("1d/2d/9d", "1d/2d/9d\nstatus: doing\nprogress: 50%")
    assert points(begun) == {"projects/web/a.md": pytest.approx((0.5, 1, 4.5))}


def test_an_estimate_out_of_order_is_planned_and_not_drawn() -> None:
    text = VAULT.replace("1d/2d/9d", "9h/1d/2d")
    assert points(text) == {}
    item = build(text).find("a")
    with pytest.raises(ValueError, match="from optimistic"):
        three_point(item, plan(text)[1].network.activities[item.path].calendar)


@pytest.mark.parametrize(
    ("line", "hits"),
    [("", ["projects/web/end.md"]), ("parent: a", ["projects/web/a.md"]), ("milestone: end", ["projects/web/end.md"])],
)
def test_a_risk_delays_what_it_names_else_all_that_ends_its_project(line: str, hits: list[str]) -> None:
    vault, schedule = plan(VAULT.replace("kind: risk", f"kind: risk\n{line}"))
    (threat,) = threats(vault, schedule.network, register(vault, TODAY))
    assert (threat.chance, threat.delay, list(threat.hits)) == (0.5, 2 * DAY, hits)


@pytest.mark.parametrize(
    "line", ["became: a", "response: exploit", "archived: true", "parent: nosuch\nproject: nosuch"]
)
def test_what_is_no_open_threat_delays_nothing(line: str) -> None:
    vault, schedule = plan(VAULT.replace("kind: risk", f"kind: risk\n{line}"))
    assert threats(vault, schedule.network, register(vault, TODAY)) == ()


def test_pert_of_the_critical_path_beside_the_simulation() -> None:
    vault, schedule = plan(VAULT.replace("probability: 3", "probability: 3\narchived: true"))
    found = critical_chain(vault, schedule, "projects/web/project.md")
    assert (found.mean / DAY, found.sigma / DAY) == pytest.approx(
        (5, 8 / 6)
    )  # (1 + 4 × 2 + 9) / 6 + 2 days, (9 − 1) / 6
    result = simulated(vault, schedule, TODAY, runs=500)
    deadline = schedule.network.activities["projects/web/project.md"].calendar.advance(schedule.network.status, 6 * DAY)
    assert result.chance(deadline, "projects/web/project.md") == pytest.approx(found.chance(6 * DAY), abs=0.1)
