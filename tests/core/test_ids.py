"""Ids, slugs, file names and prefixes: text in, text out."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.ids import (
    ALPHABET,
    UniquePrefixes,
    filename,
    is_id_shape,
    is_occurrence_id,
    is_own_id,
    new_id,
    slug,
)

laws = settings(max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)


def test_new_ids_have_the_shape_and_are_drawn_again_when_taken() -> None:
    first = new_id(Random(7), lambda _: False)
    second = new_id(Random(7), lambda drawn: drawn == first)
    assert is_own_id(first)
    assert is_own_id(second)
    assert second != first


@laws
@given(st.integers())
def test_every_id_starts_with_a_letter(seed: int) -> None:
    drawn = new_id(Random(seed), lambda _: False)
    assert len(drawn) == 6
    assert drawn[0].isalpha()
    assert set(drawn) <= set(ALPHABET)


@pytest.mark.parametrize("text", ["k7f3qx", "K7F3QX", "BACK-12", "WEB-7", "a", "v1.2_x", "k7f3qx-2026-12-01"])
def test_ids(text: str) -> None:
    assert is_id_shape(text)


@pytest.mark.parametrize("text", ["", "-rf", "../../etc/passwd", "a b", "😀", "x" * 300, "a/b", "é", "a\u200bb", "a\n"])
def test_not_ids(text: str) -> None:
    assert not is_id_shape(text)
    assert not is_own_id(text)


@pytest.mark.parametrize("text", ["7f3qxk", "k7f3q", "k7f3qxx", "k7f3qa", "k7f3q1", "k7f3qx\n"])
def test_not_our_own_ids(text: str) -> None:
    assert not is_own_id(text)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Field-level merge driver", "field-level-merge-driver"),
        ("Größe & Maße prüfen", "groesse-masse-pruefen"),
        ("Ärger über Öl", "aerger-ueber-oel"),
        ("A\u0308rger", "aerger"),
        ("Crème brûlée, señor!", "creme-brulee-senor"),
        ("  --- fix #12: a/b ... ", "fix-12-a-b"),
        ("買い物", ""),
        ("👨‍👩‍👧", ""),
        ("", ""),
        ("CON", "con-item"),
        ("lpt1", "lpt1-item"),
        ("console", "console"),
        ("../../etc/passwd", "etc-passwd"),
        ("trailing dots...", "trailing-dots"),
        ("\udc80bad byte", "bad-byte"),
    ],
)
def test_slug(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_a_slug_is_cut_between_words() -> None:
    assert slug("one two three four", limit=9) == "one-two"
    assert slug("one two three four", limit=7) == "one-two"
    assert slug("x" * 80, limit=10) == "x" * 10


@laws
@given(st.text(), st.integers(1, 80))
def test_slugs_are_safe_file_names(title: str, limit: int) -> None:
    words = slug(title, limit)
    assert len(words) <= limit
    assert set(words) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not words.startswith("-")
    assert not words.endswith("-")


def test_filenames() -> None:
    assert filename("Buy milk", "k7f3qx") == "buy-milk-k7f3qx.md"
    assert filename("買い物", "k7f3qx") == "k7f3qx.md"
    with pytest.raises(ValueError, match="expected an id"):
        filename("x", "../x")


@laws
@given(st.text(max_size=300), st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_.\-]{0,63}", fullmatch=True))
def test_filenames_fit(title: str, identifier: str) -> None:
    name = filename(title, identifier)
    assert len(name.encode()) <= 100
    assert name.endswith(f"{identifier}.md")


def test_prefixes() -> None:
    assert UniquePrefixes(["k7f3qx", "k7m2dd", "p4w8tn"]) == {"k7f3qx": 3, "k7m2dd": 3, "p4w8tn": 1}
    assert UniquePrefixes(["WEB-1", "web-12"]) == {"WEB-1": 5, "web-12": 6}
    assert UniquePrefixes([]) == {}


def test_ids_that_differ_in_case_only_are_one() -> None:
    assert UniquePrefixes(["ab12", "AB12", "b"]) == {"ab12": 1, "AB12": 1, "b": 1}


def test_occurrences_do_not_count() -> None:
    assert is_occurrence_id("k7f3qx-2026-12-01")
    found = UniquePrefixes(["k7f3qx", "k7f3qx-2026-12-01", "k7f3qx-2026-12-08"])
    assert found == {"k7f3qx": 1, "k7f3qx-2026-12-01": 17, "k7f3qx-2026-12-08": 17}


@laws
@given(st.lists(st.text("ab2", min_size=1, max_size=5), unique=True))
def test_a_prefix_of_that_length_is_shared_by_no_other(ids: list[str]) -> None:
    for text, length in UniquePrefixes(ids).items():
        others = [other for other in ids if other != text and other.startswith(text[:length])]
        assert not others or length == len(text)
        if length > 1:
            assert sum(other.startswith(text[: length - 1]) for other in ids) > 1


@laws
@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_ascii_needs_no_spelling_out(title: str) -> None:
    assert slug(f"é{title}") in {slug(f"e{title}"), slug(f"e{title}").removesuffix("-item")}
