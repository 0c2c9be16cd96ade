"""What a person types for a field, made the text that is written to the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches

from planner.commands.base import Context
from planner.core.dates import resolve
from planner.core.document import RawValue
from planner.core.fields import CANONICAL, Field, FieldType, read_level, read_scalar, to_raw
from planner.core.people import named
from planner.core.values import Dependency
from planner.core.vault import Vault
from planner.errors import Ambiguous, Invalid

_ASSIGNMENT = re.compile(
    r"(?P<name>[A-Za-z_](?:[\w-]*\w)?(?:\[\d+\]|\.[\w-]*\w)*)(?P<op>\+=|-=|=)(?P<value>.*)", re.DOTALL
)
_STEP = re.compile(r"\[(\d+)\]|\.?([\w-]+)")
_REFERENCE_TYPES = frozenset({FieldType.REFERENCE, FieldType.DEPENDENCY})


def is_assignment(word: str) -> bool:
    """Whether a word reads `field=value`, `field+=value` or `field-=value`."""
    return _ASSIGNMENT.fullmatch(word) is not None


def read_assignment(word: str) -> tuple[str, tuple[str | int, ...], str, str]:
    """Canonical field name, the path below it, `=`, `+=` or `-=`, and the text; raises Invalid."""
    match = _ASSIGNMENT.fullmatch(word)
    if match is None:
        raise Invalid(f"'{word}' is not FIELD=VALUE", "for example: planner set ID due=fri priority=high")
    steps = [int(number) if number else name for number, name in _STEP.findall(match["name"])]
    name = str(steps[0])
    return CANONICAL.get(name, name), tuple(steps[1:]), match["op"], match["value"]


def typed(name: str, text: str, vault: Vault, ctx: Context) -> RawValue:
    """The raw value of a whole field; an empty text removes it. Raises Invalid with what was expected."""
    row = vault.config.field(name)
    text = text.strip() if row is None or row.type is not FieldType.TEXT else text
    if not text.strip():
        return None
    if row is None:
        return text
    if row.type is FieldType.MAP:
        raise Invalid(f"{name} holds nested values", f"set one of them, as in {name}[0].name=value, or planner edit ID")
    if row.many:
        return tuple(dict.fromkeys(scalar(row, part, vault, ctx) for part in split_list(text)))
    return scalar(row, text, vault, ctx)


def split_list(text: str) -> Sequence[str]:
    """Values separated by commas; brackets around them are allowed."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") and not text.startswith("[[") else text
    return [part.strip() for part in inner.split(",") if part.strip()]


def scalar(row: Field, text: str, vault: Vault, ctx: Context) -> str:
    """One value as text for the file: date words resolved, states and levels by their own names."""
    try:
        return _scalar(row, text, vault, ctx)
    except ValueError as error:
        raise Invalid(f"{row.name}: {error}", f"{row.name} takes: {row.type.value}") from None


def _scalar(row: Field, text: str, vault: Vault, ctx: Context) -> str:
    match row.type:
        case FieldType.STATE:
            return state(text, vault)
        case FieldType.LEVEL:
            level = read_level(text, vault.config.levels)
            if level is None:
                raise Invalid(f"'{text}' is no priority", f"use one of {', '.join(vault.config.levels)}")
            return level
        case FieldType.WHEN | FieldType.DATE | FieldType.INSTANT:
            return when_text(resolve(text, ctx.today, vault.config.first_day_of_week), row.type)
        case FieldType.PERSON:
            return person(text, vault, ctx)
        case FieldType.REFERENCE:
            return reference(row, text, vault)
        case FieldType.DEPENDENCY:
            return dependency(text, vault)
    read_scalar(row, text)
    return text


def when_text(value: date | datetime, kind: FieldType) -> str:
    """A resolved date as it is written."""
    if isinstance(value, datetime) and kind is FieldType.DATE:
        return value.date().isoformat()
    return to_raw(value)


def state(text: str, vault: Vault) -> str:
    """A state's own name, from any capitals or an unambiguous beginning; raises Invalid."""
    workflow = vault.config.workflow
    found = workflow.state(text)
    if found is not None:
        return found.name
    begun = [name for name in workflow.names() if name.casefold().startswith(text.casefold())] if text else []
    if len(begun) == 1:
        return begun[0]
    near = get_close_matches(text.casefold(), workflow.names(), n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise Invalid(f"'{text}' is no status of this vault", f"{hint}use one of {', '.join(workflow.names())}")


def person(text: str, vault: Vault, ctx: Context) -> str:
    """A person's id: `@ana`, `me`, an alias or a name; unknown people are taken as typed, two of one name are Ambiguous."""
    word = str(read_scalar(_person_row(vault), text))
    if word.casefold() == "me":
        return ctx.me
    known = named(vault, word)
    if len(known) > 1:
        raise Ambiguous(f"'{word}' may mean {', '.join(one.id for one in known)}", "write the id of the one you mean")
    return known[0].id if known else word


def _person_row(vault: Vault) -> Field:
    row = vault.config.field("assignee")
    assert row is not None  # noqa: S101 (a row of the table)
    return row


def reference(row: Field, text: str, vault: Vault) -> str:
    """The id of the item that is meant; raises NotFound. A project or iteration may be named before it exists."""
    word = str(read_scalar(row, text))
    if row.name in {"iteration", "phase", "template"}:
        return word
    if row.name in {"project", "area"}:
        found = vault.resolve(word)
        return found.id if found is not None else word
    return vault.find(word).id


def dependency(text: str, vault: Vault) -> str:
    """`ID [FS|SS|FF|SF][+|-LAG]` with the id written out in full; raises NotFound."""
    row = vault.config.field("depends_on")
    assert row is not None  # noqa: S101 (a row of the table)
    link = read_scalar(row, text)
    if not isinstance(link, Dependency):
        return text
    target = vault.find(link.target)
    rest = (
        text.strip()[len(text.strip().split()[0]) :].strip()
        if not text.strip().startswith("[[")
        else text.partition("]]")[2].strip()
    )
    return f"{target.id} {rest}".strip()
