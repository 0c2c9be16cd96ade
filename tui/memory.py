"""When the collector of cycles may run: never through all of a big vault while somebody types.

A full collection visits every object that is held: a third of a second at a hundred thousand items, in which no key is
answered. What a page is made of is held long and frees itself when it is replaced, by its counts of references; so the
collector is held back while something big is made, and then told to leave it alone (`gc.freeze`). What it misses by
that, cycles that were already garbage then, it finds when nobody has pressed a key for a while.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

BIG = 5_000  # files of a vault, from which on a full collection would be felt
OFTEN = 20  # times something was kept, after which a thorough collection is worth it
QUIET = 20.0  # seconds without a key before it


class Memory:
    """Holds the collector back; all methods are for the screen's thread. It is at rest until `start` is called."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now  # seconds
        self._on = False
        self._making = 0
        self._kept = 0
        self._last_key = now()

    def start(self) -> None:
        """Leave alone what has been read, and collect from now on."""
        self._on = True
        gc.freeze()
        if not self._making:
            gc.enable()

    def key(self) -> None:
        """Somebody is at work."""
        self._last_key = self._now()

    def hold(self, files: int) -> bool:
        """Something is about to be made of a vault of so many files; say whether `keep` is to be called at its end."""
        if files < BIG:
            return False
        self._making += 1
        if self._on:
            gc.disable()
        return True

    def keep(self) -> None:
        """It is made, and stays for a while."""
        self._making -= 1
        if self._on and not self._making:
            gc.freeze()
            gc.enable()
            self._kept += 1

    def tidy(self) -> bool:
        """Collect thoroughly, if it is time and nobody waits; say whether it was done."""
        if not self._on or self._kept < OFTEN or self._making or self._now() - self._last_key < QUIET:
            return False
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._kept = 0
        return True
