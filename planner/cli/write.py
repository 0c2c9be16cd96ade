"""The verbs that change something, made from COMMANDS: a command's fields are its arguments, its docstring its help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA
from planner.commands import COMMANDS, Add, Command
from planner.commands.words import build, signature
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.core.change import Change
    from planner.core.model import Item
    from planner.session import Outcome, Session

AddParser = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: AddParser) -> None:
    """Add a sub-command for every verb."""
    from planner.cli.app import Uncalled

    for verb, command in COMMANDS.items():
        help_ = (command.__doc__ or "").strip().split("\n")[0]
        sub = add(verb, help_, run)
        if isinstance(sub, Uncalled):
            continue  # what arguments a command has is not known without making its class
        sub.set_defaults(command=command)
        _add_arguments(sub, command)
        sub.add_argument("--dry-run", action="store_true", help="show the diff, change nothing")
        if command is Add:
            sub.add_argument("--edit", action="store_true", help="open the new file in $EDITOR")


def _add_arguments(sub: argparse.ArgumentParser, command: type[Command]) -> None:
    words: list[str] = []
    for name, argument, kind in signature(command):
        if argument.option and kind is bool:
            sub.add_argument(f"--{name}", action="store_true", help=argument.help)
        elif argument.option:
            sub.add_argument(f"--{name}", metavar=argument.metavar, default="", help=argument.help)
        else:
            many = "…" if kind not in {str, int} else ""
            words.append(f"{argument.metavar}{many}")
        if argument.items:
            sub.add_argument("--query", metavar="QUERY", default=None, help="the items a query finds, instead of ids")
    sub.add_argument("words", nargs="*", metavar=" ".join(words), help="; ".join(_helps(command)))
    options = [f"[--{name}]" for name, argument, _ in signature(command) if argument.option]
    sub.usage = " ".join([f"planner {command.verb}", *words, *options, "[--dry-run]", "[options]"])


def _helps(command: type[Command]) -> Iterator[str]:
    for _, argument, _ in signature(command):
        if not argument.option:
            yield f"{argument.metavar}: {argument.help}".replace("%", "%%")


def run(call: Call) -> int:
    """Any verb of COMMANDS."""
    arguments = call.arguments
    command_type: type[Command] = arguments.command
    session = call.session()
    if command_type is Add and arguments.words == ["-"]:
        return _add_lines(call, session)
    queried = _queried(call, session)
    if queried == []:
        raise Invalid("the query finds nothing", "planner list QUERY shows what it finds")
    command = build(command_type, arguments.words, vars(arguments), queried)
    if arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    outcome = session.run(command)
    code = report(call, session, outcome)
    if command_type is Add and arguments.edit and code == 0:
        from planner.cli.history import edit_item

        return edit_item(call, session, outcome.items[0])
    return code


def _queried(call: Call, session: Session) -> list[str] | None:
    text: str | None = getattr(call.arguments, "query", None)
    if text is None:
        return None
    from planner.query.language import parse_query
    from planner.query.match import select

    found = select(session.vault, parse_query(text), today=session.today(), me=session.me())
    return [item.path for item in found]


def _add_lines(call: Call, session: Session) -> int:
    """`planner add -`: one item a line of stdin; empty lines are passed over."""
    code = 0
    for line in sys.stdin:
        if line.strip():
            code = report(call, session, session.run(Add(text=line.strip()))) or code
    return code


def dry_run(call: Call, session: Session, change: Change) -> int:
    """What would change, as a diff."""
    diff = "".join(
        line
        for edit in change.edits
        for line in unified_diff(
            _lines(edit.before), _lines(edit.after),
            f"a/{edit.path}" if edit.before is not None else "/dev/null",
            f"b/{edit.path}" if edit.after is not None else "/dev/null",
        )
    )  # fmt: skip
    if call.output.as_json:
        after = session.vault.apply(change.edits)
        items = [item for id_ in change.items if (item := after.get(id_)) is not None]
        call.output.json({**_document(session, items, None, None), "diff": diff})
        return 0
    for line in diff.rstrip("\n").split("\n") if diff else ():
        role = {"+": "added", "-": "removed", "@": "dim"}.get(line[:1], "")
        call.output.line(line, role)
    call.output.say(f"would be committed as: {change.subject}" if diff else "nothing would change")
    return 0


def _lines(text: str | None) -> list[str]:
    """Lines for a diff, each ended; a carriage return at a line's end is no part of what is shown."""
    return [f"{line.removesuffix(chr(13))}\n" for line in (text or "").removesuffix("\n").split("\n")] if text else []


def _document(session: Session, items: Sequence[Item], op: str | None, commit: str | None) -> dict[str, object]:
    from planner.views.record import records

    return {"schema": SCHEMA, "op": op, "commit": commit, "items": records(items, session.vault, session.today())}


def report(call: Call, session: Session, outcome: Outcome) -> int:
    """What became of a wish; exit code 5 where it is saved and git refused the commit."""
    from planner.store.git import GitBusy

    out, change = call.output, outcome.change
    for notice in change.notices:
        out.say(f"note: {notice}")
    if out.as_json:
        out.json(_document(session, outcome.items, outcome.op, outcome.commit))
    elif outcome.op is None and outcome.commit is None:
        out.line(f"{change.subject}: it is so already", "dim")
    else:
        out.line(change.subject)
        for detail in change.details if len(change.details) > 1 or change.subject.startswith("add ") else ():
            out.line(f"  {detail}", "dim")
        if outcome.commit and outcome.op:
            out.say(f"  {outcome.commit[:7]} · undo: planner undo")
    if outcome.waiting is None:
        return 0
    out.say(f"planner: saved, not committed yet: {outcome.waiting.message}")
    if outcome.waiting.hint:
        out.say(f"  hint: {outcome.waiting.hint}")
    return 0 if isinstance(outcome.waiting, GitBusy) else outcome.waiting.exit_code
