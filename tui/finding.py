"""How one finds: the live filter, its matches one by one, letters to jump by, and the palette of everything."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import product

from textual.content import Content

from planner.core.vault import Vault
from planner.query.language import QueryError, parse_query
from planner.query.match import compile_query
from planner.query.nodes import Query
from tui.arranging import Arranging
from tui.catalog import CATALOG
from tui.keys import Key
from tui.layout import Slot
from tui.pickers.choose import Choice, Choose
from tui.querywords import query_completer
from tui.screens import palette
from tui.screens.keys import keys_screen
from tui.screens.page import TextPage
from tui.screens.prompt import Answer, Prompt
from tui.text import content

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Labels to jump by, the easiest to reach first."""


class Finding(Arranging):
    """Actions that look for something."""

    _found_items: tuple[Vault, list[Choice]] | None = None
    _jumps: dict[str, Slot] | None = None
    _begun = ""

    # The filter and what it found.

    def action_filter(self) -> None:
        """Filter while typing; escape brings back what was shown, and keeps what was typed for the next time."""
        before = self.filter_text

        def answered(answer: Answer | None) -> None:
            if answer is None or not answer.sent:
                self._drafts["filter"] = answer.text if answer else ""
                self.narrow(before)
            elif not self.narrow(answer.text.strip()):
                self.narrow(self.filter_text)  # what is shown is the last good query

        complete = query_completer(self.bridge.vault, self.asked.today, self.asked.me)
        draft = self._drafts.pop("filter", before)
        self.push_screen(Prompt("filter /", draft, self._heard_filter, complete=complete), answered)

    def _heard_filter(self, text: str) -> Content:
        try:
            query = parse_query(text)
            compile_query(query, self.bridge.vault, today=self.asked.today, me=self.asked.me)
        except QueryError as error:
            return content(f"{error.caret}\n{error.message}", "$ink-warn", multiline=True)
        self.narrow(text)
        if query.filter != Query().filter:
            self.sought = query
        return content("for example: status:doing @ana due<+7d -blocked · tab completes, enter keeps it, esc goes back")

    def action_match(self, by: int) -> None:
        """Put the cursor on the next item that the newest filter found, also when it filters no more."""
        page, query = self.page, self.sought or Query()
        self.bridge.build(lambda: page.matches(query), lambda slots: self._step_match([*slots], by), lambda: None)

    def _step_match(self, slots: list[Slot], by: int) -> None:
        if not slots:
            self.say("nothing here is what was filtered for")
            return
        order = self.page.place_of
        places = [order(slot) for slot in slots]
        here = order(self.grid.cursor)
        at = bisect_right(places, here) if by > 0 else bisect_left(places, here) - 1
        self.grid.move_to(slots[at % len(slots)])
        self.say(f"{at % len(slots) + 1} of {len(slots)}")

    # Jumping.

    def action_hints(self) -> None:
        """Put letters before everything in view; typing them goes there."""
        slots = self.grid.in_view()
        names = LETTERS if len(slots) <= len(LETTERS) else ["".join(pair) for pair in product(LETTERS, repeat=2)]
        self._jumps, self._begun = dict(zip(names, slots, strict=False)), ""
        self.grid.label({slot: name for name, slot in self._jumps.items()})
        self.say("type the letters to go there; any other key leaves")

    @property
    def is_jumping(self) -> bool:
        """Whether the next letters go somewhere."""
        return self._jumps is not None

    def jump(self, letter: str) -> None:
        """One more letter of a label."""
        jumps, self._begun = self._jumps or {}, self._begun + letter
        if (slot := jumps.get(self._begun)) is None and any(name.startswith(self._begun) for name in jumps):
            return
        self._jumps = None
        self.grid.label({})
        self.say("")
        if slot is not None:
            self.grid.move_to(slot)

    # The palette.

    def action_palette(self) -> None:
        """Find anything by its name: keys, saved views, people, themes, items."""
        vault = self.bridge.vault
        first = [
            *palette.keys(self.keys_here()),
            *palette.saved(vault.config.views.values()),
            *palette.people(vault),
            *palette.themes(self.available_themes, self.theme),
        ]

        async def answered(values: tuple[str, ...] | None) -> None:
            if values:
                await self.choose(values[0])

        def aside(make: Callable[[], list[Choice]], then: Callable[[list[Choice]], None]) -> None:
            self.bridge.build(make, then, lambda: None)

        screen = Choose("Go to anything", first, aside=aside)
        self.push_screen(screen, answered)
        self.bridge.build(lambda: self._items_to_find(vault), lambda rows: screen.more([*first, *rows]), lambda: None)

    def _items_to_find(self, vault: Vault) -> list[Choice]:
        """A row for every item, made once for each vault; beside the screen."""
        if self._found_items is None or self._found_items[0] is not vault:
            self._found_items = (vault, [*palette.items(vault.items)])
        return self._found_items[1]

    async def choose(self, value: str) -> None:
        """Do what a row of the palette stands for."""
        kind, _, name = value.partition(" ")
        match kind:
            case "key":
                await self.press_id(name)
            case "saved":
                self.show_saved(self.bridge.vault.config.views[name])
            case "person":
                self.narrow(f"@{name}")
            case "theme":
                self.say(self.choose_theme(name))
            case "item":
                self.go_to(name)

    def go_to(self, path: str) -> None:
        """Put the cursor on an item if the page holds it; else open it."""
        if self.page.holds(path) and not self.opened:
            self.grid.move_to(path)
            return
        if not self.opened:
            self._open(True)
        self.visited.append(path)
        self._refresh_bars()

    # Help.

    def action_keys(self) -> None:
        """All keys that work here."""

        async def answered(key_id: str | None) -> None:
            if key_id is not None:
                await self.press_id(key_id)

        self.push_screen(keys_screen(self.keys_here()), answered)

    def action_help_here(self) -> None:
        """What this view shows, and its keys group by group."""
        view = next(one for one in CATALOG if one.name == self.asked.view)
        title = "An opened item" if self.opened else view.title
        about = "One item whole. tab walks over its steps and links." if self.opened else view.about
        groups: dict[str, list[Key]] = {}
        for key in self.keys_here():
            groups.setdefault(key.group, []).append(key)
        lines = [content(about), Content("")]
        for group, keys in groups.items():
            lines.append(Content.styled(group, "bold $primary"))
            lines += [
                Content.assemble(Content.styled(f"  {'  '.join(key.keys):<20} ", "$ink-accent"), Content(key.help))
                for key in keys
            ]
        self.push_screen(TextPage(title, Content("\n").join(lines)))
