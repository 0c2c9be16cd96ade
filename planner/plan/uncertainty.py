"""What is uncertain in a vault: three-point estimates of its tasks and the risks that may delay them, simulated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from planner.core.model import Item
from planner.core.vault import Vault
from planner.plan.calendar import Calendar
from planner.plan.model import Activity, Network, Schedule
from planner.plan.passes import terms_of
from planner.plan.pert import Chain, ThreePoint, chain
from planner.plan.risk import Risk, register
from planner.plan.sampling import Distribution
from planner.plan.simulation import Simulation, Threat, simulate


def simulated(
    vault: Vault,
    schedule: Schedule,
    today: date,
    *,
    runs: int = 1000,
    seed: int = 1,
    distribution: Distribution = "pert",
) -> Simulation:
    """The plan run so many times, with the finishes of milestones, of what has a deadline, and of projects."""
    network = schedule.network
    watched = [a.path for a in network.activities.values() if is_watched(a) and a.path in schedule.dates]
    return simulate(
        network,
        estimates(vault, network),
        threats(vault, network, register(vault, today)),
        runs=runs,
        seed=seed,
        distribution=distribution,
        watched=watched,
    )


def is_watched(activity: Activity) -> bool:
    """Whether people ask when it will be finished: an open milestone or deadline, or a project."""
    return activity.kind == "project" or (
        not activity.finished and (activity.milestone or activity.deadline is not None)
    )


def three_point(item: Item, calendar: Calendar) -> ThreePoint | None:
    """An item's estimate in minutes of work, None for a single value; raises ValueError where it is out of order."""
    estimate = item.estimate
    if estimate is None or estimate.optimistic is None or estimate.pessimistic is None:
        return None
    return ThreePoint(*map(calendar.length, (estimate.optimistic, estimate.likely, estimate.pessimistic)))


def estimates(vault: Vault, network: Network) -> Mapping[str, ThreePoint]:
    """By path, in minutes of each activity's clock; of work that has begun, what is left keeps the spread of the whole."""
    lengths = terms_of(network, network.graph).lengths
    found: dict[str, ThreePoint] = {}
    for path, node in network.graph.index.items():
        activity = network.activities[path]
        item = vault.files[path].item
        if item is None or activity.finished or "duration" in item.fields or not lengths[node]:
            continue
        try:
            estimate = three_point(item, activity.calendar)
        except ValueError:
            continue  # a Problem says so, and the plan takes it at its mean
        if estimate is not None and estimate.mean:
            found[path] = estimate.times(lengths[node] / estimate.mean)
    return found


def critical_chain(vault: Vault, schedule: Schedule, project: str) -> Chain:
    """PERT along the critical path of a project (path) alone: minutes of work from now to its planned finish, and their variance."""
    network = schedule.network
    between, now = network.activities[project].calendar.between, network.status
    critical = frozenset(schedule.critical)
    parts = []
    for path, estimate in estimates(vault, network).items():
        if path in critical and network.activities[path].project == project:
            dates = schedule.dates[path]
            # A clock of several people counts a minute more than once: back to the minutes of the project.
            parts.append(estimate.times(between(max(dates.start, now), dates.finish) / estimate.mean))
    return Chain(between(now, schedule.dates[project].finish), chain(parts).variance)


def threats(vault: Vault, network: Network, risks: Iterable[Risk]) -> tuple[Threat, ...]:
    """Open risks with a delay: on the task or milestone they name (`parent`, `milestone`), else on all ends of their project."""
    found = []
    for risk in risks:
        if risk.open and risk.chance is not None and risk.delay is not None and not risk.opportunity:
            hits = tuple(_hits(vault, network, risk.item))
            calendar = next((network.activities[path].calendar for path in hits), None)
            if calendar is not None:
                found.append(Threat(risk.item.id, float(risk.chance), calendar.length(risk.delay), hits))
    return tuple(found)


def _hits(vault: Vault, network: Network, risk: Item) -> Iterator[str]:
    """The activities a risk delays: of a project all that nothing else in it waits to finish. What is done is safe."""
    for name in ("parent", "milestone", "project"):
        reference = risk.text(name)
        found = vault.resolve(reference) if reference else None
        if found is not None and found.path in network.activities:
            graph = network.graph
            nodes = graph.leaves.get(found.path) or [graph.index[found.path]]
            inside = set(nodes)
            for node in nodes:
                activity = graph.activities[node]
                arcs = (arc.node for arc in graph.arcs_after.get(node, ()) if arc.from_finish)
                follows = {*graph.after[node], *arcs}
                if activity is not None and not activity.finished and inside.isdisjoint(follows):
                    yield activity.path
            return
