"""`python -m tests.soak --minutes 10`: everything writes to one vault at once, and no acknowledged write may be lost."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from tests.soak.checker import AUTHOR, Claim, Sample, check, check_processes
from tests.soak.evidence import gather
from tests.soak.history import Place, read_logs
from tests.soak.wishes import seed_files

ROOT = Path(__file__).parents[2]
WRITERS = ("cli", "inplace", "rename", "user", "nemesis", "observer")
SESSIONS = ("session", "tui")
MORTAL = ("session",)  # started again after a kill; the command line's victims are its children
LIMIT = 150.0  # seconds an actor is given to end
SHOWN = 8


def build(place: Place) -> None:
    """A vault in a repository of its own, with one commit."""
    place.make()
    for path, text in seed_files().items():
        (place.vault / path).parent.mkdir(parents=True, exist_ok=True)
        (place.vault / path).write_text(text, encoding="utf-8")
    name, _, email = AUTHOR.rstrip(">").partition(" <")
    settings = {"user.name": name, "user.email": email, "commit.gpgsign": "false", "gc.auto": "0"}
    calls = [["init", "-q", "-b", "main"], *(["config", *pair] for pair in settings.items())]
    exclude = ("*~", ".planner-tmp-*")
    for words in (*calls, ["add", "-A"], ["commit", "-qm", "begin"]):
        subprocess.run(["git", *words], cwd=place.vault, check=True, capture_output=True)
    with (place.git_dir / "info" / "exclude").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in exclude)


@dataclass(slots=True)
class Troupe:
    """The actors' processes: started, started again, sampled, and ended."""

    place: Place
    seed: str
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def start(self, name: str) -> None:
        """Start an actor in a process of its own."""
        argv = [sys.executable, "-m", "tests.soak.actors", name, str(self.place.folder), self.seed]
        talk = (self.place.folder / "talk" / name).open("ab")
        with talk:
            self.running[name] = subprocess.Popen(
                argv, cwd=ROOT, env=_environment(self.place), stdout=talk, stderr=talk
            )

    def look_after(self) -> None:
        """Start again who was killed; note who ended otherwise; sample the long-lived."""
        for name, process in list(self.running.items()):
            code = process.poll()
            if code is not None and not self.place.is_set("stop"):
                if not (code == -9 and name in MORTAL):
                    self.faults.append(f"{name} ended with {code}: {self._last_words(name)}")
                self.start(name)
            elif code is None and name in SESSIONS and self._is_up(name, process.pid):
                self.samples.extend(_sample(name, process.pid))

    def _is_up(self, name: str, pid: int) -> bool:
        """Whether a session has opened the vault, and is not one that is still starting."""
        file = self.place.pid_file(name)
        return file.exists() and file.read_text() == str(pid)

    def end(self, names: Sequence[str]) -> None:
        """Wait until these have ended by themselves."""
        deadline = time.monotonic() + LIMIT
        for name in names:
            process = self.running[name]
            try:
                code = process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.faults.append(f"{name} did not end")
                process.kill()
                process.wait()
            else:
                if code and not (code == -9 and name in MORTAL):
                    self.faults.append(f"{name} ended with {code}: {self._last_words(name)}")

    def kill(self) -> None:
        """End whoever is left, whatever happened."""
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def _last_words(self, name: str) -> str:
        return (self.place.folder / "talk" / name).read_text("utf-8", "replace")[-400:]


def _environment(place: Place) -> dict[str, str]:
    """No settings of this machine's user, and a cache of the run's own; one arena, so that growth is what is held."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {f"XDG_{kind}_HOME": str(place.folder / "home" / kind) for kind in ("CACHE", "CONFIG", "STATE")}
    return (
        kept
        | own
        | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "MALLOC_ARENA_MAX": "1",
            "TERM": "xterm-256color",
        }
    )


def _sample(name: str, pid: int) -> Iterator[Sample]:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
        kilobytes = int(status.partition("VmRSS:")[2].split()[0])
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        yield Sample(time.time(), name, pid, kilobytes, files, tuple(_zombies(pid)))
    except (OSError, IndexError, ValueError):
        return  # it was killed while it was looked at


def _zombies(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            state = Path(f"/proc/{child}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
            if state == "Z":
                yield int(child)


def soak(place: Place, seconds: float, seed: str) -> list[Claim]:
    """Let all of them loose for a while; returns every claim."""
    build(place)
    troupe = Troupe(place, seed)
    begun = time.time()
    try:
        for name in (*SESSIONS, *WRITERS):
            troupe.start(name)
        while (now := time.time()) < begun + seconds:
            troupe.look_after()
            if now > begun + seconds / 2 and not place.is_set("steady"):
                place.set("steady")
            time.sleep(min(1.0, seconds / 20))
        ended = time.time()
        place.set("stop")
        troupe.end(WRITERS)
        place.set("quiet")
        troupe.end(SESSIONS)
        troupe.start("ending")
        troupe.end(["ending"])
    finally:
        troupe.kill()
    stayed = Claim("actors that ended only when they were told to")
    for name in troupe.running:
        said = [fault for fault in troupe.faults if fault.startswith(name)]
        stayed.check(not said, f"{len(said)} times: {said[-1]}" if said else "")
    return [*check(gather(place)), *check_processes(troupe.samples, begun, ended), stayed]


def report(claims: Sequence[Claim], counts: Mapping[str, int]) -> bool:
    """Print every claim, the failing cases with it; whether all held."""
    print("soak: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    for claim in claims:
        print(claim)
        for case in claim.failures[:SHOWN]:
            print(f"  {case}")
    return all(claim.held == claim.total for claim in claims)


def main() -> int:
    """Run a soak and judge it; the evidence is kept where a claim failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", default="", help="the seed of an earlier run")
    parser.add_argument("--folder", type=Path, default=None, help="where to keep the evidence, also of a good run")
    options = parser.parse_args()
    seed = options.seed or str(SystemRandom().randrange(10**9))
    place = Place(options.folder or Path(tempfile.mkdtemp(prefix="planner-soak-")))
    print(f"soak: seed {seed}, {options.minutes:g} minutes, evidence in {place.folder}", flush=True)
    claims = soak(place, options.minutes * 60, seed)
    ops = read_logs(place)
    counts = {name: sum(op.actor == name for op in ops) for name in (*SESSIONS, *WRITERS) if name != "observer"}
    good = report(claims, counts)
    if good and options.folder is None:
        shutil.rmtree(place.folder)
    elif not good:
        print(f"soak: FAILED with seed {seed}; the histories are in {place.folder}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
