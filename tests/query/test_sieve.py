"""Rows may only rule out what the query would not show anyway."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.query.match import compile_query, select
from planner.query.scope import Scope
from planner.query.sieve import sieve
from planner.query.visible import visible
from tests.conftest import MakeVault

QUERIES = (
    "", "tag:home", "tag:HOME", "tag:#home", "-tag:home", "tag:home or tag:errand", "tag:home or barn", "tag:none", "tag:any",
    "kind:person", "kind:task tag:home", "kind:Task", "is:archived", "is:template", "is:done", "status:done tag:home", "sponsor:any",
    "is:broken", "is:open -kind:milestone", "id:t", "tag:home,errand", "(tag:home kind:task) or kind:goal", "path:people", "due<+7d",
)  # fmt: skip


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("done_since", [None, date(2026, 11, 1)])
def test_select_finds_what_a_look_at_every_item_finds(
    text: str, done_since: date | None, sample_vault: Vault, today: date
) -> None:
    query = parse_query(text)
    fits = compile_query(query, sample_vault, today=today, me="ana")
    shown = visible(query, Scope(sample_vault, today, "ana"), done_since)
    every = {item.path for item in sample_vault.items if fits(item) and shown(item)}
    found = select(sample_vault, query, today=today, me="ana", done_since=done_since)
    assert {item.path for item in found} == every


def test_most_of_the_vault_is_passed_over(sample_vault: Vault, today: date) -> None:
    fits = sieve(parse_query("tag:home"), Scope(sample_vault, today))
    passed = [row for row in sample_vault.rows.values() if fits(row)]
    assert 0 < len(passed) < len(sample_vault.items) / 2


def test_a_kind_of_the_vaults_own_is_work_once_it_has_a_status(vault: MakeVault, today: date) -> None:
    made = vault({"tasks/a.md": "---\nkind: recipe\nstatus: todo\n---\n", "tasks/b.md": "---\nkind: recipe\n---\n"})
    assert [item.path for item in select(made, parse_query(""), today=today)] == ["tasks/a.md"]
