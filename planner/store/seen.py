"""Up to where a person has looked: one commit a vault, in the user's state folder and never in the vault."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from planner.core.record import dataclass
from planner.store import fsops


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest commit that was looked at, and when; the time serves where the commit is no longer there."""

    commit: str
    when: datetime


def read(folder: Path) -> Mark | None:
    """The mark kept in a folder, None where there is none that can be read."""
    try:
        said = json.loads(fsops.get().read(folder / "seen"))
        return Mark(str(said["commit"]), datetime.fromisoformat(said["when"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(folder: Path, mark: Mark) -> None:
    """Keep a mark; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps({"commit": mark.commit, "when": mark.when.isoformat()})
    (folder / "seen.new").write_text(text, encoding="utf-8")
    fsops.get().rename(folder / "seen.new", folder / "seen")
