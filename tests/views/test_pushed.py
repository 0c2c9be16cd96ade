from __future__ import annotations

from datetime import date

from planner.core.vault import Vault
from planner.plan.planned import planned
from planner.views.pushed import Pushed, by, pushed

TODAY = date(2026, 11, 25)
TOML = '[calendars.default]\nworking = "Mon-Fri 09:00-12:00 13:00-18:00"\n'
CHAIN = {
    "a": "estimate: 1d",
    "b": "estimate: 1d\ndepends_on: [a]",
    "c": "estimate: 1d\ndepends_on: [b]",
    "d": "estimate: 5d",
}


def held(**changed: str) -> Vault:
    texts = {f"tasks/{id_}.md": f"---\nid: {id_}\n{header}\n---\n" for id_, header in {**CHAIN, **changed}.items()}
    return Vault.parse({"planner.toml": TOML, **texts})


def found(**changed: str) -> Pushed:
    return pushed(planned(held(), TODAY), planned(held(**changed), TODAY))


def test_what_moves_along_is_named_and_the_end_told() -> None:
    change = found(a="estimate: 4d")
    assert [(move.id, move.days) for move in change.moves] == [("a", 3), ("b", 3), ("c", 3)]
    assert change.sentence({"tasks/a.md"}) == "a +3d · pushes b +3d, c +3d · the end goes from 1 Dec to 2 Dec"


def test_the_end_may_stay() -> None:
    assert found(a="estimate: 12h").sentence({"tasks/a.md"}) == "a +0.5d · pushes b +0.5d, c +0.5d · the end stays"


def test_earlier_is_negative() -> None:
    change = found(d="estimate: 2d")
    assert change.sentence({"tasks/d.md"}) == "d -3d · the end goes from 1 Dec to 27 Nov"


def test_only_three_are_named() -> None:
    many = {f"e{n}": "estimate: 1d\ndepends_on: [a]" for n in range(9)}
    before, after = planned(held(**many), TODAY), planned(held(**many, a="estimate: 2d"), TODAY)
    assert "and 8 more" in pushed(before, after).sentence({"tasks/a.md"})


def test_nothing_moves() -> None:
    assert found().sentence({"tasks/a.md"}) == "nothing moves: its dependencies or its dates hold it"
    assert by(0.04) == "+0d"
