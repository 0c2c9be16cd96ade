"""Git's objects as plain values: texts into blobs as `git add` would, paths into trees, entries into an index."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence

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
    return object_id(repo, "blob", data)


def object_id(repo: Repository, kind: str, body: bytes) -> str:
    """Return the id of an object: of its kind (blob, tree, commit) and its content."""
    header = f"{kind} {len(body)}\0".encode()
    return hashlib.new(repo.object_format, header + body, usedforsecurity=False).hexdigest()


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
    raw = (_loose_trees(repo, commit, sorted(folders)) or repo.trees(commit, sorted(folders))) if commit else {}
    width = hashlib.new(repo.object_format, usedforsecurity=False).digest_size
    return {folder: parse_tree(raw.get(folder, b""), width) for folder in sorted(folders)}


def _loose_trees(repo: Repository, commit: str, folders: Sequence[str]) -> dict[str, bytes] | None:
    """The raw trees if all of them are loose objects, as after our own commits; None where git has to be asked."""
    width = hashlib.new(repo.object_format, usedforsecurity=False).digest_size
    top = (_loose(repo, "commit", commit) or b"")[5 : 5 + 2 * width].decode("ascii", "replace")  # after "tree "
    raw: dict[str, bytes] = {}
    for folder in folders:  # sorted, so that a folder comes after the one above it
        above, _, name = folder.rpartition("/")
        entry = parse_tree(raw.get(above, b""), width).get(os.fsencode(name)) if folder else (TREE, top)
        if entry is None or entry[0] != TREE:
            continue
        body = _loose(repo, "tree", entry[1])
        if body is None:
            return None
        raw[folder] = body
    return None if _has_replacements(repo) else raw


def _loose(repo: Repository, kind: str, oid: str) -> bytes | None:
    """The content of a loose object; None where it is packed or not what it should be."""
    try:
        data = zlib.decompress(fsops.get().read(os.path.join(repo.common_dir, "objects", oid[:2], oid[2:])))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, zlib.error):
        return None
    header, _, body = data.partition(b"\0")
    return body if header == f"{kind} {len(body)}".encode() else None


def _has_replacements(repo: Repository) -> bool:
    """Whether `git replace` may have put other objects in the place of some: then only git reads them right."""
    try:
        packed = fsops.get().read(os.path.join(repo.common_dir, "packed-refs"))
    except FileNotFoundError:
        packed = b""
    return b" refs/replace/" in packed or os.path.isdir(os.path.join(repo.common_dir, "refs", "replace"))


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


def fresh_trees(
    repo: Repository, trees: Mapping[str, Tree], wanted: Mapping[str, Entry | None]
) -> tuple[str, list[bytes]]:
    """Return the id of the topmost tree with these paths replaced, and the content of all new trees, deepest first."""
    fresh = {folder: dict(tree) for folder, tree in trees.items()}
    for path, entry in wanted.items():
        folder, _, name = path.rpartition("/")
        _put(fresh[folder], os.fsencode(name), entry)
    bodies: list[bytes] = []
    for folder in sorted(fresh, key=lambda name: name.count("/") + bool(name), reverse=True):
        tree = fresh[folder]
        above, _, name = folder.rpartition("/")
        if folder and (fresh[above].get(os.fsencode(name)) or (TREE,))[0] != TREE and tree:
            raise GitFailed(f"{folder} is not a folder in git; nothing is committed below it.")
        if folder and not tree:
            _put(fresh[above], os.fsencode(name), None)
            continue
        bodies.append(_tree_body(tree))
        if folder:
            _put(fresh[above], os.fsencode(name), (TREE, object_id(repo, "tree", bodies[-1])))
    return object_id(repo, "tree", bodies[-1]), bodies


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


def _tree_body(tree: Tree) -> bytes:
    """The content of a tree object, sorted as git does: a folder as if its name ended in a slash."""
    ordered = sorted(tree.items(), key=lambda item: item[0] + b"/" * (item[1][0] == TREE))
    return b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in ordered)
