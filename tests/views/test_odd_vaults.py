"""Whatever the files say, every view shows every item."""

from __future__ import annotations

import json
from datetime import date

import pytest

from planner.core.model import Unread
from planner.core.vault import Vault
from planner.interop.taskjuggler import export
from planner.plan.leveling import Options
from planner.query.language import parse_query
from planner.views.agenda import agenda, today
from planner.views.board import board
from planner.views.detail import detail
from planner.views.facts import facts, second_line
from planner.views.leveling import leveling
from planner.views.record import board_record, show_record
from planner.views.table import table

TODAY = date(2026, 11, 25)
ODD: dict[str, str | Unread] = {
    "planner.toml": '[workflow.default]\nstates = [{name = "in", category = "triage"}]\n',
    "tasks/empty.md": "",
    "tasks/bytes.md": "---\ntitle: \udcff\n---\n",
    "tasks/large.md": Unread("tasks/large.md", "too-large", "too large"),
    "tasks/unclosed.md": "---\ntitle: x\n",
    "tasks/values.md": "---\ntitle: ''\nstatus: {a: b}\npriority: []\ntags: {a: [b, ~]}\nassignee: [[x]]\ndue: 0000-00-00\n"
    "estimate: -1d\nspent: [x, '']\nkey: ~\ncomputed: 1\nproblems: none\nline: 9\n---\n",
    "tasks/far.md": "---\ndue: 9999-12-31\ndeadline: 0001-01-01\nscheduled: 2026-11-25T23:59:59+14:00\n---\n",
    "tasks/self.md": "---\nid: me\ndepends_on: me\nparent: me\nproject: me\n---\n[[me]]\n",
    "tasks/one.md": "---\nid: same\ndepends_on: other\n---\n",
    "tasks/two.md": "---\nid: SAME\ndepends_on: one\n---\n",
    "tasks/other.md": "---\ndepends_on: [same, same SS]\nstatus: nowhere\n---\n",
    "things/custom.md": "---\nkind: thing\nstatus: todo\nwhat: {ever: [1, {is: set}]}\n---\n",
}


@pytest.fixture
def vault() -> Vault:
    return Vault.parse(ODD)


def test_the_board_shows_every_item_once(vault: Vault) -> None:
    shown = board(vault, parse_query(""), TODAY)
    paths = [item.path for column in shown.columns for item in column.items]
    assert sorted(paths) == [item.path for item in vault.items]
    for lanes in ("project", "assignee", "due", "tags", "status", "parent"):
        in_lanes = board(vault, parse_query(""), TODAY, lanes=lanes).lanes
        assert sorted(item.path for lane in in_lanes for cell in lane.cells for item in cell) == sorted(paths)


def test_every_item_has_a_card_a_row_a_page_and_a_record(vault: Vault) -> None:
    columns = ("id", *vault.config.fields, "what", "urgency")
    assert len(table(vault.items, columns, vault, TODAY).rows) == len(vault.items)
    for item in vault.items:
        assert isinstance(second_line(facts(item, vault, TODAY)), tuple)
        assert detail(vault, item, TODAY).item is item
        found = show_record(item, vault, TODAY)
        assert json.loads(json.dumps(found)) == found
        assert found["path"] == item.path
        assert isinstance(found["title"], str)
        assert isinstance(found["problems"], list)
        assert isinstance(found["computed"], dict)
    assert board_record(board(vault, parse_query(""), TODAY), vault, TODAY)["schema"] == 1


def test_the_days_are_drawn(vault: Vault) -> None:
    assert [item.path for item in today(vault, TODAY).items("overdue")] == ["tasks/far.md"]
    assert [entry.item.path for entry in agenda(vault, TODAY).days[0].entries] == ["tasks/far.md"]


TASK = "---\nestimate: 3d\nassignee: x\n"
HARD = {
    "a circle": {"tasks/a.md": f"{TASK}depends_on: b\n---\n", "tasks/b.md": f"{TASK}depends_on: a\n---\n"},
    "a circle of parents": {"tasks/a.md": f"{TASK}parent: b\n---\n", "tasks/b.md": f"{TASK}parent: a\n---\n"},
    "no capacity": {"people/x.md": "---\ncapacity: 0h\n---\n", "tasks/a.md": f"{TASK}units: 0%\n---\n"},
    "always away": {
        "people/x.md": "---\nleave: 0001-01-01..9999-12-31\n---\n",
        "tasks/a.md": f"{TASK}---\n",
        "tasks/b.md": f"{TASK}---\n",
    },
    "the last days": {
        "tasks/a.md": f"{TASK}scheduled: 9999-12-30\n---\n",
        "tasks/b.md": f"{TASK}constraint: MSO 0001-01-01\n---\n",
    },
    "endless work": {
        "tasks/a.md": "---\nestimate: 999999999w\nassignee: x\n---\n",
        "tasks/b.md": f"{TASK}leveling_delay: 99999999w\n---\n",
    },
    "twice the same": {"tasks/a.md": "---\nduration: 0h\nassignee: [x, x]\nunits: [300%, 1%, 2%]\n---\n"},
    "nothing": {},
}


@pytest.mark.parametrize("name", HARD)
def test_hard_plans_are_levelled_and_exported(name: str) -> None:
    vault = Vault.parse({"planner.toml": "", **HARD[name]})
    tasks = sum(path.startswith("tasks/") for path in HARD[name])
    count = 0 if name == "a circle of parents" else tasks  # each is a summary of the other
    for options in (Options(), Options(parallel=True), Options(smooth=True), Options(optimize=True, seconds=0.1)):
        assert leveling(vault, TODAY, options).count == count
    assert export(vault, TODAY).count("task today ") == 1


def test_odd_files_are_levelled_and_exported(vault: Vault) -> None:
    assert leveling(vault, TODAY, Options()).count
    assert export(vault, TODAY).startswith("project plan ")
