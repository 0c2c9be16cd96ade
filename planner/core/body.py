"""What a body says, found by one fence-aware scan of its lines: checklist, log, links, first heading.

The scan answers for lists and boards; full Markdown is parsed for the open item only (views/markdown.py).
"""

from __future__ import annotations

import re

from planner.core.model import Body, Link, LogEntry, Step

_LINE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n`]*"
    r"|^(?P<hashes>\#{1,6})[ \t]+(?P<heading>[^\n]*?)[ \t]*\#*[ \t\r]*$"
    r"|^(?P<lead>[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)(?P<mark>[ xX])\](?:[ \t]+(?P<step>[^\n]*?))?[ \t\r]*$"
    r"|^-[ \t]+(?P<when>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)(?:[ \t]+(?P<who>[^\s:]+))?:[ \t]*(?P<said>[^\n]*?)\r?$"
    r"|(?P<more>^[ \t]+\S[^\n]*?)\r?$",
    re.MULTILINE,
)
_WIKI = re.compile(r"!?\[\[([^\]\[\n|#]{1,300})(?:#[^\]\[\n|]*)?(?:\|[^\]\[\n]*)?\]\]")
_MARKDOWN_LINK = re.compile(r"\]\((?!<?(?:\w{2,20}:|#|//))(?:<([^>\n]{1,500})>|([^)\s<>]{1,500}))[^)\n]*\)")
_LOG_TITLE = "log"
SCAN_LIMIT = 2_000_000


def scan(text: str, start: int = 0) -> Body:
    """The body that begins at offset `start`; lines count from 1 over the whole text."""
    body = text[start : start + SCAN_LIMIT]
    if not body.strip():
        return Body(start)
    fences = _fenced(body)
    lines = _LineCounter(text, start)
    heading: str | None = None
    steps: list[Step] = []
    log: list[LogEntry] = []
    in_log = False
    last_end = -1
    for match in _LINE.finditer(body) if _worth_scanning(body) else ():
        if match["fence"] or _inside(fences, match.start()):
            continue
        if match["hashes"]:
            heading = heading or match["heading"] or None
            if len(match["hashes"]) <= 2:
                in_log = match["heading"].strip().casefold() == _LOG_TITLE
            last_end = -1
        elif match["mark"] is not None and not in_log:
            offset = start + match.end("lead")
            steps.append(Step(len(steps) + 1, match["step"] or "", match["mark"] != " ", lines.at(offset), offset))
        elif in_log and match["when"]:
            log.append(LogEntry(match["when"], match["who"] or "", match["said"], lines.at(start + match.start())))
            last_end = match.end()
        elif in_log and log and match["more"] and match.start("more") == last_end + 1:
            entry = log[-1]
            log[-1] = LogEntry(entry.when, entry.who, f"{entry.text}\n{match['more'].strip()}", entry.line)
            last_end = match.end()
    return Body(start, heading, tuple(steps), tuple(log), _links(body, fences, lines, start))


def log_end(text: str, body: Body) -> int | None:
    """The offset after the last line of the `## Log` section's content, None where there is no such section."""
    fences = _fenced(text[body.start :])
    begin: int | None = None
    end = len(text)
    for match in re.finditer(r"^(#{1,2})[ \t]+([^\n]*?)[ \t]*#*[ \t\r]*$", text[body.start :], re.MULTILINE):
        if _inside(fences, match.start()):
            continue
        if begin is not None:
            end = body.start + match.start()
            break
        if match[2].strip().casefold() == _LOG_TITLE:
            begin = body.start + match.end()
    if begin is None:
        return None
    section = text[begin:end]
    return begin + len(section.rstrip()) if section.strip() else begin


def _worth_scanning(body: str) -> bool:
    return "#" in body or "[" in body


def _fenced(body: str) -> list[tuple[int, int]]:
    """Spans of fenced code blocks; an unclosed one reaches to the end."""
    if "```" not in body and "~~~" not in body:
        return []
    spans: list[tuple[int, int]] = []
    opened: tuple[str, int] | None = None
    for match in re.finditer(r"^[ ]{0,3}(`{3,}|~{3,})([^\n]*)$", body, re.MULTILINE):
        fence, info = match[1], match[2].strip()
        if opened is None:
            if fence[0] == "~" or "`" not in info:
                opened = (fence, match.start())
        elif fence[0] == opened[0][0] and len(fence) >= len(opened[0]) and not info:
            spans.append((opened[1], match.end()))
            opened = None
    if opened is not None:
        spans.append((opened[1], len(body)))
    return spans


def _inside(spans: list[tuple[int, int]], offset: int) -> bool:
    return any(begin <= offset < end for begin, end in spans)


def _links(body: str, fences: list[tuple[int, int]], lines: _LineCounter, start: int) -> tuple[Link, ...]:
    found: list[tuple[int, str, bool]] = []
    if "[[" in body:
        found += [(m.start(), m[1].strip(), True) for m in _WIKI.finditer(body)]
    if "](" in body:
        found += [(m.start(), m[1] or m[2], False) for m in _MARKDOWN_LINK.finditer(body)]
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
