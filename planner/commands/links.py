"""Links between items: dependencies and every other field that refers to an item."""

from __future__ import annotations

from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, found
from planner.commands.tasks import change_list, name_of, raw_list
from planner.commands.typed import scalar
from planner.core.change import Change
from planner.core.fields import FieldType
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Link:
    """Link one item to another: `link A depends_on B`, with a type and lag if need be (`B SS+2d`)."""

    verb: ClassVar[str] = "link"
    item: Annotated[str, Argument("ID", "the item that gets the link")]
    field: Annotated[str, Argument("FIELD", "depends_on, parent, milestone, goal …")]
    target: Annotated[str, Argument("TARGET", "the item it points to")]
    off: Annotated[bool, Argument("", "remove the link instead", option=True)] = False

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """Raises Invalid for a circle of dependencies or a field that holds no references."""
        (item,) = found(vault, (self.item,))
        row = vault.config.field(self.field)
        if row is None or row.type not in {FieldType.REFERENCE, FieldType.DEPENDENCY}:
            known = ", ".join(
                r.name for r in vault.config.fields.values() if r.type in {FieldType.REFERENCE, FieldType.DEPENDENCY}
            )
            raise Invalid(f"'{self.field}' holds no links", f"use one of {known}")
        draft = Draft(vault)
        depends = row.type is FieldType.DEPENDENCY
        target = scalar(row, self.target, vault, ctx) if depends else vault.find(self.target).id
        if self.off:
            _unlink(draft, item, row.name, target.split()[0], ctx)
        elif depends:
            _depend(draft, item, row.name, target)
        else:
            draft.set(item, row.name, target)
        verb = "unlink" if self.off else "link"
        return draft.change(f"{verb} {item.id} {row.name}: {target}")


def _depend(draft: Draft, item: Item, name: str, text: str) -> None:
    """One more dependency, in the place of an older one on the same item."""
    vault = draft.vault
    target = vault.find(text.split(maxsplit=1)[0])
    circle = _path_between(vault, target, item)
    if circle:
        raise Invalid(f"that closes a circle: {' → '.join((item.id, *circle))}", "remove one of these links first")
    kept = [raw for raw in raw_list(draft, item, name) if name_of(raw, name) != target.id.casefold()]
    draft.set(item, name, (*kept, text))


def _unlink(draft: Draft, item: Item, name: str, target: str, ctx: Context) -> None:
    row = draft.vault.config.field(name)
    if row is not None and row.many:
        before = draft.document(item).text
        change_list(draft, item, name, target, add=False, ctx=ctx)
        if draft.document(item).text != before:
            return
    elif item.text(name) == target:
        draft.set(item, name, None)
        return
    raise NotFound(f"{item.id} has no {name} link to {target}", f"planner show {item.id}")


def _path_between(vault: Vault, start: Item, goal: Item) -> tuple[str, ...]:
    """Ids along the dependencies from one item to another, empty where there is no way."""
    came: dict[str, str] = {start.path: ""}
    todo = [start]
    while todo:
        node = todo.pop()
        if node.path == goal.path:
            trail = [node.id]
            path = came[node.path]
            while path:
                trail.append(vault.files[path].item.id)  # type: ignore[union-attr]  # only items were put in
                path = came[path]
            return tuple(reversed(trail))
        for after in vault.predecessors.get(node.path, ()):
            if after.path not in came:
                came[after.path] = node.path
                todo.append(after)
    return ()
