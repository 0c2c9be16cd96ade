"""The immutable snapshot of all parsed files, and what follows from them.

Derived facts are cached properties: nobody invalidates anything, a change makes a new `Vault`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from planner.core import relations
from planner.core.change import Delta, Edit
from planner.core.config import PATH as CONFIG_PATH
from planner.core.config import Config, parse_config
from planner.core.ids import UniquePrefixes
from planner.core.model import Item, ParsedFile, Problem, Unread
from planner.core.record import dataclass, field
from planner.core.relations import Related
from planner.core.shelf import BROKEN, FLAGS, ID, KIND, TEMPLATE, TITLE, ItemsById, Row, Shelf, row_of
from planner.errors import Ambiguous, NotFound

if TYPE_CHECKING:
    from planner.core.order import ColumnPlace

OCCURRENCE_TAIL = len("-2026-12-01")


def is_occurrence(id_: str) -> bool:
    """Whether an id is `<id>-<date>`: an occurrence of a series, left out where people type prefixes."""
    tail = id_[-OCCURRENCE_TAIL:]
    return len(id_) > OCCURRENCE_TAIL and tail[0] == tail[5] == tail[8] == "-" and tail.replace("-", "").isdigit()


@dataclass(frozen=True)
class Vault:
    """All files as parsed, under one configuration; every other fact is derived from these two."""

    files: Mapping[str, ParsedFile] = field(default_factory=dict)
    config: Config = field(default_factory=Config)

    @classmethod
    def parse(cls, texts: Mapping[str, str | Unread], config: Config | None = None) -> Vault:
        """The vault these texts make; planner.toml among them is the configuration unless one is given."""
        from planner.core.parse import parse_file

        toml = texts.get(CONFIG_PATH)
        config = config or parse_config(toml if isinstance(toml, str) else None)
        paths = sorted(path for path in texts if path != CONFIG_PATH)
        files = {path: parse_file(path, texts[path], config) for path in paths}
        return cls(Shelf({path: row_of(file) for path, file in files.items()}, files.__getitem__, files), config)

    def apply(self, texts: Mapping[str, str | Unread | None] | Iterable[Edit]) -> Vault:
        """The vault with these texts put in place (None: removed); only they are parsed again."""
        if not isinstance(texts, Mapping):
            texts = {edit.path: edit.after for edit in texts}
        if CONFIG_PATH in texts:
            return self._reconfigured(texts)
        changed = {path: text for path, text in texts.items() if self._differs(path, text)}
        if not changed:
            return self
        from planner.core.parse import parse_file

        parsed = {path: None if text is None else parse_file(path, text, self.config) for path, text in changed.items()}
        shelf = self.files if isinstance(self.files, Shelf) else Shelf(self.rows, self.files.__getitem__, self.files)
        new = Vault(shelf.replaced(parsed), self.config)
        if "by_id" in self.__dict__:
            ids = {path: (_id_at(self.rows, path), _id_at(new.rows, path)) for path in changed}
            new.__dict__["by_id"] = self.by_id.replaced(new.files, ids)
        if "column_places" in self.__dict__:
            new.__dict__["column_places"] = self.column_places
        names = relations.names_of_ties(self.config)
        if all(
            relations.ties(self.files.get(path), names) == relations.ties(file, names) for path, file in parsed.items()
        ):
            self._hand_on(new, parsed.keys())
        return new

    def _hand_on(self, new: Vault, changed: Collection[str]) -> None:
        """What is known already, and no edit to these files has changed: they speak of other items as they did."""
        known = self.__dict__
        for name in ("prefixes", "sorted_ids", "backlinks", "_predecessors"):
            if name in known:
                new.__dict__[name] = known[name]
        for name in ("by_name", "predecessors", "successors", "members"):
            if name in known:
                new.__dict__[name] = known[name].among(new.files)
        if "_tie_problems" in known and not any(fault.path in changed for fault in self._tie_problems):
            new.__dict__["_tie_problems"] = self._tie_problems  # else their places in the changed files may have moved

    def _differs(self, path: str, text: str | Unread | None) -> bool:
        """Whether a file would say something else with this text."""
        file = self.files.get(path)
        if file is None:
            return text is not None
        # A file whose record was damaged has been read anew when it was made: it may be ahead of its row.
        return file.unread or file.text != text or row_of(file) != self.rows[path]

    def _reconfigured(self, texts: Mapping[str, str | Unread | None]) -> Vault:
        all_texts: dict[str, str | Unread] = {
            path: file.text if not file.unread else Unread(path, file.problems[0].code, file.problems[0].message)
            for path, file in self.files.items()
        }
        for path, text in texts.items():
            if text is None:
                all_texts.pop(path, None)
            else:
                all_texts[path] = text
        toml = texts[CONFIG_PATH]
        return Vault.parse(all_texts, parse_config(toml if isinstance(toml, str) else None))

    def text(self, path: str) -> str:
        """A file's text as it was parsed; raises NotFound for a path the vault does not hold."""
        if path not in self.files:
            raise NotFound(f"no file {path} in this vault", "planner list shows what there is")
        return self.files[path].text

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Of every file what lists ask for most, in the order of paths, without a look at the file itself."""
        return self.files.rows if isinstance(self.files, Shelf) else {p: row_of(f) for p, f in self.files.items()}

    def where(self, fits: Callable[[Row], bool]) -> tuple[Item, ...]:
        """The items whose rows fit, in the order of paths; only their files are looked at."""
        found = (self.files[path].item for path, row in self.rows.items() if row[ID] is not None and fits(row))
        return tuple(item for item in found if item is not None)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item, in the order of paths."""
        return self.where(lambda _: True)

    @cached_property
    def by_id(self) -> ItemsById:
        """Items by id in lower case; more than one only where the vault is faulty."""
        return ItemsById.of(self.files, self.rows)

    def get(self, id_: str) -> Item | None:
        """The item of exactly that id, None where there is none (the first where two share it)."""
        found = self.by_id.get(id_.casefold())
        return found[0] if found else None

    def find(self, text: str) -> Item:
        """The item a person means: an id, a unique prefix of one, a path, a name, a `[[link]]`, part of a title.

        Raises NotFound with the nearest ids, or Ambiguous with the candidates.
        """
        wanted = text.strip().removeprefix("[[").removesuffix("]]").strip()
        for found in self._meanings(wanted):
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(f"{item.id} ({item.title})" for item in found[:5])
                more = f" and {len(found) - 5} more" if len(found) > 5 else ""
                raise Ambiguous(f"'{text}' may mean {names}{more}", "type more letters, or the path")
        near = self._nearest(wanted)
        hint = f"did you mean {', '.join(near)}?" if near else "planner list shows what there is"
        raise NotFound(f"nothing answers to '{text}'", hint)

    def resolve(self, reference: str) -> Item | None:
        """The item a reference in a file points to, None where none or more than one does."""
        found = self.candidates(reference)
        return found[0] if len(found) == 1 else None

    def candidates(self, reference: str) -> tuple[Item, ...]:
        """The items a reference in a file may point to, by its surest reading; an exact id is never in doubt."""
        exact = self.get(reference)
        if exact is not None:
            return (exact,)
        return next((found for found in self._meanings(reference, loose=False) if found), ())

    def _meanings(self, wanted: str, *, loose: bool = True) -> Iterable[tuple[Item, ...]]:
        """What a text may mean, the surest reading first; `loose` adds parts of titles."""
        folded = wanted.casefold()
        if not folded:
            return
        yield self.by_id.get(folded, ())
        if (file := self.files.get(wanted) or self.files.get(f"{wanted}.md")) is not None and file.item is not None:
            yield (file.item,)
        if not loose:
            yield self.by_name.get(folded, ())
        yield self._with_prefix(folded)
        if loose:
            yield self.by_name.get(folded, ())
            live = self.where(lambda row: folded in row[TITLE].casefold())
            yield tuple(item for item in live if self.is_open(item)) or live

    def _with_prefix(self, prefix: str) -> tuple[Item, ...]:
        ids = self.sorted_ids
        begin = bisect_left(ids, prefix)
        keys = takewhile(lambda key: key.startswith(prefix), islice(ids, begin, None))
        return tuple(item for key in keys if not is_occurrence(key) for item in self.by_id[key])

    @cached_property
    def sorted_ids(self) -> tuple[str, ...]:
        """Every id in lower case, in order."""
        return tuple(sorted(self.by_id))

    def _nearest(self, wanted: str) -> list[str]:
        from difflib import get_close_matches

        near = get_close_matches(wanted.casefold(), list(self.by_id), n=3, cutoff=0.5)
        return [self.by_id[key][0].id for key in near]

    @cached_property
    def by_name(self) -> Related:
        """Items by title, alias, and file stem with and without its id, in lower case."""
        return Related(relations.names(self.items), self.files)

    @cached_property
    def prefixes(self) -> Mapping[str, int]:
        """How many letters of each id suffice to name it."""
        return UniquePrefixes(row[ID] for row in self.rows.values() if row[ID] is not None)

    def is_open(self, item: Item) -> bool:
        """Whether there is still something to do: neither completed nor canceled nor archived."""
        return not item.archived and (item.status is None or self.config.workflow.is_open(item.status))

    def category(self, item: Item) -> str | None:
        """The category of an item's state."""
        return self.config.workflow.category(item.status)

    @cached_property
    def planned(self) -> tuple[Item, ...]:
        """Items that are neither archived nor templates."""
        return tuple(item for item in self.items if not item.archived and not item.template)

    @cached_property
    def column_places(self) -> dict[str, tuple[Item, ColumnPlace]]:
        """Where an open card (by path) stands in its column, as far as it was asked for this very item or one before."""
        return {}

    def column_place(self, item: Item) -> ColumnPlace:
        """A sort key: where an open card stands in its column."""
        found = self.column_places.get(item.path)
        if found is None or found[0] is not item:
            from planner.core.order import column_place

            found = self.column_places[item.path] = item, column_place(item, self.config)
        return found[1]

    @cached_property
    def predecessors(self) -> Related:
        """What each item (by path) depends on, as far as the references resolve."""
        return Related(self._predecessors, self.files)

    @cached_property
    def successors(self) -> Related:
        """What depends on each item (by path)."""
        return Related(relations.inverted(self._predecessors), self.files)

    @cached_property
    def _predecessors(self) -> Mapping[str, list[str]]:
        return relations.predecessors(self.items, self.resolve)

    def blockers(self, item: Item) -> tuple[Item, ...]:
        """The unfinished items that keep this one from starting: FS until finished, SS until started."""
        waiting: list[Item] = []
        for link in item.dependencies:
            found = self.resolve(link.target)
            if found is None or found.path == item.path or not self.is_open(found):
                continue
            if link.type == "FS" or (link.type == "SS" and self.category(found) != "started"):
                waiting.append(found)
        return tuple({found.path: found for found in waiting}.values())

    def is_blocked(self, item: Item) -> bool:
        """Whether an open item waits for another, or says why it cannot go on."""
        return self.is_open(item) and (item.text("blocked_reason") is not None or bool(self.blockers(item)))

    @cached_property
    def members(self) -> Related:
        """Items by the project, area or parent (its path) they belong to."""
        return Related(relations.members(self.items, self.resolve), self.files)

    @cached_property
    def backlinks(self) -> Mapping[str, tuple[str, ...]]:
        """Paths of the files that link to each item (by path) in their text."""
        return relations.backlinks(self.files, self.resolve)

    @cached_property
    def tags(self) -> Mapping[str, int]:
        """Tags in use and how often, the most used first."""
        counts: dict[str, int] = {}
        for item in self.planned:
            for tag in item.tags:
                counts[tag] = counts.get(tag, 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def people(self) -> Mapping[str, Item]:
        """Known people by id."""
        found = self.where(lambda row: row[KIND] == "person" and not row[FLAGS] & TEMPLATE)
        return {item.id: item for item in found}

    @cached_property
    def cross_problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """Faults that only show when files are seen together, by path."""
        from planner.core import checks

        index: dict[str, list[Problem]] = {}
        for fault in sorted({*self._tie_problems, *checks.check_rules(self)}):
            index.setdefault(fault.path, []).append(fault)
        return {path: tuple(faults) for path, faults in index.items()}

    @cached_property
    def _tie_problems(self) -> tuple[Problem, ...]:
        from planner.core import checks

        return checks.check_ties(self)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Every fault in the vault, in the order of path and line."""
        found = [*self.config.problems]
        for file in self.files.values():
            found.extend(file.problems)
        for faults in self.cross_problems.values():
            found.extend(faults)
        return tuple(sorted(found))

    @cached_property
    def broken(self) -> tuple[Item, ...]:
        """Items whose header could not be read at all."""
        return self.where(lambda row: bool(row[FLAGS] & BROKEN))


def _id_at(rows: Mapping[str, Row], path: str) -> str | None:
    return rows[path][ID] if path in rows else None


def diff(old: Vault, new: Vault, paths: Iterable[str] | None = None) -> Delta:
    """What differs between two snapshots, in these paths alone where they are given."""
    if old is new:
        return Delta()
    looked_at = old.files.keys() | new.files.keys() if paths is None else paths
    changed = {path for path in looked_at if _said(old, path) != _said(new, path)}
    ids = {id_ for vault in (old, new) for path in changed if (id_ := _id_at(vault.rows, path)) is not None}
    return Delta(frozenset(changed), frozenset(ids), old.config != new.config)


def _said(vault: Vault, path: str) -> object:
    """What a file says: its text, why it was not read, or None where it is not there."""
    file = vault.files.get(path)
    return file.problems if file is not None and file.unread else file and file.text
