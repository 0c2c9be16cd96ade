"""A vault brought up change by change, and the index of its ids, are those of the files read anew."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from random import Random

import pytest

from planner.core.model import ParsedFile, Unread
from planner.core.shelf import ID, ItemsById, Shelf, row_of
from planner.core.vault import Vault
from planner.store.packed import pack, unpack
from tests.conftest import Claims
from tests.proof import times

PATHS = (
    "tasks/a.md",
    "tasks/B.md",
    "tasks/b.md",
    "notes/n.md",
    "inbox/i.md",
    "projects/p/project.md",
    "people/ana.md",
    "z.md",
)
IDS = ("one", "One", "ONE", "two", "straße", "STRASSE", "a", "b")


def a_text(random: Random, path: str) -> str | Unread | None:
    """What becomes of a file: gone, not read, a note, or an item that may claim another's id."""
    match random.randrange(8):
        case 0 | 1:
            return None
        case 2:
            return Unread(path, random.choice(("not-readable", "special-file", "too-large")), "is not read")
        case 3:
            return random.choice(("", "# A note\n[[one]]\n", "\udce9"))
        case _:
            lines = [f"id: {random.choice(IDS)}"] if random.random() < 0.8 else []
            lines += [f"title: {random.choice(('x', 'y'))}", f"depends_on: [{random.choice(IDS)}]", "tags: [t, u]"]
            lines += [f"status: {random.choice(('todo', 'doing'))}", "project: p", f"parent: {random.choice(IDS)}"]
            lines += [f"assignee: {random.choice(('ana', 'bo'))}"]
            header = "\n".join(random.sample(lines, random.randint(1, len(lines))))
            return f"---\n{header}\n---\n- [ ] step\n[[{random.choice(IDS)}]]\n"


def said_of_no_other(random: Random, text: str | Unread | None) -> str | Unread | None:
    """The same file after an edit to what concerns itself alone, which may move what concerns others."""
    if not isinstance(text, str):
        return text
    return random.choice(
        (f"{text}\nmore\n", text.replace("todo", "doing"), text.replace("tags: [t, u]", "tags: [t]\npriority: high"))
    )


RELATIONS = ("prefixes", "sorted_ids", "by_name", "predecessors", "successors", "members", "backlinks", "planned")


def facts(vault: Vault) -> Mapping[str, object]:
    return {
        "rows": list(vault.rows.items()),
        "files": [(path, file.text, file.unread, file.title, file.links) for path, file in vault.files.items()],
        "items": repr(vault.items),
        "ids": {key: repr(items) for key, items in vault.by_id.items()},
        "shared": sorted(vault.by_id.shared),
        "problems": vault.problems,
        "config": vault.config,
        "places": [vault.column_place(item) for item in vault.items],
        **{name: getattr(vault, name) for name in RELATIONS},
    }


def lazily(vault: Vault) -> Vault:
    """The same vault with every file still on the shelf."""
    packed = {path: marshal.dumps(pack(file)) for path, file in vault.files.items()}
    texts = {path: file.text for path, file in vault.files.items()}

    def make(path: str) -> ParsedFile:
        return unpack(path, marshal.loads(packed[path]), lambda: texts[path])  # noqa: S302 (ours)

    return Vault(Shelf(dict(vault.rows), make), vault.config)


@pytest.mark.proof
def test_change_by_change_is_all_at_once(claims: Claims) -> None:
    chains = times(12, 400)
    with claims("a vault brought up change by change equals the vault parsed anew", expect=chains * 12) as claim:
        for seed in range(chains):
            random = Random(seed)
            texts: dict[str, str | Unread] = {"planner.toml": ""}
            for path in random.sample(PATHS, 5):
                if (text := a_text(random, path)) is not None:
                    texts[path] = text
            vault = lazily(Vault.parse(texts)) if seed % 2 else Vault.parse(texts)
            for step in range(12):
                change = {path: a_text(random, path) for path in random.sample(PATHS, random.randint(1, 3))}
                if random.random() < 0.5:
                    change = {path: said_of_no_other(random, texts.get(path)) for path in change}
                if random.random() < 0.05:
                    change["planner.toml"] = random.choice(("", '[vault]\npriorities = ["now"]\n'))
                if random.random() < 0.7:
                    assert len(vault.by_id) <= len(vault.files)  # made before the change, so that it is brought up
                vault = vault.apply(change)
                for path, text in change.items():
                    if text is None:
                        texts.pop(path, None)
                    else:
                        texts[path] = text
                claim.check(facts(vault) == facts(Vault.parse(texts)), (seed, step, change))


def test_the_index_of_ids_brought_up_is_a_new_one() -> None:
    random = Random(7)
    ids: dict[str, str | None] = {}
    index = ItemsById.of({}, {})
    for _ in range(3_000):
        changed: dict[str, tuple[str | None, str | None]] = {}
        for path in random.sample(PATHS, random.randint(1, 3)):
            after = random.choice((None, *IDS))
            changed[path] = (ids.get(path), after)
            ids[path] = after
        rows = {path: (id_, "", "", None, (), 0) for path, id_ in sorted(ids.items())}
        index, fresh = index.replaced({}, changed), ItemsById.of({}, rows)
        assert set(index) == set(fresh)
        assert sorted(index.shared) == sorted(fresh.shared)
        assert holders(index) == holders(fresh) == holders_of(ids)


def holders(index: ItemsById) -> dict[str, tuple[str, ...]]:
    return {key: index._shared.get(key) or (index._paths[key],) for key in index}


def holders_of(ids: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path, id_ in sorted(ids.items()):
        if id_ is not None:
            found[id_.casefold()] = (*found.get(id_.casefold(), ()), path)
    return found


def test_only_what_is_asked_for_is_made() -> None:
    vault = Vault.parse({f"tasks/{n}.md": f"---\nid: i{n}\ntitle: t{n}\n---\n" for n in range(9)})
    made: list[str] = []

    def make(path: str) -> ParsedFile:
        made.append(path)
        return vault.files[path]

    lazy = Vault(Shelf(vault.rows, make), vault.config)
    assert "i3" in lazy.by_id
    assert len(lazy.by_id) == len(lazy.files) == 9
    assert made == []
    assert lazy.get("I3") == vault.get("i3")
    assert [item.id for item in lazy.where(lambda row: row[ID] == "i5")] == ["i5"]
    assert lazy.files["tasks/3.md"] is lazy.files["tasks/3.md"]
    assert made == ["tasks/3.md", "tasks/5.md"]
    with pytest.raises(KeyError):
        lazy.files["tasks/none.md"]
    assert "tasks/none.md" not in lazy.files


def test_a_file_that_could_not_be_read_and_is_empty_now_is_another() -> None:
    unread = Vault.parse({"tasks/x.md": Unread("tasks/x.md", "not-readable", "cannot be read")})
    assert unread.apply({"tasks/x.md": ""}).problems == Vault.parse({"tasks/x.md": ""}).problems
    assert row_of(unread.files["tasks/x.md"]) == unread.rows["tasks/x.md"]
