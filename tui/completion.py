"""What a word being typed may become: tags, people, projects, levels and dates behind their signs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from planner.core.capture import DATE_KEYS
from planner.core.dates import describe, resolve
from planner.core.record import dataclass
from planner.core.shelf import KIND
from planner.core.vault import Vault

LIMIT = 6
"""Suggestions shown at once."""

DAYS = ("today", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "next mon", "next fri", "+1w", "+2w",
        "eow", "eom", "eoq")  # fmt: skip


class Option(NamedTuple):
    """One word that may be meant, and what to say about it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the characters from `start` to `end` of a line may be replaced by; never without an option."""

    start: int
    end: int
    options: tuple[Option, ...]


Completer = Callable[[str, int], Completion | None]
"""The completion of a line at a place in it, if there is any."""


def capture_completer(vault: Vault, today: date, me: str) -> Completer:
    """Completes `#tag @person !level p:project status:state due:day` in a line that is added or that modifies."""

    def complete(line: str, at: int) -> Completion | None:
        start = line.rfind(" ", 0, at) + 1
        word = line[start:at]
        sign, begun = _split(word)
        if sign is None:
            return None
        found = _options(sign.lstrip("+-"), begun.casefold(), vault, today, me)
        options = tuple(Option(f"{sign}{text}", note) for text, note in found if text.casefold() != begun.casefold())
        return Completion(start, at, options[:LIMIT]) if options else None

    return complete


def _split(word: str) -> tuple[str | None, str]:
    """The sign of a word and what follows it; None where it has none."""
    key, colon, value = word.partition(":")
    if colon and key.replace("_", "").replace("-", "").isalpha():
        return f"{key}:", value
    listed = word[:1] if word[:1] in {"+", "-"} else ""
    rest = word.removeprefix(listed)
    if rest[:1] in {"#", "@", "!"} and rest:
        return listed + rest[0], rest[1:]
    return (listed, rest) if listed and rest[:1].isalpha() else (None, "")


def _options(sign: str, begun: str, vault: Vault, today: date, me: str) -> Iterator[Option]:
    match sign.casefold():
        case "#" | "":
            yield from _beginning(begun, ((tag, f"{count}×") for tag, count in vault.tags.items()))
        case "@":
            known = [(person.id, person.title) for person in vault.people.values()]
            yield from _beginning(begun, dict([(me, "me"), *known]).items())
        case "!" | "priority:":
            yield from _beginning(begun, ((level, "") for level in vault.config.levels))
        case "p:" | "project:":
            projects = vault.where(lambda row: row[KIND] == "project")
            yield from _beginning(begun, ((project.id, project.title) for project in projects))
        case "status:":
            yield from _beginning(begun, ((name, "") for name in vault.config.workflow.names()))
        case key if key.removesuffix(":") in DATE_KEYS:
            first = vault.config.first_day_of_week
            yield from _beginning(begun, ((day, _echo(day, today, first)) for day in DAYS))


def _echo(words: str, today: date, first_day_of_week: int) -> str:
    when = resolve(words, today, first_day_of_week)
    return f"{when:%Y-%m-%d} {describe(when, today)}"


def _beginning(begun: str, known: Iterable[tuple[str, str]]) -> Iterator[Option]:
    """Those whose word begins so, then those with it inside or in their note."""
    rest: list[Option] = []
    for text, note in known:
        if text.casefold().startswith(begun):
            yield Option(text, note)
        elif begun and (begun in text.casefold() or begun in note.casefold()):
            rest.append(Option(text, note))
    yield from rest
