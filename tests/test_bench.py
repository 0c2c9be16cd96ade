"""`make bench` measures the same vaults everywhere, its table tells met from missed, and every row can be measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import vault
from tests.bench.__main__ import main, page
from tests.bench.peers import PEERS, rows_of
from tests.bench.race import Effort, Race
from tests.bench.rows import OURS, YARDSTICKS, Results, figure, grown, judged, shown, table

ROWS = {row.id: row for row in (*OURS, *YARDSTICKS)}
TINY = Effort(rounds=1, keys=4, screens=1, wishes=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> vault.Vault:
    return vault.make(50, tmp_path_factory.mktemp("work"))


def given(**values: list[float]) -> Results:
    """Results at 10,000 tasks; underscores stand for dashes."""
    results = Results()
    for row, figures in values.items():
        results.sample(row.replace("_", "-"), 10_000).values = figures
    return results


def test_two_vaults_of_one_size_are_the_same_to_the_byte(made: vault.Vault, tmp_path: Path) -> None:
    other = vault.make(50, tmp_path)
    assert vault.git(made.root, "rev-parse", "base", "other") == vault.git(other.root, "rev-parse", "base", "other")
    assert (other.matching, other.differing, len(list(other.root.rglob("task-*.md")))) == (1, 25, 50)


def test_a_vault_is_put_back_as_it_was_made(made: vault.Vault) -> None:
    path = made.root / vault.task(0).path
    path.write_text("spoilt", encoding="utf-8")
    vault.git(made.root, "commit", "-qam", "spoilt")
    (made.root / "new.md").write_text("new", encoding="utf-8")

    again = vault.make(50, made.root.parents[1])

    assert again == made
    assert path.read_text(encoding="utf-8") == vault.task(0).text()
    assert vault.git(made.root, "status", "--porcelain") == ""


def test_tasks_are_what_the_page_says_they_are() -> None:
    tasks = list(vault.tasks(2000))
    assert len({task.id for task in tasks}) == 2000
    assert len({task.rank for task in tasks}) == 2000
    assert tasks[0].rank == min(task.rank for task in tasks)
    assert 900 < sum(len(task.text()) for task in tasks) / 2000 < 1100
    assert sum(vault.TAG in task.tags for task in tasks) == 20
    assert 0.17 < sum(task.depends_on is not None for task in tasks) / 2000 < 0.23


def test_the_program_finds_no_fault_in_a_vault(made: vault.Vault) -> None:
    from planner.session import Session

    with Session.open(made.root, today=vault.TODAY) as session:
        assert [problem for item in session.vault.items for problem in item.problems] == []
        assert sum(item.kind == "task" for item in session.vault.items) == 50


def test_every_row_can_be_measured_and_every_answer_is_right(made: vault.Vault) -> None:
    results = Results()
    said: list[str] = []
    Race(made, results, TINY, said.append).run([])

    faults = {row.id: results.sample(row.id, 50).fault for row in results.rows}
    assert {row: fault for row, fault in faults.items() if fault} == {}
    assert [row.id for row in results.rows if not results.sample(row.id, 50).values] == []
    assert "round 1 of 1" in said


def test_a_goal_is_met_or_missed_and_another_is_ahead_behind_or_a_tie() -> None:
    results = given(list=[0.2, 0.3, 0.4], git_status=[0.03], grep=[0.25], add=[0.1], version=[0.07], python=[0.02])
    said = {row: judged(ROWS[row], 10_000, results) for row in ("list", "git-status", "grep", "add", "version", "cold")}
    assert said == {
        "list": "150 ms ✗ 2.0×",
        "git-status": "ours 10× more",
        "grep": "tie",
        "add": "180 ms ✓",
        "version": "80 ms ✓",
        "cold": "",
    }


def test_figures_are_shown_as_people_read_them() -> None:
    assert [figure(value, "s") for value in (0.0042, 0.0812, 0.9996, 12.34)] == ["4.2 ms", "81 ms", "1.00 s", "12.3 s"]
    results = given(list=[0.9, 0.08, 1.2], board_key=[0.01 * n for n in range(1, 21)], list_memory=[30.4, 31])
    results.sample("cold", 10_000).fault = "over 60 s"
    cells = {row: shown(ROWS[row], results.sample(row, 10_000)) for row in ("list", "board-key", "list-memory", "cold")}
    assert cells == {
        "list": "80 / 900 ms",
        "board-key": "105 / 190 / 200 ms",
        "list-memory": "30 / 31 MiB",
        "cold": "– over 60 s",
    }


def test_growth_above_the_limit_is_marked() -> None:
    results = given(list=[0.1], cold=[1.0])
    results.sample("list", 100_000).values = [1.3]
    results.sample("cold", 100_000).values = [11.0]
    assert [grown(ROWS[row], results) for row in ("list", "cold", "add")] == ["13.0× ✗ over 12", "11.0×", ""]


def test_the_table_has_a_line_for_every_row_and_as_many_cells_in_each() -> None:
    lines = table(given(list=[0.1]), (1_000, 10_000, 100_000)).splitlines()
    assert len(lines) == 2 + len(OURS) + len(YARDSTICKS)
    assert {line.count(" | ") for line in lines} == {7}


def test_a_page_without_markers_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.md").write_text("no marks\n", encoding="utf-8")
    assert main(["50", "--work", str(tmp_path), "--write", str(tmp_path / "page.md")]) == 2
    assert "no <!-- bench -->" in capsys.readouterr().err
    assert page(given(), (50,), {"cores": "2"}).startswith("- cores: 2\n\n| least / median")


def test_peers_take_the_tasks_in_their_own_words(tmp_path: Path) -> None:
    homes = {kind: kind("program", tmp_path / kind.__name__) for kind in PEERS}
    for peer in homes.values():
        rows = {row.id: row.against for row in rows_of(type(peer), "1.0")}
        assert list(rows.values()) == ["list", "add", "done", "list-memory"]
        assert peer.done(0) != peer.done(1)
        assert any(vault.TAG in word for word in peer.find())
