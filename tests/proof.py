"""Claims: what a test proves, counted. `make test` proves them small, `make proof` at the counts we publish.

    with claims("field set and read back", expect=times(200, 10_000)) as claim:
        for case in cases:
            claim.check(holds(case), case)

prints `field set and read back: 10000 of 10000` at the end of `make proof`, and fails where the two differ.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

FULL = os.environ.get("PLANNER_PROOF") == "full"
SHOWN = 5  # failing cases named in full


def times(small: int, full: int) -> int:
    """How many cases to try: `small` with `make test`, `full` with `make proof`."""
    return full if FULL else small


@dataclass(slots=True)
class Claim:
    """One sentence and how often it held; claims of the same name add up over tests and processes."""

    name: str
    expect: int | None = None  # how many cases there must be at least
    held: int = 0
    total: int = 0
    failures: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)  # what was measured on the way, printed below the claims

    def check(self, holds: object, case: object = "") -> bool:
        """Count one case; a failing one is remembered, and the test goes on."""
        self.total += 1
        self.held += bool(holds)
        if not holds:
            self.failures.append(str(case))
        return bool(holds)

    def verdict(self) -> None:
        """Fail where not every case held, or where there were too few."""
        shown = "".join(f"\n  {case}" for case in self.failures[:SHOWN])
        assert self.held == self.total, f"{self.name}: {self.held} of {self.total}{shown}"
        assert self.total >= (self.expect or 1), f"{self.name}: only {self.total} of {self.expect} cases were tried"


def make_claims(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[Claim]]:
    """The `claims` fixture: a context manager that counts, reports and judges."""

    @contextmanager
    def claims(name: str, expect: int | None = None) -> Iterator[Claim]:
        claim = Claim(name, expect)
        broke = True
        try:
            yield claim
            broke = False
        finally:
            total = max(claim.total + broke, expect or 0)
            request.node.user_properties.append(("claim", (name, claim.held, total)))
            request.node.user_properties += [("figure", figure) for figure in claim.figures]
        claim.verdict()

    return claims


def summary(reports: Iterable[pytest.TestReport]) -> list[tuple[str, int, int]]:
    """Every claim of a run with how often it held of how many, in the order of first report."""
    counts: dict[str, tuple[int, int]] = {}
    for report in reports:
        for key, value in report.user_properties:
            if key == "claim" and report.when == "call":
                name, held, total = cast("tuple[str, int, int]", value)
                before = counts.get(name, (0, 0))
                counts[name] = (before[0] + held, before[1] + total)
    return [(name, held, total) for name, (held, total) in counts.items()]


def figures(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Every figure of a run, in the order of report."""
    return [
        str(value)
        for report in reports
        for key, value in report.user_properties
        if key == "figure" and report.when == "call"
    ]
