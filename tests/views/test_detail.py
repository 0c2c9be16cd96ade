from __future__ import annotations

from datetime import date

from planner.core.vault import Vault
from planner.views.detail import Detail, detail

TODAY = date(2026, 11, 25)
DRIVER = """---
title: Merge driver
due: 2026-11-27
assignee: [ana, bo]
status: doing
id: k7f3qx
shoe: {size: 40, colours: [blue, red]}
depends_on: [m2d9hz SS+2d, gone]
progress: 40%
project: sync
parent: p4w8tn
tags: [git, core]
links: [https://example.org/x]
---
Two people edit one task. See [[m2d9hz]], [notes](../notes/why.md#top) and [[nowhere]].

- [x] three-way
- [ ] lists

## Log
- 2026-11-23 14:05 ana: git calls it
"""


def vault() -> Vault:
    return Vault.parse(
        {
            "tasks/driver.md": DRIVER,
            "tasks/before.md": "---\nid: m2d9hz\ntitle: Undo log\n---\nFor [[k7f3qx]].\n",
            "tasks/after.md": "---\nid: w3kkkk\ntitle: Ship\ndepends_on: k7f3qx FF-1d\n---\n",
            "tasks/whole.md": "---\nid: p4w8tn\ntitle: Whole\ngoal: merge-well\nproject: sync\n---\n",
            "goals/merge-well.md": "---\ntitle: Merge well\n---\n",
            "projects/sync/project.md": "---\ntitle: Sync\narea: tools\n---\n",
            "notes/why.md": "# Why\n\n[driver](../tasks/driver.md)\n",
            "tasks/bad.md": "---\n- list\n---\ntext\n",
        }
    )


def page(name: str = "k7f3qx") -> Detail:
    held = vault()
    return detail(held, held.find(name), TODAY)


def test_fields_stand_in_canonical_order_in_words() -> None:
    assert [(line.label, line.text) for line in page().fields] == [
        ("status", "doing"),
        ("assignee", "@ana @bo"),
        ("project", "sync"),
        ("parent", "p4w8tn"),
        ("due", "Fri"),
        ("tags", "#git #core"),
        ("links", "https://example.org/x"),
        ("progress", "40%"),
        ("shoe", "size: 40, colours: [blue, red]"),
    ]


def test_an_implied_status_is_shown() -> None:
    assert [(line.name, line.text) for line in page("m2d9hz").fields] == [("status", "todo")]


def test_what_it_is_part_of_the_nearest_first() -> None:
    assert [(one.how, one.reference, one.item and one.item.title) for one in page().chain] == [
        ("parent", "p4w8tn", "Whole"),
        ("project", "sync", "Sync"),
        ("goal", "merge-well", "Merge well"),
        ("area", "tools", None),
    ]
    assert [item.id for item in page("p4w8tn").children] == ["k7f3qx"]


def test_a_circle_of_parents_ends() -> None:
    held = Vault.parse({"tasks/a.md": "---\nparent: b\n---\n", "tasks/b.md": "---\nparent: a\n---\n"})
    assert [one.reference for one in detail(held, held.find("a"), TODAY).chain] == ["b"]


def test_dependencies_both_ways() -> None:
    found = page()
    assert [(one.reference, one.how, one.item and one.item.status) for one in found.predecessors] == [
        ("m2d9hz", "SS+2d", "todo"),
        ("gone", "FS", None),
    ]
    assert [(one.reference, one.how, one.item and one.item.title) for one in found.successors] == [
        ("w3kkkk", "FF-1d", "Ship")
    ]


def test_links_lead_to_files_by_title() -> None:
    found = page()
    assert [(link.target, link.title, link.path) for link in found.links] == [
        ("m2d9hz", "Undo log", "tasks/before.md"),
        ("../notes/why.md#top", "Why", "notes/why.md"),
        ("nowhere", "nowhere", None),
        ("https://example.org/x", "https://example.org/x", None),
    ]
    assert [(link.title, link.path) for link in found.backlinks] == [
        ("Why", "notes/why.md"),
        ("Undo log", "tasks/before.md"),
    ]


def test_body_checklist_log_and_problems() -> None:
    found = page()
    assert found.body.startswith("Two people")
    assert DRIVER.split("\n")[found.body_line - 1].startswith("Two people")
    assert [(step.text, step.done) for step in found.checklist] == [("three-way", True), ("lists", False)]
    assert [entry.who for entry in found.log] == ["ana"]
    assert [(fault.code, fault.line) for fault in found.problems] == [("unknown-reference", 8)]


def test_a_broken_file_is_shown_whole() -> None:
    found = page("bad")
    assert found.body == "---\n- list\n---\ntext\n"
    assert found.body_line == 1
    assert found.problems[0].code == "list-header"
