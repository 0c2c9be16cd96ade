"""What concerns one person: approvals that wait for them, requests to triage, hand-offs, mentions, news of what they follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, TypeAlias, get_args

from planner.core.approvals import may_decide
from planner.core.concern import awaiting, followers
from planner.core.events import Revision
from planner.core.handoffs import handed_to
from planner.core.model import Item, LogEntry
from planner.core.people import author, mentioned, teams_of
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.views.facts import by_importance, is_waiting, overdue_days
from planner.views.history import in_words, worth_telling

Key: TypeAlias = Literal["approve", "handoff", "triage", "mention", "delegated", "news"]
KEYS: tuple[Key, ...] = get_args(Key)
TITLES: Mapping[Key, str] = {
    "approve": "Waiting for your approval",
    "handoff": "Handed to your team",
    "triage": "To triage",
    "mention": "You were mentioned",
    "delegated": "You wait for",
    "news": "News of what you follow",
}
RECENT = timedelta(days=14)
"""How long a mention that you have not answered stays."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item and why it concerns you."""

    item: Item
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of one sort."""

    key: Key
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """All of it for one person; empty sections are left out."""

    me: str
    sections: tuple[Section, ...]

    @property
    def count(self) -> int:
        """How many entries ask for something to be done: all but news and what others have to do."""
        return sum(len(section.entries) for section in self.sections if section.key not in {"delegated", "news"})


def inbox(vault: Vault, today: date, me: str, news: Iterable[Revision] = ()) -> Inbox:
    """What concerns a person on a day; `news` are the newest-first commits since they last looked."""
    found: dict[Key, list[Entry]] = {key: [] for key in KEYS}
    teams = teams_of(vault, me)
    for item in vault.planned:
        if item.broken or not vault.is_open(item):
            continue
        for key, why in _reasons(vault, item, today, me, teams):
            found[key].append(Entry(item, why))
    for entries in found.values():  # the few that were found, not all that were looked at
        entries.sort(key=lambda entry: by_importance(entry.item, vault))
    found["news"] = list(_news(vault, me, news))
    return Inbox(me, tuple(Section(key, TITLES[key], tuple(entries)) for key, entries in found.items() if entries))


def _reasons(vault: Vault, item: Item, today: date, me: str, teams: frozenset[str]) -> Iterator[tuple[Key, str]]:
    for one in awaiting(vault, item, me, today):
        stead = [whom for name in one.awaited if (whom := may_decide(vault, me, name)) is not None]
        yield "approve", f"{one.step.name} ({one.step.rule})" + ("" if "" in stead else f", for {stead[0]}")
    if (team := handed_to(vault, item)) in teams and team is not None:
        giver = item.text("delegated_by")
        yield "handoff", f"to {team}" + (f" by {giver}" if giver else "")
    if vault.category(item) == "triage" and not is_waiting(item, today):
        asked = item.text("requester")
        yield "triage", f"asked by {asked}" if asked else ""
    if (entry := _unanswered(vault, item, today, me)) is not None:
        yield "mention", f"{entry.who or 'somebody'}: {entry.text}"
    if me in {item.text("delegated_by"), item.text("requester")} and item.assignees and me not in item.assignees:
        late = overdue_days(item, vault, today)
        yield "delegated", ", ".join(item.assignees) + (f", overdue {late}d" if late else "")


def _unanswered(vault: Vault, item: Item, today: date, me: str) -> LogEntry | None:
    """The last entry of the log that mentions a person and after which they have said nothing."""
    since = (today - RECENT).isoformat()
    for entry in reversed(item.body.log):
        if entry.who == me or entry.when < since:
            return None
        if "@" in entry.text and me in mentioned(vault, entry.text):
            return entry
    return None


def _news(vault: Vault, me: str, news: Iterable[Revision]) -> Iterator[Entry]:
    """What others did to what a person does, watches, owns or asked for, the newest first."""
    for revision in news:
        if author(vault, revision.who, revision.email) == me:
            continue
        by_item: dict[str, list[str]] = {}
        for change in worth_telling(revision.changes):
            by_item.setdefault(change.id, []).append(in_words(change))
        for id_, parts in by_item.items():
            item = vault.get(id_)
            if item is not None and me in followers(item):
                more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
                yield Entry(item, f"{revision.who}: {'; '.join(parts[:3])}{more}")
