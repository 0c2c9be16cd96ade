"""What the system sends: a hang-up or the wish to end is heard as `q`, so that terminal and files are left clean."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
BASE = 128
"""A program that a signal ends has this and the signal's number as exit code."""


def listen(end: Callable[[int], object]) -> Callable[[], None]:
    """Call `end` with the exit code, in the running loop, when the system ends the program; returns the way to stop.

    Where the loop cannot hear signals (Windows, or not the main thread) they do what they always do.
    """
    loop = asyncio.get_running_loop()
    heard: list[signal.Signals] = []
    for one in ENDING:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(one, end, BASE + one)
            heard.append(one)

    def stop() -> None:
        for one in heard:
            loop.remove_signal_handler(one)

    return stop
