"""Three-point estimates: the mean and spread of one, and what a chain of them adds up to (PERT).

Formulas of the Navy's Program Evaluation Research Task (1958), as in D. G. Malcolm et al., "Application of a technique
for research and development program evaluation", Operations Research 7 (1959): te = (a + 4m + b) / 6, σ² = ((b − a) / 6)².
Where paths merge they promise too much (D. Hulett, "Project schedule risk analysis", PMI): `simulation.py` is for those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class ThreePoint:
    """Optimistic, likely and pessimistic, in any one unit; raises ValueError unless 0 ≤ a ≤ m ≤ b."""

    optimistic: float
    likely: float
    pessimistic: float

    def __post_init__(self) -> None:
        if not 0 <= self.optimistic <= self.likely <= self.pessimistic:
            raise ValueError("an estimate goes from optimistic over likely to pessimistic, none of them negative")

    @property
    def mean(self) -> float:
        """te = (a + 4m + b) / 6, in the estimate's unit."""
        return (self.optimistic + 4 * self.likely + self.pessimistic) / 6

    @property
    def variance(self) -> float:
        """σ² = ((b − a) / 6)², in the estimate's unit squared."""
        return ((self.pessimistic - self.optimistic) / 6) ** 2

    def times(self, factor: float) -> ThreePoint:
        """The same estimate in another unit, or for a part of the work."""
        return ThreePoint(self.optimistic * factor, self.likely * factor, self.pessimistic * factor)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a path of independent estimates adds up to: by the central limit theorem nearly normal."""

    mean: float
    variance: float

    @property
    def sigma(self) -> float:
        """Standard deviation, in the estimates' unit."""
        return sqrt(self.variance)

    def chance(self, limit: float) -> float:
        """P(T ≤ limit) = Φ((limit − mean) / σ), between 0 and 1; without spread it is one or the other."""
        if not self.variance:
            return float(limit >= self.mean)
        return NormalDist(self.mean, self.sigma).cdf(limit)


def chain(estimates: Iterable[ThreePoint]) -> Chain:
    """Means and variances added up along one path: means add up, and so do variances, standard deviations do not."""
    path = tuple(estimates)
    return Chain(sum(part.mean for part in path), sum(part.variance for part in path))
