from __future__ import annotations

from datetime import date

import pytest

from planner.core.vault import Vault
from planner.views.facts import Facts, Part, ageing, dots, facts, second_line

TODAY = date(2026, 11, 25)  # a Wednesday


def of(header: str, **others: str) -> Facts:
    """The facts of a task `a` with this header, beside others by id."""
    texts = {f"tasks/{id_}.md": f"---\n{text}\n---\n" for id_, text in others.items()}
    vault = Vault.parse({"tasks/a.md": f"---\n{header}\n---\n", **texts})
    return facts(vault.find("a"), vault, TODAY)


def line(header: str, **others: str) -> str:
    return " ".join(part.text for part in second_line(of(header, **others)))


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("assignee: ana\ndue: 2026-11-27", "@ana Fri"),
        ("assignee: ana\ndue: 2026-12-12", "@ana 12 Dec"),
        ("assignee: ana\ndue: 2026-11-23", "@ana OVERDUE 2d"),
        ("assignee: ana\ndeadline: 2026-11-24", "@ana OVERDUE 1d"),
        ("assignee: bo\ndue: 2026-11-30\ntags: [ops]", "@bo Mon #ops"),
        ("assignee: [ana, bo]", "@ana @bo"),
        ("assignee: [ana, bo, kim]", "@ana +2"),
        ("assignee: bo\nreviewers: ana\nstatus: review\nstarted: 2026-11-23", "@bo → @ana ·2d"),
        ("assignee: kim\ndue: 2026-11-26\nstatus: doing\nstarted: 2026-11-16", "@kim tomorrow ·9d"),
        ("wait: 2026-12-03", "until 3 Dec"),
        ("recurrence: every week\ndue: 2026-11-27", "Fri ↻"),
        ("priority: high", "no date"),
        ("status: done\nassignee: kim\ncompleted: 2026-11-20\ndue: 2026-11-10", "@kim 20 Nov"),
        ("status: done", ""),
        ("blocked_reason: waiting for the printer\ndue: 2026-11-20", "waiting for the printer OVERDUE 5d"),
        ("status: dropped\ndue: 2026-11-20", "20 Nov"),
    ],
)
def test_the_second_line(header: str, shown: str) -> None:
    assert line(header) == shown


def test_steps_are_counted() -> None:
    vault = Vault.parse({"tasks/a.md": "---\nassignee: ana\n---\n- [x] one\n- [ ] two\n"})
    found = facts(vault.find("a"), vault, TODAY)
    assert found.steps == (1, 2)
    assert second_line(found) == (Part("@ana", "person"), Part("☐1/2", "steps"))


def test_a_blocked_card_says_by_what() -> None:
    found = of("depends_on: [T-142, T-149, T-1]", x="id: T-142", y="id: T-149", z="id: T-1\nstatus: done")
    assert found.blocked_by == ("T-142", "T-149")
    assert found.mark == "⊘"
    assert second_line(found) == (Part("waits T-142,149", "blocked"),)
    assert line("depends_on: [bbb, ccc]", bbb="", ccc="") == "waits bbb,ccc"


@pytest.mark.parametrize(
    ("header", "mark"),
    [
        ("priority: urgent", "!"),
        ("priority: high", "!"),
        ("priority: medium", ""),
        ("status: done\npriority: high", "✓"),
        ("blocked_reason: rain\npriority: high", "⊘"),
        ("title: [", ""),
        ("- a list", "?"),
    ],
)
def test_marks(header: str, mark: str) -> None:
    assert of(header).mark == mark


def test_a_broken_card_says_what_is_wrong() -> None:
    found = of("- a list")
    assert found.broken
    assert second_line(found) == (Part("the header is a list, not keys and values", "problem"),)


def test_an_error_comes_first_and_a_warning_is_left_to_the_page() -> None:
    wrong = second_line(of("due: someday\nassignee: ana"))
    assert wrong[0].role == "problem"
    assert wrong[0].text.startswith("due: expected a date")
    assert wrong[1] == Part("@ana", "person")
    assert of("priority: whatever").problem == ""


def test_a_reference_to_nothing_is_a_problem_of_the_card() -> None:
    assert "no item answers to 'gone'" in of("depends_on: gone").problem


def test_history_tells_the_age_where_the_file_does_not() -> None:
    vault = Vault.parse({"tasks/a.md": "---\nstatus: doing\n---\n", "tasks/b.md": "---\nstatus: todo\n---\n"})
    since = {"tasks/a.md": date(2026, 11, 20), "tasks/b.md": date(2026, 11, 1)}
    assert facts(vault.find("a"), vault, TODAY, since).age == 5
    assert facts(vault.find("a"), vault, TODAY).age is None
    assert facts(vault.find("b"), vault, TODAY, since).age is None


def test_dots_count_percentiles_of_the_column() -> None:
    limits = ageing(range(101))
    assert limits == (50.0, 85.0, 95.0)
    assert [dots(age, limits) for age in (3, 60, 86, 96)] == [1, 1, 2, 3]
    assert ageing([9, 1]) is None
    assert dots(400, None) == 1
