"""The command line's frame: options every command takes, one place for errors, exit codes as documented."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from planner import __version__
from planner.cli.output import Output, terminal_width
from planner.core.record import dataclass
from planner.errors import ConfigError, Invalid, NotFound, PlannerError

if TYPE_CHECKING:
    from planner.session import Session

Handler = Callable[["Call"], int]
EXIT_INTERRUPTED = 130


@dataclass(slots=True)
class Call:
    """One call of the program: its arguments, where the answer goes, and the vault it is about."""

    arguments: argparse.Namespace
    output: Output
    opened: Session | None = None
    told: int = 0  # how many of the session's notices have been printed

    def today(self) -> date | None:
        """The day given with --today, None for the real one."""
        text = self.arguments.today
        if text is None:
            return None
        from planner.core.dates import resolve

        try:
            value = resolve(text, date.today())  # noqa: DTZ011 (the user's own day)
        except ValueError as error:
            raise Invalid(f"--today: {error}", "for example: --today 2026-12-01") from None
        return date(value.year, value.month, value.day)

    def vault_folder(self) -> Path:
        """The vault meant: --vault, else the nearest upward, else the user's default; raises ConfigError, NotFound."""
        from planner.session import find_vault

        if self.arguments.vault is not None:
            return Path(self.arguments.vault)
        found = find_vault(Path.cwd()) or _default_vault()
        if found is None:
            raise NotFound(
                "there is no vault here: a vault is a folder of Markdown files with a planner.toml, in git",
                "planner init makes one here; planner demo shows one",
            )
        return found

    def session(self) -> Session:
        """The opened vault; what recovery has to say goes to stderr."""
        from planner.session import Session

        session = Session.open(self.vault_folder(), today=self.today())
        if (rev := getattr(self.arguments, "at", None)) is not None:
            session.vault = session.at(rev)
        self.opened, self.told = session, 0
        self.tell()
        return session

    def tell(self) -> None:
        """Print what the session has to say and has not said yet."""
        notices = self.opened.notices if self.opened is not None else []
        for notice in notices[self.told :]:
            self.output.say(f"planner: {notice}")
        self.told = len(notices)


def _default_vault() -> Path | None:
    from planner.store.config import load

    return load().vault


class _Help(argparse.HelpFormatter):
    """argparse's own, which makes one for each argument there is, and imports a lot to learn how wide the terminal is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_width(80) - 2)


class _Parser(argparse.ArgumentParser):
    """argparse, but a wrong use is an error like any other: one sentence, the way out, exit code 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **options})

    def error(self, message: str) -> NoReturn:
        raise Invalid(message, f"{self.prog} --help")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """argparse takes any `--` for the mark that ends options, also where it is an option's value."""
        if action.option_strings and action.nargs is None and arg_strings == ["--"]:
            return self._get_value(action, "--")
        return super()._get_values(action, arg_strings)


def common_options(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """The options every command takes, before or after its name."""
    missing: object = None if top else argparse.SUPPRESS
    off: object = False if top else argparse.SUPPRESS
    group = parser.add_argument_group("options of every command")
    group.add_argument("--vault", metavar="PATH", default=missing, help="the vault's folder")
    group.add_argument("--today", metavar="DATE", default=missing, help="the day to take for today")
    group.add_argument("--json", action="store_true", default=off, help="one JSON document on stdout")
    group.add_argument("--plain", action="store_true", default=off, help="no colour, no terminal screen")


TAKE_VALUE = frozenset({"--vault", "--today"})
MODULES: Mapping[str, tuple[str, ...]] = {
    "read": ("list", "show", "today", "agenda", "board", "timeline", "check"),
    "write": (
        "add", "set", "move", "done", "assign", "tag", "link", "rank", "check-item", "comment", "archive", "delete",
        "approve", "accept", "decline",
    ),
    "dashboard": ("dashboard",),
    "plan": ("plan",),
    "workload": ("workload",),
    "report": ("inbox", "report"),
    "log": ("log", "blame", "diff"),
    "history": ("undo", "redo", "commit", "edit"),
    "team": ("sync", "resolve"),
    "setup": ("init", "demo", "keys", "schema", "completion", "doctor", "trust"),
    "calendars": ("calendar",),
    "exchange": ("import", "export"),
}  # fmt: skip
"""Which commands each module adds, in the order of the help: a command starts sooner without the other modules."""


NO_COMMAND = ""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Every command with its arguments, or one alone, or none; verbs over the vault come from COMMANDS."""
    parser = _Parser(
        prog="planner",
        description="A plain-text, git-backed planner. Without a command: the screen on a terminal, today in a pipe.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"planner {__version__}")
    common_options(parser, top=True)
    parser.set_defaults(handler=open_screen)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser, prog="planner")
    modules = [] if only == NO_COMMAND else [name for name, names in MODULES.items() if only in names] or [*MODULES]

    def add(name: str, help_: str, handler: Handler) -> argparse.ArgumentParser:
        if len(modules) == 1 and name != only:
            return cast("argparse.ArgumentParser", Uncalled())
        sub = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        common_options(sub)
        sub.set_defaults(handler=handler)
        return sub

    for module in modules:
        import_module(f"planner.cli.{module}").register(add)
    return parser


class Uncalled:
    """Stands for the parser of a command that was not called: takes every argument, and makes nothing of it."""

    def __getattr__(self, name: str) -> Callable[..., Uncalled]:
        return lambda *_, **__: self


def open_screen(call: Call) -> int:
    """The TUI on a terminal; today's list in a pipe."""
    if call.arguments.plain or call.arguments.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from planner.cli.read import today

        return today(call)
    return run_screen(call.session())


def run_screen(session: Session, *, view: str | None = None) -> int:
    """Start the TUI on an open session."""
    from tui.app import run

    return run(session, view=view)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _make_streams_safe()
    output = Output(as_json="--json" in words, plain="--plain" in words)
    try:
        arguments = _parse(words)
        handler: Handler = arguments.handler
        call = Call(arguments, output)
        code = handler(call)
        call.tell()
        return code
    except PlannerError as error:
        output.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        output.say("planner: interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough; Python must not complain while it shuts stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.filename is None:
            raise
        output.error(ConfigError(f"{error.filename}: {error.strerror}", "check the path and its permissions"))
        return ConfigError.exit_code


def _parse(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of one call; `-tag` is a word of the verbs that take it, and an error anywhere else."""
    first = _first_word(words)
    asks_help = first is None and not {"-h", "--help"}.isdisjoint(words)
    parser = build_parser(NO_COMMAND if first is None and not asks_help else first)
    _check_command(parser, first)
    arguments, rest = parser.parse_known_args(words)
    if rest and getattr(getattr(arguments, "command", None), "dashed_words", False):
        arguments.words += [word for word in rest if not word.startswith("--")]
        rest = [word for word in rest if word.startswith("--")]
    if rest:
        raise Invalid(
            f"unknown option {rest[0]}", f"planner {words[0] if words[0] != rest[0] else ''} --help".replace("  ", " ")
        )
    return arguments


def _first_word(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor the value of one: the command, if it is any."""
    return next(
        (
            word
            for n, word in enumerate(words)
            if not word.startswith("-") and (not n or words[n - 1] not in TAKE_VALUE)
        ),
        None,
    )


def _check_command(parser: argparse.ArgumentParser, word: str | None) -> None:
    """Raises Invalid with the nearest names where the first word is no command."""
    from planner.cli.completion import commands_of

    known = commands_of(parser)
    if word is not None and word not in known:
        from difflib import get_close_matches

        near = get_close_matches(word, list(known), n=3)
        raise Invalid(
            f"there is no command '{word}'", f"did you mean {', '.join(near)}?" if near else "planner --help lists them"
        )


def _make_streams_safe() -> None:
    """Undecodable bytes of a file's name or text must never break printing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
