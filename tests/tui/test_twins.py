"""Every view of the screen and its linear twin say the same: the same items, in the same places, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planner.cli.app import main
from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.session import Session
from planner.store.demo import build, find_sample
from planner.views import dashboard_words as words
from tui.board import BoardPage
from tui.calendar import CalendarPage
from tui.dashboard import SHOWN, DashboardPage
from tui.inbox import LATELY, InboxPage
from tui.lists import ListPage
from tui.page import Asked, Page
from tui.pages import PAGES
from tui.problems import ProblemsPage
from tui.recalling import COMMITS, TOLD

TODAY = date(2026, 11, 25)
QUERIES = ("", "assignee:ana", "is:blocked", "project:kiesel-2 not status:done")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(find_sample(), tmp_path_factory.mktemp("twins") / "demo", TODAY)


@pytest.fixture(scope="module")
def session(demo: Path) -> Iterator[Session]:
    with Session.open(demo, today=TODAY) as opened:
        yield opened


def page(session: Session, view: str, query: str = "", **more: object) -> Page:
    asked = Asked(view, session.vault, TODAY, session.me(), parse_query(query), **more)  # type: ignore[arg-type]
    return PAGES[view](asked)


def recalled(session: Session, view: str) -> dict[str, Any]:
    """What the screen reads of history for a view."""
    return TOLD[view](session, [*COMMITS[view](session)])


def told(demo: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    main(["--vault", str(demo), "--today", TODAY.isoformat(), "--json", *words])
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def ids(paths: list[str | None], vault: Vault) -> list[str]:
    return [vault.files[path].item.id for path in paths if path is not None]  # type: ignore[union-attr]


def printed(demo: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main(["--vault", str(demo), "--today", TODAY.isoformat(), "--plain", *words])
    return capsys.readouterr().out


@pytest.mark.parametrize("query", QUERIES)
def test_the_board_and_its_columns(
    demo: Path, session: Session, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    shown = page(session, "board", query)
    assert isinstance(shown, BoardPage)
    columns = {
        status: ids([str(key) for key in run.keys], session.vault)
        for status, run in zip(shown.statuses, shown._now.stack.columns, strict=True)
    }
    document = told(demo, capsys, "board", *query.split())
    assert columns == {column["status"]: column["items"] for column in document["columns"]}  # type: ignore[attr-defined]
    plain = printed(demo, capsys, "board", *query.split())
    assert all(f"{status.upper()} " in plain for status in columns)
    assert all(id_ in plain for members in columns.values() for id_ in members)


@pytest.mark.parametrize("query", QUERIES)
def test_the_list(demo: Path, session: Session, capsys: pytest.CaptureFixture[str], query: str) -> None:
    shown = page(session, "list", f"{query} sort:due")
    listed = ids([shown.path(slot) for slot in shown._now.reading_order()], session.vault)
    document = told(demo, capsys, "list", *query.split(), "--sort", "due")
    assert listed == [item["id"] for item in document["items"]]  # type: ignore[attr-defined]
    plain = printed(demo, capsys, "list", *query.split(), "--sort", "due")
    places = [plain.index(f"{id_}  ") for id_ in listed if f"{id_}  " in plain]
    assert places == sorted(places)


def test_today(demo: Path, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(session, "today")
    assert isinstance(shown, ListPage)
    document = told(demo, capsys, "today")
    listed = ids([shown.path(slot) for slot in shown._now.reading_order()], session.vault)
    assert listed == [id_ for section in document["sections"] for id_ in section["items"]]  # type: ignore[attr-defined]
    heads = [head.title for head in shown._now.stack.heads.keys]  # type: ignore[attr-defined]
    assert heads == [section["title"] for section in document["sections"]]  # type: ignore[attr-defined]
    plain = printed(demo, capsys, "today")
    assert all(head in plain for head in heads)


def test_the_agenda(demo: Path, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(session, "agenda")
    document = told(demo, capsys, "agenda", "--days", "28")
    listed = ids([shown.path(slot) for slot in shown._now.reading_order()], session.vault)
    assert listed == [entry["id"] for day in document["days"] for entry in day["entries"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("zoom", [0, 1])
def test_the_calendar(demo: Path, session: Session, capsys: pytest.CaptureFixture[str], query: str, zoom: int) -> None:
    shown = page(session, "calendar", query, zoom=zoom)
    assert isinstance(shown, CalendarPage)
    days = {
        day.isoformat(): [(shown._events[slot].kind, shown._events[slot].item.id) for slot in slots]
        for day, slots in shown._slots.items()
        if slots
    }
    document = told(demo, capsys, "calendar", *query.split(), *["--week"] * zoom)
    assert days == {
        day["day"]: [(event["kind"], event["id"]) for event in day["events"]]
        for day in document["days"]  # type: ignore[attr-defined]
    }
    plain = printed(demo, capsys, "calendar", *query.split(), *["--week"] * zoom)
    assert shown._view.title in plain


def test_the_problems(demo: Path, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(session, "problems")
    assert isinstance(shown, ProblemsPage)
    document = told(demo, capsys, "check", "--strict")
    assert [(fault.path, fault.line, fault.code) for fault in shown._faults.values()] == [
        (fault["path"], fault["line"], fault["code"])
        for fault in document["problems"]  # type: ignore[attr-defined]
    ]


def test_an_opened_item_says_what_show_says(demo: Path, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    from planner.views.detail import detail
    from tui.itempage import item_lines

    for item in session.vault.planned[:25]:
        lines = "\n".join(line.said.plain for line in item_lines(detail(session.vault, item, TODAY)))
        plain = printed(demo, capsys, "show", item.path)
        one = detail(session.vault, item, TODAY)
        for said in [item.title, item.path, *(step.text.split("`")[0][:12] for step in one.checklist)]:
            assert said in lines.translate({0x2068: None, 0x2069: None}), item.path
            assert said in plain, item.path
        assert all(
            f"{field.label}" in lines and field.label in plain for field in one.fields if field.name != "project"
        )


def test_the_inbox(demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "yuki@wegwarte.example")
    with Session.open(demo, today=TODAY) as session:
        shown = page(session, "inbox", **recalled(session, "inbox"))
    assert isinstance(shown, InboxPage)
    document = told(demo, capsys, "inbox")
    entries: dict[str, list[tuple[str, str]]] = {}
    for slot in shown._now.reading_order():
        if (item := shown.item(slot)) is not None:
            entries.setdefault(shown.section_of(slot), []).append((item.id, shown._rows[slot].why))
    assert entries == {
        section["key"]: [(entry["id"], " ".join(entry["why"].split())) for entry in section["entries"]]
        for section in document["sections"]  # type: ignore[attr-defined]
    }
    assert {"approve", "triage", "news"} <= entries.keys()
    assert shown.notes() == (f"{document['count']} wait for you",)
    lately = [shown.said(slot) for slot in shown._rows if shown.section_of(slot) == LATELY]
    plain = printed(demo, capsys, "inbox")
    assert [line.removeprefix("lately: ") for line in plain.splitlines() if line.startswith("lately: ")] == lately
    assert len(lately) == len(document["present"])  # type: ignore[arg-type]
    assert all(why in plain for rows in entries.values() for _, why in rows)


@pytest.mark.parametrize("query", QUERIES)
def test_the_dashboard(demo: Path, session: Session, capsys: pytest.CaptureFixture[str], query: str) -> None:
    shown = page(session, "dashboard", query, **recalled(session, "dashboard"))
    assert isinstance(shown, DashboardPage)
    listed = {
        head.title: [item.id for slot in slots if (item := shown.item(slot)) is not None] for head, slots in shown.lists
    }
    counts = {head.title: int(head.note) for head, _ in shown.lists}
    document = told(demo, capsys, "dashboard", *query.split())
    twins = {
        "Projects": [one["id"] for one in document["projects"]],  # type: ignore[attr-defined]
        "Overdue": document["overdue"],
        "Due this week": document["due_this_week"],
        "Blocked": document["blocked"],
        "Milestones ahead": [one["id"] for one in document["milestones"]],  # type: ignore[attr-defined]
        "Too much this week": [one["person"] for one in document["over_allocated"]],  # type: ignore[attr-defined]
        "Open risks": [one["id"] for one in document["risks"]],  # type: ignore[attr-defined]
    }
    assert counts == {title: len(ids_) for title, ids_ in twins.items() if ids_}  # type: ignore[arg-type]
    assert listed == {title: ids_[:SHOWN] for title, ids_ in twins.items() if ids_}  # type: ignore[index]
    plain = printed(demo, capsys, "dashboard", *query.split())
    assert words.statuses(shown.view) in plain
    assert f"done by week: {words.throughput(shown.view)}" in plain
    weeks = [(week.start.isoformat(), list(week.done)) for week in shown.view.throughput]
    assert weeks == [(week["week"], week["done"]) for week in document["throughput"]]  # type: ignore[attr-defined]
    drawn = "".join(part.text for entry in shown._entries.values() for line in entry.lines for part in line)
    said = [
        text for _, rows in words.sections(shown.view, session.vault) for _, cells in rows[:SHOWN] for text in cells
    ]
    assert all(text in drawn and text in plain for text in said)


def test_every_view_has_a_twin_here() -> None:
    """The timeline's is tested with it."""
    tested = {"board", "list", "today", "agenda", "calendar", "problems", "timeline", "inbox", "dashboard"}
    assert tested >= set(PAGES) - {"workload", "roadmap", "risks", "compare"}
