"""Items as text to put elsewhere: their ids, links, a Markdown list, a Mermaid graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.core.display import display_text
from planner.core.model import Item
from planner.core.vault import Vault

_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>#|"})
_SHAPES = {"milestone": ("{{", "}}"), "project": ("[[", "]]")}


def ids(items: Sequence[Item]) -> str:
    """The ids, apart by blanks."""
    return " ".join(item.id for item in items)


def links(items: Sequence[Item]) -> str:
    """A Markdown link a line, to the file as seen from the vault's folder."""
    return "\n".join(f"[{_escaped(item.title)}](<{item.path}>)" for item in items)


def markdown(items: Sequence[Item], vault: Vault) -> str:
    """A checklist: a line an item, with people, due date and id behind its title."""
    return "\n".join(_line(item, vault) for item in items)


def mermaid(items: Sequence[Item], vault: Vault) -> str:
    """A flowchart of the items and of what they wait for among each other; finished ones are marked."""
    names = {item.path: f"n{number}" for number, item in enumerate(items, 1)}
    lines = ["flowchart LR"]
    for item in items:
        opening, closing = _SHAPES.get(item.kind, ("[", "]"))
        lines.append(f'  {names[item.path]}{opening}"{_quoted(item.title)}"{closing}')
    for item in items:
        lines += [
            f"  {names[before.path]} --> {names[item.path]}"
            for before in vault.predecessors.get(item.path, ())
            if before.path in names
        ]
    done = [names[item.path] for item in items if vault.category(item) == "completed"]
    if done:
        lines += ["  classDef done stroke-dasharray: 3 3", f"  class {','.join(done)} done"]
    return "\n".join(lines) + "\n"


def _line(item: Item, vault: Vault) -> str:
    box = "x" if vault.category(item) == "completed" else " "
    return f"- [{box}] {' '.join([_escaped(item.title), *_facts(item)])}"


def _facts(item: Item) -> Iterator[str]:
    yield from (f"@{who}" for who in item.assignees)
    if item.due is not None:
        yield f"due {item.due.isoformat()}"
    yield f"({item.id})"


def _escaped(title: str) -> str:
    return display_text(title).translate(_SPECIAL)


def _quoted(title: str) -> str:
    """A title inside Mermaid's quotes, where `#…;` are its entities."""
    return display_text(title).replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
