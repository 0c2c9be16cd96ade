"""PSPLIB: single-mode instances (`.sm`) of the project scheduling library, read as jobs and written as items.

Format and instances: Kolisch and Sprecher, "PSPLIB – a project scheduling problem library" (EJOR 96, 1997).
One job is one task, one unit of time one day; a resource of ten units is a person who does the work of ten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from planner.core.document import RawValue, parse_document
from planner.core.record import dataclass
from planner.plan.rcpsp import Instance, Job, Link

CALENDAR = "seven-days"
WORKING = "Mon-Sun 09:00-17:00"
"""Every day is a working day, so that a unit of time is a day."""
_MPM = "MPM-Time"


@dataclass(frozen=True, slots=True)
class Activity:
    """One job: its number, duration, demand for each resource, and the numbers of its successors."""

    number: int
    duration: int
    demands: tuple[int, ...]
    successors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One instance: its jobs by number, from 1; the first and the last are the dummies that begin and end it."""

    activities: tuple[Activity, ...]
    capacities: tuple[int, ...]
    mpm_time: int
    """The length of the critical path as its header has it."""


def parse(text: str) -> Benchmark:
    """An instance; raises ValueError with the line for what is none of the single-mode format."""
    lines = text.replace("\r\n", "\n").split("\n")
    successors = {row[0]: row[3:] for row in _rows(lines, "PRECEDENCE RELATIONS", at_least=3)}
    requests = {row[0]: row[2:] for row in _rows(lines, "REQUESTS/DURATIONS", at_least=3)}
    capacities = next(_rows(lines, "RESOURCEAVAILABILITIES", at_least=1))
    numbers = range(1, len(successors) + 1)
    if sorted(successors) != list(numbers) or requests.keys() != successors.keys():
        raise ValueError("expected jobs numbered from 1, each with one mode, in both tables")
    for number in numbers:
        if len(requests[number]) != 1 + len(capacities):
            raise ValueError(f"job {number}: expected a duration and {len(capacities)} requests")
        if not set(successors[number]) <= set(numbers):
            raise ValueError(f"job {number}: a successor that is no job")
    activities = tuple(
        Activity(number, requests[number][0], tuple(requests[number][1:]), tuple(successors[number]))
        for number in numbers
    )
    return Benchmark(activities, tuple(capacities), _mpm_time(lines))


def _rows(lines: Sequence[str], section: str, at_least: int) -> Iterator[list[int]]:
    """The lines of numbers of one section, as far as the next line of stars."""
    begin = next((at for at, line in enumerate(lines) if line.startswith(section)), None)
    if begin is None:
        raise ValueError(f"expected a section {section}, as in a .sm file of PSPLIB")
    found = False
    for at in range(begin + 1, len(lines)):
        line = lines[at]
        if line.startswith("***"):
            break
        if not re.fullmatch(r"[\d\s]+", line) or not line.strip():  # a head, or a rule
            continue
        numbers = [int(word) for word in line.split()]
        if len(numbers) < at_least:
            raise ValueError(f"line {at + 1}: expected {at_least} numbers or more")
        found = True
        yield numbers
    if not found:
        raise ValueError(f"the section {section} is empty")


def _mpm_time(lines: Sequence[str]) -> int:
    head = next((at for at, line in enumerate(lines[:-1]) if _MPM in line), None)
    words = [] if head is None else lines[head + 1].split()
    if not words or not words[-1].isdigit():
        raise ValueError(f"expected {_MPM} under PROJECT INFORMATION")
    return int(words[-1])


def instance(benchmark: Benchmark) -> Instance:
    """The same as an abstract problem, one unit of time one moment; job n at place n - 1."""
    names = [f"r{number}" for number in range(1, len(benchmark.capacities) + 1)]
    return Instance(
        tuple(
            Job(activity.duration, {name: need for name, need in zip(names, activity.demands, strict=True) if need})
            for activity in benchmark.activities
        ),
        tuple(
            Link(activity.number - 1, number - 1) for activity in benchmark.activities for number in activity.successors
        ),
        dict(zip(names, benchmark.capacities, strict=True)),
    )


def items(benchmark: Benchmark, name: str) -> Iterator[tuple[str, str, str]]:
    """The same as files of a vault with a calendar `seven-days`: path, text and id of each."""
    width = len(str(len(benchmark.activities)))
    ids = {activity.number: f"{name}-{activity.number:0{width}}" for activity in benchmark.activities}
    predecessors: dict[int, list[str]] = {}
    for activity in benchmark.activities:
        for number in activity.successors:
            predecessors.setdefault(number, []).append(ids[activity.number])
    people = [f"{name}-r{number}" for number in range(1, len(benchmark.capacities) + 1)]
    for person, capacity in zip(people, benchmark.capacities, strict=True):
        fields: dict[str, RawValue] = {"calendar": CALENDAR, "capacity": f"{7 * capacity}d"}
        yield f"people/{person}.md", _text(fields), person
    project = f"projects/{name}"
    yield f"{project}/project.md", _text({"title": f"PSPLIB {name}", "calendar": CALENDAR}), name
    for activity in benchmark.activities:
        demands = [
            (person, f"{100 * need / capacity:.6f}%")
            for person, need, capacity in zip(people, activity.demands, benchmark.capacities, strict=True)
            if need
        ]
        fields = {
            "id": ids[activity.number],
            "kind": "task" if activity.duration else "milestone",
            "title": f"Job {activity.number}",
            "status": "todo",
            "assignee": tuple(person for person, _ in demands),
            "duration": f"{activity.duration}d" if activity.duration else "",
            "units": tuple(share for _, share in demands),
            "depends_on": tuple(predecessors.get(activity.number, ())),
        }
        yield f"{project}/job-{activity.number:0{width}}.md", _text(fields), ids[activity.number]


def _text(fields: Mapping[str, RawValue]) -> str:
    document = parse_document("---\n---\n")
    for key, value in fields.items():
        if value:
            document = document.set(key, value)
    return document.text
