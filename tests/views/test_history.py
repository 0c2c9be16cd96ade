from __future__ import annotations

from datetime import UTC, datetime, timedelta

from planner.core.events import FieldChange, Revision
from planner.core.vault import Vault
from planner.views.history import Setting, blame, in_words, worth_telling

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


def revision(
    number: int,
    *changes: tuple[str, str, str | None, str | None],
    undoes: str = "",
    who: str = "Ana",
    merge: bool = False,
) -> Revision:
    """Commit `cN` and operation `oN`, N hours after the start."""
    return Revision(
        commit=f"c{number}",
        when=START + timedelta(hours=number),
        who=who,
        email=f"{who.lower()}@example.org",
        subject=f"subject {number}",
        op=f"o{number}",
        undoes=(undoes,) if undoes else (),
        merge=merge,
        changes=tuple(FieldChange(*change) for change in changes),
    )


def test_changes_in_words() -> None:
    said = [
        in_words(FieldChange("a", field, old, new))
        for field, old, new in [
            ("status", "todo", "doing"), ("due", None, "2026-12-01"), ("due", "2026-12-01", None),
            ("added", None, "Buy milk"), ("deleted", "Buy milk", None), ("id", "a", "b"), ("body", None, None),
            ("log", None, "hello"), ("checklist", "[ ] one", "[x] one"), ("checklist", "0 of 2", "0 of 1"),
        ]
    ]  # fmt: skip
    assert said == [
        "status todo → doing", "due 2026-12-01", "no due (2026-12-01)", "added: Buy milk", "deleted: Buy milk",
        "id a → b", "text edited", "said: hello", "[x] one", "checklist 0 of 2 → 0 of 1",
    ]  # fmt: skip


def test_long_values_are_cut_to_one_line() -> None:
    assert len(in_words(FieldChange("a", "title", None, "word\n" * 100))) < 80


def test_an_item_that_came_says_only_that() -> None:
    made = revision(1, ("a", "added", None, "Buy milk"), ("a", "status", None, "todo"), ("b", "status", "todo", "done"))
    assert [in_words(change) for change in worth_telling(made.changes)] == ["added: Buy milk", "status todo → done"]


def test_blame_names_who_set_what_a_field_says_now() -> None:
    vault = Vault.parse({"tasks/a.md": "---\nid: a\ntitle: A\nstatus: doing\ndue: 2026-12-05\n---\n- [x] one\n"})
    history = [
        revision(4, ("a", "checklist", "[ ] one", "[x] one")),
        revision(3, ("a", "status", "todo", "doing"), who="Bo"),
        revision(2, ("b", "status", "todo", "doing"), ("a", "due", "2026-12-02", "2026-12-01")),
        revision(1, ("a", "added", None, "A"), ("a", "title", None, "A"), ("a", "status", None, "todo")),
    ]
    found = {one.field: one for one in blame(vault.find("a"), vault, history)}
    assert found["status"] == Setting("status", "doing", "c3", START + timedelta(hours=3), "Bo", "subject 3")
    assert found["title"].commit == "c1"
    assert found["due"] == Setting("due", "2026-12-05")  # edited by hand since
    assert found["checklist"].commit == "c4"
    assert "body" not in found
