"""The same plan scheduled by TaskJuggler, another program by other people: it starts and ends when ours does."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from planner.core.vault import Vault
from planner.interop.taskjuggler import export
from planner.plan.calendar import moment
from planner.plan.planned import planned
from tests.conftest import Claims, build
from tests.proof import times

TODAY = date(2026, 11, 25)
needs_tj3 = pytest.mark.skipif(shutil.which("tj3") is None, reason="TaskJuggler (tj3) is not installed")

CONFIG = """\
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-08", "2026-12-24..2027-01-01"]

[calendars.early]
working = "Mon-Sat 06:00-12:00"
holidays = ["2026-12-25", "2026-12-05 08:00-10:00", "2026-12-07..2026-12-11 07:00-09:00 10:00-12:00"]
"""


def plans(random: Random, count: int) -> dict[str, str]:
    """So many projects of four to twelve tasks: nobody has two tasks at once, since each waits for their last one."""
    texts = {"planner.toml": CONFIG}
    for number in range(count):
        texts |= dict(_project(random, f"p{number}"))
    return texts


def _project(random: Random, name: str) -> Iterator[tuple[str, str]]:
    calendar = random.choice(["", "", "early"])
    yield f"projects/{name}/project.md", _header(calendar=calendar)
    people = [f"{name}-{who}" for who in ("ana", "bo", "cy")]
    for person in people:
        first = TODAY + timedelta(days=random.randint(0, 40))
        leave = f"{first}..{first + timedelta(days=random.randint(0, 9))}" if random.random() < 0.6 else ""
        own, half = random.choice([("", "20h"), ("early", "18h")])
        part = half if random.random() < 0.3 else ""
        yield f"people/{person}.md", _header(calendar=own, leave=leave, capacity=part)
    last: dict[str, str] = {}
    plain: list[str] = []
    for number in range(random.randint(4, 12)):
        task, fields, links = f"{name}t{number}", dict[str, str](), list[str]()
        kind = random.choice(["effort", "effort", "effort", "duration", "elapsed", "milestone"])
        if kind == "effort":
            who = random.choice(people)
            fields |= {"estimate": f"{random.randint(1, 30)}h", "assignee": who}
            links += [last[who]] if who in last else []
            last[who] = task
        elif kind == "duration":
            fields["duration"] = f"{random.randint(1, 30)}h"
        elif kind == "elapsed":
            fields["duration"] = f"{random.randint(1, 90)}eh"
        else:
            fields["kind"] = "milestone"
        others = [task for task in plain if task not in links]
        chosen = random.sample(others, min(len(others), random.randint(0, 2)))
        links += [_link(random, before) for before in chosen]
        if random.random() < 0.2:
            fields["constraint"] = f"SNET {TODAY + timedelta(days=random.randint(0, 50))}"
        fields["depends_on"] = f"[{', '.join(links)}]" if links else ""
        plain.append(task)
        yield f"projects/{name}/{task}.md", _header(id=task, **fields)


def _link(random: Random, before: str) -> str:
    gap = random.choice(["", "", f" FS+{random.randint(1, 40)}eh", f" FS+{random.randint(1, 20)}h"])
    return f"{before}{gap}"


def _header(**fields: str) -> str:
    return "---\nstatus: todo\n" + "".join(f"{key}: {value}\n" for key, value in fields.items() if value) + "---\n"


def scheduled(vault: Vault, folder: Path) -> dict[str, tuple[datetime, datetime]]:
    """What TaskJuggler makes of a vault: start and end of each task by its id."""
    (folder / "plan.tjp").write_text(export(vault, TODAY), encoding="utf-8")
    command = ["tj3", "--silent", "plan.tjp"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    with (folder / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    return {
        id_.rpartition(".")[2]: (datetime.fromisoformat(start), datetime.fromisoformat(end)) for id_, start, end in rows
    }


@needs_tj3
@pytest.mark.proof
def test_taskjuggler_starts_and_ends_when_we_do(claims: Claims, tmp_path: Path) -> None:
    plenty = times(8, 250)
    with claims("TaskJuggler: start and finish as ours", expect=4 * plenty) as claim:
        vault = build(plans(Random(20261125), plenty))
        theirs = scheduled(vault, tmp_path)
        plan = planned(vault, TODAY)
        for path, activity in plan.network.activities.items():
            if not activity.summary:
                ours = plan.dates[path]
                start, end = (moment(when) for when in theirs[activity.id])
                clock = activity.clock or activity.calendar
                if activity.duration and not activity.elapsed:  # they may begin in a pause, and work as it ends
                    start = clock.next_start(start)
                claim.check((start, end) == (ours.start, ours.finish), (vault.text(path), theirs[activity.id], ours))


def test_a_plan_in_the_language() -> None:
    vault = build("""
== planner.toml ==
[vault]
name = 'The "plan"'
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-25", "2026-12-24 09:00-12:00"]
== people/ana.md ==
---
leave: 2026-12-01..2026-12-02
---
# Ana Horvat
== projects/web/project.md ==
---
deadline: 2026-12-31
---
# The web site
== projects/web/a.md ==
---
id: a-1
estimate: 4h
assignee: ana
units: 50%
priority: urgent
---
== projects/web/b.md ==
---
id: 2b
duration: 1d
depends_on: [a-1 FS+1d, a-1 SS]
---
== projects/web/c.md ==
---
id: c
kind: milestone
depends_on: [2b FF, a-1 FS+2eh]
constraint: SNET 2026-12-03
---
""")
    assert export(vault, TODAY).splitlines() == [
        'project plan "The \\"plan\\"" 2026-11-25 - 2027-12-11 {',
        '  timezone "UTC"',
        "  timingresolution 60min",
        "  now 2026-11-25-00:00",
        "}",
        'shift calendar_default "default" {',
        *(f"  workinghours {day} 9:00 - 12:00, 13:00 - 18:00" for day in ("mon", "tue", "wed", "thu", "fri")),
        "  workinghours sat off",
        "  workinghours sun off",
        "}",
        'shift calendar_default_0 "2026-12-25" { workinghours mon - sun off }',
        'shift calendar_default_1 "2026-12-24" { workinghours mon - sun 9:00 - 12:00 }',
        "macro calendar_default [shifts calendar_default 2026-11-25 - 2026-12-24, "
        "calendar_default_1 2026-12-24 - 2026-12-25, calendar_default_0 2026-12-25 - 2026-12-26, "
        "calendar_default 2026-12-26 - 2027-12-11]",
        'resource who_ana_5000 "Ana Horvat" {',
        "  ${calendar_default}",
        "  efficiency 0.5000",
        "  leaves annual 2026-12-01 - 2026-12-03",
        "}",
        'task today "today" { milestone start 2026-11-25-00:00 }',
        'task web "The web site" {',
        "  maxend 2027-01-01-00:00",
        '  task a_1 "a" {',
        "    effort 240min",
        "    allocate who_ana_5000",
        "    priority 900",
        "    depends today",
        "  }",
        '  task _2b_after_a_1 "gap" { length 480min ${calendar_default} depends web.a_1 }',
        '  task _2b "b" {',
        "    length 480min",
        "    ${calendar_default}",
        "    depends today, !_2b_after_a_1",
        "  }",
        '  task c_from "not before" { milestone start 2026-12-03-09:00 }',
        '  task c "c" {',
        "    milestone",
        "    depends !c_from, web.a_1 { gapduration 120min }",
        "  }",
        "}",
        'taskreport plan "plan" { formats csv columns id, start, end timeformat "%Y-%m-%dT%H:%M" }',
        "# not said: 2b after a-1 SS",
        "# not said: c after 2b FF",
    ]
