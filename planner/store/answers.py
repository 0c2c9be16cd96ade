"""What the user has answered to the questions of a merge, kept until the merge is made.

An answer belongs to the very values it was given for: where one of them is another by now, it is asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from planner.store import fsops

FILE = "answers.json"


def key(path: str, field: str, *values: str | None) -> str:
    """Stand for one question: a file, a field, and what base, ours and theirs say of it."""
    return hashlib.sha256(json.dumps((path, field, values)).encode("ascii")).hexdigest()[:32]


def load(folder: Path) -> dict[str, str]:
    """Return the answers by question. Raises OSError."""
    try:
        found = json.loads(fsops.get().read(folder / FILE))
    except (FileNotFoundError, ValueError):  # nothing was answered yet, or it has to be answered again
        return {}
    return found if isinstance(found, dict) else {}


def save(folder: Path, answers: Mapping[str, str]) -> None:
    """Keep these answers, or none any more. Raises OSError."""
    ops = fsops.get()
    if not answers:
        ops.unlink_if_there(folder / FILE)
        return
    ops.make_dirs(folder)
    fresh = folder / f"{FILE}.{os.getpid()}"
    ops.unlink_if_there(fresh)
    ops.write_new(fresh, json.dumps(answers).encode("ascii"), 0o600)
    ops.rename(fresh, folder / FILE)
