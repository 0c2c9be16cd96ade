from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.change import Edit
from planner.core.model import Item, Unread
from planner.core.vault import Vault, diff
from planner.errors import Ambiguous, NotFound
from tests.conftest import build

TEXTS = {
    "tasks/merge-driver-k7f3qx.md": "---\nid: k7f3qx\ntitle: Merge driver\naliases: [driver]\n---\n",
    "tasks/k7g.md": "---\nid: k7g222\ntitle: Merge queue\nstatus: done\n---\n[[k7f3qx]] and [up](merge-driver-k7f3qx.md)\n",
    "tasks/weekly-2026-12-01.md": "---\nid: k7f3qx-2026-12-01\n---\n",
    "tasks/part.md": "---\nparent: k7f3qx\ndepends_on: [k7f, k7g222]\ntags: [x, y]\n---\n",
    "projects/web/project.md": "# Web\n",
    "projects/web/menu.md": "---\ntags: [y]\ndepends_on: [part SS, gone]\n---\n",
    "notes/n.md": "# Note\n[[Merge driver]]\n",
}


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("k7f3qx", "k7f3qx"), ("K7F3QX", "k7f3qx"), ("k7f", "k7f3qx"), ("k7g", "k7g222"), ("driver", "k7f3qx"),
        ("Merge driver", "k7f3qx"), ("[[merge DRIVER]]", "k7f3qx"), ("merge-driver", "k7f3qx"), ("web", "web"),
        ("tasks/merge-driver-k7f3qx.md", "k7f3qx"), ("tasks/part", "part"), ("rge dri", "k7f3qx"), ("men", "menu"),
        ("merge", "k7f3qx"),  # the other one is done
    ],
)  # fmt: skip
def test_people_name_items_in_many_ways(text: str, id_: str) -> None:
    assert build(TEXTS).find(text).id == id_


def test_what_cannot_be_found_says_what_is_near() -> None:
    with pytest.raises(NotFound) as caught:
        build(TEXTS).find("k7f3xq")
    assert "k7f3qx" in caught.value.hint
    with pytest.raises(NotFound):
        build(TEXTS).find(" ")
    with pytest.raises(Ambiguous, match=r"k7f3qx .*k7g222"):
        build(TEXTS).find("k7")


def test_references_are_stricter_than_people() -> None:
    vault = build(TEXTS)
    assert vault.resolve("rge dri") is None
    assert vault.resolve("k7") is None
    assert [item.id for item in vault.candidates("k7")] == ["k7f3qx", "k7g222"]
    assert vault.candidates("gone") == ()


def ids(items: tuple[Item, ...]) -> list[str]:
    return [item.id for item in items]


def test_what_follows_from_the_files() -> None:
    vault = build(TEXTS)
    driver, part, menu = vault.find("k7f3qx"), vault.find("part"), vault.find("menu")
    assert ids(vault.predecessors[part.path]) == ["k7f3qx", "k7g222"]
    assert ids(vault.successors[driver.path]) == ["part"]
    assert ids(vault.blockers(part)) == ["k7f3qx"]
    assert ids(vault.blockers(menu)) == ["part"]
    assert vault.is_blocked(part)
    assert not vault.is_blocked(driver)
    assert ids(vault.members[driver.path]) == ["part"]
    assert ids(vault.members["projects/web/project.md"]) == ["menu"]
    assert vault.backlinks[driver.path] == ("notes/n.md", "tasks/k7g.md")
    assert vault.tags == {"y": 2, "x": 1}
    assert vault.prefixes["k7g222"] == 3


def test_a_dependency_from_start_to_start_blocks_until_the_start() -> None:
    vault = build(TEXTS)
    started = vault.apply({"tasks/part.md": TEXTS["tasks/part.md"].replace("parent:", "status: doing\nparent:")})
    assert started.blockers(started.find("menu")) == ()


def test_apply_parses_only_what_changed() -> None:
    vault = build(TEXTS)
    new = vault.apply([Edit("notes/n.md", TEXTS["notes/n.md"], None), Edit("tasks/new.md", None, "New\n")])
    assert "notes/n.md" not in new.files
    assert list(new.files) == sorted(new.files)
    assert new.files["tasks/part.md"] is vault.files["tasks/part.md"]
    assert vault.apply({"notes/n.md": TEXTS["notes/n.md"], "not/there.md": None}) is vault


def test_a_new_configuration_reads_everything_anew() -> None:
    vault = Vault.parse({**TEXTS, "x.md": Unread("x.md", "special-file", "a pipe"), "planner.toml": ""})
    new = vault.apply(
        {"planner.toml": "[workflow.default]\nstates = ['open', {name = 'done', category = 'completed'}]\n"}
    )
    assert new.find("part").status == "open"
    assert new.files["x.md"].unread
    assert diff(vault, new).config


def test_diff_names_paths_and_the_ids_before_and_after() -> None:
    vault = build(TEXTS)
    new = vault.apply({"tasks/k7g.md": "---\nid: other\n---\n"})
    assert set(diff(vault, new).paths) == {"tasks/k7g.md"}
    assert set(diff(vault, new).ids) == {"k7g222", "other"}
    assert not diff(vault, vault)
    assert not diff(new, new.apply({"tasks/k7g.md": "---\nid: other\n---\n"}))


def test_a_missing_path_is_not_found() -> None:
    with pytest.raises(NotFound):
        build(TEXTS).text("nowhere.md")


PATHS = st.sampled_from(
    [
        "tasks/a.md",
        "tasks/b.md",
        "inbox/a.md",
        "projects/p/project.md",
        "projects/p/a.md",
        "people/a.md",
        "planner.toml",
    ]
)
CONTENT = st.sampled_from(
    ["", "A\n", "---\nid: a\n---\n", "---\nid: B\ndepends_on: [a, p]\n---\n", "---\nparent: a\nassignee: z\n---\n[[a]]\n", "---\n- x\n---\n", "---\nid: a\ndepends_on: b\n---\n"]
)  # fmt: skip
EDITS = st.lists(st.dictionaries(PATHS, st.one_of(st.none(), CONTENT), max_size=3), max_size=5)


@settings(max_examples=60)
@given(st.dictionaries(PATHS, CONTENT), EDITS)
def test_a_vault_that_was_changed_is_the_vault_parsed_anew(
    texts: dict[str, str], steps: list[dict[str, str | None]]
) -> None:
    vault = Vault.parse(texts)
    now: dict[str, str | None] = dict(texts)
    for step in steps:
        assert vault.by_id is not None
        vault = vault.apply(step)
        now.update(step)
    anew = Vault.parse({path: text for path, text in now.items() if text is not None})
    assert vault.files == anew.files
    assert vault.config == anew.config
    assert vault.by_id == anew.by_id
    assert vault.problems == anew.problems
    for item in anew.items:
        assert vault.blockers(item) == anew.blockers(item)
    assert vault.members == anew.members
    assert vault.backlinks == anew.backlinks
