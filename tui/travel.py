"""Time travel: a line over the past at the bottom of the screen, and any view as it was at each commit, to look at only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from planner.commands import Command
from planner.core.dates import MONTH_NAMES
from planner.core.model import Item
from planner.core.record import dataclass, field, replace
from planner.core.vault import Vault
from planner.errors import Invalid, PlannerError
from planner.session import Session
from planner.views.travel import Stop, stepped, track, walked
from tui.keys import PAST, Key, bindings, changes
from tui.page import Asked
from tui.planning import Planning, is_timeline
from tui.reading import Reading
from tui.status import Line
from tui.text import content

if TYPE_CHECKING:
    from planner.past import Travel

REFUSED = Invalid("the past cannot be changed", "esc goes back to now")
KEPT = 16
"""Stops whose plan is kept while one travels: most steps go to and fro."""


@dataclass(slots=True)
class Voyage:
    """Where one is on the way through the past: the stop that is asked for, the one that is shown, and its plan."""

    stops: tuple[Stop, ...]
    reader: Travel
    at: int
    shown: int
    vault: Vault | None = None
    """The plan at the stop shown; None stands for now."""
    reading: bool = False
    kept: dict[int, Vault] = field(default_factory=dict)

    @property
    def stop(self) -> Stop:
        """The stop that is asked for."""
        return self.stops[self.at]

    @property
    def at_now(self) -> bool:
        """Whether the newest stop is asked for, which is the plan as it is."""
        return self.at == len(self.stops) - 1

    def keep(self, at: int, vault: Vault) -> None:
        """Remember the plan of a stop, and forget the one that was remembered first."""
        self.kept[at] = vault
        while len(self.kept) > KEPT:
            del self.kept[next(iter(self.kept))]


class Travelling(Planning, Reading):
    """Actions that move through the past; while one is there, nothing is changed."""

    voyage: Voyage | None = None

    # Where one is.

    @property
    def in_past(self) -> bool:
        """Whether the plan is shown, or about to be, as it was."""
        return self.voyage is not None and not (self.voyage.at_now and self.voyage.vault is None)

    @property
    def vault(self) -> Vault:
        """The vault that is shown: that of the stop, if any."""
        past = self.voyage.vault if self.voyage is not None else None
        return past if past is not None else super().vault

    @property
    def settled(self) -> bool:
        """Whether what is shown is the stop that was asked for, too."""
        return super().settled and not (self.voyage is not None and self.voyage.reading)

    def shown_as(self, asked: Asked) -> Asked:
        """A page of the past is made on its own day."""
        made = super().shown_as(asked)
        if self.voyage is None or self.voyage.vault is None:
            return replace(made, past=False)
        day = min(made.today, self.voyage.stops[self.voyage.shown].day)
        return replace(made, today=day, past=True)

    def vault_changed(self) -> None:
        """What changes meanwhile is seen when one comes back to now."""
        if self.voyage is None or self.voyage.vault is None:
            super().vault_changed()

    # The keys.

    def action_travel(self) -> None:
        """Open the line over the past, or close it and be back at now."""
        if self.voyage is not None:
            self._end_travel()
        elif self.session.repo is None:
            self.wish_failed(Invalid("without a git history there is no past", "git init, then planner commit"))
        elif self.trial is not None:
            self.wish_failed(Invalid("a what-if is open", "W keeps it, esc drops it"))
        else:
            self.say("reading the history …")
            from planner.past import stops

            self.bridge.ask(stops, self._begin_travel)

    def _begin_travel(self, found: Sequence[Stop]) -> None:
        if self.voyage is not None or self.trial is not None:
            return
        if len(found) < 2:
            self.say("there is no past yet: nothing was committed before")
            return
        now = len(found) - 1
        from planner.past import Travel

        self.voyage = Voyage(tuple(found), Travel(self.session), now, now)
        self.say("← a commit back, [ a day, { a week; home is the oldest, end is now")
        if is_timeline(self.page):
            self._looking(self.page.scale)  # the axis stays where it is, whatever day it is there
        self._read_stop(self.voyage, now - 1)  # the first step is the longest: nothing is known yet
        self._show_travel()

    def action_travel_step(self, by: int) -> None:
        """A commit back, or on."""
        self._travel(lambda found, at: stepped(found, at, by))

    def action_travel_days(self, by: int) -> None:
        """Days back, or on."""
        self._travel(lambda found, at: walked(found, at, by))

    def action_travel_edge(self, where: str) -> None:
        """To the oldest commit, or to now."""
        self._travel(lambda found, _: 0 if where == "oldest" else len(found) - 1)

    def _travel(self, step: Callable[[Sequence[Stop], int], int]) -> None:
        """The line shows at once where one goes; the plan follows as soon as it is read, the newest wish last."""
        voyage = self.voyage
        if voyage is None:
            return
        there = step(voyage.stops, voyage.at)
        if there == voyage.at:
            self.say("this is now" if voyage.at_now else "nothing is older")
            return
        voyage.at = there
        self.say("")
        self._show_travel()
        self._follow_travel()

    def _follow_travel(self) -> None:
        voyage = self.voyage
        if voyage is None or voyage.reading:
            return
        at = voyage.at
        if voyage.at_now:
            self._arrived(at, None)
        elif at in voyage.kept:
            self._arrived(at, voyage.kept[at])
        else:
            self._read_stop(voyage, at)

    def _read_stop(self, voyage: Voyage, at: int) -> None:
        """Read the plan of a stop beside the screen; it is shown where it is still asked for."""

        def read(_: Session) -> Vault | PlannerError:
            try:
                return voyage.reader.at(voyage.stops[at].commit)
            except PlannerError as error:
                return error

        def heard(found: Vault | PlannerError) -> None:
            voyage.reading = False
            if self.voyage is not voyage:
                return
            if not isinstance(found, PlannerError):
                voyage.keep(at, found)
            elif voyage.at == at:
                voyage.at = voyage.shown
                self.wish_failed(found)
            if voyage.at != voyage.shown:
                self._follow_travel()
            self._show_travel()

        voyage.reading = True
        self.bridge.ask(read, heard)

    def _arrived(self, at: int, vault: Vault | None) -> None:
        if self.voyage is not None:
            self.voyage.shown, self.voyage.vault = at, vault
            self._rebuild()
            self._show_travel()

    def _end_travel(self) -> None:
        if self.voyage is not None:
            self.voyage = None
            self.say("this is now")
            self._rebuild()
            self._show_travel()

    async def action_step_out(self) -> None:
        """One step back; out of the past before the filter goes."""
        if self.voyage is not None and not self.opened and not self.grid.marks:
            self._end_travel()
        else:
            await super().action_step_out()

    async def action_back(self) -> None:
        """Close what is open; from the past back to now."""
        if self.voyage is not None and not self.opened:
            self._end_travel()
        else:
            await super().action_back()

    # Nothing is changed.

    async def press(self, key: Key) -> None:
        """Do what a key does; one that changes the plan is refused in the past, and ends the travel where that is at now."""
        if self.voyage is not None and changes(key):
            if self.in_past:
                self.wish_failed(REFUSED)
                return
            self._end_travel()
        await super().press(key)

    async def press_id(self, key_id: str) -> None:
        """Do what the key with this id does here; the past knows those too that it refuses."""
        if self.in_past and any(key.id == key_id and changes(key) for key in self.table):
            self.wish_failed(REFUSED)
        else:
            await super().press_id(key_id)

    def wish(self, *commands: Command, refused: Callable[[PlannerError], None] | None = None) -> None:
        """Carry out commands, but none in the past."""
        if self.in_past:
            (refused or self.wish_failed)(REFUSED)
        else:
            super().wish(*commands, refused=refused)

    def pane_shows(self, item: Item) -> None:
        """The history of an item in the past would tell its future."""
        if not self.in_past:
            super().pane_shows(item)

    def keys_here(self) -> list[Key]:
        """The keys that mean something now: on a way through the past its own, and of the others those that only look."""
        here = super().keys_here()
        if self.voyage is None:
            return here
        own = [key for key in self.table if key.where == PAST]
        taken = {chord for key in own for chord in key.keys}
        return [*own, *(key for key in here if not (self.in_past and changes(key)) and not taken.issuperset(key.keys))]

    def bound_here(self) -> dict[str, Key]:
        """What each chord does: the way through the past has keys of its own."""
        found = super().bound_here()
        return found if self.voyage is None else {**found, **bindings("past", self.table)}

    # The line.

    def _corner(self) -> Content:
        """At the right of the top bar: that this is not now."""
        if self.voyage is None or not self.in_past:
            return super()._corner()
        return content(f" as of {self.voyage.stop.day.isoformat()} · read-only ", "bold reverse $ink-full")

    def _show_travel(self) -> None:
        """Show the line, or take it away."""
        self._listen()
        self._refresh_bars()

    def _refresh_bars(self) -> None:
        super()._refresh_bars()
        about, way = self.query_one("#stop", Line), self.query_one("#way", Line)
        about.display = way.display = self.voyage is not None
        if (voyage := self.voyage) is not None:
            about.show(*stop_line(voyage, self.size.width, late=self.in_past and not self.settled))
            way.show(way_line(voyage, self.size.width))


def stop_line(voyage: Voyage, width: int, *, late: bool) -> tuple[Content, Content]:
    """When this was, which commit, who made it and why; at the right the way back."""
    stop = voyage.stop
    back = content(" t closes " if voyage.at_now else " esc back to now ", "$ink-dim")
    when = "now" if voyage.at_now else f"as of {stop.when:%Y-%m-%d %H:%M}"
    said = Content.assemble(
        content(f" {when}{' …' if late else ''}", "bold $ink-full"),
        content(f" · {stop.commit[:7]} · {stop.who}: {stop.subject}"),
    )
    return said.truncate(max(0, width - back.cell_length - 1), ellipsis=True), back


def way_line(voyage: Voyage, width: int) -> Content:
    """The whole past as a line of commits, with its first day and where one stands."""
    first = f" {_short(voyage.stops[0].day)} "
    place = f" now   {voyage.at + 1} of {len(voyage.stops)} "
    room = max(4, width - len(first) - len(place))
    drawn = track(voyage.stops, voyage.at, room)
    before, here, after = drawn.partition("●")
    return Content.assemble(
        content(first, "$ink-dim"),
        content(before, "$ink-due"),
        content(here, "bold $ink-full"),
        content(after, "$ink-dim"),
        content(place, "$ink-dim"),
    )


def _short(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"
