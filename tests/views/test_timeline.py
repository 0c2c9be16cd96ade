from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from planner.core.vault import Vault
from planner.plan.calendar import as_datetime, last_day, moment
from planner.plan.planned import planned
from planner.query.language import QueryError, parse_query
from planner.views.timeline import Baseline, Row, Timeline, timeline

TODAY = date(2026, 11, 25)  # a Wednesday
TOML = """
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
"""


def vault(tasks: Mapping[str, str], **files: str) -> Vault:
    """Tasks by id with their headers, and other files by path (`/` written as `__`)."""
    texts = {f"tasks/{id_}.md": f"---\nid: {id_}\n{header}\n---\n" for id_, header in tasks.items()}
    return Vault.parse({"planner.toml": TOML, **texts, **{f"{p.replace('__', '/')}.md": t for p, t in files.items()}})


def drawn(held: Vault, query: str = "", lanes: str | None = None, baseline: Baseline | None = None) -> Timeline:
    return timeline(held, planned(held, TODAY), parse_query(query), TODAY, me="ana", lanes=lanes, baseline=baseline)


def tree(view: Timeline, *folded: str) -> list[str]:
    """The rows as an indented list of titles."""
    return ["  " * row.depth + row.title for row in view.unfolded(frozenset(folded))]


def row(view: Timeline, id_: str) -> Row:
    found = view.row(f"tasks/{id_}.md")
    assert found is not None
    return found


def span(one: Row) -> tuple[date, date]:
    assert one.start is not None
    assert one.finish is not None
    return as_datetime(one.start).date(), last_day(one.finish)


PROJECT = {"projects__web__project": "---\nkind: project\ntitle: Web\n---\n"}


def test_projects_stand_over_their_work_and_parents_over_their_parts() -> None:
    held = vault(
        {
            "a": "title: Wash\nestimate: 1d",
            "b": "title: Pages\nproject: web",
            "c": "title: Home page\nproject: web\nparent: b\nestimate: 2d",
            "d": "title: Colours\nproject: web\nparent: c\nestimate: 1d",
        },
        **PROJECT,
    )
    view = drawn(held)
    assert tree(view) == ["Web", "  Pages", "    Home page", "      Colours", "(no project)", "  Wash"]
    assert [one.inside for one in view.rows] == [3, 2, 1, 0, 1, 0]
    assert [one.kind for one in view.rows] == ["group", "summary", "summary", "task", "group", "task"]


def test_what_is_below_a_folded_row_does_not_show_and_its_arrows_end_at_the_fold() -> None:
    held = vault({"b": "title: Pages", "c": "title: Home\nparent: b", "d": "title: Test\ndepends_on: [c]"})
    view = drawn(held)
    assert tree(view, "tasks/b.md") == ["(no project)", "  Pages", "  Test"]
    assert view.shown_for("tasks/c.md", frozenset({"tasks/b.md"})) == "tasks/b.md"
    assert view.shown_for("tasks/c.md", frozenset({"tasks/b.md", "="})) == "="
    assert view.shown_for("tasks/c.md", frozenset()) == "tasks/c.md"
    assert view.shown_for("tasks/none.md", frozenset()) is None


def test_a_circle_of_parents_is_cut_and_hides_nothing() -> None:
    view = drawn(vault({"a": "title: A\nparent: b", "b": "title: B\nparent: a", "c": "title: C\nparent: c"}))
    assert sorted(line.strip() for line in tree(view)) == ["(no project)", "A", "B", "C"]


def test_rows_stand_by_start() -> None:
    held = vault({"a": "title: Late\ndepends_on: [b]\nestimate: 1d", "b": "title: Early\nestimate: 2d"})
    assert tree(drawn(held)) == ["(no project)", "  Early", "  Late"]


def test_a_bar_goes_from_start_to_finish_of_the_schedule() -> None:
    held = vault({"a": "estimate: 3d", "b": "estimate: 1d\ndepends_on: [a]"})
    view = drawn(held)
    assert span(row(view, "a")) == (TODAY, date(2026, 11, 27))
    assert span(row(view, "b")) == (date(2026, 11, 30), date(2026, 11, 30))


def test_the_critical_path_and_its_links() -> None:
    held = vault({"a": "estimate: 3d", "b": "estimate: 1d\ndepends_on: [a]", "c": "estimate: 1d"})
    view = drawn(held)
    assert [row(view, id_).critical for id_ in "abc"] == [True, True, False]
    assert [(link.predecessor, link.successor) for link in view.critical_links] == [("tasks/a.md", "tasks/b.md")]
    assert row(view, "c").float_minutes == 3 * 480
    assert row(view, "a").slack_until is None
    assert row(view, "c").slack_until == row(view, "b").finish


def test_links_by_both_ends() -> None:
    view = drawn(vault({"a": "", "b": "depends_on: [a SS+1d]"}))
    assert [link.type for link in view.after["tasks/a.md"]] == ["SS"]
    assert [link.predecessor for link in view.before["tasks/b.md"]] == ["tasks/a.md"]


def test_a_group_goes_from_its_first_start_to_its_last_finish_with_the_part_of_the_work_that_is_done() -> None:
    held = vault(
        {
            "a": f"estimate: 3d\nstatus: done\ncompleted: {TODAY - timedelta(2)}\nproject: web",
            "b": "estimate: 1d\nproject: web",
        },
        **PROJECT,
    )
    web = drawn(held).rows[0]
    assert (web.kind, web.title, web.path) == ("group", "Web", "projects/web/project.md")
    assert web.start == row(drawn(held), "a").start
    assert web.finish == row(drawn(held), "b").finish
    assert web.progress == pytest.approx(0.75, abs=0.05)


def test_completed_work_is_shown_for_four_weeks() -> None:
    held = vault({"a": "status: done\ncompleted: 2026-11-01", "b": "status: done\ncompleted: 2026-10-01"})
    assert [one.key for one in drawn(held).rows[1:]] == ["tasks/a.md"]
    assert len(drawn(held, "status:done").rows) == 3


def test_a_filter_keeps_what_stands_above_what_it_finds() -> None:
    held = vault({"b": "title: Pages", "c": "title: Home\nparent: b", "d": "title: Other"})
    view = drawn(held, "home")
    assert tree(view) == ["(no project)", "  Pages", "    Home"]
    assert (view.shown, view.total) == (1, 3)


def test_a_query_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(QueryError):
        drawn(vault({}), "due<nonsense")


def test_lanes_by_person() -> None:
    held = vault({"a": "title: A\nassignee: bo", "b": "title: B\nassignee: [ana, bo]", "c": "title: C"})
    assert tree(drawn(held, lanes="assignee")) == ["ana", "  B", "bo", "  A", "(no assignee)", "  C"]


def test_in_lanes_a_part_stands_with_its_parent_only_where_it_belongs_to_the_same_lane() -> None:
    held = vault(
        {
            "a": "title: Both\nassignee: ana",
            "b": "title: Hers\nparent: a\nassignee: ana",
            "c": "title: His\nparent: a\nassignee: bo",
            "d": "title: Nobody's\n",
            "e": "title: Only his\nparent: d\nassignee: bo",
        }
    )
    assert tree(drawn(held, lanes="assignee")) == ["ana", "  Both", "    Hers", "bo", "  His", "  Only his"]


def test_milestones_deadlines_and_baselines() -> None:
    held = vault({"a": "kind: milestone\ndue: 2026-12-04", "b": "estimate: 1d\ndeadline: 2026-12-01\ndue: 2026-11-30"})
    was = (moment(date(2026, 11, 20)), moment(date(2026, 11, 21)))
    view = drawn(held, baseline={"tasks/b.md": was})
    assert row(view, "a").kind == "milestone"
    assert row(view, "a").deadline == moment(date(2026, 12, 5))
    assert row(view, "b").deadline == moment(date(2026, 12, 2))
    assert row(view, "b").baseline == was
    assert view.rows[0].baseline == was


def test_a_broken_file_has_no_bar_and_breaks_nothing() -> None:
    view = drawn(vault({"a": "title: A\nestimate: 1d"}, tasks__b="---\nid: b\n"))
    assert tree(view) == ["(no project)", "  A", "  b"]
    assert view.rows[2].start is None


def test_who_how_much_and_the_mark() -> None:
    held = vault({"a": "assignee: [ana, bo]\nestimate: 1d/2d/4d\npriority: high", "b": "duration: 3d\ndepends_on: [a]"})
    view = drawn(held)
    assert (row(view, "a").who, row(view, "a").estimate, row(view, "a").mark) == (("ana", "bo"), "2d", "!")
    assert (row(view, "b").estimate, row(view, "b").mark) == ("3d", "⊘")
