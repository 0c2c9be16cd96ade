"""Everything about one item on one page: its fields, what it hangs together with, its text and its faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from planner.core.fields import FIELDS, ORDER
from planner.core.model import Item, LogEntry, Problem, Step, Value
from planner.core.record import dataclass
from planner.core.values import Dependency
from planner.core.vault import Vault
from planner.views.facts import Facts, facts, in_words, problems_of

_SHOWN_ELSEWHERE = frozenset({"id", "title", "depends_on"})
_CHAIN = ("parent", "milestone", "phase", "project", "area", "goal")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One set field in words: `due`, `Fri 27 Nov`."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another item and how this one hangs together with it; `item` is None where nothing answers to the reference."""

    reference: str
    how: str  # `FS`, `SS+2d`, `parent`, `project` …
    item: Item | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A link in a text: as written, and the file it leads to, if one is known."""

    target: str
    title: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One item as a page; `body` begins on line `body_line` of the file, and is all of it where it is broken."""

    item: Item
    facts: Facts
    fields: tuple[FieldLine, ...]
    chain: tuple[Related, ...]  # what it is part of, the nearest first
    predecessors: tuple[Related, ...]
    successors: tuple[Related, ...]
    children: tuple[Item, ...]
    checklist: tuple[Step, ...]
    log: tuple[LogEntry, ...]
    links: tuple[Reference, ...]
    backlinks: tuple[Reference, ...]
    body: str
    body_line: int
    problems: tuple[Problem, ...]


def detail(vault: Vault, item: Item, today: date) -> Detail:
    """The page of one item of the vault."""
    text = vault.text(item.path)
    start = 0 if item.broken else item.body.start
    return Detail(
        item=item,
        facts=facts(item, vault, today),
        fields=tuple(field_lines(item, vault, today)),
        chain=tuple(_chain(item, vault)),
        predecessors=tuple(_predecessors(item, vault)),
        successors=tuple(_successors(item, vault)),
        children=vault.members.get(item.path, ()),
        checklist=item.body.checklist,
        log=item.body.log,
        links=tuple(_links(item, vault)),
        backlinks=tuple(_backlink(path, vault) for path in vault.backlinks.get(item.path, ())),
        body=text[start:],
        body_line=text.count("\n", 0, start) + 1,
        problems=problems_of(item, vault),
    )


def field_lines(item: Item, vault: Vault, today: date) -> Iterator[FieldLine]:
    """Every set field in words, in canonical order, fields without a meaning last; a status even where it is implied."""
    values: dict[str, Value] = dict(item.fields)
    if item.status is not None:
        values["status"] = item.status
    for name in sorted(values, key=_place):
        if name not in _SHOWN_ELSEWHERE:
            yield FieldLine(name, name.replace("_", " "), in_words(name, values[name], vault, today))


def _place(name: str) -> tuple[int, int, str]:
    if name in ORDER:
        return 0, ORDER.index(name), name
    return (1, list(FIELDS).index(name), name) if name in FIELDS else (2, 0, name)


def _chain(item: Item, vault: Vault) -> Iterator[Related]:
    """What it is part of, and what that is part of; a circle ends where it closes."""
    seen = {item.path}
    queue = [item]
    while queue:
        current = queue.pop(0)
        for how in _CHAIN:
            reference = current.text(how)
            found = vault.resolve(reference) if reference else None
            key = found.path if found is not None else f"{how}:{reference}"
            if reference and key not in seen:
                seen.add(key)
                yield Related(reference, how, found)
                queue += [found] if found is not None else []


def _predecessors(item: Item, vault: Vault) -> Iterator[Related]:
    for link in item.dependencies:
        yield Related(link.target, _how(link), vault.resolve(link.target))


def _successors(item: Item, vault: Vault) -> Iterator[Related]:
    for other in vault.successors.get(item.path, ()):
        for link in other.dependencies:
            found = vault.resolve(link.target)
            if found is not None and found.path == item.path:
                yield Related(other.id, _how(link), other)


def _how(link: Dependency) -> str:
    """The type of a dependency with its lag: `FS`, `SS+2d`."""
    return f"{link.type}{'-' if link.lead else '+'}{link.lag}" if link.lag is not None else link.type


def _links(item: Item, vault: Vault) -> Iterator[Reference]:
    """The links of its text, then those of its `links` field; each target once."""
    written = {link.target: link.wiki for link in item.body.links}
    written.update({target: False for target in item.texts("links") if target not in written})
    for target, wiki in written.items():
        path = _leads_to(target, wiki, item, vault)
        yield Reference(target, _title(path, vault) if path is not None else target, path)


def _leads_to(target: str, wiki: bool, item: Item, vault: Vault) -> str | None:
    beside = normpath(join(dirname(item.path), unquote(target.partition("#")[0])))
    if not wiki and beside in vault.files:
        return beside
    found = vault.resolve(target if wiki else beside)
    return found.path if found is not None else None


def _backlink(path: str, vault: Vault) -> Reference:
    return Reference(path, _title(path, vault), path)


def _title(path: str, vault: Vault) -> str:
    file = vault.files[path]
    return file.item.title if file.item is not None else file.title or path
