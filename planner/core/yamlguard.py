"""One `key: value` of a header through a real YAML parser, guarded: text in, a small tree with spans out.

Deliberately no composer and no constructor: libyaml's composer recurses until the process dies, and merge keys expand
for seconds. Events are read one by one and the first that breaks a rule ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.pattern import later
from planner.core.record import dataclass
from planner.core.yamltext import (
    CONTROL,
    HIDDEN,
    MAX_EVENTS,
    NOT_UTF8,
    NULLS,
    UNREADABLE,
    Fault,
    RawValue,
    end_of_line,
    swallowed,
)

if TYPE_CHECKING:
    from yaml import events

MAX_DEPTH = 16

_STYLES = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_CORE_TAG = "tag:yaml.org,2002:"
_DASH = later(r"(?:[ \t]*(?:\#[^\n]*)?\r?\n)*+[ ]*-")
_SWALLOWED = later(r"[ \t]+(\#[^\s#!][^\n]*)")


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a list or one pair of a mapping: its own text from `start` to `end`, and its value.

    In block style that is from the dash or the key to the end of the last line, comment included.
    """

    key: str | None
    start: int
    end: int
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands: from its first character, or from right after the `:` or `-` for block and empty ones."""

    style: str
    start: int
    end: int
    value: RawValue
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """The first pair of a block mapping, with what is doubtful in it."""

    key: str
    key_end: int
    node: Node
    faults: tuple[Fault, ...] = ()


class Unreadable(Exception):
    """This text is not one harmless `key: value`; `fault` says where and why."""

    def __init__(self, code: str, offset: int, message: str = "", hint: str = "") -> None:
        super().__init__(message or code)
        self.fault = Fault(code, offset, message, hint)


def read_pair(text: str, start: int, end: int, *, alone: bool = True) -> Pair:
    """The pair at `start`, which fills text[start:end] if `alone`, else at least begins it; raises Unreadable."""
    if match := UNREADABLE.search(text, start, end):
        raise Unreadable(_character_code(match[0]), match.start())
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(yaml.parse(text[start:end], Loader=loader), text, start).pair(alone)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        offset = min(start + mark.index, end) if mark is not None else start
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise Unreadable("bad-yaml", offset, f"not valid YAML: {problem}") from None
    except (ValueError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Unreadable("bad-yaml", start, f"not valid YAML: {error}") from None


def _character_code(char: str) -> str:
    if NOT_UTF8.match(char):
        return "not-utf8"
    return "hidden-character" if HIDDEN.match(char) else "control-character"


class _Reader:
    """A stream of events on its way to a tree; state because the stream has it."""

    def __init__(self, stream: Iterator[events.Event], text: str, offset: int) -> None:
        self.stream = stream
        self.text = text
        self.offset = offset
        self.count = 0
        self.faults: list[Fault] = []

    def next(self) -> events.Event:
        event = next(self.stream)
        self.count += 1
        start, _ = self.span(event)
        if self.count > MAX_EVENTS:
            raise Unreadable("too-many-entries", start, f"more than {MAX_EVENTS:,} values")
        if getattr(event, "anchor", None) is not None:
            raise Unreadable("alias" if type(event).__name__ == "AliasEvent" else "anchor", start)
        return event

    def span(self, event: events.Event) -> tuple[int, int]:
        start, end = event.start_mark, event.end_mark
        return self.offset + (start.index if start else 0), self.offset + (end.index if end else 0)

    def pair(self, alone: bool) -> Pair:
        from yaml import events

        for _ in range(2):
            self.next()  # the stream's and the document's start
        opening = self.next()
        if not isinstance(opening, events.MappingStartEvent) or opening.flow_style or opening.tag:
            raise Unreadable("bad-yaml", self.offset, "not a `key: value` line")
        key, _, key_end = self.key()
        node = self.node(self.next(), self.after_colon(key_end), 1)
        if alone:
            after = self.next()
            if not isinstance(after, events.MappingEndEvent):
                raise Unreadable("bad-yaml", self.span(after)[0], "a second key, where one value was expected")
            for _ in self.stream:
                pass
        return Pair(key, key_end, node, tuple(self.faults))

    def key(self, event: events.Event | None = None) -> tuple[str, int, int]:
        from yaml import events

        event = event or self.next()
        start, end = self.span(event)
        if not isinstance(event, events.ScalarEvent):
            raise Unreadable("complex-key", start)
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start].rstrip()
        if line.endswith("?") or (start == end and not event.style):
            raise Unreadable("complex-key", start, "a key after a `?`")
        if event.value == "<<" and not event.style:
            raise Unreadable("merge-key", start)
        return event.value, start, end

    def after_colon(self, key_end: int) -> int:
        return self.text.find(":", key_end) + 1

    def node(self, event: events.Event, after: int, depth: int) -> Node:
        from yaml import events

        start, end = self.span(event)
        if isinstance(event, events.ScalarEvent):
            return self.scalar(event, start, end)
        if not isinstance(event, events.CollectionStartEvent):
            raise Unreadable("bad-yaml", start)
        if depth > MAX_DEPTH:
            raise Unreadable("too-deep", start, f"nested more than {MAX_DEPTH} levels deep")
        if event.tag is not None:
            self.tagged(event.tag, start)
        flow = bool(event.flow_style)
        if isinstance(event, events.SequenceStartEvent):
            parts, last = self.items(start, flow, depth)
            value: RawValue = tuple(part.node.value for part in parts)
        else:
            parts, last = self.pairs(flow, depth)
            value = {part.key or "": part.node.value for part in parts}
        if event.tag is not None:
            return Node("tagged", start, parts[-1].end if parts and not flow else self.span(last)[1], value)
        if flow:
            return Node("flow" if isinstance(value, tuple) else "flow-mapping", start, self.span(last)[1], value, parts)
        return Node("block" if isinstance(value, tuple) else "mapping", after, parts[-1].end, value, parts)

    def items(self, start: int, flow: bool, depth: int) -> tuple[tuple[Part, ...], events.Event]:
        from yaml import events

        parts: list[Part] = []
        cursor = start
        while not isinstance(event := self.next(), events.SequenceEndEvent):
            dash = 0
            if not flow:
                match = _DASH.match(self.text, cursor)
                if match is None:
                    raise Unreadable("bad-yaml", cursor)
                dash = match.end()
            node = self.node(event, dash, depth + 1)
            if flow:
                parts.append(Part(None, node.start, node.end, node))
            else:
                cursor = end_of_line(self.text, node.end)
                parts.append(Part(None, dash - 1, cursor, node))
        return tuple(parts), event

    def pairs(self, flow: bool, depth: int) -> tuple[tuple[Part, ...], events.Event]:
        from yaml import events

        parts: list[Part] = []
        seen: set[str] = set()
        while not isinstance(event := self.next(), events.MappingEndEvent):
            key, start, key_end = self.key(event)
            if key in seen:
                self.faults.append(Fault("duplicate-key", start, f"the key '{key}' stands here twice"))
            seen.add(key)
            node = self.node(self.next(), self.after_colon(key_end), depth + 1)
            parts.append(Part(key, start, node.end if flow else end_of_line(self.text, node.end), node))
        return tuple(parts), event

    def scalar(self, event: events.ScalarEvent, start: int, end: int) -> Node:
        text = event.value
        style = _STYLES.get(event.style or "", "plain")
        if event.tag is not None and event.tag != _CORE_TAG + "str":
            self.tagged(event.tag, start)
            return Node("tagged", start, end, text if event.tag.startswith(_CORE_TAG) else self.text[start:end])
        if style == "plain":
            self.warn_of_comment(end)
            if event.tag is None and text in NULLS:
                return Node("empty" if start == end else style, start, end, None)
        elif style == "double" and (CONTROL.search(text) or HIDDEN.search(text)):
            self.faults.append(Fault("hidden-character", start, "an invisible character, written as an escape"))
        elif style in {"literal", "folded"}:
            end = end_of_line(self.text, start + len(self.text[start:end].rstrip()))
        return Node(style, start, end, text)

    def tagged(self, tag: str, start: int) -> None:
        self.faults.append(Fault("tagged-value", start, f"the tag '{tag.replace(_CORE_TAG, '!!')}' is not obeyed"))

    def warn_of_comment(self, end: int) -> None:
        if match := _SWALLOWED.match(self.text, end):
            self.faults.append(swallowed(match.start(1), match[1]))
