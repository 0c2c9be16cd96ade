"""Orders and groups: texts in, ids out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from planner.core.config import Config
from planner.core.vault import Vault
from planner.query.order import DEFAULT_SORT, group, sorted_items

TODAY = date(2026, 11, 25)


def tasks(*fields: Mapping[str, str], **more: str) -> Vault:
    texts = {
        f"tasks/t{n}.md": "".join(("---\n", *(f"{k}: {v}\n" for k, v in {"id": f"t{n}", **each}.items()), "---\n"))
        for n, each in enumerate(fields, 1)
    }
    return Vault.parse({**texts, **{f"{name.replace('__', '/')}.md": text for name, text in more.items()}}, Config())


def order(vault: Vault, *keys: str) -> list[str]:
    items = [item for item in vault.items if item.kind == "task"]
    return [item.id for item in sorted_items(items, keys, vault, today=TODAY)]


def groups(vault: Vault, field: str) -> list[tuple[str, list[str]]]:
    items = [item for item in vault.items if item.kind == "task"]
    return [(label, [item.id for item in members]) for label, members in group(items, field, vault, today=TODAY)]


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("due", "2026-11-25T09:00", "2026-11-25"),
        ("due", "2026-11-25", "2026-11-26T08:00"),
        ("due", "2026-11-25T10:00+05:00", "2026-11-25T11:00"),
        ("estimate", "30m", "1d/2d/3d"),
        ("value", "3", "12"),
        ("budget", "900 EUR", "1200 USD"),
        ("priority", "urgent", "low"),
        ("priority", "low", "odd"),
        ("rank", "Z", "a"),
        ("points", "3", "12"),
        ("points", "12", "many"),
        ("spent", "[2026-11-23 2h, 2026-11-24 1h]", "2026-11-23 4h"),
    ],
)
def test_every_type_has_its_order_with_nothing_last(field: str, low: str, high: str) -> None:
    vault = tasks({field: high}, {field: low}, {})
    assert order(vault, field) == ["t2", "t1", "t3"]
    assert order(vault, f"-{field}") == ["t1", "t2", "t3"]


def test_fields_that_are_always_there() -> None:
    vault = tasks({"status": "done", "title": "beta"}, {"title": "Alpha"}, {"status": "odd", "title": "Gamma"})
    assert order(vault, "status") == ["t2", "t1", "t3"]
    assert order(vault, "-status") == ["t3", "t1", "t2"]
    assert order(vault, "category") == ["t2", "t1", "t3"]
    assert order(vault, "-category") == ["t1", "t2", "t3"]
    assert order(vault, "title") == ["t2", "t1", "t3"]
    assert order(vault, "-id") == ["t3", "t2", "t1"]


def test_equal_items_are_left_to_the_next_key_and_then_as_they_came() -> None:
    vault = tasks(
        {"due": "2026-12-01", "priority": "low"},
        {"due": "2026-12-01", "priority": "high"},
        {"priority": "low"},
        {"due": "2026-11-30", "priority": "low"},
        {"due": "2026-12-01", "priority": "low"},
    )
    assert order(vault, "due") == ["t4", "t1", "t2", "t5", "t3"]
    assert order(vault, "due", "prio") == ["t4", "t2", "t1", "t5", "t3"]
    assert order(vault, "-due", "prio", "-id") == ["t2", "t5", "t1", "t4", "t3"]
    assert order(vault, "prio", "-due") == ["t2", "t1", "t5", "t4", "t3"]
    assert order(vault) == ["t1", "t2", "t3", "t4", "t5"]


def test_several_values_count_by_the_least_and_references_by_title() -> None:
    vault = tasks(
        {"tags": "[x, b]", "project": "p2"},
        {"tags": "[a, z]", "project": "p1"},
        projects__p1__project="---\ntitle: Zebra\n---\n",
        projects__p2__project="---\ntitle: Ant\n---\n",
    )
    assert order(vault, "tags") == ["t2", "t1"]
    assert order(vault, "project") == ["t1", "t2"]


def test_the_default_order() -> None:
    vault = tasks(
        {"title": "b"},
        {"title": "a"},
        {"title": "z", "rank": "b"},
        {"title": "z", "priority": "high"},
        {"title": "z", "due": "2026-11-24"},
    )
    items = sorted_items(vault.items, DEFAULT_SORT, vault, today=TODAY)
    assert [item.id for item in items] == ["t5", "t4", "t3", "t2", "t1"]


def test_groups_stand_in_the_order_of_their_type() -> None:
    vault = tasks(
        {"status": "done", "priority": "low", "due": "2026-12-02T10:00", "value": "12"},
        {"status": "doing", "priority": "urgent", "due": "2026-12-01", "value": "3"},
        {"status": "Doing", "priority": "low", "due": "2026-12-02"},
    )
    assert groups(vault, "status") == [("doing", ["t2", "t3"]), ("done", ["t1"])]
    assert groups(vault, "prio") == [("urgent", ["t2"]), ("low", ["t1", "t3"])]
    assert groups(vault, "due") == [("2026-12-01", ["t2"]), ("2026-12-02", ["t1", "t3"])]
    assert groups(vault, "value") == [("3", ["t2"]), ("12", ["t1"]), ("(no value)", ["t3"])]


def test_each_item_stands_in_one_group_by_its_first_value() -> None:
    vault = tasks({"tags": "[x, b]"}, {"tags": "[B, x]"}, {"tags": "[b]"}, {})
    assert groups(vault, "tag") == [("B", ["t2", "t3"]), ("x", ["t1"]), ("(no tags)", ["t4"])]


def test_groups_of_references_and_people_go_by_who_is_meant() -> None:
    vault = tasks(
        {"project": "web", "assignee": "Ana"},
        {"project": '"[[Web relaunch]]"', "assignee": "anna"},
        {"project": "elsewhere", "assignee": "bo"},
        projects__web__project="---\ntitle: Web relaunch\n---\n",
        people__ana="---\naliases: [anna]\n---\n",
    )
    assert groups(vault, "project") == [("elsewhere", ["t3"]), ("Web relaunch", ["t1", "t2"])]
    assert groups(vault, "assignee") == [("ana", ["t1", "t2"]), ("bo", ["t3"])]
