from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.approvals import (
    VERDICTS,
    Decision,
    Result,
    Standing,
    Step,
    Verdict,
    fingerprint,
    left,
    may_decide,
    read_decision,
    read_step,
    standing,
)
from planner.core.vault import Vault
from tests.conftest import Claims
from tests.proof import times

TODAY = date(2026, 11, 25)
NOW = "0000abcd"
PEOPLE = ("ana", "bo", "kim")


def decided(*said: tuple[str, Verdict], mark: str = NOW) -> list[Decision]:
    """Decisions, a minute apart."""
    return [Decision(f"2026-11-25T10:{n:02}", who, verdict, "1", mark) for n, (who, verdict) in enumerate(said)]


def stands(rule: str, said: Sequence[Decision], expires: date | None = None) -> Standing:
    return standing(Step("1", PEOPLE, rule, expires), said, NOW, TODAY, {})


@pytest.mark.parametrize(
    ("rule", "said", "result", "awaited"),
    [
        ("all", [], "pending", PEOPLE),
        ("all", [("ana", "approved"), ("bo", "approved")], "pending", ("kim",)),
        ("all", [("ana", "approved"), ("bo", "approved"), ("kim", "approved")], "approved", ()),
        ("all", [("ana", "approved"), ("bo", "declined")], "declined", ()),
        ("all", [("ana", "approved"), ("bo", "abstained"), ("kim", "approved")], "approved", ()),
        ("any", [("kim", "approved")], "approved", ()),
        ("any", [("kim", "declined"), ("bo", "declined")], "pending", ("ana",)),
        ("any", [("kim", "declined"), ("bo", "declined"), ("ana", "declined")], "declined", ()),
        ("quorum:2", [("kim", "declined"), ("bo", "approved")], "pending", ("ana",)),
        ("quorum:2", [("kim", "approved"), ("bo", "approved")], "approved", ()),
        ("quorum:2", [("kim", "declined"), ("bo", "declined")], "declined", ()),
        ("sequential", [], "pending", ("ana",)),
        ("sequential", [("ana", "approved")], "pending", ("bo",)),
        ("all", [("ana", "changes_requested"), ("bo", "approved"), ("kim", "approved")], "pending", ("ana",)),
        ("all", [("ana", "declined"), ("ana", "approved"), ("bo", "approved"), ("kim", "approved")], "approved", ()),
        ("all", [("ana", "abstained"), ("bo", "abstained"), ("kim", "abstained")], "declined", ()),
        ("any", [("stranger", "approved")], "pending", PEOPLE),
    ],
)  # fmt: skip
def test_what_follows_from_a_rule(
    rule: str, said: list[tuple[str, Verdict]], result: Result, awaited: tuple[str, ...]
) -> None:
    found = stands(rule, decided(*said))
    assert (found.result, found.awaited) == (result, awaited)


def test_decisions_by_different_people_count_the_same_in_any_order(claims: Claims) -> None:
    count = times(100, 3_000)
    with claims("approval rules do not depend on the order of decisions", expect=count) as claim:

        @settings(max_examples=count, database=None)
        @given(
            st.sampled_from(["any", "all", "quorum:1", "quorum:2", "quorum:3"]),
            st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(VERDICTS)),
        )
        def law(rule: str, said: dict[str, Verdict]) -> None:
            results = {stands(rule, decided(*order)).result for order in permutations(said.items())}
            assert claim.check(len(results) == 1, (rule, said))

        while claim.total < count:
            law()


def test_one_more_approval_never_turns_approved_into_something_else() -> None:
    @given(
        st.sampled_from(["any", "all", "quorum:2"]),
        st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(VERDICTS))),
    )
    def law(rule: str, said: list[tuple[str, Verdict]]) -> None:
        if stands(rule, decided(*said)).result == "approved":
            for who in PEOPLE:
                assert stands(rule, decided(*said, (who, "approved"))).result == "approved"

    law()


def test_what_was_said_on_another_content_is_stale_and_counts_for_nothing() -> None:
    old = decided(("ana", "approved"), mark="ffffffff")
    found = stands("any", old)
    assert (found.result, found.stale) == ("pending", tuple(old))


def test_a_step_that_nobody_decided_in_time_is_expired_and_an_approved_one_is_not() -> None:
    late = date(2026, 11, 24)
    assert stands("any", [], late).result == "expired"
    assert stands("any", [], TODAY).result == "pending"
    assert stands("any", decided(("bo", "approved")), late).result == "approved"


def test_anybody_of_a_team_speaks_for_it() -> None:
    step = Step("1", ("web", "kim"), "all")
    said = decided(("bo", "approved"), ("kim", "approved"))
    assert standing(step, said, NOW, TODAY, {"web": frozenset({"ana", "bo"})}).result == "approved"
    assert standing(step, said, NOW, TODAY, {}).result == "pending"


def test_a_decision_is_read_as_it_is_written() -> None:
    one = Decision("2026-11-25T14:05", "bo", "approved", "last-look", "3f9a2c1d", "ana", "fine: really")
    assert str(one) == "2026-11-25T14:05 bo approved last-look 3f9a2c1d for ana: fine: really"
    assert read_decision(str(one)) == one
    assert one.voice == "ana"
    for text in ("", "yes", "2026-11-25T14:05 bo agreed 1 3f9a2c1d", "2026-11-25 bo approved 1 3f9a2c1d"):
        assert read_decision(text) is None


@given(
    st.builds(
        Decision,
        st.just("2026-11-25T14:05"),
        st.sampled_from(PEOPLE),
        st.sampled_from(VERDICTS),
        st.sampled_from(["1", "last-look"]),
        st.just("3f9a2c1d"),
        st.sampled_from(["", "kim"]),
        st.sampled_from(["", "fine", "a: b, c"]),
    )
)
def test_every_decision_is_read_back(one: Decision) -> None:
    assert read_decision(str(one)) == one


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ana", "is a map"),
        ({"rule": "any"}, "needs approvers"),
        ({"approvers": []}, "needs approvers"),
        ({"approvers": ["ana"], "rule": "most"}, "must be any"),
        ({"approvers": ["ana"], "rule": "quorum:0"}, "must be any"),
        ({"approvers": ["ana"], "expires": "soon"}, "must be a day"),
        ({"approvers": ["ana"], "decision": "approved"}, "has no 'decision'"),
    ],
)
def test_a_faulty_step_says_what_was_expected(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_step(value)


def test_a_step_as_people_write_it() -> None:
    found = read_step({"approvers": "@ana", "step": "last look", "expires": "2026-12-01"}, 2)
    assert found == Step("last-look", ("ana",), "all", date(2026, 12, 1))
    assert read_step({"approvers": ["ana"]}, 2).name == "2"


ITEM = """\
---
title: Poster
status: todo
due: 2026-12-01
approvals: [{approvers: [ana]}]
---
Readable from afar.

- [ ] one

## Log
- 2026-11-01 bo: hi
"""


def mark(text: str) -> str:
    vault = Vault.parse({"tasks/a.md": text})
    return fingerprint(vault.find("tasks/a.md"), text)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("status: todo", "status: doing\nassignee: bo", True),
        ("- [ ] one", "- [x] one", True),
        ("- 2026-11-01 bo: hi\n", "- 2026-11-01 bo: hi\n- 2026-11-02 ana: yes\n", True),
        ("\n\n## Log\n- 2026-11-01 bo: hi\n", "\n", True),
        ("title: Poster", "title: Flyer", False),
        ("due: 2026-12-01", "due: 2026-12-02", False),
        ("approvers: [ana]", "approvers: [bo]", False),
        ("Readable from afar.", "Readable from near.", False),
        ("- [ ] one", "- [ ] two", False),
    ],
)
def test_the_fingerprint_changes_with_what_an_item_is_not_with_where_it_stands(old: str, new: str, same: bool) -> None:
    changed = ITEM.replace(old, new, 1)
    assert changed != ITEM
    assert (mark(changed) == mark(ITEM)) is same


VAULT = Vault.parse(
    {
        "people/ana.md": "---\ndelegates: [bo]\n---\nAna\n",
        "people/bo.md": "Bo\n",
        "people/kim.md": "---\narchived: true\n---\nKim\n",
        "teams/web.md": "---\nmembers: [ana, kim]\n---\nWeb\n",
        "teams/old.md": "---\nmembers: [kim]\n---\nOld\n",
    }
)


def test_who_may_decide_in_whose_place() -> None:
    assert may_decide(VAULT, "ana", "ana") == ""
    assert may_decide(VAULT, "ana", "web") == ""
    assert may_decide(VAULT, "bo", "ana") == "ana"
    assert may_decide(VAULT, "bo", "web") == "ana"
    assert may_decide(VAULT, "kim", "ana") is None


def test_an_approver_who_left_is_known() -> None:
    assert [left(VAULT, name) for name in ("ana", "kim", "web", "old", "nobody")] == [False, True, False, True, True]
    assert not left(Vault.parse({}), "anybody")
