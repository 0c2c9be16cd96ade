"""Commands that tell a person what concerns them: inbox, and reports of what was done."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from planner.cli.output import SCHEMA, Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.session import Session
    from planner.views.digest import Digest, Said

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]
KINDS = ("standup", "week", "handoffs")


def register(add: Add) -> None:
    """Add the commands to the parser."""
    add("inbox", "What concerns you: approvals, hand-offs, requests, mentions, news of what you follow.", inbox)
    sub = add("report", "What was done: standup (by person), week, or handoffs (how long teams wait).", report)
    sub.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    sub.add_argument("--since", default=None, metavar="DAY", help="from this day on, instead of the usual time")


def inbox(call: Call) -> int:
    """`planner inbox`."""
    from planner.past import SEEN, after, revisions
    from planner.views.inbox import inbox as view

    session, out = call.session(), call.output
    news = after(session, revisions(session), SEEN) if session.repo is not None else ()
    found = view(session.vault, session.today(), session.me(), news)
    present = session.presence()
    if out.as_json:
        sections = [
            {"key": s.key, "title": s.title, "entries": [{"id": e.item.id, "why": e.why} for e in s.entries]}
            for s in found.sections
        ]
        lately = [{"who": p.who, "when": p.when.isoformat(), "items": list(p.items)} for p in present]
        out.json({"schema": SCHEMA, "me": found.me, "count": found.count, "sections": sections, "present": lately})
        return 0
    prefixes = session.vault.prefixes
    for section in found.sections:
        out.line(f"{section.title} {len(section.entries)}", "head")
        out.table(
            [
                [Cell(" "), Cell(e.item.id, "id", prefixes.get(e.item.id, 0)), Cell(e.item.status or ""), Cell(e.item.title),
                 Cell(" ".join(e.why.split()), "dim")]
                for e in section.entries
            ],
            flexible=4,
        )  # fmt: skip
    for one in present:
        out.line(f"lately: {one.who} {one.when:%H:%M} {' '.join(one.items[:5])}", "dim")
    if not found.sections:
        out.line(f"nothing waits for {found.me}")
    return 0


def report(call: Call) -> int:
    """`planner report`."""
    session = call.session()
    kind: str = call.arguments.kind
    if kind == "handoffs":
        return _handoffs(call, session)
    begin, end = _begin(session, kind, call.arguments.since), session.now()
    found = _digest(session, begin, end)
    if call.output.as_json:
        call.output.json({"schema": SCHEMA, **_plain(asdict(found))})
        return 0
    _standup(call, session, found) if kind == "standup" else _week(call, session, found)
    return 0


def _begin(session: Session, kind: str, since: str | None) -> datetime:
    """Where a report begins: the last working day for a stand-up, seven days ago for a week."""
    from planner.past import moment_of

    if since is not None:
        moment = moment_of(session, since, begin=True)
        if moment is None:
            raise Invalid(f"--since: '{since}' is no day", "planner report week --since 2026-11-01")
        return moment
    today = session.today()
    back = 7 if kind == "week" else {0: 3, 6: 2}.get(today.weekday(), 1)
    return session.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)


def _digest(session: Session, begin: datetime, end: datetime) -> Digest:
    from planner.past import newer, revisions
    from planner.views.digest import digest

    return digest(session.vault, newer(revisions(session), begin), begin, end)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _standup(call: Call, session: Session, found: Digest) -> None:
    out = call.output
    out.line(f"# Stand-up, {session.today():%A} {session.today().day} {session.today():%B %Y}", "head")
    for share in found.shares:
        out.line()
        out.line(f"## {share.who}", "head")
        for word, some in (
            ("done", share.done), ("moved", share.moved), ("added", share.added), ("said", share.said),
            ("worked on", share.touched), ("now", share.now), ("blocked", share.blocked),
        ):  # fmt: skip
            _bullets(call, word, some)
    if not found.shares:
        out.line("nothing happened, and nobody has anything in hand")


def _week(call: Call, session: Session, found: Digest) -> None:
    out = call.output
    out.line(f"# The week to {session.today():%A} {session.today().day} {session.today():%B %Y}", "head")
    for title, some in (
        ("Done", found.done), ("New", found.added), ("Moved to a later day", found.slipped), ("Decided", found.decided),
        ("Dropped", found.dropped),
    ):  # fmt: skip
        if some:
            out.line()
            out.line(f"## {title} ({len(some)})", "head")
            _bullets(call, "", some)
    out.line()
    out.line("## By person", "head")
    for share in found.shares:
        done, moved, said = len(share.done), len(share.moved), len(share.said)
        out.line(f"- {share.who}: {done} done, {moved} moved, {said} said, {len(share.now)} in hand")


def _bullets(call: Call, word: str, some: Iterable[Said]) -> None:
    for one in some:
        said = f": {' '.join(one.text.split())}" if one.text else ""
        call.output.line(f"- {f'{word} ' if word else ''}{one.id} {one.title}{said}")


def _handoffs(call: Call, session: Session) -> int:
    from planner.core.handoffs import handoffs
    from planner.past import newer, revisions
    from planner.views.digest import waiting

    found = revisions(session, ancestry="first-parent")
    if call.arguments.since is not None:
        found = newer(found, _begin(session, "week", call.arguments.since))
    passed, now = handoffs(session.vault, reversed([*found])), session.now()
    rows = waiting(passed, now)
    if call.output.as_json:
        teams = [
            {"from": r.from_team or None, "to": r.to_team or None, "count": r.count, "open": r.open, "returned": r.returned,
             "median_hours": round(r.median / timedelta(hours=1), 1), "longest_hours": round(r.longest / timedelta(hours=1), 1)}
            for r in rows
        ]  # fmt: skip
        single = [
            {"id": h.id, "from": h.from_team or None, "to": h.to_team or None, "at": h.at.isoformat(), "outcome": h.outcome,
             "end": h.end.isoformat() if h.end else None}
            for h in passed
        ]  # fmt: skip
        call.output.json({"schema": SCHEMA, "teams": teams, "handoffs": single})
        return 0
    call.output.table(
        [
            [Cell(r.from_team or "—"), Cell(r.to_team or "—"), Cell(str(r.count)), Cell(str(r.open)), Cell(str(r.returned)),
             Cell(_span(r.median)), Cell(_span(r.longest))]
            for r in rows
        ],
        heads=("from", "to", "hand-offs", "open", "returned", "median wait", "longest"),
    )  # fmt: skip
    if not rows:
        call.output.say('no work went from team to team: name a team for a state, {name = "review", team = "studio"}')
    return 0


def _span(span: timedelta) -> str:
    hours = round(span / timedelta(hours=1))
    return f"{hours // 24}d {hours % 24}h" if hours >= 24 else f"{hours}h"
