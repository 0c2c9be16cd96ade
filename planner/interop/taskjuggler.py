"""TaskJuggler: a plan as a `.tjp` file, so that another scheduler can be asked.

What the language lacks is told at the end as comments: links by finish (FF, SF), leads, soft dates. A person who gives a part of their time stands there as a resource of that efficiency, once for each part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from math import gcd
from typing import TypeAlias

from planner.core.hours import DAY, DEFAULT_HOURS, Span, WorkingHours
from planner.core.record import dataclass, field
from planner.core.values import DateRange
from planner.core.vault import Vault
from planner.plan.calendar import Moment, as_datetime, day_of
from planner.plan.model import Activity, Link, Schedule
from planner.plan.people import DEFAULT, leave_of
from planner.plan.planned import planned

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RESOLUTIONS = (60, 30, 15, 10, 5)
TODAY = "today"
"""The milestone that all work not begun waits for."""


def export(vault: Vault, today: date) -> str:
    """The vault's plan as a TaskJuggler project; `tj3` writes its dates to `plan.csv`."""
    return "\n".join(_Writer(vault, planned(vault, today)).lines()) + "\n"


Piece: TypeAlias = tuple[date, date, str]
"""From a day to before another: a shift."""


@dataclass
class _Writer:
    """Writes one plan; `missing` gathers what could not be said."""

    vault: Vault
    plan: Schedule
    missing: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        network = self.plan.network
        self.ids = _ids({path: activity.id for path, activity in network.activities.items()})
        tasks = list(self._tasks(None, ""))
        yield from self._head()
        for name, hours in self._calendars().items():
            yield from self._calendar(name, hours)
        yield from self._resources()
        yield f'task {TODAY} "today" {{ milestone start {self._moment(network.status)} }}'
        yield from tasks
        yield 'taskreport plan "plan" { formats csv columns id, start, end timeformat "%Y-%m-%dT%H:%M" }'
        yield from (f"# not said: {line}" for line in self.missing)

    def _head(self) -> Iterator[str]:
        first, last = self._bounds
        yield f"project plan {_text(self.vault.config.name or 'plan')} {first} - {last} {{"
        yield '  timezone "UTC"'
        yield f"  timingresolution {self.step}min"
        yield f"  now {self._moment(self.plan.network.status)}"
        yield "}"

    @cached_property
    def _bounds(self) -> tuple[date, date]:
        """The first day of the project, and the day after its last: twice as long as the plan, and a year."""
        network = self.plan.network
        starts = [self.plan.dates[path].start for path, a in network.activities.items() if not a.summary]
        first, last = day_of(min([network.status, *starts])), day_of(max(network.status, self.plan.finish))
        end = last.toordinal() + (last - first).days + 365
        return first, date.fromordinal(min(end, date.max.toordinal()))

    def _moment(self, m: Moment) -> str:
        return f"{as_datetime(m - m % self.step):%Y-%m-%d-%H:%M}"

    @cached_property
    def step(self) -> int:
        """The largest step that all hours, lengths and lags are multiples of, at least the 5 minutes there must be."""
        spans = [edge for hours in self._calendars().values() for span in hours.week for edge in span]
        lengths = [a.effort or a.duration for a in self.plan.network.activities.values()]
        common = gcd(*spans, *lengths, *(link.lag for link in self.plan.network.links))
        return next((step for step in _RESOLUTIONS if common % step == 0), 5)

    def _calendars(self) -> Mapping[str, WorkingHours]:
        return {DEFAULT: DEFAULT_HOURS, **self.vault.config.calendars}

    def _calendar(self, name: str, hours: WorkingHours) -> Iterator[str]:
        """A calendar as a macro: which shift holds when. Leave of a shift itself does not count for `length`."""
        yield f"shift {_id(name)} {_text(name)} {{"
        yield from (f"  {line}" for line in _week(hours.week))
        yield "}"
        first, last = self._bounds
        pieces = [(first, last, _id(name))]
        for number, special in enumerate(hours.special):
            day = f"{_id(name)}_{number}"
            spans = _spans(special.spans)
            yield f'shift {day} "{special.days}" {{ workinghours mon - sun {spans} }}'
            pieces = list(_replaced(pieces, special.days.start, _next(special.days.end), day))
        said = ", ".join(f"{shift} {begin} - {end}" for begin, end, shift in pieces)
        yield f"macro {_id(name)} [shifts {said}]"

    def _resources(self) -> Iterator[str]:
        shares = {pair for a in self.plan.network.activities.values() for pair in a.assignees if not a.summary}
        for person, share in sorted(shares):
            item = self.vault.people.get(person)
            yield f"resource {_resource_id(person, share)} {_text(item.title if item is not None else person)} {{"
            yield f"  ${{{_id(self._known(item.text('calendar') if item is not None else None))}}}"
            if share != 1:
                yield f"  efficiency {share:.4f}"
            for days in leave_of(item) if item is not None else ():
                yield f"  leaves annual {_days(days)}"
            yield "}"

    def _tasks(self, parent: str | None, indent: str) -> Iterator[str]:
        for path, activity in sorted(self.plan.network.activities.items()):
            if activity.parent == parent:
                yield from self._gaps(activity, indent)
                for before, when in self._floors(activity):
                    yield f'{indent}task {before} "not before" {{ milestone start {self._moment(when)} }}'
                yield f"{indent}task {self.ids[path]} {_text(activity.title)} {{"
                yield from (f"{indent}  {line}" for line in self._task(activity))
                yield from self._tasks(path, f"{indent}  ")
                yield f"{indent}}}"

    def _floors(self, activity: Activity) -> Iterator[tuple[str, Moment]]:
        """A milestone at the moment before which it may not start: TaskJuggler's `minstart` only checks."""
        status = self.plan.network.status
        dates = [activity.not_before, activity.constraint_date if activity.constraint == "SNET" else None]
        begin = max([status, *(when for when in dates if when is not None)])
        if activity.elapsed or (activity.duration == 0 and not activity.summary):
            begin = activity.calendar.next_start(begin)  # there is no pause in it to wait for
        if begin > status and not activity.started:
            yield f"{self.ids[activity.path]}_from", begin

    def _task(self, activity: Activity) -> Iterator[str]:
        if activity.finished:
            dates = self.plan.dates[activity.path]
            yield f"start {self._moment(dates.start)}"
            yield f"end {self._moment(max(dates.finish, dates.start + self.step))}"
            yield "complete 100"
            return
        if not activity.summary:
            yield from self._work(activity)
        yield from self._rules(activity)
        wanted = [f"!{name}" for name, _ in self._floors(activity)]
        if not activity.summary and not wanted:
            wanted.append(TODAY)
        wanted += self._dependencies(activity)
        if wanted:
            yield f"depends {', '.join(wanted)}"

    def _work(self, activity: Activity) -> Iterator[str]:
        people = ", ".join(_resource_id(person, share) for person, share in activity.assignees)
        left = activity.duration if activity.remaining is None else activity.remaining
        if activity.duration == 0:
            yield "milestone"
        elif activity.elapsed:
            yield f"duration {left}min"
        elif activity.effort is not None and people:
            yield f"effort {round(activity.effort * left / activity.duration)}min"
        else:
            yield f"length {left}min"
            yield f"${{{_id(self._calendar_name(activity))}}}"
        if people and activity.duration:
            yield f"allocate {people}"

    def _calendar_name(self, activity: Activity) -> str:
        item = self.vault.files[activity.path].item
        project = self.plan.network.activities.get(activity.project or "")
        above = self.vault.files[project.path].item if project is not None else None
        names = [self._known(each.text("calendar")) for each in (item, above) if each is not None]
        return next((name for name in names if name != DEFAULT), DEFAULT)

    def _known(self, name: str | None) -> str:
        return name if name is not None and name in self._calendars() else DEFAULT

    def _rules(self, activity: Activity) -> Iterator[str]:
        levels = len(self.vault.config.levels)
        if activity.priority < levels:
            yield f"priority {900 - 800 * activity.priority // levels}"
        if activity.deadline is not None:
            yield f"maxend {self._moment(activity.deadline)}"
        match activity.constraint:
            case "MSO" if activity.constraint_date is not None:
                yield f"start {self._moment(activity.constraint_date)}"
            case "FNET" | "SNLT" | "FNLT" | "MFO" | "ALAP" as rule:
                self.missing.append(f"{activity.id}: {rule}")

    @cached_property
    def _links(self) -> Mapping[str, list[Link]]:
        """The links to each activity."""
        found: dict[str, list[Link]] = {}
        for link in self.plan.network.links:
            found.setdefault(link.successor, []).append(link)
        return found

    def _dependencies(self, activity: Activity) -> Iterator[str]:
        """What it waits for, each item once; the other links are told as missing."""
        seen: set[str] = set()
        for link in self._links.get(activity.path, ()):
            before = self.plan.network.activities.get(link.predecessor)
            if before is None:
                continue
            if link.type in {"FF", "SF"} or link.lag < 0 or before.path in seen:
                lag = f"{link.lag:+}min" if link.lag else ""
                self.missing.append(f"{activity.id} after {before.id} {link.type}{lag}")
                continue
            seen.add(before.path)
            if link.lag and not link.elapsed:
                yield f"!{self._gap(link)}"
                continue
            words = ["onstart"] if link.type == "SS" else []
            if link.lag:
                words.append(f"gapduration {link.lag}min")
            yield self._after(before, words)

    def _after(self, before: Activity, words: Sequence[str]) -> str:
        name = ".".join(self.ids[path] for path in self._way(before))
        return f"{name} {{ {' '.join(words)} }}" if words else name

    def _gap(self, link: Link) -> str:
        return f"{self.ids[link.successor]}_after_{self.ids[link.predecessor]}"

    def _gaps(self, activity: Activity, indent: str) -> Iterator[str]:
        """Lags in working time, each a task of its own: `gaplength` would not see the calendar."""
        for link in self._links.get(activity.path, ()):
            before = self.plan.network.activities.get(link.predecessor)
            if before is not None and link.lag > 0 and not link.elapsed and link.type in {"FS", "SS"}:
                after = self._after(before, ["onstart"] if link.type == "SS" else [])
                work = f"length {link.lag}min ${{{_id(self._calendar_name(activity))}}}"
                yield f'{indent}task {self._gap(link)} "gap" {{ {work} depends {after} }}'

    def _way(self, activity: Activity) -> Sequence[str]:
        """The paths from the outermost summary to an activity."""
        way = [activity.path]
        above = activity.parent
        while above is not None and above not in way:
            way.insert(0, above)
            above = self.plan.network.activities[above].parent
        return way


def _ids(given: Mapping[str, str]) -> dict[str, str]:
    """A name that TaskJuggler takes for each path, unlike any other."""
    found: dict[str, str] = {}
    taken = {TODAY}
    for path, id_ in sorted(given.items()):
        name = re.sub(r"\W", "_", id_, flags=re.ASCII)
        name = name if re.match(r"[A-Za-z_]", name) else f"_{name}"
        while name in taken:
            name += "_"
        taken.add(name)
        found[path] = name
    return found


def _id(calendar: str) -> str:
    return "calendar_" + re.sub(r"\W", "_", calendar, flags=re.ASCII)


def _resource_id(person: str, share: float) -> str:
    name = "who_" + re.sub(r"\W", "_", person, flags=re.ASCII)
    return name if share == 1 else f"{name}_{round(share * 10_000)}"


def _text(text: str) -> str:
    """A string of the language: one printable line, in double quotes."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return '"' + " ".join(plain.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _week(spans: Sequence[Span]) -> Iterator[str]:
    """`workinghours` of each day; a span over midnight is one to midnight, and one on the next day."""
    for number, name in enumerate(_DAYS):
        begin, end = number * DAY, number * DAY + DAY
        parts = [(max(start, begin) - begin, min(to, end) - begin) for start, to in spans if start < end and to > begin]
        yield f"workinghours {name} {_spans(parts)}"


def _spans(spans: Sequence[Span]) -> str:
    return ", ".join(f"{s // 60}:{s % 60:02} - {e // 60}:{e % 60:02}" for s, e in spans) or "off"


def _replaced(pieces: Sequence[Piece], begin: date, end: date, shift: str) -> Iterator[Piece]:
    """The pieces with another shift in [begin, end), as far as they reach there."""
    for first, last, other in pieces:
        if first < begin:
            yield first, min(last, begin), other
        if (within := (max(first, begin), min(last, end)))[0] < within[1]:
            yield *within, shift
        if last > end:
            yield max(first, end), last, other


def _days(days: DateRange) -> str:
    return f"{days.start} - {_next(days.end)}"


def _next(day: date) -> date:
    """The day after, as far as there is one."""
    return date.fromordinal(min(day.toordinal() + 1, date.max.toordinal()))
