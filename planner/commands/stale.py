"""Whether a wish is out of date: what it was to set has been set to something else since it was planned."""

from __future__ import annotations

from planner.core.change import Change
from planner.core.config import PATH as CONFIG_PATH
from planner.core.merge import merge_texts
from planner.core.vault import Vault
from planner.errors import Stale


def refuse_if_stale(change: Change, vault: Vault) -> None:
    """Raises Stale, naming the fields and what they are now, where planning the wish again would overwrite them."""
    for edit in change.edits:
        if edit.path == CONFIG_PATH:
            continue  # what is added to it is added to what it says now
        file = vault.files.get(edit.path)
        now = file.text if file is not None else None
        if now == edit.before or edit.before is None or edit.after is None:
            continue
        if now is None:
            raise Stale(f"{edit.path} has been deleted meanwhile", "planner list shows what there is")
        conflicts = merge_texts(base=edit.before, ours=now, theirs=edit.after).conflicts
        if conflicts:
            said = "; ".join(f"{conflict.field} is now {conflict.ours or 'gone'}" for conflict in conflicts)
            raise Stale(f"{edit.path} changed meanwhile: {said}", "look at it and say again what you want")
