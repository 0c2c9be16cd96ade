from __future__ import annotations

from datetime import date

import pytest

from tests.conftest import build
from tui.completion import capture_completer
from tui.pickers import rows
from tui.pickers.choose import choice
from tui.pickers.fuzzy import best
from tui.pickers.month import HEIGHT, WIDTH, day_at, month

TODAY = date(2026, 11, 25)
VAULT = build(
    """
== tasks/a.md ==
---
id: aaa111
title: Alpha
status: todo
assignee: [bo]
tags: [web, git]
depends_on: [bbb222]
---
== tasks/b.md ==
---
id: bbb222
title: Beta release
status: doing
tags: [web]
project: site
---
== people/ana.md ==
---
name: Ana Lima
title: Ana Lima
---
== projects/site/project.md ==
---
title: The new site
---
"""
)
ITEMS = [VAULT.find("aaa111"), VAULT.find("bbb222")]


def test_letters_mean_the_nearest_row() -> None:
    found = [
        choice(str(n), text) for n, text in enumerate(["ship the thing", "other shipping", "s-h-i-p", "hip", "ship"])
    ]
    assert [row.value for row in best("ship", found)] == ["0", "4", "1", "2"]
    assert [row.value for row in best("thing ship", found)] == ["0"]
    assert [row.value for row in best("", found, limit=2)] == ["0", "1"]


def test_what_all_items_have_is_marked() -> None:
    assert [(row.value, row.marked) for row in rows.tags(VAULT, ITEMS)] == [("web", True), ("git", False)]
    assert [(row.value, row.marked) for row in rows.people(VAULT, "ana", ITEMS[:1])] == [("bo", True), ("ana", False)]


def test_blockers_are_those_waited_for_then_open_work() -> None:
    assert [row.value for row in rows.blockers(VAULT, ITEMS[:1])] == ["bbb222"]
    assert [row.value for row in rows.blockers(VAULT, ITEMS[1:])] == ["aaa111"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pay #w", ["#web"]),
        ("pay #", ["#web", "#git"]),
        ("@", ["@bo", "@ana"]),
        ("ask @li", ["@ana"]),
        ("p:", ["p:site"]),
        ("p:new", ["p:site"]),
        ("status:d", ["status:doing", "status:done"]),
        ("!u", ["!urgent"]),
        ("+w", ["+web"]),
        ("-#g", ["-#git"]),
        ("+@a", ["+@ana"]),
        ("due:eo", ["due:eow", "due:eom", "due:eoq"]),
        ("plain words", None),
        ("#web", None),
        ("http://x", None),
    ],
)
def test_a_word_is_completed_by_its_sign(line: str, expected: list[str] | None) -> None:
    found = capture_completer(VAULT, TODAY, "bo")(line, len(line))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert [option.text for option in found.options][: len(expected)] == expected
        assert line[found.start : found.end] == line.rsplit(maxsplit=1)[-1]


def test_a_completed_date_says_the_day() -> None:
    found = capture_completer(VAULT, TODAY, "bo")("x due:fr", 8)
    assert found is not None
    assert found.options[0] == ("due:fri", "2026-11-27 Fri")


def test_the_small_month_marks_the_day_and_is_hit_where_it_is_drawn() -> None:
    drawn = month(date(2026, 12, 24), TODAY).plain.split("\n")
    assert len(drawn) == HEIGHT
    assert max(map(len, drawn)) <= WIDTH
    assert drawn[0].strip() == "Dec 2026"
    assert drawn[1] == "Mo Tu We Th Fr Sa Su"
    assert drawn[2] == "30  1  2  3  4  5  6"
    for y, line in enumerate(drawn[2:], 2):
        for x in range(0, WIDTH, 3):
            day = day_at(x, y, date(2026, 12, 24))
            assert (f"{day.day:2}" if day else "  ") == line.ljust(WIDTH)[x : x + 2]
    assert day_at(2, 2, TODAY) is None
    assert day_at(0, 1, TODAY) is None


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31), date(2026, 2, 1)])
@pytest.mark.parametrize("first", [0, 6])
def test_the_small_month_is_whole_at_both_ends_of_time(day: date, first: int) -> None:
    assert f"{day.day:2}" in month(day, TODAY, first).plain
