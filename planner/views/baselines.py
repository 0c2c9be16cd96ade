"""Which baseline a timeline is drawn against: the one that is named, else the newest."""

from __future__ import annotations

from planner.core.vault import Vault
from planner.errors import NotFound
from planner.plan.baseline import baselines
from planner.plan.calendar import moment
from planner.views.timeline import Baseline


def baseline_of(vault: Vault, name: str | None = None) -> Baseline:
    """Start and finish of every item as frozen; empty where nothing is. Raises NotFound for a name that is none."""
    known = baselines(vault)
    if name is not None and name not in known:
        raise NotFound(
            f"there is no baseline '{name}'", f"known are {', '.join(known) or 'none'}; planner plan baseline"
        )
    if not known:
        return {}
    frozen = known[name] if name is not None else max(known.values(), key=lambda one: (one.taken, one.name))
    found = ((vault.get(id_), row) for id_, row in frozen.rows.items())
    return {item.path: (moment(row.start), moment(row.finish)) for item, row in found if item is not None}
