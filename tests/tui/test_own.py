from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import ConfigError
from planner.store.config import UserConfig, load, stamps, write_setting
from tests.tui.test_app import running, said, screen, until, vault  # noqa: F401 (a fixture)
from tui.keymap import PACKS, clashes, read_table
from tui.keys import KEYS, bindings, conflicts, remapped
from tui.own import Own, read_own
from tui.theme import MONO


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    home = tmp_path / "config" / "planner"
    (home / "themes").mkdir(parents=True)
    return home


def test_without_files_everything_is_as_usual(tmp_path: Path) -> None:
    assert read_own(tmp_path) == Own(UserConfig(), KEYS, (), ())


def test_every_pack_fits_the_table() -> None:
    assert {name: conflicts(remapped(pack)) for name, pack in PACKS.items()} == {name: [] for name in PACKS}


def test_a_keymap_builds_on_a_pack(folder: Path) -> None:
    (folder / "keys.toml").write_text(
        'pack = "vim"\nmove.down = ["ctrl+n", "down"]\n"item.archive" = []\nhelp.keys = "f2"\n'
    )
    here = bindings("board", read_table(folder))
    assert (here["ctrl+n"].id, here["ctrl+r"].id, here["f2"].id) == ("move.down", "history.redo", "help.keys")
    assert not {"j", "D", "?"} & here.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('pack = "emacs"', "there is no pack 'emacs'"),
        ('move.sideways = ["n"]', "there is no key 'move.sideways'"),
        ("move.down = 3", "move.down must be a list of keys, not 3"),
        ('move.down = ["", "n"]', "move.down must be a list of keys"),
        ('move.down = ["x"]', "x means both move.down and item.done"),
        ('move.down = ["g"]', "never fires: g already means move.down"),
        ("move.down = [", "Invalid value (at end of document)"),
    ],
)
def test_a_faulty_keymap_is_a_sentence_and_the_usual_keys_hold(folder: Path, text: str, said: str) -> None:
    (folder / "keys.toml").write_text(text)
    own = read_own(folder)
    assert own.table == KEYS
    assert said in own.faults[0]
    assert any(said in sentence for sentence in clashes(folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('primry = "#fff"', "there is no colour 'primry'"),
        ('primary = "blurple"', "primary is 'blurple', which is no colour"),
        ("primary = 7", "primary is 7, which is no colour"),
        ('background = "#000"', "primary is missing"),
        ('primary = "#fff"\ndark = 1', "dark must be true or false"),
        ("primary", "Expected '='"),
    ],
)
def test_a_faulty_theme_is_a_sentence_and_the_others_hold(folder: Path, text: str, said: str) -> None:
    (folder / "themes" / "bad.toml").write_text(text)
    (folder / "themes" / "good.toml").write_text('primary = "#82aaff"\nink-warn = "red"\n')
    own = read_own(folder)
    assert [theme.name for theme in own.themes] == ["good"]
    assert said in own.faults[0]
    assert "bad.toml" in own.faults[0]


@pytest.mark.parametrize(
    "text", ['density = "huge"', 'week_start = "friday"', 'glyphs = "emoji"', "motion = 1", "x = 1"]
)
def test_a_faulty_setting_is_named(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(folder)
    assert read_own(folder).config == UserConfig()


def test_one_setting_is_written_and_every_other_line_stays(folder: Path) -> None:
    (folder / "config.toml").write_text('# mine\nstart = "list"\ntheme = "nord"  # cold\n')
    write_setting("theme", "dracula", folder)
    assert (folder / "config.toml").read_text() == '# mine\nstart = "list"\ntheme = "dracula"\n'
    write_setting("density", "detail", folder)
    assert load(folder) == UserConfig(start="list", theme="dracula", density="detail")


def test_a_save_is_noticed_by_its_stamp(folder: Path) -> None:
    before = stamps(folder)
    (folder / "keys.toml").write_text('pack = "vim"\n')
    assert stamps(folder) != before


async def test_what_is_saved_holds_at_once(vault: Path, folder: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        (folder / "config.toml").write_text('theme = "nord"\ndensity = "detail"\n')
        (folder / "keys.toml").write_text('move.down = ["ctrl+n", "down"]\n')
        app.look_at_own_files()
        await until(pilot, lambda: app.theme == "nord" and app.asked.density == 4)
        assert {key.id: key.keys for key in app.keys_here()}["move.down"] == ("ctrl+n", "down")
        (folder / "keys.toml").write_text("move.down = [\n")
        app.look_at_own_files()
        await until(pilot, lambda: "keys.toml" in said(app))
        assert {key.id: key.keys for key in app.keys_here()}["move.down"] == ("j", "down")
        (folder / "config.toml").write_text("theme = [\n")
        app.look_at_own_files()
        await until(pilot, lambda: "config.toml" in said(app))
        assert app.is_running


async def test_ascii_tells_every_sign_and_keeps_every_width(vault: Path) -> None:  # noqa: F811
    async with running(vault) as (app, pilot):
        drawn = screen(app).splitlines()
        app.own = Own(UserConfig(glyphs="ascii"))
        plain = ["".join(one.text for one in app._ascii.apply(list(strip), app.screen.background_colors[1]))
                 for strip in app.screen._compositor.render_strips()]  # fmt: skip
        assert all(line.isascii() for line in plain)
        assert [len(line) for line in plain] == [100] * len(drawn)
        assert app._ascii in app.get_line_filters()
        await pilot.pause()


async def test_no_color_leaves_no_colour(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(vault) as (app, _):
        assert app.theme == MONO
        for strip in app.screen._compositor.render_strips():
            shown = strip
            for line_filter in app.get_line_filters():
                shown = shown.apply_filter(line_filter, app.screen.background_colors[1])
            colours = {one.style.color for one in shown if one.style} | {
                one.style.bgcolor for one in shown if one.style
            }
            assert {colour.name for colour in colours if colour} <= {"default"}
