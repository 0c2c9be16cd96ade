"""A value's new text, made from its old text: what did not change keeps its very characters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from planner.core.record import dataclass
from planner.core.yamlguard import Node, Part
from planner.core.yamltext import RawValue, end_of_line, quote, requote

_SCALARS = frozenset({"plain", "single", "double", "literal", "folded", "raw"})
_FLOW = frozenset({"flow", "flow-mapping"})


@dataclass(frozen=True, slots=True)
class Writer:
    """How new text is written: the line break of its neighbours, and whether words like `no` stay bare."""

    newline: str = "\n"
    bare: bool = False

    def fresh(self, value: RawValue, indent: int = 0, *, flow: bool = False) -> str:
        """A value that was not there before; block style begins with a line break, `indent` spaces deep."""
        if value is None:
            return "null" if flow else ""
        if isinstance(value, str):
            return quote(value, flow=flow, bare=self.bare)
        if isinstance(value, tuple):
            if flow or not any(isinstance(item, (tuple, Mapping)) for item in value):
                return "[" + ", ".join(self.fresh(item, flow=True) for item in value) + "]"
            return "".join(f"{self.line(indent)}- {self.item(item, indent)}" for item in value)
        if flow or not value:
            return "{" + ", ".join(self.pair(key, item, indent, flow=True) for key, item in value.items()) + "}"
        return "".join(self.line(indent) + self.pair(key, item, indent) for key, item in value.items())

    def line(self, indent: int) -> str:
        return self.newline + " " * indent

    def item(self, value: RawValue, indent: int) -> str:
        """An item's text after its dash; what is block style itself begins on the dash's line."""
        return self.fresh(value, indent + 2).lstrip() or "null"

    def pair(self, key: str, value: RawValue, indent: int, *, flow: bool = False) -> str:
        """`key: value`."""
        if len(key) > 1000:
            raise ValueError("a key has at most 1,000 characters")
        text = self.fresh(value, indent + 2, flow=flow)
        return f"{quote(key, flow=flow)}:" + (text if text[:1] in ("", "\r", "\n") else f" {text}")

    def rewrite(self, text: str, start: int, end: int, node: Node, value: RawValue, *, flow: bool = False) -> str:
        """text[start:end], which holds a key or dash and its `node`, with the node's value replaced."""
        if node.value == value:
            return text[start:end]
        before, after = text[start : node.start], text[node.end : end]
        new = self.value(text, node, value, flow=flow)
        if new[:1] in ("", "\r", "\n"):
            return before.rstrip(" \t") + new + after
        if node.style == "empty" and flow and not before.endswith(":"):
            return f"{before}: {new}{after}"  # `{key}` has no colon of its own
        tight = before[-1:] in (":", "-") and not text[node.start : node.end][:1].strip() and not new[0].isspace()
        return f"{before}{' ' if tight else ''}{new}{after}"

    def value(self, text: str, node: Node, value: RawValue, *, flow: bool) -> str:
        """The text that takes the place of text[node.start:node.end]."""
        if node.parts and value:
            if isinstance(value, tuple) and isinstance(node.value, tuple):
                return self.sequence(text, node, value)
            if isinstance(value, Mapping) and isinstance(node.value, Mapping):
                return self.mapping(text, node, value)
        if isinstance(value, str) and node.style in _SCALARS:
            return requote(value, node.style, node.value, flow=flow, bare=self.bare)
        indent = _column(text, node.start - 1) + 2 if node.style not in _FLOW else 0
        new = self.fresh(value, indent, flow=flow)
        if node.style not in {"block", "mapping"}:
            return new
        comment = text[node.start : end_of_line(text, node.start)].rstrip()
        return comment + new if new[:1] in ("\r", "\n") else f"{new}{comment}"

    def sequence(self, text: str, node: Node, values: Sequence[RawValue]) -> str:
        """A list in its own style: kept items keep their lines, wherever they go."""
        flow = node.style == "flow"
        parts = node.parts
        indent = _column(text, parts[0].start)
        chunks: list[tuple[int, str]] = []
        for value, source in zip(values, _sources(parts, values), strict=True):
            if source >= 0:
                part = parts[source]
                chunks.append((source, self.rewrite(text, part.start, part.end, part.node, value, flow=flow)))
            elif flow:
                chunks.append((-1, self.like(parts, value, flow=True) or self.fresh(value, flow=True)))
            else:
                chunks.append((-1, _dash(text, parts) + (self.like(parts, value) or self.item(value, indent))))
        return self.joined(text, node, chunks)

    def like(self, parts: Sequence[Part], value: RawValue, *, flow: bool = False) -> str:
        """A new scalar in the quotes that all its neighbours have; empty if they do not agree."""
        styles = {part.node.style for part in parts}
        if isinstance(value, str) and len(styles) == 1:
            return requote(value, styles.pop(), parts[0].node.value, flow=flow, bare=self.bare)
        return ""

    def mapping(self, text: str, node: Node, values: Mapping[str, RawValue]) -> str:
        """A mapping in its own style and order; new keys come last."""
        flow = node.style == "flow-mapping"
        indent = _column(text, node.parts[0].start)
        chunks = [
            (index, self.rewrite(text, part.start, part.end, part.node, values[part.key], flow=flow))
            for index, part in enumerate(node.parts)
            if part.key is not None and part.key in values
        ]
        known = {part.key for part in node.parts}
        chunks.extend(
            (-1, self.pair(key, value, indent, flow=flow)) for key, value in values.items() if key not in known
        )
        return self.joined(text, node, chunks)

    def joined(self, text: str, node: Node, chunks: Iterable[tuple[int, str]]) -> str:
        """The old text around the parts, with these chunks between: an old one after what stood before it."""
        parts = node.parts
        gaps = [text[left.end : right.start] for left, right in pairwise(parts)]
        if node.style in _FLOW:
            usual = next((gap for gap in gaps if "#" not in gap), ", ")
        else:
            usual = self.line(_column(text, parts[0].start))
        out = [text[node.start : parts[0].start]]
        for index, (source, chunk) in enumerate(chunks):
            if index:
                out.append(gaps[source - 1] if source > 0 else usual)
            out.append(chunk)
        out.append(text[parts[-1].end : node.end])
        return "".join(out)


def _column(text: str, offset: int) -> int:
    """How far a new line has to be indented to stand under `offset`; keys before it on its line count as one level."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    if line.strip(" -"):
        return len(line) - len(line.lstrip(" -"))
    return len(line)


def _dash(text: str, parts: Sequence[Part]) -> str:
    """The dash and the space after it, as its neighbours have them."""
    for part in parts:
        lead = text[part.start : part.node.start]
        if lead.strip() == "-" and "\n" not in lead and lead != "-":
            return lead
    return "- "


def _sources(parts: Sequence[Part], values: Sequence[RawValue]) -> list[int]:
    """For each new value the old part to take it from: its equal if there is one, else what stood in its place; or -1."""
    old = [part.node.value for part in parts]
    sources = [index if index < len(old) and old[index] == value else -1 for index, value in enumerate(values)]
    free = [index for index in range(len(old)) if index >= len(values) or sources[index] < 0]
    for index, value in enumerate(values):
        if sources[index] < 0 and (same := next((i for i in free if old[i] == value), -1)) >= 0:
            sources[index] = same
            free.remove(same)
    for index in range(min(len(values), len(old))):
        if sources[index] < 0 and index in free:
            sources[index] = index
            free.remove(index)
    return sources
