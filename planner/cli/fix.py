"""`planner check --fix`: the younger of two items with one id gets a new one, and renamed states their present names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.session import Session


def fix_ids(session: Session) -> Iterator[str]:
    """Mend every shared id; yields a sentence for each."""
    from planner.commands.fix import NewId

    for key in session.vault.by_id.shared:
        items = session.vault.by_id[key]
        births = {item.path: session.birth(item.path) for item in items}
        youngest_first = sorted(items, key=lambda item: (_when(births[item.path]), item.path), reverse=True)
        for item in youngest_first[:-1]:
            author = births[item.path][1]
            outcome = session.run(NewId(item.path, lambda path, who=author: session.birth(path)[1] == who))  # type: ignore[misc]  # bound early
            new = session.vault.files[item.path].item
            yield f"{item.path}: id {item.id} → {new.id if new else '?'} ({(outcome.commit or '')[:8] or 'not committed'})"


def fix_states(session: Session) -> Iterator[str]:
    """Write present names for states that have been renamed, all in one commit; yields a sentence for each item."""
    from planner.commands.fix import Migrate

    outcome = session.run(Migrate())
    done = (outcome.commit or "")[:8] or "not committed"
    for item in outcome.items:
        yield f"{item.path}: status {item.status} ({done})"


def _when(birth: tuple[datetime | None, str]) -> datetime:
    """A file in no commit yet is the youngest."""
    return birth[0] or datetime.max.replace(tzinfo=UTC)
