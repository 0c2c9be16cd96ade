"""The events of a history: read in one pass, kept by commit, and the same whichever way they came to be known."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.core.config import Config
from planner.core.events import ADDED, DELETED, RENAMED, FieldChange, Revision, said, told
from planner.store import eventlog
from planner.store.eventlog import Source, revisions
from planner.store.git import Repository, discover
from planner.store.history import Ancestry
from tests.conftest import Claims
from tests.proof import times

Files = Mapping[str, str]
IDS = ("k7f3qx", "m2d9hz", "p4w8tn")
TEXTS = st.builds(
    lambda id_, status, due, tags, body: (
        id_,
        f"---\nid: {id_}\ntitle: T\nstatus: {status}\n{due}tags: [{', '.join(tags)}]\n---\n{body}",
    ),
    st.sampled_from(IDS),
    st.sampled_from(["todo", "doing", "done"]),
    st.sampled_from(["", "due: 2026-12-01\n", "due: 2026-12-02\n"]),
    st.lists(st.sampled_from("abc"), unique=True),
    st.sampled_from(["Text\n", "- [ ] one\n", "- [x] one\n", "Text\n\n## Log\n- 2026-11-01 bo: hi\n"]),
)
FOLDERS = st.sampled_from(["tasks", "projects/web", "inbox"])


@st.composite
def snapshots(draw: st.DrawFn) -> list[Files]:
    """What a vault held, commit after commit: items come, change, move to other folders and go."""
    found: list[Files] = []
    now: dict[str, str] = {}
    for _ in range(draw(st.integers(1, 8))):
        id_, text = draw(TEXTS)
        now = {path: old for path, old in now.items() if f"{id_}.md" not in path}
        if draw(st.integers(0, 4)):
            now[f"{draw(FOLDERS)}/{id_}.md"] = text
        found.append(dict(now))
    return found


def replayed(changes: Sequence[FieldChange], state: dict[str, dict[str, str]]) -> None:
    """What items say after these changes, told by the changes alone."""
    for change in changes:
        if change.field == DELETED:
            state.pop(change.id, None)
        elif change.field == RENAMED:
            state[change.id] = state.pop(change.old or "", {})
        elif change.field == ADDED:
            state[change.id] = {}
        elif change.field not in {"body", "checklist", "log"}:
            fields = state.setdefault(change.id, {})
            if change.new is None:
                fields.pop(change.field, None)
            else:
                fields[change.field] = change.new


def fields_of(files: Files) -> dict[str, dict[str, str]]:
    found = (said(path, text, Config()) for path, text in files.items())
    return {one.id: dict(one.fields or {}) for one in found}


def test_events_applied_forward_give_the_fields_of_the_texts(claims: Claims) -> None:
    count = times(60, 2_000)
    with claims("events applied forward give the fields of the texts", expect=count) as claim:

        @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
        @given(snapshots())
        def law(held: list[Files]) -> None:
            state: dict[str, dict[str, str]] = {}
            before: Files = {}
            for files in held:
                was, now = (
                    {path: said(path, text, Config()) for path, text in texts.items()} for texts in (before, files)
                )
                replayed(tuple(told(was, now)), state)
                before = files
            assert claim.check(state == fields_of(held[-1]), held)

        law()
        while claim.total < count:  # hypothesis stops early where it has seen every case
            law()


# ---- with git --------------------------------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setattr(eventlog, "WORTH_KEEPING", 1)
    return new_repository(tmp_path / "vault")


def new_repository(folder: Path) -> Repository:
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    found = discover(folder)
    assert found is not None
    return found


def run(where: Path | str, *args: str, data: bytes = b"") -> str:
    return subprocess.run(["git", *args], cwd=where, check=True, capture_output=True, input=data).stdout.decode()


def stream(held: Sequence[Files], branch: str, first: int = 0) -> bytes:
    """Snapshots as commits for `git fast-import`, on from what the branch is at."""
    lines: list[bytes] = []
    for number, files in enumerate(held, first):
        subject = f"step {number}".encode()
        lines.append(b"commit refs/heads/%s\n" % branch.encode())
        lines.append(b"author Ana <ana@example.org> %d +0100\n" % (1_790_000_000 + 60 * number))
        lines.append(b"committer Ana <ana@example.org> %d +0100\n" % (1_790_000_000 + 60 * number))
        lines.append(b"data %d\n%s\n" % (len(subject), subject))
        if number == first and first:
            lines.append(b"from refs/heads/%s^0\n" % branch.encode())
        lines.append(b"deleteall\n")
        for path, text in files.items():
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text.encode()), text.encode()))
    return b"".join(lines)


def put(repo: Repository, held: Sequence[Files], *, branch: str = "main", first: int = 0) -> None:
    run(repo.top, "fast-import", "--quiet", "--force", data=stream(held, branch, first))


def read(repo: Repository, folder: Path | None, id_: str | None = None, ancestry: Ancestry = "all") -> list[Revision]:
    return list(revisions(Source(repo, "", Config(), folder, ancestry), id_))


def task(status: str, id_: str = "k7f3qx", **more: str) -> str:
    lines = "".join(f"{key}: {value}\n" for key, value in more.items())
    return f"---\nid: {id_}\ntitle: T\nstatus: {status}\n{lines}---\n"


def test_what_is_kept_and_brought_up_to_date_is_what_is_read_anew(
    claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "WORTH_KEEPING", 1)
    count = times(10, 300)
    numbers = iter(range(10**9))
    with claims("a history brought up to date equals one read anew", expect=count) as claim:

        @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
        @given(snapshots(), snapshots(), st.sampled_from(["on", "forced"]))
        def law(first: list[Files], second: list[Files], how: str) -> None:
            place = tmp_path / str(next(numbers))
            repo = new_repository(place)
            put(repo, first)
            cache = tmp_path / f"{place.name}-cache"
            read(repo, cache)
            put(repo, second, first=len(first) if how == "on" else 0)
            kept, anew = read(repo, cache), read(repo, None)
            assert claim.check(kept == anew == read(repo, cache), (first, second, how))

        law()
        while claim.total < count:
            law()


def test_a_commit_tells_who_when_why_and_which_fields(repo: Repository) -> None:
    put(repo, [{"tasks/a.md": task("todo")}, {"tasks/a.md": task("doing", due="2026-12-01")}])
    (newest, oldest) = read(repo, None)
    assert (newest.who, newest.email, newest.subject) == ("Ana", "ana@example.org", "step 1")
    assert [str(change) for change in newest.changes] == ["status: todo → doing", "due: — → 2026-12-01"]
    assert [change.field for change in oldest.changes] == ["added", "title", "status"]


def test_an_item_keeps_its_history_under_another_name_in_another_folder_and_under_another_id(repo: Repository) -> None:
    held = [
        {"tasks/a.md": task("todo")},
        {"projects/web/b.md": task("todo")},
        {"projects/web/b.md": task("doing", id_="m2d9hz")},
    ]
    put(repo, held)
    told_ = [[change.field for change in revision.changes] for revision in read(repo, None, "M2D9HZ")]
    assert told_ == [["id", "status"], ["project"], ["added", "title", "status"]]


def test_a_merge_tells_what_it_decided_or_along_first_parents_all_that_it_brought(repo: Repository) -> None:
    base = {"tasks/a.md": task("todo", due="2026-12-01", priority="low")}
    put(repo, [base, {"tasks/a.md": task("doing", due="2026-12-01", priority="low")}])
    put(repo, [{"tasks/a.md": task("todo", due="2026-12-02", priority="high")}], branch="side")
    run(repo.top, "update-ref", "refs/heads/base", "main~1")
    text = task("doing", due="2026-12-02", priority="urgent")
    run(repo.top, "fast-import", "--quiet", "--force", data=(
        b"commit refs/heads/main\ncommitter Bo <bo@example.org> 1790009999 +0000\ndata 1\nm\n"
        b"from refs/heads/main^0\nmerge refs/heads/side^0\nM 100644 inline tasks/a.md\n"
        b"data %d\n%s\n" % (len(text.encode()), text.encode())
    ))  # fmt: skip
    merge = read(repo, None)[0]
    assert merge.merge
    assert [str(change) for change in merge.changes] == ["priority: low → urgent"]
    along = read(repo, None, ancestry="first-parent")
    assert [str(change) for change in along[0].changes] == ["due: 2026-12-01 → 2026-12-02", "priority: low → urgent"]
    assert len(along) == 3


def test_the_mailmap_says_who_an_author_is(repo: Repository) -> None:
    put(repo, [{"tasks/a.md": task("todo")}])
    Path(repo.top, ".mailmap").write_text("Ana Horvat <ana@horvat.example> <ana@example.org>\n")
    (only,) = read(repo, None)
    assert (only.who, only.email) == ("Ana Horvat", "ana@horvat.example")


@pytest.mark.parametrize("damage", [b"", b"planner", b"\0" * 40])
def test_a_damaged_cache_is_none(repo: Repository, tmp_path: Path, damage: bytes) -> None:
    put(repo, [{"tasks/a.md": task("todo")}, {"tasks/a.md": task("doing")}])
    anew = read(repo, tmp_path / "cache")
    kept = tmp_path / "cache" / "history-all"
    whole = kept.read_bytes()
    for data in (damage, whole[:-3], whole[:20] + damage + whole[20:]):
        kept.write_bytes(data)
        assert read(repo, tmp_path / "cache") == anew


def test_a_cache_that_cannot_be_written_is_none(repo: Repository, tmp_path: Path) -> None:
    put(repo, [{"tasks/a.md": task("todo")}])
    (tmp_path / "cache").write_text("a file")
    assert read(repo, tmp_path / "cache") == read(repo, None)


def test_an_empty_history_has_no_events(repo: Repository, tmp_path: Path) -> None:
    assert read(repo, tmp_path / "cache") == []


def test_one_item_is_told_the_same_from_the_cache_and_anew_over_many_runs_of_commits(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "CHUNK", 2)
    states = ["todo", "doing", "done"]
    held: list[Files] = [
        {f"tasks/{id_}.md": task(states[(n + k) % 3 if n % 3 == k else k], id_) for k, id_ in enumerate(IDS)}
        for n in range(11)
    ]
    held += [
        {
            "tasks/new.md": task("done", "z9x2kd"),
            **{path: text for path, text in held[-1].items() if "k7f3qx" not in path},
        }
    ]
    put(repo, held)
    whole = read(repo, tmp_path / "cache")
    assert read(repo, tmp_path / "cache") == whole
    for id_ in (*IDS, "z9x2kd"):
        assert read(repo, tmp_path / "cache", id_) == read(repo, None, id_) != []


def test_a_commit_of_more_texts_than_are_read_at_once_tells_the_same(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(status: str, count: int = 12) -> dict[str, str]:
        return {f"tasks/{n}.md": task(status, f"t{n:05}") for n in range(count)}

    few = {"tasks/x.md": task("todo")}
    put(repo, [few, few | many("todo"), few | many("doing"), many("doing") | {"inbox/x.md": task("done")}, few])
    at_once = read(repo, None)
    asked: list[int] = []
    blobs = Repository.blobs

    def counting(self: Repository, oids: Iterable[str]) -> dict[str, bytes]:
        asked.append(len(oids := list(oids)))
        return blobs(self, oids)

    monkeypatch.setattr(Repository, "blobs", counting)
    monkeypatch.setattr(eventlog, "BATCH", 5)
    assert read(repo, None) == at_once
    assert [len(revision.changes) for revision in at_once] == [13, 1, 12, 36, 3]
    assert sorted(asked)[-2:] == [5, 14]  # what goes may have come elsewhere: that commit is read whole


def test_one_commit_of_many_changes_is_worth_keeping(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    put(repo, [{f"tasks/{n}.md": task("todo", f"t{n:05}") for n in range(30)}])
    read(repo, tmp_path / "few")
    monkeypatch.setattr(eventlog, "PART", 4)
    read(repo, tmp_path / "many")
    assert [(tmp_path / name / "history-all").exists() for name in ("few", "many")] == [False, True]


def test_of_one_field_only_its_changes_are_told_and_those_of_ids(repo: Repository) -> None:
    put(repo, [{"tasks/a.md": task("todo")}, {"tasks/a.md": task("doing", "m2d9hz", due="2026-12-01")}])
    source = Source(repo, "", Config(), None)
    told = [[change.field for change in revision.changes] for revision in revisions(source, None, "status")]
    assert told == [["id", "status"], ["status"]]
    assert [r.commit for r in revisions(source, "m2d9hz", "status")] == [r.commit for r in revisions(source)]
