"""The plan over time: a tree of bars, one row for each project, parent, task and milestone, and what links them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from planner.core.model import Item
from planner.core.record import dataclass, field
from planner.core.vault import Vault
from planner.plan.calendar import END, Moment, end_of
from planner.plan.model import Link, Schedule
from planner.query.match import compile_query
from planner.query.nodes import Query
from planner.query.order import group
from planner.query.scope import Scope
from planner.query.visible import is_work, visible
from planner.views.facts import due_of, mark_of

KEPT_AFTER_DONE = timedelta(days=28)
"""Completed work is shown for four weeks."""

Kind: TypeAlias = Literal["group", "summary", "task", "milestone"]
Baseline: TypeAlias = Mapping[str, tuple[Moment, Moment]]
"""Start and finish of each item (by path) as they were planned once."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree. Moments are half-open; float is in working minutes, negative where the plan is late.

    `key` is the item's path; of a group that stands for no item, `=` and its label. `parent` is the key of the row it
    hangs under. `slack_until` is how late it may finish; `progress` runs from 0 to 1.
    """

    key: str
    kind: Kind
    title: str
    depth: int = 0
    parent: str = ""
    item: Item | None = None
    start: Moment | None = None
    finish: Moment | None = None
    progress: float = 0.0
    critical: bool = False
    float_minutes: int | None = None
    slack_until: Moment | None = None
    deadline: Moment | None = None
    baseline: tuple[Moment, Moment] | None = None
    mark: str = ""
    done: bool = False
    who: tuple[str, ...] = ()
    estimate: str = ""
    minutes: int = 0  # working time
    inside: int = 0  # rows below it, however deep

    @property
    def path(self) -> str | None:
        """The path of its item, None for a group that stands for none."""
        return self.item.path if self.item is not None else None


@dataclass(frozen=True)
class Timeline:
    """All rows in the order of the tree, folded ones too; `shown` items of the `total` without a query."""

    rows: tuple[Row, ...]
    schedule: Schedule
    today: date
    shown: int
    total: int
    place: Mapping[str, int] = field(default_factory=dict)  # of each row, by key

    @cached_property
    def before(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that lead to each item, by path."""
        return _by(self.schedule.network.links, lambda link: link.successor)

    @cached_property
    def after(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that lead on from each item, by path."""
        return _by(self.schedule.network.links, lambda link: link.predecessor)

    @cached_property
    def critical_links(self) -> tuple[Link, ...]:
        """The links of the critical path: both ends critical, and the first drives the second."""
        dates = self.schedule.dates
        return tuple(
            link
            for link in self.schedule.network.links
            if (one := dates.get(link.predecessor)) is not None
            and (other := dates.get(link.successor)) is not None
            and one.critical
            and other.critical
            and link.predecessor in other.driving
        )

    def row(self, key: str) -> Row | None:
        """The row of that key."""
        place = self.place.get(key)
        return None if place is None else self.rows[place]

    def unfolded(self, folded: frozenset[object]) -> tuple[Row, ...]:
        """The rows that show: none below a folded one."""
        if not folded:
            return self.rows
        shown: list[Row] = []
        skip = 0
        for row in self.rows:
            if skip:
                skip -= 1
                continue
            shown.append(row)
            skip = row.inside if row.key in folded else 0
        return tuple(shown)

    def shown_for(self, path: str, folded: frozenset[object]) -> str | None:
        """The key of the row that stands for an item: its own, or the one it is folded into; None if there is none."""
        row = self.row(path)
        chain = [row] if row is not None else []
        while row is not None and row.parent:
            row = self.row(row.parent)
            chain += [row] if row is not None else []
        return next((above.key for above in reversed(chain) if above.key in folded), path) if chain else None


def timeline(
    vault: Vault,
    schedule: Schedule,
    query: Query,
    today: date,
    *,
    me: str | None = None,
    lanes: str | None = None,
    baseline: Baseline | None = None,
) -> Timeline:
    """What a query asks for, over time; the parents of what it finds stand above it. Raises QueryError.

    `lanes` names the field that sets groups apart: by default project, else area. Rows stand by start.
    """
    scope = Scope(vault, today, me)
    fits, seen = compile_query(query, vault, today=today, me=me), visible(query, scope, today - KEPT_AFTER_DONE)
    work = [item for item in vault.items if is_work(item) and _has_a_place(item, vault) and seen(item)]
    found = [item for item in work if fits(item)]
    above = _parents(work, vault)
    kept = {item.path: item for item in found}
    for item in found:
        kept |= {parent.path: parent for parent in _ancestors(item.path, above)}
    make = _Maker(vault, schedule, baseline or {})
    if lanes is not None and lanes != "project":
        above, groups = _lanes(above, group([*kept.values()], lanes, vault, today=today))
    else:
        groups = _homes(kept, above, vault)
    rows = tuple(make.tree(kept, above, groups))
    return Timeline(rows, schedule, today, len(found), len(work), {row.key: n for n, row in enumerate(rows)})


def _has_a_place(item: Item, vault: Vault) -> bool:
    """Whether an item belongs in a plan, if only as a row without a bar: all work but requests and what is in triage."""
    return item.broken or (item.kind != "request" and vault.category(item) not in {"triage", "canceled"})


def _parents(items: Sequence[Item], vault: Vault) -> dict[str, Item]:
    """The parent of each item that has one among them; a circle of parents is cut where it is met first."""
    among = {item.path: item for item in items}
    above: dict[str, Item] = {}
    for item in items:
        reference = item.text("parent")
        parent = vault.resolve(reference) if reference else None
        if parent is not None and parent.path in among and item.path not in {
            parent.path, *(one.path for one in _ancestors(parent.path, above))
        }:  # fmt: skip
            above[item.path] = parent
    return above


def _ancestors(path: str, above: Mapping[str, Item]) -> Iterator[Item]:
    while (parent := above.get(path)) is not None:
        yield parent
        path = parent.path


@dataclass(frozen=True, slots=True)
class _Group:
    key: str
    label: str
    item: Item | None
    roots: tuple[Item, ...]


def _lanes(
    above: Mapping[str, Item], groups: Iterable[tuple[str, tuple[Item, ...]]]
) -> tuple[dict[str, Item], list[_Group]]:
    """Groups by a field, and who hangs under whom in them: a part stands with its parent only in the same group.

    A parent none of whose parts stands with it is left out.
    """
    parents = {parent.path for parent in above.values()}
    found: list[_Group] = []
    inside: dict[str, Item] = {}
    for label, members in groups:
        here = {item.path for item in members}
        inside |= {path: parent for path, parent in above.items() if path in here and parent.path in here}
        kin = {parent.path for parent in inside.values()}
        roots = [item for item in members if item.path not in inside and (item.path not in parents or item.path in kin)]
        found.append(_Group(f"={label}", label, None, tuple(roots)))
    return inside, [one for one in found if one.roots]


def _homes(kept: Mapping[str, Item], above: Mapping[str, Item], vault: Vault) -> list[_Group]:
    """Groups by project, else by area."""
    places: dict[str, tuple[Item | None, list[Item]]] = {}
    for item in (item for path, item in kept.items() if path not in above):
        reference = item.project or item.area or ""
        home = vault.resolve(reference) if reference else None
        key = home.path if home is not None and home.path != item.path else f"={reference}"
        places.setdefault(key, (home if key[0] != "=" else None, []))[1].append(item)
    return [
        _Group(key, home.title if home is not None else key[1:] or "(no project)", home, tuple(members))
        for key, (home, members) in places.items()
    ]


class _Maker:
    """Makes rows; it exists to hold what all of them need."""

    def __init__(self, vault: Vault, schedule: Schedule, baseline: Baseline) -> None:
        self.vault = vault
        self.schedule = schedule
        self.baseline = baseline

    def tree(self, kept: Mapping[str, Item], above: Mapping[str, Item], groups: Iterable[_Group]) -> Iterator[Row]:
        """Every group with its tree, by start."""
        below: dict[str, list[Item]] = {}
        for path, item in kept.items():
            if path in above:
                below.setdefault(above[path].path, []).append(item)
        made = [(one, self._under(one.roots, below, one.key, 1)) for one in groups]
        heads = [self._head(one, rows) for one, rows in made]
        last = len(heads)
        order = sorted(range(last), key=lambda n: (made[n][0].key == "=", heads[n].start or END, n))
        for number in order:
            yield heads[number]
            yield from made[number][1]

    def _under(self, items: Iterable[Item], below: Mapping[str, list[Item]], parent: str, depth: int) -> list[Row]:
        """The rows of some items by start, each with what hangs under it."""
        rows: list[Row] = []
        for item in sorted(items, key=self._place):
            inner = self._under(below.get(item.path, ()), below, item.path, depth + 1) if item.path in below else []
            rows += [self._row(item, parent, depth, len(inner)), *inner]
        return rows

    def _place(self, item: Item) -> tuple[Moment, Moment, str, str]:
        dates = self.schedule.dates.get(item.path)
        return (dates.start, dates.finish, item.title, item.path) if dates else (END, END, item.title, item.path)

    def _row(self, item: Item, parent: str, depth: int, inside: int) -> Row:
        """A row, with a bar where the item is scheduled: broken files and circles are not."""
        activity, dates = self.schedule.network.activities.get(item.path), self.schedule.dates.get(item.path)
        done = self.vault.category(item) == "completed"
        milestone = activity is not None and activity.milestone
        return Row(
            key=item.path,
            kind="summary" if inside or (activity and activity.summary) else "milestone" if milestone else "task",
            title=item.title,
            depth=depth,
            parent=parent,
            item=item,
            start=dates.start if dates else None,
            finish=dates.finish if dates else None,
            progress=1.0 if done else activity.progress if activity else 0.0,
            critical=dates is not None and dates.critical and not done,
            float_minutes=dates.total_float if dates and not done else None,
            slack_until=dates.late_finish if dates and not done and dates.late_finish > dates.finish else None,
            deadline=_end(item.when("deadline") or item.due),
            baseline=self.baseline.get(item.path),
            mark=mark_of(item, self.vault),
            done=done,
            who=item.assignees,
            estimate=str(item.fields.get("duration") or (item.estimate.likely if item.estimate else "")),
            minutes=activity.duration if activity else 0,
            inside=inside,
        )

    def _head(self, group_: _Group, rows: Sequence[Row]) -> Row:
        """A group's row: from the first start to the last finish in it, with the part of its work that is done."""
        leaves = [row for row in rows if row.kind in {"task", "milestone"}]
        starts = [row.start for row in rows if row.start is not None]
        finishes = [row.finish for row in rows if row.finish is not None]
        weight = sum(row.minutes for row in leaves)
        done = sum(row.progress * row.minutes for row in leaves)
        item = group_.item
        kept = [pair for row in leaves if (pair := row.baseline) is not None]
        return Row(
            key=group_.key,
            kind="group",
            title=group_.label,
            item=item,
            start=min(starts, default=None),
            finish=max(finishes, default=None),
            progress=done / weight if weight else float(bool(leaves) and all(row.done for row in leaves)),
            deadline=_end(item.when("target_end") or due_of(item)) if item is not None else None,
            baseline=(min(one for one, _ in kept), max(end for _, end in kept)) if kept else None,
            inside=len(rows),
        )


def _end(when: date | None) -> Moment | None:
    return end_of(when) if when is not None else None


def _by(links: Iterable[Link], key: Callable[[Link], str]) -> Mapping[str, tuple[Link, ...]]:
    index: dict[str, list[Link]] = {}
    for link in links:
        index.setdefault(key(link), []).append(link)
    return {path: tuple(found) for path, found in index.items()}
