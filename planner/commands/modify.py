"""One line that changes many fields: `due:fri @bo +web -later !high p: ~2h`, read into assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.commands.base import Context
from planner.commands.capture import understand
from planner.core.fields import CANONICAL, to_raw
from planner.core.vault import Vault
from planner.errors import Invalid

EXAMPLE = "for example: due:fri @bo +web -later !high status:doing"

_LISTED = re.compile(r"([+-])([#@]?)([^\W\d][^\s,=:]*)")  # no digit first: `+3d` is a date
_SIGN = re.compile(r"[+-]?[#@]|[+-][^\W\d]|[!~]|[A-Za-z_][\w-]*:")
_EMPTIED = re.compile(r"([A-Za-z_][\w-]*):")
_SHORT = {"p": "project", "on": "scheduled"}


def assignments(text: str, vault: Vault, ctx: Context) -> tuple[str, ...]:
    """What a line sets, as `set` takes it: `field=value`, `tags+=x`, and `field=` for a field that is emptied.

    `+x` and `-x` add and remove tags, `+@bo` and `-@bo` people; `field:` at a word's end, before another key or sign,
    empties a field; all else reads as in `add`. Raises Invalid naming the words that say nothing.
    """
    words = text.split()
    if not words:
        raise Invalid("nothing to set", EXAMPLE)
    found: list[str] = []
    rest: list[str] = []
    for number, word in enumerate(words):
        if listed := _LISTED.fullmatch(word):
            found.append(f"{'assignee' if listed[2] == '@' else 'tags'}{listed[1]}={listed[3]}")
        elif word in {"!", "!none"}:
            found.append("priority=")
        elif (name := _emptied(word, words[number + 1 : number + 2], vault)) is not None:
            found.append(f"{name}=")
        else:
            rest.append(word)
    return (*found, *_captured(" ".join(rest), vault, ctx))


def _emptied(word: str, following: list[str], vault: Vault) -> str | None:
    """The field that a bare `field:` empties; None where a value follows, or where it names no field."""
    match = _EMPTIED.fullmatch(word)
    if match is None:
        return None
    short = match[1].casefold()
    name = _SHORT.get(short, CANONICAL.get(short, short))
    if vault.config.field(name) is None:
        raise Invalid(f"there is no field '{match[1]}'", EXAMPLE)
    return name if not following or _SIGN.match(following[0]) else None


def _captured(text: str, vault: Vault, ctx: Context) -> Iterator[str]:
    capture = understand(text, vault, ctx)
    if capture.title:
        raise Invalid(f"'{capture.title}' says no field", EXAMPLE)
    if capture.people:
        yield f"assignee={','.join(capture.people)}"
    yield from (f"tags+={tag}" for tag in capture.tags)
    single = {
        "priority": capture.priority,
        "project": capture.project,
        "due": to_raw(capture.due) if capture.due else None,
        "scheduled": to_raw(capture.scheduled) if capture.scheduled else None,
        "recurrence": str(capture.recurrence) if capture.recurrence else None,
        "estimate": capture.estimate,
    }
    yield from (f"{name}={value}" for name, value in single.items() if value is not None)
    yield from (f"{name}={value}" for name, value in capture.extra)
