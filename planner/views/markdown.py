"""A body's Markdown as flat blocks of styled text, ready for a skin to draw line by line.

Only the open item is read this way; lists and boards use the line scan of core/body.py. Raw HTML stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Style: TypeAlias = Literal["strong", "emphasis", "strike", "code", "link"]
BlockKind: TypeAlias = Literal["heading", "paragraph", "code", "row", "rule"]

_WIKI = re.compile(r"\[\[([^\]\[\n|]{1,300})(?:\|([^\]\[\n]*))?\]\]")
_STYLES: dict[str, Style] = {"strong": "strong", "em": "emphasis", "s": "strike", "link": "link"}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style; `href` is where a link leads, as written."""

    text: str
    styles: frozenset[Style] = frozenset()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One block, with its line in the file and how deep in lists (`depth`) and quotes (`quote`) it stands.

    `marker` is `-` or `3.` on the first block of a list item; `done` is None but on checklist items; `level` is a
    heading's, `language` a code block's, and only a table's rows have `cells`.
    """

    kind: BlockKind
    spans: tuple[Span, ...]
    line: int
    depth: int = 0
    quote: int = 0
    marker: str = ""
    done: bool | None = None
    level: int = 0
    language: str = ""
    cells: tuple[tuple[Span, ...], ...] = ()

    @property
    def text(self) -> str:
        """What it says, without styles; the cells of a row are set off by tabs."""
        return "\t".join("".join(span.text for span in cell) for cell in self.cells or (self.spans,))


def blocks(body: str, first_line: int = 1) -> tuple[Block, ...]:
    """The blocks of a body whose first line is `first_line` of its file."""
    return tuple(_Walk(first_line).over(_parser().parse(body)))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.tasklists import tasklists_plugin

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(tasklists_plugin)


@dataclass(slots=True)
class _Walk:
    """One walk over the parser's tokens; knows which lists, quotes and table rows are open."""

    line: int
    lists: list[int | None] = field(default_factory=list)  # the next number, None for bullets
    quote: int = 0
    level: int = 0
    marker: str = ""
    row: list[tuple[Span, ...]] | None = None

    def over(self, tokens: Iterable[Token]) -> Iterator[Block]:
        first = self.line
        for token in tokens:
            self.line = first + token.map[0] if token.map is not None else self.line
            self.enter_or_leave(token)
            match token.type:
                case "inline" if self.row is not None:
                    self.row.append(_spans(token))
                case "inline":
                    kind: BlockKind = "heading" if self.level else "paragraph"
                    yield self.block(kind, _spans(token), done=_ticked(token))
                case "fence" | "code_block":
                    code = Span(token.content.removesuffix("\n"), frozenset({"code"}))
                    yield self.block("code", (code,), language=token.info.strip())
                case "hr":
                    yield self.block("rule")
                case "tr_close":
                    yield self.block("row", cells=tuple(self.row or ()))
                    self.row = None
                case "list_item_close" if self.marker:
                    yield self.block("paragraph")  # an empty list item

    def enter_or_leave(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_open":
                self.lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "list_item_open":
                self.marker = self.next_marker()
            case "blockquote_open" | "blockquote_close":
                self.quote += token.nesting
            case "heading_open":
                self.level = int(token.tag[1:])
            case "heading_close":
                self.level = 0
            case "tr_open":
                self.row = []

    def next_marker(self) -> str:
        number = self.lists[-1]
        if number is None:
            return "-"
        self.lists[-1] = number + 1
        return f"{number}."

    def block(
        self,
        kind: BlockKind,
        spans: tuple[Span, ...] = (),
        *,
        done: bool | None = None,
        language: str = "",
        cells: tuple[tuple[Span, ...], ...] = (),
    ) -> Block:
        marker, self.marker = self.marker, ""
        depth = len(self.lists)
        return Block(kind, spans, self.line, depth, self.quote, marker, done, self.level, language, cells)


def _ticked(token: Token) -> bool | None:
    """Whether the box before an inline token is ticked; None where it has no box."""
    box = next((child for child in token.children or () if child.type == "html_inline"), None)
    return None if box is None else 'checked="checked"' in box.content


def _spans(token: Token) -> tuple[Span, ...]:
    return tuple(span for span in _runs(token.children or ()) if span.text)


def _runs(children: Iterable[Token]) -> Iterator[Span]:
    styles: list[Style] = []
    href = ""
    after_box = False
    for child in children:
        name = child.type.removesuffix("_open").removesuffix("_close")
        if name in _STYLES:
            if child.nesting > 0:
                styles.append(_STYLES[name])
            else:
                styles.remove(_STYLES[name])
            href = str(child.attrs.get("href", "")) if name == "link" else href
        elif child.type == "html_inline":
            after_box = True
        elif child.type == "code_inline":
            yield Span(child.content, frozenset({*styles, "code"}), href)
        elif child.type == "image":
            yield Span(child.content, frozenset({*styles, "link"}), str(child.attrs.get("src", "")))
        else:
            text = "\n" if child.type in {"softbreak", "hardbreak"} else child.content
            yield from _wiki_links(text.lstrip() if after_box else text, styles, href)
            after_box = False


def _wiki_links(text: str, styles: list[Style], href: str) -> Iterator[Span]:
    """A text's runs with each `[[link]]` as a span of its own."""
    end = 0
    for match in _WIKI.finditer(text) if "[[" in text and not href else ():
        yield Span(text[end : match.start()], frozenset(styles))
        yield Span(match[2] or match[1], frozenset({*styles, "link"}), f"[[{match[1].strip()}]]")
        end = match.end()
    yield Span(text[end:], frozenset(styles), href)
