"""The operation log on the screen: any step may be taken back, and what was taken back may be brought again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.pickers.choose import Choice, Choose, choice
from tui.shell import Shell

if TYPE_CHECKING:
    from planner.operations import Operation


class Past(Shell):
    """The actions that go back."""

    def action_operations(self) -> None:
        """Show every step, the newest first."""
        from planner.operations import operations

        self.say("reading the history …")
        self.bridge.ask(operations, self._show_operations)

    def _show_operations(self, found: list[Operation]) -> None:
        self.say("")
        if not found:
            self.say("nothing was done here yet")
            return
        by_name = {step.name: step for step in found}

        def answered(values: tuple[str, ...] | None) -> None:
            if values is not None:
                step = by_name[values[0]]
                self.say(f"{'bringing again' if step.undone_by else 'taking back'}: {step.subject} …")
                self.bridge.undo(step.undone_by or step.name)

        title = "Operations: enter takes one back; what is taken back (↶) comes again"
        self.push_screen(Choose(title, [_row(step) for step in found]), answered)


def _row(step: Operation) -> Choice:
    when = f"{step.when:%d %b %H:%M}" if step.when is not None else ""
    return choice(step.name, f"{'↶' if step.undone_by else ' '} {step.subject}", f"{when} {step.who}")
