"""Baselines as files: a plan frozen on a day, a table row for each item.

A frozen plan is `baselines/NAME.md`: a header that says when, and a row an item, by id, so that git shows what differs
between two of them. Lengths stand in hours: a change of the calendar does not change what was agreed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from planner.core.model import Item, Problem
from planner.core.problems import problem
from planner.core.record import dataclass, field
from planner.core.values import Money, parse_date, parse_duration, parse_money, parse_when, when_text

FOLDER = "baselines"
COLUMNS = ("id", "kind", "project", "start", "finish", "duration", "effort", "cost", "title")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Frozen:
    """One item as it was planned: local instants, minutes of working time and of work, cost in its project's currency."""

    id: str
    kind: str
    project: str
    start: datetime
    finish: datetime
    duration: int
    effort: int
    cost: Money | None
    title: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """A frozen plan by ids, its day, and the commit it was made on (empty where there was none)."""

    name: str
    taken: date
    commit: str = ""
    rows: Mapping[str, Frozen] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def finish(self) -> datetime | None:
        """When all of it was to be finished; None where it was empty."""
        return max((row.finish for row in self.rows.values()), default=None)


def path_of(name: str) -> str:
    """The file of a baseline; raises ValueError for a name that makes no good file name."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"a baseline's name is made of small letters, digits, `.`, `_` and `-`, not '{name}'")
    return f"{FOLDER}/{name}.md"


def id_of(name: str) -> str:
    """The id of a baseline's file: no drawn id begins with a vowel, so none gets longer to type."""
    return f"at-{name}"


def to_text(baseline: Baseline) -> str:
    """The file of a baseline: a row an item, by id, so that git shows what differs between two of them."""
    commit = f"commit: {baseline.commit}\n" if baseline.commit else ""
    header = f"---\nid: {id_of(baseline.name)}\nkind: baseline\ntitle: Baseline {baseline.name}\ntaken: {baseline.taken}\n{commit}---\n"
    table = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(row) for row in baseline.rows.values())]
    lines = "".join(f"| {' | '.join(cells)} |\n" for cells in table)
    return f"{header}What was agreed on {baseline.taken}. `planner plan compare {baseline.name}` says what has changed since.\n\n{lines}"


def _cells(row: Frozen) -> tuple[str, ...]:
    return (
        row.id, row.kind, row.project, when_text(row.start), when_text(row.finish), hours(row.duration), hours(row.effort),
        str(row.cost or ""), " ".join(row.title.split()).replace("\\", "\\\\").replace("|", "\\|"),
    )  # fmt: skip


def hours(minutes: int) -> str:
    """Minutes as `12h30m`: the same on every calendar."""
    whole, rest = divmod(minutes, 60)
    return f"{whole}h{rest}m" if whole and rest else f"{rest}m" if rest else f"{whole}h"


def from_text(item: Item, text: str) -> Baseline:
    """The baseline a file holds; a row that cannot be read is a Problem, and the others count."""
    name = item.path.rpartition("/")[2].removesuffix(".md")
    rows: dict[str, Frozen] = {}
    problems: list[Problem] = []
    first = text.count("\n", 0, item.body.start) + 1
    for number, line in enumerate(text[item.body.start :].split("\n"), first):
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in _CELLS.split(line.strip())[1:-1]]
        if not cells or cells[0] in {COLUMNS[0], "---"}:
            continue
        try:
            row = _row(cells)
            rows[row.id] = row
        except ValueError as error:
            problems.append(problem(item.path, number, 1, "bad-baseline", f"a row that cannot be read: {error}"))
    return Baseline(name, _taken(item), item.text("commit") or "", rows, tuple(problems))


def _taken(item: Item) -> date:
    try:
        return parse_date(item.text("taken") or "")
    except ValueError:
        return date.min


def _row(cells: list[str]) -> Frozen:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(COLUMNS)} cells are wanted, not {len(cells)}")
    id_, kind, project, start, finish, duration, effort, cost, title = cells
    return Frozen(
        id_, kind, project, _instant(start), _instant(finish), parse_duration(duration).minutes(),
        parse_duration(effort).minutes(), parse_money(cost) if cost else None,
        title.replace("\\|", "|").replace("\\\\", "\\"),
    )  # fmt: skip


def _instant(text: str) -> datetime:
    when = parse_when(text)
    if not isinstance(when, datetime):
        raise ValueError(f"an instant such as 2026-12-01T09:00 is wanted, not {text}")
    return when.replace(tzinfo=None)
