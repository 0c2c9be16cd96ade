"""The app as the person likes it: their theme, keys, signs and motion, at the start and whenever they save them anew."""

from __future__ import annotations

import os
from collections.abc import Sequence

from textual import work
from textual.app import App
from textual.filter import LineFilter, NoColor

from planner.errors import PlannerError
from planner.store.config import stamps, write_setting
from tui import theme
from tui.glyphs import Ascii, wants_ascii
from tui.keys import Key
from tui.own import Own, read_own

LOOK_EVERY = 1.0
"""Seconds between two looks at the person's files."""


class Personal(App[int]):
    """An app under the person's settings."""

    def __init__(self, own: Own | None = None) -> None:
        self.own = own or Own()
        self._ascii, self._no_color = Ascii(), NoColor()
        self._seen: tuple[tuple[str, int, int], ...] = ()
        super().__init__()

    @property
    def table(self) -> Sequence[Key]:
        """The key table as the person has it."""
        return self.own.table

    @property
    def is_mono(self) -> bool:
        """Whether nothing may be told by colour."""
        return "NO_COLOR" in os.environ or self.theme == theme.MONO

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not know them."""
        return theme.inks(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The last hand on every line: no colours, no signs beyond ASCII, where that is wished."""
        filters = [self._no_color] if self.is_mono else [*super().get_line_filters()]
        return [*filters, self._ascii] if wants_ascii(self.own.config.glyphs) else filters

    def on_mount(self) -> None:
        """Dress, and say what is wrong with the person's files."""
        for one in theme.OURS:
            self.register_theme(one)
        self.dress()

    def dress(self) -> None:
        """Take on theme, signs and motion as the settings have them."""
        for one in self.own.themes:
            self.register_theme(one)
        wanted = self.own.config.theme or theme.DARK.name
        if "NO_COLOR" in os.environ:
            wanted = theme.MONO
        self.theme = wanted if wanted in self.available_themes else theme.DARK.name
        if not self.own.config.motion:
            self.animation_level = "none"
        self.refresh_css(animate=False)

    def watch_theme(self, _: str) -> None:
        """Where there is no colour the cursor is told by reverse."""
        self.set_class(self.is_mono, "-mono")
        self.set_class(self.current_theme.ansi, "-ansi")

    def follow_own_files(self) -> None:
        """Look at the person's files from now on, and take over what they save."""
        self._seen = stamps()
        self.set_interval(LOOK_EVERY, self.look_at_own_files)

    @work(thread=True, exclusive=True, group="own files")
    def look_at_own_files(self) -> None:
        """Read the person's files again if one was saved; beside the screen, for their disk may be slow."""
        seen = stamps()
        if seen != self._seen:
            self._seen = seen
            self.call_from_thread(self.own_changed, read_own())

    def own_changed(self, own: Own) -> None:
        """Other settings hold from now on; what is faulty in them is said."""
        self.own = own
        self.dress()

    def choose_theme(self, name: str) -> str:
        """Show a theme and keep it in the person's settings; what to say about it."""
        self.theme = name
        try:
            path = write_setting("theme", name)
        except PlannerError as error:
            return f"{error.message} — {error.hint}"
        return f"theme {name}, kept in {path}"
