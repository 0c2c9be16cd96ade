"""The bars above and below the page: where one is, what is shown, what happened last, and the keys at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter

from textual.content import Content
from textual.widget import Widget

from planner.core.model import Item
from planner.core.vault import Vault
from planner.query.nodes import Query
from planner.views.facts import facts
from tui.bridge import Git
from tui.catalog import CATALOG
from tui.keys import Key
from tui.page import Asked, Page
from tui.text import content

FOOTER = {
    "arrange.right": "H/L", "time.later": "H/L", "item.open": "⏎", "past.back": "←/→", "past.day-back": "[/]", "past.week-back": "{/}", "past.oldest": "home/end", "bar.later": "H/L", "bar.longer": "(/)", "bar.out": "+/-", "bar.on": "</>"
}  # fmt: skip
"""How the footer says keys that come in pairs or have long names."""
FEW = 2
"""A key of so many views is one of their own."""


def _same(one: Content, other: Content) -> bool:
    """Whether two look the same; `==` compares their texts alone."""
    return one is other or (one.plain == other.plain and one.spans == other.spans)


class Line(Widget):
    """One line with a left and a right end; where both have no room, the right one gives way."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's word)
        super().__init__(id=id)
        self.left = self.right = Content("")

    def show(self, left: Content, right: Content | None = None) -> None:
        """Show these ends; nothing is painted where they are what they were."""
        right = right or Content("")
        if not (_same(left, self.left) and _same(right, self.right)):
            self.left, self.right = left, right
            self.refresh()

    def render(self) -> Content:
        """Both ends, the blanks between them, and never a second line."""
        width = self.size.width
        gap = width - self.left.cell_length - self.right.cell_length
        if gap < 1 or not self.right:
            return self.left.truncate(width, ellipsis=True)
        return Content.assemble(self.left, " " * gap, self.right)


class Rule(Widget):
    """A thin line over the whole width."""

    DEFAULT_CSS = "Rule { height: 1; width: 1fr; }"

    def render(self) -> Content:
        """As wide as it is."""
        return Content("─" * self.size.width)


@lru_cache(16)
def views_line(view: str, room: int, waiting: int = 0) -> Content:
    """The views with their keys, the one that is shown in brackets: with titles, short ones, or keys, as far as room is.

    Short titles give way from the right, one by one. `waiting` counts what waits in the inbox.
    """
    full, short = ({one.name: title(one) for one in CATALOG} for title in (attrgetter("title"), attrgetter("short")))
    some = [
        {one.name: one.short if one.name == view or place < count else "" for place, one in enumerate(CATALOG)}
        for count in reversed(range(len(CATALOG)))
    ]
    kinds = [(full, " plan "), (full, " "), (short, " plan "), *((titles, " ") for titles in (short, *some))]
    line = Content("")
    for titles, brand in kinds:
        line = _views(view, titles, brand, f"({waiting})" if waiting else "")
        if line.cell_length <= room:
            break
    return line


def _views(view: str, titles: Mapping[str, str], brand: str, waiting: str) -> Content:
    parts = [Content.styled(brand, "bold $primary")]
    for one in CATALOG:
        shown = one.name == view
        said = f"{one.digit} {titles[one.name] or one.short * shown}".strip() if one.digit or shown else ""
        said += waiting if said and one.name == "inbox" else ""
        if said:
            parts.append(
                Content.styled(f"[{said}]" if shown else f" {said} ", "bold $primary" if shown else "$ink-dim")
            )
    return Content.assemble(*parts)


def git_line(git: Git, busy: int, problems: int = 0) -> Content:
    """How many faults the files have, branch, what is uncommitted, and whether saves of others are seen."""
    parts = [Content.styled(f"? {problems} problem{'s' if problems > 1 else ''}", "$ink-warn")] if problems else []
    parts += [content(git.branch, "$ink-person")] if git.branch else []
    parts += [
        Content.styled(f"{word} {n}", "$ink-full") for word, n in (("ahead", git.ahead), ("behind", git.behind)) if n
    ]
    if git.uncommitted:
        parts.append(Content.styled(f"{git.uncommitted} uncommitted", "$ink-full"))
    elif git.branch:
        parts.append(Content.styled("✓ committed" if not busy else "… committing", "$ink-done"))
    if git.watching == "poll":
        parts.append(content(git.notice.partition(":")[0] or "polling", "$ink-full"))
    elif git.watching == "off":
        parts.append(Content.styled("not watching: R", "$ink-full"))
    return Content.assemble(Content(" · ").join(parts), " ")


def filter_line(query: str, page: Page) -> tuple[Content, Content]:
    """The filter, and what of the whole is shown."""
    asked = page.asked
    left = content(f" / {query}", "$ink-full") if query else Content.styled(" / filter", "$ink-dim")
    facts = [f"{page.shown} of {page.total}", *(page.notes() or (f"sort {_sort(asked.query, asked.view)}",))]
    facts += [f"lanes {asked.lanes or 'none'}"] if asked.view == "board" else []
    return left, content(" · ".join(facts) + " ", "$ink-dim")


def _sort(query: Query, view: str) -> str:
    return ",".join(map(str, query.sort)).replace("sort:", "") or {"board": "rank", "list": "due"}.get(view, "day")


def item_line(item: Item | None, asked: Asked) -> Content:
    """One item in one line: id, title, status, what it waits for, what waits for it."""
    if item is None:
        return Content("")
    fact = facts(item, asked.vault, asked.today, alone=asked.first)
    parts = [content(f" {item.id} ", "$ink-dim"), content(item.title, "bold")]
    if fact.status:
        age = f" {fact.age}d" if fact.age is not None else ""
        parts.append(content(f" · {fact.status.upper()}{age}", "$ink-dim"))
    if fact.overdue:
        parts.append(content(f" · OVERDUE {fact.overdue}d", "bold $ink-warn"))
    elif fact.due:
        parts.append(content(f" · {'done' if fact.done else 'due'} {fact.due}", "$ink-due"))
    if fact.blocked:
        why = f"waits for {', '.join(fact.blocked_by)}" if fact.blocked_by else fact.blocked_reason
        parts.append(content(f" · {why}", "$ink-blocked"))
    if not asked.first and (waiting := _waiting(item, asked.vault)):
        parts.append(content(f" · blocks {waiting}", "$ink-dim"))
    return Content.assemble(*parts)


def _waiting(item: Item, vault: Vault) -> str:
    if not vault.is_open(item):
        return ""
    return ", ".join(other.id for other in vault.successors.get(item.path, ()) if vault.is_open(other))


def keys_line(keys: Sequence[Key], width: int) -> Content:
    """The keys of the table that have a word for the footer, as far as there is room: those of this view alone first.

    The last one is always there.
    """
    parts = [_hint(key) for key in sorted(keys, key=lambda key: len(key.where) > FEW) if key.hint]
    while len(parts) > 1 and sum(part.cell_length for part in parts) > width:
        del parts[-2]
    return Content.assemble(*parts)


def _hint(key: Key) -> Content:
    chord = FOOTER.get(key.id, key.keys[0])
    return Content.assemble(Content.styled(f" {chord}", "bold $primary"), Content.styled(f" {key.hint} ", "$ink-dim"))
