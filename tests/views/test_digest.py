from __future__ import annotations

from datetime import UTC, datetime, timedelta

from planner.core.events import FieldChange, Revision
from planner.core.handoffs import HandOff
from planner.core.vault import Vault
from planner.views.digest import Said, digest, waiting

BEGIN = datetime(2026, 11, 20, 9, tzinfo=UTC)
VAULT = Vault.parse(
    {
        "planner.toml": "",
        "people/ana.md": "---\nemail: ana@example.org\n---\nAna\n",
        "people/bo.md": "---\nemail: bo@example.org\n---\nBo\n",
        "tasks/a.md": "---\nid: a\nstatus: done\n---\nA\n",
        "tasks/b.md": "---\nid: b\nstatus: doing\nassignee: bo\nblocked_reason: no key\n---\nB\n",
        "tasks/c.md": "---\nid: c\nstatus: dropped\ndue: 2026-12-08\n---\nC\n",
        "tasks/n.md": "---\nid: n\nstatus: todo\n---\nNew\n",
    }
)


def revision(hours: int, who: str, *changes: tuple[str, str, str | None, str | None]) -> Revision:
    when = BEGIN + timedelta(hours=hours)
    return Revision(
        f"c{hours}", when, who, f"{who.lower()}@example.org", "s", changes=tuple(FieldChange(*c) for c in changes)
    )


HISTORY = [
    revision(8, "Ana", ("n", "added", None, "New"), ("n", "status", None, "todo")),
    revision(7, "Bo", ("gone", "deleted", "Gone", None), ("b", "log", None, "no key yet")),
    revision(6, "Ana", ("c", "status", "todo", "dropped"), ("c", "due", "2026-12-02", "2026-12-08")),
    revision(
        5,
        "Ana",
        ("c", "due", "2026-12-01", "2026-12-02"),
        ("a", "decisions", None, "2026-11-20T10:00 ana approved 1 3f9a2c1d"),
    ),
    revision(4, "Ana", ("a", "status", "review", "done")),
    revision(3, "Ana", ("a", "status", "done", "review"), ("b", "title", "X", "B")),
    revision(-1, "Ana", ("a", "status", "doing", "done")),
]


def test_the_whole_of_a_stretch_of_time() -> None:
    found = digest(VAULT, HISTORY, BEGIN, BEGIN + timedelta(hours=9))
    assert found.done == (Said("a", "a", "by Ana"),)
    assert found.added == (Said("n", "n"),)
    assert found.dropped == (Said("c", "c", "by Ana"), Said("gone", "Gone", "deleted"))
    assert found.slipped == (Said("c", "c", "due 2026-12-01 → 2026-12-08"),)
    assert found.decided == (Said("a", "a", "ana approved 1"),)


def test_by_person_what_they_did_and_what_they_have_in_hand() -> None:
    ana, bo = digest(VAULT, HISTORY, BEGIN, BEGIN + timedelta(hours=9)).shares
    assert (ana.who, ana.done, ana.moved) == (
        "ana", (Said("a", "a", "review → done"),), (Said("a", "a", "done → review"), Said("c", "c", "todo → dropped")),
    )  # fmt: skip
    assert ([one.id for one in ana.added], [one.id for one in ana.touched]) == (["n"], ["b"])
    assert (bo.said, bo.now, bo.blocked) == (
        (Said("b", "b", "no key yet"),),
        (Said("b", "b"),),
        (Said("b", "b", "no key"),),
    )


def test_nothing_happened_is_said_of_those_who_have_work_in_hand() -> None:
    (bo,) = digest(VAULT, [], BEGIN, BEGIN).shares
    assert (bo.who, bo.done, [one.id for one in bo.now]) == ("bo", (), ["b"])


def test_hand_offs_by_the_two_teams_the_longest_wait_first() -> None:
    def one(hours: int, outcome: str, to: str = "print") -> HandOff:
        end = None if outcome == "waiting" else BEGIN + timedelta(hours=hours)
        return HandOff("a", "ana", "draw", to, BEGIN, end, outcome)  # type: ignore[arg-type]  # one of the outcomes

    found = waiting(
        [one(1, "accepted"), one(3, "returned"), one(0, "waiting"), one(9, "accepted", "ship")],
        BEGIN + timedelta(hours=5),
    )
    assert [
        (row.to_team, row.count, row.open, row.returned, row.median.seconds // 3600, row.longest.seconds // 3600)
        for row in found
    ] == [
        ("ship", 1, 0, 0, 9, 9),
        ("print", 3, 1, 1, 3, 5),
    ]
