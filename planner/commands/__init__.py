"""What somebody may want: one frozen dataclass a verb; pure.

`COMMANDS` is the registry: the command line, the palette, tools and the manual are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.commands.base import Argument, Command, Context
from planner.commands.capture import Add
from planner.commands.deciding import Accept, Approve, Decline
from planner.commands.links import Link
from planner.commands.moving import Done, Move
from planner.commands.notes import CheckItem, Comment
from planner.commands.ranking import Rank
from planner.commands.tasks import Archive, Assign, Delete, Set, Tag
from planner.commands.together import Together, together

COMMANDS: Mapping[str, type[Command]] = {
    command.verb: command
    for command in (
        Add,
        Set,
        Move,
        Done,
        Assign,
        Tag,
        Link,
        Rank,
        CheckItem,
        Comment,
        Archive,
        Delete,
        Approve,
        Accept,
        Decline,
    )
}
"""Every verb that is a pure plan over a vault."""

__all__ = [
    "COMMANDS", "Accept", "Add", "Approve", "Archive", "Argument", "Assign", "CheckItem", "Command", "Comment", "Context",
    "Decline", "Delete", "Done", "Link", "Move", "Rank", "Set", "Tag", "Together", "together",
]  # fmt: skip
