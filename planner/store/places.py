"""Where the program keeps what does not belong into the vault: journal, displaced copies, cache, settings."""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path

APP = "planner"
DISPLACED_FOR = 60.0
"""Seconds that a displaced text is kept at least: an editor may still hold it open."""
_SETTLED = frozenset({"journal.lock", "displaced", "taken-off", "taken-off.lock"})


def vault_key(root: Path) -> str:
    """Return 16 hexadecimal digits that stand for the vault's real path, whatever links lead to it."""
    path = os.fsencode(os.path.realpath(root))  # two checksums: to load a real hash takes longer than all else here
    return f"{zlib.crc32(path):08x}{zlib.crc32(path[::-1], len(path)):08x}"


def journal_folder(root: Path, git_dir: Path | None) -> Path:
    """Return the folder of the journal: in this work tree's git folder, else in the user's state folder."""
    return git_dir / APP if git_dir is not None else _user("state") / vault_key(root)


def may_be_unsettled(root: Path, git_dir: Path | None, now: float) -> bool:
    """Whether anything here may be left to do; `now` in seconds since the epoch. A cheap look, made at every start.

    Nothing is where the journal is empty and no displaced text is old enough to be judged.
    """
    try:
        with os.scandir(journal_folder(root, git_dir)) as found:
            left = [entry for entry in found if entry.name not in _SETTLED]
            return any(entry.name != "journal" or entry.stat().st_size for entry in left) or any(
                now - entry.stat(follow_symlinks=False).st_ctime >= DISPLACED_FOR
                for entry in os.scandir(displaced_folder(root, git_dir))
            )
    except FileNotFoundError:
        return False
    except OSError:
        return True


def displaced_folder(root: Path, git_dir: Path | None) -> Path:
    """Return the folder where texts that a write displaced are kept for a while."""
    return journal_folder(root, git_dir) / "displaced"


def personal_folder(root: Path) -> Path:
    """Return the folder of what one person has begun in this vault and not sent."""
    return _user("state") / vault_key(root)


def cache_folder(root: Path) -> Path:
    """Return the folder of this vault's disposable cache."""
    return _user("cache") / vault_key(root)


def seen_folder(root: Path) -> Path:
    """Return the folder that remembers up to where the person has looked at this vault's history."""
    return _user("state") / vault_key(root)


def config_folder() -> Path:
    """Return the folder of the person's own `config.toml` and `keys.toml`."""
    return _user("config")


def trust_folder() -> Path:
    """Return the folder that remembers which repositories' own programs the person trusts; never in a vault."""
    return _user("state") / "trust"


def _user(kind: str) -> Path:
    """The person's state, cache or config folder for this program; `$XDG_*_HOME` decides on Linux."""
    if sys.platform == "linux" and (chosen := os.environ.get(f"XDG_{kind.upper()}_HOME", "")).startswith("/"):
        return Path(chosen) / APP
    import platformdirs

    if kind == "state":
        return platformdirs.user_state_path(APP, appauthor=False)
    if kind == "cache":
        return platformdirs.user_cache_path(APP, appauthor=False)
    return platformdirs.user_config_path(APP, appauthor=False)
