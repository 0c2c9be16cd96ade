"""Quick capture: a line of words to a new item."""

from __future__ import annotations

from typing import Annotated, ClassVar

from planner.commands.base import Argument, Context, Draft
from planner.commands.moving import admit
from planner.commands.tasks import project_folder
from planner.commands.typed import person, typed
from planner.core.capture import Capture, parse_capture
from planner.core.change import Change
from planner.core.document import RawValue, parse_document
from planner.core.fields import FIELDS, FieldType, to_raw
from planner.core.ids import filename
from planner.core.parse import parse_file
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import Invalid

_NOT_CAPTURED = frozenset({"id", "title", "archived", "rank"})


def understand(text: str, vault: Vault, ctx: Context) -> Capture:
    """What a captured line says in this vault: its own fields count as `field:value` too."""
    fields = frozenset(
        row.name
        for row in vault.config.fields.values()
        if row.type is not FieldType.MAP and row.name not in _NOT_CAPTURED
    )
    return parse_capture(
        text, ctx.today, levels=vault.config.levels, fields=fields, first_day_of_week=vault.config.first_day_of_week
    )


@dataclass(frozen=True, slots=True)
class Add:
    """Capture a new item: `add pay rent fri #home !high @ana p:web every month ~30m`."""

    verb: ClassVar[str] = "add"
    text: Annotated[str, Argument("TEXT", "what to do, without quotes")]
    parent: Annotated[str, Argument("ID", "make it a part of this item", option=True)] = ""
    status: Annotated[str, Argument("STATUS", "the status to start in", option=True)] = ""

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """A new file in the project's folder, or in `inbox/`; raises Invalid where no title is left."""
        capture = understand(self.text, vault, ctx)
        if not capture.title.strip():
            raise Invalid("a task needs a title", "for example: planner add pay rent fri #home")
        if vault.config.read_only:
            raise Invalid("this vault is of a newer format than this program", "install a newer planner")
        id_ = ctx.draw_id(vault)
        fields = self._fields(capture, vault, ctx)
        project = fields.pop("project", None)
        folder = project_folder(vault, str(project)) if project else "inbox"
        if project and folder is None:
            raise Invalid(f"'{project}' is no name for a project", "use letters, digits and -")
        document = parse_document("---\n---\n").set("id", id_)
        for name, value in fields.items():
            try:
                document = document.set(name, value)
            except ValueError as error:
                raise Invalid(f"{name}: {error}", "type it anew, as plain text") from None
        path = f"{folder}/{filename(capture.title, id_)}"
        draft = Draft(vault)
        draft.create(path, document.text, id_)
        if self.status and (item := parse_file(path, document.text, vault.config).item) is not None:
            admit(draft, (item,))
        draft.details.extend(f"{name}: {resolved}" for name, _, resolved in capture.understood)
        if project and vault.resolve(str(project)) is None:
            draft.notices.append(f"{project} is a new project: it has no project.md yet")
        return draft.change(f"add {id_}: {capture.title}")

    def _fields(self, capture: Capture, vault: Vault, ctx: Context) -> dict[str, RawValue]:
        """Every field the line names, in the order they are written."""
        people = tuple(dict.fromkeys(person(who, vault, ctx) for who in capture.people))
        project = capture.project
        fields: dict[str, RawValue] = {"title": capture.title}
        if self.status or project:
            fields["status"] = typed("status", self.status, vault, ctx) or vault.config.workflow.default
        fields["priority"] = capture.priority
        fields["assignee"] = people[0] if len(people) == 1 else people or None
        fields["project"] = typed("project", project, vault, ctx) if project else None
        fields["parent"] = vault.find(self.parent).id if self.parent else None
        if self.parent and not project:
            fields["project"] = vault.find(self.parent).project
        fields["scheduled"] = to_raw(capture.scheduled) if capture.scheduled else None
        fields["due"] = to_raw(capture.due) if capture.due else None
        fields["estimate"] = capture.estimate
        fields["recurrence"] = str(capture.recurrence) if capture.recurrence else None
        fields["tags"] = capture.tags or None
        for name, text in capture.extra:
            fields[name] = typed(name, text, vault, ctx)
        if ctx.stamp:
            fields["created"] = ctx.now.replace(tzinfo=None).isoformat(timespec="minutes")
        order = [name for name in FIELDS if name in fields]
        return {name: fields[name] for name in [*order, *fields] if fields[name] is not None}
