"""`planner import psplib` and `planner export tjp` on a real repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.cli.app import main
from tests.conftest import git

SMALL = """\
************************************************************************
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      3      0        9       1        5
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     5       3    0
  3      1     4       2    1
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    4    1
************************************************************************
"""


def run(vault: Path, *words: str) -> int:
    return main(["--vault", str(vault), "--today", "2026-11-25", *words])


def test_an_instance_becomes_items_by_one_commit(
    git_vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Small 1.sm"
    file.write_text(SMALL)
    before = git(git_vault, "rev-parse", "HEAD")
    assert run(git_vault, "import", "psplib", str(file), "--dry-run") == 0
    assert '+working = "Mon-Sun 09:00-17:00"' in capsys.readouterr().out
    assert git(git_vault, "rev-parse", "HEAD") == before
    assert run(git_vault, "import", "psplib", str(file)) == 0
    assert git(git_vault, "log", "-1", "--format=%s").strip() == "import psplib small-1: 7 items"
    assert git(git_vault, "status", "--porcelain") == ""
    assert (git_vault / "projects/small-1/job-3.md").read_text() == (
        "---\nid: small-1-3\nkind: task\ntitle: Job 3\nstatus: todo\nassignee: [small-1-r1, small-1-r2]\n"
        "duration: 4d\nunits: [50.000000%, 100.000000%]\ndepends_on: [small-1-1]\n---\n"
    )
    assert (git_vault / "people/small-1-r1.md").read_text() == "---\ncalendar: seven-days\ncapacity: 28d\n---\n"
    assert run(git_vault, "import", "psplib", str(file)) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(git_vault, "undo") == 0
    assert not list(git_vault.glob("projects/small-1/*.md"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a section PRECEDENCE RELATIONS"),
        (SMALL.replace("3        1          1           4", "3        1          1           7"), "job 3: a successor"),
        (
            SMALL.replace("  3      1     4       2    1", "  3      1     4       2"),
            "job 3: expected a duration and 2",
        ),
        (SMALL.replace("MPM-Time", "length"), "expected MPM-Time"),
        (SMALL.replace("  4      1     0       0    0\n", ""), "expected jobs numbered from 1"),
        (SMALL.replace("  3      1     4       2    1", "  3      2"), "line 18: expected 3 numbers"),
    ],
)
def test_what_is_no_instance_is_told(
    git_vault: Path, tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.sm"
    file.write_text(text)
    assert run(git_vault, "import", "psplib", str(file)) == 2
    assert said in capsys.readouterr().err


def test_unknown_formats_name_the_known_ones(git_vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(git_vault, "import", "tarot", "x") == 2
    assert "one of: psplib" in capsys.readouterr().err
    assert run(git_vault, "export", "tarot") == 2
    assert "tjp" in capsys.readouterr().err
    assert run(git_vault, "import", "psplib", str(git_vault / "nowhere.sm")) == 6
    assert "nowhere.sm: No such file" in capsys.readouterr().err


def test_the_plan_goes_to_stdout(git_vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(git_vault, "export", "tjp") == 0
    assert capsys.readouterr().out.startswith("project plan ")
    assert run(git_vault, "export", "tjp", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["format"]) == (1, "tjp")
    assert told["text"].startswith("project plan ")
