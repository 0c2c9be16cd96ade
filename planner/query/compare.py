"""How the values of a field are compared with what a query says, by the field's type."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from planner.core import values
from planner.core.fields import Field, FieldType, read_level
from planner.core.model import KINDS, Item
from planner.core.values import DateRange, Dependency, Duration, Estimate, Money, SpentEntry
from planner.core.workflow import CATEGORIES
from planner.query.getters import Getter, field_of, getter
from planner.query.language import QueryError, suggestion
from planner.query.nodes import ANY, NONE, At, Match, Value
from planner.query.scope import Scope, wall
from planner.query.states import Predicate

Test: TypeAlias = Callable[[object], bool]
"""Whether one value of a field fits."""

Key: TypeAlias = Any
"""A place in an order; the keys of one field are comparable with each other."""

T = TypeVar("T")
_T = FieldType
_FITS: Mapping[str, Callable[[Key, Key], bool]] = {
    ":": op.eq, "=": op.eq, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge,
}  # fmt: skip
_ORDERED = frozenset({"<", "<=", ">", ">="})
_DATES = frozenset({_T.WHEN, _T.DATE, _T.INSTANT})
_NUMBERS = frozenset({_T.NUMBER, _T.INTEGER, _T.PERCENT})
_TIMES = frozenset({_T.DURATION, _T.ESTIMATE, _T.SPENT})
_RANKED = frozenset({_T.STATE, _T.LEVEL})


def compare(match: Match, scope: Scope) -> Predicate:
    """The condition as a function of an item; raises QueryError at a value that the field's type cannot read."""
    predicates = [_predicate(match, value, scope) for value in match.values]
    if len(predicates) == 1:
        return predicates[0]
    return lambda item: any(predicate(item) for predicate in predicates)


def _predicate(match: Match, value: Value, scope: Scope) -> Predicate:
    """The condition for one of its values."""
    row = field_of(match.field, scope)
    get = getter(match.field, scope)
    if match.operator not in _ORDERED:
        if value.means(ANY):
            return lambda _: True
        if value.means(NONE):
            return lambda item: not get(item)
        if row is not None and row.type is _T.YES_NO:
            wanted = _read(match, values.parse_yes_no, value)
            return lambda item: (True in get(item)) is wanted
        if match.field == "team":
            return _of_team(match, value, scope, get)
    if row is not None and row.type is _T.SPENT:
        get = summed(get)
    return _any_part(get, _test(match, row, value, scope))


def _any_part(get: Getter, test: Test) -> Predicate:
    def fits(item: Item) -> bool:
        for part in get(item):  # noqa: SIM110 (a generator costs as much again as the test)
            if test(part):
                return True
        return False

    return fits


def _test(match: Match, row: Field | None, value: Value, scope: Scope) -> Test:
    """The test of one value of a field against one value of a query."""
    if row is None:
        return _untyped(match, value)
    if row.type in _DATES:
        return _dates(match, value, scope)
    if row.type is _T.RANGE:
        return _date_ranges(match, value, scope)
    if row.type in _NUMBERS:
        return _numbers(match, value)
    if row.type in _TIMES:
        return _times(match, value)
    if row.type is _T.MONEY:
        return _money(match, value)
    if row.type in _RANKED:
        return _ranked(match, row, value, scope)
    if match.operator in _ORDERED or (value.bounds is not None and row.type is not _T.RANK):
        sign = match.operator if match.operator in _ORDERED else ".."
        raise QueryError(
            f"'{match.field}' has no order, so '{sign}' cannot compare it", match.at, f'{match.field}:"{value.text}"'
        )
    return _equal(match, row, value, scope)


def _read(match: Match, read: Callable[[str], T], value: Value) -> T:
    """A value of the query as the field's type has it; raises QueryError where it stands."""
    try:
        return read(value.text)
    except ValueError as error:
        raise QueryError(f"{match.field}: {error}", value.at, f"{match.field}:none finds items without it") from None


def _limits(match: Match, value: Value, read: Callable[[str], Key]) -> Callable[[Key], bool]:
    """Whether a key is where the query wants it: equal, before, after, or between both ends of a range."""
    if value.bounds is None:
        target = _read(match, read, value)
        fits = _FITS[match.operator]
        return lambda key: fits(key, target)
    low, high = (_read(match, read, end) if end.text else None for end in _ends(value))
    return lambda key: (low is None or low <= key) and (high is None or key <= high)


def _ends(value: Value) -> tuple[Value, Value]:
    """Both ends of a range as values with their own places."""
    low, high = value.bounds or ("", "")
    after = At(value.at.text, value.at.position + len(low) + 2)
    return Value(low, at=value.at), Value(high, at=after)


def _numbers(match: Match, value: Value) -> Test:
    def read(text: str) -> Decimal:
        return values.parse_percent(text) if text.endswith("%") else values.parse_number(text)

    fits = _limits(match, value, read)
    return lambda part: isinstance(part, Decimal | int | float) and fits(part)


def _times(match: Match, value: Value) -> Test:
    """Durations in minutes, a day being 8 hours and a week 5 days; an estimate counts as its likely value."""
    fits = _limits(match, value, lambda text: minutes(values.parse_estimate(text)))
    return lambda part: (length := minutes(part)) is not None and fits(length)


def minutes(value: object) -> int | None:
    """A length of time in minutes, None for anything else."""
    if isinstance(value, Estimate):
        return value.likely.minutes()
    if isinstance(value, SpentEntry):
        return value.duration.minutes()
    if isinstance(value, Duration):
        return value.minutes()
    return value if isinstance(value, int) else None


def summed(get: Getter) -> Getter:
    """Time entries count by their total."""

    def total(item: Item) -> tuple[object, ...]:
        entries = [length for part in get(item) if (length := minutes(part)) is not None]
        return (sum(entries),) if entries else ()

    return total


def _money(match: Match, value: Value) -> Test:
    """Amounts; a query without a currency is about any currency, one with it about that one alone."""
    currencies: set[str] = set()

    def read(text: str) -> Decimal:
        try:
            return values.parse_number(text)
        except ValueError:
            money = values.parse_money(text)
        currencies.add(money.currency)
        return money.amount

    fits = _limits(match, value, read)
    return lambda part: (
        isinstance(part, Money) and (not currencies or part.currency in currencies) and fits(part.amount)
    )


def _dates(match: Match, value: Value, scope: Scope) -> Test:
    """Days, and instants where both sides have a time."""
    if value.bounds is None:
        return _date(_FITS[match.operator], _read(match, scope.day, value))
    low, high = _ends(value)
    tests = [_date(fits, _read(match, scope.day, end)) for fits, end in ((op.ge, low), (op.le, high)) if end.text]
    return lambda part: all(test(part) for test in tests)


def _date(fits: Callable[[Key, Key], bool], target: date | datetime) -> Test:
    day = target.toordinal()
    if not isinstance(target, datetime):
        return lambda part: isinstance(part, date) and fits(part.toordinal(), day)
    instant = wall(target)

    def test(part: object) -> bool:
        if isinstance(part, datetime):
            return fits(wall(part), instant)
        return isinstance(part, date) and fits(part.toordinal(), day)

    return test


def _date_ranges(match: Match, value: Value, scope: Scope) -> Test:
    """Whether any day of a range fits."""
    if value.bounds is None:
        low = high = _read(match, scope.day, value).toordinal()
    else:
        ends = [_read(match, scope.day, end).toordinal() if end.text else None for end in _ends(value)]
        low, high = ends[0] or 0, ends[1] or date.max.toordinal()

    def test(part: object) -> bool:
        if not isinstance(part, DateRange):
            return False
        start, end = part.start.toordinal(), part.end.toordinal()
        if match.operator in {"<", "<="}:
            return _FITS[match.operator](start, low)
        if match.operator in {">", ">="}:
            return _FITS[match.operator](end, high)
        return start <= high and end >= low

    return test


def _ranked(match: Match, row: Field, value: Value, scope: Scope) -> Test:
    """Words in a configured order: states by the workflow, levels with the highest as the greatest."""
    order = ranking(row, scope)
    ranks = {word.casefold(): rank for rank, word in enumerate(order)}

    def rank(text: str) -> int:
        word = text if row.type is _T.STATE else read_level(text, scope.vault.config.levels) or text
        if word.casefold() not in ranks:
            raise QueryError(f"'{text}' is no {match.field} of this vault", value.at, suggestion(text, order))
        return ranks[word.casefold()]

    if match.operator not in _ORDERED and value.bounds is None and value.text.casefold() not in ranks:
        folded = value.text.casefold()
        if _in_use(match.field, folded, scope):
            return lambda part: isinstance(part, str) and part.casefold() == folded
    fits = _limits(match, value, rank)
    return lambda part: isinstance(part, str) and (at := ranks.get(part.casefold())) is not None and fits(at)


def ranking(row: Field, scope: Scope) -> Sequence[str]:
    """The words of a state or level field, the lowest first."""
    if row.name == "category":
        return CATEGORIES
    if row.type is _T.LEVEL:
        return scope.vault.config.levels[::-1]
    return scope.vault.config.workflow.names()


def _in_use(name: str, folded: str, scope: Scope) -> bool:
    """Whether any item has that word, as a hand may have written it."""
    get = getter(name, scope)
    return any(isinstance(part, str) and part.casefold() == folded for item in scope.vault.items for part in get(item))


def _equal(match: Match, row: Field, value: Value, scope: Scope) -> Test:
    """Types without an order: the same person, item or word; text that holds the words."""
    if row.type is _T.PERSON:
        person = scope.asked_person(value)
        return lambda part: isinstance(part, str) and scope.person(part) == person
    if row.type in {_T.REFERENCE, _T.DEPENDENCY}:
        target = scope.reference(_read(match, values.parse_reference, value))
        return lambda part: scope.reference(part.target if isinstance(part, Dependency) else str(part)) == target
    wanted = value.text.casefold()
    if row.name == "tags":
        wanted = wanted.removeprefix("#")
    if row.name == "kind" and wanted not in KINDS and not _in_use("kind", wanted, scope):
        raise QueryError(f"'{value.text}' is no kind of item", value.at, suggestion(wanted, KINDS))
    if row.type in {_T.WORD, _T.RANK} or (row.type is _T.TEXT and match.operator == "="):
        return lambda part: isinstance(part, str) and part.casefold() == wanted
    if row.name == "id":
        return lambda part: str(part).casefold().startswith(wanted)
    return lambda part: any(wanted in text.casefold() for text in texts(part))


def _untyped(match: Match, value: Value) -> Test:
    """A field that nobody described: text, compared as numbers where both sides are numbers."""
    if match.operator not in _ORDERED and value.bounds is None:
        wanted = value.text.casefold()
        return lambda part: any(text.casefold() == wanted for text in texts(part))
    fits = _limits(match, value, loose_key)
    return lambda part: any(fits(loose_key(text)) for text in texts(part))


def loose_key(text: str) -> tuple[int, Decimal, str]:
    """A key for any text: numbers by size and before words, words by their letters."""
    try:
        return 0, values.parse_number(text), ""
    except ValueError:
        return 1, Decimal(0), text.casefold()


def texts(value: object) -> Iterator[str]:
    """Every text in a value, however it is nested."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from texts(inner)
    elif value is not None:
        yield str(value)


def _of_team(match: Match, value: Value, scope: Scope, get: Getter) -> Predicate:
    """Work of a team: assigned to it or to one of its members; also what names the team in its own `team` field."""
    team = scope.vault.resolve(_read(match, values.parse_reference, value))
    wanted = value.text.casefold()
    people = {scope.person(value.text)}
    if team is not None and team.kind == "team":
        people |= {scope.person(name) for name in (team.id, *team.texts("members"), *team.texts("lead"))}

    def fits(item: Item) -> bool:
        if any(scope.person(person) in people for person in item.assignees):
            return True
        return any(wanted in text.casefold() for part in get(item) for text in texts(part))

    return fits
