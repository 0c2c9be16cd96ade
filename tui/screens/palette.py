"""What the palette offers: keys, views, saved views, people, themes and every item, each with the way there beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from planner.core.config import SavedView
from planner.core.display import cut, display_text
from planner.core.model import Item
from planner.core.vault import Vault
from tui.keys import Key
from tui.pickers.choose import WIDTH, Choice
from tui.text import content

HINT = 16
"""Cells at the right of a row for its key."""


def offer(value: str, said: str, hint: str, about: str = "", searched: str = "") -> Choice:
    """A row: what it is, what is said of it, and at the right the key or the words that lead there too."""
    room = WIDTH - HINT
    name = cut(display_text(said), room)
    note = cut(display_text(f"  {about}" if about else ""), max(0, room - Content(name).cell_length))
    gap = " " * max(1, room - Content(name + note).cell_length)
    shown = Content.assemble(content(name), content(note, "$ink-dim"), gap, content(hint, "bold $ink-accent"))
    return Choice(value, shown, f"{said} {about} {hint} {searched}".casefold())


def keys(rows: Iterable[Key]) -> Iterator[Choice]:
    """What keys do, each with its chords."""
    for key in rows:
        yield offer(f"key {key.id}", key.help, "  ".join(key.keys[:2]), key.group)


def saved(views: Iterable[SavedView]) -> Iterator[Choice]:
    """The saved views."""
    for view in views:
        yield offer(f"saved {view.name}", view.name, f"V {view.name}", f"view · {view.query}")


def people(vault: Vault) -> Iterator[Choice]:
    """People, to see what is theirs."""
    for person in vault.people.values():
        yield offer(f"person {person.id}", f"@{person.id}", f"/ @{person.id}", f"{person.title} · what is theirs")


def themes(names: Iterable[str], now: str) -> Iterator[Choice]:
    """Themes, to be shown and kept."""
    for name in names:
        yield offer(f"theme {name}", f"theme {name}", f": theme {name}", "now" if name == now else "")


def items(found: Iterable[Item]) -> Iterator[Choice]:
    """Every item by title and id."""
    for item in found:
        yield offer(f"item {item.path}", item.title, f": {item.id}", item.status or item.kind, item.path)
