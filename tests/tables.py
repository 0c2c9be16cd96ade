"""The tables of the manual, made from the code's own tables: `--check` says what is stale, `--write` mends it.

A table stands between `<!-- NAME -->` and `<!-- /NAME -->`, each on a line of its own, in any of `DOCS`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ("README.md", "planner/MANUAL.md", "planner/README.md", "tests/README.md")

_BLOCK = re.compile(r"(?ms)^<!-- ([a-z-]+) -->\n(.*?)^<!-- /\1 -->$")
_COMMON = ("[-h]", "[options]", "[--vault PATH]", "[--today DATE]", "[--json]", "[--plain]")


def fields() -> str:
    """Every field of a header, group by group."""
    from planner.core.fields import FIELDS

    parts = []
    for group in dict.fromkeys(row.group for row in FIELDS.values()):
        rows = [row for row in FIELDS.values() if row.group == group]
        parts.append(f"**{group[0].upper()}{group[1:]}**\n")
        parts.append(
            table(
                ("field", "type", "what it says", "on", "also read as"),
                (
                    (
                        f"`{row.name}`",
                        row.type_name,
                        row.help,
                        ", ".join(sorted(row.kinds)) or "everything",
                        ", ".join(f"`{alias}`" for alias in row.aliases),
                    )
                    for row in rows
                ),
            )
        )
    return "\n".join(parts)


def problems() -> str:
    """Every fault that `planner check` names."""
    from planner.core.problems import PROBLEMS

    return table(
        ("code", "severity", "what it means", "the way out"),
        ((f"`{row.code}`", row.severity, row.meaning, row.hint) for row in PROBLEMS.values()),
    )


def keys() -> str:
    """Every key of the screen."""
    from tui.keys import markdown_table

    return markdown_table()


def words() -> str:
    """What may follow `is:` in a query."""
    from planner.query.nodes import IS_WORDS

    return table(("word", "which items"), ((f"`is:{word}`", meaning) for word, meaning in IS_WORDS.items()))


def commands() -> str:
    """Every command, from the parser that reads them."""
    return table(("command", "does"), ((f"`{usage}`", help_) for _, usage, help_ in every_command()))


def every_command() -> Iterator[tuple[str, str, str]]:
    """Name, usage without the options of every command, and help of each command of the program."""
    from planner.cli.app import build_parser

    yield from _commands_of(build_parser())


def _commands_of(parser: argparse.ArgumentParser, above: str = "") -> Iterator[tuple[str, str, str]]:
    """The commands of a parser, or in the place of one that has commands of its own, those."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                below = list(_commands_of(sub, f"{above}{name} "))
                usage = " ".join(sub.format_usage().removeprefix("usage:").split())
                for option in _COMMON:
                    usage = usage.replace(f" {option}", "", 1)
                yield from below or [(f"{above}{name}", usage, sub.description or "")]


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped, columns that are empty in every row are left out."""
    cells = [tuple(heads), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    kept = [column for column in range(len(cells[0])) if any(row[column] for row in cells[1:])]
    lines = ["| " + " | ".join(row[column] for column in kept) + " |" for row in cells]
    lines.insert(1, "|" + "---|" * len(kept))
    return "\n".join(line.replace("|  |", "| |") for line in lines) + "\n"


TABLES: Mapping[str, Callable[[], str]] = {
    "fields": fields,
    "problems": problems,
    "keys": keys,
    "words": words,
    "commands": commands,
}
"""What may stand between markers, by the marker's name."""


def renewed(text: str) -> str:
    """A document with every table between known markers made anew; other text stays as it is."""

    def block(match: re.Match[str]) -> str:
        make = TABLES.get(match[1])
        return match[0] if make is None else f"<!-- {match[1]} -->\n{make()}<!-- /{match[1]} -->"

    return _BLOCK.sub(block, text)


def marked(text: str) -> list[str]:
    """The names of the tables a document holds."""
    return [match[1] for match in _BLOCK.finditer(text) if match[1] in TABLES]


def stale(root: Path = ROOT) -> dict[Path, str]:
    """The documents whose tables differ from the code, and what they should say."""
    paths = [root / name for name in DOCS if (root / name).exists()]
    found = {path: path.read_text(encoding="utf-8") for path in paths}
    return {path: new for path, text in found.items() if (new := renewed(text)) != text}


def main() -> int:
    """Check or write; 1 where a table is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="say which documents are stale")
    mode.add_argument("--write", action="store_true", help="bring them up to date")
    arguments = parser.parse_args()
    found = stale()
    for path, text in found.items():
        name = path.relative_to(ROOT)
        if arguments.write:
            path.write_text(text, encoding="utf-8")
            print(f"{name}: written")
        else:
            print(f"{name}: a table is stale; run `make tables`", file=sys.stderr)
    return 1 if found and arguments.check else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
