"""Three texts in, one out, by example; the laws that hold for all texts are in test_merge_laws.py."""

from __future__ import annotations

import pytest

from planner.core.merge import FieldConflict, Merged, merge_texts

TASK = """\
---
id: k7f3qx
title: Merge driver  # working title
status: todo
priority: high
# who
assignee: [ana, bo]
due: 2026-12-01
tags:
- git
- core # of course
---
Two people edit one task.

- [ ] by key
- [ ] by lines

## Log
- 2026-11-20 09:00 ana: begun
"""


def edit(text: str, *changes: tuple[str, str]) -> str:
    """The text with each old part, which must be there, replaced."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


Change = tuple[str, str]

# -- Ordinary edits of two people merge ------------------------------------------------------------------------------

CLEAN: dict[str, tuple[Change, Change]] = {
    "a teammate changes the status while I set the due date": (("status: todo", "status: doing"), ("12-01", "12-24")),
    "neighbouring keys": (("status: todo", "status: doing"), ("priority: high", "priority: low")),
    "a key and a comment": (("# who", "# who does it"), ("assignee: [ana, bo]", "assignee: [ana]")),
    "a value and the comment behind it": (("title: Merge driver", "title: Driver"), ("working", "final")),
    "a key is removed, another is edited": (("due: 2026-12-01\n", ""), ("todo", "doing")),
    "keys are moved, one is edited": (("id: k7f3qx\ntitle", "aliases: []\nid: k7f3qx\ntitle"), ("todo", "doing")),
    "header and body": (("todo", "doing"), ("Two people", "Three people")),
    "ticks on neighbouring lines": (("[ ] by key", "[x] by key"), ("[ ] by lines", "[x] by lines")),
    "steps are reordered, one is ticked": (
        ("- [ ] by key\n- [ ] by lines\n", "- [ ] by lines\n- [ ] by key\n"),
        ("[ ] by key", "[x] by key"),
    ),
    "a step is added, the one before it ticked": (("by lines\n", "by lines\n- [ ] test\n"), ("[ ] by lines", "[x] by lines")),
    "both add a step at the end": (("by lines\n", "by lines\n- [ ] z\n"), ("by lines\n", "by lines\n- [x] a\n  - [ ] b\n")),
    "a step is indented, and ticked": (("- [ ] by lines", "  - [ ] by lines"), ("[ ] by lines", "[x] by lines")),
    "a log entry and the last step": (("ana: begun\n", "ana: begun\n- 2026-11-21 ana: more\n"), ("by lines", "by words")),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAN)
def test_both_changes_merge_whoever_merges_and_each_can_be_taken_back(name: str) -> None:
    mine, other = CLEAN[name]
    ours, theirs = edit(TASK, mine), edit(TASK, other)
    both = merge_texts(base=TASK, ours=ours, theirs=theirs)
    assert not both.conflicts
    assert both == merge_texts(base=TASK, ours=theirs, theirs=ours)
    assert both.text not in {TASK, ours, theirs}
    assert merge_texts(base=ours, ours=both.text, theirs=TASK) == Merged(theirs)
    assert merge_texts(base=theirs, ours=both.text, theirs=TASK) == Merged(ours)


def test_what_the_text_of_a_merge_is() -> None:
    ours = edit(TASK, ("todo", "doing"), ("- git", "- git\n- sync"), ("[ ] by key", "[x] by key"))
    theirs = edit(TASK, ("12-01", "12-24"), ("- git\n", ""), ("begun\n", "begun\n- 2026-11-21 08:00 bo: tests\n"))
    assert merge_texts(base=TASK, ours=ours, theirs=theirs) == Merged(
        edit(
            TASK,
            ("todo", "doing"),
            ("12-01", "12-24"),
            ("- git\n- core # of course\n", "- core # of course\n- sync\n"),
            ("[ ] by key", "[x] by key"),
            ("begun\n", "begun\n- 2026-11-21 08:00 bo: tests\n"),
        )
    )


SETS: list[tuple[str, str, str, str]] = [
    ("tags: [a]", "tags: [a, c]", "tags: [a, b]", "tags: [a, b, c]"),
    ("tags: [a, b]", "tags: [b]", "tags: [a, b, c]", "tags: [b, c]"),
    ("tags: [a, b]", "tags: [b]", "tags: [a]", "tags: []"),
    ("tags: [a]", "x: 1", "tags: [a, b]", "tags: [b]\nx: 1"),
    ("assignee: ana", "assignee: bo", "assignee: [ana, cy]", "assignee: [bo, cy]"),
    ("labels: [a]", "labels: [a, b]", "labels: [c, a]", "labels: [a, b, c]"),
    ("x: 1", "x: 1\ntags: [a]", "tags: [b]\nx: 1", "x: 1\ntags: [a, b]"),
    ("spent: []", "spent: [2026-11-23 1h ana]", "spent: [2026-11-22 2h bo]", "spent: [2026-11-22 2h bo, 2026-11-23 1h ana]"),
    ("updated: 2026-01-01", "updated: 2026-01-03", "updated: 2026-01-02", "updated: 2026-01-03"),
    ("team: [{a: 1}, {b: 1}, {c: 1}]", "team: [{a: 2}, {b: 1}, {c: 1}]", "team: [{a: 1}, {b: 1}, {c: 3}]",
     "team: [{a: 2}, {b: 1}, {c: 3}]"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), SETS)
def test_lists_merge_element_by_element(base: str, ours: str, theirs: str, merged: str) -> None:
    base, ours, theirs, merged = (f"---\n{header}\n---\nBody\n" for header in (base, ours, theirs, merged))
    assert merge_texts(base=base, ours=ours, theirs=theirs) == Merged(merged)


# -- What both changed is ours, and is said --------------------------------------------------------------------------

CONFLICTS: dict[str, tuple[Change, Change, FieldConflict]] = {
    "one value, two ways": (
        ("todo", "doing"), ("todo", "done"), FieldConflict("status", "todo", "doing", "done")),
    "edit and delete of a key": (
        ("12-01", "12-24"), ("due: 2026-12-01\n", ""), FieldConflict("due", "2026-12-01", "2026-12-24", None)),
    "delete and edit of a key": (
        ("due: 2026-12-01\n", ""), ("12-01", "12-24"), FieldConflict("due", "2026-12-01", None, "2026-12-24")),
    "one key added twice": (
        ("due:", "goal: a\ndue:"), ("due:", "goal: b\ndue:"), FieldConflict("goal", None, "a", "b")),
    "two comments for one value": (
        ("working title", "final"), ("working title", "draft"),
        FieldConflict("title", "Merge driver", "Merge driver", "Merge driver")),
    "a step is deleted, and ticked": (
        ("- [ ] by key\n", ""), ("[ ] by key", "[x] by key"),
        FieldConflict("checklist", "- [ ] by key\n", None, "- [x] by key\n")),
    "a step is ticked, and deleted": (
        ("[ ] by key", "[x] by key"), ("- [ ] by key\n", ""),
        FieldConflict("checklist", "- [ ] by key\n", "- [x] by key\n", None)),
    "a step is worded anew, and ticked": (
        ("by key", "by field"), ("[ ] by key", "[x] by key"),
        FieldConflict("checklist", "- [ ] by key\n", "- [ ] by field\n", "- [x] by key\n")),
    "a log entry is edited twice": (
        ("begun", "started"), ("begun", "off we go"),
        FieldConflict("log", "- 2026-11-20 09:00 ana: begun\n", "- 2026-11-20 09:00 ana: started\n",
                      "- 2026-11-20 09:00 ana: off we go\n")),
    "one line of prose, two ways": (
        ("Two people", "Three people"), ("Two people", "Four people"),
        FieldConflict("body", "Two people edit one task.\n", "Three people edit one task.\n",
                      "Four people edit one task.\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_conflict_keeps_ours_and_is_reported(name: str) -> None:
    mine, other, conflict = CONFLICTS[name]
    ours = edit(TASK, mine)
    merged = merge_texts(base=TASK, ours=ours, theirs=edit(TASK, other))
    assert merged == Merged(ours, (conflict,))


def test_beside_a_conflict_the_rest_still_merges() -> None:
    theirs = edit(TASK, ("todo", "done"), ("high", "low"))
    merged = merge_texts(base=TASK, ours=edit(TASK, ("todo", "doing")), theirs=theirs)
    assert merged.text == edit(TASK, ("todo", "doing"), ("high", "low"))
    assert [conflict.field for conflict in merged.conflicts] == ["status"]


def test_new_steps_at_one_place_are_all_kept_each_sides_in_its_order() -> None:
    base, ours, theirs = "Steps:\n", "Steps:\n\n- [ ] m\n  - [ ] m1\n- [ ] c\n", "Steps:\n\n- [ ] z\n- [ ] a\n"
    both = Merged("Steps:\n\n- [ ] m\n  - [ ] m1\n- [ ] c\n- [ ] z\n- [ ] a\n")
    assert merge_texts(base=base, ours=ours, theirs=theirs) == both == merge_texts(base=base, ours=theirs, theirs=ours)


@pytest.mark.parametrize("other", ["- [x] new\n", "- [ ] new\nprose\n", "prose\n"])
def test_a_step_added_twice_or_beside_prose_is_asked_about(other: str) -> None:
    assert merge_texts(base="- [ ] a\n", ours="- [ ] a\n- [ ] new\n", theirs=f"- [ ] a\n{other}").conflicts


def test_a_step_moved_to_two_places_is_not_doubled_in_silence() -> None:
    base = "- [ ] s\na\nb\nc\nd\n"
    ours = "a\nb\n- [ ] s\nc\nd\n"
    theirs = "a\nb\nc\n- [ ] s\nd\n"
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    assert merged == Merged(ours, (FieldConflict("checklist", base, ours, theirs),))


def test_of_two_equal_steps_one_deleted_and_one_ticked_is_reported() -> None:
    base = "- [ ] call\nnoon\n- [ ] call\n"
    merged = merge_texts(base=base, ours="noon\n- [ ] call\n", theirs="- [ ] call\nnoon\n- [x] call\n")
    assert {conflict.field for conflict in merged.conflicts} == {"checklist"}


# -- The log ---------------------------------------------------------------------------------------------------------


def log(*entries: str, before: str = "Text.\n\n") -> str:
    return f"---\nid: a\n---\n{before}## Log\n" + "".join(f"- 2026-11-{entry}\n" for entry in entries)


LOGS: list[tuple[str, str, str, str]] = [
    (log("20 ana: a"), log("20 ana: a", "22 ana: c"), log("20 ana: a", "21 bo: b"), log("20 ana: a", "21 bo: b", "22 ana: c")),
    (log("20 ana: a"), log("22 ana: c", "20 ana: a"), log("21 bo: b", "20 ana: a"), log("22 ana: c", "21 bo: b", "20 ana: a")),
    (log("20 ana: a"), log("20 ana: a", "21 bo: b"), log("20 ana: z"), log("20 ana: z", "21 bo: b")),
    (log("20 ana: a"), log("20 ana: a", "21 bo: b"), log(), log("21 bo: b")),
    ("---\nid: a\n---\nText.\n", log("22 ana: c"), log("21 bo: b"), log("21 bo: b", "22 ana: c")),
    (log("20 ana: a\n  more"), log("20 ana: a\n  more", "22 ana: c"), log("20 ana: a\n  less"), log("20 ana: a\n  less", "22 ana: c")),
    (log("20 ana: a"), log("20 ana: a", "21 bo: b"), log("20 ana: a", "21 bo: b", "22 bo: c"), log("20 ana: a", "21 bo: b", "22 bo: c")),
]  # fmt: skip


@pytest.mark.parametrize(("base", "ours", "theirs", "merged"), LOGS)
def test_log_entries_are_a_union_in_order_of_time(base: str, ours: str, theirs: str, merged: str) -> None:
    assert merge_texts(base=base, ours=ours, theirs=theirs) == Merged(merged)
    assert merge_texts(base=base, ours=theirs, theirs=ours) == Merged(merged)


# -- Taking back -----------------------------------------------------------------------------------------------------


def test_undo_after_a_teammates_change_to_another_field_takes_back_only_ours() -> None:
    after = edit(TASK, ("todo", "done"), ("due: 2026-12-01\n", ""))
    now = edit(after, ("high", "low"), ("[ ] by key", "[x] by key"))
    assert merge_texts(base=after, ours=now, theirs=TASK) == Merged(
        edit(TASK, ("high", "low"), ("[ ] by key", "[x] by key"))
    )


def test_undo_of_what_a_teammate_changed_since_is_a_conflict() -> None:
    after, now = edit(TASK, ("todo", "doing")), edit(TASK, ("todo", "done"))
    merged = merge_texts(base=after, ours=now, theirs=TASK)
    assert merged == Merged(now, (FieldConflict("status", "doing", "done", "todo"),))


def test_undo_of_a_first_key_takes_the_header_away_again() -> None:
    after = "---\nstatus: doing\n---\nBuy milk\n"
    merged = merge_texts(base=after, ours="---\nstatus: doing\n---\nBuy oat milk\n", theirs="Buy milk\n")
    assert merged == Merged("Buy oat milk\n")


# -- Line ends, marks, what cannot be read ---------------------------------------------------------------------------


def test_a_change_of_line_breaks_is_no_change() -> None:
    windows = TASK.replace("\n", "\r\n")
    ours, theirs = edit(windows, ("todo", "doing")), edit(TASK, ("12-01", "12-24"))
    both = edit(TASK, ("todo", "doing"), ("12-01", "12-24"))
    assert merge_texts(base=TASK, ours=ours, theirs=theirs) == Merged(both.replace("\n", "\r\n"))
    assert merge_texts(base=TASK, ours=theirs, theirs=ours) == Merged(both)


def test_the_mark_and_the_missing_last_line_break_of_ours_stay() -> None:
    ours = "\ufeff" + edit(TASK, ("todo", "doing")).removesuffix("\n")
    merged = merge_texts(base=TASK, ours=ours, theirs=edit(TASK, ("begun", "begun at last")))
    assert merged == Merged(edit(ours, ("begun", "begun at last")))


def test_line_breaks_of_both_kinds_stay_each_as_it_is() -> None:
    mixed = edit(TASK, ("id: k7f3qx\n", "id: k7f3qx\r\n"))
    merged = merge_texts(base=mixed, ours=edit(mixed, ("todo", "doing")), theirs=edit(mixed, ("high", "low")))
    assert merged == Merged(edit(mixed, ("todo", "doing"), ("high", "low")))


MARKED = edit(TASK, ("Two people", "<<<<<<< ours\nTwo people"), ("task.\n", "task.\n=======\n>>>>>>> theirs\n"))
BROKEN = {
    "unclosed": TASK.replace("---\nTwo", "Two"),
    "twice": edit(TASK, ("due:", "id: again\ndue:")),
    "marked": MARKED,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_merges_by_lines(name: str) -> None:
    broken = BROKEN[name]
    ours, theirs = edit(broken, ("k7f3qx", "m2d9hz")), edit(broken, ("by lines", "by words"))
    merged = merge_texts(base=broken, ours=ours, theirs=theirs)
    assert merged.text == edit(broken, ("k7f3qx", "m2d9hz"), ("by lines", "by words"))
    assert bool(merged.conflicts) == (name == "marked")  # a text with markers is never called clean


def test_a_file_added_twice_merges_key_by_key() -> None:
    merged = merge_texts(
        base=None, ours="---\nid: a\ntags: [x]\n---\n", theirs="---\nid: a\ntags: [z]\ndue: 2026-12-01\n---\n"
    )
    assert merged == Merged("---\nid: a\ntags: [x, z]\ndue: 2026-12-01\n---\n")
