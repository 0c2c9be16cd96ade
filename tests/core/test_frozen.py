"""A frozen plan is a table that reads back as it was written, whatever the titles; a bad row costs that row only."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.frozen import Baseline, Frozen, from_text, hours, path_of, to_text
from planner.core.model import Item
from planner.core.values import Money
from planner.core.vault import Vault

INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda d: d.replace(second=0, microsecond=0))  # noqa: DTZ001 (local)
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40).map(
    lambda t: " ".join(t.split())
)
ROWS = st.builds(
    Frozen,
    id=st.from_regex(r"[a-z][a-z0-9]{5}", fullmatch=True),
    kind=st.sampled_from(["task", "milestone"]),
    project=st.sampled_from(["", "web"]),
    start=INSTANTS,
    finish=INSTANTS,
    duration=st.integers(0, 10**6),
    effort=st.integers(0, 10**6),
    cost=st.none() | st.builds(Money, st.decimals(0, 10**9, places=2), st.just("EUR")),
    title=st.one_of(TITLES, st.text(r"\| a", max_size=9).map(lambda t: " ".join(t.split()))),
)


def written_and_read(baseline: Baseline) -> Baseline:
    path = path_of(baseline.name)
    item = Vault.parse({path: to_text(baseline)}).files[path].item
    assert isinstance(item, Item)
    return from_text(item, to_text(baseline))


@settings(max_examples=50)
@given(st.lists(ROWS, max_size=4, unique_by=lambda row: row.id), st.dates(date(1, 1, 1)))
def test_what_is_frozen_reads_back(rows: list[Frozen], taken: date) -> None:
    baseline = Baseline("agreed", taken, "d02d3d4", {row.id: row for row in rows})
    assert written_and_read(baseline) == baseline


def test_a_row_that_cannot_be_read_costs_that_row_and_is_named_by_its_line() -> None:
    row = Frozen(
        "k7f3qx",
        "task",
        "",
        datetime.fromisoformat("2026-11-25T09:00"),
        datetime.fromisoformat("2026-11-27T18:00"),
        1440,
        90,
        Money(Decimal(5), "EUR"),
        "A | B",
    )
    text = to_text(Baseline("start", date(2026, 11, 25), rows={"k7f3qx": row}))
    broken = (
        text.replace("24h", "24").replace("A \\| B", "A | B") + "| m2d9hz | task | | 2026-11-25T09:00 |\n" + text[-120:]
    )
    vault = Vault.parse({"planner.toml": "", "baselines/start.md": text + "| m2d9hz | task |\n"})
    (fault,) = vault.problems
    assert (fault.code, fault.line) == ("bad-baseline", 12)
    assert "9 cells are wanted, not 2" in fault.message
    worse = Vault.parse({"planner.toml": "", "baselines/start.md": broken})
    assert {fault.code for fault in worse.problems} == {"bad-baseline"}


def test_windows_line_ends_are_read() -> None:
    row = Frozen(
        "k7f3qx",
        "task",
        "",
        datetime.fromisoformat("2026-11-25T09:00"),
        datetime.fromisoformat("2026-11-27T18:00"),
        1440,
        90,
        None,
        "A",
    )
    text = to_text(Baseline("start", date(2026, 11, 25), rows={"k7f3qx": row})).replace("\n", "\r\n")
    item = Vault.parse({"baselines/start.md": text}).items[0]
    assert from_text(item, text).rows == {"k7f3qx": row}


@pytest.mark.parametrize("name", ["", "Start", "a b", "../x", ".x", "a/b", "x" * 61, "-x"])
def test_a_name_that_is_no_good_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        path_of(name)


def test_lengths_in_hours() -> None:
    assert [hours(minutes) for minutes in (0, 30, 60, 90, 6000)] == ["0h", "30m", "1h", "1h30m", "100h"]
