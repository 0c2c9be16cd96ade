from __future__ import annotations

import json

from planner.views.timeline_words import sentence, timeline_record
from tests.views.test_timeline import PROJECT, drawn, vault


def words(header: str, **others: str) -> str:
    """The sentence of item `a`."""
    view = drawn(vault({"a": header, **others}))
    row = view.row("tasks/a.md")
    assert row is not None
    return sentence(row, view)


def test_a_task_in_words() -> None:
    said = words("title: Merge driver\nestimate: 3d\nassignee: ana", b="title: Ship\ndepends_on: [a]\nestimate: 1d")
    assert said == "a Merge driver, 25 Nov to 27 Nov, 3 days, critical, @ana, blocks b"


def test_slack_deadlines_and_what_it_waits_for() -> None:
    said = words("title: Test\nestimate: 1d\ndepends_on: [b]\ndue: 2026-11-26", b="estimate: 1d", c="estimate: 8d")
    assert said == "a Test, 26 Nov, 1 day, 6 days of slack, due 26 Nov, after b"
    assert "misses 25 Nov" in words("title: T\nestimate: 3d\ndue: 2026-11-25")


def test_lateness_progress_and_milestones() -> None:
    assert "1 day late" in words("title: T\nestimate: 3d\ndeadline: 2026-11-26") or "critical" in words(
        "title: T\nestimate: 3d\ndeadline: 2026-11-26"
    )
    assert words("title: M\nkind: milestone\ndepends_on: [b]", b="estimate: 1d").startswith("a M, milestone on 25 Nov")
    assert "40% done" in words("title: T\nestimate: 5d\nprogress: 40%\nstatus: doing\nstarted: 2026-11-24")
    assert words("title: T\nstatus: done\ncompleted: 2026-11-24").endswith("done")


def test_what_has_no_dates_says_so() -> None:
    assert words("title: A\nparent: b", b="title: B\nparent: a") == "a A, not scheduled"


def test_a_group_in_words() -> None:
    view = drawn(vault({"a": "estimate: 1d\nproject: web", "b": "title: B\nestimate: 2d\nproject: web"}, **PROJECT))
    assert sentence(view.rows[0], view) == "Web, 25 Nov to 26 Nov, 0% done"


def test_the_record_is_one_document() -> None:
    held = vault({"a": "estimate: 1d", "b": "estimate: 1d\ndepends_on: [a SS+1d]", "c": "title: Also\nestimate: 4h"})
    view = drawn(held)
    record = json.loads(json.dumps(timeline_record(view, held)))
    assert record["schema"] == 1
    assert [row["id"] for row in record["rows"]] == [None, "c", "a", "b"]
    assert record["links"] == [{"from": "a", "to": "b", "type": "SS", "lag_minutes": 480}]
    assert record["rows"][2]["start"] == "2026-11-25T09:00"
    assert {item["id"] for item in record["items"]} == {"a", "b", "c"}
    assert record["critical"]
