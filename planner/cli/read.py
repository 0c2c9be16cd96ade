"""Commands that only look: list, show, today, agenda, board, check. Every view of the screen has its linear twin."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from planner.cli import timeline
from planner.cli.output import SCHEMA, Cell
from planner.core.dates import describe
from planner.errors import Invalid

if TYPE_CHECKING:
    from planner.cli.app import Call, Handler
    from planner.core.model import Item, Problem
    from planner.core.vault import Vault
    from planner.plan.model import Schedule
    from planner.query.nodes import Query
    from planner.session import Session
    from planner.views.detail import Related

Add = Callable[[str, str, "Handler"], argparse.ArgumentParser]


def register(add: Add) -> None:
    """Add the reading commands to the parser."""

    def reading(name: str, help_: str, handler: Handler) -> argparse.ArgumentParser:
        sub = add(name, help_, handler)
        sub.add_argument("--at", metavar="REV", default=None, help="the plan as it was at a commit, or on a day")
        return sub

    sub = reading("list", "List items, those still to do unless the query asks for others.", list_items)
    sub.add_argument("query", nargs="*", metavar="QUERY", help="status:doing assignee:ana due<+7d -blocked …")
    sub.add_argument("--sort", default="", metavar="FIELDS", help="fields with commas; a dash before one reverses it")
    sub.add_argument("--group", default=None, metavar="FIELD", help="group by a field")
    sub.add_argument("--columns", default="", metavar="FIELDS", help="which fields, with commas")
    sub = reading("show", "Show one item: its fields, links, checklist, log and text.", show)
    sub.add_argument("item", metavar="ID", help="an id, a unique beginning of one, a path or a title")
    reading("today", "What today asks for: overdue, due, scheduled, in progress, waiting.", today)
    sub = reading("agenda", "The coming days with what falls on them.", agenda)
    sub.add_argument("--days", type=int, default=14, metavar="N", help="how many days (14)")
    sub = reading("board", "The board: columns by status, lanes by any field.", board)
    sub.add_argument("query", nargs="*", metavar="QUERY", help="which cards")
    sub.add_argument("--lanes", default=None, metavar="FIELD", help="lanes by a field")
    timeline.add_options(
        reading("timeline", "The plan over time: when each thing begins and ends, and why.", timeline.show)
    )
    sub = reading("check", "Report faults in the files: `path:line:col: severity code: sentence (hint)`.", check)
    sub.add_argument("--strict", action="store_true", help="warnings count as errors; plain notes are named")
    sub.add_argument("--fix", action="store_true", help="mend what can be mended safely, as one commit")
    sub.add_argument("--since", metavar="REV", default=None, help="also look at the way that each commit since took")


def read_query(call: Call, session: Session) -> Query:
    """The query of the command line; a word that names a saved view stands for it."""
    from planner.query.language import parse_query
    from planner.views.saved import saved_query

    words = list(call.arguments.query)
    views = session.vault.config.views
    if len(words) == 1 and words[0] in views:
        return saved_query(views[words[0]])
    return parse_query(" ".join(words))


def list_items(call: Call) -> int:
    """`planner list`."""
    from planner.query.language import parse_query
    from planner.query.match import select
    from planner.views.table import table

    session = call.session()
    query = read_query(call, session)
    if call.arguments.sort:
        query = query.narrowed(parse_query(" ".join(f"sort:{key}" for key in call.arguments.sort.split(","))))
    items = select(session.vault, query, today=session.today(), me=session.me() if query.asks_for_me else None)
    if call.output.as_json:
        from planner.views.record import items_record

        call.output.json(items_record(items, session.vault, session.today(), _plan(call, session, query)))
        return 0
    columns = [name for name in call.arguments.columns.split(",") if name]
    shown = table(items, columns, session.vault, session.today(), call.arguments.group)
    heads = ["", *shown.columns]
    flexible = heads.index("title") if "title" in heads else -1
    for number, group in enumerate(shown.groups):
        if group.label:
            if number:
                call.output.line()
            call.output.line(f"{group.label} ({len(group.rows)})", "head")
        rows = [
            [Cell(row.mark), *(Cell(cell.text, cell.role, cell.prefix) for cell in row.cells)] for row in group.rows
        ]
        call.output.table(rows, heads=heads if number == 0 else (), flexible=flexible)
    if not items:
        call.output.say(_nothing(session, query))
    _say_broken(call, session)
    return 0


def _plan(call: Call, session: Session, query: Query) -> Schedule | None:
    """The schedule, where a column, a condition or the order asks for what it says."""
    from planner.query.getters import PLANNED

    if PLANNED.isdisjoint({*query.names(), *call.arguments.columns.split(",")}):
        return None
    from planner.plan.planned import planned

    return planned(session.vault, session.today())


def _nothing(session: Session, query: Query) -> str:
    if not session.vault.items:
        return "nothing here yet: planner add buy milk tomorrow"
    return "nothing matches; planner list without a query shows what is to do" if str(query) else "nothing to do"


def _say_broken(call: Call, session: Session) -> None:
    count = len(session.vault.broken)
    if count:
        call.output.say(f"{count} broken file{'s' if count > 1 else ''}: planner check")


def show(call: Call) -> int:
    """`planner show`."""
    from planner.views.detail import detail

    session = call.session()
    item = session.vault.find(call.arguments.item)
    if call.output.as_json:
        from planner.views.record import SCHEMA as VERSION
        from planner.views.record import show_record

        call.output.json({"schema": VERSION, **show_record(item, session.vault, session.today())})
        return 0
    page = detail(session.vault, item, session.today())
    out = call.output
    out.spans([(item.id, "id"), (f"  {item.title}", "head")])
    out.spans([(item.path, "dim")])
    width = max((len(field.label) for field in page.fields), default=0)
    for field in page.fields:
        out.spans([(f"  {field.label:<{width}}  ", "dim"), (field.text, "")])
    _approvals(call, session, item)
    for title, related in (("part of", page.chain), ("waits for", page.predecessors), ("blocks", page.successors)):
        _related(call, title, related)
    if page.children:
        out.line("contains", "head")
        out.table(
            [[Cell("  " + child.id, "id"), Cell(child.status or ""), Cell(child.title)] for child in page.children]
        )
    if page.backlinks:
        out.line("linked from", "head")
        for link in page.backlinks:
            out.line(f"  {link.title} ({link.path})")
    for fault in page.problems:
        out.problem(fault)
    if page.body.strip():
        out.line()
        out.lines(page.body.strip("\n"))
    return 0


def _approvals(call: Call, session: Session, item: Item) -> None:
    from planner.core.concern import standings

    for one in standings(session.vault, item, session.today()):
        said = [f"waits for {', '.join(one.awaited)}"] if one.awaited else []
        said += [f"{who}: {decision.verdict}" for who, decision in one.said.items()]
        said += [f"{decision.by}: {decision.verdict}, stale" for decision in one.stale if decision.by not in one.said]
        call.output.spans(
            [
                ("  approval  ", "dim"),
                (f"{one.step.name} {one.result}", ""),
                (f"; {'; '.join(said)}" if said else "", "dim"),
            ]
        )


def _related(call: Call, title: str, related: Iterable[Related]) -> None:
    rows = [
        [Cell(f"  {link.how}", "dim"), Cell(link.item.id if link.item else link.reference, "id"),
         Cell((link.item.status or "") if link.item else "?"), Cell(link.item.title if link.item else "not found")]
        for link in related
    ]  # fmt: skip
    if rows:
        call.output.line(title, "head")
        call.output.table(rows)


def _rows(items: Iterable[Item], vault: Vault, day: date) -> list[list[Cell]]:
    from planner.views.facts import facts, second_line

    rows = []
    for item in items:
        said = facts(item, vault, day)
        parts = second_line(said)
        rows.append([
            Cell(f"  {said.mark or ' '}"), Cell(item.id, "id", said.prefix), Cell(item.status or ""), Cell(item.title),
            Cell("  ".join(part.text for part in parts)),
        ])  # fmt: skip
    return rows


def today(call: Call) -> int:
    """`planner today`."""
    from planner.views.agenda import today as today_view
    from planner.views.record import records

    session = call.session()
    day, vault = session.today(), session.vault
    view = today_view(vault, day, session.me())
    out = call.output
    if out.as_json:
        sections = [{"key": s.key, "title": s.title, "items": [item.id for item in s.items]} for s in view.sections]
        items = [item for section in view.sections for item in section.items]
        out.json({"schema": SCHEMA, "day": day.isoformat(), "me": view.me, "inbox": view.inbox, "sections": sections,
                  "items": records(items, vault, day)})  # fmt: skip
        return 0
    out.line(f"{day:%A} {day.day} {day:%B %Y}" + (f" · {view.me}" if view.me in vault.people else ""), "head")
    for section in view.sections:
        out.line(f"{section.title} {len(section.items)}", "head")
        out.table(_rows(section.items, vault, day), flexible=4)
    if not view.sections:
        out.line("nothing asks for you today")
        out.say("planner add TEXT captures something; planner list shows everything")
    if view.inbox:
        out.line(f"Inbox {view.inbox}: planner list status:{vault.config.workflow.inbox}", "dim")
    _say_broken(call, session)
    return 0


def agenda(call: Call) -> int:
    """`planner agenda`."""
    from planner.core.values import when_text
    from planner.views.agenda import agenda as agenda_view
    from planner.views.record import records

    session = call.session()
    vault, start = session.vault, session.today()
    view = agenda_view(vault, start, max(1, call.arguments.days))
    out = call.output
    if out.as_json:
        days = [
            {"day": day.day.isoformat(),
             "entries": [{"kind": e.kind, "id": e.item.id, "when": when_text(e.when)} for e in day.entries]}
            for day in view.days if day.entries
        ]  # fmt: skip
        items = {entry.item.path: entry.item for day in view.days for entry in day.entries}
        out.json({"schema": SCHEMA, "days": days, "items": records(items.values(), vault, start)})
        return 0
    for day in view.days:
        if not day.entries:
            last = day.until or day.day
            span = f" to {last:%a} {last.day} {last:%b}" if last != day.day else ""
            out.line(f"{day.day:%a} {day.day.day} {day.day:%b}{span}: nothing", "dim")
            continue
        out.line(f"{day.day:%a} {day.day.day} {day.day:%b}", "head")
        out.table(
            [
                [Cell(f"  {entry.kind.replace('_', ' ')}", "overdue" if entry.kind == "overdue" else "dim"),
                 Cell(entry.item.id, "id", vault.prefixes.get(entry.item.id, 0)),
                 Cell(_entry_time(entry.when)), Cell(entry.item.title), Cell(" ".join(f"@{p}" for p in entry.item.assignees), "person")]
                for entry in day.entries
            ],
            flexible=3,
        )  # fmt: skip
    return 0


def _entry_time(when: date) -> str:
    from datetime import datetime

    return f"{when:%H:%M}" if isinstance(when, datetime) else ""


def board(call: Call) -> int:
    """`planner board`."""
    from planner.views.board import board as board_view
    from planner.views.record import board_record

    session = call.session()
    vault, day = session.vault, session.today()
    view = board_view(vault, read_query(call, session), day, me=session.me(), lanes=call.arguments.lanes)
    out = call.output
    if out.as_json:
        out.json(board_record(view, vault, day))
        return 0
    for index, column in enumerate(view.columns):
        limit = f"/{column.limit}" if column.limit else ""
        state = " OVER" if column.over else " full" if column.full else ""
        out.line(f"{column.status.upper()} {column.count}{limit}{state}", "head")
        if not view.lanes:
            out.table(_rows(column.items, vault, day), flexible=4)
        for lane in view.lanes:
            cell = lane.cells[index]
            if cell:
                due = f" · due {describe(lane.due, day)}" if lane.due else ""
                out.line(f" {lane.label}: {lane.done} of {lane.total} done{due}", "dim")
                out.table(_rows(cell, vault, day), flexible=4)
    out.line(f"{view.shown} of {view.total}", "dim")
    _say_broken(call, session)
    return 0


def _of_history(session: Session, rev: str, since: str | None) -> Iterator[Problem]:
    """What only history can tell: decisions that nobody made, and ways that are not allowed."""
    if since is None and not any("decisions" in item.fields for item in session.vault.planned):
        return
    from planner.proving import unproven, wrong_ways

    yield from unproven(session, rev)
    if since is not None:
        yield from wrong_ways(session, since, rev)


def check(call: Call) -> int:
    """`planner check`: exit code 1 where there are errors (with --strict: or warnings)."""
    from planner.cli.fix import fix_ids, fix_states
    from planner.plan.problems import plan_problems
    from planner.views.record import problem_record

    session = call.session()
    out = call.output
    strict: bool = call.arguments.strict
    if call.arguments.fix and call.arguments.at is not None:
        raise Invalid("what was cannot be mended", "--fix without --at")
    if call.arguments.fix:
        for line in (*fix_ids(session), *fix_states(session)):
            out.say(line)
    past = _of_history(session, call.arguments.at or "HEAD", call.arguments.since)
    found = sorted({*session.vault.problems, *plan_problems(session.vault, session.today()), *past})
    faults = [fault for fault in found if strict or fault.code != "plain-note"]
    if out.as_json:
        out.json({"schema": SCHEMA, "problems": [problem_record(fault) for fault in faults]})
    else:
        for fault in faults:
            out.problem(fault)
        if not faults:
            out.say(f"{len(session.vault.items)} items, no problems")
    bad = {"error", "warning"} if strict else {"error"}
    return 1 if any(fault.severity in bad for fault in faults) else 0
