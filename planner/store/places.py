"""Where the program keeps what does not belong into the vault: journal, displaced copies, cache, settings."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

APP = "planner"


def vault_key(root: Path) -> str:
    """Return 16 hexadecimal digits that stand for the vault's real path, whatever links lead to it."""
    return hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]


def journal_folder(root: Path, git_dir: Path | None) -> Path:
    """Return the folder of the journal: in this work tree's git folder, else in the user's state folder."""
    return git_dir / APP if git_dir is not None else _user("state") / vault_key(root)


def is_in_use(root: Path, git_dir: Path | None) -> bool:
    """Whether a change was ever made here, so that something may be left to do."""
    return os.path.isdir(journal_folder(root, git_dir))


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
