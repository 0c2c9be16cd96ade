"""Git's objects as plain values: texts into blobs as `git add` would, paths into trees, entries into an index."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping

from planner.errors import GitFailed
from planner.store import fsops
from planner.store.git import Repository

TREE, LINK, SUBMODULE, FILE, PROGRAM = "40000", "120000", "160000", "100644", "100755"

Entry = tuple[str, str]  # mode, object id
Tree = dict[bytes, Entry]


def store_blobs(repo: Repository, texts: Mapping[str, bytes]) -> dict[str, str]:
    """Write texts as blobs, filtered as `git add` would, and return their object ids by path."""
    raw = _kept_line_endings(repo, texts)
    rest = [path for path in texts if path not in raw]
    if len(rest) > 2:
        stored = _store_from_work_tree(repo, {path: texts[path] for path in rest})
        if stored is not None:
            return stored | {path: hash_object(repo, path, texts[path], raw=True, write=True) for path in raw}
    return {path: hash_object(repo, path, data, raw=path in raw, write=True) for path, data in texts.items()}


def hash_object(repo: Repository, path: str, data: bytes, *, raw: bool = False, write: bool = False) -> str:
    """Return the id of the blob that git would make of a text at `path`; `raw` means without filters."""
    filters = ("--no-filters",) if raw else (f"--path={path}",)
    return repo.run("hash-object", *(("-w",) if write else ()), *filters, "--stdin", input=data).decode().strip()


def blob_id(repo: Repository, data: bytes) -> str:
    """Return the id of a blob of exactly these bytes."""
    return hashlib.new(repo.object_format, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def file_text(repo: Repository, path: str) -> bytes | None:
    """Return a file of the work tree, None where there is none."""
    try:
        return fsops.get().read(os.path.join(repo.top, path))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _store_from_work_tree(repo: Repository, texts: Mapping[str, bytes]) -> dict[str, str] | None:
    """Store many texts by one process that reads the files, if these hold the texts before and after it."""

    def all_there() -> bool:
        return all(file_text(repo, path) == data for path, data in texts.items())

    if any("\n" in path or path.startswith('"') for path in texts) or not all_there():
        return None
    asked = os.fsencode("\n".join(texts) + "\n")
    oids = repo.run("hash-object", "-w", "--stdin-paths", input=asked).decode().split()
    return dict(zip(texts, oids, strict=True)) if all_there() else None


def _kept_line_endings(repo: Repository, texts: Mapping[str, bytes]) -> set[str]:
    """Return the paths whose CRLF git keeps: stored with CRLF, and only *automatic* conversion asked for.

    `git add` looks into the index for that; `git hash-object` does not, and would turn every line of the file.
    """
    candidates = [path for path, data in texts.items() if b"\r\n" in data]
    stored = repo.read_blobs(":0", candidates)
    candidates = [path for path in candidates if b"\r\n" in stored.get(path, b"")]
    if not candidates:
        return set()
    asked = b"".join(os.fsencode(path) + b"\0" for path in candidates)
    attributes = ("text", "crlf", "eol", "filter", "ident", "working-tree-encoding")
    words = repo.run("check-attr", "-z", "--stdin", *attributes, input=asked).split(b"\0")[:-1]
    converted = set()
    for path, name, value in zip(words[::3], words[1::3], words[2::3], strict=True):
        automatic = value == b"auto" and name in (b"text", b"crlf")
        if not automatic and value not in (b"unspecified", b"unset"):
            converted.add(os.fsdecode(path))
    return set(candidates) - converted


def read_trees(repo: Repository, commit: str | None, paths: Iterable[str]) -> dict[str, Tree]:
    """Return the trees of a commit on the way to these paths, by folder ("" is the top)."""
    folders = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts) + 1))
    raw = repo.trees(commit, sorted(folders)) if commit else {}
    width = hashlib.new(repo.object_format, usedforsecurity=False).digest_size
    return {folder: parse_tree(raw.get(folder, b""), width) for folder in sorted(folders)}


def parse_tree(data: bytes, width: int) -> Tree:
    """Read a tree object; `width` is the length of an object id in bytes."""
    tree: Tree = {}
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        at = end + 1 + width
        tree[name] = (f"{int(mode, 8):o}", data[end + 1 : at].hex())
    return tree


def entry_at(trees: Mapping[str, Tree], path: str) -> Entry | None:
    """Return what the trees hold at a path."""
    folder, _, name = path.rpartition("/")
    return trees[folder].get(os.fsencode(name))


def write_trees(repo: Repository, trees: Mapping[str, Tree], wanted: Mapping[str, Entry | None]) -> str:
    """Write the trees with these paths replaced and return the id of the topmost; other entries stay as they are."""
    fresh = {folder: dict(tree) for folder, tree in trees.items()}
    for path, entry in wanted.items():
        folder, _, name = path.rpartition("/")
        _put(fresh[folder], os.fsencode(name), entry)
    records, oids = [], []
    for folder in sorted(fresh, key=lambda name: name.count("/") + bool(name), reverse=True):  # deepest first
        tree = fresh[folder]
        above, _, name = folder.rpartition("/")
        if folder and (fresh[above].get(os.fsencode(name)) or (TREE,))[0] != TREE and tree:
            raise GitFailed(f"{folder} is not a folder in git; nothing is committed below it.")
        if folder and not tree:
            _put(fresh[above], os.fsencode(name), None)
            continue
        oids.append(_tree_id(repo, tree))
        records.append(b"".join(_tree_line(name, entry) for name, entry in tree.items()))
        if folder:
            _put(fresh[above], os.fsencode(name), (TREE, oids[-1]))
    made = repo.run("mktree", "-z", "--missing", "--batch", input=b"\0".join(records) + b"\0").decode().split()
    if made != oids:
        raise GitFailed("Git wrote another tree than was asked for; nothing is committed.", "`git fsck` may say why.")
    return oids[-1]


def index_info(repo: Repository, entries: Mapping[str, Entry | None]) -> bytes:
    """Return index entries as `git update-index -z --index-info` reads them; None removes one."""
    nothing = ("0", blob_id(repo, b""))
    lines = (f"{' '.join(entry or nothing)}\t{path}" for path, entry in entries.items())
    return b"".join(os.fsencode(line) + b"\0" for line in lines)


def _put(tree: Tree, name: bytes, entry: Entry | None) -> None:
    if entry:
        tree[name] = entry
    else:
        tree.pop(name, None)


def _tree_id(repo: Repository, tree: Tree) -> str:
    ordered = sorted(tree.items(), key=lambda item: item[0] + b"/" * (item[1][0] == TREE))
    body = b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in ordered)
    return hashlib.new(repo.object_format, b"tree %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _tree_line(name: bytes, entry: Entry) -> bytes:
    mode, oid = entry
    kind = {TREE: "tree", SUBMODULE: "commit"}.get(mode, "blob")
    return f"{mode} {kind} {oid}\t".encode() + name + b"\0"
