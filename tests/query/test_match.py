"""Queries over small vaults: texts in, ids out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.config import Config, parse_config
from planner.core.fields import FIELDS
from planner.core.vault import Vault
from planner.query.language import QueryError, parse_query
from planner.query.match import compile_query, select

LAWS = settings(max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)
TODAY = date(2026, 11, 25)  # a Wednesday


def vault_of(texts: Mapping[str, str], config: Config | None = None) -> Vault:
    return Vault.parse(texts, config or Config())


def header(**fields: str) -> str:
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in fields.items()) + "---\n"


def tasks(*headers: Mapping[str, str], config: Config | None = None, **more: str) -> Vault:
    """Tasks with the ids t1, t2, …; `more` are files of the vault's root by stem."""
    texts = {f"tasks/t{n}.md": header(**{"id": f"t{n}", **fields}) for n, fields in enumerate(headers, 1)}
    return vault_of({**texts, **{f"{name.replace('__', '/')}.md": text for name, text in more.items()}}, config)


def hits(vault: Vault, query: str, me: str | None = None, now: datetime | None = None) -> list[str]:
    """The ids of all that meets the conditions, hidden or not, in the order of paths."""
    fits = compile_query(parse_query(query), vault, today=TODAY, me=me, now=now)
    return [item.id for item in vault.items if fits(item)]


def fault(vault: Vault, query: str, me: str | None = None) -> QueryError:
    with pytest.raises(QueryError) as caught:
        hits(vault, query, me)
    return caught.value


def test_and_or_not() -> None:
    vault = tasks({"tags": "[git, core]"}, {"tags": "git"}, {})
    assert hits(vault, "") == ["t1", "t2", "t3"]
    assert hits(vault, "#git") == ["t1", "t2"]
    assert hits(vault, "#git #core") == ["t1"]
    assert hits(vault, "#git -#core") == ["t2"]
    assert hits(vault, "#core or -#git") == ["t1", "t3"]
    assert hits(vault, "not (#core or #git)") == ["t3"]
    assert hits(vault, "tag:core,git") == ["t1", "t2"]


def test_words_are_found_in_title_tags_body_and_at_the_start_of_ids() -> None:
    vault = vault_of(
        {
            "tasks/a.md": "---\nid: k7f3qx\ntitle: Straße pflastern\n---\nNobody should see a conflict MARKER.\n",
            "tasks/b.md": "---\nid: m2d9hz\ntitle: Buy milk\ntags: [errand-market]\n---\n",
        }
    )
    assert hits(vault, "STRASSE") == ["k7f3qx"]
    assert hits(vault, '"conflict marker"') == ["k7f3qx"]
    assert hits(vault, "mark") == ["k7f3qx", "m2d9hz"]
    assert hits(vault, "k7f") == ["k7f3qx"]
    assert hits(vault, "7f3") == []
    assert hits(vault, '"id: k7"') == []


def test_tags_are_whole_words_in_any_case() -> None:
    vault = tasks({"tags": "[Git]"}, {"tags": "[github]"}, {})
    assert hits(vault, "tag:git") == ["t1"]
    assert hits(vault, 'tag:"#GIT"') == ["t1"]
    assert hits(vault, "tag:none") == ["t3"]
    assert hits(vault, "tag:any") == ["t1", "t2", "t3"]
    assert hits(vault, "has:tag") == ["t1", "t2"]


def test_a_word_with_a_meaning_is_text_in_quotes() -> None:
    vault = tasks({"tags": "[none]"}, {})
    assert hits(vault, "tag:none") == ["t2"]
    assert hits(vault, 'tag:"none"') == ["t1"]


def test_status_and_category() -> None:
    vault = tasks({"status": "Doing"}, {"status": "review"}, {"status": "done"}, {}, {"status": "frobnicate"})
    assert hits(vault, "status:DOING") == ["t1"]
    assert hits(vault, "status:todo,done") == ["t3", "t4"]
    assert hits(vault, "status>=review") == ["t2", "t3"]
    assert hits(vault, "status:doing..review") == ["t1", "t2"]
    assert hits(vault, "category:started") == ["t1", "t2"]
    assert hits(vault, "category<completed") == ["t1", "t2", "t4"]
    assert hits(vault, "status:frobnicate") == ["t5"]
    error = fault(vault, "@ana status:donig")
    assert (error.position, error.message) == (12, "'donig' is no status of this vault")
    assert error.hint == "did you mean doing?"


def test_priority_is_ordered_by_the_configured_levels() -> None:
    vault = tasks({"priority": "urgent"}, {"priority": "P1"}, {"priority": "M"}, {"priority": "low"}, {})
    assert hits(vault, "priority>=high") == ["t1", "t2"]
    assert hits(vault, "priority<high") == ["t3", "t4"]
    assert hits(vault, "!h") == ["t2"]
    assert hits(vault, "!none") == ["t5"]
    assert hits(vault, "priority:low..high") == ["t2", "t3", "t4"]
    assert "is no priority" in fault(vault, "!hihg").message


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("due:today", ["t2"]),
        ("due<today", ["t1"]),
        ("due<=today", ["t1", "t2"]),
        ("due>today", ["t3", "t4"]),
        ("due<+7d", ["t1", "t2", "t3"]),
        ("due>=2026-12-02", ["t4"]),
        ("due:2026-11-25..2026-11-30", ["t2", "t3"]),
        ("due:..today", ["t1", "t2"]),
        ("due:fri..", ["t3", "t4"]),
        ("due:2026-12-02T14:30", ["t4"]),
        ("due<2026-12-02T14:31", ["t1", "t2", "t3", "t4"]),
        ("due<2026-12-02T14:30", ["t1", "t2", "t3"]),
        ("due:none", ["t5"]),
        ("due!=today", ["t1", "t3", "t4", "t5"]),
        ("-has:due", ["t5"]),
        ("created>-2w", ["t1"]),
    ],
)
def test_dates(query: str, expected: list[str]) -> None:
    vault = tasks(
        {"due": "2026-11-20", "created": "2026-11-20"},
        {"due": "2026-11-25T09:00", "created": "2026-10-01"},
        {"due": "2026-11-27"},
        {"due": "2026-12-02T14:30+02:00"},
        {},
    )
    assert hits(vault, query) == expected


def test_a_bad_date_is_shown_where_it_stands() -> None:
    error = fault(tasks({}), "@ana due<soonish")
    assert error.position == 9
    assert error.message.startswith("due: expected a date")
    assert fault(tasks({}), "due:today..soonish").position == 11
    assert fault(tasks({}), "estimate>lots").position == 9
    assert fault(tasks({}), "value>many").position == 6


def test_durations_and_estimates_compare_by_working_minutes() -> None:
    vault = tasks({"estimate": "30m"}, {"estimate": "1d/3d/6d"}, {"estimate": "16h"}, {"duration": "1w"}, {})
    assert hits(vault, "estimate>2d") == ["t2"]
    assert hits(vault, "estimate:2d") == ["t3"]
    assert hits(vault, "estimate:1h..3d") == ["t2", "t3"]
    assert hits(vault, "duration>=5d") == ["t4"]


def test_spent_time_counts_by_its_sum() -> None:
    vault = tasks({"spent": "[2026-11-23 3h ana, 2026-11-24 2h bo]"}, {"spent": "[2026-11-23 1h]"}, {})
    assert hits(vault, "spent>4h") == ["t1"]
    assert hits(vault, "spent<=1h") == ["t2"]


def test_numbers_percentages_and_money() -> None:
    vault = tasks(
        {"value": "3", "progress": "40%", "budget": "1200 EUR"},
        {"value": "12.5", "progress": "5", "budget": "900 USD"},
        {},
    )
    assert hits(vault, "value>3") == ["t2"]
    assert hits(vault, "value=3.0") == ["t1"]
    assert hits(vault, "value!=3") == ["t2", "t3"]
    assert hits(vault, "progress>=40%") == ["t1"]
    assert hits(vault, "progress<40") == ["t2"]
    assert hits(vault, "budget>1000") == ["t1"]
    assert hits(vault, "budget>100") == ["t1", "t2"]
    assert hits(vault, 'budget>"100 EUR"') == ["t1"]


def test_people_go_by_id_alias_and_me() -> None:
    vault = tasks(
        {"assignee": "[Ana, bo]"},
        {"assignee": "anna"},
        {"owner": "ana"},
        {},
        people__ana=header(aliases="[anna]", email="ana@example.org"),
    )
    assert hits(vault, "@ana kind:task") == ["t1", "t2"]
    assert hits(vault, "assignee:@BO") == ["t1"]
    assert hits(vault, "@me", me="ana") == ["t1", "t2"]
    assert hits(vault, "is:mine", me="Anna") == ["t1", "t2"]
    assert hits(vault, "owner:me", me="ana") == ["t3"]
    assert hits(vault, "kind:task is:unassigned") == ["t3", "t4"]
    assert fault(vault, "#git @me").position == 6
    assert "who you are" in fault(vault, "is:mine").message


def test_work_of_a_team_is_that_of_its_members() -> None:
    vault = tasks(
        {"assignee": "ana"}, {"assignee": "web"}, {"assignee": "kim"}, {}, teams__web=header(members="[ana, bo]")
    )
    assert hits(vault, "team:web") == ["t1", "t2"]


def test_references_meet_however_they_are_written() -> None:
    vault = tasks(
        {"project": "web"},
        {"project": '"[[Web relaunch]]"'},
        {"project": "elsewhere"},
        {},
        projects__web__project="---\ntitle: Web relaunch\n---\n",
        projects__web__one="---\nid: w1\n---\n",
    )
    assert hits(vault, "project:web") == ["w1", "t1", "t2"]
    assert hits(vault, 'project:"web relaunch"') == ["w1", "t1", "t2"]
    assert hits(vault, "p:ELSEWHERE") == ["t3"]
    assert hits(vault, "p:none kind:task") == ["t4"]


def test_dependencies() -> None:
    vault = tasks({}, {"depends_on": "[t1 SS+2d]"}, {"depends_on": "t2"}, {"depends_on": "[t1, gone]"})
    assert hits(vault, "depends_on:t1") == ["t2", "t4"]
    assert hits(vault, "blockedBy:gone") == ["t4"]
    assert hits(vault, "has:depends_on") == ["t2", "t3", "t4"]


def test_text_holds_the_words_or_equals_them() -> None:
    vault = tasks({"title": "Fix ICS export"}, {"title": "export"}, {"title": "Import", "type": "Bug"})
    assert hits(vault, "title:EXPORT") == ["t1", "t2"]
    assert hits(vault, "title=export") == ["t2"]
    assert hits(vault, "type:bug") == ["t3"]
    assert hits(vault, "id:t") == ["t1", "t2", "t3"]
    assert hits(vault, "path:tasks/t2") == ["t2"]
    error = fault(vault, "@ana title<x")
    assert (error.position, error.message) == (5, "'title' has no order, so '<' cannot compare it")


def test_yes_no_recurrence_constraint_ranges_and_nested_values() -> None:
    vault = tasks(
        {"importance": "yes", "recurrence": "every 2w mon", "constraint": "SNET 2026-12-01"},
        {"importance": "no"},
        {},
        people__kim=header(leave="[2026-12-24..2027-01-02]"),
        goals__g="---\nkey_results:\n  - metric: Active users\n    target: 5\n---\n",
    )
    assert hits(vault, "importance:yes") == ["t1"]
    assert hits(vault, "importance:no kind:task") == ["t2", "t3"]
    assert hits(vault, "is:recurring") == ["t1"]
    assert hits(vault, "constraint:snet") == ["t1"]
    assert hits(vault, "leave:2026-12-31") == ["kim"]
    assert hits(vault, "leave:2027-01-02..2027-01-09") == ["kim"]
    assert hits(vault, "leave:2027-01-03") == []
    assert hits(vault, "leave>2027-01-02") == []
    assert hits(vault, "leave>=2027-01-02") == ["kim"]
    assert hits(vault, 'key_results:"active users"') == ["g"]


def test_fields_of_the_vault_and_fields_nobody_described() -> None:
    config = parse_config('[fields.severity]\ntype = "integer"\n[fields.seen]\ntype = "date"\n')
    vault = tasks(
        {"severity": "3", "seen": "2026-11-24", "colour": "Red", "points": "5"},
        {"severity": "12", "points": "12", "colour": "[blue, green]"},
        {},
        config=config,
    )
    assert hits(vault, "severity>4") == ["t2"]
    assert hits(vault, "seen:yesterday") == ["t1"]
    assert hits(vault, "colour:red") == ["t1"]
    assert hits(vault, "colour:green") == ["t2"]
    assert hits(vault, "colour:gre") == []
    assert hits(vault, "points>6") == ["t2"]
    assert hits(vault, "points:5..12") == ["t1", "t2"]
    assert hits(vault, "has:colour") == ["t1", "t2"]
    assert hits(vault, "no_such_field:x") == []


def test_computed_words() -> None:
    vault = tasks(
        {"due": "2026-11-24"},
        {"deadline": "2026-11-24", "status": "done"},
        {"due": "2026-11-25"},
        {"wait": "2026-11-26"},
        {"wait": "2026-11-25", "status": "doing"},
        {"blocked_reason": "no key"},
        {"depends_on": "t1"},
        {"depends_on": "t2"},
        {"status": "dropped"},
        {"archived": "true"},
    )
    assert hits(vault, "is:overdue") == ["t1"]
    assert hits(vault, "is:waiting") == ["t4"]
    assert hits(vault, "is:blocked") == ["t6", "t7"]
    assert hits(vault, "is:ready") == ["t1", "t3", "t5", "t8"]
    assert hits(vault, "is:done") == ["t2"]
    assert hits(vault, "is:canceled") == ["t9"]
    assert hits(vault, "is:archived") == ["t10"]
    assert hits(vault, "-open") == ["t10", "t2", "t9"]


def test_instants_are_compared_with_the_clock_if_there_is_one() -> None:
    vault = tasks({"due": "2026-11-25T09:00"}, {"due": "2026-11-25T17:00", "wait": "2026-11-25T13:00"})
    noon = datetime(2026, 11, 25, 12)  # noqa: DTZ001
    assert hits(vault, "is:overdue") == []
    assert hits(vault, "is:overdue", now=noon) == ["t1"]
    assert hits(vault, "is:waiting", now=noon) == ["t2"]


def test_stale_is_two_weeks_without_a_note() -> None:
    log = "---\nid: {}\ncreated: 2026-01-01\n---\n## Log\n- {} ana: still on it\n"
    vault = tasks(
        {"created": "2026-11-10"},
        {"created": "2026-11-11"},
        {"created": "2026-01-01", "status": "done"},
        {},
        tasks__u1=log.format("u1", "2026-11-20 10:00"),
        tasks__u2=log.format("u2", "2026-10-01"),
    )
    assert hits(vault, "is:stale") == ["t1", "u2"]


def test_broken_files_and_faults_are_found() -> None:
    vault = tasks({"due": "soonish"}, {}, tasks__wrong="---\nid: [\n")
    assert hits(vault, "is:broken") == ["t1", "wrong"]


def test_select_sorts_and_leaves_out_what_is_hidden() -> None:
    vault = tasks(
        {"due": "2026-12-03", "title": "b"},
        {"due": "2026-12-01", "title": "c"},
        {"title": "a", "priority": "high"},
        {"title": "d", "status": "done"},
        {"title": "a", "priority": "urgent"},
    )

    def ids(query: str) -> list[str]:
        return [item.id for item in select(vault, parse_query(query), today=TODAY)]

    assert ids("") == ["t2", "t1", "t5", "t3"]
    assert ids("sort:-title") == ["t2", "t1", "t5", "t3"]
    assert ids("sort:title") == ["t5", "t3", "t1", "t2"]
    assert ids("status:any sort:-status,title") == ["t4", "t5", "t3", "t1", "t2"]
    assert ids("sort:-urgency -is:done") == ["t5", "t2", "t3", "t1"]
    assert ids("urgency>10") == ["t5"]


typed = st.builds(
    "{}{}{}".format,
    st.sampled_from([*FIELDS, "category", "urgency", "path", "checklist", "team", "own"]),
    st.sampled_from([":", "=", "<", ">=", "!="]),
    st.sampled_from(
        ["none", "any", "me", "x", "3", "3..5", "..9", "today", "today..fri", "fri..", "2d", "40%", "high", "todo", "yes",
         '"1200 EUR"', '"[["', "@ana", '"\ud800"', "٣", "9999999999w", "+99999d", "-9999999999d", '"a..b"', "1e5", "0001-01-01"]
    ),
)  # fmt: skip
EVERYTHING = vault_of(
    {
        "tasks/a.md": "---\nid: a\ntags: [x]\ndue: 2026-12-01\ncreated: 2026-12-01T10:00+02:00\nestimate: 1d/2d/3d\n"
        "budget: 1200 EUR\nvalue: 3\nprogress: 40%\npriority: high\ndepends_on: [b SS+1d]\nassignee: [ana]\n"
        "spent: [2026-11-23 1h ana]\nremind: [1d]\nconstraint: ASAP\nrecurrence: every week\nown: {a: [1, {b: c}]}\n"
        "exdates: [2026-12-24]\nimportance: yes\nrank: aZ\nproject: web\n---\n- [ ] step\n\n## Log\n- 2026-11-23 ana: x\n",
        "tasks/b.md": "---\nid: b\nown: 5\nteam: [{person: ana}]\n---\n",
        "tasks/c.md": "---\nid: [\n",
        "people/ana.md": "---\nleave: [2026-12-24..2027-01-02]\nskills: {python: 3}\n---\n",
        "goals/g.md": "---\nkey_results: [{metric: x, target: 3}]\n---\n",
    }
)


@LAWS
@given(typed, st.sampled_from([*FIELDS, "category", "urgency", "own", "nothing"]))
def test_every_field_meets_every_value(condition: str, key: str) -> None:
    text = f"{condition} sort:-{key}"
    try:
        found = select(EVERYTHING, parse_query(text), today=TODAY, me="ana")
    except QueryError as error:
        refused = error
    else:
        assert {item.path for item in found} <= EVERYTHING.files.keys()
        return
    assert 0 <= refused.position < len(condition)
    assert refused.hint
