"""MSPDI: a plan as the XML that Microsoft Project, ProjectLibre, GanttProject and others read.

Schema: "Project XML data interchange schema reference" (learn.microsoft.com). Lags are tenths of minutes; links are
numbered FF 0, FS 1, SF 2, SS 3. Dates of tasks that have not begun are held by a constraint, so that they stand there
as they stand here; Project computes them anew when it is told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from xml.etree import ElementTree as ET

from planner.core.display import display_text
from planner.core.vault import Vault
from planner.interop.rows import Fits, Plan, Section, Task, plan_of
from planner.plan.model import Link

NAMESPACE = "http://schemas.microsoft.com/project"
_LINKS = {"FF": "0", "FS": "1", "SF": "2", "SS": "3"}
_WORKING, _ELAPSED = "7", "8"  # LagFormat: days, elapsed days
START_NO_EARLIER = "4"
UNASSIGNED = "-65535"


def export(vault: Vault, today: date, fits: Fits = lambda _: True) -> str:
    """The document; characters that XML does not know are made visible."""
    root = _project(plan_of(vault, today, fits), vault)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _project(plan: Plan, vault: Vault) -> ET.Element:
    root = ET.Element("Project", xmlns=NAMESPACE)
    starts = [task.start for task in plan.tasks]
    _put(root, "Name", vault.config.name or "Plan")
    _put(root, "StartDate", _when(min(starts, default=datetime.combine(plan.today, datetime.min.time()))))
    _put(root, "ScheduleFromStart", "1")
    minutes = plan.tasks[0].activity.calendar if plan.tasks else None
    if minutes is not None:
        _put(root, "MinutesPerDay", str(minutes.day_minutes))
        _put(root, "MinutesPerWeek", str(minutes.week_minutes))
    uids = {task.item.path: number for number, task in enumerate(plan.tasks, len(plan.sections) + 1)}
    people = sorted({person for task in plan.tasks for person in task.item.assignees})
    links = plan.links()
    tasks = ET.SubElement(root, "Tasks")
    for number, section in enumerate(plan.sections, 1):
        tasks.append(_summary(number, section))
        for task in section.tasks:
            tasks.append(_task(task, uids, links.get(task.item.path, ())))
    resources = ET.SubElement(root, "Resources")
    for number, person in enumerate(people, 1):
        resource = ET.SubElement(resources, "Resource")
        for name, value in (("UID", str(number)), ("ID", str(number)), ("Name", _name(vault, person)), ("Type", "1")):
            _put(resource, name, value)
    root.append(_assignments(plan, uids, people))
    return root


def _summary(number: int, section: Section) -> ET.Element:
    element = ET.Element("Task")
    finish = max(task.finish for task in section.tasks)
    for name, value in (
        ("UID", str(number)), ("ID", str(number)), ("Name", section.title or "No project"), ("OutlineLevel", "1"),
        ("Start", _when(min(task.start for task in section.tasks))), ("Finish", _when(finish)), ("Summary", "1"),
    ):  # fmt: skip
        _put(element, name, value)
    return element


def _task(task: Task, uids: Mapping[str, int], links: tuple[Link, ...]) -> ET.Element:
    element = ET.Element("Task")
    uid = str(uids[task.item.path])
    for name, value in (("UID", uid), ("ID", uid), *_facts(task)):
        _put(element, name, value)
    for link in links:
        before = ET.SubElement(element, "PredecessorLink")
        _put(before, "PredecessorUID", str(uids[link.predecessor]))
        _put(before, "Type", _LINKS[link.type])
        _put(before, "LinkLag", str(link.lag * 10))
        _put(before, "LagFormat", _ELAPSED if link.elapsed else _WORKING)
    return element


def _facts(task: Task) -> Iterator[tuple[str, str]]:
    activity, start, finish = task.activity, _when(task.start), _when(task.finish)
    yield "Name", task.item.title
    yield "OutlineLevel", str(task.level + 1)
    yield "Priority", str(max(0, 500 - 100 * (activity.priority - 2)))
    yield "Start", start
    yield "Finish", finish
    yield "Duration", _length(activity.calendar.between(task.dates.start, task.dates.finish))
    yield "Milestone", str(int(activity.milestone))
    yield "Summary", str(int(activity.summary))
    yield "PercentComplete", f"{100 * task.progress:.0f}"
    yield "Critical", str(int(task.dates.critical and not task.done))
    if activity.started or task.done:
        yield "ActualStart", start
    if task.done:
        yield "ActualFinish", finish
    elif not activity.started and not activity.summary:
        yield "ConstraintType", START_NO_EARLIER
        yield "ConstraintDate", start
    if (deadline := task.item.when("deadline")) is not None:
        yield (
            "Deadline",
            _when(deadline if isinstance(deadline, datetime) else datetime.combine(deadline, datetime.max.time())),
        )
    yield "Notes", task.item.id


def _assignments(plan: Plan, uids: Mapping[str, int], people: list[str]) -> ET.Element:
    assignments = ET.Element("Assignments")
    number = 0
    for task in plan.tasks:
        for person, share in task.activity.assignees:
            if person in people:
                number += 1
                element = ET.SubElement(assignments, "Assignment")
                for name, value in (
                    ("UID", str(number)), ("TaskUID", str(uids[task.item.path])),
                    ("ResourceUID", str(people.index(person) + 1)), ("Units", f"{share:g}"),
                ):  # fmt: skip
                    _put(element, name, value)
    return assignments


def _put(element: ET.Element, name: str, value: str) -> None:
    ET.SubElement(element, name).text = display_text(value)


def _name(vault: Vault, person: str) -> str:
    item = vault.people.get(person)
    return (item.text("name") or item.title) if item is not None else person


def _when(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}"


def _length(minutes: int) -> str:
    hours, rest = divmod(max(0, minutes), 60)
    return f"PT{hours}H{rest}M0S"
