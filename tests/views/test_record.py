from __future__ import annotations

import json
from datetime import date

from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.views.board import board
from planner.views.record import Record, board_record, items_record, record, show_record

TODAY = date(2026, 11, 25)
TASK = """---
id: k7f3qx
title: Merge driver
status: doing
assignee: ana
due: 2026-11-20
scheduled: 2026-11-19T14:30
estimate: 1d/3d/6d
remind: [1d, 30m]
depends_on: [m2d9hz SS+2d, gone]
progress: 40%
value: 1.5
recurrence: every 2w mon
budget: 1200 EUR
spent: [2026-11-23 1h30m ana parser, 2026-11-24 30m]
archived: false
shoe: {size: "40", colours: [blue, red]}
computed: mine
---
Text with [[m2d9hz]].

- [x] one
- [ ] two

## Log
- 2026-11-23 14:05 ana: said
"""
TEXTS = {
    "tasks/driver.md": TASK,
    "tasks/before.md": "---\nid: m2d9hz\ndepends_on: old\n---\n",
    "tasks/old.md": "---\nstatus: done\ncompleted: 2026-01-01\n---\n",
    "tasks/bad-one.md": "---\n- list\n---\n",
    "people/ana.md": "---\nemail: a@example.org\n---\n",
    "note.md": "see [it](tasks/before.md)\n",
}


def of(id_: str) -> Record:
    vault = Vault.parse(TEXTS)
    return record(vault.find(id_), vault, TODAY)


def test_every_set_field_as_json() -> None:
    found = of("k7f3qx")
    expected: Record = {
        "id": "k7f3qx",
        "kind": "task",
        "title": "Merge driver",
        "status": "doing",
        "path": "tasks/driver.md",
        "line": 1,
        "assignee": ["ana"],
        "due": "2026-11-20",
        "scheduled": "2026-11-19T14:30",
        "estimate": "1d/3d/6d",
        "remind": ["1d", "30m"],
        "depends_on": ["m2d9hz SS+2d", "gone"],
        "progress": 40,
        "value": 1.5,
        "budget": "1200 EUR",
        "spent": ["2026-11-23 1h30m ana parser", "2026-11-24 30m"],
        "archived": False,
        "shoe": {"size": "40", "colours": ["blue", "red"]},
    }
    assert {name: found[name] for name in expected} == expected
    assert found["recurrence"] == str(Vault.parse(TEXTS).find("k7f3qx").fields["recurrence"])
    assert json.loads(json.dumps(found)) == found


def test_what_follows_from_others_is_computed() -> None:
    computed = of("k7f3qx")["computed"]
    assert isinstance(computed, dict)
    assert isinstance(computed.pop("urgency"), float)
    assert computed == {
        "blocked": True,
        "blocked_by": ["m2d9hz"],
        "ready": False,
        "overdue": True,
        "estimate_minutes": 3 * 480,
        "remind_minutes": [480, 30],
        "spent_minutes": 120,
        "checklist_done": 1,
        "checklist_total": 2,
    }
    ready = of("m2d9hz")["computed"]
    assert isinstance(ready, dict)
    assert (ready["blocked"], ready["ready"], ready["overdue"]) == (False, True, False)


def test_problems_are_in_the_record() -> None:
    assert of("k7f3qx")["problems"] == [
        {
            "path": "tasks/driver.md",
            "line": 10,
            "column": 28,
            "severity": "error",
            "code": "unknown-reference",
            "message": "depends_on: no item answers to 'gone'",
            "hint": "correct the id, or remove it",
        }
    ]


def test_a_broken_file_is_an_item_without_a_status() -> None:
    found = of("bad-one")
    assert (found["id"], found["title"], found["status"], found["kind"]) == ("bad-one", "bad-one", None, "task")
    assert found["problems"]


def test_other_kinds_have_no_urgency_and_lists_stay_lists() -> None:
    found = of("ana")
    assert found["email"] == ["a@example.org"]
    assert found["status"] is None
    assert found["computed"] == {"blocked": False, "blocked_by": [], "ready": False, "overdue": False}


def test_show_adds_text_and_links() -> None:
    vault = Vault.parse(TEXTS)
    found = show_record(vault.find("k7f3qx"), vault, TODAY)
    assert str(found["body"]).startswith("Text with")
    assert found["checklist"] == [
        {"number": 1, "text": "one", "done": True},
        {"number": 2, "text": "two", "done": False},
    ]
    assert found["log"] == [{"when": "2026-11-23 14:05", "who": "ana", "text": "said"}]
    assert found["backlinks"] == []
    assert show_record(vault.find("m2d9hz"), vault, TODAY)["backlinks"] == ["note.md", "k7f3qx"]
    assert show_record(vault.find("bad-one"), vault, TODAY)["body"] == TEXTS["tasks/bad-one.md"]


def test_lists_and_boards_are_one_document() -> None:
    vault = Vault.parse(TEXTS)
    listed = items_record(vault.items[:1], vault, TODAY)
    assert (listed["schema"], len(listed["items"] if isinstance(listed["items"], list) else [])) == (1, 1)
    drawn = board_record(board(vault, parse_query(""), TODAY), vault, TODAY)
    columns, items = drawn["columns"], drawn["items"]
    assert isinstance(columns, list)
    assert isinstance(items, list)
    assert drawn["schema"] == 1
    assert columns[0] == {
        "status": "todo",
        "category": "unstarted",
        "limit": None,
        "count": 1,
        "wip": 1,
        "items": ["bad-one", "m2d9hz"],
    }
    assert [item["id"] for item in items if isinstance(item, dict)] == ["bad-one", "m2d9hz", "k7f3qx"]
