"""planner.toml: how this vault wants to be read; a fault costs the setting it stands in, never the vault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from planner.core.fields import FIELDS, Field, custom_field
from planner.core.hours import DEFAULT_HOURS, SpecialDay, WorkingHours, parse_hours, read_special
from planner.core.model import Item, Problem
from planner.core.problems import problem
from planner.core.record import dataclass, field, replace
from planner.core.settings import FILE, Reader
from planner.core.toml import read_toml
from planner.core.workflow import DEFAULT_WORKFLOW, Workflow
from planner.core.workflows import read_workflows, union

PATH = FILE
FORMAT = 1
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
    workflow: Workflow = DEFAULT_WORKFLOW  # every state of every workflow: what a status means
    workflows: tuple[Workflow, ...] = (DEFAULT_WORKFLOW,)  # the rules; the default's come last
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

    def workflow_of(self, item: Item) -> Workflow:
        """The rules an item's work goes by: those of its project, type or kind, else the default's."""
        return next(flow for flow in self.workflows if flow.governs(item.kind, item.project, item.text("type")))

    def field(self, name: str) -> Field | None:
        """The row of a canonical field name, the vault's own fields included."""
        return FIELDS.get(name) or self.custom.get(name)

    @property
    def fields(self) -> Mapping[str, Field]:
        """Every field with a meaning in this vault."""
        return {**FIELDS, **self.custom}


def parse_config(text: str | None) -> Config:
    """The configuration of a planner.toml (None where there is none); never raises."""
    if text is None:
        return Config(problems=(problem(PATH, 1, 1, "no-config"),))
    reader = Reader(text)
    try:
        data = read_toml(text.removeprefix("\ufeff"))
    except ValueError as error:
        return Config(problems=(_toml_problem(text, str(error)),), text=text)
    return replace(_build(reader, data), text=text)


def _build(reader: Reader, data: dict[str, Any]) -> Config:
    vault = dict(reader.table(data, "vault"))
    workflows = reader.table(data, "workflow")
    flows = read_workflows(reader, workflows)
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
        workflow=union(flows),
        workflows=flows,
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


def _weekday(reader: Reader, vault: dict[str, Any]) -> int:
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


def _timezone(reader: Reader, vault: dict[str, Any]) -> str:
    name = reader.take(vault, "vault", "timezone", str, "")
    if not name:
        return ""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reader.fault("bad-setting", "vault", "timezone", f"'{name}' is no time zone; write one such as 'Europe/Berlin'")
        return ""
    return name


def _quiet(reader: Reader, commit: dict[str, Any]) -> int:
    value = commit.pop("quiet", "off")
    if value == "off" or value is False:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    reader.fault("bad-setting", "commit", "quiet", f"quiet is {value!r}; it must be 'off' or a number of seconds")
    return 0


def _hours(reader: Reader, name: str, table: object) -> WorkingHours:
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


def _view(reader: Reader, name: str, table: object) -> SavedView:
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


def _custom(reader: Reader, tables: Mapping[str, Any]) -> dict[str, Field]:
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


def _toml_problem(text: str, message: str) -> Problem:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if match:
        line, column = int(match[1]), int(match[2])
    else:
        kept = text.rstrip()  # tomllib says "at end of document": the last line that says something
        line, column = kept.count("\n") + 1, len(kept) - kept.rfind("\n")
    sentence = re.sub(r"\s*\(at .*\)$", "", message).strip() or "it cannot be read"
    return problem(PATH, line, column, "bad-toml", f"planner.toml cannot be read: {sentence}; defaults are used")
