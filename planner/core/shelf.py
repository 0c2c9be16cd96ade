"""Parsed files by path, made when they are asked for: a vault of a hundred thousand opens without reading them all.

What every item is asked for in a list (its id, kind, state, tags) stands in a row at hand, so that a search can
leave most files on the shelf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from planner.core.model import Item, ParsedFile, Value
from planner.core.values import Constraint, Duration, Estimate, Money

Row: TypeAlias = tuple[str | None, str, str, str | None, tuple[str, ...], int]
"""Of one file: id (None for a note), kind, title, status, tags, flags."""

ID: Final = 0
KIND: Final = 1
TITLE: Final = 2
STATUS: Final = 3
TAGS: Final = 4
FLAGS: Final = 5

ARCHIVED, TEMPLATE, BROKEN, NOTABLE, PRICED = 1, 2, 4, 8, 16
"""The flags: NOTABLE is what a check of the plan has to look at (see `_is_notable`), PRICED what names money."""

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Dates of other years are in no plan: 0001-01-01 and 9999-12-31 say "none" in other programs' files."""


def row_of(file: ParsedFile) -> Row:
    """What a list is asked for about one file."""
    item = file.item
    if item is None:
        return None, "", file.title, None, (), 0
    flags = ARCHIVED * item.archived | TEMPLATE * item.template | BROKEN * item.broken
    for name, value in item.fields.items():
        kind = type(value)
        if kind is not str and kind is not tuple:
            flags |= PRICED * (kind is Money) | NOTABLE * _is_notable(value)
        elif name in _NOTABLE:
            flags |= NOTABLE
    return item.id, item.kind, item.title, item.status, item.tags, flags


_NOTABLE = frozenset({"calendar", "baseline", "units", "approvals", "decisions"})


def _is_notable(value: Value) -> bool:
    """Whether a value may make no sense in a plan, or only with what else is known: so few do that a check asks these."""
    if isinstance(value, date):
        return is_far(value)
    if isinstance(value, Duration):
        return _is_short(value)
    if isinstance(value, Estimate):
        points = (value.optimistic, value.likely, value.pessimistic)
        units = {(unit, point.elapsed) for point in points if point is not None for _, unit in point.parts}
        return len(units) > 1 or _is_short(value.likely)
    return isinstance(value, Constraint) and value.when is not None and is_far(value.when)


def _is_short(length: Duration) -> bool:
    """Whether a length may be no work at all, rounded to minutes."""
    return all(number < 1 or unit == "s" for number, unit in length.parts)


def is_far(when: date) -> bool:
    """Whether a date lies beyond any plan, so that scheduling leaves it out."""
    return not FIRST_YEAR <= when.year <= LAST_YEAR


class Shelf(Mapping[str, ParsedFile]):
    """Files by path in the order of `rows`; `make` gives one that has not been made yet."""

    def __init__(
        self, rows: Mapping[str, Row], make: Callable[[str], ParsedFile], made: Mapping[str, ParsedFile] | None = None
    ) -> None:
        self.rows = rows
        self._make = make
        self._made = dict(made or {})

    def __getitem__(self, path: str) -> ParsedFile:
        file = self._made.get(path)
        if file is None:
            if path not in self.rows:
                raise KeyError(path)
            file = self._made[path] = self._make(path)
        return file

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, path: object) -> bool:
        return path in self.rows

    @property
    def made(self) -> Mapping[str, ParsedFile]:
        """The files that have been made or put in place so far."""
        return self._made

    def replaced(self, changed: Mapping[str, ParsedFile | None]) -> Shelf:
        """The shelf with these files put in place (None: taken away), in the order of paths."""
        rows, made = dict(self.rows), dict(self._made)
        for path, file in changed.items():
            if file is None:
                rows.pop(path, None)
                made.pop(path, None)
            else:
                rows[path], made[path] = row_of(file), file
        if any(path not in self.rows for path in changed):
            rows = dict(sorted(rows.items()))
        return Shelf(rows, self._make, made)


class ItemsById(Mapping[str, tuple[Item, ...]]):
    """Items by id in lower case, found by their rows; more than one under an id only where the vault is faulty."""

    def __init__(
        self, files: Mapping[str, ParsedFile], paths: Mapping[str, str], shared: Mapping[str, tuple[str, ...]]
    ):
        self._files = files
        self._paths = paths
        self._shared = shared

    @classmethod
    def of(cls, files: Mapping[str, ParsedFile], rows: Mapping[str, Row]) -> ItemsById:
        """The index over all rows."""
        keys = [(id_.casefold(), path) for path, row in rows.items() if (id_ := row[ID]) is not None]
        paths = dict(keys)
        shared: dict[str, tuple[str, ...]] = {}
        if len(paths) < len(keys):
            twice = {key for key, path in keys if paths[key] != path}
            for key, path in keys:
                if key in twice:
                    shared[key] = (*shared.get(key, ()), path)
        return cls(files, paths, shared)

    def __getitem__(self, key: str) -> tuple[Item, ...]:
        paths = self._shared.get(key) or (self._paths[key],)
        return tuple(item for path in paths if (item := self._files[path].item) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, key: object) -> bool:
        return key in self._paths

    @property
    def shared(self) -> tuple[str, ...]:
        """The ids that more than one file claims."""
        return tuple(self._shared)

    def replaced(
        self, files: Mapping[str, ParsedFile], changed: Mapping[str, tuple[str | None, str | None]]
    ) -> ItemsById:
        """The index after some files (by path) went from one id, or none, to another."""
        paths, shared = dict(self._paths), dict(self._shared)
        for path, (before, after) in changed.items():
            if before is not None:
                _take(paths, shared, before.casefold(), path)
            if after is not None:
                _put(paths, shared, after.casefold(), path)
        return ItemsById(files, paths, shared)


def _take(paths: dict[str, str], shared: dict[str, tuple[str, ...]], key: str, path: str) -> None:
    rest = tuple(other for other in shared.pop(key, (paths.get(key),)) if other is not None and other != path)
    paths.pop(key, None)
    for other in rest:
        _put(paths, shared, key, other)


def _put(paths: dict[str, str], shared: dict[str, tuple[str, ...]], key: str, path: str) -> None:
    holders = tuple(sorted({*shared.get(key, (paths[key],) if key in paths else ()), path}))
    paths[key] = holders[0]
    if len(holders) > 1:
        shared[key] = holders
