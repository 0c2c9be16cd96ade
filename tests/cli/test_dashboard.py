"""`planner dashboard`: words, one document, a query, and the past."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from planner.cli.app import main
from tests.views.test_dashboard import TEXTS


def git(folder: Path, *argv: str) -> None:
    subprocess.run(["git", "-C", str(folder), *argv], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The plan of the view's tests; then A was finished."""
    for path, text in TEXTS.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Ana")
    git(tmp_path, "config", "user.email", "ana@example.org")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "start", "--date", "2026-11-20T10:00:00+00:00")
    (tmp_path / "projects/web/a.md").write_text(
        TEXTS["projects/web/a.md"].replace("title: A", "title: A\nstatus: done"), encoding="utf-8"
    )
    git(tmp_path, "commit", "-qam", "a is done", "--date", "2026-11-24T10:00:00+00:00")
    return tmp_path


def said(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["--vault", str(root), "--today", "2026-11-25", "--plain", *words]) == 0
    return capsys.readouterr().out


def test_it_says_what_history_has_finished(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(root, capsys, "dashboard").splitlines()
    assert lines[:3] == [
        "Wednesday 25 November 2026",
        "inbox 1 · todo 3 · doing 1 · done 2",
        "done by week: W43 0 · W44 0 · W45 0 · W46 0 · W47 0 · W48 1",
    ]
    assert "Overdue 1" not in lines
    assert "Open risks 2" in lines


def test_the_plan_as_it_was(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(root, capsys, "dashboard", "--at", "HEAD~1").splitlines()
    assert "done by week: W43 0 · W44 0 · W45 0 · W46 0 · W47 0 · W48 0" in lines
    assert lines[lines.index("Overdue 1") + 1].split() == ["a", "A", "@ana", "2d"]


def test_the_document_of_a_query(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(root, capsys, "--json", "dashboard", "id:d"))
    assert list(document) == [
        "schema", "day", "statuses", "projects", "overdue", "blocked", "due_this_week", "milestones", "over_allocated",
        "risks", "throughput", "items",
    ]  # fmt: skip
    assert document["statuses"] == [{"status": "todo", "category": "unstarted", "count": 1}]
    assert document["blocked"] == ["d"]
    assert [item["id"] for item in document["items"]] == ["d"]
    assert document["throughput"][-1] == {"week": "2026-11-23", "done": []}


def test_a_query_that_cannot_be_read_is_a_sentence(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--vault", str(root), "dashboard", "due<"]) == 2
    assert "planner:" in capsys.readouterr().err
