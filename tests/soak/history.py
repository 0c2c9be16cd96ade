"""What happened, as each actor saw it: one JSON line an event, on disk before the actor goes on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["ack", "fail", "unknown"]
Fact = str | int | float | bool | None | list[str]

TOKEN = re.compile(r"tok-[a-z0-9]+-\d{6}")


def tokens(text: str | bytes) -> frozenset[str]:
    """The tokens in a text; each stands for one write."""
    return frozenset(TOKEN.findall(text if isinstance(text, str) else text.decode("utf-8", "replace")))


def blob_id(data: bytes) -> str:
    """The id git gives a file of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one run: the vault, the histories, and the flags by which actors are told to stop."""

    folder: Path

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    @property
    def git_dir(self) -> Path:
        return self.vault / ".git"

    def log(self, actor: str) -> Path:
        return self.folder / "history" / f"{actor}.jsonl"

    def pid_file(self, planner: str) -> Path:
        """Where the process id of a planner stands that may be killed or stopped."""
        return self.folder / "pids" / planner

    def is_set(self, flag: str) -> bool:
        return (self.folder / flag).exists()

    def set(self, flag: str) -> None:
        (self.folder / flag).touch()

    def files(self) -> dict[str, bytes]:
        """The vault's files by path, as they lie now."""
        found = {path.relative_to(self.vault): path for path in sorted(self.vault.rglob("*.md"))}
        inside = {name.as_posix(): path for name, path in found.items() if ".git" not in name.parts}
        return {
            name: path.read_bytes() for name, path in {"planner.toml": self.vault / "planner.toml", **inside}.items()
        }

    def make(self) -> None:
        for name in ("history", "pids", "talk"):
            (self.folder / name).mkdir(parents=True)

    @contextmanager
    def hands(self) -> Iterator[None]:
        """One pair of hands saves in an editor or calls git: git itself loses a save made during a checkout."""
        with (self.folder / "hands").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True, slots=True)
class Op:
    """One thing an actor did: what it was to do, and what came of it; an op without an end is unknown."""

    actor: str
    number: int
    what: str
    begun: float  # seconds since the epoch
    asked: dict[str, Fact]
    ended: float = float("inf")
    outcome: Outcome = "unknown"
    found: dict[str, Fact] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A fact that is a text, empty where there is none."""
        value = self.found.get(name, self.asked.get(name))
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A fact that is a list of texts."""
        value = self.found.get(name, self.asked.get(name))
        return tuple(value) if isinstance(value, list) else ()

    def at(self, name: str) -> float:
        """A fact that is a time."""
        value = self.asked.get(name)
        return float(value) if isinstance(value, int | float) else self.begun

    @property
    def token(self) -> str:
        return self.text("token")

    @property
    def path(self) -> str:
        return self.text("path")

    @property
    def name(self) -> str:
        return f"{self.actor}#{self.number} {self.what} {self.token}".rstrip()


class Log:
    """An actor's own history; a restarted actor goes on numbering where its predecessor was killed."""

    def __init__(self, place: Place, actor: str) -> None:
        self.actor = actor
        self._path = place.log(actor)
        before = self._path.read_bytes() if self._path.exists() else b""
        self._number = before.count(b'"invoke"')
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if before and not before.endswith(b"\n"):
            os.write(self._fd, b"\n")

    def next_token(self) -> str:
        """The token of the write that is invoked next."""
        return f"tok-{self.actor}-{self._number:06d}"

    def invoke(self, what: str, **facts: Fact) -> int:
        """Say what is about to be done; returns its number."""
        number = self._number
        self._number += 1
        self._write({"kind": "invoke", "n": number, "what": what, "facts": facts})
        return number

    def end(self, number: int, outcome: Outcome, **facts: Fact) -> None:
        """Say what came of it."""
        self._write({"kind": outcome, "n": number, "facts": facts})

    def _write(self, event: dict[str, object]) -> None:
        os.write(self._fd, json.dumps({"t": time.time(), **event}).encode() + b"\n")
        os.fsync(self._fd)


def read_log(path: Path) -> list[Op]:
    """The ops of one actor's history, in order; a line torn by a kill is passed over."""
    ops: dict[int, Op] = {}
    for event in _events(path):
        number, when, facts = int(event["n"]), float(event["t"]), event["facts"]
        if event["kind"] == "invoke":
            ops[number] = Op(path.stem, number, event["what"], when, facts)
        elif number in ops:
            op = ops[number]
            ops[number] = Op(path.stem, number, op.what, op.begun, op.asked, when, event["kind"], facts)
    return list(ops.values())


def _events(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.endswith("}"):
            yield json.loads(line)


def read_logs(place: Place, actors: Sequence[str] = ()) -> list[Op]:
    """The ops of all actors (or of these), by the time they began."""
    found = [op for path in sorted((place.folder / "history").glob("*.jsonl")) for op in read_log(path)]
    return sorted((op for op in found if not actors or op.actor in actors), key=lambda op: op.begun)
