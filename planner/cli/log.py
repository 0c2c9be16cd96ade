"""Commands that tell the past field by field: log, blame, diff."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA, Cell

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.session import Session

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]
SHOWN = 200  # lines of a log that nothing narrows


def register(add: Add) -> None:
    """Add the commands to the parser."""
    sub = add("log", "What changed, field by field, newest first.", log)
    sub.add_argument("item", nargs="?", default=None, metavar="ID", help="of one item only")
    sub.add_argument("--field", default=None, metavar="F", help="of one field only")
    sub.add_argument("--by", default=None, metavar="WHO", help="by one person only")
    sub.add_argument(
        "--since", default=None, metavar="WHEN", help="since a day, after a revision, or since you last asked so: seen"
    )
    sub.add_argument("--keep", action="store_true", help="with --since seen: what is shown stays new")
    sub.add_argument("--first-parent", action="store_true", help="tell a merge as one change, not what it merged")
    sub.add_argument("--limit", type=int, default=None, metavar="N", help="at most so many")
    sub = add("blame", "Who set each field of an item to what it says, when and why.", blame)
    sub.add_argument("item", metavar="ID", help="an id, a unique beginning of one, a path or a title")
    sub = add("diff", "What differs between two revisions or days, or one and now, field by field.", diff)
    sub.add_argument("old", metavar="REV", help="a commit, or a day: yesterday, 2w, 2026-11-01")
    sub.add_argument("new", nargs="?", default=None, metavar="REV", help="another (the files as they are)")


def log(call: Call) -> int:
    """`planner log`."""
    from itertools import islice

    from planner.core.events import ADDED
    from planner.core.fields import CANONICAL
    from planner.core.people import author, named
    from planner.past import SEEN, look

    session = call.session()
    arguments = call.arguments
    item = session.vault.find(arguments.item) if arguments.item else None
    found = session.log(
        item,
        field=CANONICAL.get(arguments.field, arguments.field),
        since=arguments.since,
        ancestry="first-parent" if arguments.first_parent else "all",
    )
    if arguments.by is not None:
        vault, known = session.vault, named(session.vault, arguments.by)
        wanted = {person.id for person in known} or {arguments.by.casefold()}
        found = (e for e in found if not wanted.isdisjoint({author(vault, e.who, e.email), e.who.casefold(), e.email}))
    everything = item or arguments.since or call.output.as_json
    limit = arguments.limit if arguments.limit is not None else None if everything else SHOWN
    events = list(islice(found, limit))
    _say_start(call, session)
    if call.output.as_json:
        call.output.json({
            "schema": SCHEMA,
            "events": [
                {"commit": e.commit, "when": e.when.isoformat(), "who": e.who, "id": e.id, "field": e.field, "old": e.old, "new": e.new}
                for e in events
            ],
        })  # fmt: skip
    else:
        made = set() if arguments.field else {(e.commit, e.id) for e in events if e.field == ADDED}
        rows = [
            [Cell(e.commit[:7], "dim"), Cell(f"{e.when:%Y-%m-%d %H:%M}"), Cell(e.who, "person"), Cell(e.id, "id"),
             Cell(e.field), Cell(_change(e.old, e.new))]
            for e in events
            if e.field == ADDED or (e.commit, e.id) not in made  # what it said when it came is in the file
        ]  # fmt: skip
        call.output.table(rows)
        if not events:
            call.output.say("nothing new" if arguments.since else "no history yet")
    if arguments.since == SEEN and not arguments.keep:
        look(session)
    return 0


def _say_start(call: Call, session: Session) -> None:
    from planner.past import UNSHALLOW, starts

    if (start := starts(session)) is not None:
        call.output.say(f"planner: history starts at {start:%Y-%m-%d %H:%M}: this is a shallow clone; {UNSHALLOW}")


def _change(old: str | None, new: str | None) -> str:
    if old is None and new is None:
        return "changed"
    return (new or "") if old is None else f"{old} → {new or '—'}"


def blame(call: Call) -> int:
    """`planner blame`."""
    from planner.views.history import blame as settings

    session = call.session()
    item = session.vault.find(call.arguments.item)
    found = settings(item, session.vault, session.revisions(item))
    _say_start(call, session)
    if call.output.as_json:
        rows = [
            {"field": s.field, "value": s.value, "commit": s.commit or None, "who": s.who or None,
             "when": s.when.isoformat() if s.when else None, "subject": s.subject or None}
            for s in found
        ]  # fmt: skip
        call.output.json({"schema": SCHEMA, "id": item.id, "fields": rows})
        return 0
    call.output.table(
        [
            [Cell(s.field, "head"), Cell(s.value), Cell(f"{s.when:%Y-%m-%d %H:%M}" if s.when else "not committed", "dim"),
             Cell(s.who, "person"), Cell(s.commit[:7], "dim"), Cell(s.subject)]
            for s in found
        ],
        flexible=1,
    )  # fmt: skip
    return 0


def diff(call: Call) -> int:
    """`planner diff`."""
    from planner.core.events import ADDED

    session = call.session()
    old, new = call.arguments.old, call.arguments.new
    if new is None and ".." in old:
        old, _, new = old.replace("...", "..").partition("..")
    changes = session.difference(old or "HEAD", new or ("HEAD" if ".." in call.arguments.old else None))
    if call.output.as_json:
        rows = [{"id": c.id, "field": c.field, "old": c.old, "new": c.new} for c in changes]
        call.output.json({"schema": SCHEMA, "changes": rows})
        return 0
    made = {c.id for c in changes if c.field == ADDED}
    told = [c for c in changes if c.field == ADDED or c.id not in made]
    call.output.table([[Cell(c.id, "id"), Cell(c.field), Cell(_change(c.old, c.new))] for c in told])
    if not changes:
        call.output.say("nothing differs")
    return 0
