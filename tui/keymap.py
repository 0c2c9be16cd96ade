"""The key table as the person has it: a pack, and on top of it their keys.toml, if no two keys clash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from planner.errors import ConfigError
from planner.store.config import load_keymap
from tui.keys import Key, conflicts, remapped

PACKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "default": {},
    "vim": {
        "move.page-down": ("ctrl+f", "pagedown"),
        "move.page-up": ("ctrl+b", "pageup"),
        "mark.range": ("V", "v"),
        "view.saved": ("g v",),
        "history.redo": ("ctrl+r", "U"),
        "app.quit": ("Z Z", "ctrl+q"),
        "bar.fold-all": ("g z",),
    },
}
"""Named keymaps: what each changes in the key table. A keys.toml builds on one of them."""


def read_table(folder: Path | None = None) -> tuple[Key, ...]:
    """The key table as keys.toml has it; raises ConfigError on an unknown pack or id, and where two keys clash."""
    table = _table(folder)
    if found := conflicts(table):
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise ConfigError(
            f"keys.toml: {found[0]}{more}", "planner keys --check lists them; until then the usual keys are on"
        )
    return table


def clashes(folder: Path | None = None) -> list[str]:
    """What is wrong with keys.toml, as sentences."""
    try:
        return conflicts(_table(folder))
    except ConfigError as error:
        return [sentence(error)]


def _table(folder: Path | None) -> tuple[Key, ...]:
    keymap = load_keymap(folder)
    if keymap.pack not in PACKS:
        raise ConfigError(f"keys.toml: there is no pack {keymap.pack!r}", f"known are {', '.join(PACKS)}")
    return remapped({**PACKS[keymap.pack], **keymap.keys})


def sentence(error: ConfigError) -> str:
    """A fault in one line, with its way out."""
    return error.message + (f" — {error.hint}" if error.hint else "")
