"""Commands about history and editors, written by hand since they are no plan over a vault: undo, redo, commit, edit."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.write import report
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.core.model import Item
    from planner.session import Session

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add the commands about history to the parser."""
    sub = add("undo", "Take back your newest change, or the one named; what changed since stays.", undo)
    sub.add_argument("target", nargs="?", default=None, metavar="OP", help="an operation id or a git revision")
    add("redo", "Take back your newest undo.", redo)
    sub = add("commit", "Commit what was edited by hand, under a subject that says what changed.", commit)
    sub.add_argument("-m", "--message", default=None, metavar="TEXT", help="a subject of your own")
    sub = add("edit", "Open an item's file in $EDITOR and commit what you changed.", edit)
    sub.add_argument("item", metavar="ID", help="an id, a unique beginning of one, a path or a title")


def undo(call: Call) -> int:
    """`planner undo`."""
    session = call.session()
    return report(call, session, session.undo(call.arguments.target))


def redo(call: Call) -> int:
    """`planner redo`."""
    session = call.session()
    return report(call, session, session.redo())


def commit(call: Call) -> int:
    """`planner commit`."""
    session = call.session()
    outcome = session.commit_by_hand(call.arguments.message)
    if outcome.commit is None and not call.output.as_json:
        call.output.say("nothing to commit")
        return 0
    return report(call, session, outcome)


def edit(call: Call) -> int:
    """`planner edit`."""
    session = call.session()
    return edit_item(call, session, session.vault.find(call.arguments.item))


def edit_item(call: Call, session: Session, item: Item) -> int:
    """Open one item's file, then commit what changed in it."""
    from planner.editor import command_at

    path = session.root / item.path
    line = item.problems[0].line if item.broken and item.problems else 1
    code = subprocess.run(command_at(str(path), line), check=False).returncode
    if code:
        raise Invalid(
            f"the editor ended with code {code}; nothing is committed", "planner commit commits what you saved"
        )
    session.refresh([item.path])
    if session.repo is None:
        return 0
    if item.path not in session.uncommitted():
        call.output.say("nothing changed")
        return 0
    return report(call, session, session.commit_by_hand(paths=(item.path,)))
