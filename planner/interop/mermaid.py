"""Mermaid: a plan as a `gantt` diagram, which forges draw in READMEs and issues.

Syntax: mermaid.js.org/syntax/gantt. A title there ends at `:` or `;` and `#` begins an entity, so those become their
full-width look-alikes; ends are exclusive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from planner.core.display import display_text
from planner.core.vault import Vault
from planner.interop.rows import Fits, Plan, Task, plan_of

_RESERVED = str.maketrans({":": "∶", ";": "；", "#": "＃", "%": "％", "`": "'", "{": "(", "}": ")", "<": "‹", ">": "›"})


def export(vault: Vault, today: date, fits: Fits = lambda _: True) -> str:
    """The diagram's text, without the fence around it."""
    return "".join(f"{line}\n" for line in _lines(plan_of(vault, today, fits), vault.config.name))


def _lines(plan: Plan, name: str) -> Iterator[str]:
    yield "gantt"
    if name:
        yield f"    title {words(name)}"
    yield "    dateFormat YYYY-MM-DDTHH:mm"
    yield "    axisFormat %d %b"
    for section in plan.sections:
        yield f"    section {words(section.title) or 'No project'}"
        for task in section.tasks:
            yield f"    {words(task.item.title)} :{', '.join(_facts(task))}"


def _facts(task: Task) -> Iterator[str]:
    if task.dates.critical and not task.done:
        yield "crit"
    if task.done:
        yield "done"
    elif task.activity.started:
        yield "active"
    if task.activity.milestone:
        yield "milestone"
    yield "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in task.item.id)
    yield f"{task.start:%Y-%m-%dT%H:%M}"
    yield "0d" if task.activity.milestone else f"{task.finish:%Y-%m-%dT%H:%M}"


def words(text: str) -> str:
    """A text that ends nothing and starts nothing in a diagram; a word that is a keyword there is set apart."""
    said = " ".join(display_text(text).translate(_RESERVED).split())
    keywords = {"section", "title", "gantt", "dateformat", "axisformat", "excludes", "todaymarker", "click", "end"}
    return f"‘{said}’" if said.partition(" ")[0].casefold() in keywords else said
