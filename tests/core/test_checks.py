from __future__ import annotations

from planner.core.checks import cycles
from planner.core.vault import Vault
from tests.conftest import build


def found(vault: Vault) -> list[tuple[str, str, int, int]]:
    return [(fault.code, fault.path, fault.line, fault.column) for fault in vault.problems if fault.severity != "info"]


def task(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", ""))


def test_the_sample_vault_has_its_three_faults(sample_vault: Vault) -> None:
    assert [code for code, *_ in found(sample_vault)] == ["bad-value", "unknown-reference", "bad-yaml"]


def test_a_duplicate_id_is_named_on_every_file() -> None:
    vault = build({"tasks/a.md": task("id: one"), "tasks/b.md": task("title: B", "id: ONE")})
    assert found(vault) == [("duplicate-id", "tasks/a.md", 2, 5), ("duplicate-id", "tasks/b.md", 3, 5)]


def test_two_files_of_one_stem_share_an_id_without_writing_it() -> None:
    vault = build({"tasks/a.md": "A\n", "inbox/a.md": "A\n"})
    assert [code for code, *_ in found(vault)] == ["duplicate-id", "duplicate-id"]


def test_an_unknown_reference_says_what_may_be_meant() -> None:
    vault = build({"tasks/k7f3qx.md": "K\n", "tasks/a.md": task("parent: k7f3xq", "depends_on: [k7f3, nobody]")})
    parent, depends = vault.problems
    assert parent.hint == "did you mean k7f3qx?"
    assert (depends.code, depends.line, depends.column) == ("unknown-reference", 3, 20)


def test_a_circle_is_named_once_on_each_of_its_items() -> None:
    vault = build({f"tasks/{a}.md": task(f"depends_on: [{b}]") for a, b in ("ab", "bc", "ca", "da")})
    assert [(code, path) for code, path, *_ in found(vault)] == [
        ("dependency-cycle", f"tasks/{id_}.md") for id_ in "abc"
    ]
    assert [[item.id for item in circle] for circle in cycles(vault)] == [["a", "b", "c"]]


def test_a_long_chain_is_no_circle_and_exhausts_nothing() -> None:
    count = 3_000
    texts = {f"tasks/t{n}.md": task(f"depends_on: t{n + 1}") for n in range(count)}
    assert cycles(build({**texts, f"tasks/t{count}.md": "Last\n"})) == []


def test_people_are_checked_only_where_some_are_known() -> None:
    line = task("assignee: [ana, Annie, studio, zoe]", "owner: zoe")
    assert found(build({"tasks/a.md": line})) == []
    vault = build({"tasks/a.md": line, "people/ana.md": task("aliases: annie"), "teams/studio.md": "S\n"})
    assert found(vault) == [("unknown-person", "tasks/a.md", 2, 32), ("unknown-person", "tasks/a.md", 3, 8)]


def test_projects_are_checked_only_where_some_are_known() -> None:
    assert found(build({"tasks/a.md": task("project: wbe")})) == []
    vault = build({"tasks/a.md": task("project: wbe"), "projects/web/project.md": "Web\n"})
    assert found(vault) == [("unknown-project", "tasks/a.md", 2, 10)]


def test_names_that_differ_only_in_case_or_accents() -> None:
    vault = build({"tasks/a.md": task("id: one"), "tasks/A.md": task("id: two")})
    assert [code for code, *_ in found(vault)] == ["name-clash", "name-clash"]


def test_a_broken_file_adds_no_second_fault() -> None:
    assert [code for code, *_ in found(build({"tasks/a.md": "---\n- x\n---\n"}))] == ["list-header"]
