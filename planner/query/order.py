"""Items in an order, or apart in groups: by any field, as its type counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from planner.core.fields import Field, FieldType
from planner.core.model import Item
from planner.core.turns import sorted_by_turns
from planner.core.values import Dependency, Money
from planner.core.vault import Vault
from planner.query.compare import loose_key, minutes, ranking, summed, texts
from planner.query.getters import field_of, getter
from planner.query.language import canonical
from planner.query.nodes import Sort
from planner.query.scope import Scope, wall

Key: TypeAlias = Any
"""A place in an order; the keys of one field are comparable with each other."""

_T = FieldType

DEFAULT_SORT: tuple[Sort, ...] = (Sort("due"), Sort("priority"), Sort("rank"), Sort("title"), Sort("path"))
"""What is due first, then what matters most, then as people ranked the cards."""


class Group(NamedTuple):
    """Items that share a value, under its name."""

    label: str
    items: tuple[Item, ...]


def sorted_items(
    items: Iterable[Item],
    keys: Sequence[Sort | str],
    vault: Vault,
    *,
    today: date,
    now: datetime | None = None,
) -> list[Item]:
    """The items by these keys (`due`, `-due`, …), equal ones as they came; without a value last in both directions.

    Levels count from the most pressing, states along the workflow, dates, numbers and durations by size, all else
    by its letters.
    """
    scope = Scope(vault, today, now=now)
    ordered = list(items)
    sorts = [key if isinstance(key, Sort) else _sort(key) for key in keys]
    runs = [(descending, tuple(run)) for descending, run in groupby(sorts, key=lambda sort: sort.descending)]
    for descending, run in reversed(runs):
        ordered = sorted_by_turns(ordered, _composite(run, scope, descending), reverse=descending)
    return ordered


def _composite(sorts: Sequence[Sort], scope: Scope, descending: bool) -> Callable[[Item], Key]:
    """One key for several fields of the same direction, so that one pass sorts by them all."""
    places = [_place(sort.field, scope) for sort in sorts]
    nothing = (0,) if descending else (2,)  # either way behind every (1, key)

    def key(item: Item) -> Key:
        found = [place(item) for place in places]
        return [nothing if each is None else (1, each) for each in found]

    return key


def _sort(text: str) -> Sort:
    return Sort(canonical(text.removeprefix("-")), text.startswith("-"))


def group(items: Iterable[Item], name: str, vault: Vault, *, today: date) -> list[Group]:
    """The items apart by a field, each once: under the first of its values, at the end those without one.

    Groups stand in the order of the field's type: workflow, levels, dates (one group a day), numbers, else by label.
    """
    scope = Scope(vault, today)
    name = canonical(name)
    row = field_of(name, scope)
    get, key_of, name_of = getter(name, scope), _key(row, scope), _name(row, scope)
    labels: dict[str, tuple[Key, str]] = {}
    members: dict[str, list[Item]] = {}
    none: list[Item] = []
    for item in items:
        parts = get(item)
        if not parts:
            none.append(item)
            continue
        identity, label = name_of(parts[0])
        labels.setdefault(identity, (key_of(parts[0]), label))
        members.setdefault(identity, []).append(item)
    order = sorted(labels, key=lambda identity: (labels[identity][0], labels[identity][1].casefold(), identity))
    groups = [Group(labels[identity][1], tuple(members[identity])) for identity in order]
    return [*groups, Group(f"(no {name})", tuple(none))] if none else groups


def _place(name: str, scope: Scope) -> Callable[[Item], Key]:
    """Where an item stands by a field, None where it has no value; the least of several counts."""
    row = field_of(name, scope)
    get, key_of = getter(name, scope), _key(row, scope)
    if row is not None and row.type is _T.SPENT:
        get = summed(get)

    def place(item: Item) -> Key:
        parts = get(item)
        if len(parts) == 1:
            return key_of(parts[0])
        return min(map(key_of, parts)) if parts else None

    return place


def _key(row: Field | None, scope: Scope) -> Callable[[object], Key]:
    """How the values of a field are ordered; a value of another type than the field's stands at the end."""
    if row is None:
        return lambda part: loose_key(" ".join(texts(part)))
    match row.type:
        case _T.WHEN | _T.DATE | _T.INSTANT:
            return _date_key
        case _T.STATE | _T.LEVEL:
            return _ranked_key(row, scope)
        case _T.DURATION | _T.ESTIMATE | _T.SPENT:
            return lambda part: (0 if (length := minutes(part)) is not None else 1, length or 0)
        case _T.NUMBER | _T.INTEGER | _T.PERCENT | _T.YES_NO:
            return lambda part: (0, part) if isinstance(part, Decimal | int | float) else (1, 0)
        case _T.MONEY:
            return lambda part: (0, part.amount, part.currency) if isinstance(part, Money) else (1, 0, "")
        case _T.RANK:
            return str  # letters of a fractional index are compared as they are: `Z` before `a`
        case _T.REFERENCE | _T.DEPENDENCY:
            name_of = _name(row, scope)
            return lambda part: name_of(part)[1].casefold()
    return lambda part: part.casefold() if isinstance(part, str) else " ".join(texts(part)).casefold()


def _date_key(part: object) -> Key:
    """Instants within their day, days without a time at its end."""
    if isinstance(part, datetime):
        return part.toordinal(), wall(part).time()
    return (part.toordinal(), time.max) if isinstance(part, date) else (date.max.toordinal() + 1, time.max)


def _ranked_key(row: Field, scope: Scope) -> Callable[[object], Key]:
    words = ranking(row, scope)
    if row.type is _T.LEVEL:
        words = words[::-1]
    places = {word.casefold(): place for place, word in enumerate(words)}
    return lambda part: places.get(str(part).casefold(), len(places))


def _name(row: Field | None, scope: Scope) -> Callable[[object], tuple[str, str]]:
    """What tells a group apart, and its label."""
    kind = row.type if row is not None else _T.TEXT
    if kind in {_T.REFERENCE, _T.DEPENDENCY}:
        return lambda part: _reference_name(part.target if isinstance(part, Dependency) else str(part), scope)
    if kind is _T.PERSON:
        return lambda part: _person_name(str(part), scope)
    if kind is _T.YES_NO:
        return lambda part: ("yes", "yes") if part is True else ("no", "no")
    return _plain_name


def _reference_name(reference: str, scope: Scope) -> tuple[str, str]:
    item = scope.vault.resolve(reference)
    return (item.path, item.title) if item is not None else (reference.casefold(), reference)


def _person_name(person: str, scope: Scope) -> tuple[str, str]:
    identity = scope.person(person)
    known = scope.vault.get(identity)
    return identity, known.id if known is not None else person


def _plain_name(part: object) -> tuple[str, str]:
    label = part.date().isoformat() if isinstance(part, datetime) else ", ".join(texts(part))
    return label.casefold(), label
