"""Histories for the laws of a merge: a file and what two or three people made of it, by the edits known to go wrong.

Half of the second sides aim at what the first one changed: a tick meets a deletion, a new wording, a move, a double;
an edited key meets its removal. Line breaks, byte order marks and missing last line breaks differ.
"""

from __future__ import annotations

from hypothesis import strategies as st

from planner.core.document import RawValue, parse_document

VALUES: dict[str, list[str]] = {
    "id": ["id: a"],
    "status": ["status: todo", "status: doing", "status: 'done' # really", ""],
    "due": ["due: 2026-12-01", "due: 2026-12-02", 'due: "2026-12-01"', ""],
    "tags": ["tags: [a, b]", "tags: [b]", "tags: [a, b, c]", "tags:\n- a\n- b\n- d", "tags: a", "tags: []", ""],
    "unknown": ["unknown: {a: 1}", "unknown: {a: 2}", "# why\nunknown: {a: 1}", ""],
}
STEPS = [
    "- [ ] one",
    "- [x] one",
    "- [ ] two",
    "- [x] two",
    "- [ ] two words",
    "* [X] three",
    "  - [ ] one",
    "prose",
    "",
]
LOG = ["- 2026-11-20 ana: a", "- 2026-11-20 ana: b", "- 2026-11-21 09:00 bo: c\n  more", "- 2026-11-22 ana: d"]


@st.composite
def headers(draw: st.DrawFn) -> str:
    lines = [draw(st.sampled_from([choices[0], *choices])) for choices in VALUES.values()]
    if draw(st.integers(0, 5)) == 0:
        lines = draw(st.permutations(lines))
    return "".join(f"{line}\n" for line in lines if line)


@st.composite
def files(draw: st.DrawFn) -> str:
    """An item as somebody may have left it."""
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=5))
    entries = draw(st.lists(st.sampled_from(LOG), max_size=3))
    body = "".join(f"{line}\n" for line in steps) + ("\n## Log\n" if entries else "")
    body += "".join(f"{line}\n" for line in entries)
    return f"---\n{draw(headers())}---\n{body}"


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """The text after one to three edits: a tick, a deletion, a new wording, a move, a double, a new or other line."""
    for _ in range(draw(st.integers(1, 3))):
        document = parse_document(text)
        lines = document.body.split("\n")[:-1]
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        how = draw(st.sampled_from(["header", "tick", "tick", "delete", "reword", "move", "double", "insert"]))
        if how == "header":
            text = f"---\n{draw(headers())}---\n{document.body}"
            continue
        if how == "insert" or not lines:
            lines.insert(at, draw(st.sampled_from(STEPS)))
        elif how == "tick":
            lines[at] = lines[at].replace("[ ]", "[x]") if "[ ]" in lines[at] else lines[at].replace("[x]", "[ ]")
        elif how == "delete":
            del lines[at]
        elif how == "reword":
            lines[at] += " again"
        elif how == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        else:
            lines.insert(at, lines[at])
        text = text[: document.body_start] + "".join(f"{line}\n" for line in lines)
    return text


@st.composite
def aimed(draw: st.DrawFn, base: str, other: str) -> str:
    """The base with an edit of just the line, or the key, that the other side changed first."""
    document, there = parse_document(base), parse_document(other)
    lines = document.body.split("\n")[:-1]
    changed = [at for at, line in enumerate(lines) if line not in there.body.split("\n")]
    keys = [entry for entry in document.entries if there.get(entry.key) != entry.value and entry.key != "id"]
    if keys and (not changed or draw(st.booleans())):
        entry = draw(st.sampled_from(keys))
        new = draw(st.sampled_from([*VALUES.get(entry.key, []), ""]))
        return base[: entry.start] + (f"{new}\n" if new else "") + base[entry.end :]
    if not changed:
        return draw(edited(base))
    at = draw(st.sampled_from(changed))
    how = draw(st.sampled_from(["tick", "delete", "reword", "move", "double", "below"]))
    if how == "tick":
        lines[at] = lines[at].replace("[ ]", "[x]") if "[ ]" in lines[at] else lines[at].replace("[x]", "[ ]")
    elif how == "delete":
        del lines[at]
    elif how == "reword":
        lines[at] += " anew"
    elif how == "move":
        lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
    else:
        lines.insert(at + 1, lines[at] if how == "double" else "- [ ] new")
    return base[: document.body_start] + "".join(f"{line}\n" for line in lines)


@st.composite
def shaped(draw: st.DrawFn, text: str) -> str:
    """The text with other line breaks, with a byte order mark, without its last line break; or as it is."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return text.replace("\n", "\r\n")
    if how == 1:
        return "\ufeff" + text
    return text.removesuffix("\n") if how == 2 else text


@st.composite
def histories(draw: st.DrawFn, sides: int = 2, shapes: bool = False) -> tuple[str, ...]:
    """A base and its versions."""
    base = draw(files())
    first = draw(edited(base))
    texts = (base, first, *(draw(draw(st.sampled_from([edited(base), aimed(base, first)]))) for _ in range(sides - 1)))
    return tuple(draw(shaped(text)) for text in texts) if shapes else texts


def texts() -> st.SearchStrategy[str]:
    """Anything: bytes that may be no UTF-8, and lines that mean something to somebody."""
    noise = st.binary(max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape"))
    words = st.sampled_from(
        ["---\n", "id: a\n", "id: b\n", '"": a\n', "tags: [a\n", "tags: &x [a]\n", "- [ ] a\n", "- [x] a\n", "## Log\n",
         "- 2026-11-20 ana: a\n", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", "```\n", "\ufeff", "\r\n", "\r", "+++\n", "a: |\n", " b\n",
         "\udc80: \udc81\n", "labels: [\udc80]\n"]
    )  # fmt: skip
    return noise | st.lists(words, max_size=9).map("".join) | files()


def reading(text: str) -> tuple[dict[str, RawValue], str]:
    document = parse_document(text)
    return {entry.key: entry.value for entry in document.entries}, document.body


def ticks(text: str) -> list[tuple[str, bool]]:
    """The steps of a text as (words, done)."""
    lines = (line.strip() for line in text.split("\n"))
    return [(line[6:], line[3] != " ") for line in lines if line[1:3] == " [" and line[4:5] == "]"]
