"""The clock: started on one item, stopped into its `spent`; it runs on while the program does not."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.content import Content

from planner.commands import Set
from planner.core.model import Item
from tui.shell import Shell
from tui.text import content

CLOCK = "clock"
"""What the running clock is called among the things begun: `ID SINCE`."""


class Clocking(Shell):
    """The action that starts and stops the clock."""

    def action_clock(self) -> None:
        """Stop the clock where it runs; start it on the cursor's item unless that is where it ran."""
        item, running = self.items[0], self._clock()
        if running is not None:
            self._stop(*running)
        if running is None or running[0].path != item.path:
            self._drafts[CLOCK] = f"{item.id} {self._minute().isoformat(timespec='minutes')}"
            self.say(f"the clock runs on {item.title}: c stops it")
        self._refresh_bars()

    def _minute(self) -> datetime:
        return self.session.now().replace(tzinfo=None)

    def _clock(self) -> tuple[Item, datetime] | None:
        """The item on which the clock runs, and since when; None too where the note makes no sense or the item is gone."""
        id_, _, since = self._drafts.get(CLOCK, "").partition(" ")
        item = self.bridge.vault.get(id_) if id_ else None
        try:
            return (item, datetime.fromisoformat(since)) if item is not None else None
        except ValueError:
            return None

    def _stop(self, item: Item, since: datetime) -> None:
        del self._drafts[CLOCK]
        minutes = int((self._minute() - since) / timedelta(minutes=1))
        if minutes < 1:
            self.say(f"the clock on {item.title} ran for less than a minute: nothing is noted")
            return
        hours, rest = divmod(minutes, 60)
        time = f"{hours}h{rest}m" if hours and rest else f"{hours}h" if hours else f"{rest}m"
        self.wish(Set((item.path,), (f"spent+={since:%Y-%m-%d} {time} {self.bridge.context().me}",)))

    def _marked(self) -> Content:
        """What is marked, and before it the running clock."""
        running = self._clock()
        if running is None:
            return super()._marked()
        clock = content(f"clock {running[0].id[:3]} since {running[1]:%H:%M} ", "$ink-full")
        return Content.assemble(clock, super()._marked())
