"""A monkey at the keys: seeded strokes, clicks and sizes on the demo, with another hand in its files meanwhile."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from planner import landing
from planner.core.change import Change, Edit
from planner.placing import _is_held
from planner.session import Outcome, Session
from planner.store.demo import build, find_sample
from planner.store.git import Repository
from tests.conftest import Claims, git
from tests.proof import times
from tests.tui.test_app import home
from tui.app import PlannerApp
from tui.keys import KEYS

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.proof]
__all__ = ["home"]

TODAY = date(2026, 11, 25)
LEAVING = {"app.back", "app.quit", "app.suspend"}
DOING = {"item", "fields", "arrange", "history", "marks", "move"}
CHORDS = [chord.split() for key in KEYS if key.id not in LEAVING for chord in key.keys]
ACTING = [chord.split() for key in KEYS if key.group in DOING for chord in key.keys]
WORDS = [
    "fri", "none", "+3d", "#web", "@ana", "@bo", "!high", "p:web", "due:tom", "+x", "-x", "x y", "is:blocked",
    "status:doing", "[b]", "漢字", "שלום", "🙂", "do", "re", "in", "bo", "12", "\t", '"', "title:", "every month",
]  # fmt: skip
ANSWERS = [
    "enter",
    "enter",
    "enter",
    "enter",
    "enter",
    "enter",
    "escape",
    "tab",
    "down",
    "up",
    "backspace",
    "ctrl+u",
    "left",
]
SIZES = [(80, 24), (40, 12), (160, 45), (100, 30), (20, 5)]
NAMES = {" ": "space", "\t": "tab"}


class Noting(Session):
    """Notes where HEAD stood when an operation was written: what proves it to be in history came later, or was there."""

    def __init__(self, root: Path, repo: Repository | None, *, today: date | None = None) -> None:
        super().__init__(root, repo, today=today)
        self.since: dict[str | None, str] = {}

    def carry_out(self, change: Change) -> Outcome:
        """Write and commit, as ever."""
        since = self.repo.head().commit if self.repo is not None else None
        outcome = super().carry_out(change)
        self.since[outcome.op] = since or ""
        return outcome


@dataclass
class Hand:
    """What another hand does to the files; `replaced` are the texts that it found where it wrote, by path."""

    folder: Path
    random: Random
    replaced: dict[str, list[str]] = field(default_factory=dict)

    def meddle(self) -> None:
        """One thing, to one file."""
        files = sorted(path for path in self.folder.rglob("*.md") if ".git" not in path.parts)
        path = self.random.choice(files)
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        number = self.random.randrange(1000)
        kind = self.random.randrange(8)
        if kind == 3:
            (self.folder / "inbox").mkdir(exist_ok=True)
            (self.folder / "inbox" / f"new-{number}.md").write_text(f"Something {number}\n", encoding="utf-8")
        elif kind == 7:
            commit_all(self.folder, f"by hand {number}")
        else:
            self.replaced.setdefault(path.relative_to(self.folder).as_posix(), []).append(text)
            self._write(path, text, kind, number)

    def _write(self, path: Path, text: str, kind: int, number: int) -> None:
        match kind:
            case 0 | 1:
                text = text.replace("title: ", f"title: {number} ", 1)
            case 2:
                text += f"\n- [ ] step {number}\n"
            case 4:
                path.rename(path.with_name(f"renamed-{number}.md"))
                return
            case 5:
                path.unlink()
                return
            case _:
                text = "---\nid: [broken\n" + text
        path.write_bytes(text.encode("utf-8", "surrogateescape"))


class Heard(PlannerApp):
    """Remembers what became of every wish."""

    CSS_PATH = str(Path(__file__).parents[2] / "tui" / "app.tcss")

    def __init__(self, session: Session) -> None:
        super().__init__(session, view="board")
        self.outcomes: list[Outcome] = []

    def wish_done(self, outcome: Outcome, shown: Change | None = None) -> None:
        """A wish is on disk."""
        super().wish_done(outcome, shown)
        self.outcomes.append(outcome)


def strokes(random: Random, app: PlannerApp) -> list[str]:
    """What the monkey does next."""
    if len(app.screen_stack) == 1:
        return random.choice(ACTING if random.random() < 0.8 else CHORDS)
    if random.random() < 0.35:
        return [NAMES.get(char, char) for char in random.choice(WORDS)]
    return [random.choice(ANSWERS)]


async def point(random: Random, app: PlannerApp, pilot: Pilot[int]) -> None:
    """A click, a drag, the wheel, another size, or something pasted."""
    width, height = app.size
    x, y = random.randrange(width), random.randrange(height)
    match random.randrange(5):
        case 0:
            await pilot.click(offset=(x, y))
        case 1:
            await pilot.mouse_down(offset=(x, y))
            to = (random.randrange(width), random.randrange(height))
            await pilot._post_mouse_events([events.MouseMove], offset=to, button=1)
            await pilot.mouse_up(offset=to)
        case 2:
            wheel = random.choice([events.MouseScrollDown, events.MouseScrollUp])
            await pilot._post_mouse_events([wheel], offset=(x, y))
        case 3:
            await pilot.resize_terminal(*random.choice(SIZES))
        case _:
            app.post_message(events.Paste(random.choice(["one\ntwo #x", "", "three", "\x1b[31m\x00", "a\r\nb\r\n"])))


def commit_all(folder: Path, message: str) -> None:
    """What the other hand has done so far, committed; it tries again while the index is locked by a commit of ours."""
    for argv in (["add", "--all"], ["commit", "--quiet", "--allow-empty", "--message", message]):
        for _ in range(100):
            with contextlib.suppress(subprocess.CalledProcessError):
                git(folder, *argv)
                break


async def idle(app: PlannerApp, pilot: Pilot[int]) -> None:
    """Leave what is open, and wait until everything is carried out and shown."""
    for _ in range(20):
        if len(app.screen_stack) == 1:
            break
        await pilot.press("escape")
    for _ in range(2000):
        await pilot.pause(0.02)
        if app.settled and app.bridge.idle:
            return
    raise AssertionError("it does not come to rest")


def in_git(
    folder: Path,
    outcome: Outcome,
    known: str,
    since: Mapping[str | None, str],
    replaced: Mapping[str, Sequence[str]] = {},
) -> bool:
    """Whether an accepted wish is in history: by its commit, or because a commit of the other hand took it along.

    Then it is one of the texts that its path had in commits since it was written: what HEAD says proves nothing, for the
    other hand may have gone on. What that hand found there and replaced before any commit is its own doing.
    """
    if outcome.op is None or outcome.op in known or (outcome.commit is not None and outcome.commit in known):
        return True
    begun = since[outcome.op]
    commits = [begun, *git(folder, "rev-list", f"{begun}..HEAD").split()]
    return all(
        any(holds(edit, text) for text in replaced.get(edit.path, ()))
        or any(holds(edit, text_at(folder, commit, edit.path)) for commit in commits)
        for edit in outcome.change.edits
    )


def history(folder: Path) -> str:
    """The names of all commits with their messages, and so with the operations that they name."""
    return git(folder, "log", "--format=%H %B")


def holds(edit: Edit, text: str | None) -> bool:
    return text == edit.after or _is_held(edit, text)


def text_at(folder: Path, commit: str, path: str) -> str | None:
    names = git(folder, "ls-tree", "-r", "-z", "--name-only", commit, "--", path).split("\0")
    return git(folder, "show", f"{commit}:{path}") if path in names else None


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "vault"
    build(find_sample(), folder, TODAY)
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.org")
    return folder


@pytest.mark.parametrize("seed", range(times(3, 200)))
async def test_two_hundred_keys_of_a_monkey(demo: Path, tmp_path: Path, seed: int, claims: Claims) -> None:
    random, folder = Random(seed), tmp_path / "vault"
    shutil.copytree(demo, folder, symlinks=True)
    hand, done = Hand(folder, random), list[str]()
    name = "a monkey's 200 keys: no exception, the model as scanned anew, every accepted write in git"
    with claims(name) as claim, Noting.open(folder, today=TODAY) as session:
        assert isinstance(session, Noting)
        app = Heard(session)
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            while len(done) < 200 or (not app.outcomes and len(done) < 1000):  # a monkey that wrote nothing goes on
                keys = strokes(random, app)
                done += keys
                await pilot.press(*keys)
                if random.random() < 0.08:
                    await point(random, app, pilot)
                if random.random() < 0.12:
                    hand.meddle()
            await idle(app, pilot)
            for argv in (
                ["add", "--all"],
                ["commit", "--quiet", "--allow-empty", "--message", "the other hand is done"],
            ):
                git(folder, *argv)  # what was staged halfway may hold a change of ours up
            session.retry()
            session.refresh()
            await idle(app, pilot)
            with Session.open(folder, today=TODAY) as fresh:
                texts = {path: file.text for path, file in fresh.vault.files.items()}
                shown = {path: file.text for path, file in app.bridge.vault.files.items()}
                known, since = history(folder), session.since
                lost = [one.change for one in app.outcomes if not in_git(folder, one, known, since, hand.replaced)]
                waiting = [op.subject for op in session.journal.pending()]
            other = sorted(path for path in texts.keys() | shown.keys() if texts.get(path) != shown.get(path))
            held = app.outcomes and not (other or lost or waiting)
            claim.check(held, (seed, len(app.outcomes), other, lost, waiting, done[-20:]))


# ---- what monkeys have found -------------------------------------------------------------------------------------------


def renamed_by_hand(demo: Path, folder: Path) -> Path:
    """A vault in which the other hand has renamed a file and committed that; returns the file as it was called."""
    shutil.copytree(demo, folder, symlinks=True)
    path = min((folder / "tasks").glob("*.md"))
    path.rename(path.with_name("renamed-979.md"))
    commit_all(folder, "by hand 979")
    return path


def once_written(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """Do something between the next write and its commit."""
    land, left = landing.land, [then]

    def late(*words: Any, **more: Any) -> str | None:
        if left:
            left.pop()()
        return land(*words, **more)

    monkeypatch.setattr(landing, "land", late)


def test_a_wish_that_the_other_hand_committed_is_in_git_whatever_came_later(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HEAD was asked alone once: a file that an undo brought back and that was edited since counted as lost."""
    folder = tmp_path / "vault"
    path = renamed_by_hand(demo, folder)
    with Noting.open(folder, today=TODAY) as session:
        assert isinstance(session, Noting)
        once_written(monkeypatch, lambda: commit_all(folder, "the other hand"))
        outcome = session.undo()
        assert (outcome.op is not None, outcome.commit, session.journal.pending()) == (True, None, [])
        path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: more "), encoding="utf-8")
        commit_all(folder, "later")
        assert in_git(folder, outcome, history(folder), session.since)


def test_a_wish_that_only_git_never_saw_is_lost(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "vault"
    path = renamed_by_hand(demo, folder)
    with Noting.open(folder, today=TODAY) as session:
        assert isinstance(session, Noting)
        monkeypatch.setattr(landing, "land", lambda *_: None)
        outcome = session.undo()
        found = path.read_text(encoding="utf-8")
        path.unlink()
        commit_all(folder, "without it")
        assert not in_git(folder, outcome, history(folder), session.since)
        name = path.relative_to(folder).as_posix()
        assert in_git(folder, outcome, history(folder), session.since, {name: [found]})
