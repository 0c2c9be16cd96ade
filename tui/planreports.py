"""The reports on a plan: workload, risks, what has changed since a baseline, and the roadmap of all projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from planner.core.dates import MONTH_NAMES
from planner.core.frozen import Frozen
from planner.plan.baseline import Variance, baselines, compare, freeze
from planner.plan.planned import planned
from planner.plan.risk import STEPS, Risk, band, contingency, matrix, register
from planner.plan.workload import Cell, Loose, Row, weeks, workload
from planner.query.match import compile_query
from planner.views.roadmap import roadmap
from planner.views.timeline import timeline
from tui.bars import LEVELS
from tui.lists import Heading
from tui.page import ID_LETTERS, Asked, Window
from tui.report import Entry, Group, Part, ReportPage
from tui.timeline import TimelinePage, calendar_of_plan
from tui.widgets.paint import Ink

WEEKS = 26
NAME, CELL = 26, 8
COMPARED = (("slip", 12), ("was", 10), ("is", 12), ("work", 10), ("", 0))
"""The columns of a comparison, with their cells."""
BAND_INK: dict[str, Ink] = {"low": "dim", "medium": "due", "high": "full", "critical": "over"}


def build_workload(asked: Asked) -> ReportPage:
    """People by weeks: how much of their time is taken, and by what where it is too much."""
    schedule = planned(asked.vault, asked.today)
    load = workload(asked.vault, schedule, weeks(asked.today, WEEKS, asked.vault.config.first_day_of_week))
    head = (
        (Part("  who", NAME + 2, "dim"), *(Part(f" W{day.isocalendar().week}", CELL, "head") for day in load.starts)),
        (Part("", NAME + 2), *(Part(f" {day.day} {MONTH_NAMES[day.month - 1]}", CELL, "dim") for day in load.starts)),
    )
    rows = [entry for person in load.rows for entry in _person(person, asked)]
    groups: list[Group] = [(Heading("people", "People", "share of each week's time that is taken"), rows)]
    groups += _loose("unassigned", "Nobody does it", load.unassigned, asked)
    groups += _loose("unscheduled", "Nothing says when", load.unscheduled, asked)
    over = sum(1 for _ in load.over_allocated)
    notes = (f"{over} weeks with too much" if over != 1 else "1 week with too much",)
    return ReportPage(asked, head, groups, shown=len(load.rows), total=len(load.rows), notes=notes)


def _person(person: Row, asked: Asked) -> Iterator[Entry]:
    """A person's weeks; under it what they are asked for in the weeks that are too much."""
    path = asked.vault.people[person.id].path if person.id in asked.vault.people else None
    yield Entry(path, (Part(person.name or "(nobody)", NAME, "person"), *map(_heat, person.cells)))
    causes: dict[str, int] = {}
    for path, minutes in (cause for cell in person.cells if cell.over for cause in cell.causes):
        causes[path] = causes.get(path, 0) + minutes
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    for path in sorted(causes, key=lambda one: (-causes[one], one)):
        item = asked.vault.files[path].item
        if item is not None and fits(item):
            hours = [dict(cell.causes).get(path, 0) if cell.over else 0 for cell in person.cells]
            said = (Part(f"{minutes / 60:>6.1f}h" if minutes else "", CELL, "dim") for minutes in hours)
            yield Entry(path, (Part(f"  {_id(item.id, asked)} {item.title}", NAME), *said))


def _heat(cell: Cell) -> Part:
    """A week as a block and a percentage; too much is spelled out with `!`, no time at all is left empty."""
    if not cell.load:
        return Part(" ·" if cell.capacity else "", CELL, "dim")
    if cell.percent is None:
        return Part(f" {LEVELS[8]}   no!", CELL, "over")
    level = LEVELS[min(8, max(1, round(cell.percent / 12.5)))]
    return Part(f" {level}{cell.percent:>4}%{'!' if cell.over else ''}", CELL, "over" if cell.over else "load")


def _loose(key: str, title: str, found: Sequence[Loose], asked: Asked) -> Iterator[Group]:
    rows = []
    for one in found:
        item = asked.vault.files[one.path].item
        if item is not None:
            guess = " guessed" if one.assumed else ""
            said = Part(f"{one.minutes / 60:.1f}h{guess}", 14, "dim")
            rows.append(Entry(one.path, (Part(f"{_id(item.id, asked)} {item.title}"), said)))
    if rows:
        yield Heading(key, title, str(len(rows))), rows


def build_risks(asked: Asked) -> ReportPage:
    """The matrix of open risks by probability and impact, above the register."""
    risks = register(asked.vault, asked.today)
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)
    shown = [risk for risk in risks if fits(risk.item)]
    cells = matrix(shown)
    head = [(Part("  likely", 12, "dim"), *(Part(f"impact {step}", 14, "head") for step in STEPS))]
    head += [
        (Part(f"{step:>8}   │", 12, "head"), *(_square(step, impact, cells.get((step, impact), ()), asked) for impact in STEPS))
        for step in reversed(STEPS)
    ]  # fmt: skip
    groups: list[Group] = []
    for key, title, members in (
        ("open", "Open", [risk for risk in shown if risk.open]),
        ("closed", "Closed", [risk for risk in shown if not risk.open]),
    ):
        if members:
            groups.append((Heading(key, title, str(len(members))), [_risk(risk, asked) for risk in members]))
    sums = ", ".join(f"{amount:,.0f} {currency}" for currency, amount in contingency(shown).items())
    notes = (f"contingency {sums}",) if sums else ()
    return ReportPage(asked, head, groups, shown=len(shown), total=len(risks), notes=notes)


def _square(probability: int, impact: int, risks: Sequence[Risk], asked: Asked) -> Part:
    """A cell of the matrix: the ids in it, and the band it lies in where it is empty."""
    level = band(probability * impact)
    if not risks:
        return Part({"low": "·", "medium": "∙∙", "high": "∙∙∙", "critical": "∙∙∙∙"}[level], 14, "dim")
    more = f" +{len(risks) - 2}" if len(risks) > 2 else ""
    return Part(" ".join(_id(risk.item.id, asked) for risk in risks[:2]) + more, 14, BAND_INK[level])


def _risk(risk: Risk, asked: Asked) -> Entry:
    score = "" if risk.score is None else f"{risk.score} {risk.band}"
    ink: Ink = BAND_INK[risk.band] if risk.band is not None and risk.open else "dim"
    emv = f"{risk.emv.amount:,.0f} {risk.emv.currency}" if risk.emv is not None else ""
    left = f"→ {risk.residual}" if risk.residual is not None else ""
    response = (risk.item.text("response") or "") + (" review overdue" if risk.review_overdue else "")
    return Entry(
        risk.item.path,
        (
            Part(score, 12, ink), Part(left, 6, "dim"), Part(f"{_id(risk.item.id, asked)} {risk.item.title}"),
            Part(response, 24, "warn" if risk.review_overdue else "dim"), Part(f"{emv:>12}", 14, "due"),
        ),
    )  # fmt: skip


def build_compare(asked: Asked) -> ReportPage:
    """The plan against its newest baseline: what is later, what came and what went."""
    known = baselines(asked.vault)
    if not known:
        nothing = ((Part("  no baseline yet: planner plan baseline NAME freezes the plan as it is", 0, "dim"),),)
        return ReportPage(asked, nothing, (), shown=0, total=0, notes=())
    before = max(known.values(), key=lambda one: (one.taken, one.name))
    schedule = planned(asked.vault, asked.today)
    found = compare(before, freeze(asked.vault, schedule, "now", asked.today), schedule)
    fits = compile_query(asked.query, asked.vault, today=asked.today, me=asked.me)

    def kept(row: Frozen) -> bool:
        item = asked.vault.get(row.id)
        return item is None or fits(item)

    moved = [each for each in found.items if each.changed and kept(each.after)]
    groups: list[Group] = []
    projects = [_finish(each.project, each.before, each.after, each.slip, asked) for each in found.projects]
    if projects:
        groups.append((Heading("projects", "Projects", "their last finish"), projects))
    for key, title, entries in (
        ("moved", "Changed", [_variance(each, asked) for each in moved]),
        ("added", "New", [_frozen(row, asked) for row in found.added if kept(row)]),
        ("removed", "Gone", [_frozen(row, asked) for row in found.removed if kept(row)]),
    ):
        if entries:
            groups.append((Heading(key, title, str(len(entries))), entries))
    slip = "" if found.slip is None else f" · the end {_slip(found.slip)}"
    notes = (f"since {before.name} of {_day(before.taken)}{slip}",)
    head = ((Part("", 2), *(Part(name, width, "dim") for name, width in COMPARED)),)
    return ReportPage(asked, head, groups, shown=len(moved), total=len(found.items), notes=notes)


def _finish(id_: str, before: datetime, after: datetime, slip: float, asked: Asked) -> Entry:
    item = asked.vault.get(id_)
    title = item.title if item is not None else id_ or "(no project)"
    return Entry(item.path if item is not None else None, (*_then_now(slip, before, after), Part("", 10), Part(title)))


def _variance(each: Variance, asked: Asked) -> Entry:
    item = asked.vault.get(each.after.id)
    work = f"{each.effort / 60:+.1f}h" if each.effort else ""
    mark = "◆ " if each.after.kind == "milestone" else ""
    parts = (*_then_now(each.slip, each.before.finish, each.after.finish), Part(work, 10, "dim"))
    return Entry(
        item.path if item is not None else None, (*parts, Part(f"{mark}{_id(each.after.id, asked)} {each.after.title}"))
    )


def _then_now(slip: float, before: datetime, after: datetime) -> tuple[Part, Part, Part]:
    ink: Ink = "warn" if slip > 0 else "done" if slip < 0 else "dim"
    return Part(_slip(slip), 12, ink), Part(_day(before.date()), 10, "was"), Part(f"→ {_day(after.date())}", 12)


def _frozen(row: Frozen, asked: Asked) -> Entry:
    item = asked.vault.get(row.id)
    said = (Part("", 12), Part("", 10), Part(_day(row.finish.date()), 12), Part(f"{row.effort / 60:.1f}h", 10, "dim"))
    return Entry(item.path if item is not None else None, (*said, Part(f"{_id(row.id, asked)} {row.title}")))


def _slip(days: float) -> str:
    """Working days later or earlier, in words."""
    if not round(days, 1):
        return "as agreed"
    said = f"{abs(round(days, 1)):.1f}".removesuffix(".0")
    return f"+{said}d late" if days > 0 else f"-{said}d early"


def _day(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"


def _id(id_: str, asked: Asked) -> str:
    """The letters that name an item on the screen."""
    return id_[: max(asked.vault.prefixes.get(id_, len(id_)), ID_LETTERS)]


def build_roadmap(asked: Asked) -> TimelinePage:
    """All projects with their milestones over the quarters."""
    schedule = planned(asked.vault, asked.today)
    view = timeline(asked.vault, schedule, asked.query, asked.today, me=asked.me)
    return TimelinePage(asked, roadmap(view), calendar_of_plan(asked.vault), Window(zoom=ROADMAP))


ROADMAP = 3
"""The zoom a roadmap begins with: weeks to a cell, so that quarters fit."""
