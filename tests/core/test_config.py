from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.config import CommitConfig, Config, SavedView, SyncConfig, parse_config
from planner.core.workflow import DEFAULT_WORKFLOW, State


def faults(text: str) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.line, fault.column) for fault in parse_config(text).problems]


def test_an_empty_file_is_a_good_one_and_no_file_is_a_problem() -> None:
    assert parse_config("") == Config()
    assert [fault.code for fault in parse_config(None).problems] == ["no-config"]


def test_every_setting() -> None:
    config = parse_config(
        """\ufeff[vault]\r
format = 1
name = "Home"
first_day_of_week = "sunday"
timezone = "Europe/Vienna"
language = "de"
dialect = "backlog.md"
priorities = ["now", "later"]
[workflow]
stamp = true
[workflow.default]
states = ["todo", {name = "doing", category = "started", wip = 3, hard = true}, {name = "done", category = "completed"}]
transitions = [["todo", "doing"], ["doing", "done"]]
[calendars.default]
working = "Mon-Fri 09:00-12:00"
[views.sprint]
query = "due<+7d"
view = "board"
columns = ["id", "title"]
[fields.customer]
type = "text"
applies_to = ["task"]
[commit]
prefix = "plan: "
quiet = 30
hooks = "skip"
[sync]
remote = "hub"
auto = "fetch"
interval = 5
[rules.any]
when = "x"
"""
    )
    assert config.problems == ()
    assert (config.name, config.first_day_of_week, config.timezone) == ("Home", 6, "Europe/Vienna")
    assert (config.language, config.dialect, config.levels, config.stamp) == (
        "de", "backlog.md", ("now", "later"), True,
    )  # fmt: skip
    assert config.workflow.states == (
        State("todo", "unstarted"), State("doing", "started", 3, hard=True), State("done", "completed"),
    )  # fmt: skip
    assert config.workflow.transitions == (("todo", "doing"), ("doing", "done"))
    assert config.views == {"sprint": SavedView("sprint", "due<+7d", "board", columns=("id", "title"))}
    assert config.commit == CommitConfig("plan: ", 30, "skip")
    assert config.sync == SyncConfig("hub", "", "fetch", 5)
    assert (config.calendars["default"].minutes, config.calendars["default"].days) == (15 * 60, 5)
    customer = config.field("customer")
    assert customer is not None
    assert customer.kinds == {"task"}
    assert config.field("title") is config.fields["title"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[vault]\nname = 3\n", ("bad-setting", 2, 1)),
        ("\n[vault]\n  first_day_of_week = 'xday'\n", ("bad-setting", 3, 3)),
        ("[vault]\nfirst_day_of_week = true\n", ("bad-setting", 2, 1)),
        ("[vault]\ntimezone = '../x'\n", ("bad-setting", 2, 1)),
        ("[vault]\npriorities = 'high'\n", ("bad-setting", 2, 1)),
        ("[vault]\nformat = true\n", ("bad-setting", 2, 1)),
        ("vault = 1\n", ("bad-setting", 1, 1)),
        ("[workflow]\nstamp = 'x'\n", ("bad-setting", 2, 1)),
        ("[workflow]\ndefault = 1\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = 1\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = ['a', 'A']\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = [{name = 'a', category = 'odd'}]\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = [{name = 'a', category = ['x']}]\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = [{name = 'a', wip = 0}]\n", ("bad-setting", 2, 1)),
        ("[workflow.default]\nstates = ['a']\ntransitions = [['a']]\n", ("bad-setting", 3, 1)),
        ("[workflow.default]\nstates = ['a']\ntransitions = [['a', 'b']]\n", ("bad-setting", 3, 1)),
        ("[views]\nx = 1\n", ("bad-setting", 2, 1)),
        ("[views.x]\ncolour = 1\n", ("unknown-setting", 2, 1)),
        ("[fields.title]\ntype = 'word'\n", ("bad-setting", 1, 2)),
        ("[fields.x]\ntype = 'colour'\n", ("bad-setting", 2, 1)),
        ("[commit]\nquiet = -1\n", ("bad-setting", 2, 1)),
        ("[commit]\nhooks = 'maybe'\n", ("bad-setting", 2, 1)),
        ("[sync]\nauto = 'always'\n", ("bad-setting", 2, 1)),
        ("[colours]\nx = 1\n", ("unknown-setting", 1, 2)),
        ("[vault]\nformat = 2\n", ("newer-format", 2, 1)),
        ("a = \n", ("bad-toml", 1, 5)),
        ("[vault\n", ("bad-toml", 1, 7)),
    ],
)
def test_a_fault_costs_its_setting_and_is_named_with_its_place(text: str, fault: tuple[str, int, int]) -> None:
    assert faults(text) == [fault]


def test_what_is_wrong_leaves_the_rest_as_it_is() -> None:
    config = parse_config("[vault]\nname = 3\nlanguage = 'de'\n[workflow.default]\nstates = []\n")
    assert (config.name, config.language, config.workflow) == ("", "de", DEFAULT_WORKFLOW)


def test_a_newer_format_is_read_only() -> None:
    assert parse_config("[vault]\nformat = 2\n").read_only
    assert not parse_config("[vault]\nformat = 1\n").read_only


KEYS = st.sampled_from(["vault", "workflow", "default", "states", "views", "fields", "type", "commit", "quiet", "x"])
VALUES = st.recursive(
    st.sampled_from(["1", "-1", "true", '"x"', "1.5", "2026-01-01", "''", "nan"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda table: f"{{{', '.join(f'{key} = {value}' for key, value in table.items())}}}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_table_is_read(table: dict[str, str]) -> None:
    config = parse_config("\n".join(f"{key} = {value}" for key, value in table.items()))
    assert all(fault.line >= 1 and fault.column >= 1 for fault in config.problems)


@settings(max_examples=60)
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(parse_config(text), Config)
