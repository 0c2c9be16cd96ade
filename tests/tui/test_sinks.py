"""Text of a file on every part of the screen that shows any: as typed, never obeyed, and no escape sequence gets out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Tooltip

from planner.core.display import display_text
from planner.core.frozen import path_of, to_text
from planner.core.vault import Vault
from planner.errors import Invalid
from planner.plan.baseline import freeze
from planner.plan.planned import planned
from tests.proof import Claim, times
from tests.tui.test_answers import Watched, click
from tests.tui.test_app import CONFIG, TODAY, git, home, make, on, running, until  # noqa: F401
from tests.tui.test_text import PAYLOADS
from tui.app import PlannerApp
from tui.screens.page import TextPage
from tui.text import content

pytestmark = pytest.mark.usefixtures("home")

Claims = Callable[..., AbstractContextManager[Claim]]
Step = Callable[[PlannerApp, Pilot[int], str], Awaitable[str]]
"""What leads to a sink; answers with what was seen on the way there."""
A, B, ASKED = "tasks/a.md", "tasks/b.md", "inbox/q.md"
FORBIDDEN = "\x1b\x07\x9b\u202e\udce9"


def keys(*strokes: str) -> Step:
    async def press(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
        await pilot.press(*strokes)
        await until(pilot, lambda: app.settled)
        return ""

    return press


def asking(*strokes: str, view: str = "3", path: str = A) -> Step:
    """Strokes that open something over the page, with the cursor on an item that has it all."""

    async def press(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
        await pilot.press(view)
        await until(pilot, lambda: app.settled)
        on(app, path)
        await pilot.press(*strokes)
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.pause()
        return look(app)

    return press


def line(opener: str, typed: Callable[[str], str], *, view: str = "3", path: str = A) -> Step:
    """A line of input with the text in it."""

    async def press(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
        await pilot.press(view)
        await until(pilot, lambda: app.settled)
        on(app, path)
        await pilot.press(opener)
        await until(pilot, lambda: len(app.screen_stack) > 1)
        app.screen.query_one(Input).value = typed(text)  # no terminal types control characters, a program sets them
        await settle(pilot)
        seen = look(app)
        await pilot.press("escape")
        return seen

    return press


async def toast(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    app.notify(str(content(text)), title=str(content(text)), markup=False)
    await settle(pilot)
    seen = look(app)
    app.clear_notifications()
    return seen


async def tooltip(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    """No widget of ours has one; if one had, it would be by `content` as everything is."""
    await app.screen.mount(Tooltip(id="textual-tooltip"))
    app.grid.tooltip = content(text)
    await pilot.hover(offset=(5, 5))
    app.screen._handle_tooltip_timer(app.grid)
    await settle(pilot)
    seen = look(app)
    app.grid.tooltip = None
    await app.screen.query_one(Tooltip).remove()
    return seen


async def help_page(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    app.push_screen(TextPage(text, content(text, multiline=True)))
    await settle(pilot)
    seen = look(app)
    await pilot.press("escape")
    return seen


async def said(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    app.say(text, "bold $ink-warn")
    await settle(pilot)
    return ""


async def refused(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    app.wish_failed(Invalid(text, text))
    await settle(pilot)
    return ""


async def crashed(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    """What is printed when the program breaks; it goes on here."""
    left = app._close_messages_no_wait
    app._close_messages_no_wait = lambda: None  # type: ignore[method-assign]
    try:
        raise ValueError(text)
    except ValueError:
        app._fatal_error()
    app._close_messages_no_wait = left  # type: ignore[method-assign]
    with app.console.capture() as printed:
        app.console.print(app._exit_renderables.pop(), style=None, no_wrap=True)
    seen = printed.get()
    assert not set(FORBIDDEN) & set(seen.replace("\x1b[0m", ""))
    return seen


async def obeyed(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    await app.obey(text.replace("'", "").replace('"', "").replace("\\", "") or "x")
    await settle(pilot)
    return ""


async def window_title(app: PlannerApp, pilot: Pilot[int], text: str) -> str:
    await pilot.press("3", "enter")
    await settle(pilot)
    assert (app.title, app.sub_title) == ("planner", "")
    return ""


SINKS: dict[str, Step] = {
    "cards and headers of the board": keys("3"),
    "lanes": keys("3", "backslash", *"assignee", "enter"),
    "cards in detail": keys("3", "plus", "plus", "minus", "minus"),
    "today": keys("1"),
    "agenda": keys("2"),
    "timeline: rows": keys("4"),
    "timeline: header and its notes": keys("4", "plus", "C", "C", "minus"),
    "timeline: groups of people": keys("4", "backslash"),
    "timeline: groups of goals": keys("4", "backslash"),
    "timeline: groups of projects": keys("4", "backslash"),
    "timeline: what-if": keys("4", "W", "escape"),
    "month": keys("5", "T"),
    "week": keys("5", "T", "plus"),
    "list": keys("6"),
    "columns and groups": keys("6", "backslash", *"tags", "enter"),
    "problems": keys("g", "f"),
    "dashboard": keys("7"),
    "inbox": keys("8"),
    "which item says the same": asking("equals_sign", view="8", path=ASKED),
    "why it is declined": line("minus", lambda text: text, view="8", path=ASKED),
    "workload": keys("9"),
    "roadmap": keys("g", "r"),
    "risks": keys("g", "k"),
    "comparison with a baseline": keys("g", "s"),
    "preview": keys("3", "p", "p"),
    "opened item, links, history": keys("3", "enter", "tab", "tab"),
    "history pane to its end": keys("3", "enter", "G", "pagedown", "pagedown"),
    "link followed": keys("3", "enter", "tab", "enter", "backspace"),
    "filter with its completion": line("slash", lambda text: f'"{text}" #'),
    "filter's error": line("slash", lambda text: f"due<{text}"),
    "palette": line("ctrl+p", lambda _: "x"),
    "palette by its own words": line("ctrl+p", lambda text: text),
    "command line": line("colon", lambda text: text),
    "command line's answer": obeyed,
    "saved views": asking("V"),
    "sort": asking("o", view="6"),
    "columns to choose": asking("C", view="6"),
    "key search": line("question_mark", lambda text: text),
    "picker: status": asking("s"),
    "picker: people": asking("at"),
    "picker: tags": asking("number_sign"),
    "picker: project": asking("P"),
    "picker: what it waits for": asking("b"),
    "picker: before and after": asking("B"),
    "picker: day": asking("d"),
    "title edited in its place": asking("i"),
    "a line of changes": line("m", lambda text: f"title={text}"),
    "a part to add": line("A", lambda text: text),
    "operation log": asking("O"),
    "tabs": keys("right_square_bracket", "left_square_bracket"),
    "status line": said,
    "refusal": refused,
    "toast": toast,
    "tooltip": tooltip,
    "text page": help_page,
    "error screen": crashed,
    "window title": window_title,
    "labels to jump by": keys("6", "f", "escape"),
}
TRIED = list(SINKS)[:: times(3, 1)]
UNSEEN = {
    "problems": "a fault is told in our words",
}
"""Sinks that may show no text of a file, with the reason."""


async def settle(pilot: Pilot[int]) -> None:
    await pilot.pause()


def look(app: PlannerApp) -> str:
    """What is on the screen; nothing of it is a control character, and the title of the window is ours."""
    shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    assert not any(char in shown for char in FORBIDDEN)
    assert app.title == "planner"
    assert app.is_running
    return shown


def head(text: str) -> str:
    """How a text begins on the screen, as far as a narrow column shows it and a file can hold it."""
    return display_text(text)[:6].partition("\ufffd")[0]


def vault(folder: Path, text: str) -> Path:
    """The text wherever a file or a commit can carry it: titles, body, people, tags, projects, risks, a saved view …"""
    quoted = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else _escaped(char) for char in text
    )
    states = 'states = [\n  {name = "inbox", category = "triage"},'
    config = CONFIG.replace("states = [", states) + f'\n[views."{quoted}"]\nquery = "{quoted}"\n'
    header = (
        f'title: "{quoted}"\nassignee: "{quoted}"\ntags: ["{quoted}"]\nblocked_reason: "{quoted}"\nx_own: "{quoted}"\n'
    )
    body = f"# {text}\n\n[[bbb222|{text}]] `{text}`\n\n- [ ] {text}\n\n## Log\n- 2026-11-20 10:00 ana: {text}\n"
    files = {
        "planner.toml": config,
        A: f"---\nid: aaa111\nstatus: doing\ndue: 2026-11-26\nestimate: 200h\ndelegated_by: ana\nproject: x\ngoal: ggg444\n{header}"
        f"depends_on: [bbb222]\n---\n{body}",
        B: f'---\nid: bbb222\ntitle: "{quoted} two"\nstatus: "{quoted}"\ndue: 2026-11-25\n---\n{text}\n',
        ASKED: f'---\nid: qqq666\ntitle: "{quoted}"\nstatus: inbox\n---\n',
        "people/p.md": f'---\nid: p\nname: "{quoted}"\n---\n',
        "projects/x/project.md": f'---\nid: x\nkind: project\ntitle: "{quoted}"\n---\n',
        "projects/x/m.md": f'---\nid: mmm333\nkind: milestone\nproject: x\ntitle: "{quoted}"\ndue: 2026-12-20\n---\n',
        "goals/g.md": f'---\nid: ggg444\nkind: goal\ntitle: "{quoted}"\n---\n',
        "risks/r.md": f'---\nid: rrr555\nkind: risk\ntitle: "{quoted}"\nprobability: 4\nimpact: 5\nresponse: "{quoted}"\n---\n',
    }
    files = {path: said.encode("utf-8", "replace").decode() for path, said in files.items()}
    agreed = Vault.parse({path: said for path, said in files.items() if path != A})
    baseline = to_text(freeze(agreed, planned(agreed, TODAY), "agreed", date(2026, 11, 20)))
    folder.mkdir()
    make(folder, {**files, path_of("agreed"): baseline})
    (folder / A).write_text(files[A] + "More.\n", encoding="utf-8")
    git(folder, "-c", f"user.name={text}", "commit", "-qam", text)
    return folder


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if not 0xD800 <= ord(char) < 0xE000 else "?"


@pytest.mark.proof
@pytest.mark.parametrize("text", PAYLOADS[: times(1, len(PAYLOADS))], ids=repr)
async def test_no_sink_obeys_what_a_file_says(
    tmp_path: Path, text: str, claims: Claims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.tui.test_app.PlannerApp", Watched)
    with claims("payload x sink: no action, no exception, no escape", expect=len(TRIED)) as claim:
        await through_every_sink(vault(tmp_path / "vault", text), text, claim)


async def through_every_sink(folder: Path, text: str, claim: Claim) -> None:
    async with running(folder, (160, 45)) as (app, pilot):
        assert isinstance(app, Watched)
        for name in TRIED:
            seen = await SINKS[name](app, pilot, text)
            await settle(pilot)
            seen += look(app)
            await click(pilot, app, head(text))
            await pilot.click(offset=(12, 5))
            await pilot.click(offset=(30, 43))
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
                await settle(pilot)
            if app.opened:
                await pilot.press("q")
            await pilot.press("escape")
            visible = name in UNSEEN or head(text) in seen
            claim.check(
                visible and not app.fired and app.is_running and len(app.screen_stack) == 1, f"{text!r} in {name}"
            )
