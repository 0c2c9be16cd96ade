"""The quick reading of a plain header and the full one say the same, whatever is written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from planner.core.config import Config, parse_config
from planner.core.parse import parse_file, parse_fully, parse_plainly
from planner.core.yamltext import SUSPECT
from tests.bad_inputs import MORE, ROWS
from tests.conftest import SAMPLE, Claims
from tests.proof import times

PROBLEMS = Path(__file__).parents[1] / "problems"
SHORT = 4_000  # characters of the longest text that is varied
OWN = """
[vault]
priorities = ["now", "high", "low"]
[fields]
points = "number"
severity = "level"
colour = "word"
[fields.size]
type = "words"
options = ["S", "L"]
[workflow.default]
states = ["todo", "Doing", {name = "done", category = "completed"}]
"""
CONFIGS = (Config(), parse_config(OWN))
PATHS = ("tasks/x.md", "a.md", "notes/n.md", "inbox/Ünder.md", "projects/p/project.md", "projects/p/a.md", "areas/h/t.md",
         "people/a.md", "goals/g.md", "archive/tasks/o.md", "templates/t.md", "tasks/README.md", "tasks/a.sync-conflict-1.md")  # fmt: skip
PIECES = ("- ", " ", "  ", ": ", "#", " #", " # note", "[a, b]", "[a, a]", "[]", "{a: 1}", ",", "'", "''", "'a'", '"b"', "\\", "|",
          ">", "&x ", "*x", "!!str ", "@", "~", "null", "true", "no", "12:30", "1e5", "0123", "1.10", "2026-12-01", "2026-02-30",
          "2026-12-01T14:30Z", "=", "<<<<<<<", "---", "...", "\r", "\t", "\0", "\x07", "\x7f", "\x85", "\xa0", "\xad", "é", "漢",
          "\u200b", "\u200d", "\u2028", "\u202e", "\ufeff", "\udce9", "\ue000", "👩‍👩‍👧", "\U000e0041")  # fmt: skip
LINES = ("title: a", "title:", "title: ''", "id: b", "id: a b", "id: -rf", "status: todo", "status: DOING", "status: odd", "Status: x",
         "priority: P1", "priority: high", "priority: odd", "points: 3", "points: x", "size: [S]", "size: [S, XL]", "severity: now",
         "colour: red", "colour: no", "foo: bar", "labels: [x]", "tags: a, b", "tag: x", "tags:\n  - x\n  - 'y'", "tags:\n- x", "due:",
         "estimate: 1d/3d/6d", "estimate: long", "depends_on: [a SS+2d, b]", "depends_on: a", "assignee: @bo", "assignee: [ana, bo]",
         "spent:\n- 2026-11-23 1h", "recurrence: every 2w mon", "budget: 1200 EUR", "progress: 40%", "archived: yes", "kind: milestone",
         "kind: project", "kind: odd", "leave: 2026-12-24..2027-01-02", "skills: {git: 3}", "key_results: [a]", "health: on_track",
         "constraint: SNET 2026-12-01", "exdates: [2026-12-01]", "project: web", "area: home", "parent: ~", "value: 1.50",
         "note: |\n  a", "# note", "", "---", "- [ ] step", "- [x]", "## Log", "- 2026-11-23 ana: said", "  more", "# Head",
         "```", "[[k7f3qx]]", "[file](x.md)")  # fmt: skip


def seeds() -> list[tuple[str, str]]:
    """Paths and texts: the sample vault, a file of every problem, every bad input."""
    files = [*SAMPLE.rglob("*.md"), *PROBLEMS.rglob("*.md")]
    rows = [(path, content) for row in (*ROWS, *MORE) for path, content in row.files.items()]
    contents = [*((file.relative_to(file.parents[1]).as_posix(), file.read_bytes()) for file in sorted(files)), *rows]
    return [
        (path, text)
        for path, content in contents
        if isinstance(content, bytes) and len(text := content.decode("utf-8", "surrogateescape")) <= SHORT
    ]


def varied(random: Random, text: str) -> str:
    """The text with one or two lines put in, taken out, doubled, or given another value or ending."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.split(newline)
    for _ in range(random.randint(1, 2)):
        at = min(random.randrange(len(lines)), random.randrange(len(lines)))
        match random.randrange(6):
            case 0 | 1:
                lines.insert(at + 1, random.choice(LINES).replace("\n", newline))
            case 2:
                lines[at] = lines[at].partition(": ")[0] + ": " + random.choice(PIECES)
            case 3:
                cut = random.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + random.choice(PIECES) + lines[at][cut:]
            case 4 if len(lines) > 1:
                del lines[at]
            case _:
                lines.insert(random.randrange(len(lines)), lines[at])
    return (newline if random.random() < 0.9 else random.choice(("\r\n", "\n"))).join(lines)


def variations() -> Iterator[tuple[str, str, Config]]:
    """Files without end, each another one."""
    random = Random(20261125)
    known = seeds()
    seen: set[tuple[str, str]] = set()
    while True:
        path, text = random.choice(known)
        path = random.choice(PATHS) if random.random() < 0.3 else path
        text = varied(random, text)
        if (path, text) not in seen:
            seen.add((path, text))
            yield path, text, random.choice(CONFIGS)


@pytest.mark.proof
def test_the_quick_reading_is_the_full_one(claims: Claims) -> None:
    wanted = times(500, 20_000)
    with claims("a plain header read the fast way equals the full reading", expect=wanted) as claim:
        for path, text, config in variations():
            quick = parse_plainly(path, text, config)
            if quick is not None:
                claim.check(repr(quick) == repr(parse_fully(path, text, config)), (path, text))
            if claim.total == wanted:
                break


def test_what_has_a_fault_is_never_read_quickly() -> None:
    for path, text in seeds():
        whole = parse_fully(path, text, CONFIGS[0])
        assert parse_file(path, text, CONFIGS[0]) == whole
        if whole.problems or whole.item is None:
            assert parse_plainly(path, text, CONFIGS[0]) is None


def test_most_files_are_read_quickly() -> None:
    texts = [(file.relative_to(SAMPLE).as_posix(), file.read_text(encoding="utf-8")) for file in SAMPLE.rglob("*.md")]
    items = [(path, text) for path, text in texts if parse_fully(path, text, CONFIGS[0]).item is not None]
    for line_end in ("\n", "\r\n"):
        quick = [parse_plainly(path, text.replace("\n", line_end), CONFIGS[0]) for path, text in items]
        assert sum(file is not None for file in quick) > 0.7 * len(items)  # the others have maps, or faults


def test_what_can_be_printed_is_no_odd_character() -> None:
    for code in range(sys.maxunicode + 1):
        assert not (chr(code).isprintable() and SUSPECT.match(chr(code)))
