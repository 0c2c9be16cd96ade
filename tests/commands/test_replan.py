from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from planner.commands.base import Context
from planner.commands.replan import lasting, shifted, stretched
from planner.commands.tasks import Set
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.plan.calendar import moment
from planner.plan.planned import planned

TODAY = date(2026, 11, 25)  # a Wednesday
CTX = Context(TODAY, datetime(2026, 11, 25, 12, tzinfo=UTC))
TOML = '[calendars.default]\nworking = "Mon-Fri 09:00-12:00 13:00-18:00"\n'
PATH = "tasks/a.md"


def held(header: str) -> Vault:
    return Vault.parse({"planner.toml": TOML, PATH: f"---\nid: a\n{header}\n---\n", "tasks/b.md": "---\nid: b\n---\n"})


def told(wish: Set) -> str:
    assert wish.items == (PATH,)
    return " ".join(wish.assignments)


def shift(header: str, to: date, *, by_day: bool = True) -> str:
    vault = held(header)
    plan = planned(vault, TODAY)
    item = vault.files[PATH].item
    assert item is not None
    return told(shifted(item, (plan.network.activities[PATH], plan.dates[PATH]), moment(to), by_day=by_day))


def stretch(header: str, minutes: int) -> str:
    vault = held(header)
    plan = planned(vault, TODAY)
    item = vault.files[PATH].item
    assert item is not None
    wish = stretched(item, (plan.network.activities[PATH], plan.dates[PATH]), minutes)
    after = vault.apply(wish.plan(vault, CTX).edits)
    assert planned(after, TODAY).dates[PATH].finish != plan.dates[PATH].finish
    return told(wish)


@pytest.mark.parametrize(
    ("header", "to", "said"),
    [
        ("estimate: 2d", date(2026, 11, 27), "scheduled=2026-11-27"),
        ("estimate: 2d", date(2026, 11, 28), "scheduled=2026-11-30"),
        ("estimate: 2d\nscheduled: 2026-12-02", date(2026, 11, 29), "scheduled=2026-11-27"),
        ("estimate: 2d\nconstraint: SNET 2026-12-01", date(2026, 12, 2), "constraint=SNET 2026-12-02"),
        ("estimate: 2d\nconstraint: MSO 2026-12-01", date(2026, 11, 30), "constraint=MSO 2026-11-30"),
        ("estimate: 2d\nconstraint: FNLT 2026-12-04", date(2026, 11, 27), "constraint=FNLT 2026-12-07"),
        ("estimate: 2d\nconstraint: ALAP", date(2026, 12, 2), "scheduled=2026-12-02"),
        ("kind: milestone", date(2026, 12, 2), "scheduled=2026-12-02"),
    ],
)
def test_a_bar_is_moved_by_the_date_that_holds_it(header: str, to: date, said: str) -> None:
    assert shift(header, to) == said


def test_by_hours_an_instant_is_written() -> None:
    assert (
        shift("estimate: 2d", datetime.combine(date(2026, 11, 26), time(10)), by_day=False)
        == "scheduled=2026-11-26T10:00"
    )
    assert (
        shift("estimate: 2d", datetime.combine(date(2026, 11, 26), time(12, 30)), by_day=False)
        == "scheduled=2026-11-26T13:00"
    )


@pytest.mark.parametrize(
    ("header", "minutes", "said"),
    [
        ("estimate: 2d", 480, "estimate=3d"),
        ("estimate: 2d", -60, "estimate=1d7h"),
        ("duration: 1w", 480, "duration=6d"),
        ("duration: 5d\nestimate: 2d", -480, "duration=4d"),
        ("estimate: 1d/2d/4d", 3 * 480, "estimate=4d/5d/7d"),
        ("estimate: 1d/2d/4d", -720, "estimate=30m/4h/2d4h"),
        ("estimate: 4d\nunits: 50%\nassignee: ana", 480, "estimate=4d4h"),
        ("estimate: 4d\nassignee: [ana, bo]", 480, "estimate=6d"),
        ("estimate: 4d\nstatus: doing\nremaining: 2d\nstarted: 2026-11-23", 480, "remaining=3d"),
    ],
)
def test_a_bar_is_stretched_by_what_says_its_length(header: str, minutes: int, said: str) -> None:
    assert stretch(header, minutes) == said


def test_a_task_of_no_known_length_gets_one() -> None:
    assert stretch("title: A", 480).startswith("estimate=")


@pytest.mark.parametrize("header", ["status: done\ncompleted: 2026-11-24", "status: doing\nstarted: 2026-11-24"])
def test_what_is_done_or_has_begun_is_not_moved(header: str) -> None:
    with pytest.raises(Invalid):
        shift(header, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("header", "minutes"),
    [("status: done\ncompleted: 2026-11-24", 480), ("kind: milestone", 480), ("estimate: 1d", -480)],
)
def test_what_has_no_length_to_change_is_refused(header: str, minutes: int) -> None:
    with pytest.raises(Invalid):
        stretch(header, minutes)


@pytest.mark.parametrize(("minutes", "said"), [(480, "1d"), (1020, "2d1h"), (30, "30m"), (0, "0m"), (515, "1d35m")])
def test_lengths_are_said_as_files_say_them(minutes: int, said: str) -> None:
    assert lasting(minutes, 480) == said


def test_a_summary_is_moved_by_what_it_contains() -> None:
    texts = {PATH: "---\nid: a\n---\n", "tasks/c.md": "---\nid: c\nparent: a\nestimate: 1d\n---\n"}
    vault = Vault.parse({"planner.toml": TOML, **texts})
    plan = planned(vault, TODAY)
    item = vault.files[PATH].item
    assert item is not None
    both = plan.network.activities[PATH], plan.dates[PATH]
    with pytest.raises(Invalid, match="first thing in it"):
        shifted(item, both, moment(TODAY), by_day=True)
    with pytest.raises(Invalid, match="last thing in it"):
        stretched(item, both, 480)
