from __future__ import annotations

import html
import os
import re
from datetime import date
from pathlib import Path

import pytest

from planner.core.display import cell_width
from planner.session import Session
from planner.store.demo import build, find_sample
from tui.app import PlannerApp

TODAY = date(2026, 11, 25)
PICTURES = Path(__file__).parent / "pictures"

_WIDE = re.compile(r'textLength="([\d.]+)"([^>]*)>([^<]*[^\x00-\x7f][^<]*)</text>')


def _widened(match: re.Match[str]) -> str:
    """The exporter counts characters where it should count cells, and squeezes wide ones."""
    text = html.unescape(match[3])
    width = float(match[1]) / len(text) * cell_width(text)
    return f'textLength="{width:.1f}"{match[2]}>{match[3]}</text>'


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_the_board_of_the_demo_looks_like_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """PLANNER_PICTURES=write makes the pictures anew; look at them before they are committed."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    folder = build(find_sample(), tmp_path / "demo", TODAY)
    with Session.open(folder, today=TODAY) as session:
        app = PlannerApp(session, watch=False)
        async with app.run_test(size=size) as pilot:
            for _ in range(400):
                await pilot.pause(0.02)
                if app.git.branch and app.settled:
                    break
            await pilot.press("l", "l", "j")
            for _ in range(400):
                await pilot.pause(0.02)
                if not app.pane.display or app.pane.whole:
                    break
            taken = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="planner"))
            taken = _WIDE.sub(_widened, taken)
    picture = PICTURES / f"board-{size[0]}x{size[1]}.svg"
    if os.environ.get("PLANNER_PICTURES") == "write":
        picture.parent.mkdir(exist_ok=True)
        picture.write_text(taken, encoding="utf-8")
    assert taken == picture.read_text(encoding="utf-8")
