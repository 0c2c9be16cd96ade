"""The person's own files in the user's config folder: settings, keys, themes; never part of a vault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planner.core.record import dataclass, field, fields
from planner.core.toml import read_toml
from planner.errors import ConfigError, Invalid
from planner.store.places import config_folder

FILE = "config.toml"
KEYS_FILE = "keys.toml"
THEMES_FOLDER = "themes"

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "density": ("compact", "normal", "detail"),
    "glyphs": ("auto", "unicode", "ascii"),
    "week_start": ("", "monday", "saturday", "sunday"),
}


@dataclass(frozen=True, slots=True)
class UserConfig:
    """Preferences: default vault, start view, theme, density, plain glyphs, mouse, motion, first day of the week."""

    vault: Path | None = None
    start: str = "board"
    theme: str = ""
    density: str = "normal"
    glyphs: str = "auto"  # unicode, ascii, or auto: ascii where the locale is not UTF-8
    mouse: bool = True
    motion: bool = True
    week_start: str = ""  # empty: as the vault says


@dataclass(frozen=True, slots=True)
class Keymap:
    """What keys.toml says: the pack it builds on, and the chords of some keys by id."""

    pack: str = "default"
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load(folder: Path | None = None) -> UserConfig:
    """Read config.toml; raises ConfigError naming file and line where it is faulty."""
    path = (folder or config_folder()) / FILE
    data = _read(path)
    known: dict[str, type] = {one.name: bool if one.type == "bool" else str for one in fields(UserConfig)}
    for key, value in data.items():
        if key not in known:
            raise ConfigError(f"{path}: there is no setting '{key}'", f"known are {', '.join(known)}")
        if not isinstance(value, known[key]):
            raise ConfigError(f"{path}: {key} must be {known[key].__name__}, not {value!r}", "mend the line")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise ConfigError(f"{path}: {key} is {value!r}", f"use one of {', '.join(filter(None, _CHOICES[key]))}")
    vault = data.pop("vault", None)
    return UserConfig(vault=Path(vault).expanduser() if vault else None, **data)


def load_keymap(folder: Path | None = None) -> Keymap:
    """Read keys.toml: `pack = "vim"`, and `move.down = ["ctrl+n", "down"]` for any id; raises ConfigError naming the file."""
    path = (folder or config_folder()) / KEYS_FILE
    data = _read(path)
    pack = data.pop("pack", "default")
    if not isinstance(pack, str):
        raise ConfigError(f"{path}: pack must be a name, not {pack!r}", "for example: pack = 'vim'")
    return Keymap(pack, dict(_chords(path, data)))


def _chords(path: Path, data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Ids with their chords; a dot in an id may be TOML's own."""
    for name, value in data.items():
        key_id = f"{before}{name}"
        match value:
            case dict():
                yield from _chords(path, value, f"{key_id}.")
            case str():
                yield key_id, (value,)
            case list() if all(isinstance(chord, str) and chord.strip() for chord in value):
                yield key_id, tuple(" ".join(chord.split()) for chord in value)
            case _:
                raise ConfigError(
                    f"{path}: {key_id} must be a list of keys, not {value!r}", 'for example: ["j", "down"]'
                )


def load_themes(folder: Path | None = None) -> Iterator[tuple[str, Mapping[str, Any] | ConfigError]]:
    """Each file of the folder `themes` by its name: what it says, or why it cannot be read."""
    home = (folder or config_folder()) / THEMES_FOLDER
    for path in sorted(home.glob("*.toml")):
        try:
            yield path.stem, _read(path)
        except ConfigError as error:
            yield path.stem, error


def stamps(folder: Path | None = None) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that `load`, `load_keymap` and `load_themes` read: other ones mean a save."""
    home = folder or config_folder()
    found = []
    for path in (home / FILE, home / KEYS_FILE, *sorted((home / THEMES_FOLDER).glob("*.toml"))):
        try:
            seen = path.stat()
        except OSError:
            continue
        found.append((path.name, seen.st_mtime_ns, seen.st_size))
    return tuple(found)


def write_setting(key: str, value: str, folder: Path | None = None) -> Path:
    """Set one setting of config.toml and leave every other line as it is; raises Invalid where it cannot be written."""
    path = (folder or config_folder()) / FILE
    line = f'{key} = "{value}"'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        found = re.compile(rf"(?m)^{re.escape(key)}[ \t]*=.*$")
        new = found.sub(lambda _: line, text, count=1) if found.search(text) else f"{line}\n{text}"
        beside = path.with_name(f".{FILE}.new")
        beside.write_text(new, encoding="utf-8")
        beside.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be written: {error}", f"put {line} into it by hand") from None
    return path


def _read(path: Path) -> dict[str, Any]:
    """A file's TOML, nothing where there is no file; raises ConfigError."""
    try:
        return read_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", "mend or remove the file") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", "mend the line, or remove the file") from None
