"""Where a file's header is, and what kind: YAML between fences, another format, misplaced, unclosed or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from planner.core.entries import Entry, read_entries
from planner.core.pattern import later
from planner.core.yamltext import CONTROL, HIDDEN, NOT_UTF8, NULLS, SUSPECT, Fault, end_of_line

MAX_TEXT = 2_000_000
MAX_HEADER = 64_000

BREAKING = frozenset(
    {"list-header", "scalar-header", "flow-header", "complex-key", "conflict-markers", "control-character",
     "not-utf8", "too-large", "too-many-entries", "cr-only"}
)  # fmt: skip
"""Faults of a header that make its kind `broken`: its entries are shown and never changed."""
_CHARACTER_WORDS = {
    "not-utf8": "a byte that is not UTF-8",
    "control-character": "a control character",
    "hidden-character": "an invisible or direction-changing character",
}


class Header(NamedTuple):
    """A header's kind, the span of its content between the fences, where the body starts, and what is in it."""

    kind: str
    start: int
    end: int
    body_start: int
    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()


# -- Fences ------------------------------------------------------------------------------------------------------

_OPEN = later(r"---[ \t]*+\r?(?:\n|\Z)")
_CLOSE = later(r"^(-{3,}|\.\.\.)[ \t]*+\r?$", re.MULTILINE)
_ODD_OPEN = later(r"((?:[ \t]*+\r?\n)*+)([ \t]*+)(-{3,})[ \t]*+\r?\n(?=[ \t]*+[A-Za-z_][\w-]*+:(?:[ \t\r\n]|\Z))")
_ODD_CLOSE = later(r"^([ \t]*)(-{3,}|\.\.\.)[ \t]*+\r?$", re.MULTILINE)
_TOML_OPEN = later(r"\+\+\+[ \t]*+\r?\n")
_TOML_CLOSE = later(r"^\+\+\+[ \t]*+\r?$", re.MULTILINE)
_JSON_OPEN = later(r"\{\s*(?:\"|\}|\n)")
_SECOND = later(r"(?:[a-z_][\w-]*+:(?:[ \t][^\n]*+)?\r?\n(?:[ \t]+[^\n]*+\n|-[ ][^\n]*+\n)*+)++---[ \t]*+\r?(?:\n|\Z)")
_CONFLICT_START = later(r"^<{7,}(?:[ \t][^\n]*|\r?$)", re.MULTILINE)
_CONFLICT_MIDDLE = later(r"^={7,}[ \t]*+\r?$", re.MULTILINE)
_CONFLICT_END = later(r"^>{7,}(?:[ \t]|\r?$)", re.MULTILINE)


def read_header(text: str) -> Header:
    """The header of a file's text, whatever the text; the body is not looked at."""
    top = 1 if text[:1] == "\ufeff" else 0
    if len(text) > MAX_TEXT:
        return Header("broken", top, top, top, (), (Fault("too-large", 0, f"more than {MAX_TEXT:,} characters"),))
    opening = _OPEN.match(text, top)
    if opening is None:
        return _odd_header(text, top)
    start = opening.end()
    closing = _closing(text, start)
    if closing is None:
        if "\n" not in text and "\r" in text[top:].rstrip("\r"):
            return Header("broken", top, top, top, (), (Fault("cr-only", top),))
        return Header(
            "unclosed", top, top, top, (), conflict_markers(text, top, len(text)) or (Fault("unclosed-header", top),)
        )
    faults = []
    if len(closing[1]) > 3:
        faults.append(Fault("long-fence", closing.start()))
    elif closing[1] == "...":
        faults.append(Fault("dots-close", closing.start()))
    return _content(text, start, closing.start(), _next_line(text, closing.end()), faults)


def _closing(text: str, start: int) -> re.Match[str] | None:
    end = text.find("\n---", start - 1)
    if end >= 0 and text.find("\n...", start - 1, end) < 0 and (match := _CLOSE.match(text, end + 1)):
        return match
    return _CLOSE.search(text, start)


def _next_line(text: str, end: int) -> int:
    return end + 1 if text[end : end + 1] == "\n" else end


def _odd_header(text: str, top: int) -> Header:
    """What stands where no `---` line opens the file: another kind of header, a misplaced one, or none."""
    none = Header("none", top, top, top)
    if not text[top : top + 4096].strip() and not text[top:].strip():
        return none._replace(faults=(Fault("empty-file", 0),))
    if text.startswith("<<<<<<<", top) and (faults := conflict_markers(text, top, len(text))):
        return none._replace(kind="broken", faults=faults)
    if text.startswith("---\r", top) and "\n" not in text:
        return none._replace(kind="broken", faults=(Fault("cr-only", top),))
    if (opening := _TOML_OPEN.match(text, top)) and (closing := _TOML_CLOSE.search(text, opening.end())):
        body = _next_line(text, closing.end())
        return Header("toml", opening.end(), closing.start(), body, (), (Fault("toml-header", top),))
    if _JSON_OPEN.match(text, top) and (end := _json_end(text, top)):
        body = _next_line(text, end_of_line(text, end))
        return Header("json", top, end, body, (), (Fault("json-header", top),))
    if opening := _ODD_OPEN.match(text, top):
        return _misplaced(text, top, opening) or none
    return none


def _json_end(text: str, start: int) -> int:
    import json

    try:
        return start + json.JSONDecoder().raw_decode(text[start : start + MAX_HEADER])[1]
    except (ValueError, RecursionError):
        return 0


def _misplaced(text: str, top: int, opening: re.Match[str]) -> Header | None:
    """A header that other programs would not see, read all the same."""
    blank, indent, dashes = opening.groups()
    closing = (_ODD_CLOSE if indent else _CLOSE).search(text, opening.end())
    if closing is None:
        return None
    found = (("header-not-first", blank), ("indented-fence", indent), ("long-fence", dashes[3:]))
    faults = [Fault(code, top if code == "header-not-first" else opening.start(3)) for code, there in found if there]
    return _content(text, opening.end(), closing.start(), _next_line(text, closing.end()), faults)


def _content(text: str, start: int, end: int, body: int, faults: list[Fault]) -> Header:
    if end - start > MAX_HEADER:
        faults.append(Fault("too-large", start, f"the header has more than {MAX_HEADER:,} characters"))
        return Header("broken", start, end, body, (), tuple(faults))
    conflict = conflict_markers(text, start, end)
    entries, strays = read_entries(text, start, end, conflict=bool(conflict))
    faults += conflict
    faults += strays if entries else _no_entries(text[start:end], start, strays)
    if has_odd_characters(text, start, end):
        faults.extend(_odd_characters(text, start, end))
    if cuts_short(text, body):
        faults.append(Fault("two-documents", body))
    kind = "broken" if faults and any(fault.code in BREAKING for fault in faults) else "yaml"
    return Header(kind, start, end, body, _without_duplicates(entries), tuple(faults))


def has_odd_characters(text: str, start: int, end: int) -> bool:
    """Whether a header deserves a second look for what cannot be seen in it."""
    return bool(SUSPECT.search(text, start, end)) or text.count("\r", start, end) != text.count("\r\n", start, end)


def cuts_short(text: str, body: int) -> bool:
    """Whether the text that should be the body's goes on as a header does, up to another fence."""
    return _SECOND.match(text, body) is not None


def _no_entries(content: str, start: int, strays: list[Fault]) -> list[Fault]:
    """What a header is that has no key at all."""
    if not strays or content.strip() in NULLS:
        return [Fault("empty-header", start)]
    if strays[0].code != "bad-yaml":
        return strays
    listed = content[strays[0].offset - start] in "-["
    return [Fault("list-header" if listed else "scalar-header", strays[0].offset)]


def conflict_markers(text: str, start: int, end: int) -> tuple[Fault, ...]:
    """Merge markers that begin in text[start:end], in their order; `=======` alone is a heading's underline."""
    if text.find("<<<<<<<", start, end) < 0:
        return ()
    first = _CONFLICT_START.search(text, start, end)
    middle = _CONFLICT_MIDDLE.search(text, first.end()) if first else None
    last = _CONFLICT_END.search(text, middle.end()) if middle else None
    return (Fault("conflict-markers", first.start()),) if first and last else ()


def _odd_characters(text: str, start: int, end: int) -> Iterator[Fault]:
    for code, pattern in (("not-utf8", NOT_UTF8), ("control-character", CONTROL), ("hidden-character", HIDDEN)):
        if match := pattern.search(text, start, end):
            yield Fault(code, match.start(), f"{_CHARACTER_WORDS[code]} (U+{ord(match[0]):04X})")


def _without_duplicates(entries: list[Entry]) -> tuple[Entry, ...]:
    """The entries, those that share a key locked: nobody can say which one is meant."""
    if len({entry.key for entry in entries}) == len(entries):
        return tuple(entries)
    counts = Counter(entry.key for entry in entries)
    seen: set[str] = set()
    marked = []
    for entry in entries:
        if counts[entry.key] == 1:
            marked.append(entry)
            continue
        fault = Fault("duplicate-key", entry.key_offset, f"the key '{entry.key}' stands in the header twice")
        faults = (*entry.faults, fault) if entry.key in seen else entry.faults
        marked.append(entry._replace(editable=False, faults=faults))
        seen.add(entry.key)
    return tuple(marked)
