from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from planner.core.events import FieldChange, Revision
from planner.core.handoffs import handoffs
from planner.core.vault import Vault

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
VAULT = Vault.parse(
    {
        "planner.toml": '[workflow.default]\nstates = [{name = "draw", team = "makers"}, {name = "print", team = "printers"}, '
        '"ship"]\n',
        "people/kim.md": "Kim\n",
        "teams/makers.md": "---\nmembers: [ana]\n---\nMakers\n",
        "teams/printers.md": "---\nmembers: [kim]\n---\nPrinters\n",
    }
)


def told(*commits: Sequence[tuple[str, str | None, str | None]]) -> list[tuple[str, str, str, str, int]]:
    """Hand-offs of one item whose commits are an hour apart: from, to, outcome, by whom, hours waited."""
    revisions = [
        Revision(
            f"c{n}", START + timedelta(hours=n), f"p{n}", "", "", changes=tuple(FieldChange("a", *c) for c in changes)
        )
        for n, changes in enumerate(commits)
    ]
    now = START + timedelta(hours=len(commits))
    return [
        (h.from_team, h.to_team, h.outcome, h.by, round(h.waited(now) / timedelta(hours=1)))
        for h in handoffs(VAULT, revisions)
    ]


def test_a_hand_off_waits_is_accepted_or_returned() -> None:
    to_print = [("status", "draw", "print"), ("assignee", "ana", None)]
    assert told(to_print, []) == [("makers", "printers", "waiting", "", 2)]
    assert told(to_print, [], [("assignee", None, "kim")]) == [("makers", "printers", "accepted", "p2", 2)]
    assert told(to_print, [("assignee", None, "ana")]) == [("makers", "printers", "waiting", "", 2)]
    back = [("status", "print", "draw"), ("assignee", None, "ana")]
    assert told(to_print, back) == [("makers", "printers", "returned", "p1", 1)]
    assert told(to_print, [("status", "print", "ship")]) == [("makers", "printers", "returned", "p1", 1)]
    assert told(to_print, [("deleted", "A", None)]) == [("makers", "printers", "gone", "p1", 1)]


def test_work_that_comes_with_somebody_of_the_team_waits_for_nobody() -> None:
    assert told([("status", "draw", "print"), ("assignee", "ana", "kim")]) == []
    assert told([("status", None, "print")]) == []


def test_a_clock_that_went_back_makes_no_negative_wait() -> None:
    later, earlier = (
        Revision("c", START + timedelta(hours=n), "p", "", "", changes=(FieldChange("a", *change),))
        for n, change in ((5, ("status", "draw", "print")), (1, ("assignee", None, "kim")))
    )
    (found,) = handoffs(VAULT, [later, earlier])
    assert found.waited(START) == timedelta()
