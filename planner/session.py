"""The only stateful object: it holds the current vault, carries wishes out, commits, watches, and tells listeners."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.change import Change, Delta, Edit
from planner.core.config import PATH as CONFIG_PATH
from planner.core.model import Item, ParsedFile, Unread
from planner.core.record import dataclass, replace
from planner.core.vault import Vault, diff
from planner.errors import ConfigError, Invalid, PlannerError, Stale
from planner.store import files, places
from planner.store.git import Repository, discover, discover_bare

if TYPE_CHECKING:
    from random import Random

    from planner.commands.base import Command, Context
    from planner.core.events import Event, FieldChange, Revision
    from planner.following import Follower
    from planner.past import Present
    from planner.store.cold import Tell
    from planner.store.history import Ancestry
    from planner.store.index import Seen
    from planner.store.journal import Journal, Pending
    from planner.store.watch import Watcher
    from planner.syncing import Synced

ROUNDS = 8  # times a wish is planned again because the file changed under it
IGNORED = "is ignored by git: saved, but in no commit (`git add --force` would put it there)"
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
        self._follower: Follower | None = None
        self.git_dir = Path(repo.git_dir) if repo else None
        self.displaced = places.displaced_folder(root, self.git_dir)
        self.notices: list[str] = []
        self.vault = Vault()
        self._seen: Seen | None = None  # how the folders were when they were read, until stamps are made of it
        self._stamps: dict[str, files.Stamp] = {}
        self._read_since: dict[str, files.Stamp | None] = {}
        self.ignored: frozenset[str] = frozenset()
        self._me: str | None = None
        self._in_vain: object = None  # how git stood when the last retry failed: our own traces of it start no other

    @classmethod
    def open(cls, path: Path | str, *, today: date | None = None, tell: Tell | None = None) -> Session:
        """Open the vault in a folder; `tell` hears how far a long reading is.

        Raises ConfigError where it is no folder, GitFailed where git refuses it.
        """
        root = Path(path).expanduser()
        if not root.is_dir():
            raise ConfigError(f"{path} is no folder", "name a folder with --vault, or run `planner init`")
        root = root.resolve()
        if not (root / CONFIG_PATH).is_file() and (bare := discover_bare(root)) is not None:
            session = cls(root, bare, today=today)
            session.vault = session.at("HEAD") if bare.head().commit else Vault()
            return session
        session = cls(root, discover(root), today=today)
        session._read(tell)
        session._look_at_trust()
        session.recover()
        return session

    def _look_at_trust(self) -> None:
        """Say so where git could run something here that the user has not looked at: until then commits wait."""
        from planner.store.trust import examine

        found = examine(self.repo) if self.repo is not None else None
        if found is not None and not found.trusted:
            self.notices.append(f"{found.sentence}; planner trust shows what would run")

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

    @cached_property
    def random(self) -> Random:
        """Where new ids come from; they need no secrecy."""
        from random import Random

        return Random()  # noqa: S311

    @cached_property
    def journal(self) -> Journal:
        """Where a change is written down before it is made."""
        from planner.store.journal import Journal

        return Journal(places.journal_folder(self.root, self.git_dir), keep=0 if self.repo else 200)

    def context(self) -> Context:
        """What a wish may know: the clock, the user, randomness."""
        from planner.commands.base import Context

        stamp = self.vault.config.stamp or self.repo is None
        return Context(self.today(), self.now(), self.me(), self.random, stamp)

    def me(self) -> str:
        """The person git's identity belongs to: by e-mail or alias, else the slug of git's user name."""
        if self._me is None:
            from planner.core.people import author, authors

            name, email = self.repo.mapped_identity() if self.repo else ("", "")
            self._me = author(self.vault, name, email)
            if len(found := authors(self.vault, name, email)) > 1:
                ids = ", ".join(person.id for person in found)
                self.notices.append(
                    f"{ids} are all called {name}; you count as {self._me}: write `email: {email}` into the right file"
                )
        return self._me

    def ask_ignored(self) -> frozenset[str]:
        """The folders that git ignores now, relative and ending in `/`; they are left out from now on."""
        if self.repo is not None:
            ignored = self.repo.ignored_folders(self.prefix)
            self.ignored = frozenset(path.removeprefix(self.prefix) for path in ignored if path != self.prefix)
        return self.ignored

    def _read(self, tell: Tell | None) -> None:
        """The vault by way of its cache, or file by file."""
        from planner.store.opening import open_vault

        folder, state = places.cache_folder(self.root), self.repo.ignore_state() if self.repo else ""
        opened = open_vault(self.root, folder, self.ask_ignored, state, tell or (lambda _done, _all: None))
        self.vault, self.ignored = opened.vault, opened.seen.ignored
        self._seen = opened.seen

    @property
    def stamps(self) -> dict[str, files.Stamp]:
        """Of the files as they were read, as far as they prove the text."""
        if self._seen is not None:
            self._stamps = files.steady(files.stamps(self._seen.listings), self._seen.began)
            self._seen = None
        for path, stamp in self._read_since.items():
            if stamp is None:
                self._stamps.pop(path, None)
            else:
                self._stamps[path] = stamp
        self._read_since.clear()
        return self._stamps

    def read(self, paths: Iterable[str]) -> dict[str, str | Unread | None]:
        """What these paths hold on disk right now; None where there is nothing, or nothing of the vault's."""
        wanted, began = list(paths), time.time_ns()
        tree = files.read_paths(self.root, wanted, ignored=self.ignored)
        self._read_since.update({**dict.fromkeys(wanted), **files.steady(tree.stamps, began)})
        found: dict[str, str | Unread | None] = dict.fromkeys(wanted)
        found.update(tree.texts)
        found.update({unread.path: unread for unread in tree.unread})
        return found

    def at(self, rev: str) -> Vault:
        """The vault as it was at a commit, or on a day; raises NotFound for an unknown one, Invalid without git."""
        from planner.past import vault_at

        return vault_at(self, rev)

    def read_texts(self, paths: Iterable[str]) -> dict[str, str | None]:
        """The texts on disk right now; None for a file that is not there or may not be read."""
        return {path: text if isinstance(text, str) else None for path, text in self.read(paths).items()}

    # ---- writing -----------------------------------------------------------------------------------------------

    def plan(self, command: Command) -> Change:
        """What a wish would do; touches nothing."""
        return command.plan(self.vault, self.context())

    def run(self, command: Command) -> Outcome:
        """Carry a wish out: written, committed, shown. Planned again on the fresh vault where a file changed under it.

        Raises NotFound, Ambiguous, Invalid, Stale, WriteFailed; a commit that has to wait is told by the Outcome.
        """
        from planner.commands.stale import refuse_if_stale
        from planner.store import writing

        with self._writing():
            for _ in range(ROUNDS):
                change = self.plan(command)
                try:
                    return self.carry_out(change)
                except writing.Changed:
                    self.refresh([edit.path for edit in change.edits])
                    refuse_if_stale(change, self.vault)
            raise Stale("the file keeps changing while it is written", "try again in a moment")

    def carry_out(self, change: Change) -> Outcome:
        """Write and commit a planned change; raises writing.Changed where a text on disk is not what was planned on."""
        from planner.store.journal import Pending

        if change.is_noop:
            return Outcome(change, self.vault)
        if self.repo is not None and self.repo.bare:
            raise Invalid("this repository is bare: it has no files to change", "git clone it, and work there")
        if self.vault.config.read_only:
            raise Invalid(
                f"this vault is of format {self.vault.config.format}, newer than this program",
                "install a newer planner",
            )
        change = replace(change, edits=tuple(edit for edit in change.edits if not edit.is_noop))
        op = "".join(self.random.choices(OP_ALPHABET, k=12))
        head = self.repo.head().commit if self.repo else None
        self.accept(
            Pending(op, self._subject(change), change.body, change.edits, change.undoes, head=head), change.edits
        )
        commit, waiting = self._commit(op)
        if commit is None and waiting is None and self.repo is not None:
            ignored = sorted(self.repo.ignored(self.prefix + path for path in change.paths))
            change = replace(change, notices=(*change.notices, *(f"{path} {IGNORED}" for path in ignored)))
        return Outcome(change, self.vault, op, commit, waiting)

    def accept(self, op: Pending, writes: Sequence[Edit]) -> None:
        """Write an operation's files, on record before and after; raises writing.Changed, WriteFailed with none written."""
        from planner.store import writing

        self.journal.begin(op.op_id, op.subject, op.body, op.edits, op.undoes, head=op.head)
        try:
            writing.write(self.root, writes, displaced=self.displaced, op_id=op.op_id)
        except (writing.Changed, PlannerError) as error:
            if not getattr(error, "left", ()):  # else the next start makes it good
                self.journal.abandoned(op.op_id)
            raise
        self.journal.accepted(op.op_id)
        self.turn({edit.path: edit.after for edit in writes})

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time; what the system refuses is told as a wish that cannot be met, with the path."""
        with self.lock:
            try:
                self._put_back()
                yield
            except OSError as error:
                from planner.store import writing

                raise writing.refused(error) from error

    def _put_back(self) -> None:
        """Commit again what the user's git took off the branch while it was committed."""
        from planner.store import reflog

        folder = places.journal_folder(self.root, self.git_dir)
        if self.repo is not None and reflog.taken_off(self.repo.git_dir, folder):
            from planner.store import writing
            from planner.takenoff import put_back

            try:
                put_back(self)
            except (writing.Changed, PlannerError) as error:
                self.notices.append(f"a commit that git took off is not made again yet: {error}")

    def _subject(self, change: Change) -> str:
        return f"{self.vault.config.commit.prefix}{change.subject}"

    def _commit(self, op: str) -> tuple[str | None, PlannerError | None]:
        """Commit this operation after those of ours that still wait; None and the reason where it has to wait too."""
        if self.repo is None:
            self.journal.committed(op, None)
            return None, None
        from planner.landing import land_waiting
        from planner.store import writing

        try:
            landed = land_waiting(self)
        except OSError as error:
            return None, writing.refused(error, "the change is saved, its commit waits")
        return landed.commits.get(op), landed.waiting.get(op)

    def retry(self) -> None:
        """Commit what had to wait, if it can be committed by now."""
        from planner.landing import standing, was_in_vain

        with self.lock, contextlib.suppress(PlannerError, OSError):  # it goes on waiting; the screen has said why
            self._put_back()
            if self._in_vain is None or self._in_vain != standing(self):
                self._in_vain = was_in_vain(self)

    def recover(self) -> None:
        """Make good what an earlier process left half done: accepted changes are committed, others finished or undone."""
        with self.lock:
            with contextlib.suppress(OSError):  # a vault that can only be read is opened all the same
                self._put_back()
            if places.may_be_unsettled(self.root, self.git_dir, time.time()):
                from planner.landing import recover

                recover(self)

    # ---- history -----------------------------------------------------------------------------------------------

    def undo(self, target: str | None = None) -> Outcome:
        """Take back my newest operation, or the one named by operation id or revision; what changed since stays."""
        from planner.history import undo

        with self._writing():
            return undo(self, target)

    def redo(self) -> Outcome:
        """Take back my newest undo."""
        from planner.history import redo

        with self._writing():
            return redo(self)

    def log(
        self,
        item: Item | None = None,
        *,
        field: str | None = None,
        limit: int | None = None,
        since: str | None = None,
        ancestry: Ancestry = "all",
    ) -> Iterator[Event]:
        """What changed, field by field, newest first: of one item or of the vault; since a revision, a day or `seen`."""
        from planner.past import events

        return events(self, item, field=field, limit=limit, since=since, ancestry=ancestry)

    def revisions(self, item: Item | None = None, *, ancestry: Ancestry = "all") -> Iterator[Revision]:
        """The commits behind the vault (or one item) with what each changed, newest first; see planner.past."""
        from planner.past import revisions

        return revisions(self, item, ancestry=ancestry)

    def presence(self) -> tuple[Present, ...]:
        """Who else changed what lately, as far as their commits have been fetched."""
        from planner.past import presence

        return presence(self)

    def difference(self, old: str, new: str | None = None) -> tuple[FieldChange, ...]:
        """What differs between two revisions or days, field by field; between one and the files where `new` is None."""
        from planner.past import difference

        return difference(self, old, new)

    def birth(self, path: str) -> tuple[datetime | None, str]:
        """When a path first came into history and by whose hand (an e-mail); None where it never did."""
        from planner.past import birth

        return birth(self, path)

    def uncommitted(self) -> tuple[str, ...]:
        """Paths in the vault with changes that are in no commit yet, of files planner reads and what they link to."""
        from planner.byhand import uncommitted

        return uncommitted(self)

    def commit_by_hand(self, message: str | None = None, *, paths: Sequence[str] | None = None) -> Outcome:
        """Commit what was edited by hand (in these files), under a subject derived from the fields that changed."""
        from planner.byhand import commit_by_hand

        with self._writing():
            return commit_by_hand(self, message, paths)

    def sync(
        self,
        *,
        say: Callable[[str], None] = lambda _words: None,
        stop: Callable[[], bool] | None = None,
        everything: bool = False,
    ) -> Synced:
        """Take what others pushed and send what is new here; see planner.syncing.run."""
        from planner.syncing import run

        return run(self, say=say, stop=stop, everything=everything)

    # ---- what others do ----------------------------------------------------------------------------------------

    def scan(self) -> files.Tree:
        """What there is to read now, without the texts."""
        return files.scan_tree(self.root, ignored=self.ask_ignored())

    def differing(self, seen: files.Tree) -> dict[str, str | Unread | None]:
        """What differs by its stamp from what was read before, read anew; None for what is gone."""
        before = self.vault.files
        odd = {unread.path: unread for unread in seen.unread}
        gone = (before.keys() | self.stamps.keys()) - seen.stamps.keys() - odd.keys()
        texts = self.read([*(path for path, stamp in seen.stamps.items() if self.stamps.get(path) != stamp), *gone])
        texts.update({path: None for path in gone if not isinstance(texts[path], str)})
        texts.update({path: unread for path, unread in odd.items() if not _same(before.get(path), unread)})
        return texts

    def refresh(self, paths: Iterable[str] | None = None) -> Delta:
        """Read these paths again, or everything; listeners hear of what differs."""
        with self.lock:
            texts = self.differing(self.scan()) if paths is None else self.read(paths)
            return self.turn(texts)

    def turn(
        self,
        texts: Mapping[str, str | Unread | None],
        doubt: Callable[[Vault, Vault], Collection[str]] = lambda _old, _new: (),
    ) -> Delta:
        """Make these texts (None: gone) those of the vault; listeners hear of what differs.

        `doubt` is shown the vault before and after, and names the paths that are to stay as they are.
        """
        old = self.vault
        known = {
            path
            for path, text in texts.items()
            if files.is_vault_file(path) or isinstance(text, Unread) or path in old.files
        }
        new = old.apply({path: texts[path] for path in known})
        if left := doubt(old, new):
            known -= set(left)
            new = old.apply({path: texts[path] for path in known})
        self.vault = new
        delta = diff(old, self.vault, None if CONFIG_PATH in known else known)
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
        from planner.following import Follower

        if self._follower is None:
            self._follower = Follower(self, on_git)
            self._follower.watcher.start()
        return self._follower.watcher

    def look_again(self) -> None:
        """Compare all files soon, where they are followed: something may have changed unheard."""
        if self._follower is not None:
            self._follower.watcher.look()

    @property
    def watching(self) -> str:
        """How the files are followed: `inotify`, `poll`, or nothing where they are not."""
        return self._follower.watcher.mode if self._follower is not None else ""

    @property
    def watching_notice(self) -> str:
        """Why changes of others show up late, where they do."""
        return self._follower.watcher.notice if self._follower is not None else ""

    def close(self) -> None:
        """Stop watching; tidy what may be forgotten."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.watcher.stop()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _same(file: ParsedFile | None, unread: Unread) -> bool:
    """Whether a file that was not read is not read for the same reason now."""
    said = file.problems[0] if file is not None and file.unread and file.problems else None
    return said is not None and (said.code, said.message) == (unread.code, unread.message)
