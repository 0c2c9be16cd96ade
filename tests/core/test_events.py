from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.config import Config
from planner.core.events import derived_subject, field_of, file_changes, said

PATH = "tasks/a.md"
BASE = (
    "---\nid: a\ntitle: Item\nstatus: todo\ntags: [x]\n---\nText\n- [ ] one\n- [ ] two\n\n## Log\n- 2026-11-01 bo: hi\n"
)


def changes(before: str | None, after: str | None, path: str = PATH) -> list[str]:
    return [str(change) for change in file_changes(path, before, after, Config())]


def subject(before: str | None, after: str | None, path: str = PATH) -> str:
    return derived_subject(file_changes(path, before, after, Config()), [path])


@pytest.mark.parametrize(
    ("old", "new", "expected", "said"),
    [
        ("status: todo", "status: doing", ["status: todo → doing"], "edit a: status todo → doing"),
        ("status: todo\n", "", [], "edit a: "),
        ("tags: [x]", "tags: [x, y]", ["tags: x → x, y"], "edit a: tags x → x, y"),
        ("tags: [x]", "due: 2026-12-01", ["tags: x → —", "due: — → 2026-12-01"], "edit a: tags, due"),
        ("title: Item", "title: Other", ["title: Item → Other"], "edit a: title Item → Other"),
        ("[ ] one", "[x] one", ["checklist: [ ] one → [x] one"], "edit a: checklist [ ] one → [x] one"),
        ("- [ ] two\n", "", ["checklist: 0 of 2 → 0 of 1"], "edit a: checklist 0 of 2 → 0 of 1"),
        ("bo: hi\n", "bo: hi\n- 2026-11-02 ana: yes\n", ["log: — → yes"], "edit a: log — → yes"),
        ("Text", "Words", ["body: — → —"], "edit a: body"),
    ],
)
def test_what_changed_is_said_in_fields(old: str, new: str, expected: list[str], said: str) -> None:
    after = BASE.replace(old, new, 1)
    assert after != BASE
    assert changes(BASE, after) == expected
    if expected:
        assert subject(BASE, after) == said


def test_files_that_come_and_go() -> None:
    assert subject(None, BASE) == "add a: Item"
    assert subject(BASE, None) == "delete a: Item"
    assert changes(BASE, None) == ["deleted: Item → —"]
    assert changes(BASE, BASE) == []


def test_a_note_changes_as_a_whole() -> None:
    assert subject("one\n", "two\n", "notes/n.md") == "edit notes/n.md: body"
    assert changes("one\n", "one\n", "notes/n.md") == []


def test_several_files_are_counted() -> None:
    both = [*file_changes(PATH, None, BASE, Config()), *file_changes("tasks/b.md", None, "B\n", Config())]
    assert derived_subject(both, [PATH, "tasks/b.md"]) == "edit 2 files"


def test_long_values_are_cut() -> None:
    said = subject(BASE, BASE.replace("Item", "word " * 100))
    assert len(said) < 100
    assert said.endswith("…")


@pytest.mark.parametrize("broken", ["", "---\n- a\n---\n", "---\ntitle: x\n", "\udce9\n"])
def test_broken_files_have_changes_too(broken: str) -> None:
    assert changes(BASE, broken)
    assert changes(broken, BASE)


BODIES = [
    "",
    "Text\n",
    "# Heading\nText\n",
    "- [ ] one\n",
    "\n## Log\n- 2026-11-01 bo: hi\n",
    "---\nid: z\n---\n",
    "x\n---\n",
]
HEADERS = [
    "",
    "---\nid: a\n---\n",
    "---\nid: a\ntitle: A\n---\n",
    "---\ntitle: B\nstatus: done\n---\n",
    "---\n- a\n---\n",
    "---\ntitle: A\n",
]


@given(
    *[st.sampled_from([header + body for header in HEADERS for body in BODIES])] * 2,
    st.sampled_from([PATH, "notes/n.md"]),
)
def test_a_body_that_is_known_changes_nothing_of_what_a_file_says(known: str, text: str, path: str) -> None:
    config = Config()
    assert said(path, text, config, like=said(path, known, config)) == said(path, text, config)


def test_nested_values_are_told_by_their_paths() -> None:
    goal = "---\nid: g\nkey_results:\n  - {metric: riders, current: 5}\n---\n"
    assert changes(goal, goal.replace("5", "8"), "goals/g.md") == ["key_results[0].current: 5 → 8"]
    assert field_of("key_results[0].current") == field_of("key_results") == "key_results"
