"""What is shown when nobody asks for more, and what asking lifts."""

from __future__ import annotations

from datetime import date

import pytest

from planner.core.config import Config
from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.query.match import select

TODAY = date(2026, 11, 25)
VAULT = Vault.parse(
    {
        "tasks/todo.md": "todo\n",
        "tasks/done.md": "---\nstatus: done\ncompleted: 2026-11-20\n---\n",
        "tasks/old.md": "---\nstatus: done\ncompleted: 2026-01-01\n---\n",
        "tasks/undated.md": "---\nstatus: done\n---\n",
        "tasks/dropped.md": "---\nstatus: dropped\n---\n",
        "tasks/wrong.md": "---\nid: [\n",
        "tasks/note.md": "---\nkind: idea\n---\n",
        "tasks/own.md": "---\nkind: experiment\nstatus: doing\n---\n",
        "archive/tasks/kept.md": "---\ntags: [x]\n---\n",
        "templates/pattern.md": "---\ntags: [x]\n---\n",
        "people/ana.md": "Ana\n",
        "projects/web/project.md": "---\nsponsor: ana\nstatus: active\n---\n",
        "projects/web/launch.md": "---\nkind: milestone\n---\n",
        "projects/web/fire.md": "---\nkind: risk\nimpact: 5\n---\n",
    },
    Config(),
)
WORK = {"todo", "wrong", "own", "launch"}
DONE = {"done", "old", "undated"}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", WORK),
        ("kind:any", WORK | {"note", "ana", "web", "fire"}),
        ("kind:person,project", {"ana", "web"}),
        ("kind:idea", {"note"}),
        ("sponsor:ana", {"web"}),
        ("impact>3", {"fire"}),
        ("status:done", DONE),
        ("status:dropped", {"dropped"}),
        ("status:any", WORK | DONE | {"dropped"}),
        ("is:done", DONE),
        ("category:canceled", {"dropped"}),
        ("completed>2026-11-01", {"done"}),
        ("-is:done", WORK),
        ("-status:done", WORK),
        ("-done", WORK),
        ("is:archived", {"kept"}),
        ("archived:any", WORK | {"kept"}),
        ("-archived:yes", WORK),
        ("is:template", {"pattern"}),
        ("#x", set()),
        ("id:kept", {"kept"}),
        ("path:templates/", {"pattern"}),
        ("is:broken", {"wrong"}),
    ],
)
def test_asking_lifts_a_rule(query: str, shown: set[str]) -> None:
    assert {item.id for item in select(VAULT, parse_query(query), today=TODAY)} == shown


def test_a_board_keeps_what_was_done_lately() -> None:
    found = select(VAULT, parse_query(""), today=TODAY, done_since=date(2026, 11, 11))
    assert {item.id for item in found} == WORK | {"done", "undated"}
