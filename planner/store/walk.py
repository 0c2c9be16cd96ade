"""What lies in a vault's folders: names, and of each of its files the size, time and inode, as bytes to compare.

Also a program of its own that needs next to nothing of Python, so that a second process can look around while the
first one still loads: `python -I -S walk.py ROOT` reads a marshalled list of folders and writes their listings.
"""

import marshal
import os
import sys

CONFIG_NAME = "planner.toml"
TEMPORARY = ".planner-tmp-"
IGNORE = ".gitignore"

LINK, TARGET, SPECIAL, FOLDER, REPOSITORY, CLOSED = -1, -2, -3, -4, -5, -6
"""In place of a size: what a name is that is no regular file. A link has a second entry for what it leads to; CLOSED
stands for the folder itself."""

Entry = tuple[str, int, int, int]
"""A name with its size in bytes, its time in nanoseconds and its inode, negative where its owner may not read it."""

Listings = dict[str, bytes]
"""Of each folder (relative, ending in `/`; the root is empty) the marshalled entries in the order of names."""


def is_temporary(name: str) -> bool:
    """Whether a file name is an editor's or a tool's passing one (swap, backup, lock, merge), or our own."""
    return (
        name.startswith((TEMPORARY, ".merge_file_", ".#", "._"))
        or (name.startswith("#") and name.endswith("#"))
        or name.endswith("~")
        or (name.startswith(".") and name[-4:-1] == ".sw")
        or name == "4913"
    )


def is_markdown(name: str) -> bool:
    """Whether a file of this name is read."""
    return name[-3:].lower() == ".md" and not is_temporary(name)


def is_skipped_folder(name: str) -> bool:
    """Whether a folder of this name is passed over."""
    return not name or name.startswith(".") or name == "node_modules"


def listing(base: str, folder: str) -> tuple[bytes, list[str]]:
    """Of one folder below `base` (ending in `/`): its entries, marshalled, and the names of the folders in it."""
    try:
        with os.scandir(base + folder) as found:
            entries, below = _entries(found, top=not folder)
    except OSError as error:
        return dumped([("", CLOSED, error.errno or 0, 0)]), []
    if folder and any(kind == REPOSITORY for _, kind, _, _ in entries):
        return dumped([(".git", REPOSITORY, 0, 0)]), []
    entries.sort()
    return dumped(entries), below


def dumped(entries: "list[Entry]") -> bytes:
    """A listing as it is compared: in version 0 the same entries are the same bytes in every process."""
    return marshal.dumps(entries, 0)


def _entries(found: "os.ScandirIterator[str]", *, top: bool) -> tuple[list[Entry], list[str]]:  # type: ignore[name-defined]  # typeshed hides the class
    entries: list[Entry] = []
    below: list[str] = []
    for entry in found:
        name = entry.name
        if name == ".git":
            if not top:
                entries.append((name, REPOSITORY, 0, 0))
        elif entry.is_dir(follow_symlinks=False):
            if not is_skipped_folder(name):
                below.append(name)
                entries.append((name, FOLDER, 0, 0))
        elif entry.is_symlink():
            if not name.startswith("."):
                entries += _link(entry)
        elif is_markdown(name) or name == IGNORE or (top and name == CONFIG_NAME):
            try:
                info = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            size = info.st_size if entry.is_file(follow_symlinks=False) else SPECIAL
            entries.append((name, size, info.st_mtime_ns, info.st_ino if info.st_mode & 0o400 else -info.st_ino))
    return entries, below


def _link(entry: "os.DirEntry[str]") -> list[Entry]:
    """Where the target's text is read, its state; of any other link only whether it leads to a folder."""
    name = entry.name
    try:
        own = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return []
    mine = (name, LINK, own.st_mtime_ns, own.st_ino)
    try:
        target = entry.stat()
    except OSError:
        return [mine]
    if not is_markdown(name) and name != CONFIG_NAME:
        return [mine, (name, TARGET, 0, target.st_mode & 0o170000)]
    return [mine, (name, TARGET, target.st_mtime_ns, target.st_size)]


def walk(root: str, ignored: "frozenset[str] | set[str]", start: str = "") -> Listings:
    """The listings of one folder and all below it but the ignored ones."""
    base = root.rstrip("/") + "/"
    todo = [start]
    listings: Listings = {}
    while todo:
        folder = todo.pop()
        listings[folder], below = listing(base, folder)
        todo += [path for name in below if (path := f"{folder}{name}/") not in ignored]
    return listings


def look(root: str, folders: "list[str]") -> Listings:
    """The listings of these folders alone."""
    base = root.rstrip("/") + "/"
    return {folder: listing(base, folder)[0] for folder in folders}


def main() -> None:
    """Answer one question on standard input."""
    folders = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 (from the process that started this one)
    sys.stdout.buffer.write(marshal.dumps(look(sys.argv[1], folders)))


if __name__ == "__main__":
    main()
