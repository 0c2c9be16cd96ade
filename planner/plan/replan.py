"""A plan after an edit: what the edit does not reach is taken over from the plan before it.

An edit of single items (dates, effort, people, state, links) keeps nodes and their order, a new item comes after them
all; an edit that removes items, or changes what holds for many of them, gives None: plan anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from planner.core.model import Item
from planner.core.place import stem_of
from planner.core.vault import Vault
from planner.plan.calendar import Moment
from planner.plan.graph import Graph, summaries_over
from planner.plan.model import Activity, Link, Network, Schedule
from planner.plan.network import Reader
from planner.plan.schedule import schedule

_SHARED = frozenset({"person", "project"})
"""Kinds whose fields say how others are planned."""


@dataclass(frozen=True)
class Plan:
    """A schedule with what it was read from."""

    vault: Vault
    reader: Reader
    links: Mapping[str, tuple[Link, ...]]  # by the path of the item that has them
    schedule: Schedule


def plan(vault: Vault, status: Moment) -> Plan:
    """The plan of a vault from scratch."""
    reader = Reader(vault, status)
    network, links = reader.network()
    return Plan(vault, reader, links, schedule(network))


def replan(before: Plan, vault: Vault) -> Plan | None:
    """The plan of a vault that differs from another one's in single items; None where it has to be made anew."""
    old, new = before.vault.rows, vault.rows
    paths = [path for path, row in new.items() if old.get(path) is not row]
    added = {path: item for path in paths if path not in old and (item := vault.files[path].item) is not None}
    gone = len(old) + sum(path not in old for path in paths) - len(new)
    if before.vault.config is not vault.config or gone or len(paths) > max(20, len(new) // 50):
        return None
    items = {path: (before.vault.files[path].item, vault.files[path].item) for path in paths if path in old}
    if not all(_is_single(was, now, before.reader) for was, now in items.values()):
        return None
    if not all(_is_new(item, before.reader) for item in added.values()):
        return None
    reader = before.reader.on(vault, {**added, **{path: now for path, (_, now) in items.items() if now is not None}})
    if any(above not in reader.summaries for path in added if (above := reader.parents.get(path)) is not None):
        return None
    network = before.schedule.network
    changed, links = [], dict(before.links)
    for path in paths:
        if path in reader.items:
            activity, links[path] = reader.activity(reader.items[path]), tuple(reader.links(reader.items[path]))
            if activity != network.activities.get(path):
                changed.append(activity)
    if any(activity.summary for activity in changed):
        return None
    after = _changed(network, changed, paths, before.links, links)
    return Plan(vault, reader, links, schedule(after, since=before.schedule))


def _is_new(item: Item, reader: Reader) -> bool:
    """Whether a new item leaves alone how others are read: no word of theirs may mean it."""
    stem = stem_of(item.path)
    names = {item.title, item.path, item.path.removesuffix(".md"), stem, stem.removesuffix(f"-{item.id}")}
    return item.kind not in _SHARED and not reader.is_referred_to({*names, *item.texts("aliases")}, item.id)


def _is_single(was: Item | None, now: Item | None, reader: Reader) -> bool:
    """Whether an edit of an item leaves alone how others are read: who it is, what it lies in, that it is planned."""
    if was is None or now is None:
        return was is now
    if was.kind != now.kind or was.id != now.id or reader.is_planned(was) != reader.is_planned(now):
        return False
    if was.kind in _SHARED:
        return was.fields == now.fields and was.title == now.title
    if (was.archived, was.template) != (now.archived, now.template):
        return False
    named = was.title != now.title or was.texts("aliases") != now.texts("aliases")
    names = {was.title, now.title, *was.texts("aliases"), *now.texts("aliases")}
    if named and reader.is_referred_to(names):
        return False
    return all(was.text(name) == now.text(name) for name in ("parent", "project"))


def _changed(
    network: Network,
    changed: Sequence[Activity],
    paths: Sequence[str],
    old: Mapping[str, tuple[Link, ...]],
    new: Mapping[str, tuple[Link, ...]],
) -> Network:
    """The network with other activities, and other links of the items at `paths`.

    Its graph is taken over wherever the new links fit its order.
    """
    activities = {**network.activities, **{activity.path: activity for activity in changed}}
    after = replace(network, activities=activities, links=tuple(chain.from_iterable(new.values())))
    differing = [path for path in paths if path in new and new[path] != old.get(path)]
    removed = [link for path in differing for link in old.get(path, ()) if link not in new[path]]
    added = [link for path in differing for link in new[path] if link not in old.get(path, ())]
    graph: Graph | None = network.graph.with_activities(changed)
    for activity in changed:
        if graph is not None and activity.path not in network.activities:
            graph = graph.with_new(activity, summaries_over(activity, activities))
    if graph is not None and (removed or added):
        graph = graph.with_links(removed, added)
    if graph is not None:
        after.__dict__["graph"] = graph
    return after
