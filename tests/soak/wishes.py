"""What the planners of a soak wish for: seeded commands, each with a token of its own, as values and as words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from planner.commands import Add, Command, Comment, Delete, Done, Move, Set, Tag
from tests.soak.history import Fact, Place

IDS = tuple(f"{letter}7f3qx" for letter in "bcdfghjkmnpq")
PATHS = {id_: f"tasks/item-{number:02d}-{id_}.md" for number, id_ in enumerate(IDS)}
PLANNERS = ("cli", "session", "tui")
HOT = 4  # items that get most of the writes, so that actors meet
TAGS = 4  # tokens an actor leaves in one item's tags
CHORES = 4  # items an actor leaves of those it has added, so that the vault stays of one size

_TITLE = re.compile(r"^title: [\"']?(Item \d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A command with its words for the command line; `removes` are tokens that it takes away on purpose."""

    what: str
    command: Command
    words: tuple[str, ...]
    token: str = ""
    path: str = ""
    removes: tuple[str, ...] = ()

    def facts(self) -> dict[str, Fact]:
        """What the history is to say of it."""
        return {"token": self.token, "path": self.path, "removes": list(self.removes)}


class Wishes:
    """Draws wishes of one planner; a title is set by one planner only, so that each knows what it takes away."""

    def __init__(self, place: Place, actor: str, random: Random) -> None:
        self._place = place
        self._mine = IDS[PLANNERS.index(actor) :: len(PLANNERS)]
        self._random = random
        self._tags: dict[str, list[str]] = defaultdict(list)
        self._chores: list[tuple[str, str]] = []  # paths and tokens

    def draw(self, token: str) -> Wish:
        """The next wish; one that writes nothing of its own has no token."""
        id_ = pick_item(self._random)
        path = PATHS[id_]
        kinds = ("comment", "tag", "title", "add", "done", "move")
        (what,) = self._random.choices(kinds, (45, 22, 10, 6, 6, 6))
        if what == "comment":
            return Wish(what, Comment(id_, f"said {token}"), ("comment", id_, f"said {token}"), token, path)
        if what == "tag" and len(self._tags[path]) >= TAGS:
            old = self._tags[path].pop(0)
            return Wish("untag", Tag((id_,), (f"-{old}",)), ("tag", id_, f"-{old}"), "", path, (old,))
        if what == "tag":
            return Wish(what, Tag((id_,), (f"+{token}",)), ("tag", id_, f"+{token}"), token, path)
        if what == "title":
            id_ = self._random.choice(self._mine)
            setting = f"title={self._title(PATHS[id_])} {token}"
            return Wish(what, Set((id_,), (setting,)), ("set", id_, setting), token, PATHS[id_])
        if what == "add" and len(self._chores) >= CHORES:
            path, old = self._chores.pop(0)
            id_ = chore_id(path)
            return Wish("delete", Delete((id_,)), ("delete", id_), "", path, (old,))
        if what == "add":
            return Wish(what, Add(f"Chore {token}"), ("add", f"Chore {token}"), token)
        if what == "done":
            return Wish(what, Done((id_,)), ("done", id_), "", path)
        return Wish(what, Move((id_,), "todo"), ("move", id_, "todo"), "", path)

    def acked(self, wish: Wish, paths: Sequence[str] = ()) -> None:
        """Remember what stands, a tag or an item that was added, to take it away later."""
        if wish.what == "tag":
            self._tags[wish.path].append(wish.token)
        if wish.what == "add":
            self.added(paths, wish.token)

    def added(self, paths: Sequence[str], token: str) -> None:
        """Remember an item to delete it later."""
        self._chores += [(path, token) for path in paths]

    def _title(self, path: str) -> str:
        text = (self._place.vault / path).read_text(encoding="utf-8", errors="replace")
        found = _TITLE.search(text)
        return found[1] if found else "Item 99"


def chore_id(path: str) -> str:
    """The id in the name of a file that planner has made."""
    return path.removesuffix(".md").rpartition("-")[2]


def pick_item(random: Random) -> str:
    """An item to write to, one of the hot ones more often than not."""
    return random.choice(IDS[:HOT] if random.random() < 0.6 else IDS)


def seed_files() -> dict[str, str]:
    """The vault a soak begins with."""
    body = "\nWhat it is about.\n\n- [ ] one\n- [ ] two\n\nMore of it.\n\n## Log\n- 2026-11-20 09:00 ana: begun\n"
    states = '{name = "todo", category = "unstarted"}, {name = "done", category = "completed"}'
    config = f"[vault]\nformat = 1\n[workflow.default]\nstates = [{states}]\n"
    items = {
        path: f"---\nid: {id_}\ntitle: Item {number}\nstatus: todo\n---\n{body}"
        for number, (id_, path) in enumerate(PATHS.items())
    }
    return {"planner.toml": config, "notes.txt": "mine\n", **items}
