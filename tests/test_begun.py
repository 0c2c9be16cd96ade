from __future__ import annotations

import errno
from pathlib import Path

import pytest

from planner.begun import Begun
from planner.store import fsops


def test_what_was_typed_is_there_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "state" / "begun.json"
    begun = Begun(path)
    for text in ("p", "pa", "pay rent \udce9 漢"):
        begun["add"] = text
    begun["filter"] = "@ana"
    begun.close()
    again = Begun(path)
    assert dict(again) == {"add": "pay rent \udce9 漢", "filter": "@ana"}
    assert path.stat().st_mode & 0o077 == 0


def test_an_empty_text_is_none_and_nothing_begun_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "begun.json"
    begun = Begun(path)
    begun["add"] = "x"
    begun["add"] = ""
    begun.close()
    assert list(begun) == []
    assert not path.exists()
    assert begun.pop("add", "nothing") == "nothing"


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"add": 3}'])
def test_a_file_that_makes_no_sense_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "begun.json"
    path.write_text(text)
    assert dict(Begun(path)) == {}


def test_a_full_disk_does_not_stop_the_typing(tmp_path: Path) -> None:
    class Full(fsops.Ops):
        def write_new(self, path: fsops.StrPath, data: bytes, mode: int = 0o666, *, like: object = None) -> None:
            raise OSError(errno.ENOSPC, "no space left", str(path))

    with fsops.using(Full()):
        begun = Begun(tmp_path / "begun.json")
        begun["add"] = "kept in memory"
        begun.close()
    assert begun["add"] == "kept in memory"


def test_without_a_file_texts_live_as_long_as_the_process() -> None:
    begun = Begun()
    begun["add"] = "x"
    begun.close()
    assert dict(begun) == {"add": "x"}
