from __future__ import annotations

import pytest

from planner.core.people import author, authors, members, mentioned, mentions, named, teams_of
from planner.core.vault import Vault

VAULT = Vault.parse(
    {
        "planner.toml": "",
        "people/ana.md": "---\nname: Ana Horvat\nemail: [ana@example.org, ana@home.example]\naliases: [anka]\n---\n",
        "people/kim.md": "---\nname: Kim Lee\nemail: kim@example.org\n---\n",
        "people/kim-2.md": "---\nname: Kim Lee\nemail: lee@example.org\n---\n",
        "teams/web.md": "---\nmembers: [ana, anka]\nlead: kim\n---\nWeb\n",
    }
)


def ids(items: object) -> list[str]:
    return [item.id for item in items]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("@ana", ["ana"]),
        ("ANA", ["ana"]),
        ("anka", ["ana"]),
        ("Kim Lee", ["kim-2", "kim"]),
        ("kim", ["kim"]),
        ("zoe", []),
    ],
)
def test_a_word_may_mean_one_person_or_several(word: str, found: list[str]) -> None:
    assert sorted(ids(named(VAULT, word))) == sorted(found)


@pytest.mark.parametrize(
    ("name", "email", "who"),
    [
        ("Somebody", "ANA@home.example", "ana"),
        ("Kim Lee", "lee@example.org", "kim-2"),
        ("Anka", "", "ana"),
        ("Zoë Ångström", "zoe@example.org", "zoe-angstroem"),
        ("", "zoe@example.org", "zoe"),
        ("", "", "me"),
    ],
)
def test_an_author_is_known_by_address_then_by_name(name: str, email: str, who: str) -> None:
    assert author(VAULT, name, email) == who


def test_two_people_of_one_name_are_both_possible_and_named_by_check() -> None:
    assert len(authors(VAULT, "Kim Lee", "other@example.org")) == 2
    faults = [fault for fault in VAULT.problems if fault.code == "same-name"]
    assert [(fault.path, fault.line) for fault in faults] == [("people/kim-2.md", 2), ("people/kim.md", 2)]
    assert faults[1].message == "'kim lee' may mean kim or kim-2"


def test_a_team_is_its_members_and_its_lead_each_once() -> None:
    assert members(VAULT, "web") == {"ana", "kim"}
    assert members(VAULT, "zoe") == {"zoe"}
    assert teams_of(VAULT, "ana") == {"web"}


def test_mentions_are_names_after_an_at_sign_and_no_addresses() -> None:
    assert list(mentions("@ana, ask @kim-2. Not a@b.org, not /@x; (@web)!")) == ["ana", "kim-2", "web"]
    assert mentioned(VAULT, "@anka and @nobody") == {"ana"}
    assert mentioned(VAULT, "@web") == {"ana", "kim"}
