"""The one way to the git program: fixed arguments, no shell, no terminal, no code from a repository's configuration.

Deliberately no GitPython here: it runs hooks, filters and monitors unasked, and takes 200 ms to import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from planner.core.pattern import later
from planner.errors import GitFailed, without_passwords
from planner.store import fsops
from planner.store.fsops import Completed, ProcessFailed, StrPath

PROGRAM = "git"
TIMEOUT = 60.0  # seconds

_SETTINGS = (
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.editor=false",
    "core.quotepath=false",
    "core.fsync=all",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "log.follow=false",
    "log.showSignature=false",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
)
# What answers a question must not start anything: no hook, no helper, no transport (a partial clone would fetch).
_QUIET_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.askPass=",
    "core.alternateRefsCommand=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "protocol.allow=never",
    *(f"protocol.{name}.allow=never" for name in ("file", "git", "ssh", "http", "https")),
)
_CONFIGURED = tuple(word for setting in _SETTINGS for word in ("-c", setting))
_QUIET = tuple(word for setting in _QUIET_SETTINGS for word in ("-c", setting))
_LITERAL = ("--literal-pathspecs",)

# What a user sets on purpose; every other GIT_* may point at a repository that is not the one meant.
_KEPT = later(r"GIT_(AUTHOR_\w+|COMMITTER_\w+|SSH\w*|ASKPASS|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|CEILING_DIRECTORIES)")
_QUARANTINE = later(r"GIT_(OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH)")
_FIXED = {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LANGUAGE": "C", "SSH_ASKPASS_REQUIRE": "never"}
_UNLESS_SET = {"GIT_ASKPASS": "false"}  # nobody is there to answer a window

_HARMLESS = {
    "cat-file": {"--filters", "--textconv"},
    "check-attr": set[str](),
    "check-ignore": set[str](),
    "config": set[str](),
    "hash-object": set[str](),
    "log": {"-p", "-u", "--patch", "--ext-diff", "--textconv"},
    "ls-files": set[str](),
    "ls-tree": set[str](),
    "check-mailmap": set[str](),
    "diff-tree": {"-p", "-u", "--patch", "--ext-diff", "--textconv"},
    "rev-list": set[str](),
    "rev-parse": set[str](),
    "symbolic-ref": set[str](),
    "var": set[str](),
}
"""Commands that run nothing a repository's configuration names once they are quiet, but with these options."""

_SAFE_COMMAND = later(r"git config --global --add safe\.directory .+")


class GitKilled(GitFailed):
    """A git child was ended by a signal: what it was to do may be done, half done or not begun."""

    code = "git-killed"

    def __init__(self, args: Sequence[str], cwd: StrPath) -> None:
        super().__init__(f"`git {verb(args)}` was killed in {os.fspath(cwd)}.", "Try again.")


class NoAnswer(GitFailed):
    """A git child was ended because it took too long."""


def environment(extra: Mapping[str, str] = {}, *, quarantine: bool = False, own_locale: bool = False) -> dict[str, str]:
    """Return the environment of a git child: the user's, without GIT_* that would lead it astray.

    `quarantine` keeps the object folders a receiving hook was given; `own_locale` is for children that run hooks.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "GPG_TTY"  # a passphrase prompt must never draw over the screen
        and (not name.startswith("GIT_") or _KEPT.fullmatch(name) or (quarantine and _QUARANTINE.fullmatch(name)))
    }
    return _UNLESS_SET | kept | _FIXED | ({} if own_locale else {"LC_ALL": "C"}) | dict(extra)


def harmless(args: Sequence[str]) -> bool:
    """Whether these words of git only answer a question and run nothing that a repository's configuration names."""
    command = verb(args)
    unless = _HARMLESS.get(command)
    if unless is None or unless.intersection(args):
        return False
    return command != "hash-object" or "--no-filters" in args


def arguments(*args: str, literal: bool = True) -> list[str]:
    """Return the full argument list of a git call."""
    quiet = _QUIET if harmless(args) and verb(args) != "config" else ()  # asked for settings, git would tell ours
    return [PROGRAM, "--no-pager", "--no-optional-locks", *(_LITERAL if literal else ()), *_CONFIGURED, *quiet, *args]


def run_git(
    *args: str,
    cwd: StrPath,
    input: bytes | None = None,  # noqa: A002  # the name subprocess uses
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    literal: bool = True,
    stop: Callable[[], bool] | None = None,
) -> Completed:
    """Run git to its end, whatever its exit code; raises GitFailed when it is missing, killed, or gives no answer."""
    unwanted: Mapping[str, Callable[[], bool]] = {} if stop is None else {"stop": stop}
    try:
        completed = fsops.get().run(
            arguments(*args, literal=literal),
            cwd=cwd,
            env=environment() if env is None else env,
            input=input,
            timeout=timeout,
            **unwanted,
        )
    except FileNotFoundError as error:
        raise _missing(cwd) from error
    except TimeoutError as error:
        message = f"`git {verb(args)}` gave no answer within {timeout:g} s."
        raise NoAnswer(
            message, "Something it waits for (a hook, a signer, a network) hangs; try it by hand."
        ) from error
    except OSError as error:
        raise _not_started(args, cwd, error) from error
    if completed.returncode < 0:
        raise GitKilled(args, cwd)
    return completed


def stream_git(*args: str, cwd: StrPath, env: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Yield git's output in chunks as it comes; raises GitFailed at the end when git refused."""
    try:
        yield from fsops.get().stream(arguments(*args), cwd=cwd, env=environment() if env is None else env)
    except FileNotFoundError as error:
        raise _missing(cwd) from error
    except OSError as error:
        raise _not_started(args, cwd, error) from error
    except ProcessFailed as failure:
        if failure.completed.returncode < 0:
            raise GitKilled(args, cwd) from failure
        raise refusal(args, failure.completed) from failure


def refusal(args: tuple[str, ...], completed: Completed) -> GitFailed:
    """Say in git's own words why it refused."""
    words = own_words(completed.stderr)
    command = _SAFE_COMMAND.search(words)
    if command:
        return GitFailed(words, f"If you trust this folder: {command.group().strip()}")
    if "promisor remote" in words:
        return GitFailed(
            f"An older text is not in this clone: {words}", "`git log -p >/dev/null` fetches what is missing"
        )
    return GitFailed(words or f"`git {verb(args)}` failed with exit code {completed.returncode}.")


def own_words(stderr: bytes) -> str:
    """Return what git said, without its prefixes and without a password in a URL."""
    text = stderr.decode("utf-8", "surrogateescape").strip()
    lines = (re.sub(r"^(fatal|error): ", "", line) for line in text.split("\n"))
    return without_passwords("\n".join(lines))


def verb(args: Sequence[str]) -> str:
    """Return the git command among its arguments: the first that is not an option."""
    return next((word for word in args if not word.startswith("-") and "=" not in word), "")


def _not_started(args: Sequence[str], cwd: StrPath, error: OSError) -> GitFailed:
    message = f"`git {verb(args)}` could not be run in {os.fspath(cwd)}: {error.strerror or error}."
    return GitFailed(message, "Try again; `git status` there may say more.")


def _missing(cwd: StrPath) -> GitFailed:
    if not os.path.isdir(cwd):
        return GitFailed(f"The folder {os.fspath(cwd)} is gone.")
    return GitFailed("The git program was not found.", "Install git 2.38 or newer so that `git --version` works.")
