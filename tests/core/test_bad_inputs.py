"""Bad and odd inputs: each is read without a crash, nothing is hidden, and what is wrong is said with its place."""

from __future__ import annotations

import pytest

from planner.core.change import Edit
from planner.core.model import Unread
from planner.core.vault import Vault
from tests.bad_inputs import MORE, ROWS, Row, outcomes


def parse(row: Row) -> Vault:
    texts = {
        path: content if isinstance(content, Unread) else content.decode("utf-8", errors="surrogateescape")
        for path, content in row.files.items()
    }
    return Vault.parse({"planner.toml": "", "tasks/other.md": "---\nid: other\n---\n", **texts})


def test_there_are_132_rows() -> None:
    assert len(ROWS) == 132
    assert len({row.name for row in ROWS}) == 132


@pytest.mark.parametrize("row", [*ROWS, *MORE], ids=lambda row: row.name)
def test_what_becomes_of_it(row: Row) -> None:
    vault = parse(row)
    path = next(iter(row.files))
    letters = outcomes(vault, path)
    assert row.outcome in letters, [str(problem) for problem in vault.problems]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_stays_as_it_is_and_hides_nothing_when_something_else_is_edited(row: Row) -> None:
    vault = parse(row)
    new = vault.apply([Edit("tasks/other.md", vault.text("tasks/other.md"), "---\nid: other\nstatus: doing\n---\n")])
    other = new.get("other")
    assert other is not None
    assert other.status == "doing"
    for path, content in row.files.items():
        assert new.files[path] == vault.files[path]
        if not isinstance(content, Unread):
            assert new.text(path).encode("utf-8", "surrogateescape") == content
