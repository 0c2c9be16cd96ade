"""What a plan is made of: items, the files they stand in, and the faults found in their text.

Everything here is frozen: a change is a new value. An `Item` says what one file says; facts that follow from
other files (blocked, children, dates of a schedule) are computed from a `Vault` and never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from planner.core.record import dataclass, field
from planner.core.values import Constraint, DateRange, Dependency, Duration, Estimate, Money, SpentEntry

if TYPE_CHECKING:
    from planner.core.document import RawValue
    from planner.core.recurrence import Recurrence

Scalar: TypeAlias = (
    "str | bool | int | Decimal | date | datetime | Duration | Estimate | Money | Dependency | Constraint"
    " | DateRange | SpentEntry | Recurrence"
)
Value: TypeAlias = "Scalar | tuple[Scalar, ...] | RawValue"
Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A fault in the user's text: where, what, and the way out; `line` and `column` count from 1."""

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column}: {self.severity} {self.code}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Step:
    """A checklist line of a body: `- [ ] text`; `number` counts from 1, `offset` is where its box's mark stands."""

    number: int
    text: str
    done: bool
    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the `## Log` section: when (as written), who, and what was said."""

    when: str
    who: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Link:
    """A `[[wiki link]]` or a relative Markdown link of a body; `target` as written."""

    target: str
    line: int
    wiki: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What a line scan finds in a body: checklist, log, links, first heading; offsets count in the file's text."""

    start: int = 0
    heading: str | None = None
    checklist: tuple[Step, ...] = ()
    log: tuple[LogEntry, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def done(self) -> int:
        """How many steps are ticked."""
        return sum(step.done for step in self.checklist)


@dataclass(frozen=True, slots=True)
class Item:
    """What one file says. `fields` holds every set field, typed, under its canonical name."""

    id: str
    kind: str
    title: str
    path: str
    status: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    body: Body = Body()
    problems: tuple[Problem, ...] = ()
    archived: bool = False
    template: bool = False
    broken: bool = False  # the header could not be read at all: shown raw, never edited

    has_workflow: ClassVar[bool] = False
    line: ClassVar[int] = 1

    def text(self, name: str) -> str | None:
        """A single text field, None where it is not set."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A field of several words, people or references; empty where it is not set."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return (value,)
        return tuple(part for part in value if isinstance(part, str)) if isinstance(value, tuple) else ()

    def when(self, name: str) -> date | datetime | None:
        """A date or instant field."""
        value = self.fields.get(name)
        return value if isinstance(value, date) else None

    @property
    def due(self) -> date | datetime | None:
        """Soft target."""
        return self.when("due")

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags, as written, without `#`."""
        return self.texts("tags")

    @property
    def assignees(self) -> tuple[str, ...]:
        """The people who do it."""
        return self.texts("assignee")

    @property
    def priority(self) -> str | None:
        """One of the configured levels."""
        return self.text("priority")

    @property
    def project(self) -> str | None:
        """The project it belongs to: set in the file, else given by its folder."""
        return self.text("project")

    @property
    def area(self) -> str | None:
        """The area of ongoing work it belongs to."""
        return self.text("area")

    @property
    def rank(self) -> str | None:
        """Its place among the cards of a column: a fractional index."""
        return self.text("rank")

    @property
    def estimate(self) -> Estimate | None:
        """Expected effort."""
        value = self.fields.get("estimate")
        return value if isinstance(value, Estimate) else None

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """What it waits for."""
        value = self.fields.get("depends_on")
        return tuple(part for part in value if isinstance(part, Dependency)) if isinstance(value, tuple) else ()


class Task(Item):
    """A piece of work."""

    __slots__ = ()
    has_workflow = True


class Milestone(Item):
    """A point in time that other work leads to; its duration is zero."""

    __slots__ = ()
    has_workflow = True


class Request(Item):
    """Something asked of the team, to be triaged before it becomes work."""

    __slots__ = ()
    has_workflow = True


class Project(Item):
    """A time-bound undertaking: charter, budget, dates; its folder's files are its work."""

    __slots__ = ()

    @property
    def target_end(self) -> date | datetime | None:
        """When it is meant to be finished."""
        return self.when("target_end")

    @property
    def owner(self) -> str | None:
        """The one accountable person."""
        return self.text("owner")


class Area(Item):
    """Ongoing responsibility without an end."""

    __slots__ = ()


class Goal(Item):
    """An objective with key results."""

    __slots__ = ()


class Person(Item):
    """Someone who works on the plan; the id is the file's stem."""

    __slots__ = ()

    @property
    def emails(self) -> tuple[str, ...]:
        """Addresses git may know this person by."""
        return self.texts("email")


class Team(Item):
    """People who share work."""

    __slots__ = ()


class Risk(Item):
    """Something that may happen: probability, impact, response."""

    __slots__ = ()


KINDS: Mapping[str, type[Item]] = {
    "task": Task,
    "milestone": Milestone,
    "project": Project,
    "area": Area,
    "goal": Goal,
    "person": Person,
    "team": Team,
    "risk": Risk,
    "request": Request,
}
"""The kinds with a meaning; any other kind is kept, shown and queryable as a plain `Item`."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One file as read: its text, the item it is (None for a note or a file that was not read), its faults."""

    path: str
    text: str
    item: Item | None
    problems: tuple[Problem, ...] = ()
    title: str = ""  # of a note: first heading or stem, so that links to it resolve
    links: tuple[Link, ...] = ()
    unread: bool = False  # too large, special or unreadable: known by its reason only


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that may not be read as text: too large, special, outside the vault."""

    path: str
    code: str
    message: str
