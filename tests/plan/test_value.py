"""Earned value of a vault: against its baseline, rule by rule, and adding up whatever the plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from planner.core.frozen import to_text
from planner.core.vault import Vault
from planner.plan.baseline import baselines, freeze
from planner.plan.earned_value import Measures
from planner.plan.planned import planned
from planner.plan.value import ProjectValue, values
from tests.conftest import build
from tests.plan.test_baseline import PLAN

MONDAY = date(2026, 11, 23)
D = Decimal


def with_baseline(texts: str, name: str = "agreed", *, frozen_as: str = "") -> Vault:
    """A vault with a baseline of its plan (or of another one) on Monday."""
    before = build(frozen_as or texts)
    baseline = freeze(before, planned(before, MONDAY), name, MONDAY)
    return build(texts).apply({f"baselines/{name}.md": to_text(baseline)})


def web(vault: Vault, day: date, *, in_hours: bool = False) -> ProjectValue:
    (project,) = values(vault, planned(vault, day), day, baselines(vault), in_hours=in_hours)
    return project


def test_planned_value_grows_evenly_over_working_days() -> None:
    vault = with_baseline(PLAN)
    found = [web(vault, date(2026, 11, day)).measures.pv for day in (22, 23, 24, 25, 26, 27, 28)]
    assert found == [0, 480, 960, 1440, 1440 + 505, 2450, 2450]


def test_what_is_earned_and_spent() -> None:
    texts = PLAN.replace(
        "estimate: 3d", "estimate: 3d\nstatus: doing\nprogress: 50%\nspent: [2026-11-23 8h ana, 2026-11-24 6h ana]"
    )
    project = web(with_baseline(texts, frozen_as=PLAN), date(2026, 11, 24))
    assert project.measures == Measures(bac=D(2450), pv=D(960), ev=D(720), ac=D(14 * 60))
    assert (project.baseline, project.currency, project.budget, project.alarm) == ("agreed", "EUR", D(9000), "")
    assert (project.pace.es, project.pace.at) == (D("1.5"), D(2))
    in_hours = web(with_baseline(texts, frozen_as=PLAN), date(2026, 11, 24), in_hours=True)
    assert in_hours.measures == Measures(bac=D(40), pv=D(16), ev=D(12), ac=D(14))
    assert in_hours.budget is None


def test_a_fixed_cost_is_spent_as_it_is_earned() -> None:
    texts = PLAN.replace("cost: 50 EUR", "cost: 50 EUR\nprogress: 20%\nstatus: doing")
    (task,) = [each for each in web(with_baseline(texts, frozen_as=PLAN), MONDAY).tasks if each.row.id == "test"]
    assert task.measures.ac == 10
    assert task.unlogged


@pytest.mark.parametrize(
    ("lines", "earned"),
    [
        ("progress: 30%", "0.3"), ("progress: 30%\nearning_rule: 0/100", "0"), ("progress: 30%\nearning_rule: 50/50", "0.5"),
        ("remaining: 1d\nearning_rule: percent", str(1 - 1 / Decimal(3))), ("earning_rule: weighted_milestones", "0.25"),
        ("earning_rule: level_of_effort", None),
    ],
)  # fmt: skip
def test_rules_of_earning(lines: str, earned: str | None) -> None:
    steps = "- [x] drawn 20%\n- [ ] built 60%\n"
    texts = PLAN.replace("estimate: 3d\n---\n", f"estimate: 3d\nstatus: doing\n{lines}\n---\n{steps}")
    (task,) = [each for each in web(with_baseline(texts, frozen_as=PLAN), MONDAY).tasks if each.row.id == "build"]
    assert task.earned == (None if earned is None else D(earned))
    assert task.measures.ev == (task.measures.pv if earned is None else 1440 * D(earned))


def test_new_work_has_no_budget_and_dropped_work_earns_nothing() -> None:
    texts = PLAN.replace("id: build", "id: build\nstatus: dropped\nspent: [2026-11-23 1h ana]") + (
        "== projects/web/more.md ==\n---\nid: more\nestimate: 1d\nstatus: done\ncompleted: 2026-11-23\nspent: [2026-11-23 2h ana]\n---\n"
    )
    by_id = {each.row.id: each for each in web(with_baseline(texts, frozen_as=PLAN), MONDAY).tasks}
    assert by_id["build"].measures == Measures(bac=D(1440), pv=D(480), ev=D(0), ac=D(60))
    assert by_id["more"].measures == Measures(ac=D(120))


def test_without_a_baseline_the_present_plan_stands_in_for_it() -> None:
    project = web(build(PLAN), MONDAY)
    assert (project.baseline, project.measures.bac) == ("", D(2450))
    named = with_baseline(PLAN.replace("budget: 9000 EUR", "budget: 9000 EUR\nbaseline: nosuch"))
    assert web(named, MONDAY).baseline == ""


def test_a_project_is_compared_with_the_baseline_it_names_else_the_newest() -> None:
    vault = with_baseline(PLAN.replace("budget: 9000 EUR", "budget: 9000 EUR\nbaseline: agreed"))
    newer = build(PLAN.replace("estimate: 3d", "estimate: 4d"))
    text = to_text(freeze(newer, planned(newer, MONDAY), "newer", date(2026, 12, 24)))
    assert web(vault.apply({"baselines/newer.md": text}), MONDAY).baseline == "agreed"
    assert web(with_baseline(PLAN).apply({"baselines/newer.md": text}), MONDAY).baseline == "newer"


def test_the_alarms_of_a_budget() -> None:
    def alarm(budget: int, hours: int, progress: int) -> str:
        texts = PLAN.replace("9000", str(budget)).replace(
            "estimate: 3d", f"estimate: 3d\nstatus: doing\nprogress: {progress}%\nspent: [2026-11-23 {hours}h ana]"
        )
        return web(with_baseline(texts, frozen_as=PLAN), MONDAY).alarm

    assert alarm(9000, 1, 10) == ""
    assert alarm(2450, 12, 40) == "forecast"  # 720 spent, 576 earned: it will come to 3062.50
    assert alarm(800, 11, 50) == "near"
    assert alarm(600, 10, 50) == "over"


def test_a_project_that_is_done_was_late_for_good() -> None:
    done = "status: done\ncompleted: 2026-12-04"
    texts = (
        PLAN.replace("id: build", f"id: build\n{done}")
        .replace("id: test", f"id: test\n{done}")
        .replace("id: done", f"id: done\n{done}")
    )
    vault = with_baseline(texts, frozen_as=PLAN)
    for day in (date(2026, 12, 4), date(2027, 3, 1)):
        project = web(vault, day)
        assert project.measures.spi == 1
        assert project.pace.spi_t == D("0.5")  # five days of work, done in ten


def test_the_sample_vault_adds_up(sample_vault: Vault) -> None:
    today = date(2026, 11, 25)
    for project in values(sample_vault, planned(sample_vault, today), today, baselines(sample_vault)):
        m = project.measures
        assert m.bac > 0
        assert 0 <= m.ev <= m.bac
        assert 0 <= m.pv <= m.bac
        assert project.pace.at >= project.pace.es >= 0
