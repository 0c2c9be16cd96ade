"""One item as lines of text: fields, what it hangs together with, its Markdown, its links; some lines are spots to act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from textual.content import Content

from planner.core.dates import MONTH_NAMES
from planner.core.display import cut, display_text
from planner.core.events import Event
from planner.core.model import Item, Step
from planner.views.detail import Detail, FieldLine, Reference, Related
from planner.views.markdown import Block, Span, blocks
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
CHILDREN = 20
"""Parts that are named; of more the number is said."""
OUTSIDE = ("https://", "http://", "mailto:")
"""What a link outside the vault may begin with to be opened."""


class StepSpot(NamedTuple):
    """A line of the checklist: it can be ticked."""

    number: int
    done: bool


class LinkSpot(NamedTuple):
    """A line that leads to another file of the vault, or to an address outside."""

    target: str
    path: str | None


Spot: TypeAlias = StepSpot | LinkSpot


class ItemLine(NamedTuple):
    """One line before it is wrapped, and what can be done on it."""

    said: Content
    spot: Spot | None = None
    hang: int = 0
    """Cells that its further lines are indented by where it is wrapped."""

    def wrapped(self, width: int) -> list[Content]:
        """Its lines in so many cells; nothing is indented where that would take half of them."""
        hang = self.hang if 2 * self.hang < width else 0
        if self.said.cell_length <= width or not hang:
            return self.said.wrap(width) or [self.said]
        head, rest = self.said[:hang], self.said[hang:]
        first, *more = rest.wrap(width - hang)
        return [head + first, *(Content(" " * hang) + line for line in more)]


BLANK = ItemLine(Content(""))


def item_lines(one: Detail) -> Iterator[ItemLine]:
    """Title, fields, what it hangs together with, its text, its links, its faults first."""
    yield ItemLine(
        Content.assemble(
            content(f"{one.facts.mark} " if one.facts.mark else "", "$ink-full"),
            content(one.item.title, "bold $primary"),
        )
    )
    yield ItemLine(content(one.item.path, "$ink-dim"))
    for fault in one.problems:
        hint = f" ({fault.hint})" if fault.hint else ""
        yield ItemLine(content(f"{fault.severity}, line {fault.line}: {fault.message}{hint}", "$ink-warn"))
    yield BLANK
    told = {related.how for related in one.chain if related.item is not None}  # by title, further down
    yield from (_field(field) for field in one.fields if field.name not in told)
    for related in one.chain:
        if related.item is not None:
            yield _related(related.how, related)
    for related in one.predecessors:
        yield _related("after", related)
    for related in one.successors:
        yield _related("blocks", related)
    for child in one.children[:CHILDREN]:
        yield _leading("part", child, "")
    if len(one.children) > CHILDREN:
        yield _row("", content(f"and {len(one.children) - CHILDREN} more parts", "$ink-dim"))
    plain = one.item.broken or len(one.body) > BODY_LIMIT
    read = () if plain else blocks(one.body, one.body_line)
    if one.body.strip():
        yield BLANK
        yield from [ItemLine(content(one.body[:BODY_LIMIT], multiline=True))] if plain else _body(read, one.checklist)
    yield from _links("link", (*one.links, *_outside(read)))
    yield from _links("linked from", one.backlinks)


def history_line(event: Event, today: date) -> ItemLine:
    """One change of one field: when, who, what, from what to what, and the commit."""
    when, day = event.when, event.when.date()
    at = f"{when:%H:%M}" if day == today else f"{day.day} {MONTH_NAMES[day.month - 1]}"
    at += f" {day.year}" if day.year != today.year else ""
    change = f"{_short(event.old)} → {_short(event.new)}" if event.old is not None else _short(event.new)
    return ItemLine(
        Content.assemble(
            content(f"{at:<{LABEL}} ", "$ink-dim"),
            content(f"{event.who.split(' ')[0]} ", "$ink-person"),
            content(f"{event.field} "),
            content(change, "bold" if event.field == "status" else ""),
            content(f"  {event.commit[:7]}", "$ink-dim"),
        ),
        hang=LABEL + 1,
    )


def _short(text: str | None) -> str:
    """A value in a few words; one that was taken away says so."""
    if text is None:
        return "nothing"
    first = text.strip().partition("\n")[0]
    return cut(display_text(first), 60)


def _field(line: FieldLine) -> ItemLine:
    return _row(line.label, content(line.text, INKS.get(line.name, "")))


def _row(label: str, said: Content, spot: Spot | None = None) -> ItemLine:
    head = content(f"{label:<{LABEL}} ", "$ink-dim")
    return ItemLine(Content.assemble(head, said), spot, len(head))


def _related(label: str, related: Related) -> ItemLine:
    if related.item is None:
        return _row(label, content(f"{related.reference} (not found)", "$ink-warn"))
    return _leading(label, related.item, f" {related.how}" if related.how not in {"FS", label} else "")


def _leading(label: str, item: Item, how: str) -> ItemLine:
    state = f" · {item.status}" if item.status else ""
    said = Content.assemble(content(item.title), content(f"{how}{state}", "$ink-dim"))
    return _row(label, said, LinkSpot(item.path, item.path))


def _links(label: str, links: tuple[Reference, ...]) -> Iterator[ItemLine]:
    if links:
        yield BLANK
    for link in links:
        spot = LinkSpot(link.target, link.path) if link.path or link.target.startswith(OUTSIDE) else None
        yield _row(label, content(link.title, "underline $ink-person" if spot else "$ink-dim"), spot)


def _outside(read: Sequence[Block]) -> Iterator[Reference]:
    """The addresses that a text leads to, each once."""
    spans = (span for block in read for cell in (block.spans, *block.cells) for span in cell)
    for target in dict.fromkeys(span.href for span in spans if span.href.startswith(OUTSIDE)):
        yield Reference(target, target, None)


def _body(read: Sequence[Block], checklist: Sequence[Step]) -> Iterator[ItemLine]:
    steps = {step.line: step for step in checklist}
    before = ""
    for block in read:
        if before and (
            block.kind not in {"row", "paragraph"} or block.kind != before or not (block.depth or block.kind == "row")
        ):
            yield BLANK
        lead = _lead(block)
        yield ItemLine(Content.assemble(lead, _block(block)), _step(block, steps), len(lead))
        before = block.kind


def _step(block: Block, steps: Mapping[int, Step]) -> StepSpot | None:
    step = steps.get(block.line) if block.done is not None else None
    return StepSpot(step.number, step.done) if step is not None else None


def _lead(block: Block) -> Content:
    """What stands before a text, which its further lines are indented by: quotes, depth, and bullet or box."""
    if block.kind in {"heading", "rule", "code", "row"}:
        return Content("")
    indent = "▎ " * block.quote + "  " * max(0, block.depth - 1)
    box = "" if block.done is None else "☑ " if block.done else "☐ "
    marker = box or ("• " if block.marker == "-" else f"{block.marker} " if block.marker else "")
    return Content.assemble(Content.styled(indent, "$ink-rule"), Content.styled(marker, "$ink-full"))


def _block(block: Block) -> Content:
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
            return _spans(block.spans, "$ink-dim" if block.done else "")


def _spans(spans: tuple[Span, ...], style: str = "") -> Content:
    parts = [
        content(
            span.text, " ".join(filter(None, [style, *(STYLES[name] for name in sorted(span.styles))])), multiline=True
        )
        for span in spans
    ]
    return Content.assemble(*parts)
