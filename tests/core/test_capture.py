"""Quick capture on Wednesday 25 November 2026: a line in, a title and what stands around it out."""

from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.capture import Capture, parse_capture
from planner.core.values import when_text

TODAY = date(2026, 11, 25)
laws = settings(max_examples=150 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)


def read(text: str, fields: frozenset[str] = frozenset()) -> Capture:
    return parse_capture(text, TODAY, fields=fields)


def test_the_whole_grammar() -> None:
    found = read("pay rent fri #home !high @ana p:web every month ~30m")
    assert found.title == "pay rent"
    assert (found.tags, found.people, found.priority, found.project) == (("home",), ("ana",), "high", "web")
    assert (found.due, found.estimate, str(found.recurrence)) == (date(2026, 11, 27), "30m", "every month")
    assert found.understood == (
        ("tags", "#home", "home"),
        ("priority", "!high", "high"),
        ("assignee", "@ana", "ana"),
        ("project", "p:web", "web"),
        ("recurrence", "every month", "every month"),
        ("estimate", "~30m", "30m"),
        ("due", "fri", "2026-11-27"),
    )


@pytest.mark.parametrize(
    "title",
    ["ask tom", "buy sun cream", "w1 item", "fix #12", "mail a@b.c", "see https://x.org/a#b?c=d:e", "C# and F#",
     "fri", "run 30m", "check every customer", "wow !", "do it !!!", "~/notes cleanup", "due:whenever",
     "p: nothing", "due:", "recurrence:never", "read chapter 3:16", "at 14:30", "# heading", "@ home", "!² !9 !", "x:y", "ratio 1:2",
     "#1.2", "@-", "note: this"],
)  # fmt: skip
def test_titles_stay_titles(title: str) -> None:
    assert read(title) == Capture(title)


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("pay rent fri", "pay rent", "2026-11-27"),
        ("pay rent by next fri", "pay rent", "2026-12-04"),
        ("pay due:tom rent", "pay rent", "2026-11-26"),
        ("pay due: dec 24 14:30 rent", "pay rent", "2026-12-24T14:30"),
        ("due:fri", "", "2026-11-27"),
        ("DUE:FRI pay", "pay", "2026-11-27"),
        ("meet fri due:thu", "meet fri", "2026-11-26"),
        ("pay fri #home", "pay", "2026-11-27"),
        ("ask tom tomorrow", "ask tom", "2026-11-26"),
    ],
)
def test_due(text: str, title: str, due: str) -> None:
    found = read(text)
    assert found.title == title
    assert found.due is not None
    assert when_text(found.due) == due


def test_on_schedules() -> None:
    found = read("call ana on:mon due:fri")
    assert (found.title, found.scheduled, found.due) == ("call ana", date(2026, 11, 30), date(2026, 11, 27))


@pytest.mark.parametrize(
    ("text", "title", "rrule"),
    [
        ("gym every 2w mon", "gym", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        ("gym every mon, thu with bo", "gym with bo", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("every month on last fri close the books", "close the books", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("report every mon and mail it", "report and mail it", "FREQ=WEEKLY;BYDAY=MO"),
        ("gym recurrence:FREQ=WEEKLY", "gym", "FREQ=WEEKLY"),
        ("read every day every week", "read every week", "FREQ=DAILY"),
    ],
)
def test_every(text: str, title: str, rrule: str) -> None:
    found = read(text)
    assert found.title == title
    assert found.recurrence is not None
    assert found.recurrence.rrule == rrule


@pytest.mark.parametrize(
    ("text", "level"),
    [("!high", "high"), ("!1", "urgent"), ("!4", "low"), ("!h", "high"), ("!L", "low"), ("priority:medium", "medium")],
)
def test_levels(text: str, level: str) -> None:
    assert read(f"x {text}").priority == level


def test_levels_are_the_vaults_own() -> None:
    found = parse_capture("x !later !high", TODAY, levels=("now", "later"))
    assert (found.title, found.priority) == ("x !high", "later")


def test_lists_keep_their_order_and_lose_doubles() -> None:
    found = read("#b x @ana #a #b tag:c @bo.x @ana")
    assert (found.title, found.tags, found.people) == ("x", ("b", "a", "c"), ("ana", "bo.x"))


def test_a_second_value_stays_in_the_title() -> None:
    found = read("x !high !low p:web p:app ~1d ~2d")
    assert found.title == "x !low p:app ~2d"
    assert (found.priority, found.project, found.estimate) == ("high", "web", "1d")


def test_estimates_may_have_three_points() -> None:
    assert read("build ~1d/3d/6d").estimate == "1d/3d/6d"
    assert read("build ~soon").title == "build ~soon"


def test_fields_of_the_caller() -> None:
    found = read("x area:home wait:next fri other:1 y", fields=frozenset({"area", "wait"}))
    assert found.title == "x other:1 y"
    assert found.extra == (("area", "home"), ("wait", "2026-12-04"))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("a \\ tom", "a \\ tom"),
        ("fix \\#home \\@ana \\!high \\~30m", "fix #home @ana !high ~30m"),
        ("fix \\#12", "fix #12"),
        ("love \\fri", "love fri"),
        ("love \\dec 24", "love dec 24"),
        ("do \\every day", "do every day"),
        ("about \\p:web \\due:fri", "about p:web due:fri"),
        ("type \\alpha in \\\\server\\share", "type \\alpha in \\\\server\\share"),
    ],
)
def test_a_backslash_makes_plain(text: str, title: str) -> None:
    assert read(text) == Capture(title)


def test_nothing_is_an_empty_title() -> None:
    assert read("") == read("  \n") == Capture("")


soup = st.lists(
    st.sampled_from(
        ["pay", "rent", "fri", "tom", "sun", "next", "dec", "24", "14:30", "every", "month", "2w", "mon,", "and",
         "on", "last", "by", "due:", "due:fri", "due:x", "on:mon", "p:", "p:web", "#home", "#12", "#", "\\#x",
         "\\fri", "\\every", "@ana", "a@b.c", "!h", "!²", "~3d", "~x", "area:x", "area:", "http://x.y:8", "in",
         "3", "days", "30m", "٣", "\\", "\\\\"]
    )
    | st.just("\udc80")
    | st.text(max_size=6),
    max_size=12,
)  # fmt: skip


@laws
@given(soup, st.dates())
def test_no_word_is_ever_lost(words: list[str], today: date) -> None:
    text = " ".join(words)
    found = parse_capture(text, today, fields=frozenset({"area", "wait", "recurrence"}))
    kept = found.title.split() + [word for piece in found.understood for word in piece.text.split()]
    assert sorted(word.lstrip("\\") for word in kept) == sorted(word.lstrip("\\") for word in text.split())


@laws
@given(st.text(max_size=80))
def test_never_raises(text: str) -> None:
    title = parse_capture(text, TODAY).title
    assert title == " ".join(title.split())
