"""What was done in a stretch of time, from history: the stand-up by person, and the week as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from planner.core.events import ADDED, DELETED, Event, Revision
from planner.core.handoffs import HandOff
from planner.core.model import Item
from planner.core.people import author
from planner.core.record import dataclass, field
from planner.core.vault import Vault
from planner.views.facts import by_importance

_DATES = frozenset({"due", "deadline", "target_end"})


@dataclass(frozen=True, slots=True)
class Said:
    """An item, and what is said of it: `todo → doing`, a comment, a date that moved."""

    id: str
    title: str
    text: str = ""


@dataclass(slots=True)
class _Gathered:
    done: dict[str, Said] = field(default_factory=dict)
    moved: dict[str, Said] = field(default_factory=dict)
    added: dict[str, Said] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    touched: dict[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """What one person did, and what is on their hands now."""

    who: str
    done: tuple[Said, ...] = ()
    moved: tuple[Said, ...] = ()
    added: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()
    touched: tuple[Said, ...] = ()
    now: tuple[Said, ...] = ()
    blocked: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """A stretch of time: by person, and what changed of the plan as a whole."""

    begin: datetime
    end: datetime
    shares: tuple[Share, ...]
    done: tuple[Said, ...]
    added: tuple[Said, ...]
    dropped: tuple[Said, ...]
    slipped: tuple[Said, ...]
    decided: tuple[Said, ...]


def digest(vault: Vault, revisions: Iterable[Revision], begin: datetime, end: datetime) -> Digest:
    """What newest-first revisions tell of the time from `begin` to `end`; whoever has work in hand is named too."""
    events = [
        (author(vault, revision.who, revision.email), event)
        for revision in reversed([one for one in revisions if begin <= one.when <= end])
        for event in revision.events()
    ]
    made = {event.id for _, event in events if event.field == ADDED}
    gathered: dict[str, _Gathered] = {}
    for who, event in events:
        _gather(gathered.setdefault(who, _Gathered()), vault, event, made)
    hands = _hands(vault)
    people = sorted({*(who for who in gathered if who in vault.people or not vault.people), *hands})
    shares = tuple(_share(vault, who, gathered.get(who, _Gathered()), hands.get(who, [])) for who in people)
    told = [event for _, event in events]
    return Digest(
        begin, end, shares,
        done=tuple(_ending(vault, told, "completed")),
        added=tuple(_of(vault, event.id, "", event.new) for event in told if event.field == ADDED and _is_work(vault, event.id)),
        dropped=(*_ending(vault, told, "canceled"), *(_of(vault, e.id, "deleted", e.old) for e in told if e.field == DELETED)),
        slipped=tuple(_slipped(vault, told)),
        decided=tuple(_decided(vault, told)),
    )  # fmt: skip


def _gather(mine: _Gathered, vault: Vault, event: Event, made: set[str]) -> None:
    if event.field == ADDED:
        if _is_work(vault, event.id):
            mine.added[event.id] = _of(vault, event.id, "", event.new)
    elif event.field == "log":
        mine.said.append(_of(vault, event.id, event.new or ""))
    elif event.id in made or event.field == DELETED:
        return
    elif event.field == "status":
        kind = mine.done if vault.config.workflow.category(event.new) == "completed" else mine.moved
        kind[event.id] = _of(vault, event.id, f"{event.old} → {event.new}")
    elif vault.get(event.id) is not None:
        mine.touched.setdefault(event.id, _of(vault, event.id))


def _share(vault: Vault, who: str, mine: _Gathered, hands: Sequence[Item]) -> Share:
    told = {*mine.done, *mine.moved, *(one.id for one in mine.said)}
    return Share(
        who,
        tuple(mine.done.values()),
        tuple(mine.moved.values()),
        tuple(mine.added.values()),
        tuple(mine.said),
        tuple(one for id_, one in mine.touched.items() if id_ not in told),
        tuple(Said(item.id, item.title) for item in hands),
        tuple(Said(item.id, item.title, _why(vault, item)) for item in hands if vault.is_blocked(item)),
    )


def _why(vault: Vault, item: Item) -> str:
    waits = ", ".join(one.id for one in vault.blockers(item))
    return item.text("blocked_reason") or f"waits for {waits}"


def _hands(vault: Vault) -> dict[str, list[Item]]:
    """What each person has started and not finished."""
    found: dict[str, list[Item]] = {}
    for item in sorted(vault.planned, key=lambda item: by_importance(item, vault)):
        if item.has_workflow and vault.category(item) == "started":
            for who in item.assignees:
                found.setdefault(who, []).append(item)
    return found


def _ending(vault: Vault, events: Iterable[Event], category: str) -> Iterator[Said]:
    """What came into a category, and is in it still."""
    ended = {e.id: e for e in events if e.field == "status" and vault.config.workflow.category(e.new) == category}
    for id_, event in ended.items():
        item = vault.get(id_)
        if item is not None and vault.category(item) == category:
            yield _of(vault, id_, f"by {event.who}")


def _slipped(vault: Vault, events: Iterable[Event]) -> Iterator[Said]:
    """Dates that moved later: from what they were at the beginning to what they are at the end."""
    first: dict[tuple[str, str], str] = {}
    last: dict[tuple[str, str], str] = {}
    for event in events:
        if event.field in _DATES and event.old is not None:
            first.setdefault((event.id, event.field), event.old)
            last[event.id, event.field] = event.new or ""
    for (id_, name), new in last.items():
        old = first[id_, name]
        item = vault.get(id_)
        if new > old and item is not None and "recurrence" not in item.fields:
            yield _of(vault, id_, f"{name} {old} → {new}")


def _decided(vault: Vault, events: Iterable[Event]) -> Iterator[Said]:
    for event in events:
        if event.field == "decisions":
            new = (event.new or "").removeprefix(event.old or "").strip(", ")
            yield _of(vault, event.id, " ".join(new.split()[1:4]))


def _is_work(vault: Vault, id_: str) -> bool:
    item = vault.get(id_)
    return item is not None and item.has_workflow


def _of(vault: Vault, id_: str, text: str = "", title: str | None = None) -> Said:
    item = vault.get(id_)
    return Said(id_, item.title if item is not None else title or id_, text)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hand-offs from one team to another: how many, and how long they waited."""

    from_team: str
    to_team: str
    count: int
    open: int
    returned: int
    median: timedelta
    longest: timedelta


def waiting(found: Sequence[HandOff], now: datetime) -> tuple[Waiting, ...]:
    """Hand-offs by the two teams, those that waited longest first."""
    pairs: dict[tuple[str, str], list[HandOff]] = {}
    for one in found:
        pairs.setdefault((one.from_team, one.to_team), []).append(one)
    rows = []
    for (giver, taker), some in pairs.items():
        waits = sorted(one.waited(now) for one in some)
        open_, back = (sum(one.outcome == word for one in some) for word in ("waiting", "returned"))
        middle = (waits[(len(waits) - 1) // 2] + waits[len(waits) // 2]) / 2
        rows.append(Waiting(giver, taker, len(some), open_, back, middle, waits[-1]))
    return tuple(sorted(rows, key=lambda row: -row.longest))
