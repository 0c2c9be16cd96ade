"""`planner calendar import`: days of the holidays library, in planner.toml, as one commit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from planner.cli.app import main
from tests.conftest import git


def run(vault: Path, *words: str) -> int:
    return main(["--vault", str(vault), "--today", "2026-11-25", "calendar", *words])


def test_holidays_are_added_once_as_one_commit_and_undone_as_one(
    git_vault: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (git_vault / "planner.toml").read_text()
    assert run(git_vault, "import", "AT", "2026-2027", "--dry-run") == 0
    assert '+  "2026-05-01",  # Staatsfeiertag' in capsys.readouterr().out
    assert (git_vault / "planner.toml").read_text() == before
    assert run(git_vault, "import", "at", "2026-2027") == 0
    after = (git_vault / "planner.toml").read_text()
    assert after.count("2026-12-25") == 1  # it was there already
    assert after.count("# Staatsfeiertag") == 2
    assert git(git_vault, "log", "-1", "--format=%s").startswith("calendar default: 22 holidays of at")
    assert "2027-05-01 Staatsfeiertag" in git(git_vault, "log", "-1", "--format=%b")
    assert git(git_vault, "status", "--porcelain") == ""
    assert run(git_vault, "import", "AT", "2026") == 0
    assert "it is so already" in capsys.readouterr().out
    assert main(["--vault", str(git_vault), "undo"]) == 0
    assert (git_vault / "planner.toml").read_text() == before


def test_a_calendar_that_is_not_there_is_made(git_vault: Path) -> None:
    assert run(git_vault, "import", "DE-BY", "2027", "--into", "bavaria") == 0
    assert '[calendars.bavaria]\nholidays = [\n  "2027-01-01",' in (git_vault / "planner.toml").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import",), "planner calendar import DE-BY 2026-2028"),
        (("import", "XX", "2026"), "no holidays are known of 'XX'"),
        (("import", "DE-ZZ", "2026"), "one of BB, BE, BW, BY"),
        (("import", "DE", "26"), "'26' is no year"),
        (("import", "DE", "2028-2026"), "no span of 1 to 30 years"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(
    git_vault: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert run(git_vault, *words) == 2
    assert said in capsys.readouterr().err


def test_without_the_extra_the_way_out_is_named(
    git_vault: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert run(git_vault, "import", "DE", "2026") == 2
    assert "pip install 'planner[holidays]'" in capsys.readouterr().err


def test_a_short_day_stays_one(git_vault: Path) -> None:
    toml = git_vault / "planner.toml"
    toml.write_text('[calendars.default]\nholidays = ["2026-12-25..2026-12-26", "2026-10-26 09:00-12:00"]\n')
    assert run(git_vault, "import", "AT", "2026") == 0
    assert toml.read_text().count("2026-10-26") == 1
    assert toml.read_text().count("2026-12-26") == 1
