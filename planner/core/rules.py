"""Faults against the team's own rules: what a state requires, limits, approvals, and who is meant by a name.

In files they are advice, a warning each; commands refuse what would bring a new one, and `check --strict` all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.core.approvals import left, own_rows, own_steps, read_decision, read_step
from planner.core.document import line_column
from planner.core.limits import breaches
from planner.core.model import Item, Problem
from planner.core.people import namesakes
from planner.core.problems import problem
from planner.core.settings import FILE
from planner.core.shelf import ARCHIVED, FLAGS, NOTABLE, TEMPLATE
from planner.core.workflow import lacking

if TYPE_CHECKING:
    from planner.core.vault import Vault

Told = tuple[Item, str, str, str, str]  # item, field, code, message, value to point at


def faults(vault: Vault) -> Iterator[Told]:
    """Faults that stand in a field of an item."""
    yield from _states(vault)
    yield from _approvals(vault)
    for person, name, others in namesakes(vault):
        ids = ", ".join(other.id for other in others)
        yield person, "name", "same-name", f"'{name}' may mean {person.id} or {ids}", ""


def passed_limits(vault: Vault) -> Iterator[Problem]:
    """Hard limits that are passed, each where its state stands in planner.toml."""
    for workflow in vault.config.workflows:
        for state in workflow.states:
            for breach in breaches(vault, workflow, state):
                if breach.hard and not breach.expedited:
                    text = vault.config.text or ""
                    line, column = line_column(text, max(text.find(f'"{state.name}"'), 0))
                    yield problem(FILE, line, column, "over-limit", f"over the limit, {breach}")


def _states(vault: Vault) -> Iterator[Told]:
    several = len(vault.config.workflows) > 1
    if not several and not any(state.requires for flow in vault.config.workflows for state in flow.states):
        return
    for item in vault.planned:
        if not item.has_workflow or item.broken:
            continue
        workflow = vault.config.workflow_of(item)
        state = workflow.state(item.status)
        if state is None:
            if several and vault.config.workflow.state(item.status) is not None:
                message = f"the workflow '{workflow.name}' has no state '{item.status}'"
                yield item, "status", "unknown-status", message, item.status or ""
        elif needs := lacking(item, state):
            yield item, "status", "unmet-requirement", f"{state.name} wants {', '.join(needs)}", item.status or ""


def _approvals(vault: Vault) -> Iterator[Told]:
    gates = [state for flow in vault.config.workflows for state in flow.states if state.approvals]
    hidden, own = ARCHIVED | TEMPLATE, 0 if gates else NOTABLE
    for item in vault.where(lambda row: row[FLAGS] & (hidden | own) == own):
        for row, number in own_rows(item):
            try:
                read_step(row, number)
            except ValueError as error:
                yield item, "approvals", "bad-approval", str(error), ""
        for text in item.texts("decisions"):
            if read_decision(text) is None:
                yield item, "decisions", "bad-approval", f"'{text[:60]}' is no decision", text
        state = vault.config.workflow_of(item).state(item.status) if gates else None
        steps = (*own_steps(item), *(state.approvals if state is not None else ()))
        for who in dict.fromkeys(name for step in steps for name in step.approvers) if vault.is_open(item) else ():
            if left(vault, who):
                yield item, "approvals", "approver-left", f"{who}, who is to approve, is no longer there", who
