"""The command line as programs and people meet it: envelopes, exit codes, safe text on a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pexpect
import pytest

from planner.cli.app import MODULES, main
from planner.commands import COMMANDS

TASK = "---\nid: k7f3qx\ntitle: Merge driver\nstatus: todo\ndue: 2026-12-01\ntags: [git]\n---\nText\n\n- [ ] one\n"
HOSTILE = (
    "[@click=app.quit]x[/]",
    "a [/nope] b",
    "raw \x1b[31mescape",
    "\x1b]52;c;YWJj\x07",
    "c1 \x9b31m",
    "rtl \u202egnp.exe",
    "two\u2028lines",
)

Run = Callable[..., tuple[int, str, str]]


def git(folder: Path, *args: str) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    (folder / "tasks").mkdir(parents=True)
    (folder / "planner.toml").write_text("", encoding="utf-8")
    (folder / "tasks" / "merge-k7f3qx.md").write_text(TASK, encoding="utf-8")
    (folder / "tasks" / "m2d9hz.md").write_text("---\nid: m2d9hz\ntitle: Other\nassignee: bo\n---\n", encoding="utf-8")
    (folder / "tasks" / "broken.md").write_text("---\n- list\n---\n", encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main", str(folder))
    for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(folder, "config", key, value)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    return folder


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["--vault", str(root), "--today", "2026-11-25", *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def as_json(answer: tuple[int, str, str]) -> Any:
    return json.loads(answer[1])


def test_list_hides_what_is_done_and_shows_what_is_broken(run: Run) -> None:
    run("done", "m2d9hz")
    items = as_json(run("list", "--json"))["items"]
    assert [item["id"] for item in items] == ["k7f3qx", "broken"]
    assert items[1]["status"] is None
    assert items[1]["problems"][0]["code"] == "list-header"


def test_every_item_carries_its_envelope(run: Run) -> None:
    item = as_json(run("show", "k7", "--json"))
    wanted = {
        "schema",
        "id",
        "kind",
        "title",
        "status",
        "path",
        "line",
        "problems",
        "computed",
        "body",
        "checklist",
        "log",
        "backlinks",
    }
    assert wanted <= item.keys()
    assert (item["tags"], item["due"]) == (["git"], "2026-12-01")


def test_writing_answers_with_operation_commit_and_items(run: Run, root: Path) -> None:
    answer = as_json(run("move", "k7", "doing", "--json"))
    assert answer["commit"] == git(root, "rev-parse", "HEAD").strip()
    assert answer["items"][0]["status"] == "doing"
    assert f"Planner-Op: {answer['op']}" in git(root, "log", "-1", "--format=%B")


def test_dry_run_shows_the_diff_and_changes_nothing(run: Run, root: Path) -> None:
    answer = as_json(run("set", "k7", "due=fri", "--dry-run", "--json"))
    assert "+due: 2026-11-27" in answer["diff"]
    assert answer["commit"] is None
    assert git(root, "status", "--porcelain") == ""


def test_options_stand_before_or_after_the_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--vault", str(root), "--json"]) == 0
    first = capsys.readouterr().out
    assert main(["--vault", str(root), "--json", "list"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "nothere"), 3, "nothing answers to 'nothere'"),
        (("show", "k7f3qy"), 3, "did you mean k7f3qx?"),
        (("list", "due<<"), 2, "^"),
        (("list", "status:(todo"), 2, "expected"),
        (("set", "k7", "due=blub"), 2, "expected a date"),
        (("set", "k7", "status=frob"), 2, "use one of inbox, todo"),
        (("set", "k7"), 2, "nothing to set"),
        (("set", "broken", "due=fri"), 2, "tasks/broken.md:2"),
        (("move", "k7"), 2, "no items given"),
        (("frobnicate",), 2, "there is no command 'frobnicate'"),
        (("lst",), 2, "did you mean list"),
        (("check-item", "k7", "9"), 3, "its checklist has 1 line"),
        (("undo", "zzzzzzzzzzzz"), 3, "zzzzzzzzzzzz"),
        (("set", "k7", "id=other"), 2, "never changes"),
    ],
)
def test_what_cannot_be_met_says_so_with_the_way_out(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    answer = run(*words)
    assert answer[0] == code
    assert said in answer[2]
    assert answer[1] == ""
    error = as_json(run(*words, "--json"))["error"]
    assert error.keys() == {"code", "message", "hint"}


def test_an_ambiguous_prefix_lists_the_candidates(run: Run, root: Path) -> None:
    (root / "tasks" / "k7bb22.md").write_text("---\nid: k7bb22\ntitle: B\n---\n", encoding="utf-8")
    code, _, err = run("show", "k7")
    assert code == 3
    assert "k7f3qx (Merge driver)" in err
    assert "k7bb22 (B)" in err


def test_a_folder_that_is_none_is_exit_6_and_no_vault_is_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert main(["--vault", str(tmp_path / "none"), "list"]) == 6
    assert main(["list"]) == 3
    assert "planner init" in capsys.readouterr().err


def test_a_faulty_planner_toml_is_a_problem_and_the_vault_opens(run: Run, root: Path) -> None:
    (root / "planner.toml").write_text("[vault]\nname = 'x\n", encoding="utf-8")
    code, out, _ = run("check")
    assert code == 1
    assert re.search(r"^planner\.toml:2:\d+: error bad-toml: ", out, re.MULTILINE)
    assert len(as_json(run("list", "--json"))["items"]) == 3


def test_check_names_path_line_and_column(run: Run) -> None:
    code, out, _ = run("check")
    assert code == 1
    assert out.startswith("tasks/broken.md:2:1: error list-header: ")
    assert as_json(run("check", "--json"))["problems"][0].keys() == {
        "path", "line", "column", "severity", "code", "message", "hint",
    }  # fmt: skip


def test_check_fix_gives_the_younger_of_two_equal_ids_a_new_one(run: Run, root: Path) -> None:
    (root / "tasks" / "younger.md").write_text("---\nid: k7f3qx\ntitle: Younger\n---\n", encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a second one")
    assert any(p["code"] == "duplicate-id" for p in as_json(run("check", "--json"))["problems"])
    run("check", "--fix")
    assert "id: k7f3qx" in (root / "tasks" / "merge-k7f3qx.md").read_text(encoding="utf-8")
    assert "id: k7f3qx" not in (root / "tasks" / "younger.md").read_text(encoding="utf-8")
    assert git(root, "status", "--porcelain") == ""


def test_tags_are_added_and_removed_on_many_items_by_query(run: Run, root: Path) -> None:
    assert run("tag", "--query", "tag:git", "+urgent", "-git")[0] == 0
    assert "tags: [urgent]" in (root / "tasks" / "merge-k7f3qx.md").read_text(encoding="utf-8")
    code, _, err = run("tag", "--query", "tag:nothing", "+x")
    assert (code, "the query finds nothing" in err) == (2, True)


def test_add_says_what_it_understood(run: Run, root: Path) -> None:
    code, out, _ = run("add", "pay", "rent", "fri", "#home", "!high", "@bo", "~30m")
    assert code == 0
    for line in ("due: ", "tags: home", "priority: high", "assignee: bo", "estimate: 30m"):
        assert line in out
    text = next((root / "inbox").glob("pay-rent-*.md")).read_text(encoding="utf-8")
    assert "due: 2026-11-27\n" in text


def test_add_reads_lines(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("first\n\nsecond\n"))
    assert run("add", "-")[0] == 0
    assert len(list((root / "inbox").glob("*.md"))) == 2


def test_board_puts_cards_into_their_columns(run: Run) -> None:
    run("move", "k7", "doing")
    board = as_json(run("board", "--json"))
    columns = {column["status"]: column["items"] for column in board["columns"]}
    assert columns["doing"] == ["k7f3qx"]
    assert "m2d9hz" in columns["todo"]
    assert {item["id"] for item in board["items"]} == {"k7f3qx", "m2d9hz", "broken"}


def test_log_and_undo(run: Run) -> None:
    run("move", "k7", "doing")
    event = as_json(run("log", "k7", "--json"))["events"][0]
    assert (event["field"], event["old"], event["new"], event["who"]) == ("status", "todo", "doing", "Ana")
    assert event.keys() == {"commit", "when", "who", "id", "field", "old", "new"}
    assert run("undo")[0] == 0
    assert as_json(run("show", "k7", "--json"))["status"] == "todo"


def test_edit_opens_the_editor_and_commits_what_changed(
    run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/status: todo/status: review/" "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    assert run("edit", "k7")[0] == 0
    assert git(root, "log", "-1", "--format=%s").strip() == "edit k7f3qx: status todo → review"


def test_init_makes_a_vault_with_one_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine"
    assert main(["init", str(target), "--yes"]) == 0
    assert "undo: " in capsys.readouterr().out
    assert git(target, "log", "--format=%s").count("\n") == 1
    assert git(target, "status", "--porcelain") == ""
    assert main(["init", str(target), "--yes"]) == 2


def test_no_identity_is_a_sentence_and_two_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert main(["init", str(tmp_path / "mine"), "--yes"]) == 5
    err = capsys.readouterr().err
    assert "user.name" in err
    assert "user.email" in err


@pytest.mark.parametrize("verb", sorted(COMMANDS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    assert f"planner {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize(
    "words", [("list", "kind:any"), ("show", "hostile"), ("board",), ("today",), ("agenda",), ("check",), ("log",)]
)
def test_hostile_titles_reach_a_terminal_as_text_only(root: Path, payload: str, words: tuple[str, ...]) -> None:
    quoted = json.dumps(payload, ensure_ascii=True)
    text = f"---\nid: hostile\ntitle: {quoted}\ndue: 2026-11-25\ndepends_on: nothere\n---\n{payload}\n"
    (root / "tasks" / "hostile.md").write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", payload)
    command = ["-m", "planner", "--vault", str(root), "--today", "2026-11-25", *words]
    child = pexpect.spawn(sys.executable, command, dimensions=(40, 160), encoding="utf-8", timeout=30)
    output = child.read()
    child.close()
    assert "\x1b[31mescape" not in output
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", output)
    assert "\x1b" not in without_colours
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u2028]", without_colours)
    assert "Traceback" not in output


def test_git_planner_is_the_same_program(root: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from planner.__main__ import main; import sys; sys.argv[0] = 'git-planner'; sys.exit(main())",
    ]
    done = subprocess.run(
        [*command, "--vault", str(root), "list", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["schema"] == 1


def test_each_module_adds_the_commands_it_is_known_for() -> None:
    """A command is looked for in one module alone: a name that stands in another would not be found."""

    class Taker:
        def __getattr__(self, name: str) -> Callable[..., Taker]:
            return lambda *_, **__: self

    for module, names in MODULES.items():
        found: list[str] = []

        def add(name: str, help_: str, handler: object, found: list[str] = found) -> Taker:
            found.append(name)
            return Taker()

        import_module(f"planner.cli.{module}").register(add)
        assert tuple(found) == names
