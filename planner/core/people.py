"""Who is who: people and teams as files call them, as git's authors do, and as an `@name` in a text does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.ids import slug
from planner.core.pattern import later
from planner.core.shelf import FLAGS, KIND, TEMPLATE

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.core.vault import Vault

_MENTION = later(r"(?<![\w@./+-])@([\w][\w.-]*\w|\w)")


def names_of(person: Item) -> frozenset[str]:
    """Everything a person may be called by in files, in lower case: id, title, name, aliases."""
    found = {person.id, person.title, *person.texts("name"), *person.texts("aliases")}
    return frozenset(name.casefold() for name in found)


def named(vault: Vault, word: str) -> tuple[Item, ...]:
    """The people a word may mean: the one with that id, else all who are called so."""
    wanted = word.strip().removeprefix("@").casefold()
    exact = tuple(person for person in vault.people.values() if person.id.casefold() == wanted)
    return exact or tuple(person for person in vault.people.values() if wanted in names_of(person))


def authors(vault: Vault, name: str, email: str) -> tuple[Item, ...]:
    """The people an author of git's may be: by address, which is surest, else all who are called so."""
    address = email.casefold()
    known = vault.people.values()
    found = tuple(person for person in known if address and address in _addresses(person))
    return found or tuple(person for person in known if name and name.casefold() in names_of(person))


def _addresses(person: Item) -> frozenset[str]:
    return frozenset(word.casefold() for word in (*person.texts("email"), *person.texts("aliases")))


def author(vault: Vault, name: str, email: str) -> str:
    """The id of the person with this identity; of several with one name the first, of none the slug of the name."""
    found = authors(vault, name, email)
    return found[0].id if found else slug(name) or slug(email.partition("@")[0]) or "me"


def teams(vault: Vault) -> tuple[Item, ...]:
    """Every team."""
    return vault.where(lambda row: row[KIND] == "team" and not row[FLAGS] & TEMPLATE)


def team(vault: Vault, word: str) -> Item | None:
    """The team a word names, None where it names none."""
    wanted = word.strip().removeprefix("@").casefold()
    return next((one for one in teams(vault) if wanted in names_of(one)), None)


def members(vault: Vault, name: str) -> frozenset[str]:
    """The ids of a team's members and lead; of anybody else's name, that one alone."""
    found = team(vault, name)
    if found is None:
        return frozenset({name})
    people = (*found.texts("members"), *found.texts("lead"))
    return frozenset(known[0].id if (known := named(vault, word)) else word for word in people)


def teams_of(vault: Vault, person: str) -> frozenset[str]:
    """The ids of the teams a person is in."""
    return frozenset(one.id for one in teams(vault) if person in members(vault, one.id))


def mentions(text: str) -> Iterator[str]:
    """The names after an `@` in a text, as written; an address such as `a@b.org` is none."""
    return (match[1] for match in _MENTION.finditer(text))


def mentioned(vault: Vault, text: str) -> frozenset[str]:
    """The ids of the people a text mentions, by name or by a team of theirs."""
    found: set[str] = set()
    for word in mentions(text):
        known = named(vault, word)
        found.update([person.id for person in known] if known else members(vault, word) & vault.people.keys())
    return frozenset(found)


def namesakes(vault: Vault) -> Iterator[tuple[Item, str, tuple[Item, ...]]]:
    """Each person that shares a name or an address with others: the person, the name, and the others."""
    called: dict[str, list[Item]] = {}
    for person in vault.people.values():
        for name in names_of(person) | _addresses(person):
            called.setdefault(name, []).append(person)
    for name, people in called.items():
        for person in people if len(people) > 1 else ():
            yield person, name, tuple(other for other in people if other is not person)
