"""What every wish has in common: its context, how its arguments read, and a draft of the texts it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from random import Random
from typing import Annotated, ClassVar, Protocol, runtime_checkable

from planner.core.change import Change, Edit
from planner.core.document import Document, RawValue, parse_document
from planner.core.fields import CANONICAL, ORDER, FieldType
from planner.core.ids import new_id
from planner.core.model import Item
from planner.core.parse import parse_file
from planner.core.record import dataclass, field
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Context:
    """What a wish may know besides the vault: the clock, the user, randomness, and whether to write stamps."""

    today: date
    now: datetime
    me: str = "me"
    random: Random = field(default_factory=Random)
    stamp: bool = False  # write created, started and completed even where the file lacks them

    def draw_id(self, vault: Vault) -> str:
        """A new id that no item of the vault has."""
        return new_id(self.random, lambda candidate: vault.get(candidate) is not None)


@runtime_checkable
class Command(Protocol):
    """What somebody wants: a frozen dataclass whose fields are its arguments, whose docstring is its help."""

    verb: ClassVar[str]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """Which texts become which; touches nothing. Raises NotFound, Ambiguous or Invalid."""


@dataclass(frozen=True, slots=True)
class Argument:
    """How one field of a command is said on the command line and in a tool's schema."""

    metavar: str
    help: str
    option: bool = False  # `--name` rather than a word in its place
    items: bool = False  # ids of items: may be given by --query too
    told_by: Callable[[str], bool] | None = None  # which words of the line are its own, where two lists meet


Items = Annotated[tuple[str, ...], Argument("ID", "items: ids, unique beginnings of ids, paths or titles", items=True)]


def check_editable(item: Item, vault: Vault) -> None:
    """Raises Invalid where an item's file cannot be edited by a command."""
    if vault.config.read_only:
        raise Invalid(
            f"this vault is of format {vault.config.format}, newer than this program", "install a newer planner"
        )
    if any(fault.code == "conflict-markers" for fault in item.problems):
        raise Invalid(
            f"{item.path} has conflict markers; it is not changed before they are resolved",
            f"planner resolve {item.id}",
        )
    if item.broken:
        fault = item.problems[0] if item.problems else None
        where = f"{item.path}:{fault.line}:{fault.column}: {fault.message}" if fault else item.path
        raise Invalid(f"{where}; it is not changed by planner", f"planner edit {item.id}")


class Draft:
    """The texts a wish changes, gathered item by item; `change()` makes them a `Change`."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self.details: list[str] = []
        self.notices: list[str] = []
        self._texts: dict[str, str | None] = {}
        self._items: dict[str, None] = {}

    def text(self, path: str) -> str:
        """A file's text as drafted so far."""
        drafted = self._texts.get(path, self.vault.text(path) if path in self.vault.files else None)
        if drafted is None:
            raise Invalid(f"{path} is deleted by the same wish")
        return drafted

    def put(self, item: Item, text: str) -> None:
        """The item's whole file as it is to be."""
        self._texts[item.path] = text
        self._items[item.id] = None

    def create(self, path: str, text: str, id_: str) -> None:
        """A new file."""
        self._texts[path] = text
        self._items[id_] = None

    def delete(self, item: Item) -> None:
        """Its file will be gone."""
        self._texts[item.path] = None
        self._items[item.id] = None

    def move(self, item: Item, path: str) -> None:
        """The item's file under another path, its text as drafted so far."""
        text = self.text(item.path)
        self._texts[item.path] = None
        self._texts[path] = text
        self._items[item.id] = None

    def drafted(self, item: Item) -> Item:
        """The item as its file will say it."""
        text = self._texts.get(item.path)
        read = parse_file(item.path, text, self.vault.config).item if text is not None else None
        return read or item

    def document(self, item: Item) -> Document:
        """The item's file as drafted so far, with spans."""
        return parse_document(self.text(item.path))

    def set(self, item: Item, name: str, value: RawValue) -> None:
        """One field's new value (None: remove the key), under the name the file already uses for it."""
        check_editable(item, self.vault)
        document = self.document(item)
        key = key_in(document, name)
        old = document.get(key) if key in document else None
        row = self.vault.config.field(name)
        bare = row is not None and row.type is FieldType.YES_NO
        try:
            changed = document.remove(key) if value is None else document.set(key, value, order=ORDER, bare=bare)
        except ValueError as error:
            raise Invalid(f"{item.path}: {key}: {error}", f"planner edit {item.id}") from None
        self._items[item.id] = None
        if changed.text != document.text:
            self._texts[item.path] = changed.text
            self.details.append(f"{key}: {shown(old)} → {shown(value)}")

    def change(self, subject: str, *, notices: Sequence[str] = ()) -> Change:
        """Everything drafted, as one change."""
        edits = tuple(
            Edit(path, self.vault.text(path) if path in self.vault.files else None, text)
            for path, text in sorted(self._texts.items())
        )
        return Change(
            tuple(edit for edit in edits if not edit.is_noop),
            subject,
            tuple(self.details),
            tuple(self._items),
            (*self.notices, *notices),
        )


def key_in(document: Document, name: str) -> str:
    """The key a file uses for a field: its own alias where it has one, else the canonical name."""
    return next((entry.key for entry in document.entries if CANONICAL.get(entry.key, entry.key) == name), name)


def shown(value: RawValue) -> str:
    """A raw value in one short line, for subjects and bodies of commits."""
    if value is None or value in ("", ()):
        return "—"
    if isinstance(value, tuple):
        return ", ".join(shown(part) for part in value)
    text = value if isinstance(value, str) else ", ".join(f"{k}: {shown(v)}" for k, v in value.items())
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def found(
    vault: Vault, texts: Iterable[str], *, check: Callable[[Item, Vault], None] | None = check_editable
) -> tuple[Item, ...]:
    """The items that ids, prefixes, paths or titles name, each once, in order; raises NotFound, Ambiguous, Invalid."""
    items = {item.path: item for text in texts if (item := vault.find(text))}
    if not items:
        raise Invalid("no items given", "name them by id, or pick them with --query")
    for item in items.values():
        if check is not None:
            check(item, vault)
    return tuple(items.values())


def subject(verb: str, items: Sequence[Item], rest: str = "") -> str:
    """A commit's subject: `move k7f3qx: todo → doing`, or `move 3 items: …`."""
    who = items[0].id if len(items) == 1 else f"{len(items)} items"
    return f"{verb} {who}: {rest}" if rest else f"{verb} {who}"
