from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from planner.core.vault import Vault
from planner.views.calendar import Calendar, bounds, calendar, stepped

TODAY = date(2026, 11, 25)


def vault(**tasks: str) -> Vault:
    return Vault.parse({f"tasks/{id_}.md": f"---\n{text}\n---\n" for id_, text in tasks.items()})


def events(found: Calendar) -> dict[str, list[tuple[str, str]]]:
    return {
        f"{day.day:%m-%d}": [(event.kind, event.item.id) for event in day.events] for day in found.days if day.events
    }


def test_a_month_has_whole_weeks_and_a_week_has_seven_days() -> None:
    month, week = calendar(vault(), TODAY, TODAY), calendar(vault(), TODAY, TODAY, "week")
    assert (month.first, month.last, len(month.weeks)) == (date(2026, 10, 26), date(2026, 12, 6), 6)
    assert (week.first, week.last) == (date(2026, 11, 23), date(2026, 11, 29))
    assert (month.title, week.title) == ("November 2026", "23 to 29 Nov 2026")
    assert calendar(vault(), date(2026, 12, 31), TODAY, "week").title == "28 Dec to 3 Jan 2027"
    assert [month.is_inside(day) for day in (date(2026, 10, 31), date(2026, 11, 1))] == [False, True]


def test_weeks_begin_where_the_person_says() -> None:
    assert calendar(vault(), TODAY, TODAY, "week", first=6).first == date(2026, 11, 22)
    assert calendar(vault(), TODAY, TODAY, "week", first=5).first == date(2026, 11, 21)


def test_every_date_of_an_item_is_an_event_and_the_past_stays() -> None:
    held = vault(
        late="due: 2026-11-20",
        goal="kind: milestone\ndue: 2026-11-27",
        two="scheduled: 2026-11-23\ndeadline: 2026-11-27",
        over="status: done\ndue: 2026-11-20\ncompleted: 2026-11-19 10:00",
        gone="status: dropped\ndue: 2026-11-20",
        hidden="wait: 2026-12-01\ndue: 2026-11-26",
    )
    found = calendar(held, TODAY, TODAY)
    assert events(found) == {
        "11-19": [("done", "over")],
        "11-20": [("due", "late")],
        "11-23": [("scheduled", "two")],
        "11-27": [("milestone", "goal"), ("deadline", "two")],
    }
    assert [event.late for day in found.days for event in day.events] == [False, True, False, False, False]
    assert {item.id for item in found.items} == {"late", "goal", "two", "over"}


def test_several_dates_on_one_day_are_one_event_and_the_clock_orders_a_day() -> None:
    held = vault(
        a="scheduled: 2026-11-27\ndue: 2026-11-27\ndeadline: 2026-11-27",
        b="due: 2026-11-27 14:00",
        c="due: 2026-11-27 09:30",
        d="due: 2026-11-27",
    )
    (day,) = [day for day in calendar(held, TODAY, TODAY).days if day.events]
    assert [(event.kind, event.item.id, event.clock) for event in day.events] == [
        ("deadline", "a", ""),
        ("due", "d", ""),
        ("due", "c", "09:30"),
        ("due", "b", "14:00"),
    ]


def test_a_leave_is_there_every_day_of_it_that_is_shown() -> None:
    held = Vault.parse({"people/ana.md": "---\nleave: [2026-10-20..2026-10-27, 2026-12-05..2027-01-10]\n---\n"})
    assert list(events(calendar(held, TODAY, TODAY))) == ["10-26", "10-27", "12-05", "12-06"]


def test_only_the_items_given_are_shown() -> None:
    held = vault(a="due: 2026-11-26", b="due: 2026-11-26")
    assert events(calendar(held, TODAY, TODAY, items=[held.find("b")])) == {"11-26": [("due", "b")]}


@given(st.dates(date(2, 1, 1), date(9998, 11, 30)), st.integers(0, 6), st.sampled_from(["month", "week"]))
def test_the_days_shown_hold_the_day_meant_and_begin_on_the_first_weekday(day: date, first: int, span: str) -> None:
    begin, end = bounds(day, span, first)  # type: ignore[arg-type]
    assert begin <= day <= end
    assert begin.weekday() == first
    assert (end - begin + timedelta(days=1)).days % 7 == 0
    assert stepped(stepped(day.replace(day=1), span, 1), span, -1) == day.replace(day=1)  # type: ignore[arg-type]
