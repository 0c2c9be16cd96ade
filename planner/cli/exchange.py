"""`planner import FORMAT FILE` and `planner export FORMAT`: plans from other programs, and for them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.output import SCHEMA
from planner.cli.write import dry_run, report
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.commands.exchange import Import
    from planner.core.vault import Vault
    from planner.interop.rows import Fits

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def _psplib(text: str, name: str) -> Import:
    from planner.commands.exchange import Import
    from planner.core.ids import slug
    from planner.interop import psplib

    name = slug(name) or "psplib"
    return Import(f"psplib {name}", tuple(psplib.items(psplib.parse(text), name)), ((psplib.CALENDAR, psplib.WORKING),))


def _tjp(vault: Vault, today: date, fits: Fits | None) -> str:
    from planner.interop.taskjuggler import export

    if fits is not None:
        raise Invalid("a TaskJuggler project is the whole plan", "planner export tjp, without a query")
    return export(vault, today)


def _format(name: str) -> Callable[[Vault, date, Fits | None], str]:
    """The exporter of that name, loaded when it is used."""

    def write(vault: Vault, today: date, fits: Fits | None) -> str:
        from importlib import import_module

        return str(import_module(f"planner.interop.{name}").export(vault, today, fits or (lambda _: True)))

    return write


IMPORTS: Mapping[str, tuple[str, Callable[[str, str], Import]]] = {
    "psplib": ("an instance of the project scheduling library (.sm)", _psplib),
}
"""What can be read: each format's help, and how the text of a file and its name become a wish; it raises ValueError."""

EXPORTS: Mapping[str, tuple[str, Callable[[Vault, date, Fits | None], str]]] = {
    "tjp": ("a TaskJuggler project", _tjp),
    "mermaid": ("a gantt diagram, as forges draw them", _format("mermaid")),
    "svg": ("a picture of the timeline", _format("svg")),
    "csv": ("a sheet, safe to open", _format("sheet")),
    "mspdi": ("XML of Microsoft Project", _format("mspdi")),
}
"""What can be written: each format's help, and how a vault on a day becomes text, of what a query finds if there is one."""


def register(add: Add) -> None:
    """Add `import` and `export` to the parser."""
    told = "; ".join(f"{name}: {help_}" for name, (help_, _) in IMPORTS.items())
    sub = add("import", "Make items from another program's file, as one commit.", import_)
    sub.add_argument("format", metavar="FORMAT", help=told)
    sub.add_argument("file", metavar="FILE", help="the file; `-` reads it from the standard input")
    sub.add_argument("--dry-run", action="store_true", help="show the diff, change nothing")
    told = "; ".join(f"{name}: {help_}" for name, (help_, _) in EXPORTS.items())
    sub = add("export", "Print the plan in another program's format.", export)
    sub.add_argument("format", metavar="FORMAT", help=told)
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which items, where the format can leave some out")


def import_(call: Call) -> int:
    """`planner import FORMAT FILE`."""
    arguments = call.arguments
    if arguments.format not in IMPORTS:
        raise Invalid(f"{arguments.format} cannot be read", f"one of: {', '.join(IMPORTS)}")
    text, name = _read(arguments.file)
    try:
        command = IMPORTS[arguments.format][1](text, name)
    except ValueError as error:
        raise Invalid(f"{arguments.file}: {error}", "nothing was imported") from None
    session = call.session()
    if arguments.dry_run:
        return dry_run(call, session, session.plan(command))
    return report(call, session, session.run(command))


def _read(file: str) -> tuple[str, str]:
    """A file's text and its name without ending; OSError is told by the frame."""
    if file == "-":
        return sys.stdin.read(), ""
    return Path(file).read_bytes().decode("utf-8", errors="replace"), Path(file).stem


def export(call: Call) -> int:
    """`planner export FORMAT`: to the standard output."""
    arguments = call.arguments
    if arguments.format not in EXPORTS:
        raise Invalid(f"{arguments.format} cannot be written", f"one of: {', '.join(EXPORTS)}")
    from planner.cli.read import read_query
    from planner.query.match import compile_query

    session = call.session()
    fits = None
    if arguments.query:
        query = read_query(call, session)
        fits = compile_query(query, session.vault, today=session.today(), me=session.me())
    text = EXPORTS[arguments.format][1](session.vault, session.today(), fits)
    if call.output.as_json:
        call.output.json({"schema": SCHEMA, "format": arguments.format, "text": text})
    else:
        call.output.lines(text)
    return 0
