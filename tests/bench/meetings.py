"""What meeting others costs: the merge of one file in a process of its own, and whole syncs with much on either side."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence

from tests.bench import vault
from tests.bench.measure import Failed, Place
from tests.bench.vault import Vault

BOTH = 500
"""Files that both sides have changed, unless half of the vault is fewer."""
REMOTE = 2_000
"""Commits of others, unless the vault has fewer tasks."""
DRIVEN = 15
"""Files merged one after the other."""
TIMES = 2
LARGEST = 10_000
"""Tasks of the largest vault that is cloned for this."""

Measured = Callable[[], Iterator[float]]


class Meetings:
    """Two clones of a vault's `main` around a bare one, in a folder of their own."""

    def __init__(self, made: Vault, place: Place, planner: Sequence[str]) -> None:
        self.vault, self.place, self.planner = made, place, planner
        self.folder = made.root.parent / "meetings"

    def measures(self) -> Iterator[tuple[str, Measured]]:
        """The rows that can be measured on a vault of this size."""
        yield "git-merge-file", lambda: self._merged("git", "merge-file", "ours", "base", "theirs")
        yield (
            "merge-driver",
            lambda: self._merged(*self.planner[:-2], "merge-driver", "base", "ours", "theirs", "7", "x.md"),
        )
        if self.vault.count <= LARGEST:
            yield "sync-both", self._both
            yield "sync-remote", self._remote

    def _merged(self, *command: str) -> Iterator[float]:
        """One task whose status one side has set and whose priority, on a line far away, the other."""
        self.folder.mkdir(exist_ok=True)
        place, base = Place(self.folder, self.place.env), vault.task(0).text()
        (self.folder / "base").write_text(base, encoding="utf-8")
        (self.folder / "theirs").write_text(f"{base}\nThe end.\n", encoding="utf-8")
        for _ in range(DRIVEN):
            (self.folder / "ours").write_text(_with_status(base, "done"), encoding="utf-8")
            yield place.seconds(*command)

    def _both(self) -> Iterator[float]:
        """Ours and theirs have each changed another field of the same files."""
        tasks = [vault.task(number) for number in range(min(BOTH, self.vault.count // 2))]
        for _ in range(TIMES):
            here, there = self._clones()
            for task in tasks:
                path = there.folder / task.path
                path.write_text(_with_status(path.read_text(encoding="utf-8"), "review"), encoding="utf-8")
                path = here.folder / task.path
                path.write_text(
                    path.read_text(encoding="utf-8").replace("\ntags: [", "\ntags: [met, ", 1), encoding="utf-8"
                )
            for one in (here, there):
                one.run("git", "commit", "-qam", "many")
            there.run("git", "push", "-q", "origin", "HEAD:main")
            yield self._sync(here)
            text = (here.folder / tasks[0].path).read_text(encoding="utf-8")
            if "status: review" not in text or "tags: [met, " not in text:
                raise Failed(f"the merge says {text[:200]}")

    def _remote(self) -> Iterator[float]:
        """Others have made many commits, we one."""
        commits = min(REMOTE, self.vault.count)
        for _ in range(TIMES):
            here, there = self._clones()
            lines = []
            for number in range(commits):
                was = (there.folder / vault.task(number).path).read_text(encoding="utf-8")
                text = _with_status(was, "review").encode()
                lines.append(
                    f"commit refs/heads/main\ncommitter A <a@example.org> {vault.COMMIT_SECONDS} +0000\ndata 1\nx\n"
                )
                lines.append("from refs/heads/main^0\n" if not number else "")
                lines.append(f"M 100644 inline {vault.task(number).path}\ndata {len(text)}\n{text.decode()}\n")
            subprocess.run(
                ["git", "fast-import", "--quiet", "--force"],
                cwd=self.folder / "origin.git",
                input="".join(lines).encode(),
                check=True,
            )
            path = here.folder / vault.task(self.vault.count - 1).path
            path.write_text(f"{path.read_text(encoding='utf-8')}\nMine.\n", encoding="utf-8")
            yield self._sync(here)
            count = here.run(
                "git", "rev-list", "--count", "HEAD", "--not", there.run("git", "rev-parse", "HEAD")[1].strip()
            )[1]
            if int(count) != commits + 2:
                raise Failed(f"{count.strip()} commits came together")

    def _sync(self, here: Place) -> float:
        return here.seconds(*self.planner, "sync", patience=300)

    def _clones(self) -> tuple[Place, Place]:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.place.run(
            "git",
            "clone",
            "-q",
            "--bare",
            "--single-branch",
            "--branch",
            "main",
            str(self.vault.root),
            str(self.folder / "origin.git"),
        )
        places = []
        for name in ("here", "there"):
            self.place.run("git", "clone", "-q", str(self.folder / "origin.git"), str(self.folder / name))
            one = Place(self.folder / name, self.place.env)
            one.run("git", "config", "user.name", name)
            one.run("git", "config", "user.email", f"{name}@example.org")
            (one.folder / ".git" / "info" / "attributes").write_text("*.md merge=planner\n", encoding="utf-8")
            places.append(one)
        return places[0], places[1]


def _with_status(text: str, status: str) -> str:
    head, _, rest = text.partition("\nstatus: ")
    return f"{head}\nstatus: {status}\n{rest.partition(chr(10))[2]}"
