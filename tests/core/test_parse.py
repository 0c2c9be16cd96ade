from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.config import Config, parse_config
from planner.core.model import Item, Milestone, ParsedFile, Person, Project, Task
from planner.core.parse import parse_file
from planner.core.values import Dependency

CONFIG = Config()


def parse(text: str, path: str = "tasks/x.md", config: Config = CONFIG) -> Item:
    item = parse_file(path, text, config).item
    assert item is not None
    return item


def header(*lines: str, path: str = "tasks/x.md", config: Config = CONFIG) -> Item:
    return parse("\n".join(("---", *lines, "---", "")), path, config)


def codes(item: Item) -> list[str]:
    return [fault.code for fault in item.problems]


def test_the_task_of_the_manual() -> None:
    item = parse(
        """---
id: k7f3qx
title: Field-level merge driver
status: doing
priority: high
assignee: [ana, bo]
due: 2026-12-01
estimate: 1d/3d/6d
depends_on: [m2d9hz, p4w8tn SS+2d]
tags: [git, core]
---
Two people edit one task offline.

- [x] three-way by key
- [ ] lists as sets

## Log
- 2026-11-23 14:05 ana: git calls the driver once a file
""",
        "tasks/field-level-merge-driver-k7f3qx.md",
    )
    assert isinstance(item, Task)
    assert item.problems == ()
    assert (item.id, item.title, item.status, item.priority) == ("k7f3qx", "Field-level merge driver", "doing", "high")
    assert (item.assignees, item.due, item.tags) == (("ana", "bo"), date(2026, 12, 1), ("git", "core"))
    assert str(item.estimate) == "1d/3d/6d"
    assert item.dependencies[0] == Dependency("m2d9hz")
    assert (item.dependencies[1].target, item.dependencies[1].type) == ("p4w8tn", "SS")
    assert (item.body.done, len(item.body.checklist), len(item.body.log)) == (1, 2, 1)


@pytest.mark.parametrize(
    ("path", "kind", "id_", "project", "area", "status"),
    [
        ("tasks/Buy milk.md", "task", "buy-milk", None, None, "todo"),
        ("inbox/Buy milk.md", "task", "buy-milk", None, None, "inbox"),
        ("projects/web/menu.md", "task", "menu", "web", None, "todo"),
        ("projects/web/deep/menu.md", "task", "menu", "web", None, "todo"),
        ("projects/web/project.md", "project", "web", None, None, None),
        ("areas/home/area.md", "area", "home", None, None, None),
        ("areas/home/tap.md", "task", "tap", None, "home", "todo"),
        ("people/ana.md", "person", "ana", None, None, None),
        ("teams/studio.md", "team", "studio", None, None, None),
        ("goals/calm.md", "goal", "calm", None, None, None),
        ("archive/tasks/old.md", "task", "old", None, None, "todo"),
    ],
)
def test_folders_give_defaults(
    path: str, kind: str, id_: str, project: str | None, area: str | None, status: str | None
) -> None:
    item = header("created: 2026-01-01", path=path)
    assert (item.kind, item.id, item.project, item.area, item.status) == (kind, id_, project, area, status)
    assert item.archived == path.startswith("archive/")


def test_the_header_wins_over_the_folder() -> None:
    item = header("kind: milestone", "project: other", "id: m1", "status: done", path="projects/web/menu.md")
    assert isinstance(item, Milestone)
    assert (item.id, item.project, item.status) == ("m1", "other", "done")


def test_templates_and_what_is_archived_are_marked() -> None:
    assert header("title: T", path="templates/t.md").template
    assert parse("---\nstatus: todo\narchived: yes\n---\n", "anywhere.md").archived
    assert header("kind: project", path="archive/projects/web/project.md").archived


@pytest.mark.parametrize(
    ("path", "text", "is_item"),
    [
        ("tasks/a.md", "Buy milk\n", True),
        ("inbox/a.md", "Buy milk\n", True),
        ("projects/web/notes.md", "Just text\n", False),
        ("projects/web/notes.md", "---\nfoo: bar\n---\n", True),
        ("projects/web/project.md", "# Web\n", True),
        ("notes/a.md", "---\nfoo: bar\n---\n", False),
        ("notes/a.md", "---\nstatus: todo\n---\n", True),
        ("a.md", "---\ndue_date: 2026-12-01\n---\n", True),
        ("a.md", "# A\n", False),
        ("tasks/README.md", "---\nstatus: todo\n---\n", False),
        ("CLAUDE.md", "---\nstatus: todo\n---\n", False),
        ("notes/empty.md", "", False),
    ],
)
def test_item_or_note(path: str, text: str, is_item: bool) -> None:
    assert (parse_file(path, text, CONFIG).item is not None) == is_item


def test_a_note_has_a_title_and_links() -> None:
    note = parse_file("notes/a.md", "# About\n[[k7f3qx]]\n", CONFIG)
    assert (note.title, [link.target for link in note.links]) == ("About", ["k7f3qx"])
    assert parse_file("notes/a b.md", "text\n", CONFIG).title == "a b"


def test_titles() -> None:
    assert parse("# Head\n").title == "Head"
    assert parse("text\n", "tasks/Buy milk.md").title == "Buy milk"
    assert header("title: T", path="tasks/x.md").title == "T"
    person = header("name: Ana Berg", path="people/ana.md")
    assert isinstance(person, Person)
    assert person.title == "Ana Berg"


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("assignee: @bob", ("bob",)),
        ("assignee: [@ana, @bo]", ("ana", "bo")),
        ("assignee: [@ana]", ("ana",)),
        ("assignee: ['@ana', bo]", ("ana", "bo")),
        ("assignee:\n  - @ana\n  - bo", ("ana", "bo")),
        ("assignees: ana", ("ana",)),
    ],
)
def test_people_are_simply_read(line: str, people: tuple[str, ...]) -> None:
    item = header(line)
    assert item.assignees == people
    assert item.problems == ()


def test_a_single_person_may_have_the_sign_too_and_a_title_may_not() -> None:
    assert header("owner: @bob").text("owner") == "bob"
    assert header("owner: @bob").problems == ()
    assert codes(header("title: @bob")) == ["bad-yaml"]
    assert codes(header("owner: @bob: x")) != []


def test_a_bad_value_hides_no_good_one() -> None:
    item = header("due: 2026-02-30", "title: a: b", "tags: [x]", "estimate: long", "priority: odd", "status: limbo")
    assert item.due is None
    assert (item.title, item.tags, item.priority, item.status) == ("a: b", ("x",), "odd", "limbo")
    assert sorted(codes(item)) == ["bad-value", "bad-value", "bad-yaml", "unknown-priority", "unknown-status"]
    assert [(fault.line, fault.column) for fault in item.problems if fault.code == "bad-value"] == [(2, 6), (5, 11)]


def test_states_and_levels_take_their_own_names() -> None:
    item = header("status: DOING", "priority: P1")
    assert (item.status, item.priority, item.problems) == ("doing", "high", ())


def test_unknown_fields_are_kept_and_own_ones_typed() -> None:
    config = parse_config('[fields.points]\ntype = "number"\n[fields.size]\ntype = "words"\noptions = ["S", "L"]\n')
    item = header("colour: red", "points: 3", "size: [S, XL]", config=config)
    assert item.fields["colour"] == "red"
    assert item.fields["points"] == Decimal(3)
    assert item.fields["size"] == ("S",)
    assert codes(item) == ["bad-value"]


def test_an_alias_and_its_field_are_one() -> None:
    item = header("labels: [a]", "tags: [b]")
    assert item.tags == ("a",)
    assert codes(item) == ["duplicate-key"]


def test_maps_and_lists_of_maps() -> None:
    item = header("key_results: [{metric: riders, current: 3}]", path="goals/g.md")
    assert item.fields["key_results"] == ({"metric": "riders", "current": "3"},)
    assert header("skills: {git: 3}", path="people/a.md").fields["skills"] == {"git": "3"}
    assert codes(header("skills: git", path="people/a.md")) == ["bad-value"]


def test_a_broken_file_is_one_broken_card_with_its_place() -> None:
    item = parse("---\n- a\n---\n", "projects/web/menu.md")
    assert item.broken
    assert (item.id, item.title, item.project) == ("menu", "menu", "web")
    assert [(fault.code, fault.line) for fault in item.problems] == [("list-header", 2)]


def test_a_broken_project_is_still_a_project() -> None:
    assert isinstance(parse("", "projects/web/project.md"), Project)


@pytest.mark.parametrize("line", ["parent:", "parent: ~", "parent: null", 'parent: ""'])
def test_empty_values_are_not_set(line: str) -> None:
    assert "parent" not in header(line).fields


def parsed(text: str, path: str) -> ParsedFile:
    file = parse_file(path, text, CONFIG)
    assert file.path == path
    assert file.text == text
    return file


PATHS = st.sampled_from(["tasks/x.md", "a.md", "projects/p/project.md", "people/a.md", "goals/g.md", "inbox/y.md"])
LINES = st.lists(
    st.sampled_from(["---", "id: a", "status: doing", "tags: [a", "  - x", "- y", "due: 2026-02-30", "title: 'a", "k: |", "\t", "x: &a", "{", "<<<<<<< a", "=======", ">>>>>>> b", "assignee: @b", "...", "# h", "- [ ] s", "\r", "\0", "\udc80", "depends_on: [a b c]", "spent: x", "archived: [yes]", "priority: {a: b}", "kind: [x]", "? a"]),
    max_size=12,
).map("\n".join)  # fmt: skip


@settings(max_examples=150)
@given(st.one_of(st.text(), LINES, LINES.map(lambda lines: f"---\n{lines}\n---\n")), PATHS)
def test_parsing_never_raises_and_keeps_the_text(text: str, path: str) -> None:
    for fault in parsed(text, path).problems:
        assert 1 <= fault.line <= text.count("\n") + 1
        assert fault.column >= 1
