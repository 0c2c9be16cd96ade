"""Plans of any size, the same on every machine, and what is measured of scheduling them: in one process, no files read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from planner.core.vault import Vault
from planner.interop.taskjuggler import export
from planner.plan.leveling import leveled
from planner.plan.network import network
from planner.plan.pert import ThreePoint
from planner.plan.planned import planned
from planner.plan.schedule import schedule
from planner.plan.simulation import simulate
from tests.bench import vault
from tests.bench.measure import Failed, Place, clock

TODAY = date(2026, 11, 25)
TASKS_EACH = 50
"""So many tasks has each person."""
REACH = 60
"""A task depends on two of so many before it."""
SIMULATED, RUNS = 300, 1_000
LEVELLED = 10_000
"""Bigger plans are not levelled here: it takes minutes, and TaskJuggler hours."""
REPEATS = 5
CONFIG = """\
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-24..2027-01-01", "2027-04-05", "2027-05-17"]
"""
Measure = Callable[[], Iterator[float]]


def texts(count: int) -> Mapping[str, str]:
    """A vault of so many tasks of 4 to 40 hours, twice as many links, and people with leave."""
    random = Random(20261125)
    people = [f"p{number:03}" for number in range(max(2, count // TASKS_EACH))]
    found = {"planner.toml": CONFIG}
    for person in people:
        first = TODAY + timedelta(days=random.randrange(300))
        found[f"people/{person}.md"] = f"---\nleave: {first}..{first + timedelta(days=random.randrange(20))}\n---\n"
    for number in range(count):
        before = {random.randrange(max(0, number - REACH), number) for _ in range(2)} if number else set()
        found[f"tasks/{_id(number)}.md"] = (
            f"---\nid: {_id(number)}\nestimate: {random.choice((4, 8, 16, 24, 40))}h\nassignee: {random.choice(people)}\n"
            f"priority: {random.choice(('high', 'medium', 'low'))}\n"
            f"depends_on: [{', '.join(map(_id, sorted(before)))}]\n---\n"
        )
    return found


def _id(number: int) -> str:
    return f"t{number:06}"


class Plans:
    """What is measured of a plan of one size: rows by their id."""

    def __init__(self, count: int, scratch: Path) -> None:
        self.count, self.scratch = count, scratch
        self.vault = Vault.parse(texts(count))
        self.network = network(self.vault, TODAY)

    def measures(self) -> Iterator[tuple[str, Measure]]:
        """Each row with what yields its figures, in seconds."""
        yield "plan", self.schedules
        yield "plan-edit", self.edits
        if self.count <= LEVELLED:
            yield "plan-level", self.levels
        yield "plan-risk", self.simulations
        if shutil.which("tj3") is not None and self.count <= LEVELLED // 10:
            yield "tj3", self.theirs

    def schedules(self) -> Iterator[float]:
        """Both passes over a network that was not seen before, to the end and the critical path."""
        for _ in range(REPEATS):
            fresh = replace(self.network)  # without what it remembers
            begun = clock()
            found = schedule(fresh)
            seconds = clock() - begun
            if len(found.dates) != self.count or not found.critical:
                raise Failed("the schedule is not whole")
            yield seconds

    def edits(self) -> Iterator[float]:
        """Another estimate of a task half way, to the new dates and the end."""
        now, path = self.vault, f"tasks/{_id(self.count // 2)}.md"
        before = planned(now, TODAY).dates[path].finish
        for number in range(REPEATS):
            text = now.text(path).replace("estimate: ", f"estimate: {number + 1}", 1)
            begun = clock()
            now = now.apply({path: text})
            found = planned(now, TODAY)
            after, end = found.dates[path].finish, found.finish
            seconds = clock() - begun
            if not before < after <= end:
                raise Failed("the edit changed no date")
            before = after
            yield seconds

    def levels(self) -> Iterator[float]:
        """One pass of serial generation, with what moves and why."""
        for _ in range(REPEATS):
            fresh = replace(self.network)
            begun = clock()
            found = leveled(fresh, {})
            seconds = clock() - begun
            if found.overloads or not found.moves:
                raise Failed("somebody still has too much to do")
            yield seconds

    def simulations(self) -> Iterator[float]:
        """Monte Carlo of the first tasks."""
        some = network(Vault.parse(texts(min(self.count, SIMULATED))), TODAY)
        lengths = {path: activity.duration for path, activity in some.activities.items()}
        estimates = {path: ThreePoint(d // 2, d, 2 * d) for path, d in lengths.items()}
        for _ in range(2):
            begun = clock()
            found = simulate(some, estimates, runs=RUNS)
            seconds = clock() - begun
            if found.finish(10) >= found.finish(90):
                raise Failed("chance made no difference")
            yield seconds

    def theirs(self) -> Iterator[float]:
        """TaskJuggler on the same plan, from process to process: it always levels."""
        file = self.scratch / "plan.tjp"
        file.write_text(export(self.vault, TODAY), encoding="utf-8")
        place = Place(self.scratch, vault.environment(self.scratch))
        yield place.seconds("tj3", "--silent", file.name, patience=300.0)
