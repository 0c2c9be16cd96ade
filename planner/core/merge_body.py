"""Three versions of a Markdown body made one: by lines, but ticks apart from their lines and log entries as a union."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import IntEnum
from heapq import merge as merge_sorted
from itertools import chain, pairwise, takewhile
from typing import NamedTuple, TypeAlias, TypeVar

from planner.core.pattern import later
from planner.core.record import dataclass

T = TypeVar("T")

_STEP = later(r"(?P<lead>[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)(?P<mark>[ xX])\](?P<text>(?:[ \t][^\n]*)?)\n?\Z")
_FENCE = later(r" {0,3}(`{3,}|~{3,})")
_HEADING = later(r"#{1,2}[ \t]+(.*?)[ \t]*#*[ \t\r]*\n?\Z")
_ENTRY = later(r"-[ \t]+(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:[ \t]+([^\s:]+))?:")


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """What both sides changed, each in its own way; None: that side does not have it.

    `field` is a frontmatter key's canonical name, `checklist`, `log` or `body`. For the last three the values are
    the contested lines, each with its line break (LF); one conflict a place.
    """

    field: str
    base: str | None
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text and what could not be merged: there the text says what the side in favour says."""

    text: str
    conflicts: tuple[FieldConflict, ...] = ()


class Side(IntEnum):
    """A version of the file, as an index into (base, ours, theirs)."""

    BASE = 0
    OURS = 1
    THEIRS = 2


Favor: TypeAlias = Callable[[str], Side]
"""Which version a conflict of a field leaves in the text."""


def always(side: Side) -> Favor:
    """The same version in every conflict."""
    return lambda _field: side


OURS_FIRST = always(Side.OURS)


def three_way(base: T, ours: T, theirs: T) -> T | None:
    """The scalar rule: what one side alone or both sides alike made of it, None where they disagree."""
    if theirs in (base, ours):
        return ours
    return theirs if ours == base else None


def split_lines(text: str) -> list[str]:
    """Lines with their `\\n`; nothing else ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


class Clash(NamedTuple):
    """The lines of one place that both sides changed."""

    base: Sequence[str]
    ours: Sequence[str]
    theirs: Sequence[str]

    def conflict(self, field: str) -> FieldConflict:
        return conflict(field, *("".join(lines) for lines in self))


def conflict(field: str, base: str, ours: str, theirs: str) -> FieldConflict:
    """A conflict of texts; an empty one is one that is not there."""
    return FieldConflict(field, base or None, ours or None, theirs or None)


def merge_lines(
    base: Sequence[str],
    ours: Sequence[str],
    theirs: Sequence[str],
    key: Callable[[str], str] = str,
    favor: Callable[[Clash], Side] = lambda _clash: Side.OURS,
    both: Callable[[Clash], list[str] | None] = lambda _clash: None,
) -> tuple[list[str], list[Clash]]:
    """The classic three-way merge of lines that are the same if their keys are; a clash keeps the lines in favour.

    `both` may know lines that say what both sides of a place say: then that is no clash.
    """
    from merge3 import Merge3

    merge: Merge3[str] = Merge3(
        [key(line) for line in base], [key(line) for line in ours], [key(line) for line in theirs]
    )
    lines: list[str] = []
    clashes: list[Clash] = []
    for region in merge.merge_regions():
        if region[0] == "conflict":
            _, *ends = region
            clash = Clash(base[ends[0] : ends[1]], ours[ends[2] : ends[3]], theirs[ends[4] : ends[5]])
            if (united := both(clash)) is None:
                clashes.append(clash)
                united = list(clash[favor(clash)])
            lines += united
        else:
            source = {"unchanged": base, "b": theirs}.get(region[0], ours)
            lines += source[region[1] : region[2]]
    return lines, clashes


def merge_body(base: str, ours: str, theirs: str, *, favor: Favor = OURS_FIRST) -> Merged:
    """Three bodies, LF and with a final line break each, as one; the log is told apart where that is safe."""
    if (text := three_way(base, ours, theirs)) is not None:
        return Merged(text)
    old, mine, other = parts = [_parts(text) for text in (base, ours, theirs)]
    in_all = all(part.heading for part in parts)
    new_at_end = (mine.heading or other.heading) and not old.heading and not any(part.rest for part in parts)
    twice = any(_is_log(line) for part in parts for line in split_lines(part.rest))
    if twice or not (in_all or new_at_end) or any(_FENCE.match(line) for part in parts for line in part.log_lines):
        return merge_steps(base, ours, theirs, favor)
    head = merge_steps(old.head, mine.head, other.head, favor)
    log = _merge_log(old, mine, other, favor)
    rest = merge_steps(old.rest, mine.rest, other.rest, favor)
    gap = _blank(old.gap, mine.gap, other.gap)
    end = _blank(old.end, mine.end, other.end)
    text = "".join((head.text, gap, log.text, end, rest.text))
    return Merged(text, (*head.conflicts, *log.conflicts, *rest.conflicts))


def _blank(base: str, ours: str, theirs: str) -> str:
    """Blank lines, which are nobody's loss: of two changes the greater, whoever merges."""
    merged = three_way(base, ours, theirs)
    return max(ours, theirs) if merged is None else merged


# -- Checklists --------------------------------------------------------------------------------------------------------


def merge_steps(base: str, ours: str, theirs: str, favor: Favor = OURS_FIRST) -> Merged:
    """Lines merged as if no box was ticked, and the ticks by themselves, each known by its text and which of its kind.

    Where a tick meets a deletion or a new wording, ticks are compared as part of their lines, and it is reported.
    New steps that both sides put at one place are all kept.
    """
    if (text := three_way(base, ours, theirs)) is not None:
        return Merged(text)
    versions = [split_lines(text) for text in (base, ours, theirs)]
    old, mine, other = (_ticks(lines) for lines in versions)
    ticks: dict[str, str] = {}
    contested: list[str] = []
    for text in dict.fromkeys((*old, *mine, *other)):
        merged = _merge_ticks(old.get(text, ""), mine.get(text, ""), other.get(text, ""))
        if merged is None:
            contested.append(text)
        else:
            ticks[text] = merged

    def unticked(line: str) -> str:
        step = _STEP.match(line)
        return line if step is None or step["text"].strip() in contested else _ticked(line, step, " ")

    lines, clashes = merge_lines(
        versions[0], versions[1], versions[2], unticked, lambda clash: favor(_field(clash)), _apart
    )
    shown = {text for clash in clashes for lines_ in clash for text in _ticks(lines_)}
    found = _ticks(lines)
    moved = any(len(found.get(text, "")) != len(marks) and text not in shown for text, marks in ticks.items())
    if moved or not shown.issuperset(contested):  # moved twice, or one of equal steps ticked: nobody knows which
        kept = (base, ours, theirs)[favor("checklist")]
        return Merged(kept, (conflict("checklist", base, ours, theirs),))
    conflicts = [clash.conflict(_field(clash)) for clash in clashes]
    settled = {text: marks for text, marks in ticks.items() if len(found.get(text, "")) == len(marks)}
    return Merged("".join(_with_ticks(lines, settled)), tuple(conflicts))


def _ticks(lines: Sequence[str]) -> dict[str, str]:
    """The marks of every step, by its text, in their order."""
    ticks: dict[str, str] = {}
    for line in lines:
        if step := _STEP.match(line):
            text = step["text"].strip()
            ticks[text] = ticks.get(text, "") + step["mark"]
    return ticks


def _merge_ticks(base: str, ours: str, theirs: str) -> str | None:
    """The scalar rule mark by mark; None where one side changed marks and the other how many there are."""
    if (marks := three_way(base.lower(), ours.lower(), theirs.lower())) is not None:
        return marks
    if not len(base) == len(ours) == len(theirs):
        return None
    return "".join(three_way(*marks) or "x" for marks in zip(base.lower(), ours.lower(), theirs.lower(), strict=True))


def _with_ticks(lines: Sequence[str], ticks: dict[str, str]) -> list[str]:
    seen: Counter[str] = Counter()
    done = []
    for line in lines:
        step = _STEP.match(line)
        text = step["text"].strip() if step else ""
        if step and text in ticks:
            mark = ticks[text][seen[text]]
            seen[text] += 1
            done.append(line if step["mark"].lower() == mark else _ticked(line, step, mark))
        else:
            done.append(line)
    return done


def _ticked(line: str, step: re.Match[str], mark: str) -> str:
    return line[: step.start("mark")] + mark + line[step.end("mark") :]


def _apart(clash: Clash) -> list[str] | None:
    """What both sides say of one place if that is steps alone: each put some in, or one did and the other took some out.

    New ones stand each side's in its own order, else by their words. None where a step may be what another was before.
    """
    base, ours, theirs = clash
    same = 0 if base else sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))
    old, mine, other = (_blocks(lines) for lines in (base, ours[same:], theirs[same:]))
    if old is None or mine is None or other is None:
        return None
    if not old:
        twice = set(_ticks(ours[same:])) & set(_ticks(theirs[same:]))
        return None if twice else [*ours[:same], *chain.from_iterable(merge_sorted(mine, other))]
    if len(mine) < len(other):
        mine, other = other, mine
    kept = [block for block in mine if block in old]
    if kept != old or [block for block in old if block in other] != other:
        return None
    return [line for block in mine if block in other or block not in old for line in block]


def _blocks(lines: Sequence[str]) -> list[list[str]] | None:
    """The steps of a place, each with the deeper steps below it; None where there is any other line."""
    blocks: list[list[str]] = []
    depth = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    for line in lines:
        if not _STEP.match(line):
            return None
        if len(line) - len(line.lstrip()) > depth:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _field(clash: Clash) -> str:
    lines = [line for lines in clash for line in lines]
    return "checklist" if all(_STEP.match(line) for line in lines) else "body"


# -- The log -----------------------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """A log entry: its key, which of its equals it is, and its lines."""

    when: str
    who: str
    text: str
    nth: int
    source: str


class _Parts(NamedTuple):
    """A body cut up: what precedes the log, the log, what follows it, and the blank lines between."""

    head: str
    gap: str
    heading: str
    log_lines: Sequence[str]
    end: str
    rest: str


def _parts(body: str) -> _Parts:
    lines = split_lines(body)
    start, stop = _log_section(lines)
    head = _without_blank_end(lines[:start])
    log = _without_blank_end(lines[start:stop])
    return _Parts(
        "".join(head),
        "".join(lines[len(head) : start]),
        "".join(log[:1]),
        log[1:],
        "".join(lines[start + len(log) : stop]),
        "".join(lines[stop:]),
    )


def _log_section(lines: Sequence[str]) -> tuple[int, int]:
    """From the line `## Log` to the next heading of its level; empty and at the end where there is none."""
    begin = len(lines)
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip(" \n\r`~"))):
            fence = "" if fence else mark[1]
        elif not fence and _HEADING.match(line):
            if begin < number:
                return begin, number
            if _is_log(line):
                begin = number
    return begin, len(lines)


def _is_log(line: str) -> bool:
    heading = _HEADING.match(line)
    return heading is not None and heading[1].strip().casefold() == "log"


def _without_blank_end(lines: Sequence[str]) -> Sequence[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _merge_log(base: _Parts, ours: _Parts, theirs: _Parts, favor: Favor) -> Merged:
    sides = (base, ours, theirs)
    if (same := three_way(*("".join((side.heading, *side.log_lines)) for side in sides))) is not None:
        return Merged(same)
    intros, logs = zip(*(_entries(side.log_lines) for side in sides), strict=True)
    intro = merge_steps(intros[0], intros[1], intros[2], favor)
    entries, conflicts = _union(logs[0], logs[1], logs[2], favor("log"))
    heading = three_way(*(side.heading for side in sides)) or ours.heading or theirs.heading
    text = "".join((heading, intro.text, *(entry.source for entry in entries)))
    return Merged(text, (*intro.conflicts, *conflicts))


def _entries(lines: Sequence[str]) -> tuple[str, list[_Entry]]:
    """What stands before the first entry, and the entries; lines after an entry's first are its own."""
    starts = [number for number, line in enumerate(lines) if _ENTRY.match(line)]
    entries: list[_Entry] = []
    seen: Counter[str] = Counter()
    for start, stop in pairwise((*starts, len(lines))):
        source = "".join(lines[start:stop])
        match = _ENTRY.match(source)
        if match is None:  # only for the type: `starts` are the lines that match
            continue
        text = source.strip()
        entries.append(_Entry(match[1].replace("T", " "), match[2] or "", text, seen[text], source))
        seen[text] += 1
    return "".join(lines[: starts[0]] if starts else lines), entries


def _union(
    base: Sequence[_Entry], ours: Sequence[_Entry], theirs: Sequence[_Entry], favor: Side
) -> tuple[list[_Entry], list[FieldConflict]]:
    """Entries of both sides less those that one side took out, by time if the logs are; and those edited twice."""
    old, mine, other = sides = [{entry[:4]: entry for entry in side} for side in (base, ours, theirs)]
    contested = _edited_twice(old, mine, other)
    kept = [
        _spaced(entry, mine[key], other[key])
        for key, entry in old.items()
        if key in mine and key in other and key[:2] not in contested
    ]
    added = {key: entry for key, entry in other.items() if key not in old and key[:2] not in contested}
    added |= {
        key: _spaced(entry, entry, other.get(key, entry))
        for key, entry in mine.items()
        if key not in old and key[:2] not in contested
    }
    added |= {key: entry for key, entry in sides[favor].items() if key[:2] in contested}
    merged = kept + [added[key] for key in sorted(added)]
    logs = [[entry.when for entry in side] for side in (base, ours, theirs)]
    if all(whens == sorted(whens) for whens in logs):
        merged.sort(key=lambda entry: entry.when)
    elif all(whens == sorted(whens, reverse=True) for whens in logs):
        merged.sort(key=lambda entry: entry.when, reverse=True)
    return merged, [
        conflict("log", *("".join(entry.source for entry in side if entry[:2] == who) for side in (base, ours, theirs)))
        for who in contested
    ]


def _spaced(base: _Entry, ours: _Entry, theirs: _Entry) -> _Entry:
    """The entry with the blank lines after it merged; equal entries differ in nothing else."""
    return ours._replace(source=_blank(base.source, ours.source, theirs.source))


_Log = dict[tuple[str, str, str, int], _Entry]


def _edited_twice(base: _Log, ours: _Log, theirs: _Log) -> list[tuple[str, str]]:
    """The times and authors of entries that both sides took out while they put in different ones for them."""
    gone = dict.fromkeys(key[:2] for key in base if key not in ours and key not in theirs)
    return [who for who in gone if _new(ours, base, who) != _new(theirs, base, who)]


def _new(side: _Log, base: _Log, who: tuple[str, str]) -> set[tuple[str, str, str, int]]:
    return {key for key in side if key[:2] == who and key not in base}
