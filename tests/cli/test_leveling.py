"""`planner plan schedule --level` on a real repository: a preview, one commit, undone as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.cli.app import main
from planner.plan import optimize
from tests.conftest import git

TASKS = {
    "a": "estimate: 2d\nassignee: ana\npriority: high\n",
    "b": "estimate: 3d\nassignee: ana\n",
    "c": "estimate: 1d\nassignee: bo\ndepends_on: b\n",
}


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    (folder / "tasks").mkdir(parents=True)
    (folder / "planner.toml").write_text("")
    for name, fields in TASKS.items():
        (folder / f"tasks/{name}.md").write_text(f"---\nid: {name}\ntitle: Task {name}\nstatus: todo\n{fields}---\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.org")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    return folder


def run(vault: Path, *words: str) -> int:
    return main(["--vault", str(vault), "--today", "2026-11-25", "plan", "schedule", "--level", *words])


def test_a_preview_says_what_moves_and_writes_nothing(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(vault) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "id  title   from        to          until       by   why",
        "b   Task b  Wed 25 Nov  Fri 27 Nov  Tue  1 Dec  +2d  @ana on a",
        "c   Task c  Mon 30 Nov  Wed  2 Dec  Wed  2 Dec  +2d  after b",
        "2 of 3 items move; the plan ends Wed  2 Dec, not Mon 30 Nov",
    ]
    assert "nothing is written yet" in told.err
    assert git(vault, "status", "--porcelain") == ""


def test_the_preview_as_data(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(vault, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["finish"] == {"from": "2026-11-30", "to": "2026-12-02"}
    assert told["moves"][0] == {
        "id": "b",
        "path": "tasks/b.md",
        "start": {"from": "2026-11-25", "to": "2026-11-27"},
        "finish": {"from": "2026-11-27", "to": "2026-12-01"},
        "days": 2.0,
        "leveling_delay": "2d",
        "because": [{"person": "ana", "items": ["a"]}],
    }
    assert told["over_allocated"] == []


def test_delays_are_one_commit_and_one_undo(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (vault / "tasks/b.md").read_text()
    assert run(vault, "--write", "--dry-run") == 0
    assert "+leveling_delay: 2d" in capsys.readouterr().out
    assert (vault / "tasks/b.md").read_text() == before
    assert run(vault, "--write") == 0
    assert (vault / "tasks/b.md").read_text() == before.replace("---\n", "leveling_delay: 2d\n---\n").replace(
        "leveling_delay: 2d\n---\n", "---\n", 1
    )
    assert git(vault, "log", "-1", "--format=%s").strip() == "level 1 item"
    capsys.readouterr()
    assert run(vault) == 0
    assert capsys.readouterr().out == "nothing moves; the plan ends Wed  2 Dec\n"
    assert main(["--vault", str(vault), "undo"]) == 0
    assert (vault / "tasks/b.md").read_text() == before


def test_smoothing_keeps_the_end_and_tells_what_is_too_much(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(vault, "--smooth") == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "still too much for @ana, Wed 25 Nov 09:00 to Thu 26 Nov 18:00: a, b",
        "nothing moves; the plan ends Mon 30 Nov",
    ]


def test_a_rule_alone_levels_by_it(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--vault", str(vault), "--today", "2026-11-25", "plan", "schedule", "--rule", "mts"]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("@ana on b")  # b goes first: c comes after it


def test_an_empty_plan_has_nothing_to_level(vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in vault.glob("tasks/*.md"):
        path.unlink()
    assert run(vault) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "nothing to schedule\n")


def test_without_the_solver_a_sentence_says_so(
    vault: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimize, "find_spec", lambda _name: None)
    assert run(vault, "--optimize") == 0
    assert optimize.MISSING in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rule", "luck"), "lst: earliest late start first"),
        (("--optimize", "--seconds", "0"), "--seconds 30"),
        (("--smooth", "--optimize"), "give one of them"),
        (("status:doing",), "the whole plan"),
    ],
)
def test_what_cannot_be_is_told(
    vault: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(vault, *words) == 2
    assert said in capsys.readouterr().err
