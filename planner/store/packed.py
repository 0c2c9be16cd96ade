"""A parsed file as plain values that `marshal` can write and read in microseconds: what the index keeps of it.

What has a type of its own, or holds such a thing, is a tuple that begins with `...`, then the number of its type, then
its parts; anything else is there as it is. A body's checklist and log are bytes of their own, read when they are
looked at.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias

from planner.core.model import KINDS, Body, Item, Link, LogEntry, ParsedFile, Problem, Step
from planner.core.record import fields
from planner.core.values import Constraint, DateRange, Dependency, Duration, Estimate, Money, SpentEntry

Plain: TypeAlias = Any
"""None, text, numbers, and tuples, lists and dictionaries of them: marshal has no name for its own type."""

_DECIMAL, _DATE, _INSTANT, _RECURRENCE, _LIST, _MAP = range(6)
_VALUES: tuple[type, ...] = (Duration, Estimate, Money, Dependency, Constraint, DateRange, SpentEntry)
_FIRST = 6
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
        (body.start, body.heading, tuple(map(_parts, body.links)), _rest_of(body)),
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
    start, heading, links, rest = body
    faults = _all(Problem, problems)
    item = KINDS.get(kind, Item)(
        id_,
        kind,
        title,
        path,
        status,
        {
            name: _made(value) if type(value) is tuple and value and value[0] is ... else value
            for name, value in values.items()
        },
        StoredBody(start, heading, _all(Link, links), rest) if rest else Body(start, heading, links=_all(Link, links)),
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


class StoredBody(Body):
    """A body as read earlier: its checklist and log are made at the first look."""

    __slots__ = ("_rest",)
    _rest: bytes | tuple[tuple[Step, ...], tuple[LogEntry, ...]]

    def __init__(self, start: int, heading: str | None, links: tuple[Link, ...], rest: bytes) -> None:
        put = object.__setattr__
        put(self, "start", start)
        put(self, "heading", heading)
        put(self, "links", links)
        put(self, "_rest", rest)

    def _read(self) -> tuple[tuple[Step, ...], tuple[LogEntry, ...]]:
        if isinstance(self._rest, bytes):
            steps, log = marshal.loads(self._rest)  # noqa: S302 (ours: the record's checksum was right)
            object.__setattr__(self, "_rest", (_all(Step, steps), _all(LogEntry, log)))
        assert isinstance(self._rest, tuple), "read by now"  # noqa: S101
        return self._rest

    @property
    def checklist(self) -> tuple[Step, ...]:
        """Its steps."""
        return self._read()[0]

    @property
    def log(self) -> tuple[LogEntry, ...]:
        """What its log says."""
        return self._read()[1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Body) and _said(self) == _said(other)

    def __hash__(self) -> int:
        return hash(_said(self))

    def __repr__(self) -> str:
        return repr(Body(*_said(self)))


def _rest_of(body: Body) -> bytes:
    """A checklist and a log as bytes; none where both are empty."""
    if not (body.checklist or body.log):
        return b""
    return marshal.dumps((tuple(map(_parts, body.checklist)), tuple(map(_parts, body.log))))


_said = attrgetter("start", "heading", "checklist", "log", "links")
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
        parts = tuple(map(_frozen, value))
        return value if _same(parts, value) else (..., _LIST, *parts)
    if isinstance(value, Mapping):
        frozen = {key: _frozen(part) for key, part in value.items()}
        return frozen if _same(frozen.values(), value.values()) else (..., _MAP, frozen)
    if kind is Decimal:
        return ..., _DECIMAL, str(value)
    if isinstance(value, datetime):
        return ..., _INSTANT, value.isoformat()
    if isinstance(value, date):
        return ..., _DATE, value.toordinal()
    if (number := _NUMBERS.get(kind)) is not None:
        return ..., number, *map(_frozen, _parts(value))
    return ..., _RECURRENCE, *_parts(value)


def _same(parts: Iterable[object], values: Iterable[object]) -> bool:
    """Whether freezing changed none of these."""
    return all(isinstance(part, dict) or part is value for part, value in zip(parts, values, strict=True))


def _thawed(value: Plain) -> Any:
    return _made(value) if type(value) is tuple and value and value[0] is ... else value


def _made(value: tuple[Plain, ...]) -> Any:
    number = value[1]
    if number >= _FIRST or number == _DATE:
        return _shared(value)
    if number == _LIST:
        return tuple([_thawed(part) for part in value[2:]])
    if number == _MAP:
        return {key: _thawed(part) for key, part in value[2].items()}
    if number == _DECIMAL:
        return Decimal(value[2])
    if number == _INSTANT:
        return datetime.fromisoformat(value[2])
    from planner.core.recurrence import Recurrence

    return Recurrence(*value[2:])


@lru_cache(maxsize=20_000)
def _shared(value: tuple[Plain, ...]) -> Any:
    """A frozen value, one for all items that say the same: a plan has few different dates and estimates."""
    number = value[1]
    if number == _DATE:
        return date.fromordinal(value[2])
    return _VALUES[number - _FIRST](*map(_thawed, value[2:]))
