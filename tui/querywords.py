"""What a word of the filter may become: fields, their values, and the words after `is:`, `has:`, `kind:` and `sort:`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from planner.core.fields import FieldType
from planner.core.vault import Vault
from planner.query.getters import COMPUTED
from planner.query.language import canonical
from planner.query.nodes import IS_WORDS
from tui.completion import DAYS, LIMIT, Completer, Completion, Option, capture_completer

_SIGNS = ":<>="
USUAL = frozenset(
    f"{name}:"
    for name in ("status", "assignee", "due", "priority", "project", "tags", "title", "estimate", "milestone")
)
"""What is asked for most, and so is offered first."""


def query_completer(vault: Vault, today: date, me: str) -> Completer:
    """Completes a line in the query language at a place in it."""
    capture = capture_completer(vault, today, me)

    def complete(line: str, at: int) -> Completion | None:
        start = max(line.rfind(" ", 0, at), line.rfind("(", 0, at)) + 1
        while line[start:at].startswith("-"):
            start += 1
        word = line[start:at]
        if word[:1] in {"@", "#", "!"}:
            return capture(line, at)
        place = next((place for place, sign in enumerate(word) if sign in _SIGNS), None)
        if place is None:
            options = _named(word, ((f"{name}:", help_) for name, help_ in _fields(vault))) if word else ()
            return _completion(start, at, word, options)
        begin = max(place, word.rfind(","), *(word.rfind(sign) for sign in _SIGNS)) + 1
        begin += word[begin:].startswith("-")  # an order turned round
        begun = word[begin:]
        return _completion(start + begin, at, begun, _named(begun, _values(word[:place], vault)))

    return complete


def _completion(start: int, end: int, begun: str, options: Iterable[Option]) -> Completion | None:
    found = tuple(option for option in options if option.text.casefold() != begun.casefold())[:LIMIT]
    return Completion(start, end, found) if found else None


def _named(begun: str, known: Iterable[tuple[str, str]]) -> Iterator[Option]:
    wanted = begun.casefold()
    rows = [Option(text, note) for text, note in known if wanted in text.casefold()]
    yield from sorted(rows, key=lambda row: (not row.text.casefold().startswith(wanted), row.text not in USUAL))


def _fields(vault: Vault) -> Iterator[tuple[str, str]]:
    yield from {
        "is": "blocked, ready, overdue …",
        "has": "a field is set",
        "kind": "task, milestone, project …",
    }.items()
    yield "sort", "the order"
    yield from ((name, row.help) for name, row in {**vault.config.fields, **COMPUTED}.items() if name != "kind")


def _values(name: str, vault: Vault) -> Iterable[tuple[str, str]]:
    """What may stand after a field and its sign."""
    field = canonical(name)
    row = vault.config.field(field)
    if field == "is":
        return IS_WORDS.items()
    if field in {"has", "sort"}:
        return _fields(vault)
    if field == "kind":
        return (
            (kind, "") for kind in ("task", "milestone", "project", "area", "goal", "risk", "request", "note", "any")
        )
    if field == "tags":
        return ((tag, "") for tag in vault.tags)
    if field in {"project", "area", "milestone", "parent"}:
        kind = "milestone" if field == "milestone" else field
        return ((item.id, item.title) for item in vault.items if item.kind == kind)
    match row.type if row is not None else None:
        case FieldType.STATE:
            return ((state, "") for state in vault.config.workflow.names())
        case FieldType.LEVEL:
            return ((level, "") for level in vault.config.levels)
        case FieldType.PERSON:
            return [("me", "you"), ("none", "nobody"), *((person.id, person.title) for person in vault.people.values())]
        case FieldType.WHEN | FieldType.DATE | FieldType.INSTANT:
            return ((day, "") for day in (*DAYS, "none") if " " not in day)
    return [("none", "not set")]
