"""What one person has begun on this machine and not sent: lines typed and left, and the running clock.

Nothing of it belongs into the vault. It is written while it is typed, so that neither escape nor a crash loses it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from planner.store import fsops, places

FILE = "begun.json"


class Begun(MutableMapping[str, str]):
    """Texts by name, kept in one small file of the user's state folder; writing never makes a key wait.

    Without a file, or where it cannot be written, texts live as long as the process. An empty text is none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._texts = _read(path) if path is not None else {}
        self._work: ThreadPoolExecutor | None = None
        self._due: Future[None] | None = None

    @classmethod
    def of(cls, root: Path) -> Begun:
        """What was begun in the vault of that folder."""
        return cls(places.personal_folder(root) / FILE)

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __setitem__(self, name: str, text: str) -> None:
        if not text:
            self.pop(name, None)
        elif self._texts.get(name) != text:
            self._texts[name] = text
            self._keep()

    def __delitem__(self, name: str) -> None:
        del self._texts[name]
        self._keep()

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def close(self) -> None:
        """Wait until everything is on disk."""
        if self._work is not None:
            self._work.shutdown()
            self._work = None

    def _keep(self) -> None:
        """Write soon; many changes in a row make one writing more than the one under way."""
        if self._path is None or (self._due is not None and not (self._due.running() or self._due.done())):
            return
        if self._work is None:
            self._work = ThreadPoolExecutor(1, "planner-begun")
        self._due = self._work.submit(self._write, self._path)

    def _write(self, path: Path) -> None:
        texts = dict(self._texts)
        with contextlib.suppress(OSError):  # a full disk must not stop the typing; it is still in memory
            ops = fsops.get()
            if not texts:
                ops.unlink_if_there(path)
                return
            ops.make_dirs(path.parent)
            new = path.with_name(f"{path.name}.{os.getpid()}")
            ops.unlink_if_there(new)
            ops.write_new(new, json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass"), 0o600)
            ops.rename(new, path)


def _read(path: Path) -> dict[str, str]:
    """What the file holds; nothing where there is none or it makes no sense."""
    try:
        found = json.loads(fsops.get().read(path).decode("utf-8", "surrogatepass"))
    except (OSError, ValueError):
        return {}
    return {str(name): text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
