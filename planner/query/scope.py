"""What words in a query refer to: days counted from today, `me`, people and items by any of their names."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from planner.core.model import Item
from planner.core.vault import Vault
from planner.query.language import QueryError
from planner.query.nodes import ME, At, Value

if TYPE_CHECKING:
    from planner.plan.model import Schedule

CLOSED = frozenset({"completed", "canceled"})


class Scope:
    """A vault seen on one day by one person; remembers what each reference in it resolved to."""

    def __init__(self, vault: Vault, today: date, me: str | None = None, now: datetime | None = None) -> None:
        self.vault = vault
        self.today = today
        self.now = now
        self._me = me
        self._categories: dict[str, str | None] = {}
        self._references: dict[str, str] = {}
        self._people: dict[str, str] | None = None

    @cached_property
    def plan(self) -> Schedule:
        """The schedule of the vault on that day; asked for by the words that need it, and by no others."""
        from planner.plan.planned import planned

        return planned(self.vault, self.today)

    def category(self, item: Item) -> str | None:
        """The category of an item's state, looked up once a state."""
        status = item.status
        if status is None:
            return None
        if status not in self._categories:
            self._categories[status] = self.vault.category(item)
        return self._categories[status]

    def is_open(self, item: Item) -> bool:
        """Whether there is still something to do: neither completed nor canceled nor archived."""
        return not item.archived and self.category(item) not in CLOSED

    def me(self, at: At) -> str:
        """Who asks, as `person` would say it; raises QueryError where nobody knows."""
        if self._me is None:
            raise QueryError("nobody knows who you are here", at, "git config user.email you@example.org")
        return self.person(self._me)

    def asked_person(self, value: Value) -> str:
        """The person a value of a query names."""
        return self.me(value.at) if value.means(ME) else self.person(value.text.removeprefix("@"))

    def person(self, name: str) -> str:
        """One spelling for each person: the id in lower case, for an alias too."""
        if self._people is None:
            self._people = {
                alias.casefold(): person.id.casefold()
                for person in self.vault.people.values()
                for alias in (*person.texts("aliases"), person.id)
            }
        folded = name.casefold()
        return self._people.get(folded, folded)

    def reference(self, text: str) -> str:
        """One spelling for each item: its path, however it is referred to; else the text in lower case."""
        known = self._references.get(text)
        if known is None:
            found = self.vault.resolve(text)
            known = self._references[text] = found.path if found is not None else text.casefold()
        return known

    def day(self, text: str) -> date | datetime:
        """The day or instant that a date word means; raises ValueError."""
        from planner.core.dates import resolve

        return resolve(text, self.today, self.vault.config.first_day_of_week)

    def is_past(self, when: date | datetime) -> bool:
        """Whether a day is before today, or an instant before now (without a clock: its day before today)."""
        if isinstance(when, datetime) and self.now is not None:
            return wall(when) < wall(self.now)
        return when.toordinal() < self.today.toordinal()

    def is_future(self, when: date | datetime) -> bool:
        """Whether a day is after today, or an instant after now (without a clock: its day after today)."""
        if isinstance(when, datetime) and self.now is not None:
            return wall(when) > wall(self.now)
        return when.toordinal() > self.today.toordinal()

    def is_waiting(self, item: Item) -> bool:
        """Whether an open item is hidden until a later day."""
        wait = item.when("wait")
        return wait is not None and self.is_future(wait) and self.is_open(item)


def wall(when: datetime) -> datetime:
    """What the clock on the wall shows, whatever the offset: the one order that days and instants share."""
    return when.replace(tzinfo=None)
