"""One item whole: beside the page as a preview, or instead of it when opened."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.core.model import Item
from planner.views.detail import Detail, FieldLine, Reference, Related, detail
from planner.views.markdown import Block, Span, blocks
from tui.page import Asked
from tui.text import content

BODY_LIMIT = 200_000
"""Characters of a body that are drawn as Markdown; more of it is shown as it stands."""

STYLES = {
    "strong": "bold",
    "emphasis": "italic",
    "strike": "strike",
    "code": "$ink-due",
    "link": "underline $ink-person",
}
INKS = {
    "status": "bold",
    "due": "$ink-due",
    "assignee": "$ink-person",
    "tags": "$ink-tag",
    "project": "$ink-tag",
    "priority": "bold $ink-full",
}
LABEL = 11


class DetailPane(VerticalScroll):
    """Shows an item's page and scrolls it."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self._shown: tuple[Item, Asked] | None = None

    def compose(self) -> Iterator[Static]:
        yield Static(id="page")

    def show(self, item: Item | None, asked: Asked) -> None:
        """Show this item; the place one has scrolled to is kept only for the same item."""
        before = self._shown
        if item is None:
            self._shown = None
            self.query_one("#page", Static).update(Content.styled("no item under the cursor", "$ink-dim"))
            return
        if before is not None and before[0] is item and before[1].vault is asked.vault:
            return
        self._shown = (item, asked)
        self.query_one("#page", Static).update(page(detail(asked.vault, item, asked.today)))
        if before is None or before[0].path != item.path:
            self.scroll_home(animate=False)


def page(one: Detail) -> Content:
    """Title, fields, what it hangs together with, its text, its faults."""
    return Content("\n").join(_lines(one))


def _lines(one: Detail) -> Iterator[Content]:
    yield Content.assemble(
        content(f"{one.facts.mark} " if one.facts.mark else "", "$ink-full"), content(one.item.title, "bold $primary")
    )
    yield content(one.item.path, "$ink-dim")
    for fault in one.problems:
        hint = f" ({fault.hint})" if fault.hint else ""
        yield content(f"{fault.severity}, line {fault.line}: {fault.message}{hint}", "$ink-warn")
    yield Content("")
    told = {related.how for related in one.chain if related.item is not None}  # by title, further down
    yield from (_field(field) for field in one.fields if field.name not in told)
    for related in one.chain:
        if related.item is not None:
            yield _labelled(related.how, related)
    for related in one.predecessors:
        yield _labelled("after", related)
    for related in one.successors:
        yield _labelled("blocks", related)
    for child in one.children[:20]:
        yield _row("part", content(child.title))
    if one.body.strip():
        yield Content("")
        yield from _body(one)
    yield from _links("link", one.links)
    yield from _links("linked from", one.backlinks)


def _field(line: FieldLine) -> Content:
    return _row(line.label, content(line.text, INKS.get(line.name, "")))


def _row(label: str, said: Content) -> Content:
    return Content.assemble(content(f"{label:<{LABEL}} ", "$ink-dim"), said)


def _labelled(label: str, related: Related) -> Content:
    if related.item is None:
        return _row(label, content(f"{related.reference} (not found)", "$ink-warn"))
    how = f" {related.how}" if related.how not in {"FS", label} else ""
    state = f" · {related.item.status}" if related.item.status else ""
    return _row(label, Content.assemble(content(related.item.title), content(f"{how}{state}", "$ink-dim")))


def _links(label: str, links: tuple[Reference, ...]) -> Iterator[Content]:
    if links:
        yield Content("")
    for link in links:
        yield _row(label, content(link.title, "" if link.path else "$ink-dim"))


def _body(one: Detail) -> Iterator[Content]:
    if one.item.broken or len(one.body) > BODY_LIMIT:
        yield content(one.body[:BODY_LIMIT], multiline=True)
        return
    before = ""
    for block in blocks(one.body, one.body_line):
        if before and (
            block.kind not in {"row", "paragraph"} or block.kind != before or not (block.depth or block.kind == "row")
        ):
            yield Content("")
        yield _block(block)
        before = block.kind


def _block(block: Block) -> Content:
    indent = "▎ " * block.quote + "  " * max(0, block.depth - 1)
    match block.kind:
        case "heading":
            return _spans(block.spans, "bold $primary")
        case "rule":
            return Content.styled("─" * 12, "$ink-rule")
        case "code":
            return Content("\n").join(content(f"  {line}", "$ink-due") for line in block.text.split("\n"))
        case "row":
            return Content.styled(" │ ", "$ink-rule").join(_spans(cell) for cell in block.cells)
        case _:
            box = "" if block.done is None else "☑ " if block.done else "☐ "
            marker = box or ("• " if block.marker == "-" else f"{block.marker} " if block.marker else "")
            said = _spans(block.spans, "$ink-dim" if block.done else "")
            return Content.assemble(Content.styled(indent, "$ink-rule"), Content.styled(marker, "$ink-full"), said)


def _spans(spans: tuple[Span, ...], style: str = "") -> Content:
    parts = [
        content(
            span.text, " ".join(filter(None, [style, *(STYLES[name] for name in sorted(span.styles))])), multiline=True
        )
        for span in spans
    ]
    return Content.assemble(*parts)
