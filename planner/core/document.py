"""A Markdown file as a value with spans: parsed without ever raising, edited without touching any other character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from planner.core.entries import Entry
from planner.core.header import MAX_HEADER, MAX_TEXT, read_header
from planner.core.record import dataclass
from planner.core.yamltext import Fault, RawValue, line_column, quote

if TYPE_CHECKING:
    from planner.core.rewrite import Writer
    from planner.core.yamlguard import Node

__all__ = ["MAX_HEADER", "MAX_TEXT", "Document", "Entry", "Fault", "RawValue", "line_column", "parse_document", "quote"]

_REFUSALS = {
    "toml": "its header is TOML, which is not rewritten",
    "json": "its header is JSON, which is not rewritten",
    "unclosed": "its header is never closed",
    "broken": "its header cannot be read",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text and what its header says.

    `kind` is `yaml`, `none`, `toml`, `json`, `unclosed` or `broken`; only the first two can be edited. `header_start`
    to `header_end` is what stands between the fences; `newline` is the header's line break.
    """

    text: str
    kind: str
    header_start: int
    header_end: int
    body_start: int
    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def bom(self) -> bool:
        """Whether the text begins with a byte order mark."""
        return self.text[:1] == "\ufeff"

    @property
    def newline(self) -> str:
        """The line break of the first line."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    @property
    def body(self) -> str:
        """What follows the header."""
        return self.text[self.body_start :]

    def entry(self, key: str) -> Entry | None:
        """The entry of a key; of two the last, as most programs read it."""
        for entry in reversed(self.entries):
            if entry.key == key:
                return entry
        return None

    def get(self, key: str) -> RawValue:
        """A key's value; None as well where there is no such key."""
        entry = self.entry(key)
        return entry.value if entry else None

    def __contains__(self, key: object) -> bool:
        return any(entry.key == key for entry in self.entries)

    def keys(self) -> tuple[str, ...]:
        """The keys in the file's order, each once."""
        return tuple(dict.fromkeys(entry.key for entry in self.entries))

    def with_text(self, text: str) -> Document:
        """The same file with another text."""
        return self if text == self.text else parse_document(text)

    def set(self, key: str, value: RawValue, *, order: Sequence[str] = (), bare: bool = False) -> Document:
        """The document with that value, nothing else changed; an equal value gives the very same document.

        A new key goes after the nearest key that precedes it in `order`, else last. `bare` writes words such as
        `true` without quotes, for yes/no fields. One value in a tuple stays a scalar where the file has a scalar.
        Raises ValueError where the header or the entry is not to be edited, or the value cannot be written.
        """
        self._check_editable()
        entry = self.entry(key)
        if entry is None:
            return self._insert(key, value, order, bare)
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str) and isinstance(entry.value, str):
            value = value[0]
        if entry.value == value:
            return self
        if not entry.editable:
            raise ValueError(f"'{key}' is written in a way that is not rewritten")
        new = self._writer(entry.end, bare).rewrite(self.text, entry.start, entry.end, self._node(entry), value)
        return self._checked(self.text[: entry.start] + new + self.text[entry.end :], key, value)

    def set_path(self, path: Sequence[str | int], value: RawValue, *, bare: bool = False) -> Document:
        """`set` for a value inside another: keys of mappings, positions in lists.

        Only a mapping's last key may be new. Raises ValueError where the path leads nowhere, and as `set` does.
        """
        if not path or not isinstance(path[0], str):
            raise ValueError("a path begins with a key")
        return self.set(path[0], _updated(self.get(path[0]), path[1:], value), bare=bare)

    def remove(self, key: str) -> Document:
        """The document without that key and its lines; with the last key goes a header that held nothing else.

        Raises ValueError where the header or the entry is not to be edited.
        """
        entry = self.entry(key)
        if entry is None:
            return self
        self._check_editable()
        if not entry.editable:
            raise ValueError(f"'{key}' is written in a way that is not rewritten")
        if (entry.start, entry.end) == (self.header_start, self.header_end):
            headless = parse_document("\ufeff" * self.bom + self.body)
            if headless.kind == "none":
                return headless
        return self._checked(self.text[: entry.start] + self.text[entry.end :], key, None)

    # -- How ---------------------------------------------------------------------------------------------------------

    def _check_editable(self) -> None:
        if self.kind in _REFUSALS:
            raise ValueError(_REFUSALS[self.kind])

    def _writer(self, offset: int, bare: bool) -> Writer:
        """Writes as the line that ends at `offset` does."""
        from planner.core.rewrite import Writer

        crlf = self.text[:offset].endswith("\r\n")
        return Writer("\r\n" if crlf else "\n", bare)

    def _node(self, entry: Entry) -> Node:
        """The value with the spans of its parts."""
        from planner.core.yamlguard import Node, Unreadable, read_pair

        if entry.style in {"flow", "block", "mapping", "flow-mapping"}:
            try:
                return read_pair(self.text, entry.key_offset, entry.end).node
            except Unreadable:
                pass  # a tab after the colon: read all the same, and written anew
        return Node(entry.style, entry.value_start, entry.value_end, entry.value)

    def _insert(self, key: str, value: RawValue, order: Sequence[str], bare: bool) -> Document:
        if self.kind == "none":
            from planner.core.rewrite import Writer

            line = Writer(self.newline, bare).pair(key, value, 0)
            header = self.newline.join(("---", line, "---", ""))
            return self._checked(self.text[: self.body_start] + header + self.body, key, value)
        if any(entry.start != entry.key_offset for entry in self.entries):
            raise ValueError("the header's keys are indented; move them to the start of their lines first")
        place = self._place(key, order)
        writer = self._writer(place, bare)
        line = writer.pair(key, value, 0) + writer.newline
        nothing = not self.entries and self.text[self.header_start : self.header_end].strip() in {"~", "null"}
        start = self.header_start if nothing else place
        return self._checked(self.text[:start] + line + self.text[place:], key, value)

    def _place(self, key: str, order: Sequence[str]) -> int:
        before = order[: order.index(key)] if key in order else ()
        for name in reversed(before):
            if entry := self.entry(name):
                return entry.end
        return self.header_end

    def _checked(self, text: str, key: str, value: RawValue) -> Document:
        """The edited text as a document, once it is certain that nothing but `key` reads differently."""
        new = parse_document(text)
        others = [(entry.key, entry.value) for entry in new.entries if entry.key != key]
        same = others == [(entry.key, entry.value) for entry in self.entries if entry.key != key]
        if not same or new.get(key) != value or new.body != self.body or new.kind != "yaml":
            raise ValueError(f"'{key}' cannot be changed without touching something else")
        return new


def parse_document(text: str) -> Document:
    """A file's text as a Document, whatever the text: what is wrong with it is in `faults`, never an exception."""
    header = read_header(text)
    return Document(text, header.kind, header.start, header.end, header.body_start, header.entries, header.faults)


def _updated(value: RawValue, path: Sequence[str | int], new: RawValue) -> RawValue:
    """`value` with `new` at the end of `path`; raises ValueError where that leads nowhere."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int) and isinstance(value, tuple) and 0 <= step < len(value):
        return (*value[:step], _updated(value[step], rest, new), *value[step + 1 :])
    if isinstance(step, str) and isinstance(value, Mapping) and (step in value or not rest):
        return {**value, step: _updated(value.get(step), rest, new)}
    raise ValueError(f"there is nothing at '{step}'")
