"""Text of a file on every part of the screen that shows any: as typed, never obeyed, and no escape sequence gets out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from planner.core.display import display_text
from tests.proof import Claim, times
from tests.tui.test_app import CONFIG, home, make, running, until  # noqa: F401
from tests.tui.test_text import PAYLOADS
from tui.app import PlannerApp
from tui.screens.page import TextPage
from tui.text import content

pytestmark = pytest.mark.usefixtures("home")

Claims = Callable[..., AbstractContextManager[Claim]]
Step = Callable[[PlannerApp, Pilot[int], str], Awaitable[object]]
FORBIDDEN = "\x1b\x07\x9b\u202e\udce9"


def keys(*strokes: str) -> Step:
    async def press(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
        await pilot.press(*strokes)

    return press


def line(opener: str, typed: Callable[[str], str], closer: str = "escape") -> Step:
    async def press(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
        await pilot.press(opener)
        await until(pilot, lambda: len(app.screen_stack) > 1)
        app.screen.query_one(Input).value = typed(display_text(text))  # a terminal types no control characters
        await settle(pilot)
        look(app)
        await pilot.press(closer)

    return press


async def toast(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
    app.notify(str(content(text)), title=str(content(text)), markup=False)
    await settle(pilot)
    app.clear_notifications()


async def help_page(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
    app.push_screen(TextPage(text, content(text, multiline=True)))
    await settle(pilot)
    look(app)
    await pilot.press("escape")


async def said(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
    app.say(text, "bold $ink-warn")
    await settle(pilot)


async def obeyed(app: PlannerApp, pilot: Pilot[int], text: str) -> None:
    await app.obey(text.replace("'", "").replace('"', "").replace("\\", "") or "x")
    await settle(pilot)


SINKS: dict[str, Step] = {
    "cards and headers of the board": keys("3"),
    "lanes": keys("backslash", *"assignee", "enter"),
    "today": keys("1"),
    "agenda": keys("2"),
    "timeline": keys("4"),
    "month": keys("5", "T"),
    "week": keys("5", "plus"),
    "list": keys("6"),
    "columns and groups": keys("6", "backslash", *"tags", "enter"),
    "problems": keys("g", "f"),
    "inbox": keys("8"),
    "which item says the same": keys("8", "equals_sign", "escape"),
    "why it is declined": line("minus", lambda text: text),
    "preview": keys("3", "p", "p"),
    "opened item, links, history": keys("3", "enter", "tab", "tab"),
    "link followed": keys("3", "enter", "tab", "enter", "backspace"),
    "filter with its completion": line("slash", lambda text: f'"{text}" #'),
    "filter's error": line("slash", lambda text: f"due<{text}"),
    "palette": line("ctrl+p", lambda _: "x"),
    "palette by its own words": line("ctrl+p", lambda text: text),
    "command line": line("colon", lambda text: text),
    "command line's answer": obeyed,
    "saved views": keys("V", "escape"),
    "sort, columns": keys("6", "o", "escape", "C", "escape"),
    "key search": line("question_mark", lambda text: text),
    "status line": said,
    "toast": toast,
    "text page": help_page,
    "labels to jump by": keys("6", "f", "escape"),
}


async def settle(pilot: Pilot[int]) -> None:
    await pilot.pause()


def look(app: PlannerApp) -> None:
    """Nothing on the screen is a control character, and the title of the window is ours."""
    shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    assert not any(char in shown for char in FORBIDDEN)
    assert app.title == "planner"
    assert app.is_running


def vault(folder: Path, text: str) -> Path:
    """The text wherever a file can carry it: title, body, people, tags, a step, a link, another file's title, a saved view."""
    quoted = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else _escaped(char) for char in text
    )
    config = CONFIG + f'\n[views.mine]\nquery = "{quoted.replace(chr(92) + "udce9", "")}"\n'
    header = (
        f'title: "{quoted}"\nassignee: "{quoted}"\ntags: ["{quoted}"]\nblocked_reason: "{quoted}"\nx_own: "{quoted}"\n'
    )
    body = f"# {text}\n\n[[bbb222|{text}]] `{text}`\n\n- [ ] {text}\n\n## Log\n- 2026-11-20 10:00 ana: {text}\n"
    files = {
        "planner.toml": config,
        "tasks/a.md": f"---\nid: aaa111\nstatus: doing\ndue: 2026-11-26\nestimate: 2d\ndelegated_by: ana\n{header}---\n{body}",
        "tasks/b.md": f'---\nid: bbb222\ntitle: "{quoted} two"\nstatus: "{quoted}"\ndue: 2026-11-25\n---\n{text}\n',
        "people/p.md": f'---\nid: p\nname: "{quoted}"\n---\n',
    }
    folder.mkdir()
    return make(folder, {path: said.encode("utf-8", "replace").decode() for path, said in files.items()})


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if not 0xD800 <= ord(char) < 0xE000 else "?"


@pytest.mark.proof
@pytest.mark.parametrize("text", PAYLOADS[: times(1, len(PAYLOADS))], ids=repr)
async def test_no_sink_obeys_what_a_file_says(tmp_path: Path, text: str, claims: Claims) -> None:
    with claims("payload x sink: no action, no exception, no escape", expect=len(SINKS)) as claim:
        await through_every_sink(vault(tmp_path / "vault", text), text, claim)


async def through_every_sink(folder: Path, text: str, claim: Claim) -> None:
    async with running(folder, (160, 45)) as (app, pilot):
        for name, step in SINKS.items():
            await step(app, pilot, text)
            await settle(pilot)
            look(app)
            await pilot.click(offset=(12, 5))
            await pilot.click(offset=(30, 43))
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
                await settle(pilot)
            if app.opened:
                await pilot.press("q")
            await pilot.press("escape")
            claim.check(app.is_running and len(app.screen_stack) == 1, f"{text!r} in {name}")
        await app.obey("list")
        await until(pilot, lambda: app.settled and app.asked.view == "list")
        drawn = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert display_text(text)[:20] in drawn.translate({0x2068: None, 0x2069: None}) or "\udce9" in text
