"""Taskwarrior's urgency, term by term."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest

from planner.core.config import parse_config
from planner.core.model import Item
from planner.core.vault import Vault
from planner.query.urgency import Coefficients, age_term, count_term, due_term, terms, urgency

NOW = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 (local time, as everywhere)
CREATED = {"created": "2026-11-25T12:00"}


def vault_of(items: Mapping[str, Mapping[str, str]], toml: str = "", log: str = "") -> Vault:
    texts = {
        f"tasks/{id_}.md": "".join(
            ("---\n", *(f"{k}: {v}\n" for k, v in {"id": id_, **CREATED, **each}.items()), "---\n", log)
        )
        for id_, each in items.items()
    }
    return Vault.parse(texts, parse_config(toml))


def one(toml: str = "", log: str = "", **fields: str) -> dict[str, float]:
    """The addends of a single item by name."""
    vault = vault_of({"a": fields}, toml, log)
    return {term.name: round(term.amount, 6) for term in terms(vault.items[0], vault, NOW)}


def item(vault: Vault, id_: str) -> Item:
    found = vault.get(id_)
    assert found is not None
    return found


def test_the_worked_example() -> None:
    vault = vault_of({"a": {"due": "2026-11-28T12:00", "project": "x", "tags": "[a]", "priority": "high"}})
    assert urgency(vault.items[0], vault, NOW) == pytest.approx(15.2286, abs=0.00005)
    assert [term.name for term in terms(vault.items[0], vault, NOW)] == ["due", "priority high", "tags", "project"]


@pytest.mark.parametrize(
    ("days_overdue", "value"), [(8, 1.0), (7, 1.0), (0, 14 * 0.8 / 21 + 0.2), (-3, 0.619048), (-14, 0.2), (-30, 0.2)]
)
def test_due(days_overdue: int, value: float) -> None:
    assert due_term(NOW - timedelta(days=days_overdue), NOW) == pytest.approx(value, abs=1e-6)


def test_a_day_is_due_as_it_begins() -> None:
    assert due_term(date(2026, 11, 25), NOW) == due_term(NOW - timedelta(hours=12), NOW)
    assert due_term(None, NOW) == 0.0


def test_age() -> None:
    assert age_term(NOW - timedelta(days=73, hours=23), NOW, 365) == pytest.approx(0.2)
    assert age_term(NOW - timedelta(days=365), NOW, 365) == 1.0
    assert age_term(NOW - timedelta(days=5000), NOW, 365) == 1.0
    assert age_term(NOW, NOW, 365) == 0.0
    assert age_term(None, NOW, 365) == 1.0
    assert age_term(NOW, NOW, 0) == 1.0


def test_counts() -> None:
    assert [count_term(count) for count in range(5)] == [0.0, 0.8, 0.9, 1.0, 1.0]


def test_single_terms() -> None:
    assert one() == {}
    assert one(status="doing") == {"active": 4.0}
    assert one(scheduled="2026-11-25") == {"scheduled": 5.0}
    assert one(scheduled="2026-11-26") == {}
    assert one(wait="2026-11-26") == {"waiting": -3.0}
    assert one(wait="2026-11-25") == {}
    assert one(tags="[next]") == {"user.tag.next": 15.0, "tags": 0.8}
    assert one(tags="[a, b, c]") == {"tags": 1.0}
    assert one(log="## Log\n- 2026-11-24 ana: a\n- 2026-11-25 ana: b\n") == {"annotations": 0.9}


def test_levels_count_from_the_lowest() -> None:
    amounts = [one(priority=level).popitem()[1] for level in ("low", "medium", "high", "urgent")]
    assert amounts == [1.8, 3.9, 6.0, 8.1]
    three = '[vault]\npriorities = ["H", "M", "L"]\n'
    assert [one(three, priority=level).popitem()[1] for level in "HML"] == [6.0, 3.9, 1.8]


def test_blocking_and_blocked_count_open_items_only() -> None:
    vault = vault_of(
        {"a": {}, "b": {"depends_on": "a"}, "c": {"depends_on": "d"}, "d": {"status": "done"}, "e": {"depends_on": "e"}}
    )
    assert {i.id: urgency(i, vault, NOW) for i in vault.items} == {"a": 8.0, "b": -5.0, "c": 0.0, "d": 0.0, "e": 0.0}


def test_user_terms() -> None:
    coefficients = Coefficients(
        user={"user.project.web": 1.0, "user.tag.x": 2.0, "user.keyword.git": 4.0, "uda.size": 8.0, "uda.size.xl": 16.0}
    )

    def names(**fields: str) -> set[str]:
        vault = vault_of({"a": fields})
        return {term.name for term in terms(vault.items[0], vault, NOW, coefficients)} - {"project", "tags"}

    assert names(project="web.ui") == {"user.project.web"}
    assert names(project="webs") == set()
    assert names(tags="[x, next]") == {"user.tag.x"}
    assert names(title="Learn git") == {"user.keyword.git"}
    assert names(size="xl") == {"uda.size", "uda.size.xl"}
    assert names(size="s") == {"uda.size"}


def test_a_coefficient_of_zero_switches_a_term_off() -> None:
    vault = vault_of({"a": {"project": "web"}})
    assert terms(vault.items[0], vault, NOW, Coefficients(project=0.0)) == ()


def test_inheritance_sorts_what_blocks_above_what_it_blocks() -> None:
    vault = vault_of(
        {"a": {}, "b": {"depends_on": "a"}, "c": {"depends_on": "b", "priority": "high", "tags": "[next]"}}
    )
    inherit = Coefficients(inherit=True)
    top = urgency(item(vault, "c"), vault, NOW, inherit)
    assert top == pytest.approx(6.0 + 15.0 + 0.8 - 5.0)
    assert urgency(item(vault, "b"), vault, NOW, inherit) == pytest.approx(top + 0.01)
    assert urgency(item(vault, "a"), vault, NOW, inherit) == pytest.approx(top + 0.02)


def test_inheritance_ends_in_circles_and_long_chains() -> None:
    inherit = Coefficients(inherit=True)
    circle = vault_of({"a": {"depends_on": "b"}, "b": {"depends_on": "a"}})
    assert urgency(item(circle, "a"), circle, NOW, inherit) == pytest.approx(3.01)
    chain = vault_of({f"c{n}": {"depends_on": f"c{n - 1}"} for n in range(1500)})
    assert urgency(item(chain, "c0"), chain, NOW, inherit) > 8.0
