"""The PSPLIB instances beside the checkout, where they are at hand, and a judge of schedules written apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from planner.interop.psplib import Benchmark, parse

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "psplib-j30"
_OPTIMUM = re.compile(r"\s*(\d+)\s+(\d+)\s+(\d+)\s+[\d.]+\s*")

present = pytest.mark.skipif(not FOLDER.is_dir(), reason="the PSPLIB instances are not at ../shared/data/psplib-j30")


@cache
def instances() -> Mapping[str, tuple[Benchmark, int]]:
    """Each instance by its name, with its proven optimal makespan."""
    lines = (FOLDER / "j30opt.sm").read_text(encoding="latin-1").splitlines()
    optima = {(found[1], found[2]): int(found[3]) for line in lines if (found := _OPTIMUM.fullmatch(line))}
    files = sorted(FOLDER.glob("j30*_*.sm"))
    names = {path: path.stem.removeprefix("j30").split("_") for path in files}
    return {
        path.stem: (parse(path.read_text(encoding="latin-1")), optima[number, instance])
        for path, (number, instance) in names.items()
    }


def faults(benchmark: Benchmark, starts: tuple[int, ...]) -> list[str]:
    """What is wrong with a schedule, straight from the definition: every moment of every resource is counted."""
    found = []
    for activity in benchmark.activities:
        begin = starts[activity.number - 1]
        if begin < 0:
            found.append(f"{activity.number} starts before the project")
        for successor in activity.successors:
            if starts[successor - 1] < begin + activity.duration:
                found.append(f"{successor} starts before {activity.number} ends")
    for resource, capacity in enumerate(benchmark.capacities):
        for moment in range(max(starts) + 1):
            running = [
                a for a in benchmark.activities if starts[a.number - 1] <= moment < starts[a.number - 1] + a.duration
            ]
            if sum(activity.demands[resource] for activity in running) > capacity:
                found.append(f"resource {resource + 1} is short at {moment}")
    return found
