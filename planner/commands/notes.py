"""Wishes about what stands in a body: ticks of a checklist and entries of the log."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, found, shown
from planner.core.body import log_end
from planner.core.change import Change
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound

_UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What would make a file's text be no text: controls that check reports, and what UTF-8 cannot hold."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """Tick a line of an item's checklist, counted from 1; `--off` takes the tick away."""

    verb: ClassVar[str] = "check-item"
    item: Annotated[str, Argument("ID", "the item")]
    number: Annotated[int, Argument("N", "which line of the checklist, from 1")]
    off: Annotated[bool, Argument("", "take the tick away", option=True)] = False

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """One character changed; raises NotFound where there is no such line."""
        (item,) = found(vault, (self.item,))
        steps = item.body.checklist
        if not 1 <= self.number <= len(steps):
            have = (
                f"its checklist has {len(steps)} line{'s' if len(steps) != 1 else ''}"
                if steps
                else "it has no checklist"
            )
            raise NotFound(f"{item.id} has no checklist line {self.number}: {have}", f"planner show {item.id}")
        step = steps[self.number - 1]
        draft = Draft(vault)
        text = draft.text(item.path)
        if step.done == self.off:
            draft.put(item, text[: step.offset] + (" " if self.off else "x") + text[step.offset + 1 :])
            draft.details.append(f"step {step.number}: {'[x] → [ ]' if self.off else '[ ] → [x]'} {shown(step.text)}")
        done = item.body.done + (0 if step.done != self.off else -1 if self.off else 1)
        return draft.change(f"check {item.id}: {done} of {len(steps)}")


@dataclass(frozen=True, slots=True)
class Comment:
    """Add an entry to an item's log, with the time and your name."""

    verb: ClassVar[str] = "comment"
    item: Annotated[str, Argument("ID", "the item")]
    text: Annotated[str, Argument("TEXT", "what to say")]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """A line at the end of `## Log`, which is added where it is missing; nothing else moves."""
        (item,) = found(vault, (self.item,))
        draft = Draft(vault)
        said = log_entry(draft, item, self.text, ctx)
        return draft.change(f"comment {item.id}: {shown(said)}")


def log_entry(draft: Draft, item: Item, words: str, ctx: Context) -> str:
    """One more entry in an item's log; returns what it says. Raises Invalid where that is nothing, or no text."""
    said = words.strip()
    if not said:
        raise Invalid("nothing to say", "planner comment ID TEXT")
    if match := _UNWRITTEN.search(said):
        raise Invalid(f"a log is plain text, without U+{ord(match[0]):04X}", "leave that character out")
    text = draft.text(item.path)
    newline = "\r\n" if "\r\n" in text else "\n"
    said = said.replace("\r\n", "\n").replace("\r", "\n").replace("\n", f"{newline}  ")
    entry = f"- {ctx.now:%Y-%m-%d %H:%M} {ctx.me}: {said}"
    draft.put(item, _with_entry(text, log_end(text, draft.drafted(item).body), entry, newline))
    draft.details.append(f"log: {shown(said)}")
    return said


def _with_entry(text: str, at: int | None, entry: str, newline: str) -> str:
    if at is None:
        gap = "" if not text or text.endswith("\n") else newline
        blank = "" if (text + gap).endswith(f"{newline}{newline}") else newline
        return f"{text}{gap}{blank}## Log{newline}{entry}{newline}"
    return f"{text[:at]}{newline}{entry}{text[at:] or newline}"
