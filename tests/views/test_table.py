from __future__ import annotations

from datetime import date

import pytest

from planner.core.vault import Vault
from planner.errors import Invalid
from planner.views.table import Cell, Table, table

TODAY = date(2026, 11, 25)
VAULT = Vault.parse(
    {
        "planner.toml": '[fields.team_size]\ntype = "number"\n',
        "tasks/one.md": "---\nid: k7f3qx\ntitle: One\nassignee: [ana, bo]\ndue: 2026-11-27\npriority: high\n"
        "estimate: 2d\nprogress: 40%\nteam_size: 3\nshoe: blue\n---\n",
        "tasks/two.md": "---\nid: k8bbbb\ntitle: Two\nstatus: done\ncompleted: 2026-11-24\nproject: web\n---\n",
        "tasks/three.md": "---\nid: m2d9hz\ntitle: Three\ndue: 2026-11-20\n---\n",
    }
)


def drawn(*columns: str, group: str | None = None) -> Table:
    items = [VAULT.find(id_) for id_ in ("k7f3qx", "k8bbbb", "m2d9hz")]
    return table(items, columns, VAULT, TODAY, group)


def texts(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in found.rows]


def test_the_usual_columns() -> None:
    found = drawn()
    assert found.columns == ("id", "status", "title", "assignee", "due", "project")
    assert texts(found) == [
        ["k7f3qx", "todo", "One", "@ana @bo", "Fri", ""],
        ["k8bbbb", "done", "Two", "", "", "web"],
        ["m2d9hz", "todo", "Three", "", "OVERDUE 5d", ""],
    ]
    assert [row.mark for row in found.rows] == ["!", "✓", ""]


def test_tags_show_where_there_are_any() -> None:
    vault = Vault.parse({"tasks/a.md": "---\ntags: [x, y]\n---\n"})
    (row,) = table(vault.items, (), vault, TODAY).rows
    assert row.cells[-1] == Cell("#x #y", "tag")


def test_cells_say_what_they_are_about() -> None:
    first, _, third = drawn("id", "assignee", "due").rows
    assert [cell.role for cell in first.cells] == ["id", "person", "due"]
    assert first.cells[0].prefix == 2
    assert third.cells[0].prefix == 1
    assert third.cells[2].role == "overdue"


def test_any_field_is_a_column_by_any_of_its_names() -> None:
    found = drawn("summary", "effort", "progress", "team_size", "shoe", "category", "completed")
    assert found.columns == ("title", "estimate", "progress", "team_size", "shoe", "category", "completed")
    assert texts(found)[:2] == [
        ["One", "2d", "40%", "3", "blue", "unstarted", ""],
        ["Two", "", "", "", "", "completed", "yesterday"],
    ]


def test_urgency_has_two_places() -> None:
    assert texts(drawn("urgency"))[1] == ["3.00"]


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(Invalid) as caught:
        drawn("asignee")
    assert caught.value.message == "there is no field 'asignee'"
    assert "assignee" in caught.value.hint
    with pytest.raises(Invalid):
        drawn(group="nonsense-field")


def test_groups_stand_in_the_order_of_the_field() -> None:
    found = drawn("id", group="status")
    assert [(group.label, [row.item.id for row in group.rows]) for group in found.groups] == [
        ("todo", ["k7f3qx", "m2d9hz"]),
        ("done", ["k8bbbb"]),
    ]
    assert [group.label for group in drawn().groups] == [""]
