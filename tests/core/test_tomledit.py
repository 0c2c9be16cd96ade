"""A list in a TOML text grows, and every other byte stays."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.tomledit import add_to_list

NEW = [("2026-12-26", "Stefanitag"), ("2027-05-01", "")]
ADDED = '  "2026-12-26",  # Stefanitag\n  "2027-05-01",\n'

CASES = {
    "an empty file": ("", f"[calendars.default]\nholidays = [\n{ADDED}]\n"),
    "another section": ("[vault]\nformat = 1", f"[vault]\nformat = 1\n\n[calendars.default]\nholidays = [\n{ADDED}]\n"),
    "the section without the key": (
        "[calendars.default]  # ours\nworking = 'Mon'\n\n[sync]\n",
        f"[calendars.default]  # ours\nholidays = [\n{ADDED}]\nworking = 'Mon'\n\n[sync]\n",
    ),
    "one line": (
        '[calendars.default]\nholidays = ["2026-12-25"] # [x]\n[sync]\nauto = "off"\n',
        f'[calendars.default]\nholidays = ["2026-12-25",\n{ADDED}] # [x]\n[sync]\nauto = "off"\n',
    ),
    "many lines": (
        '[calendars.default]\nholidays = [\n  "2026-12-25",  # "]" Christtag\n  # more to come\n]\n',
        f'[calendars.default]\nholidays = [\n  "2026-12-25",  # "]" Christtag\n  # more to come\n{ADDED}]\n',
    ),
    "many lines without a last comma": (
        '[calendars.default]\nholidays = [\n  "2026-12-25"  # Christtag\n]\n',
        f'[calendars.default]\nholidays = [\n  "2026-12-25",  # Christtag\n{ADDED}]\n',
    ),
    "an empty list": ("[calendars.default]\nholidays = []\n", f"[calendars.default]\nholidays = [\n{ADDED}]\n"),
    "a name in quotes": (
        "[calendars.\"default\"]\nholidays = ['2026-12-25']\n",
        f"[calendars.\"default\"]\nholidays = ['2026-12-25',\n{ADDED}]\n",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_only_the_list_grows(name: str) -> None:
    before, after = CASES[name]
    assert add_to_list(before, "calendars.default", "holidays", NEW) == after
    assert tomllib.loads(after)["calendars"]["default"]["holidays"][-2:] == ["2026-12-26", "2027-05-01"]


def test_windows_line_ends_stay() -> None:
    text = add_to_list('[calendars.default]\r\nholidays = ["2026-12-25"]\r\n', "calendars.default", "holidays", NEW)
    assert text.count("\n") == text.count("\r\n") == 5


@pytest.mark.parametrize(
    "text",
    ['calendars = {default = {holidays = ["2026-12-25"]}}\n', 'calendars.default.holidays = ["2026-12-25"]\n',
     '[calendars]\ndefault = "Mon-Fri"\n'],
)  # fmt: skip
def test_what_cannot_be_added_to_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be added to|no table|Cannot|declare"):
        add_to_list(text, "calendars.default", "holidays", NEW)


DAYS = st.lists(st.dates().map(str), max_size=5)


@given(DAYS, DAYS, st.sampled_from(['"', "'"]), st.sampled_from([", ", ",\n  ", " ,\n# [\n"]), st.booleans())
def test_the_old_text_is_in_the_new_one_but_for_one_comma(
    old: list[str], new: list[str], quote: str, comma: str, last: bool
) -> None:
    entries = comma.join(f"{quote}{day}{quote}" for day in old) + ("," if last and old else "")
    text = f"# top ]\n[a.b]\nx = [{entries}\n] # end\ny = '[a.b]'\n"
    grown = add_to_list(text, "a.b", "x", [(day, "[") for day in new])
    assert tomllib.loads(grown)["a"]["b"]["x"] == old + new
    assert grown.startswith(text[: text.index("\n] #")])
    assert grown.endswith("] # end\ny = '[a.b]'\n")
