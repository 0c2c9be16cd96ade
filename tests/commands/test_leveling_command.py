from __future__ import annotations

from planner.commands import Context
from planner.commands.leveling import StoreDelays
from planner.plan.leveling import Options
from planner.views.leveling import leveling
from tests.conftest import build

VAULT = """
== people/ana.md ==
---
email: ana@example.org
---
== projects/web/project.md ==
---
title: The web site
---
== projects/web/a.md ==
---
id: a
status: todo
estimate: 3d
assignee: ana
constraint: SNET 2026-11-26  # agreed
---
== projects/web/b.md ==
---
id: b
status: todo
estimate: 2d
assignee: ana
leveling_delay: 9d
---
== projects/web/c.md ==
---
id: c
kind: milestone
status: todo
depends_on: b
leveling_delay: 2d
---
"""


def test_delays_are_written_changed_and_removed_and_nothing_else(ctx: Context) -> None:
    vault = build(VAULT)
    view = leveling(vault, ctx.today, Options())
    assert view.delays == (("projects/web/b.md", "4d"),)
    change = StoreDelays(view.delays).plan(vault, ctx)
    assert change.subject == "level 2 items"
    assert change.details == ("b: leveling_delay 9d → 4d", "c: leveling_delay 2d → —")
    after = vault.apply(change.edits)
    assert after.text("projects/web/b.md") == vault.text("projects/web/b.md").replace("9d", "4d")
    assert after.text("projects/web/c.md") == vault.text("projects/web/c.md").replace("leveling_delay: 2d\n", "")
    again = leveling(after, ctx.today, Options())
    assert again.moved == ()
    assert StoreDelays(again.delays).plan(after, ctx).edits == ()


def test_a_file_that_cannot_be_read_is_named(ctx: Context) -> None:
    vault = build(VAULT + "== tasks/bad.md ==\n---\nleveling_delay: 1d\n")
    change = StoreDelays(()).plan(vault, ctx)
    assert {edit.path for edit in change.edits} == {"projects/web/b.md", "projects/web/c.md"}


def test_the_preview_says_what_moves_by_how_much_and_why(ctx: Context) -> None:
    view = leveling(build(VAULT), ctx.today, Options())
    told = [
        (moved.item.id, moved.days, [(why.person, [item.id for item in why.items]) for why in moved.whys])
        for moved in view.moved
    ]
    assert told == [("b", -5, [("ana", ["a"])]), ("c", -7, [(None, ["b"])])]
    assert [(str(moved.start[1]), str(moved.finish[1])) for moved in view.moved] == [
        ("2026-12-01", "2026-12-02"),
        ("2026-12-02", "2026-12-02"),
    ]
    assert [str(day) for day in view.finish] == ["2026-12-11", "2026-12-02"]
