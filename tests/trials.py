"""Trials: one operation of a whole session on a fresh copy of a small vault, with one fault, in a process of its own.

The process that suffers the fault is a fork, which tells over a pipe what it had acknowledged. What it left on disk is
looked at from outside, as the next start would find it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from select import select
from typing import Any, Literal

from planner.commands import Add, Archive, CheckItem, Comment, Delete, Set
from planner.core.change import Edit
from planner.core.vault import Vault
from planner.errors import PlannerError
from planner.session import Session
from planner.store import files, fsops, process, writing
from planner.store.git import discover
from planner.store.journal import Journal
from tests.faults import Counted, KillsChild, LosesPower

TODAY = date(2026, 11, 25)
PATIENCE = 60.0  # seconds until a trial counts as hanging

# ---- the vault -------------------------------------------------------------------------------------------------------

TASK = "---\nid: {id}\ntitle: {title}\nstatus: todo\npriority: low\n---\nText\n\n- [ ] one\n- [ ] two\n\n## Log\n- 2026-11-01 10:00 ana: begun\n"
FILES = {
    "planner.toml": "",
    "tasks/move-k7f3qx.md": TASK.format(id="k7f3qx", title="Move"),
    "tasks/crlf-m2d9hz.md": TASK.format(id="m2d9hz", title="Line ends").replace("\n", "\r\n"),
    "tasks/gone-w3n8rb.md": TASK.format(id="w3n8rb", title="To go"),
    "inbox/bare-p4c6tv.md": "---\nid: p4c6tv\ntitle: No final newline\n---",
    "projects/web/project.md": "---\nid: web\ntype: project\ntitle: Web\n---\n",
    "projects/web/part-z9x2kd.md": TASK.format(id="z9x2kd", title="Of a project"),
    "templates/task.md": "---\ntitle: $title\n---\n",
    "notes.txt": "one\n",
    "data.csv": "a,b\n",
}
LATER = "tasks/later-h5j7mq.md"  # changed after a fault, to see that the session still works
EDITED = "tasks/crlf-m2d9hz.md"  # holds an edit by hand that is neither staged nor committed
MANY = {f"tasks/many-{n:02}.md": f"---\nid: many{n:02}\ntitle: Number {n}\nstatus: todo\n---\n" for n in range(50)}

Kind = Literal["git", "undo", "redo", "many", "plain", "accepted"]


class Steady(Session):
    """A session whose clock stands and whose dice are loaded, so that an operation always makes the same bytes."""

    def now(self) -> datetime:
        return datetime(2026, 11, 25, 14, 5, tzinfo=UTC)

    @classmethod
    def ready(cls, root: Path) -> Steady:
        session = cls.open(root, today=TODAY)
        assert isinstance(session, Steady)
        session.random = Random(7)  # ids need no secrecy
        return session


def git(root: Path, *args: str, check: bool = True) -> str:
    done = subprocess.run(["git", *args], cwd=root, env=process.environment(), capture_output=True, check=check)
    return (done.stdout + done.stderr * (not check)).decode("utf-8", "surrogateescape")


def lay_out(root: Path, kind: Kind) -> Path:
    """A vault with the user's own staged, unstaged and untracked work in it, ready for operations of a kind."""
    texts = {**FILES, LATER: TASK.format(id="h5j7mq", title="Later"), **(MANY if kind == "many" else {})}
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    if kind != "plain":
        git(root.parent, "init", "-q", "-b", "main", "--template=", str(root))
        for key, value in {"user.name": "Ana", "user.email": "ana@example.org", "commit.gpgsign": "false"}.items():
            git(root, "config", key, value)
        git(root, "add", "-A")
        git(root, "commit", "-qm", "start")
        _work_by_hand(root)
    if kind in ("undo", "redo"):
        session = Steady.ready(root)
        session.run(Set(("k7f3qx",), ("priority=high",)))
        if kind == "redo":
            session.undo()
    if kind == "accepted":
        edit = Edit(
            "tasks/move-k7f3qx.md", *(texts["tasks/move-k7f3qx.md"].replace("low", word) for word in ("low", "high"))
        )
        in_fork(lambda _: _accept_only(root, edit))
    return root


def _work_by_hand(root: Path) -> None:
    (root / "notes.txt").write_text("one\nstaged\n")
    git(root, "add", "notes.txt")
    (root / "notes.txt").write_text("one\nstaged\nand more\n")
    (root / "data.csv").write_text("a,b\n1,2\n")
    (root / "scratch").write_text("untracked\n")
    with (root / EDITED).open("ab") as file:
        file.write(b"by hand\r\n")


def _accept_only(root: Path, edit: Edit) -> None:
    """What a process leaves that was killed between writing and committing."""
    journal = Journal(root / ".git" / "planner")
    journal.begin("k2m3n4p5", "set k7f3qx priority: high", "", [edit])
    writing.write(root, [edit], displaced=root / ".git" / "planner" / "displaced", op_id="k2m3n4p5")
    journal.accepted("k2m3n4p5")


@dataclass(frozen=True, slots=True)
class Operation:
    """One writing operation of a session, and the vault it is tried on."""

    name: str
    act: Callable[[Steady], object]
    kind: Kind = "git"
    promises: bool = True  # that it is committed once it has returned


OPERATIONS = (
    Operation("create", lambda s: s.run(Add("pay rent fri #home"))),
    Operation("set a field", lambda s: s.run(Set(("k7f3qx",), ("priority=high",)))),
    Operation("tick", lambda s: s.run(CheckItem("z9x2kd", 1))),
    Operation("comment", lambda s: s.run(Comment("m2d9hz", "seen"))),
    Operation("move to a project", lambda s: s.run(Set(("k7f3qx",), ("project=web",)))),
    Operation("archive", lambda s: s.run(Archive(("p4c6tv",)))),
    Operation("delete", lambda s: s.run(Delete(("w3n8rb",)))),
    Operation("bulk edit of 50", lambda s: s.run(Set(tuple(map(_id, MANY)), ("priority=high",))), "many"),
    Operation("undo", lambda s: s.undo(), "undo"),
    Operation("redo", lambda s: s.redo(), "redo"),
    Operation("commit by hand", lambda s: s.commit_by_hand()),
    Operation("set without git", lambda s: s.run(Set(("k7f3qx",), ("priority=high",))), "plain"),
    Operation("recovery", lambda s: s.recover(), "accepted", promises=False),
)


def _id(path: str) -> str:
    return f"many{path[-5:-3]}"


# ---- what is on disk -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """All that must be old or new, and nothing between: files with modes, the index, what git calls changed (by HEAD)."""

    files: tuple[tuple[str, int, bytes], ...]
    index: str = ""
    status: str = ""
    history: tuple[str, ...] = ()  # subjects, where there is no git


def state(root: Path) -> State:
    files = tuple(
        (path.relative_to(root).as_posix(), stat.S_IMODE(path.stat().st_mode), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    )
    if not (root / ".git").exists():
        return State(files, history=tuple(done.subject for done in Session(root, None).journal.recent()))
    return State(
        files,
        git(root, "ls-files", "--stage"),
        git(root, "status", "--porcelain=v2", "--untracked-files=all"),
    )


def leftovers(root: Path) -> list[str]:
    """What an operation may have needed on its way and must not leave: temporary files, locks, second indexes."""
    inner = root / ".git" / "planner"
    found = [path for path in root.rglob("*") if path.name.startswith(".planner-tmp-") or path.name.endswith(".lock")]
    found += [path for path in (root / ".git").glob("index*") if path.name != "index"]
    found += [path for path in inner.glob("*") if path.name not in ("journal", "journal.lock", "displaced")]
    return [path.relative_to(root).as_posix() for path in found if path != inner / "journal.lock"]


# ---- trials ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """What a trial said before it ended: `returned` is the acknowledgement."""

    returned: bool = False
    waiting: str = ""  # why a commit waits
    error: str = ""  # message and hint of a PlannerError
    raw: str = ""  # anything else that came out, with its traceback
    whole: bool = True  # whether all files were old or all new when it had returned
    later: str = ""  # "" when a later call without faults worked; else why not
    ended: bool = False  # it came to its end without dying
    hung: bool = False
    killed: bool = False  # whether the git child was met that was to be killed
    calls: list[str] = field(default_factory=list)
    changing: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


def in_fork(act: Callable[[Callable[[dict[str, Any]], None]], object]) -> Told:
    """Run `act` in a fork and gather what it tells; the fork never returns."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of the test runner are not used there
        pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            act(lambda said: void(os.write(writer, json.dumps(said).encode() + b"\n")))
        except BaseException:  # noqa: BLE001  # it must not go back into the test runner
            os.write(writer, json.dumps({"raw": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(writer)
    return _gather(pid, reader)


def void(_: object) -> None:
    """For a lambda that is to answer nothing."""


def _gather(pid: int, reader: int) -> Told:
    told, data, end = Told(), b"", time.monotonic() + PATIENCE
    while select([reader], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            break
        data += part
    else:
        told.hung = True
        os.kill(pid, signal.SIGKILL)
    os.close(reader)
    os.waitpid(pid, 0)
    for line in data.splitlines():
        for key, value in json.loads(line).items():
            setattr(told, key, value)
    return told


@dataclass(slots=True)
class Bench:
    """One operation, its vault, and what that looks like before and after."""

    operation: Operation
    template: Path
    root: Path
    old: State
    new: State
    told: Told  # of the run without a fault: how many calls there are
    session: Steady
    ends: dict[State, str] = field(default_factory=dict)  # what may be on disk in the end, by name
    ends_later: dict[State, str] = field(default_factory=dict)  # the same after one more change

    @classmethod
    def make(cls, operation: Operation, folder: Path) -> Bench:
        template = lay_out(folder / "template", operation.kind)
        root = folder / "vault"
        _copy(template, root)
        session = Steady(root, None) if operation.name == "recovery" else Steady.ready(root)
        if operation.name == "recovery":
            session = _unrecovered(root)
        old = state(root)
        bench = cls(operation, template, root, old, old, Told(), session)
        bench.told = bench.fork(Counted())
        assert bench.told.ended, bench.told
        assert not bench.told.raw, bench.told.raw
        assert not bench.told.error, bench.told.error
        bench.new = state(root)
        assert bench.new != old
        bench.ends = {bench.new: "new"} if operation.name == "recovery" else {old: "old", bench.new: "new"}
        for act, name in ((operation.act, "new"), (lambda _: None, "old")):
            _copy(template, root)
            in_fork(lambda tell, act=act: (act(session), tell({"later": bench.later()})))  # type: ignore[misc]
            Steady.ready(root)
            bench.ends_later[state(root)] = name
        return bench

    def fork(self, ops: Counted, *, later: bool = False) -> Told:
        """Run the operation on a fresh copy of its vault in a fork, under `ops`."""
        _copy(self.template, self.root)
        return in_fork(lambda tell: self._suffer(ops, tell, later))

    def _suffer(self, ops: Counted, tell: Callable[[dict[str, Any]], None], later: bool) -> None:
        with fsops.using(ops):
            try:
                outcome = self.operation.act(self.session)
                waiting = getattr(outcome, "waiting", None)
                tell({"returned": True, "waiting": f"{waiting.message}\n{waiting.hint}" if waiting else ""})
            except PlannerError as error:
                tell({"error": f"{error.message}\n{error.hint}"})
            except Exception:  # noqa: BLE001  # that is what is looked for
                tell({"raw": traceback.format_exc()})
            if isinstance(ops, LosesPower):
                ops.lose_power()
            if isinstance(ops, KillsChild):
                tell({"killed": ops.killed})
        if not later:
            tell({"calls": ops.calls, "changing": ops.changing, "children": ops.children})
        if later:
            files = state(self.root).files
            tell({"whole": files in (self.old.files, self.new.files), "later": self.later()})
        tell({"ended": True})

    def later(self) -> str:
        """Why the same session does not work any more, or nothing."""
        try:
            for path, text in self.session.read_texts(self.session.vault.files).items():
                if text != self.session.vault.files[path].text:
                    return f"the session takes {path} for something else than it is"
            outcome = self.session.run(Set(("h5j7mq",), ("priority=high",)))
        except Exception:  # noqa: BLE001
            return traceback.format_exc()
        return str(outcome.waiting) if outcome.waiting else ""

    def verdict(
        self, told: Told, *, later: bool = False, named: bool = False, fsck: bool = False, twice: bool = True
    ) -> str:
        """Why this trial must not have ended so, or nothing; looks at the disk after the next start.

        `later` where one more change was made, `named` where a message must name a path, `twice` to recover once more.
        """
        if told.hung or told.raw:
            return told.raw or "it hung"
        if not told.whole or told.later:
            return told.later or "files of one operation disagree"
        if named and (said := told.error or told.waiting) and not self.names_a_path(said):
            return f"no path is named: {said}"
        fresh = Steady.ready(self.root)
        found = state(self.root)
        ends = self.ends_later if later else self.ends
        if found not in ends:
            return f"neither old nor new: {[_difference(found, end) for end in ends]}"
        if told.returned and self.operation.promises and ends[found] != "new":
            return "acknowledged and not there"
        if pending := fresh.journal.pending():
            return f"waits in the journal: {[op.subject for op in pending]} {fresh.notices}"
        head = _head(self.root)
        if twice:
            Steady.ready(self.root)
        if twice and (_head(self.root), state(self.root)) != (head, found):
            return "a second recovery changes something"
        if left := _lasting_leftovers(self.root):
            return f"left behind: {left}"
        if (
            fsck
            and self.operation.kind != "plain"
            and (said := git(self.root, "fsck", "--strict", "--no-dangling", check=False))
        ):
            return f"git fsck: {said}"
        return ""

    def names_a_path(self, said: str) -> bool:
        """Whether the words name a path: of the vault, or an absolute one."""
        return re.search(r"/\w+/\w+", said) is not None or any(
            path in said for path, *_ in (*self.old.files, *self.new.files)
        )


def _head(root: Path) -> str:
    head = root / ".git" / "refs" / "heads" / "main"
    return head.read_text() if head.exists() else ""


def _difference(a: State, b: State) -> str:
    """Which parts of two states differ, and in which files."""
    names = [name for name in ("index", "status", "history") if getattr(a, name) != getattr(b, name)]
    return ", ".join([*names, *sorted({path for path, _, _ in {*a.files} ^ {*b.files}})])


def _lasting_leftovers(root: Path) -> list[str]:
    """What is left once a git child that outlived us has had the time to end."""
    end = time.monotonic() + 2
    while (left := leftovers(root)) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def _unrecovered(root: Path) -> Steady:
    """A session on a vault that needs recovery, as it is before that."""
    session = Steady(root, discover(root), today=TODAY)
    session.vault = Vault.parse(files.read_tree(root).texts)
    session.random = Random(7)
    return session


def _copy(template: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root, symlinks=True)
    for home in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        shutil.rmtree(os.environ[home], ignore_errors=True)
