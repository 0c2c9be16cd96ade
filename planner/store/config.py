"""The person's own settings: config.toml in the user's config folder; never part of a vault."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from planner.core.toml import read_toml
from planner.errors import ConfigError
from planner.store.places import config_folder

FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class UserConfig:
    """Preferences: default vault, start view, theme, density, plain glyphs, mouse."""

    vault: Path | None = None
    start: str = "board"
    theme: str = ""
    density: str = "normal"
    glyphs: str = "auto"  # unicode, ascii, or auto: ascii where the locale is not UTF-8
    mouse: bool = True


def load(folder: Path | None = None) -> UserConfig:
    """Read config.toml; raises ConfigError naming file and line where it is faulty."""
    path = (folder or config_folder()) / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return UserConfig()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}", "mend or remove the file") from None
    try:
        data = read_toml(text)
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", "mend the line, or remove the file") from None
    known: dict[str, type] = {"vault": str, "start": str, "theme": str, "density": str, "glyphs": str, "mouse": bool}
    for key, value in data.items():
        if key not in known:
            raise ConfigError(f"{path}: there is no setting '{key}'", f"known are {', '.join(known)}")
        if not isinstance(value, known[key]):
            raise ConfigError(f"{path}: {key} must be {known[key].__name__}, not {value!r}", "mend the line")
    vault = data.pop("vault", None)
    return UserConfig(vault=Path(vault).expanduser() if vault else None, **data)
