"""A conflict as git marks it, and back: what both sides say can still be read in a marked file."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from planner.core.markers import Versions, merge_with_markers, versions_of
from planner.core.merge import Side, always, merge_texts
from tests.core.test_merge import TASK, edit
from tests.histories import histories, texts

LAWS = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

OURS = edit(TASK, ("todo", "doing"), ("[ ] by key", "[x] by key"), ("Two", "Three"))
THEIRS = edit(TASK, ("todo", "done"), ("- [ ] by key\n", ""), ("12-01", "12-24"), ("Two", "Four"))


def test_markers_stand_around_what_both_sides_changed_and_nothing_else() -> None:
    merged = merge_with_markers(Versions(TASK, OURS, THEIRS))
    assert merged.text == edit(
        TASK,
        ("status: todo\n", "<<<<<<< ours\nstatus: doing\n||||||| base\nstatus: todo\n=======\nstatus: done\n>>>>>>> theirs\n"),
        ("12-01", "12-24"),
        ("Two people edit one task.\n",
         "<<<<<<< ours\nThree people edit one task.\n||||||| base\nTwo people edit one task.\n=======\n"
         "Four people edit one task.\n>>>>>>> theirs\n"),
        ("- [ ] by key\n", "<<<<<<< ours\n- [x] by key\n||||||| base\n- [ ] by key\n=======\n>>>>>>> theirs\n"),
    )  # fmt: skip
    versions = versions_of(merged.text)
    assert versions is not None
    assert versions.conflicts == merged.conflicts


def test_git_markers_without_a_base_can_be_read_too() -> None:
    marked = edit(TASK, ("status: todo\n", "<<<<<<< HEAD\nstatus: doing\n=======\nstatus: done\n>>>>>>> branch\n"))
    assert versions_of(marked) == Versions(
        edit(TASK, ("status: todo\n", "")), edit(TASK, ("todo", "doing")), edit(TASK, ("todo", "done"))
    )


def test_a_marked_base_inside_a_conflict_belongs_to_its_content() -> None:
    inner = "<<<<<<<<< one\na\n=========\nb\n>>>>>>>>> two\n"
    assert versions_of(f"x\n<<<<<<< ours\no\n||||||| base\n{inner}=======\nt\n>>>>>>> theirs\ny\n") == Versions(
        f"x\n{inner}y\n", "x\no\ny\n", "x\nt\ny\n"
    )


@pytest.mark.parametrize(
    "text",
    ["", "Heading\n=======\n", "<<<<<<< a\n", "<<<<<<< a\n=======\n", "=======\n<<<<<<< a\n>>>>>>> b\n",
     "<<<<<<< a\n>>>>>>> b\n=======\n", " <<<<<<< a\n=======\n>>>>>>> b\n"],
)  # fmt: skip
def test_what_is_no_conflict_is_none(text: str) -> None:
    assert versions_of(text) is None


def test_windows_line_breaks_stay_in_markers_too() -> None:
    base, ours, theirs = (text.replace("\n", "\r\n") for text in (TASK, OURS, THEIRS))
    marked = merge_with_markers(Versions(base, ours, theirs)).text
    assert "\n" not in marked.replace("\r\n", "")
    versions = versions_of(marked)
    assert versions is not None
    assert {clash.field for clash in versions.conflicts} == {"status", "body", "checklist"}


@given(histories(shapes=True))
@LAWS
def test_a_marked_text_holds_the_merge_in_favour_of_either_side(history: tuple[str, ...]) -> None:
    versions = Versions(*history)
    merged = merge_with_markers(versions)
    found = versions_of(merged.text)
    assert (found is not None) == bool(merged.conflicts)
    if found is not None:
        for side, text in zip(Side, found, strict=True):
            expected = versions.merged(always(side)).text
            assert (text or "").split() == expected.split()


@given(texts(), texts(), texts())
@LAWS
def test_no_text_makes_it_raise(base: str, ours: str, theirs: str) -> None:
    marked = merge_with_markers(Versions(base, ours, theirs)).text
    versions_of(marked)
    versions_of(base)


@given(histories())
@LAWS
def test_whoever_is_in_favour_conflicts_are_the_same(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    plain = merge_texts(base=base, ours=ours, theirs=theirs)
    for side in Side:
        merged = merge_texts(base=base, ours=ours, theirs=theirs, favor=always(side))
        assert merged.conflicts == plain.conflicts
        assert bool(plain.conflicts) or merged.text == plain.text
