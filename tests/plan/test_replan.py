from __future__ import annotations

from datetime import date
from random import Random

import pytest

from planner.core.vault import Vault
from planner.plan.calendar import moment
from planner.plan.planned import planned
from planner.plan.replan import Plan, plan, replan
from tests.conftest import Claims, build
from tests.proof import times

TODAY = date(2026, 11, 25)
STATUS = moment(TODAY)


def texts(random: Random, count: int = 30) -> dict[str, str]:
    """Two projects, three people on leave now and then, a parent with children, and links of every kind."""
    found = {f"projects/p{n}/project.md": f"---\nkind: project\nstart: 2026-12-0{n + 1}\n---\n" for n in range(2)}
    found |= {
        f"people/{who}.md": f"---\nleave: [2026-12-0{n + 2}..2026-12-0{n + 4}]\n---\n" for n, who in enumerate("xyz")
    }
    found |= {f"projects/p{n % 2}/{task(n)}.md": text(random, n) for n in range(count)}
    return found


def task(number: int) -> str:
    return f"t{number:02}"


def text(random: Random, number: int) -> str:
    lines = [f"id: {task(number)}", f"title: task {number}", f"estimate: {random.randint(1, 30)}h"]
    if number:
        kinds = ["", "", " SS+1d", " FF", " SF+3d", " FS-4h", " FS+1ed"]
        before = {f"{task(random.randrange(number))}{random.choice(kinds)}" for _ in range(random.randint(0, 3))}
        lines.append(f"depends_on: [{', '.join(sorted(before))}]")
    if 0 < number < 4:
        lines.append("parent: t00")
    options = [
        "assignee: [x]", "assignee: [x, y]", "units: 50%", "deadline: 2026-12-09", "constraint: SNET 2026-12-07",
        "constraint: MSO 2026-12-10", "constraint: ALAP", "status: doing", "status: done", "progress: 40%",
        "scheduled: 2026-12-03", "leveling_delay: 1d", "duration: 2ed", "kind: milestone", "started: 2026-11-20",
    ]  # fmt: skip
    chosen = {line.partition(":")[0]: line for line in random.choices(options, k=random.randint(0, 2))}
    return "\n".join(["---", *lines, *chosen.values(), "---", ""])


def same(one: Plan, two: Plan) -> bool:
    a, b = one.schedule, two.schedule
    drivers = all(set(a.dates[path].driving) == set(b.dates[path].driving) for path in a.dates)
    return drivers and (a.finish, a.critical, a.conflicts) == (b.finish, b.critical, b.conflicts) and all(
        (x := a.dates[path]) and (y := b.dates[path])
        and (x.early_start, x.early_finish, x.late_start, x.late_finish, x.start, x.finish, x.total_float, x.free_float)
        == (y.early_start, y.early_finish, y.late_start, y.late_finish, y.start, y.finish, y.total_float, y.free_float)
        for path in b.dates
    )  # fmt: skip


@pytest.mark.proof
def test_after_an_edit_the_plan_is_the_same_as_from_scratch(claims: Claims) -> None:
    random = Random(5)
    taken_over = 0
    with claims("plan after an edit equal to the plan from scratch", expect=times(60, 2000)) as claim:
        for _ in range(times(6, 100)):
            vault = build(texts(random))
            before = plan(vault, STATUS)
            for step in range(times(10, 20)):
                number = random.randrange(30) if step % 4 else 30 + step
                vault = vault.apply({f"projects/p{number % 2}/{task(number)}.md": text(random, number)})
                after, anew = replan(before, vault), plan(vault, STATUS)
                taken_over += after is not None
                claim.check(after is None or same(after, anew), vault.text(f"projects/p{number % 2}/{task(number)}.md"))
                before = after or anew
    assert taken_over > times(20, 800)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("people/new.md", "---\nname: New\n---\n"),
        ("tasks/new.md", "---\nid: t00x\n---\n"),
        ("tasks/new.md", "---\nid: new\nparent: t09\n---\n"),
        ("projects/p0/t04.md", None),
        ("people/x.md", "---\nleave: [2026-12-01..2026-12-20]\n---\n"),
        ("projects/p0/project.md", "---\nkind: project\nstart: 2026-12-20\n---\n"),
        ("projects/p0/t04.md", "---\nid: t04\nstatus: dropped\n---\n"),
        ("projects/p0/t02.md", "---\nid: t02\n---\n"),
        ("projects/p0/t04.md", "---\nid: other\n---\n"),
        ("planner.toml", '[calendars.default]\nworking = "Mon 09:00-10:00"\n'),
    ],
)
def test_what_reaches_many_items_is_planned_anew(path: str, change: str | None) -> None:
    vault = build(texts(Random(1)))
    assert replan(plan(vault, STATUS), vault.apply({path: change})) is None


def test_the_plan_of_a_vault_is_remembered_with_it() -> None:
    vault = build(texts(Random(2)))
    first = planned(vault, TODAY)
    assert planned(vault, TODAY) is first
    later = planned(vault, date(2026, 11, 26))
    assert later.network.status > first.network.status
    assert planned(Vault(vault.files, vault.config), TODAY).dates == first.dates
