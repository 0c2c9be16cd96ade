"""Faults that only show when files are seen together: ids, references, circles, people, names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.core import rules
from planner.core.circles import circles
from planner.core.fields import FieldType
from planner.core.model import Item, Problem
from planner.core.plan_checks import check_plan
from planner.core.problems import problem
from planner.core.spot import fault_in

if TYPE_CHECKING:
    from planner.core.vault import Vault

_HINTED = 20
"""How many unknown references get a guess: each looks at every id, and a wrong import may bring thousands."""


def check(vault: Vault) -> tuple[Problem, ...]:
    """Every fault across files, in the order of path and line."""
    return tuple(sorted({*check_ties(vault), *check_rules(vault)}))


def check_ties(vault: Vault) -> tuple[Problem, ...]:
    """Faults in what files say of each other, which hang on nothing but `relations.ties`, in the order of path and line."""
    found: set[Problem] = set()
    for rule in (_duplicate_ids, _references, _dependencies, _cycles, _people, _projects, _names):
        found.update(rule(vault))
    return tuple(sorted(found))


def _duplicate_ids(vault: Vault) -> Iterator[Problem]:
    for key in vault.by_id.shared:
        items = vault.by_id[key]
        for item in items:
            others = ", ".join(other.path for other in items if other.path != item.path)
            yield fault_in(vault, item, "id", "duplicate-id", f"the id {item.id} is also used by {others}")


def _references(vault: Vault) -> Iterator[Problem]:
    for number, (item, name, target) in enumerate(_unresolved(vault)):
        if several := vault.candidates(target):
            meant = ", ".join(other.id for other in several[:5])
            message = f"{name}: '{target}' may mean {meant}"
            yield fault_in(vault, item, name, "ambiguous-reference", message, value=target)
        else:
            near = _near(vault, target) if number < _HINTED else ""
            message = f"{name}: no item answers to '{target}'"
            yield fault_in(vault, item, name, "unknown-reference", message, near, target)


def _unresolved(vault: Vault) -> Iterator[tuple[Item, str, str]]:
    """Each reference that leads to no one item: where it stands, the field, and the text."""
    rows = [row.name for row in vault.config.fields.values() if row.type is FieldType.REFERENCE]
    names = [name for name in rows if name not in {"project", "area", "iteration", "phase", "template"}]
    for item in vault.items:
        targets = [(name, target) for name in names if name in item.fields for target in item.texts(name)]
        targets += [("depends_on", link.target) for link in item.dependencies]
        yield from ((item, name, target) for name, target in targets if vault.resolve(target) is None)


def _near(vault: Vault, target: str) -> str:
    from difflib import get_close_matches

    near = [vault.by_id[key][0].id for key in get_close_matches(target.casefold(), list(vault.by_id), cutoff=0.6)]
    return f"did you mean {', '.join(near)}?" if near else ""


def _dependencies(vault: Vault) -> Iterator[Problem]:
    for item in vault.items:
        for link in item.dependencies:
            found = vault.resolve(link.target)
            if found is not None and found.path == item.path:
                message = f"{item.id} depends on itself"
                yield fault_in(vault, item, "depends_on", "self-dependency", message, value=link.target)


def _cycles(vault: Vault) -> Iterator[Problem]:
    for circle in cycles(vault):
        names = " → ".join(item.id for item in (*circle, circle[0]))
        for item in circle:
            yield fault_in(vault, item, "depends_on", "dependency-cycle", f"a circle of dependencies: {names}")


def cycles(vault: Vault) -> list[tuple[Item, ...]]:
    """Every strongly connected group of two or more items, each in the order of its dependencies (Tarjan, 1972)."""
    graph = {
        path: [found.path for found in predecessors if found.path != path]
        for path, predecessors in vault.predecessors.items()
    }
    return [tuple(item for path in circle if (item := vault.files[path].item)) for circle in circles(graph)]


def _people(vault: Vault) -> Iterator[Problem]:
    if not vault.people:
        return
    known = {person.casefold() for person in vault.people}
    for person in vault.people.values():
        known.update(alias.casefold() for alias in person.texts("aliases"))
    known.update(item.id.casefold() for item in vault.items if item.kind == "team")
    names = [row.name for row in vault.config.fields.values() if row.type is FieldType.PERSON]
    for item in vault.items:
        for name in names:
            for word in item.texts(name) if name in item.fields else ():
                if word.casefold() not in known:
                    yield fault_in(
                        vault,
                        item,
                        name,
                        "unknown-person",
                        f"{name}: nobody in people/ is called '{word}'",
                        value=word,
                    )


def _projects(vault: Vault) -> Iterator[Problem]:
    if not any(item.kind == "project" for item in vault.items):
        return
    for item in vault.items:
        name = item.project
        if name is None:
            continue
        found = vault.resolve(name)
        if found is None or found.kind != "project":
            yield fault_in(vault, item, "project", "unknown-project", f"there is no project '{name}'", value=name)


def _names(vault: Vault) -> Iterator[Problem]:
    """Paths that a file system without regard to case or normalisation would take for one."""
    seen: dict[str, list[str]] = {}
    for path in vault.files:
        key = path if path.isascii() and path.islower() else unicodedata.normalize("NFC", path).casefold()
        seen.setdefault(key, []).append(path)
    yield from (clash for paths in seen.values() if len(paths) > 1 for clash in _clashes(paths))


def _clashes(paths: Iterable[str]) -> Iterator[Problem]:
    paths = list(paths)
    for path in paths:
        others = ", ".join(other for other in paths if other != path)
        yield problem(path, 1, 1, "name-clash", f"the name differs from {others} only in case or accents")


def check_rules(vault: Vault) -> Iterator[Problem]:
    """Faults against the team's own rules, and in what the plan is computed from; a passed limit is no one item's."""
    yield from check_plan(vault)
    for item, name, code, message, value in rules.faults(vault):
        yield fault_in(vault, item, name, code, message, value=value)
    yield from rules.passed_limits(vault)
