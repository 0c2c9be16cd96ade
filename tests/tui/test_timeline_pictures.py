"""Pictures of the timeline, compared to the character; PLANNER_PICTURES=write draws them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from planner.session import Session
from tests.tui.release import TODAY, with_baseline
from tests.tui.test_app import make, until
from tests.tui.test_pictures import _WIDE, PICTURES, _widened
from tui.app import PlannerApp

PICTURED = {
    "timeline-80x24": ("release/t-153", ""),
    "timeline-120x30": ("release/t-153", ""),
    "timeline-160x45": ("sync/t-149", ""),
    "timeline-80x24-mono": ("release/t-153", ""),
    "timeline-120x30-mono": ("release/t-153", ""),
    "timeline-160x45-mono": ("sync/t-149", ""),
    "timeline-what-if-120x30": ("sync/t-149", "W))"),
}
"""The row the cursor is put on before each picture, and what is pressed there."""
AT_REST = 6
"""So many looks at the screen without a change."""


async def at_rest(app: PlannerApp, pilot: Pilot[int]) -> str:
    """The picture once it has stopped changing."""
    seen: list[str] = []
    while len(seen) < AT_REST or len({*seen[-AT_REST:]}) > 1:
        await pilot.pause(0.05)
        taken = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="planner"))
        seen.append(_WIDE.sub(_widened, taken))
    return seen[-1]


@pytest.mark.parametrize("name", PICTURED)
async def test_the_timeline_of_a_release_looks_like_its_picture(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    if name.endswith("-mono"):
        monkeypatch.setenv("NO_COLOR", "1")
    width, height = map(int, re.findall(r"\d+", name)[:2])
    folder = tmp_path / "vault"
    folder.mkdir()
    with Session.open(make(folder, with_baseline()), today=TODAY) as session:
        app = PlannerApp(session, watch=False, view="timeline")
        async with app.run_test(size=(width, height)) as pilot:
            await until(pilot, lambda: bool(app.git.branch) and app.settled)
            row, keys = PICTURED[name]
            await at_rest(app, pilot)
            app.grid.move_to(f"projects/{row}.md")
            for key in keys:
                await pilot.press(key)
                await until(pilot, lambda: app.settled)
            taken = await at_rest(app, pilot)
    picture = PICTURES / f"{name}.svg"
    if os.environ.get("PLANNER_PICTURES") == "write":
        picture.write_text(taken, encoding="utf-8")
    assert runs(taken) == runs(picture.read_text(encoding="utf-8"))


Run = tuple[str, float, str, str, float]


def runs(picture: str) -> list[Run]:
    """What a picture shows: row, place, look, text and length of each run, then the grounds; how a run is cut is not seen."""
    looks = dict(re.findall(r"\.(terminal-r\d+) \{ ([^}]*) \}", picture))
    found: list[Run] = [("", 0.0, picture.partition("<text")[0].partition("<style>")[0], "", 0.0)]
    grounds = [(f"on {fill}", x, f"ground {y}", width, "") for fill, x, y, width in _GROUND.findall(picture)]
    looks.update({look: look for look, *_ in grounds})
    for look, x, y, length, text in (*_TEXT.findall(picture), *grounds):
        row, begin, before, said, size = found[-1]
        here, style = float(x), looks[look]
        if row == y and before == style and abs(begin + size - here) < 0.1:
            found[-1] = (row, begin, before, said + text, round(size + float(length), 1))
        else:
            found.append((y, here, style, text, float(length)))
    return found


_GROUND = re.compile(r'<rect fill="([^"]*)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
_TEXT = re.compile(r'<text class="(terminal-r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>')
