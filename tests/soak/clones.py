"""Two clones, written to and synced all the time, their processes killed at random; in the end nothing may be missing.

`python -m tests.soak.clones --minutes 2`. Each clone has a writer and a syncer of its own. A write counts once it was
acknowledged, and is known by a token: it must be in the merged history, and in the files if nothing took it out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random, SystemRandom
from typing import TextIO

from planner import resolving
from planner.commands import Add, Comment, Set, Tag
from planner.commands.base import Command
from planner.errors import PlannerError
from planner.session import Session
from tests.soak.checker import Claim
from tests.team import Clone, clone, git, make_origin

ROOT = Path(__file__).parents[2]
EVERY = 3.0  # seconds between two syncs of a clone
STRIKES = 1.5  # seconds between two kills, on average
ACTORS = tuple((name, what) for name in ("ana", "bo") for what in ("write", "sync"))


# ---- in processes of their own ---------------------------------------------------------------------------------------


def write(root: Path, log: Path, random: Random) -> None:
    """One wish after the other; each is noted once it was acknowledged."""
    with Session.open(root) as session, log.open("a", encoding="utf-8") as noted:
        while True:
            token = f"tok{random.randrange(16**10):010x}"
            session.refresh()
            items = [item for item in session.vault.items if not item.broken]
            with contextlib.suppress(PlannerError):
                wish = _wish(random, token, random.choice(items).id)
                if session.run(wish).op:
                    acknowledge(noted, token, kept=isinstance(wish, Comment | Tag))
            time.sleep(random.uniform(0.05, 0.4))


def acknowledge(noted: TextIO, token: str, *, kept: bool) -> None:
    """Note a write; one that is `kept` no other wish takes out again (titles are set over one another)."""
    noted.write(json.dumps({"token": token, "kept": kept}) + "\n")
    noted.flush()


def _wish(random: Random, token: str, id_: str) -> Command:
    chance = random.random()
    if chance < 0.2:
        return Add(f"Chore {token}")
    if chance < 0.5:
        return Comment(id_, token)
    return Tag((id_,), (f"+{token}",)) if chance < 0.8 else Set((id_,), (f"title={token}",))


def sync(root: Path, log: Path, random: Random) -> None:
    """Sync again and again; what is asked is answered one way or the other."""
    del log
    while True:
        with Session.open(root) as session, contextlib.suppress(PlannerError):
            meet(session, random)
        time.sleep(random.uniform(0.5, 1.5) * EVERY)


def meet(session: Session, random: Random) -> None:
    """Sync, and answer whatever is asked."""
    while session.sync().questions:
        for matter in resolving.matters(session):
            answer = random.choice(["ours", "theirs"])
            with contextlib.suppress(PlannerError):
                resolving.resolve(session, matter.name, {question.field: answer for question in matter.questions})


# ---- the soak ----------------------------------------------------------------------------------------------------------


def soak(folder: Path, seconds: float, seed: str) -> list[Claim]:
    """Let them loose, kill them now and then, and judge what is left."""
    random = Random(seed)
    origin = make_origin(folder)
    clones = {name: clone(origin, folder, name) for name in ("ana", "bo")}
    running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
    lives, kills, end = 0, 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            for actor in ACTORS:
                if actor not in running or running[actor].poll() is not None:
                    lives += 1
                    running[actor] = _start(folder, actor, f"{seed}/{lives}")
            time.sleep(random.expovariate(1 / STRIKES))
            running[random.choice(ACTORS)].kill()
            kills += 1
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    print(f"soak: {kills} kills")
    for name in ("ana", "bo", "ana", "bo"):
        with clones[name].session() as session:
            meet(session, random)
    return judge(folder, clones)


def _start(folder: Path, actor: tuple[str, str], seed: str) -> subprocess.Popen[bytes]:
    name, what = actor
    argv = [sys.executable, "-m", "tests.soak.clones", "--actor", what, str(folder / name), seed]
    own = {f"XDG_{kind}_HOME": str(folder / "home" / kind) for kind in ("CACHE", "CONFIG", "STATE")}
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | own
    with (folder / f"{name}-{what}.talk").open("ab") as talk:
        return subprocess.Popen(argv, cwd=ROOT, env=env | {"GIT_CONFIG_GLOBAL": os.devnull}, stdout=talk, stderr=talk)


def judge(folder: Path, clones: dict[str, Clone]) -> list[Claim]:
    """What must hold of two clones that have met for the last time."""
    ana = clones["ana"].root
    history = git(ana, "log", "--format=", "-p", "--unified=0", "main")
    files = "\n".join(path.read_text() for path in sorted(ana.rglob("*.md")))
    written = Claim("acknowledged writes in the merged history")
    kept = Claim("acknowledged comments and tags in the files")
    for log in sorted(folder.glob("*.jsonl")):
        for line in log.read_text().split("\n"):
            with contextlib.suppress(ValueError):  # cut off by a kill
                said = json.loads(line)
                written.check(f"{said['token']}" in history, said["token"])
                if said["kept"]:
                    kept.check(said["token"] in files, said["token"])
    equal = Claim("clones that end equal, clean and sound")
    for one in clones.values():
        equal.check(one.head == clones["ana"].head, f"{one.root}: another commit")
        equal.check(one.is_clean(), f"{one.root}: {one.git('status', '--short')}")
        equal.check(not one.git("fsck", "--strict", "--no-dangling", "--no-progress"), f"{one.root}: fsck")
        with one.session() as session:
            broken = [file.path for file in session.vault.files.values() if file.item is not None and file.item.broken]
            equal.check(not broken and not session.journal.pending(), f"{one.root}: {broken}")
    crashes = Claim("actors that ended only by a kill")
    for talk in sorted(folder.glob("*.talk")):
        said = talk.read_text("utf-8", "replace")
        crashes.check("Traceback" not in said, f"{talk.name}: {said[-600:]}")
    return [written, kept, equal, crashes]


def played(name: str, soak: Callable[[Path, float, str], list[Claim]], minutes: float, seed: str) -> int:
    """Play a soak and say what held; where something did not, its evidence stays, and the exit code is 1."""
    seed = seed or str(SystemRandom().randrange(10**9))
    folder = Path(tempfile.mkdtemp(prefix=f"planner-{name}-"))
    print(f"soak: seed {seed}, {minutes:g} minutes, evidence in {folder}", flush=True)
    claims = soak(folder, 60 * minutes, seed)
    for claim in claims:
        print(claim, *claim.failures[:4], sep="\n  ")
    good = all(claim.held == claim.total for claim in claims)
    if good:
        shutil.rmtree(folder)
    return 0 if good else 1


def main() -> int:
    """Run a soak, or one of its actors."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.clones", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", default="")
    parser.add_argument("--actor", nargs=3, metavar=("WHAT", "ROOT", "SEED"))
    options = parser.parse_args()
    if options.actor:
        what, root, seed = options.actor
        actors: dict[str, Callable[[Path, Path, Random], None]] = {"write": write, "sync": sync}
        actors[what](Path(root), Path(root).parent / f"{Path(root).name}-{os.getpid()}.jsonl", Random(seed))
        return 0
    return played("clones", soak, options.minutes, options.seed)


if __name__ == "__main__":
    sys.exit(main())
