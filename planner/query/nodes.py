"""What a query is: a small tree of conditions that prints as text which reads back as the same tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from planner.core.pattern import later
from planner.core.record import dataclass
from planner.core.record import field as attribute

Operator: TypeAlias = Literal[":", "=", "<", "<=", ">", ">="]

IS_WORDS: Mapping[str, str] = {
    "open": "still to do: neither completed nor canceled nor archived",
    "done": "completed",
    "canceled": "dropped without being done",
    "archived": "out of sight, kept for reference",
    "ready": "can be worked on now: open, not blocked, not waiting",
    "blocked": "waits for another item, or says why it cannot go on",
    "waiting": "hidden until a later day",
    "overdue": "open although its due date or deadline has passed",
    "critical": "has no float left: when it slips, the end of its project does",
    "stale": "open, and nothing was noted on it for two weeks",
    "unassigned": "nobody does it",
    "mine": "assigned to you",
    "delegated": "you handed it on or asked for it, and somebody else does it",
    "followed": "you watch it, own it, asked for it or do it",
    "awaiting": "your approval is asked for, or it was handed to your team",
    "recurring": "repeats",
    "broken": "its file has a fault",
    "template": "a pattern for new items",
}
"""What may follow `is:`, and what it means."""

KEYWORDS = frozenset({"and", "or", "not"})
NONE, ANY, ME = "none", "any", "me"
RANGE = ".."

_PLAIN_WORD = later(r"[^\W_][\w.\-/+']*")
_PLAIN_VALUE = later(r"[^\s(),\"<>=:][^\s(),\"]*")


@dataclass(frozen=True, slots=True)
class At:
    """Where something stands: a text and a position in it, counted in characters from 0."""

    text: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """One value as typed; `literal` says that a word with a meaning (`none`, `me`, `a..b`) is meant as text."""

    text: str
    literal: bool = False
    at: At = attribute(default=At(), compare=False, repr=False)

    @classmethod
    def quoted(cls, text: str, at: At) -> Value:
        """A value that stood in quotes, which matter only where the bare text would mean something else."""
        special = text.casefold() in {NONE, ANY, ME} or RANGE in text or text.startswith("//")
        return cls(text, special, at)

    def means(self, word: str) -> bool:
        """Whether it is that special word, unquoted."""
        return not self.literal and self.text.casefold() == word

    @property
    def bounds(self) -> tuple[str, str] | None:
        """Both ends of a range `low..high`, an open end empty; None for a single value."""
        if self.literal or RANGE not in self.text:
            return None
        low, _, high = self.text.partition(RANGE)
        return low, high

    def __str__(self) -> str:
        return self.text if not self.literal and _PLAIN_VALUE.fullmatch(self.text) else quote(self.text)


@dataclass(frozen=True, slots=True)
class Words:
    """Text to be found in the title, the tags, the body, or at the beginning of the id."""

    text: str
    at: At = attribute(default=At(), compare=False, repr=False)

    def __str__(self) -> str:
        special = self.text.casefold() in KEYWORDS or self.text.casefold() in IS_WORDS
        return quote(self.text) if special or not _PLAIN_WORD.fullmatch(self.text) else self.text


MINE = frozenset({"mine", "delegated", "followed", "awaiting"})
"""Words for which somebody has to know who is asking."""


@dataclass(frozen=True, slots=True)
class Is:
    """A computed fact: one of IS_WORDS."""

    word: str
    at: At = attribute(default=At(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"is:{self.word}"


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a field is set."""

    field: str
    at: At = attribute(default=At(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"has:{self.field}"


@dataclass(frozen=True, slots=True)
class Match:
    """A field compared with a value, or with several of which one is to fit."""

    field: str
    operator: Operator
    values: tuple[Value, ...]
    at: At = attribute(default=At(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{','.join(str(value) for value in self.values)}"


@dataclass(frozen=True, slots=True)
class Not:
    """What a condition leaves out."""

    part: Node

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, And | Or) else f"-{self.part}"


@dataclass(frozen=True, slots=True)
class And:
    """Every one of the parts; no part at all is everything."""

    parts: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Leaf: TypeAlias = "Words | Is | Has | Match"
Node: TypeAlias = "Leaf | Not | And | Or"


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key; equal items are left to the next one."""

    field: str
    descending: bool = False
    at: At = attribute(default=At(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"sort:{'-' if self.descending else ''}{self.field}"


@dataclass(frozen=True, slots=True)
class Query:
    """Which items, and in which order; `str` gives its canonical text."""

    filter: Node = And()
    sort: tuple[Sort, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, (self._filter_text(), *map(str, self.sort))))

    def _filter_text(self) -> str:
        return f"({self.filter})" if self.sort and isinstance(self.filter, Or) else str(self.filter)

    def narrowed(self, other: Query) -> Query:
        """What both let through, in the other's order if it has one: a live filter over a saved view."""
        return Query(all_of((self.filter, other.filter)), other.sort or self.sort)

    @property
    def asks_for_me(self) -> bool:
        """Whether somebody has to know who is asking."""
        return any(_asks_for_me(leaf) for leaf in _leaves(self.filter))

    def names(self) -> Iterator[str]:
        """Every field it looks at or sorts by, and every word after `is:`."""
        for leaf in _leaves(self.filter):
            yield leaf.word if isinstance(leaf, Is) else getattr(leaf, "field", "")
        yield from (sort.field for sort in self.sort)

    def wanted(self) -> Iterator[Leaf]:
        """Every condition that asks for something; what stands under a `-` only leaves out."""
        yield from _wanted(self.filter, True)


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Not):
        yield from _leaves(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node


def _asks_for_me(leaf: Leaf) -> bool:
    if isinstance(leaf, Match):
        return any(value.means(ME) for value in leaf.values)
    return isinstance(leaf, Is) and leaf.word in MINE


def _wanted(node: Node, positive: bool) -> Iterator[Leaf]:
    if isinstance(node, Not):
        yield from _wanted(node.part, not positive)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _wanted(part, positive)
    elif positive:
        yield node


def all_of(parts: Iterable[Node]) -> Node:
    """Every part, nested conjunctions made flat; one part stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """One of the parts, nested alternatives made flat; one part stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def negated(part: Node) -> Node:
    """The opposite; a double negation falls away."""
    return part.part if isinstance(part, Not) else Not(part)


def quote(text: str) -> str:
    """The text between double quotes, as the language reads it back."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
