"""Keeps a session's vault equal to its files while others write them: what the watcher tells, read and judged."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.config import PATH as CONFIG_PATH
from planner.core.config import Config
from planner.core.model import Unread
from planner.core.shelf import BROKEN, FLAGS
from planner.core.vault import Vault
from planner.errors import PlannerError
from planner.store import files
from planner.store.news import Batch
from planner.store.watch import Watcher

if TYPE_CHECKING:
    from planner.session import Session

YOUNG = 1.0  # seconds in which a file that makes no sense may still be half-written
AGAIN = 2.0  # seconds

Texts = Mapping[str, str | Unread | None]


class Follower:
    """Follows the files of one session; `heard` is called in the watcher's thread."""

    def __init__(
        self,
        session: Session,
        on_git: Callable[[], None] | None = None,
        *,
        watcher: Watcher | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._on_git = on_git
        self._clock = clock
        git_dir = Path(session.repo.git_dir) if session.repo else None
        self.watcher = watcher or Watcher(session.root, self.heard, git_dir=git_dir)
        self.watcher.leave_out(session.ignored)

    def heard(self, batch: Batch) -> None:
        """Make the vault what the files are now; where git or the disk refuses that, again in a moment."""
        try:
            if batch.overflow:
                self._compare()
            elif batch.paths:
                self._read(batch.paths)
        except (PlannerError, OSError):
            self.watcher.look(after=AGAIN)
        if batch.head_changed or batch.index_changed:
            self._session.retry()
            if self._on_git is not None:
                self._on_git()

    def _read(self, paths: Iterable[str]) -> None:
        session = self._session
        with session.lock:
            texts = session.read(paths)
            if any(isinstance(text, Unread) or (session.root / path).is_symlink() for path, text in texts.items()):
                self.watcher.look()  # links and the like hang on other files
            self._turn(texts)

    def _compare(self) -> None:
        """Read what differs from what was read before by its stamp, and nothing else."""
        session = self._session
        seen = session.scan()
        self.watcher.leave_out(session.ignored)
        while self._widen(seen):
            seen = session.scan()
        with session.lock:
            self._turn(session.differing(seen))

    def _widen(self, seen: files.Tree) -> bool:
        """Hear of what links point to, and of odd things that are none of the vault's files, from now on."""
        root = os.path.realpath(self._session.root)
        odd = [unread.path.rstrip("/") for unread in seen.unread]
        real = (os.path.realpath(f"{root}/{path}") for path in (*odd, *seen.links))
        inside = {path.removeprefix(f"{root}/") for path in real if path.startswith(f"{root}/")}
        return self.watcher.follow_also(frozenset(inside | {path for path in odd if not files.is_vault_file(path)}))

    def _turn(self, texts: Texts) -> None:
        """Show these texts, but for files that are probably being written: they are looked at again."""

        half: set[str] = set()

        def doubt(old: Vault, new: Vault) -> set[str]:
            half.update(path for path in _spoiled(old, new, texts) if self._is_young(path))
            return half

        self._session.turn(texts, doubt)
        if half:
            self.watcher.again(half, YOUNG)

    def _is_young(self, path: str) -> bool:
        try:
            return 0 <= self._clock() - (self._session.root / path).stat().st_mtime < YOUNG
        except OSError:
            return False


def _spoiled(old: Vault, new: Vault, texts: Texts) -> Iterator[str]:
    """The files that make no sense any more with these texts, or are new and make none."""
    if CONFIG_PATH in texts and not _is_unread(old.config) and (texts[CONFIG_PATH] == "" or _is_unread(new.config)):
        yield CONFIG_PATH
    for path, text in texts.items():
        if isinstance(text, str) and _is_broken(new, path) and not _is_broken(old, path):
            yield path


def _is_broken(vault: Vault, path: str) -> bool:
    return path in vault.rows and bool(vault.rows[path][FLAGS] & BROKEN)


def _is_unread(config: Config) -> bool:
    return any(fault.code in {"bad-toml", "no-config"} for fault in config.problems)
