"""Three texts in, one out: first by example, as documentation; then the laws, with generators that aim at the traps."""

from __future__ import annotations

import os
from itertools import permutations

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from planner.core.document import RawValue, parse_document
from planner.core.merge import FieldConflict, Merged, merge_texts

LAWS = settings(
    max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

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


# -- The laws: versions of a small file, made by the edits that are known to go wrong ---------------------------------

_VALUES: dict[str, list[str]] = {
    "id": ["id: a"],
    "status": ["status: todo", "status: doing", "status: 'done' # really", ""],
    "due": ["due: 2026-12-01", "due: 2026-12-02", 'due: "2026-12-01"', ""],
    "tags": ["tags: [a, b]", "tags: [b]", "tags: [a, b, c]", "tags:\n- a\n- b\n- d", "tags: a", "tags: []", ""],
    "unknown": ["unknown: {a: 1}", "unknown: {a: 2}", "# why\nunknown: {a: 1}", ""],
}
_STEPS = [
    "- [ ] one",
    "- [x] one",
    "- [ ] two",
    "- [x] two",
    "- [ ] two words",
    "* [X] three",
    "  - [ ] one",
    "prose",
    "",
]
_LOG = ["- 2026-11-20 ana: a", "- 2026-11-20 ana: b", "- 2026-11-21 09:00 bo: c\n  more", "- 2026-11-22 ana: d"]


@st.composite
def headers(draw: st.DrawFn) -> str:
    lines = [draw(st.sampled_from([choices[0], *choices])) for choices in _VALUES.values()]
    if draw(st.integers(0, 5)) == 0:
        lines = draw(st.permutations(lines))
    return "".join(f"{line}\n" for line in lines if line)


@st.composite
def files(draw: st.DrawFn) -> str:
    """An item as somebody may have left it."""
    steps = draw(st.lists(st.sampled_from(_STEPS), max_size=5))
    entries = draw(st.lists(st.sampled_from(_LOG), max_size=3))
    body = "".join(f"{line}\n" for line in steps) + ("\n## Log\n" if entries else "")
    body += "".join(f"{line}\n" for line in entries)
    return f"---\n{draw(headers())}---\n{body}"


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text after one to three edits: a tick, a deletion, a new wording, a move, a double, a new or other line."""
    for _ in range(draw(st.integers(1, 3))):
        document = parse_document(text)
        lines = document.body.split("\n")[:-1]
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        how = draw(st.sampled_from(["header", "tick", "tick", "delete", "reword", "move", "double", "insert"]))
        if how == "header":
            text = f"---\n{draw(headers())}---\n{document.body}"
            continue
        if how == "insert" or not lines:
            lines.insert(at, draw(st.sampled_from(_STEPS)))
        elif how == "tick":
            lines[at] = lines[at].replace("[ ]", "[x]") if "[ ]" in lines[at] else lines[at].replace("[x]", "[ ]")
        elif how == "delete":
            del lines[at]
        elif how == "reword":
            lines[at] += " again"
        elif how == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        else:
            lines.insert(at, lines[at])
        text = text[: document.body_start] + "".join(f"{line}\n" for line in lines)
    return text


@st.composite
def shaped(draw: st.DrawFn, text: str) -> str:
    """The text with other line breaks, with a byte order mark, without its last line break; or as it is."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return text.replace("\n", "\r\n")
    if how == 1:
        return "\ufeff" + text
    return text.removesuffix("\n") if how == 2 else text


@st.composite
def histories(draw: st.DrawFn, sides: int = 2, shapes: bool = False) -> tuple[str, ...]:
    """A base and its versions."""
    base = draw(files())
    texts = (base, *(draw(edited(base)) for _ in range(sides)))
    return tuple(draw(shaped(text)) for text in texts) if shapes else texts


def texts() -> st.SearchStrategy[str]:
    """Anything: bytes that may be no UTF-8, and lines that mean something to somebody."""
    noise = st.binary(max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape"))
    words = st.sampled_from(
        ["---\n", "id: a\n", "id: b\n", '"": a\n', "tags: [a\n", "tags: &x [a]\n", "- [ ] a\n", "- [x] a\n", "## Log\n",
         "- 2026-11-20 ana: a\n", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "```\n", "\ufeff", "\r\n", "\r", "+++\n", "a: |\n", " b\n",
         "\udc80: \udc81\n", "labels: [\udc80]\n"]
    )  # fmt: skip
    return noise | st.lists(words, max_size=9).map("".join) | files()


def reading(text: str) -> tuple[dict[str, RawValue], str]:
    document = parse_document(text)
    return {entry.key: entry.value for entry in document.entries}, document.body


def ticks(text: str) -> list[tuple[str, bool]]:
    """The steps of a text as (words, done)."""
    lines = (line.strip() for line in text.split("\n"))
    return [(line[6:], line[3] != " ") for line in lines if line[1:3] == " [" and line[4:5] == "]"]


@given(texts(), texts())
@LAWS
def test_p1_what_only_one_side_changed_is_taken_byte_for_byte(base: str, changed: str) -> None:
    assert merge_texts(base=base, ours=changed, theirs=changed) == Merged(changed)
    assert merge_texts(base=base, ours=changed, theirs=base) == Merged(changed)
    assert merge_texts(base=base, ours=base, theirs=changed) == Merged(changed)


@given(histories())
@LAWS
def test_p2_swapped_sides_agree_on_what_conflicts_and_what_is_clean(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    one, two = merge_texts(base=base, ours=ours, theirs=theirs), merge_texts(base=base, ours=theirs, theirs=ours)
    swapped = {(c.field, c.base, c.theirs, c.ours) for c in two.conflicts}
    assert {(c.field, c.base, c.ours, c.theirs) for c in one.conflicts} == swapped
    if not one.conflicts:
        assert reading(one.text) == reading(two.text)


@given(histories())
@example(("- [ ] a\n", "", "- [x] a\n"))
@example(("- [ ] a\n- [ ] b\n", "- [ ] b\n- [ ] c\n", "- [x] a\n- [ ] b\n"))
@example(("- [ ] a\n- [ ] a\n", "- [ ] a\n", "- [ ] a\n- [x] a\n"))
@LAWS
def test_p3_no_tick_line_key_or_element_of_either_side_is_lost_in_silence(history: tuple[str, ...]) -> None:
    base, *sides = history
    merged = merge_texts(base=base, ours=sides[0], theirs=sides[1])
    said = merged.text + "".join(f"\n{c.base}\n{c.ours}\n{c.theirs}" for c in merged.conflicts)
    fields = {conflict.field for conflict in merged.conflicts}
    values = reading(merged.text)[0]
    for mine in sides:
        old, new = reading(base)[0], reading(mine)[0]
        for key in {*old, *new} - {"tags"}:
            if new.get(key) != old.get(key):
                assert values.get(key) == new.get(key) or key in fields
        added = {*_tags(new)} - {*_tags(old)}
        removed = {*_tags(old)} - {*_tags(new)}
        assert "tags" in fields or (added <= {*_tags(values)} and removed.isdisjoint(_tags(values)))
        assert old.keys() - new.keys() - fields - {"tags"} <= old.keys() - values.keys()
        before, after, everything = (
            unticked(text) for text in (parse_document(base).body, parse_document(mine).body, said)
        )
        assert after - before <= everything
        for step in {*ticks(parse_document(mine).body)} - {*ticks(parse_document(base).body)}:
            assert step in ticks(merged.text) or merged.conflicts


def unticked(text: str) -> set[str]:
    return {*text.replace("[x]", "[ ]").split("\n")}


def _tags(values: dict[str, RawValue]) -> tuple[RawValue, ...]:
    value = values.get("tags", ())
    return value if isinstance(value, tuple) else (value,)


@given(histories(shapes=True))
@LAWS
def test_p4_a_clean_merge_can_be_read_and_holds_no_markers(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    document = parse_document(merged.text)
    assert document.kind == "yaml"
    assert not [fault for entry in document.entries for fault in entry.faults]
    assert "<<<<<<<" not in merged.text


@given(histories(shapes=True))
@LAWS
def test_p5_keys_nobody_touched_stay_byte_for_byte(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    assume(ours not in (base, theirs) and theirs != base)
    before, mine, other, after = (sources(text) for text in (base, ours, theirs, merged.text))
    plain = {key: line.replace("\r", "") for key, line in before.items()}
    for key, line in mine.items():
        if line.replace("\r", "") == plain.get(key) == other.get(key, "").replace("\r", ""):
            assert after[key] == line
    assert merged.text.startswith("\ufeff") == ours.startswith("\ufeff")
    assert ("\r\n" in merged.text) == ("\r\n" in ours)


def sources(text: str) -> dict[str, str]:
    return {entry.key: text[entry.start : entry.end] for entry in parse_document(text).entries}


@given(texts() | st.none(), texts(), texts())
@LAWS
def test_p6_no_text_makes_it_raise_and_a_conflict_names_what_differs(base: str | None, ours: str, theirs: str) -> None:
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    for conflict in merged.conflicts:
        assert conflict.field
        assert conflict.base is not None or conflict.ours is not None or conflict.theirs is not None


@given(histories(sides=3))
@LAWS
def test_p7_the_order_of_three_clean_merges_does_not_matter(history: tuple[str, ...]) -> None:
    base, *sides = history
    assume(all(side.count("## Log\n") == base.count("## Log\n") for side in sides))  # else lines, as git merges them
    results = []
    for first, *others in permutations(sides):
        text = first
        for other in others:
            merged = merge_texts(base=base, ours=text, theirs=other)
            assume(not merged.conflicts)
            text = merged.text
        values, body = reading(text)
        results.append((values, {*body.split("\n")} - {""}))  # as git's, a merge by lines may double a doubled line
    assert all(result == results[0] for result in results)


@given(histories(shapes=True))
@LAWS
def test_undo_of_the_newest_change_gives_back_the_very_text_before_it(history: tuple[str, ...]) -> None:
    before, after, _ = history
    assert merge_texts(base=after, ours=after, theirs=before) == Merged(before)
