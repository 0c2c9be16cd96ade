"""What a body says, found by one fence-aware scan of its lines: checklist, log, links, first heading.

The scan answers for lists and boards; full Markdown is parsed for the open item only (views/markdown.py).
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right

from planner.core.model import Body, Link, LogEntry, Step
from planner.core.pattern import later

_LINE = later(
    r"""\n (?=[ \t>\#\-*+\d`~]) (?:
      [ ]{0,3} (?P<fence>`{3,}|~{3,}) [^\n`]*
    | (?P<hashes>\#{1,6}) [ \t] (?P<heading>[^\n]*)
    | (?P<lead>[ \t>]*+ (?:[-*+]|\d{1,9}[.)]) [ \t]++ \[) (?P<mark>[ xX]) \] (?P<step>[ \t][^\n]*|\r?$)
    | - [ \t]+ (?P<when>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?) (?:[ \t]+(?P<who>[^\s:]+))? : (?P<said>[^\n]*)
    | [ \t]+ \S [^\n]*
    )""",
    re.MULTILINE | re.VERBOSE,
)
"""A line that may mean something, with the break before it: to look for that is several times as fast as for `^`."""
_WIKI = later(r"\[\[([^\]\[\n|#]{1,300})(?:#[^\]\[\n|]*)?(?:\|[^\]\[\n]*)?\]\]")
_MARKDOWN_LINK = later(  # no part runs over a bracket that could begin the next link: linear, whatever the text
    r"""\]\((?!<?(?:\w{2,20}:|\#|//))
    (?: <([^<>\n]{1,500}+)> | ([^()\s<>]{1,500}+(?:\([^()\s<>]{0,100}+\)[^()\s<>]{0,400}+)?+) )
    (?: [ \t]++ (?: "[^"\n]{0,300}+" | '[^'\n]{0,300}+' | \([^()\n]{0,300}+\) ) )?+ [ \t]*+ \)""",
    re.VERBOSE,
)
_UNINDENTED = later(r"^\S", re.MULTILINE)
_LOG_TITLE = "log"
SCAN_LIMIT = 2_000_000


def scan(text: str, start: int = 0) -> Body:
    """The body that begins at offset `start`; lines count from 1 over the whole text."""
    body = text[start : start + SCAN_LIMIT]
    if not body or body.isspace():
        return Body(start)
    fences = _fenced(body)
    lines = _LineCounter(text, start)
    heading: str | None = None
    steps: list[Step] = []
    log: list[tuple[str, str, list[str], int]] = []  # when, who, what was said line by line, and where
    in_log = False
    entry_end = -1  # where the open entry of the log ends so far; indented lines and blank ones between go on with it
    for match in _LINE.finditer(f"\n{body}") if _worth_scanning(body) else ():
        at, kind = match.start(), match.lastgroup  # where the line begins in the body, which has no break before it
        if entry_end >= 0 and body[at] in " \t" and not (gap := body[entry_end:at]).strip():
            entry_end = body.find("\n", at) if body.find("\n", at) >= 0 else len(body)
            log[-1][2].extend([""] * (gap.count("\n") - 1))
            log[-1][2].append(body[at:entry_end].strip())
        elif kind is None or kind == "fence" or _inside(fences, at):
            continue
        elif kind == "heading":
            title = _heading(match["heading"])
            heading = heading or title or None
            if len(match["hashes"]) <= 2:
                in_log = title.casefold() == _LOG_TITLE
            entry_end = -1
        elif kind == "step" and not in_log:
            offset = start + match.end("lead") - 1
            text_of_step = match["step"].strip(" \t\r")
            steps.append(Step(len(steps) + 1, text_of_step, match["mark"] != " ", lines.at(offset), offset))
        elif kind == "said" and in_log:
            said = match["said"].removesuffix("\r").lstrip(" \t")
            log.append((match["when"], match["who"] or "", [said], lines.at(start + at)))
            entry_end = match.end() - 1
    entries = tuple(LogEntry(when, who, "\n".join(said), line) for when, who, said, line in log)
    return Body(start, heading, tuple(steps), entries, _links(body, fences, text, start))


def _heading(text: str) -> str:
    """A heading's words, without the hashes that may close it."""
    return text.rstrip(" \t\r").rstrip("#").strip(" \t")


def log_end(text: str, body: Body) -> int | None:
    """The offset after the last line of the `## Log` section's content, None where there is no such section."""
    fences = _fenced(text[body.start :])
    begin: int | None = None
    end = len(text)
    for match in re.finditer(r"^(#{1,2})[ \t]([^\n]*)", text[body.start :], re.MULTILINE):
        if _inside(fences, match.start()):
            continue
        if begin is not None:
            end = body.start + match.start()
            break
        if _heading(match[2]).casefold() == _LOG_TITLE:
            begin = body.start + match.end()
    if begin is None:
        return None
    section = text[begin:end]
    return begin + len(section.rstrip()) if section.strip() else begin


def _worth_scanning(body: str) -> bool:
    return "#" in body or "[" in body


def _fenced(body: str) -> list[tuple[int, int]]:
    """Spans of fenced code blocks; an unclosed one reaches to the end, one in a list item to the end of the item."""
    if "```" not in body and "~~~" not in body:
        return []
    spans: list[tuple[int, int]] = []
    opened: tuple[str, int] | None = None
    limit = len(body)  # where the text a fence may reach ends
    for match in re.finditer(r"^([ ]{0,3})(`{3,}|~{3,})([^\n]*)$", body, re.MULTILINE):
        fence, info = match[2], match[3].strip()
        if opened is not None and match.start() >= limit:
            spans.append((opened[1], limit))
            opened = None
        if opened is None:
            if fence[0] == "~" or "`" not in info:
                opened = (fence, match.start())
                after = _UNINDENTED.search(body, match.end()) if len(match[1]) > 1 else None
                limit = after.start() if after is not None else len(body)
        elif fence[0] == opened[0][0] and len(fence) >= len(opened[0]) and not info:
            spans.append((opened[1], match.end()))
            opened = None
    if opened is not None:
        spans.append((opened[1], limit))
    return spans


def _inside(spans: list[tuple[int, int]], offset: int) -> bool:
    if not spans:
        return False
    at = bisect_right(spans, (offset, sys.maxsize)) - 1
    return at >= 0 and offset < spans[at][1]


def _links(body: str, fences: list[tuple[int, int]], text: str, start: int) -> tuple[Link, ...]:
    found: list[tuple[int, str, bool]] = []
    if "[[" in body:
        found += [(m.start(), m[1].strip(), True) for m in _WIKI.finditer(body)]
    if "](" in body:
        found += [(m.start(), m[1] or m[2], False) for m in _MARKDOWN_LINK.finditer(body)]
    if not found:
        return ()
    lines = _LineCounter(text, start)
    return tuple(
        Link(target, lines.at(start + at), wiki) for at, target, wiki in sorted(found) if not _inside(fences, at)
    )


class _LineCounter:
    """Line numbers of rising offsets, counted once."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._offset = start
        self._line = text.count("\n", 0, start) + 1

    def at(self, offset: int) -> int:
        """The line of an offset; going back is allowed and costs a count from the start."""
        if offset < self._offset:
            return self._text.count("\n", 0, offset) + 1
        self._line += self._text.count("\n", self._offset, offset)
        self._offset = offset
        return self._line
