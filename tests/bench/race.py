"""One vault, everything that is measured on it: whole processes in rounds, then screens on a terminal."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

from tests.bench import peers, vault
from tests.bench.measure import Failed, Place, Terminal, clock, head_of
from tests.bench.meetings import Meetings
from tests.bench.peers import Peer
from tests.bench.plans import Plans
from tests.bench.rows import TJ3, Results, Sample
from tests.bench.vault import SENTINEL, TAG, TODAY, Vault

ROOT = Path(__file__).parents[2]
ENOUGH = 20.0
"""Seconds a step may take in all rounds together; then two figures suffice."""
KEYS = {  # by view: its key, and the keys that move the cursor in it; the board comes last, for what follows
    "list": ("6", "jjjk\x04k\x15j"),
    "agenda": ("2", "jjjk\x04k\x15j"),
    "calendar": ("5", "lljhlkhj"),
    "timeline": ("4", "jjjk\x04k\x15j<>"),
    "board": ("3", "jjjkljhj\x04k\x15j"),
}
SEEN = {"timeline": "critical path o"}
"""What a view shows that takes longer to be made than its key to be answered."""
SLOW = 300.0
FAULTS = (Failed, OSError, subprocess.CalledProcessError)
FILTERS = ("harbour", "survey")
Say = Callable[[str], None]
Step = Callable[[int], float]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Effort:
    """How often things are measured."""

    rounds: int
    keys: int  # for each view
    screens: int
    wishes: int  # commits, saves and branch switches

    @staticmethod
    def fit(count: int) -> Effort:
        """Fewer for bigger vaults."""
        if count >= 10_000:
            return Effort(3, 60, 2, 2) if count >= 100_000 else Effort(5, 60, 3, 4)
        return Effort(9, 60, 5, 6) if count >= 1_000 else Effort(1, 4, 1, 2)


class Race:
    """Measures one vault into `results`; `say` hears of the progress."""

    def __init__(self, made: Vault, results: Results, effort: Effort, say: Say) -> None:
        self.vault, self.results, self.effort, self.say = made, results, effort, say
        self.home = made.root.parent / "home"
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()
        # The repository this file is in is measured, wherever the interpreter finds another one.
        self.place = Place(made.root, vault.environment(self.home) | {"PYTHONPATH": str(ROOT)})
        script = Path(sys.executable).with_name("planner")
        program = (str(script),) if script.is_file() else (sys.executable, "-m", "planner")
        self.planner = (*program, "--today", str(TODAY))

    def run(self, contestants: Sequence[Peer]) -> None:
        """Measure everything; raises Failed where planner answers wrongly."""
        self._check()
        steps = dict(self._steps())
        for peer in contestants:
            self.results.add_rows(peer.rows())
            steps |= self._load(peer)
        self._rounds(steps)
        self._memory(contestants)
        self._screens()
        self._history()
        self._plans()
        self._meetings()
        self._try("git-switch", self._switches_alone)

    def _sample(self, row: str) -> Sample:
        return self.results.sample(row, self.vault.count)

    def _try(self, row: str, measured: Callable[P, Iterable[float]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Note figures, or why there are none or no more."""
        sample = self._sample(row)
        try:
            for value in measured(*args, **kwargs):
                sample.values.append(value)
        except FAULTS as fault:
            sample.fault = str(fault)
            self.say(f"{row}: {fault}")

    # Plans.

    def _plans(self) -> None:
        """Scheduling in one process; TaskJuggler's own beside it, where it is installed and the plan is not too big."""
        measured = Plans(self.vault.count, self.home)
        for row, figures in measured.measures():
            self.say(row)
            if row == TJ3.id:
                self.results.add_rows([TJ3])
            self._try(row, figures)

    def _meetings(self) -> None:
        """The merge of one file, and syncs of clones."""
        for row, figures in Meetings(self.vault, self.place, self.planner).measures():
            self.say(row)
            self._try(row, figures)

    # The past.

    def _history(self) -> None:
        """The branch with two commits a task: its events read anew and known, and the plan as it was half way."""
        place, commits = self.place, min(2 * self.vault.count, vault.LONGEST_PAST)
        log = (*self.planner, "log", vault.task(0).id)

        def anew(_: int) -> float:
            shutil.rmtree(self.home / ".cache", ignore_errors=True)
            place.seconds(*self.planner, "list", f"tag:{TAG}", patience=SLOW)
            return place.seconds(*log, patience=SLOW)

        place.run("git", "switch", "--quiet", "past")
        try:
            told = json.loads(place.run(*log, "--json", patience=SLOW)[1])["events"]
            newest = ["due", "status", "added"][
                commits <= self.vault.count :
            ]  # where one commit a task is all there are
            if [event["field"] for event in told][: len(newest)] != newest:
                raise Failed(f"planner log tells {told[:3]}")
            self._rounds(
                {
                    "git-log": lambda _: place.seconds("sh", "-c", "git log --raw >/dev/null"),
                    "history": anew,
                    "history-warm": lambda _: place.seconds(*log, patience=SLOW),
                    "at": lambda _: place.seconds(
                        *self.planner, "list", f"tag:{TAG}", "--at", f"HEAD~{commits // 2}", patience=SLOW
                    ),
                }
            )
        except FAULTS as fault:
            self._sample("history").fault = str(fault)
        finally:
            place.run("git", "switch", "--quiet", "main")

    # Whole processes.

    def _check(self) -> None:
        """Raise Failed unless the answer that is timed is right."""
        out = self.place.run(*self.planner, "list", f"tag:{TAG}", "--json", patience=SLOW)[1]
        found = len(json.loads(out)["items"])
        if found != self.vault.matching:
            raise Failed(f"planner lists {found} tasks, and there are {self.vault.matching}")

    def _rounds(self, steps: Mapping[str, Step]) -> None:
        """All steps once a round, so that whatever else the machine does hits all of them alike."""
        for number in range(self.effort.rounds):
            self.say(f"round {number + 1} of {self.effort.rounds}")
            for row, step in steps.items():
                sample = self._sample(row)
                if not sample.fault and (len(sample.values) < 2 or sum(sample.values) < ENOUGH):
                    self._try(row, lambda step, number: [step(number)], step, number)

    def _steps(self) -> Iterator[tuple[str, Step]]:
        place, tag = self.place, f"tag:{TAG}"
        path = vault.task(self.vault.count - 1).path

        def cold(_: int) -> float:
            shutil.rmtree(self.home / ".cache", ignore_errors=True)
            return place.seconds(*self.planner, "list", tag, patience=SLOW)

        def shell(script: str, *words: str) -> Step:
            return lambda _: place.seconds("sh", "-c", script, "sh", *words)

        yield "python", lambda _: place.seconds(sys.executable, "-c", "pass")
        yield "version", lambda _: place.seconds(*self.planner[:-2], "--version")
        yield "git-status", lambda _: place.seconds("git", "status")
        yield "cold", cold
        yield "list", lambda _: place.seconds(*self.planner, "list", tag, patience=SLOW)
        yield "grep", shell(f"grep -rlE '^tags: .*\\b{TAG}\\b' --include='*.md' .")
        yield "cat", shell("git ls-files -z | xargs -0 cat >/dev/null")
        yield "add", self._moving(lambda number: ("add", f"Bench {number}"))
        yield "done", self._moving(lambda number: ("done", self.vault.spare[number]))
        yield "git-commit", shell('echo note >>"$1" && git add -- "$1" && git commit -qm note -- "$1"', path)

    def _moving(self, words: Callable[[int], Sequence[str]]) -> Step:
        """A step that must move HEAD."""

        def step(number: int) -> float:
            before = head_of(self.vault.root)
            seconds = self.place.seconds(*self.planner, *words(number), patience=SLOW)
            if head_of(self.vault.root) == before:
                raise Failed("HEAD has not moved")
            return seconds

        return step

    def _load(self, peer: Peer) -> dict[str, Step]:
        """The steps of a peer that has taken the tasks."""
        self.say(f"loading {peer.title}")
        try:
            peers.prepare(peer, vault.tasks(self.vault.count))
            peer.place.run(peer.program, *peer.find())
        except FAULTS as fault:
            self.say(f"{peer.title}: {fault}")
            for row in peer.rows():
                self._sample(row.id).fault = str(fault)
            return {}
        return {
            f"{peer.key}-list": lambda _: peer.place.seconds(peer.program, *peer.find()),
            f"{peer.key}-add": lambda number: peer.place.seconds(peer.program, *peer.add(number)),
            f"{peer.key}-done": lambda number: peer.place.seconds(peer.program, *peer.done(number)),
        }

    def _memory(self, contestants: Sequence[Peer]) -> None:
        """Peak memory, apart from the rounds: the way it is measured takes time."""
        self.say("memory")
        words = (*self.planner, "list", f"tag:{TAG}")
        self._try("list-memory", lambda: (self.place.peak(*words, patience=SLOW) for _ in range(2)))
        for peer in contestants:
            if not self._sample(f"{peer.key}-memory").fault:
                self._try(f"{peer.key}-memory", lambda peer: [peer.place.peak(peer.program, *peer.find())], peer)

    # Screens.

    def _screens(self) -> None:
        """Some screens to the first cards, and everything else on the last of them."""
        for number in range(self.effort.screens):
            self.say(f"screen {number + 1} of {self.effort.screens}")
            screen = Terminal(self.place, *self.planner)
            self._try("start", self._first_cards, screen)
            if number + 1 == self.effort.screens:
                for view in KEYS:
                    self.say(f"keys on the {view}")
                    self._try(f"{view}-key", self._keys, screen, view)
                for row, measured in self._wishes():
                    self.say(row)
                    self._try(row, measured, screen)
            screen.close("q")

    def _wishes(self) -> Iterator[tuple[str, Callable[[Terminal], Iterable[float]]]]:
        yield "filter", self._letters
        yield "commit", self._commits
        yield "save", self._saves
        yield "switch", self._switches
        yield "screen-memory", lambda screen: [screen.peak()]

    def _first_cards(self, screen: Terminal) -> list[float]:
        seconds = screen.wait_for(SENTINEL, SLOW) - screen.begun
        screen.settle(0.5)
        return [seconds]

    def _keys(self, screen: Terminal, view: str) -> list[float]:
        """Seconds from keys that move the cursor to the first byte; those to the last byte go to a row of their own."""
        key, pattern = KEYS[view]
        screen.press(key)
        if view in SEEN:
            screen.wait_for(SEEN[view], SLOW)
        screen.settle(0.5)
        keys = itertools.islice(itertools.cycle(pattern), self.effort.keys)
        painted = [one for key in keys if (one := screen.paint(key)) is not None]
        if 2 * len(painted) < self.effort.keys:
            raise Failed("most keys painted nothing")
        self._sample(f"{view}-whole").values += [whole for _, whole in painted]
        return [first for first, _ in painted]

    def _letters(self, screen: Terminal) -> list[float]:
        """Seconds from each letter of a filter to the last byte of the picture that follows."""
        found = []
        for word in FILTERS[: self.effort.keys // 4]:
            screen.press("/")
            screen.settle(0.5)
            screen.press("\x15")  # the line still holds what was typed last
            screen.settle(0.5)
            found += [one[1] for letter in word[: self.effort.keys] if (one := screen.paint(letter)) is not None]
            screen.press("\x1b")
            screen.settle(0.5)
        return found

    def _commits(self, screen: Terminal) -> Iterator[float]:
        """A card one column on, and back."""
        for number in range(2 * ((self.effort.wishes + 1) // 2)):
            screen.settle(0.5)
            known = {head_of(self.vault.root), ""}
            begun = screen.press("LH"[number % 2])
            yield screen.wait_until(lambda known: head_of(self.vault.root) not in known, known) - begun
        screen.settle(0.5)

    def _saves(self, screen: Terminal) -> Iterator[float]:
        """Another word as the title of the card on top, written in place."""
        path = self.vault.root / vault.task(0).path
        text = path.read_bytes()
        screen.press("hhhhhlgg")  # in the second column, up to where the card is
        for number in range(self.effort.wishes):
            screen.settle(0.5)
            screen.forget()
            title = f"{SENTINEL}{number}x"
            begun = clock()
            with path.open("r+b") as file:
                file.write(text.replace(SENTINEL.encode(), title.encode(), 1))
            yield screen.wait_for(title) - begun
        path.write_bytes(text)
        screen.settle(0.5)

    def _switches(self, screen: Terminal) -> Iterator[float]:
        """The branch with thousands of other files and back, until the board counts right; keys go on meanwhile."""
        waits = self._sample("switch-key").values
        for number in range(2 * ((self.effort.wishes + 1) // 2)):
            branch = ("other", "main")[number % 2]
            right = rf"REVIEW {self.vault.reviews[branch]}\b"
            screen.settle(0.5)
            screen.forget()
            begun = clock()
            command = ["git", "switch", "--quiet", branch]
            with subprocess.Popen(command, cwd=self.place.folder, env=dict(self.place.env)) as switching:
                waits.append(self._type_until(screen, right))
                yield screen.last - begun
                if switching.wait():
                    raise Failed("git switch failed")

    def _type_until(self, screen: Terminal, pattern: str, patience: float = 120.0) -> float:
        """Type j and k until the screen shows a pattern; the longest time a key waited for any output."""
        longest, end = 0.0, clock() + patience
        for key in itertools.cycle("jk"):
            begun = screen.press(key)
            answered = False
            while clock() < begun + 0.05 or not answered:
                if screen.pump(0.05):
                    longest = longest if answered else max(longest, screen.last - begun)
                    answered = True
                    if re.search(pattern, screen.seen):
                        return longest
                if clock() > end:
                    raise Failed(f"no {pattern} within {patience:.0f} s")
        raise AssertionError

    def _switches_alone(self) -> list[float]:
        return [self.place.seconds("git", "switch", "--quiet", branch) for branch in ("other", "main")]
