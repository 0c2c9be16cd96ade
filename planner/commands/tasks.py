"""The everyday wishes: set, assign, tag, archive, delete."""

from __future__ import annotations

from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft, Items, found, key_in, shown, subject
from planner.commands.moving import admit, move
from planner.commands.typed import is_assignment, read_assignment, split_list, state, typed
from planner.core.change import Change
from planner.core.document import RawValue
from planner.core.fields import COMMA_TYPES, FieldType
from planner.core.model import Item
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid


@dataclass(frozen=True, slots=True)
class Set:
    """Set fields: `field=value`, `field=` removes, `tags+=x` and `tags-=x` change a list."""

    verb: ClassVar[str] = "set"
    items: Items
    assignments: Annotated[tuple[str, ...], Argument("FIELD=VALUE", "what to set", told_by=is_assignment)]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """Each field of each item set; `status` by the rules of a move, `project` moves the file too."""
        if not self.assignments:
            raise Invalid("nothing to set", "for example: planner set ID due=fri priority=high")
        items = found(vault, self.items)
        draft = Draft(vault)
        for item in items:
            for assignment in self.assignments:
                _assign(draft, item, assignment, ctx)
        admit(draft, items)
        names = ", ".join(dict.fromkeys(read_assignment(word)[0] for word in self.assignments))
        single = len(self.assignments) == 1
        rest = f"{names}: {shown(read_assignment(self.assignments[0])[3])}" if single else names
        if single and draft.details and len(items) == 1:
            rest = f"{names}: {draft.details[0].rpartition(' → ')[2]}"
        return draft.change(f"set {items[0].id if len(items) == 1 else f'{len(items)} items'} {rest}")


def _assign(draft: Draft, item: Item, assignment: str, ctx: Context) -> None:
    name, steps, op, text = read_assignment(assignment)
    if steps:
        _assign_nested(draft, item, name, steps, text)
    elif op != "=":
        change_list(draft, item, name, text, add=op == "+=", ctx=ctx)
    elif name == "id":
        raise Invalid("an id never changes: other files refer to it", f"planner edit {item.id}")
    elif name == "status":
        move(draft, item, state(text, draft.vault) if text.strip() else None, ctx)
    elif name == "project":
        _set_project(draft, item, text, ctx)
    else:
        draft.set(item, name, typed(name, text, draft.vault, ctx))


def _assign_nested(draft: Draft, item: Item, name: str, steps: tuple[str | int, ...], text: str) -> None:
    document = draft.document(item)
    key = key_in(document, name)
    path = f"{name}{''.join(f'[{step}]' if isinstance(step, int) else f'.{step}' for step in steps)}"
    try:
        changed = document.set_path((key, *steps), text)
    except ValueError as error:
        raise Invalid(f"{path}: {error}", f"planner show {item.id}") from None
    if changed.text != document.text:
        draft.put(item, changed.text)
        draft.details.append(f"{path} → {shown(text)}")


def change_list(draft: Draft, item: Item, name: str, text: str, *, add: bool, ctx: Context) -> None:
    row = draft.vault.config.field(name)
    if row is None or not row.many or row.type is FieldType.MAP:
        raise Invalid(f"{name} holds one value", f"write {name}=VALUE")
    read = typed(name, text, draft.vault, ctx) if add else tuple(split_list(text))
    parts = read if isinstance(read, tuple) else ()
    old = list(raw_list(draft, item, name))
    if add:
        there = {name_of(part, name) for part in old}
        new = [*old, *(part for part in parts if name_of(part, name) not in there)]
    else:
        gone = {str(part).casefold() for part in parts} | {str(part).removeprefix("@").casefold() for part in parts}
        new = [part for part in old if name_of(part, name) not in gone]
    draft.set(item, name, tuple(new) or None)


def name_of(part: RawValue, name: str) -> str:
    """What a list's element is removed by: a dependency by its id alone, anything else as written."""
    text = str(part).casefold()
    return text.split()[0] if name == "depends_on" and text.strip() else text.removeprefix("@")


def raw_list(draft: Draft, item: Item, name: str) -> tuple[RawValue, ...]:
    document = draft.document(item)
    raw = document.get(key) if (key := key_in(document, name)) in document else None
    if isinstance(raw, str):
        row = draft.vault.config.field(name)
        return tuple(split_list(raw)) if row is not None and row.type in COMMA_TYPES else (raw,)
    return raw if isinstance(raw, tuple) else ()


_MANAGED = ("inbox", "tasks")


def _set_project(draft: Draft, item: Item, text: str, ctx: Context) -> None:
    """The item's file goes to its project's folder; `project` is written only where the folder does not say it."""
    value = typed("project", text, draft.vault, ctx)
    project = value if isinstance(value, str) else None
    document = draft.document(item)
    parts = item.path.split("/")
    managed = (len(parts) == 2 and parts[0] in _MANAGED) or (len(parts) > 2 and parts[0] in {"projects", "areas"})
    folder = project_folder(draft.vault, project) if project else "tasks"
    written = key_in(document, "project") in document
    if written or not managed or folder is None:
        draft.set(item, "project", project)
    if not managed or folder is None or item.kind in {"project", "area"}:
        return
    target = f"{folder}/{parts[-1]}"
    if target == item.path:
        return
    if target in draft.vault.files:
        raise Invalid(f"{target} is there already", "rename one of the two files first")
    if document.kind == "none":  # in a project's folder a file needs a header to be an item
        draft.put(item, document.set("status", item.status or draft.vault.config.workflow.default).text)
    if not written:
        draft.details.append(f"project: {shown(item.project)} → {shown(project)}")
    draft.move(item, target)


def project_folder(vault: Vault, project: str) -> str | None:
    """The folder of a project's files: beside its project.md, or the one made for its name; None for an odd name."""
    known = vault.resolve(project)
    if known is not None and known.kind == "project":
        folder = known.path.rpartition("/")[0]
        return folder or None
    safe = project and all(char.isalnum() or char in "-_" for char in project) and project[0] not in "-_"
    return f"projects/{project}" if safe else None


@dataclass(frozen=True, slots=True)
class Assign:
    """Assign items to people; `@ana`, `me`, several with commas, `+bo` and `-bo`, `none` for nobody."""

    verb: ClassVar[str] = "assign"
    dashed_words: ClassVar[bool] = True
    items: Items
    who: Annotated[str, Argument("WHO", "a person, `me`, `ana,bo`, `+bo`, `-bo`, or `none`")]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`assignee` set on each item."""
        items = found(vault, self.items)
        draft = Draft(vault)
        for item in items:
            if self.who.startswith(("+", "-")):
                change_list(draft, item, "assignee", self.who[1:], add=self.who[0] == "+", ctx=ctx)
            else:
                people = () if self.who.casefold() == "none" else typed("assignee", self.who, vault, ctx)
                draft.set(item, "assignee", _one_or_many(people))
        return draft.change(subject("assign", items, self.who))


def _one_or_many(values: RawValue) -> RawValue:
    """One value is written as a scalar, several as a list, none not at all."""
    return values[0] if isinstance(values, tuple) and len(values) == 1 else values or None


def is_tag_change(word: str) -> bool:
    """Whether a word adds or removes a tag."""
    return word[:1] in {"+", "-"}


@dataclass(frozen=True, slots=True)
class Tag:
    """Add and remove tags: `+urgent -later`."""

    verb: ClassVar[str] = "tag"
    dashed_words: ClassVar[bool] = True  # `-later` on a command line is a word, not an option
    items: Items
    changes: Annotated[tuple[str, ...], Argument("+TAG", "`+tag` adds, `-tag` removes", told_by=is_tag_change)]

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`tags` changed on each item; raises Invalid for a word that is neither."""
        items = found(vault, self.items)
        if not self.changes:
            raise Invalid("no tags given", "for example: planner tag ID +urgent -later")
        draft = Draft(vault)
        for word in self.changes:
            if word[:1] not in {"+", "-"} or not word[1:].strip("#"):
                raise Invalid(f"'{word}' is neither +TAG nor -TAG", "for example: planner tag ID +urgent -later")
            for item in items:
                change_list(draft, item, "tags", word[1:].removeprefix("#"), add=word[0] == "+", ctx=ctx)
        return draft.change(subject("tag", items, " ".join(self.changes)))


@dataclass(frozen=True, slots=True)
class Archive:
    """Put items out of sight, keeping them."""

    verb: ClassVar[str] = "archive"
    items: Items
    off: Annotated[bool, Argument("", "bring them back instead", option=True)] = False

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """`archived` set, or removed."""
        items = found(vault, self.items)
        draft = Draft(vault)
        for item in items:
            draft.set(item, "archived", None if self.off else "true")
        return draft.change(subject("unarchive" if self.off else "archive", items))


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete items' files; git keeps them, and undo brings them back."""

    verb: ClassVar[str] = "delete"
    items: Items

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """The files removed; what still refers to them is named in a notice."""
        items = found(vault, self.items, check=None)
        draft = Draft(vault)
        gone = {item.path for item in items}
        for item in items:
            if vault.files[item.path].unread:
                raise Invalid(
                    f"{item.path} was not read, so its content could not be brought back", "delete it by hand"
                )
            draft.delete(item)
            left = [other.id for other in vault.successors.get(item.path, ()) if other.path not in gone]
            if left:
                draft.notices.append(f"{', '.join(left)} still depends on {item.id}")
        title = items[0].title if len(items) == 1 else ""
        return draft.change(subject("delete", items, title))
