"""A body's Markdown as flat blocks of styled text, ready for a skin to draw line by line.

Only the open item is read this way; lists and boards use the line scan of core/body.py. Raw HTML stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from planner.core.record import dataclass, field

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LIMIT = 200_000
"""Characters of a body that are read as Markdown."""
MAX_LINES = 4_000
"""Its lines, likewise."""
MAX_CELLS = 10_000
"""Cells that tables may come to: short rows are filled up to the width of the first."""
MAX_SIGNS = 500
"""Emphasis, brackets and the like in one paragraph; more of them is plain text, for their pairing takes quadratic time."""

Style: TypeAlias = Literal["strong", "emphasis", "strike", "code", "link"]
BlockKind: TypeAlias = Literal["heading", "paragraph", "code", "row", "rule"]

_WIKI = re.compile(r"\[\[([^\]\[\n|]{1,300})(?:\|([^\]\[\n]*))?\]\]")
_BOX = re.compile(r"\[([ xX])\](?: |$)")
_SIGN = re.compile(r"[*_\[\]<~`&!]")
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
    """The blocks of a body whose first line is `first_line` of its file; one beyond LIMIT is one block of plain text."""
    lines = body.count("\n")
    plain = (Block("paragraph", (Span(body),), first_line),)
    if len(body) > LIMIT or lines > MAX_LINES:
        return plain
    widest = max((line.count("|") for line in body.split("\n")), default=0)
    found = tuple(_Walk(first_line).over(_parser(tables=widest * lines <= MAX_CELLS).parse(body)))
    return found if found or not body.strip() else plain  # what is nested deeper than the parser goes is still text


@cache
def _parser(*, tables: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", *["table"] * tables])
    parser.core.ruler.at("inline", _read_runs)
    return parser


def _read_runs(state: StateCore) -> None:
    """Reads the text of every block: first the box of a checklist item, then the runs, if there are not too many signs."""
    from markdown_it.token import Token

    for index, token in enumerate(state.tokens):
        if token.type != "inline":
            continue
        first = index > 1 and state.tokens[index - 2].type == "list_item_open"
        if first and (box := _BOX.match(token.content)):
            token.meta["done"] = box[1] != " "
            token.content = token.content[box.end() :]
        token.children = []
        if len(_SIGN.findall(token.content)) > MAX_SIGNS:
            token.children.append(Token("text", "", 0, content=token.content))
        else:
            state.md.inline.parse(token.content, state.md, state.env, token.children)


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
                    yield self.block(kind, _spans(token), done=token.meta.get("done"))
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


def _spans(token: Token) -> tuple[Span, ...]:
    return tuple(span for span in _runs(token.children or ()) if span.text)


def _runs(children: Iterable[Token]) -> Iterator[Span]:
    styles: list[Style] = []
    href = ""
    for child in children:
        name = child.type.removesuffix("_open").removesuffix("_close")
        if name in _STYLES:
            if child.nesting > 0:
                styles.append(_STYLES[name])
            else:
                styles.remove(_STYLES[name])
            href = str(child.attrs.get("href", "")) if name == "link" else href
        elif child.type == "code_inline":
            yield Span(child.content, frozenset({*styles, "code"}), href)
        elif child.type == "image":
            yield Span(child.content, frozenset({*styles, "link"}), str(child.attrs.get("src", "")))
        else:
            text = "\n" if child.type in {"softbreak", "hardbreak"} else child.content
            yield from _wiki_links(text, styles, href)


def _wiki_links(text: str, styles: list[Style], href: str) -> Iterator[Span]:
    """A text's runs with each `[[link]]` as a span of its own."""
    end = 0
    for match in _WIKI.finditer(text) if "[[" in text and not href else ():
        yield Span(text[end : match.start()], frozenset(styles))
        yield Span(match[2] or match[1], frozenset({*styles, "link"}), f"[[{match[1].strip()}]]")
        end = match.end()
    yield Span(text[end:], frozenset(styles), href)
