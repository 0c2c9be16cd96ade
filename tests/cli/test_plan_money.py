"""`plan baseline`, `compare`, `value`, `risk` and `workload` on the command line, in a real repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from planner.cli.app import main
from tests.conftest import git

Capture = pytest.CaptureFixture[str]


def run(vault: Path, *words: str) -> int:
    return main(["--vault", str(vault), "--today", "2026-11-25", *words])


def document(vault: Path, capsys: Capture, *words: str) -> dict[str, Any]:
    assert run(vault, *words, "--json") == 0
    loaded = json.loads(capsys.readouterr().out)
    assert isinstance(loaded, dict)
    return loaded


def test_a_baseline_is_one_commit_of_one_file_and_can_be_undone(git_vault: Path, capsys: Capture) -> None:
    assert run(git_vault, "plan", "baseline", "start", "--dry-run") == 0
    assert "+kind: baseline" in capsys.readouterr().out
    assert not (git_vault / "baselines/start.md").exists()
    head = git(git_vault, "rev-parse", "HEAD").strip()
    assert run(git_vault, "plan", "baseline", "start") == 0
    assert git(git_vault, "show", "--format=%s", "--name-only", "HEAD").split("\n\n")[1] == "baselines/start.md\n"
    assert f"commit: {head}" in (git_vault / "baselines/start.md").read_text()
    assert run(git_vault, "plan", "baseline", "start") == 2
    assert "--replace" in capsys.readouterr().err
    assert run(git_vault, "plan", "baseline", "Start Up") == 2
    assert run(git_vault, "plan", "baseline", "old", "--at", "HEAD") == 2
    assert run(git_vault, "plan", "baseline") == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["agreed", "2026-10-05"], ["start", "2026-11-25"],
    ]  # fmt: skip
    assert run(git_vault, "undo") == 0
    assert not (git_vault / "baselines/start.md").exists()


def test_what_has_changed_since_a_baseline(git_vault: Path, capsys: Capture) -> None:
    run(git_vault, "plan", "baseline", "start")
    capsys.readouterr()
    assert run(git_vault, "plan", "compare") == 0
    assert "nothing has changed" in capsys.readouterr().out
    run(git_vault, "set", "b2rjd7", "estimate=2w")
    run(git_vault, "add", "Print more leaflets", "p:fair-stand", "~2d", "@kim")
    run(git_vault, "move", "b464jv", "dropped")
    capsys.readouterr()
    found = document(git_vault, capsys, "plan", "compare", "start")
    by_id = {item["id"]: item for item in found["items"]}
    assert by_id["b2rjd7"]["slip"] > 0
    assert by_id["b2rjd7"]["effort_minutes"] == 80 * 60 - round((2 + 4 * 3 + 8) / 6 * 8 * 60)
    assert by_id["dqmhq5"]["slip"] > 0  # the milestone behind it
    assert by_id["cbd9q2"]["slip"] == 0
    assert [row["title"] for row in found["added"]] == ["Print more leaflets"]
    assert [row["id"] for row in found["removed"]] == ["b464jv"]


def test_any_commit_is_a_baseline(git_vault: Path, capsys: Capture) -> None:
    run(git_vault, "set", "b2rjd7", "estimate=2w")
    capsys.readouterr()
    found = document(git_vault, capsys, "plan", "compare", "HEAD~1")
    assert found["baseline"]["name"] == "HEAD~1"
    assert any(item["effort_minutes"] for item in found["items"])
    assert run(git_vault, "plan", "compare", "nosuch") == 3
    assert "'nosuch' is no baseline, no commit and no day" in capsys.readouterr().err
    (git_vault / "baselines/agreed.md").unlink()
    assert run(git_vault, "plan", "compare") == 3
    assert "planner plan baseline NAME" in capsys.readouterr().err


def test_the_trend_of_milestones_goes_to_now(git_vault: Path, capsys: Capture) -> None:
    found = document(git_vault, capsys, "plan", "compare", "--trend")
    assert [plan["name"] for plan in found["plans"]][-1] == "now"
    milestones = {each["id"]: each["forecasts"] for each in found["milestones"]}
    assert len(milestones["dqmhq5"]) == len(found["plans"])


def test_earned_value_adds_up_over_the_tasks_of_a_project(git_vault: Path, capsys: Capture) -> None:
    found = document(git_vault, capsys, "plan", "value", "kiesel-2")
    (project,) = found["projects"]
    assert project["currency"] == "EUR"
    for name in ("bac", "pv", "ev", "ac"):
        parts = sum(float(task[name]) for task in project["tasks"])
        assert parts == pytest.approx(float(project[name]), abs=0.2)
    assert float(project["sv"]) == pytest.approx(float(project["ev"]) - float(project["pv"]), abs=0.011)
    assert run(git_vault, "plan", "value", "--hours", "--tasks") == 0
    assert "BAC" in capsys.readouterr().out


def test_risk_is_the_same_for_the_same_seed(git_vault: Path, capsys: Capture) -> None:
    one = document(git_vault, capsys, "plan", "risk", "--runs", "50", "--seed", "3")
    assert document(git_vault, capsys, "plan", "risk", "--runs", "50", "--seed", "3") == one
    assert one["contingency"] == {"EUR": "2645.00"}
    for each in one["dates"]:
        assert each["p10"] <= each["p50"] <= each["p80"] <= each["p90"]
    assert run(git_vault, "plan", "risk", "--runs", "0") == 2
    assert run(git_vault, "plan", "risk", "--runs", "20", "--triangular") == 0
    assert "contingency 2 645.00 EUR" in capsys.readouterr().out


@pytest.mark.parametrize("by", ["week", "day", "team", "role", "project"])
def test_workload_says_who_has_too_much_and_of_what(git_vault: Path, capsys: Capture, by: str) -> None:
    found = document(git_vault, capsys, "workload", "--by", by)
    cells = [cell for row in found["rows"] for cell in row["cells"]]
    assert any(cell["load"] for cell in cells)
    for cell in cells:
        assert cell["load"] == sum(task["minutes"] for task in cell["tasks"])
        assert cell["over"] == (cell["capacity"] is not None and cell["load"] > cell["capacity"])
    assert run(git_vault, "workload", "--by", by) == 0
    out = capsys.readouterr().out
    assert "unscheduled" in out
    assert ("too much" in out) == any(cell["over"] for cell in cells)


ODD = {
    "planner.toml": "",
    "projects/x/project.md": "---\ntitle: X\nbudget: 999999999999999999999999999999.99 EUR\ntarget_end: 9999-12-31\n---\n",
    "projects/x/a.md": "---\nid: a\ncost: 999999999999999999999999999.1234567891 EUR\nestimate: 1d/2d/99999999w\nassignee: ana\n---\n",
    "projects/x/b.md": "---\nid: b\nestimate: 0d/0d/0d\nassignee: ana\ndepends_on: a\nspent: [0001-01-01 999999999h ana]\n---\n",
    "projects/x/c.md": "---\nid: c\nkind: milestone\ndue: 9999-12-31\ndeadline: 0001-01-01\ndepends_on: [b, c, d]\n---\n",
    "projects/x/d.md": "---\nid: d\nstatus: done\ncompleted: 0001-01-01\nassignee: [ana, nobody]\nunits: 0%\ndepends_on: c\nprogress: 900%\n---\n",
    "projects/x/r.md": "---\nkind: risk\nprobability: 5\nimpact: 5\ndelay_impact: 99999999w\ncost_impact: 9 USD\n---\n",
    "people/ana.md": "---\nrate: 0.0000000001 EUR\ncapacity: 0h\nleave: [0001-01-01..9999-12-31]\nskills: {python: x}\n---\n",
    "teams/t.md": "---\nmembers: [ana, zoe]\n---\n",
}
WORDS = (
    "plan value --tasks", "plan value --hours --json", "plan baseline x", "plan compare x --json", "plan compare HEAD --all",
    "plan compare --trend", "plan risk --runs 5", "plan risk --runs 5 --json", "workload", "workload --by day", "workload --by role",
)  # fmt: skip


@pytest.mark.parametrize("texts", [ODD, {"planner.toml": "", "tasks/a.md": "A\n"}], ids=["odd", "bare"])
def test_the_oddest_plans_get_an_answer(texts: dict[str, str], tmp_path: Path, capsys: Capture) -> None:
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Ana")
    git(tmp_path, "config", "user.email", "ana@example.org")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    assert [run(tmp_path, *words.split()) for words in WORDS] == [0] * len(WORDS), capsys.readouterr().err


def test_without_git_there_is_a_baseline_and_no_trend(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "planner.toml").write_text("")
    (tmp_path / "a.md").write_text("---\nid: a\n---\n")
    assert run(tmp_path, "plan", "baseline", "start") == 0
    assert run(tmp_path, "plan", "compare") == 0
    assert "nothing has changed" in capsys.readouterr().out
    assert run(tmp_path, "plan", "compare", "--trend") == 2
    assert run(tmp_path, "plan", "compare", "HEAD") == 2
    assert "no git history" in capsys.readouterr().err


def test_work_that_nobody_does_is_listed_with_who_could(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "planner.toml").write_text("")
    (tmp_path / "people/ana.md").write_text("---\nskills: {python: 3}\n---\n")
    (tmp_path / "people/bo.md").write_text("---\nskills: {design: 5}\n---\n")
    for number in range(22):
        skill = "requires_skills: python\n" if number else ""
        (tmp_path / f"t{number:02}.md").write_text(f"---\nestimate: 4h\ndue: 2026-12-{number + 1:02}\n{skill}---\n")
    assert run(tmp_path, "workload") == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("unassigned")
    assert lines[at + 1].split() == ["t00", "t00", "4h", "ana", "has", "4h;", "bo", "has", "4h"]
    assert lines[at + 2].split() == ["t01", "t01", "4h", "ana", "has", "4h"]
    assert lines[at + 21] == "  and 2 more: --json lists them all"
