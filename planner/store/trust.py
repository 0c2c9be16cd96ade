"""Whether git may run what a repository's own configuration and hooks name: only once the user has looked at it.

A `.git` folder that came in an archive or on a stick is as foreign as any file in it. Git's global and system
configuration are the user's own and always trusted. What a trusted program itself starts or reads is not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from planner.core.pattern import later
from planner.core.record import dataclass
from planner.errors import NotTrusted
from planner.store import fsops, places

if TYPE_CHECKING:
    from planner.store.git import Repository, Setting

OWN_SCOPES = frozenset({"system", "global", "command"})
SHOWN = 3  # names in a sentence

_ANY = r"(?:.*\.)?"  # a subsection, or none
_RUNS = later(
    rf"""
    core\.(fsmonitor|hookspath|sshcommand|pager|editor|askpass|gitproxy|alternaterefscommand|virtualfilesystem)
    | sequence\.editor | interactive\.difffilter | diff\.external | web\.browser | help\.browser | instaweb\.httpd
    | (filter|lfs\.extension)\..*\.(clean|smudge|process) | lfs\.customtransfer\..*\.path
    | diff\..*\.(command|textconv) | merge\..*\.driver | trailer\..*\.(cmd|command) | hook\..*\.command | tar\..*\.command
    | (difftool|mergetool|guitool|browser|man)\..*\.(cmd|path) | sendemail\.{_ANY}(smtpserver|\w*cmd)
    | gpg\.{_ANY}program | gpg\.ssh\.defaultkeycommand | credential\.{_ANY}helper | alias\..* | pager\..*
    | remote\..*\.(uploadpack|receivepack|vcs|proxy) | url\..*\.(insteadof|pushinsteadof) | protocol\.{_ANY}allow
    | include\.path | includeif\..*\.path | init\.templatedir | imap\.tunnel | uploadpack\.packobjectshook
    | gc\.recentobjectshook
    """,
    re.VERBOSE | re.DOTALL,
)
_REMOTE_HELPER = later(r"remote\..*\.(url|pushurl)", re.DOTALL)
_UPDATE = later(r"submodule\..*\.update", re.DOTALL)
_NO_PROGRAM = {"", "true", "yes", "on", "1", "false", "no", "off", "0"}
_OUR_DRIVER = "merge.planner.driver"
FALLBACK = (
    "; rc=$?; if [ $rc -ne 0 ] && [ $rc -ne 64 ]; then git merge-file --marker-size=%L"
    " -L ours -L base -L theirs %A %O %B; rc=$?; [ $rc -gt 127 ] && rc=127; fi; exit $rc"
)
_DRIVER = later(
    r"""(?P<quote>")?(?P<program>planner|/(?(quote)[\w ./+@-]*|[\w./+@-]*)/(?:git-)?planner)(?(quote)")"""
    rf""" merge-driver %O %A %B %L %P(?:{re.escape(FALLBACK)})?"""
)

# The plain part of git's file format: a value as it is or all in quotes, nothing continued, no second meaning.
_BLANK = later(rb"[ \t]*(?:[#;].*)?")
_HEADER = later(rb'[ \t]*\[(?P<section>[A-Za-z0-9-]+)(?:[ \t]+"(?P<name>[^"\\]*)")?\][ \t]*')
_ENTRY = later(
    rb'[ \t]*(?P<key>[A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(?P<value>[^"\\#;]*?|"(?:[^"\\]|\\["\\])*")[ \t]*)?'
)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing git would run: a key of the configuration with its value, or a hook with its first line.

    `contents` stands for the files it names, as they are now.
    """

    name: str
    value: str
    origin: str
    contents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """What a repository of its own would run, and what the user has said to that."""

    git_dir: str
    parts: tuple[Part, ...] = ()
    consented: bool = False
    changed: bool = False  # there was a consent, but to something else

    @property
    def trusted(self) -> bool:
        return self.consented or not self.parts

    @property
    def digest(self) -> str:
        """Stands for every part: another value, another hook, another byte in one of them give another digest."""
        parts = [(part.name, part.value, part.contents) for part in self.parts]
        import json

        return _sha256(json.dumps(parts).encode("ascii"))

    @property
    def sentence(self) -> str:
        """What is the matter, as one sentence without a full stop."""
        names = list(dict.fromkeys(part.name for part in self.parts))
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        new = "has changed and " if self.changed else ""
        return (
            f"this repository's own git configuration {new}can run programs ({', '.join(names[:SHOWN])}{more}): "
            "files are saved, commits wait until you trust it"
        )

    def consent(self) -> None:
        """Remember, outside the vault, that the user has seen these parts and trusts them; raises OSError."""
        if not self.parts:
            return
        path = _consent_file(self.git_dir)
        fsops.get().make_dirs(os.path.dirname(path))
        fsops.get().unlink_if_there(f"{path}.new")
        fsops.get().write_new(
            f"{path}.new", f"{self.digest}\n{self.git_dir}\n".encode("utf-8", "surrogateescape"), 0o600
        )
        fsops.get().rename(f"{path}.new", path)

    def revoke(self) -> bool:
        """Forget what the user has said; return whether there was anything. Raises OSError."""
        return fsops.get().unlink_if_there(_consent_file(self.git_dir))


def require(repo: Repository, settings: Sequence[Setting] | None = None) -> None:
    """Raise NotTrusted where the repository could run a program the user has not consented to."""
    found = examine(repo, settings)
    if not found.trusted:
        raise NotTrusted(f"{found.sentence}.", "planner trust shows what would run")


def examine(repo: Repository, settings: Sequence[Setting] | None = None) -> Trust:
    """Look at what a repository would run; no git process where its files are plain. Raises GitFailed."""
    if settings is None and _is_plain(repo):
        return Trust(repo.git_dir)
    known = repo.settings() if settings is None else settings
    parts = (*_keys(repo, known), *_hooks(repo, known))
    if not parts:
        return Trust(repo.git_dir)
    found = Trust(repo.git_dir, parts)
    said = _consent(repo.git_dir)
    return Trust(repo.git_dir, parts, consented=said == found.digest, changed=said not in ("", found.digest))


def can_run(key: str, value: str) -> bool:
    """Whether a setting names a program, or brings in others that may; `key` is as git prints it."""
    if _UPDATE.fullmatch(key):
        return value.startswith("!")
    if _REMOTE_HELPER.fullmatch(key):
        return re.match(r"\w+::", value) is not None
    return _RUNS.fullmatch(key) is not None and value.lower() not in _NO_PROGRAM


# ---- what there is -----------------------------------------------------------------------------------------------


def _keys(repo: Repository, settings: Iterable[Setting]) -> Iterator[Part]:
    for setting in settings:
        if setting.scope in OWN_SCOPES or not can_run(setting.key, setting.value):
            continue
        if setting.key == _OUR_DRIVER and _is_ours(repo, setting.value):
            continue
        origin = os.path.normpath(os.path.join(repo.top, setting.origin.removeprefix("file:")))
        yield Part(setting.key, setting.value, origin, tuple(_files_named(repo, setting.value)))


def _is_ours(repo: Repository, driver: str) -> bool:
    """Whether this is the merge driver we set up; a program inside the work tree never is."""
    program = driver_program(driver)
    inside = os.path.realpath(repo.top) + "/"
    return program is not None and not os.path.realpath(os.path.join("/", program)).startswith(inside)


def driver_program(driver: str) -> str | None:
    """The program that a merge driver of ours calls; None where the command is any other."""
    found = _DRIVER.fullmatch(driver)
    return found["program"] if found else None


def _files_named(repo: Repository, value: str) -> Iterator[str]:
    """The digests of the files among the words of a value, looked for where git would run it."""
    try:
        import shlex

        words = shlex.split(value.removeprefix("!"))
    except ValueError:
        words = value.split()
    for word in dict.fromkeys((value, *words)):
        data = _read(os.path.join(repo.top, os.path.expanduser(word))) if word and "\0" not in word else None
        if data is not None:
            yield _sha256(data)


def _hooks(repo: Repository, settings: Iterable[Setting]) -> Iterator[Part]:
    """The hooks that git would run, unless they are in a folder that the user's own configuration names."""
    named = [setting for setting in settings if setting.key == "core.hookspath"]
    if named and named[-1].scope in OWN_SCOPES and named[-1].value:
        return
    folder = _hooks_folder(repo, named[-1].value if named else "")
    for path in _live(folder):
        data = _read(path) or b""
        first = data.split(b"\n", 1)[0].decode("utf-8", "surrogateescape")
        yield Part(f"hook {os.path.basename(path)}", first, path, (_sha256(data),))


def _hooks_folder(repo: Repository, configured: str) -> str:
    return os.path.join(repo.top, os.path.expanduser(configured)) if configured else f"{repo.common_dir}/hooks"


def _live(folder: str) -> list[str]:
    """The executable files of a hooks folder, without the samples."""
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    paths = [os.path.join(folder, name) for name in names if not name.endswith(".sample")]
    return [path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)]


def _is_plain(repo: Repository) -> bool:
    """Whether a look at the files tells that there is nothing to run; where in doubt, git is asked."""
    if _live(_hooks_folder(repo, "")):
        return False
    data = _read(f"{repo.common_dir}/config")
    entries = _plain_entries(data) if data is not None and b"\0" not in data else None
    return entries is not None and not any(
        (can_run(key, value) and not (key == _OUR_DRIVER and _is_ours(repo, value)))
        or key == "extensions.worktreeconfig"
        for key, value in entries
    )


def _plain_entries(data: bytes) -> list[tuple[str, str]] | None:
    """Read a configuration file of the simplest form; None where a line might mean anything else to git."""
    entries, prefix = [], ""
    for raw in data.split(b"\n"):
        line = raw.removesuffix(b"\r")
        if found := _HEADER.fullmatch(line):
            name = f"{_text(found['name'])}." if found["name"] is not None else ""
            prefix = f"{_text(found['section']).lower()}.{name}"
        elif found := _ENTRY.fullmatch(line):
            value = _unquoted(_text(found["value"])) if found["value"] is not None else "true"
            entries.append((f"{prefix}{_text(found['key']).lower()}", value))
        elif not _BLANK.fullmatch(line):
            return None
    return entries


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


# ---- what the user has said --------------------------------------------------------------------------------------


def _consent_file(git_dir: str) -> str:
    return os.path.join(places.trust_folder(), _sha256(os.fsencode(os.path.realpath(git_dir)))[:32])


def _consent(git_dir: str) -> str:
    """The digest the user has consented to, empty where there is none."""
    return _text(_read(_consent_file(git_dir)) or b"").partition("\n")[0]


def _read(path: str) -> bytes | None:
    """A regular file's bytes; None for anything that cannot be read as one."""
    try:
        return fsops.get().read(path)
    except OSError:
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()
