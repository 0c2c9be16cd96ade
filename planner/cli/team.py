"""Commands for working with others, written by hand: sync, resolve."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA, Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.questions import Question
    from planner.resolving import Matter, Resolved
    from planner.session import Session

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]
WIDEST = 60  # characters of a value in a line


def register(add: Add) -> None:
    """Add these commands to the parser."""
    sub = add("sync", "Take what others pushed, merge it by fields, send what is new here.", sync)
    sub.add_argument("--all", action="store_true", help="also send commits that change files outside the vault")
    sub = add("resolve", "List what a merge asks, or answer it field by field: FIELD=ours, theirs or a value.", resolve)
    sub.add_argument("item", nargs="?", default=None, metavar="ID", help="an id, a path or a title")
    sub.add_argument("answers", nargs="*", metavar="FIELD=ANSWER", help="status=theirs, due=2026-12-01, file=keep …")


def sync(call: Call) -> int:
    """`planner sync`."""
    session = call.session()
    try:
        done = session.sync(say=call.output.progress, everything=call.arguments.all)
    finally:
        call.output.progress("")
    for notice in done.notices:
        call.output.say(f"planner: {notice}")
    if call.output.as_json:
        call.output.json({
            "schema": SCHEMA, "with": done.where, "received": done.received, "sent": done.sent, "merged": list(done.merged),
            "offline": done.offline.message if done.offline else None,
            "questions": [_json(session, question) for question in done.questions],
        })  # fmt: skip
    else:
        call.output.line(done.sentence)
    if done.questions:
        call.output.say("  hint: planner resolve shows what is asked; nothing of yours was changed, and you can go on")
        return 4
    if done.offline is not None:
        call.output.say(f"  hint: {done.offline.hint}")
        return 5
    return 0


def resolve(call: Call) -> int:
    """`planner resolve`."""
    from planner.resolving import matters
    from planner.resolving import resolve as settle

    session, words = call.session(), call.arguments.answers
    if call.arguments.item is None:
        found = matters(session)
        _show(call, session, found)
        return 4 if found else 0
    given = dict(_answer(word) for word in words)
    resolved = settle(session, call.arguments.item, given)
    _tell(call, session, resolved)
    return 4 if any(matter.questions for matter in resolved.left) else 0


def _answer(word: str) -> tuple[str, str]:
    from planner.core.fields import CANONICAL

    field, equals, answer = word.partition("=")
    if not equals or not field:
        raise Invalid(f"'{word}' is no answer", "FIELD=ours, FIELD=theirs or FIELD=VALUE")
    return CANONICAL.get(field, field), answer


def _tell(call: Call, session: Session, resolved: Resolved) -> None:
    if call.output.as_json:
        call.output.json({
            "schema": SCHEMA, "resolved": [matter.path for matter in resolved.done],
            "questions": [_json(session, question) for matter in resolved.left for question in matter.questions],
        })  # fmt: skip
        return
    for matter in resolved.done:
        call.output.line(f"resolved {matter.path}" + (f" with {matter.copy}" if matter.copy else ""))
    for notice in resolved.notices:
        call.output.say(f"planner: {notice}")
    _show(call, session, resolved.left)


def _show(call: Call, session: Session, found: tuple[Matter, ...]) -> None:
    if call.output.as_json:
        questions = [_json(session, question) for matter in found for question in matter.questions]
        call.output.json({"schema": SCHEMA, "resolved": [], "questions": questions})
        return
    for matter in found:
        call.output.spans([(_name(session, matter.path), "head"), (f"  {_origin(matter)}", "dim")])
        rows = [[Cell(f"  {q.field}"), *(Cell(cell) for cell in _cells(session, q))] for q in matter.questions]
        call.output.table(rows)
        if not matter.questions:
            call.output.line(f"  nothing is open: planner resolve {matter.name} merges it")
    if not found:
        call.output.say("nothing waits to be settled")
    elif any(matter.questions for matter in found):
        call.output.say("  hint: planner resolve ID FIELD=ours, FIELD=theirs or FIELD=VALUE")


def _cells(session: Session, question: Question) -> tuple[str, str, str]:
    from planner.resolving import authors

    mine, other = authors(session, question.path) if question.source == "sync" else ("", "")
    base, *sides = (_said(question, value) for value in (question.base, question.ours, question.theirs))
    return (
        f"was {base}",
        f"ours: {sides[0]}{f' ({mine})' if mine else ''}",
        f"theirs: {sides[1]}{f' ({other})' if other else ''}",
    )


def _said(question: Question, value: str | None) -> str:
    if question.field == "file":
        return "deleted" if value is None else "there" if value == question.base else "changed"
    return _short(value)


def _short(value: str | None) -> str:
    if value is None:
        return "—"
    words = " ⏎ ".join(line.strip() for line in value.strip().split("\n"))
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…"


def _name(session: Session, path: str) -> str:
    file = session.vault.files.get(path)
    item = file.item if file else None
    return f"{item.id} {item.title}" if item else path


def _origin(matter: Matter) -> str:
    if matter.source == "copy":
        return f"and its copy {matter.copy}"
    return "has conflict markers" if matter.source == "markers" else "changed here and on the other side"


def _json(session: Session, question: Question) -> dict[str, object]:
    file = session.vault.files.get(question.path.removeprefix(session.prefix))
    item = file.item if file else None
    return {
        "path": question.path, "id": item.id if item else None, "field": question.field, "base": question.base,
        "ours": question.ours, "theirs": question.theirs, "source": question.source,
    }  # fmt: skip
