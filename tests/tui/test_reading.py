from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.test_app import CONFIG, commits, git, head, home, make, on, running, said, screen, task, until  # noqa: F401
from tui.itempage import LinkSpot, StepSpot

pytestmark = pytest.mark.usefixtures("home")

BODY = """# Why

See [[bbb222]], [the site](https://example.org/x) and [nothing](javascript:alert(1)).

- [x] one
- [ ] two
  - [ ] three

```
- [ ] not a step
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    return make(
        tmp_path / "vault",
        {
            "planner.toml": CONFIG,
            "tasks/a.md": task("aaa111", "Alpha", more="depends_on: ccc333\n") + BODY,
            "tasks/b.md": task("bbb222", "Beta") + "Back to [[aaa111]].\n",
            "tasks/c.md": task("ccc333", "Gamma", "doing"),
        },
    )


async def test_steps_are_ticked_by_key_and_the_cursor_stays(folder: Path) -> None:
    async with running(folder, (100, 40)) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.opened and "☑ one" in screen(app))
        spots = [line.spot for line in app.pane._lines if line.spot is not None]
        assert [spot.number for spot in spots if isinstance(spot, StepSpot)] == [1, 2, 3]
        await pilot.press("tab", "tab", "tab")
        assert app.pane.spot == StepSpot(2, False)
        await pilot.press("space")
        await until(pilot, lambda: "- [x] two" in (folder / "tasks/a.md").read_text())
        await until(pilot, lambda: app.pane.spot == StepSpot(2, True))
        await pilot.press("space")
        await until(pilot, lambda: "- [ ] two" in (folder / "tasks/a.md").read_text())
        assert (folder / "tasks/a.md").read_text().endswith(BODY)
        await until(pilot, lambda: commits(folder) == 3)


async def test_links_are_followed_and_come_back_from(folder: Path) -> None:
    async with running(folder, (100, 40)) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("enter", "tab")
        assert app.pane.spot == LinkSpot("tasks/c.md", "tasks/c.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.pane.path == "tasks/c.md")
        assert [item.path for item in app.items] == ["tasks/c.md"]
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.pane.path == "tasks/a.md")
        await pilot.press("backspace")
        await until(pilot, lambda: app.pane.path == "tasks/c.md")
        await pilot.press("x")
        await until(pilot, lambda: head(folder).startswith("done ccc333"))
        await pilot.press("backspace")
        await until(pilot, lambda: app.pane.path == "tasks/a.md")
        await pilot.press("backspace")
        assert not app.opened


async def test_only_web_and_mail_links_are_opened_outside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(folder, (100, 40)) as (app, pilot):
        opened: list[str] = []
        monkeypatch.setattr(app, "open_url", opened.append)
        on(app, "tasks/a.md")
        await pilot.press("enter")
        for _ in range(12):
            await pilot.press("tab")
            spot = app.pane.spot
            if isinstance(spot, LinkSpot) and spot.path is None:
                await pilot.press("enter")
                break
        assert opened == ["https://example.org/x"]
        assert not any("javascript" in str(line.spot) for line in app.pane._lines)


async def test_history_comes_by_itself_in_fields(folder: Path) -> None:
    (folder / "tasks/a.md").write_text((folder / "tasks/a.md").read_text().replace("Alpha", "Omega"))
    git(folder, "commit", "-qam", "by hand")
    async with running(folder, (100, 60)) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("enter")
        await until(pilot, lambda: "History" in screen(app) and "title Alpha → Omega" in screen(app))
        await pilot.press("x")
        await until(pilot, lambda: "status todo → done" in screen(app))


async def test_an_item_without_steps_says_so(folder: Path) -> None:
    (folder / "tasks/e.md").write_text(task("eee555", "Epsilon"))
    async with running(folder, (100, 40)) as (app, pilot):
        on(app, "tasks/e.md")
        await pilot.press("enter", "space")
        assert "no step" in said(app)


async def test_what_is_too_long_goes_on_under_its_beginning(folder: Path) -> None:
    step = "- [ ] a step of many words that does not fit on one line of the pane"
    text = task("aaa111", "Alpha", more=f"tags: [{', '.join(f'tag{n:03}' for n in range(30))}]\n") + step + "\n"
    (folder / "tasks/a.md").write_text(text, encoding="utf-8")
    async with running(folder, (60, 40)) as (app, pilot):
        on(app, "tasks/a.md")
        await pilot.press("enter")
        await until(pilot, lambda: app.opened and "tag029" in screen(app))
        for width in (60, 44):
            await pilot.resize_terminal(width, 40)
            await until(pilot, lambda width=width: app.size.width == width and app.pane._width < width)  # type: ignore[misc]
            await until(pilot, lambda: "tag029" in screen(app))
            shown = screen(app).splitlines()
            tags = [line for line in shown if "#tag" in line]
            assert len(tags) > 2
            assert {line.index("#tag") for line in tags} == {tags[0].index("#tag")}
            at = next(number for number, line in enumerate(shown) if "☐ a step" in line)
            assert shown[at].index("a step") == len(shown[at + 1]) - len(shown[at + 1].lstrip())
