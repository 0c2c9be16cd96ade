"""Every code `planner check` can report, found where it is: most in one broken file of tests/problems/."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from planner.core.model import Unread
from planner.core.problems import BREAKING, PROBLEMS, problem
from planner.core.vault import Vault
from planner.plan.problems import plan_problems

GALLERY = Path(__file__).parents[1] / "problems"
Files = Mapping[str, str | Unread]

PLACES = {
    "alias": (3, 8), "anchor": (3, 8), "bad-baseline": (7, 1), "currency-differs": (4, 7), "estimate-order": (3, 11),
    "no-capacity": (4, 8), "unknown-baseline": (3, 11), "bad-value": (3, 6), "bad-yaml": (2, 13), "binary-file": (1, 1),
    "comma-text": (3, 7), "comment-swallowed": (2, 22), "complex-key": (3, 1), "conflict-markers": (3, 1),
    "control-character": (2, 13), "cr-only": (1, 1), "dots-close": (3, 1), "duplicate-key": (4, 1),
    "empty-file": (1, 1), "empty-header": (2, 1), "far-date": (3, 12), "flow-header": (2, 1), "header-not-first": (1, 1),
    "hidden-character": (2, 13), "indented-fence": (1, 3), "json-header": (1, 1), "key-case": (3, 1),
    "lfs-pointer": (1, 1), "list-header": (2, 1), "long-fence": (1, 1), "looks-like-type": (3, 11),
    "merge-key": (4, 3), "not-utf8": (2, 11), "odd-id": (2, 5), "repeated-value": (3, 7), "scalar-header": (2, 1),
    "self-dependency": (4, 14), "tab-indent": (3, 1), "tagged-value": (3, 8), "too-deep": (3, 25),
    "toml-header": (1, 1), "two-documents": (4, 1), "unclosed-header": (1, 1), "unknown-priority": (3, 11),
    "unknown-calendar": (3, 11), "unknown-reference": (3, 9), "unknown-status": (3, 9), "zero-duration": (3, 11),
}  # fmt: skip
"""Line and column of the fault in each file of the gallery."""


def task(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", ""])


def unread(code: str) -> Files:
    return {"tasks/x.md": Unread("tasks/x.md", code, "why it was not read")}


MIGRATED = '[workflow.default]\nstates = ["todo", {name = "review", category = "started"}]\nmigrate = {qa = "review"}\n'
STRICT = """\
[workflow.default]
states = [
  "todo",
  {name = "doing", category = "started", wip = 1, hard = true, requires = ["estimate"]},
]
"""
HISTORICAL = {"unproven-decision", "bad-transition"}
"""What only a history can show: tests/test_proving.py."""

BUILT: Mapping[str, tuple[Files, str, int, int]] = {
    "duplicate-id": ({"a.md": task("id: one"), "b.md": task("title: B", "id: ONE")}, "b.md", 3, 5),
    "ambiguous-reference": (
        {"a.md": task("id: one1"), "b.md": task("id: one2"), "c.md": task("id: c", "depends_on: [a, one]")},
        "c.md", 3, 17,
    ),
    "dependency-cycle": (
        {"a.md": task("id: a", "depends_on: b"), "b.md": task("id: b", "depends_on: [a]")}, "a.md", 3, 13,
    ),
    "date-not-kept": ({"tasks/x.md": task("estimate: 5d", "deadline: 2026-11-26")}, "tasks/x.md", 3, 11),
    "unknown-person": (
        {"people/ana.md": "Ana\n", "tasks/x.md": task("assignee: [ana, zoe]")}, "tasks/x.md", 2, 17,
    ),
    "unknown-project": (
        {"projects/web/project.md": "Web\n", "tasks/x.md": task("project: wbe")}, "tasks/x.md", 2, 10,
    ),
    "name-clash": ({"tasks/x.md": task("id: one"), "tasks/X.md": task("id: two")}, "tasks/x.md", 1, 1),
    "too-large": ({"tasks/x.md": task(f"title: {'a' * 70_000}")}, "tasks/x.md", 2, 1),
    "too-many-entries": ({"tasks/x.md": task(*(f"k{n}: 1" for n in range(600)))}, "tasks/x.md", 503, 1),
    "sync-conflict": (
        {"tasks/x.sync-conflict-20261101-101010-ABCDEF.md": task("title: X")},
        "tasks/x.sync-conflict-20261101-101010-ABCDEF.md", 1, 1,
    ),
    "same-name": (
        {"people/ana.md": task("name: Ana Horvat"), "people/ana-2.md": task("name: Ana Horvat")}, "people/ana.md", 2, 7,
    ),
    "renamed-status": (
        {"planner.toml": MIGRATED, "tasks/x.md": task("title: X", "status: qa")}, "tasks/x.md", 3, 9,
    ),
    "unmet-requirement": (
        {"planner.toml": STRICT, "tasks/x.md": task("title: X", "status: doing")}, "tasks/x.md", 3, 9,
    ),
    "over-limit": (
        {
            "planner.toml": STRICT,
            **{f"tasks/{n}.md": task(f"title: {n}", "status: doing", "estimate: 1d") for n in "ab"},
        },
        "planner.toml", 4, 11,
    ),
    "bad-approval": ({"tasks/x.md": task("approvals: [{rule: most, approvers: ana}]")}, "tasks/x.md", 2, 12),
    "approver-left": (
        {"people/bo.md": "Bo\n", "people/ana.md": task("archived: true"), "tasks/x.md": task("approvals: [{approvers: ana}]")},
        "tasks/x.md", 2, 25,
    ),
    "plain-note": ({"notes/x.md": task("author: Ana")}, "notes/x.md", 1, 1),
    **{
        code: (unread(code), "tasks/x.md", 1, 1)
        for code in ("special-file", "link-outside", "link-broken", "not-readable", "nested-repository")
    },
    "bad-toml": ({"planner.toml": '[vault]\nname = "x\n'}, "planner.toml", 2, 10),
    "bad-setting": ({"planner.toml": "[vault]\nname = 3\n"}, "planner.toml", 2, 1),
    "unknown-setting": ({"planner.toml": "[sync]\n  colour = 1\n"}, "planner.toml", 2, 3),
    "no-working-time": ({"planner.toml": '[calendars.shop]\nworking = ""\n'}, "planner.toml", 2, 1),
    "newer-format": ({"planner.toml": "[vault]\nformat = 99\n"}, "planner.toml", 2, 1),
    "no-config": ({}, "planner.toml", 1, 1),
}  # fmt: skip
"""What takes several files, or none: the texts, and where the fault is."""


def found(files: Files) -> set[tuple[str, str, int, int]]:
    vault = Vault.parse(files)
    faults = (*vault.problems, *plan_problems(vault, date(2026, 11, 25)))
    return {(fault.code, fault.path, fault.line, fault.column) for fault in faults}


def test_every_code_has_its_example() -> None:
    assert PLACES.keys() | BUILT.keys() | HISTORICAL == PROBLEMS.keys()
    assert not PLACES.keys() & BUILT.keys()
    assert {path.stem for path in GALLERY.glob("*.md")} - {"README"} == PLACES.keys()


@pytest.mark.parametrize("code", PLACES)
def test_the_broken_file_of_the_gallery(code: str) -> None:
    text = (GALLERY / f"{code}.md").read_bytes().decode("utf-8", errors="surrogateescape")
    faults = found({"planner.toml": "", "tasks/example.md": text})
    assert (code, "tasks/example.md", *PLACES[code]) in faults


@pytest.mark.parametrize("code", BUILT)
def test_what_takes_more_than_one_file(code: str) -> None:
    files, path, line, column = BUILT[code]
    config: Files = {} if code == "no-config" else {"planner.toml": ""}
    assert (code, path, line, column) in found({**config, **files})


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_says_what_is_wrong_and_the_way_out(code: str) -> None:
    fault = problem("tasks/x.md", 3, 5, code)
    assert fault.message == PROBLEMS[code].meaning
    assert fault.hint
    assert str(fault) == f"tasks/x.md:3:5: {fault.severity} {code}: {fault.message} ({fault.hint})"


def test_codes_that_break_a_file_are_errors() -> None:
    assert all(PROBLEMS[code].severity == "error" for code in BREAKING)
