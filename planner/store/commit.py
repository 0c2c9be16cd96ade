"""One commit of given texts at given paths, and of nothing else the user has staged or edited.

Objects are written first (blobs as `git add` would, the trees on the paths, the commit), then the user's index entries
for these paths, last HEAD by compare-and-swap. The other order is wrong: with HEAD moved and the index stale, the
user's next plain `git commit` would silently revert ours.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from planner.core.record import dataclass
from planner.errors import GitFailed
from planner.store import fsops, locks, process, staging
from planner.store.authorship import commit_body, is_utf8, signatures
from planner.store.fsops import Completed
from planner.store.git import (
    AGAIN,
    GitBusy,
    HalfStaged,
    Head,
    HeadMoved,
    Hooks,
    Identity,
    IndexEntry,
    Repository,
    Setting,
)
from planner.store.newobjects import NewObjects, attribute_paths, converts, is_stored_as_it_is
from planner.store.objects import (
    FILE,
    LINK,
    PROGRAM,
    SUBMODULE,
    TREE,
    Entry,
    blob_id,
    entry_at,
    file_text,
    fresh_trees,
    hash_object,
    index_info,
    read_trees,
    store_blobs,
)
from planner.store.staging import Replaced

ROUNDS = 60  # lost races for HEAD before giving up
HOOK_TIMEOUT = 30.0  # seconds, for hooks and for a signer
COMMIT_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")

_HELD_LOCK = re.compile(r"Unable to create '(?P<path>.+\.lock)': File exists")
_FORBIDDEN_PARTS = {"", ".", "..", ".git"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be committed, and how; texts are as in the work tree, None is a deleted file."""

    changes: Mapping[str, bytes | None]
    message: str
    author: Identity | None
    when: datetime | None
    expected: Mapping[str, bytes | None]
    staged: Mapping[str, bytes]
    staged_over: Mapping[str, str]
    hooks: Hooks
    allow_detached: bool
    patience: float
    noted: bool  # in no journal, so that what it puts into the index has to be on record

    @property
    def subject(self) -> str:
        return self.message.split("\n", 1)[0]


def commit_paths(repo: Repository, wish: Wish) -> str | None:
    """Commit the wish on top of HEAD and return the commit's id, or None when HEAD holds all of it already.

    Raises GitBusy (a merge or the like is unfinished, or a lock is held longer than `patience` seconds), HalfStaged (the
    user staged a text of one of these paths that is neither HEAD's nor ours, and `staged` has no text for it), HeadMoved
    (HEAD's text is not `expected`), NotTrusted (git could run a program nobody has consented to), GitFailed (a hook, the
    signer, an unknown author, a detached HEAD). After each of them HEAD and the user's index are as before. New files
    that git ignores are left out.
    """
    for path in (*wish.changes, *wish.staged):
        if _FORBIDDEN_PARTS & {part.lower() for part in path.split("/")}:
            raise ValueError(f"not a path inside the repository: {path!r}")
    deadline = time.monotonic() + wish.patience
    settings = repo.settings()
    landing = _Landing(repo.vouched(settings), wish, settings, deadline)
    with locks.landing(repo, deadline):
        return landing.commit()


class _Landing:
    """The rounds of one commit: what was learned once, and which index entries were replaced."""

    def __init__(self, repo: Repository, wish: Wish, settings: Sequence[Setting], deadline: float) -> None:
        self.repo = repo
        self.wish = wish
        self.settings = settings
        self.config = {setting.key: setting.value for setting in settings}
        self.deadline = deadline
        self.new = NewObjects(repo, settings)
        self.blobs: dict[str, str] = {}
        self.staged: dict[str, str] = {}
        self.replaced: dict[str, Replaced] = {}
        self.notes: list[str] = []

    def commit(self) -> str | None:
        """Try until HEAD stands still; whatever is raised, the user's index is given back."""
        try:
            for _ in range(ROUNDS):
                done, commit = self.attempt()
                if done:
                    return commit
            raise GitBusy(f"HEAD moved {ROUNDS} times while this was being committed.", "Try again.")
        except (GitFailed, OSError):
            try:
                staging.put_back(self.repo, self.replaced)
            except (GitFailed, OSError):
                self.notes.clear()  # not forgotten: the next start puts back what is on record
            raise
        finally:
            for note in self.notes:
                with contextlib.suppress(OSError):
                    staging.forget(note)

    def attempt(self) -> tuple[bool, str | None]:
        """Try once on the present HEAD; return whether that settled it, and the new commit if there is one."""
        head = self._standing()
        self._await_locks()
        trees = read_trees(self.repo, head.commit, self.wish.changes)
        committed = {path: entry_at(trees, path) for path in self.wish.changes}
        attributes = {name for path in self.wish.changes for name in attribute_paths(path)}
        index = self.repo.index_entries([*self.wish.changes, *sorted(attributes)])
        if not self.blobs:
            self._check_attributes({name: index[name] for name in attributes if name in index})
            self.blobs = self._blobs({path: data for path, data in self.wish.changes.items() if data is not None})
            self.staged = self._blobs(self.wish.staged)
        wanted = self._wanted(committed, index)
        self._check_expected({path: committed[path] for path in wanted})
        if all(committed[path] == entry for path, entry in wanted.items()):
            return True, None
        target = self._index_target(committed, wanted, index)
        hooks = self.wish.hooks == "run" and live_hooks(self.repo, self.config)
        if hooks:
            self._check_work_tree(wanted)
            self.new.write()
            self._write_index(target, index)
            commit = self._commit_by_git(head, list(wanted))
        else:
            tree, bodies = fresh_trees(self.repo, trees, wanted)
            for body in bodies:
                self.new.add("tree", body)
            commit = self._commit_object(tree, head)
            self._write_index(target, index)
            commit = commit if self._move_head(head, commit) else ""
        if not commit:
            return False, None
        if hooks and self.staged:
            self._write_index(target, {})
        return True, commit

    # ---- what must hold ------------------------------------------------------------------------------------------

    def _standing(self) -> Head:
        unfinished = self.repo.busy()
        if unfinished and unfinished != "bisect":
            hint = f"Finish it (`git {unfinished} --continue`) or give it up (`git {unfinished} --abort`)."
            raise GitBusy(f"A {unfinished} is unfinished in this repository; the commit waits.", hint)
        if unfinished:
            raise GitBusy("A bisect is running in this repository; the commit waits.", "`git bisect reset` ends it.")
        head = self.repo.head()
        if head.detached and not self.wish.allow_detached:
            raise GitFailed("HEAD is detached: a commit here would be on no branch.", "`git switch BRANCH` first.")
        return head

    def _wanted(
        self, committed: Mapping[str, Entry | None], index: Mapping[str, IndexEntry]
    ) -> dict[str, Entry | None]:
        new = [path for path in self.blobs if committed[path] is None and path not in index]
        ignored = self.repo.ignored(new)
        wanted: dict[str, Entry | None] = {}
        for path in self.wish.changes:
            before = committed[path]
            if before and before[0] in (TREE, LINK, SUBMODULE):
                raise GitFailed(f"{path} is not a plain file in git; it is not committed from here.")
            if path in self.blobs and path not in ignored:
                wanted[path] = (self._mode(before, index.get(path), path), self.blobs[path])
            elif path not in self.blobs:
                wanted[path] = None
        return wanted

    def _mode(self, before: Entry | None, staged: IndexEntry | None, path: str) -> str:
        """Keep the mode git knows; a mode changed in the work tree only is not ours to commit."""
        if before:
            return before[0]
        return staged.mode if staged else PROGRAM if self._file_mode(path) == PROGRAM else FILE

    def _check_expected(self, committed: Mapping[str, Entry | None]) -> None:
        for path, data in self.wish.expected.items():
            if path not in committed:
                continue  # git ignores it
            entry = committed[path]
            if data is None or entry is None:
                same = data is None and entry is None
            else:
                same = blob_id(self.repo, data) == entry[1] or hash_object(self.repo, path, data) == entry[1]
            if not same:
                raise HeadMoved(f"HEAD holds another text of {path} than this change was made from.", "Try again.")

    def _index_target(
        self,
        committed: Mapping[str, Entry | None],
        wanted: Mapping[str, Entry | None],
        index: Mapping[str, IndexEntry],
    ) -> dict[str, Entry | None]:
        """Return what the index is to hold for each path: the new text, or the user's own staged one brought along."""
        target: dict[str, Entry | None] = {}
        for path, entry in wanted.items():
            present = index.get(path)
            if present and present.stage:
                raise GitBusy(
                    f"{path} has an unresolved conflict in git's index.", f"Resolve it, then `git add {path}`."
                )
            mode = present.mode if present else entry[0] if entry else FILE
            if path in self.staged:
                over = self.wish.staged_over.get(path)
                if over is not None and (present is None or present.oid not in (over, self.staged[path])):
                    raise HalfStaged(f"{path} was staged again meanwhile.", AGAIN)
                target[path] = (mode, self.staged[path])
                continue
            oids = {
                _oid(committed[path]),
                _oid(entry),
                _oid(self.replaced[path].ours if path in self.replaced else entry),
            }
            intended = present and committed[path] is None and present.oid == blob_id(self.repo, b"")  # git add -N
            if (present.oid if present else None) not in oids and not intended:
                message = f"{path} is staged with another text than the one to be committed."
                raise HalfStaged(message, f"Commit what you staged, or `git restore --staged {path}`.")
            target[path] = (mode, entry[1]) if entry else None
        return target

    def _check_attributes(self, tracked: Mapping[str, IndexEntry]) -> None:
        """`git add` reads attribute files missing from the work tree in the index; `git hash-object` does not."""
        lost = {entry.oid: path for path, entry in tracked.items() if file_text(self.repo, path) is None}
        for oid, blob in self.repo.blobs(lost).items():
            if converts(blob):
                message = f"{lost[oid]} names filters and is missing from the work tree; nothing is committed."
                raise GitFailed(message, f"`git restore {lost[oid]}`, or commit that it is deleted.")

    def _check_work_tree(self, paths: Iterable[str]) -> None:
        """Hooks see, and `git commit --only` takes, the files as they lie: they must still be ours."""
        changed = [path for path in paths if file_text(self.repo, path) != self.wish.changes[path]]
        if changed:
            raise GitBusy(f"{changed[0]} was edited again before the hooks could run.", "`planner commit` commits it.")

    # ---- what is written -----------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        env: dict[str, str] = {}
        if self.wish.author:
            env |= {"GIT_AUTHOR_NAME": self.wish.author.name, "GIT_AUTHOR_EMAIL": self.wish.author.email}
        if self.wish.when:
            aware = self.wish.when if self.wish.when.tzinfo else self.wish.when.astimezone()
            date = f"@{int(aware.timestamp())} {aware:%z}"
            env |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        return env

    def _message(self) -> bytes:
        return (self.wish.message.replace("\0", "").rstrip("\n") + "\n").encode("utf-8", "surrogateescape")

    def _blobs(self, texts: Mapping[str, bytes]) -> dict[str, str]:
        """Take in texts as `git add` would; git itself filters those that may need it."""
        raw = {path for path, data in texts.items() if is_stored_as_it_is(self.repo, self.settings, path, data)}
        stored = store_blobs(self.repo, {path: data for path, data in texts.items() if path not in raw})
        return {path: self.new.add("blob", data) if path in raw else stored[path] for path, data in texts.items()}

    def _commit_object(self, tree: str, head: Head) -> str:
        """Write the commit with all it holds; by `git commit-tree` where it is signed, or by whom only git can tell."""
        signed = ("-S",) if self.config.get("commit.gpgsign", "").lower() in ("true", "yes", "on", "1") else ()
        people = None if signed else signatures(self.config, self._environment())
        if people is not None and is_utf8(self._message()):
            parents = [head.commit] if head.commit else []
            commit = self.new.add("commit", commit_body(tree, parents, people, self._message()))
            self.new.write()
            return commit
        self.new.write()
        parent = ("-p", head.commit) if head.commit else ()
        args = ("commit-tree", *signed, *parent, tree)
        env = self._environment()
        completed = self.repo.try_run(*args, input=self._message(), env=env, timeout=HOOK_TIMEOUT)
        if completed.returncode == 0:
            return completed.stdout.decode().strip()
        if self.repo.identity() is None:
            hint = "`git config --global user.name NAME` and `git config --global user.email ADDRESS`"
            raise GitFailed("Git does not know who you are.", hint)
        if signed:
            words = process.own_words(completed.stderr)
            raise GitFailed(
                words, "Nothing is committed unsigned: when signing works again, the next command commits it."
            )
        raise process.refusal(args, completed)

    def _write_index(self, target: Mapping[str, Entry | None], index: Mapping[str, IndexEntry]) -> None:
        stale = {path: entry for path, entry in target.items() if not _same(index.get(path), entry)}
        if not stale:
            return
        for path, entry in stale.items():
            before = self.replaced[path].before if path in self.replaced else _entry(index.get(path))
            self.replaced[path] = Replaced(before, entry, self.blobs.get(path))
        if self.wish.noted:
            self.notes.append(staging.note(self.repo, self.replaced))
        lying = [path for path, entry in stale.items() if self._lies_there(path, entry)]
        if lying:  # git reads these itself, so that the index also knows their sizes and times
            self._update_index("--add", "--replace", "--stdin", input=os.fsencode("".join(f"{p}\0" for p in lying)))
        exact = {p: entry for p, entry in stale.items() if p not in lying or not self._lies_there(p, entry)}
        if exact:
            self._update_index("--index-info", input=index_info(self.repo, exact))

    def _lies_there(self, path: str, entry: Entry | None) -> bool:
        """Whether git, reading the file of the work tree now, would make just this entry of it."""
        if entry is None or path in self.staged or self._file_mode(path) not in (entry[0], None):
            return False
        return file_text(self.repo, path) == self.wish.changes[path]

    def _file_mode(self, path: str) -> str | None:
        """Return the mode git would give a file of the work tree; None where it does not look."""
        try:
            mode = fsops.get().lstat(os.path.join(self.repo.top, path)).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(mode):
            return LINK
        if self.config.get("core.filemode", "true") == "false":
            return None
        return PROGRAM if mode & stat.S_IXUSR else FILE

    def _update_index(self, *options: str, input: bytes) -> None:  # noqa: A002  # as in Repository.run
        args = ("update-index", "-z", *options)
        completed = self._patiently(*args, input=input)
        if completed.returncode:
            raise process.refusal(args, completed)

    def _move_head(self, head: Head, commit: str) -> bool:
        old = head.commit or "0" * len(commit)
        args = ("update-ref", "-m", f"commit: {self.wish.subject}".replace("\0", ""), "HEAD", commit, old)
        try:
            completed = self._patiently(*args)
        except process.GitKilled:
            if self.repo.head().commit == commit:  # it had done its work
                return True
            raise
        if completed.returncode and self.repo.head() == head:
            raise process.refusal(args, completed)
        return completed.returncode == 0

    def _commit_by_git(self, head: Head, paths: Sequence[str]) -> str:
        """Let `git commit --only` run the user's hooks; return "" when HEAD moved meanwhile."""
        args = ("commit", "--only", "--quiet", "--cleanup=whitespace", "--file=-", "--")
        pathspecs = [f":(top,literal){path}" for path in paths]
        message, env = self._message(), self._environment()
        completed = self._patiently(*args, *pathspecs, input=message, env=env, timeout=HOOK_TIMEOUT, hooks=True)
        now = self.repo.head()
        if completed.returncode == 0:
            return now.commit or ""
        if now != head:
            return ""
        raise GitFailed(
            process.own_words(completed.stderr + completed.stdout) or "A hook refused the commit and gave no reason.",
            "The files are saved but not committed: mend what the hook says, then `planner commit`.",
        )

    def _patiently(
        self,
        *args: str,
        input: bytes | None = None,  # noqa: A002  # as in Repository.run
        env: Mapping[str, str] = {},
        timeout: float = process.TIMEOUT,
        hooks: bool = False,
    ) -> Completed:
        """Run git, again and again while somebody else holds the lock it needs, until the deadline.

        A lock that was taken as long ago is not waited for: else every command would wait for a lock left behind.
        """
        pause = 0.01
        while True:
            began = time.time()
            try:
                completed = self.repo.try_run(*args, input=input, env=env, timeout=timeout, hooks=hooks)
            except process.GitKilled:  # it cannot remove its lock any more
                locks.sweep(self.repo, since=began, until=time.time())
                raise
            held = _HELD_LOCK.search(completed.stderr.decode("utf-8", "surrogateescape"))
            if completed.returncode == 0 or not held:
                return completed
            self._pause(held["path"], pause)
            pause = min(pause * 1.6, 0.25)

    def _await_locks(self) -> None:
        """Wait for all locks before the index is touched, so that it need not be given back at the last of them."""
        pause = 0.01
        for lock in locks.of_commit(self.repo):
            while locks.age(lock) is not None:
                self._pause(lock, pause)
                pause = min(pause * 1.6, 0.25)

    def _pause(self, lock: str, seconds: float) -> None:
        left = min(self.deadline - time.monotonic(), self.wish.patience - (locks.age(lock) or 0))
        if left <= 0:
            hint = f"{AGAIN} If no git is running here, remove the lock: rm {shlex.quote(lock)}"
            raise GitBusy(f"{os.path.relpath(lock, self.repo.top)} {locks.who(self.repo, lock)}.", hint)
        time.sleep(min(seconds, left))


def live_hooks(repo: Repository, config: Mapping[str, str]) -> list[str]:
    """Return which of the hooks around a commit are installed and executable."""
    configured = os.path.expanduser(config.get("core.hookspath", ""))
    folder = os.path.join(repo.top, configured) if configured else os.path.join(repo.common_dir, "hooks")
    return [name for name in COMMIT_HOOKS if os.access(os.path.join(folder, name), os.X_OK)]


def _entry(present: IndexEntry | None) -> Entry | None:
    return (present.mode, present.oid) if present else None


def _oid(entry: Entry | None) -> str | None:
    return entry[1] if entry else None


def _same(present: IndexEntry | None, entry: Entry | None) -> bool:
    return _entry(present) == entry
