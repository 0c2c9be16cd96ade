"""The only stateful object: it holds the current vault, carries wishes out, commits, watches, and tells listeners."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from planner.commands.base import Command, Context
from planner.core.change import Change, Delta
from planner.core.config import PATH as CONFIG_PATH
from planner.core.ids import slug
from planner.core.model import Item, Unread
from planner.core.vault import Vault, diff
from planner.errors import ConfigError, Invalid, PlannerError, Stale
from planner.store import files, places, writing
from planner.store.git import Repository, discover
from planner.store.journal import Journal

if TYPE_CHECKING:
    from planner.history import Event
    from planner.store.watch import Batch, Watcher

ROUNDS = 8  # times a wish is planned again because the file changed under it
OP_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
Listener = Callable[[Delta], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish: its change, its operation, its commit (None: not committed, `waiting` says why)."""

    change: Change
    vault: Vault
    op: str | None = None
    commit: str | None = None
    waiting: PlannerError | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items the change was about, as they are now; deleted ones are left out."""
        found = (self.vault.get(id_) for id_ in self.change.items)
        return tuple(item for item in found if item is not None)


def find_vault(start: Path) -> Path | None:
    """The nearest folder upward that holds a planner.toml."""
    return next((folder for folder in (start, *start.parents) if (folder / CONFIG_PATH).is_file()), None)


class Session:
    """One open vault. Reading its `vault` is free; every other method may touch disk and git.

    Methods may be called from any thread; listeners are called on the thread that made the change.
    """

    def __init__(self, root: Path, repo: Repository | None, *, today: date | None = None) -> None:
        self.root = root
        self.repo = repo
        self.lock = threading.RLock()
        self._today = today
        self._listeners: list[Listener] = []
        self._watcher: Watcher | None = None
        git_dir = Path(repo.git_dir) if repo else None
        self.displaced = places.displaced_folder(root, git_dir)
        self.journal = Journal(places.journal_folder(root, git_dir), keep=0 if repo else 200)
        self.random = random.Random()  # noqa: S311 (ids need no secrecy)
        self.notices: list[str] = []
        self.vault = Vault()
        self._me: str | None = None

    @classmethod
    def open(cls, path: Path | str, *, today: date | None = None) -> Session:
        """Open the vault in a folder; raises ConfigError where it is no folder, GitFailed where git refuses it."""
        root = Path(path).expanduser()
        if not root.is_dir():
            raise ConfigError(f"{path} is no folder", "name a folder with --vault, or run `planner init`")
        root = root.resolve()
        session = cls(root, discover(root), today=today)
        session.vault = Vault.parse(session._read_all())
        session.recover()
        return session

    # ---- reading -----------------------------------------------------------------------------------------------

    @property
    def prefix(self) -> str:
        """The vault's folder as git names it, from the top of the work tree: empty or ending in `/`."""
        return self.repo.prefix if self.repo else ""

    def today(self) -> date:
        """The day it is for this session: the clock's, unless another was given."""
        return self._today or self.now().date()

    def now(self) -> datetime:
        """The time in the vault's zone; on a given day, the clock's time of that day."""
        zone = None
        if self.vault.config.timezone:
            from zoneinfo import ZoneInfo

            zone = ZoneInfo(self.vault.config.timezone)
        now = datetime.now(zone).astimezone(zone)
        return now.replace(year=self._today.year, month=self._today.month, day=self._today.day) if self._today else now

    def context(self) -> Context:
        """What a wish may know: the clock, the user, randomness."""
        stamp = self.vault.config.stamp or self.repo is None
        return Context(self.today(), self.now(), self.me(), self.random, stamp)

    def me(self) -> str:
        """The person git's identity belongs to: by e-mail or alias, else the slug of git's user name."""
        if self._me is None:
            identity = self.repo.identity() if self.repo else None
            self._me = person_of(self.vault, identity.name if identity else "", identity.email if identity else "")
        return self._me

    def _ignored(self) -> frozenset[str]:
        if self.repo is None:
            return frozenset()
        return frozenset(
            path.removeprefix(self.prefix) for path in self.repo.ignored_folders(self.prefix) if path != self.prefix
        )

    def _read_all(self) -> Mapping[str, str | Unread]:
        tree = files.read_tree(self.root, ignored=self._ignored())
        return {**tree.texts, **{unread.path: unread for unread in tree.unread}}

    def _read(self, paths: Iterable[str]) -> dict[str, str | Unread | None]:
        wanted = list(paths)
        tree = files.read_paths(self.root, wanted)
        found: dict[str, str | Unread | None] = dict.fromkeys(wanted)
        found.update(tree.texts)
        found.update({unread.path: unread for unread in tree.unread})
        return found

    def at(self, rev: str) -> Vault:
        """The vault as it was at a commit; raises NotFound for an unknown one, Invalid without git."""
        from planner.history import vault_at

        return vault_at(self, rev)

    def read_texts(self, paths: Iterable[str]) -> dict[str, str | None]:
        """The texts on disk right now; None for a file that is not there or may not be read."""
        return {path: text if isinstance(text, str) else None for path, text in self._read(paths).items()}

    # ---- writing -----------------------------------------------------------------------------------------------

    def plan(self, command: Command) -> Change:
        """What a wish would do; touches nothing."""
        return command.plan(self.vault, self.context())

    def run(self, command: Command) -> Outcome:
        """Carry a wish out: written, committed, shown. Planned again on the fresh vault where a file changed under it.

        Raises NotFound, Ambiguous, Invalid, Stale, WriteFailed; a commit that has to wait is told by the Outcome.
        """
        with self.lock:
            for _ in range(ROUNDS):
                change = self.plan(command)
                try:
                    return self.carry_out(change)
                except writing.Changed:
                    self.refresh([edit.path for edit in change.edits])
                    self._refuse_if_stale(change)
            raise Stale("the file keeps changing while it is written", "try again in a moment")

    def carry_out(self, change: Change) -> Outcome:
        """Write and commit a planned change; raises writing.Changed where a text on disk is not what was planned on."""
        if change.is_noop:
            return Outcome(change, self.vault)
        if self.vault.config.read_only:
            raise Invalid(
                f"this vault is of format {self.vault.config.format}, newer than this program",
                "install a newer planner",
            )
        change = replace(change, edits=tuple(edit for edit in change.edits if not edit.is_noop))
        op = "".join(self.random.choices(OP_ALPHABET, k=12))
        self.journal.begin(op, self._subject(change), change.body, change.edits, change.undoes)
        try:
            writing.write(self.root, change.edits, displaced=self.displaced, op_id=op)
        except (writing.Changed, PlannerError):
            self.journal.abandoned(op)
            raise
        self.journal.accepted(op)
        self._turn({edit.path: edit.after for edit in change.edits})
        commit, waiting = self._commit(op)
        return Outcome(change, self.vault, op, commit, waiting)

    def _subject(self, change: Change) -> str:
        return f"{self.vault.config.commit.prefix}{change.subject}"

    def _refuse_if_stale(self, change: Change) -> None:
        """Raises Stale where what the change was to set has been set to something else meanwhile."""
        from planner.core.merge import merge_texts

        for edit in change.edits:
            file = self.vault.files.get(edit.path)
            now = file.text if file is not None else None
            if now == edit.before or edit.before is None or edit.after is None:
                continue
            if now is None:
                raise Stale(f"{edit.path} has been deleted meanwhile", "planner list shows what there is")
            conflicts = merge_texts(base=edit.before, ours=now, theirs=edit.after).conflicts
            if conflicts:
                said = "; ".join(f"{conflict.field} is now {conflict.ours or 'gone'}" for conflict in conflicts)
                raise Stale(f"{edit.path} changed meanwhile: {said}", "look at it and say again what you want")

    def _commit(self, op: str) -> tuple[str | None, PlannerError | None]:
        """Commit this operation after those of ours that still wait; None and the reason where it has to wait too."""
        if self.repo is None:
            self.journal.committed(op, None)
            return None, None
        from planner.landing import land_waiting

        try:
            return land_waiting(self).get(op), None
        except PlannerError as error:
            return None, error

    def retry(self) -> None:
        """Commit what had to wait, if it can be committed by now."""
        from planner.landing import land_waiting

        with self.lock, contextlib.suppress(PlannerError):  # it goes on waiting; the screen has said why
            land_waiting(self)

    def recover(self) -> None:
        """Make good what an earlier process left half done: accepted changes are committed, others finished or undone."""
        from planner.landing import recover

        with self.lock:
            recover(self)

    # ---- history -----------------------------------------------------------------------------------------------

    def undo(self, target: str | None = None) -> Outcome:
        """Take back my newest operation, or the one named by operation id or revision; what changed since stays."""
        from planner.history import undo

        with self.lock:
            return undo(self, target)

    def redo(self) -> Outcome:
        """Take back my newest undo."""
        from planner.history import redo

        with self.lock:
            return redo(self)

    def log(self, item: Item | None = None, *, field: str | None = None, limit: int | None = None) -> Iterator[Event]:
        """What changed, field by field, newest first: of one item or of the vault."""
        from planner.history import events

        return events(self, item, field=field, limit=limit)

    def birth(self, path: str) -> tuple[datetime | None, str]:
        """When a path first came into history and by whose hand (an e-mail); None where it never did."""
        from planner.history import birth

        return birth(self, path)

    def uncommitted(self) -> tuple[str, ...]:
        """Paths in the vault with changes that are in no commit yet, of files planner reads and what they link to."""
        from planner.landing import uncommitted

        return uncommitted(self)

    def commit_by_hand(self, message: str | None = None, *, paths: Sequence[str] | None = None) -> Outcome:
        """Commit what was edited by hand (in these files), under a subject derived from the fields that changed."""
        from planner.landing import commit_by_hand

        with self.lock:
            return commit_by_hand(self, message, paths)

    # ---- what others do ----------------------------------------------------------------------------------------

    def refresh(self, paths: Iterable[str] | None = None) -> Delta:
        """Read these paths again, or everything; listeners hear of what differs."""
        with self.lock:
            if paths is None:
                texts: dict[str, str | Unread | None] = dict.fromkeys(self.vault.files)
                texts.update(self._read_all())
                if CONFIG_PATH not in texts and not any(p.code == "no-config" for p in self.vault.config.problems):
                    texts[CONFIG_PATH] = None
            else:
                texts = self._read(paths)
            return self._turn(texts)

    def _turn(self, texts: Mapping[str, str | Unread | None]) -> Delta:
        old = self.vault
        known = {path for path in texts if files.is_vault_file(path)}
        self.vault = old.apply({path: texts[path] for path in known})
        delta = diff(old, self.vault)
        if delta.config or any(path.startswith("people/") for path in delta.paths):
            self._me = None
        self._notify(delta)
        return delta

    def _notify(self, delta: Delta) -> None:
        if delta:
            for listener in tuple(self._listeners):
                listener(delta)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every Delta from now on; returns the way to stop it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    def watch(self, on_git: Callable[[], None] | None = None) -> Watcher:
        """Follow the files from now on; `on_git` hears of a moved HEAD or a changed index. Ends with `close`."""
        from planner.store.watch import Watcher

        def on_change(batch: Batch) -> None:
            if batch.overflow:
                self.refresh()
            elif batch.paths:
                self.refresh(batch.paths)
            if batch.head_changed or batch.index_changed:
                self.retry()
                if on_git is not None:
                    on_git()

        if self._watcher is None:
            self._watcher = Watcher(self.root, on_change, git_dir=Path(self.repo.git_dir) if self.repo else None)
            self._watcher.start()
        return self._watcher

    @property
    def watching(self) -> str:
        """How the files are followed: `inotify`, `poll`, or nothing where they are not."""
        return self._watcher.mode if self._watcher is not None else ""

    def close(self) -> None:
        """Stop watching; tidy what may be forgotten."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def person_of(vault: Vault, name: str, email: str) -> str:
    """The id of the person with this git identity, else the slug of the name."""
    for person in vault.people.values():
        known = {address.casefold() for address in (*person.texts("email"), *person.texts("aliases"))}
        if (email and email.casefold() in known) or (name and name.casefold() in known):
            return person.id
    return slug(name) or slug(email.partition("@")[0]) or "me"
