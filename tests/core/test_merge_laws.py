"""The laws of a merge, counted: P1 to P7, each over thousands of histories that aim at the traps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.core.document import RawValue, parse_document
from planner.core.merge import Merged, merge_texts
from tests.conftest import Claims
from tests.histories import histories, reading, texts, ticks
from tests.proof import times

pytestmark = pytest.mark.proof

T = TypeVar("T")
COUNT = times(60, 5_000)


def prove(
    claims: Claims, name: str, cases: st.SearchStrategy[T], law: Callable[[T], None], expect: int = COUNT
) -> None:
    """Try a law, which asserts what must hold, on so many cases."""
    with claims(name, expect=expect) as claim:

        @settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
        @given(cases)
        def holds(case: T) -> None:
            law(case)
            claim.check(True)

        holds()


def p1(case: tuple[str, str]) -> None:
    base, changed = case
    assert merge_texts(base=base, ours=changed, theirs=changed) == Merged(changed)
    assert merge_texts(base=base, ours=changed, theirs=base) == Merged(changed)
    assert merge_texts(base=base, ours=base, theirs=changed) == Merged(changed)


def test_p1_what_only_one_side_changed_is_taken_byte_for_byte(claims: Claims) -> None:
    prove(claims, "merge P1: what one side changed is taken byte for byte", st.tuples(texts(), texts()), p1)


def p2(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    one, two = merge_texts(base=base, ours=ours, theirs=theirs), merge_texts(base=base, ours=theirs, theirs=ours)
    swapped = {(c.field, c.base, c.theirs, c.ours) for c in two.conflicts}
    assert {(c.field, c.base, c.ours, c.theirs) for c in one.conflicts} == swapped
    if not one.conflicts:
        assert reading(one.text) == reading(two.text)


def test_p2_swapped_sides_agree_on_what_conflicts_and_what_is_clean(claims: Claims) -> None:
    prove(claims, "merge P2: swapped sides agree", histories(), p2)


def p3(history: tuple[str, ...]) -> None:
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


def test_p3_no_tick_line_key_or_element_of_either_side_is_lost_in_silence(claims: Claims) -> None:
    p3(("- [ ] a\n", "", "- [x] a\n"))
    p3(("- [ ] a\n- [ ] b\n", "- [ ] b\n- [ ] c\n", "- [x] a\n- [ ] b\n"))
    p3(("- [ ] a\n- [ ] a\n", "- [ ] a\n", "- [ ] a\n- [x] a\n"))
    prove(claims, "merge P3: nothing is lost in silence", histories(), p3)


def unticked(text: str) -> set[str]:
    return {*text.replace("[x]", "[ ]").split("\n")}


def _tags(values: dict[str, RawValue]) -> tuple[RawValue, ...]:
    value = values.get("tags", ())
    return value if isinstance(value, tuple) else (value,)


def p4(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    document = parse_document(merged.text)
    assert document.kind == "yaml"
    assert not [fault for entry in document.entries for fault in entry.faults]
    assert "<<<<<<<" not in merged.text


def test_p4_a_clean_merge_can_be_read_and_holds_no_markers(claims: Claims) -> None:
    prove(claims, "merge P4: a clean merge can be read and has no markers", histories(shapes=True), p4)


def p5(history: tuple[str, ...]) -> None:
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


def test_p5_keys_nobody_touched_stay_byte_for_byte(claims: Claims) -> None:
    prove(claims, "merge P5: what nobody touched stays byte for byte", histories(shapes=True), p5)


def sources(text: str) -> dict[str, str]:
    return {entry.key: text[entry.start : entry.end] for entry in parse_document(text).entries}


def p6(case: tuple[str | None, str, str]) -> None:
    base, ours, theirs = case
    merged = merge_texts(base=base, ours=ours, theirs=theirs)
    for conflict in merged.conflicts:
        assert conflict.field
        assert conflict.base is not None or conflict.ours is not None or conflict.theirs is not None


def test_p6_no_text_makes_it_raise_and_a_conflict_names_what_differs(claims: Claims) -> None:
    prove(claims, "merge P6: no text makes it raise", st.tuples(texts() | st.none(), texts(), texts()), p6)


def _says_twice(text: str) -> bool:
    """Whether a log has one entry twice: which of equals is taken out depends on who is asked first."""
    entries = [line for line in text.split("\n") if line.startswith("- 2026")]
    return len(entries) != len({*entries})


def p7(history: tuple[str, ...]) -> None:
    base, *sides = history
    assume(all(side.count("## Log\n") == base.count("## Log\n") for side in sides))  # else lines, as git merges them
    assume(not any(map(_says_twice, history)))
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


def test_p7_the_order_of_three_clean_merges_does_not_matter(claims: Claims) -> None:
    prove(
        claims, "merge P7: the order of clean merges does not matter", histories(sides=3), p7, expect=times(20, 1_000)
    )


def undone(history: tuple[str, ...]) -> None:
    before, after, _ = history
    assert merge_texts(base=after, ours=after, theirs=before) == Merged(before)


def test_undo_of_the_newest_change_gives_back_the_very_text_before_it(claims: Claims) -> None:
    prove(claims, "merge: an undo of the newest change gives the very text before", histories(shapes=True), undone)
