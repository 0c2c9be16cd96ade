"""PSPLIB instances as a vault: the same critical path and the same levelled end as the abstract problem."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.hours import DAY
from planner.core.vault import Vault
from planner.interop import psplib
from planner.plan.calendar import moment
from planner.plan.generation import rule_keys, serial
from planner.plan.leveling import Options, leveled
from planner.plan.people import capacities
from planner.plan.planned import planned
from tests.conftest import Claims
from tests.plan.psplib import faults, instances, present
from tests.proof import times

TODAY = date(2026, 11, 25)


def vault_of(benchmark: psplib.Benchmark) -> Vault:
    files = {path: text for path, text, _ in psplib.items(benchmark, "lib")}
    config = f'[calendars.{psplib.CALENDAR}]\nworking = "{psplib.WORKING}"\n'
    return Vault.parse({"planner.toml": config, **files})


def days(m: int) -> int:
    """Days from today until a moment: 09:00 is the beginning of one, 17:00 its end."""
    return round((m - moment(TODAY)) / DAY)


@present
@pytest.mark.proof
def test_instances_as_items(claims: Claims) -> None:
    count = times(12, 48)
    chosen = [(name, instances()[name]) for name in sorted(instances())[:: 48 // count]]
    with (
        claims("PSPLIB j30 as a vault: critical path equal to MPM-Time", expect=count) as paths,
        claims("PSPLIB j30 as a vault: levelled as the abstract problem", expect=count) as levels,
    ):
        for name, (benchmark, _) in chosen:
            vault = vault_of(benchmark)
            assert vault.problems == ()
            plan = planned(vault, TODAY)
            paths.check(days(plan.finish) == benchmark.mpm_time, name)
            found = leveled(plan.network, capacities(vault), Options(rule="lst"))
            starts = [found.after.dates[path].start for path in sorted(found.after.dates) if "/job-" in path]
            abstract = psplib.instance(benchmark)
            same = days(found.after.finish) == serial(abstract, rule_keys(abstract, "lst")).finish
            right = not faults(benchmark, tuple(map(days, starts)))
            levels.check(same and right and not found.overloads, name)
