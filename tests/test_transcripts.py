r"""Every `console` block of the documents is run, and must say what it says on the page.

A line `$ …` is given to a shell in a fresh sample vault (one a document) whose `planner` takes 2026-11-25 for today.
The lines up to the next `$` are what it prints. `…` alone on a line stands for any lines, `<id>` for any word, `<time>`
for a time of day; `[exit N]` as the last line says that the command ends with N. PLANNER_TRANSCRIPTS=write puts what
is printed now in the place of what differs.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from planner.store.demo import build, find_sample

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "planner/MANUAL.md",
    ROOT / "sample-vault/README.md",
    *sorted((ROOT / "tests/transcripts").glob("*.md")),
]
TODAY = date(2026, 11, 25)
WRITE = os.environ.get("PLANNER_TRANSCRIPTS") == "write"

_BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
_ANY_LINES = "…\n"
_WILD = {"<id>": r"\w+", "<time>": r"\d\d:\d\d"}


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a document and what it is said to print; `start` and `end` are where that stands in the text."""

    command: str
    printed: str
    start: int
    end: int


def steps(text: str) -> Iterator[Step]:
    """The commands of a document's console blocks, in order; what stands before a block's first `$` is ignored."""
    for block in _BLOCK.finditer(text):
        prompts = [*re.finditer(r"(?m)^\$ (.*)\n", block[1])]
        ends = [*(prompt.start() for prompt in prompts[1:]), len(block[1])]
        for prompt, end in zip(prompts, ends, strict=True):
            start = prompt.end()
            yield Step(prompt[1], block[1][start:end], block.start(1) + start, block.start(1) + end)


def matches(expected: str, printed: str) -> bool:
    """Whether a command printed what the page says, its wildcards allowed for."""

    def line(text: str) -> str:
        if text == _ANY_LINES:
            return r"(?:.*\n)*"
        return "".join(_WILD.get(part, re.escape(part)) for part in re.split(r"(<id>|<time>)", text))

    pattern = "".join(line(text) for text in expected.splitlines(keepends=True))
    return re.fullmatch(pattern, printed) is not None


class Shell:
    """A shell in a fresh copy of the sample vault, with nobody's configuration but the vault's."""

    def __init__(self, folder: Path) -> None:
        self.vault = folder / "wegwarte"
        self.environment = _environment(folder)
        build(find_sample(), self.vault, TODAY)

    def run(self, command: str) -> str:
        """What a command prints on both streams, in order, and its exit code if it is not 0."""
        done = subprocess.run(
            ["sh", "-c", command],  # the document's own words
            cwd=self.vault,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        printed = done.stdout if done.stdout.endswith("\n") or not done.stdout else f"{done.stdout}\n"
        return printed + (f"[exit {done.returncode}]\n" if done.returncode else "")


def _environment(folder: Path) -> Mapping[str, str]:
    """The variables a command sees; `planner` on its PATH is this source tree on the day of the sample vault."""
    programs, home = folder / "bin", folder / "home"
    programs.mkdir(parents=True)
    home.mkdir()
    for name in ("planner", "git-planner"):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m planner --today {TODAY} "$@"\n')
        script.chmod(0o755)
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",  # both streams in the order they were written
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "80",
    }


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)  # the vault's first person is the author, not whoever runs this
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return Shell(tmp_path / "first")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_documents_tell_what_happens(document: Path, shell: Shell, tmp_path: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if WRITE:
        document.write_text(_rewritten(text, shell, Shell(tmp_path / "second")), encoding="utf-8")
        return
    for step in steps(text):
        printed = shell.run(step.command)
        line = text.count("\n", 0, step.start)
        assert matches(step.printed, printed), f"{document.name}:{line}: $ {step.command} prints\n{printed}"


def _rewritten(text: str, shell: Shell, second: Shell) -> str:
    """The document with what is printed now wherever it differs; words that differ between two runs become wildcards."""
    for step in reversed([(step, _steady(shell.run(step.command), second.run(step.command))) for step in steps(text)]):
        place, (printed, raw) = step
        if not matches(place.printed, raw):
            text = text[: place.start] + printed + text[place.end :]
    return text


def _steady(one: str, other: str) -> tuple[str, str]:
    """What the first run printed with wildcards in the place of words that the second printed otherwise, and as it was."""
    words, others = re.split(r"(\w+)", one), re.split(r"(\w+)", other)
    if len(words) == len(others):
        steady = "".join(word if word == twin else "<id>" for word, twin in zip(words, others, strict=True))
    else:
        steady = one
    now = datetime.now(ZoneInfo("Europe/Vienna"))  # the sample vault's own
    return steady.replace(f"{now:%H:%M}", "<time>"), one


def test_a_block_is_read_as_commands_and_what_they_print() -> None:
    text = "prose\n```console\n$ one\n$ two --x\nb\n$c\n```\n```sh\n$ not run\n```\n"

    found = list(steps(text))

    assert [(step.command, step.printed) for step in found] == [("one", ""), ("two --x", "b\n$c\n")]
    assert [text[step.start : step.end] for step in found] == [step.printed for step in found]


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n…\n", "a\nb\nc\n", True),
        ("a\n…\nc\n", "a\nc\n", True),
        ("a\n…\nc\n", "a\nb\n", False),
        ("moved <id> (x)\n", "moved k7f3qx (x)\n", True),
        ("moved <id> (x)\n", "moved k7f 3qx (x)\n", False),
        ("at <time>.\n", "at 09:05.\n", True),
        ("a…\n", "ab\n", False),
        ("", "", True),
        ("", "a\n", False),
    ],
)
def test_what_matches(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same


def test_what_differs_between_two_runs_becomes_a_wildcard() -> None:
    assert _steady("undo: k7f3qx, 3 files\n", "undo: p4w8tn, 3 files\n")[0] == "undo: <id>, 3 files\n"


def test_a_shell_says_how_a_command_ended(shell: Shell) -> None:
    assert shell.run("echo a; echo b >&2; exit 3") == "a\nb\n[exit 3]\n"
    assert shell.run("planner --today 2026-11-25 --version").startswith("planner ")
    assert shell.run("git log --oneline | wc -l").strip() != "0"
