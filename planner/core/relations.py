"""What items have to do with each other by reference and name: indexes that outlive every edit which says nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import TypeAlias

from planner.core.config import Config
from planner.core.fields import FieldType
from planner.core.model import Item, ParsedFile

Resolve: TypeAlias = Callable[[str], Item | None]
"""The one item that a reference in a file points to."""
Files: TypeAlias = Mapping[str, ParsedFile]

_TIES = frozenset({FieldType.REFERENCE, FieldType.PERSON, FieldType.DEPENDENCY})


class Related(Mapping[str, tuple[Item, ...]]):
    """Items under a path or a name. They are kept as paths and looked up, so each is the item of the present vault."""

    def __init__(self, paths: Mapping[str, Iterable[str]], files: Files) -> None:
        self._paths = paths
        self._files = files

    def __getitem__(self, key: str) -> tuple[Item, ...]:
        return tuple([item for path in self._paths[key] if (item := self._files[path].item) is not None])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, key: object) -> bool:
        return key in self._paths

    def among(self, files: Files) -> Related:
        """The same relations between the items of other files."""
        return Related(self._paths, files)


def names_of_ties(config: Config) -> frozenset[str]:
    """The fields through which a file speaks of another or is found by it."""
    return frozenset(row.name for row in config.fields.values() if row.type in _TIES) | {"aliases", "email"}


def ties(file: ParsedFile | None, names: frozenset[str]) -> object:
    """All that a file says of others, and by which others know it: equal ties leave every relation as it was."""
    if file is None or file.item is None:
        return file and (file.title, file.links)
    item = file.item
    said = [(name, value) for name, value in item.fields.items() if name in names]
    links = [(link.target, link.wiki) for link in file.links]
    return item.id, item.kind, item.title, item.archived, item.template, item.broken, said, links


def names(items: Iterable[Item]) -> dict[str, list[str]]:
    """Paths by what their items are called, in lower case: title, aliases, and file stem with and without its id."""
    index: dict[str, list[str]] = {}
    for item in items:
        stem = item.path.rpartition("/")[2].removesuffix(".md")
        called = {item.title, stem, stem.removesuffix(f"-{item.id}"), *item.texts("aliases")}
        for name in {name.casefold() for name in called}:
            index.setdefault(name, []).append(item.path)
    return index


def predecessors(items: Iterable[Item], resolve: Resolve) -> dict[str, list[str]]:
    """Paths that each path depends on, as far as the references resolve."""
    return {
        item.path: [found.path for link in item.dependencies if (found := resolve(link.target)) is not None]
        for item in items
        if "depends_on" in item.fields
    }


def inverted(index: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Who points to each path."""
    found: dict[str, list[str]] = {}
    for path, targets in index.items():
        for target in targets:
            found.setdefault(target, []).append(path)
    return found


def members(items: Iterable[Item], resolve: Resolve) -> dict[str, list[str]]:
    """Paths by the parent, project or area (its path) that they belong to."""
    index: dict[str, list[str]] = {}
    known: dict[str, str | None] = {}
    for item in items:
        for name in ("parent", "project", "area"):
            if (reference := item.text(name)) is None:
                continue
            if reference not in known:
                known[reference] = found.path if (found := resolve(reference)) is not None else None
            if (owner := known[reference]) is not None and owner != item.path:
                index.setdefault(owner, []).append(item.path)
                break
    return index


def backlinks(files: Files, resolve: Resolve) -> dict[str, tuple[str, ...]]:
    """Paths of the files that link to each path in their text."""
    index: dict[str, list[str]] = {}
    for path, file in files.items():
        for link in file.links:
            found = resolve(link.target if link.wiki else _beside(path, link.target))
            if found is not None and found.path != path:
                index.setdefault(found.path, []).append(path)
    return {path: tuple(dict.fromkeys(paths)) for path, paths in index.items()}


def _beside(path: str, target: str) -> str:
    """A relative link as a path of the vault."""
    from urllib.parse import unquote

    return normpath(join(dirname(path), unquote(target.partition("#")[0])))
