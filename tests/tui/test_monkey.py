"""A monkey at the keys: seeded strokes, clicks and sizes on the demo, with another hand in its files meanwhile."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from datetime import date
from pathlib import Path
from random import Random

import pytest
from textual import events
from textual.pilot import Pilot

from planner.core.change import Change
from planner.placing import _is_held
from planner.session import Outcome, Session
from planner.store.demo import build, find_sample
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


def meddle(random: Random, folder: Path) -> None:
    """What another hand does to the files."""
    files = sorted(path for path in folder.rglob("*.md") if ".git" not in path.parts)
    path = random.choice(files)
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    number = random.randrange(1000)
    match random.randrange(8):
        case 0 | 1:
            path.write_bytes(text.replace("title: ", f"title: {number} ", 1).encode("utf-8", "surrogateescape"))
        case 2:
            path.write_bytes((text + f"\n- [ ] step {number}\n").encode("utf-8", "surrogateescape"))
        case 3:
            (folder / "inbox").mkdir(exist_ok=True)
            (folder / "inbox" / f"new-{number}.md").write_text(f"Something {number}\n", encoding="utf-8")
        case 4:
            path.rename(path.with_name(f"renamed-{number}.md"))
        case 5:
            path.unlink()
        case 6:
            path.write_bytes(b"---\nid: [broken\n" + text.encode("utf-8", "surrogateescape"))
        case _:
            commit_all(folder, f"by hand {number}")


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


def in_git(folder: Path, outcome: Outcome, known: str) -> bool:
    """Whether an accepted wish is in history: by its commit, or because history says already what it asks for."""
    if outcome.op is None or outcome.op in known or (outcome.commit is not None and outcome.commit in known):
        return True
    return all(
        _is_held(edit, head(folder, edit.path)) or head(folder, edit.path) == edit.after
        for edit in outcome.change.edits
    )


def head(folder: Path, path: str) -> str | None:
    names = git(folder, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    return git(folder, "show", f"HEAD:{path}") if path in names else None


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
    done: list[str] = []
    name = "a monkey's 200 keys: no exception, the model as scanned anew, every accepted write in git"
    with claims(name) as claim, Session.open(folder, today=TODAY) as session:
        app = Heard(session)
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            while len(done) < 200:
                keys = strokes(random, app)
                done += keys
                await pilot.press(*keys)
                if random.random() < 0.08:
                    await point(random, app, pilot)
                if random.random() < 0.12:
                    meddle(random, folder)
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
                known = git(folder, "log", "--format=%H %B")
                lost = [one.change.subject for one in app.outcomes if not in_git(folder, one, known)]
                waiting = [op.subject for op in session.journal.pending()]
            claim.check(texts == shown and app.outcomes and not lost and not waiting, (seed, lost, waiting, done[-20:]))
