"""A git repository as the vault needs it: where it is, where it stands, what it holds, and how to add one commit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal

from planner.core.pattern import later
from planner.core.record import dataclass, replace
from planner.errors import GitFailed, NotFound
from planner.store import process
from planner.store.fsops import Completed

Hooks = Literal["run", "skip"]

_OBJECT_ID = later(r"[0-9a-f]{40}|[0-9a-f]{64}")
_IDENT = later(r"(?P<name>.*?) ?<(?P<email>[^>]*)> \d+ [+-]\d{4}")
_CONTACT = later(r"(?P<name>.*?) ?<(?P<email>[^>]*)>")
_REGULAR = ("100644", "100755", "100664")
_NO_REPOSITORY = "not a git repository"

# What git leaves in its folder while it is in the middle of something, most telling first.
_UNFINISHED = (
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("sequencer", "cherry-pick"),
    ("BISECT_LOG", "bisect"),
)


AGAIN = "The next planner command commits it."


class GitBusy(GitFailed):
    """Git is in the middle of something or its lock is held; the same call may succeed later."""

    code = "git-busy"


class HalfStaged(GitFailed):
    """The user has staged another text of a file than the one to be committed."""

    code = "half-staged"


class HeadMoved(GitFailed):
    """HEAD holds another text of a file than the one the change was made from."""

    code = "head-moved"


@dataclass(frozen=True, slots=True)
class Identity:
    """A name and an e-mail address, as git signs with them."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where HEAD stands: a branch's short name (None when detached) and a commit (None when unborn)."""

    branch: str | None
    commit: str | None

    @property
    def detached(self) -> bool:
        return self.branch is None


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of git's configuration, and where it comes from; `scope` is git's word (local, global, …)."""

    scope: str
    origin: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Status:
    """Paths from the top with uncommitted changes; one path may be both staged and unstaged."""

    staged: tuple[str, ...] = ()
    unstaged: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    unmerged: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted({*self.staged, *self.unstaged, *self.untracked, *self.unmerged}))


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What git's index holds for a path; `stage` is not 0 while a merge of that path is unresolved."""

    mode: str
    oid: str
    stage: int = 0


@dataclass(frozen=True, slots=True)
class Repository:
    """One work tree (or bare repository) and its git folders, as absolute paths.

    `prefix` leads from `top` to the folder it was discovered from ("" or "sub/folder/"). Paths in all methods are
    relative to `top`, with "/" and undecodable bytes as surrogates; every method raises GitFailed when git refuses, and
    those that could run a program of the repository's own configuration raise NotTrusted until the user has consented.
    """

    top: str
    git_dir: str
    common_dir: str
    prefix: str = ""
    object_format: str = "sha1"
    bare: bool = False
    trusted: bool = False  # see `vouched`

    # ---- running git ---------------------------------------------------------------------------------------------

    def vouched(self, settings: Sequence[Setting] | None = None) -> Repository:
        """Return this repository as one that has been looked at, so that git may run what is configured in it.

        Raises NotTrusted where that is more than nothing and the user has not consented.
        """
        if self.trusted:
            return self
        from planner.store import trust

        trust.require(self, settings)
        return replace(self, trusted=True)

    def try_run(
        self,
        *args: str,
        input: bytes | None = None,  # noqa: A002  # the name subprocess uses
        env: Mapping[str, str] = {},
        timeout: float = process.TIMEOUT,
        hooks: bool = False,
        literal: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> Completed:
        """Run git here, whatever its exit code; `hooks` is for a command that lets the user's hooks run.

        `literal` is off for the few commands that refuse it; a hook must not inherit it. `stop` is asked now and then,
        and ends git, as fsops.Stopped, when the answer is no longer wanted.
        """
        if not self.trusted and not process.harmless(args):
            vouched = self.vouched()
            return vouched.try_run(
                *args, input=input, env=env, timeout=timeout, hooks=hooks, literal=literal, stop=stop
            )
        full_env = process.environment(env, quarantine=self.bare, own_locale=hooks)
        return process.run_git(
            *self._where(),
            *args,
            cwd=self.top,
            input=input,
            env=full_env,
            timeout=timeout,
            literal=literal and not hooks,
            stop=stop,
        )

    def run(
        self,
        *args: str,
        input: bytes | None = None,  # noqa: A002
        env: Mapping[str, str] = {},
        timeout: float = process.TIMEOUT,
    ) -> bytes:
        """Run git here and return its output; raises GitFailed with git's words when the exit code is not 0."""
        completed = self.try_run(*args, input=input, env=env, timeout=timeout)
        if completed.returncode:
            raise process.refusal(args, completed)
        return completed.stdout

    def stream(self, *args: str) -> Iterator[bytes]:
        """Run git here and yield its output in chunks."""
        if not self.trusted and not process.harmless(args):
            return self.vouched().stream(*args)
        env = process.environment(quarantine=self.bare)
        return process.stream_git(*self._where(), *args, cwd=self.top, env=env)

    def _where(self) -> tuple[str, ...]:
        # Only for a bare repository the user named: with --git-dir git skips its check of who owns the folder.
        return (f"--git-dir={self.git_dir}",) if self.bare else ()

    # ---- where it stands -----------------------------------------------------------------------------------------

    def head(self) -> Head:
        """Return branch and commit, from two small files where git keeps them so."""
        name = _read_text(self.git_dir, "HEAD")
        if _OBJECT_ID.fullmatch(name) and not os.path.islink(os.path.join(self.git_dir, "HEAD")):
            return Head(None, name)
        reference = name.removeprefix("ref: ")
        if reference.startswith("refs/heads/") and reference != "refs/heads/.invalid":
            commit = _read_text(self.common_dir, reference) or _packed(self.common_dir, reference)
            if _OBJECT_ID.fullmatch(commit):
                return Head(reference.removeprefix("refs/heads/"), commit)
        return self._head_by_git()

    def _head_by_git(self) -> Head:
        branch = self.try_run("symbolic-ref", "-q", "HEAD")
        commit = self.try_run("rev-parse", "-q", "--verify", "HEAD^{commit}")
        name = _text(branch.stdout).strip().removeprefix("refs/heads/") or None
        return Head(name, _text(commit.stdout).strip() or None)

    def busy(self) -> str | None:
        """Return what git is in the middle of (merge, rebase, cherry-pick, revert, bisect), or None."""
        return next((word for name, word in _UNFINISHED if os.path.lexists(os.path.join(self.git_dir, name))), None)

    def shallow(self) -> frozenset[str]:
        """Return the commits where a shallow clone's history begins: what they changed is not in it."""
        return frozenset(_read_text(self.common_dir, "shallow").split())

    def identity(self) -> Identity | None:
        """Return who git would name as author, or None where git would refuse to guess."""
        completed = self.try_run("var", "GIT_AUTHOR_IDENT")
        found = _IDENT.fullmatch(_text(completed.stdout).strip())
        return Identity(found["name"], found["email"]) if found and not completed.returncode else None

    def mapped_identity(self) -> tuple[str, str]:
        """Return the name and address git would sign with, as .mailmap has them; empty where git would not guess."""
        identity = self.identity()
        if identity is None:
            return "", ""
        if self.bare or not os.path.exists(os.path.join(self.top, ".mailmap")):
            return identity.name, identity.email
        completed = self.try_run("check-mailmap", "--", f"{identity.name} <{identity.email}>")
        found = _CONTACT.fullmatch(_text(completed.stdout).strip())
        return (found["name"], found["email"]) if found else (identity.name, identity.email)

    def is_signed(self, commit: str) -> bool:
        """Whether a commit has a signature that git, as it is configured here, finds good."""
        return self.try_run("verify-commit", "--end-of-options", commit).returncode == 0

    def settings(self) -> list[Setting]:
        """Return git's whole configuration as this repository sees it, later values winning; runs nothing."""
        return [setting for setting in self._all_settings() if setting.scope != "command"]

    def _all_settings(self) -> Iterator[Setting]:
        words = iter(_words(self.run("config", "--list", "-z", "--show-scope", "--show-origin")))
        for scope, origin, pair in zip(words, words, words, strict=True):
            key, equals, value = pair.partition("\n")
            yield Setting(scope, origin, key, value if equals else "true")

    def config_get(self, key: str) -> str | None:
        """Return the value in force of a configuration key, or None."""
        completed = self.try_run("config", "--get", "-z", "--end-of-options", key)
        return _text(completed.stdout).removesuffix("\0") if completed.returncode == 0 else None

    # ---- what it holds -------------------------------------------------------------------------------------------

    def resolve(self, rev: str) -> str:
        """Return the commit a revision names; raises NotFound when there is none."""
        completed = self.try_run("rev-parse", "-q", "--verify", "--end-of-options", f"{rev}^{{commit}}")
        # rev-parse prints --end-of-options itself in some versions: the object name is the last word.
        words = _text(completed.stdout).split()
        if completed.returncode or not words:
            raise NotFound(f"There is no commit `{rev}`.", "`git log --oneline` lists them.")
        return words[-1]

    def read_blobs(self, rev: str, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the files of a commit as stored (no line-ending conversion); paths it lacks are left out."""
        return self._objects({path: f"{rev}:{path}" for path in paths}, b"blob")

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Return file contents by object id; unknown ids are left out."""
        return self._objects({oid: oid for oid in oids}, b"blob")

    def trees(self, rev: str, folders: Iterable[str]) -> dict[str, bytes]:
        """Return the raw tree objects of folders ("" is the top) of a commit; missing ones are left out."""
        return self._objects({folder: f"{rev}:{folder}" for folder in folders}, b"tree")

    def _objects(self, names: Mapping[str, str], kind: bytes) -> dict[str, bytes]:
        if not names:
            return {}
        asked = b"".join(os.fsencode(name) + b"\0" for name in names.values())
        output = self.run("cat-file", "-z", "--batch=%(objecttype) %(objectsize)", input=asked)
        found: dict[str, bytes] = {}
        at = 0
        for key, name in names.items():
            missing = os.fsencode(name) + b" missing\n"
            if output.startswith(missing, at):  # a name may hold a newline, so never search for the line's end first
                at += len(missing)
                continue
            end = output.index(b"\n", at)
            found_kind, size = output[at:end].split(b" ")
            at = end + 1 + int(size) + 1
            if found_kind == kind:
                found[key] = output[end + 1 : at - 1]
        return found

    def ls_tree(self, rev: str, prefix: str = "") -> list[tuple[str, str]]:
        """Return (path, object id) of every regular file of a commit under a folder."""
        where = ("--", prefix) if prefix else ()
        output = self.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", rev, *where)
        files = []
        for line in _words(output):
            about, _, path = line.partition("\t")
            mode, _, oid = about.split(" ")
            if mode in _REGULAR:
                files.append((path, oid))
        return files

    def index_entries(self, paths: Sequence[str]) -> dict[str, IndexEntry]:
        """Return what the index holds for these paths; of an unresolved merge the highest stage."""
        found = {}
        for line in _words(self.run("ls-files", "--stage", "-z", "--", *paths)) if paths else ():
            about, _, path = line.partition("\t")
            mode, oid, stage = about.split(" ")
            found[path] = IndexEntry(mode, oid, int(stage))
        return {path: found[path] for path in paths if path in found}

    def staged_text(self, path: str) -> bytes | None:
        """Return the text the user has staged for a path, as it would stand in the work tree, if HEAD has another."""
        entry, commit = self.index_entries([path]).get(path), self.head().commit
        if entry is None or (commit and dict(self.ls_tree(commit, path)).get(path) == entry.oid):
            return None
        return self.run("cat-file", "--filters", f":0:{path}")

    def status_paths(self, prefix: str = "") -> Status:
        """Return the uncommitted paths under a folder; ignored files and submodules are left out."""
        options = ("--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all")
        words = iter(_words(self.run("status", *options, *(("--", prefix) if prefix else ()))))
        staged, unstaged, untracked, unmerged = [], [], [], []
        for word in words:
            match word[0]:
                case "?":
                    untracked.append(word[2:])
                case "u":
                    unmerged.append(word.split(" ", 10)[10])
                case "1":
                    _, state, *_, path = word.split(" ", 8)
                    staged += [path] * (state[0] != ".")
                    unstaged += [path] * (state[1] != ".")
        return Status(tuple(staged), tuple(unstaged), tuple(untracked), tuple(unmerged))

    def ignored(self, paths: Iterable[str]) -> set[str]:
        """Return those of the paths that git would not add because of an ignore rule."""
        asked = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)  # a name may begin with ":"
        if not asked:
            return set()
        completed = self.try_run("check-ignore", "-z", "--stdin", input=asked, literal=False)
        if completed.returncode > 1:
            raise process.refusal(("check-ignore",), completed)
        return {path.removeprefix("./") for path in _words(completed.stdout)}

    def ignore_state(self) -> str:
        """What tells one state of the ignore rules outside the vault from another: the files that hold them."""
        home = os.path.expanduser("~")
        config = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
        user = os.environ.get("GIT_CONFIG_GLOBAL")
        configs = [f"{self.common_dir}/config", user or f"{home}/.gitconfig", user or f"{config}/git/config"]
        above = self.prefix.split("/")[:-1]
        rules = [f"{self.common_dir}/info/exclude", f"{config}/git/ignore", *_excludes_files(configs)]
        rules += ["/".join([self.top, *above[:depth], ".gitignore"]) for depth in range(len(above))]
        state = [self.prefix]
        for path in (*configs, *rules):
            try:
                info = os.stat(path)
                state.append(f"{info.st_size}.{info.st_mtime_ns}.{info.st_ino}")
            except OSError:
                state.append("")
        return "/".join(state)

    def ignored_folders(self, prefix: str = "") -> set[str]:
        """Return the folders under one that a rule of git's ignores, each ending in "/"."""
        options = ("--others", "--ignored", "--exclude-standard", "--directory", "-z")
        words = sorted(_words(self.run("ls-files", *options, *(("--", prefix) if prefix else ()))))
        # git also names a folder all of whose files are ignored, and then those files: the next file there may not be.
        return {word for word, then in pairwise([*words, ""]) if word.endswith("/") and not then.startswith(word)}

    # ---- one more commit -----------------------------------------------------------------------------------------

    def commit(
        self,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        author: Identity | None = None,
        when: datetime | None = None,
        expected: Mapping[str, bytes | None] | None = None,
        staged: Mapping[str, bytes] | None = None,
        staged_over: Mapping[str, str] | None = None,
        hooks: Hooks = "skip",
        allow_detached: bool = False,
        patience: float = 2.0,
        noted: bool = False,
    ) -> str | None:
        """Commit these paths and nothing else; see planner.store.commit.commit_paths."""
        from planner.store.commit import Wish, commit_paths

        wish = Wish(
            changes,
            message,
            author,
            when,
            expected or {},
            staged or {},
            staged_over or {},
            hooks,
            allow_detached,
            patience,
            noted,
        )
        return commit_paths(self, wish)


def discover(path: str | os.PathLike[str]) -> Repository | None:
    """Return the repository whose work tree holds `path`, or None.

    Raises GitFailed when git refuses (a folder of somebody else, a bare repository) or is missing.
    """
    start = os.path.abspath(path)
    while not os.path.isdir(start):
        start = os.path.dirname(start)
    asked = "--is-bare-repository --git-dir --git-common-dir --show-prefix --show-object-format --show-toplevel"
    completed = process.run_git("rev-parse", "--path-format=absolute", *asked.split(), cwd=start)
    if completed.returncode:
        if _NO_REPOSITORY in _text(completed.stderr):
            return None
        raise process.refusal(("rev-parse",), completed)
    answers = _text(completed.stdout).split("\n")
    if len(answers) != 7:
        raise GitFailed(f"The folder's name has a line break: {start}", "Rename the folder.")
    _, git_dir, common_dir, prefix, object_format, top, _ = answers
    if not _same_folder(os.path.join(top, prefix), start):
        message = f"This repository's configuration names another folder as its work tree: {top}"
        raise GitFailed(message, "Open that folder, or `git config --unset core.worktree`.")
    return Repository(top, git_dir, common_dir, prefix, object_format)


def discover_bare(path: str | os.PathLike[str]) -> Repository | None:
    """Return the bare repository at exactly `path`, for reading (a receiving hook, `check --at`), or None."""
    git_dir = os.path.abspath(path)
    if not (os.path.isfile(os.path.join(git_dir, "HEAD")) and os.path.isdir(os.path.join(git_dir, "objects"))):
        return None
    completed = process.run_git(f"--git-dir={git_dir}", "rev-parse", "--show-object-format", cwd=git_dir)
    if completed.returncode:
        raise process.refusal(("rev-parse",), completed)
    return Repository(git_dir, git_dir, git_dir, object_format=_text(completed.stdout).strip(), bare=True)


def trailers(message: str) -> dict[str, list[str]]:
    """Return the `Key: value` lines of a commit message's last paragraph, values in order; never of its subject."""
    found: dict[str, list[str]] = {}
    _, _, rest = message.strip().partition("\n\n")
    for line in rest.strip().split("\n\n")[-1].split("\n"):
        key, colon, value = line.partition(": ")
        if colon and re.fullmatch(r"[A-Za-z0-9-]+", key):
            found.setdefault(key, []).append(value.strip())
    return found


def with_trailers(subject: str, body: str = "", trailers: Mapping[str, str | Sequence[str]] = {}) -> str:
    """Return a commit message: subject on one line, body, then trailers in a paragraph of their own.

    A NUL, which git refuses to read in a commit, stands there as the sign for it.
    """
    lines = [
        f"{key}: {value}"
        for key, values in trailers.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    title = " ".join(subject.split())
    message = "\n\n".join(part for part in (title, body.strip("\n"), "\n".join(lines)) if part) + "\n"
    return message.replace("\0", "\u2400")


def _excludes_files(configs: Iterable[str]) -> list[str]:
    """The files of ignore rules that these configuration files name, read as plainly as it can be done."""
    found = []
    for path in configs:
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                named = re.findall(r"(?im)^[ \t]*excludesfile[ \t]*=[ \t]*\"?([^\"#;\n]+)", file.read())
        except OSError:
            continue
        found += [os.path.expanduser(name.strip()) for name in named]
    return found


def _same_folder(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except FileNotFoundError:
        return False


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _words(data: bytes) -> list[str]:
    """Split NUL-terminated output."""
    return _text(data).split("\0")[:-1]


def _read_text(folder: str, name: str) -> str:
    from planner.store import fsops

    try:
        return _text(fsops.get().read(os.path.join(folder, name))).strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def _packed(common_dir: str, reference: str) -> str:
    for line in _read_text(common_dir, "packed-refs").split("\n"):
        if line.endswith(f" {reference}"):
            return line.split(" ")[0]
    return ""
