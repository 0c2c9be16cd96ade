"""Names that never collide by accident: ids, slugs, file names and the shortest prefix that still tells one item."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from planner.core.pattern import later

if TYPE_CHECKING:
    from random import Random

ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
"""No vowels and no look-alikes: an id is never a word, a YAML number or misread aloud."""

ID_LENGTH = 6
MAX_FOREIGN_ID = 64
MAX_FILENAME = 100

_LETTERS = ALPHABET.lstrip("0123456789")
_OWN_ID = later(f"[{_LETTERS}][{ALPHABET}]{{{ID_LENGTH - 1}}}", re.IGNORECASE)
_ANY_ID = later(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_OCCURRENCE = later(r".+-\d{4}-\d{2}-\d{2}", re.ASCII)
_NOT_SLUG = later(r"[^a-z0-9]+")
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d"}
)
_RESERVED = frozenset({"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)})


def new_id(random: Random, taken: Callable[[str], bool]) -> str:
    """A fresh id of six characters, the first a letter; drawn again while `taken` says that it exists."""
    while True:
        drawn = random.choice(_LETTERS) + "".join(random.choices(ALPHABET, k=ID_LENGTH - 1))
        if not taken(drawn):
            return drawn


def is_own_id(text: str) -> bool:
    """Whether the text has the shape of an id that `new_id` draws, in any case."""
    return _OWN_ID.fullmatch(text) is not None


def is_id_shape(text: str) -> bool:
    """Whether the text can be an id at all, ours or foreign (`BACK-12`): at most 64 of `A-Z a-z 0-9 _ . -`."""
    return len(text) <= MAX_FOREIGN_ID and _ANY_ID.fullmatch(text) is not None


def is_occurrence_id(text: str) -> bool:
    """Whether the id is one occurrence of a recurring item: `<id>-YYYY-MM-DD`."""
    return _OCCURRENCE.fullmatch(text) is not None


def slug(title: str, limit: int = 60) -> str:
    """The title as at most `limit` characters of `a-z 0-9 -`, cut between words; empty when nothing of it is Latin."""
    latin = title[:1000].lower() if title.isascii() else _spelled_out(title[:1000])
    text = _NOT_SLUG.sub("-", latin).strip("-")
    if text in _RESERVED:
        text += "-item"
    return _cut(text, limit)


def _spelled_out(title: str) -> str:
    """The lower-case ASCII letters of a title, accents dropped and umlauts written as two letters."""
    import unicodedata

    spelled = unicodedata.normalize("NFC", title).lower().translate(_SPELLED)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii").lower()


def filename(title: str, id: str) -> str:  # noqa: A002 - the domain's own word
    """The file of a new item, `<slug>-<id>.md`, at most 100 bytes; raises ValueError when `id` is no id."""
    if not is_id_shape(id):
        raise ValueError(f"expected an id such as k7f3qx, not {id[:40]!r}")
    words = slug(title, MAX_FILENAME - len(f"-{id}.md"))
    return f"{words}-{id}.md" if words else f"{id}.md"


class UniquePrefixes(Mapping[str, int]):
    """For each id the length of the shortest prefix that only it has, case-insensitively; worked out when asked for.

    An id that is itself the beginning of another needs its whole length (an exact id beats a prefix);
    so do occurrence ids, which never make another id's prefix longer.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = dict.fromkeys(ids)
        self._sorted = sorted({text.lower() for text in self._ids if not is_occurrence_id(text)})

    def __getitem__(self, id_: str) -> int:
        if id_ not in self._ids:
            raise KeyError(id_)
        text, ids = id_.lower(), self._sorted
        place = bisect_left(ids, text)
        if place == len(ids) or ids[place] != text:
            return len(id_)
        near = (*ids[max(0, place - 1) : place], *ids[place + 1 : place + 2])
        return min(max((_shared(text, other) + 1 for other in near), default=1), len(id_))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def _shared(left: str, right: str) -> int:
    for position, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return position
    return min(len(left), len(right))


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending at a word's end when the first word fits."""
    if len(text) <= limit:
        return text
    whole_words = text[: limit + 1].rpartition("-")[0]
    return (whole_words or text[:limit]).strip("-")
