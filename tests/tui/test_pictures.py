"""The screen as pictures: the demo at a fixed day, at four sizes, in colour and without; README and manual show these files."""

from __future__ import annotations

import html
import os
import re
from datetime import date
from pathlib import Path

import pytest

from planner.core.display import cell_width
from planner.session import Session
from planner.store.config import UserConfig
from planner.store.demo import build, find_sample
from tui.app import PlannerApp
from tui.own import Own
from tui.theme import MONO

TODAY = date(2026, 11, 25)
PICTURES = Path(__file__).parent / "pictures"
SIZES = ((40, 12), (80, 24), (160, 45), (240, 60))

BOARDS = [("board", size, theme, ("l", "l", "j")) for size in SIZES for theme in ("", MONO)]
OTHERS = [
    ("calendar", (160, 45), "", ()),
    ("week", (160, 45), "", ("5", "plus")),
    ("list", (120, 30), "", ("6", "j", "space", "j", "space")),
    ("item", (100, 40), "", ("l", "l", "j", "enter", "tab")),
    ("problems", (100, 24), "planner-light", ("g", "f")),
    ("dashboard", (160, 45), "", ("7",)),
    ("inbox", (100, 30), "", ("8",)),
    ("past", (100, 30), "", ("t", "left", "[")),
    ("palette", (100, 24), "", ("ctrl+p", "f", "a", "i", "r")),
    ("which-key", (80, 24), "", ("g",)),
]

_WIDE = re.compile(r'textLength="([\d.]+)"([^>]*)>([^<]*[^\x00-\x7f][^<]*)</text>')


def _widened(match: re.Match[str]) -> str:
    """The exporter counts characters where it should count cells, and squeezes wide ones."""
    text = html.unescape(match[3])
    width = float(match[1]) / len(text) * cell_width(text)
    return f'textLength="{width:.1f}"{match[2]}>{match[3]}</text>'


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(find_sample(), tmp_path_factory.mktemp("pictures") / "demo", TODAY)


@pytest.mark.parametrize(
    ("name", "size", "theme", "keys"),
    [*BOARDS, *OTHERS],
    ids=lambda part: part if isinstance(part, str) else "x".join(map(str, part)),
)
async def test_the_screen_looks_like_its_picture(
    demo: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: tuple[int, int], theme: str, keys: tuple[str, ...]
) -> None:
    """PLANNER_PICTURES=write makes the pictures anew; look at them before they are committed."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    own = Own(UserConfig(theme=theme, start="calendar" if name == "calendar" else "board", glyphs="unicode"))
    with Session.open(demo, today=TODAY) as session:
        app = PlannerApp(session, watch=False, own=own)
        app.which_key_after = 0.001
        async with app.run_test(size=size) as pilot:
            for _ in range(600):
                await pilot.pause(0.02)
                if app.git.branch and app.settled and app.asked.since:
                    break
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
                for _ in range(600):
                    if app.settled and app.bridge.idle:
                        break
                    await pilot.pause(0.02)
            for _ in range(600):
                await pilot.pause(0.02)
                if app.settled and app.bridge.idle and (not app.pane.display or app.pane.whole):
                    break
            taken = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="planner"))
            taken = _WIDE.sub(_widened, taken)
    picture = PICTURES / f"{name}-{size[0]}x{size[1]}{'-mono' if theme == MONO else ''}.svg"
    if os.environ.get("PLANNER_PICTURES") == "write":
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(taken, encoding="utf-8")
    assert taken == picture.read_text(encoding="utf-8")
