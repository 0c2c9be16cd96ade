"""The soak's checker finds the losses it is there for, and a soak of ten seconds holds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from planner import byhand
from planner.commands import Comment, Set, Tag
from planner.session import Session
from planner.store import staging, writing
from planner.store.journal import Pending
from tests.conftest import Claims
from tests.soak import people
from tests.soak.__main__ import ROOT, build
from tests.soak.actors import end_quietly, outcome_facts
from tests.soak.checker import Claim, Sample, check, check_processes
from tests.soak.evidence import gather
from tests.soak.history import Log, Place, blob_id, read_log, tokens
from tests.soak.wishes import IDS, PATHS

PATH = PATHS[IDS[0]]


class Recorded:
    """A small run, recorded as a soak is: some writes of a session, one editor that had seen them all."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        build(self.place)
        self.log = Log(self.place, "session")
        self.editor = Log(self.place, "rename")

    @property
    def file(self) -> Path:
        return self.place.vault / PATH

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", str(self.place.vault), *words], check=True, capture_output=True, text=True)
        return done.stdout

    def write(self, count: int = 1) -> str:
        """Acknowledged writes of planner; returns the last one's token."""
        token = ""
        with Session.open(self.place.vault) as session:
            for _ in range(count):
                token = self.log.next_token()
                number = self.log.invoke("comment", token=token, path=PATH)
                self.log.end(number, "ack", **outcome_facts(session.run(Comment(IDS[0], f"said {token}"))))
        return token

    def save(self, before: bytes, read: float) -> str:
        """An editor saves a text that it read a while ago, with a token more."""
        token = self.editor.next_token()
        after = before + f"{token} by hand\n".encode()
        known = sorted(tokens(after))
        number = self.editor.invoke("save", token=token, path=PATH, read=read, tokens=known, blob=blob_id(after))
        self.file.write_bytes(after)
        self.editor.end(number, "ack")
        return token

    def judge(self) -> dict[str, Claim]:
        """Every claim by name, after a quiet end."""
        end_quietly(self.place, Random(0))
        return {claim.name: claim for claim in check(gather(self.place))}


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = Recorded(tmp_path / "run")
    run.write(2)
    run.save(run.file.read_bytes(), time.time())
    run.write(2)
    return run


def broken(run: Recorded) -> list[str]:
    return [name for name, claim in run.judge().items() if claim.held != claim.total]


IN_HISTORY = "acknowledged writes of planner in history"
EXPLAINED = "removals of acknowledged tokens explained"
KEPT = "acknowledged tokens kept, or taken away by somebody"
NAMED = "displaced texts that nothing else holds named in a notice"
PLANTED = "planted losses found by the checker"


def test_a_good_run_is_found_good(recorded: Recorded) -> None:
    claims = recorded.judge()
    assert [str(claim) for claim in claims.values() if claim.held != claim.total] == []
    assert claims[IN_HISTORY].total == 4
    assert claims[KEPT].kinds == {"in the files": 5}


def test_what_a_stale_editor_overwrites_is_counted_as_its_doing(recorded: Recorded) -> None:
    read, before = time.time(), recorded.file.read_bytes()
    recorded.write()
    recorded.save(before, read)
    recorded.write()
    claims = recorded.judge()
    assert [str(claim) for claim in claims.values() if claim.held != claim.total] == []
    assert claims[EXPLAINED].kinds == {"overwritten by an editor, kept in history": 1}


def test_an_editor_that_had_seen_the_token_is_no_excuse(recorded: Recorded) -> None:
    token = recorded.write()
    recorded.save(recorded.file.read_bytes().replace(token.encode(), b""), time.time() + 1)
    assert EXPLAINED in broken(recorded)


def test_what_an_op_takes_away_on_purpose_is_no_loss(recorded: Recorded) -> None:
    with Session.open(recorded.place.vault) as session:
        token = recorded.log.next_token()
        number = recorded.log.invoke("tag", token=token, path=PATH)
        recorded.log.end(number, "ack", **outcome_facts(session.run(Tag((IDS[0],), (f"+{token}",)))))
        number = recorded.log.invoke("untag", token="", path=PATH, removes=[token])
        recorded.log.end(number, "ack", **outcome_facts(session.run(Tag((IDS[0],), (f"-{token}",)))))
    recorded.write()
    with Session.open(recorded.place.vault) as session:
        number = recorded.log.invoke("undo")
        recorded.log.end(number, "ack", **outcome_facts(session.undo()))
    claims = recorded.judge()
    assert [str(claim) for claim in claims.values() if claim.held != claim.total] == []
    assert claims[EXPLAINED].kinds == {"taken away by a later op": 1, "undone": 1}


def retitle(run: Recorded, session: Session) -> None:
    token = run.log.next_token()
    number = run.log.invoke("title", token=token, path=PATH)
    run.log.end(number, "ack", **outcome_facts(session.run(Set((IDS[0],), (f"title=Item 0 {token}",)))))


def test_a_title_that_the_users_own_commit_replaced_with_a_later_one_is_no_loss(recorded: Recorded) -> None:
    lock = recorded.place.git_dir / "index.lock"
    with Session.open(recorded.place.vault) as session:
        retitle(recorded, session)
        lock.touch()
        retitle(recorded, session)
        lock.unlink()
        recorded.git("commit", "--quiet", "-a", "-m", "user: all")
    claims = recorded.judge()
    assert claims[EXPLAINED].kinds == {"taken away by a later op that the user's own commit took along": 1}
    assert claims[KEPT].held == claims[KEPT].total


def test_an_undo_that_the_users_own_commit_took_along_is_no_loss(recorded: Recorded) -> None:
    lock = recorded.place.git_dir / "index.lock"
    with Session.open(recorded.place.vault) as session:
        retitle(recorded, session)
        token = recorded.log.next_token()
        number = recorded.log.invoke("tag", token=token, path=PATH)
        recorded.log.end(number, "ack", **outcome_facts(session.run(Tag((IDS[0],), (f"+{token}",)))))
        lock.touch()
        number = recorded.log.invoke("undo")
        recorded.log.end(number, "ack", **outcome_facts(session.undo()))
        lock.unlink()
        recorded.git("commit", "--quiet", "-a", "-m", "user: all")
    claims = recorded.judge()
    assert claims[EXPLAINED].kinds == {"taken away by a later op that the user's own commit took along": 1}
    assert claims[KEPT].held == claims[KEPT].total


def test_a_title_that_only_the_users_own_commit_took_away_is_a_loss(recorded: Recorded) -> None:
    before = recorded.file.read_bytes()
    with Session.open(recorded.place.vault) as session:
        retitle(recorded, session)
    recorded.file.write_bytes(before)
    recorded.git("commit", "--quiet", "-a", "-m", "user: all")
    assert {EXPLAINED, KEPT} <= set(broken(recorded))


# ---- planted losses ----------------------------------------------------------------------------------------------------


def drop_a_commit(run: Recorded) -> None:
    """A commit is forgotten, with what it wrote."""
    run.git("update-ref", "refs/heads/main", "HEAD~1")
    run.git("checkout", "--quiet", "main", "--", PATH)


def overwrite_blindly(run: Recorded) -> None:
    """The file is written again without what was just acknowledged."""
    before = run.file.read_bytes()
    run.write()
    run.file.write_bytes(before)


def lose_the_journal(run: Recorded) -> None:
    """A change is accepted, and the journal that would have brought it into history is gone."""
    (run.place.git_dir / "index.lock").touch()
    before = run.file.read_bytes()
    run.write()
    (run.place.git_dir / "index.lock").unlink()
    (run.place.git_dir / "planner" / "journal").unlink()
    run.file.write_bytes(before)


def ignore_a_displaced_save(run: Recorded) -> None:
    """An editor's save is in the displaced folder alone, and no notice names it."""
    before = run.file.read_bytes()
    run.save(before, time.time())
    saved = run.file.read_bytes()
    run.file.write_bytes(before)
    folder = run.place.git_dir / "planner" / "displaced"
    (folder / f"op-0123456789abcdef-01234567-{run.file.name}").write_bytes(saved)


def leave_the_index_stale(run: Recorded) -> None:
    """HEAD moves and the index does not: the user's next commit takes ours back."""
    head, tree = run.git("rev-parse", "HEAD").strip(), run.git("write-tree").strip()
    run.write()
    run.git("read-tree", tree)
    run.git("commit", "--quiet", "--message", "user: notes")
    assert run.git("rev-parse", "HEAD~2").strip() == head


PLANTS: list[tuple[Callable[[Recorded], None], str]] = [
    (drop_a_commit, IN_HISTORY),
    (overwrite_blindly, EXPLAINED),
    (lose_the_journal, IN_HISTORY),
    (ignore_a_displaced_save, NAMED),
    (leave_the_index_stale, EXPLAINED),
]


@pytest.mark.proof
@pytest.mark.parametrize(("plant", "claim"), PLANTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_loss_is_found(
    recorded: Recorded, plant: Callable[[Recorded], None], claim: str, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    if plant is ignore_a_displaced_save:
        monkeypatch.setattr(writing, "sweep_displaced", lambda *_, **__: [])
    plant(recorded)
    with claims(PLANTED) as found:
        found.check(claim in broken(recorded), plant.__name__)


def test_a_session_that_grows_is_found() -> None:
    life = [Sample(float(at), "tui", 7, 90_000 + 300 * at, 20, ()) for at in range(120)]
    memory, files, zombies = check_processes(life, 0.0, 120.0)
    assert (memory.held, memory.total) == (0, 1)
    assert (files.held, zombies.held) == (1, 1)


def test_a_dead_child_and_open_files_are_found() -> None:
    life = [Sample(float(at), "tui", 7, 90_000, 20 + at, (9,)) for at in range(120)]
    memory, files, zombies = check_processes(life, 0.0, 120.0)
    assert (memory.held, files.held, zombies.held) == (1, 0, 0)


def test_a_restarted_actor_goes_on_numbering(tmp_path: Path) -> None:
    place = Place(tmp_path / "run")
    place.make()
    first = Log(place, "cli")
    first.invoke("comment", token=first.next_token())
    with place.log("cli").open("a") as torn:
        torn.write('{"t": 1, "kind": "ack", "n"')
    again = Log(place, "cli")
    assert again.next_token() == "tok-cli-000001"
    again.end(again.invoke("comment", token=again.next_token()), "ack")
    assert [(op.token, op.outcome) for op in read_log(place.log("cli"))] == [
        ("tok-cli-000000", "unknown"),
        ("tok-cli-000001", "ack"),
    ]


# ---- what soaks have found -----------------------------------------------------------------------------------------------


def held(run: Recorded, rev: str = "HEAD") -> str:
    return run.git("show", f"{rev}:{PATH}")


def test_waiting_changes_that_the_users_own_commit_took_along_are_not_put_over_it(recorded: Recorded) -> None:
    with Session.open(recorded.place.vault) as session:
        recorded.file.write_text(recorded.file.read_text() + "by hand\n")
        session.refresh([PATH])
        lock = recorded.place.git_dir / "index.lock"
        lock.touch()
        assert all(session.run(Comment(IDS[0], said)).waiting for said in ("one more", "and another"))
        lock.unlink()
        recorded.git("commit", "--quiet", "-a", "-m", "user: all")
        head = recorded.git("rev-parse", "HEAD")
        session.retry()
        assert (recorded.git("rev-parse", "HEAD"), session.journal.pending()) == (head, [])


def test_a_commit_by_hand_leaves_to_others_what_they_have_accepted(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting(_: Session, paths: list[str]) -> dict[str, Pending]:
        if paths:
            recorded.git("commit", "--quiet", "-m", "theirs", "--", *paths)
        return {path: Pending("theirs", "theirs", "", ()) for path in paths}

    recorded.file.write_text(recorded.file.read_text() + "theirs\n")
    monkeypatch.setattr(byhand, "_waiting", waiting)
    with Session.open(recorded.place.vault) as session:
        assert session.commit_by_hand().commit is None
    assert recorded.git("log", "-1", "--format=%s") == "theirs\n"


def test_a_commit_by_hand_takes_nothing_back_that_was_committed_since_it_read(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commits_meanwhile(_: Session, paths: list[str]) -> dict[str, Pending]:
        if "theirs" not in held(recorded):
            recorded.file.write_text(recorded.file.read_text() + "theirs\n")
            recorded.git("commit", "--quiet", "-m", "theirs", "--", PATH)
        return {}

    recorded.file.write_text(recorded.file.read_text() + "by hand\n")
    monkeypatch.setattr(byhand, "_waiting", commits_meanwhile)
    with Session.open(recorded.place.vault) as session:
        session.commit_by_hand()
    assert held(recorded).endswith("by hand\ntheirs\n")
    assert recorded.git("status", "--porcelain") == ""


def test_an_index_entry_is_not_put_back_where_head_has_the_text(recorded: Recorded) -> None:
    other = PATHS[IDS[1]]
    entry: dict[str, tuple[str, str]] = {}
    for path in (PATH, other):
        blob = recorded.git("rev-parse", f":{path}").strip()
        entry[path] = ("100644", blob)
        (recorded.place.vault / path).write_text("ours\n")
    recorded.git("add", PATH, other)
    recorded.git("commit", "--quiet", "-m", "user: one of them", "--", PATH)
    ours = blob_id(b"ours\n")
    with Session.open(recorded.place.vault) as session:
        assert session.repo is not None
        replaced = {path: staging.Replaced(entry[path], ("100644", ours), ours) for path in (PATH, other)}
        staging.put_back(session.repo, replaced)
    assert recorded.git("diff", "--cached", "--name-only") == ""


# ---- a soak ------------------------------------------------------------------------------------------------------------


@pytest.mark.proof
def test_ten_seconds_of_everything_at_once(tmp_path: Path, claims: Claims) -> None:
    argv = [sys.executable, "-m", "tests.soak", "--minutes", "0.16", "--seed", "10", "--folder", str(tmp_path / "run")]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    with claims("soaks of ten seconds without a loss") as claim:
        claim.check(done.returncode == 0, done.stdout + done.stderr)


def test_an_editor_tidies_up_and_says_what_it_took_away() -> None:
    header = "---\nid: b7f3qx\ntitle: Item 0 tok-cli-999999\n---\n"
    said = [f"said tok-cli-{number:06}" for number in range(people.LINES)]
    text = (header + "\n".join([*said, "mine", ""])).encode()
    kept, removes = people._tidied(text, Random(1))
    assert len(removes) == people.LINES // 2
    assert tokens(kept) == tokens(text) - set(removes)
    assert kept.startswith(header.encode())
    assert kept.endswith(b"mine\n")
    assert people._tidied(kept, Random(1)) == (kept, [])
