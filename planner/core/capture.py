"""Quick capture: a line of words to a title and what the words around it say, losing none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from planner.core.dates import leading_date, trailing_date
from planner.core.fields import read_level
from planner.core.pattern import later
from planner.core.record import dataclass
from planner.core.recurrence import Recurrence, parse_recurrence
from planner.core.values import When, parse_estimate, when_text

LEVELS = ("urgent", "high", "medium", "low")

DATE_KEYS = {"due": "due", "on": "scheduled", "scheduled": "scheduled", "wait": "wait", "deadline": "deadline"}
"""Keys before a date phrase of one or more words, and the field that it sets."""

_SIGILS = {"tag": "#", "tags": "#", "assignee": "@", "priority": "!", "estimate": "~"}
_PROJECT_KEYS = frozenset({"p", "project"})
_MANY = frozenset({"tags", "assignee"})
_MAX_REPEAT_WORDS = 8
_TAG = later(r"#(?![\d.-]+$)([^\s#@!~,;:?\"'`()\[\]{}<>]*[^\s#@!~,;:?\"'`()\[\]{}<>.])")
_PERSON = later(r"@\w(?:[\w.-]*\w)?")
_KEY = later(r"([A-Za-z_][\w-]*):(?!//)(.*)", re.DOTALL)


class Understood(NamedTuple):
    """One thing that was understood: the field, the words as typed, and what they were taken for."""

    name: str
    text: str
    resolved: str


@dataclass(frozen=True, slots=True)
class Capture:
    """What a line says; `title` is empty when every word was understood as something else."""

    title: str
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    priority: str | None = None
    project: str | None = None
    due: When | None = None
    scheduled: When | None = None
    recurrence: Recurrence | None = None
    estimate: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Pairs of a field's name and its text, for the fields that the caller named."""
    understood: tuple[Understood, ...] = ()


def parse_capture(
    text: str,
    today: date,
    *,
    levels: Sequence[str] = LEVELS,
    fields: frozenset[str] = frozenset(),
    first_day_of_week: int = 0,
) -> Capture:
    """What a captured line says; never raises, and a word that is not understood stays in the title.

    `#tag @person !high p:project ~30m` and `field:value` (of the given `fields`) count anywhere, as do date words
    after `due:` and `on:` (scheduled) and a phrase after `every`; bare date words count at the end only and mean `due`.
    A backslash in front makes a word plain: `\\#1`, `\\fri`. A second value for a field that takes one stays in the title.
    """
    line = _Line(today, tuple(levels), fields, first_day_of_week)
    title, pieces = _split(text.split(), line)
    if not any(piece.name == "due" for piece in pieces):
        title, pieces = _bare_date(title, pieces, line)
    own = {"tags", "assignee", "priority", "project", "due", "scheduled", "recurrence", "estimate"}
    return Capture(
        title=" ".join(_unescaped(title, line)),
        tags=tuple(dict.fromkeys(_all(pieces, "tags", str))),
        people=tuple(dict.fromkeys(_all(pieces, "assignee", str))),
        priority=next(_all(pieces, "priority", str), None),
        project=next(_all(pieces, "project", str), None),
        due=next(_all(pieces, "due", date), None),
        scheduled=next(_all(pieces, "scheduled", date), None),
        recurrence=next(_all(pieces, "recurrence", Recurrence), None),
        estimate=next(_all(pieces, "estimate", str), None),
        extra=tuple((piece.name, piece.resolved) for piece in pieces if piece.name not in own),
        understood=tuple(Understood(piece.name, piece.text, piece.resolved) for piece in pieces),
    )


class _Line(NamedTuple):
    """What the words of a line are read against."""

    today: date
    levels: tuple[str, ...]
    fields: frozenset[str]
    first_day_of_week: int


class _Piece(NamedTuple):
    """So many words, understood as the value of a field."""

    name: str
    text: str
    size: int
    value: str | When | Recurrence

    @property
    def resolved(self) -> str:
        if isinstance(self.value, Recurrence):
            return self.value.describe()
        return self.value if isinstance(self.value, str) else when_text(self.value)


_T = TypeVar("_T", str, date, Recurrence)


def _all(pieces: list[_Piece], name: str, kind: type[_T]) -> Iterator[_T]:
    return (piece.value for piece in pieces if piece.name == name and isinstance(piece.value, kind))


def _split(words: list[str], line: _Line) -> tuple[list[str], list[_Piece]]:
    """The words of the title, still escaped, and the pieces understood between them."""
    title: list[str] = []
    pieces: list[_Piece] = []
    at = 0
    while at < len(words):
        piece = _piece(words[at : at + _MAX_REPEAT_WORDS], line)
        if piece is None or (piece.name not in _MANY and any(piece.name == known.name for known in pieces)):
            title.append(words[at])
            at += 1
        else:
            pieces.append(piece)
            at += piece.size
    return title, pieces


def _bare_date(title: list[str], pieces: list[_Piece], line: _Line) -> tuple[list[str], list[_Piece]]:
    """Takes a date phrase off the end of the title."""
    found = trailing_date(title, line.today, line.first_day_of_week)
    if found is None:
        return title, pieces
    count, when, text = found
    return title[:-count], [*pieces, _Piece("due", text, count, when)]


def _unescaped(title: list[str], line: _Line) -> Iterator[str]:
    """The words without the backslash of those that would have been understood without it."""
    for at, word in enumerate(title):
        plain = [word[1:], *title[at + 1 : at + _MAX_REPEAT_WORDS]]
        escaped = word[:1] == "\\" != word and (
            word[1:2] in ("#", "@", "!", "~")
            or _piece(plain, line) is not None
            or leading_date(plain, line.today, line.first_day_of_week) is not None
        )
        yield word[1:] if escaped else word


def _piece(words: Sequence[str], line: _Line) -> _Piece | None:
    """What the words begin with, if that is understood."""
    word = words[0]
    if word.casefold() == "every":
        return _longest_rule(words)
    key = _KEY.fullmatch(word)
    if key is None:
        return _marked(word[:1], word[1:], word, line)
    name = key[1].lower()
    if name in _SIGILS:
        return _marked(_SIGILS[name], key[2], word, line)
    if name in _PROJECT_KEYS:
        return _Piece("project", word, 1, key[2]) if key[2] else None
    if name == "recurrence":
        return _rule(key[2], word)
    if name in DATE_KEYS:
        return _keyed_date(DATE_KEYS[name], [key[2], *words[1:]], word, line)
    return _Piece(name, word, 1, key[2]) if name in line.fields and key[2] else None


def _marked(sigil: str, rest: str, word: str, line: _Line) -> _Piece | None:
    """A word behind one of the signs `# @ ! ~`."""
    if sigil == "#" and _TAG.fullmatch(f"#{rest}"):
        return _Piece("tags", word, 1, rest)
    if sigil == "@" and _PERSON.fullmatch(f"@{rest}"):
        return _Piece("assignee", word, 1, rest)
    if sigil == "!" and rest.isascii():
        level = read_level(rest, line.levels)
        return _Piece("priority", word, 1, level) if level else None
    if sigil == "~":
        try:
            return _Piece("estimate", word, 1, str(parse_estimate(rest)))
        except ValueError:
            return None
    return None


def _keyed_date(name: str, words: list[str], word: str, line: _Line) -> _Piece | None:
    """A date phrase after its key; the first word is empty where a space follows the colon."""
    if name not in ("due", "scheduled") and name not in line.fields:
        return None
    spaced = not words[0]
    found = leading_date(words[1:] if spaced else words, line.today, line.first_day_of_week)
    if found is None:
        return None
    count = found[0] + spaced
    return _Piece(name, " ".join([word, *words[1:count]]), count, found[1])


def _longest_rule(words: Sequence[str]) -> _Piece | None:
    """The longest phrase from `every` on that is a rule."""
    phrases = (" ".join(words[:size]) for size in range(len(words), 1, -1))
    return next((piece for text in phrases if (piece := _rule(text, text))), None)


def _rule(text: str, typed: str) -> _Piece | None:
    try:
        return _Piece("recurrence", typed, len(typed.split()), parse_recurrence(text))
    except ValueError:
        return None
