"""Vaults of any size, the same to the byte on every machine: task `number` is a pure function of its number."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

TODAY = date(2026, 11, 25)
TAG = "bench"
SENTINEL = "Wolpertinger"
"""The first word of task 0, which stands on top of its column: where it is on the screen, real cards are."""
PER_FOLDER = 100
SWITCHED = 5_000
"""How many files differ on the branch `other`, unless half of the vault is fewer."""
LONGEST_PAST = 20_000
"""How many commits the branch `past` has at most; else two for every task."""
COMMIT_SECONDS = 1_795_000_000
PEOPLE = ("ana", "bo", "kim", "yuki", "lea", "tom", "ida", "max")
STATES = ("todo",) * 8 + ("doing",) * 3 + ("inbox",) * 2 + ("review", "done", "done", "done", "done", "done", "dropped")
PRIORITIES = ("low", "medium", "medium", "high", "urgent")
TAGS = ("core", "docs", "web", "shop", "print", "money", "home", "legal", "team", "travel")
ESTIMATES = ("30m", "2h", "1d", "3d", "1d/2d/4d")
VERBS = ("Draft", "Review", "Order", "Repair", "Measure", "Translate", "Publish", "Check", "Plan", "Move")
THINGS = ("harbour", "survey", "lantern", "ledger", "bridge", "orchard", "archive", "signal", "carpet", "engine")
TALK = (
    "the plan says that somebody has to look at every page before spring because nothing else can begin until "
    "numbers agree and people who wait for it know when and why a small delay here costs a week later on"
)
WORDS = tuple(TALK.split())
_ID_LETTERS = "bcdfghjkmnpqrstvwxz"
_ID_SIGNS = "23456789" + _ID_LETTERS
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CONFIG = """\
[vault]
format = 1
name = "Bench"

[workflow.default]
states = [
  {name = "inbox", category = "triage"},
  {name = "todo", category = "unstarted"},
  {name = "doing", category = "started"},
  {name = "review", category = "started"},
  {name = "done", category = "completed"},
  {name = "dropped", category = "canceled"},
]
"""


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a vault, with the values that peers can hold too."""

    number: int
    id: str
    title: str
    status: str
    priority: str
    tags: tuple[str, ...]
    assignee: str
    project: str
    due: date
    estimate: str
    created: date
    depends_on: int | None
    rank: str

    @property
    def path(self) -> str:
        """Where it is in the vault."""
        return f"projects/{self.project}/task-{self.number:06}.md"

    @property
    def is_open(self) -> bool:
        """Whether it is still to do."""
        return self.status not in {"done", "dropped"}

    @property
    def body(self) -> str:
        """What follows the header: text, four steps, two lines of log."""
        return _body(Random(self.number + 10**9), self.number)

    def text(self) -> str:
        """The file, of about 1 KB."""
        needs = f"depends_on: [{task_id(self.depends_on)}]\n" if self.depends_on is not None else ""
        end = f"completed: {self.due}\n" if self.status == "done" else ""
        return (
            f"---\nid: {self.id}\ntitle: {self.title}\nstatus: {self.status}\npriority: {self.priority}\n"
            f"tags: [{', '.join(self.tags)}]\nassignee: {self.assignee}\nproject: {self.project}\ndue: {self.due}\n"
            f"estimate: {self.estimate}\ncreated: {self.created}\n{needs}rank: {self.rank}\n{end}---\n{self.body}"
        )


def task_id(number: int) -> str:
    """The id of a task: no two alike, and no order in them."""
    drawn = (number * 1_000_003 + 12_345) % (len(_ID_LETTERS) * 27**5)
    signs = [_ID_LETTERS[drawn // 27**5]]
    signs += [_ID_SIGNS[drawn // 27**place % 27] for place in range(4, -1, -1)]
    return "".join(signs)


def task(number: int) -> Task:
    """Task `number`; one in a hundred carries the tag, one in five waits for an earlier one, one in ten has a link."""
    draw = Random(number)
    first = number == 0
    status = "todo" if first else draw.choice(STATES)
    verb, thing, other = draw.choice(VERBS), draw.choice(THINGS), draw.choice(THINGS)
    ahead = draw.randrange(200) if status != "done" else -draw.randrange(400)
    return Task(
        number=number,
        id=task_id(number),
        title=SENTINEL if first else f"{verb} the {thing} of the {other} {number}",
        status=status,
        priority=draw.choice(PRIORITIES),
        tags=(*draw.sample(TAGS, 2), *([TAG] if number % 100 == 7 else [])),
        assignee=draw.choice(PEOPLE),
        project=f"p{number // PER_FOLDER:04}",
        due=TODAY + timedelta(ahead - 20),
        estimate=draw.choice(ESTIMATES),
        created=TODAY - timedelta(420 + draw.randrange(300)),
        depends_on=draw.randrange(number) if not first and draw.random() < 0.2 else None,
        rank=_rank(number),
    )


def tasks(count: int) -> Iterator[Task]:
    """All tasks of a vault."""
    return map(task, range(count))


def _rank(number: int) -> str:
    """A fractional index of the widest folder we make, shuffled but for task 0, which comes first."""
    place = number * 7919 % 62**3
    return "c" + "".join(_BASE62[place // 62**digit % 62] for digit in (2, 1, 0))


def _body(draw: Random, number: int) -> str:
    def said(count: int) -> str:
        return " ".join(draw.choices(WORDS, k=count)).capitalize() + "."

    link = f"See [[{task_id(draw.randrange(number))}]]." if number and draw.random() < 0.1 else said(5)
    steps = "".join(f"- [{'x' if draw.random() < 0.4 else ' '}] {said(5)}\n" for _ in range(4))
    log = "".join(f"- 2026-0{draw.randrange(1, 10)}-1{n} 09:30 {draw.choice(PEOPLE)}: {said(9)}\n" for n in range(2))
    return f"{said(44)}\n{said(36)}\n{link}\n\n{steps}\n## Log\n{log}"


def files(count: int) -> Iterator[tuple[str, str]]:
    """Every file of a vault, path and text."""
    yield "planner.toml", CONFIG
    for name in PEOPLE:
        yield f"people/{name}.md", f"---\nkind: person\nname: {name.title()}\nemail: {name}@example.org\n---\n"
    for folder in range((count + PER_FOLDER - 1) // PER_FOLDER):
        owner = PEOPLE[folder % len(PEOPLE)]
        yield (
            f"projects/p{folder:04}/project.md",
            f"---\nkind: project\ntitle: Project {folder}\nowner: {owner}\nlifecycle: active\n---\nOne of many.\n",
        )
    for one in tasks(count):
        yield one.path, one.text()


def switched(count: int) -> list[Task]:
    """The tasks that differ on the branch `other`, as they are there: all are in review."""
    last = min(count, 2 * SWITCHED)
    return [replace(one, status="review") for one in map(task, range(1, last, 2))]


def worked_on(count: int) -> Iterator[Task]:
    """The tasks that the commits of the branch `past` change, one each: it is started, and later put back a week."""
    for number in range(min(2 * count, LONGEST_PAST)):
        one = task(number * 7919 % count)
        yield replace(one, status="doing", due=one.due + timedelta(days=7 * (number // count)))


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault on disk, and what is known of it."""

    root: Path
    count: int
    size: int  # bytes of all task files
    matching: int  # open tasks with the tag
    differing: int  # files that differ on the branch `other`
    reviews: Mapping[str, int]  # tasks in review, by branch
    spare: tuple[str, ...]  # ids of tasks in `todo` that a measurement may end


def recipe() -> str:
    """What vaults made by this file have in common: the hash of the file."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def make(count: int, work: Path) -> Vault:
    """The vault of so many tasks in the folder `work`: made if it is not there, put back as it was made if it is."""
    folder = work / f"vault-{count}-{recipe()}"
    root, known = folder / "vault", folder / "known.json"
    if not known.is_file():
        for old in work.glob(f"vault-{count}-*"):
            shutil.rmtree(old)
        root.mkdir(parents=True)
        _commit(root, count)
        git(root, "reset", "--quiet", "--hard", "base")
        known.write_text(json.dumps(asdict(_known(root, count)) | {"root": ""}), encoding="utf-8")
    git(root, "switch", "--quiet", "--force", "main")
    git(root, "reset", "--quiet", "--hard", "base")
    git(root, "clean", "-fdxq")
    shutil.rmtree(root / ".git/planner", ignore_errors=True)
    _settle(root)
    facts = json.loads(known.read_text(encoding="utf-8"))
    return Vault(**facts | {"root": root, "spare": tuple(facts["spare"])})


def _known(root: Path, count: int) -> Vault:
    matching = on_main = 0
    spare: list[str] = []
    for one in tasks(count):
        matching += TAG in one.tags and one.is_open
        on_main += one.status == "review"
        if one.status == "todo" and one.number and TAG not in one.tags and len(spare) < 100:
            spare.append(one.id)
    there = switched(count)
    gone = sum(task(one.number).status == "review" for one in there)
    reviews = {"main": on_main, "other": on_main - gone + len(there)}
    size = sum(path.stat().st_size for path in root.glob("projects/*/task-*.md"))
    return Vault(root, count, size, matching, len(there) - gone, reviews, tuple(spare))


def git(root: Path, *words: str) -> str:
    """What a git command prints."""
    return subprocess.run(
        ["git", *words], cwd=root, env=environment(root), check=True, capture_output=True
    ).stdout.decode()


def environment(home: Path) -> dict[str, str]:
    """An environment for programs that shall find no settings but those in `home`."""
    folders = {"CACHE": ".cache", "CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state"}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        **{f"XDG_{kind}_HOME": str(home / folder) for kind, folder in folders.items()},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def _commit(root: Path, count: int) -> None:
    """Two commits and two branches in one pack; then git writes the files, and so its index fits them."""
    git(root, "init", "--quiet", "--initial-branch=main")
    settings = {"user.name": "Ana", "user.email": "ana@example.org", "gc.auto": "0", "maintenance.auto": "false"}
    for key, value in settings.items():
        git(root, "config", key, value)
    command = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=root, env=environment(root), stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for part in _stream(count):
            importer.stdin.write(part)
        importer.stdin.close()
        if importer.wait():
            raise OSError("git fast-import failed")
    git(root, "tag", "base", "main")


def _stream(count: int) -> Iterator[bytes]:
    """What git fast-import reads."""

    def head(branch: str) -> bytes:
        who = f"Ana <ana@example.org> {COMMIT_SECONDS} +0000"
        return f"commit refs/heads/{branch}\ncommitter {who}\ndata {len(branch)}\n{branch}\n".encode()

    def file(path: str, text: str) -> bytes:
        data = text.encode()
        return f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"

    yield head("main")
    yield from (file(path, text) for path, text in files(count))
    yield head("other") + b"from refs/heads/main\n"
    yield from (file(one.path, one.text()) for one in switched(count))
    yield b"reset refs/heads/past\nfrom refs/heads/main\n\n"
    yield from (head("past") + file(one.path, one.text()) for one in worked_on(count))


def _settle(root: Path) -> None:
    """Let the index be younger than the files: what git cannot tell apart by time, it reads again at every status."""
    time.sleep(1.1)
    git(root, "read-tree", "-m", "HEAD")
    git(root, "update-index", "-q", "--refresh", "--force-write-index")
