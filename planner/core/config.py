"""planner.toml: how this vault wants to be read; a fault costs the setting it stands in, never the vault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from planner.core.fields import FIELDS, Field, custom_field
from planner.core.hours import DEFAULT_HOURS, SpecialDay, WorkingHours, parse_hours, read_special
from planner.core.model import Problem
from planner.core.problems import problem
from planner.core.toml import read_toml
from planner.core.workflow import CATEGORIES, DEFAULT_WORKFLOW, State, Workflow

PATH = "planner.toml"
FORMAT = 1
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SavedView:
    """A named way to look at the vault: `[views.NAME]`."""

    name: str
    query: str = ""
    view: str = "list"
    group: str = ""
    lanes: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitConfig:
    """How commits are made: a subject prefix, quiet seconds for hand edits (0: off), whether hooks run."""

    prefix: str = ""
    quiet: int = 0
    hooks: str = "run"


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """Which remote, and how much happens by itself."""

    remote: str = "origin"
    branch: str = ""
    auto: str = "off"
    interval: int = 60


@dataclass(frozen=True, slots=True)
class Config:
    """A vault's configuration; every value has a default, so an empty file is a good one."""

    format: int = FORMAT
    name: str = ""
    first_day_of_week: int = 0  # 0 is Monday
    timezone: str = ""
    language: str = "en"
    dialect: str = "planner"
    levels: tuple[str, ...] = ("urgent", "high", "medium", "low")
    stamp: bool = False  # write created, started, completed into files
    workflow: Workflow = DEFAULT_WORKFLOW
    calendars: Mapping[str, WorkingHours] = field(default_factory=dict)
    views: Mapping[str, SavedView] = field(default_factory=dict)
    custom: Mapping[str, Field] = field(default_factory=dict)
    commit: CommitConfig = CommitConfig()
    sync: SyncConfig = SyncConfig()
    problems: tuple[Problem, ...] = ()
    text: str | None = field(default=None, compare=False, repr=False)  # as it stands, for commands that change it

    @property
    def read_only(self) -> bool:
        """Whether the vault is of a newer format than this program writes."""
        return self.format > FORMAT

    def field(self, name: str) -> Field | None:
        """The row of a canonical field name, the vault's own fields included."""
        return FIELDS.get(name) or self.custom.get(name)

    @property
    def fields(self) -> Mapping[str, Field]:
        """Every field with a meaning in this vault."""
        return {**FIELDS, **self.custom}


class _Reader:
    """Takes settings out of a TOML table and turns what does not fit into Problems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[Problem] = []

    def fault(self, code: str, section: str, key: str, message: str, hint: str = "") -> None:
        line, column = _find(self.text, section, key)
        self.problems.append(problem(PATH, line, column, code, message, hint))

    def table(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.fault("bad-setting", "", key, f"[{key}] must be a table")
        return {}

    def take(self, data: dict[str, Any], section: str, key: str, kind: type[T], default: T) -> T:
        value = data.pop(key, default)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        self.fault("bad-setting", section, key, f"{key} must be {_KIND_WORDS[kind]}, not {value!r}")
        return default

    def word(self, data: dict[str, Any], section: str, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.take(data, section, key, str, default)
        if value in allowed:
            return value
        self.fault("bad-setting", section, key, f"{key} is '{value}'; it must be one of {', '.join(allowed)}")
        return default

    def words(self, data: dict[str, Any], section: str, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = data.pop(key, None)
        if value is None:
            return default
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.fault("bad-setting", section, key, f"{key} must be a list of words")
        return default

    def leftovers(self, data: Mapping[str, Any], section: str) -> None:
        for key in data:
            self.fault("unknown-setting", section, key, f"[{section}] has no setting '{key}'")


_KIND_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def parse_config(text: str | None) -> Config:
    """The configuration of a planner.toml (None where there is none); never raises."""
    if text is None:
        return Config(problems=(problem(PATH, 1, 1, "no-config"),))
    reader = _Reader(text)
    try:
        data = read_toml(text.removeprefix("\ufeff"))
    except ValueError as error:
        return Config(problems=(_toml_problem(text, str(error)),), text=text)
    return replace(_build(reader, data), text=text)


def _build(reader: _Reader, data: dict[str, Any]) -> Config:
    vault = dict(reader.table(data, "vault"))
    workflows = reader.table(data, "workflow")
    commit = dict(reader.table(data, "commit"))
    sync = dict(reader.table(data, "sync"))
    config = Config(
        format=reader.take(vault, "vault", "format", int, FORMAT),
        name=reader.take(vault, "vault", "name", str, ""),
        first_day_of_week=_weekday(reader, vault),
        timezone=_timezone(reader, vault),
        language=reader.take(vault, "vault", "language", str, "en"),
        dialect=reader.take(vault, "vault", "dialect", str, "planner"),
        levels=reader.words(vault, "vault", "priorities", Config().levels),
        stamp=reader.take(dict(workflows), "workflow", "stamp", bool, False),
        workflow=_workflow(reader, workflows),
        calendars={name: _hours(reader, name, table) for name, table in reader.table(data, "calendars").items()},
        views={name: _view(reader, name, view) for name, view in reader.table(data, "views").items()},
        custom=_custom(reader, reader.table(data, "fields")),
        commit=CommitConfig(
            prefix=reader.take(commit, "commit", "prefix", str, ""),
            quiet=_quiet(reader, commit),
            hooks=reader.word(commit, "commit", "hooks", ("run", "skip"), "run"),
        ),
        sync=SyncConfig(
            remote=reader.take(sync, "sync", "remote", str, "origin"),
            branch=reader.take(sync, "sync", "branch", str, ""),
            auto=reader.word(sync, "sync", "auto", ("off", "fetch", "full"), "off"),
            interval=reader.take(sync, "sync", "interval", int, 60),
        ),
    )
    for section, rest in (("vault", vault), ("commit", commit), ("sync", sync)):
        reader.leftovers(rest, section)
    known = {"vault", "workflow", "calendars", "views", "rules", "fields", "sync", "commit"}
    for key in data.keys() - known:
        reader.fault("unknown-setting", "", key, f"planner.toml has no section '{key}'")
    if config.read_only:
        reader.fault(
            "newer-format", "vault", "format", f"format {config.format} is newer than {FORMAT}; the vault is read only"
        )
    return replace(config, problems=tuple(sorted(reader.problems)))


def _weekday(reader: _Reader, vault: dict[str, Any]) -> int:
    value = vault.pop("first_day_of_week", "monday")
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6:
        return value
    word = str(value).casefold()
    match = [index for index, day in enumerate(WEEKDAYS) if len(word) >= 2 and day.startswith(word)]
    if match:
        return match[0]
    reader.fault(
        "bad-setting",
        "vault",
        "first_day_of_week",
        f"first_day_of_week is {value!r}; it must be a weekday such as 'monday'",
    )
    return 0


def _timezone(reader: _Reader, vault: dict[str, Any]) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    name = reader.take(vault, "vault", "timezone", str, "")
    if not name:
        return ""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.fault("bad-setting", "vault", "timezone", f"'{name}' is no time zone; write one such as 'Europe/Berlin'")
        return ""
    return name


def _quiet(reader: _Reader, commit: dict[str, Any]) -> int:
    value = commit.pop("quiet", "off")
    if value == "off" or value is False:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    reader.fault("bad-setting", "commit", "quiet", f"quiet is {value!r}; it must be 'off' or a number of seconds")
    return 0


def _workflow(reader: _Reader, workflows: Mapping[str, Any]) -> Workflow:
    section = "workflow.default"
    table = workflows.get("default", {})
    if not isinstance(table, dict):
        reader.fault("bad-setting", "workflow", "default", "[workflow.default] must be a table")
        return DEFAULT_WORKFLOW
    rows = table.get("states")
    if rows is None:
        return DEFAULT_WORKFLOW
    states = [state for row in rows if (state := _state(reader, section, row))] if isinstance(rows, list) else []
    names = [state.name.casefold() for state in states]
    if not states or len(set(names)) < len(names):
        reader.fault(
            "bad-setting",
            section,
            "states",
            "states must be a list of states, each name once; the default workflow is used",
        )
        return DEFAULT_WORKFLOW
    workflow = Workflow(tuple(states))
    return replace(workflow, transitions=_transitions(reader, section, workflow, table.get("transitions", [])))


def _transitions(reader: _Reader, section: str, workflow: Workflow, pairs: object) -> tuple[tuple[str, str], ...]:
    """Allowed moves by the states' own names; one faulty pair allows all, rather than forbid what was meant."""
    found: list[tuple[str, str]] = []
    for pair in pairs if isinstance(pairs, list) else [pairs]:
        states = [workflow.state(name) if isinstance(name, str) else None for name in _two(pair)]
        match states:
            case [State(name=start), State(name=end)]:
                found.append((start, end))
            case _:
                reader.fault(
                    "bad-setting", section, "transitions", f"{pair!r} is no pair of states; every transition is allowed"
                )
                return ()
    return tuple(found)


def _two(pair: object) -> list[object]:
    return pair if isinstance(pair, list) and len(pair) == 2 else []


def _state(reader: _Reader, section: str, row: object) -> State | None:
    if isinstance(row, str):
        row = {"name": row}
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"].strip():
        reader.fault("bad-setting", section, "states", f"a state needs a name: {row!r}")
        return None
    category = row.get("category", "unstarted")
    if category not in CATEGORIES:
        reader.fault(
            "bad-setting",
            section,
            "states",
            f"state '{row['name']}': category must be one of {', '.join(CATEGORIES)}, not {category!r}",
        )
        category = "unstarted"
    wip = row.get("wip")
    if wip is not None and (not isinstance(wip, int) or isinstance(wip, bool) or wip < 1):
        reader.fault(
            "bad-setting", section, "states", f"state '{row['name']}': wip must be a whole number from 1, not {wip!r}"
        )
        wip = None
    return State(row["name"].strip(), category, wip, row.get("hard") is True)


def _hours(reader: _Reader, name: str, table: object) -> WorkingHours:
    """One calendar; what is faulty in it is as in the default hours, and a calendar without work is faulty."""
    section = f"calendars.{name}"
    if not isinstance(table, dict):
        reader.fault("bad-setting", "calendars", name, f"[{section}] must be a table")
        return DEFAULT_HOURS
    rest = dict(table)
    week = DEFAULT_HOURS.week
    if (text := reader.take(rest, section, "working", str, "")).strip():
        try:
            week = parse_hours(text)
        except ValueError as error:
            reader.fault("bad-setting", section, "working", str(error))
    elif "working" in table:
        reader.fault("no-working-time", section, "working", f"calendar '{name}' has no working time")
    special: list[SpecialDay] = []
    for value in reader.take(rest, section, "holidays", list, []):
        try:
            special.append(read_special(value))
        except ValueError as error:
            reader.fault("bad-setting", section, "holidays", str(error))
    reader.leftovers(rest, section)
    return WorkingHours(week, tuple(special))


def _view(reader: _Reader, name: str, table: object) -> SavedView:
    section = f"views.{name}"
    if not isinstance(table, dict):
        reader.fault("bad-setting", "views", name, f"[{section}] must be a table")
        return SavedView(name)
    rest = dict(table)
    view = SavedView(
        name,
        query=reader.take(rest, section, "query", str, ""),
        view=reader.take(rest, section, "view", str, "list"),
        group=reader.take(rest, section, "group", str, ""),
        lanes=reader.take(rest, section, "lanes", str, ""),
        sort=reader.take(rest, section, "sort", str, ""),
        columns=reader.words(rest, section, "columns", ()),
    )
    reader.leftovers(rest, section)
    return view


def _custom(reader: _Reader, tables: Mapping[str, Any]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name, table in tables.items():
        section = f"fields.{name}"
        if name in FIELDS:
            reader.fault("bad-setting", "", section, f"'{name}' is one of planner's own fields and keeps its type")
            continue
        row = dict(table) if isinstance(table, dict) else {"type": table}
        type_name = reader.take(row, section, "type", str, "text")
        options = reader.words(row, section, "options", ())
        kinds = frozenset(reader.words(row, section, "applies_to", ()))
        try:
            fields[name] = custom_field(name, type_name, options, kinds)
        except ValueError as error:
            reader.fault("bad-setting", section, "type", str(error))
            fields[name] = custom_field(name, "text", options, kinds)
    return fields


def _find(text: str, section: str, key: str) -> tuple[int, int]:
    """Line and column of a key under a section's header: a best guess, since tomllib tells no positions."""
    lines = text.split("\n")
    start = 0
    for prefix in (f"[{section}]", f"[{section.partition('.')[0]}]") if section else ():
        found = next((n for n, line in enumerate(lines) if line.strip().startswith(prefix)), None)
        if found is not None:
            start = found
            break
    pattern = re.compile(rf"^\s*\[?[\"']?({re.escape(key)})\b")
    for number in range(start, len(lines)):
        if match := pattern.match(lines[number]):
            return number + 1, match.start(1) + 1
    return start + 1, 1


def _toml_problem(text: str, message: str) -> Problem:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if match:
        line, column = int(match[1]), int(match[2])
    else:
        kept = text.rstrip()  # tomllib says "at end of document": the last line that says something
        line, column = kept.count("\n") + 1, len(kept) - kept.rfind("\n")
    sentence = re.sub(r"\s*\(at .*\)$", "", message).strip() or "it cannot be read"
    return problem(PATH, line, column, "bad-toml", f"planner.toml cannot be read: {sentence}; defaults are used")
