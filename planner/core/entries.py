"""The entries between a header's fences: each is read by itself, so that a bad one hides no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from planner.core.pattern import later
from planner.core.yamltext import (
    FLOW_PLAIN,
    MAX_EVENTS,
    NULLS,
    PLAIN,
    QUOTED,
    Fault,
    RawValue,
    before_break,
    end_of_line,
    swallowed,
    unquote,
)

if TYPE_CHECKING:
    from planner.core.yamlguard import Pair

MAX_ENTRIES = 500
MAX_OPEN = 2_000  # characters of further lines searched for the end of an open bracket or quote

_LOCKED = frozenset(
    {"anchor", "alias", "merge-key", "tagged-value", "duplicate-key", "complex-key", "too-deep", "too-many-entries"}
)
"""Faults whose entry is never rewritten: it says more than we read."""
_CHARACTERS = frozenset({"not-utf8", "control-character", "hidden-character"})


class Entry(NamedTuple):
    """One top-level key with its value, as the file says them.

    `start` to `end` are its whole lines; blank and comment lines after it belong to what follows. `value_start` to
    `value_end` is the scalar or the brackets, or from right after the colon for the styles `empty`, `block` (a list)
    and `mapping`, which end with their last line. A value of style `raw` could not be read and is its raw text.
    (A tuple, for it is made a million times in a large vault, three times as fast as a frozen dataclass.)
    """

    key: str
    key_offset: int
    start: int
    end: int
    value_start: int
    value_end: int
    style: str
    value: RawValue
    faults: tuple[Fault, ...] = ()
    editable: bool = True


_ITEM = rf"(?:{QUOTED}|{FLOW_PLAIN})"
_KEY_NAME = r"([A-Za-z_][\w\-]*+):"
_SIMPLE = later(
    rf"""{_KEY_NAME}
    (?:[ ]++(?: ({PLAIN}) | '((?:[^'\n]++|'')*+)' | "([^"\\\n]*+)"
              | \[ ([ ]*+ (?:{_ITEM} (?:[ ]*+,[ ]*+{_ITEM})*+ [ ]*+)?+) \] ))?+
    [ ]*+ (?:(?<=[ ])(\#[^\n]*+))?+ \r? (?:\n|\Z) (?=[^\s\#\-]|\Z)""",
    re.VERBOSE,
)
"""A whole entry on one line, as nearly all are; the next line must not continue it."""
_BLOCK = later(
    rf"""{_KEY_NAME} [ ]*+ \r?\n ( (?P<pad>[ ]*+)-[ ]++(?:{QUOTED}|{PLAIN})[ ]*+\r?\n
    (?:(?P=pad)-[ ]++(?:{QUOTED}|{PLAIN})[ ]*+\r?\n)*+ ) (?=[^\s\#\-]|\Z)""",
    re.VERBOSE,
)
"""A list of one-line scalars, one item a line."""
_FLOW_ITEM = later(_ITEM, re.VERBOSE)
_KEY = later(
    r"""([ \t]*+)
    ( "(?:[^"\\\n]|\\.)*+" | '(?:[^'\n]|'')*+'
    | (?![-?:](?:[ \t\r\n]|\Z)) (?!\#) (?:[^\s:\#]++ | :(?![ \t\r\n]|\Z) | (?<![ \t])\#
                                 | [ \t]++(?!:(?:[ \t\r\n]|\Z)) | [^\S \t\r\n])++ )
    [ \t]*+ : (?=[ \t\r\n]|\Z)""",
    re.VERBOSE,
)
"""Any line that looks like the beginning of an entry."""
_INDENTED_KEY = later(r"[ \t]+[A-Za-z_][\w-]*+:(?:[ \t\r\n]|\Z)")
_MARKER = later(r"(?:<{7,}|\|{7,}|={7,}|>{7,})(?:[ \t\r\n]|\Z)")
_DASH = later(r"-(?:[ \t\r\n]|\Z)")
_BLOCK_SCALAR = later(r"[|>][1-9]?[+-]?[1-9]?[ \t]*(?:\#|\r?$)", re.MULTILINE)
_BLANK_LINES = later(r"(?:[ \t]*+\r?\n)*+")
_MAY_BE_OPEN = later(r"[\[{'\"]")
_COMMENT = later(r"[ \t]+#(?:[ \t]|$)")
_TAB_INDENT = later(r"^[ ]*\t", re.MULTILINE)


def read_entries(text: str, start: int, end: int, *, conflict: bool = False) -> tuple[list[Entry], list[Fault]]:
    """The entries of text[start:end] and what stands between them and should not; never raises.

    `conflict`: merge markers are among the lines and are passed over.
    """
    entries: list[Entry] = []
    faults: list[Fault] = []
    position = start
    while position < end:
        if match := _SIMPLE.match(text, position, end):
            entries.append(_simple(match))
            position = match.end()
        elif match := _BLOCK.match(text, position, end):
            entries.append(_block(match))
            position = match.end()
        elif conflict and _MARKER.match(text, position, end):
            position = _next_line(text, position, end)
        else:
            position = _other_line(text, position, end, entries, faults)
        if len(entries) > MAX_ENTRIES:
            faults.append(Fault("too-many-entries", position, f"more than {MAX_ENTRIES:,} keys"))
            break
        if len(faults) > MAX_ENTRIES:
            faults.append(Fault("too-many-entries", position, f"more than {MAX_ENTRIES:,} lines that are no keys"))
            break
    return entries, faults


def _next_line(text: str, position: int, end: int) -> int:
    return text.find("\n", position, end) + 1 or end


# -- The plain and simple, without a YAML library --------------------------------------------------------------------


def read_short(text: str) -> Entry | None:
    """The entry that a line, or the lines of a plain list, are the whole of; None for anything else."""
    if match := _SIMPLE.fullmatch(text):
        return _simple(match)
    match = _BLOCK.fullmatch(f"{text}\n")
    return _block(match) if match else None


def _simple(match: re.Match[str]) -> Entry:
    key, plain, single, double, flow, comment = match.groups()
    head, last = match.span()
    if plain is not None:
        start, end = match.span(2)
        faults = _comment_fault(match) if comment is not None else ()
        return Entry(key, head, head, last, start, end, "plain", None if plain in NULLS else plain, faults)
    if flow is not None:
        start, end = match.span(5)
        entry = Entry(key, head, head, last, start - 1, end + 1, "flow", _words(flow))
        return _too_many(entry, f"[{flow}]") if flow.count(",") >= MAX_EVENTS else entry
    if double is not None:
        start, end = match.span(4)
        return Entry(key, head, head, last, start - 1, end + 1, "double", double)
    if single is not None:
        start, end = match.span(3)
        return Entry(key, head, head, last, start - 1, end + 1, "single", single.replace("''", "'"))
    start = match.end(1) + 1
    if comment is not None:
        return Entry(key, head, head, last, start, start, "empty", None, _comment_fault(match))
    return Entry(key, head, head, last, start, end_of_line(match.string, start), "empty", None)


def _comment_fault(match: re.Match[str]) -> tuple[Fault, ...]:
    comment = match[6]
    return () if comment[1:2] in ("", " ", "\t", "\r", "#", "!") else (swallowed(match.start(6), comment),)


def _words(flow: str) -> tuple[str | None, ...]:
    if not flow.strip():
        return ()
    if "'" in flow or '"' in flow:
        return tuple([unquote(token) for token in _FLOW_ITEM.findall(flow)])
    return tuple([None if (word := token.strip(" ")) in NULLS else word for token in flow.split(",")])


def _block(match: re.Match[str]) -> Entry:
    items = [unquote(line.lstrip(" ")[1:].strip(" \r")) for line in match[2].split("\n")[:-1]]
    start, end = match.span()
    entry = Entry(match[1], start, start, end, match.end(1) + 1, before_break(match.string, end), "block", tuple(items))
    return _too_many(entry, match[2]) if len(items) > MAX_EVENTS else entry


def _too_many(entry: Entry, raw: str) -> Entry:
    fault = Fault("too-many-entries", entry.value_start, f"more than {MAX_EVENTS:,} values")
    return entry._replace(style="raw", value=raw, faults=(*entry.faults, fault), editable=False)


# -- Everything else -------------------------------------------------------------------------------------------------


def _other_line(text: str, position: int, end: int, entries: list[Entry], faults: list[Fault]) -> int:
    """Takes in whatever begins on this line, and says where to go on."""
    after = _next_line(text, position, end)
    content = text[position:after].strip()
    if not content or content[0] == "#":
        return after
    if content[0] == "{" and not entries:
        faults.append(Fault("flow-header", position))
        return end
    if match := _KEY.match(text, position, end):
        entry = _entry(text, position, match, end)
        entries.append(entry)
        return entry.end
    faults.append(_stray(content, position))
    return after


def _stray(content: str, position: int) -> Fault:
    if content.startswith(("? ", "?\t")) or content == "?":
        return Fault("complex-key", position)
    if content.startswith("--- "):
        return Fault("two-documents", position)
    if re.match(r"[A-Za-z_][\w-]*:\S", content):
        return Fault("bad-yaml", position, "a space is missing after the colon", "write `key: value`")
    return Fault("bad-yaml", position, "neither `key: value` nor a comment", "write `key: value`, or start it with `#`")


def _entry(text: str, line: int, match: re.Match[str], end: int) -> Entry:
    """The entry whose first line `match` has found; its lines are settled first, then its value is read."""
    head = match.start(2)
    after = _next_line(text, line, end)
    simple = _SIMPLE.match(text, head, after)
    entry = _simple(simple) if simple is not None else None
    last = _extent(text, match.end(), after, end, complete=entry is not None and entry.style != "empty")
    if entry is None or last != after:
        entry = _guarded(text, match, last, end)
    if match[1]:
        tab = "\t" in match[1]
        message = "" if tab else "a top-level key starts at the beginning of its line"
        fault = Fault("tab-indent" if tab else "bad-yaml", line, message, "" if tab else "remove the spaces before it")
        return entry._replace(start=line, faults=(fault, *entry.faults))
    return entry


def _extent(text: str, colon: int, after: int, end: int, *, complete: bool) -> int:
    """Where the lines of an entry end: indented ones go with it, and dashes if nothing stands after its colon."""
    rest = text[colon:after].strip()
    dashes = not rest or rest[0] in "#&!"
    last = position = after
    while position < end:
        following = _next_line(text, position, end)
        first = text[position]
        if first == "#" or text[position:following].isspace():
            pass
        elif first in " \t":
            if complete and _INDENTED_KEY.match(text, position, end):
                break
            last = following
        elif dashes and _DASH.match(text, position, end):
            last = following
        else:
            break
        position = following
    return last


def _guarded(text: str, match: re.Match[str], last: int, end: int) -> Entry:
    from planner.core.yamlguard import Unreadable, read_pair

    head, colon = match.start(2), match.end()
    blank = _BLANK_LINES.match(text, last, end) if _BLOCK_SCALAR.search(text, colon, last) else None
    try:  # blank lines may belong to a block scalar's text, though not to the entry's lines
        return _from_pair(text, head, last, read_pair(text, head, blank.end() if blank else last))
    except Unreadable as error:
        fault = error.fault
    if _MAY_BE_OPEN.search(text, colon, last):
        try:
            window = min(end, last + MAX_OPEN)  # brackets and quotes may close at the start of a later line
            pair = read_pair(text, head, window, alone=False)
            last = _next_line(text, pair.node.end, end)
            return _from_pair(text, head, last, read_pair(text, head, last))
        except Unreadable:
            last = _extent(text, colon, _next_line(text, head, end), end, complete=False)
    return _unread(text, match, last, fault)


def _from_pair(text: str, head: int, last: int, pair: Pair) -> Entry:
    node, faults = pair.node, pair.faults
    start, end = node.start, node.end
    if node.style == "empty":
        rest = end_of_line(text, end)
        end = end if text[end:rest].strip() else rest
    colon = text.find(":", pair.key_end) + 1
    if text[colon : colon + 1] == "\t":
        start, faults = colon, (Fault("tab-indent", colon), *faults)
    editable = not any(fault.code in _LOCKED for fault in faults)
    return Entry(pair.key, head, head, last, start, end, node.style, node.value, faults, editable)


def _unread(text: str, match: re.Match[str], last: int, fault: Fault) -> Entry:
    """An entry that is no YAML: its raw text is its value, and one line of it may still be rewritten."""
    head, colon = match.start(2), match.end()
    one_line = last == _next_line(text, head, last)
    stop = before_break(text, last)
    start = stop - len(text[colon:stop].lstrip(" \t"))
    if one_line and "\t" in text[colon:start] and (entry := _after_tab(text, head, colon, start, last)):
        return entry
    raw = text[start:stop].rstrip()
    if one_line and raw[:1] not in ("'", '"', "[", "{") and (comment := _COMMENT.search(raw)):
        raw = raw[: comment.start()]
    key = unquote(match[2]) or match[2]
    faults = _raw_faults(text, start, last, raw, fault)
    editable = one_line and fault.code not in _LOCKED
    return Entry(key, head, head, last, start, start + len(raw), "raw", raw, faults, editable)


def _after_tab(text: str, head: int, colon: int, start: int, last: int) -> Entry | None:
    """The entry as it reads with spaces for the tabs after its colon; rewriting it drops them."""
    match = _SIMPLE.match(text[head:colon] + " " * (start - colon) + text[start:last])
    if match is None:
        return None
    entry = _simple(match)
    faults = [fault._replace(offset=fault.offset + head) for fault in entry.faults]
    return entry._replace(
        key_offset=head,
        start=head,
        end=last,
        value_start=colon,
        value_end=entry.value_end + head,
        faults=(Fault("tab-indent", colon), *faults),
    )


def _raw_faults(text: str, start: int, last: int, raw: str, fault: Fault) -> tuple[Fault, ...]:
    if fault.code in _CHARACTERS:
        return ()  # reported once, for the whole header
    if fault.code != "bad-yaml":
        return (fault,)
    if match := _TAB_INDENT.search(text, start, last):
        return (Fault("tab-indent", match.end() - 1),)
    if "\t" in raw and "\n" not in raw:
        return (Fault("tab-indent", start + raw.index("\t")),)
    if raw[:1] in ("@", "`", "%"):
        return (Fault("bad-yaml", start, f"a value cannot start with {raw[0]}"),)
    if raw[:1] not in ("'", '"', "[", "{") and "\n" not in raw and (match := re.search(r":(?=\s|$)", raw)):
        return (Fault("bad-yaml", start + match.start(), "a second `: ` in one line"),)
    return (fault._replace(offset=start) if fault.offset >= start + len(raw) else fault,)
