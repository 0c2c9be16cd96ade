"""The people of a soak: two editors that save what they read a while ago, a user of git, and one who only looks."""

from __future__ import annotations

import json
import os
import subprocess
import time
from random import Random

from tests.soak.history import Log, Place, blob_id, tokens
from tests.soak.wishes import PATHS, pick_item

GLANCE = 0.03  # seconds between two looks at the files
TEAR = 0.02  # seconds a file saved in place is only half there
LINES = 60  # lines of a body with tokens, from which on an editor tidies up


# ---- editors ---------------------------------------------------------------------------------------------------------


def edit_in_place(place: Place, random: Random) -> None:
    """Truncate, write half, pause, write the rest."""
    log = Log(place, "inplace")
    while not place.is_set("stop"):
        path = PATHS[pick_item(random)]
        read = time.time()
        before = _read(place, path)
        time.sleep(random.expovariate(1 / 0.15))
        if before is None:
            continue
        token = log.next_token()
        kept, removes = _tidied(before, random)
        after = _with_line(kept, f"{token} by hand", 0)
        header = after.index(b"\n---\n", 4)
        at = random.randrange(header) if random.random() < 0.25 else random.randrange(header + 40, len(after))
        with place.hands():
            number = log.invoke(
                "save", token=token, path=path, read=read, tokens=sorted(tokens(after)), blob=blob_id(after),
                half=sorted(tokens(after[:at])), torn=[blob_id(after[:at]), blob_id(b"")], removes=removes,
            )  # fmt: skip
            fd = os.open(place.vault / path, os.O_WRONLY | os.O_TRUNC)
            os.write(fd, after[:at])
            time.sleep(TEAR)
            os.write(fd, after[at:])
            os.close(fd)
            log.end(number, "ack")
        time.sleep(random.expovariate(1 / 0.8))


def edit_by_rename(place: Place, random: Random) -> None:
    """Write a new file, then rename it over the old one."""
    log = Log(place, "rename")
    while not place.is_set("stop"):
        path = PATHS[pick_item(random)]
        read = time.time()
        before = _read(place, path)
        time.sleep(random.expovariate(1 / 0.3))
        if before is None:
            continue
        token = log.next_token()
        kept, removes = _tidied(before, random)
        after = _with_line(kept, f"{token} by hand", random.randrange(20))
        temporary = place.vault / f"{path}~"
        with place.hands():
            number = log.invoke(
                "save", token=token, path=path, read=read, tokens=sorted(tokens(after)), blob=blob_id(after),
                removes=removes,
            )  # fmt: skip
            temporary.write_bytes(after)
            temporary.replace(place.vault / path)
            log.end(number, "ack")
        time.sleep(random.expovariate(1 / 0.8))


def _read(place: Place, path: str) -> bytes | None:
    """A file as an editor would open it; one that is torn or in conflict is left alone."""
    data = (place.vault / path).read_bytes()
    whole = data.startswith(b"---\n") and b"\n---\n" in data[4:] and b"<<<<<<<" not in data
    return data if whole else None


def _tidied(data: bytes, random: Random) -> tuple[bytes, list[str]]:
    """A text without half of the lines of its body that have tokens, where they are many; and the tokens taken away."""
    start = data.index(b"\n---\n", 4) + 5
    lines = data[start:].split(b"\n")
    said = [number for number, line in enumerate(lines) if tokens(line)]
    if len(said) < LINES:
        return data, []
    gone = set(random.sample(said, len(said) // 2))
    kept = data[:start] + b"\n".join(line for number, line in enumerate(lines) if number not in gone)
    return kept, sorted(tokens(data) - tokens(kept))


def _with_line(data: bytes, line: str, number: int) -> bytes:
    """A text with one more line, so many lines below its header."""
    start = data.index(b"\n---\n", 4) + 5
    lines = data[start:].split(b"\n")
    lines.insert(min(number, len(lines) - 1), line.encode())
    return data[:start] + b"\n".join(lines)


# ---- a user of git ---------------------------------------------------------------------------------------------------


class _User:
    """Runs git and says in the history from which commits it may have taken texts."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._log = Log(place, "user")
        self._branches = 0

    def git(self, *words: str) -> bool:
        """Run one command that may change files, index or HEAD; whether git was content."""
        with self._place.hands():
            number = self._log.invoke("git", words=list(words), commits=self._commits(), branch=self.branch())
            done = self._run(*words)
            said = done.stderr.decode("utf-8", "replace")[-300:]
            self._log.end(
                number, "fail" if done.returncode else "ack", after=self._commits(), now=self.branch(), said=said
            )
        return done.returncode == 0

    def branch(self) -> str:
        """The branch HEAD is on."""
        return self._run("symbolic-ref", "-q", "--short", "HEAD").stdout.decode().strip()

    def conflicts(self) -> list[str]:
        """Paths that a stash brought into conflict."""
        return self._run("diff", "--name-only", "--diff-filter=U").stdout.decode().split()

    def new_branch(self) -> str:
        """A name nobody has used yet."""
        self._branches += 1
        return f"x-{self._branches}"

    def _commits(self) -> list[str]:
        found = (self._run("rev-parse", "-q", "--verify", name).stdout.decode().strip() for name in ("HEAD", "stash"))
        return [sha for sha in found if sha]

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", "-C", str(self._place.vault), *words], capture_output=True, check=False)


def use_git(place: Place, random: Random) -> None:
    """Commit, branch and stash beside planner."""
    user = _User(place)
    while not place.is_set("stop"):
        time.sleep(random.expovariate(1 / 2.0))
        (what,) = random.choices(("notes", "all", "branch", "stash"), (40, 20, 20, 20))
        if what == "notes":
            _commit_notes(place, user, random)
        elif what == "all":
            user.git("commit", "--quiet", "-a", "-m", "user: all")
        elif what == "branch":
            _visit_branch(user, random)
        elif user.git("stash", "--quiet"):
            time.sleep(random.uniform(0.05, 0.5))
            _pop(user)
    _go_home(user)


def _commit_notes(place: Place, user: _User, random: Random) -> None:
    with (place.vault / "notes.txt").open("a", encoding="utf-8") as notes:
        notes.write("more\n")
    user.git("add", "notes.txt")
    time.sleep(random.choice([0, 0.3]))
    user.git("commit", "--quiet", "-m", "user: notes")


def _visit_branch(user: _User, random: Random) -> None:
    name = user.new_branch()
    if user.git("checkout", "--quiet", "-b", name):
        time.sleep(random.uniform(0.2, 2.5))
        _go_home(user)
        if random.random() < 0.6:
            user.git("merge", "--quiet", "--ff-only", name)


def _go_home(user: _User) -> None:
    """Back to main; what git would not carry along is committed first."""
    for attempt in range(60):
        if user.branch() == "main":
            return
        if not user.git("checkout", "--quiet", "main") and attempt > 2:
            user.git("commit", "--quiet", "-a", "-m", "user: before leaving")
        time.sleep(0.1)
    raise TimeoutError("git never let the user go back to main")


def _pop(user: _User) -> None:
    """Bring the stash back; a file in conflict is taken as it is committed, or as gone, and the stash stays."""
    if user.git("stash", "pop", "--quiet"):
        return
    for _ in range(60):
        for path in (paths := user.conflicts()):
            user.git("checkout", "--quiet", "HEAD", "--", path) or user.git("rm", "--quiet", "--force", "--", path)
        if not paths:
            return
        time.sleep(0.1)


# ---- one who only looks ----------------------------------------------------------------------------------------------


def observe(place: Place, random: Random) -> None:
    """Write down which text each file held from when on, as far as glances tell."""
    seen: dict[str, tuple[int, int, int]] = {}
    with (place.folder / "observed.jsonl").open("a", encoding="utf-8") as out:
        while not place.is_set("stop"):
            for path in PATHS.values():
                try:
                    info = (place.vault / path).stat()
                    stamp = (info.st_mtime_ns, info.st_size, info.st_ino)
                    if seen.get(path) == stamp:
                        continue
                    data: bytes | None = (place.vault / path).read_bytes()
                except FileNotFoundError:
                    stamp, data = (0, 0, 0), None
                    if seen.get(path) == stamp:
                        continue
                seen[path] = stamp
                out.write(json.dumps([time.time(), path, blob_id(data) if data is not None else ""]) + "\n")
            out.flush()
            time.sleep(GLANCE)
