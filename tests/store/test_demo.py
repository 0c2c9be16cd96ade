"""The demo: dates moved to today, a past that replays to exactly the files, and a clean repository of it."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from planner.errors import GitFailed, Invalid, NotFound
from planner.store import demo
from planner.store.past import ALPHABET, Commit, history

DAYS = [demo.BASE + timedelta(days=days) for days in (-3, -2, -1, 0, 1, 2, 3, 221)]


@pytest.fixture(scope="module")
def sample() -> dict[str, bytes]:
    return demo.read_vault(demo.find_sample())


@pytest.fixture(autouse=True)
def no_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any git configuration; the file returned is theirs to fill."""
    config = tmp_path / "gitconfig"
    config.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return config


def git(folder: Path, *argv: str) -> str:
    run = subprocess.run(["git", "-C", str(folder), *argv], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def replayed(commits: list[Commit]) -> dict[str, bytes]:
    texts: dict[str, bytes] = {}
    for commit in commits:
        texts.update(commit.files)
    return texts


def commits_of(commits: list[Commit], path_part: str) -> list[Commit]:
    return [commit for commit in commits if any(path_part in path for path in commit.files)]


# --- moved dates ---


def test_on_the_base_day_and_around_it_nothing_moves(sample: dict[str, bytes]) -> None:
    assert all(demo.shifted(sample, demo.BASE + timedelta(days=days)) == sample for days in range(-3, 4))


def test_dates_move_by_whole_weeks_in_texts_names_and_settings() -> None:
    before = {
        "reports/2026-11-20.md": b"due: 2026-11-25\nleave: [2026-12-24..2027-01-02]\n- 2026-11-20 14:05 ana: x\n",
        "planner.toml": b'holidays = ["2026-12-25"]\n',
        "a.md": b"completed: 2026-11-20T16:20\r\nid: k7f3qx-2026-11-24\nperiod: 2026-Q4",
    }
    after = demo.shifted(before, date(2027, 1, 7))  # six weeks and a day
    assert after == {
        "reports/2027-01-01.md": b"due: 2027-01-06\nleave: [2027-02-04..2027-02-13]\n- 2027-01-01 14:05 ana: x\n",
        "planner.toml": b'holidays = ["2027-02-05"]\n',
        "a.md": b"completed: 2027-01-01T16:20\r\nid: k7f3qx-2027-01-05\nperiod: 2027-Q1",
    }


@pytest.mark.parametrize("kept", ["due: 2026-02-30", "order 12026-11-25", "2026-11-251", "1.2026-11", "2026-11-25-3"])
def test_what_is_no_day_stays(kept: str) -> None:
    assert demo.shifted({"a.md": kept.encode()}, date(2027, 6, 1)) == {"a.md": kept.encode()}


def test_what_is_no_text_stays() -> None:
    texts = {"a.png": b"2026-11-25", "a.md": b"\xff 2026-11-25"}
    assert demo.shifted(texts, date(2026, 12, 2)) == {"a.png": b"2026-11-25", "a.md": b"\xff 2026-12-02"}


# --- the past ---


@pytest.mark.parametrize("today", DAYS)
def test_replaying_the_commits_gives_exactly_the_files(sample: dict[str, bytes], today: date) -> None:
    texts = demo.shifted(sample, today)
    assert replayed(history(texts, today, 7)) == texts


@pytest.mark.parametrize("today", DAYS)
def test_commits_are_200_to_400_strictly_later_each_and_before_today(sample: dict[str, bytes], today: date) -> None:
    commits = history(demo.shifted(sample, today), today, 7)
    assert 200 <= len(commits) <= 400
    assert all(one.when < other.when for one, other in pairwise(commits))
    assert commits[-1].when.date() < today
    assert today - timedelta(days=155) <= commits[0].when.date() <= today - timedelta(days=140)
    assert {commit.who.slug for commit in commits} == {"ana", "bo", "kim", "yuki"}


def test_every_commit_changes_something(sample: dict[str, bytes]) -> None:
    texts: dict[str, bytes] = {}
    for commit in history(sample, demo.BASE, 7):
        assert all(texts.get(path) != data for path, data in commit.files.items()), commit.message
        texts.update(commit.files)


def test_the_same_day_and_seed_make_the_same_past_and_another_seed_another(sample: dict[str, bytes]) -> None:
    assert history(sample, demo.BASE, 7) == history(dict(reversed(sample.items())), demo.BASE, 7)
    assert history(sample, demo.BASE, 7) != history(sample, demo.BASE, 8)


def test_people_work_on_working_days_in_daylight(sample: dict[str, bytes]) -> None:
    for commit in history(sample, demo.BASE, 7):
        if not any("/household/" in path for path in commit.files):
            assert commit.when.weekday() < 5, commit
            assert 8 <= commit.when.hour <= 19, commit


def test_log_entries_are_commits_by_their_authors_at_their_times(sample: dict[str, bytes]) -> None:
    last = commits_of(history(sample, demo.BASE, 7), "reroute-under")
    comments = [(commit.who.slug, f"{commit.when:%Y-%m-%d %H:%M}") for commit in last if "comment" in commit.message]
    assert comments == [("bo", "2026-11-16 17:20"), ("bo", "2026-11-19 16:30")]


def test_a_done_task_was_added_started_ticked_and_done_when_it_says(sample: dict[str, bytes]) -> None:
    commits = commits_of(history(sample, demo.BASE, 7), "freeze-bluetooth-protocol")
    subjects = [commit.message.splitlines()[0] for commit in commits]
    assert subjects[0] == "add nnbgvw: Freeze the Bluetooth protocol"
    order = [subjects.index(f"move nnbgvw: {move}") for move in ("todo → doing", "doing → done")]
    ticks = [subjects.index(f"check nnbgvw: {n} of 4") for n in (1, 2, 3, 4)]
    assert [order[0], *ticks, order[1]] == sorted([*order, *ticks])
    assert f"{commits[order[1]].when:%Y-%m-%d %H:%M}" == "2026-11-12 12:20"
    first = next(iter(commits[0].files.values())).decode()
    assert "status: todo" in first
    assert "completed:" not in first
    assert "[x]" not in first
    assert "## Log" not in first


def test_messages_are_the_programs_own_or_by_hand(sample: dict[str, bytes]) -> None:
    operations = []
    by_hand = 0
    for commit in history(sample, demo.BASE, 7):
        *_, trailer = commit.message.splitlines()
        if trailer.startswith("Planner-Op: "):
            operations.append(trailer.removeprefix("Planner-Op: "))
            assert commit.message.split(" ")[0] in {"add", "move", "set", "assign", "check", "comment"}
        else:
            by_hand += 1
            assert commit.message.count("\n") == 1
    assert all(len(op) == 12 and set(op) <= set(ALPHABET) for op in operations)
    assert len(set(operations)) == len(operations)
    assert 10 <= by_hand <= 40


def test_a_vault_of_nobody_has_a_past_too() -> None:
    texts = {"planner.toml": b"", "tasks/a.md": b"---\nstatus: done\ncompleted: never\ndue: soon\n---\n- [x] \xff\n"}
    commits = history(texts, date(2026, 11, 25), 1)
    assert replayed(commits) == texts
    assert {commit.who.email for commit in commits} == {"demo@localhost"}


def test_windows_line_ends_survive_every_step() -> None:
    text = (
        b"---\r\nid: k7f3qx\r\nstatus: doing\r\nassignee: bo\r\ndue: 2026-11-30\r\n---\r\nWords.\r\n\r\n- [x] one\r\n"
        b"\r\n## Log\r\n- 2026-11-19 10:00 bo: so\r\n"
    )
    texts = {"planner.toml": b"", "tasks/x-k7f3qx.md": text}
    lives = [history(texts, demo.BASE, seed) for seed in range(5)]
    assert all(replayed(life) == texts for life in lives)
    versions = [
        data for life in lives for commit in life for path, data in commit.files.items() if path.endswith(".md")
    ]
    assert len(versions) > 10
    assert all(data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r") for data in versions)


# --- the repository ---


def test_building_twice_gives_the_same_commit_and_a_clean_repository(sample: dict[str, bytes], tmp_path: Path) -> None:
    today = date(2027, 7, 4)
    one, two = (demo.build(demo.find_sample(), tmp_path / name / "vault", today) for name in ("one", "two"))
    assert git(one, "rev-parse", "HEAD") == git(two, "rev-parse", "HEAD")
    assert git(one, "status", "--porcelain") == ""
    assert git(one, "fsck", "--strict") == ""
    assert git(one, "symbolic-ref", "--short", "HEAD") == "main"
    assert demo.read_vault(one) == demo.shifted(sample, today)
    count = int(git(one, "rev-list", "--count", "HEAD"))
    assert count == len(history(demo.shifted(sample, today), today, 7))


def test_git_tells_the_same_times_and_names_as_the_history(sample: dict[str, bytes], tmp_path: Path) -> None:
    folder = demo.build(demo.find_sample(), tmp_path / "demo", demo.BASE)
    lines = git(folder, "log", "--reverse", "--format=%aI%x09%cI%x09%an%x09%ae").splitlines()
    for line, commit in zip(lines, history(sample, demo.BASE, 7), strict=True):
        author, committer, name, email = line.split("\t")
        assert author == committer
        assert datetime.fromisoformat(author) == commit.when
        assert datetime.fromisoformat(author).utcoffset() == commit.when.utcoffset()
        assert (name, email) == (commit.who.name, commit.who.email)


def test_somebody_without_a_name_may_commit_as_the_first_person(tmp_path: Path) -> None:
    folder = demo.build(demo.find_sample(), tmp_path / "demo", demo.BASE)
    assert git(folder, "config", "--local", "user.email") == "ana@wegwarte.example"
    git(folder, "commit", "--allow-empty", "-m", "mine")
    assert git(folder, "log", "-1", "--format=%an") == "Ana Horvat"


def test_somebody_with_a_name_keeps_it(tmp_path: Path, no_user: Path) -> None:
    no_user.write_text("[user]\nname = Me\nemail = me@example.org\n[commit]\ngpgsign = true\n[core]\nautocrlf = true\n")
    folder = demo.build(demo.find_sample(), tmp_path / "demo", demo.BASE)
    git(folder, "commit", "--allow-empty", "-m", "mine")
    assert git(folder, "log", "-1", "--format=%ae") == "me@example.org"
    assert demo.read_vault(folder) == demo.read_vault(demo.find_sample())


def test_an_environment_for_another_repository_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    folder = demo.build(demo.find_sample(), tmp_path / "demo", demo.BASE)
    assert (folder / ".git").is_dir()
    assert not (tmp_path / "elsewhere").exists()


def test_an_empty_folder_is_taken_and_a_full_one_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert demo.build(demo.find_sample(), tmp_path / "empty", demo.BASE) == tmp_path / "empty"
    with pytest.raises(Invalid, match="not an empty folder") as refused:
        demo.build(demo.find_sample(), tmp_path / "empty", demo.BASE)
    assert refused.value.hint
    (tmp_path / "file").write_text("x")
    with pytest.raises(Invalid):
        demo.build(demo.find_sample(), tmp_path / "file", demo.BASE)


def test_a_folder_that_is_no_vault_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"planner\.toml"):
        demo.build(tmp_path / "nothing", tmp_path / "demo", demo.BASE)
    assert not (tmp_path / "demo").exists()


def test_without_git_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="git is not installed"):
        demo.build(demo.find_sample(), tmp_path / "demo", demo.BASE)


def test_unknown_zones_fall_back_to_utc(sample: dict[str, bytes]) -> None:
    texts = {path: data.replace(b"Europe/", b"Nowhere/") for path, data in sample.items()}
    assert {commit.when.tzinfo for commit in history(texts, demo.BASE, 7)} == {UTC}
