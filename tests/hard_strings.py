"""Five hundred strings that programs get wrong, made by rule: the same ones in every run, and each for a reason."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice

COUNT = 500
EACH = 5  # characters of every Unicode general category

_EMPTY = (
    "", " ", "  ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u200b", "\ufeff", "''", '""', "[]", "{}", "()", "-", "--", "---",
    "...", "|", ">", "~", "null", "Null", "NULL", "nil", "None", "none", "undefined", "NaN", "N/A",
)  # fmt: skip
_YAML = (
    "a: b", "a:", ": a", ":", "a #b", "#b", "# b", "a # b", "a#b", "- a", "-a", "? a", "?", "! a", "!x", "!!str x", "!!python/name:os.system",
    "&a", "&a b", "*a", "*a b", "|-", ">+", "%TAG ! x", "@bob", "`x`", "'x'", '"x"', "it's", 'say "hi"', "'", '"', "''x", "\\", "\\n", "\\u0041",
    "a\\", "[a", "a]", "[a, b]", "[x] done", "{a", "a}", "{a: b}", "{{ x }}", ", a", "a, b", "a,b", "<<", "<<: *a", "=", "a\tb", "a:\tb", "\ta",
    "--- a", "---\nstatus: done\n---", "a\n---\nb", "...\na", "key: |\n  text", "a: 'b", 'a: "b', "- - a", "[[a]]", "[[a|b]]", "a\nstatus: done",
)  # fmt: skip
_WORDS = (
    "y", "Y", "n", "N", "yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false", "False", "on", "On", "ON", "off", "OFF",
    "todo", "me", "+x", "-x", "today", "fri", "every day", "p:web", "due:", "is:open", "#tag", "@ana", "!high", "~30m", "\\#home",
)  # fmt: skip
_NUMBERS = (
    "0", "00", "007", "0o17", "0b101", "0x1F", "1_000", "1e3", "1E400", "-1", "+1", "1.10", ".5", "5.", ".inf", "-.INF", ".nan", "1:30", "190:20:30",
    "12:30:45", "1,000", "1.000,50", "٣", "½", "Ⅷ", "१२३", "0" * 40, "9" * 400, "2026-01-01", "2026-02-30", "2026-01-01T00:00:00Z", "0000-00-00",
    "01/02/2026", "1.2.3", "v1.0", "192.168.0.1", "::1", "1/0", "-0", "2026-W01",
)  # fmt: skip
_MARKUP = (
    "[@click=app.quit]x[/]", "a [/nope] b", "[b + 3", "[link=file:///etc/passwd]x[/link]", "[bold]x[/bold]", "\\[escaped]", "[$error on $warning]x",
    "[@click=app.boom('x')]", "**bold**", "_under_", "~~gone~~", "`code`", "```", "```\ncode", "~~~\nx", "a\n```\nb\n```\nc", "# heading", "a\n# heading",
    "## Log", "a\n## Log\n- 2026-01-01 x: y", "- [ ] step", "a\n- [ ] step", "a\n\nb", "a\n\n\n  b", "> quote", "| a | b |", "<!-- x -->", "a\n    code",
    "![x](y.png)", "[x](javascript:alert(1))", "[x]: y", "$x^2$", ":smile:", "a  \nb", "a\\\nb", "1. x", "***", "<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs",
)  # fmt: skip
_ESCAPES = (
    "\x1b[5mblink", "\x1b[2J", "\x1b[?1049l", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b]8;;file:///\x1b\\x\x1b]8;;\x1b\\", "\x1bPq\x1b\\",
    "\x1b", "\x1b\x1b[5m", "\x9b5m", "\x9d0;x\x9c", "\x90q\x9c", "\x84\x85\x88", "\x07", "\x08\x08\x08", "\x00", "a\x00b", "\x7f", "\x0b\x0c", "\x0e\x0f",
    "\x1a", "\x04", "\x1c\x1d\x1e\x1f", "a\rb", "\r\x1b[Kgone", "\x1b[5n", "\x1b[c", "\x1b_x\x1b\\", "^[[31m", "\\e[31m", "\\x1b[31m", "␛[31m",
)  # fmt: skip
_DIRECTION = (
    "\u202egnp.exe", "\u202dabc\u202c", "\u2066x\u2069", "\u2067x", "\u2068x", "\u2069\u2069", "a\u200eb", "a\u200fb", "\u061cx", "a\u200bb", "a\u200cb",
    "a\u200db", "\ufeffa", "a\u2060b", "a\u2061b", "\U000e0041\U000e0042", "a\u00adb", "a\u034fb", "a\u115fb", "a\u3164b", "a\u180eb", "a\ufff9b\ufffac\ufffb",
    "a\ufe0fb", "раураl", "ａｄｍｉｎ", "/*\u202e } \u2066if (x)\u2069 \u2066 begin */", "\u2028", "a\u2029b", "x\u0085y", "\U000e0001",
)  # fmt: skip
_SCRIPTS = (
    "مهمة", "משימה", "ab שלום cd", "नमस्ते", "สวัสดี", "မင်္ဂလာပါ", "ខ្មែរ", "任务", "タスク", "할 일", "Ελληνικά", "русский", "հայերեն", "ქართული", "አማርኛ", "ᏣᎳᎩ",
    "ᠮᠣᠩᠭᠣᠯ", "தமிழ்", "తెలుగు", "བོད་ཡིག", "می‌خواهم", "İstanbul ıI", "Straße ẞ", "ﬁ ﬀ", "café", "cafe\u0301", "Å \u212b \u0041\u030a", "Z\u0351\u0343\u0300" * 30,
    "a" + "\u0301" * 500, "\u0301", "﷽", "𝕬𝖇𝖈", "ⓐⓑ", "🎉", "👩‍👩‍👧", "👍🏽", "🏳️‍🌈", "🇦🇹", "1️⃣", "☃️", "❤", "🫥", "👩‍", "\U0001f468\u200d", "漢" * 40,
)  # fmt: skip
_PATHS = (
    "../../etc/passwd", "/etc/passwd", "..", ".", "./x", "~/x", "~root", "$HOME", "${HOME}", "%PATH%", "C:\\Windows", "\\\\host\\share", "file:///etc/passwd",
    "CON", "nul", "com1", "lpt9.txt", "aux.md", "a/b", "a\\b", "a?b*c", "a<b>c", "a|b", "x.", "x ", " x", "-rf", "--help", "--", "-", ".git", ".git/config",
    "GIT~1", ".g\u200cit", "a.md", "a.md:stream", "https://example.org/a?b=c&d=#e", "http://user:pass@host/", "mailto:a@b.org", "a" * 255, "b" * 1_000,
    "c " * 2_000, "d" * 20_000, ("word " * 500).strip(),
)  # fmt: skip
_INJECTIONS = (
    "'; DROP TABLE items;--", "1 OR 1=1", '" OR ""="', "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt; &amp; &#x41;", "]]>", "<![CDATA[x]]>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>", "javascript:alert(1)", "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "BEGIN:VEVENT", "x\r\nEND:VEVENT\r\nBEGIN:VALARM",
    "DTSTART;TZID=x:1", "$(touch x)", "`touch x`", "; rm -rf x", "| cat", "&& x", "> x", "%s%n%d", "{0}", "{0.__class__}", "${7*7}", "{{7*7}}", "<%= 7 %>", "#{7}", "%0a%0d",
    "\\0", "\\'", "a\x00.md", "(a+)+$", "^(a|a)*$", "[a-", "*)(uid=*", "../%2e%2e", "%c0%ae", "Content-Type: x\r\n\r\ny", "Planner-Op: abc", "a\n\nPlanner-Op: abc", "Signed-off-by: x <y>",
    "refs/heads/-x", "HEAD", "@{-1}", ":(top)x", "--upload-pack=x", "\ud800", "\udce9", "caf\udcc3", "\udc80\udc80",
)  # fmt: skip
_LINES = (
    "a\nb",
    "a\r\nb",
    "a\rb",
    "\na",
    "a\n",
    "\n\na\n\n",
    "a\n b\n  c",
    "a\x0bb",
    "a\x0cb",
    "a\x1eb",
    "a b",
    " a",
    "a ",
    "  a  b  ",
    "\u00a0a\u00a0",
    "a\u3000b",
    "a\n\tb",
)


@cache
def hard_strings() -> tuple[str, ...]:
    """Exactly COUNT different strings; what the lists leave open is filled with characters of every kind."""
    chosen = (
        *_EMPTY, *_YAML, *_WORDS, *_NUMBERS, *_MARKUP, *_ESCAPES, *_DIRECTION, *_SCRIPTS, *_PATHS, *_INJECTIONS, *_LINES,
    )  # fmt: skip
    return tuple(islice(dict.fromkeys((*chosen, *_of_every_category(), *_combined(chosen))), COUNT))


def _of_every_category() -> Iterator[str]:
    """For each general category a string of EACH characters, and twice as many with letters between.

    Surrogates are left out: they are among the injections, for no UTF-8 holds them.
    """
    found: dict[str, list[str]] = {}
    for character in map(chr, range(sys.maxunicode + 1)):
        mine = found.setdefault(unicodedata.category(character), [])
        if len(mine) < 2 * EACH:
            mine.append(character)
    for category in sorted(found.keys() - {"Cs"}):
        yield "".join(found[category][:EACH])
        yield "x".join(found[category])


def _combined(parts: tuple[str, ...]) -> Iterator[str]:
    """One hard string before another, neighbours and far ones."""
    for index, part in enumerate(parts):
        yield f"{part}{parts[(index * 7 + 3) % len(parts)]}"
