"""Which of many rows a few typed letters mean: words anywhere, else letters in their order."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from typing import Protocol, TypeVar


class Searched(Protocol):
    """Anything with a text to search in."""

    @property
    def searched(self) -> str:
        """The text, in lower case."""


R = TypeVar("R", bound=Searched)


def best(text: str, rows: Iterable[R], limit: int = 200) -> list[R]:
    """The rows that fit, the nearest first and equals in their order; all of them (up to the limit) for no text."""
    words = text.casefold().split()
    scored = (
        (score, number, row) for number, row in enumerate(rows) if (score := rank(words, row.searched)) is not None
    )
    return [row for _, _, row in nsmallest(limit, scored, key=lambda found: found[:2])]


def rank(words: list[str], text: str) -> int | None:
    """How far the words are from a text: 0 as its beginning, 1 at beginnings of words, 2 inside; more by letters."""
    if all(word in text for word in words):
        if text.startswith(" ".join(words)):
            return 0
        return 1 if all(text.startswith(word) or f" {word}" in text for word in words) else 2
    return _gaps("".join(words), text)


def _gaps(letters: str, text: str) -> int | None:
    """3 and how many other letters lie between these, where they stand in this order; None where they do not."""
    first = at = text.find(letters[0])
    for letter in letters[1:]:
        if at < 0:
            return None
        at = text.find(letter, at + 1)
    return 3 + at - first + 1 - len(letters) if at >= 0 else None
