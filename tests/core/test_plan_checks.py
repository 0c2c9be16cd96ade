"""Faults of plans: each with its place, its sentence and the way out, and none where all is well."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.shelf import FLAGS, NOTABLE, Shelf
from planner.core.vault import Vault
from tests.conftest import Claims, build
from tests.proof import times
from tests.store.test_packed import headers

CODES = {"no-capacity", "currency-differs", "estimate-order", "unknown-baseline", "bad-baseline"}


def found(texts: dict[str, str]) -> list[tuple[str, str, int, str, str]]:
    return [(f.code, f.path, f.line, f.message, f.hint) for f in build(texts).problems if f.code in CODES]


def item(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", ""))


def test_the_sample_vault_has_none(sample_vault: Vault) -> None:
    assert not [fault for fault in sample_vault.problems if fault.code in CODES]


def test_a_person_without_time_who_is_to_do_something() -> None:
    texts = {"people/ana.md": item("name: Ana", "capacity: 0h"), "a.md": item("id: a", "status: done", "assignee: ana")}
    assert found(texts) == []
    texts["b.md"] = item("id: b", "status: todo", "assignee: ana")
    assert found(texts) == [
        ("no-capacity", "people/ana.md", 3, "ana has no working time and is to do 1 open items",
         "give a capacity, or assign it to somebody else"),
    ]  # fmt: skip


def test_a_project_counts_in_the_currency_of_its_budget() -> None:
    texts = {
        "projects/web/project.md": item("title: Web", "cost: 5 CHF", "budget: 900 CHF"),
        "projects/web/a.md": item("id: a", "cost: 40 EUR", "assignee: ana"),
        "projects/web/b.md": item("id: b", "cost: 40 CHF", "rate: 50 CHF", "assignee: ana"),
        "people/ana.md": item("rate: 60 EUR"),
    }
    assert [(code, path, line, message) for code, path, line, message, _ in found(texts)] == [
        ("currency-differs", "people/ana.md", 2, "rate: 60 EUR, where the vault counts in CHF"),
        ("currency-differs", "projects/web/a.md", 3, "cost: 40 EUR, where the project web counts in CHF"),
        ("currency-differs", "projects/web/a.md", 4, "ana costs 60 EUR an hour, where the project web counts in CHF"),
    ]


def test_an_estimate_is_in_order_on_the_calendar_it_is_counted_on() -> None:
    long_days = '[calendars.default]\nworking = "Mon-Thu 08:00-18:00"\n'
    task = {"a.md": item("id: a", "estimate: 9h/1d/2d")}
    assert found({"planner.toml": long_days, **task}) == []
    ((code, path, line, message, _),) = found(task)
    assert (code, path, line) == ("estimate-order", "a.md", 3)
    assert message == "estimate: 9h/1d/2d is not in order where a day has 8 hours"


def test_a_project_names_a_baseline_that_is_there() -> None:
    texts = {"projects/web/project.md": item("title: Web", "baseline: agreed")}
    ((code, path, line, message, hint),) = found(texts)
    assert (code, path, line) == ("unknown-baseline", "projects/web/project.md", 3)
    assert (message, hint) == ("baseline: there is no baselines/agreed.md", "planner plan baseline agreed takes it")
    texts["baselines/agreed.md"] = item("kind: baseline", "taken: 2026-11-25")
    assert found(texts) == []


@pytest.mark.proof
def test_the_rows_lead_a_check_to_all_it_would_find(claims: Claims) -> None:
    """Only items whose rows say so are looked at; looking at all of them finds nothing more."""
    count, found = times(150, 5_000), 0
    with claims("faults found by rows are those found by looking at every item", expect=count) as claim:

        @settings(max_examples=count)
        @given(st.lists(headers(), min_size=1, max_size=4))
        def holds(texts: list[str]) -> None:
            nonlocal found
            folders = ("tasks", "projects", "people", "risks")
            vault = Vault.parse({f"{folder}/x.md": text for folder, text in zip(folders, texts, strict=False)})
            rows = {path: (*row[:FLAGS], row[FLAGS] | NOTABLE) for path, row in vault.rows.items()}
            everything = Vault(Shelf(rows, vault.files.__getitem__), vault.config)
            found += len(vault.cross_problems)
            claim.check(vault.cross_problems == everything.cross_problems, texts)

        holds()
    assert found > count // 20
