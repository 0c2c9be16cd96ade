"""The rows of each picker: what may be chosen for a field, with what is marked for the items it is chosen for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.core.model import Item
from planner.core.shelf import KIND
from planner.core.vault import Vault
from tui.pickers.choose import Choice, choice

NAMES = {
    "status": "Status",
    "priority": "Priority",
    "assignee": "People",
    "tags": "Tags",
    "project": "Project",
    "depends_on": "Waits for: blockers",
    "due": "Due",
    "scheduled": "Scheduled",
    "wait": "Wait until",
    "title": "Title",
}
"""What the pickers call the fields."""


def statuses(vault: Vault, items: Sequence[Item]) -> list[Choice]:
    """The states of the workflow, with what each means, its limit, and where the items stand."""
    here = {item.status for item in items}
    found = []
    for state in vault.config.workflow:
        limit = f" · at most {state.wip}" if state.wip is not None else ""
        found.append(choice(state.name, state.name, f"{state.category}{limit}{' · now' if state.name in here else ''}"))
    return found


def levels(vault: Vault) -> list[Choice]:
    """The priorities, the highest first, and none."""
    return [*(choice(level, level) for level in vault.config.levels), choice("", "none")]


def people(vault: Vault, me: str, items: Sequence[Item]) -> list[Choice]:
    """Who may do it: those it is assigned to, then me, then everybody known."""
    names = {person.id: person.title for person in vault.people.values()}
    assigned = dict.fromkeys(who for item in items for who in item.assignees)
    known = dict.fromkeys([*assigned, me, *names])
    marked = _of_all(item.assignees for item in items)
    return [
        choice(
            who,
            f"@{who}",
            " · ".join(filter(None, ["me" if who == me else "", names.get(who, "")])),
            marked=who in marked,
        )
        for who in known
    ]


def new_person(text: str) -> Choice | None:
    """Somebody who is in no list."""
    who = text.removeprefix("@")
    return choice(who, f"@{who}", "as typed") if who and " " not in who else None


def tags(vault: Vault, items: Sequence[Item]) -> list[Choice]:
    """The tags in use: those of the items first, then the most used."""
    own = dict.fromkeys(tag for item in items for tag in item.tags)
    marked = _of_all(item.tags for item in items)
    known = dict.fromkeys([*own, *vault.tags])
    return [choice(tag, f"#{tag}", f"{vault.tags.get(tag, 0)}×", marked=tag in marked) for tag in known]


def new_tag(text: str) -> Choice | None:
    """A tag that is in no list."""
    tag = text.removeprefix("#")
    return choice(tag, f"#{tag}", "new") if tag and not set(" ,#") & set(tag) else None


def projects(vault: Vault) -> list[Choice]:
    """The projects that are open, then the others, and none."""
    found = vault.where(lambda row: row[KIND] == "project")
    ordered = sorted(found, key=lambda project: (not vault.is_open(project), project.title.casefold()))
    return [*(choice(project.id, project.title, project.id) for project in ordered), choice("", "none")]


def new_project(text: str) -> Choice | None:
    """A project that is in no list."""
    name = text.strip()
    return choice(name, name, "new project") if name.replace("-", "").replace("_", "").isalnum() else None


def blockers(vault: Vault, items: Sequence[Item]) -> list[Choice]:
    """What items may wait for: what they wait for now, then open work, that of the same project first."""
    own = {item.path for item in items}
    waited = {found.path: found for item in items for found in vault.predecessors.get(item.path, ())}
    projects_ = {item.project for item in items}
    open_ = [
        item
        for item in vault.planned
        if item.has_workflow and not item.broken and vault.is_open(item) and item.path not in own | waited.keys()
    ]
    open_.sort(key=lambda item: item.project not in projects_)
    return [
        *(choice(item.id, f"⊘ {item.title}", "waits for it: enter lets go") for item in waited.values()),
        *(choice(item.id, item.title, f"{item.id} · {item.status}") for item in open_),
    ]


def _of_all(values: Iterable[Iterable[str]]) -> frozenset[str]:
    """What all of them have."""
    sets = [frozenset(one) for one in values]
    return frozenset.intersection(*sets) if sets else frozenset()
