"""The screen without its keys: grid, pane and bars, pages made beside the screen, and what the bridge says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from planner.begun import Begun
from planner.commands import Command
from planner.core.change import Change
from planner.core.display import display_text
from planner.core.model import Item
from planner.core.record import replace
from planner.core.vault import Vault
from planner.errors import PlannerError, without_passwords
from planner.query.language import QueryError, parse_query
from planner.query.match import compile_query
from planner.query.nodes import Query
from planner.session import Outcome, Session
from tui import status
from tui.bridge import Bridge, Git
from tui.chords import Resolver
from tui.keys import REASONS, Key, bindings
from tui.layout import WIDE, Slot
from tui.own import Own
from tui.page import Asked, Page, renames
from tui.pages import PAGES
from tui.personal import Personal
from tui.screens.detail import DetailPane
from tui.signals import listen
from tui.status import Line, Rule
from tui.text import content
from tui.widgets.grid import Grid
from tui.widgets.which import WhichKey

DENSITY = {"compact": 2, "detail": 4}
"""Lines of a card by the name of the setting; `normal` is as the height allows."""

PREVIEW_AFTER = 0.03
"""Seconds the cursor stands still before the pane beside it follows: keys come first."""
WEEK_STARTS = {"monday": 0, "saturday": 5, "sunday": 6}


class Shell(Personal):
    """One grid that shows a page, a pane that shows an item, and the bars around them."""

    CSS_PATH = "app.tcss"
    TITLE = "planner"
    ENABLE_COMMAND_PALETTE = False  # ours finds items too, and shows the key of everything
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (14, "-short"), (20, "-tall")]  # noqa: RUF012 (Textual declares it)

    def __init__(
        self, session: Session, *, view: str | None = None, watch: bool = True, own: Own | None = None
    ) -> None:
        super().__init__(own)
        self.session = session
        self.bridge = Bridge(session, self, self._from_beside)
        wanted = view or self.own.config.start
        self.asked = Asked(
            wanted if wanted in PAGES else "board",
            self.bridge.vault,
            session.today(),
            self.bridge.context().me,
            Query(),
            first=True,
        )
        self.page = PAGES[self.asked.view](self.asked)
        self.grid = Grid(self.page, id="grid")
        self.pane = DetailPane()
        self.filter_text = ""
        self.peek: bool | None = None  # None: as the width allows
        self.density: int | None = None  # None: as the height allows
        self.opened = False
        self.waiting = 0  # entries of the inbox that ask for something, as far as they were counted
        self.sought: Query | None = None  # what was filtered for most recently
        self.visited: list[str] = []  # paths that links in the opened item led to, the newest last
        self.git = Git()
        self._watch_files = watch
        self._resolver: Resolver[Key] = Resolver(bindings(self.asked.view, self.table))
        self._views_before: list[str] = []
        self._drafts = Begun.of(session.root)
        self.when_whole: Callable[[], None] = lambda: None
        """Called once, when the first page stands that was made from everything."""
        self._held: list[events.Key | events.Paste] = []
        self._building = self._stale = False
        self._pane_timer: Timer | None = None  # until the pane follows
        self._goto: Slot | None = None

    def _from_beside(self, told: Callable[..., object], *words: object) -> None:
        """Call what another thread has to tell; while the screen is taken down there is no place left to show it."""
        self.call_later(lambda: told(*words) if self.is_running else None)

    def _fatal_error(self) -> None:
        """Leave and show where it broke, but without what was in hand: that is the user's, and may be anything."""
        import traceback

        from rich.text import Text

        self.bell()
        where = without_passwords(traceback.format_exc())  # Textual's own shows the locals of every frame
        self._exit_renderables.append(Text(display_text(where, multiline=True)))
        self._close_messages_no_wait()

    # The screen.

    def compose(self) -> ComposeResult:
        yield Line(id="top")
        yield Line(id="filter")
        with Container(id="main"):
            yield self.grid
            yield self.pane
        yield Line(id="stop")
        yield Line(id="way")
        yield Rule()
        yield Line(id="item")
        yield Line(id="said")
        yield Line(id="keys")
        yield WhichKey()

    def on_mount(self) -> None:
        self.grid.focus()
        self._stand_on_first()
        self._arrange()
        self.call_after_refresh(self._rebuild)
        self._deaf = listen(self.exit)
        self.bridge.start(watch=self._watch_files)
        self._say_faults()
        if self._watch_files:
            self.follow_own_files()

    def on_unmount(self) -> None:
        self._deaf()
        self.bridge.stop()
        self._drafts.close()

    def on_resize(self) -> None:
        self.call_after_refresh(self._arrange)

    def on_app_focus(self) -> None:
        """Back from elsewhere: what was done there is to be seen, even where nobody told."""
        self.bridge.look()

    @property
    def vault(self) -> Vault:
        """The vault that is shown."""
        return self.bridge.vault

    @property
    def context(self) -> str:
        """What the keys mean: the view's, or those of the opened item."""
        return "detail" if self.opened else self.asked.view

    @property
    def settled(self) -> bool:
        """Whether what is shown is what was asked for, and nothing is under way."""
        shown = not self._building and self._pane_timer is None and self.page.asked is self.asked
        return shown and not self.bridge.busy

    @property
    def items(self) -> list[Item]:
        """What a key acts on: the opened item, else the marked ones, else the one under the cursor."""
        if self.opened and self.visited:
            return [item] if (item := self._visited()) is not None else []
        slots: Sequence[Slot | None] = [self.grid.cursor] if self.opened else self.grid.targets
        found = {item.path: item for slot in slots if (item := self._current(slot)) is not None}
        return list(found.values())

    def _visited(self) -> Item | None:
        """The item that a link led to."""
        file = self.vault.files.get(self.visited[-1]) if self.visited else None
        return file.item if file is not None else None

    def _current(self, slot: Slot | None) -> Item | None:
        """The item of a slot as it is now, also where the page is a moment behind."""
        file = self.vault.files.get(self.page.path(slot) or "")
        return file.item if file is not None else None

    def keys_here(self) -> list[Key]:
        """The keys that mean something now."""
        return [key for key in self.table if self.context in key.where]

    def bound_here(self) -> dict[str, Key]:
        """What each chord does now."""
        return bindings(self.context, self.table)

    def say(self, said: str, ink: str = "$ink-dim") -> None:
        """Say what happened, in the status line; the text may come from anywhere."""
        self.query_one("#said", Line).show(content(f" {said}", ink), self._marked())

    async def press(self, key: Key) -> None:
        """Do what a key does, or say why it cannot be done now."""
        if key.needs and not self._has(key.needs):
            self.say(REASONS[key.needs])
            return
        name = key.action.partition("(")[0]
        await self.run_action(key.action, self if hasattr(self, f"action_{name}") else self.grid)

    async def press_id(self, key_id: str) -> None:
        """Do what the key with this id does here."""
        for key in self.keys_here():
            if key.id == key_id:
                await self.press(key)

    def _has(self, need: str) -> bool:
        """Whether what a key needs is there, by the names of `REASONS`."""
        return bool(
            {
                "item": self.items,
                "lanes": self.page.lane_of(self.grid.cursor),
                "history": self._views_before,
                "sought": self.sought,
            }[need]
        )

    def own_changed(self, own: Own) -> None:
        """Other settings hold from now on; what is faulty in them is said."""
        super().own_changed(own)
        self._listen()
        self._arrange()
        self.say("your settings were read again")
        self._say_faults()

    def _say_faults(self) -> None:
        if self.own.faults:
            more = f" (and {len(self.own.faults) - 1} more)" if len(self.own.faults) > 1 else ""
            self.say(f"{self.own.faults[0]}{more}", "bold $ink-warn")

    def _marked(self) -> Content:
        count = len(self.grid.marks)
        return content(f"{count} marked · esc none ", "bold $ink-accent") if count else Content("")

    def _arrange(self) -> None:
        """Grid, pane and bars as the width and the state have it."""
        width = self.size.width
        peek = width >= self.page.pane_from if self.peek is None else self.peek
        mode = "-full" if self.opened else ("-side" if width >= 100 else "-below") if peek else ""
        main = self.query_one("#main")
        for name in ("-full", "-side", "-below"):
            main.set_class(name == mode, name)
        (self.pane if self.opened else self.grid).focus()
        density = self.density or DENSITY.get(self.own.config.density) or (4 if self.size.height >= 36 else 3)
        if density != self.asked.density:
            self.ask(replace(self.asked, density=density))
        self._refresh_bars()

    def _refresh_bars(self) -> None:
        item, asked = self.page.item(self.grid.cursor), self.page.asked
        git = self._corner()
        views = status.views_line(self.asked.view, self.size.width - git.cell_length - 1, self.waiting)
        self.query_one("#top", Line).show(views, git)
        self.query_one("#filter", Line).show(*status.filter_line(self.filter_text, self.page))
        about = content(f" {self.page.said(self.grid.cursor)}") if item is None else status.item_line(item, asked)
        self.query_one("#item", Line).show(about)
        self.query_one("#keys", Line).show(status.keys_line(self.keys_here(), self.size.width))
        said = self.query_one("#said", Line)
        said.show(said.left, self._marked())
        if self._pane_timer is not None:
            self._pane_timer.stop()
            self._pane_timer = None
        if self.opened:
            self._show_item()
        elif self.pane.display:
            self._pane_timer = self.set_timer(PREVIEW_AFTER, self._show_item)

    def _corner(self) -> Content:
        """What stands at the right of the top bar: faults and git."""
        problems = len(self.page.asked.vault.problems) if self.size.width >= WIDE and not self.page.asked.first else 0
        return status.git_line(self.git, self.bridge.busy, problems)

    def _show_item(self) -> None:
        """The pane follows the cursor, or the link that was followed."""
        self._pane_timer = None
        item, asked = self.page.item(self.grid.cursor), self.page.asked
        if self.pane.display and not asked.first:
            if self.visited:
                item, asked = self._visited(), replace(asked, vault=self.vault)
            if self.pane.show(item, asked) and item is not None:
                self.pane_shows(item)

    def pane_shows(self, item: Item) -> None:
        """Another item stands in the pane, or the same one changed."""

    # Pages: built beside the screen, one at a time, the newest wish last.

    def ask(self, asked: Asked) -> None:
        """Show another page as soon as it is made."""
        self.asked = asked
        self._listen()
        self._rebuild()

    def narrow(self, text: str) -> bool:
        """Show what a query asks for; False where it cannot be read, and nothing changes."""
        try:
            query = parse_query(text)
            compile_query(query, self.bridge.vault, today=self.asked.today, me=self.asked.me)
        except QueryError as error:
            self.wish_failed(error)
            return False
        if query != self.asked.query or text != self.filter_text:
            self.filter_text = text
            self.ask(replace(self.asked, query=query))
        return True

    def _listen(self) -> None:
        """Give the keys the meaning they have here."""
        self._resolver = Resolver(self.bound_here())

    def _rebuild(self) -> None:
        if self._building:
            self._stale = True
            return
        self._building, self._stale = True, False
        asked = self.asked = self.shown_as(self.asked)
        self.bridge.build(lambda: PAGES[asked.view](asked), self._built, self._unbuilt)

    def shown_as(self, asked: Asked) -> Asked:
        """A wish for a page with the vault, the day and the person as they are now."""
        context = self.bridge.context()
        week_start = WEEK_STARTS.get(self.own.config.week_start)
        return replace(asked, vault=self.vault, today=context.today, me=context.me, week_start=week_start, first=False)

    def _unbuilt(self) -> None:
        self._building = False
        if self._stale:
            self._rebuild()

    def _built(self, page: Page) -> None:
        changed_view = page.asked.view != self.page.asked.view
        path: Slot | None = self._goto if self._goto is not None and page.holds(self._goto) else None
        if path is not None:
            self._goto = None
        elif changed_view and (before := self.page.path(self.grid.cursor)) is not None and page.holds(before):
            path = before
        renamed = renames(self.page, self.grid.slots, page)
        if self.page.asked.first:
            self.call_after_refresh(self.when_whole)
        self.page = page.following(self.page)
        self.grid.show(self.page, path, renamed)
        if changed_view and path is None:
            self._stand_on_first()
        if changed_view:
            self._arrange()
        self._refresh_bars()

    def _stand_on_first(self) -> None:
        if (first := self.page.first()) is not None:
            self.call_after_refresh(self.grid.move_to, first)

    # What the bridge says.

    def vault_changed(self) -> None:
        """The vault to show is another one."""
        self._rebuild()

    def wish_done(self, outcome: Outcome, shown: Change | None = None) -> None:
        """A wish is on disk, and in git if it could be; what was said when it was shown is not said again."""
        if outcome.waiting is not None:
            self.say(f"written; not committed yet: {outcome.waiting.message}", "$ink-full")
        elif shown is None or shown.notices != outcome.change.notices:
            self._say_done(outcome.change.subject, outcome.change.notices)
        self._refresh_bars()

    def wish_failed(self, error: PlannerError) -> None:
        """A wish was refused; the page has turned back."""
        self.say(f"{error.message}" + (f" — {error.hint}" if error.hint else ""), "bold $ink-warn")

    def git_changed(self, git: Git) -> None:
        """Branch or uncommitted files are others, or the files are followed in another way."""
        if git.notice and git.notice != self.git.notice:
            self.say(git.notice, "$ink-full")
        self.git = git
        self._refresh_bars()

    def _say_done(self, subject: str, notices: Sequence[str]) -> None:
        if notices:
            self.say(f"{'; '.join(notices)} · {subject} · u undo", "$ink-full")
        else:
            self.say(f"{subject} · u undo")

    def _try(self, act: Callable[[], None]) -> None:
        """Do something that may be refused."""
        try:
            act()
        except PlannerError as error:
            self.wish_failed(error)

    def wish(self, *commands: Command, refused: Callable[[PlannerError], None] | None = None) -> None:
        """Carry out commands, shown at once; the first that cannot be says why, or tells `refused`."""
        try:
            for command in commands:
                change = self.bridge.run(command, refused)
                created = [edit.path for edit in change.edits if edit.before is None]
                self._goto = created[0] if created else self._goto
                if change.is_noop:
                    self.say("nothing to change")
                else:
                    self._say_done(change.subject, change.notices)
        except PlannerError as error:
            (refused or self.wish_failed)(error)
        self._refresh_bars()
