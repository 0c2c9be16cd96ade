"""Other programs with the same tasks, each in a home of its own: loaded once, and asked the same three things."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from tests.bench import vault
from tests.bench.measure import Failed, Place, version
from tests.bench.rows import Row
from tests.bench.vault import TAG, Task

LOADING = 180.0
"""Seconds a peer may take to load the tasks."""
_LEVEL = {"low": 3, "medium": 2, "high": 1, "urgent": 0}


@dataclass(frozen=True, slots=True)
class Peer(ABC):
    """A program that is installed, as `program`; a subclass knows its files and its words."""

    program: str
    home: Path
    names: ClassVar[tuple[str, ...]]
    title: ClassVar[str]
    asks_version: ClassVar[tuple[str, ...]] = ("--version",)

    @property
    def key(self) -> str:
        """Its name in the ids of rows."""
        return type(self).__name__.lower()

    @property
    def place(self) -> Place:
        """Where it runs: at home, with no settings of the user's."""
        return Place(self.home, vault.environment(self.home) | {"TASKRC": str(self.home / ".taskrc")})

    def version(self) -> str:
        """Its version, as it says itself."""
        return version(self.place, [self.program, *self.asks_version])

    @abstractmethod
    def load(self, tasks: Iterable[Task]) -> None:
        """Give it the tasks, in its own format."""

    @abstractmethod
    def find(self) -> Sequence[str]:
        """The arguments that list the open tasks with the tag."""

    @abstractmethod
    def add(self, number: int) -> Sequence[str]:
        """The arguments that add one task."""

    @abstractmethod
    def done(self, number: int) -> Sequence[str]:
        """The arguments that end one task, another for each number from 0."""

    def rows(self) -> list[Row]:
        """Its rows of the table."""
        return rows_of(type(self), self.version())


class Taskwarrior(Peer):
    """Lines of JSON, here 2.x."""

    names = ("task",)
    title = "Taskwarrior"

    def load(self, tasks: Iterable[Task]) -> None:
        settings = "data.location=~/.task\nconfirmation=no\nverbose=nothing\ndependency.confirmation=no\n"
        (self.home / ".taskrc").write_text(f"{settings}news.version={self.version()}\n", encoding="utf-8")
        found = self.home / "import.json"
        with found.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(self._entry(task)) + "\n" for task in tasks)
        self.place.run(self.program, "import", str(found), patience=LOADING)

    def _entry(self, task: Task) -> dict[str, object]:
        status = {"done": "completed", "dropped": "deleted"}.get(task.status, "pending")
        entry: dict[str, object] = {
            "uuid": _uuid(task.number),
            "description": task.title,
            "status": status,
            "entry": f"{task.created:%Y%m%d}T090000Z",
            "due": f"{task.due:%Y%m%d}T090000Z",
            "project": task.project,
            "tags": list(task.tags),
            "priority": {"low": "L", "medium": "M"}.get(task.priority, "H"),
        }
        if status != "pending":
            entry["end"] = f"{task.due:%Y%m%d}T090000Z"
        if task.depends_on is not None:
            entry["depends"] = _uuid(task.depends_on)
        return entry

    def find(self) -> Sequence[str]:
        return [f"+{TAG}", "list"]

    def add(self, number: int) -> Sequence[str]:
        return ["add", f"Bench {number}", "+core"]

    def done(self, number: int) -> Sequence[str]:
        return [str(number + 1), "done"]


class TodoTxt(Peer):
    """todo.txt-cli: one line a task in one file."""

    names = ("todo.sh", "todo-txt")
    title = "todo.txt-cli"
    asks_version = ("-V",)

    def load(self, tasks: Iterable[Task]) -> None:
        names = ("TODO_FILE", "todo.txt"), ("DONE_FILE", "done.txt"), ("REPORT_FILE", "report.txt")
        settings = [f"export TODO_DIR='{self.home}'", *(f'export {name}="$TODO_DIR/{file}"' for name, file in names)]
        (self.home / "config").write_text("\n".join(settings) + "\n", encoding="utf-8")
        with (self.home / "todo.txt").open("w", encoding="utf-8") as file:
            file.writelines(self._line(task) for task in tasks if task.is_open)

    def _line(self, task: Task) -> str:
        tags = " ".join(f"@{tag}" for tag in task.tags)
        return (
            f"({'DCBA'[3 - _LEVEL[task.priority]]}) {task.created} {task.title} +{task.project} {tags} due:{task.due}\n"
        )

    def find(self) -> Sequence[str]:
        return ["-d", str(self.home / "config"), "-p", "ls", f"@{TAG}"]

    def add(self, number: int) -> Sequence[str]:
        return ["-d", str(self.home / "config"), "add", f"Bench {number} @core"]

    def done(self, number: int) -> Sequence[str]:
        return ["-d", str(self.home / "config"), "do", str(number + 1)]


class Todoman(Peer):
    """One iCalendar file a task, and a cache in SQLite."""

    names = ("todoman", "todo")
    title = "todoman"

    def load(self, tasks: Iterable[Task]) -> None:
        folder = self.home / "lists/work"
        folder.mkdir(parents=True)
        settings = f'path = "{self.home}/lists/*"\ndefault_list = "work"\ncache_path = "{self.home}/todoman.sqlite3"\n'
        (self.home / "config.py").write_text(settings, encoding="utf-8")
        for task in tasks:
            (folder / f"{task.id}.ics").write_text(self._calendar(task), encoding="utf-8")
        self.place.run(self.program, *self.find(), patience=LOADING)

    def _calendar(self, task: Task) -> str:
        status = {"done": "COMPLETED", "dropped": "CANCELLED", "doing": "IN-PROCESS"}.get(task.status, "NEEDS-ACTION")
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", "BEGIN:VTODO", f"UID:{task.id}"]
        lines += [
            f"DTSTAMP:{task.created:%Y%m%d}T090000Z",
            f"SUMMARY:{task.title}",
            f"CATEGORIES:{','.join(task.tags)}",
        ]
        lines += [f"DUE;VALUE=DATE:{task.due:%Y%m%d}", f"PRIORITY:{1 + 2 * _LEVEL[task.priority]}", f"STATUS:{status}"]
        lines += ["DESCRIPTION:" + task.body.replace("\n", "\\n").replace(",", "\\,"), "END:VTODO", "END:VCALENDAR"]
        return "\r\n".join(lines) + "\r\n"

    def find(self) -> Sequence[str]:
        return ["-c", str(self.home / "config.py"), "list", "--category", TAG]

    def add(self, number: int) -> Sequence[str]:
        return ["-c", str(self.home / "config.py"), "new", "--list", "work", f"Bench {number}"]

    def done(self, number: int) -> Sequence[str]:
        return ["-c", str(self.home / "config.py"), "done", str(number + 1)]


class Backlog(Peer):
    """Backlog.md: one Markdown file a task, in git."""

    names = ("backlog",)
    title = "Backlog.md"

    def load(self, tasks: Iterable[Task]) -> None:
        _git_init(self.home)
        words = ("init", "Bench", "--defaults", "--agent-instructions", "none", "--auto-open-browser", "false")
        self.place.run(self.program, *words)
        folder = self.home / "backlog/tasks"
        folder.mkdir(exist_ok=True)
        for task in tasks:
            name = f"task-{task.number + 1} - {task.title.replace(' ', '-')}.md"
            (folder / name).write_text(self._file(task), encoding="utf-8")
        _git_commit(self.home)

    def _file(self, task: Task) -> str:
        status = {"done": "Done", "dropped": "Done", "doing": "In Progress", "review": "In Progress"}
        needs = f"[TASK-{task.depends_on + 1}]" if task.depends_on is not None else "[]"
        priority = {"urgent": "high"}.get(task.priority, task.priority)
        return (
            f"---\nid: TASK-{task.number + 1}\ntitle: {task.title}\nstatus: {status.get(task.status, 'To Do')}\n"
            f"assignee: ['@{task.assignee}']\ncreated_date: '{task.created}'\nlabels: [{', '.join(task.tags)}]\n"
            f"dependencies: {needs}\npriority: {priority}\n---\n\n## Description\n\n{task.body}"
        )

    def find(self) -> Sequence[str]:
        return ["task", "list", "--labels", TAG, "--plain"]

    def add(self, number: int) -> Sequence[str]:
        return ["task", "create", f"Bench {number}", "--plain"]

    def done(self, number: int) -> Sequence[str]:
        return ["task", "edit", str(number + 1), "--status", "Done", "--plain"]


class Dstask(Peer):
    """One YAML file a task, in git."""

    names = ("dstask",)
    title = "dstask"
    asks_version = ("version",)

    def load(self, tasks: Iterable[Task]) -> None:
        folder = self.home / ".dstask"
        for name in ("pending", "resolved"):
            (folder / name).mkdir(parents=True)
        _git_init(folder)
        for task in tasks:
            state = "pending" if task.is_open else "resolved"
            (folder / state / f"{_uuid(task.number)}.yml").write_text(self._file(task), encoding="utf-8")
        _git_commit(folder)

    def _file(self, task: Task) -> str:
        needs = f'["{_uuid(task.depends_on)}"]' if task.depends_on is not None else "[]"
        end = f"{task.due}T09:00:00Z" if not task.is_open else "0001-01-01T00:00:00Z"
        return (
            f"summary: {task.title}\nnotes: {json.dumps(task.body)}\ntags: [{', '.join(sorted(task.tags))}]\n"
            f"project: {task.project}\npriority: P{_LEVEL[task.priority]}\ndelegatedto: {task.assignee}\nsubtasks: []\n"
            f"dependencies: {needs}\ncreated: {task.created}T09:00:00Z\nresolved: {end}\ndue: {task.due}T09:00:00Z\n"
        )

    def find(self) -> Sequence[str]:
        return [f"+{TAG}"]

    def add(self, number: int) -> Sequence[str]:
        return ["add", f"Bench {number}", "+core"]

    def done(self, number: int) -> Sequence[str]:
        return [str(number + 1), "done"]


PEERS: tuple[type[Peer], ...] = (TodoTxt, Taskwarrior, Dstask, Todoman, Backlog)


def rows_of(peer: type[Peer], number: str = "") -> list[Row]:
    """The rows of a peer of some version."""
    key, name = peer.__name__.lower(), f"{peer.title} {number}".rstrip()
    return [
        Row(f"{key}-list", f"{name}: list by tag", against="list"),
        Row(f"{key}-add", f"{name}: add one", against="add"),
        Row(f"{key}-done", f"{name}: mark one done", against="done"),
        Row(f"{key}-memory", f"{name}: peak memory of the list", against="list-memory", unit="MiB"),
    ]


def installed(work: Path) -> tuple[list[Peer], list[type[Peer]]]:
    """The peers on PATH, at home in folders of `work` that are not filled yet, and the kinds of those that are not."""
    found: list[Peer] = []
    missing: list[type[Peer]] = []
    for kind in PEERS:
        programs = (program for name in kind.names if (program := shutil.which(name)) is not None)
        peer = next((peer for program in programs if _is(peer := kind(program, work / kind.__name__.lower()))), None)
        if peer is not None:
            found.append(peer)
        else:
            missing.append(kind)
    return found, missing


def prepare(peer: Peer, tasks: Iterable[Task]) -> None:
    """Make the peer's home with the tasks in it, anew; raises Failed where it does not take them."""
    shutil.rmtree(peer.home, ignore_errors=True)
    peer.home.mkdir(parents=True)
    peer.load(tasks)


def _is(peer: Peer) -> bool:
    """Whether the program of that name is the one that is meant: three programs are called `todo`."""
    peer.home.mkdir(parents=True, exist_ok=True)
    if isinstance(peer, Todoman):
        try:
            return "todoman" in peer.place.run(peer.program, "--version")[1]
        except Failed:
            return False
    return True


def _uuid(number: int) -> str:
    return str(UUID(int=number + 1, version=4))


def _git_init(folder: Path) -> None:
    vault.git(folder, "init", "--quiet", "--initial-branch=main")
    vault.git(folder, "config", "user.name", "Ana")
    vault.git(folder, "config", "user.email", "ana@example.org")
    vault.git(folder, "config", "gc.auto", "0")


def _git_commit(folder: Path) -> None:
    vault.git(folder, "add", "--all")
    vault.git(folder, "commit", "--quiet", "--message", "first")
