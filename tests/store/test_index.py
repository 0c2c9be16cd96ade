"""A cache that is damaged in any way is none: no exception, no wrong item, and nothing unchecked is taken for data."""

from __future__ import annotations

import marshal
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from planner.store import cold, index, opening
from tests.conftest import Claims
from tests.proof import times
from tests.store.test_opening import a_task, facts, fresh, make_vault, put, reopened

CLAIM = "a damaged, foreign or unwritable cache is none: the vault is read right all the same"
PAGE = 512  # bytes that a disk loses at once; small, as these caches are

Damage = Callable[[Random, Path], object]


class Checked:
    """`marshal` for the index, which knows what was written: whatever else it is asked to load, it remembers."""

    def __init__(self) -> None:
        self.written: set[bytes] = set()
        self.unchecked: list[bytes] = []

    def dumps(self, value: Any) -> bytes:
        data = marshal.dumps(value)
        self.written.add(data)
        return data

    def loads(self, data: bytes | memoryview) -> object:
        caller = sys._getframe(1).f_code.co_name
        if bytes(data) not in self.written and caller != "_steady":  # that one has listings of a moment ago
            self.unchecked.append(bytes(data))
            raise ValueError("never written")
        return marshal.loads(data)  # noqa: S302 (ours)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    """Sees all that the index takes for data; small vaults have a cache of several segments."""
    shim = Checked()
    monkeypatch.setattr(index, "marshal", shim)
    monkeypatch.setattr(opening, "WORTH_KEEPING", 10)
    monkeypatch.setattr(opening, "FEW", 3)
    monkeypatch.setattr(cold, "PIECE", 7)
    yield shim
    assert shim.unchecked == []


def make_cache(root: Path, folder: Path) -> None:
    """A cache with an index and three segments, all of them in use."""
    for status in ("todo", "done", "doing"):
        for n in range({"todo": 0, "done": 20, "doing": 12}[status]):
            put(root, f"{('tasks', 'inbox', 'projects/p', 'notes/deep')[n % 4]}/{n}.md", a_task(n, status))
        reopened(root, folder)
    assert len(list(folder.iterdir())) == 4


@pytest.fixture
def root(tmp_path: Path, checked: Checked) -> Path:
    root = make_vault(tmp_path / "vault", 30)
    make_cache(root, tmp_path / "cache")
    return root


def a_file(random: Random, folder: Path) -> Path:
    return random.choice([folder / "index", random.choice(sorted(folder.iterdir()))])


def cut(random: Random, folder: Path) -> None:
    file = a_file(random, folder)
    os.truncate(file, random.choice((0, 1, 8, 12, 44, random.randrange(file.stat().st_size))))


def flip(random: Random, folder: Path) -> None:
    """One bit, or a few, anywhere; one time in three near the beginning."""
    file = a_file(random, folder)
    data = bytearray(file.read_bytes())
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        at = random.randrange(min(len(data), 64) if random.random() < 0.3 else len(data))
        data[at] ^= 1 << random.randrange(8)
    file.write_bytes(data)


def zeros(random: Random, folder: Path) -> None:
    file = a_file(random, folder)
    data = bytearray(file.read_bytes())
    at = random.randrange(len(data)) // PAGE * PAGE
    data[at : at + PAGE] = bytes(len(data[at : at + PAGE]))
    file.write_bytes(data)


def all_zeros(random: Random, folder: Path) -> None:
    file = a_file(random, folder)
    file.write_bytes(bytes(file.stat().st_size))


def other_page(random: Random, folder: Path) -> None:
    """A page of one file in another, or somewhere else in the same."""
    file, source = a_file(random, folder), a_file(random, folder)
    data, other = bytearray(file.read_bytes()), source.read_bytes()
    at, start = (random.randrange(len(part)) // PAGE * PAGE for part in (data, other))
    piece = other[start : start + PAGE]
    data[at : at + len(piece)] = piece
    file.write_bytes(data)


def swapped(random: Random, folder: Path) -> None:
    """Two segments under each other's names."""
    one, two = random.sample(sorted(folder.glob("segment-*")), 2)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)


def gone(random: Random, folder: Path) -> None:
    a_file(random, folder).unlink()


def longer(random: Random, folder: Path) -> None:
    with a_file(random, folder).open("ab") as file:
        file.write(random.randbytes(random.randrange(1, 99)))


def noise(random: Random, folder: Path) -> None:
    a_file(random, folder).write_bytes(random.choice((b"", index.MAGIC)) + random.randbytes(random.randrange(999)))


def folder_for_file(random: Random, folder: Path) -> None:
    file = a_file(random, folder)
    file.unlink()
    file.mkdir()


def other_magic(random: Random, folder: Path) -> None:
    file = folder / "index"
    file.write_bytes(b"planner\x00" + file.read_bytes()[8:])


DAMAGES: tuple[Damage, ...] = (
    cut, cut, flip, flip, flip, flip, zeros, zeros, all_zeros, other_page, other_page, swapped, gone, longer, noise,
    folder_for_file, other_magic,
)  # fmt: skip


@pytest.mark.proof
def test_a_damaged_cache_is_none(root: Path, tmp_path: Path, claims: Claims) -> None:
    wanted = times(100, 2_000)
    expected = facts(fresh(root))
    assert facts(reopened(root, tmp_path / "cache").vault) == expected
    with claims(CLAIM, expect=wanted) as claim:
        for seed in range(wanted):
            random = Random(seed)
            damage = DAMAGES[seed % len(DAMAGES)]
            folder = tmp_path / "copy"
            shutil.copytree(tmp_path / "cache", folder)
            damage(random, folder)
            opened = reopened(root, folder)
            same = facts(opened.vault) == expected
            for n in range(4) if seed % 3 == 0 else ():  # and what is kept of it is right, too
                put(root, f"tasks/{4 * n}.md", a_task(4 * n, random.choice(("todo", "done"))))
                expected = facts(fresh(root))
                same = same and facts(reopened(root, folder).vault) == expected
            claim.check(same and facts(reopened(root, folder).vault) == expected, (seed, damage.__name__))
            shutil.rmtree(folder)
            make_again = seed % 300 == 299
            if make_again:
                shutil.rmtree(tmp_path / "cache")
                make_cache(root, tmp_path / "cache")
                expected = facts(fresh(root))


@pytest.mark.proof
def test_a_foreign_cache_is_none(root: Path, tmp_path: Path, claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_vault(tmp_path / "other", 25)
    put(other, "tasks/0.md", "---\ntitle: of the other\n---\n")
    with claims(CLAIM, expect=4) as claim:
        claim.check(index.find(root, tmp_path / "cache") is not None, "its own serves")
        claim.check(index.find(other, tmp_path / "cache") is None, "another folder's")
        claim.check(facts(reopened(other, tmp_path / "cache").vault) == facts(fresh(other)), "another folder's, opened")
        claim.check(facts(reopened(root, tmp_path / "cache").vault) == facts(fresh(root)), "and back")
        make = reopened(root, tmp_path / "cache")
        claim.check(make.cold is False, "kept again")
        monkeypatch.setattr(index, "code_state", lambda: "another version")
        claim.check(reopened(root, tmp_path / "cache").cold, "of another version")
        claim.check(facts(reopened(root, tmp_path / "cache").vault) == facts(fresh(root)), "of this version")
        put(root, "planner.toml", '[vault]\npriorities = ["now"]\n')
        claim.check(facts(reopened(root, tmp_path / "cache").vault) == facts(fresh(root)), "of other settings")


def test_the_text_is_checked_before_it_is_shown(root: Path, tmp_path: Path) -> None:
    for segment in (tmp_path / "cache").glob("segment-*"):
        segment.write_bytes(segment.read_bytes().replace(b"step", b"stop"))
    opened = reopened(root, tmp_path / "cache")
    assert opened.cold is False
    assert all("stop" not in file.text for file in opened.vault.files.values())


def test_an_edit_of_the_code_that_reads_makes_a_cache_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put(tmp_path, "core/parse.py", "1")
    put(tmp_path, "store/files.py", "1")
    monkeypatch.setattr(index, "__file__", os.fspath(tmp_path / "store/index.py"))
    codes = []
    for path in ("core/parse.py", "store/files.py", "core/new.py", "core/README.md"):
        index.code_state.cache_clear()
        codes.append(index.code_state())
        put(tmp_path, path, "2")
    index.code_state.cache_clear()
    codes.append(index.code_state())
    assert len(set(codes[:4])) == 4
    assert codes[4] == codes[3]
    shutil.rmtree(tmp_path / "core")
    index.code_state.cache_clear()
    assert index.code_state() not in codes
    index.code_state.cache_clear()
