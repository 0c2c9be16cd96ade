"""From a folder to its vault by the shortest way: the cache held against the files, or every file read."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from planner.core.config import Config, parse_config
from planner.core.model import Unread
from planner.core.record import dataclass
from planner.core.shelf import Shelf
from planner.core.vault import Vault
from planner.store import files, index, walk
from planner.store.index import Index, Seen
from planner.store.survey import Look, difference, with_new_folders
from planner.store.walk import CONFIG_NAME

if TYPE_CHECKING:
    from planner.store.cold import Tell

WORTH_KEEPING = 200  # files; fewer are read as quickly as a cache
FEW = 64  # files read again at every start before the cache is written anew; of large vaults one in 500
HALF = 2  # where more than one file in so many differs, everything is read by all cores

Ask = Callable[[], frozenset[str]]
"""Asks git which folders it ignores, relative and ending in `/`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A vault as its files were, and what was seen of them."""

    vault: Vault
    seen: Seen
    cold: bool  # read from nothing


def open_vault(root: Path, folder: Path | None, ask: Ask, asked: str, tell: Tell) -> Opened:
    """The vault in `root`; `folder` is its cache, None for none. `asked` stands for the state of git's ignore files."""
    kept = index.find(root, folder) if folder is not None else None
    if kept is not None and kept.head.asked == asked:
        began = time.time_ns()
        look = Look(root, kept.head.folders, kept.head.count)
        known = kept.open()
        listings = look.listings()
        if known is not None and (opened := _brought_up(known, listings, began, ask)) is not None:
            return opened
    return _read_all(root, folder, ask, asked, tell)


def _brought_up(known: Index, looked: walk.Listings, began: int, ask: Ask) -> Opened | None:
    """The cached vault with what differs read again; None where it pays to read everything."""
    head = known.head
    assert head is not None, "an opened cache has a head"  # noqa: S101
    ignored = frozenset(head.ignored)
    listings = with_new_folders(known.root, known.listings, looked, ignored)
    if grown := bool(listings.keys() - known.listings.keys()):  # git may ignore the new folders
        ignored = ask()
        listings = with_new_folders(known.root, known.listings, looked, ignored)
    differs = difference(known.listings, listings)
    if differs.odd or CONFIG_NAME in differs.paths or len(differs.paths) * HALF > head.count:
        return None
    stale = grown or len(differs.paths) > max(FEW, head.count // 500)
    if stale and len(head.segments) >= index.MOST:
        return None
    vault = Vault(Shelf(known.rows, known.make), parse_config(head.toml))
    if differs.paths:
        vault = vault.apply(_texts(known.root, differs.paths, ignored))
    seen = Seen(listings, began, head.toml, ignored, head.asked)
    if stale:
        index.keep(known, vault, seen)
    return Opened(vault, seen, cold=False)


def _texts(root: Path, paths: frozenset[str], ignored: frozenset[str]) -> dict[str, str | Unread | None]:
    tree = files.read_paths(root, paths, ignored=ignored)
    found: dict[str, str | Unread | None] = dict.fromkeys(paths)
    found.update(tree.texts)
    found.update({unread.path: unread for unread in tree.unread})
    return found


def _read_all(root: Path, folder: Path | None, ask: Ask, asked: str, tell: Tell) -> Opened:
    from planner.store import cold

    ignored = ask()
    began = time.time_ns()
    listings = walk.walk(os.path.realpath(root), ignored)
    toml = files.read_paths(root, [CONFIG_NAME]).texts.get(CONFIG_NAME)
    config = parse_config(toml)
    seen = Seen(listings, began, toml, ignored, asked)
    count = sum(listing.count(b".md") for listing in listings.values())
    shelf: Shelf | None = None
    if folder is not None and count >= WORTH_KEEPING and _usable(folder):
        with contextlib.suppress(OSError):  # a full disk, say: the files are read all the same
            shelf = _read_and_kept(Index(root, folder), config, seen, tell)
    if shelf is None:
        share, _ = cold.read(root, listings, config, None, tell)
        shelf = Shelf(dict(sorted(share.rows.items())), share.made.__getitem__, share.made)
    return Opened(Vault(shelf, config), seen, cold=True)


def _read_and_kept(wish: Index, config: Config, seen: Seen, tell: Tell) -> Shelf:
    """Every file read, by way of a new cache; raises OSError where that cannot be written."""
    from planner.store import cold

    assert wish.folder is not None, "only a cache with a folder is written"  # noqa: S101
    share, segments = cold.read(wish.root, seen.listings, config, wish.folder, tell)
    places = dict(zip(share.rows, share.places, strict=True))
    rows = dict(sorted(share.rows.items()))
    try:
        return Shelf(rows, index.write(wish, rows, places, segments, seen).make)
    except OSError:
        index.remove(wish.folder / name for name in segments)
        raise


def _usable(folder: Path) -> bool:
    """Whether a cache can be written there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
