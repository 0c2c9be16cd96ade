"""The collector waits while something big is made and while somebody types, and is thorough when nobody does."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.memory import BIG, OFTEN, QUIET, Memory


class Cycle:
    """Something that only the collector frees."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def clock() -> Iterator[list[float]]:
    """The seconds a Memory reads; the collector is as before in the end."""
    gc.collect()
    yield [100.0]
    gc.unfreeze()
    gc.enable()


def test_it_is_at_rest_until_it_is_started(clock: list[float]) -> None:
    one = Memory(lambda: clock[0])
    frozen = gc.get_freeze_count()
    for _ in range(OFTEN):
        one.hold(BIG)
        one.keep()
    one.hold(BIG)
    clock[0] += QUIET
    assert not one.tidy()
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, frozen)
    gc.disable()  # as at the start of the program
    one.start()
    assert not gc.isenabled()
    one.keep()
    assert gc.isenabled()


def test_the_collector_runs_as_ever_for_a_small_vault(clock: list[float]) -> None:
    one = Memory(lambda: clock[0])
    one.start()
    assert not one.hold(BIG - 1)
    assert gc.isenabled()


def test_what_is_big_is_made_without_the_collector_and_then_left_alone_by_it(clock: list[float]) -> None:
    one = Memory(lambda: clock[0])
    one.start()
    assert one.hold(BIG)
    assert one.hold(BIG)
    made = [Cycle() for _ in range(100)]
    one.keep()
    assert not gc.isenabled()
    before = gc.get_freeze_count()
    one.keep()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_it_is_thorough_only_after_much_and_when_nobody_types(clock: list[float]) -> None:
    one = Memory(lambda: clock[0])
    one.start()
    garbage = []
    for _ in range(OFTEN):
        one.hold(BIG)
        garbage.append(weakref.ref(Cycle()))
        one.keep()
        one.key()
    gc.collect()
    assert all(found() is not None for found in garbage)
    clock[0] += QUIET - 1
    assert not one.tidy()
    clock[0] += 1
    one.hold(BIG)
    assert not one.tidy()
    one.keep()
    assert one.tidy()
    assert not any(found() is not None for found in garbage)
    assert not one.tidy()
