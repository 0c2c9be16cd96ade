"""The journal: what survives damage, and that recovery ends in old or new, never between."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.core.change import Edit
from planner.store import files, fsops, journal, places, writing
from planner.store.journal import Journal, Pending, Recovery, decide, plan_recovery

ONE = Edit("a.md", "old a", "new a")
TWO = Edit("b.md", None, "new b")
THREE = Edit("c.md", "old c", None)
ALL = (ONE, TWO, THREE)
OLD = {"a.md": "old a", "c.md": "old c"}
NEW = {"a.md": "new a", "b.md": "new b"}


def texts(**changes: str | None) -> Callable[[str], str | None]:
    """The old texts, but for the named files."""
    now: dict[str, str | None] = {**OLD, **{f"{name}.md": text for name, text in changes.items()}}
    return now.get


# ---- the record --------------------------------------------------------------------------------------------------


def test_an_operation_goes_from_begun_to_accepted_to_committed(tmp_path: Path) -> None:
    log = Journal(tmp_path / "j", keep=5)
    log.begin("k7", "move k7: todo → doing", "status: doing", [ONE], undoes=["q2"])
    assert [(op.op_id, op.subject, op.edits, op.accepted) for op in log.pending()] == [
        ("k7", "move k7: todo → doing", (ONE,), False)
    ]
    log.accepted("k7")
    assert log.pending()[0].accepted
    log.committed("k7", "abc")
    assert log.pending() == []
    assert [(done.op_id, done.sha, done.undoes, done.body) for done in log.recent()] == [
        ("k7", "abc", ("q2",), "status: doing")
    ]


def test_an_abandoned_operation_leaves_nothing(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    log.begin("k7", "s", "", [ONE])
    log.abandoned("k7")
    assert (log.pending(), log.recent()) == ([], [])


def test_beginning_again_replaces_the_plan(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    log.begin("k7", "s", "", [ONE])
    log.accepted("k7")
    log.begin("q2", "s", "", [THREE])
    log.begin("k7", "s", "", [TWO])
    assert [(op.op_id, op.edits, op.accepted) for op in log.pending()] == [
        ("q2", (THREE,), False),
        ("k7", (TWO,), False),
    ]


@pytest.mark.parametrize("text", ["caf\udce9", "\ufeffa\r\nb", "\0\x1b\u2028", "x" * 100_000, ""])
def test_any_text_survives(tmp_path: Path, text: str) -> None:
    edit = Edit("caf\udce9.md", text, None)
    Journal(tmp_path).begin("k7", "s", "", [edit])
    assert Journal(tmp_path).pending()[0].edits == (edit,)


def test_the_newest_is_first_and_only_the_last_are_kept(tmp_path: Path) -> None:
    log = Journal(tmp_path, keep=3)
    for n in range(10):
        log.begin(f"op{n}", "s", "", [ONE])
        log.committed(f"op{n}", None)
    log.compact()
    assert [done.op_id for done in log.recent()] == ["op9", "op8", "op7"]


def test_compaction_keeps_what_is_pending_and_empties_where_git_has_it(tmp_path: Path) -> None:
    log, other = Journal(tmp_path), Journal(tmp_path)
    log.begin("k7", "s", "", [ONE], head="abc")
    log.accepted("k7")
    for n in range(3):
        log.begin(f"q{n}", "s", "", [TWO])
        log.committed(f"q{n}", "abc")
    before, size = other.pending(), (tmp_path / "journal").stat().st_size
    log.compact()
    assert (tmp_path / "journal").stat().st_size < size / 2
    assert before == other.pending() == log.pending() == Journal(tmp_path).pending()
    assert [(op.op_id, op.accepted, op.head) for op in before] == [("k7", True, "abc")]
    log.abandoned("k7")
    log.compact()
    assert (tmp_path / "journal").read_bytes() == b""


def test_a_journal_that_grew_is_compacted_by_itself(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    for n in range(3):
        log.begin(f"op{n}", "s", "", [Edit("a.md", "", "x" * 400_000)])
        log.committed(f"op{n}", "abc")
    assert (tmp_path / "journal").stat().st_size < journal.COMPACT_AT


class Counts(fsops.Ops):
    """Counts the bytes that are read."""

    read_bytes = 0

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        data = super().pread(fd, size, offset)
        self.read_bytes += len(data)
        return data


def test_only_what_was_added_is_read_again(tmp_path: Path) -> None:
    log, other, counts = Journal(tmp_path), Journal(tmp_path), Counts()
    for n in range(20):
        other.begin(f"op{n}", "s", "", [ONE])
    assert len(log.pending()) == 20
    size = (tmp_path / "journal").stat().st_size
    other.accepted("op7")
    with fsops.using(counts):
        assert [op.op_id for op in log.pending() if op.accepted] == ["op7"]
    assert counts.read_bytes < size / 4


def test_a_journal_that_another_took_the_place_of_is_read_from_its_begin(tmp_path: Path) -> None:
    log, other = Journal(tmp_path), Journal(tmp_path / "other")
    path, theirs = tmp_path / "journal", tmp_path / "other" / "journal"
    log.begin("k7", "s", "", [ONE])
    other.begin("q2", "a longer one", "", [ONE])
    other.begin("w3", "s", "", [ONE])
    assert [op.op_id for op in log.pending()] == ["k7"]
    path.write_bytes(theirs.read_bytes())  # the same inode
    assert [op.op_id for op in log.pending()] == ["q2", "w3"]
    path.write_bytes(theirs.read_bytes().splitlines(keepends=True)[0])
    assert [op.op_id for op in log.pending()] == ["q2"]
    path.unlink()
    assert log.pending() == []


# ---- damage ------------------------------------------------------------------------------------------------------


def three_operations(folder: Path) -> bytes:
    log = Journal(folder)
    for op_id in ("k7", "q2", "w3"):
        log.begin(op_id, "s", "", [ONE])
    return (folder / "journal").read_bytes()


def test_cut_anywhere_the_whole_lines_count(tmp_path: Path) -> None:
    data = three_operations(tmp_path)
    for cut in range(len(data)):
        (tmp_path / "journal").write_bytes(data[:cut])
        whole = data[:cut].count(b"\n") + (data[cut : cut + 1] == b"\n")
        log = Journal(tmp_path)
        assert [op.op_id for op in log.pending()] == ["k7", "q2", "w3"][:whole]
        assert len(log.faults()) == (0 if data[:cut].endswith(b"\n") or cut == 0 or data[cut : cut + 1] == b"\n" else 1)


def test_a_flipped_bit_anywhere_costs_that_line_only_and_is_named(tmp_path: Path) -> None:
    data = three_operations(tmp_path)
    first, second = (at for at, byte in enumerate(data[:-1]) if byte == 0x0A)
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        (tmp_path / "journal").write_bytes(damaged)
        log = Journal(tmp_path)
        lost = {"k7": at <= first, "q2": first <= at <= second, "w3": at >= second}
        if at == len(data) - 1:  # the last line end, whatever it became
            assert [op.op_id for op in log.pending()][:2] == ["k7", "q2"]
            continue
        assert [op.op_id for op in log.pending()] == [op_id for op_id, is_lost in lost.items() if not is_lost]
        assert log.faults()


def test_a_torn_end_does_not_swallow_the_next_record(tmp_path: Path) -> None:
    data = three_operations(tmp_path)
    (tmp_path / "journal").write_bytes(data[:-10])
    log = Journal(tmp_path)
    log.begin("n9", "s", "", [TWO])
    assert [op.op_id for op in log.pending()] == ["k7", "q2", "n9"]
    assert log.faults() == ("journal line 3 is damaged and was skipped",)


class Refuses(fsops.Ops):
    """A disk that takes nothing while it is `full`."""

    full = True

    def write(self, fd: int, data: bytes | memoryview) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "full")
        return super().write(fd, data)


def test_nothing_is_begun_where_it_cannot_be_recorded(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    with fsops.using(Refuses()), pytest.raises(OSError, match="full") as failure:
        log.begin("k7", "s", "", [ONE])
    assert failure.value.filename == str(tmp_path / "journal")
    assert (log.pending(), log.waiting()) == ([], [])


def test_what_could_not_be_recorded_is_known_here_and_written_with_the_next_record(tmp_path: Path) -> None:
    log, disk = Journal(tmp_path, keep=5), Refuses()
    log.begin("k7", "s", "", [ONE])
    log.begin("q2", "s", "", [TWO])
    with fsops.using(disk):
        log.accepted("k7")
        log.abandoned("q2")
        assert [op.op_id for op in log.waiting()] == ["k7"]
        log.committed("k7", "abc")
        assert log.pending() == []
        assert [op.op_id for op in Journal(tmp_path).pending()] == ["k7", "q2"]
        disk.full = False
        log.begin("w3", "s", "", [THREE])
    assert [op.op_id for op in Journal(tmp_path).pending()] == ["w3"]
    assert [done.op_id for done in Journal(tmp_path, keep=5).recent()] == ["k7"]


def test_a_begin_that_failed_half_way_is_not_finished_later(tmp_path: Path) -> None:
    """Written and not synced: were it left pending, a later start could take back what was done since."""

    class NoSync(fsops.Ops):
        def fsync(self, fd: int) -> None:
            raise OSError(errno.EIO, "no sync")

    log = Journal(tmp_path)
    log.begin("k7", "s", "", [ONE])
    with fsops.using(NoSync()), pytest.raises(OSError, match="no sync"):
        log.begin("q2", "s", "", [ALL[0], ALL[2]])
    log.committed("k7", None)
    assert Journal(tmp_path).pending() == []


# ---- whose it is -------------------------------------------------------------------------------------------------


def test_an_operation_of_a_live_process_is_nobody_elses_to_recover(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from planner.core.change import Edit;"
        "from planner.store.journal import Journal;"
        "Journal(Path(sys.argv[1])).begin('k7', 's', '', [Edit('a.md', 'x', 'y')]);"
        "print('begun', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"begun\n"
        assert [op.op_id for op in Journal(tmp_path).pending()] == ["k7"]
        assert Journal(tmp_path).orphans() == []
        other.communicate()
    assert [op.op_id for op in Journal(tmp_path).orphans()] == ["k7"]


def test_what_this_journal_began_is_no_orphan_of_its_own(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    log.begin("k7", "s", "", [ONE])
    assert log.orphans() == []
    assert [op.op_id for op in Journal(tmp_path).orphans()] == ["k7"]


# ---- the decision ------------------------------------------------------------------------------------------------


def op(*edits: Edit, accepted: bool = False) -> Pending:
    return Pending("k7", "s", "", edits, accepted=accepted)


def test_each_text_is_old_new_or_somebody_elses() -> None:
    assert decide(ALL, texts(b="new b", c="else")) == {"a.md": "old", "b.md": "new", "c.md": "other"}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (texts(), Recovery(abandon=True)),
        (texts(a="new a"), Recovery((TWO, THREE), ("a.md", "b.md", "c.md"))),
        (texts(a="new a", b="new b", c=None), Recovery((), ("a.md", "b.md", "c.md"))),
        (texts(a="new a", b="new b", c="else"), Recovery((TWO.inverse, ONE.inverse), abandon=True)),
        (texts(a="else"), Recovery(abandon=True)),
    ],
)
def test_an_unaccepted_operation_goes_forward_or_back(now: Callable[[str], str | None], expected: Recovery) -> None:
    assert plan_recovery(op(*ALL), now) == expected


def test_an_accepted_operation_is_committed_as_it_stands() -> None:
    expected = Recovery(commit=("a.md", "b.md", "c.md"))
    assert plan_recovery(op(*ALL, accepted=True), texts(a="edited since")) == expected


# ---- all together ------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the store catches it."""


class DiesAt(fsops.Ops):
    """Dies at the k-th call of a primitive that changes the disk, and at every later one."""

    def __init__(self, k: int) -> None:
        self.left = k

    def step(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed

    def write(self, fd: int, data: bytes | memoryview) -> int:
        self.step()
        super().write(fd, data[: len(data) // 2])  # half of it reaches the disk
        self.step()
        return len(data) // 2 + super().write(fd, data[len(data) // 2 :])

    def fsync(self, fd: int) -> None:
        self.step()
        super().fsync(fd)

    def rename(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self.step()
        super().rename(source, target)

    def exchange(self, a: fsops.StrPath, b: fsops.StrPath) -> None:
        self.step()
        super().exchange(a, b)

    def link(self, source: fsops.StrPath, target: fsops.StrPath) -> None:
        self.step()
        super().link(source, target)

    def unlink(self, path: fsops.StrPath) -> None:
        self.step()
        super().unlink(path)

    def mkdir(self, path: fsops.StrPath, mode: int = 0o777) -> None:
        self.step()
        super().mkdir(path, mode)


def run(root: Path, side: Path) -> None:
    log = Journal(side)
    log.begin("k7", "s", "", ALL)
    writing.write(root, ALL, displaced=side / "displaced", op_id="k7")
    log.accepted("k7")
    log.committed("k7", None)


def recover(root: Path, side: Path) -> None:
    """What a session does at its start."""
    log = Journal(side)
    for pending in log.orphans():
        if not pending.accepted:
            writing.recover_temporaries(root, pending.edits, displaced=side / "displaced")
        plan = plan_recovery(pending, files.read_tree(root).texts.get)
        writing.write(root, plan.write, displaced=side / "displaced")
        if plan.abandon:
            log.abandoned(pending.op_id)
        else:
            log.committed(pending.op_id, None)


def test_killed_at_any_moment_and_again_in_recovery_all_is_old_or_all_is_new(tmp_path: Path) -> None:
    outcomes = []
    for k in range(1, 1000):
        root, side = tmp_path / f"v{k}", tmp_path / f"s{k}"
        root.mkdir()
        for path, text in OLD.items():
            (root / path).write_text(text)
        killer = DiesAt(k)
        try:
            with fsops.using(killer):
                run(root, side)
        except Killed:
            pass
        if killer.left > 0:
            break
        for again in (3, 7, 12):
            try:
                with fsops.using(DiesAt(again)):
                    recover(root, side)
            except Killed:
                continue
        accepted = any(pending.accepted for pending in Journal(side).pending())
        recover(root, side)
        end = files.read_tree(root).texts
        assert end in (OLD, NEW)
        assert end == NEW or not accepted
        assert sorted(file.name for file in root.iterdir()) == sorted(end)
        assert Journal(side).orphans() == []
        outcomes.append(end == NEW)
    assert len(outcomes) > 25
    assert {True, False} == set(outcomes)


# ---- places ------------------------------------------------------------------------------------------------------


def test_the_journal_lies_in_gits_folder_or_in_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    root, link = tmp_path / "vault", tmp_path / "link"
    root.mkdir()
    link.symlink_to(root)
    git_dir = root / ".git"
    assert places.journal_folder(root, git_dir) == git_dir / "planner"
    assert places.displaced_folder(root, git_dir) == git_dir / "planner" / "displaced"
    assert places.journal_folder(root, None) == tmp_path / "state" / "planner" / places.vault_key(root)
    assert places.cache_folder(link) == tmp_path / "cache" / "planner" / places.vault_key(root)
    assert places.config_folder() == tmp_path / "config" / "planner"
    assert places.vault_key(tmp_path) != places.vault_key(root)
