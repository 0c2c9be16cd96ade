"""Key sequences such as `g b`: strokes go in one by one, and out comes a binding, a wait, or nothing.

Deliberately no counts (`3j`): digits switch views. Deliberately no clock: a begun chord waits for ever, and when to
show its options is the screen's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from planner.core.record import dataclass

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Match(Generic[B]):
    """The chord is complete."""

    chord: str
    binding: B


@dataclass(frozen=True, slots=True)
class Pending(Generic[B]):
    """The chord has begun; `options` says what each way to finish it means."""

    begun: str
    options: Mapping[str, B]


@dataclass(frozen=True, slots=True)
class Miss:
    """No chord goes like this; what was begun is forgotten."""

    chord: str


class Resolver(Generic[B]):
    """Resolves strokes against the bindings of one context; its only state is the chord begun so far.

    A chord that is bound matches at once, even where a longer one begins with it (`keys.conflicts` finds those).
    """

    def __init__(self, bindings: Mapping[str, B]) -> None:
        self._bindings = bindings
        self._begun = ""

    @property
    def begun(self) -> str:
        """The strokes of the unfinished chord, apart by blanks; empty if none."""
        return self._begun

    def press(self, stroke: str) -> Match[B] | Pending[B] | Miss:
        """Take one stroke; an escape within a chord only leaves the chord."""
        chord = f"{self._begun} {stroke}".lstrip()
        self._begun = ""
        if (binding := self._bindings.get(chord)) is not None:
            return Match(chord, binding)
        options = self._options(chord)
        if not options:
            return Miss(chord)
        self._begun = chord
        return Pending(chord, options)

    def reset(self) -> None:
        """Forget what was begun, as when the focus goes elsewhere."""
        self._begun = ""

    def _options(self, begun: str) -> dict[str, B]:
        start = f"{begun} "
        return {chord.removeprefix(start): what for chord, what in self._bindings.items() if chord.startswith(start)}
