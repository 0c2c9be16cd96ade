"""A parsed file as plain values that `marshal` can write and read in microseconds: what the index keeps of it.

What has a type of its own is a tuple that begins with `...`, then the number of its type, then its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias

from planner.core.model import KINDS, Body, Item, Link, LogEntry, ParsedFile, Problem, Step
from planner.core.values import Constraint, DateRange, Dependency, Duration, Estimate, Money, SpentEntry

Plain: TypeAlias = Any
"""None, text, numbers, and tuples, lists and dictionaries of them: marshal has no name for its own type."""

_DECIMAL, _DATE, _INSTANT, _RECURRENCE = range(4)
_VALUES: tuple[type, ...] = (Duration, Estimate, Money, Dependency, Constraint, DateRange, SpentEntry)
_FIRST = 4
_NUMBERS = {cls: number for number, cls in enumerate(_VALUES, start=_FIRST)}
_GETTERS: dict[type, Callable[[Any], Plain]] = {}
_BROKEN, _ARCHIVED, _TEMPLATE, _UNREAD = 1, 2, 4, 8


def pack(file: ParsedFile) -> Plain:
    """All that was read from a file, but its path and text."""
    item = file.item
    if item is None:
        return None, file.title, tuple(map(_parts, file.problems)), tuple(map(_parts, file.links)), file.unread
    body = item.body
    flags = _BROKEN * item.broken | _ARCHIVED * item.archived | _TEMPLATE * item.template | _UNREAD * file.unread
    return (
        item.id,
        item.kind,
        item.title,
        item.status,
        {name: _frozen(value) for name, value in item.fields.items()},
        (
            body.start,
            body.heading,
            tuple(map(_parts, body.checklist)),
            tuple(map(_parts, body.log)),
            tuple(map(_parts, body.links)),
        ),
        tuple(map(_parts, item.problems)),
        flags,
        file.title,
    )


def unpack(path: str, packed: Plain, text: Callable[[], str]) -> StoredFile:
    """The file again; its text is asked for when somebody wants to see it. Raises as indexing does where it is damaged."""
    if packed[0] is None:
        _, title, problems, links, unread = packed
        return StoredFile(path, text, None, _all(Problem, problems), title, _all(Link, links), unread)
    id_, kind, title, status, values, body, problems, flags, file_title = packed
    start, heading, steps, log, links = body
    faults = _all(Problem, problems)
    item = KINDS.get(kind, Item)(
        id_,
        kind,
        title,
        path,
        status,
        {name: _thawed(value) for name, value in values.items()},
        Body(start, heading, _all(Step, steps), _all(LogEntry, log), _all(Link, links)),
        faults,
        bool(flags & _ARCHIVED),
        bool(flags & _TEMPLATE),
        bool(flags & _BROKEN),
    )
    return StoredFile(path, text, item, faults, file_title, item.body.links, bool(flags & _UNREAD))


class StoredFile(ParsedFile):
    """A file as read earlier: everything but its text is at hand, the text is fetched anew at each look."""

    __slots__ = ("_fetch",)
    _fetch: Callable[[], str]

    def __init__(
        self,
        path: str,
        fetch: Callable[[], str],
        item: Item | None,
        problems: tuple[Problem, ...],
        title: str,
        links: tuple[Link, ...],
        unread: bool,
    ) -> None:
        put = object.__setattr__
        put(self, "path", path)
        put(self, "_fetch", fetch)
        put(self, "item", item)
        put(self, "problems", problems)
        put(self, "title", title)
        put(self, "links", links)
        put(self, "unread", unread)

    @property
    def text(self) -> str:
        """The text as it was when it was parsed."""
        return self._fetch()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParsedFile) and _facts(self) == _facts(other)

    def __hash__(self) -> int:
        return hash(self.path)


_facts = attrgetter("path", "text", "item", "problems", "title", "links", "unread")


def _all(cls: type[Any], rows: tuple[Plain, ...]) -> tuple[Any, ...]:
    return tuple([cls(*row) for row in rows]) if rows else ()


def _parts(value: object) -> Plain:
    """The parts of a dataclass, in order."""
    if isinstance(value, tuple):
        return tuple(value)
    cls: type[Any] = type(value)
    if (get := _GETTERS.get(cls)) is None:
        get = _GETTERS[cls] = attrgetter(*(field.name for field in fields(cls)))
    return get(value)


def _frozen(value: object) -> Plain:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, tuple) and kind is tuple:
        return tuple(map(_frozen, value))
    if isinstance(value, Mapping):
        return {key: _frozen(part) for key, part in value.items()}
    if kind is Decimal:
        return ..., _DECIMAL, str(value)
    if isinstance(value, datetime):
        return ..., _INSTANT, value.isoformat()
    if isinstance(value, date):
        return ..., _DATE, value.toordinal()
    if (number := _NUMBERS.get(kind)) is not None:
        return ..., number, *map(_frozen, _parts(value))
    return ..., _RECURRENCE, *_parts(value)


def _thawed(value: Plain) -> Any:
    kind = type(value)
    if kind is tuple:
        if value and value[0] is ...:
            return _made(value)
        return tuple([_thawed(part) for part in value])
    if kind is dict:
        return {key: _thawed(part) for key, part in value.items()}
    return value


def _made(value: tuple[Plain, ...]) -> object:
    number = value[1]
    if number >= _FIRST:
        return _VALUES[number - _FIRST](*map(_thawed, value[2:]))
    if number == _DATE:
        return date.fromordinal(value[2])
    if number == _DECIMAL:
        return Decimal(value[2])
    if number == _INSTANT:
        return datetime.fromisoformat(value[2])
    from planner.core.recurrence import Recurrence

    return Recurrence(*value[2:])
