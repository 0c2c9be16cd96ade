"""What the system sends: a hang-up or the wish to end is heard as `q`, so that terminal and files are left clean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable
from threading import Thread

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
BASE = 128
"""A program that a signal ends has this and the signal's number as exit code."""


def listen(end: Callable[[int], object]) -> Callable[[], None]:
    """Call `end` with the exit code, in the running loop, when the system ends the program; returns the way to stop.

    So it is where the terminal goes away. Where the loop cannot hear signals (Windows, or not the main thread) they do what they always do.
    """
    loop = asyncio.get_running_loop()
    heard: list[signal.Signals] = []
    for one in ENDING:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(one, end, BASE + one)
            heard.append(one)

    unwatch = _watch_terminal(lambda: loop.call_soon_threadsafe(end, BASE + ENDING[-1]))

    def stop() -> None:
        unwatch()
        for one in heard:
            loop.remove_signal_handler(one)

    return stop


def _watch_terminal(gone: Callable[[], object]) -> Callable[[], None]:
    """Call `gone`, in a thread, when there is no terminal any more; returns the way to stop.

    The system tells a hang-up to the leader of the session alone: under `make` or a script the program has to look.
    """
    terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
    if not hasattr(select, "poll") or not os.isatty(terminal):
        return lambda: None
    stopped, stopper = os.pipe()
    poll = select.poll()
    poll.register(terminal, 0)  # a hang-up is told unasked, and nothing else
    poll.register(stopped, 0)

    def wait() -> None:
        found = dict(poll.poll())
        os.close(stopped)
        if found.get(terminal, 0) & (select.POLLHUP | select.POLLERR) and stopped not in found:
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                gone()

    Thread(target=wait, name="planner-terminal", daemon=True).start()
    return lambda: os.close(stopper)
