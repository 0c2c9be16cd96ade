"""Text from files in every place that asks or answers: shown as it is, never obeyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from planner.core.display import display_text
from tests.conftest import Claims
from tests.proof import times
from tests.tui.test_app import CONFIG, home, make, on, running, screen, until
from tests.tui.test_text import PAYLOADS
from tui.app import PlannerApp
from tui.targets import Targets

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.proof]
__all__ = ["home"]

H, P = "tasks/h.md", "tasks/p.md"
FORBIDDEN = "\x1b\x07\x9b\u202e\udce9"


class Watched(PlannerApp):
    """Says whether a text was obeyed."""

    CSS_PATH = str(Path(__file__).parents[2] / "tui" / "app.tcss")
    fired = False

    def action_boom(self, *_: str) -> None:
        """What payloads ask for."""
        self.fired = True


def files(payload: str) -> dict[str, str]:
    """A vault with the payload wherever a text may stand."""
    text = "".join(
        char if char.isascii() and char.isprintable() and char not in '\\"' else f"\\u{ord(char):04x}"
        for char in payload
    )
    item = (
        f'---\nid: {{}}\ntitle: "{text}"\nstatus: todo\ntags: ["{text}"]\nassignee: ["{text}"]\nrank: a{{}}\n{{}}---\n'
    )
    return {
        "planner.toml": CONFIG,
        H: item.format("hhh111", 0, "depends_on: [ppp222]\n"),
        P: item.format("ppp222", 1, ""),
        "projects/x/project.md": f'---\nid: xxx333\ntitle: "{text}"\n---\n',
        "people/y.md": f'---\ntitle: "{text}"\nname: "{text}"\n---\n',
    }


def asked_twice(app: PlannerApp) -> None:
    """The question with both values."""
    item = app.session.vault.find("hhh111")
    app._ask_both(Targets.of([item], "title"), item.title, lambda: None, None)


def warned(app: PlannerApp) -> None:
    """A title editor that is told of another value."""
    app.action_title()
    app.call_after_refresh(lambda: app.screen.warn(f"now {app.session.vault.find('hhh111').title}"))  # type: ignore[attr-defined]


SINKS: dict[str, Callable[[PlannerApp], None] | str] = {
    "status": "s", "day": "d", "people": "at", "tags": "number_sign", "project": "P", "blockers": "b", "chain": "B",
    "title": "i", "modify": "m", "child": "A", "operations": "O", "priority": "exclamation_mark", "both": asked_twice,
    "warning": warned, "said": lambda app: app.say(app.session.vault.find("hhh111").title), "copied": "y y",
}  # fmt: skip


async def click(pilot: Pilot[int], app: PlannerApp, text: str) -> None:
    """A click on the first place where the payload is shown."""
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        if (x := strip.text.find(text)) >= 0:
            await pilot.click(offset=(x + 1, y))
            return


@pytest.mark.parametrize("payload", PAYLOADS[:: times(5, 1)])
async def test_nothing_is_obeyed_anywhere(
    tmp_path: Path, payload: str, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vault"
    folder.mkdir()
    if "\udce9" in payload:
        payload = payload.replace("\udce9", "\ufffd")
    make(folder, files(payload))
    monkeypatch.setattr("tests.tui.test_app.PlannerApp", Watched)
    async with running(folder, (120, 40)) as (app, pilot):
        assert isinstance(app, Watched)
        with claims("a payload in a place that asks or answers is shown, not obeyed", expect=len(SINKS)) as claim:
            for name, sink in SINKS.items():
                on(app, H)
                if isinstance(sink, str):
                    await pilot.press(*sink.split())
                else:
                    sink(app)
                for _ in range(3):
                    await pilot.pause(0.02)
                shown = screen(app)
                visible = display_text(payload)[:12] in shown or name in {"priority", "copied", "operations", "status"}
                await click(pilot, app, display_text(payload)[:12])
                while len(app.screen_stack) > 1:
                    await pilot.press("escape")
                    await pilot.pause()
                claim.check(visible and not app.fired and not set(FORBIDDEN) & set(shown), (name, payload))
        await until(pilot, lambda: app.bridge.idle)
        assert app.is_running
