"""The roadmap: of a timeline only projects and their milestones."""

from __future__ import annotations

from planner.core.record import replace
from planner.views.timeline import Timeline


def roadmap(view: Timeline) -> Timeline:
    """The groups with the milestones in them, parents between left out."""
    kept = []
    for row in view.rows:
        if row.kind == "group":
            kept.append(replace(row, inside=0))
        elif row.kind == "milestone":
            group = next(n for n in range(len(kept) - 1, -1, -1) if kept[n].kind == "group")
            kept[group] = replace(kept[group], inside=kept[group].inside + 1)
            kept.append(replace(row, depth=1, parent=kept[group].key))
    return replace(view, rows=tuple(kept), place={row.key: number for number, row in enumerate(kept)})
