"""The person's own screen: settings, keys and themes from their files, whatever is wrong in them as sentences."""

from __future__ import annotations

from pathlib import Path

from textual.theme import Theme

from planner.core.record import dataclass, field
from planner.errors import ConfigError
from planner.store.config import UserConfig, load, load_themes
from tui.keymap import read_table, sentence
from tui.keys import KEYS, Key
from tui.theme import read_theme


@dataclass(frozen=True, slots=True)
class Own:
    """What the person's files say; a file with a fault counts as if it were not there, and has a sentence in `faults`."""

    config: UserConfig = field(default_factory=UserConfig)
    table: tuple[Key, ...] = KEYS
    themes: tuple[Theme, ...] = ()
    faults: tuple[str, ...] = ()


def read_own(folder: Path | None = None) -> Own:
    """Read all of the person's files; never raises for what is in them."""
    faults: list[str] = []
    config, table, themes = UserConfig(), KEYS, []
    try:
        config = load(folder)
    except ConfigError as error:
        faults.append(sentence(error))
    try:
        table = read_table(folder)
    except ConfigError as error:
        faults.append(sentence(error))
    for name, data in load_themes(folder):
        try:
            if isinstance(data, ConfigError):
                raise data
            themes.append(read_theme(name, data))
        except ConfigError as error:
            faults.append(sentence(error))
    return Own(config, table, tuple(themes), tuple(faults))
