"""Two screens on terminals of their own, on two clones of the demo, typed at, synced and killed; nothing may be missing.

`python -m tests.soak.screens --minutes 2`. What is typed carries a token. It is acknowledged once it is in the files of its
clone: from then on no `kill -9` may lose it. In the end, five losses are planted in copies, and the judge must find each.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from planner.store.demo import build, find_sample
from tests.bench.measure import Failed, Place, Terminal
from tests.soak.checker import Claim
from tests.soak.clones import EVERY, ROOT, acknowledge, judge, meet, played
from tests.soak.planted import PLANTED, Evidence
from tests.team import Clone, clone, environment, git

NAMES = ("ana", "bo")
LIFE = 12.0  # seconds until a screen is killed, on average
YOUNG = 3.0  # seconds a screen lives at least
HURRY = 0.3  # of the kills come in the middle of a wish
HOT = 2  # items that get most of the wishes
PATIENCE = 10.0  # seconds until a wish counts as never acknowledged
ESCAPE, SYNC, ENTER, EMPTY = "\x1b", "\x07", "\r", "\x15"
_ID = re.compile(r"^id: (\w+)$", re.MULTILINE)
_ASKS = "g ! asks"


# ---- one at the keys ---------------------------------------------------------------------------------------------------


@dataclass
class Person:
    """Types at the screen of one clone, which is killed and started again, and notes what is acknowledged."""

    root: Path
    random: Random
    log: Path
    counts: dict[str, int] = field(
        default_factory=lambda: {"typed": 0, "acknowledged": 0, "kills": 0, "syncs": 0, "answers": 0}
    )

    def go_on(self, end: float) -> None:
        """One life of the screen after the other."""
        while time.monotonic() < end:
            screen = Terminal(Place(self.root, os.environ), sys.executable, "-m", "planner", "--vault", str(self.root))
            try:
                screen.wait_for(r"\[3 Board\]")
                self._live(screen, time.monotonic() + YOUNG + self.random.expovariate(1 / (LIFE - YOUNG)))
            except Failed as failed:
                print(
                    f"Traceback: {self.root.name}'s screen ended by itself: {failed}\n{screen.seen[-3000:]}", flush=True
                )
            with contextlib.suppress(ProcessLookupError, OSError):
                screen.kill()
            self.counts["kills"] += 1

    def _live(self, screen: Terminal, end: float) -> None:
        synced = time.monotonic()
        while (now := time.monotonic()) < end:
            screen.forget()
            self._free(screen)
            if now - synced >= EVERY:
                screen.press(SYNC)
                synced = now
                self.counts["syncs"] += 1
            self._wish(screen, end)
            if _ASKS in screen.seen:
                self._answer(screen)
            _pump(screen, self.random.uniform(0.1, 0.6))
        if self.random.random() < HURRY:
            self._type(screen, self._token())
            _pump(screen, self.random.uniform(0.0, 0.3))

    def _free(self, screen: Terminal) -> None:
        """Leave whatever is open."""
        for _ in range(2):
            screen.press(ESCAPE)
            _pump(screen, 0.15)  # else it and the next key are one

    def _wish(self, screen: Terminal, end: float) -> None:
        token = self._token()
        kept = self._type(screen, token)
        patience = min(time.monotonic() + PATIENCE, end)
        while time.monotonic() < patience:
            _pump(screen, 0.05)
            if self._is_written(token):
                with self.log.open("a", encoding="utf-8") as noted:
                    acknowledge(noted, token, kept=kept)
                self.counts["acknowledged"] += 1
                return

    def _token(self) -> str:
        return f"tok{self.random.randrange(16**10):010x}"

    def _type(self, screen: Terminal, token: str) -> bool:
        """Type one wish; whether nothing that anybody types later takes its token out of the files."""
        self.counts["typed"] += 1
        id_, line = self._pick(), f":{EMPTY}"
        here = f"{line}{id_}{ENTER}"
        typed, kept = self.random.choice(
            [
                (f"a{EMPTY}Chore {token}{ENTER}", False),
                (f"{line}comment {id_} {token}{ENTER}", True),
                (f"{line}comment {id_} {token}{ENTER}", True),
                (f"{line}tag {id_} +{token}{ENTER}", True),
                (f"{here}m{EMPTY}+{token}{ENTER}", True),
                (f"{here}i{EMPTY}{token}{ENTER}", False),
                (f"{here}L{line}set {id_} title={token}{ENTER}", False),
            ]
        )
        screen.press(typed)
        return kept

    def _pick(self) -> str:
        """An item, one of a few hot ones more often than not, so that the two persons meet."""
        paths = sorted([*(self.root / "tasks").glob("*.md"), *(self.root / "projects").glob("*/[!p]*.md")])
        path = self.random.choice(paths[: HOT if self.random.random() < 0.7 else None])
        found = _ID.search(_text(path))
        return found[1] if found else "none"

    def _is_written(self, token: str) -> bool:
        return any(token in _text(path) for path in self.root.rglob("*.md"))

    def _answer(self, screen: Terminal) -> None:
        """Settle what a merge asks, one question after the other, ours or theirs."""
        for _ in range(20):
            self._free(screen)
            screen.forget()
            screen.press("g!")
            _pump(screen, 1.0)
            if "open: changed on both sides" not in screen.seen:
                return
            screen.press(ENTER)
            _pump(screen, 0.5)
            screen.press(self.random.choice(["ours", "theirs"]) + ENTER)
            self.counts["answers"] += 1
            _pump(screen, 1.0)


def _pump(screen: Terminal, seconds: float) -> None:
    """Read what the screen prints for so long."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        screen.pump(left)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""  # it was moved meanwhile


# ---- the soak ----------------------------------------------------------------------------------------------------------


def clones_of_the_demo(folder: Path) -> dict[str, Clone]:
    """Two clones around a bare one, each of a person of their own."""
    build(find_sample(), folder / "demo", datetime.now().astimezone().date())
    git(folder, "clone", "-q", "--bare", "demo", "origin.git")
    return {name: clone(folder / "origin.git", folder, name) for name in NAMES}


def soak(folder: Path, seconds: float, seed: str) -> list[Claim]:
    """Let both type, and judge what is left; then plant losses."""
    clones = clones_of_the_demo(folder)
    running = [_start(folder, name, seconds, f"{seed}/{name}") for name in NAMES]
    for process in running:
        process.wait()
    for name in NAMES:
        print(f"soak: {name}: {(folder / f'{name}.counts').read_text()}")
    for name in (*NAMES, *NAMES):
        with clones[name].session() as session:
            meet(session, Random(seed))
    claims = judge(folder, clones)
    if all(claim.held == claim.total for claim in claims):
        claims.append(planted(folder))
    return claims


def planted(folder: Path) -> Claim:
    """Whether the judge finds each loss that is planted in a copy of what it found good."""
    found = Claim("planted losses found by the judge")
    for plant, wanted in PLANTED.items():
        with tempfile.TemporaryDirectory(prefix="planner-planted-") as place:
            copy = Path(place) / "run"
            shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns("home", "demo"))
            evidence = Evidence(copy, {name: Clone(copy / name) for name in NAMES})
            plant(evidence)
            broken = [claim.name for claim in judge(copy, evidence.clones) if claim.held != claim.total]
            found.check(any(wanted in name for name in broken), f"{plant.__name__}: {broken}")
    return found


def _start(folder: Path, name: str, seconds: float, seed: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "tests.soak.screens", "--person", str(folder / name), str(seconds), seed]
    own = {f"XDG_{kind}_HOME": str(folder / "home" / name / kind) for kind in ("CACHE", "CONFIG", "STATE")}
    env = environment() | own | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    with (folder / f"{name}.talk").open("ab") as talk:
        return subprocess.Popen(argv, cwd=ROOT, env=env, stdout=talk, stderr=talk)


def type_along(root: Path, seconds: float, seed: str) -> None:
    """Be one of the two persons, in a process of their own."""
    person = Person(root, Random(seed), root.parent / f"{root.name}.jsonl")
    person.go_on(time.monotonic() + seconds)
    (root.parent / f"{root.name}.counts").write_text(json.dumps(person.counts), encoding="utf-8")


def main() -> int:
    """Run a soak, or be one of its persons."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.screens", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", default="")
    parser.add_argument("--person", nargs=3, metavar=("ROOT", "SECONDS", "SEED"))
    options = parser.parse_args()
    if options.person:
        root, seconds, seed = options.person
        type_along(Path(root), float(seconds), seed)
        return 0
    return played("screens", soak, options.minutes, options.seed)


if __name__ == "__main__":
    sys.exit(main())
