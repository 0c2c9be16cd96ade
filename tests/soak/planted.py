"""Losses to be planted in two clones that have met, so that their judge can show that it finds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.soak.clones import acknowledge
from tests.team import Clone


@dataclass(frozen=True, slots=True)
class Evidence:
    """The folder of a run, and its clones."""

    folder: Path
    clones: dict[str, Clone]

    @property
    def first(self) -> Clone:
        return next(iter(self.clones.values()))

    def tokens(self, *, kept: bool) -> list[str]:
        """The tokens that were acknowledged and are to be kept, or not."""
        lines = [line for log in sorted(self.folder.glob("*.jsonl")) for line in log.read_text().split("\n") if line]
        return [said["token"] for said in map(json.loads, lines) if said["kept"] == kept]

    def without(self, token: str) -> None:
        """Take a token out of the files of the first clone, and commit that."""
        for path in self.first.root.rglob("*.md"):
            text = path.read_bytes()
            path.write_bytes(text.replace(token.encode(), b"gone"))
        self.first.git("commit", "-qam", "without it")

    def share(self) -> None:
        """What the first clone says is what everybody has."""
        for one in list(self.clones.values())[1:]:
            one.git("fetch", "-q", str(self.first.root), "main")
            one.git("reset", "-q", "--hard", "FETCH_HEAD")


def cut_history(evidence: Evidence) -> None:
    """All from the commit on that brought a write is forgotten."""
    token = evidence.tokens(kept=True)[-1]
    commit = evidence.first.git("log", "--format=%H", f"-S{token}", "--reverse").split()[0]
    evidence.first.git("reset", "-q", "--hard", f"{commit}~1")
    evidence.share()


def never_write(evidence: Evidence) -> None:
    """A write was acknowledged, and there is no trace of it."""
    with (evidence.folder / "ana.jsonl").open("a", encoding="utf-8") as noted:
        acknowledge(noted, "tok-that-nobody-wrote", kept=False)


def overwrite_blindly(evidence: Evidence) -> None:
    """A file is written again as if a comment or tag had never been."""
    evidence.without(evidence.tokens(kept=True)[0])
    evidence.share()


def merge_ours_alone(evidence: Evidence) -> None:
    """A merge takes one side's files whole, and the other side's writes out of them."""
    one, token = evidence.first, evidence.tokens(kept=True)[-1]
    commit = one.git("log", "--format=%H", f"-S{token}", "--reverse").split()[0]
    tree = one.git("rev-parse", f"{commit}~1^{{tree}}").strip()
    merge = one.git("commit-tree", tree, "-p", f"{commit}~1", "-p", "HEAD", "-m", "ours alone").strip()
    one.git("reset", "-q", "--hard", merge)
    evidence.share()


def never_meet(evidence: Evidence) -> None:
    """One clone stays behind."""
    list(evidence.clones.values())[1].git("reset", "-q", "--hard", "HEAD~1")


PLANTED: dict[Callable[[Evidence], None], str] = {
    cut_history: "in the merged history",
    never_write: "in the merged history",
    overwrite_blindly: "in the files",
    merge_ours_alone: "in the files",
    never_meet: "end equal",
}
"""Each loss with a word of the claim that must fail."""
