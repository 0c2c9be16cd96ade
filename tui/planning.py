"""What the keys do on the timeline: where one looks, bars moved and stretched and linked, and what-if."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeGuard

from planner.commands import Link
from planner.commands.base import Command
from planner.commands.together import together
from planner.core.model import Item
from planner.core.record import dataclass, replace
from planner.core.vault import Vault
from planner.errors import Invalid, PlannerError
from tui.dates import Dates
from tui.doing import Doing
from tui.looking import Looking
from tui.page import Page
from tui.trial import Trial
from tui.widgets.grid import Grid

if TYPE_CHECKING:  # a plan is computed, and what draws it imported, when somebody looks at the timeline
    from planner.commands.replan import Plan
    from planner.plan.calendar import Moment
    from planner.plan.model import Schedule
    from planner.views.pushed import Pushed
    from planner.views.scale import Scale
    from tui.timeline import TimelinePage


def is_timeline(page: Page) -> TypeGuard[TimelinePage]:
    """Whether a page is a timeline; as long as what draws one is not imported, or is being, none is."""
    kind = getattr(sys.modules.get("tui.timeline"), "TimelinePage", None)
    return kind is not None and isinstance(page, kind)


@dataclass(slots=True)
class Watch:
    """How the plan was before a change one looks at, the items (paths) that were changed, and what it did, once known."""

    before: Schedule
    own: tuple[str, ...]
    said: str = ""


class Planning(Looking, Doing, Dates):
    """Actions of the timeline."""

    trial: Trial | None = None
    _watch: Watch | None = None
    _link_from: str | None = None
    _drag: Command | None = None
    _previewing = False

    # Where one looks.

    def _looking(self, scale: Scale | None = None, *, critical: bool | None = None) -> None:
        """Show the same page through another window; nothing is computed."""
        if is_timeline(self.page):
            self.asked = self.page.look(self.asked, scale, critical=critical)
            self._stale = self._building  # what is being made was asked for before
            self.grid.refresh()
            self._refresh_bars()

    def action_scale(self, by: int) -> None:
        """One zoom further in, or out, around today or the middle."""
        if is_timeline(page := self.page):
            self._looking(page.scale.zoomed(-by, page.scale.width // 6))

    def action_pan(self, by: int) -> None:
        """Earlier or later by what the zoom calls a step."""
        if is_timeline(page := self.page):
            self._looking(page.scale.panned(by * page.scale.zoom.pan))

    def _go_to(self, day: date) -> None:
        """A day into view."""
        if not is_timeline(page := self.page):
            super()._go_to(day)
        else:
            scale = page.scale
            self._looking(scale.around(day, scale.zoom, scale.width, scale.calendar))

    def action_pan_to_bar(self) -> None:
        """The bar under the cursor into view."""
        row = self.page.row_of(self.grid.cursor) if is_timeline(self.page) else None
        if row is not None and row.start is not None:
            from planner.plan.calendar import day_of

            self._go_to(day_of(row.start))

    def action_critical(self) -> None:
        """The critical path, or not."""
        if is_timeline(page := self.page):
            self._looking(critical=not page.window.critical)

    def action_fold_row(self) -> None:
        """Fold or unfold the row, or the one it hangs under."""
        if is_timeline(page := self.page) and (row := page.row_of(self.grid.cursor)) is not None:
            key = row.key if row.inside else row.parent
            if key:
                self._goto = key
                self.ask(replace(self.asked, folded=self.asked.folded ^ {key}))

    def action_fold_rows(self) -> None:
        """Fold everything, or unfold everything."""
        if is_timeline(page := self.page):
            heads = frozenset(row.key for row in page.view.rows if row.inside)
            self._goto = page.top_of(self.grid.cursor)
            folded = self.asked.folded - heads if self.asked.folded & heads else self.asked.folded | heads
            self.ask(replace(self.asked, folded=folded))

    def action_time_lanes(self) -> None:
        """Groups by the next field."""
        from tui.timeline import LANES

        lanes = LANES[(LANES.index(self.asked.lanes) + 1) % len(LANES)] if self.asked.lanes in LANES else LANES[0]
        self.ask(replace(self.asked, lanes=lanes))
        self.say(f"lanes: {lanes or 'project'}")

    # What is moved.

    def action_shift_bar(self, by: int) -> None:
        """Start one unit of the zoom later, or earlier."""
        if not is_timeline(page := self.page):
            return
        from planner.commands.replan import shifted
        from planner.plan.calendar import day_of, moment
        from planner.views.scale import stepped

        step = page.scale.zoom.step

        def wish(item: Item, plan: Plan) -> Command:
            start = plan[1].start
            if step == "hour":
                return shifted(item, plan, plan[0].calendar.advance(start, 60 * by), by_day=False)
            return shifted(item, plan, moment(stepped(day_of(start), step, by)), by_day=True)

        self._replan(wish)

    def action_stretch_bar(self, by: int) -> None:
        """End one unit of the zoom later, or earlier."""
        if not is_timeline(page := self.page):
            return
        calendar = page.scale.calendar
        unit = {"hour": 60, "day": calendar.day_minutes, "week": calendar.week_minutes}.get(
            page.scale.zoom.step, 4 * calendar.week_minutes
        )
        from planner.commands.replan import stretched

        self._replan(lambda item, plan: stretched(item, plan, by * unit))

    def _replan(self, make: Callable[[Item, Plan], Command]) -> None:
        """Carry out what is made of each item, and watch what it does to the plan."""
        if not is_timeline(page := self.page):
            return

        def wish(items: Sequence[Item]) -> Command:
            now = self.page if is_timeline(self.page) else page
            items = [item for item in items if item.path in now.view.schedule.dates]
            if not items:
                raise Invalid("nothing here has a bar of its own")
            own = tuple(item.path for item in items)
            if self._watch is None or self._watch.own != own:
                self._watch = Watch(now.view.schedule, own)
            self._watch.said = ""
            return together([make(item, now.plan(item)) for item in items])

        self.act(wish)

    def action_link_bars(self) -> None:
        """The first time: from here. The second time: the item under the cursor waits for that one, or no longer does."""
        items = self.items
        if len(items) == 2:
            self._link(*sorted(items, key=self._start_of))
        elif self._link_from is None or (first := self.vault.files.get(self._link_from)) is None:
            self._link_from = items[0].path
            self.say(f"what waits for {items[0].id}? b on it links the two, esc forgets", "$ink-accent")
        elif first.item is not None:
            self._link_from = None
            self._link(first.item, items[0])

    def _start_of(self, item: Item) -> Moment:
        page = self.page
        return page.plan(item)[1].start if is_timeline(page) else 0

    def _link(self, first: Item, then: Item) -> None:
        if not is_timeline(page := self.page):
            return
        linked = any(link.predecessor == first.path for link in page.view.before.get(then.path, ()))
        self._watch = Watch(page.view.schedule, (then.path,))
        self.wish(Link(then.path, "depends_on", first.id, off=linked))

    # With the mouse.

    def on_grid_dragged(self, message: Grid.Dragged) -> None:
        """A bar or its end follows the mouse, with what it pushes; where it is dropped it stays."""
        message.stop()
        if not is_timeline(page := self.page):
            return
        row = page.row_of(message.key)
        if row is None or row.item is None or row.path not in page.view.schedule.dates:
            return
        try:
            self._drag = page.dragged(row, message.begin, message.now)
        except PlannerError as error:
            self._drag = None
            self.wish_failed(error)
        if message.dropped:
            page.nudged = {}
            if self._drag is not None:
                self._watch = Watch(page.view.schedule, (row.item.path,))
                self.wish(self._drag)
            self._drag = None
            self.grid.refresh()
        else:
            self._preview(row.item.path)

    def _preview(self, path: str) -> None:
        """Show what the drag would do as soon as it is computed: one at a time, the newest wish last."""
        wish, page = self._drag, self.page
        if self._previewing or wish is None or not is_timeline(page):
            return
        vault, context = self.vault, self.bridge.context()

        def compute() -> Pushed:
            from planner.plan.planned import planned
            from planner.views.pushed import pushed

            after = vault.apply(wish.plan(vault, context).edits)
            return pushed(page.view.schedule, planned(after, context.today))

        def show(found: Pushed) -> None:
            if self._drag is not None and self.page is page:
                page.nudged = {path: (dates.start, dates.finish) for path, dates in found.dates.items()}
                self.say(found.sentence({path}), "$ink-accent")
                self.grid.refresh()
                if self._drag != wish:
                    self._preview(path)

        def settled() -> None:
            self._previewing = False

        self._previewing = True
        self.bridge.build(compute, show, settled)

    # What-if.

    @property
    def vault(self) -> Vault:
        """The vault that is shown: the one that is tried, if any."""
        return self.bridge.vault if self.trial is None else self.trial.vault

    def vault_changed(self) -> None:
        """Another vault: what is tried is tried on that one."""
        if self.trial is not None:
            self.trial = self.trial.over(self.bridge.vault, self.bridge.context())
        super().vault_changed()

    def action_what_if(self) -> None:
        """Begin to try; a second time carries out what was tried, as one change."""
        if self.trial is None:
            self.trial = Trial.on(self.bridge.vault)
            self.say("what-if: nothing is written until W keeps it; u takes back, esc drops it", "$ink-accent")
            self._told_trial()
            return
        trial, self.trial = self.trial, None
        if trial.wishes:
            self.wish(trial.wish())
        else:
            self.say("what-if: nothing was tried")
            self._rebuild()

    def wish(self, *commands: Command, refused: Callable[[PlannerError], None] | None = None) -> None:
        """Carry out commands, or only try them."""
        if self.trial is None:
            super().wish(*commands, refused=refused)
            return
        try:
            for command in commands:
                self.trial, change = self.trial.trying(command, self.bridge.context())
                self.say(f"what-if: {change.subject}" if not change.is_noop else "nothing to change", "$ink-accent")
        except PlannerError as error:
            (refused or self.wish_failed)(error)
        self._rebuild()

    def action_undo(self) -> None:
        """Take back the newest change; in a what-if, what was tried last."""
        if self.trial is None:
            super().action_undo()
        elif self.trial.wishes:
            self.trial = self.trial.without_last(self.bridge.context())
            self.say(f"what-if: {len(self.trial.wishes)} left")
            self._rebuild()

    async def action_step_out(self) -> None:
        """One step back: a link that was begun, what is tried, then the rest."""
        if self._link_from is not None:
            self._link_from = None
            self.say("no link")
        elif self.trial is not None and not self.opened and not self.grid.marks:
            count, self.trial = len(self.trial.wishes), None
            self.say(f"what-if dropped, with {count} changes")
            self._rebuild()
        else:
            await super().action_step_out()

    # What it does to the plan.

    def on_grid_moved(self, message: Grid.Moved) -> None:
        """Other arrows for another row; ghosts of what was changed before go."""
        if not is_timeline(page := self.page):
            return
        if self._watch is not None and page.path(message.key) not in self._watch.own:
            self._watch = None
            self._haunt(page)
            self.grid.refresh()
        else:
            self.grid.repaint_lines(page.moved(message.key))

    def _built(self, page: Page) -> None:
        super()._built(page)
        if is_timeline(page):
            self._haunt(page)
            watch = self._watch
            if watch is not None and not watch.said and page.view.schedule is not watch.before:
                from planner.views.pushed import pushed

                found = pushed(watch.before, page.view.schedule)
                watch.said = f"{found.sentence(watch.own)} · {'u undo' if self.trial is None else 'W keeps, esc drops'}"
                self.say(watch.said)
            self._refresh_bars()

    def _say_done(self, subject: str, notices: Sequence[str]) -> None:
        """What a change did to the plan says more than its name."""
        if self._watch is None or notices or not is_timeline(self.page):
            super()._say_done(subject, notices)
        elif self._watch.said:
            self.say(self._watch.said)

    def _haunt(self, page: TimelinePage) -> None:
        """Ghosts of how it was: before what is tried, or before what was changed last."""
        if self.trial is not None:
            from planner.plan.planned import planned

            page.was = planned(self.trial.base, self.asked.today)
        else:
            page.was = self._watch.before if self._watch is not None else None
        self._told_trial()

    def _told_trial(self) -> None:
        if is_timeline(page := self.page):
            page.trying = None if self.trial is None else len(self.trial.wishes)
            self._refresh_bars()
