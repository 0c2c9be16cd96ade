from __future__ import annotations

import pytest

from planner.commands import Context
from planner.commands.typed import is_assignment, read_assignment, split_list, typed
from planner.core.document import RawValue
from planner.errors import Invalid
from tests.conftest import build

VAULT = build(
    {
        "tasks/k7f3qx.md": "# Merge driver\n",
        "people/ana.md": "---\naliases: [annie]\nname: Ana Berg\n---\n",
        "projects/web/project.md": "Web\n",
    }
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("due=fri", ("due", (), "=", "fri")),
        ("tags+=x", ("tags", (), "+=", "x")),
        ("tags-=x", ("tags", (), "-=", "x")),
        ("labels=x", ("tags", (), "=", "x")),
        ("own-field=a=b", ("own-field", (), "=", "a=b")),
        ("key_results[0].current=5", ("key_results", (0, "current"), "=", "5")),
        ("skills.git=3", ("skills", ("git",), "=", "3")),
        ("title=", ("title", (), "=", "")),
        ("title=two\nlines", ("title", (), "=", "two\nlines")),
    ],
)
def test_assignments(word: str, expected: tuple[str, tuple[str | int, ...], str, str]) -> None:
    assert is_assignment(word)
    assert read_assignment(word) == expected


@pytest.mark.parametrize("word", ["due", "=x", "1=2", "a b=c", "[0]=x"])
def test_no_assignments(word: str) -> None:
    assert not is_assignment(word)
    with pytest.raises(Invalid):
        read_assignment(word)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("due", "tomorrow", "2026-11-26"),
        ("due", "2026-12-01 14:30", "2026-12-01T14:30"),
        ("occurrence", "2026-12-01T14:30", "2026-12-01"),
        ("priority", "2", "high"),
        ("priority", "P0", "urgent"),
        ("status", "review", "review"),
        ("status", "REV", "review"),
        ("assignee", "@Annie, me", ("ana",)),
        ("assignee", "ana berg", ("ana",)),
        ("owner", "zoe", "zoe"),
        ("parent", "k7f", "k7f3qx"),
        ("parent", "[[Merge driver]]", "k7f3qx"),
        ("depends_on", "k7f SS+2d", ("k7f3qx SS+2d",)),
        ("depends_on", "[[Merge driver]] FS", ("k7f3qx FS",)),
        ("project", "web", "web"),
        ("project", "new", "new"),
        ("tags", "[a, b]", ("a", "b")),
        ("progress", "40%", "40%"),
        ("unknown", " x ", "x"),
        ("due", "", None),
        ("tags", " ", None),
        ("estimate", "1d/2d/3d", "1d/2d/3d"),
    ],
)
def test_what_is_typed_becomes_what_is_written(name: str, text: str, value: RawValue, ctx: Context) -> None:
    assert typed(name, text, VAULT, ctx) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("due", "soonish"), ("priority", "²"), ("status", "do"), ("progress", "much"), ("budget", "many"),
     ("key_results", "x"), ("units", "half"), ("lifecycle", "asleep"), ("leave", "july")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_way_out(name: str, text: str, ctx: Context) -> None:
    with pytest.raises(Invalid) as caught:
        typed(name, text, VAULT, ctx)
    assert caught.value.hint


def test_lists_are_split_at_commas() -> None:
    assert split_list("a, b,,c ") == ["a", "b", "c"]
    assert split_list("[[Some title]]") == ["[[Some title]]"]
