from __future__ import annotations

from planner.core.order import by_importance, column_place
from tests.conftest import build

TEXTS = {
    "tasks/a.md": "---\npriority: low\n---\n",
    "tasks/b.md": "---\npriority: urgent\ndeadline: 2026-12-02\n---\n",
    "tasks/c.md": "---\npriority: urgent\ndue: 2026-12-01T10:00\n---\n",
    "tasks/d.md": "---\nrank: a1\n---\n",
    "tasks/e.md": "---\nrank: Zz\n---\n",
    "tasks/f.md": "---\ntitle: before a\n---\n",
}


def test_ranked_cards_come_first_then_the_others_by_importance() -> None:
    vault = build(TEXTS)
    assert [item.id for item in sorted(vault.items, key=lambda item: column_place(item, vault.config))] == list(
        "edcbaf"
    )


def test_importance_is_priority_then_date_then_title() -> None:
    vault = build(TEXTS)
    assert [item.id for item in sorted(vault.items, key=lambda item: by_importance(item, vault.config))] == list(
        "cbafde"
    )
