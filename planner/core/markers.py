"""Git's conflict markers: three versions of a text in one, and a marked text taken apart into its versions again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from planner.core.merge import Favor, FieldConflict, Merged, Side, always, merge_texts
from planner.core.merge_body import split_lines
from planner.core.pattern import later

LABELS = ("base", "ours", "theirs")
SIZE = 7

_MARKER = later(r"(<{7,}|\|{7,}|={7,}|>{7,})(?:[ \t][^\n]*)?\r?\n?\Z")


class Versions(NamedTuple):
    """Three versions of a text; `base` None where both sides made the file."""

    base: str | None
    ours: str
    theirs: str

    def merged(self, favor: Favor) -> Merged:
        """The three as one, with the side in favour wherever they disagree."""
        return merge_texts(base=self.base, ours=self.ours, theirs=self.theirs, favor=favor)

    @property
    def conflicts(self) -> tuple[FieldConflict, ...]:
        """What both sides changed, each in its own way."""
        return self.merged(always(Side.OURS)).conflicts


def merge_with_markers(versions: Versions, size: int = SIZE, labels: Sequence[str] = LABELS) -> Merged:
    """The merge as git leaves it to people: all that merges is merged, the rest stands between markers.

    The three renderings of one merge differ only where the sides disagree, so that is where the markers go.
    """
    merged = versions.merged(always(Side.OURS))
    if not merged.conflicts:
        return merged
    base, theirs = (versions.merged(always(side)).text for side in (Side.BASE, Side.THEIRS))
    return Merged(_woven(base, merged.text, theirs, size, labels), merged.conflicts)


def _woven(base: str, ours: str, theirs: str, size: int, labels: Sequence[str]) -> str:
    from merge3 import Merge3

    texts = split_lines(base), split_lines(ours), split_lines(theirs)
    newline = "\r\n" if "\r\n" in ours else "\n"
    old, mine, other = ((f"{mark * size} {label}{newline}") for mark, label in zip("|<>", labels, strict=True))
    lines: list[str] = []
    at = (0, 0, 0)
    for region in Merge3(texts[0], texts[1], texts[2]).find_sync_regions():
        starts, ends = region[::2], region[1::2]
        parts = [_ended(text[a:b], newline) for text, a, b in zip(texts, at, starts, strict=True)]
        if any(parts):
            lines += [mine, *parts[1], old, *parts[0], f"{'=' * size}{newline}", *parts[2], other]
        lines += texts[1][starts[1] : ends[1]]
        at = ends
    return "".join(lines)


def _ended(lines: list[str], newline: str) -> list[str]:
    """The lines with a break after the last one too, or the marker after it would be no line."""
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else lines[-1] + newline] if lines else []


def versions_of(text: str) -> Versions | None:
    """The versions a marked text holds; None where it has no markers, or none that fit together.

    Markers of another size inside a conflict belong to its content, as git nests them. Where no `|||||||` tells what
    stood there before, what both sides have in common is the base.
    """
    if "<<<<<<<" not in text:
        return None
    parts: tuple[list[str], list[str], list[str]] = ([], [], [])
    size, inside, found = 0, "", False
    for line in split_lines(text):
        mark = _MARKER.match(line) if line[:7] in {"<" * 7, "|" * 7, "=" * 7, ">" * 7} else None
        kind = mark[1][0] if mark and (not size or len(mark[1]) == size) else ""
        if kind == "<" and not inside and mark:
            size, inside, found = len(mark[1]), "<", True
        elif kind == "|" and inside == "<":
            inside = "|"
        elif kind == "=" and inside in {"<", "|"} and _is_middle(line):
            inside = "="
        elif kind == ">" and inside == "=":
            size, inside = 0, ""
        else:
            for part, marks in zip(parts, ("|", "<", "="), strict=True):
                part.extend([line] * (inside in {"", marks}))
    if inside or not found:
        return None
    base, ours, theirs = ("".join(part) for part in parts)
    return Versions(base, ours, theirs)


def _is_middle(line: str) -> bool:
    return re.fullmatch(r"=+\r?\n?", line) is not None
