"""Where the values of a field are found on an item, computed fields among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from planner.core.fields import Field, FieldType
from planner.core.model import Item
from planner.query.scope import Scope

Getter: TypeAlias = Callable[[Item], tuple[object, ...]]

COMPUTED: Mapping[str, Field] = {
    "category": Field("category", FieldType.STATE, "what the state means: triage, backlog, unstarted, started …"),
    "urgency": Field("urgency", FieldType.NUMBER, "how much it presses"),
    "path": Field("path", FieldType.TEXT, "the file it stands in"),
    "checklist": Field("checklist", FieldType.TEXT, "its steps", many=True),
    "log": Field("log", FieldType.TEXT, "what was noted on it", many=True),
}
"""Queryable, sortable, and in no file's header."""


def field_of(name: str, scope: Scope) -> Field | None:
    """The row of a field by canonical name, computed fields included; None for one that nobody described."""
    return scope.vault.config.field(name) or COMPUTED.get(name)


def getter(name: str, scope: Scope) -> Getter:
    """A function from an item to its values of that field; empty where it is not set."""
    if (special := _SPECIAL.get(name)) is not None:
        return special(scope)

    def get(item: Item) -> tuple[object, ...]:
        value = item.fields.get(name)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)

    return get


def _of(value: object) -> tuple[object, ...]:
    return () if value is None else (value,)


def _urgency(scope: Scope) -> Getter:
    from planner.query.urgency import moment, urgency

    now: datetime = scope.now or moment(scope.today)
    return lambda item: (urgency(item, scope.vault, now),)


_SPECIAL: Mapping[str, Callable[[Scope], Getter]] = {
    "id": lambda _: lambda item: (item.id,),
    "kind": lambda _: lambda item: (item.kind,),
    "title": lambda _: lambda item: (item.title,),
    "path": lambda _: lambda item: (item.path,),
    "status": lambda _: lambda item: _of(item.status),
    "archived": lambda _: lambda item: (item.archived,),
    "category": lambda scope: lambda item: _of(scope.category(item)),
    "checklist": lambda _: lambda item: tuple(step.text for step in item.body.checklist),
    "log": lambda _: lambda item: tuple(entry.text for entry in item.body.log),
    "urgency": _urgency,
}
