"""The `[workflow.NAME]` tables of planner.toml: states, transitions and rules; a fault costs what it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from planner.core.approvals import Step, read_step
from planner.core.record import replace
from planner.core.settings import Reader
from planner.core.workflow import CATEGORIES, DEFAULT_WORKFLOW, State, Workflow

_OF_A_STATE = frozenset(
    {"name", "category", "wip", "hard", "wip_per", "requires", "team", "approvals", "approved", "declined"}
)
_OF_A_WORKFLOW = frozenset({"states", "transitions", "projects", "types", "migrate", "self_approval", "signed"})


def read_workflows(reader: Reader, tables: Mapping[str, Any]) -> tuple[Workflow, ...]:
    """Every workflow, the default last; each of the others names the projects or types it is for."""
    default = _workflow(reader, "default", tables.get("default", {}), DEFAULT_WORKFLOW)
    others: list[Workflow] = []
    for name, table in tables.items():
        if name in {"default", "stamp"}:
            continue
        flow = _workflow(reader, name, table, default)
        if flow is not default and not flow.projects and not flow.types:
            reader.fault("bad-setting", f"workflow.{name}", name, f"[workflow.{name}] names no projects and no types")
        elif flow is not default:
            others.append(_agreeing(reader, flow, (default, *others)))
    return (*others, default)


def union(flows: Sequence[Workflow]) -> Workflow:
    """The states of all workflows, the default's first: what a status means, whoever uses it."""
    *others, default = flows
    if not others:
        return default
    states = {state.name.casefold(): state for flow in (default, *others) for state in reversed(flow.states)}
    order = dict.fromkeys(state.name.casefold() for flow in (default, *others) for state in flow.states)
    migrate = tuple(pair for flow in flows for pair in flow.migrate)
    return replace(default, states=tuple(states[name] for name in order), migrate=migrate)


def _agreeing(reader: Reader, flow: Workflow, known: Sequence[Workflow]) -> Workflow:
    """The workflow with the categories that its states have elsewhere: a name means one thing in a vault."""
    states = []
    for state in flow.states:
        category = next((found for one in known if (found := one.category(state.name)) is not None), state.category)
        if category != state.category:
            message = f"state '{state.name}' is {category} in another workflow, not {state.category}"
            reader.fault("bad-setting", f"workflow.{flow.name}", "states", message)
        states.append(replace(state, category=category))
    return replace(flow, states=tuple(states))


def _workflow(reader: Reader, name: str, table: object, fallback: Workflow) -> Workflow:
    section = f"workflow.{name}"
    if not isinstance(table, dict):
        reader.fault("bad-setting", "workflow", name, f"[{section}] must be a table")
        return fallback
    reader.leftovers({key: value for key, value in table.items() if key not in _OF_A_WORKFLOW}, section)
    states = _states(reader, section, table.get("states"))
    if states is None and "states" in table:
        message = "states must be a list of states, each name once; the default workflow is used"
        reader.fault("bad-setting", section, "states", message)
        return fallback
    flow = Workflow(fallback.states if states is None else states, name=name)
    rest = dict(table)
    flow = replace(
        flow,
        projects=_folded(reader.words(rest, section, "projects", ())),
        types=_folded(reader.words(rest, section, "types", ())),
        self_approval=reader.take(rest, section, "self_approval", bool, False),
        signed=reader.take(rest, section, "signed", bool, False),
        migrate=tuple(_migrations(reader, section, flow, table.get("migrate", {}))),
    )
    for state in flow.states:
        for way in (state.approved, state.declined):
            if way and flow.state(way) is None:
                reader.fault(
                    "bad-setting", section, "states", f"state '{state.name}' leads to '{way}', which is no state"
                )
    return replace(flow, transitions=_transitions(reader, section, flow, table.get("transitions", [])))


def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _migrations(reader: Reader, section: str, flow: Workflow, table: object) -> Iterator[tuple[str, str]]:
    for old, new in table.items() if isinstance(table, dict) else [("migrate", table)]:
        if isinstance(new, str) and flow.state(new) is not None and flow.state(old) is None:
            yield old, new
        else:
            message = f"migrate: '{old}' must be a state that is no more, and {new!r} one that there is"
            reader.fault("bad-setting", section, "migrate", message)


def _transitions(reader: Reader, section: str, workflow: Workflow, pairs: object) -> tuple[tuple[str, str], ...]:
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


def _states(reader: Reader, section: str, rows: object) -> tuple[State, ...] | None:
    """The states of a list; None where there is none, or a name stands in it twice."""
    if not isinstance(rows, list):
        return None
    states = [state for row in rows if (state := _state(reader, section, row))]
    names = {state.name.casefold() for state in states}
    return tuple(states) if states and len(names) == len(states) else None


def _state(reader: Reader, section: str, row: object) -> State | None:
    if isinstance(row, str):
        row = {"name": row}
    if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"].strip():
        reader.fault("bad-setting", section, "states", f"a state needs a name: {row!r}")
        return None
    name = row["name"].strip()

    def fault(message: str) -> None:
        reader.fault("bad-setting", section, "states", f"state '{name}': {message}")

    if odd := [key for key in row if key not in _OF_A_STATE]:
        fault(f"there is no setting '{odd[0]}'; it has {', '.join(sorted(_OF_A_STATE))}")
    category = row.get("category", "unstarted")
    if category not in CATEGORIES:
        fault(f"category must be one of {', '.join(CATEGORIES)}, not {category!r}")
        category = "unstarted"
    wip = row.get("wip")
    if wip is not None and not _is_limit(wip):
        fault(f"wip must be a whole number from 1, not {wip!r}")
        wip = None
    per = row.get("wip_per", {})
    if not isinstance(per, dict) or not all(map(_is_limit, per.values())):
        fault("wip_per must be limits by field, such as {assignee = 2}")
        per = {}
    requires = row.get("requires", [])
    if not isinstance(requires, list) or not all(isinstance(need, str) for need in requires):
        fault("requires must be a list of fields, and `checklist`")
        requires = []
    words = {key: row[key] for key in ("team", "approved", "declined") if isinstance(row.get(key), str)}
    return State(
        name, category, wip, row.get("hard") is True, tuple(per.items()), tuple(requires),
        approvals=tuple(_steps(row.get("approvals", []), fault)), **words,
    )  # fmt: skip


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _steps(rows: object, fault: Any) -> Iterator[Step]:
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        try:
            yield read_step(row, number)
        except ValueError as error:
            fault(str(error))
