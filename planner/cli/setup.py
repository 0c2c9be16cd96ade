"""Commands around the vault, written by hand: init, demo, keys, schema, completion, doctor, trust."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA, Cell
from planner.errors import ConfigError, Invalid, NotFound, PlannerError

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.doctor import Trust

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]
SHELLS = ("bash", "zsh", "fish")


def register(add: Add) -> None:
    """Add these commands to the parser."""
    sub = add("init", "Make a vault in a folder, in git, with one commit.", init)
    sub.add_argument("folder", nargs="?", default=".", metavar="DIR", help="where (here)")
    sub.add_argument("--yes", action="store_true", help="ask nothing, write no example")
    sub.add_argument("--template", default=None, metavar="NAME", help="personal, team or project")
    sub.add_argument("--team", action="store_true", help="for a team: you, a team, and the hook that guards its rules")
    sub = add("demo", "Open a sample vault with a history, in a folder of its own.", demo)
    sub.add_argument("folder", nargs="?", default=None, metavar="DIR", help="an empty or new folder (a temporary one)")
    sub = add("keys", "Print every key of the screen, as your keys.toml has them.", keys)
    sub.add_argument("--check", action="store_true", help="say only what is wrong with your keys.toml")
    add("schema", "Print the JSON Schema of an item's header.", schema)
    sub = add("completion", "Print a completion script for a shell.", completion)
    sub.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    sub = add("doctor", "Look whether everything is in place; --fix sets up what it can.", doctor)
    sub.add_argument("--fix", action="store_true", help="set up what can be set up")
    sub = add("trust", "Show what this repository's own git configuration would run, and let it.", trust)
    choice = sub.add_mutually_exclusive_group()
    choice.add_argument("--yes", action="store_true", help="ask nothing: trust what is shown")
    choice.add_argument("--revoke", action="store_true", help="trust it no longer")


def init(call: Call) -> int:
    """`planner init`."""
    from planner.founding import TEMPLATES, guard
    from planner.founding import init as found

    arguments = call.arguments
    folder = Path(arguments.vault or arguments.folder)
    if arguments.team and (hook := guard(folder)) is not None:
        if call.output.as_json:
            call.output.json({"schema": SCHEMA, "op": None, "commit": None, "items": [], "files": [str(hook)]})
        else:
            call.output.line(f"wrote {hook}: a push that breaks the plan's rules is refused")
        return 0
    template = "team" if arguments.team else arguments.template
    if template is None and not arguments.yes and sys.stdin.isatty() and not call.output.as_json:
        call.output.say(f"A vault in {folder.resolve()}. For whom? {', '.join(TEMPLATES)} (personal)")
        template = input("> ").strip() or None
    founded = found(folder, template=template or "personal", examples=not arguments.yes)
    if call.output.as_json:
        call.output.json(
            {"schema": SCHEMA, "op": None, "commit": founded.commit, "items": [], "files": list(founded.files)}
        )
        return 0
    call.output.line(f"a vault in {founded.root}", "head")
    for name in founded.files:
        call.output.line(f"  wrote {name}")
    if founded.commit:
        call.output.line(f"  committed as {founded.commit[:7]}")
    call.output.line(f"undo: {founded.undo}", "dim")
    call.output.say("next: planner add pay rent fri #home; then planner")
    return 0


def demo(call: Call) -> int:
    """`planner demo`."""
    from datetime import date

    from planner.founding import demo as build
    from planner.session import Session

    folder = Path(call.arguments.folder) if call.arguments.folder else None
    root = build(folder, call.today() or date.today())  # noqa: DTZ011 (the user's own day)
    arguments = call.arguments
    if arguments.plain or arguments.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        if call.output.as_json:
            call.output.json({"schema": SCHEMA, "op": None, "commit": None, "items": [], "path": str(root)})
        else:
            call.output.line(str(root))
            call.output.say(f"next: planner --vault {root} board")
        return 0
    from planner.cli.app import run_screen

    try:
        with Session.open(root, today=call.today()) as session:
            return run_screen(session, view="board")
    finally:
        call.output.say(f"the demo vault is in {root}; rm -rf it when you are done")


def keys(call: Call) -> int:
    """`planner keys`: as the person's keys.toml has them; with --check what is wrong in it, and exit code 6."""
    from tui.keymap import clashes, read_table

    if call.arguments.check:
        found = clashes()
        for sentence in found:
            call.output.line(sentence)
        if not found:
            call.output.say("no two keys clash")
        return ConfigError.exit_code if found else 0
    table = read_table()
    if call.output.as_json:
        rows = [{"id": key.id, "keys": list(key.keys), "help": key.help, "group": key.group} for key in table]
        call.output.json({"schema": SCHEMA, "keys": rows})
        return 0
    group = ""
    for key in table:
        if key.group != group:
            group = key.group
            call.output.line(group, "head")
        call.output.line(f"  {'  '.join(key.keys):<22} {key.help}  ({key.id})")
    return 0


def schema(call: Call) -> int:
    """`planner schema`: of the vault at hand, else of a vault with default settings."""
    from planner.core.config import Config
    from planner.core.schema import schema as build

    try:
        config = call.session().vault.config
    except PlannerError:
        if call.arguments.vault is not None:
            raise
        config = Config()
    call.output.json(build(config))
    return 0


def completion(call: Call) -> int:
    """`planner completion SHELL`."""
    from planner.cli.app import build_parser
    from planner.cli.completion import script

    call.output.lines(script(call.arguments.shell, build_parser()))
    return 0


def doctor(call: Call) -> int:
    """`planner doctor`: exit code 1 where something is amiss."""
    from planner.doctor import examine, mend

    try:
        vault: Path | None = call.vault_folder()
    except PlannerError:
        vault = None
    if vault is not None and not vault.is_dir():
        raise Invalid(f"{vault} is no folder", "name a folder with --vault")
    if call.arguments.fix:
        for sentence in mend(vault):
            call.output.say(sentence)
    findings = list(examine(vault))
    if call.output.as_json:
        rows = [{"name": f.name, "ok": f.ok, "seen": f.seen, "mend": f.mend} for f in findings]
        call.output.json({"schema": SCHEMA, "findings": rows})
    else:
        call.output.table(
            [
                [Cell("✓" if f.ok else "✗", "" if f.ok else "error"), Cell(f.name), Cell(f.seen), Cell(f.mend, "dim")]
                for f in findings
            ]
        )
    return 0 if all(finding.ok for finding in findings) else 1


def trust(call: Call) -> int:
    """`planner trust`: exit code 1 where the repository stays untrusted."""
    from planner.doctor import trust_in

    arguments, out = call.arguments, call.output
    found = trust_in(_folder(call))
    if arguments.revoke:
        said = found.revoke()
        out.say("trusted no longer" if said else "it was not trusted")
    elif not out.as_json:
        _show_parts(call, found)
    trusted = found.trusted and not (arguments.revoke and found.parts)
    if not trusted and not arguments.revoke and (arguments.yes or _agrees(call)):
        found.consent()
        trusted = True
        _commit_what_waited(call)
    if out.as_json:
        runs = [{"name": part.name, "value": part.value, "origin": part.origin} for part in found.parts]
        out.json({"schema": SCHEMA, "trusted": trusted, "runs": runs})
    return 0 if trusted or arguments.revoke else 1


def _folder(call: Call) -> Path:
    """The vault's folder, else the one we are in: `planner init` may be waiting for this."""
    try:
        return call.vault_folder()
    except NotFound:
        return Path.cwd()


def _show_parts(call: Call, found: Trust) -> None:
    if not found.parts:
        call.output.line("nothing in this repository's own git configuration runs programs")
        return
    call.output.table([[Cell(part.name, "head"), Cell(part.value), Cell(part.origin, "dim")] for part in found.parts])
    if found.consented:
        call.output.line("you trust this; planner trust --revoke takes it back", "dim")
    else:
        call.output.say("planner: git would run these here; planner trust --yes lets it, until any of them changes")


def _agrees(call: Call) -> bool:
    if call.output.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    call.output.say("Let git run these in this repository? [y/N]")
    return input("> ").strip().casefold() in {"y", "yes"}


def _commit_what_waited(call: Call) -> None:
    from planner.session import find_vault

    folder = _folder(call)
    if find_vault(folder.absolute()) is not None:
        call.session()
