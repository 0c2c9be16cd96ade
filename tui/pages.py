"""Which builder makes the page of each view of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from tui.page import Asked, Page

Builder: TypeAlias = "Callable[[Asked], Page]"


def _of(module: str, builder: str) -> Builder:
    """A builder whose module is imported when its page is asked for: a screen starts with one."""

    def build(asked: Asked) -> Page:
        return cast("Builder", getattr(import_module(f"tui.{module}"), builder))(asked)

    return build


PAGES: Mapping[str, Builder] = {
    "today": _of("lists", "build_today"),
    "agenda": _of("lists", "build_agenda"),
    "board": _of("board", "build_board"),
    "calendar": _of("calendar", "build_calendar"),
    "list": _of("table", "build_list"),
    "problems": _of("problems", "build_problems"),
    "timeline": _of("timeline", "build_timeline"),
    "dashboard": _of("dashboard", "build_dashboard"),
    "inbox": _of("inbox", "build_inbox"),
    "workload": _of("planreports", "build_workload"),
    "roadmap": _of("planreports", "build_roadmap"),
    "risks": _of("planreports", "build_risks"),
    "compare": _of("planreports", "build_compare"),
}


def import_all() -> None:
    """Import what draws every page, so that no key waits for it: to be called beside the screen, when it stands."""
    for module in ("lists", "board", "calendar", "table", "problems", "timeline", "dashboard", "inbox", "planreports"):
        import_module(f"tui.{module}")
