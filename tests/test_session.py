"""The road end to end on real repositories: one wish, one commit, one line; nobody else's work is touched."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner import landing
from planner.commands import Add, Archive, CheckItem, Comment, Context, Delete, Move, Set, Tag
from planner.commands.undo import take_back
from planner.core.change import Edit
from planner.core.document import parse_document
from planner.core.model import Item
from planner.core.vault import Vault
from planner.errors import Conflict, Invalid, NotFound, Stale
from planner.session import Session
from planner.store import files, journal
from planner.store.git import GitBusy, HalfStaged

TODAY = date(2026, 11, 25)
LAWS = int(os.environ.get("PLANNER_LAWS", "1"))
PLAIN = "---\nid: k7f3qx\ntitle: Merge driver\nstatus: todo\ndue: 2026-12-01\n---\nText\n\n- [ ] one\n- [ ] two\n"

ODD_FILES = {
    "plain": PLAIN,
    "crlf": PLAIN.replace("\n", "\r\n"),
    "bom": "\ufeff" + PLAIN,
    "no final newline": PLAIN.rstrip("\n"),
    "comments": "---\n# about it\nid: k7f3qx   # never change\ntitle: T\nstatus: todo   # for now\n---\nx\n",
    "double quotes": "---\nid: k7f3qx\n\"status\": \"todo\"\ntitle: 'it''s'\n---\n",
    "unknown keys": "---\nid: k7f3qx\nmystery: {a: [1, 2]}\nstatus: todo\nother:\n  - x\n---\n",
    "block list": "---\nid: k7f3qx\ntags:\n  - a\n  # why\n  - b\nstatus: todo\n---\n",
    "flow list": "---\nid: k7f3qx\ntags: [ a,b ]\nstatus: todo\n---\n",
}


def git(folder: Path, *args: str) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    (folder / "tasks").mkdir(parents=True)
    (folder / "planner.toml").write_text("", encoding="utf-8")
    (folder / "tasks" / "merge-k7f3qx.md").write_text(PLAIN, encoding="utf-8")
    (folder / "tasks" / "other-m2d9hz.md").write_text("---\nid: m2d9hz\ntitle: Other\n---\n", encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(folder, "config", key, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


def opened(root: Path) -> Session:
    return Session.open(root, today=TODAY)


def item(vault: Vault, id_: str = "k7f3qx") -> Item:
    found = vault.get(id_)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ODD_FILES)
def test_a_move_is_one_commit_of_one_line(root: Path, name: str) -> None:
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_bytes(ODD_FILES[name].encode())
    git(root, "commit", "-qam", "as it is") if name != "plain" else None
    outcome = opened(root).run(Move(("k7",), "doing"))
    assert outcome.commit == git(root, "rev-parse", "HEAD").strip()
    assert git(root, "show", "--format=%s", "--numstat", "HEAD").split("\n")[0] == "move k7f3qx: todo → doing"
    assert git(root, "show", "--format=", "--numstat", "HEAD") == "1\t1\ttasks/merge-k7f3qx.md\n"
    assert path.read_bytes() == ODD_FILES[name].encode().replace(b"todo", b"doing", 1)
    assert git(root, "status", "--porcelain") == ""


def test_what_the_user_has_staged_stays_staged(root: Path) -> None:
    (root / "notes.txt").write_text("mine", encoding="utf-8")
    git(root, "add", "notes.txt")
    opened(root).run(Move(("k7f3qx",), "doing"))
    assert git(root, "diff", "--cached", "--name-only") == "notes.txt\n"
    assert git(root, "show", "--format=", "--name-only", "HEAD") == "tasks/merge-k7f3qx.md\n"
    git(root, "commit", "-qm", "mine")
    assert "status: doing" in git(root, "show", "HEAD:tasks/merge-k7f3qx.md")


def test_edits_by_hand_are_committed_first_under_their_own_subject(root: Path) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("2026-12-01", "2026-12-24"), encoding="utf-8")
    session.refresh(["tasks/merge-k7f3qx.md"])
    session.run(Move(("k7f3qx",), "doing"))
    assert git(root, "log", "-2", "--format=%s").split("\n")[:2] == [
        "move k7f3qx: todo → doing",
        "edit k7f3qx: due 2026-12-01 → 2026-12-24",
    ]


def test_a_save_meanwhile_is_kept_and_the_wish_is_planned_again(root: Path) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("Text", "More text"), encoding="utf-8")
    outcome = session.run(Move(("k7f3qx",), "doing"))
    assert outcome.commit
    assert path.read_text(encoding="utf-8") == PLAIN.replace("Text", "More text").replace("todo", "doing")


def test_the_very_field_changed_meanwhile_is_stale_and_says_what_it_is_now(root: Path) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("todo", "review"), encoding="utf-8")
    with pytest.raises(Stale, match="status is now review"):
        session.run(Move(("k7f3qx",), "doing"))
    assert path.read_text(encoding="utf-8") == PLAIN.replace("todo", "review")


def test_undo_takes_back_only_ours_after_a_teammates_change(root: Path) -> None:
    opened(root).run(Move(("k7f3qx",), "doing"))
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(path.read_text(encoding="utf-8").replace("due: 2026-12-01", "due: 2026-12-31"), encoding="utf-8")
    git(root, "-c", "user.name=Bo", "-c", "user.email=bo@example.org", "commit", "-qam", "bo: later")
    outcome = opened(root).undo()
    assert outcome.change.subject == "undo: move k7f3qx: todo → doing"
    assert path.read_text(encoding="utf-8") == PLAIN.replace("2026-12-01", "2026-12-31")
    assert "Planner-Undoes:" in git(root, "log", "-1", "--format=%B")


def test_undo_of_what_was_changed_again_is_a_conflict(root: Path) -> None:
    session = opened(root)
    session.run(Move(("k7f3qx",), "doing"))
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("todo", "review"), encoding="utf-8")
    git(root, "-c", "user.name=Bo", "-c", "user.email=bo@example.org", "commit", "-qam", "bo: review")
    session.refresh()
    with pytest.raises(Conflict, match="status"):
        session.undo()


def test_undo_redo_and_undo_again_survive_a_restart(root: Path) -> None:
    opened(root).run(Move(("k7f3qx",), "doing"))
    opened(root).run(Set(("k7f3qx",), ("due=2026-12-24",)))
    assert item(opened(root).undo().vault).fields["due"] == date(2026, 12, 1)
    assert item(opened(root).undo().vault).status == "todo"
    with pytest.raises(NotFound):
        opened(root).undo("nonsense")
    assert item(opened(root).redo().vault).status == "doing"
    assert item(opened(root).redo().vault).fields["due"] == date(2026, 12, 24)
    with pytest.raises(NotFound, match="nothing to redo"):
        opened(root).redo()


def test_undo_brings_back_a_deleted_file_and_removes_an_added_one(root: Path) -> None:
    session = opened(root)
    before = (root / "tasks" / "merge-k7f3qx.md").read_bytes()
    session.run(Delete(("k7f3qx",)))
    assert not (root / "tasks" / "merge-k7f3qx.md").exists()
    session.undo()
    assert (root / "tasks" / "merge-k7f3qx.md").read_bytes() == before
    added = session.run(Add("buy milk tomorrow #home"))
    path = root / added.items[0].path
    assert path.exists()
    session.undo()
    assert not path.exists()


def test_undo_of_a_commit_made_by_hand(root: Path) -> None:
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("Merge driver", "Merger"), encoding="utf-8")
    git(root, "commit", "-qam", "by hand")
    opened(root).undo()
    assert path.read_text(encoding="utf-8") == PLAIN


def test_one_undo_too_many_leaves_the_plan_where_it_is(root: Path) -> None:
    session = opened(root)
    first = git(root, "rev-list", "--max-parents=0", "HEAD").strip()
    with pytest.raises(NotFound, match="nothing of yours to undo"):
        session.undo()
    session.undo(first)
    assert not session.vault.files


def test_many_items_are_one_commit(root: Path) -> None:
    outcome = opened(root).run(Tag(("k7f3qx", "m2d9hz"), ("+urgent",)))
    assert outcome.change.subject == "tag 2 items: +urgent"
    assert git(root, "show", "--format=", "--name-only", "HEAD").count("\n") == 2


def test_hand_edits_are_shown_and_committed_with_a_derived_subject(root: Path) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("status: todo", "status: doing"), encoding="utf-8")
    (root / "tasks" / "new.md").write_text("Buy paint\n", encoding="utf-8")
    (root / "tasks" / "broken.md").write_text("---\n- a list\n---\n", encoding="utf-8")
    (root / "elsewhere.txt").write_text("not ours", encoding="utf-8")
    session.refresh()
    assert set(session.uncommitted()) == {"tasks/broken.md", "tasks/merge-k7f3qx.md", "tasks/new.md"}
    outcome = session.commit_by_hand()
    assert outcome.change.subject == "edit 2 files"
    assert any("tasks/broken.md" in notice for notice in outcome.change.notices)
    assert git(root, "status", "--porcelain") == "?? elsewhere.txt\n?? tasks/broken.md\n"


def test_a_commit_by_hand_leaves_out_a_change_that_waits(root: Path) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    path.write_text(PLAIN.replace("status: todo", "status: doing"), encoding="utf-8")
    git(root, "add", "tasks/merge-k7f3qx.md")
    path.write_text(PLAIN, encoding="utf-8")
    session.refresh()
    moved = session.run(Move(("k7f3qx",), "done"))
    assert moved.waiting is not None
    (root / "tasks" / "other-m2d9hz.md").write_text("---\nid: m2d9hz\ntitle: By hand\n---\n", encoding="utf-8")
    outcome = session.commit_by_hand()
    assert [edit.path for edit in outcome.change.edits] == ["tasks/other-m2d9hz.md"]
    (notice,) = outcome.change.notices
    assert notice.startswith("tasks/merge-k7f3qx.md is left out: a change of it waits (move k7f3qx")
    with pytest.raises(HalfStaged):
        session.commit_by_hand()
    git(root, "restore", "--staged", "tasks/merge-k7f3qx.md")
    session.retry()
    assert f"Planner-Op: {moved.op}" in git(root, "log", "-1", "--format=%B")
    assert git(root, "status", "--porcelain") == ""


def test_a_commit_by_hand_leaves_another_process_its_change(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened(root)
    path = root / "tasks" / "merge-k7f3qx.md"
    after = PLAIN.replace("status: todo", "status: done")
    monkeypatch.setattr(landing, "OTHERS", 0.1)
    other, their_journal = subprocess.Popen(["sleep", "60"]), opened(root).journal
    try:
        with monkeypatch.context() as theirs:
            theirs.setattr(journal, "own_name", lambda: f"{other.pid}:{journal._start_time(other.pid)}")
            their_journal.begin("theirs", "move k7f3qx: todo → done", "", [Edit("tasks/merge-k7f3qx.md", PLAIN, after)])
            path.write_text(after, encoding="utf-8")
            their_journal.accepted("theirs")
        with pytest.raises(GitBusy, match=r"Another planner is still committing a change of tasks/merge-k7f3qx\.md"):
            session.commit_by_hand()
        assert git(root, "log", "-1", "--format=%s") == "start\n"
    finally:
        other.kill()
        other.wait()
    assert session.commit_by_hand().commit is None  # what the dead one had accepted is committed as its own
    assert "Planner-Op: theirs" in git(root, "log", "-1", "--format=%B")


def test_the_log_tells_fields(root: Path) -> None:
    session = opened(root)
    session.run(Move(("k7f3qx",), "doing"))
    session.run(CheckItem("k7f3qx", 1))
    session.run(Comment("k7f3qx", "well: done"))
    events = list(session.log(item(session.vault)))
    assert [(event.field, event.old, event.new) for event in events[:3]] == [
        ("log", None, "well: done"),
        ("checklist", "[ ] one", "[x] one"),
        ("status", "todo", "doing"),
    ]
    assert {event.who for event in events} == {"Ana"}


def test_set_project_moves_the_file_and_the_log_follows_it(root: Path) -> None:
    session = opened(root)
    session.run(Set(("k7f3qx",), ("project=web",)))
    assert item(session.vault).path == "projects/web/merge-k7f3qx.md"
    assert item(session.vault).project == "web"
    session.run(Move(("k7f3qx",), "doing"))
    fields = [event.field for event in session.log(item(session.vault))]
    assert fields[:2] == ["status", "project"]


def test_without_git_everything_works_but_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "plain"
    (folder / "tasks").mkdir(parents=True)
    (folder / "tasks" / "a.md").write_text(PLAIN, encoding="utf-8")
    session = opened(folder)
    assert session.repo is None
    outcome = session.run(Move(("k7f3qx",), "doing"))
    assert outcome.commit is None
    assert outcome.waiting is None
    assert item(opened(folder).undo().vault).status == "todo"
    assert item(opened(folder).redo().vault).status == "doing"
    with pytest.raises(Invalid, match="no git history"):
        list(session.log())


def test_an_unborn_branch_and_a_vault_in_a_sub_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    repo = tmp_path / "repo"
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(repo, "config", key, value)
    (repo / "plan" / "tasks").mkdir(parents=True)
    (repo / "code.py").write_text("x = 1\n", encoding="utf-8")
    session = opened(repo / "plan")
    outcome = session.run(Add("first thing"))
    assert outcome.commit
    assert git(repo, "show", "--format=%s", "--name-only", "HEAD").startswith("add ")
    assert git(repo, "status", "--porcelain") == "?? code.py\n"
    session.undo()
    assert not list((repo / "plan" / "inbox").glob("*.md"))


def test_an_accepted_change_is_committed_by_the_next_start(root: Path) -> None:
    session = opened(root)
    lock = root / ".git" / "HEAD.lock"
    lock.write_text("", encoding="utf-8")
    outcome = session.run(Move(("k7f3qx",), "doing"))
    assert outcome.waiting is not None
    assert "status: doing" in (root / "tasks" / "merge-k7f3qx.md").read_text(encoding="utf-8")
    lock.unlink()
    opened(root)  # another session: recovery commits what was accepted
    assert "move k7f3qx: todo → doing" in git(root, "log", "-3", "--format=%s")
    assert git(root, "status", "--porcelain") == ""


def test_what_had_to_wait_is_committed_first_and_in_order_once_git_is_free(root: Path) -> None:
    session = opened(root)
    lock = root / ".git" / "HEAD.lock"
    lock.write_text("", encoding="utf-8")
    assert session.run(Move(("k7f3qx",), "doing")).waiting is not None
    lock.unlink()
    assert session.run(Move(("k7f3qx",), "review")).commit == git(root, "rev-parse", "HEAD").strip()
    subjects = git(root, "log", "-2", "--format=%s").split("\n")[:2]
    assert subjects == ["move k7f3qx: doing → review", "move k7f3qx: todo → doing"]


def test_a_merge_under_way_lets_files_be_saved_and_commits_wait(root: Path) -> None:
    session = opened(root)
    merge_head = root / ".git" / "MERGE_HEAD"
    merge_head.write_text(git(root, "rev-parse", "HEAD"), encoding="utf-8")
    outcome = session.run(Move(("k7f3qx",), "doing"))
    assert outcome.waiting is not None
    assert "merge is unfinished" in outcome.waiting.message
    merge_head.unlink()
    session.retry()
    assert git(root, "log", "-1", "--format=%s").strip() == "move k7f3qx: todo → doing"


def test_a_newer_format_opens_read_only(root: Path) -> None:
    (root / "planner.toml").write_text("[vault]\nformat = 99\n", encoding="utf-8")
    session = opened(root)
    assert any(fault.code == "newer-format" for fault in session.vault.problems)
    with pytest.raises(Invalid, match="newer"):
        session.run(Archive(("k7f3qx",)))


@pytest.mark.parametrize("way", ["in place", "by rename", "by checkout"])
def test_the_watcher_follows_every_kind_of_save(root: Path, way: str) -> None:
    git(root, "branch", "side")
    session = opened(root)
    seen = threading.Event()
    session.subscribe(lambda delta: seen.set() if "k7f3qx" in delta.ids else None)
    path = root / "tasks" / "merge-k7f3qx.md"
    changed = PLAIN.replace("status: todo", "status: review")
    if way == "by checkout":
        git(root, "checkout", "-q", "side")
        path.write_text(changed, encoding="utf-8")
        git(root, "commit", "-qam", "side")
        git(root, "checkout", "-q", "main")
        session.refresh()
        seen.clear()
    session.watch()
    try:
        if way == "in place":
            path.write_text(changed, encoding="utf-8")
        elif way == "by rename":
            temporary = path.with_suffix(".md.tmp")
            temporary.write_text(changed, encoding="utf-8")
            temporary.replace(path)
        else:
            git(root, "checkout", "-q", "side")
        assert seen.wait(10)
        assert item(session.vault).status == "review"
        fresh = Vault.parse({**files.read_tree(root).texts})
        assert {key: file.text for key, file in session.vault.files.items()} == {
            k: f.text for k, f in fresh.files.items()
        }
    finally:
        session.close()


VALUES = {
    "due": st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(str),
    "title": st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
        lambda t: t.strip() == t
    ),
    "priority": st.sampled_from(["urgent", "high", "medium", "low"]),
    "tags": st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), min_size=1, unique=True).map(",".join),
    "estimate": st.sampled_from(["30m", "2d", "1d/3d/6d"]),
}
EDITS = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))


@settings(max_examples=100 * LAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(edit=EDITS, text=st.sampled_from(sorted(ODD_FILES.values())))
def test_a_field_set_is_read_back_and_nothing_else_moves(edit: tuple[str, str], text: str) -> None:
    """Set and read back; every line but the field's own stays, byte for byte; removed again, all is as before."""
    name, value = edit
    vault = Vault.parse({"tasks/a.md": text})
    ctx = Context(TODAY, datetime(2026, 11, 25, 12, 0))  # noqa: DTZ001 (a local time, as the file says it)
    change = Set((item(vault).path,), (f"{name}={value}",)).plan(vault, ctx)
    after = vault.apply(change.edits)
    document = parse_document(after.text("tasks/a.md"))
    raw = document.get(name)
    assert ([raw] if isinstance(raw, str) else list(raw or ())) == (value.split(",") if name == "tags" else [value])
    entry, old = document.entry(name), parse_document(text).entry(name)
    assert entry is not None
    rest = document.text[: entry.start] + document.text[entry.end :]
    assert rest == (text[: old.start] + text[old.end :] if old else text)
    if old is not None and name != "tags":  # a list's removed elements take their comments and gaps with them
        assert document.set(name, old.value).text == text
    if old is None:
        back = Set((item(after).path,), (f"{name}=",)).plan(after, ctx)
        assert after.apply(back.edits).text("tasks/a.md") == text


def test_the_vault_as_it_was_at_a_commit(root: Path) -> None:
    session = opened(root)
    session.run(Move(("k7f3qx",), "doing"))
    assert item(session.at("HEAD~1")).status == "todo"
    assert item(session.at("HEAD")).status == "doing"
    with pytest.raises(NotFound):
        session.at("nothing")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('+++\nid = "t4mnpr"\ntitle = "In TOML"\nstatus = "doing"\ntags = ["a", "b"]\n+++\nText\n', "toml-header"),
        ('{\n"id": "t4mnpr",\n"title": "In JSON",\n"status": "doing",\n"tags": ["a", "b"]\n}\n\nText\n', "json-header"),
    ],
)
def test_toml_and_json_headers_are_shown_and_never_damaged(root: Path, text: str, code: str) -> None:
    path = root / "tasks" / "foreign.md"
    path.write_text(text, encoding="utf-8")
    session = opened(root)
    foreign = item(session.vault, "t4mnpr")
    assert (foreign.title[:3], foreign.status, foreign.tags) == ("In ", "doing", ("a", "b"))
    assert [fault.code for fault in foreign.problems] == [code]
    with pytest.raises(Invalid, match=r"foreign\.md"):
        session.run(Move(("t4mnpr",), "done"))
    assert path.read_text(encoding="utf-8") == text


@settings(max_examples=100 * LAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(ours=EDITS, theirs=EDITS, text=st.sampled_from(sorted(ODD_FILES.values())))
def test_undo_after_a_teammates_change_takes_back_only_ours(
    ours: tuple[str, str], theirs: tuple[str, str], text: str
) -> None:
    """What they alone would have made of the file is what is left, byte for byte."""
    assume(ours[0] != theirs[0])
    vault = Vault.parse({"tasks/a.md": text})
    ctx = Context(TODAY, datetime(2026, 11, 25, 12, 0))  # noqa: DTZ001 (a local time, as the file says it)

    def done(on: Vault, edit: tuple[str, str]) -> tuple[Vault, tuple[Edit, ...]]:
        change = Set((item(on).path,), (f"{edit[0]}={edit[1]}",)).plan(on, ctx)
        return on.apply(change.edits), change.edits

    after, edits = done(vault, ours)
    both, _ = done(after, theirs)
    left = take_back(edits, both, {"tasks/a.md": both.text("tasks/a.md")}, "undo", ("op",))
    expected = done(vault, theirs)[0].text("tasks/a.md")
    assert both.apply(left.edits).text("tasks/a.md") == expected
