"""How one field is chosen for items: each a picker, and the question what to do where others changed it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from textual.content import Content
from textual.geometry import Region

from planner.commands import Command, Move, Set
from planner.commands.base import shown
from planner.commands.modify import EXAMPLE, assignments
from planner.core.dates import describe, resolve
from planner.core.model import Item
from planner.core.vault import Vault
from planner.errors import Invalid, PlannerError, Stale
from tui import wishes
from tui.doing import Doing
from tui.pickers import rows
from tui.pickers.choose import Choice, Choose, choice
from tui.pickers.day import ChooseDay
from tui.pickers.title import TitleLine
from tui.screens.asking import Asking
from tui.screens.prompt import Answer, Prompt
from tui.targets import Targets, said
from tui.text import content

T = TypeVar("T")
Apply = Callable[[Sequence[Item]], Command]


class Fields(Doing):
    """Actions that ask for a value."""

    _asking: tuple[Targets, Asking[tuple[str, ...] | None] | Asking[Answer]] | None = None

    # Choosing from a list.

    def action_status(self) -> None:
        """Choose a status."""
        self._choose("status", rows.statuses(self.bridge.vault, self.items), lambda state: partial(_move, state))

    def action_priority(self) -> None:
        """Choose a priority."""
        self._choose("priority", rows.levels(self.bridge.vault), lambda level: partial(_set, f"priority={level}"))

    def action_assign(self) -> None:
        """Choose who does it: tab turns several, a name that is not known is taken as typed."""
        found = rows.people(self.bridge.vault, self.bridge.context().me, self.items)
        self._choose("assignee", found, wishes.turned_people, many=True, free=rows.new_person)

    def action_tags(self) -> None:
        """Turn tags on and off; a tag that is not known is made."""
        self._choose("tags", rows.tags(self.bridge.vault, self.items), wishes.turned_tags, many=True, free=rows.new_tag)

    def action_project(self) -> None:
        """Choose a project."""
        found = rows.projects(self.bridge.vault)
        self._choose("project", found, lambda project: partial(_set, f"project={project}"), free=rows.new_project)

    def action_blocker(self) -> None:
        """Choose what the items wait for, by any letters of its title; what they wait for already is let go."""
        found = rows.blockers(self.bridge.vault, self.items)
        self._choose("depends_on", found, wishes.linked, aside=True)

    def _choose(
        self,
        field: str,
        found: Sequence[Choice],
        wish: Callable[..., Apply],
        *,
        many: bool = False,
        free: Callable[[str], Choice | None] | None = None,
        aside: bool = False,
    ) -> None:
        targets = Targets.of(self.items, field)
        title = f"{rows.NAMES[field]} of {_who(self.items)}"
        build = (lambda job, then: self.bridge.build(job, then, lambda: None)) if aside else None
        screen = Choose(title, found, many=many, free=free, aside=build)

        def answered(values: tuple[str, ...] | None) -> None:
            if values is not None:
                words = " ".join(values)
                self._apply(targets, wish(values) if many else wish(values[0]), words or "nothing")

        self._ask_about(targets, screen, answered)

    # Days.

    def action_day(self, field: str) -> None:
        """Choose the day of a field, by words or on a calendar."""
        items, context = self.items, self.bridge.context()
        targets, name = Targets.of(items, field), f"{field}:{items[0].id}"
        first = self.bridge.vault.config.first_day_of_week
        title = f"{rows.NAMES[field]} of {_who(items)}"
        screen = ChooseDay(title, items[0].when(field), context.today, first, self._drafts.pop(name, ""))

        def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts[name] = answer.text if answer is not None else ""
                return
            mine = describe(resolve(answer.text, context.today, first), context.today) if answer.text else "no date"
            self._apply(targets, partial(_set, f"{field}={answer.text}"), mine, lambda: self._kept(name, answer.text))

        self._ask_about(targets, screen, answered)

    # Lines.

    def action_title(self) -> None:
        """Edit the title where it stands."""
        item = self.items[0] if self.opened else self._current(self.grid.cursor)
        if item is not None:
            self._edit_title(Targets.of([item], "title"), item)

    def _edit_title(self, targets: Targets, item: Item, draft: str | None = None) -> None:
        name = f"title:{item.id}"
        was = item.title
        text = draft if draft is not None else self._drafts.get(name, was)

        def answered(answer: Answer | None) -> None:
            typed = " ".join(filter(None, answer.text.split(" "))) if answer is not None else ""
            if answer is None or not answer.sent or not typed:
                self._kept(name, answer.text if answer is not None and answer.text != was else "")
            elif was in {answer.text, typed}:
                self._kept(name, "")
            else:
                go_on = partial(self._edit_title, targets, item, typed)
                self._kept(name, typed)
                self._apply(targets, partial(_set, f"title={typed}"), typed, lambda: self._kept(name, typed), go_on)

        self._ask_about(targets, TitleLine(text, self._card_line, partial(self._kept, name)), answered)

    def _card_line(self) -> Region | None:
        """The first line of the cursor's card, as far as it is a title."""
        region = None if self.opened or self.grid.cursor is None else self.grid.region_of(self.grid.cursor)
        return None if region is None else Region(region.x + 2, region.y, max(1, region.width - 2), 1)

    def action_modify(self) -> None:
        """Change many fields by one line."""
        items = self.items
        label = f"modify {_who(items, 20)}:"
        keep, complete = partial(self._kept, "modify"), self.completer()

        def answered(answer: Answer | None) -> None:
            self._kept("modify", answer.text if answer is not None else "")
            if answer is not None and answer.sent and answer.text.strip():
                self._try(lambda: self._modify(items, answer.text))

        draft = self._drafts.get("modify", "")
        self.push_screen(Prompt(label, draft, self._heard_modify, complete=complete, keep=keep), answered)

    def _modify(self, items: Sequence[Item], text: str) -> None:
        words = assignments(text, self.bridge.vault, self.bridge.context())
        self.act(lambda chosen: Set(wishes.paths(chosen), words), Targets.of(items, "").now(self.bridge.vault))
        self._kept("modify", "")

    def _heard_modify(self, text: str) -> Content:
        if not text.strip():
            return content(EXAMPLE)
        try:
            return content(" · ".join(assignments(text, self.bridge.vault, self.bridge.context())))
        except Invalid as error:
            return content(f"{error.message} · {error.hint}", "$ink-warn")

    def _kept(self, name: str, text: str) -> None:
        """Keep a draft, or forget it where there is none."""
        self._drafts[name] = text

    # What others do meanwhile.

    def _ask_about(self, targets: Targets, screen: Asking[T], answered: Callable[[T | None], None]) -> None:
        """Ask, and while one asks, watch what becomes of the field."""
        self._asking = (targets, screen)  # type: ignore[assignment]  # any screen that asks will do

        def heard(answer: T | None) -> None:
            self._asking = None
            answered(answer)

        self.push_screen(screen, heard)

    def vault_changed(self) -> None:
        """The vault to show is another one; a screen that asks about a field says so where that one changed."""
        super().vault_changed()
        if self._asking is not None and self._asking[1].is_current:
            targets, screen = self._asking
            warn = getattr(screen, "warn", None)
            if warn is not None:
                warn(_news(targets, self.bridge.vault))

    def _apply(
        self,
        targets: Targets,
        wish: Apply,
        mine: str,
        keep: Callable[[], None] = lambda: None,
        go_on: Callable[[], None] | None = None,
    ) -> None:
        """Carry out what was chosen; where others changed the field meanwhile, ask with both values first.

        `keep` is called where it was refused, so that what was typed stays a draft.
        """

        def carry_out() -> None:
            self._repeated = wish
            self._try(lambda: self.wish(wish(targets.now(self.bridge.vault)), refused=refused))

        def refused(error: PlannerError) -> None:
            keep()
            if isinstance(error, Stale):
                self._ask_both(targets, mine, carry_out, go_on)
            else:
                self.wish_failed(error)

        try:
            changed = targets.changed(self.bridge.vault)
        except PlannerError as error:
            keep()
            self.wish_failed(error)
            return
        if changed:
            self._ask_both(targets, mine, carry_out, go_on)
        else:
            carry_out()

    def _ask_both(
        self, targets: Targets, mine: str, carry_out: Callable[[], None], go_on: Callable[[], None] | None
    ) -> None:
        """Both values, and which is to stand."""
        try:
            theirs = said(targets.now(self.bridge.vault), targets.field)
        except PlannerError as error:  # deleted, not changed
            self.wish_failed(error)
            return
        found = [
            choice("theirs", f"leave it: {theirs}"),
            choice("mine", f"set it to: {shown(mine)}"),
            *([choice("edit", "go on typing")] if go_on is not None else []),
        ]

        def answered(values: tuple[str, ...] | None) -> None:
            if values == ("mine",):
                carry_out()
            elif values == ("edit",) and go_on is not None:
                go_on()
            else:
                self.say(f"left as it is: {theirs}")

        name = rows.NAMES.get(targets.field, targets.field)
        self.push_screen(Choose(f"{name} was changed by somebody else meanwhile", found), answered)


def _move(state: str, items: Sequence[Item]) -> Command:
    return Move(wishes.paths(items), state)


def _set(assignment: str, items: Sequence[Item]) -> Command:
    return Set(wishes.paths(items), (assignment,))


def _who(items: Sequence[Item], width: int = 40) -> str:
    return f"{len(items)} items" if len(items) > 1 else items[0].title[:width]


def _news(targets: Targets, vault: Vault) -> str:
    try:
        changed = targets.changed(vault)
    except PlannerError as error:
        return error.message
    return f"changed meanwhile: now {said(changed, targets.field)}" if changed else ""
