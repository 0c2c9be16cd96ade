from __future__ import annotations

from pathlib import Path

import pytest

from planner.editor import command_at
from planner.errors import Invalid


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds these editors and nothing else, and none of them chosen."""
    for name in ("vim", "code", "zed", "hx", "ed"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("editor", "expected"),
    [
        ("vim", ["vim", "+7", "a b.md"]),
        ("vim -R", ["vim", "-R", "+7", "a b.md"]),
        ("code", ["code", "--wait", "--goto", "a b.md:7"]),
        ("zed", ["zed", "--wait", "a b.md:7"]),
        ("hx", ["hx", "a b.md:7"]),
        ("ed", ["ed", "a b.md"]),
        ("", ["vim", "+7", "a b.md"]),
    ],
)
@pytest.mark.usefixtures("programs")
def test_every_editor_is_told_the_line_its_own_way(
    editor: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", editor)
    assert command_at("a b.md", 7) == expected


@pytest.mark.parametrize(("editor", "said"), [("no-such-one", "no-such-one"), ("vim '", "cannot be read")])
@pytest.mark.usefixtures("programs")
def test_an_editor_that_cannot_be_started_is_said(editor: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", editor)
    with pytest.raises(Invalid, match=said):
        command_at("a.md", 1)


def test_no_editor_at_all_is_said(programs: Path) -> None:
    (programs / "vim").unlink()
    with pytest.raises(Invalid, match="no editor is set"):
        command_at("a.md", 1)
