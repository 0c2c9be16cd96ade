"""`planner plan schedule` and `planner plan critical`: when everything runs, and what holds the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from planner.cli import leveling
from planner.cli.output import Cell
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call
    from planner.cli.plan import Add
    from planner.core.vault import Vault
    from planner.plan.model import Schedule
    from planner.session import Session
    from planner.views.schedule import ScheduleRow


def register(add: Add) -> None:
    """Add the members to the family."""
    sub = add("schedule", "When everything starts and finishes, by calendars, links, people and constraints.", schedule)
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which items; those still to do without one")
    sub.add_argument(
        "--write", action="store_true", help="store the first and last day of open items, or the delays of --level"
    )
    sub.add_argument("--dry-run", action="store_true", help="with --write: show the diff, change nothing")
    leveling.add_options(sub)
    sub = add("critical", "What holds the end: the critical path of each project and of all together.", critical)
    sub.add_argument("--near", metavar="DURATION", default="1d", help="what has at most so much float too (1d)")


def schedule(call: Call) -> int:
    """`planner plan schedule`."""
    from planner.plan.planned import planned

    if leveling.is_wanted(call):
        return leveling.level(call)
    session = call.session()
    if call.arguments.write:
        return _write(call, session)
    plan = planned(session.vault, session.today())
    shown = _asked(call, session)
    if call.output.as_json:
        from planner.views.record import plan_record

        call.output.json(plan_record(session.vault, session.today(), plan, shown))
        return 0
    _page(call, session, plan, shown)
    return 0


def _write(call: Call, session: Session) -> int:
    from planner.cli.write import dry_run, report
    from planner.commands.scheduling import StoreDates

    if call.arguments.at is not None:
        raise Invalid("what was cannot be written", "--write without --at")
    if call.arguments.dry_run:
        return dry_run(call, session, session.plan(StoreDates()))
    return report(call, session, session.run(StoreDates()))


def _asked(call: Call, session: Session) -> list[str]:
    """The paths a query asks for, without one of all that is still to do."""
    from planner.cli.read import read_query
    from planner.query.match import select

    query = read_query(call, session)
    found = select(session.vault, query, today=session.today(), me=session.me() if query.asks_for_me else None)
    return [item.path for item in found]


def _page(call: Call, session: Session, plan: Schedule, shown: Sequence[str]) -> None:
    from planner.views.schedule import schedule_page

    out, vault, today = call.output, session.vault, session.today()
    page = schedule_page(vault, plan, frozenset(shown))
    for group in page.groups:
        title = group.project.title if group.project is not None else "no project"
        out.line(f"{title} · ends {day_text(group.finish, today)}", "head")
        print_rows(call, vault, group.rows, today)
    for broken in page.broken:
        out.line(f"! {broken.id} {broken.title}: {broken.rule} missed by {broken.by}", "overdue")
    if not page.groups:
        out.say("nothing to schedule")
        return
    out.line(f"{page.critical} critical (*): planner plan critical tells the path", "dim")


def print_rows(call: Call, vault: Vault, rows: Iterable[ScheduleRow], today: date) -> None:
    """A table of scheduled work: critical or not, first and last day, float, and what it is."""
    call.output.table(
        [
            [
                Cell("*" if row.critical else "✓" if row.done else "◆" if row.milestone else " "),
                Cell("" if row.milestone else day_text(row.start, today)),
                Cell(day_text(row.finish, today)),
                Cell(row.slack, "dim"),
                Cell(row.item.id, "id", vault.prefixes.get(row.item.id, 0)),
                Cell(row.item.title, "milestone" if row.milestone else ""),
                Cell(" ".join(f"@{person}" for person in row.item.assignees), "person"),
            ]
            for row in rows
        ],
        heads=("", "start", "finish", "float", "id", "title", "who"),
        flexible=5,
    )


def day_text(day: date, today: date) -> str:
    """A day of a plan: `Fri 27 Nov`, with its year where that is not near."""
    year = "" if abs((day - today).days) < 300 else f" {day.year}"
    return f"{day:%a} {day.day:2} {day:%b}{year}"


def critical(call: Call) -> int:
    """`planner plan critical`."""
    from planner.core.values import parse_duration
    from planner.plan.critical import longest_path, near_critical
    from planner.plan.people import DEFAULT, calendars
    from planner.plan.planned import planned
    from planner.views.schedule import schedule_rows

    session = call.session()
    vault, today = session.vault, session.today()
    plan = planned(vault, today)
    try:
        within = calendars(vault.config)[DEFAULT].length(parse_duration(call.arguments.near))
    except ValueError as error:
        raise Invalid(f"--near: {error}", "planner plan critical --near 2d") from None
    near = near_critical(plan, within)
    whole = longest_path(plan)
    projects = {a.project: None for a in plan.network.activities.values() if a.project is not None}
    chains = {project: longest_path(plan, project) for project in sorted(projects)}
    out = call.output
    if out.as_json:
        from planner.views.record import plan_record

        ids = {path: activity.id for path, activity in plan.network.activities.items()}
        document = plan_record(vault, today, plan, list(dict.fromkeys([*plan.critical, *whole, *near])))
        document["near"] = [ids[path] for path in near]
        document["path"] = [ids[path] for path in whole]
        document["paths"] = {ids[project]: [ids[path] for path in chain] for project, chain in chains.items()}
        out.json(document)
        return 0
    if not whole:
        out.say("nothing to schedule")
        return 0
    for project, chain in chains.items():
        if chain and chain != whole:
            out.line(plan.network.activities[project].title, "head")
            print_rows(call, vault, schedule_rows(vault, plan, chain), today)
    out.line("All together", "head")
    print_rows(call, vault, schedule_rows(vault, plan, whole), today)
    if near:
        out.line(f"Near critical: at most {call.arguments.near} of float", "head")
        print_rows(call, vault, schedule_rows(vault, plan, near), today)
    return 0
