"""The planners of a soak: command line, a session with its watcher, and the screen under Textual's pilot.

`python -m tests.soak.actors NAME FOLDER SEED` runs one of them, or one of the people, in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from planner.core.change import Change
from planner.core.vault import Vault
from planner.errors import PlannerError
from planner.session import Outcome, Session
from planner.store import writing
from tests.soak import nemesis, people
from tests.soak.history import Fact, Log, Place, tokens
from tests.soak.wishes import Wish, Wishes

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.app import PlannerApp

SETTLE = 5.0  # seconds a watcher is given to hear of the last change
PATIENCE = 60.0  # seconds a wish on the screen may take


def outcome_facts(outcome: Outcome) -> dict[str, Fact]:
    """What the history is to say of a wish carried out."""
    paths = [edit.path for edit in outcome.change.edits]
    waiting = outcome.waiting.message if outcome.waiting else None
    found: dict[str, Fact] = {"op": outcome.op, "commit": outcome.commit, "paths": paths, "waiting": waiting}
    if outcome.change.undoes:  # only what it says it takes back, so that nothing else it loses is excused
        texts = [(edit.before or "", edit.after or "") for edit in outcome.change.edits]
        gone = frozenset[str]().union(*(tokens(before) - tokens(after) for before, after in texts))
        found["removes"] = sorted(gone & tokens(outcome.change.subject))
    return found | ({"path": paths[0]} if len(paths) == 1 else {})


# ---- the command line ------------------------------------------------------------------------------------------------


def command_line(place: Place, random: Random) -> None:
    """One `planner` process after the other."""
    log = Log(place, "cli")
    wishes = Wishes(place, "cli", random)
    while not place.is_set("stop"):
        chance = random.random()
        if chance < 0.10:
            _call(place, log, "commit", ("commit",), {})
        elif chance < 0.15:
            _call(place, log, "undo", ("undo",), {})
        else:
            wish = wishes.draw(log.next_token())
            paths = _call(place, log, wish.what, wish.words, wish.facts())
            if paths is not None:
                wishes.acked(wish, paths)
        time.sleep(random.uniform(0, 0.2))


def _call(place: Place, log: Log, what: str, words: tuple[str, ...], facts: Mapping[str, Fact]) -> list[str] | None:
    """Run the program once; the files of a wish that it says was carried out, even if it was killed after that."""
    number = log.invoke(what, **facts)
    argv = [sys.executable, "-m", "planner", "--vault", str(place.vault), "--json", *words]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        place.pid_file("cli").write_text(str(child.pid))
        stdout, stderr = child.communicate()
    place.pid_file("cli").unlink()
    said = stderr.decode("utf-8", "replace")[-2000:]
    try:
        document = json.loads(stdout)
    except ValueError:
        crash = said if child.returncode != -9 else None
        log.end(number, "unknown", code=child.returncode, crash=crash)
        return None
    if document.get("commit") or document.get("op"):
        paths = [item["path"] for item in document["items"]]
        found = {"path": paths[0]} if len(paths) == 1 else {}
        log.end(number, "ack", op=document["op"], commit=document["commit"], paths=paths, said=said, **found)
        return paths
    log.end(number, "fail", said=str(document.get("error", {}).get("message", "nothing to do")))
    return None


# ---- a session -------------------------------------------------------------------------------------------------------


def session(place: Place, random: Random) -> None:
    """A session that follows the files, as a screen has one, without the screen."""
    log = Log(place, "session")
    wishes = Wishes(place, "session", random)
    with Session.open(place.vault) as opened:
        opened.watch()
        place.pid_file("session").write_text(str(os.getpid()))
        while not place.is_set("stop"):
            _wish(log, wishes, opened, random)
            time.sleep(random.expovariate(1 / 0.3))
        place.pid_file("session").unlink()
        _wait_for(place, "quiet")
        opened.retry()
        _compare(log, lambda: _model_faults(place, opened.vault))
        opened.retry()


def _wish(log: Log, wishes: Wishes, opened: Session, random: Random) -> None:
    chance = random.random()
    if chance < 0.06:
        _carry_out(log, "undo", {}, opened.undo)
    elif chance < 0.16:
        _carry_out(log, "commit", {}, opened.commit_by_hand)
    else:
        wish = wishes.draw(log.next_token())
        outcome = _carry_out(log, wish.what, wish.facts(), lambda: opened.run(wish.command))
        if outcome is not None:
            wishes.acked(wish, outcome.change.paths)


def _carry_out(log: Log, what: str, facts: Mapping[str, Fact], act: Callable[[], Outcome]) -> Outcome | None:
    number = log.invoke(what, **facts)
    try:
        outcome = act()
    except PlannerError as error:
        log.end(number, "fail", said=error.message)
        return None
    done = bool(outcome.op or outcome.commit)
    log.end(number, "ack" if done else "fail", **outcome_facts(outcome))
    return outcome if done else None


def _model_faults(place: Place, shown: Vault) -> list[str]:
    """Files on disk that, read and parsed anew, say something else than the vault in memory, with the first line of it."""
    fresh = Vault.parse({path: text.decode("utf-8", "surrogateescape") for path, text in place.files().items()})
    odd = sorted(path for path in {*fresh.files, *shown.files} if _view(fresh, path) != _view(shown, path))
    return [f"{path}: {_first_difference(fresh, shown, path)}" for path in odd]


def _first_difference(fresh: Vault, shown: Vault, path: str) -> str:
    lines = [(vault.files[path].text if path in vault.files else "").split("\n") for vault in (fresh, shown)]
    found = next((pair for pair in zip_longest(*lines) if pair[0] != pair[1]), None)
    return f"on disk {found[0]!r}, in memory {found[1]!r}" if found else "the same text, another item"


def _view(vault: Vault, path: str) -> tuple[str, object] | None:
    file = vault.files.get(path)
    return (file.text, file.item) if file is not None else None


def _compare(log: Log, faults: Callable[[], list[str]]) -> None:
    number = log.invoke("model")
    deadline = time.monotonic() + SETTLE
    while (found := faults()) and time.monotonic() < deadline:
        time.sleep(0.1)
    log.end(number, "fail" if found else "ack", differs=found)


def _wait_for(place: Place, flag: str) -> None:
    while not place.is_set(flag):
        time.sleep(0.05)


# ---- the screen ------------------------------------------------------------------------------------------------------


def screen(place: Place, random: Random) -> None:
    """The terminal interface without a terminal."""
    asyncio.run(_screen(place, random))


class _Typist:
    """Presses keys and makes wishes; what the screen is told of them goes into the history."""

    def __init__(self, app: PlannerApp, pilot: Pilot[int], place: Place, random: Random) -> None:
        self.app = app
        self.pilot = pilot
        self.log = Log(place, "tui")
        self.wishes = Wishes(place, "tui", random)
        self.random = random
        self.done: list[Outcome] = []
        self.failed: list[PlannerError] = []

    async def step(self) -> None:
        """One thing a person does at the screen."""
        chance = self.random.random()
        if chance < 0.08:
            await self.type_new_item()
        elif chance < 0.13:
            await self.undo()
        elif chance < 0.28:
            await self.pilot.press(self.random.choice(["j", "k", "h", "l", "1", "2", "3", "4"]))
        else:
            await self.wish(self.random.choice([1, 1, 1, 3]))

    async def wish(self, count: int) -> None:
        """Some wishes at once: each is shown on the ones before, and carried out after them."""
        self.done.clear()
        begun: list[tuple[int, Wish]] = []
        for _ in range(count):
            wish = self.wishes.draw(self.log.next_token())
            begun.append((self.log.invoke(wish.what, **wish.facts()), wish))
            self.app.wish(wish.command)
        await self.until(lambda: not self.app.bridge.busy)
        left = list(self.done)
        for number, wish in begun:
            outcome = next((one for one in left if _is_for(one, wish)), None)
            if outcome is not None:
                left.remove(outcome)
                self.wishes.acked(wish, outcome.change.paths)
                self.log.end(number, "ack", **outcome_facts(outcome))
            else:
                self.log.end(number, "fail", said=self.failed[-1].message if self.failed else "nothing to do")

    async def type_new_item(self) -> None:
        """Add an item by keys alone."""
        self.done.clear()
        token = self.log.next_token()
        number = self.log.invoke("add", token=token)
        before = len(self.failed)
        await self.pilot.press("a", *f"Chore {token}", "enter")
        await self.until(lambda: any(_holds(one, token) for one in self.done) or len(self.failed) > before)
        outcome = next((one for one in self.done if _holds(one, token)), None)
        if outcome is not None:
            self.wishes.added(outcome.change.paths, token)
            self.log.end(number, "ack", **outcome_facts(outcome))
        else:
            self.log.end(number, "unknown", said=self.failed[-1].message)

    async def undo(self) -> None:
        """Take back whatever is newest."""
        self.done.clear()
        before = len(self.failed)
        number = self.log.invoke("undo")
        await self.pilot.press("u")
        await self.until(lambda: bool(self.done) or len(self.failed) > before)
        if self.done:
            self.log.end(number, "ack", **outcome_facts(self.done[-1]))
        else:
            self.log.end(number, "fail", said=self.failed[-1].message)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the screen work until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the screen did not answer")
            await self.pilot.pause(0.02)


async def _screen(place: Place, random: Random) -> None:
    from tui import app as tui_app

    class Heard(tui_app.PlannerApp):
        """Tells the typist what it is told."""

        CSS_PATH = str(
            Path(tui_app.__file__).with_name("app.tcss")
        )  # Textual looks beside the class, so beside this file
        typist: _Typist | None = None

        def wish_done(self, outcome: Outcome, shown: Change | None = None) -> None:
            super().wish_done(outcome, shown)
            if self.typist:
                self.typist.done.append(outcome)

        def wish_failed(self, error: PlannerError) -> None:
            super().wish_failed(error)
            if self.typist:
                self.typist.failed.append(error)

    with Session.open(place.vault) as opened:
        app = Heard(opened)
        async with app.run_test(size=(120, 40)) as pilot:
            typist = app.typist = _Typist(app, pilot, place, random)
            await pilot.pause()
            place.pid_file("tui").write_text(str(os.getpid()))
            while not place.is_set("stop"):
                await typist.step()
                await pilot.pause(random.expovariate(1 / 0.3))
            place.pid_file("tui").unlink()
            while not place.is_set("quiet"):
                await pilot.pause(0.1)
            await asyncio.to_thread(opened.retry)
            await typist.until(lambda: app.settled)
            await asyncio.to_thread(_compare, typist.log, lambda: _model_faults(place, app.bridge.vault))
            await asyncio.to_thread(opened.retry)


def _is_for(outcome: Outcome, wish: Wish) -> bool:
    if wish.token:
        return _holds(outcome, wish.token)
    before_after = [(tokens(edit.before or ""), tokens(edit.after or "")) for edit in outcome.change.edits]
    gone = {token for before, after in before_after for token in before - after}
    named = wish.path in [edit.path for edit in outcome.change.edits] and gone == set(wish.removes)
    return named and not any(after - before for before, after in before_after)


def _holds(outcome: Outcome, token: str) -> bool:
    return any(token in (edit.after or "") and token not in (edit.before or "") for edit in outcome.change.edits)


# ---- the end --------------------------------------------------------------------------------------------------------


def end_quietly(place: Place, random: Random) -> None:
    """A fresh session recovers, what was edited by hand is committed, and another fresh session has nothing left to do."""
    notices: list[str] = []
    with Session.open(place.vault) as session:
        notices += session.notices
        session.commit_by_hand()
    with Session.open(place.vault) as session:
        notices += session.notices
        # As recovery does it, but without the minute it would give an editor to go on writing.
        named = [late.file.name for late in writing.sweep_displaced(session.displaced, now=time.time() + 61)]
        pending = [op.subject for op in session.journal.pending()]
        ending = {"notices": notices, "named": named, "pending": pending, "uncommitted": session.uncommitted()}
    (place.folder / "ending.json").write_text(json.dumps(ending), encoding="utf-8")


ACTORS: Mapping[str, Callable[[Place, Random], None]] = {
    "cli": command_line,
    "session": session,
    "tui": screen,
    "inplace": people.edit_in_place,
    "rename": people.edit_by_rename,
    "user": people.use_git,
    "nemesis": nemesis.strike,
    "observer": people.observe,
    "ending": end_quietly,
}


def main() -> None:
    """Run the actor named on the command line until it is told to stop."""
    name, folder, seed = sys.argv[1:]
    ACTORS[name](Place(Path(folder)), Random(f"{seed}/{name}"))


if __name__ == "__main__":
    main()
