"""Answers given in the inbox: accept, approve, decline with a reason, the same as another item, not before a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from planner.commands import Accept, Approve, Command, Decline, together
from planner.core.concern import awaiting
from planner.core.dates import describe, resolve
from planner.core.handoffs import handed_to
from planner.core.model import Item
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.session import Session
from planner.views.inbox import inbox
from tui import wishes
from tui.doing import Wish
from tui.fields import Fields
from tui.inbox import InboxPage
from tui.page import Page
from tui.pickers.choose import Choice, Choose, choice
from tui.pickers.day import ChooseDay
from tui.recalling import Recalling
from tui.screens.prompt import Answer, Prompt
from tui.targets import Targets
from tui.text import content

if TYPE_CHECKING:
    pass


COUNTED = 30_000
"""Files of a plan up to which what waits is counted on every view: a count looks at all of them."""


class Deciding(Fields, Recalling):
    """Actions of the inbox, and the count of what waits in it."""

    _counted: tuple[Vault, date, str] | None = None
    _counting = False

    def action_accept(self) -> None:
        """Take in a request or handed work; approve where it is your approval that is asked for."""
        page, me, today = self.page, self.bridge.context().me, self.asked.today
        named = {page.path(slot) for slot in self.grid.targets if _section(page, slot) == "approve"}

        def one(item: Item) -> Command:
            vault = self.vault
            asked = item.path in named or (
                vault.category(item) != "triage"
                and handed_to(vault, item) is None
                and bool(awaiting(vault, item, me, today))
            )
            return Approve((item.path,)) if asked else Accept((item.path,))

        def wish(items: Sequence[Item]) -> Command:
            said = f"accept {len(items)} items" if len(items) > 1 else ""
            return together([one(item) for item in items], said)

        self._answer(wish)

    def action_decline(self) -> None:
        """Say no, and why; whoever asked will read it."""
        items = self.items
        targets, name = Targets.of(items, "status"), f"decline:{items[0].id}"
        who = f"{len(items)} items" if len(items) > 1 else items[0].title[:30]

        def answered(answer: Answer | None) -> None:
            reason = " ".join(answer.text.split()) if answer is not None else ""
            self._kept(name, reason)
            if answer is None or not answer.sent:
                return
            if not reason:
                self.say("nothing was declined: it takes a reason", "bold $ink-warn")
                return

            def wish(chosen: Sequence[Item]) -> Command:
                said = f"decline {len(chosen)} items: {reason}" if len(chosen) > 1 else ""
                return together([Decline(item.path, reason) for item in chosen], said)

            def carry_out() -> None:
                self._answer(wish, targets.now(self.bridge.vault))
                self._kept(name, "")

            self._try(carry_out)

        keep, draft = partial(self._kept, name), self._drafts.get(name, "")
        self.push_screen(Prompt(f"decline {who} because", draft, _heard_reason, keep=keep), answered)

    def action_duplicate(self) -> None:
        """Choose the item that says the same; the request is closed and points to it."""
        items, vault = self.items, self.bridge.vault
        targets = Targets.of(items, "status")
        if not self._in_triage(items):
            return

        def answered(values: tuple[str, ...] | None) -> None:
            if values is None:
                return

            def wish(chosen: Sequence[Item]) -> Command:
                return Accept(wishes.paths(chosen), duplicate=values[0])

            self._try(lambda: self._answer(wish, targets.now(self.bridge.vault)))

        def aside(make: Callable[[], list[Choice]], then: Callable[[list[Choice]], None]) -> None:
            self.bridge.build(make, then, lambda: None)

        title = f"Which item says the same as {items[0].title if len(items) == 1 else f'these {len(items)}'}"
        screen = Choose(title, (), aside=aside)
        self.push_screen(screen, answered)
        self.bridge.build(lambda: alike(vault, items), screen.more, lambda: None)

    def action_snooze(self) -> None:
        """Choose the day on which a request is looked at again."""
        items, context = self.items, self.bridge.context()
        if not self._in_triage(items):
            return
        targets, name = Targets.of(items, "wait"), f"snooze:{items[0].id}"
        first = self.bridge.vault.config.first_day_of_week
        who = f"{len(items)} items" if len(items) > 1 else items[0].title[:30]
        screen = ChooseDay(
            f"Not before: {who}", items[0].when("wait"), context.today, first, self._drafts.get(name, "")
        )

        def answered(answer: Answer | None) -> None:
            self._kept(name, answer.text if answer is not None and not answer.sent else "")
            if answer is None or not answer.sent:
                return
            if not answer.text:
                self.say("nothing was put off: it takes a day", "bold $ink-warn")
                return
            mine = describe(resolve(answer.text, context.today, first), context.today)

            def wish(chosen: Sequence[Item]) -> Command:
                return Accept(wishes.paths(chosen), snooze=answer.text)

            self._apply(targets, wish, mine, lambda: self._kept(name, answer.text))
            self._goto = None

        self._ask_about(targets, screen, answered)

    def action_news_read(self) -> None:
        """Everything up to now has been looked at."""
        if self.session.repo is None:
            self.say("without a git history there is no news")
            return

        def look(session: Session) -> None:
            from planner.past import look

            look(session)

        def looked(_: None) -> None:
            self.say("the news is read")
            self.heard_history({"news": ()})

        self.bridge.ask(look, looked)

    def _answer(self, wish: Wish, items: Sequence[Item] | None = None) -> None:
        """Carry out an answer; the cursor stays in the inbox, wherever the item's file goes."""
        self.act(wish, items)
        self._goto = None

    def _in_triage(self, items: Sequence[Item]) -> bool:
        """Whether all of them are requests in triage; says so where one is not."""
        other = next((item for item in items if self.vault.category(item) != "triage"), None)
        if other is not None:
            said = f"{other.id} is in {other.status}: only a request in triage may be a duplicate, or wait"
            self.wish_failed(Invalid(said, "w sets a wait date on anything"))
        return other is None

    # What it knows.

    def _built(self, page: Page) -> None:
        """Beside the screen, count what waits."""
        asked = page.asked
        counted = (asked.vault, asked.today, asked.me)
        if isinstance(page, InboxPage) and not asked.past:
            self._counted, self.waiting = counted, page.waiting
        elif not (asked.first or asked.past) and self._is_news(counted) and len(asked.vault.files) <= COUNTED:
            self._counted, self._counting = counted, True
            self.bridge.build(lambda: inbox(*counted).count, self._heard_count, self._count_ended)
        super()._built(page)

    def _is_news(self, counted: tuple[Vault, date, str]) -> bool:
        """Whether something else is to be counted; equal vaults are not the same, and the older one is let go."""
        before = self._counted
        return before is None or before[0] is not counted[0] or before[1:] != counted[1:]

    @property
    def settled(self) -> bool:
        """Whether the count in the bar is right too."""
        return super().settled and not self._counting

    def _count_ended(self) -> None:
        self._counting = False

    def _heard_count(self, count: int) -> None:
        if count != self.waiting:
            self.waiting = count
            self._refresh_bars()


def alike(vault: Vault, items: Sequence[Item]) -> list[Choice]:
    """What may say the same as some items: those that share the most words with their titles first, then open ones."""
    own = {item.path for item in items}
    words = frozenset[str]().union(*(_words(item.title) for item in items))
    found = [item for item in vault.planned if item.has_workflow and not item.broken and item.path not in own]
    found.sort(key=lambda item: (-len(words & _words(item.title)), not vault.is_open(item)))
    return [choice(item.id, item.title, f"{item.id} · {item.status}") for item in found]


def _words(title: str) -> frozenset[str]:
    """The words of a title that tell something."""
    return frozenset(word for part in title.casefold().split() if len(word := part.strip(".,:;?!()\"'")) > 3)


def _section(page: Page, slot: object) -> str:
    return page.section_of(slot) if isinstance(page, InboxPage) else ""


def _heard_reason(text: str) -> Content:
    return content("enter declines; u takes it back" if text.strip() else "why not? whoever asked will read it")
