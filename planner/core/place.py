"""Where a file lies says what it is by default: kind, project or area, archived or not, and its id."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from planner.core.ids import slug
from planner.core.pattern import later

NEVER_ITEMS = frozenset({"readme", "agents", "claude", "license", "changelog", "contributing"})
ID_SHAPE = later(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")

_FOLDER_KINDS = {
    "inbox": "task", "tasks": "task", "goals": "goal", "people": "person", "teams": "team", "reports": "report",
}  # fmt: skip
_BARE_ITEMS = frozenset({"inbox", "tasks", "goals", "people", "teams"})
_NAMED_BY_STEM = frozenset({"people", "teams", "goals"})
_GROUPS = {"projects": "project", "areas": "area"}


class Place(NamedTuple):
    """What a path alone says: the defaults its folder gives."""

    kind: str = "task"
    group: str | None = None  # the project or area whose own file this is
    project: str | None = None
    area: str | None = None
    inbox: bool = False
    archived: bool = False
    template: bool = False
    named: bool = False  # the stem is the id, where it can be one
    bare: bool = False  # an item even without a header
    header: bool = False  # an item with any header
    never: bool = False  # README and its like


def stem_of(path: str) -> str:
    """A file's name without its extension."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def place_of(path: str) -> Place:
    """The defaults a path's folders give; frontmatter wins over every one of them."""
    stem = stem_of(path)
    place = _in_folder(path.rpartition("/")[0], stem if stem in _GROUPS.values() else "")
    return place._replace(never=True) if stem.casefold() in NEVER_ITEMS else place


def default_id(path: str, place: Place) -> str:
    """The id of an item whose header names none."""
    stem = stem_of(path)
    if place.named and ID_SHAPE.fullmatch(stem):
        return stem
    return place.group or slug(stem) or stem


@lru_cache(maxsize=1024)
def _in_folder(folder: str, group_file: str) -> Place:
    """The place of any file in a folder, `group_file` being its stem if that is `project` or `area`."""
    names = folder.split("/")
    outer = []
    while names and names[0] in {"archive", "templates"}:
        outer.append(names.pop(0))
    place = Place(archived="archive" in outer, template="templates" in outer, header=bool(outer))
    top = names[0] if names else ""
    if top in _FOLDER_KINDS:
        named, bare = top in _NAMED_BY_STEM, top in _BARE_ITEMS
        return place._replace(kind=_FOLDER_KINDS[top], inbox=top == "inbox", named=named, bare=bare, header=True)
    if top not in _GROUPS or len(names) < 2:
        return place
    group, name = _GROUPS[top], names[1]
    if group_file == group:
        return place._replace(kind=group, group=name, bare=True, header=True)
    place = place._replace(header=True)
    return place._replace(project=name) if group == "project" else place._replace(area=name)
