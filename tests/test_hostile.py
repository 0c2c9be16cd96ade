"""Hostile and odd files through the whole program: nothing is lost, nothing is run, nothing reaches the terminal."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planner.cli.app import main
from planner.cli.output import _COLOURS
from planner.commands import Add, Assign, Comment, Set, Tag
from planner.commands.base import Command
from planner.commands.capture import understand
from planner.core.config import Config
from planner.core.display import has_hidden
from planner.core.document import parse_document
from planner.core.model import Item, Unread
from planner.core.parse import parse_file
from planner.errors import PlannerError
from planner.query.language import parse_query
from planner.query.match import select
from planner.session import Session
from tests import proof
from tests.bad_inputs import ROWS, Row, outcomes
from tests.conftest import Claims, build, git
from tests.hard_strings import hard_strings
from tests.proof import times

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 25)
SECONDS = 0.2  # for one file
SOURCES = sorted(path for folder in ("planner", "tui") for path in (ROOT / folder).rglob("*.py"))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def planner(root: Path, *words: str, stream: type[io.StringIO] = io.StringIO) -> tuple[int, str, str]:
    """One call of the command line in this process: exit code, stdout, stderr."""
    out, err = stream(), stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["--vault", str(root), "--today", str(TODAY), *words])
    return code, out.getvalue(), err.getvalue()


def in_json(root: Path, *words: str) -> Any:
    return json.loads(planner(root, *words, "--json")[1])


def every(count: int, cases: tuple[Any, ...]) -> tuple[Any, ...]:
    """So many of the cases, evenly spread: all of them at full count."""
    return tuple(cases[index * len(cases) // count] for index in range(min(count, len(cases))))


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, state and git's configuration of the test's own."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def commit_all(root: Path, *, name: str = "Ana", message: str = "start") -> None:
    """A repository of the folder, if it is none yet, with everything in one commit by that name."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    for key, value in {"user.name": name, "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
        git(root, "config", key, value)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--message", message)


# -- Bad inputs ------------------------------------------------------------------------------------------------------

NEIGHBOURS = {
    f"tasks/neighbour-{name}.md": f"---\nid: neighbour-{name}\ntitle: {name}\nstatus: todo\n---\nText of {name}\n"
    for name in ("one", "two", "three")
}


@pytest.fixture
def neighbourhood(tmp_path: Path) -> Path:
    """A repository with three good files."""
    root = tmp_path / "vault"
    (root / "tasks").mkdir(parents=True)
    (root / "planner.toml").write_text("", encoding="utf-8")
    for path, text in NEIGHBOURS.items():
        (root / path).write_text(text, encoding="utf-8")
    commit_all(root)
    return root


def sparse(path: Path) -> None:
    """A file of 200 MB that takes no room."""
    with path.open("wb") as file:
        file.truncate(200_000_000)


SPECIAL: Mapping[str, Callable[[Path], None]] = {
    "too-large": sparse,
    "link-outside": lambda path: path.symlink_to("/etc/passwd"),
    "special-file": os.mkfifo,
}


@contextlib.contextmanager
def on_disk(root: Path, row: Row) -> Iterator[None]:
    """The row's files as real ones, gone again at the end."""
    for path, content in row.files.items():
        target = root / path
        target.parent.mkdir(exist_ok=True)
        if isinstance(content, Unread):
            SPECIAL[content.code](target)
        else:
            target.write_bytes(content)
    yield
    for path in row.files:
        (root / path).unlink()


def state_of(path: Path) -> object:
    """What a file is and holds; of a huge one the stamps."""
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        return path.readlink()
    return path.read_bytes() if stat.S_ISREG(info.st_mode) and info.st_size < 100_000_000 else info[:2] + info[6:9:2]


def seconds_to_read(row: Row) -> float:
    """The processor's time to read the row's largest file, the best of three."""
    texts = [content.decode("utf-8", "surrogateescape") for content in row.files.values() if isinstance(content, bytes)]
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            parse_file("tasks/x.md", text, Config())
        best = min(best, time.process_time() - start)
    return best


def odd_file_fares(root: Path, row: Row, turn: int) -> list[str]:
    """What is wrong with how one row fares in a vault: nothing, if all is well."""
    path = next(iter(row.files))
    before = {name: state_of(root / name) for name in (*row.files, *NEIGHBOURS)}
    wrong = []
    with Session.open(root, today=TODAY) as session:
        letters = outcomes(session.vault, path)
        if row.outcome not in letters:
            wrong.append(f"{letters} instead of {row.outcome}")
        listed = {item["path"] for item in in_json(root, "list")["items"]}
        named = {fault["path"] for fault in in_json(root, "check", "--strict")["problems"]}
        if not listed >= NEIGHBOURS.keys():
            wrong.append("hides a neighbour")
        is_note = row.outcome == "I" and path in session.vault.files  # nothing to list, and no fault
        if path not in listed | named and not is_note:
            wrong.append("neither listed nor named by check")
        edited = "tasks/neighbour-one.md"
        outcome = session.run(Set(("neighbour-one",), (f"estimate={turn + 1}h",)))
        if outcome.commit is None or f"estimate: {turn + 1}h\n" not in (root / edited).read_text(encoding="utf-8"):
            wrong.append("an edit elsewhere is not made")
    wrong += [f"{name} has changed" for name in before if name != edited and state_of(root / name) != before[name]]
    if proof.FULL and (seconds := seconds_to_read(row)) > SECONDS:
        wrong.append(f"takes {seconds:.2f} s")
    return wrong


def test_bad_inputs_in_a_real_vault(neighbourhood: Path, claims: Claims) -> None:
    count = times(11, len(ROWS))
    with claims("bad inputs: outcome, time, bytes, neighbours", expect=count) as claim:
        for turn, row in enumerate(every(count, ROWS)):
            with on_disk(neighbourhood, row):
                wrong = odd_file_fares(neighbourhood, row, turn)
            claim.check(not wrong, f"{row.name}: {'; '.join(wrong)}")


# -- Hard strings ----------------------------------------------------------------------------------------------------

HOME = "tasks/k7f3qx.md"
START = "---\nid: k7f3qx\ntitle: Merge driver # about it\nstatus: todo\n---\nText\n"
LISTED = re.compile(r",|^\s*\[.*\]\s*$", re.DOTALL)


@pytest.fixture
def plain_vault(tmp_path: Path) -> Session:
    """A vault without git: what is set is on disk, and nothing else takes time."""
    root = tmp_path / "plain"
    (root / "tasks").mkdir(parents=True)
    (root / "inbox").mkdir()
    (root / "planner.toml").write_text("", encoding="utf-8")
    (root / HOME).write_text(START, encoding="utf-8")
    return Session.open(root, today=TODAY)


def blank_lines_apart(text: str) -> list[str]:
    return [line.strip() for line in re.split("\r\n|\r|\n", text.strip())]


def title_holds(text: str, item: Item) -> bool:
    """A title is kept to the character; a blank one takes the line away."""
    return item.fields.get("title") == text if text.strip() else "title" not in item.fields


def tag_holds(text: str, item: Item) -> bool:
    """A tag is kept without the blanks around it; one `#` is its mark, commas and brackets make several."""
    if LISTED.search(text) or text.startswith("#"):
        return all(tag in text for tag in item.tags)
    return item.tags == ((text.strip(),) if text.strip() else ())


def person_holds(text: str, item: Item) -> bool:
    """A person is kept likewise; `@`, `[[ ]]`, `+`, `-`, `me` and `none` are the command's own words."""
    if LISTED.search(text) or text.startswith(("+", "-")) or text.strip().startswith(("@", "[[")):
        return all(who in text for who in item.assignees)
    if text.strip().casefold() in {"", "none", "me"}:
        return len(item.assignees) <= 1
    return item.assignees == (text.strip(),)


def comment_holds(text: str, item: Item) -> bool:
    """What was said is kept line by line, without the blanks around the lines."""
    return blank_lines_apart(item.body.log[-1].text) == blank_lines_apart(text)


PLACES: Mapping[str, tuple[Callable[[str], Command], Callable[[str, Item], bool]]] = {
    "title": (lambda text: Set(("k7f3qx",), (f"title={text}",)), title_holds),
    "tag": (lambda text: Tag(("k7f3qx",), (f"+{text}",)), tag_holds),
    "person": (lambda text: Assign(("k7f3qx",), text), person_holds),
    "log": (lambda text: Comment("k7f3qx", text), comment_holds),
}


def fresh(session: Session, path: str) -> Item | None:
    """The item of a file as it is on disk now, read anew."""
    text = (session.root / path).read_bytes().decode("utf-8", "surrogateescape")
    return parse_file(path, text, session.vault.config).item


def everything(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(root.rglob("*.md"))}


def put_and_read(session: Session, place: str, text: str) -> str:
    """`kept`, `refused`, or what is wrong: a text through a command to the disk and back."""
    command, holds = PLACES[place]
    before = everything(session.root)
    try:
        outcome = session.run(command(text))
    except PlannerError as error:
        return "refused" if everything(session.root) == before and error.hint else "something is written, or no way out"
    if outcome.waiting is not None:
        return f"waits: {outcome.waiting}"
    item = fresh(session, HOME)
    assert item is not None
    return "broken" if item.broken else "kept" if holds(text, item) else "differs"


def add_and_read(session: Session, text: str) -> str:
    """Likewise for a new item: no word is lost, and what is no word of capture's own stays the title."""
    before = everything(session.root)
    try:
        path = session.run(Add(text)).items[0].path
    except PlannerError as error:
        return "refused" if everything(session.root) == before and error.hint else "something is written, or no way out"
    item = fresh(session, path)
    (session.root / path).unlink()
    session.refresh([path])
    assert item is not None
    capture = understand(text, session.vault, session.context())
    words = capture.title if capture.understood or "\\" in text else " ".join(text.split())
    return "kept" if item.fields.get("title") == words else "differs"


def body_stays(session: Session, text: str) -> str:
    """Likewise for a body that is there: a field is set above it, or the file is no text and is refused whole."""
    raw = START.encode().replace(b"Text\n", text.encode("utf-8", "surrogatepass"))
    (session.root / HOME).write_bytes(raw)
    session.refresh([HOME])
    try:
        session.run(Set(("k7f3qx",), ("priority=high",)))
    except PlannerError:
        return "refused" if (session.root / HOME).read_bytes() == raw else "something is written"
    item = fresh(session, HOME)
    assert item is not None
    now = (session.root / HOME).read_bytes()
    return "kept" if now.replace(b"priority: high\n", b"") == raw and item.priority == "high" else "differs"


def reset(session: Session) -> None:
    (session.root / HOME).write_text(START, encoding="utf-8")
    session.refresh([HOME])


CODES = "|".join(sorted({*_COLOURS.values(), "0", "1;33"}))
OUR_COLOURS = re.compile(rf"\x1b\[(?:{CODES})m")
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def reaches_terminal(*shown: str) -> str:
    """The first of the characters that a terminal obeys, hides or reorders by, our own colours set aside."""
    match = UNSAFE.search(OUR_COLOURS.sub("", "".join(shown)))
    return f"U+{ord(match[0]):04X}" if match else ""


def test_hard_strings_survive_set_and_read_back(plain_vault: Session, claims: Claims) -> None:
    """Kept or refused before anything is written, in a title, a tag, a person, a log, a new item and a body."""
    session, split = plain_vault, Counter[str]()
    count = times(20, len(hard_strings()))
    with claims("hard strings survive set and read back", expect=count) as claim:
        for text in every(count, hard_strings()):
            came = {place: put_and_read(session, place, text) for place in PLACES}
            shown = (
                planner(session.root, "show", "k7f3qx", stream=Terminal),
                planner(session.root, "list", stream=Terminal),
            )
            came |= {"new": add_and_read(session, text), "body": body_stays(session, text)}
            came |= {"screen": reaches_terminal(*shown[0][1:], *shown[1][1:]) or "kept"}
            reset(session)
            split.update(f"{place} {result}" for place, result in came.items())
            wrong = {place: result for place, result in came.items() if result not in {"kept", "refused"}}
            claim.check(not wrong, f"{ascii(text)[:80]}: {wrong}")
        claim.failures.append(f"split: {dict(sorted(split.items()))}")
    print(dict(sorted(split.items())))
    assert all(split[f"{place} kept"] > count * 0.8 for place in ("title", "tag", "person", "log", "new", "body"))


def test_hard_strings_are_committed(neighbourhood: Path, claims: Claims) -> None:
    """A title, whatever it says, is no reason for git to refuse, and one line of a commit's message."""
    count = times(10, len(hard_strings()))
    with claims("hard strings in a commit message", expect=count) as claim, Session.open(neighbourhood) as session:
        for text in every(count, hard_strings()):
            try:
                outcome = session.run(Set(("neighbour-one",), (f"title={text}",)))
            except PlannerError:
                claim.check(re.search("[\ud800-\udfff]", text), ascii(text))
                continue
            subject = git(neighbourhood, "log", "-1", "--format=%s").rstrip("\n")
            same = outcome.commit is None and outcome.waiting is None
            claim.check(same or (outcome.commit and subject.startswith("set neighbour-one title: ")), ascii(text))


def test_there_are_500_hard_strings_of_every_category() -> None:
    import unicodedata

    strings = hard_strings()
    seen: dict[str, set[str]] = {}
    for character in "".join(strings):
        seen.setdefault(unicodedata.category(character), set()).add(character)
    assert len(strings) == len(set(strings)) == 500
    assert {category: len(found) for category, found in seen.items() if len(found) < 5 and category != "Cs"} == {
        "Zl": 1,
        "Zp": 1,
    }
    assert len(seen) == 30


# -- What reaches a terminal -----------------------------------------------------------------------------------------

PAYLOADS = (
    "\x1b[5mblink", "\x1b]52;c;cm0gLXJm\x07", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bP1$q\x1b\\", "\x9b5mc1", "\x9d0;x\x9c",
    "del\x7f\x08\x08", "cr\rover", "\x0e\x0f\x05", "\x1b", "a\x85b",
)  # fmt: skip
BIDI = (
    "\u202egnp.exe", "\u202d0", "\u202a1", "\u202b2", "\u202c3", "\u2066a\u2069", "\u2067b", "\u2068c", "\u2069d", "a\u200bb", "a\u200eb", "a\u200fb",
    "\ufeffa", "a\u2060b", "a\U000e0041b", "a\u2028b\u2029",
)  # fmt: skip
COMMANDS = (
    ("list",), ("list", "kind:any", "--columns", "id,title,assignee,tags,path"), ("list", "--group", "assignee"), ("show", "hostile"), ("today",),
    ("agenda",), ("board",), ("board", "--lanes", "assignee"), ("check", "--strict"), ("log",), ("log", "hostile"), ("show", "other"), ("keys",),
    ("doctor",), ("trust",), ("list", "--json"), ("show", "hostile", "--json"), ("log", "--json"), ("schema",),
)  # fmt: skip
ECHOED = (
    ("show", "{}"), ("list", "{}"), ("list", "title:{}"), ("list", "due<{}"), ("list", "--at", "{}"), ("list", "--sort", "{}"), ("list", "--columns", "{}"),
    ("list", "--group", "{}"), ("board", "--lanes", "{}"), ("{}",), ("list", "--{}"), ("undo", "{}"), ("log", "--field", "{}"), ("log", "{}"),
    ("set", "other", "due={}"), ("set", "other", "status={}"), ("set", "other", "{}"), ("set", "{}", "due=fri"), ("move", "other", "{}"),
    ("link", "other", "parent", "{}"), ("link", "other", "{}", "hostile"), ("rank", "other", "--after", "{}"), ("agenda", "--days", "{}"),
    ("check-item", "other", "{}"), ("completion", "{}"), ("edit", "{}"), ("archive", "{}"), ("--today", "{}", "list"), ("--vault", "{}", "list"),
)  # fmt: skip
WRITING = (
    ("set", "other", "title={}"), ("add", "{}", "--dry-run"), ("add", "{}"), ("comment", "other", "{}"), ("tag", "other", "+{}"), ("assign", "other", "{}"),
    ("undo",), ("redo",), ("archive", "hostile"), ("delete", "hostile", "--dry-run"), ("commit", "-m", "{}"),
)  # fmt: skip


def hostile_vault(root: Path, text: str) -> None:
    """A vault that says `text` wherever a file, its name, a setting or a commit can."""
    quoted = json.dumps(text)
    header = f"id: hostile\ntitle: {quoted}\nassignee: {quoted}\ntags: [{quoted}]\nproject: {quoted}\ndue: 2026-11-25\nmystery: {quoted}"
    (root / "tasks").mkdir(parents=True)
    (root / "planner.toml").write_text(
        f"[vault]\nname = {quoted}\n{quoted} = 1\ntimezone = {quoted}\n", encoding="utf-8"
    )
    body = f"{text}\n- [ ] {text}\n[[{text}]]\n## Log\n- 2026-11-01 10:00 {text}: {text}\n"
    (root / "tasks" / "hostile.md").write_text(
        f"---\n{header}\ndepends_on: [other, {quoted}]\n---\n{body}", encoding="utf-8"
    )
    (root / "tasks" / "other.md").write_text("---\nid: other\ntitle: Other\ndue: 2026-11-26\n---\n", encoding="utf-8")
    (root / "tasks" / f"{text.replace('/', '-')}.md").write_text(f"---\n{text}: {text}\n- x\n", encoding="utf-8")
    commit_all(root, name=f"A {text}", message=text)  # git takes no name of control characters alone
    (root / "tasks" / "hostile.md").write_text(f"---\n{header}\nstatus: doing\n---\n{body}", encoding="utf-8")


def leak(root: Path, words: tuple[str, ...], text: str) -> str:
    """What of one command's output a terminal would obey; a crash counts."""
    said = tuple(word.format(text) if "{" in word else word for word in words)
    try:
        _, out, err = planner(root, *said, stream=Terminal)
    except SystemExit:
        return "ended the program"
    return reaches_terminal(out, err) or ("Traceback" if "Traceback" in err else "")


@pytest.mark.parametrize("kind", ["escapes", "directions"])
def test_no_command_lets_a_payload_reach_the_terminal(tmp_path: Path, claims: Claims, kind: str) -> None:
    payloads = every(times(1, 12), PAYLOADS) if kind == "escapes" else every(times(1, 16), BIDI)
    commands = (*COMMANDS, *ECHOED, *WRITING)
    count = len(payloads) * len(commands)
    with claims("payloads in every command: nothing a terminal obeys", expect=count) as claim:
        for number, text in enumerate(payloads):
            root = tmp_path / f"vault-{number}"
            hostile_vault(root, text)
            for words in commands:
                found = leak(root, words, text)
                claim.check(not found, f"{text!a} in {' '.join(words)}: {found}")


def test_founding_settings_and_git_errors_are_shown_safely(
    tmp_path: Path, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new vault's folder, a person's own settings, a repository's own configuration, and a git that complains."""
    payloads = every(times(1, 12), PAYLOADS)
    with claims("payloads in names, settings and git's own words", expect=len(payloads) * 8) as claim:
        for number, text in enumerate(payloads):
            home = tmp_path / f"home-{number}" / text.replace("/", "-")
            hostile_vault(home / "vault", text)
            git(home / "vault", "config", f"filter.{'x' + text.replace(chr(13), '')}.clean", f"run {text}")
            cases = [("trust",), ("list",), ("add", "x"), ("doctor",)]
            found = [leak(home / "vault", words, text) for words in cases]
            monkeypatch.setenv("GIT_AUTHOR_NAME", "Ana")
            monkeypatch.setenv("GIT_AUTHOR_EMAIL", "ana@example.org")
            monkeypatch.setenv("GIT_COMMITTER_NAME", "Ana")
            monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ana@example.org")
            found.append(leak(home / "new", ("init", "--yes"), text))
            settings = tmp_path / "xdg_config_home" / "planner" / "config.toml"
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(f"{json.dumps(text)} = {json.dumps(text)}\n", encoding="utf-8")
            found.append(leak(home / "vault", ("doctor",), text))
            settings.unlink()
            found += complaining_git(tmp_path / f"bin-{number}", home / "vault", text, monkeypatch)
            for case, leaked in zip((*cases, "init", "settings", "git", "git --json"), found, strict=True):
                claim.check(not leaked, f"{text!a} in {case}: {leaked}")


def complaining_git(folder: Path, root: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the terminal of a git that fails with `text` on its stderr."""
    folder.mkdir()
    (folder / "words").write_text(f"fatal: {text}\nremote: {text}\n", encoding="utf-8")
    script = folder / "git"
    script.write_text(f'#!/bin/sh\ncat "{folder}/words" >&2\nexit 128\n', encoding="utf-8")
    script.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return [leak(root, ("add", "x"), text), leak(root, ("add", "x", "--json"), text)]


def test_hidden_and_reordering_characters_are_named(claims: Claims) -> None:
    """Each is shown as a marker and named by check, and the file keeps it."""
    with claims("bidi and zero-width: shown as markers, named by check, bytes kept", expect=16) as claim:
        for text in BIDI:
            vault = build({"tasks/x.md": f"---\nid: x\ntitle: {text}\n---\n"})
            named = any(fault.code == "hidden-character" for fault in vault.problems)
            claim.check(named and has_hidden(text) and text in vault.text("tasks/x.md"), ascii(text))


# -- Bombs, and code that is not run ---------------------------------------------------------------------------------


def test_bombs_are_defused(claims: Claims) -> None:
    """Each in bounded time and memory, in a process that ends well."""
    from tests.fuzzing import BOMBS

    assert len(BOMBS) >= 20
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", "bombs"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    came = (
        json.loads(done.stdout)
        if done.returncode == 0
        else {"failures": [f"ended with {done.returncode}", done.stderr]}
    )
    failures = [str(failure) for failure in came["failures"] if proof.FULL or not str(failure).endswith(" s")]
    with claims("YAML, TOML, JSON and Markdown bombs: under 200 ms and 50 MB", expect=len(BOMBS)) as claim:
        for name in BOMBS:
            failed = [failure for failure in failures if failure.startswith((f"{name}:", "ended"))]
            claim.check(not failed, "; ".join(failed))


TAGS = (
    "!!python/object/apply:os.system ['touch {}']", "!!python/object/new:os.system ['touch {}']", "!!python/object/apply:subprocess.run [['touch', '{}']]",
    "!!python/object/apply:builtins.exec [\"open('{}', 'w')\"]", "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch {}']",
)  # fmt: skip


def test_python_tags_make_nothing(neighbourhood: Path, tmp_path: Path, claims: Claims) -> None:
    canary = tmp_path / "canary"
    with claims("python tags: nothing is run", expect=5) as claim:
        for tag in TAGS:
            (neighbourhood / "tasks" / "x.md").write_text(
                f"---\nid: xx\nk: {tag.format(canary)}\n---\n", encoding="utf-8"
            )
            codes = {fault["code"] for fault in in_json(neighbourhood, "check")["problems"]}
            for words in (("list",), ("show", "xx"), ("set", "xx", "priority=high"), ("commit",)):
                planner(neighbourhood, *words)
            claim.check("tagged-value" in codes and not canary.exists(), tag)


def test_a_query_with_a_pattern_in_it_is_answered_at_once(claims: Claims) -> None:
    """Queries hold no patterns: what looks like one is text."""
    vault = build({f"tasks/t{n}.md": f"---\nid: t{n}\ntitle: {'a' * 40}!\n---\n{'a' * 2_000}\n" for n in range(50)})
    patterns = (
        "(a+)+$", "^(a|a)*$", "(a|aa)+$", "([a-zA-Z]+)*$", "(.*)*x", "(a{1,99}){1,99}$", "(?=a+)+b", "a*a*a*a*a*a*a*b", "(((((a+)+)+)+)+)+$", "\\b(a+)+\\b$",
    )  # fmt: skip
    with claims("patterns in queries: text, under 100 ms", expect=10) as claim:
        for pattern in patterns:
            start = time.process_time()
            for query in (
                json.dumps(pattern),
                f"title:{json.dumps(pattern)}",
                f"tags:{json.dumps(pattern)} or {json.dumps(pattern)}",
            ):
                found = select(vault, parse_query(query), today=TODAY, me="ana")
                assert not found
            claim.check(time.process_time() - start < 0.1 or not proof.FULL, pattern)


N = 20_000
MARKDOWN: Mapping[str, str] = {
    "nested emphasis": "*a **a " * N + "b" + " a** a*" * N,
    "emphasis that closes": "a_ " * N,
    "emphasis that opens": "_a " * N,
    "links that close": "a]" * N,
    "links that open": "[a" * N,
    "openers that do not match": "*a_ " * N,
    "multiples of three": "a**b" + "c* " * N,
    "brackets and parentheses": "[ (](" * N,
    "nested brackets": "[" * N + "a" + "]" * N,
    "nested quotes": "> " * N + "a",
    "nested lists": "".join("  " * depth + "* a\n" for depth in range(400)),
    "backticks": "".join("e" + "`" * n for n in range(1, 600)),
    "links without an end": "[a](b" * N,
    "angles without an end": "[a](<b" * N,
    "comments": "</" + "<!--" * N,
    "instructions": "x" + "<?" * N,
    "sections": "<![CDATA[" * N,
    "references": "".join(f"[{n}]: u\n" for n in range(3_000)) + "[1] " * 3_000,
    "a wide table": "|" + "a|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "|a|\n" * 1_000,
    "a long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * N,
    "a checklist": "- [ ] a\n" * N,
    "a long heading": ("# a" + " " * 5_000 + "b\n") * 40,
    "underlines": "_" * N + "a" + "_" * N,
    "images": "![a" * N,
    "fences": "```\na\n```\n- [ ] x\n" * 4_000,
    "merge markers": "<<<<<<< a\n=======\n" * N,
    "wiki links": "[[a|" * N,
}


def test_pathological_markdown_is_read_in_time(claims: Claims) -> None:
    """By the scan of every file, and by the reader of the open item."""
    from planner.core.body import scan
    from planner.views.markdown import blocks

    chosen = every(times(9, len(MARKDOWN)), tuple(MARKDOWN))
    with claims("pathological Markdown: under a second", expect=times(9, 25)) as claim:
        for name in chosen:
            start = time.process_time()
            scan(MARKDOWN[name])
            said = blocks(MARKDOWN[name])
            seconds = time.process_time() - start
            claim.check(said and (seconds < 1 or not proof.FULL), f"{name}: {seconds:.2f} s")


# -- Rules for the code ----------------------------------------------------------------------------------------------

NEVER_CALLED = {
    "yaml": {"load", "load_all", "unsafe_load", "full_load"},
    "os": {"system", "popen"},
    "pickle": {"load", "loads", "Unpickler"},
    "Content": {"from_markup"},
    "Text": {"from_markup"},
}


def _called(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _runs_data(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name) and function.id in {"eval", "exec", "compile", "__import__"}:
        return True
    shell = any(
        word.arg == "shell" and not (isinstance(word.value, ast.Constant) and not word.value.value)
        for word in call.keywords
    )
    if shell or not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return shell
    return function.attr in NEVER_CALLED.get(function.value.id, ())


def _takes_markup(call: ast.Call) -> bool:
    """`markup=True`, or text made up on the spot for a `notify`, which reads markup unless told not to."""
    words = {word.arg: word.value for word in call.keywords}
    if "markup" in words:
        return not (isinstance(words["markup"], ast.Constant) and words["markup"].value is False)
    return isinstance(call.func, ast.Attribute) and call.func.attr == "notify"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_runs_data_splits_odd_lines_or_reads_markup(path: Path) -> None:
    """`splitlines` breaks lines at eight more characters than files do; markup in a title would act."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"splitlines", "full_load", "unsafe_load", "FullLoader", "UnsafeLoader"}
    runs = [call.lineno for call in _called(tree) if _runs_data(call)]
    assert len(runs) == (path.parts[-2:] == ("core", "record.py")), (
        "which compiles what the names of our own fields make, and no text"
    )
    assert [call.lineno for call in _called(tree) if _takes_markup(call)] == []
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not modules & {"pickle", "shelve", "dill"}
    assert "marshal" not in modules or path.parent.name == "store", "only for what we wrote into the person's own cache"


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)",
        "yaml.load(x)",
        "os.system(x)",
        "run(x, shell=True)",
        "run(x, shell=flag)",
        "pickle.loads(x)",
        "exec(x)",
    ],
)
def test_the_rule_finds_what_it_looks_for(code: str) -> None:
    assert any(_runs_data(call) for call in _called(ast.parse(code)))


@pytest.mark.parametrize("code", ["app.notify(x)", "Label(x, markup=True)", "Label(x, markup=flag)"])
def test_the_rule_finds_markup(code: str) -> None:
    assert any(_takes_markup(call) for call in _called(ast.parse(code)))


def test_parsing_keeps_a_document_to_the_byte() -> None:
    for text in hard_strings():
        assert parse_document(text).text == text
