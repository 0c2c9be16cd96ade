from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from planner.core.vault import Vault
from planner.views.agenda import Agenda, Today, agenda, today

TODAY = date(2026, 11, 25)


def vault(tasks: Mapping[str, str], **files: str) -> Vault:
    """Tasks by id with their headers, and other headers by path (`/` written as `__`)."""
    paths = {f"tasks/{id_}.md": text for id_, text in tasks.items()}
    paths.update({f"{path.replace('__', '/')}.md": text for path, text in files.items()})
    return Vault.parse({path: f"---\n{text}\n---\n" for path, text in paths.items()})


def sections(found: Today) -> dict[str, list[str]]:
    return {section.key: [item.id for item in section.items] for section in found.sections}


def entries(found: Agenda) -> dict[str, list[tuple[str, str]]]:
    return {str(day.day): [(entry.kind, entry.item.id) for entry in day.entries] for day in found.days}


def test_each_item_stands_in_one_section() -> None:
    held = vault(
        {
            "late": "due: 2026-11-20\nstatus: doing",
            "now": "due: 2026-11-25\nscheduled: 2026-11-20",
            "planned": "scheduled: 2026-11-24",
            "busy": "status: doing\nscheduled: 2026-11-20",
            "stuck": "blocked_reason: no key",
            "soon": "due: 2026-11-26",
            "some": "",
            "far": "scheduled: 2027-01-01",
            "over": "status: done\ndue: 2026-11-20",
            "hidden": "wait: 2026-12-01",
        }
    )
    assert sections(today(held, TODAY)) == {
        "overdue": ["late"],
        "due": ["now"],
        "scheduled": ["planned"],
        "started": ["busy"],
        "blocked": ["stuck"],
        "tomorrow": ["soon"],
        "next": ["some"],
    }
    assert [item.id for item in today(held, TODAY).items("due")] == ["now"]
    assert today(held, TODAY).items("review") == ()


def test_blocked_work_shows_when_its_time_is_near() -> None:
    held = vault({"a": "depends_on: c\ndue: 2026-11-30", "b": "depends_on: c", "c": "scheduled: 2027-01-01"})
    assert sections(today(held, TODAY)) == {"blocked": ["a"]}


def test_a_person_sees_their_own_and_what_is_nobodys() -> None:
    held = vault(
        {
            "mine": "due: 2026-11-20\nassignee: [ana, bo]",
            "his": "due: 2026-11-20\nassignee: bo",
            "nobodys": "due: 2026-11-20",
            "look": "assignee: bo\nreviewers: ana\nstatus: review",
            "asked": "assignee: bo\nrequester: ana",
        }
    )
    assert sections(today(held, TODAY, "ana")) == {
        "overdue": ["mine", "nobodys"],
        "review": ["look"],
        "delegated": ["asked"],
    }


def test_somebody_the_vault_does_not_know_sees_everything() -> None:
    held = vault({"his": "due: 2026-11-20\nassignee: bo"})
    assert sections(today(held, TODAY, "stranger")) == {"overdue": ["his"]}


def test_what_matters_more_comes_first_and_next_is_short() -> None:
    held = vault({f"t{n}": f"priority: {level}" for n, level in enumerate(["low", "high", "urgent", *["medium"] * 6])})
    assert sections(today(held, TODAY))["next"] == ["t2", "t1", "t3", "t4", "t5"]


def test_the_inbox_is_counted() -> None:
    assert today(vault({"a": ""}, inbox__one="x: y", inbox__two="x: y"), TODAY).inbox == 2


def test_the_agenda_puts_days_in_order_and_draws_empty_ones_together() -> None:
    held = vault(
        {
            "a": "due: 2026-11-28",
            "b": "scheduled: 2026-11-25\ndeadline: 2026-12-01",
            "c": "due: 2026-12-08",
            "d": "due: 2026-12-09",
            "e": "due: 2026-11-01",
            "f": "due: 2026-11-25\nstatus: done",
        }
    )
    found = agenda(held, TODAY)
    assert [(str(day.day), day.until and str(day.until), len(day.entries)) for day in found.days] == [
        ("2026-11-25", None, 2),
        ("2026-11-26", "2026-11-27", 0),
        ("2026-11-28", None, 1),
        ("2026-11-29", "2026-11-30", 0),
        ("2026-12-01", None, 1),
        ("2026-12-02", "2026-12-07", 0),
        ("2026-12-08", None, 1),
    ]
    assert entries(found)["2026-11-25"] == [("overdue", "e"), ("scheduled", "b")]
    assert entries(found)["2026-12-01"] == [("deadline", "b")]


def test_every_day_of_the_range_is_there_once() -> None:
    found = agenda(vault({"a": "due: 2026-11-26", "b": "due: 2026-12-08"}), TODAY, days=14)
    covered: list[date] = []
    for day in found.days:
        length = ((day.until or day.day) - day.day).days + 1
        covered += [day.day + timedelta(days=n) for n in range(length)]
    assert covered == [TODAY + timedelta(days=n) for n in range(14)]


def test_whole_days_stand_before_the_clock() -> None:
    held = vault({"a": "due: 2026-11-26T14:30", "b": "due: 2026-11-26T09:00+01:00", "c": "due: 2026-11-26"})
    assert entries(agenda(held, TODAY))["2026-11-26"] == [("due", "c"), ("due", "b"), ("due", "a")]


def test_one_entry_a_day_and_item() -> None:
    held = vault({"a": "due: 2026-11-26\nscheduled: 2026-11-26\ndeadline: 2026-11-26"})
    assert entries(agenda(held, TODAY))["2026-11-26"] == [("deadline", "a")]


def test_milestones_projects_risks_and_leave() -> None:
    held = vault(
        {"m": "kind: milestone\ndue: 2026-11-26", "r": "kind: risk\nreview_by: 2026-11-01"},
        projects__web__project="target_end: 2026-11-27",
        projects__old__project="target_end: 2026-11-27\nlifecycle: closed",
        people__ana="leave: [2026-11-20..2026-11-26, 2026-01-01..2026-01-05, 2026-12-24..2027-01-02]",
    )
    found = agenda(held, TODAY)
    assert entries(found) == {
        "2026-11-25": [("review_by", "r"), ("leave", "ana")],
        "2026-11-26": [("milestone", "m")],
        "2026-11-27": [("target_end", "web")],
        "2026-11-28": [],
    }
    assert found.days[0].entries[1].until == date(2026, 11, 26)


def test_waiting_items_keep_their_later_days() -> None:
    held = vault({"a": "wait: 2026-11-28\nscheduled: 2026-11-26\ndue: 2026-11-30"})
    assert [day for day, found in entries(agenda(held, TODAY)).items() if found] == ["2026-11-30"]
