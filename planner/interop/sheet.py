"""CSV: a plan as a sheet, safe to open: no cell can become a formula.

A cell that a spreadsheet would evaluate (it begins with `= + - @`, a tab or a return) gets an apostrophe before it, and
every cell is quoted (OWASP, "CSV injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from planner.core.vault import Vault
from planner.interop.rows import Fits, Plan, Task, plan_of
from planner.plan.model import Link

COLUMNS = (
    "id", "title", "kind", "project", "level", "status", "start", "finish", "days", "progress", "assignee",
    "depends_on", "deadline", "critical", "slack_days",
)  # fmt: skip
_EVALUATED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export(vault: Vault, today: date, fits: Fits = lambda _: True) -> str:
    """The sheet: a head, and a line for each task."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe(cell) for cell in row] for row in _rows(plan_of(vault, today, fits)))
    return out.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet evaluates; numbers are kept as they are."""
    if not cell.startswith(_EVALUATED) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    digits = cell[1:] if cell[:1] in {"-", "+"} else cell
    return digits.isascii() and digits.replace(".", "", 1).isdigit()


def _rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    links = plan.links()
    ids = {task.item.path: task.item.id for task in plan.tasks}
    for section in plan.sections:
        for task in section.tasks:
            yield _row(task, section.title, " ".join(_link(link, ids) for link in links.get(task.item.path, ())))


def _row(task: Task, project: str, depends_on: str) -> tuple[str, ...]:
    item, day = task.item, task.activity.calendar.day_minutes
    deadline = item.when("deadline") or item.due
    return (
        item.id, item.title, item.kind, project, str(task.level), item.status or "",
        f"{task.start:%Y-%m-%dT%H:%M}", f"{task.finish:%Y-%m-%dT%H:%M}",
        _number(task.activity.calendar.between(task.dates.start, task.dates.finish) / day),
        f"{task.progress:.0%}", " ".join(item.assignees), depends_on, str(deadline or ""),
        "yes" if task.dates.critical and not task.done else "no",
        "" if task.done else _number(task.dates.total_float / day),
    )  # fmt: skip


def _link(link: Link, ids: dict[str, str]) -> str:
    lag = f"{link.lag:+d}m" if link.lag else ""
    return ids[link.predecessor] + (f":{link.type}{lag}" if link.type != "FS" or lag else "")


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
