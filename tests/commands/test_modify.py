from __future__ import annotations

import pytest

from planner.commands import Context, Set
from planner.commands.modify import assignments
from planner.errors import Invalid
from tests.conftest import build

VAULT = build(
    """
== tasks/a.md ==
---
id: aaa111
title: Alpha
status: todo
due: 2026-12-24
tags: [later, web]
---
"""
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "due:fri @bo +web -later !high",
            ["tags+=web", "tags-=later", "assignee=bo", "priority=high", "due=2026-11-27"],
        ),
        ("due:next fri p:site ~2h", ["project=site", "due=2026-12-04", "estimate=2h"]),
        ("due: @ana @bo", ["due=", "assignee=ana,bo"]),
        ("p: +@bo -@ana", ["project=", "assignee+=bo", "assignee-=ana"]),
        ("!", ["priority="]),
        ("status:doing #git", ["tags+=git", "status=doing"]),
        ("every month", ["recurrence=every month"]),
        ("due: fri", ["due=2026-11-27"]),
        ("due: +3d +x", ["tags+=x", "due=2026-11-28"]),
        ("fri @bo", None),
        ("blah", None),
        ("nonsense: +x", None),
        ("", None),
    ],
)
def test_a_line_says_what_is_set(line: str, expected: list[str] | None, ctx: Context) -> None:
    if expected is None:
        with pytest.raises(Invalid):
            assignments(line, VAULT, ctx)
        return
    assert list(assignments(line, VAULT, ctx)) == expected


def test_set_takes_every_assignment(ctx: Context) -> None:
    words = assignments("due: +x -later !high ~2h status:doing @bo", VAULT, ctx)
    item = VAULT.apply(Set(("aaa111",), words).plan(VAULT, ctx).edits).find("aaa111")
    assert (item.due, item.tags, item.priority, item.status, item.assignees) == (
        None,
        ("web", "x"),
        "high",
        "doing",
        ("bo",),
    )
