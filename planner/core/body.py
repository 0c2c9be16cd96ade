"""What a body says, found by one fence-aware scan of its lines: checklist, log, links, first heading.

The scan answers for lists and boards; full Markdown is parsed for the open item only (views/markdown.py).
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right

from planner.core.model import Body, Link, LogEntry, Step
from planner.core.pattern import later

_HEADING = later(r"(#{1,6})[ \t](.*)")
_STEP = later(r"([ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]++\[)([ xX])\]([ \t].*|\r?\Z)")
_ENTRY = later(r"-[ \t]+(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:[ \t]+([^\s:]+))?:(.*)")
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
    if not ("#" in body or "[" in body):
        return Body(start)
    linked = "[[" in body or "](" in body
    fences = _fenced(body)
    heading: str | None = None
    steps: list[Step] = []
    links: list[Link] = []
    log: list[tuple[str, str, list[str], int]] = []  # when, who, what was said line by line, and where
    in_log = False
    said: list[str] | None = None  # of the open entry of the log: indented lines and blank ones between go on with it
    blank = after = 0
    for number, line in enumerate(body.split("\n"), text.count("\n", 0, start) + 1):
        at, after = after, after + len(line) + 1
        fenced = bool(fences) and _inside(fences, at)
        if linked and not fenced and ("[[" in line or "](" in line):
            links += _links(line, number)
        if not line or line.isspace():
            blank += 1
        elif said is not None and line[0] in " \t" and not line.lstrip(" \t")[0].isspace():
            said += [*[""] * blank, line.strip()]
            blank = 0
        elif fenced:
            said = None
        elif line[0] == "#":
            said = None
            if match := _HEADING.match(line):
                title = _heading(match[2])
                heading = heading or title or None
                if len(match[1]) <= 2:
                    in_log = title.casefold() == _LOG_TITLE
        elif in_log:
            said = None
            if match := _ENTRY.match(line):
                said, blank = [match[3].removesuffix("\r").lstrip(" \t")], 0
                log.append((match[1], match[2] or "", said, number))
        elif "[" in line and (match := _STEP.match(line)):
            lead, mark, words = match.groups()
            steps.append(Step(len(steps) + 1, words.strip(" \t\r"), mark != " ", number, start + at + len(lead)))
    entries = tuple([LogEntry(when, who, "\n".join(lines), number) for when, who, lines, number in log])
    return Body(start, heading, tuple(steps), entries, tuple(links))


def _heading(text: str) -> str:
    """A heading's words, without the hashes that may close it."""
    return text.rstrip(" \t\r").rstrip("#").strip(" \t")


def log_end(text: str, body: Body) -> int | None:
    """The offset after the last line of the `## Log` section's content, None where there is no such section."""
    span = log_span(text, body)
    if span is None:
        return None
    begin = text.find("\n", span[0], span[1])
    begin = span[1] if begin < 0 else begin
    section = text[begin : span[1]]
    return begin + len(section.rstrip()) if section.strip() else begin


def log_span(text: str, body: Body) -> tuple[int, int] | None:
    """Where the `## Log` section begins with its heading, and where it ends; None where there is none."""
    fences = _fenced(text[body.start :])
    begin: int | None = None
    for match in re.finditer(r"^(#{1,2})[ \t]([^\n]*)", text[body.start :], re.MULTILINE):
        if _inside(fences, match.start()):
            continue
        if begin is not None:
            return begin, body.start + match.start()
        if _heading(match[2]).casefold() == _LOG_TITLE:
            begin = body.start + match.start()
    return (begin, len(text)) if begin is not None else None


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
    at = bisect_right(spans, (offset, sys.maxsize)) - 1
    return at >= 0 and offset < spans[at][1]


def _links(line: str, number: int) -> list[Link]:
    """The links in one line, in their order."""
    found: list[tuple[int, str, bool]] = []
    if "[[" in line:
        found += [(match.start(), match[1].strip(), True) for match in _WIKI.finditer(line)]
    if "](" in line:
        found += [(match.start(), match[1] or match[2], False) for match in _MARKDOWN_LINK.finditer(line)]
    return [Link(target, number, wiki) for _, target, wiki in sorted(found)]
