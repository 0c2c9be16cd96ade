"""Random durations: columns of samples from a three-point estimate, by the inverse of its distribution function.

Beta-PERT on [a, b] has the shapes α = 1 + 4(m − a)/(b − a) and β = 1 + 4(b − m)/(b − a), so that its mean is PERT's te
(D. Vose, "Risk Analysis", 2008). Its inverse has no closed form: one table a shape, read with interpolation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from math import sqrt
from random import Random
from typing import Literal, TypeAlias

from planner.plan.pert import ThreePoint

Distribution: TypeAlias = Literal["pert", "triangular"]
CELLS = 512
"""Cells of a table over the probabilities; its mean is right to a thousandth of the range."""
_STEPS = 2048  # of the integration over [0, 1]


def sample(estimate: ThreePoint, runs: int, random: Random, distribution: Distribution = "pert") -> list[int]:
    """So many durations in whole minutes, independent of each other; without a spread all are the likely one."""
    low, width = estimate.optimistic, estimate.pessimistic - estimate.optimistic
    if not width:
        return [round(estimate.likely)] * runs
    mode = (estimate.likely - low) / width
    draw = random.random
    if distribution == "triangular":
        inverse = triangular(mode)
        return [round(low + width * inverse(draw())) for _ in range(runs)]
    table = beta_pert(mode)
    samples = []
    for _ in range(runs):
        place = draw() * CELLS
        cell = int(place)
        below = table[cell]
        samples.append(round(low + width * (below + (place - cell) * (table[cell + 1] - below))))
    return samples


def triangular(mode: float) -> Callable[[float], float]:
    """The inverse of the triangular distribution function on [0, 1] with its peak at `mode`."""

    def inverse(u: float) -> float:
        return sqrt(u * mode) if u < mode else 1 - sqrt((1 - u) * (1 - mode))

    return inverse


@lru_cache(maxsize=1024)
def beta_pert(mode: float) -> tuple[float, ...]:
    """The inverse of the beta-PERT distribution function on [0, 1] at 0, 1/CELLS, …, 1."""
    rise, fall = 4 * mode, 4 * (1 - mode)  # α − 1 and β − 1
    middles = ((step + 0.5) / _STEPS for step in range(_STEPS))
    mass = list(accumulate((x**rise * (1 - x) ** fall for x in middles), initial=0.0))
    total, table, step = mass[-1], [0.0], 0
    for cell in range(1, CELLS):
        wanted = total * cell / CELLS
        while mass[step + 1] < wanted:
            step += 1
        table.append((step + (wanted - mass[step]) / (mass[step + 1] - mass[step])) / _STEPS)
    return (*table, 1.0)
