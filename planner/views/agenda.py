"""What the days bring: Today in sections, and the agenda of the days to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias, get_args

from planner.core.dates import day_of
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.values import DateRange
from planner.core.vault import Vault
from planner.views.facts import by_importance, days_of, is_waiting, overdue_days

NEXT = 5
"""How many ready items without a date Today proposes."""
SOON = timedelta(days=7)

SectionKey: TypeAlias = Literal[
    "overdue", "due", "scheduled", "started", "review", "delegated", "blocked", "tomorrow", "next"
]
TITLES: Mapping[SectionKey, str] = {
    "overdue": "Overdue",
    "due": "Due today",
    "scheduled": "Scheduled",
    "started": "In progress",
    "review": "Waiting for your review",
    "delegated": "Waiting for others",
    "blocked": "Blocked",
    "tomorrow": "Tomorrow",
    "next": "Next",
}
EntryKind: TypeAlias = Literal[
    "overdue", "milestone", "deadline", "due", "target_end", "review_by", "scheduled", "leave"
]
_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
_DATED: tuple[EntryKind, ...] = ("due", "deadline", "target_end", "review_by", "scheduled")
_STAYING = frozenset({"target_end", "review_by"})  # shown on the first day until somebody deals with them
_CLOSED = frozenset({"closed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Section:
    """Some items of Today under one heading."""

    key: SectionKey
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """A day's work, each item in one section only; `inbox` counts what waits for triage."""

    day: date
    me: str
    sections: tuple[Section, ...]
    inbox: int

    def items(self, key: SectionKey) -> tuple[Item, ...]:
        """The items of one section, none where it has nothing to show."""
        return next((section.items for section in self.sections if section.key == key), ())


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on a day: what it is, of which item, at what time if it has one, and the last day of a leave."""

    kind: EntryKind
    item: Item
    when: date | datetime
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its entries, or a run of days without any, the last of them `until`."""

    day: date
    entries: tuple[Entry, ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The days from `start` on; what is overdue stands on the first of them."""

    start: date
    days: tuple[Day, ...]


def today(vault: Vault, today: date, me: str = "") -> Today:
    """Today for one person: what is theirs or nobody's; for somebody the vault does not know, everybody's."""
    work = [item for item in vault.planned if item.has_workflow and vault.is_open(item)]
    known = me in vault.people or any(me in item.assignees for item in work)
    found: dict[SectionKey, list[Item]] = {key: [] for key in TITLES}
    for item in sorted(work, key=lambda item: by_importance(item, vault)):
        key = _section(item, vault, today, me if known else "")
        if key is not None:
            found[key].append(item)
    del found["next"][NEXT:]
    sections = tuple(Section(key, TITLES[key], tuple(items)) for key, items in found.items() if items)
    return Today(today, me, sections, inbox=sum(vault.category(item) == "triage" for item in work))


def _section(item: Item, vault: Vault, today: date, me: str) -> SectionKey | None:
    """Where an open item belongs on that day, None where it can wait; no `me` stands for everybody."""
    started = vault.category(item) == "started"
    if me and item.assignees and me not in item.assignees:
        if started and me in item.texts("reviewers"):
            return "review"
        delegated = me in (item.text("delegated_by"), item.text("requester"))
        return "delegated" if delegated and not is_waiting(item, today) else None
    if overdue_days(item, vault, today):
        return "overdue"
    if today in days_of(item, "due", "deadline"):
        return "due"
    if is_waiting(item, today):
        return None
    if started:
        return "started"
    return _later(item, vault, today)


def _later(item: Item, vault: Vault, today: date) -> SectionKey | None:
    """The section of an item that is neither due nor begun."""
    scheduled, dates = days_of(item, "scheduled"), days_of(item, "due", "deadline", "scheduled")
    if any(day <= today for day in scheduled):
        return "scheduled"
    if vault.is_blocked(item):
        urgent = item.text("blocked_reason") is not None or any(day <= today + SOON for day in dates)
        return "blocked" if urgent else None
    if today + timedelta(days=1) in dates:
        return "tomorrow"
    return "next" if vault.category(item) == "unstarted" and not scheduled else None


def agenda(vault: Vault, today: date, days: int = 14, items: Iterable[Item] | None = None) -> Agenda:
    """The coming days of all items, or of those given; days without entries are drawn together."""
    last = today + timedelta(days=days - 1)
    found: dict[date, list[Entry]] = {}
    for item in vault.planned if items is None else items:
        for day, entry in _once_a_day(_entries(item, vault, today), today).items():
            found.setdefault(day, []).append(entry)
    return Agenda(today, tuple(_days(found, today, last)))


def _entries(item: Item, vault: Vault, today: date) -> Iterator[Entry]:
    """Everything an item has in its future, and that it is overdue."""
    for leave in _leaves(item):
        if leave.end >= today:
            yield Entry("leave", item, leave.start, leave.end)
    if not vault.is_open(item) or item.text("lifecycle") in _CLOSED:
        return
    if overdue_days(item, vault, today):
        yield Entry("overdue", item, min(days_of(item, "due", "deadline")))
    for kind in _DATED:
        when = item.when(kind)
        if when is None or (day_of(when) < today and kind not in _STAYING) or is_waiting(item, day_of(when)):
            continue
        yield Entry("milestone" if kind == "due" and item.kind == "milestone" else kind, item, when)


def _leaves(item: Item) -> Iterator[DateRange]:
    value = item.fields.get("leave")
    if isinstance(value, tuple):
        yield from (part for part in value if isinstance(part, DateRange))


def _once_a_day(entries: Iterable[Entry], today: date) -> dict[date, Entry]:
    """The days of one item, what is past on the first; of several entries on one day the first by kind."""
    first: dict[date, Entry] = {}
    for entry in sorted(entries, key=lambda entry: _KINDS.index(entry.kind)):
        first.setdefault(max(day_of(entry.when), today), entry)
    return first


def _days(found: Mapping[date, list[Entry]], first: date, last: date) -> Iterator[Day]:
    """Every day from first to last, runs of empty ones as one."""
    day = first
    while day <= last:
        if entries := found.get(day):
            yield Day(day, tuple(sorted(entries, key=_by_time)))
        else:
            begin = day
            while day < last and day + timedelta(days=1) not in found:
                day += timedelta(days=1)
            yield Day(begin, until=day if day > begin else None)
        day += timedelta(days=1)


def _by_time(entry: Entry) -> tuple[time, int, str, str]:
    """Whole-day entries first, then by the clock."""
    at = entry.when.time() if isinstance(entry.when, datetime) and entry.kind != "overdue" else time.min
    return at, _KINDS.index(entry.kind), entry.item.title.casefold(), entry.item.path
