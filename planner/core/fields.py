"""The field table: one row a frontmatter field, from which reading, writing, queries and docs are derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from planner.core.record import dataclass

if TYPE_CHECKING:
    from planner.core.model import Scalar

MergeRule: TypeAlias = Literal["scalar", "set", "list", "union", "lines"]


class FieldType(Enum):
    """What a scalar of a field means; the value is the word used in docs and in `[fields.NAME]`."""

    TEXT = "text"
    WORD = "word"
    YES_NO = "yes/no"
    STATE = "state"
    LEVEL = "level"
    RANK = "rank"
    PERSON = "person"
    REFERENCE = "reference"
    DEPENDENCY = "dependency"
    WHEN = "date or instant"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    ESTIMATE = "estimate"
    PERCENT = "percent"
    NUMBER = "number"
    INTEGER = "integer"
    CONSTRAINT = "constraint"
    RECURRENCE = "recurrence"
    MONEY = "money"
    SPENT = "time entry"
    RANGE = "date range"
    MAP = "map"

    __hash__ = object.__hash__  # that of Enum takes a call in Python, and every lookup by type asks for it


@dataclass(frozen=True, slots=True)
class Field:
    """One row: a field's name, type, how many values, which kinds, how it merges, and its help."""

    name: str
    type: FieldType
    help: str
    many: bool = False
    kinds: frozenset[str] = frozenset()  # empty: every kind
    merge: MergeRule = "scalar"
    aliases: tuple[str, ...] = ()
    group: str = "custom"
    options: tuple[str, ...] = ()  # allowed words, empty allows all

    @property
    def type_name(self) -> str:
        """The type as the manual says it: `people`, `dates`, `list of maps` …"""
        return _PLURALS.get(self.type, f"{self.type.value}s") if self.many else self.type.value


_PLURALS = {
    FieldType.PERSON: "people",
    FieldType.DEPENDENCY: "dependencies",
    FieldType.SPENT: "time entries",
    FieldType.MAP: "list of maps",
}
_WORK = frozenset({"task", "milestone", "request"})
_TASK = frozenset({"task", "milestone"})
_T = FieldType


def _rows() -> Iterable[Field]:
    def group(name: str, *rows: Field) -> Iterable[Field]:
        return (Field(r.name, r.type, r.help, r.many, r.kinds, r.merge, r.aliases, name, r.options) for r in rows)

    yield from group(
        "common",
        Field("id", _T.TEXT, "what everything else calls it by; never changes"),
        Field(
            "kind",
            _T.WORD,
            "what it is: task, milestone, project, area, goal, person, team, risk, request or a word of your own",
        ),
        Field("title", _T.TEXT, "one line that says what it is about", aliases=("summary",)),
        Field("tags", _T.WORD, "words to find it by", many=True, merge="set", aliases=("labels", "tag")),
        Field("links", _T.TEXT, "addresses and files that belong to it", many=True, merge="set"),
        Field("aliases", _T.TEXT, "other names links may use", many=True, merge="set"),
        Field("archived", _T.YES_NO, "out of sight, kept for reference"),
    )
    yield from group(
        "workflow",
        Field("status", _T.STATE, "where the work stands: a state of the workflow", kinds=_WORK, aliases=("state",)),
        Field("priority", _T.LEVEL, "how much it matters: urgent, high, medium, low", aliases=("prio",)),
        Field("rank", _T.RANK, "its place in a column; written when cards are reordered", aliases=("ordinal",)),
        Field("type", _T.WORD, "bug, feature, chore or a word of your own"),
        Field("class_of_service", _T.WORD, "standard, expedite, fixed_date or intangible"),
        Field("blocked_reason", _T.TEXT, "why it cannot go on, in words"),
        Field(
            "assignee",
            _T.PERSON,
            "who does it",
            many=True,
            merge="set",
            aliases=("assignees", "assigned_to", "assigned"),
        ),
        Field("owner", _T.PERSON, "the one person who answers for it", aliases=("responsible",)),
        Field("requester", _T.PERSON, "who asked for it", aliases=("reporter",)),
        Field("watchers", _T.PERSON, "who wants to hear of it", many=True, merge="set"),
        Field("reviewers", _T.PERSON, "who looks at the result", many=True, merge="set", aliases=("reviewer",)),
        Field("approvals", _T.MAP, "approval steps and decisions", many=True, merge="list"),
        Field("decisions", _T.TEXT, "what approvers decided, a line each", many=True, merge="union"),
        Field("delegated_by", _T.PERSON, "who handed it on"),
    )
    yield from group(
        "place",
        Field("project", _T.REFERENCE, "the project it belongs to", aliases=("projects",)),
        Field("area", _T.REFERENCE, "the area of ongoing work it belongs to"),
        Field(
            "parent", _T.REFERENCE, "the item it is a part of", aliases=("parent_id", "parent_task_id", "parentTaskId")
        ),
        Field("milestone", _T.REFERENCE, "the milestone it leads to"),
        Field("goal", _T.REFERENCE, "the goal it serves"),
        Field("iteration", _T.REFERENCE, "the sprint it is planned for", aliases=("sprint",)),
        Field("phase", _T.REFERENCE, "the phase of the project"),
        Field("template", _T.REFERENCE, "the template it was made from"),
        Field("origin", _T.REFERENCE, "what it came out of"),
        Field("duplicate_of", _T.REFERENCE, "the item that says the same"),
    )
    yield from group(
        "dates",
        Field("scheduled", _T.WHEN, "when work is meant to start"),
        Field("wait", _T.WHEN, "hide it until then", aliases=("hide_until",)),
        Field("due", _T.WHEN, "when it should be done", aliases=("due_date", "dueDate")),
        Field("deadline", _T.WHEN, "when it must be done"),
        Field("remind", _T.DURATION, "how long before to remind", many=True, merge="set", aliases=("reminders",)),
        Field(
            "created",
            _T.WHEN,
            "when it came into being",
            aliases=("created_date", "createdDate", "date_created", "dateCreated"),
        ),
        Field("started", _T.WHEN, "when work began"),
        Field("completed", _T.WHEN, "when it was done", aliases=("completed_date", "completedDate")),
    )
    yield from group(
        "plan",
        Field(
            "estimate",
            _T.ESTIMATE,
            "effort, one value or optimistic/likely/pessimistic",
            kinds=_WORK,
            aliases=("timeEstimate", "time_estimate", "effort"),
        ),
        Field("duration", _T.DURATION, "working time from start to finish", kinds=_WORK),
        Field("remaining", _T.DURATION, "effort still to do", kinds=_WORK),
        Field("leveling_delay", _T.DURATION, "how much levelling pushed it back", kinds=_TASK),
        Field("progress", _T.PERCENT, "how far it is", aliases=("percent_complete",)),
        Field("units", _T.PERCENT, "share of each assignee's time, one for all or one each", many=True, merge="list"),
        Field(
            "depends_on",
            _T.DEPENDENCY,
            "what it waits for: `ID [FS|SS|FF|SF][+|-LAG]`",
            many=True,
            merge="set",
            aliases=("dependencies", "blockedBy", "blocked_by", "depends"),
        ),
        Field("constraint", _T.CONSTRAINT, "ASAP, ALAP, or SNET FNET SNLT FNLT MSO MFO and a date"),
        Field("calendar", _T.WORD, "the calendar it is worked on"),
        Field("requires_skills", _T.WORD, "what its assignee must know", many=True, merge="set"),
        Field("importance", _T.YES_NO, "matters for the long run", aliases=("important",)),
        Field("value", _T.NUMBER, "what it is worth"),
    )
    yield from group(
        "repetition",
        Field("recurrence", _T.RECURRENCE, "how it repeats: an RRULE, or `every 2w mon`", aliases=("rrule", "repeat")),
        Field(
            "recurrence_mode",
            _T.WORD,
            "schedule, schedule_keep or completion",
            options=("schedule", "schedule_keep", "completion"),
        ),
        Field("exdates", _T.DATE, "days it does not happen", many=True, merge="set"),
        Field("occurrence", _T.DATE, "which day of its series this is"),
    )
    yield from group(
        "money and time",
        Field("budget", _T.MONEY, "what may be spent"),
        Field("cost", _T.MONEY, "what it costs"),
        Field("rate", _T.MONEY, "price of an hour"),
        Field(
            "earning_rule",
            _T.WORD,
            "how progress earns value: percent, 0/100, 50/50, weighted_milestones or level_of_effort",
            kinds=_TASK,
            options=("percent", "0/100", "50/50", "weighted_milestones", "level_of_effort"),
        ),
        Field("spent", _T.SPENT, "time worked: `2026-11-23 1h30m ana parser`", many=True, merge="union"),
    )
    project = frozenset({"project"})
    yield from group(
        "project",
        Field("sponsor", _T.PERSON, "who pays and decides", kinds=project),
        Field(
            "lifecycle",
            _T.WORD,
            "proposed, approved, planning, active, on_hold, closing, closed or cancelled",
            kinds=project,
            options=("proposed", "approved", "planning", "active", "on_hold", "closing", "closed", "cancelled"),
        ),
        Field(
            "start",
            _T.DATE,
            "first day; on work as `plan schedule --write` stored it",
            kinds=_TASK | project | {"iteration"},
        ),
        Field("finish", _T.DATE, "last day, as `plan schedule --write` stored it", kinds=_TASK),
        Field("target_end", _T.DATE, "the day it should be finished", kinds=project),
        Field("objectives", _T.MAP, "what it is meant to change", many=True, kinds=project, merge="list"),
        Field("success_criteria", _T.MAP, "how anyone can tell that it worked", many=True, kinds=project, merge="list"),
        Field("deliverables", _T.MAP, "what will be handed over", many=True, kinds=project, merge="list"),
        Field("team", _T.MAP, "who works on it, as what", many=True, kinds=project, merge="list"),
        Field("stakeholders", _T.MAP, "whom it concerns", many=True, kinds=project, merge="list"),
        Field("benefits", _T.MAP, "what it brings, planned and realised", many=True, kinds=project, merge="list"),
        Field("handover", _T.MAP, "who takes over, and how", kinds=project),
        Field("closing", _T.MAP, "acceptance, variance and lessons", kinds=project),
        Field("baseline", _T.WORD, "the baseline it is compared with", kinds=project),
        Field("health", _T.WORD, "on_track, at_risk or off_track", options=("on_track", "at_risk", "off_track")),
    )
    yield from group(
        "goal",
        Field("period", _T.TEXT, "the time it is meant for: `2026-Q4`", kinds=frozenset({"goal"})),
        Field(
            "key_results",
            _T.MAP,
            "list of `{metric, start, target, current, weight}`",
            many=True,
            kinds=frozenset({"goal"}),
            merge="list",
        ),
    )
    person = frozenset({"person"})
    yield from group(
        "person, team",
        Field("name", _T.TEXT, "as people say it", kinds=person | {"team"}),
        Field(
            "email",
            _T.TEXT,
            "addresses git may know the person by",
            many=True,
            kinds=person,
            merge="set",
            aliases=("emails",),
        ),
        Field("timezone", _T.TEXT, "an IANA name such as Europe/Berlin", kinds=person),
        Field("capacity", _T.DURATION, "working time a week", kinds=person | {"team"}),
        Field("leave", _T.RANGE, "days away: `2026-12-24..2027-01-02`", many=True, kinds=person, merge="set"),
        Field("delegates", _T.PERSON, "who may decide in the person's place", many=True, kinds=person, merge="set"),
        Field("skills", _T.MAP, "what the person knows, with a level", kinds=person),
        Field("lead", _T.PERSON, "who leads the team", kinds=frozenset({"team"})),
        Field("members", _T.PERSON, "who is in the team", many=True, kinds=frozenset({"team"}), merge="set"),
    )
    risk = frozenset({"risk"})
    yield from group(
        "risk",
        Field(
            "probability",
            _T.INTEGER,
            "1 (hardly) to 5 (almost sure)",
            kinds=risk,
            options=("1", "2", "3", "4", "5"),
            aliases=("likelihood",),
        ),
        Field("impact", _T.INTEGER, "1 (small) to 5 (severe)", kinds=risk, options=("1", "2", "3", "4", "5")),
        Field("cost_impact", _T.MONEY, "what it would cost", kinds=risk),
        Field("delay_impact", _T.DURATION, "how long it would delay", kinds=risk),
        Field("response", _T.WORD, "avoid, mitigate, transfer, accept; exploit, enhance, share", kinds=risk),
        Field("trigger", _T.TEXT, "how one can tell that it happens", kinds=risk),
        Field("residual", _T.NUMBER, "score that remains after the response", kinds=risk),
        Field("review_by", _T.DATE, "look at it again by then"),
        Field("became", _T.REFERENCE, "the issue it turned into", kinds=risk),
    )
    request = frozenset({"request"})
    yield from group(
        "request",
        Field("form", _T.TEXT, "the form it came in by", kinds=request),
        Field("queue", _T.WORD, "where it waits"),
        Field("submitted", _T.WHEN, "when it was asked", kinds=request),
        Field("triage", _T.WORD, "accept, decline, duplicate or snooze", kinds=request),
        Field("sla", _T.DURATION, "promised time to answer"),
    )


FIELDS: Mapping[str, Field] = {row.name: row for row in _rows()}
"""Every field planner gives a meaning to, by canonical name, in the manual's order."""

CANONICAL: Mapping[str, str] = {alias: row.name for row in FIELDS.values() for alias in row.aliases}
"""Alias to canonical name."""

ORDER: tuple[str, ...] = (
    "id", "kind", "title", "status", "priority", "type", "assignee", "owner", "project", "area", "parent",
    "milestone", "goal", "scheduled", "wait", "due", "deadline", "estimate", "depends_on", "recurrence", "tags",
)  # fmt: skip
"""Where a new key goes in a header: after the nearest key that comes before it here."""


def custom_field(
    name: str, type_name: str, options: tuple[str, ...] = (), kinds: frozenset[str] = frozenset()
) -> Field:
    """A field that planner.toml defines; raises ValueError for an unknown type."""
    many = type_name.endswith("?") or type_name in {"words", "texts", "people", "dates"}
    singular = {"words": "word", "texts": "text", "people": "person", "dates": "date"}.get(
        type_name, type_name.rstrip("?")
    )
    try:
        kind = FieldType("date or instant" if singular == "when" else singular)
    except ValueError:
        known = ", ".join(member.value for member in FieldType)
        raise ValueError(f"unknown field type '{type_name}'; known are {known}") from None
    return Field(
        name,
        kind,
        "a field of this vault's own",
        many=many,
        kinds=kinds,
        merge="set" if many else "scalar",
        options=options,
    )


COMMA_TYPES = frozenset({FieldType.WORD, FieldType.PERSON, FieldType.DEPENDENCY})
"""Types of which several may stand in one text, with commas between them."""


@cache
def _readers() -> Mapping[FieldType, Callable[[str], Scalar]]:
    from planner.core import values  # only here: a merge needs the table and reads no value
    from planner.core.recurrence import parse_recurrence

    return {
        _T.TEXT: str,
        _T.WORD: values.parse_word,
        _T.YES_NO: values.parse_yes_no,
        _T.STATE: values.parse_word,
        _T.LEVEL: values.parse_word,
        _T.RANK: values.parse_word,
        _T.PERSON: values.parse_person,
        _T.REFERENCE: values.parse_reference,
        _T.DEPENDENCY: values.parse_dependency,
        _T.WHEN: values.parse_when,
        _T.DATE: values.parse_date,
        _T.INSTANT: values.parse_when,
        _T.DURATION: values.parse_duration,
        _T.ESTIMATE: values.parse_estimate,
        _T.PERCENT: values.parse_percent,
        _T.NUMBER: values.parse_number,
        _T.INTEGER: values.parse_integer,
        _T.CONSTRAINT: values.parse_constraint,
        _T.RECURRENCE: parse_recurrence,
        _T.MONEY: values.parse_money,
        _T.SPENT: values.parse_spent,
        _T.RANGE: values.parse_range,
    }


def read_scalar(field: Field, text: str) -> Scalar:
    """The typed value of one scalar; raises ValueError with a sentence that says what was expected."""
    value = _readers()[field.type](text)
    if field.options and str(value) not in field.options:
        raise ValueError(f"'{text}' is not one of {', '.join(field.options)}")
    return value


_LEVELS = {"h": "high", "m": "medium", "l": "low", "u": "urgent", "critical": "urgent", "normal": "medium", "none": ""}


def read_level(text: str, levels: tuple[str, ...]) -> str | None:
    """A priority in any of its spellings (`high`, `H`, `P1`, `2`) as one of the levels, None for an unknown one."""
    word = text.strip().casefold()
    for level in levels:
        if word == level.casefold():
            return level
    if (named := _LEVELS.get(word)) in levels:
        return named
    digits = word.removeprefix("p")
    if len(digits) == 1 and digits.isascii() and digits.isdecimal():
        index = int(digits) - (0 if word.startswith("p") else 1)
        return levels[index] if 0 <= index < len(levels) else None
    return None


def to_raw(value: object) -> str:
    """A typed scalar as the text that is written to a file."""
    from datetime import datetime

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes") if value.second == 0 else value.isoformat()
    return str(value)
